package catalog_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// audited is BulkUpdateProducts with an entry in the audit log, as the API has it.
func audited(tx *db.Tx, in *taphoa.ProductsInput) (taphoa.Message, error) {
	audit.Operation(tx, "updateProducts", "products")
	return catalog.BulkUpdateProducts(tx, in)
}

// logged is the newest entry of the audit log: its record and changes.
func (s *shop) logged() (text string) {
	s.t.Helper()
	s.must(s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		page, err := audit.List(tx, &taphoa.AuditQuery{Limit: 1}, nil)
		text = page.Data[0].Record
		for _, c := range page.Data[0].Changes {
			text += fmt.Sprintf("\n%s: %s → %s", c.Member, c.Before, c.After)
		}
		return err
	}))
	return text
}

// TestTheAuditLogHasWhatIsBesideAProduct: attributes and the stock and limits of branches, with the value before, each under the product
// that it is of. What is sent back as it was read is no change.
func TestTheAuditLogHasWhatIsBesideAProduct(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		limited := func(branch int64, least, most int64) func(*in) {
			return func(p *in) {
				p.Inventories = append(p.Inventories, taphoa.InventoryInput{
					BranchID: branch, MinQuantity: taphoa.Some(taphoa.Units(least)), MaxQuantity: taphoa.Some(taphoa.Units(most)),
				})
			}
		}
		coloured := func(colour string) func(*in) {
			return func(p *in) { p.Attributes = []taphoa.AttributeInput{{AttributeName: "Pin", AttributeValue: colour}} }
		}
		a := s.create("Đèn", coded("DEN"), coloured("AA"), stocked(s.main, 12, 100), limited(s.up, 2, 20))
		unit := s.create("Đèn thùng", coded("THUNG"), unitOf(a.ID, "thùng", 6))
		of := func(p taphoa.Product, more ...func(*in)) *in { in := input(p.Name, more...); in.ID = p.ID; return in }

		write(s, audited, several(of(a, coloured("AAA"), setting(s.main, taphoa.Units(30)), limited(s.up, 2, 15), limited(s.main, 1, 0))))
		equal(t, "the entry", s.logged(), `DEN
attributes: "Pin: AA" → "Pin: AAA"
Chi nhánh trung tâm.onHand: 12 → 30
Chi nhánh phố trên.maxQuantity: 20 → 15
Chi nhánh trung tâm.minQuantity: 0 → 1`)
		inventory := s.product(a.ID).Inventories
		equal(t, "the limits", fmt.Sprint(inventory[0].MinQuantity, inventory[0].MaxQuantity, inventory[1].MinQuantity, inventory[1].MaxQuantity), "1 0 2 15")

		write(s, audited, several(of(a, coloured("AAA"), setting(s.main, taphoa.Units(30)), limited(s.up, 2, 15)), of(unit, setting(s.main, taphoa.Units(7)))))
		equal(t, "the entry of two", s.logged(), `
THUNG.Chi nhánh trung tâm.onHand: 5 → 7`)

		write(s, audited, several(of(a, limited(s.up, 3, 15), limited(s.up, 4, 15))))
		equal(t, "the entry of a branch that is named twice", s.logged(), `DEN
Chi nhánh phố trên.minQuantity: 2 → 3
Chi nhánh phố trên.minQuantity: 3 → 4`)
	})
}

// TestTheAuditLogHasTheListsOfAProduct: taxes, the materials of a combo, warranties and shelves.
func TestTheAuditLogHasTheListsOfAProduct(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		pot := s.create("Ấm", coded("AM"), func(p *in) { p.ProductTaxs = []taphoa.TaxRef{{TaxID: 3}} })
		cup := s.create("Chén", coded("CHEN"))
		set := s.create("Bộ trà", coded("BO"), func(p *in) {
			p.Type = taphoa.Some(taphoa.ProductCombo)
			p.ProductFormulas = []taphoa.MaterialInput{material(pot.ID, 1), material(cup.ID, 4)}
		})
		of := func(p taphoa.Product, more func(*in)) *in { in := input(p.Name, more); in.ID = p.ID; return in }

		write(s, audited, several(
			of(pot, func(p *in) {
				p.ProductTaxs, p.PurchaseTax = []taphoa.TaxRef{{TaxID: 4}}, taphoa.Some(taphoa.TaxRef{TaxID: 2})
			}),
			of(set, func(p *in) { p.ProductFormulas = []taphoa.MaterialInput{material(cup.ID, 6), material(pot.ID, 1)} }),
		))
		equal(t, "the entry", s.logged(), `
AM.productTaxs: "VAT 8%" → "VAT 10%"
AM.purchaseTax: "" → "VAT 5%"
BO.productFormulas: "1 × AM, 4 × CHEN" → "1 × AM, 6 × CHEN"`)

		write(s, func(tx *db.Tx, in *taphoa.WarrantiesInput) (taphoa.Product, error) {
			audit.Operation(tx, "setWarranties", "products")
			return catalog.SetWarranties(tx, in)
		}, &taphoa.WarrantiesInput{ID: pot.ID, ProductWarranties: []taphoa.WarrantyInput{{NumberTime: 12, TimeType: 2, WarrantyType: 1}}})
		equal(t, "the entry of a warranty", s.logged(), "AM\nproductWarranties: \"\" → \"warrantyType 1 numberTime 12 timeType 2\"")

		write(s, func(tx *db.Tx, in *taphoa.ShelvesInput) (taphoa.Product, error) {
			audit.Operation(tx, "setShelves", "products")
			return catalog.SetShelves(tx, in)
		}, &taphoa.ShelvesInput{ID: pot.ID, ProductShelves: []taphoa.ShelfInput{{BranchID: s.main, ProductShelves: "A1|A2"}}})
		equal(t, "the entry of shelves", s.logged(), "AM\nproductShelves: \"\" → \"Chi nhánh trung tâm: A1, Chi nhánh trung tâm: A2\"")
	})
}
