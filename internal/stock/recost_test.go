package stock_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
)

const day = taphoa.Time(24 * 3600 * 1_000_000)

// dong is an amount with decimal places.
func dong(amount float64) taphoa.Money { return taphoa.Money(math.Round(amount * taphoa.Scale)) }

// act is a document that a scenario posts.
type act struct {
	doc  string // "purchase 1"
	day  int64
	want []stock.Posting
}

// line is a movement of a document, in scenarios and for the auditor.
type line struct {
	kind            string
	id              int64
	product, branch int64
	outside         stock.Location
	batch           int64
}

func ship(product, from, to, n int64) stock.Posting {
	return stock.Posting{ProductID: product, From: stock.Location(from), To: stock.Location(to), Quantity: pieces(n)}
}

func batch(p stock.Posting, id int64) stock.Posting {
	p.BatchID = id
	return p
}

func returned(product, branch, n, invoice int64) stock.Posting {
	return stock.Posting{
		ProductID: product, From: stock.Customer, To: stock.Location(branch), Quantity: pieces(n), OriginKind: "invoice", OriginID: invoice,
	}
}

// posted is the cost of documents' goods, in đồng: "invoice 5@1" at branch 1.
type posted map[string]float64

// scenarios have results that were calculated by hand.
var scenarios = []struct {
	name   string
	acts   []act
	levels map[int64]float64 // by branch: the average, in đồng
	costs  posted
}{
	{
		"a purchase entered late costs the sales behind its date",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"invoice 1", 2, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 2", 1, []stock.Posting{buy(1, 1, 10, 200)}}, // (10×100 + 10×200) / 20
		},
		map[int64]float64{1: 150},
		posted{"invoice 1@1": 150},
	},
	{
		"a sale before the late purchase keeps its cost",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 5)}},
			{"invoice 2", 3, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 15, 200)}}, // (5×100 + 15×200) / 20
		},
		map[int64]float64{1: 175},
		posted{"invoice 1@1": 100, "invoice 2@1": 175},
	},
	{
		"a sale entered late weighs on the purchase behind its date",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 10, 200)}},
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 5)}}, // leaves 5×100; (500 + 2000) / 15 = 166.6667
			{"invoice 2", 3, []stock.Posting{sell(1, 1, 15)}},
			{"purchase 3", 4, []stock.Posting{buy(1, 1, 1, 300)}}, // none was left
		},
		map[int64]float64{1: 300},
		posted{"invoice 1@1": 100},
	},
	{
		"another price of an old purchase",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 4)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 6, 200)}},
			{"invoice 2", 3, []stock.Posting{sell(1, 1, 6)}},
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 60)}}, // (6×60 + 6×200) / 12
		},
		map[int64]float64{1: 130},
		posted{"purchase 1@1": 60, "invoice 1@1": 60, "invoice 2@1": 130},
	},
	{
		"an old purchase of more, at another price, on another day",
		[]act{
			{"purchase 1", 1, []stock.Posting{buy(1, 1, 10, 100)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 10, 200)}},
			{"invoice 1", 3, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 1", 4, []stock.Posting{buy(1, 1, 15, 120)}}, // (5×200 + 15×120) / 20
		},
		map[int64]float64{1: 140},
		posted{"invoice 1@1": 200, "purchase 1@1": 120},
	},
	{
		"a voided purchase never was",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"purchase 2", 1, []stock.Posting{buy(1, 1, 10, 300)}},
			{"invoice 1", 2, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 2", 9, nil},
		},
		map[int64]float64{1: 100},
		posted{"invoice 1@1": 100},
	},
	{
		"a voided sale never was",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 10)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 10, 200)}}, // takes 200, then (10×100 + 10×200) / 20
			{"invoice 2", 3, []stock.Posting{sell(1, 1, 1)}},
			{"invoice 1", 9, nil},
		},
		map[int64]float64{1: 150},
		posted{"invoice 2@1": 150},
	},
	{
		"sold before it was bought, and bought at another price later",
		[]act{
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 1", 2, []stock.Posting{buy(1, 1, 10, 100)}},
			{"purchase 2", 0, []stock.Posting{buy(1, 1, 5, 80)}},
		},
		map[int64]float64{1: 100},
		posted{"invoice 1@1": 80},
	},
	{
		"a transfer carries the new cost to the other branch, and its sales",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"transfer 1", 1, []stock.Posting{ship(1, 1, 2, 6)}},
			{"invoice 1", 2, []stock.Posting{sell(1, 2, 1)}},
			{"transfer 2", 3, []stock.Posting{ship(1, 2, 3, 2)}},
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 70)}},
		},
		map[int64]float64{1: 70, 2: 70, 3: 70},
		posted{"transfer 1@1": 70, "transfer 1@2": 70, "invoice 1@2": 70, "transfer 2@3": 70},
	},
	{
		"goods received later than sent cost what they cost when they were sent",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"transfer 1", 1, []stock.Posting{ship(1, 1, int64(stock.Transit), 6)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 4, 300)}},
			{"transfer 1", 3, []stock.Posting{
				{ProductID: 1, From: 1, To: stock.Transit, Quantity: pieces(6), EffectiveAt: 1}, ship(1, int64(stock.Transit), 2, 6),
			}},
		},
		map[int64]float64{1: 200, 2: 100},
		posted{"transfer 1@1": 100, "transfer 1@2": 100},
	},
	{
		"a customer brings goods back at the cost at which they were sold",
		[]act{
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100)}},
			{"invoice 1", 1, []stock.Posting{sell(1, 1, 5)}},
			{"purchase 2", 2, []stock.Posting{buy(1, 1, 5, 200)}},  // 150
			{"return 1", 3, []stock.Posting{returned(1, 1, 5, 1)}}, // (10×150 + 5×100) / 15 = 133.3333
			{"return 2", 3, []stock.Posting{returned(1, 2, 5, 1)}}, // at a branch that has none
			{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 40)}},  // (5×40 + 5×200) / 10 = 120; (10×120 + 5×40) / 15 = 93.3333
			{"purchase 3", 3, []stock.Posting{buy(1, 1, 15, 106)}}, // (1399.9995 + 1590) / 30 = 99.66665
			{"purchase 4", 4, []stock.Posting{buy(1, 1, 30, 0)}},   // 99.6667 × 30 = 2990.0010, by 60 = 49.83335
			{"invoice 2", 5, []stock.Posting{sell(1, 1, 59)}},
			{"purchase 5", 6, []stock.Posting{buy(1, 1, 1, 100)}}, // (49.8334 + 100) / 2
		},
		map[int64]float64{1: 74.9167, 2: 40},
		posted{"return 1@1": 40, "purchase 3@1": 106, "invoice 2@1": 49.8334, "return 2@2": 40},
	},
	{
		"two batches of one purchase mix at once",
		[]act{
			{"purchase 1", 0, []stock.Posting{batch(buy(1, 1, 10, 100), 5), batch(buy(1, 1, 10, 200), 6)}},
			{"invoice 1", 2, []stock.Posting{batch(sell(1, 1, 10), 5)}},
			{"purchase 2", 1, []stock.Posting{batch(buy(1, 1, 10, 300), 5)}}, // (20×150 + 10×300) / 30
		},
		map[int64]float64{1: 200},
		posted{"invoice 1@1": 200},
	},
	{
		"lines of one product at two prices have their average",
		[]act{{"purchase 1", 0, []stock.Posting{buy(1, 1, 10, 100), buy(1, 1, 30, 140)}}},
		map[int64]float64{1: 130},
		posted{"purchase 1@1": 130},
	},
}

func TestCostsFollowFromTheOrderOfDates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start := clock.Now()
		clock.Advance(30 * 24 * 3600)
		for i, c := range scenarios {
			who, steps := db.Actor{Retailer: int64(i + 1)}, map[string]int64{}
			for _, a := range c.acts {
				doc := stock.Document{Step: steps[a.doc], EffectiveAt: start + taphoa.Time(a.day)*day}
				fmt.Sscanf(a.doc, "%s %d", &doc.Kind, &doc.ID)
				want := slices.Clone(a.want)
				for i := range want {
					if want[i].EffectiveAt != 0 { // a day
						want[i].EffectiveAt = start + want[i].EffectiveAt*day
					}
				}
				err := d.Write(t.Context(), who, func(tx *db.Tx) error {
					used, err := stock.Post(tx, doc, want, free)
					if used {
						steps[a.doc] = doc.Step + 1
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				clock.Advance(1)
			}
			if err := stock.RecostAll(t.Context(), d); err != nil { // receipts of transfers and returns
				t.Fatal(err)
			}
			compare := func(what string, has taphoa.Money, want float64) {
				if has != dong(want) {
					t.Errorf("%s: %s costs %v, want %v", c.name, what, has, want)
				}
			}
			err := d.Read(t.Context(), who, func(tx *db.Tx) error {
				findings, err := stock.Check(tx, free)
				for _, f := range findings {
					t.Errorf("%s: %s", c.name, f)
				}
				if err != nil {
					return err
				}
				levels, err := stock.Levels(tx, []int64{1}, nil)
				for _, l := range levels {
					compare(fmt.Sprint("branch ", l.BranchID), l.Cost, c.levels[l.BranchID])
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			costs, found := costsOf(t, d, who, 1, 1), 0
			for l, has := range costs {
				name := fmt.Sprintf("%s %d@%d", l.kind, l.id, l.branch)
				if want, asked := c.costs[name]; asked {
					compare(name, has, want)
					found++
				}
			}
			if found != len(c.costs) {
				t.Errorf("%s: %d of %d costs found", c.name, found, len(c.costs))
			}
		}
	})
}

// costsOf reads the costs of documents' goods, of products from one id up to another.
func costsOf(t interface{ Fatal(...any) }, d *db.DB, who db.Actor, first, last int64) map[line]taphoa.Money {
	costs := map[line]taphoa.Money{}
	err := d.Read(context.Background(), who, func(tx *db.Tx) error {
		clear(costs)
		return tx.Each(func(row db.Row) error {
			l := line{row.Text(0), row.Int64(1), row.Int64(2), row.Int64(3), stock.Location(row.Int64(4)), row.Int64(6)}
			if l.branch < 0 {
				l.branch, l.outside = int64(l.outside), stock.Location(l.branch)
			}
			cost := taphoa.Money(row.Int64(5))
			if has, known := costs[l]; known && has != cost {
				return fmt.Errorf("%+v costs %v and %v", l, has, cost)
			}
			costs[l] = cost
			return nil
		}, `
			SELECT kind, document_id, product_id, from_place, to_place, cost, batch_id FROM stock_postings
			WHERE retailer_id = :retailer AND product_id BETWEEN ? AND ?`, first, last)
	})
	if err != nil {
		t.Fatal(err)
	}
	return costs
}

// TestRecostingAShopLeavesTheOthersAlone although they have products and documents of the same numbers.
func TestRecostingAShopLeavesTheOthersAlone(t *testing.T) {
	stock.SmallRecosts(t, 0, 1)
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		other := db.Actor{Retailer: 2}
		both := func(who db.Actor, kind string, id, step int64, back taphoa.Time, want ...stock.Posting) {
			t.Helper()
			err := d.Write(t.Context(), who, func(tx *db.Tx) error {
				doc := stock.Document{Kind: kind, ID: id, Step: step, EffectiveAt: tx.Now - back}
				_, err := stock.Post(tx, doc, want, free)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, who := range []db.Actor{shop, other} {
			both(who, "purchase", 1, 0, 3*day, buy(7, 1, 10, 100))
			both(who, "invoice", 1, 0, day, sell(7, 1, 1))
			both(who, "transfer", 1, 0, day, ship(7, 1, 2, 1))
		}
		both(shop, "purchase", 1, 1, 3*day, buy(7, 1, 10, 50))
		if err := stock.RecostAll(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[db.Actor]int64{shop: 50, other: 100} {
			err := d.Read(t.Context(), who, func(tx *db.Tx) error {
				findings, err := stock.Check(tx, free)
				for _, f := range findings {
					t.Error(f)
				}
				if err != nil {
					return err
				}
				levels, err := stock.Levels(tx, []int64{7}, nil)
				for _, l := range levels {
					if l.Cost != taphoa.Dong(want) {
						t.Errorf("shop %d has goods at %v, want %d", who.Retailer, l.Cost, want)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestSerialsThatAreSoldMayStillGetAnotherPrice because a corrected price does not move serials.
func TestSerialsThatAreSoldMayStillGetAnotherPrice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		phones := func(cost int64) stock.Posting {
			p := buy(1, 1, 2, cost)
			p.Serials = []string{"A1", "A2"}
			return p
		}
		sale := sell(1, 1, 1)
		sale.Serials = []string{"A1"}
		buying := func(step, cost int64) (used bool) {
			write(t, d, func(tx *db.Tx) (err error) {
				doc := stock.Document{Kind: "purchase", ID: 1, Step: step, EffectiveAt: tx.Now}
				used, err = stock.Post(tx, doc, []stock.Posting{phones(cost)}, strict)
				return err
			})
			return used
		}
		if !buying(0, 100) {
			t.Error("a new purchase posted nothing")
		}
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 0, strict, sale) })
		if buying(1, 300) || buying(1, 250) {
			t.Error("another price has moved goods")
		}
		for l, cost := range costsOf(t, d, shop, 1, 1) {
			if cost != taphoa.Dong(250) {
				t.Errorf("%+v costs %v, want 250", l, cost)
			}
		}
		if l := level(t, d, 1, 1); l.Cost != taphoa.Dong(250) || l.OnHand != pieces(1) {
			t.Errorf("have %v at %v, want 1 at 250", l.OnHand, l.Cost)
		}
		check(t, d, strict)
	})
}
