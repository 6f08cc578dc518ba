package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// productPages are pages of products in several ways.
var productPages = []string{
	"/products?pageSize=100", "/products?pageSize=100&includeInventory=true&includePricebook=true&orderBy=name",
	"/products?pageSize=100&includeInventory=true&includeMaterial=true&includeQuantity=true&orderDirection=desc",
	"/products?pageSize=100&IncludeSerials=true&IncludeBatchExpires=true&includeWarranties=true&IncludeProductShelves=true",
	"/products?pageSize=3&currentItem=2&includeInventory=true&includeSoftDeletedAttribute=false&includeRemoveIds=true",
}

// rereader asks again for what was asked for before, after each request that may have changed something, in the end, and a
// year later, for what time changes may not be kept. It compares the answers with those that are made of nothing that is kept.
type rereader struct {
	t      *testing.T
	d      *apitest.Server
	inner  http.Handler
	asked  []string
	recent int // targets that are asked for again after each change
	pages  int // of products, by turns
	turn   int
}

// watchKept has a server's answers asked for again. What is kept and dropped is decided by the same code on both engines; that
// PostgreSQL tells it of every change shows in a few answers after each, and in all of them at the end.
func watchKept(t *testing.T, d *apitest.Server, engine string) *rereader {
	h := &rereader{t: t, d: d, inner: d.Handler, recent: 10, pages: len(productPages)}
	if engine == "postgres" && !*thorough {
		h.recent, h.pages = 2, 1
	}
	d.Handler = h
	return h
}

func (h *rereader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.inner.ServeHTTP(w, r)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+h.d.Shop.Token:
	case r.Method != http.MethodGet:
		again := slices.Clone(h.asked[max(0, len(h.asked)-h.recent):])
		for range h.pages {
			again = append(again, productPages[h.turn%len(productPages)])
			h.turn++
		}
		h.compare(r.Method+" "+r.URL.Path, again)
	case api.TaggedAt(r.URL.EscapedPath()) && !slices.Contains(h.asked, r.RequestURI):
		h.asked = append(h.asked, r.RequestURI)
	}
}

// end asks for all once more.
func (h *rereader) end() {
	h.t.Helper()
	h.compare("all", append(h.asked, productPages...))
	h.d.Clock.Advance(366 * 24 * 3600)
	h.compare("a year", append(h.asked, productPages...))
}

func (h *rereader) compare(after string, targets []string) {
	h.t.Helper()
	d := *h.d
	d.Handler = h.inner
	d.Shop.Token = d.Token(d.Shop, oauth.ScopePublic+" "+oauth.ScopeAdmin) // the clock may have moved
	for _, target := range targets {
		answer, tag, err := api.Fresh(h.inner, h.d.DB, h.d.Shop.Retailer, target)
		for range 2 { // what is kept by the first is used by the second
			a := d.Send(http.MethodGet, target, "")
			if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) && a.Status != http.StatusOK {
				continue
			}
			if err != nil || a.Header.Get("ETag") != tag || !bytes.Equal(a.Body, answer) {
				h.t.Errorf("after %s, %s answers %s\n%.2000s\nand is %s (%v)\n%.2000s", after, target, a.Header.Get("ETag"), a.Body, tag, err, answer)
			}
		}
	}
}

// TestACommitOfOneShopSpoilsNoAnswerOfAnother, whichever server it goes through; one of the shop itself spoils them on
// both.
func TestACommitOfOneShopSpoilsNoAnswerOfAnother(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		servers := []*apitest.Server{d, d.SecondServer()}
		for round := range 4 {
			writes, reads := servers[round/2], servers[round%2]
			before := reads.Send(http.MethodGet, "/customers", "")
			at, kept, _ := api.KeptAt(reads.Handler, d.Shop.Retailer, "/customers")
			version := func() (v int64) {
				reads.Read(func(tx *db.Tx) error {
					h, _, err := tx.Snapshot()
					v = h.Version
					return err
				})
				return v
			}
			if !kept || at != version() {
				t.Fatalf("round %d: nothing is kept at version %d", round, version())
			}
			writes.As(d.OtherShop).Send(http.MethodPost, "/customers", `{"name":"Bên cạnh"}`)
			if now := version(); now != at {
				t.Errorf("round %d: the neighbour's commit makes of version %d %d", round, at, now)
			}
			if a := reads.Send(http.MethodGet, "/customers", ""); !bytes.Equal(a.Body, before.Body) {
				t.Errorf("round %d: after the neighbour's commit %s, before %s", round, a.Body, before.Body)
			}
			name := fmt.Sprint("Khách mới ", round)
			writes.Send(http.MethodPost, "/customers", fmt.Sprintf(`{"name":%q}`, name))
			if a := reads.Send(http.MethodGet, "/customers", ""); !strings.Contains(string(a.Body), name) {
				t.Errorf("round %d: after a commit of the shop's own, %s", round, a.Body)
			}
		}
	})
}

// TestWhatTheDelivererWritesIsSeenAtOnce, though it is written without the shop's head.
func TestWhatTheDelivererWritesIsSeenAtOnce(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for _, target := range []string{
			"/webhooks", fmt.Sprintf("/webhooks/%d", d.ID("webhook:product.update")), fmt.Sprintf("/webhooks/%d/deliveries", d.ID("webhook:product.update")),
			"/webhooks/deliveries", "/webhooks/deadletters", fmt.Sprintf("/webhooks/deliveries/%d", d.ID("delivery:dead")),
		} {
			if a := d.Send(http.MethodGet, target, ""); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", target, a.Status, a.Body)
			}
			if _, kept, _ := api.KeptAt(d.Handler, d.Shop.Retailer, target); kept {
				t.Errorf("the answer of %s is kept", target)
			}
		}
	})
}

// TestKeptAnswersStayInTheirBound asks for more than may be kept.
func TestKeptAnswersStayInTheirBound(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	const bound = 16 << 20
	most := 0
	for i := range 3000 {
		target := fmt.Sprintf("/locations?pageSize=1000&i=%d", i)
		headers := []string{"Accept-Encoding", []string{"", "gzip"}[i%2]}
		if a := d.Send(http.MethodGet, target, "", headers...); a.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", target, a.Status, a.Body)
		}
		_, kept, size := api.KeptAt(d.Handler, d.Shop.Retailer, target)
		if !kept || size > bound {
			t.Fatalf("%s is kept: %v; %d bytes, the bound is %d", target, kept, size, bound)
		}
		most = max(most, size)
		if i > 300 && most > bound*9/10 {
			break
		}
	}
	if most < bound*9/10 {
		t.Errorf("at most %d bytes are kept, the bound of %d is out of sight", most, bound)
	}
	if _, kept, _ := api.KeptAt(d.Handler, d.Shop.Retailer, "/locations?pageSize=1000&i=0"); kept {
		t.Error("what was asked for first and never again is kept")
	}
}

// TestAViewHasItsOwnAnswers: who may not see what goods cost gets neither the answers nor the tags of who may.
func TestAViewHasItsOwnAnswers(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d := apitest.SeededWith(t, engine, api.Options{Held: func(who oauth.Identity) *right.Held {
				if who.Allows(oauth.ScopeAdmin) {
					return nil
				}
				return right.Hold(1, right.Grant{Set: right.Of(right.SeeProducts, right.SeePurchasePrices, right.SeeDebts, right.SeeTotals, right.SeeOthers)})
			}})
			token := d.Token(d.Shop, oauth.ScopePublic)
			product := fmt.Sprint("/products/", d.ID("product:TRA"))
			for range 2 {
				for _, target := range []string{"/products?pageSize=100&includeInventory=true", product, "/products?pageSize=1", "/settings"} {
					for _, zip := range []string{"identity", "gzip"} {
						all := d.Send(http.MethodGet, target, "", "Accept-Encoding", zip)
						some := d.Send(http.MethodGet, target, "", "Accept-Encoding", zip, "Authorization", "Bearer "+token)
						if all.Status != http.StatusOK || some.Status != http.StatusOK {
							t.Fatalf("%s: %d and %d", target, all.Status, some.Status)
						}
						one, other := unpacked(t, all), unpacked(t, some)
						if strings.Contains(other, `"cost"`) || strings.Contains(target, "Inventory") && !strings.Contains(one, `"cost"`) {
							t.Errorf("%s: who may see costs gets\n%s\nwho may not gets\n%s", target, one, other)
						}
						if a, b := all.Header.Get("ETag"), some.Header.Get("ETag"); a == b || a == "" || b == "" {
							t.Errorf("%s has the tags %s and %s", target, a, b)
						}
					}
				}
			}
		})
	}
}

// unpacked is an answer's body.
func unpacked(t *testing.T, a apitest.Answer) string {
	t.Helper()
	if a.Header.Get("Content-Encoding") == "gzip" {
		return plain(t, a)
	}
	return string(a.Body)
}

// TestReadersSeeTheirSnapshotWhileTillsSell: sixteen readers compare pages made of what is kept with what is stored, each in
// a snapshot of its own, while four tills sell and others change products, prices, brands and what is on order, through two
// servers. In the end everything that is kept is compared.
func TestReadersSeeTheirSnapshotWhileTillsSell(t *testing.T) {
	const readers, rounds = 16, 12
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		servers := []*apitest.Server{d, d.SecondServer()}
		var queries []taphoa.ProductQuery
		for _, q := range []taphoa.ProductQuery{
			{},
			{IncludeInventory: true},
			{IncludeInventory: true, IncludePriceBook: true, IncludeQuantity: true},
			{IncludeMaterial: true, IncludeSerials: true, IncludeBatchExpires: true, IncludeWarranties: true, IncludeProductShelves: true},
		} {
			for _, p := range []taphoa.Paging{{PageSize: 100}, {PageSize: 4, CurrentItem: 3}, {PageSize: 3, OrderBy: "name"}, {PageSize: 3, CurrentItem: 2, OrderBy: "modifiedDate"}} {
				q.Paging = p
				queries = append(queries, q)
			}
		}
		compare := func(tx *db.Tx, q *taphoa.ProductQuery) error {
			kept, err := catalog.ListProductTexts(tx, q, wire.Form{})
			if err != nil {
				return err
			}
			stored, err := catalog.ListProducts(tx, q)
			if got, want := wire.Append(nil, &kept.Page), wire.Append(nil, &stored); err == nil && !bytes.Equal(got, want) {
				err = fmt.Errorf("%+v: kept is\n%s\nstored is\n%s", *q, got, want)
			}
			return err
		}
		fill := func(text string) string {
			for _, name := range []string{"branch:CN1", "branch:CN2", "product:TRA", "trademark:Tân Cương", "supplier:NCC-TRA", "pricebook:Giá sỉ"} {
				if strings.Contains(text, "{"+name+"}") {
					text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(d.ID(name)))
				}
			}
			return text
		}
		invoice := fill(`POST /invoices {"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"TRA","quantity":1},{"productCode":"QUA","quantity":1}]}`)
		hands := []string{
			invoice, invoice, fill(`POST /invoices {"branchId":{branch:CN2},"invoiceDetails":[{"productCode":"TRA-HOP","quantity":1}]}`),
			fill(`POST /orders {"branchId":{branch:CN1},"orderDetails":[{"productCode":"AO-S","quantity":1}]}`),
			fill(`PUT /products/{product:TRA} {"name":"~","basePrice":9}`),
			`POST /products {"name":"~","categoryName":"~"}`,
			fill(`POST /ordersuppliers {"branchId":{branch:CN1},"supplierId":{supplier:NCC-TRA},"status":1,"orderSupplierDetails":[{"productCode":"TRA","quantity":9,"price":1000}]}`),
			fill(`PUT /trademark/{trademark:Tân Cương} {"tradeMarkName":"~"}`),
			fill(`POST /pricebooks/detail {"priceBookId":{pricebook:Giá sỉ},"details":[{"productId":{product:TRA},"price":9}]}`),
			fill(`PUT /pricebooks/{pricebook:Giá sỉ} {"name":"~"}`),
		}
		var writers, group sync.WaitGroup
		over := make(chan struct{})
		for i, hand := range hands {
			writers.Go(func() {
				method, rest, _ := strings.Cut(hand, " ")
				target, body, _ := strings.Cut(rest, " ")
				done := 0
				for n := 0; n < rounds || done == 0 && !t.Failed(); n++ {
					full := strings.ReplaceAll(strings.ReplaceAll(body, "~", fmt.Sprintf("Tay %d-%d", i, n)), "9", fmt.Sprint(1000+n))
					switch a := servers[(i+n)%2].Send(method, target, full); {
					case a.Status == http.StatusOK:
						done++
					case a.Status != http.StatusTooManyRequests && done == 0: // later the goods are sold, or the name is taken
						t.Errorf("%s: %d %s", hand, a.Status, a.Body)
					}
				}
			})
		}
		for i := range readers {
			group.Go(func() {
				by := rand.New(rand.NewPCG(11, uint64(i)))
				for n := 0; ; n++ {
					select {
					case <-over:
						if n >= rounds {
							return
						}
					default:
					}
					who := db.Actor{Retailer: d.Shop.Retailer}
					q := queries[by.IntN(len(queries))]
					if err := servers[i%2].DB.Read(t.Context(), who, func(tx *db.Tx) error { return compare(tx, &q) }); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		writers.Wait()
		close(over)
		group.Wait()
		for _, server := range servers {
			for i := range queries {
				server.Read(func(tx *db.Tx) error { return compare(tx, &queries[i]) })
			}
		}
	})
}
