package catalog_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/wire"
)

// TestWhatStockUpdateShowsIsMadeFromMemory: after every kind of change, the cached product is the stored one, and the event
// of its levels from memory is the one from reading.
func TestWhatStockUpdateShowsIsMadeFromMemory(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		f := &faces{shop: s, known: map[int64]bool{}, next: 100}
		tea := s.create("Trà", stocked(s.up, 1, 10)).ID
		milk := s.create("Sữa").ID
		f.check("at first", map[int64]bool{tea: true, milk: true})
		update := func(id int64, more func(*in)) { s.update(id, more) }
		update(tea, func(p *in) {
			p.Name, p.Code, p.IsActive = taphoa.Some("Trà sen"), taphoa.Some("SEN"), taphoa.Some(false)
		})
		f.check("with other names", nil)
		limits := func(branch int64, least, most int64) func(*in) {
			return func(p *in) {
				p.Inventories = []taphoa.InventoryInput{{
					BranchID: branch, MinQuantity: taphoa.Some(taphoa.Units(least)), MaxQuantity: taphoa.Some(taphoa.Units(most)),
				}}
			}
		}
		update(tea, limits(s.up, 2, 20))
		f.check("with limits", nil)
		update(tea, limits(s.up, 3, 30))
		update(tea, limits(s.main, 4, 40))
		f.check("with other limits", nil)
		box := s.create("Trà", unitOf(tea, "hộp", 10)).ID
		f.check("with a unit", map[int64]bool{tea: false})
		update(box, func(p *in) { p.MasterUnitID, p.ConversionValue = taphoa.Some(milk), taphoa.Some(taphoa.Units(4)) })
		f.check("with the unit of another product", map[int64]bool{tea: true, milk: false})
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: box})
		f.check("with the unit deleted", map[int64]bool{milk: true})
		gift := s.create("Quà", comboOf(material(tea, 2))).ID
		f.check("in a combo", map[int64]bool{tea: false})
		formula := func(materials ...taphoa.MaterialInput) {
			write(s, catalog.SetFormula, &taphoa.FormulaInput{ID: gift, ProductFormulas: append([]taphoa.MaterialInput{}, materials...)})
		}
		formula(material(tea, 3), material(milk, 1))
		f.check("both in the combo", map[int64]bool{milk: false})
		update(gift, func(p *in) { p.ProductFormulas = []taphoa.MaterialInput{material(milk, 1)} })
		f.check("one of them in the combo", map[int64]bool{tea: true})
		formula(material(tea, 1))
		f.check("the other in the combo", map[int64]bool{milk: true, tea: false})
		formula(material(milk, 2))
		f.check("in the combo again", map[int64]bool{milk: false, tea: true})
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: gift})
		f.check("with the combo deleted", map[int64]bool{milk: true})
		update(milk, func(p *in) { p.IsBatchExpireControl = taphoa.Some(false) })
		write(s, org.UpdateBranch, &taphoa.BranchUpdate{ByID: taphoa.ByID{ID: s.up}, BranchInput: taphoa.BranchInput{BranchName: "Chợ Lớn"}})
		f.check("with another name of the branch", nil)
		cup := s.create("Trà", unitOf(milk, "ly", 2), func(p *in) { p.IsActive = taphoa.Some(false) }).ID
		f.check("with a stopped unit", map[int64]bool{milk: false})
		write(s, catalog.BulkUpdateProducts, &taphoa.ProductsInput{ListProducts: []taphoa.ProductInput{
			{ID: cup, MasterUnitID: taphoa.Some(tea), ConversionValue: taphoa.Some(taphoa.Units(3))}, {ID: milk, Name: taphoa.Some("Sữa tươi")},
		}})
		f.check("after many changes at once", map[int64]bool{milk: true, tea: false})
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: tea})
		f.check("without the product", map[int64]bool{tea: false})
	})
}

// faces are products whose levels change after each step.
type faces struct {
	*shop
	known map[int64]bool // whether the event can be made from memory, by product
	next  int64
}

// check compares the cached product with the stored one, and the events of changed levels; changed is whether memory now
// suffices for them.
func (f *faces) check(step string, changed map[int64]bool) {
	f.t.Helper()
	for id, known := range changed {
		f.known[id] = known
	}
	for id, known := range f.known {
		kept := f.kept(step, id)
		if kept == nil {
			continue // deleted
		}
		f.next++
		f.update(id, setting(f.up, taphoa.Units(f.next)), setting(f.main, taphoa.Units(2*f.next)))
		f.must(f.d.Read(f.t.Context(), f.who, func(tx *db.Tx) error {
			directory, err := org.GetDirectory(tx)
			if err != nil {
				return err
			}
			levels, err := db.All[plan.StockLevel](tx, `
				SELECT product_id, branch_id, on_hand, reserved, cost FROM stock_levels
				WHERE retailer_id = :retailer AND product_id = ? ORDER BY branch_id DESC`, id)
			if err != nil {
				return err
			}
			data, ok := plan.StockData(kept, directory, levels)
			if ok != known {
				f.t.Errorf("%s: the event of product %d can be made from memory: %v, want %v", step, id, ok, known)
			}
			want, err := lastEvent(tx, "stock.update")
			if ok {
				equal(f.t, step+": the event", string(wire.Append(nil, data)), want)
			}
			return err
		}))
		f.kept(step, id) // what the next step must invalidate
	}
}

// kept returns the cached product, nil if it is deleted.
func (f *faces) kept(step string, id int64) (items *plan.Items) {
	f.t.Helper()
	for range 2 { // the second time from memory
		f.must(f.d.Read(f.t.Context(), f.who, func(tx *db.Tx) error {
			stored, err := catalog.StoredItems(tx, []int64{id})
			if err != nil {
				return err
			}
			if items, err = catalog.FindItems(tx, []int64{id}, nil, nil); err != nil {
				return err
			}
			if item := items.ByID(id); !reflect.DeepEqual(item, stored[id]) {
				f.t.Errorf("%s: kept is %+v, stored is %+v", step, item, stored[id])
			}
			if stored[id] == nil {
				items = nil
			}
			return nil
		}))
	}
	return items
}

func lastEvent(tx *db.Tx, kind string) (string, error) {
	h, err := tx.Head()
	if err != nil {
		return "", err
	}
	events, err := event.Between(tx, 0, h.LastSeq, kind)
	if err != nil || len(events) == 0 {
		return "", err
	}
	return strings.TrimSpace(string(events[len(events)-1].Data)), nil
}
