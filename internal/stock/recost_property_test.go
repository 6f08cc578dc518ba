package stock_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
)

// fact is a movement in the model of the property test: computed from the documents, not read from the ledger.
type fact struct {
	line
	at, recorded int64
	net          taphoa.Quantity // into the branch
	cost         taphoa.Opt[taphoa.Money]
	sets         bool
	invoice      int64 // the invoice of a return
}

// audit computes the costs of one product from the beginning: those of the facts, and of the branches at the end.
func audit(facts []*fact) (map[line]taphoa.Money, map[int64]taphoa.Money) {
	phase := func(f *fact) int {
		switch {
		case f.net < 0:
			return 1
		case f.outside == stock.Transit:
			return 2
		}
		return 0
	}
	slices.SortFunc(facts, func(a, b *fact) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.recorded, b.recorded), cmp.Compare(phase(a), phase(b)), cmp.Compare(a.branch, b.branch))
	})
	costs, has, worth := map[line]taphoa.Money{}, map[int64]taphoa.Quantity{}, map[int64]taphoa.Money{}
	for i, f := range facts {
		cost := worth[f.branch]
		if f.net >= 0 {
			for _, before := range facts[:i] { // each origin has left from one branch
				sent := f.outside == stock.Transit && before.kind == f.kind && before.id == f.id
				sold := f.invoice != 0 && before.kind == "invoice" && before.id == f.invoice
				if (sent || sold) && before.outside == f.outside && before.net < 0 {
					cost = costs[before.line]
				}
			}
			cost = f.cost.Or(cost)
		}
		if f.net > 0 && cost != worth[f.branch] {
			if has[f.branch] <= 0 {
				worth[f.branch] = cost
			} else {
				a, _ := worth[f.branch].Times(has[f.branch])
				b, _ := cost.Times(f.net)
				worth[f.branch], _ = (a + b).Div(has[f.branch] + f.net)
			}
		}
		has[f.branch] += f.net
		if f.sets {
			worth[f.branch] = f.cost.Value
		}
		costs[f.line] = cost
	}
	return costs, worth
}

// auditor posts random documents to the ledger and keeps a naive model of them.
type auditor struct {
	rt       *rapid.T
	d        *db.DB
	clock    *dbtest.Clock
	first    int64 // of the products of this run, which no other run has
	recorded int64
	facts    map[line]*fact
	docs     map[string]*randomDocument
	names    []string
}

type randomDocument struct {
	kind   string
	id     int64
	step   int64
	branch int64
	void   bool
	at     map[stock.Location]int64
}

const (
	products = 2
	branches = 3
)

func (a *auditor) draw(name string, low, high int64) int64 {
	return rapid.Int64Range(low, high).Draw(a.rt, name)
}

func (a *auditor) instant() int64 { return int64(a.clock.Now()) + a.draw("when", -4, 1)*1_000_000 }

// next draws a document, new or old, and posts it.
func (a *auditor) next() {
	var p *randomDocument
	if len(a.names) > 0 && a.draw("old", 0, 2) == 0 {
		p = a.docs[a.names[a.draw("which", 0, int64(len(a.names)-1))]]
	} else {
		kind := rapid.SampledFrom([]string{"invoice", "invoice", "purchase", "purchase", "transfer", "return", "stocktake"}).Draw(a.rt, "kind")
		p = &randomDocument{kind: kind, id: a.first*1000 + int64(len(a.names)), branch: a.draw("branch", 1, branches), at: map[stock.Location]int64{}}
		if kind != "stocktake" {
			name := fmt.Sprint(p.kind, p.id)
			a.names, a.docs[name] = append(a.names, name), p
		}
	}
	if p.kind == "stocktake" {
		a.count(p)
		return
	}
	var want []stock.Posting
	if p.void = p.step > 0 && a.draw("void", 0, 3) == 0; !p.void {
		want = a.want(p)
	}
	a.post(p, want)
}

// want draws the postings of a document.
func (a *auditor) want(p *randomDocument) (want []stock.Posting) {
	at := a.instant()
	for product := a.first; product < a.first+products; product++ {
		if a.draw("has", 0, 3) == 0 {
			continue
		}
		q := taphoa.Quantity(a.draw("quantity", 1, 90_000))
		post := stock.Posting{ProductID: product, Quantity: q, EffectiveAt: taphoa.Time(at)}
		here := stock.Location(p.branch)
		switch p.kind {
		case "invoice":
			post.From, post.To = here, stock.Customer
		case "purchase":
			post.From, post.To, post.Cost = stock.Supplier, here, taphoa.Some(taphoa.Money(a.draw("cost", 0, 900_000)))
			if a.draw("free", 0, 4) == 0 {
				post.Cost = taphoa.Opt[taphoa.Money]{}
			}
		case "return":
			post.From, post.To, post.OriginKind, post.OriginID = stock.Customer, here, "invoice", a.first*1000
			for _, name := range a.names { // the latest invoice that has moved something, or one that is none
				if d := a.docs[name]; d.kind == "invoice" && d.step > 0 {
					post.OriginID = d.id
				}
			}
			if f := a.facts[line{"return", p.id, product, p.branch, stock.Customer, 0}]; f != nil {
				post.OriginID = f.invoice
			}
		case "transfer":
			post.From, post.To = here, stock.Location(p.branch%branches+1)
			if a.draw("apart", 0, 1) == 0 {
				post.To = stock.Transit
				want = append(want, stock.Posting{
					ProductID: product, From: stock.Transit, To: stock.Location(p.branch%branches + 1), Quantity: q,
					EffectiveAt: taphoa.Time(at + a.draw("later", -1, 2)*1_000_000),
				})
			}
		}
		want = append(want, post)
	}
	return want
}

// post posts a document to the ledger and to the model.
func (a *auditor) post(p *randomDocument, want []stock.Posting) {
	a.recorded++
	changed := map[line]*fact{}
	add := func(w *stock.Posting, branch, outside stock.Location, sign int64) {
		changed[line{p.kind, p.id, w.ProductID, int64(branch), outside, 0}] = &fact{
			at: int64(w.EffectiveAt), net: taphoa.Quantity(sign) * w.Quantity, cost: w.Cost, invoice: w.OriginID,
		}
	}
	for i := range want {
		w := &want[i]
		from, to := w.From, w.To
		if from > 0 && to > 0 {
			add(w, from, stock.Transit, -1)
			add(w, to, stock.Transit, 1)
		} else if from > 0 {
			add(w, from, to, -1)
		} else {
			add(w, to, from, 1)
		}
	}
	for l, f := range a.facts {
		if l.kind == p.kind && l.id == p.id && changed[l] == nil {
			f.net = 0
		}
	}
	for l, f := range changed {
		f.line, f.recorded = l, a.recorded
		if old := a.facts[l]; old != nil {
			f.recorded = old.recorded
		}
		a.facts[l] = f
	}
	err := a.d.Write(context.Background(), shop, func(tx *db.Tx) error {
		used, err := stock.Post(tx, stock.Document{Kind: p.kind, ID: p.id, Step: p.step}, slices.Clone(want), free)
		if used {
			defer func() { p.step++ }()
		}
		return err
	})
	if err != nil {
		a.rt.Fatal(err)
	}
}

// count posts a stock take of a product, the last of its movements.
func (a *auditor) count(p *randomDocument) {
	product := a.first + a.draw("product", 0, products-1)
	c := stock.Count{ProductID: product, BranchID: p.branch, Cost: taphoa.Some(taphoa.Money(a.draw("cost", 0, 900_000)))}
	if a.draw("counted", 0, 1) == 0 {
		c.OnHand = taphoa.Some(taphoa.Quantity(a.draw("on hand", 0, 90_000)))
	}
	f := &fact{at: int64(a.clock.Now()), cost: c.Cost, sets: true}
	var has taphoa.Quantity
	for l, o := range a.facts {
		if l.product == product && l.branch == p.branch {
			has += o.net
			f.at = max(f.at, o.at)
		}
	}
	f.net = c.OnHand.Or(has) - has
	var id int64
	err := a.d.Write(context.Background(), shop, func(tx *db.Tx) (err error) {
		if err = stock.SetStock(tx, []stock.Count{c}); err != nil {
			return err
		}
		type posting struct{ DocumentID, EffectiveAt int64 }
		last, _, err := db.One[posting](tx, `
			SELECT document_id, effective_at FROM stock_postings
			WHERE retailer_id = :retailer AND kind = 'stocktake' AND product_id = ? ORDER BY document_id DESC LIMIT 1`, product)
		id, f.at = last.DocumentID, max(f.at, last.EffectiveAt) // voiding a later document does not make the stock take earlier
		return err
	})
	if err != nil {
		a.rt.Fatal(err)
	}
	a.recorded++
	f.line, f.recorded = line{"stocktake", id, product, p.branch, stock.Adjustment, 0}, a.recorded
	a.facts[f.line] = f
}

// compare compares every cost of the ledger with the model.
func (a *auditor) compare() {
	has := costsOf(a.rt, a.d, shop, a.first, a.first+products-1)
	for product := a.first; product < a.first+products; product++ {
		var facts []*fact
		for _, f := range a.facts {
			if f.product == product {
				facts = append(facts, f)
			}
		}
		costs, worth := audit(facts)
		for l, cost := range costs {
			if has[l] != cost {
				a.rt.Errorf("%+v cost %v, want %v", l, has[l], cost)
			}
		}
		err := a.d.Read(context.Background(), shop, func(tx *db.Tx) error {
			levels, err := stock.Levels(tx, []int64{product}, nil)
			for _, l := range levels {
				if l.Cost != worth[l.BranchID] {
					a.rt.Errorf("product %d at branch %d: %v, want %v", product, l.BranchID, l.Cost, worth[l.BranchID])
				}
			}
			return err
		})
		if err != nil {
			a.rt.Fatal(err)
		}
	}
	if len(has) == 0 && len(a.facts) > 0 {
		a.rt.Error("the ledger has nothing")
	}
}

func TestRecostedLedgersEqualOnesThatWereValuedFromTheBeginning(t *testing.T) {
	for _, size := range []struct{ atOnce, inBatch int }{{50, 500}, {3, 2}, {0, 1}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			stock.SmallRecosts(t, size.atOnce, size.inBatch)
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				first := int64(1)
				rapid.Check(t, func(rt *rapid.T) {
					first += products
					a := &auditor{rt: rt, d: d, clock: clock, first: first, facts: map[line]*fact{}, docs: map[string]*randomDocument{}}
					for range a.draw("documents", 1, 16) {
						clock.Advance(a.draw("passed", 0, 1))
						a.next()
						for product := first; product < first+products; product++ { // recosting is interrupted by documents
							for range a.draw("meanwhile", 0, 2) {
								if err := stock.RecostSome(context.Background(), d, shop.Retailer, product); err != nil {
									rt.Fatal(err)
								}
							}
						}
					}
					if err := stock.RecostAll(context.Background(), d); err != nil {
						rt.Fatal(err)
					}
					a.compare()
				})
				check(t, d, free)
			})
		})
	}
}
