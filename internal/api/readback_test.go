package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/apitest"
)

// readable are records that programs read whole, change in one member and write back whole, by their path.
var readable = []struct{ path, body string }{
	{"/customers", `{"name":"Nam","contactNumber":"0909090909","gender":true,"birthDate":"1990-01-02","email":"nam@example.com","comments":"x"}`},
	{"/products", `{"name":"Trà sen","barCode":"893","basePrice":12000,"unit":"gói","attributes":[{"attributeName":"Vị","attributeValue":"Sen"}],
		"inventories":[{"branchId":{branch:CN1},"onHand":7,"cost":9000}],"images":["https://taphoa.vn/sen.png"],"productTaxs":[{"taxId":{tax}}]}`},
	{"/orders", `{"branchId":{branch:CN1},"discount":3000,"totalPayment":20000,"method":"Card","description":"x","customer":{"name":"Nam"},
		"orderDetails":[{"productCode":"TRA","quantity":3,"price":26500,"discount":700,"orderDetailTaxs":[{"taxId":{tax}}]},{"productCode":"GOI","quantity":1}],
		"payments":[{"Method":"Cash","Amount":5000}],"surchages":[{"code":"SHIP","price":15000}],
		"orderDelivery":{"receiver":"Nam","address":"x","price":9000}}`},
	{"/orders", `{"branchId":{branch:CN1},"discountRatio":7,"orderDetails":[
		{"productCode":"TRA","quantity":3,"discountRatio":5,"note":"ấm","orderDetailTaxs":[{"taxId":{tax}}]}]}`},
	{"/invoices", `{"branchId":{branch:CN1},"discount":2000,"totalPayment":30000,"method":"Transfer","customer":{"name":"Nam"},
		"invoiceDetails":[{"productCode":"TRA","quantity":3,"price":26500,"discount":700,"invoiceDetailTaxs":[{"taxId":{tax}}]},{"productCode":"GOI","quantity":1}],
		"surchages":[{"code":"SHIP","price":15000}]}`},
	{"/purchaseorders", `{"branchId":{branch:CN1},"isDraft":true,"isApplyPurchaseTax":true,"discount":1000,"supplier":{"code":"NCC-SEN","name":"Sen"},
		"purchaseOrderDetails":[{"productCode":"TRA","quantity":3,"price":11000,"discount":100,"productTax":{"taxId":{tax}}}],
		"payments":[{"method":"Cash","amount":5000}]}`},
	{"/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"isDraft":true,"transferDetails":[{"productCode":"TRA","sendQuantity":2,"price":1000}]}`},
	{"/surchages", `{"name":"Gói quà","code":"QUATANG","value":5000}`},
	{"/categories", `{"categoryName":"Chè"}`},
}

// TestWhatWasReadCanBeWrittenBack reads a record and writes all of it back, twice, as vienthuong's update and many small
// programs do. Nothing may change: no payment is booked again, and no tax is taken off prices that are shown without it.
func TestWhatWasReadCanBeWrittenBack(t *testing.T) {
	for mode, tax := range map[string]string{"direct": "6", "before": "3", "after": "3"} {
		t.Run(mode, func(t *testing.T) {
			apitest.Each(t, func(t *testing.T, d *apitest.Server) {
				d.Send(http.MethodPut, "/settings", `{"PricingMode":"`+mode+`"}`)
				for i, r := range readable {
					body := bytes.ReplaceAll([]byte(fillIn(d, r.body)), []byte("{tax}"), []byte(tax))
					made := d.Send(http.MethodPost, r.path, string(body))
					id := idOf(made)
					if id == "" {
						t.Fatalf("%s %d: %d %s", r.path, i, made.Status, made.Body)
					}
					before := d.Send(http.MethodGet, r.path+"/"+id, "")
					before.Body = bytes.ReplaceAll(before.Body, []byte(`"invoiceOrderSurcharges"`), []byte(`"surchages"`)) // vienthuong
					for range 2 {
						if a := d.Send(http.MethodPut, r.path+"/"+id, string(before.Body)); a.Status != http.StatusOK {
							t.Errorf("PUT %s of what was read: %d %s", r.path, a.Status, a.Body)
						}
						after := d.Send(http.MethodGet, r.path+"/"+id, "")
						after.Body = bytes.ReplaceAll(after.Body, []byte(`"invoiceOrderSurcharges"`), []byte(`"surchages"`))
						if want, got := lasting(t, before.Body), lasting(t, after.Body); !reflect.DeepEqual(got, want) {
							t.Errorf("%s has changed\nfrom %s\nto   %s", r.path, before.Body, after.Body)
						}
					}
				}
			})
		})
	}
}

// TestWhatWasSoldIsWrittenBack changes the note of an invoice by writing all of it back, after some of its goods have come
// back, and others are not sold any more.
func TestWhatWasSoldIsWrittenBack(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		made := d.Send(http.MethodPost, "/invoices", fillIn(d, `{"branchId":{branch:CN1},"invoiceDetails":[
			{"productCode":"TRA","quantity":3,"price":26500,"discount":700,"note":"ấm","invoiceDetailTaxs":[{"taxId":6}]},{"productCode":"SUA","quantity":1}]}`))
		path := "/invoices/" + idOf(made)
		for _, r := range []struct{ method, path, body string }{
			{http.MethodPost, "/returns", `{"invoiceId":` + idOf(made) + `,"returnDetails":[{"productCode":"TRA","quantity":1}]}`},
			{http.MethodPut, "/products/{product:TRA}", `{"isActive":false}`},
		} {
			if a := d.Send(r.method, fillIn(d, r.path), r.body); a.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", r.path, a.Status, a.Body)
			}
		}
		read := d.Send(http.MethodGet, path, "").Body
		noted := bytes.Replace(read, []byte(`"usingCod"`), []byte(`"description":"x","usingCod"`), 1)
		if a := d.Send(http.MethodPut, path, string(noted)); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		if got := d.Send(http.MethodGet, path, "").Body; !reflect.DeepEqual(lasting(t, got), lasting(t, noted)) {
			t.Errorf("written %s\nread %s", noted, got)
		}
		more := bytes.Replace(read, []byte(`"quantity":3`), []byte(`"quantity":4`), 1)
		if a := d.Send(http.MethodPut, path, string(more)); a.Status != 420 {
			t.Errorf("more of what has come back in part: %d %s", a.Status, a.Body)
		}
	})
}

// TestAChangedPriceIsTakenAsARequestMeansIt changes the price of a line that comes back with its price after tax.
func TestAChangedPriceIsTakenAsARequestMeansIt(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Send(http.MethodPut, "/settings", `{"PricingMode":"after"}`)
		made := d.Send(http.MethodPost, "/orders", fillIn(d, `{"branchId":{branch:CN1},"discount":10800,
			"orderDetails":[{"productCode":"TRA","quantity":1,"price":54000,"discount":5400,"orderDetailTaxs":[{"taxId":3}]}]}`))
		const line = `{"productCode":"TRA","quantity":1,"price":%d,"discount":%d,"orderDetailTaxs":[{"taxId":3,"priceAfterTax":54000,"discountAfterTax":5400}]}`
		for _, c := range []struct {
			price, discount int
			more, total     string
		}{
			{50000, 5000, ``, "37800"},
			{60000, 5000, ``, "43800"},
			{50000, 8000, ``, "35200"},
			{50000, 5000, `"discount":10000,"discountAfterTax":10800,`, "37800"},
			{50000, 5000, `"discount":7000,"discountAfterTax":10800,`, "41600"},
		} {
			a := d.Send(http.MethodPut, "/orders/"+idOf(made), fmt.Sprintf(`{%s"orderDetails":[`+line+`]}`, c.more, c.price, c.discount))
			if got, _ := a.Get("$.total"); got != c.total {
				t.Errorf("%+v: the total is %s: %d %s", c, got, a.Status, a.Body)
			}
		}
	})
}

// idOf is the id of the record in an answer, wrapped or not.
func idOf(a apitest.Answer) string {
	for _, path := range []string{"$.data.id", "$.id", "$.data.categoryId"} {
		if id, ok := a.Get(path); ok {
			return id
		}
	}
	return ""
}

// lasting is JSON without what a write renews.
func lasting(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	var strip func(any)
	strip = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				strip(e)
			}
		case map[string]any:
			for name, e := range v {
				if slices.Contains([]string{"id", "detailId", "createdDate", "modifiedDate"}, name) {
					delete(v, name)
				}
				strip(e)
			}
		}
	}
	strip(v)
	return v
}

// TestABatchIsNamedAsAnswersShowIt sells from the batch that comes back with a line, not from the one that expires first.
func TestABatchIsNamedAsAnswersShowIt(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		product := d.Send(http.MethodGet, fillIn(d, "/products/{product:SUA}"), "")
		for _, at := range []string{"0", "1"} {
			batch, _ := product.Get("$.productBatchExpires[" + at + "].id")
			a := d.Send(http.MethodPost, "/invoices", fillIn(d, `{"branchId":{branch:CN1},"invoiceDetails":[
				{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":`+batch+`,"batchName":"x"}}]}`))
			if got, _ := a.Get("$.invoiceDetails[0].productBatchExpire.id"); got != batch || batch == "" {
				t.Errorf("batch %q: sold from %q: %s", batch, got, a.Body)
			}
		}
	})
}

// TestAnOpenOrderOutlivesItsGoods changes the note of an order whose product is not sold any more, and then deleted.
func TestAnOpenOrderOutlivesItsGoods(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		made := d.Send(http.MethodPost, "/orders", fillIn(d, `{"branchId":{branch:CN1},"discount":1000,"orderDetails":[{"productCode":"AO-M","quantity":1}]}`))
		path := "/orders/" + idOf(made)
		product := fillIn(d, "/products/{product:AO-M}")
		for _, change := range []struct{ method, body string }{{http.MethodPut, `{"isActive":false}`}, {http.MethodDelete, ``}} {
			if a := d.Send(change.method, product, change.body); a.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", change.method, a.Status, a.Body)
			}
			for _, body := range []string{`{"description":"x"}`, `{"totalPayment":5000}`, string(made.Body)} {
				if a := d.Send(http.MethodPut, path, body); a.Status != http.StatusOK {
					t.Errorf("after %s, %s: %d %s", change.method, body, a.Status, a.Body)
				}
			}
			more := bytes.Replace(made.Body, []byte(`"quantity":1`), []byte(`"quantity":2`), 1)
			if a := d.Send(http.MethodPut, path, string(more)); a.Status != 420 {
				t.Errorf("after %s, more of it: %d %s", change.method, a.Status, a.Body)
			}
		}
	})
}

// TestAnOrderIsInvoicedAtWhatItSays copies the lines of an order into its invoice: whole, without the taxes, or by the
// goods alone. The invoice has the total of the order.
func TestAnOrderIsInvoicedAtWhatItSays(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for mode, tax := range map[string]string{"direct": "6", "before": "3", "after": "3"} {
			d.Set("PricingMode", mode)
			for _, keep := range [][]string{
				{"productId", "quantity", "price", "discount", "orderDetailTaxs"},
				{"productId", "quantity", "price", "discount"},
				{"productCode", "quantity", "price", "discount"},
				{"productId", "quantity"},
			} {
				made := d.Send(http.MethodPost, "/orders", fillIn(d, `{"branchId":{branch:CN1},"discount":5000,"orderDetails":[
					{"productCode":"TRA","quantity":3,"price":26500,"discount":700,"orderDetailTaxs":[{"taxId":`+tax+`}]},
					{"productCode":"AO-S","quantity":1,"price":99000}]}`))
				var order struct {
					ID           int64            `json:"id"`
					Total        float64          `json:"total"`
					Discount     float64          `json:"discount"`
					OrderDetails []map[string]any `json:"orderDetails"`
				}
				if err := json.Unmarshal(made.Body, &order); err != nil || made.Status != http.StatusOK {
					t.Fatalf("%d %s %v", made.Status, made.Body, err)
				}
				for _, line := range order.OrderDetails {
					for name := range line {
						if !slices.Contains(keep, name) {
							delete(line, name)
						}
					}
				}
				lines, err := json.Marshal(order.OrderDetails)
				if err != nil {
					t.Fatal(err)
				}
				invoice := d.Send(http.MethodPost, "/invoices", fillIn(d, fmt.Sprintf(
					`{"branchId":{branch:CN1},"orderId":%d,"discount":%v,"invoiceDetails":%s}`, order.ID, order.Discount, lines)))
				if total, _ := invoice.Get("$.total"); total != fmt.Sprint(order.Total) {
					t.Errorf("prices %s tax, %v: the order comes to %v, the invoice to %s: %s", mode, keep, order.Total, total, invoice.Body)
				}
			}
		}
	})
}
