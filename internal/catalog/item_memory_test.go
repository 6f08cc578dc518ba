package catalog_test

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// item is a product as a line of a document gets it, from memory where it is kept.
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
		moves := func(what string, product, pieces int64) {
			t.Helper()
			want := []catalog.Material{{ProductID: product, Quantity: taphoa.Units(pieces)}}
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

func TestAPriceOfABookForgetsNothingThatIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		rice := s.create("Gạo")
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Giá sỉ"})
		kept := func() int64 {
			var h db.Head
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
				h, err = tx.Head()
				return err
			}))
			return h.Refs
		}
		before := kept()
		set := write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{
			PriceBookID: book.ID, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: rice.ID, Price: taphoa.Some(taphoa.Dong(9_000))},
		})
		if after := kept(); !set.IsSuccess || after != before {
			t.Errorf("a new price (%s) makes of the reference version %d, was %d", set.Message, after, before)
		}
		write(s, catalog.CreateTrademark, &taphoa.TrademarkInput{TradeMarkName: "Hạt Ngọc"})
		if kept() == before {
			t.Error("a new brand leaves the reference version as it was")
		}
	})
}
