package taphoa

import "slices"

// Statuses are the words that a filter takes for a status or a type besides its number, by the tag words of its member.
// What the list's answers call it is one of them.
func Statuses(list string) map[int64][]string {
	words := map[int64][]string{}
	for status, more := range statusWords[list].more {
		words[status] = also(more, statusWords[list].label(status))
	}
	return words
}

// NoStatus are words that clients send for a status and that mean none of some lists: there they are passed over.
var NoStatus = []string{
	"All", "Any", "Active", "Inactive", "Draft", "Pending", "Processing", "In progress", "Confirmed", "Completed", "Complete",
	"Done", "Cancelled", "Canceled", "True", "False",
}

// statusWords are the words of each list: what its answers call a status, and what clients do.
var statusWords = map[string]struct {
	label func(int64) string
	more  map[int64][]string
}{
	"order": {OrderStatusValue, map[int64][]string{
		OrderDraft:      {"Draft", "Pending", "New"},
		OrderConfirmed:  {"Confirmed"},
		OrderDelivering: {"Delivering", "Shipping", "Processing", "In progress", "Đang xử lý"},
		OrderCompleted:  completed, OrderVoided: cancelled,
	}},
	"invoice": {InvoiceStatusValue, map[int64][]string{
		InvoiceCompleted: completed, InvoiceVoid: cancelled,
		InvoiceProcessing:    {"Processing", "In progress", "Pending", "Delivering", "Shipping"},
		InvoiceUndeliverable: {"Undeliverable", "Failed"},
	}},
	"return": {ReturnStatusValue, map[int64][]string{ReturnDone: also(completed, "Returned"), ReturnVoid: cancelled}},
	"purchase": {PurchaseStatusValue, map[int64][]string{
		PurchaseDraft: draft, PurchaseCompleted: also(completed, "Received", "Hoàn thành"), PurchaseVoid: cancelled,
	}},
	"orderSupplier": {OrderSupplierStatusValue, map[int64][]string{
		OrderSupplierDraft: draft, OrderSupplierConfirmed: {"Confirmed"},
		OrderSupplierPartly:    {"Processing", "In progress", "Partial", "Partly received"},
		OrderSupplierCompleted: completed, OrderSupplierVoided: cancelled,
	}},
	"transfer": {TransferStatusValue, map[int64][]string{
		TransferDraft: draft, TransferSent: {"Processing", "In progress", "In transit", "Transferring", "Sent"},
		TransferReceived: also(completed, "Received", "Hoàn thành"), TransferVoided: cancelled,
	}},
	"stockTake": {StockTakeStatusValue, map[int64][]string{
		StockTakeDraft: draft, StockTakeBalanced: also(completed, "Balanced", "Hoàn thành"), StockTakeVoided: cancelled,
	}},
	"payment":        {PaymentStatusValue, map[int64][]string{PaymentPaid: also(completed, "Paid"), PaymentVoided: cancelled}},
	"debtAdjustment": {AdjustmentStatusValue, map[int64][]string{AdjustmentDone: completed, AdjustmentVoid: cancelled}},
	"code": {CodeStatusValue, map[int64][]string{
		CodeUnused: {"Unused", "New"}, CodeReleased: {"Released"}, CodeUsed: {"Used"}, CodeCancelled: cancelled,
	}},
	"einvoice": {func(status int64) string { return EInvoiceStatuses[status] }, map[int64][]string{
		0: {"Unpublished", "Draft"}, 1: {"Processing", "In progress", "Pending"}, 2: {"Published", "Released"}, 3: {"Failed", "Error"},
		4: {"Sent"}, 5: nil, 6: {"Accepted"}, 7: {"Rejected"},
	}},
	"product": {func(int64) string { return "" }, map[int64][]string{
		int64(ProductCombo): {"Combo"}, int64(ProductGoods): {"Goods", "Hàng hóa"}, int64(ProductService): {"Service", "Dịch vụ"},
	}},
}

// Words of several lists.
var (
	draft     = []string{"Draft", "Pending"}
	completed = []string{"Completed", "Complete", "Done"}
	cancelled = []string{"Cancelled", "Canceled", "Void", "Voided"}
)

func also(words []string, more ...string) []string { return slices.Concat(words, more) }
