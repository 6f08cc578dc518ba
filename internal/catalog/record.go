package catalog

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// record is a product as its table has it.
type record struct {
	ID                   int64
	Code, CodeKey        string
	BarCode              taphoa.Opt[string]
	Name                 string
	FullName, Search     string
	CategoryID           int64
	TradeMarkID          taphoa.Opt[int64]
	Type                 taphoa.ProductType
	Description          string
	AllowsSale           bool
	IsActive             bool
	IsRewardPoint        bool
	Unit                 string
	MasterUnitID         taphoa.Opt[int64]
	MasterProductID      taphoa.Opt[int64]
	ConversionValue      taphoa.Quantity
	BasePrice            taphoa.Money
	Weight               taphoa.Quantity
	OrderTemplate        taphoa.Opt[string]
	Images               string
	IsLotSerialControl   bool
	IsBatchExpireControl bool
	MasterCode           taphoa.Opt[string]
	ChildTables          int64 `db:"parts"` // bits, which [refreshChildTables] sets
	CreatedBy            int64
	CreatedDate          taphoa.Time
	ModifiedDate         taphoa.Opt[taphoa.Time]
	ChangedAt            taphoa.Time
}

var recordColumns = db.Columns[record]("p")

// lockProducts reads products and locks them until the commit; what does not exist is missing.
func lockProducts(tx *db.Tx, ids []int64) (map[int64]*record, error) {
	rows, err := db.All[record](tx, `
		SELECT `+recordColumns+` FROM products p WHERE `+liveProducts+` AND p.id IN ? ORDER BY p.id :lock`, ids)
	found := make(map[int64]*record, len(rows))
	for i := range rows {
		found[rows[i].ID] = &rows[i]
	}
	return found, err
}

func lockProduct(tx *db.Tx, id int64) (*record, error) {
	found, err := lockProducts(tx, []int64{id})
	if err == nil && found[id] == nil {
		err = unknown(id)
	}
	return found[id], err
}

// describe derives the full name, as the vendor writes it: name, attribute values, unit.
func (r *record) describe(values []string) {
	r.FullName = strings.Join(append([]string{r.Name}, values...), " - ")
	if r.Unit != "" {
		r.FullName += " (" + r.Unit + ")"
	}
	// Lines keep the three apart: no search text has one, so none matches across.
	r.Search = db.Fold(r.FullName) + "\n" + db.Fold(r.Code) + "\n" + r.BarCode.Value
}

// setCode gives the product a code that no other has; an empty one means the next of the shop's own.
func (r *record) setCode(tx *db.Tx, code string) (err error) {
	if code == "" {
		if code, err = org.NextCode(tx, "SP", "products", "AND deleted_at = 0"); err != nil {
			return err
		}
	} else if used, err := org.CodeUsed(tx, "products", code, r.ID, "AND deleted_at = 0"); err != nil || used {
		if used {
			err = refuse("code", "Mã hàng %s (code) đã tồn tại, hãy chọn mã khác", code)
		}
		return err
	}
	r.Code, r.CodeKey = code, text.CodeKey(code)
	return nil
}

// setBarCode gives the product a bar code that no other has, or none.
func (r *record) setBarCode(tx *db.Tx, barCode string) error {
	r.BarCode = taphoa.SomeIf(barCode)
	if barCode == "" {
		return nil
	}
	other, taken, err := db.One[string](tx, `
		SELECT code FROM products WHERE retailer_id = :retailer AND bar_code = ? AND id <> ? AND deleted_at = 0`, barCode, r.ID)
	if taken {
		err = refuse("barCode", "Mã vạch %s (barCode) đã tồn tại ở sản phẩm %s", barCode, other)
	}
	return err
}

// saveProduct writes the row of a product that a request is about, and emits its event. stored is the row as it was read; nil for a new one.
func saveProduct(tx *db.Tx, stored, row *record) {
	row.ChangedAt = tx.Now
	if stored == nil {
		row.CreatedBy, row.CreatedDate = tx.User, tx.Now
		db.Insert(tx, "products", *row)
		tx.Count("products", 1, row.ID)
		audit.Record(tx, row.ID, row.Code)
	} else {
		audit.Changed(tx, row.ID, row.Code, stored, row)
		row.ModifiedDate = taphoa.Some(tx.Now)
		db.Update(tx, "products", stored, row, "id")
	}
	productUpdated.EmitFirst(tx, row.ID)
	emit(tx, row.ID)
}
