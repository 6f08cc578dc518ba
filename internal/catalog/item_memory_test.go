package catalog_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
)

// remembered is a shop whose products two programs change and ask for.
type remembered struct {
	*shop
	goods, units, combos []int64
	category, brand      int64
	attribute            string
}

var errChangedMind = errors.New("changed their mind")

// TestProductsKeptInMemoryAreThoseStored: clients of two programs change products by all kinds of operations, a third of the
// times to be refused; each compares what lines of documents would get with what is stored, before and after its change.
func TestProductsKeptInMemoryAreThoseStored(t *testing.T) {
	const clients, rounds = 6, 40
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.Migrated(t, engine)
			clock := dbtest.NewClock()
			handles := []*db.DB{dbtest.Open(t, url, clock), dbtest.Open(t, url, clock)}
			s := remember(open(t, handles[0], clock, "taphoa"))
			var group sync.WaitGroup
			for client := range clients {
				group.Go(func() {
					by := rand.New(rand.NewPCG(6, uint64(client)))
					for round := range rounds {
						d := handles[client%2]
						if by.IntN(2) == 0 {
							if err := d.Read(t.Context(), s.who, s.compare); err != nil {
								t.Error(err)
							}
							continue
						}
						choice, seed, refused := by.IntN(9), by.Uint64(), by.IntN(3) == 0
						err := d.Write(t.Context(), s.who, func(tx *db.Tx) error {
							err := s.compare(tx)
							if err == nil {
								err = s.change(tx, choice, fmt.Sprint(client, "x", round), rand.New(rand.NewPCG(seed, 0)))
							}
							if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
								return err
							}
							if err = errors.Join(err, s.compare(tx)); err == nil && refused {
								err = errChangedMind
							}
							return err
						})
						if refusal := (*taphoa.Error)(nil); err != nil && !errors.Is(err, errChangedMind) && !errors.As(err, &refusal) {
							t.Errorf("choice %d: %v", choice, err)
						}
					}
				})
			}
			group.Wait()
		})
	}
}

// TestProductsAreKeptAgainWhenTheEventsOfTheirChangeAreGone: a program that has not read for longer than events are stored.
func TestProductsAreKeptAgainWhenTheEventsOfTheirChangeAreGone(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.Migrated(t, engine)
			clock := dbtest.NewClock()
			d, late := dbtest.Open(t, url, clock), dbtest.Open(t, url, clock)
			s := remember(open(t, d, clock, "taphoa"))
			read := func() (kept int) {
				s.must(late.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
					if err = s.compare(tx); err == nil {
						kept, err = catalog.KeptItems(tx)
					}
					return err
				}))
				return kept
			}
			if n := read(); n != 12 {
				t.Fatalf("%d products are kept, want 12", n)
			}
			write(s.shop, catalog.UpdateProduct, &taphoa.ProductInput{ID: s.goods[0], Name: taphoa.Some("Trà mới")})
			s.must(d.Write(t.Context(), s.who, func(tx *db.Tx) error {
				_, err := event.Prune(tx, tx.Now+1)
				return err
			}))
			if n := read(); n != 12 {
				t.Errorf("afterwards %d products are kept, want 12", n)
			}
		})
	}
}

// remember creates the products that are changed: goods with a unit each, which are materials of combos.
func remember(s *shop) *remembered {
	r := &remembered{shop: s}
	r.category = write(s, catalog.CreateCategory, &taphoa.CategoryInput{CategoryName: taphoa.Some("Đồ uống")}).Data.CategoryID
	r.brand = write(s, catalog.CreateTrademark, &taphoa.TrademarkInput{TradeMarkName: "Tân Cương"}).TradeMarkID
	for i := range 4 {
		p := s.create(fmt.Sprint("Trà ", i), func(p *taphoa.ProductInput) {
			p.CategoryID, p.TradeMarkID, p.Unit = taphoa.Some(r.category), taphoa.Some(r.brand), taphoa.Some("gói")
		})
		u := s.create(fmt.Sprint("Trà ", i), unitOf(p.ID, "hộp", 10))
		c := s.create(fmt.Sprint("Quà ", i), comboOf(material(u.ID, 2)))
		r.goods, r.units, r.combos = append(r.goods, p.ID), append(r.units, u.ID), append(r.combos, c.ID)
	}
	return r
}

// compare asks for all products, by id and by code.
func (s *remembered) compare(tx *db.Tx) error {
	ids := append(append(append([]int64{}, s.goods...), s.units...), s.combos...)
	stored, err := catalog.StoredItems(tx, ids)
	if err != nil {
		return err
	}
	var codes []string
	for _, item := range stored {
		codes = append(codes, strings.ToLower(item.Code))
	}
	kept, byCode, err := catalog.Items(tx, ids, codes)
	if err != nil {
		return err
	}
	var faults []error
	for _, id := range ids {
		if kept[id] != nil && stored[id] == nil || !reflect.DeepEqual(kept[id], stored[id]) {
			faults = append(faults, fmt.Errorf("kept is %+v, stored is %+v", kept[id], stored[id]))
		} else if item := stored[id]; item != nil && byCode[strings.ToLower(item.Code)] != kept[id] {
			faults = append(faults, fmt.Errorf("%s is %+v", item.Code, byCode[strings.ToLower(item.Code)]))
		}
	}
	return errors.Join(faults...)
}

// change does one kind of change.
func (s *remembered) change(tx *db.Tx, choice int, text string, by *rand.Rand) (err error) {
	one := by.IntN(len(s.goods))
	of := func(ids []int64) *taphoa.ProductInput { return &taphoa.ProductInput{ID: ids[one]} }
	update := func(in *taphoa.ProductInput) error { _, err := catalog.UpdateProduct(tx, in); return err }
	number := 1 + by.Int64N(9)
	switch choice {
	case 0:
		in := of(s.goods)
		in.Name, in.BasePrice, in.IsActive = taphoa.Some("Trà "+text), taphoa.Some(taphoa.Dong(number)), taphoa.Some(number > 3)
		return update(in)
	case 1:
		in := of(s.combos)
		in.Code = taphoa.Some("QUA" + text)
		return update(in)
	case 2: // on which a combo depends
		in := of(s.units)
		in.ConversionValue = taphoa.Some(taphoa.Units(number))
		return update(in)
	case 3:
		_, err = catalog.UpdateCategory(tx, &taphoa.CategoryInput{ID: s.category, CategoryName: taphoa.Some("Đồ uống " + text)})
	case 4:
		_, err = catalog.UpdateTrademark(tx, &taphoa.TrademarkUpdate{
			ByID: taphoa.ByID{ID: s.brand}, TrademarkInput: taphoa.TrademarkInput{TradeMarkName: "Tân Cương " + text},
		})
	case 5:
		_, err = catalog.SetFormula(tx, &taphoa.FormulaInput{ID: s.combos[one], ProductFormulas: []taphoa.MaterialInput{
			material(s.goods[by.IntN(len(s.goods))], number), material(s.units[by.IntN(len(s.units))], 1),
		}})
	case 6:
		_, err = catalog.SetPrices(tx, &taphoa.PriceBookDetailWrite{Details: []taphoa.PriceBookDetailItem{
			{ProductID: s.goods[one], Price: taphoa.Some(taphoa.Dong(number))}, {ProductID: s.units[one], Price: taphoa.Some(taphoa.Dong(number))},
		}})
	case 7:
		in := of(s.goods)
		in.IsBatchExpireControl = taphoa.Some(number > 4)
		return update(in)
	case 8:
		if number > 7 {
			_, err = catalog.DeleteProduct(tx, &taphoa.ByID{ID: s.combos[one]})
			return err
		}
		in := of(s.goods)
		in.CategoryName, in.IsRewardPoint = taphoa.Some("Nhóm "+text), taphoa.Some(number > 3)
		return update(in)
	}
	return err
}

// item returns a product as a line of a document gets it, from memory if it is cached.
func (s *shop) item(id int64) catalog.Item {
	s.t.Helper()
	var found map[int64]*catalog.Item
	s.must(s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) (err error) {
		found, _, err = catalog.Items(tx, []int64{id}, nil)
		return err
	}))
	if found[id] == nil {
		s.t.Fatalf("product %d is gone", id)
	}
	return *found[id]
}

func TestAComboMovesWhatItsMaterialsAreNow(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can, bottle := s.create("Bia lon"), s.create("Bia chai")
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		party := s.create("Tiệc", comboOf(material(crate.ID, 2)))
		moves := func(what string, product, quantity int64) {
			t.Helper()
			want := []catalog.Material{{ProductID: product, Quantity: taphoa.Units(quantity)}}
			if got := s.item(party.ID).Materials; !slices.Equal(got, want) {
				t.Errorf("%s the combo moves %v, want %v", what, got, want)
			}
		}
		moves("at first", can.ID, 48)
		s.update(crate.ID, func(p *in) { p.ConversionValue = taphoa.Some(taphoa.Units(20)) })
		moves("with smaller crates", can.ID, 40)
		s.update(crate.ID, func(p *in) {
			p.MasterUnitID, p.ConversionValue = taphoa.Some(bottle.ID), taphoa.Some(taphoa.Units(12))
		})
		moves("with crates of bottles", bottle.ID, 24)
	})
}
