package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// Misdated is a receipt that earlier versions dated when it was booked, although it belongs to the date of its document.
type Misdated struct {
	PaymentID    int64
	Code         string
	Document     string // its code
	TransDate    taphoa.Time
	DocumentDate taphoa.Time
}

// IsMisdated is the condition for a paid receipt p that was booked with a document d and bears the date of its booking,
// although the document, whose date is in a column, is older.
func IsMisdated(date string) string {
	return "p.status = 0 AND p.created_date = d.created_date AND p.trans_date > " + date +
		" AND p.trans_date BETWEEN d.created_date - 1000000 AND d.created_date"
}

// Redate gives receipts the dates of their documents.
func Redate(tx *db.Tx, receipts []Misdated) error {
	if len(receipts) == 0 {
		return nil
	}
	ids := make([]int64, len(receipts))
	for i := range receipts {
		ids[i] = receipts[i].PaymentID
	}
	accounts, err := db.All[plan.Account](tx, `
		SELECT DISTINCT partner_type AS type, partner_id AS id FROM payments
		WHERE retailer_id = :retailer AND id IN ? AND partner_id <> 0 AND partner_type IN ('C', 'S')`, ids)
	if err != nil {
		return err
	}
	return change(tx, Question{PaymentIDs: ids, Accounts: accounts}, func(l *plan.Ledger) error {
		for i := range receipts {
			l.Redate(receipts[i].PaymentID, receipts[i].DocumentDate)
		}
		return nil
	})
}

// SmallDebt is a debt of less than a đồng, or a credit: what was left over before amounts were whole.
type SmallDebt struct {
	AccountType, Code string // of a customer or supplier
	AccountID         int64
	Balance           taphoa.Money // what the partner owes
}

// SmallDebts returns the debts of less than a đồng; at most some.
func SmallDebts(tx *db.Tx, some int64) ([]SmallDebt, error) {
	return db.All[SmallDebt](tx, `
		SELECT b.account_type, COALESCE(c.code, s.code, '') AS code, b.account_id, b.balance FROM cash_balances b
		LEFT JOIN customers c ON c.retailer_id = :retailer AND b.account_type = 'C' AND c.id = b.account_id
		LEFT JOIN suppliers s ON s.retailer_id = :retailer AND b.account_type = 'S' AND s.id = b.account_id
		WHERE b.retailer_id = :retailer AND b.balance <> 0 AND b.balance > -10000 AND b.balance < 10000
		ORDER BY b.account_type, b.account_id LIMIT ?`, some)
}

// writeOffReason is the reason of adjustments that end small debts.
const writeOffReason = "Xóa nợ lẻ"

// WriteOff plans an adjustment of now that ends a debt. Who calls it lets it settle documents, and saves the ledger.
func WriteOff(tx *db.Tx, d *SmallDebt) (a Adjustment, err error) {
	b := tx.Batch()
	ledger := Ask(tx, b, Question{Accounts: partnersAccount(d.AccountType, d.AccountID)})
	ready := org.AskCodes(tx, b, adjustmentCodes)
	if err := b.Run(); err != nil {
		return a, err
	}
	if a.Ledger, err = ledger(); err != nil {
		return a, err
	}
	if err := ready(); err != nil {
		return a, err
	}
	row := plan.AdjustmentRow{
		Type: taphoa.AdjustmentOther, PartnerType: d.AccountType, PartnerID: d.AccountID, DocumentDate: tx.Clock, Debt: -d.Balance,
		Reason: taphoa.Some(writeOffReason),
	}
	if d.AccountType == taphoa.PartnerSupplier { // the balance is what the supplier owes
		row.Debt = d.Balance
	}
	a.Row, err = a.Ledger.Adjust(row)
	a.Changed = true
	return a, err
}
