package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// orderSupplierRow is a row of order_suppliers.
type orderSupplierRow struct {
	ID                 int64
	Code               string
	CodeKey            string
	OrderDate          taphoa.Time
	BranchID           int64
	UserID             int64 // the user who orders
	SupplierID         taphoa.Opt[int64]
	SupplierCode       taphoa.Opt[string]
	SupplierName       taphoa.Opt[string]
	SupplierOldDebt    taphoa.Money // the debt to the supplier at that time
	Description        taphoa.Opt[string]
	DescriptionSearch  string
	Status             int64
	Discount           taphoa.Opt[taphoa.Money]
	DiscountRatio      taphoa.Opt[taphoa.Percent]
	IsApplyPurchaseTax bool
	TotalTax           taphoa.Opt[taphoa.Money]
	ExReturnSuppliers  taphoa.Opt[taphoa.Money]
	ExReturnThirdParty taphoa.Opt[taphoa.Money]
	TotalQuantity      taphoa.Quantity
	TotalProductType   int64
	SubTotal           taphoa.Money
	Total              taphoa.Money
	CreatedBy          int64
	CreatedDate        taphoa.Time
	ModifiedDate       taphoa.Opt[taphoa.Time]
	ChangedAt          taphoa.Time
}

// orderSupplierLineRow is a row of order_supplier_lines.
type orderSupplierLineRow struct {
	taphoa.OrderSupplierDetail
	DiscountRatio taphoa.Opt[taphoa.Percent]
	BaseID        int64           // the base unit's product
	BaseQuantity  taphoa.Quantity // ordered, in base units
	TaxID         taphoa.Opt[int64]
	TaxRowID      taphoa.Opt[int64] // the id of the line's tax
	DetailTax     taphoa.Opt[taphoa.Money]
}

// orderSupplierExpenseRow is a row of order_supplier_expenses.
type orderSupplierExpenseRow struct {
	taphoa.OrderSupplierExpense
	CodeKey string
	IsRatio bool // ExValue is percent of the goods
}

// supplierOrder is an order to a supplier that is created or changed, with its lines.
type supplierOrder struct {
	orderSupplierRow
	stored orderSupplierRow // as it was read; of id 0 when it is new
	lines  []orderSupplierLineRow
}

// lockOrderSupplier locks and reads an order to a supplier that the actor finds.
func lockOrderSupplier(tx *db.Tx, id int64) (*supplierOrder, error) {
	which, args := tx.Found(orderSupplierDocuments, "d.id = ?", id)
	return lockOrderSupplierWith(tx, which, args...)
}

// lockOrderSupplierWith locks and reads the order to a supplier that a condition is for.
func lockOrderSupplierWith(tx *db.Tx, which string, args ...any) (*supplierOrder, error) {
	row, found, err := db.One[orderSupplierRow](tx,
		"SELECT "+db.Columns[orderSupplierRow]("d")+" FROM order_suppliers d WHERE d.retailer_id = :retailer AND "+which+" :lock", args...)
	if err == nil && !found {
		err = unknownOrderSupplier()
	}
	if err != nil {
		return nil, err
	}
	lines, err := orderSupplierLines(tx, row.ID)
	return &supplierOrder{orderSupplierRow: row, stored: row, lines: lines}, err
}

// orderSupplierLines reads the lines of some orders, in their order.
func orderSupplierLines(tx *db.Tx, ids ...int64) ([]orderSupplierLineRow, error) {
	return db.All[orderSupplierLineRow](tx, "SELECT "+db.Columns[orderSupplierLineRow]("l")+
		" FROM order_supplier_lines l WHERE l.retailer_id = :retailer AND l.order_supplier_id IN ? ORDER BY l.order_supplier_id, l.line", ids)
}

// orderSupplierExpenses reads the expenses of some orders, in their order.
func orderSupplierExpenses(tx *db.Tx, ids ...int64) ([]orderSupplierExpenseRow, error) {
	rows, err := db.All[orderSupplierExpenseRow](tx, "SELECT "+db.Columns[orderSupplierExpenseRow]("e")+
		" FROM order_supplier_expenses e WHERE e.retailer_id = :retailer AND e.order_supplier_id IN ? ORDER BY e.order_supplier_id, e.line", ids)
	for i := range rows {
		if e := &rows[i]; e.IsRatio {
			e.ValueRatio = taphoa.Some(taphoa.Percent(e.ExValue.Value))
		}
	}
	return rows, err
}

// saveOrderSupplier writes the row of an order to a supplier and emits its event. Nothing happens when neither it nor
// what is shown of its lines has changed.
func saveOrderSupplier(tx *db.Tx, o *supplierOrder, lines bool) {
	row := &o.orderSupplierRow
	row.CodeKey, row.DescriptionSearch, row.ChangedAt = text.CodeKey(row.Code), db.Fold(row.Description.Or("")), tx.Now
	if o.stored.ID == 0 {
		row.CreatedDate = tx.Now
		db.Insert(tx, "order_suppliers", *row)
		tx.Count("order_suppliers", 1, row.ID)
	} else if !lines && db.Unchanged(&o.stored, row) {
		return
	} else {
		row.ModifiedDate = taphoa.Some(tx.Now)
		db.Update(tx, "order_suppliers", &o.stored, row, "id")
	}
	orderSupplierUpdated.Emit(tx, row.ID)
}
