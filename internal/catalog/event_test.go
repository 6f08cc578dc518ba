package catalog_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// told returns the records of the newest event of a type, in its order: ids or codes.
func (s *shop) told(kind string) (names string) {
	s.t.Helper()
	s.must(s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		text, err := lastEvent(tx, kind)
		if err != nil {
			return err
		}
		var records []any
		if err := json.Unmarshal([]byte(text), &records); err != nil {
			return err
		}
		for _, r := range records {
			name := r
			if members, is := r.(map[string]any); is {
				if name = members["Code"]; members["ProductCode"] != nil {
					name = fmt.Sprint(members["ProductCode"], "/", members["BranchId"])
				}
			}
			names += fmt.Sprint(" ", name)
		}
		return nil
	}))
	return names
}

func TestTheRecordThatWasChangedIsTheFirstOfItsEvent(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		named := func(id int64, name string, more ...func(*in)) *in { p := input(name, more...); p.ID = id; return p }
		box := s.create("Lon", coded("LON"), stocked(s.main, 48, 1))
		crate := s.create("Thùng", coded("THUNG"), unitOf(box.ID, "thùng", 24))
		equal(t, "a new unit", s.told("product.update"), " THUNG LON")
		s.update(crate.ID, func(p *in) { p.BasePrice = taphoa.Some(taphoa.Dong(9)) })
		equal(t, "a changed unit", s.told("product.update"), " THUNG LON")
		s.update(box.ID, func(p *in) { p.IsBatchExpireControl = taphoa.Some(false); p.Name = taphoa.Some("Lon bia") })
		equal(t, "a changed base unit", s.told("product.update")[:4], " LON")

		gift := s.create("Quà", coded("QUA"), comboOf(material(box.ID, 2)))
		s.update(crate.ID, setting(s.main, taphoa.Units(3)))
		equal(t, "the stock of a unit", s.told("stock.update"), fmt.Sprintf(" THUNG/%[1]d LON/%[1]d QUA/%[1]d", s.main))
		s.update(box.ID, setting(s.main, taphoa.Units(24)))
		equal(t, "the stock of a base unit", s.told("stock.update"), fmt.Sprintf(" LON/%[1]d THUNG/%[1]d QUA/%[1]d", s.main))

		tea := s.create("Trà", coded("TRA"), stocked(s.main, 1, 1))
		write(s, catalog.BulkUpdateProducts, several(named(gift.ID, "Quà Tết"), named(tea.ID, "Trà sen", setting(s.main, taphoa.Units(2))),
			named(crate.ID, "Thùng bia", setting(s.main, taphoa.Units(2)))))
		equal(t, "several products", s.told("product.update"), " QUA TRA THUNG LON")
		equal(t, "the stock of several", s.told("stock.update"), fmt.Sprintf(" TRA/%[1]d THUNG/%[1]d LON/%[1]d QUA/%[1]d", s.main))

		shirt := s.create("Áo", coded("AO"))
		large := s.create("Áo", coded("AO-L"))
		s.update(shirt.ID, func(p *in) { p.MasterProductID = taphoa.Some(large.ID) })
		other := s.create("Mũ", coded("MU"))
		s.update(large.ID, func(p *in) { p.MasterProductID = taphoa.Some(other.ID) }) // its variants move with it
		equal(t, "a first of its kind", s.told("product.update"), " AO-L AO")

		bag := s.create("Túi", coded("TUI"))
		sack := s.create("Bao", coded("BAO"))
		s.update(bag.ID, func(p *in) { unitOf(sack.ID, "túi", 1)(p); p.ConversionValue = taphoa.Some(taphoa.Units(2)) })
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: sack.ID})
		equal(t, "a deleted base unit", s.told("product.delete"), fmt.Sprintf(" %d %d", sack.ID, bag.ID))
	})
}
