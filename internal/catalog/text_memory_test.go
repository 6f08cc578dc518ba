package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/wire"
)

// pages are queries of products in several formats.
var pages = func() (all []taphoa.ProductQuery) {
	for _, q := range []taphoa.ProductQuery{
		{},
		{IncludeInventory: true},
		{IncludeInventory: true, IncludePriceBook: true, IncludeMaterial: true, IncludeQuantity: true},
		{IncludeSerials: true, IncludeBatchExpires: true, IncludeWarranties: true, IncludeProductShelves: true},
		{IncludeSoftDeletedAttribute: taphoa.Some(false)},
	} {
		for _, p := range []taphoa.Paging{
			{PageSize: 100},
			{PageSize: 3, CurrentItem: 2, OrderDirection: "desc"},
			{PageSize: 2, CurrentItem: 1, OrderBy: "name"},
			{PageSize: 2, CurrentItem: 3, OrderBy: "modifiedDate", OrderDirection: "desc"},
			{PageSize: 2, CurrentItem: 2, OrderBy: "tradeMarkName"},
			{PageSize: 3, CurrentItem: 4, OrderBy: "minQuantity", OrderDirection: "desc"},
			{PageSize: 100, CurrentItem: 1000, OrderBy: "ID"},
		} {
			q.Paging = p
			all = append(all, q)
		}
	}
	all[3].Name = "tra" // and of those
	return all
}()

// comparePages compares pages from memory with pages that are read, in one transaction.
func comparePages(tx *db.Tx) error {
	var faults []error
	for i := range pages {
		for _, form := range []wire.Form{{}, {View: wire.HidesCost}} {
			kept, err := catalog.ListProductTexts(tx, &pages[i], form)
			if err != nil {
				return err
			}
			stored, err := catalog.ListProducts(tx, &pages[i])
			if err != nil {
				return err
			}
			if got, want := wire.Append(nil, &kept.Page), wire.AppendAs(nil, &stored, form); !bytes.Equal(got, want) {
				faults = append(faults, fmt.Errorf("%+v in the form %v: kept is\n%s\nstored is\n%s", pages[i], form, got, want))
			}
		}
	}
	return errors.Join(faults...)
}

// texts reads pages of one product, that of a place, each.
func (s *shop) texts(d *db.DB, places ...int64) (all []string) {
	s.t.Helper()
	s.must(d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		all = nil
		for _, at := range places {
			page, err := catalog.ListProductTexts(tx, one(at), wire.Form{})
			if err != nil {
				return err
			}
			all = append(all, string(page.Data[0]))
		}
		return nil
	}))
	return all
}

func one(at int64) *taphoa.ProductQuery {
	return &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 1, CurrentItem: at}}
}

func (s *shop) rename(id int64, name string) {
	s.t.Helper()
	write(s, catalog.UpdateProduct, &taphoa.ProductInput{ID: id, Name: taphoa.Some(name)})
}

// TestAReaderOfThePastKeepsNothing: it has begun before a change that another reader has applied, which has asked
// for the changed product, or for none.
func TestAReaderOfThePastKeepsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea, coffee := s.create("Trà"), s.create("Cà phê")
		for name, list := range map[string]func(tx *db.Tx, between func() error) (wire.TextPage, error){
			"before it reads the memory": func(tx *db.Tx, between func() error) (page wire.TextPage, err error) {
				if _, err = tx.Head(); err == nil {
					err = between()
				}
				if err == nil {
					page, err = catalog.ListProductTexts(tx, one(0), wire.Form{})
				}
				return page, err
			},
			"after it": func(tx *db.Tx, between func() error) (wire.TextPage, error) {
				return catalog.ListProductTextsSlowly(tx, one(0), between)
			},
		} {
			for _, asked := range [][]int64{{1}, {0, 1}} {
				was, name := s.texts(s.d, 0, 1)[0], fmt.Sprint("Trà ", name, asked)
				var late string
				s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
					if _, err := catalog.GetProduct(tx, &taphoa.ProductByID{ID: coffee.ID}); err != nil { // begins his snapshot
						return err
					}
					page, err := list(tx, func() error {
						s.rename(tea.ID, name)
						s.texts(s.d, asked...)
						return nil
					})
					if err == nil {
						late = string(page.Data[0])
					}
					return err
				}))
				if late != was {
					t.Errorf("%s shows in the past: %s, was %s", name, late, was)
				}
				if now := s.texts(s.d, 0)[0]; now == was || s.product(tea.ID).Name != name {
					t.Errorf("%s is lost: kept is %s", name, now)
				}
				s.rename(coffee.ID, "Cà phê "+name)
			}
		}
	})
}

// TestAWriterSeesWhatHeHasWritten, and keeps it from all others until it is stored.
func TestAWriterSeesWhatHeHasWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea := s.create("Trà")
		was := s.texts(s.d, 0)[0]
		_, err := try(s, func(tx *db.Tx, in *taphoa.ProductInput) (taphoa.Message, error) {
			if _, err := catalog.UpdateProduct(tx, in); err != nil {
				return taphoa.Message{}, err
			}
			page, err := catalog.ListProductTexts(tx, one(0), wire.Form{})
			if err == nil && string(page.Data[0]) == was {
				t.Errorf("the writer sees %s", page.Data[0])
			}
			return taphoa.Message{}, errors.Join(err, errChangedMind)
		}, &taphoa.ProductInput{ID: tea.ID, Name: taphoa.Some("Trà đắng")})
		if !errors.Is(err, errChangedMind) {
			t.Fatal(err)
		}
		if now := s.texts(s.d, 0)[0]; now != was {
			t.Errorf("kept is %s, was %s", now, was)
		}
	})
}

// TestPagesOfProductsFollowEveryChange, also those of another program, and those whose events were dropped.
func TestPagesOfProductsFollowEveryChange(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.Migrated(t, engine)
			clock := dbtest.NewClock()
			d, other := dbtest.Open(t, url, clock), dbtest.Open(t, url, clock)
			s := remember(open(t, d, clock, "taphoa"))
			compare := func(after string) {
				t.Helper()
				for _, d := range []*db.DB{d, other} {
					for range 2 { // the second uses what the first has cached
						if err := d.Read(t.Context(), s.who, comparePages); err != nil {
							t.Fatalf("after %s: %v", after, err)
						}
					}
				}
			}
			compare("opening")
			attribute := taphoa.AttributeInput{AttributeName: "Vị", AttributeValue: "Sen"}
			book := write(s.shop, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Giá sỉ"})
			changes := []struct {
				what   string
				change func()
			}{
				{"a new name", func() { s.rename(s.goods[0], "Trà xanh") }},
				{"an attribute", func() {
					write(s.shop, catalog.UpdateProduct, &taphoa.ProductInput{ID: s.goods[1], Attributes: []taphoa.AttributeInput{attribute}})
				}},
				{"the end of the attribute", func() {
					all := read(s.shop, catalog.ListAttributes, &struct{}{})
					write(s.shop, catalog.DeleteAttribute, &taphoa.ByID{ID: all[0].ID})
				}},
				{"another name of the brand", func() {
					write(s.shop, catalog.UpdateTrademark, &taphoa.TrademarkUpdate{
						ByID: taphoa.ByID{ID: s.brand}, TrademarkInput: taphoa.TrademarkInput{TradeMarkName: "Thái Nguyên"},
					})
				}},
				{"another name of the category", func() {
					write(s.shop, catalog.UpdateCategory, &taphoa.CategoryInput{ID: s.category, CategoryName: taphoa.Some("Trà các loại")})
				}},
				{"a price", func() {
					write(s.shop, catalog.SetPrices, &taphoa.PriceBookDetailWrite{PriceBookID: book.ID, Details: []taphoa.PriceBookDetailItem{
						{ProductID: s.goods[0], Price: taphoa.Some(taphoa.Dong(7000))},
					}})
				}},
				{"another name of the price book", func() {
					write(s.shop, catalog.UpdatePriceBook, &taphoa.PriceBookUpdate{ByID: taphoa.ByID{ID: book.ID}, PriceBookInput: taphoa.PriceBookInput{Name: "Giá buôn"}})
				}},
				{"the end of the price book", func() { write(s.shop, catalog.DeletePriceBook, &taphoa.ByID{ID: book.ID}) }},
				{"a price of a unit", func() {
					write(s.shop, catalog.SetPrices, &taphoa.PriceBookDetailWrite{Details: []taphoa.PriceBookDetailItem{
						{ProductID: s.units[0], Price: taphoa.Some(taphoa.Dong(9000))},
					}})
				}},
				{"other materials", func() {
					write(s.shop, catalog.SetFormula, &taphoa.FormulaInput{ID: s.combos[0], ProductFormulas: []taphoa.MaterialInput{material(s.units[1], 3)}})
				}},
				{"a new product", func() { s.create("Trà mới") }},
				{"the end of a product", func() { write(s.shop, catalog.DeleteProduct, &taphoa.ByID{ID: s.combos[1]}) }},
				{"a change whose event is gone", func() {
					s.rename(s.goods[2], "Trà cũ")
					s.must(d.Write(t.Context(), s.who, func(tx *db.Tx) error {
						_, err := event.Prune(tx, tx.Now+1)
						return err
					}))
				}},
				{"more new products than are looked for", func() {
					for i := range 11 {
						many := make([]*in, 100)
						for j := range many {
							many[j] = input(fmt.Sprint("Kẹo ", i, "-", j))
						}
						write(s.shop, catalog.BulkCreateProducts, several(many...))
					}
				}},
				{"the restore of a backup", func() { s.must(d.Write(t.Context(), s.who, (*db.Tx).BeginEpoch)) }},
			}
			for i, c := range changes {
				if i%2 == 1 { // by the other program
					s.d = other
				} else {
					s.d = d
				}
				c.change()
				compare(c.what)
			}
		})
	}
}

// TestProductsAreKeptOneByOne: a change drops only what it names, also when it is that of a price, or of another shop.
func TestProductsAreKeptOneByOne(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		other := open(t, s.d, s.clock, "hangxom")
		theirs := other.create("Trà đá")
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Giá sỉ"})
		var ids []int64
		for i := range 9 {
			ids = append(ids, s.create(fmt.Sprint("Trà ", i)).ID)
		}
		all := &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 100}, IncludePriceBook: true}
		kept := func() (texts int, ids bool) {
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
				_, err := catalog.ListProductTextsSlowly(tx, all, func() error {
					texts, ids, _, _ = catalog.KeptTexts(tx, all)
					return nil
				})
				return err
			}))
			return texts, ids
		}
		kept()
		for _, change := range []struct {
			what string
			left int
			do   func()
		}{
			{"nothing", 9, func() {}},
			{"one name", 8, func() { s.rename(ids[0], "Trà đen") }},
			{"one price in a price book", 8, func() {
				write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{PriceBookID: book.ID, Details: []taphoa.PriceBookDetailItem{
					{ProductID: ids[1], Price: taphoa.Some(taphoa.Dong(7000))},
				}})
			}},
			{"one of the other's", 9, func() { other.rename(theirs.ID, "Trà nóng") }},
			{"the name of a price book", 0, func() {
				write(s, catalog.UpdatePriceBook, &taphoa.PriceBookUpdate{ByID: taphoa.ByID{ID: book.ID}, PriceBookInput: taphoa.PriceBookInput{Name: "Giá buôn"}})
			}},
		} {
			change.do()
			if texts, ids := kept(); texts != change.left || ids != (change.left > 0) {
				t.Errorf("after a change of %s %d of 9 are kept, want %d, and the ids: %v", change.what, texts, change.left, ids)
			}
			if err := s.d.Read(t.Context(), s.who, comparePages); err != nil {
				t.Error(err)
			}
			kept()
		}
	})
}

// TestTextsOfAllShopsStayInTheirBound: what was used least recently is dropped first, and read again.
func TestTextsOfAllShopsStayInTheirBound(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const bound = 36 << 10
		shops := []*shop{s, open(t, s.d, s.clock, "hangxom")}
		for _, s := range shops {
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error { catalog.BoundTexts(tx, bound); return nil }))
			for i := range 12 {
				s.create(fmt.Sprintf("Trà %02d", i))
			}
		}
		most := 0
		for round := range 40 {
			s := shops[round/3%2]
			if round%5 == 4 {
				s.rename(s.products(taphoa.ProductQuery{}).Data[round%12].ID, fmt.Sprint("Trà ngon ", round))
			}
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
				err := comparePages(tx)
				_, _, counted, bytes := catalog.KeptTexts(tx, one(0))
				if counted > bound || bytes > counted {
					t.Errorf("%d bytes are kept, counted as %d, with a bound of %d", bytes, counted, bound)
				}
				most = max(most, counted)
				return err
			}))
		}
		if most < bound*3/4 {
			t.Errorf("at most %d bytes are kept, the bound of %d is out of sight", most, bound)
		}
	})
}

// TestAKeptPageAsksForWhatHasChanged counts what a page of products asks of the database: nothing of products while they are
// kept, and little after one of them has changed. The memory is locked by no reader
// while the database works.
func TestAKeptPageAsksForWhatHasChanged(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for i := range 20 {
			s.create(fmt.Sprint("Hàng ", i))
		}
		q := &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 10, CurrentItem: 5}, IncludeInventory: true}
		ask := func() (asked []string) {
			t.Helper()
			locked := func() bool { return false }
			ctx := db.WithTrace(t.Context(), &db.Trace{Statement: func(sql string, args []any) {
				if locked() {
					t.Errorf("the memory is locked during %s", sql)
				}
				if strings.Contains(sql, "FROM products") {
					asked = append(asked, fmt.Sprint(sql, args))
				}
			}})
			s.must(s.d.Read(ctx, s.who, func(tx *db.Tx) error {
				asked, locked = nil, catalog.TextsAreLocked(tx)
				page, err := catalog.ListProductTexts(tx, q, wire.Form{})
				if len(page.Data) != 10 {
					t.Errorf("the page has %d products", len(page.Data))
				}
				return err
			}))
			return asked
		}
		for range 4 { // the ids of all are cached after as many were listed
			ask()
		}
		if asked := ask(); len(asked) > 0 {
			t.Errorf("a kept page asks for %q", asked)
		}
		changed := s.products(taphoa.ProductQuery{}).Data[7]
		s.rename(changed.ID, "Hàng mới")
		asked := ask()
		if len(asked) == 0 || len(asked) > 3 {
			t.Errorf("after a change the page asks for %q", asked)
		}
		if asked := ask(); len(asked) > 0 {
			t.Errorf("a page that is kept again asks for %q", asked)
		}
	})
}
