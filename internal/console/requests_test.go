package console_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/requestlog"
)

// note keeps entries of a shop in the log of requests, and returns the id of the newest.
func (d *desk) note(shop apitest.Shop, entries ...requestlog.Entry) (newest int64) {
	d.t.Helper()
	log := requestlog.New(d.DB, slog.New(slog.DiscardHandler))
	for _, e := range entries {
		e.At = d.Clock.Now()
		log.Note(shop.Retailer, e)
	}
	ctx, cancel := context.WithCancel(d.t.Context())
	cancel()
	log.Run(ctx)
	d.As(shop).Read(func(tx *db.Tx) error {
		all, err := requestlog.List(tx, requestlog.Filter{Limit: 1})
		newest = all[0].ID
		return err
	})
	return newest
}

// TestTheOwnerFindsWhyAProgramWasRefused: refusals first, with the exact sentence and what was sent, which does no harm.
func TestTheOwnerFindsWhyAProgramWasRefused(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		theirs := d.note(d.OtherShop, requestlog.Entry{Method: "GET", Path: "/theirs", Operation: "listOrders", Status: 420, Sentence: "Của hàng xóm"})
		d.note(d.Shop, requestlog.Entry{Method: "POST", Path: "/customers", Operation: "createCustomer", Status: 200, ClientID: d.Shop.ClientID})
		refused := d.note(d.Shop, requestlog.Entry{
			Method: "POST", Path: "/invoices?x=" + hostile, Operation: "createInvoice", Status: 420, ClientID: d.Shop.ClientID, TookUS: 1234, RequestID: "abc-1",
			Code: "KvValidateException", Sentence: "Chi nhánh không tồn tại " + hostile, Body: `{"branchId":4711,"note":"` + strings.ReplaceAll(hostile, `"`, `\"`) + `"}`,
		})
		owner := d.owner()
		list := owner.get("/console/requests").want(http.StatusOK).harmless().has("Chi nhánh không tồn tại", "POST /invoices", "1,2 ms").hasNot("POST /customers", "Của hàng xóm")
		if n := len(list.rows()); n != 1 {
			t.Errorf("%d requests are listed", n)
		}
		if n := len(owner.get("/console/requests?all=1").rows()); n != 2 {
			t.Errorf("of all %d are listed", n)
		}
		if n := len(owner.get("/console/requests?all=1&client=7a000000-0000-4000-8000-000000000009").rows()); n != 0 {
			t.Errorf("of another client %d are listed", n)
		}
		alike := owner.get(owner.get(fmt.Sprint("/console/requests/", refused)).link("createInvoice")).want(http.StatusOK).has("POST /invoices")
		if n := len(alike.rows()); n != 1 {
			t.Errorf("of one operation %d are listed", n)
		}
		owner.get(fmt.Sprint("/console/requests/", refused)).want(http.StatusOK).harmless().has("Chi nhánh không tồn tại", "KvValidateException", "createInvoice", "abc-1", `"branchId": 4711`)
		for _, id := range []any{theirs, "x", -1} {
			owner.get(fmt.Sprint("/console/requests/", id)).want(http.StatusNotFound).hasNot("Của hàng xóm")
		}
		many := make([]requestlog.Entry, 60)
		for i := range many {
			many[i] = requestlog.Entry{Method: "GET", Path: fmt.Sprint("/orders/", i), Operation: "getOrderById", Status: 404}
		}
		d.note(d.Shop, many...)
		first := owner.get("/console/requests").has("/orders/59").hasNot("/orders/9 ")
		second := owner.get(first.link("Trang kế tiếp")).want(http.StatusOK).has("/orders/9", "POST /invoices").hasNot("/orders/59")
		if n, m := len(first.rows()), len(second.rows()); n != 50 || m != 11 {
			t.Errorf("the pages have %d and %d requests", n, m)
		}
		owner.with("Accept-Language", "en").get("/console/requests").has("API requests", "Refused")
	})
}
