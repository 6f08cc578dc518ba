package party

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	docplan "github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// importedSupplier is a row of suppliers.
type importedSupplier struct {
	ID                                                    int64
	Code, CodeKey, Name, Search, PhoneKey                 string
	ContactNumber, Email, Address, LocationName, WardName taphoa.Opt[string]
	Organization, TaxCode, Comments, CreatedBy            taphoa.Opt[string]
	PaymentDays, BranchID                                 taphoa.Opt[int64]
	IsActive                                              bool
	TotalInvoiced, TotalInvoicedWithoutReturn             taphoa.Money
	CreatedDate                                           taphoa.Time
	ModifiedDate                                          taphoa.Opt[taphoa.Time]
	ChangedAt                                             taphoa.Time
}

// ImportSuppliers writes suppliers as another system shows them, but for what the shop owes them. Of their groups it shows the names.
func ImportSuppliers(tx *db.Tx, suppliers []taphoa.Supplier) error {
	rows, ids := make([]importedSupplier, len(suppliers)), make([]int64, len(suppliers))
	codes := db.Freed{Column: "code_key", Set: "code_key = '~' || id"}
	for i := range suppliers {
		s, r := &suppliers[i], &rows[i]
		docplan.CopyFields(r, s)
		r.CodeKey, r.Search, r.PhoneKey = text.CodeKey(s.Code), text.Fold(s.Name), text.PhoneKey(s.ContactNumber.Or(""))
		r.TotalInvoiced, r.TotalInvoicedWithoutReturn = s.TotalInvoiced.Or(0), s.TotalInvoicedWithoutReturn.Or(0)
		r.ChangedAt = s.ModifiedDate.Or(s.CreatedDate)
		ids[i], codes.Values = s.ID, append(codes.Values, r.CodeKey)
	}
	if err := db.Import(tx, "suppliers", rows, func(r *importedSupplier) int64 { return r.ID }, codes); err != nil {
		return err
	}
	supplierUpdated.Emit(tx, ids...)
	return importSupplierGroups(tx, suppliers, ids)
}

// importSupplierGroups puts suppliers into the groups that they show, and makes those that are not there yet.
func importSupplierGroups(tx *db.Tx, suppliers []taphoa.Supplier, ids []int64) error {
	groups, err := db.All[supplierGroupName](tx, `
		SELECT id, name FROM supplier_groups WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id`)
	if err != nil {
		return err
	}
	known := map[string]int64{}
	for _, g := range groups {
		known[text.Fold(g.Name)] = g.ID
	}
	tx.Queue(`DELETE FROM supplier_group_members WHERE retailer_id = :retailer AND supplier_id IN ?`, ids)
	for i := range suppliers {
		for name := range strings.SplitSeq(suppliers[i].Groups.Or(""), ",") {
			if name = text.Clean(name); name == "" {
				continue
			}
			id, is := known[text.Fold(name)]
			if !is {
				g, err := CreateSupplierGroup(tx, &taphoa.SupplierGroupInput{Name: name})
				if err != nil {
					return err
				}
				id, known[text.Fold(name)] = g.ID, g.ID
			}
			tx.Queue(`
				INSERT INTO supplier_group_members (retailer_id, supplier_id, group_id) VALUES (:retailer, ?, ?)
				ON CONFLICT (retailer_id, supplier_id, group_id) DO NOTHING`, suppliers[i].ID, id)
		}
	}
	return nil
}

type supplierGroupName struct {
	ID   int64
	Name string
}

// RemoveImportedSuppliers notes which suppliers another system has deleted.
func RemoveImportedSuppliers(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "suppliers", ids)
	supplierDeleted.Emit(tx, removed...)
	return err
}
