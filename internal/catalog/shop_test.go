package catalog_test

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil { // each opens a shop; the command line may set more
		panic(err)
	}
	dbtest.Main(m)
}

// shop is a shop with two branches, and its user.
type shop struct {
	t        testing.TB
	d        *db.DB
	clock    *dbtest.Clock
	who      db.Actor
	main, up int64 // branches
}

// each runs a story on both engines, in a new shop.
func each(t *testing.T, story func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { story(t, open(t, d, clock, "taphoa")) })
}

func open(t testing.TB, d *db.DB, clock *dbtest.Clock, code string) *shop {
	t.Helper()
	s := &shop{t: t, d: d, clock: clock}
	s.must(d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		opened, err := org.CreateShop(tx, code, code)
		if err != nil {
			return err
		}
		s.who = db.Actor{Retailer: opened.RetailerID, User: tx.User}
		up, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Chi nhánh phố trên"})
		if err != nil {
			return err
		}
		s.up = up.ID
		page, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 10}})
		s.main = page.Data[0].ID
		return err
	}))
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// write runs an operation that must succeed.
func write[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In) Out {
	s.t.Helper()
	out, err := try(s, op, in)
	s.must(err)
	return out
}

// try runs an operation that may be refused.
func try[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In) (out Out, err error) {
	s.t.Helper()
	if s.clock != nil {
		s.clock.Advance(1)
	}
	err = s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out, err
}

// refused runs an operation that must be refused with a sentence that contains all of the words.
func refused[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In, words ...string) *taphoa.Error {
	s.t.Helper()
	_, err := try(s, op, in)
	var e *taphoa.Error
	if !errors.As(err, &e) {
		s.t.Fatalf("got %v, want a refusal", err)
	}
	for _, word := range words {
		if !strings.Contains(e.Message, word) {
			s.t.Errorf("the refusal %q does not say %q", e.Message, word)
		}
	}
	return e
}

// read runs an operation that reads.
func read[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.must(s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	}))
	return out
}

// do runs an operation without a result that must succeed.
func (s *shop) do(op func(*db.Tx) error) {
	s.t.Helper()
	if s.clock != nil {
		s.clock.Advance(1)
	}
	s.must(s.d.Write(s.t.Context(), s.who, op))
}

func (s *shop) product(id int64) taphoa.Product {
	s.t.Helper()
	return read(s, catalog.GetProduct, &taphoa.ProductByID{ID: id})
}

// products lists; a page size that is not given is 100.
func (s *shop) products(q taphoa.ProductQuery) taphoa.Page[taphoa.Product] {
	s.t.Helper()
	if q.PageSize == 0 {
		q.PageSize = 100
	}
	return read(s, catalog.ListProducts, &q)
}

// create creates a product of a name.
func (s *shop) create(name string, more ...func(*taphoa.ProductInput)) taphoa.Product {
	s.t.Helper()
	return write(s, catalog.CreateProduct, input(name, more...))
}

func input(name string, more ...func(*taphoa.ProductInput)) *taphoa.ProductInput {
	in := &taphoa.ProductInput{Name: taphoa.Some(name)}
	for _, m := range more {
		m(in)
	}
	return in
}

// unitOf makes a product a unit of another.
func unitOf(base int64, unit string, conversion int64) func(*taphoa.ProductInput) {
	return func(in *taphoa.ProductInput) {
		in.MasterUnitID, in.Unit, in.ConversionValue = taphoa.Some(base), taphoa.Some(unit), taphoa.Some(taphoa.Units(conversion))
	}
}

// stocked gives a product stock at a branch.
func stocked(branch, onHand, cost int64) func(*taphoa.ProductInput) {
	return func(in *taphoa.ProductInput) {
		in.Inventories = append(in.Inventories, taphoa.InventoryInput{
			BranchID: branch, OnHand: taphoa.Some(taphoa.Units(onHand)), Cost: taphoa.Some(taphoa.Dong(cost)),
		})
	}
}

// comboOf makes a product a combo.
func comboOf(materials ...taphoa.MaterialInput) func(*taphoa.ProductInput) {
	return func(in *taphoa.ProductInput) {
		in.Type, in.ProductFormulas = taphoa.Some(taphoa.ProductCombo), materials
	}
}

func material(id, quantity int64) taphoa.MaterialInput {
	return taphoa.MaterialInput{MaterialID: id, Quantity: taphoa.Units(quantity)}
}

// at is a product's stock at a branch.
func at(t testing.TB, p taphoa.Product, branch int64) taphoa.ProductInventory {
	t.Helper()
	for _, i := range p.Inventories {
		if i.BranchID == branch {
			return i
		}
	}
	t.Fatalf("%s shows no stock at branch %d", p.Code, branch)
	return taphoa.ProductInventory{}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// price sets a price in a price book.
func (s *shop) price(book, product, dong int64) {
	s.t.Helper()
	set := write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{
		PriceBookID: book, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: product, Price: taphoa.Some(taphoa.Dong(dong))},
	})
	if !set.IsSuccess {
		s.t.Fatal(set.Message)
	}
}
