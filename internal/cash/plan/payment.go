package plan

import (
	"github.com/taphoa/taphoa"
)

// Receipt is money that a partner pays, or with a negative amount gets: a receipt or a payment of the cash book.
type Receipt struct {
	BranchID    int64
	Partner     Account // Customer(0) for a walk-in
	OrderID     taphoa.Opt[int64]
	InvoiceID   taphoa.Opt[int64]
	ReturnID    taphoa.Opt[int64]
	PurchaseID  taphoa.Opt[int64] // the purchase order, or the return of goods to a supplier
	Amount      taphoa.Money      // not 0
	Method      taphoa.PaymentMethod
	AccountID   taphoa.Opt[int64] // the bank account, for Card and Transfer; other methods ignore it
	VoucherID   taphoa.Opt[int64] // of the method Voucher, and of no other
	CampaignID  taphoa.Opt[int64] // whose vouchers are sold
	Description taphoa.Opt[string]
	TransDate   taphoa.Time
	Member      string // of the request, which refusals name

	UnlinkedEntry // of an entry that belongs to no other document
}

// UnlinkedEntry has the members of an entry of the cash book that belongs to no other document. If it is income or expense
// of its own, its money comes from or goes to [Other], for any partner.
type UnlinkedEntry struct {
	PartnerType               string // the partner account's when empty
	PartnerID                 int64
	UsedForFinancialReporting int64
	CashFlowGroupID           int64 // what the partner suggests when 0
	PartnerName               taphoa.Opt[string]
	PartnerSearch             taphoa.Opt[string] // the name, folded
	ContactNumber             taphoa.Opt[string]
	Address                   taphoa.Opt[string]
}

// codePrefix is the prefix of the receipt's code, by what is paid (contract cashflow, codes of live vouchers).
func (r *Receipt) codePrefix() string {
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

// PaymentRow is a row of the table payments.
type PaymentRow struct {
	ID                        int64
	Code                      string
	BranchID                  int64
	Amount                    taphoa.Money
	Applied                   taphoa.Money // what of it pays the invoice, return or purchase that it was booked for; 0 once it is voided
	Method                    taphoa.PaymentMethod
	AccountID                 taphoa.Opt[int64]
	Status                    int64
	PartnerType               string
	PartnerID                 int64
	OrderID                   taphoa.Opt[int64]
	InvoiceID                 taphoa.Opt[int64]
	ReturnID                  taphoa.Opt[int64]
	PurchaseID                taphoa.Opt[int64]
	VoucherID                 taphoa.Opt[int64]
	VoucherCampaignID         taphoa.Opt[int64]
	Description               taphoa.Opt[string]
	UserID                    int64
	TransDate                 taphoa.Time
	CreatedDate               taphoa.Time
	ChangedAt                 taphoa.Time
	CashFlowGroupID           taphoa.Opt[int64]
	UsedForFinancialReporting int64
	PartnerName               taphoa.Opt[string]
	PartnerSearch             taphoa.Opt[string]
	ContactNumber             taphoa.Opt[string]
	Address                   taphoa.Opt[string]
	HistoryOrigin             taphoa.Opt[string] // what made it at the source of a mirror, which has it as history; it has moved nothing
}

// Paid reports whether the payment is not voided.
func (p *PaymentRow) Paid() bool { return p.Status == taphoa.PaymentPaid }

// InCashBook reports whether money has moved: a payment by voucher stays with its document and is no entry of the cash book.
func (p *PaymentRow) InCashBook() bool { return !p.Method.AcceptsVoucher() }

// ref is the payment as a document.
func (p *PaymentRow) ref() DocumentRef { return DocumentRef{kindPayment, p.ID} }

// own is the document that the payment was booked for: none for a free one, and for a deposit.
func (p *PaymentRow) own() DocumentRef {
	switch {
	case p.PurchaseID.Has():
		return DocumentRef{"purchase", p.PurchaseID.Value}
	case p.ReturnID.Has():
		return DocumentRef{"return", p.ReturnID.Value}
	case p.InvoiceID.Has():
		return DocumentRef{"invoice", p.InvoiceID.Value}
	}
	return DocumentRef{}
}

// apply adds to what of the payment pays the document that it was booked for.
func (p *PaymentRow) apply(amount taphoa.Money) {
	if p.Amount < 0 {
		amount = -amount
	}
	p.Applied += amount
}

// partner is the partner that the payment names; its posting may be of another account.
func (p *PaymentRow) partner() Account { return Account{p.PartnerType, p.PartnerID} }

// partnerAccount is the account on the partner's side: the opposite of the drawer, bank account or vouchers.
func (p *PaymentRow) partnerAccount() Account {
	switch {
	case p.VoucherCampaignID.Has():
		return Vouchers(p.BranchID)
	case p.UsedForFinancialReporting != 0, p.PartnerType != typeCustomer && p.PartnerType != typeSupplier:
		return Other(p.BranchID)
	}
	return p.partner()
}

// posting returns the posting of a payment, derived from its row.
func (p *PaymentRow) posting() (Posting, error) {
	counter, err := counterAccount(p.Method, p.BranchID, p.AccountID)
	if p.Amount < 0 {
		return Posting{counter, p.partnerAccount(), -p.Amount}, err
	}
	return Posting{p.partnerAccount(), counter, p.Amount}, err
}

// BankAccount is a bank account as payments need it.
type BankAccount struct {
	ID            int64
	BankName      string
	AccountNumber string
	DeletedAt     taphoa.Time // 0 while it is in use
}

// label is how documents show the account.
func (a *BankAccount) label() string { return a.BankName + " - " + a.AccountNumber }

// orAbsent makes no difference between null and absent, as a table does.
func orAbsent[T any](o taphoa.Opt[T]) taphoa.Opt[T] {
	if o.Has() {
		return o
	}
	return taphoa.Opt[T]{}
}
