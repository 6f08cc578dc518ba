package catalog_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
)

// Whatever is written through base units, units and combos in whatever order, all of them show the same goods, which are
// what the ledger has.
func TestUnitsBaseAndLevelsAgreeAfterRandomWrites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		shops := 0
		rapid.Check(t, func(rt *rapid.T) {
			shops++
			auditShop(rt, open(t, d, clock, fmt.Sprintf("shop%d", shops)))
		})
	})
}

func auditShop(rt *rapid.T, s *shop) {
	conversions := rapid.SliceOfN(rapid.SampledFrom([]taphoa.Quantity{0.5 * taphoa.Scale, taphoa.Units(1), taphoa.Units(3), taphoa.Units(7), taphoa.Units(24)}), 1, 3).Draw(rt, "conversions")
	need := rapid.SampledFrom([]taphoa.Quantity{0.25 * taphoa.Scale, taphoa.Units(1), taphoa.Units(3)}).Draw(rt, "need")
	base := s.create("Gốc")
	ids, units := []int64{base.ID}, []taphoa.Quantity{taphoa.Scale}
	for i, c := range conversions {
		u := s.create(fmt.Sprint("Đơn vị ", i), unitOf(base.ID, fmt.Sprint("đv", i), 1), func(p *in) { p.ConversionValue = taphoa.Some(c) })
		ids, units = append(ids, u.ID), append(units, c)
	}
	combo := s.create("Combo", comboOf(taphoa.MaterialInput{MaterialID: ids[len(ids)-1], Quantity: need}))
	perCombo, _ := need.Times(units[len(units)-1])

	model := map[int64]taphoa.Quantity{} // base units by branch
	steps := rapid.IntRange(1, 6).Draw(rt, "steps")
	for range steps {
		which := rapid.IntRange(0, len(ids)-1).Draw(rt, "which")
		branch := rapid.SampledFrom([]int64{s.main, s.up}).Draw(rt, "branch")
		n := taphoa.Quantity(rapid.Int64Range(0, 500_000).Draw(rt, "n"))
		if shown := at(s.t, s.product(ids[which]), branch).OnHand; shown == n {
			continue // what is shown already changes nothing
		}
		update := &in{ID: ids[which]}
		setting(branch, n)(update)
		if rapid.Bool().Draw(rt, "bulk") {
			write(s, catalog.BulkUpdateProducts, several(update))
		} else {
			write(s, catalog.UpdateProduct, update)
		}
		model[branch], _ = n.Times(units[which])
	}

	page := s.products(taphoa.ProductQuery{IncludeInventory: true})
	for _, p := range page.Data {
		detail := s.product(p.ID)
		for _, branch := range []int64{s.main, s.up} {
			want := model[branch]
			switch {
			case p.ID == combo.ID:
				want = want / perCombo * taphoa.Scale
			default:
				for i, id := range ids {
					if id == p.ID {
						want, _ = want.Div(units[i])
					}
				}
			}
			listed, single := at(s.t, p, branch).OnHand, at(s.t, detail, branch).OnHand
			if listed != want || single != want {
				rt.Fatalf("%s shows %s in the list and %s alone, want %s", p.FullName, listed, single, want)
			}
		}
	}
	s.do(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, append(ids, combo.ID), nil)
		for _, l := range levels {
			if l.ProductID != base.ID || l.OnHand != model[l.BranchID] {
				rt.Fatalf("the ledger has %s of product %d, want %s of %d", l.OnHand, l.ProductID, model[l.BranchID], base.ID)
			}
		}
		if err != nil {
			return err
		}
		faults, err := stock.Check(tx, stock.Limits{})
		if len(faults) > 0 {
			rt.Fatalf("the ledger's audit says %v", faults)
		}
		return err
	})
}
