package supply_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// testShop is a shop with three branches and a category, without products.
type testShop struct {
	t        *testing.T
	d        *db.DB
	clock    *dbtest.Clock
	who      db.Actor
	branches [3]int64
	bought   int64
}

func openShop(t *testing.T, d *db.DB, clock *dbtest.Clock, settings ...string) *testShop {
	t.Helper()
	s := &testShop{t: t, d: d, clock: clock}
	err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
		if err != nil {
			return err
		}
		s.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		for _, name := range []string{"Chi nhánh hai", "Chi nhánh ba"} {
			if _, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: name}); err != nil {
				return err
			}
		}
		branches, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 10}})
		if err != nil {
			return err
		}
		for i := range s.branches {
			s.branches[i] = branches.Data[i].ID
		}
		for i := 0; i+1 < len(settings); i += 2 {
			if err := org.SetSetting(tx, settings[i], settings[i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *testShop) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testShop) read(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Read(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// product creates a product.
func (s *testShop) product(code string, more func(*taphoa.ProductInput)) (id int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		in := &taphoa.ProductInput{
			Name: taphoa.Some("Hàng " + code), Code: taphoa.Some(code), BasePrice: taphoa.Some(taphoa.Dong(50_000)),
		}
		if more != nil {
			more(in)
		}
		p, err := catalog.CreateProduct(tx, in)
		id = p.ID
		return err
	})
	return id
}

// buy posts goods from a supplier to a branch.
func (s *testShop) buy(product int64, branch int, quantity, cost int64, changes ...func(*stock.Posting)) {
	s.t.Helper()
	s.bought++
	p := stock.Posting{
		ProductID: product, From: stock.Supplier, To: stock.Location(s.branches[branch]), Quantity: taphoa.Units(quantity),
		Cost: taphoa.Some(taphoa.Dong(cost)),
	}
	for _, change := range changes {
		change(&p)
	}
	s.write(func(tx *db.Tx) error {
		_, err := stock.Post(tx, stock.Document{Kind: "test", ID: s.bought, EffectiveAt: tx.Now}, []stock.Posting{p}, stock.Limits{})
		return err
	})
}

func serials(numbers ...string) func(*stock.Posting) {
	return func(p *stock.Posting) { p.Serials = numbers }
}

// lot creates a lot that expires on a day.
func (s *testShop) lot(product int64, name, expires string) (id int64) {
	s.t.Helper()
	at, err := taphoa.ParseTime(expires)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(func(tx *db.Tx) (err error) {
		id, err = stock.ResolveLot(tx, product, name, at)
		return err
	})
	return id
}

func inLot(id int64) func(*stock.Posting) { return func(p *stock.Posting) { p.BatchID = id } }

// has checks the quantity of a product at a branch, and its cost in đồng with up to four decimals.
func (s *testShop) has(when string, product int64, branch int, onHand int64, cost string) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{product}, []int64{s.branches[branch]})
		level := stock.Level{}
		if len(levels) > 0 {
			level = levels[0]
		}
		if level.OnHand != taphoa.Units(onHand) || level.Cost.String() != cost {
			s.t.Errorf("%s: branch %d has %v at %v, want %d at %s", when, branch+1, level.OnHand, level.Cost, onHand, cost)
		}
		return err
	})
	s.balanced()
}

// balanced checks the ledger, and that only transfers under way have goods in transit.
func (s *testShop) balanced() {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		findings, err := stock.Check(tx, stock.Limits{BelowZero: true, BelowReserved: true})
		if err != nil {
			return err
		}
		more, err := supply.Check(tx)
		for _, f := range append(findings, more...) {
			s.t.Error(f)
		}
		return err
	})
}

// refusedLike runs an operation that must be refused with a sentence about a member, and checks that nothing has changed.
func (s *testShop) refusedLike(field, words string, op func(*db.Tx) error) {
	s.t.Helper()
	before := s.stamp()
	err := s.d.Write(s.t.Context(), s.who, op)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Field != field || !strings.Contains(refusal.Message, words) {
		s.t.Errorf("got %v, want a refusal about %q that says %q", err, field, words)
	}
	if s.stamp() != before {
		s.t.Errorf("the refused operation (%v) has changed something", err)
	}
}

// stamp changes with everything that an operation of this package can change.
func (s *testShop) stamp() (stamp [7]int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		for i, sql := range []string{
			`SELECT COUNT(*) FROM stock_postings WHERE retailer_id = :retailer`,
			`SELECT COALESCE(CAST(SUM(on_hand + on_order) AS BIGINT), 0) FROM stock_levels WHERE retailer_id = :retailer`,
			`SELECT COALESCE(CAST(SUM(status * 1000 + stock_step) AS BIGINT), 0) FROM transfers WHERE retailer_id = :retailer`,
			`SELECT COUNT(*) FROM transfer_lines WHERE retailer_id = :retailer`,
			`SELECT COALESCE(CAST(SUM(status * 1000 + id) AS BIGINT), 0) FROM order_suppliers WHERE retailer_id = :retailer`,
			`SELECT COUNT(*) FROM purchase_orders WHERE retailer_id = :retailer`,
			`SELECT COALESCE(CAST(SUM(code_pn + code_pdn + code_trf + code_kk) AS BIGINT), 0) FROM shop_heads WHERE retailer_id = :retailer`,
		} {
			var err error
			if stamp[i], _, err = db.One[int64](tx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	return stamp
}
