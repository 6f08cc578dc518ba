package stock_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var (
	shop   = db.Actor{Retailer: 1}
	strict = stock.Limits{}
	free   = stock.Limits{BelowZero: true, BelowReserved: true}
)

func pieces(n int64) taphoa.Quantity { return taphoa.Units(n) }

func buy(product, branch, n, cost int64) stock.Posting {
	return stock.Posting{
		ProductID: product, From: stock.Supplier, To: stock.Location(branch), Quantity: pieces(n), Cost: taphoa.Some(taphoa.Dong(cost)),
	}
}

func sell(product, branch, n int64) stock.Posting {
	return stock.Posting{ProductID: product, From: stock.Location(branch), To: stock.Customer, Quantity: pieces(n)}
}

func write(t *testing.T, d *db.DB, op func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), shop, op); err != nil {
		t.Fatal(err)
	}
}

func post(tx *db.Tx, id, step int64, limits stock.Limits, want ...stock.Posting) error {
	_, err := stock.Post(tx, stock.Document{Kind: "test", ID: id, Step: step, EffectiveAt: tx.Now}, want, limits)
	return err
}

// level reads one level; a missing one is empty.
func level(t *testing.T, d *db.DB, product, branch int64) stock.Level {
	t.Helper()
	var l stock.Level
	err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
		rows, err := stock.Levels(tx, []int64{product}, []int64{branch})
		if len(rows) > 0 {
			l = rows[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func check(t *testing.T, d *db.DB, limits stock.Limits) {
	t.Helper()
	err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
		findings, err := stock.Check(tx, limits)
		for _, f := range findings {
			t.Error(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMovingAverageCostFollowsPurchasesAndASaleKeepsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return post(tx, 1, 0, strict, buy(7, 1, 10, 10_000)) })
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 0, strict, buy(7, 1, 30, 14_000)) })
		write(t, d, func(tx *db.Tx) error { return post(tx, 3, 0, strict, sell(7, 1, 25)) })
		if l := level(t, d, 7, 1); l.OnHand != pieces(15) || l.Cost != taphoa.Dong(13_000) {
			t.Errorf("have %v at %v, want 15 at 13000", l.OnHand, l.Cost)
		}
		check(t, d, strict)
	})
}

func TestPostingAgainPostsOnlyTheDifferenceAndNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return post(tx, 1, 0, strict, buy(7, 1, 10, 10_000), buy(8, 1, 10, 500)) })
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 0, strict, sell(7, 1, 4)) })
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 1, strict, sell(7, 1, 4)) }) // a second time
		if l := level(t, d, 7, 1); l.OnHand != pieces(6) {
			t.Errorf("have %v of product 7, want 6", l.OnHand)
		}
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 1, strict, sell(7, 1, 1), sell(8, 1, 2)) })
		if a, b := level(t, d, 7, 1), level(t, d, 8, 1); a.OnHand != pieces(9) || b.OnHand != pieces(8) {
			t.Errorf("have %v and %v, want 9 and 8", a.OnHand, b.OnHand)
		}
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 2, strict) })
		if a, b := level(t, d, 7, 1), level(t, d, 8, 1); a.OnHand != pieces(10) || b.OnHand != pieces(10) {
			t.Errorf("after the void: %v and %v, want 10 and 10", a.OnHand, b.OnHand)
		}
		check(t, d, strict)
	})
}

func TestGoodsThatAreMissingOrReservedAreNotSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return post(tx, 1, 0, strict, buy(7, 1, 10, 10_000)) })
		write(t, d, func(tx *db.Tx) error {
			return stock.Reserve(tx, "order", 5, []stock.BranchQuantity{{ProductID: 7, BranchID: 1, Quantity: pieces(4)}}, strict)
		})
		for _, c := range []struct {
			limits stock.Limits
			n      int64
			free   int64 // available quantity; -1: the sale is posted
		}{
			{strict, 7, 6},
			{strict, 6, -1},
			{stock.Limits{BelowReserved: true}, 10, -1},
			{stock.Limits{BelowReserved: true}, 11, 10},
			{stock.Limits{BelowZero: true}, 7, 6},
			{free, 1000, -1},
		} {
			id := int64(100)
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				if err := post(tx, id, 0, c.limits, sell(7, 1, c.n)); err != nil {
					return err
				}
				return errUndo
			})
			var short *stock.Short
			if c.free < 0 && !errors.Is(err, errUndo) || c.free >= 0 && (!errors.As(err, &short) || short.Free != pieces(c.free)) {
				t.Errorf("selling %d under %+v: %v (%+v), want free %d", c.n, c.limits, err, short, c.free)
			}
		}
		if l := level(t, d, 7, 1); l.OnHand != pieces(10) || l.Reserved != pieces(4) {
			t.Errorf("refused sales left %+v", l)
		}
		check(t, d, strict)
	})
}

var errUndo = errors.New("undo")

func TestSerialsAndLotsMoveWithTheirGoods(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		phone := buy(1, 1, 3, 5_000_000)
		phone.Serials = []string{"A1", "A2", "A3"}
		write(t, d, func(tx *db.Tx) error {
			milk := buy(2, 1, 10, 7_000)
			var err error
			if milk.BatchID, err = stock.ResolveLot(tx, 2, "L1", clock.Now()); err != nil {
				return err
			}
			return post(tx, 1, 0, strict, phone, milk)
		})
		sale := sell(1, 1, 2)
		sale.Serials = []string{"A1", "A2"}
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 0, strict, sale) })
		again := sell(1, 1, 1)
		again.Serials = []string{"A2"}
		if err := d.Write(t.Context(), shop, func(tx *db.Tx) error { return post(tx, 3, 0, free, again) }); err == nil {
			t.Error("A2 was sold twice")
		}
		exchanged := sell(1, 1, 2)
		exchanged.Serials = []string{"A1", "A3"}
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 1, strict, exchanged) }) // A2 is returned, A3 sold
		write(t, d, func(tx *db.Tx) error { return post(tx, 3, 0, strict, again) })
		write(t, d, func(tx *db.Tx) error {
			picks, err := stock.ChooseLots(tx, 2, 1, pieces(4))
			if err != nil || len(picks) != 1 {
				t.Fatalf("picks %v, %v", picks, err)
			}
			out := sell(2, 1, 4)
			out.BatchID = picks[0].BatchID
			return post(tx, 4, 0, strict, out)
		})
		check(t, d, strict)
		write(t, d, func(tx *db.Tx) error { return post(tx, 4, 1, strict) })
		write(t, d, func(tx *db.Tx) error { return post(tx, 2, 2, strict) })
		if l := level(t, d, 1, 1); l.OnHand != pieces(2) {
			t.Errorf("%v phones in stock, want 2", l.OnHand)
		}
		check(t, d, strict)
	})
}

func TestAStockTakeSetsWhatWasCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		take := func(onHand, cost int64) {
			write(t, d, func(tx *db.Tx) error {
				return stock.SetStock(tx, []stock.Count{{
					ProductID: 7, BranchID: 1, OnHand: taphoa.Some(pieces(onHand)), Cost: taphoa.Some(taphoa.Dong(cost)),
				}})
			})
			if l := level(t, d, 7, 1); l.OnHand != pieces(onHand) || l.Cost != taphoa.Dong(cost) {
				t.Errorf("have %v at %v, want %d at %d", l.OnHand, l.Cost, onHand, cost)
			}
		}
		take(20, 1_000)
		take(5, 1_200)
		take(5, 1_300)
		take(0, 0)
		check(t, d, strict)
	})
}

// client is one of several that change the stock at once; it remembers what was not refused.
type client struct {
	random *rand.Rand
	next   int64 // ids of its documents
	docs   map[int64]*document
	effect map[[2]int64]int64 // product and branch -> change of the level
	held   map[[2]int64]int64
	coming map[[2]int64]int64
}

type document struct {
	step    int64
	lines   []stock.Posting
	reserve []stock.BranchQuantity
	await   []stock.BranchQuantity
}

// act runs one random operation: sell, buy, change, void or reserve.
func (c *client) act(t *testing.T, d *db.DB) {
	doc := &document{}
	id := c.next
	old := c.random.IntN(3) == 0 && len(c.docs) > 0
	if old {
		for id, doc = range c.docs { // any one
			break
		}
	} else {
		c.next++
	}
	var lines []stock.Posting
	for range c.random.IntN(4) {
		p, b, n := c.random.Int64N(5)+1, c.random.Int64N(2)+1, c.random.Int64N(9)+1
		if c.random.IntN(2) == 0 {
			lines = append(lines, buy(p, b, n, c.random.Int64N(100)*100))
		} else {
			lines = append(lines, sell(p, b, n))
		}
	}
	var goods []stock.BranchQuantity
	for range c.random.IntN(3) {
		goods = append(goods, stock.BranchQuantity{ProductID: c.random.Int64N(5) + 1, BranchID: c.random.Int64N(2) + 1, Quantity: pieces(c.random.Int64N(5) + 1)})
	}
	var ordered []stock.BranchQuantity
	for range c.random.IntN(3) {
		ordered = append(ordered, stock.BranchQuantity{ProductID: c.random.Int64N(5) + 1, BranchID: c.random.Int64N(2) + 1, Quantity: pieces(c.random.Int64N(5) + 1)})
	}
	used, inOnePlan := false, c.random.IntN(2) == 0
	err := d.Write(t.Context(), shop, func(tx *db.Tx) (err error) {
		if inOnePlan {
			used, err = postInOnePlan(tx, stock.Document{Kind: "test", ID: id, Step: doc.step, EffectiveAt: tx.Now}, lines, goods, ordered)
			return err
		}
		if err = stock.SetOnOrder(tx, "test", id, ordered); err != nil {
			return err
		}
		if err = stock.Reserve(tx, "test", id, goods, stock.Limits{BelowZero: true}); err != nil {
			return err
		}
		used, err = stock.Post(tx, stock.Document{Kind: "test", ID: id, Step: doc.step, EffectiveAt: tx.Now}, lines, stock.Limits{BelowReserved: true})
		return err
	})
	var short *stock.Short
	if errors.As(err, &short) {
		return // refused: nothing must have changed
	}
	if err != nil {
		t.Error(err)
		return
	}
	c.count(doc, -1)
	if doc.lines, doc.reserve, doc.await = lines, goods, ordered; used {
		doc.step++
	}
	c.count(doc, 1)
	c.docs[id] = doc
}

// postInOnePlan does in one plan what the ledger's operations do one by one.
func postInOnePlan(tx *db.Tx, doc stock.Document, lines []stock.Posting, goods, ordered []stock.BranchQuantity) (used bool, err error) {
	ref := plan.DocumentRef{Kind: doc.Kind, ID: doc.ID}
	q := stock.Question{Documents: []plan.DocumentRef{ref}, OnOrder: []plan.DocumentRef{ref}}
	q.AddPostings(stock.Document{Kind: doc.Kind, ID: doc.ID}, lines)
	for _, g := range slices.Concat(goods, ordered) {
		q.Levels = append(q.Levels, plan.LevelKey{ProductID: g.ProductID, BranchID: g.BranchID})
	}
	b := tx.Batch()
	ledger := stock.Ask(tx, b, q)
	if err := b.Run(); err != nil {
		return false, err
	}
	l, err := ledger()
	if err == nil {
		err = l.SetOnOrder(doc.Kind, doc.ID, ordered)
	}
	if err == nil {
		err = l.Reserve(doc.Kind, doc.ID, goods, stock.Limits{BelowZero: true})
	}
	if err == nil {
		used, err = l.Post(doc, lines, stock.Limits{BelowReserved: true})
	}
	if err != nil {
		return false, err
	}
	return used, stock.Save(tx, l)
}

func (c *client) count(doc *document, sign int64) {
	for _, l := range doc.lines {
		if l.To > 0 {
			c.effect[[2]int64{l.ProductID, int64(l.To)}] += sign * int64(l.Quantity)
		} else {
			c.effect[[2]int64{l.ProductID, int64(l.From)}] -= sign * int64(l.Quantity)
		}
	}
	for _, g := range doc.reserve {
		c.held[[2]int64{g.ProductID, g.BranchID}] += sign * int64(g.Quantity)
	}
	for _, g := range doc.await {
		c.coming[[2]int64{g.ProductID, g.BranchID}] += sign * int64(g.Quantity)
	}
}

func TestTheGoodsLedgerBalancesUnderEightClients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var group sync.WaitGroup
		clients := make([]*client, 8)
		for i := range clients {
			clients[i] = &client{
				random: rand.New(rand.NewPCG(42, uint64(i))), next: int64(i) * 1000, docs: map[int64]*document{},
				effect: map[[2]int64]int64{}, held: map[[2]int64]int64{}, coming: map[[2]int64]int64{},
			}
			group.Go(func() {
				for range 40 {
					clients[i].act(t, d)
				}
			})
		}
		group.Wait()
		check(t, d, strict)
		moved := false
		for p := range int64(5) {
			for b := range int64(2) {
				key := [2]int64{p + 1, b + 1}
				var onHand, reserved, coming int64
				for _, c := range clients {
					onHand, reserved, coming = onHand+c.effect[key], reserved+c.held[key], coming+c.coming[key]
				}
				l := level(t, d, key[0], key[1])
				if int64(l.OnHand) != onHand || int64(l.Reserved) != reserved || int64(l.OnOrder) != coming {
					t.Errorf("product %d at branch %d: the ledger has %v, reserved %v, on order %v; the auditor %v, %v and %v",
						key[0], key[1], l.OnHand, l.Reserved, l.OnOrder, taphoa.Quantity(onHand), taphoa.Quantity(reserved), taphoa.Quantity(coming))
				}
				moved = moved || onHand != 0
			}
		}
		if !moved {
			t.Error("nothing was moved")
		}
	})
}

func TestTheLastOneIsSoldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return post(tx, 1, 0, strict, buy(7, 1, 5, 100)) })
		var group sync.WaitGroup
		results := make(chan error, 16)
		for i := range 16 {
			group.Go(func() {
				results <- d.Write(t.Context(), shop, func(tx *db.Tx) error { return post(tx, int64(10+i), 0, strict, sell(7, 1, 1)) })
			})
		}
		group.Wait()
		close(results)
		sold := 0
		for err := range results {
			var short *stock.Short
			if err == nil {
				sold++
			} else if !errors.As(err, &short) {
				t.Error(err)
			}
		}
		if l := level(t, d, 7, 1); sold != 5 || l.OnHand != 0 {
			t.Errorf("%d sold, %v left; want 5 and 0", sold, l.OnHand)
		}
		check(t, d, strict)
	})
}

// TestCheckFindsWhatIsBroken breaks each invariant by statements.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	breaks := []string{
		`UPDATE stock_levels SET on_hand = on_hand + 1 WHERE retailer_id = :retailer`,
		`UPDATE stock_levels SET reserved = 5 WHERE retailer_id = :retailer`,
		`UPDATE stock_levels SET on_order = 5 WHERE retailer_id = :retailer`,
		`UPDATE stock_postings SET quantity = quantity + 10000 WHERE retailer_id = :retailer AND product_id = 1`,
		`DELETE FROM stock_serials WHERE retailer_id = :retailer AND serial_number = 'A1'`,
		`UPDATE stock_batch_levels SET on_hand = on_hand - 1 WHERE retailer_id = :retailer`,
		`UPDATE stock_levels SET cost = cost + 1 WHERE retailer_id = :retailer AND product_id = 2`,
		`UPDATE stock_postings SET cost = cost + 1 WHERE retailer_id = :retailer AND product_id = 2`,
		`UPDATE stock_postings SET average = average + 1 WHERE retailer_id = :retailer AND product_id = 2`,
		`UPDATE stock_levels SET on_hand = -1 WHERE retailer_id = :retailer AND product_id = 1`,
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error {
			phone, milk := buy(1, 1, 2, 100), buy(2, 1, 10, 7_000)
			phone.Serials = []string{"A1", "A2"}
			var err error
			if milk.BatchID, err = stock.ResolveLot(tx, 2, "L1", clock.Now()); err != nil {
				return err
			}
			return post(tx, 1, 0, strict, phone, milk)
		})
		check(t, d, strict)
		for _, b := range breaks {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				if _, err := tx.Exec(b); err != nil {
					return err
				}
				findings, err := stock.Check(tx, strict)
				if err != nil {
					return err
				}
				if len(findings) == 0 {
					t.Errorf("nothing found after %s", b)
				}
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				t.Error(fmt.Errorf("%s: %w", b, err))
			}
		}
	})
}
