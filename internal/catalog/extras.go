package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// SetWarranties gives a product its warranties and maintenances in place of those it has: the same stay as they are, of
// the others the first become the new ones. The vendor's API has no such operation.
func SetWarranties(tx *db.Tx, in *taphoa.WarrantiesInput) (taphoa.Product, error) {
	if err := checkList("productWarranties", len(in.ProductWarranties), in.ProductWarranties == nil); err != nil {
		return taphoa.Product{}, err
	}
	if _, err := touchProduct(tx, in.ID); err != nil {
		return taphoa.Product{}, err
	}
	if err := setWarranties(tx, in.ID, in.ProductWarranties); err != nil {
		return taphoa.Product{}, err
	}
	refreshChildTables(tx, in.ID)
	return GetProduct(tx, &taphoa.ProductByID{ID: in.ID})
}

// warrantyMax is the longest warranty, in whatever unit it is.
const warrantyMax = 100_000

func setWarranties(tx *db.Tx, productID int64, warranties []taphoa.WarrantyInput) error {
	remaining, err := db.All[taphoa.ProductWarranty](tx, `
		SELECT id, description, number_time, time_type, warranty_type FROM product_warranties
		WHERE retailer_id = :retailer AND product_id = ? ORDER BY id`, productID)
	if err != nil {
		return err
	}
	audit.Value(tx, "productWarranties", warrantyLine(remaining), warrantyLine(warranties))
	var wanted []*taphoa.WarrantyInput
	for i := range warranties {
		w := &warranties[i]
		if w.NumberTime <= 0 || w.NumberTime > warrantyMax || w.TimeType < 1 || w.TimeType > 3 || w.WarrantyType != 1 && w.WarrantyType != 3 {
			return refuse("productWarranties", "Bảo hành (productWarranties) phải có numberTime từ 1 đến %d, timeType 1, 2 hoặc 3 và warrantyType 1 hoặc 3", warrantyMax)
		}
		if at := slices.IndexFunc(remaining, func(had taphoa.ProductWarranty) bool {
			return had.Description.Or("") == w.Description.Or("") && had.NumberTime == w.NumberTime && had.TimeType == w.TimeType &&
				had.WarrantyType == w.WarrantyType
		}); at >= 0 {
			remaining = slices.Delete(remaining, at, at+1)
		} else {
			wanted = append(wanted, w)
		}
	}
	for _, w := range wanted {
		if len(remaining) > 0 {
			tx.Queue(`
				UPDATE product_warranties SET description = :description, number_time = :number_time, time_type = :time_type,
					warranty_type = :warranty_type, modified_date = :now
				WHERE retailer_id = :retailer AND product_id = ? AND id = ?`, w, productID, remaining[0].ID)
			remaining = remaining[1:]
			continue
		}
		id, err := tx.NewID("product_warranties")
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO product_warranties (retailer_id, product_id, id, description, number_time, time_type, warranty_type,
				created_by, created_date)
			VALUES (:retailer, ?, ?, :description, :number_time, :time_type, :warranty_type, ?, :now)`, w, productID, id, tx.User)
	}
	for _, w := range remaining {
		tx.Queue(`DELETE FROM product_warranties WHERE retailer_id = :retailer AND product_id = ? AND id = ?`, productID, w.ID)
	}
	return nil
}

// warrantyLine is warranties as the audit log has them, in the order in which products show those that stay.
func warrantyLine[T taphoa.WarrantyInput | taphoa.ProductWarranty](warranties []T) string {
	texts := make([]string, len(warranties))
	for i := range warranties {
		var w taphoa.WarrantyInput
		plan.CopyFields(&w, &warranties[i])
		texts[i] = strings.TrimSpace(fmt.Sprintf("warrantyType %d numberTime %d timeType %d %s", w.WarrantyType, w.NumberTime, w.TimeType, w.Description.Or("")))
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// SetShelves sets the shelves of a product at branches; a branch that is not named has none. The names are joined by bars,
// as products show them. The vendor's API has no such operation.
func SetShelves(tx *db.Tx, in *taphoa.ShelvesInput) (taphoa.Product, error) {
	if err := checkList("productShelves", len(in.ProductShelves), in.ProductShelves == nil); err != nil {
		return taphoa.Product{}, err
	}
	if _, err := touchProduct(tx, in.ID); err != nil {
		return taphoa.Product{}, err
	}
	branches, err := openBranches(tx, nil)
	if err != nil {
		return taphoa.Product{}, err
	}
	stored, err := db.All[shelfText](tx, `
		SELECT b.branch_name, s.name FROM product_shelves s JOIN branches b ON b.retailer_id = :retailer AND b.id = s.branch_id
		WHERE s.retailer_id = :retailer AND s.product_id = ? ORDER BY s.position`, in.ID)
	if err != nil {
		return taphoa.Product{}, err
	}
	var wanted []shelfText
	tx.Queue(`DELETE FROM product_shelves WHERE retailer_id = :retailer AND product_id = ?`, in.ID)
	position := 0
	for _, at := range in.ProductShelves {
		branch := slices.IndexFunc(branches, func(b branchRow) bool { return b.ID == at.BranchID })
		if branch < 0 {
			return taphoa.Product{}, unknownBranch()
		}
		for name := range strings.SplitSeq(at.ProductShelves, "|") {
			if name = text.Clean(name); name == "" {
				return taphoa.Product{}, refuse("productShelves", "Tên vị trí (productShelves) không được để trống")
			}
			tx.Queue(`
				INSERT INTO product_shelves (retailer_id, product_id, branch_id, position, name) VALUES (:retailer, ?, ?, ?, ?)`,
				in.ID, at.BranchID, position, name)
			position++
			wanted = append(wanted, shelfText{branches[branch].BranchName, name})
		}
	}
	audit.Value(tx, "productShelves", shelfLine(stored), shelfLine(wanted))
	refreshChildTables(tx, in.ID)
	return GetProduct(tx, &taphoa.ProductByID{ID: in.ID})
}

type shelfText struct{ BranchName, Name string }

// shelfLine is shelves as the audit log has them.
func shelfLine(shelves []shelfText) string {
	texts := make([]string, len(shelves))
	for i, s := range shelves {
		texts[i] = s.BranchName + ": " + s.Name
	}
	return strings.Join(texts, ", ")
}
