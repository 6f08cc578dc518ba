package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// AllocateOlder allocates the money of a supplier from whom an earlier version has bought, as a whole, and reports what was allocated,
// as [github.com/taphoa/taphoa/internal/sales.AllocateOlder] does. Purchases whose totalPayment is another one than before have a new
// modifiedDate, but no event is emitted.
func AllocateOlder(tx *db.Tx, supplierID int64) (done cash.Older, err error) {
	b := tx.Batch()
	supplier := cash.Supplier(supplierID)
	account := cash.AskOlder(b, supplier)
	purchases := db.Want[purchaseRow](b, `
		SELECT `+db.Columns[purchaseRow]("d")+` FROM purchase_orders d WHERE d.retailer_id = :retailer AND d.supplier_id = ?`, supplierID)
	if err := b.Run(); err != nil {
		return done, err
	}
	f, rows := account(), purchases.All()
	for i := range rows {
		o := &rows[i]
		if o.Status == taphoa.PurchaseDraft {
			f.Drafts = append(f.Drafts, o.ID)
			continue
		}
		d := cashplan.OlderDocument{Paid: o.TotalPayment, PartnerDocument: cashplan.PartnerDocument{
			Account: supplier, Ref: purchaseRef(o.ID), Code: o.Code, Date: o.PurchaseDate, Debtor: true,
		}}
		if o.Status == taphoa.PurchaseCompleted {
			d.Amount = o.Total
		}
		f.Documents = append(f.Documents, d)
	}
	ctx := tx.PlanContext()
	c, err := cashplan.AllocateOlder(&ctx, &f)
	if err != nil {
		return done, err
	}
	done.Documents = len(f.Documents) + len(f.Payments)
	cash.SaveOlder(tx, supplier, &c)
	if c.Differs != 0 {
		done.Left = 1
	}
	for i := range rows {
		row := rows[i]
		if paid, differs := c.Paid[purchaseRef(row.ID)]; differs {
			row.TotalPayment, row.ModifiedDate, row.ChangedAt = paid, taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "purchase_orders", &rows[i], &row, "id")
			done.Changed++
		}
	}
	return done, nil
}

// allocateFirst allocates what an earlier version has left of the accounts of purchases' suppliers, before an operation asks for them,
// and reads again what the purchases are paid.
func allocateFirst(tx *db.Tx, purchases ...*purchaseRow) error {
	allocated := false
	for _, o := range purchases {
		is, err := cash.IsOlder(tx, cash.Supplier(o.SupplierID.Or(0)))
		if err == nil && is {
			_, err = AllocateOlder(tx, o.SupplierID.Value)
		}
		if err != nil {
			return err
		}
		allocated = allocated || is
	}
	for _, o := range purchases {
		if !allocated || o.ID == 0 {
			continue
		}
		now, found, err := db.One[purchaseRow](tx, `
			SELECT `+db.Columns[purchaseRow]("d")+` FROM purchase_orders d WHERE d.retailer_id = :retailer AND d.id = ?`, o.ID)
		if err != nil {
			return err
		}
		if found {
			o.TotalPayment, o.ModifiedDate, o.ChangedAt = now.TotalPayment, now.ModifiedDate, now.ChangedAt
		}
	}
	return nil
}
