package taphoa

// EInvoice is what an invoice's electronic invoice, issued elsewhere, is known by (contract einvoices). The vendor's API
// does not show it.
type EInvoice struct {
	InvoiceID              int64       `json:"invoiceId"`
	InvoiceCode            string      `json:"invoiceCode"`
	InvoiceRefID           string      `json:"invoiceRefId"`
	PartnerTransactionCode Opt[string] `json:"partnerTransactionCode,omitzero"` // to look it up at the provider
	Partner                int64       `json:"partner"`
	PartnerValue           string      `json:"partnerValue" db:"-"`
	Status                 int64       `json:"status"`
	StatusValue            string      `json:"statusValue" db:"-"`
	InvoiceNumber          Opt[string] `json:"invoiceNumber,omitzero"`
	Type                   int64       `json:"type"` // 0 ordinary, 1 from a cash register
	PublishDate            Opt[Time]   `json:"publishDate,omitzero"`
	Serial                 Opt[string] `json:"serial,omitzero"`
	ModifiedDate           Time        `json:"modifiedDate"`
}

// Names of the numbers of electronic invoices (contract einvoices, enums).
var (
	EInvoicePartners = [...]string{"MISA", "VNPT", "VIETTEL", "FPT", "KIOTVIET"}
	EInvoiceStatuses = [...]string{
		"Chưa phát hành", "Đang xử lý", "Đã phát hành", "Phát hành lỗi", "Đã chuyển", "Đã gửi CQT", "CQT chấp nhận",
		"CQT kiểm tra không hợp lệ",
	}
)

// EInvoiceUpdate records the electronic invoices of several invoices.
type EInvoiceUpdate struct {
	Data []EInvoiceInfo `json:"data" wire:"root"`
}

// EInvoiceInfo replaces what is known of the electronic invoice of one invoice.
type EInvoiceInfo struct {
	InvoiceID              Opt[int64]  `json:"invoiceId"`
	InvoiceRefID           Opt[string] `json:"invoiceRefId" max:"100"`
	PartnerTransactionCode Opt[string] `json:"partnerTransactionCode" max:"255"`
	Partner                Opt[int64]  `json:"partner"`
	Status                 Opt[int64]  `json:"status"`
	InvoiceNumber          Opt[string] `json:"invoiceNumber" max:"50"`
	Type                   Opt[int64]  `json:"type"`
	PublishDate            Opt[Time]   `json:"publishDate"`
	Serial                 Opt[string] `json:"serial" max:"50"`
}

// EInvoiceQuery lists what is known of electronic invoices.
type EInvoiceQuery struct {
	Paging
	InvoiceIDs       []int64   `query:"invoiceIds" alias:"invoiceId"`
	Status           []int64   `query:"status" words:"einvoice"`
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}
