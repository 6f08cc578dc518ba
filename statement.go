package taphoa

import "strings"

// PaymentDaysMax bounds in how many days documents are due.
const PaymentDaysMax = 3650

// checkPaymentDays refuses a number of days below 0 or beyond [PaymentDaysMax].
func checkPaymentDays(days Opt[int64]) error {
	if d := days.Or(0); d < 0 || d > PaymentDaysMax {
		return Refuse(CodeValidate, "paymentDays", "Số ngày nợ (paymentDays) phải từ 0 đến %d", PaymentDaysMax)
	}
	return nil
}

// DueDate is the midnight, Vietnam time, at which the day begins on which a document of a date is due.
func DueDate(documentDate Time, paymentDays Opt[int64]) Time {
	return documentDate.Day() + Time(paymentDays.Or(0))*microsPerDay
}

// DaysBetween is by how many calendar days, Vietnam time, an instant is later than another one; negative when it is earlier.
func DaysBetween(from, to Time) int64 { return int64((to.Day() - from.Day()) / microsPerDay) }

// OffsetPaging is the part of a query of the lists that have no cursor. They are ours.
type OffsetPaging struct {
	PageSize    int64 `query:"pageSize"`
	CurrentItem int64 `query:"currentItem"` // rows to skip
}

// Clamp is [Paging.Clamp].
func (p *OffsetPaging) Clamp(limit int64) {
	page := Paging{PageSize: p.PageSize, CurrentItem: p.CurrentItem}
	page.Clamp(limit)
	p.PageSize, p.CurrentItem = page.PageSize, page.CurrentItem
}

// StatementQuery asks for the statement of a customer's or a supplier's account. The vendor's API has no such operation.
type StatementQuery struct {
	ByID
	OffsetPaging
	From Opt[Time] `query:"from"`          // what was before is the opening balance
	To   Opt[Time] `query:"to" bare:"end"` // included; all that the books have when absent
}

// Statement is a page of what has moved the account of a customer or a supplier. Balances are what a customer owes the shop, and
// what the shop owes a supplier.
type Statement struct {
	PartnerType    string          `json:"partnerType"` // C customer, S supplier
	PartnerID      int64           `json:"partnerId"`
	Code           string          `json:"code"`
	Name           string          `json:"name"`
	OpeningBalance Money           `json:"openingBalance" view:"debt"` // before the first line
	TotalDebit     Money           `json:"totalDebit" view:"debt"`     // of all lines, on whatever page
	TotalCredit    Money           `json:"totalCredit" view:"debt"`
	ClosingBalance Money           `json:"closingBalance" view:"debt"` // after the last line
	Total          int64           `json:"total"`                      // lines before paging
	PageSize       int64           `json:"pageSize"`
	Data           []StatementLine `json:"data"`
	Timestamp      Stamp           `json:"timestamp"` // of the shop's last change
}

// StatementLine is a document or a payment that has moved an account.
type StatementLine struct {
	Date        Time        `json:"date"`
	Type        string      `json:"type"` // invoice, return, purchaseOrder, payment, adjustment
	ID          int64       `json:"id"`   // 0, and no code, where the reader does not find the document
	Code        string      `json:"code"`
	IsVoid      bool        `json:"isVoid,omitzero"` // the document was voided at that date
	Description Opt[string] `json:"description,omitzero"`
	Debit       Money       `json:"debit" view:"debt"`   // adds to the balance
	Credit      Money       `json:"credit" view:"debt"`  // takes off the balance
	Balance     Money       `json:"balance" view:"debt"` // after this line
	DueDate     Opt[Time]   `json:"dueDate,omitzero"`
}

// AgeingQuery asks for debts by age. The vendor's API has no such operation.
type AgeingQuery struct {
	OffsetPaging
	OrderBy        string    `query:"orderBy"`
	OrderDirection string    `query:"orderDirection"`
	PartnerType    string    `query:"partnerType"` // C or S
	Date           Opt[Time] `query:"date"`        // as at the end of this day; all that the books have when absent, or today or later
}

// Validate checks the query without the database.
func (in *AgeingQuery) Validate() error { return checkPartnerType(in.PartnerType) }

// AgeingSums are sums of what documents leave open, by the days that they are overdue. Debt is what is open less credit and deposits.
type AgeingSums struct {
	NotDue     Money `json:"notDue" view:"debt"`
	Days1To30  Money `json:"days1To30" view:"debt"`
	Days31To60 Money `json:"days31To60" view:"debt"`
	Days61To90 Money `json:"days61To90" view:"debt"`
	DaysOver90 Money `json:"daysOver90" view:"debt"`
	Credit     Money `json:"credit" view:"debt"`   // paid in advance, and returns that nothing has used
	Deposits   Money `json:"deposits" view:"debt"` // of orders, which pay no document yet
	Debt       Money `json:"debt" view:"debt"`
}

// AgeingRow is what a customer owes the shop, or the shop a supplier, by age.
type AgeingRow struct {
	PartnerID   int64      `json:"partnerId"`
	Code        string     `json:"code"`
	Name        string     `json:"name"`
	PaymentDays Opt[int64] `json:"paymentDays,omitzero"`
	AgeingSums
}

// Ageing is a page of partners with an open document, a credit or a deposit.
type Ageing struct {
	Date      Time        `json:"date"` // midnight of the day as at whose end debts are shown
	Sums      AgeingSums  `json:"sums"` // of all partners, on whatever page
	Total     int64       `json:"total"`
	PageSize  int64       `json:"pageSize"`
	Data      []AgeingRow `json:"data"`
	Timestamp Stamp       `json:"timestamp"` // of the shop's last change
}

// OpenDocumentQuery asks for the open documents of one partner. The vendor's API has no such operation.
type OpenDocumentQuery struct {
	OffsetPaging
	PartnerType string `query:"partnerType"` // C or S
	PartnerID   int64  `query:"partnerId"`
}

// Validate checks the query without the database.
func (in *OpenDocumentQuery) Validate() error { return checkPartnerType(in.PartnerType) }

// OpenDocuments is a page of documents that are not settled, the oldest first.
type OpenDocuments struct {
	Total     int64          `json:"total"`
	PageSize  int64          `json:"pageSize"`
	Data      []OpenDocument `json:"data"`
	Timestamp Stamp          `json:"timestamp"` // of the shop's last change
}

// OpenDocument is a document that is not settled.
type OpenDocument struct {
	Type        string    `json:"type"` // invoice, return, purchaseOrder, payment, adjustment
	ID          int64     `json:"id"`   // 0, and no code, where the reader does not find the document
	Code        string    `json:"code"`
	Date        Time      `json:"date"`
	DueDate     Opt[Time] `json:"dueDate,omitzero"` // of what is owed
	DaysOverdue int64     `json:"daysOverdue"`      // 0 until the day after the due date, and of credit
	Open        Money     `json:"open" view:"debt"` // what it leaves open; negative for credit
	Held        Money     `json:"held" view:"debt"` // what of it is to be collected on delivery, which only a payment by name settles
}

// checkPartnerType refuses a partner that has no account.
func checkPartnerType(letter string) error {
	if t := PartnerOf(letter); t != PartnerCustomer && t != PartnerSupplier {
		return Refuse(CodeValidate, "partnerType", "Loại đối tác (partnerType) phải là C (khách hàng) hoặc S (nhà cung cấp)")
	}
	return nil
}

// PartnerOf is the type of partners that a letter of a request means, in any case.
func PartnerOf(letter string) string { return strings.ToUpper(strings.TrimSpace(letter)) }
