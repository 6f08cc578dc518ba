package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// purchaseKind is the kind of purchases in both ledgers.
const purchaseKind = "purchase"

func purchaseRef(id int64) cashplan.DocumentRef {
	return cashplan.DocumentRef{Kind: purchaseKind, ID: id}
}

// Document is a completed purchase as a document of its supplier's account: the shop owes its total. Without a supplier it is one of
// an unnamed one, who has no account.
func Document(id int64, code string, purchaseDate taphoa.Time, supplierID taphoa.Opt[int64]) cashplan.PartnerDocument {
	return cashplan.PartnerDocument{
		Account: cashplan.Supplier(supplierID.Or(0)), Ref: purchaseRef(id), Code: code, Date: purchaseDate, Debtor: true,
	}
}

func (o *purchaseRow) document() cashplan.PartnerDocument {
	return Document(o.ID, o.Code, o.PurchaseDate, o.SupplierID)
}

// ofPurchase tells the payments that were booked for a purchase.
func ofPurchase(id int64) func(*cashplan.PaymentRow) bool {
	return func(p *cashplan.PaymentRow) bool { return p.PurchaseID.Or(0) == id }
}

// askMoney asks a question about money in a batch of its own.
func askMoney(tx *db.Tx, q cash.Question) (*cashplan.Ledger, error) {
	b := tx.Batch()
	asked := cash.Ask(tx, b, q)
	if err := b.Run(); err != nil {
		return nil, err
	}
	return asked()
}

// purchaseMoney asks for what the account of a purchase's supplier leaves open, and for what the purchase has posted and was paid if
// it is stored.
func purchaseMoney(tx *db.Tx, stored, o *purchaseRow) (*cashplan.Ledger, error) {
	if err := allocateFirst(tx, stored, o); err != nil {
		return nil, err
	}
	q := cash.Question{Accounts: []cashplan.Account{cashplan.Supplier(o.SupplierID.Or(0))}}
	if stored.ID != 0 {
		q.Purchases, q.Documents = []int64{o.ID}, []cashplan.DocumentRef{purchaseRef(o.ID)}
	}
	return askMoney(tx, q)
}

// paidFor is what was paid for a purchase itself: what paidAmount of a request is compared with. What the supplier's account has
// settled besides is not in it.
func paidFor(l *cashplan.Ledger, purchaseID int64) (sum taphoa.Money) {
	for _, p := range l.Payments(ofPurchase(purchaseID)) {
		if p.Paid() {
			sum -= p.Amount // which is negative in the cash book
		}
	}
	return sum
}

// settlePurchase ends the money of a purchase. What was paid for a draft belongs to it, pays the purchase that it becomes, and is
// credit of the supplier where it has become none. Credit of the supplier pays what is open.
func settlePurchase(l *cashplan.Ledger, stored, o *purchaseRow) {
	var completed []int64
	if o.Status == taphoa.PurchaseCompleted {
		completed = []int64{o.ID}
	}
	l.Deposits(ofPurchase(o.ID), purchaseKind, completed, o.Status != taphoa.PurchaseDraft)
	l.Settle()
	switch {
	case o.Status == taphoa.PurchaseDraft:
		o.TotalPayment = paidFor(l, o.ID)
	case stored.Status == taphoa.PurchaseDraft:
		o.TotalPayment = l.Settled(purchaseRef(o.ID))
	default:
		o.TotalPayment += l.Settled(purchaseRef(o.ID))
	}
}

// saveMoney writes what was planned for a purchase, and what other purchases of its supplier are paid then.
func saveMoney(tx *db.Tx, l *cashplan.Ledger, o *purchaseRow) error {
	l.Name(purchaseRef(o.ID), o.Code)
	money, err := cash.Save(tx, l)
	if err != nil {
		return err
	}
	party.DebtsChanged(tx, money.DebtsChanged)
	delete(money.Settled, purchaseRef(o.ID))
	return SaveSettled(tx, &money)
}

// paidPurchase has the columns of purchase_orders that say what one is paid.
type paidPurchase struct {
	ID           int64
	TotalPayment taphoa.Money
	ModifiedDate taphoa.Opt[taphoa.Time]
	ChangedAt    taphoa.Time
}

// SaveSettled writes what purchases are paid after the accounts of suppliers were settled, and tells of them. It reads what is
// stored: only the plan knows which they are.
func SaveSettled(tx *db.Tx, money *cashplan.Changes) error {
	ids := money.SettledOf(purchaseKind)
	if len(ids) == 0 {
		return nil
	}
	rows, err := db.All[paidPurchase](tx, `
		SELECT `+db.Columns[paidPurchase]("d")+` FROM purchase_orders d
		WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id`, ids)
	for i := range rows {
		row := rows[i]
		row.TotalPayment += money.Settled[purchaseRef(row.ID)]
		row.ModifiedDate, row.ChangedAt = taphoa.Some(tx.Now), tx.Now
		db.Update(tx, "purchase_orders", &rows[i], &row, "id")
		purchaseUpdated.Emit(tx, row.ID)
	}
	return err
}

// shownPayments are the payments of a purchase as it shows them: with what they pay of it, those of a draft wholly.
func shownPayments(l *cashplan.Ledger, o *taphoa.PurchaseOrder) []taphoa.PurchaseOrderPayment {
	payments := l.ShownPayments(purchaseRef(o.ID))
	if o.Status == taphoa.PurchaseDraft {
		payments = nil
		for _, row := range l.Payments(ofPurchase(o.ID)) {
			payments = append(payments, l.Shown(&row))
		}
	}
	shown := make([]taphoa.PurchaseOrderPayment, len(payments))
	for i, v := range payments {
		shown[i] = taphoa.PurchaseOrderPayment{
			ID: v.ID, Code: v.Code, Method: v.Method, Amount: -v.Amount, Status: v.Status, StatusValue: v.StatusValue,
			TransDate: v.TransDate, AccountID: v.AccountID, BankAccount: v.BankAccount, PurchaseOrderID: o.ID,
		}
	}
	return shown
}
