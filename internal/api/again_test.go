package api_test

import (
	"regexp"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// Clients change one member of a document and send all of it back.
func TestADocumentSentBackAsItWasReadStaysAsItIs(t *testing.T) {
	modified := regexp.MustCompile(`"modifiedDate":"[^"]*",`)
	lines := `[{"productCode": "AO-S", "quantity": 3, "price": 100000, "discount": 7000, "note": "Gói kỹ", "orderDetailTaxs": [{"TaxId": 4}]},
		{"productCode": "TRA", "quantity": 2}]`
	head := `{"branchId": {branch:CN1}, "customerId": {customer:KH-HOA}, "discount": 10000,
		"payments": [{"method": "Cash", "amount": 20000}, {"method": "Card", "amount": 5000}], `
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for _, mode := range []string{"before", "after"} {
			for path, body := range map[string]string{
				"/orders":   head + `"orderDetails": ` + lines + `}`,
				"/invoices": head + `"invoiceDetails": ` + lines + `}`,
			} {
				d.Set("PricingMode", mode)
				made := d.Send("POST", path, fillIn(d, body))
				id, _ := made.Get("$.id")
				read := d.Send("GET", path+"/"+id, "")
				again := d.Send("PUT", path+"/"+id, string(read.Body))
				was, is := modified.ReplaceAllString(string(read.Body), ""), modified.ReplaceAllString(string(again.Body), "")
				if made.Status != 200 || again.Status != 200 || was != is {
					t.Errorf("%s, prices %s tax: %d %s\nsent back as read: %d %s", path, mode, made.Status, was, again.Status, is)
				}
				if path == "/invoices" { // so does its return
					made := d.Send("POST", "/returns", `{"invoiceId":`+id+`,"returnDetails":[{"productCode":"TRA","quantity":1}],"totalPayment":9000}`)
					back, _ := made.Get("$.id")
					read := d.Send("GET", "/returns/"+back, "")
					again := d.Send("PUT", "/returns/"+back, string(read.Body))
					was, is := modified.ReplaceAllString(string(read.Body), ""), modified.ReplaceAllString(string(again.Body), "")
					if made.Status != 200 || again.Status != 200 || was != is {
						t.Errorf("/returns, prices %s tax: %d %s\nsent back as read: %d %s", mode, made.Status, was, again.Status, is)
					}
					d.Send("DELETE", "/returns/"+back, "")
				}
				total, _ := read.Get("$.total")
				changed := regexp.MustCompile(`"quantity":2,`).ReplaceAllString(string(read.Body), `"quantity":4,`) // two more of TRA, at 25,000
				more := d.Send("PUT", path+"/"+id, changed)
				if paid, _ := more.Get("$.totalPayment"); more.Status != 200 || paid != "25000" {
					t.Errorf("%s, prices %s tax: with more goods %d %s, before %s", path, mode, more.Status, more.Body, total)
				}
				want := map[string]string{"before": "396164", "after": "369000"}[mode] // 379,000 − 10,000, and 10 % of 279,000 × 369/379 on top or contained
				if got, _ := more.Get("$.total"); got != want {
					t.Errorf("%s, prices %s tax: total %s with two more, want %s, before %s", path, mode, got, want, total)
				}
			}
		}
	})
}
