package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// purchaseRow is a row of purchase_orders.
type purchaseRow struct {
	ID                 int64
	Code               string
	CodeKey            string
	BranchID           int64
	PurchaseDate       taphoa.Time
	OrderSupplierID    taphoa.Opt[int64]
	SupplierID         taphoa.Opt[int64]
	SupplierCode       taphoa.Opt[string]
	SupplierName       taphoa.Opt[string]
	PurchaseByID       taphoa.Opt[int64]
	Discount           taphoa.Opt[taphoa.Money]
	DiscountRatio      taphoa.Opt[taphoa.Percent]
	Total              taphoa.Money
	TotalPayment       taphoa.Money
	TotalTax           taphoa.Opt[taphoa.Money]
	ExReturnSuppliers  taphoa.Opt[taphoa.Money]
	ExReturnThirdParty taphoa.Opt[taphoa.Money]
	IsApplyPurchaseTax bool
	Status             int64
	Description        taphoa.Opt[string]
	StockStep          int64 // number of its steps in the goods ledger
	CashStep           int64 // number of its steps in the money ledger
	History            bool  // a mirror has it of its source, and it has posted nothing
	HistoryPayments    taphoa.Opt[string]
	HistoryOrderCode   taphoa.Opt[string]
	CreatedDate        taphoa.Time
	ModifiedDate       taphoa.Opt[taphoa.Time]
	ChangedAt          taphoa.Time
}

// purchaseLineRow is a row of purchase_order_lines.
type purchaseLineRow struct {
	taphoa.PurchaseOrderDetail
	BatchID              taphoa.Opt[int64] // the lot
	TaxID                taphoa.Opt[int64]
	TaxRowID             taphoa.Opt[int64] // the id of the line's tax
	DetailTax            taphoa.Opt[taphoa.Money]
	Allocation           taphoa.Money // its share of the document's discount
	AllocationSuppliers  taphoa.Money // its shares of the expenses
	AllocationThirdParty taphoa.Money
}

// purchaseSurchargeRow is a row of purchase_order_surcharges.
type purchaseSurchargeRow struct {
	taphoa.PurchaseSurcharge
	PurchaseOrderID, LineNumber int64
}

func unknownPurchase() error {
	return taphoa.NotFound(taphoa.CodePurchase, "Phiếu nhập hàng không tồn tại")
}

// lockPurchase locks and reads a purchase order that the actor finds, to change it. One that is history is refused.
func lockPurchase(tx *db.Tx, id int64) (*purchaseRow, error) {
	which, args := tx.Found(purchaseDocuments, "d.id = ?", id)
	row, found, err := db.One[purchaseRow](tx,
		"SELECT "+db.Columns[purchaseRow]("d")+" FROM purchase_orders d WHERE d.retailer_id = :retailer AND "+which+" :lock", args...)
	if err == nil && !found {
		err = unknownPurchase()
	}
	if err == nil && row.History {
		err = refusePurchase("id", "Phiếu nhập hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy hay thanh toán: hãy lập chứng từ mới", row.Code)
	}
	return &row, err
}

// purchaseLines reads the lines of some purchase orders, in their order.
func purchaseLines(tx *db.Tx, ids ...int64) ([]purchaseLineRow, error) {
	return db.All[purchaseLineRow](tx, "SELECT "+db.Columns[purchaseLineRow]("l")+
		" FROM purchase_order_lines l WHERE l.retailer_id = :retailer AND l.purchase_order_id IN ? ORDER BY l.purchase_order_id, l.line_number", ids)
}

// purchaseSurcharges reads the expenses of some purchase orders, in their order.
func purchaseSurcharges(tx *db.Tx, ids ...int64) ([]purchaseSurchargeRow, error) {
	return db.All[purchaseSurchargeRow](tx, "SELECT "+db.Columns[purchaseSurchargeRow]("s")+
		" FROM purchase_order_surcharges s WHERE s.retailer_id = :retailer AND s.purchase_order_id IN ? ORDER BY s.purchase_order_id, s.line_number", ids)
}

// savePurchase writes the row of a purchase order and emits its event. stored is the row as it was read, of id 0 for a new
// one; nothing happens when neither it nor its lines have changed.
func savePurchase(tx *db.Tx, stored, row *purchaseRow, lines bool) {
	row.CodeKey, row.ChangedAt = text.CodeKey(row.Code), tx.Now
	if stored.ID == 0 {
		row.CreatedDate = tx.Now
		db.Insert(tx, "purchase_orders", *row)
		tx.Count("purchase_orders", 1, row.ID)
	} else if !lines && db.Unchanged(stored, row) {
		return
	} else {
		row.ModifiedDate = taphoa.Some(tx.Now)
		db.Update(tx, "purchase_orders", stored, row, "id")
	}
	purchaseUpdated.Emit(tx, row.ID)
}

// writeLines replaces the stored lines and expenses.
func (p *purchaseDraft) writeLines(tx *db.Tx) (err error) {
	if p.stored.ID != 0 {
		tx.Queue(`DELETE FROM purchase_order_lines WHERE retailer_id = :retailer AND purchase_order_id = ?`, p.ID)
		tx.Queue(`DELETE FROM purchase_order_surcharges WHERE retailer_id = :retailer AND purchase_order_id = ?`, p.ID)
	}
	lines := make([]purchaseLineRow, len(p.lines))
	for i, l := range p.lines {
		l.PurchaseOrderID, l.LineNumber = p.ID, int64(i+1)
		if l.ID, err = tx.NewID("purchase_order_lines"); err != nil {
			return err
		}
		if l.tax.Has() {
			id, err := tx.NewID("purchase_order_taxes")
			if err != nil {
				return err
			}
			l.TaxID, l.TaxRowID = taphoa.Some(l.tax.Value.TaxID), taphoa.Some(id)
		}
		lines[i] = l.purchaseLineRow
	}
	db.Insert(tx, "purchase_order_lines", lines...)
	surcharges := make([]purchaseSurchargeRow, len(p.surcharges))
	for i, s := range p.surcharges {
		surcharges[i] = purchaseSurchargeRow{PurchaseSurcharge: s, PurchaseOrderID: p.ID, LineNumber: int64(i + 1)}
	}
	db.Insert(tx, "purchase_order_surcharges", surcharges...)
	return nil
}
