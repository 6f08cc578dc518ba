package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// kindPurchase is the kind of a purchase as a document of its supplier's account.
const kindPurchase = "purchase"

// AllocateOlder allocates the money of a supplier from whom an earlier version has bought, as a whole, and reports what was allocated,
// as [github.com/taphoa/taphoa/internal/sales.AllocateOlder] does. Purchases whose totalPayment is another one than before have a new
// modifiedDate, but no event is emitted.
func AllocateOlder(tx *db.Tx, supplierID int64) (documents, changed int, same bool, err error) {
	b := tx.Batch()
	supplier := cash.Supplier(supplierID)
	account := cash.AskOlder(b, supplier)
	purchases := db.Want[purchaseRow](b, `
		SELECT `+db.Columns[purchaseRow]("d")+` FROM purchase_orders d WHERE d.retailer_id = :retailer AND d.supplier_id = ?`, supplierID)
	if err := b.Run(); err != nil {
		return 0, 0, false, err
	}
	f, rows := account(), purchases.All()
	for i := range rows {
		o := &rows[i]
		if o.Status == taphoa.PurchaseDraft {
			f.Drafts = append(f.Drafts, o.ID)
			continue
		}
		d := cashplan.OlderDocument{Paid: o.TotalPayment, PartnerDocument: cashplan.PartnerDocument{
			Account: supplier, Ref: cashplan.DocumentRef{Kind: kindPurchase, ID: o.ID}, Code: o.Code, Date: o.PurchaseDate, Debtor: true,
		}}
		if o.Status == taphoa.PurchaseCompleted {
			d.Amount = o.Total
		}
		f.Documents = append(f.Documents, d)
	}
	ctx := tx.PlanContext()
	c, err := cashplan.AllocateOlder(&ctx, &f)
	if err != nil {
		return 0, 0, false, err
	}
	cash.SaveOlder(tx, supplier, &c)
	for i := range rows {
		row := rows[i]
		if paid, differs := c.Paid[cashplan.DocumentRef{Kind: kindPurchase, ID: row.ID}]; differs {
			row.TotalPayment, row.ModifiedDate, row.ChangedAt = paid, taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "purchase_orders", &rows[i], &row, "id")
			changed++
		}
	}
	return len(f.Documents) + len(f.Payments), changed, c.Differs == 0, nil
}
