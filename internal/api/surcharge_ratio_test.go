package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// TestASurchargeByRatioIsWrittenAndCharged: what a document says wins, also 0; else it charges the ratio of its goods less
// their discount, or the value, to the đồng.
func TestASurchargeByRatioIsWrittenAndCharged(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		saidSo(t, "made", said(t, d, http.MethodPost, "/surchages", `{"name":"Phí thẻ","code":"THE","valueRatio":3.5,"value":0}`, "data.valueRatio", "data.value", "valueRatio"), "3.5 |  | 3.5")
		for path, lines := range map[string]string{"/orders": "orderDetails", "/invoices": "invoiceDetails"} {
			for _, c := range []struct{ more, want string }{ // of goods of 50,333
				{`"surchages":[{"code":"THE"}]`, "1762 | 52095"},
				{`"surchages":[{"code":"THE"}],"discount":333`, "1750 | 51750"},
				{`"surchages":[{"code":"THE","price":0}]`, "0 | 50333"},
				{`"surchages":[{"code":"THE","price":5000}]`, "5000 | 55333"},
				{`"surchages":[{"code":"SHIP"}]`, "20000 | 70333"},
				{`"surchages":[{"code":"SHIP","price":0}]`, "0 | 50333"},
			} {
				body := `{"branchId":{branch:CN1},` + c.more + `,"` + lines + `":[{"productCode":"GOI","quantity":1,"price":50333}]}`
				saidSo(t, path+c.more, said(t, d, http.MethodPost, path, body, "invoiceOrderSurcharges[0].price", "total"), c.want)
			}
		}
		order := said(t, d, http.MethodPost, "/orders", `{"branchId":{branch:CN1},"surchages":[{"code":"THE"}],"orderDetails":[{"productCode":"GOI","quantity":1,"price":100000}]}`, "id")
		surcharge := said(t, d, http.MethodGet, "/surchages?orderBy=code&orderDirection=desc&pageSize=1", "", "data[0].id")
		for _, c := range []struct{ body, want string }{
			{`{"orderDetails":[{"productCode":"GOI","quantity":2,"price":100000}]}`, "7000 | 207000"},
			{`{"discountRatio":10}`, "6300 | 186300"},
			{`{"surchages":[{"surchargeId":` + surcharge + `,"price":6300}]}`, "6300 | 186300"},
			{`{"orderDetails":[{"productCode":"GOI","quantity":1,"price":100000}]}`, "3150 | 93150"},
			{`{"surchages":[{"code":"THE","price":1000}]}`, "1000 | 91000"},
			{`{"orderDetails":[{"productCode":"GOI","quantity":2,"price":100000}]}`, "1000 | 181000"},
		} {
			saidSo(t, c.body, said(t, d, http.MethodPut, "/orders/"+order, c.body, "invoiceOrderSurcharges[0].price", "total"), c.want)
		}
		saidSo(t, "an amount", said(t, d, http.MethodPut, "/surchages/"+surcharge, `{"value":2000}`, "valueRatio", "value"), "0 | 2000")
		saidSo(t, "a ratio", said(t, d, http.MethodPut, "/surchages/"+surcharge, `{"valueRatio":5}`, "valueRatio", "value"), "5 | ")
		saidSo(t, "a name", said(t, d, http.MethodPut, "/surchages/"+surcharge, `{"name":"Thẻ"}`, "valueRatio", "value"), "5 | ")
		for _, bad := range []string{`{"valueRatio":-1}`, `{"valueRatio":101}`, `{"valueRatio":5,"value":1000}`} {
			if a := d.Send(http.MethodPut, "/surchages/"+surcharge, bad); a.Status != 420 || !strings.Contains(string(a.Body), "valueRatio") {
				t.Errorf("%s: %d %s", bad, a.Status, a.Body)
			}
		}
	})
}

// TestASurchargeByRatioIsSplitOverTheInvoicesOfItsOrder like a discount by ratio: shares of the whole, the last takes the rest.
func TestASurchargeByRatioIsSplitOverTheInvoicesOfItsOrder(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		said(t, d, http.MethodPost, "/surchages", `{"name":"Phí","code":"THE","valueRatio":0.5}`)
		order := func() string {
			return said(t, d, http.MethodPost, "/orders", `{"branchId":{branch:CN1},"surchages":[{"code":"THE"}],"discountRatio":2,"orderDetails":[{"productCode":"GOI","quantity":7,"price":101}]}`, "id")
		}
		id := order() // 707 less 14 is 693, and 3 of it
		var charged []string
		for range 7 {
			charged = append(charged, said(t, d, http.MethodPost, "/invoices", `{"orderId":`+id+`,"invoiceDetails":[{"productCode":"GOI","quantity":1}]}`, "invoiceOrderSurcharges[0].price"))
		}
		if got := strings.Join(charged, " "); strings.Count(got, "1") != 3 || strings.Trim(got, "01 ") != "" {
			t.Errorf("seven invoices of an order with 3 đ charge %s", got)
		}
		id = order()
		first := said(t, d, http.MethodPost, "/invoices", `{"orderId":`+id+`,"invoiceDetails":[{"productCode":"GOI","quantity":2}]}`, "id")
		saidSo(t, "more", said(t, d, http.MethodPut, "/invoices/"+first, `{"invoiceDetails":[{"productCode":"GOI","quantity":5,"price":101}]}`, "invoiceOrderSurcharges[0].price"), "2")
		saidSo(t, "read again", said(t, d, http.MethodGet, "/invoices/"+first, "", "invoiceOrderSurcharges[0].price"), "2")
		saidSo(t, "the rest", said(t, d, http.MethodPut, "/orders/"+id, `{"makeInvoice":true}`, "statusValue"), "Hoàn thành")
		var sum []string
		for _, path := range []string{"data[0].invoiceOrderSurcharges[0].price", "data[1].invoiceOrderSurcharges[0].price", "total"} {
			sum = append(sum, said(t, d, http.MethodGet, "/invoices?orderId="+id, "", path))
		}
		saidSo(t, "both", strings.Join(sum, " "), "2 1 2")
		id = order()
		saidSo(t, "at once", said(t, d, http.MethodPost, "/invoices", `{"orderId":`+id+`}`, "invoiceOrderSurcharges[0].price", "total"), "3 | 696")

		sold := said(t, d, http.MethodPost, "/invoices", `{"branchId":{branch:CN1},"surchages":[{"code":"THE"}],"invoiceDetails":[{"productCode":"GOI","quantity":2,"price":100000}]}`, "id", "total")
		id, total, _ := strings.Cut(sold, " | ")
		saidSo(t, "sold", total, "201000")
		saidSo(t, "changed", said(t, d, http.MethodPut, "/invoices/"+id, `{"invoiceDetails":[{"productCode":"GOI","quantity":1,"price":100000}]}`, "invoiceOrderSurcharges[0].price", "total"), "500 | 100500")
		saidSo(t, "returned", said(t, d, http.MethodPost, "/returns", `{"invoiceId":`+id+`}`, "returnTotal"), "100000")
	})
}

// TestAStoppedSurchargeIsSeenByThoseWhoFollow the list, and by no one else.
func TestAStoppedSurchargeIsSeenByThoseWhoFollow(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		before := said(t, d, http.MethodGet, "/surchages?includeRemoveIds=true", "", "total", "removedIds[0]")
		said(t, d, http.MethodPost, "/surchages", `{"name":"Cũ","code":"CU"}`)
		id := said(t, d, http.MethodGet, "/surchages?orderBy=code&pageSize=1", "", "data[0].id")
		d.Clock.Advance(60)
		since := d.Clock.Now().Std().UTC().Format("2006-01-02T15:04:05Z")
		said(t, d, http.MethodPost, "/surchages/"+id+"/activesurchage", `{"isActive":false}`)
		saidSo(t, "plain", said(t, d, http.MethodGet, "/surchages", "", "total")+" | ", before)
		saidSo(t, "since", said(t, d, http.MethodGet, "/surcharges?lastModifiedFrom="+since, "", "total", "data[0].id", "data[0].isActive"), "1 | "+id+" | false")
		saidSo(t, "removed", said(t, d, http.MethodGet, "/surchages?includeRemoveIds=true", "", "removedIds[0]", "removedIds[1]"), id+" | ")
		saidSo(t, "removed since", said(t, d, http.MethodGet, "/surchages?includeRemoveIds=true&lastModifiedFrom="+since, "", "total", "removedIds[0]"), "1 | "+id)
		said(t, d, http.MethodPost, "/surchages/"+id+"/activesurchage", `{"isActive":true}`)
		saidSo(t, "back", said(t, d, http.MethodGet, "/surchages?includeRemoveIds=true&lastModifiedFrom="+since, "", "data[0].isActive", "removedIds[0]"), "true | ")
	})
}
