package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// TestAQuantityThatCannotBeKeptIsRefused and names its member: quantities have four decimal places. Binary fractions of
// programs are meant, not written, and what is compared or shown may have any places.
func TestAQuantityThatCannotBeKeptIsRefused(t *testing.T) {
	const line = `{"productCode":"TRA","quantity":%,"price":10000}`
	bodies := map[string]string{
		"POST /orders":         `{"branchId":{branch:CN1},"orderDetails":[` + line + `]}`,
		"POST /invoices":       `{"branchId":{branch:CN1},"invoiceDetails":[` + line + `]}`,
		"POST /returns":        `{"branchId":{branch:CN1},"returnDetails":[` + line + `]}`,
		"POST /purchaseorders": `{"branchId":{branch:CN1},"isDraft":true,"purchaseOrderDetails":[` + line + `]}`,
		"POST /ordersuppliers": `{"branchId":{branch:CN1},"orderSupplierDetails":[` + line + `]}`,
		"POST /transfers":      `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"transferDetails":[{"productCode":"TRA","sendQuantity":%}]}`,
		"POST /products":       `{"name":"Giỏ quà","categoryId":{category:Gia dụng},"productType":1,"productFormulas":[{"materialCode":"TRA","quantity":%}]}`,
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for request, body := range bodies {
			method, path, _ := strings.Cut(request, " ")
			for number, kept := range map[string]bool{"0.33333": false, "1.00001": false, "0.30000000000000004": true, "0.3000": true} {
				a := d.Send(method, path, fillIn(d, strings.Replace(body, "%", number, 1)))
				if kept && a.Status != http.StatusOK {
					t.Errorf("%s with %s: %d %s", request, number, a.Status, a.Body)
				}
				if sentence, _ := a.Refusal(); !kept && (a.Status != 420 || !strings.Contains(sentence, "uantity chỉ được có tối đa 4 chữ số thập phân")) {
					t.Errorf("%s with %s: %d %s", request, number, a.Status, a.Body)
				}
			}
		}
		unit := `{"name":"Thùng","categoryId":{category:Gia dụng},"unit":"thùng","masterUnitId":{product:TRA},"conversionValue":0.004761904761904762,"basePrice":1}`
		if a := d.Send(http.MethodPost, "/products", fillIn(d, unit)); a.Status != 420 || !strings.Contains(string(a.Body), "conversionValue") {
			t.Errorf("a unit of 1/210: %d %s", a.Status, a.Body)
		}
		counted := `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"TRA","actualQuantity":8.29166666}]}`
		if a := d.Send(http.MethodPost, "/stocktakes", fillIn(d, counted)); a.Status != http.StatusOK {
			t.Errorf("a count of 8.29166666: %d %s", a.Status, a.Body)
		}
	})
}
