package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// Receipt is money that a partner pays, or with a negative amount gets: a receipt or a payment voucher of the cash book.
type Receipt struct {
	BranchID    int64
	Partner     Account // Customer(0) for a walk-in
	OrderID     taphoa.Opt[int64]
	InvoiceID   taphoa.Opt[int64]
	ReturnID    taphoa.Opt[int64]
	PurchaseID  taphoa.Opt[int64] // the purchase order, or the return of goods to a supplier
	Amount      taphoa.Money      // not 0
	Method      taphoa.PaymentMethod
	AccountID   taphoa.Opt[int64]
	VoucherID   taphoa.Opt[int64] // of the method Voucher, and of no other
	CampaignID  taphoa.Opt[int64] // whose vouchers are sold
	Description taphoa.Opt[string]
	TransDate   taphoa.Time

	Free // of a voucher that belongs to no other document
}

// Free is what a voucher says that belongs to no other document. The money of one that is income or expense of its own
// comes from or goes to [Other], whoever the partner is.
type Free struct {
	PartnerType               string // the partner account's when empty
	PartnerID                 int64
	UsedForFinancialReporting int64
	CashFlowGroupID           int64 // what the partner suggests when 0
	PartnerName               taphoa.Opt[string]
	PartnerSearch             taphoa.Opt[string] // the name, folded
	ContactNumber             taphoa.Opt[string]
	Address                   taphoa.Opt[string]
}

// where is the account that takes or gives the money.
func (r *Receipt) where() Account {
	switch r.Method {
	case taphoa.MethodCash:
		return Drawer(r.BranchID)
	case taphoa.MethodVoucher:
		return Vouchers(r.BranchID)
	}
	return Bank(r.AccountID.Or(0))
}

// posting is what the receipt moves.
func (r *Receipt) posting() Posting {
	if r.Amount < 0 {
		return Posting{r.where(), r.Partner, -r.Amount}
	}
	return Posting{r.Partner, r.where(), r.Amount}
}

// prefix begins the receipt's code: it says what is paid (contract cashflow, codes of live vouchers).
func (r *Receipt) prefix() string {
	switch {
	case r.PurchaseID.Has():
		return "PCPN"
	case r.ReturnID.Has():
		return "PCTH"
	case r.InvoiceID.Has():
		return "TTHD"
	case r.OrderID.Has():
		return "TTDH"
	case r.Amount < 0:
		return "PC"
	}
	return "TT"
}

// Receive books a receipt or a payment voucher and answers its id. It refuses an unknown bank account, and the method
// Voucher without a voucher.
func Receive(tx *db.Tx, in Receipt) (int64, error) {
	if in.Amount == 0 {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền thanh toán phải khác 0")
	}
	if in.Method == taphoa.MethodCash || in.Method == taphoa.MethodVoucher {
		in.AccountID = taphoa.Opt[int64]{}
	}
	if (in.Method == taphoa.MethodVoucher) != in.VoucherID.Has() {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "payments.voucherId", "Thanh toán bằng voucher cần một dòng payments có "+
			"method Voucher và voucherId, cùng với isApplyVoucher là true")
	}
	if in.AccountID.Has() {
		if _, err := GetBankAccount(tx, &taphoa.ByID{ID: in.AccountID.Value}); err != nil {
			return 0, taphoa.Refuse(taphoa.CodeValidate, "accountId", "Tài khoản ngân hàng %d (accountId) không tồn tại", in.AccountID.Value)
		}
	}
	if in.PartnerType == "" {
		in.PartnerType, in.PartnerID = in.Partner.Type, in.Partner.ID
	}
	if in.CashFlowGroupID == 0 {
		in.CashFlowGroupID = taphoa.CashFlowGroupFor(in.PartnerType, in.Amount > 0)
	}
	id, err := tx.NewID("payments")
	if err != nil {
		return 0, err
	}
	doc := Document{Kind: "payment", ID: id, EffectiveAt: in.TransDate}
	if _, err := Settle(tx, doc, []Posting{in.posting()}); err != nil {
		return 0, err
	}
	code, err := org.NextReceiptCode(tx, in.prefix())
	if err != nil {
		return 0, err
	}
	tx.Queue(`
		INSERT INTO payments (retailer_id, id, code, branch_id, amount, method, account_id, status, partner_type, partner_id,
			order_id, invoice_id, return_id, purchase_id, voucher_id, voucher_campaign_id, description, user_id, trans_date, created_date, changed_at,
			cash_flow_group_id, used_for_financial_reporting, partner_name, partner_search, contact_number, address)
		VALUES (:retailer, ?, ?, :branch_id, :amount, :method, :account_id, 0, :partner_type, :partner_id,
			:order_id, :invoice_id, :return_id, :purchase_id, :voucher_id, :campaign_id, :description, ?, :trans_date, :now, :now,
			:cash_flow_group_id, :used_for_financial_reporting, :partner_name, :partner_search, :contact_number, :address)`,
		&in, id, code, tx.User)
	tx.Count("payments", 1, id)
	cashFlowUpdated.Emit(tx, id)
	return id, nil
}

// Void takes a receipt back; its row stays, voided. A receipt that is void already is left alone.
func Void(tx *db.Tx, paymentID int64) error {
	n, err := tx.Exec(`
		UPDATE payments SET status = 1, changed_at = :now WHERE retailer_id = :retailer AND id = ? AND status = 0`, paymentID)
	if err != nil || n == 0 {
		return err
	}
	cashFlowUpdated.Emit(tx, paymentID)
	_, err = Settle(tx, Document{Kind: "payment", ID: paymentID, Step: 1, EffectiveAt: tx.Clock}, nil)
	return err
}

const paymentColumns = `p.id, p.code, p.amount, p.method, p.status, p.trans_date, p.account_id, p.description,
	p.order_id, p.invoice_id, p.return_id, p.purchase_id, p.voucher_id, b.bank_name || ' - ' || b.account_number AS bank_account`

const paymentTables = ` FROM payments p
	LEFT JOIN bank_accounts b ON b.retailer_id = :retailer AND b.id = p.account_id `

// OrderPayments lists the receipts of some orders, oldest first.
func OrderPayments(tx *db.Tx, orderIDs []int64) ([]taphoa.Payment, error) {
	return payments(tx, `p.order_id IN ?`, orderIDs)
}

// InvoicePayments lists the receipts of some invoices, oldest first.
func InvoicePayments(tx *db.Tx, invoiceIDs []int64) ([]taphoa.Payment, error) {
	return payments(tx, `p.invoice_id IN ?`, invoiceIDs)
}

// ReturnPayments lists the payment vouchers of some returns, oldest first. What was paid out is negative.
func ReturnPayments(tx *db.Tx, returnIDs []int64) ([]taphoa.Payment, error) {
	return payments(tx, `p.return_id IN ?`, returnIDs)
}

// PurchasePayments lists the payment vouchers of some purchase orders, oldest first. What was paid out is negative.
func PurchasePayments(tx *db.Tx, purchaseIDs []int64) ([]taphoa.Payment, error) {
	return payments(tx, `p.purchase_id IN ?`, purchaseIDs)
}

func payments(tx *db.Tx, which string, ids []int64) ([]taphoa.Payment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.All[taphoa.Payment](tx,
		`SELECT `+paymentColumns+paymentTables+`WHERE p.retailer_id = :retailer AND `+which+` ORDER BY p.id`, ids)
	for i := range rows {
		rows[i].StatusValue = taphoa.PaymentStatusValue(rows[i].Status)
	}
	return rows, err
}

// AssignDeposits makes the receipts of an order that belong to no invoice yet receipts of the invoice that the order
// became, and answers their sum.
func AssignDeposits(tx *db.Tx, orderID, invoiceID int64) (taphoa.Money, error) {
	sum, _, err := db.One[taphoa.Money](tx, `
		SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM payments
		WHERE retailer_id = :retailer AND order_id = ? AND invoice_id IS NULL AND status = 0`, orderID)
	if err != nil || sum == 0 {
		return 0, err
	}
	tx.Queue(`
		UPDATE payments SET invoice_id = ?, changed_at = :now
		WHERE retailer_id = :retailer AND order_id = ? AND invoice_id IS NULL AND status = 0`, invoiceID, orderID)
	return sum, nil
}

// ReleaseDeposits gives the receipts of a voided invoice back to the order that it was made from.
func ReleaseDeposits(tx *db.Tx, invoiceID int64) {
	tx.Queue(`
		UPDATE payments SET invoice_id = NULL, changed_at = :now
		WHERE retailer_id = :retailer AND invoice_id = ? AND order_id IS NOT NULL AND status = 0`, invoiceID)
}
