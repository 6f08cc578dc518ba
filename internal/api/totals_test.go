package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
)

// TestTotalsAreThoseOfAllPages: the sums that a list gives are what its pages add up to, without voided documents, whatever the
// page and the filter; a list that is not asked has none.
func TestTotalsAreThoseOfAllPages(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Set("AllowSellWhenOutStock", "true")
		sold := 0
		for range 4 {
			for _, body := range []string{
				`{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Cash","invoiceDetails":[{"productCode":"TRA","quantity":1}]}`,
				`{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"AO-M","quantity":2,"price":99999.5}]}`,
			} {
				for path, lines := range map[string]string{"/invoices": "invoiceDetails", "/orders": "orderDetails"} {
					a := d.Send(http.MethodPost, path, fillIn(d, strings.Replace(body, "invoiceDetails", lines, 1)))
					id, _ := a.Get("$.id")
					if a.Status == http.StatusOK && sold%3 == 0 {
						a = d.Send(http.MethodDelete, path+"/"+id, "")
					}
					if a.Status != http.StatusOK {
						t.Fatalf("%s: %d %s", path, a.Status, a.Body)
					}
					sold++
				}
			}
		}
		for _, list := range []struct {
			query   string
			members []string
			void    string
		}{
			{"/invoices?", []string{"total", "totalPayment"}, "2"},
			{"/invoices?status=2&", []string{"total", "totalPayment"}, "2"},
			{"/invoices?status=1&orderBy=total&", []string{"total", "totalPayment"}, "2"},
			{"/invoices?fromPurchaseDate=2100-01-01&", []string{"total", "totalPayment"}, "2"},
			{"/orders?", []string{"total", "totalPayment"}, "4"},
			{"/customers?", []string{"debt"}, ""},
			{"/customers?keyword=an&", []string{"debt"}, ""},
		} {
			for _, page := range []string{"pageSize=1", "pageSize=1&currentItem=1", "pageSize=1000"} {
				a := d.Send(http.MethodGet, list.query+page+"&includeTotals=true", "")
				all := d.Send(http.MethodGet, list.query+"pageSize=1000", "")
				if _, has := all.Get("$.totals"); has {
					t.Errorf("%s has totals without being asked", list.query)
				}
				for _, member := range list.members {
					want := sumOf(t, all, member, list.void)
					if got, _ := a.Get("$.totals." + member); got != want {
						t.Errorf("%s%s: %s is %q, the pages have %s", list.query, page, member, got, want)
					}
				}
			}
		}
		if a := d.Send(http.MethodGet, "/invoices?includeTotals=true&cursor=*", ""); a.Status != http.StatusOK {
			t.Errorf("%d %s", a.Status, a.Body)
		} else if _, has := a.Get("$.totals"); has {
			t.Error("a page by cursor has totals")
		}
	})
}

// sumOf adds a member of the records of a list up, but for those with a status.
func sumOf(t *testing.T, list apitest.Answer, member, void string) string {
	t.Helper()
	var page struct{ Data []map[string]any }
	d := json.NewDecoder(bytes.NewReader(list.Body))
	d.UseNumber()
	if err := d.Decode(&page); err != nil {
		t.Fatal(err)
	}
	sum := taphoa.Money(0)
	for _, r := range page.Data {
		amount, _ := r[member].(json.Number)
		status, _ := r["status"].(json.Number)
		if void != "" && status.String() == void || amount == "" {
			continue
		}
		m, err := taphoa.ParseDecimal(amount.String())
		if err != nil {
			t.Fatal(err)
		}
		sum += taphoa.Money(m)
	}
	return sum.String()
}
