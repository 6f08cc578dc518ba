package sales_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/salestest"
	"github.com/taphoa/taphoa/internal/stock"
)

var (
	replayed = flag.Int("replay", 300, "how many operations of the simulation run through both engines")
	seed     = flag.Uint64("seed", 12, "where the random operations of the simulation begin")
)

// shopLife is how many operations a simulated shop sees at most.
const shopLife = 1000

// TestSimulatedSalesAreTheSameOnBothEngines runs operations of the simulation in package sales: what they return is, byte for
// byte, what the shop in memory returns, and so are the rows in the end. Events and all other tables are the same on both
// engines.
func TestSimulatedSalesAreTheSameOnBothEngines(t *testing.T) {
	digests := map[string][]apitest.Digest{}
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			clock := dbtest.NewClock()
			d := dbtest.Open(t, dbtest.Migrated(t, engine), clock)
			for shop, left := *seed, *replayed; left > 0 && !t.Failed(); shop++ {
				n := min(left, shopLife, max(50, *replayed/3))
				left -= n
				r := newReplay(t, d, clock, shop)
				for range n {
					r.step(shop)
				}
				r.compareRows()
				digests[engine] = append(digests[engine], r.digest())
			}
		})
	}
	first, second := digests[dbtest.Engines[0]], digests[dbtest.Engines[1]]
	if t.Failed() || len(second) == 0 {
		return
	}
	for i := range first {
		for _, difference := range first[i].Differs(second[i]) {
			t.Errorf("shop %d differs between the engines: %s", i, difference)
		}
	}
}

// step runs an operation in memory and in the database, and compares what they show.
func (r *replay) step(shop uint64) {
	r.t.Helper()
	r.reserveIDs()
	op, shown, refused, err := r.sim.Step()
	if err != nil {
		r.t.Fatalf("-seed %d, operation %d: %v", shop, r.sim.Done, err)
	}
	want := encoded(r.t, shown, refused)
	r.clock.Set(r.sim.Memory.Clock)
	var stored any
	err = r.d.Write(r.t.Context(), r.who, func(tx *db.Tx) (err error) {
		stored, err = run(tx, op)
		return err
	})
	if refused, ok := errors.AsType[*taphoa.Error](err); ok {
		if got := encoded(r.t, nil, refused); got != want {
			r.t.Fatalf("-seed %d, operation %d: refused with\n%s\nwant\n%s", shop, r.sim.Done, got, want)
		}
		return
	}
	if err != nil {
		r.t.Fatalf("-seed %d, operation %d: %v, want %s", shop, r.sim.Done, err, want)
	}
	if got := encoded(r.t, stored, nil); got != want {
		request, _ := json.Marshal(op)
		r.t.Fatalf("-seed %d, operation %d: got\n%s\nwant\n%s\nrequest %s", shop, r.sim.Done, got, want, request)
	}
}

func encoded(t *testing.T, shown any, refused *taphoa.Error) string {
	t.Helper()
	if refused != nil {
		return fmt.Sprint(refused.Kind, refused.Code, refused.Error())
	}
	text, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs an operation in the database.
func run(tx *db.Tx, op *salestest.Operation) (any, error) {
	switch {
	case op.Order != nil:
		return shownBy(sales.CreateOrder(tx, op.Order))
	case op.ChangeOrder != nil:
		return shownBy(sales.UpdateOrder(tx, op.ChangeOrder))
	case op.VoidOrder != nil:
		return shownBy(sales.DeleteOrder(tx, op.VoidOrder))
	case op.Invoice != nil:
		return shownBy(sales.CreateInvoice(tx, op.Invoice))
	case op.ChangeInvoice != nil:
		return shownBy(sales.UpdateInvoice(tx, op.ChangeInvoice))
	case op.VoidInvoice != nil:
		return shownBy(sales.DeleteInvoice(tx, op.VoidInvoice))
	case op.PayInvoice != nil:
		return shownBy(sales.PayInvoice(tx, op.PayInvoice))
	case op.Return != nil:
		return shownBy(sales.CreateReturn(tx, op.Return))
	case op.ChangeReturn != nil:
		return shownBy(sales.UpdateReturn(tx, op.ChangeReturn))
	case op.VoidReturn != nil:
		return shownBy(sales.DeleteReturn(tx, op.VoidReturn))
	case op.Entry != nil:
		return shownBy(debt.CreateCashFlow(tx, op.Entry))
	case op.VoidEntry != nil:
		return shownBy(debt.VoidCashFlow(tx, op.VoidEntry))
	}
	doc := stock.Document{Kind: "opening", ID: op.Receive.DocumentID, EffectiveAt: tx.Now}
	_, err := stock.Post(tx, doc, slices.Clone(op.Receive.Postings), stock.Limits{})
	return nil, err
}

func shownBy[T any](shown T, err error) (any, error) { return shown, err }

// digest is that of all tables of the shop, but for those that differ from one database to the next.
func (r *replay) digest() apitest.Digest {
	digest := apitest.DigestOf(r.t, r.d, r.who.Retailer)
	for _, table := range []string{"shop_heads"} {
		delete(digest, table)
	}
	return digest
}
