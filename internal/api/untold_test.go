package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/wire"
)

// shownProducts are all products of a shop with all that can be asked for, as of one number of its log.
type shownProducts struct {
	seq, refs int64
	texts     map[int64]string
}

// watchProducts compares all that products show before and after each write: a product that looks otherwise is named by an
// event in between, or the reference version has moved, or an event tells of a price book. Who keeps products counts on
// that. What it returns does so after the re-costing. What is told is decided by the same code on both engines: on PostgreSQL
// the writes are looked at together, in the end.
func watchProducts(t *testing.T, d *apitest.Server, engine string) (end func()) {
	before := showProducts(d)
	inner := d.Handler
	compare := func(what string) {
		after := showProducts(d)
		if after.refs == before.refs {
			told, all := toldProducts(d, before.seq, after.seq)
			for id, text := range before.texts {
				if all || after.texts[id] == text || slices.Contains(told, id) {
					continue
				}
				t.Errorf("after %s nothing tells of product %d, which shows\n%s\nand was\n%s", what, id, after.texts[id], text)
			}
		}
		before = after
	}
	d.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		if r.Method != http.MethodGet && (engine == "sqlite" || *thorough) {
			compare(r.Method + " " + r.URL.Path)
		}
	})
	return func() {
		t.Helper()
		compare("all writes")
		if err := stock.RecostAll(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		compare("the re-costing")
	}
}

func showProducts(d *apitest.Server) (all shownProducts) {
	all.texts = map[int64]string{}
	d.Read(func(tx *db.Tx) error {
		head, err := tx.Head()
		if err != nil {
			return err
		}
		all.seq, all.refs = head.LastSeq, head.Refs
		page, err := catalog.ListProducts(tx, &taphoa.ProductQuery{
			Paging: taphoa.Paging{PageSize: 1000}, IncludeInventory: true, IncludeQuantity: true, IncludePriceBook: true, IncludeMaterial: true,
			IncludeSerials: true, IncludeBatchExpires: true, IncludeWarranties: true, IncludeProductShelves: true,
		})
		for i := range page.Data {
			all.texts[page.Data[i].ID] = string(wire.Append(nil, &page.Data[i]))
		}
		return err
	})
	return all
}

// toldProducts are the products that the events between two numbers name; all when a price book has changed, whose name
// products show.
func toldProducts(d *apitest.Server, since, now int64) (ids []int64, all bool) {
	d.Read(func(tx *db.Tx) error {
		events, err := event.Between(tx, since, now, "product.update", "product.delete", "stock.update", event.Internal,
			"pricebook.update", "pricebook.delete")
		for _, e := range events {
			all = all || strings.HasPrefix(e.Type, "pricebook.")
			if all {
				break
			}
			named, err := event.Products(&e)
			if ids = append(ids, named...); err != nil {
				return err
			}
		}
		return err
	})
	return ids, all
}
