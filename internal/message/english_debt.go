package message

// englishDebt is the part of [english] for the accounts of customers and suppliers.
var englishDebt = []entry{
	{"Loại đối tác (partnerType) phải là C (khách hàng) hoặc S (nhà cung cấp)", "The type of partners (partnerType) must be C (customers) or S (suppliers)"},
	{"Số ngày nợ (paymentDays) phải từ 0 đến %d", "The days until a debt is due (paymentDays) must be from 0 to %d"},
	{"Phiếu trả hàng %s chỉ còn %v chưa trả khách hoặc trừ vào hóa đơn, không thể trả thêm (totalPayment, payments)", "Of the return %s only %v has not been paid out or taken off invoices; no more can be paid out (totalPayment, payments)"},
	{"Chỉ phiếu thu chi làm thay đổi công nợ của khách hàng hoặc nhà cung cấp mới trả cho chứng từ (documents)", "Only a receipt or payment that changes the debt of a customer or supplier pays documents (documents)"},
	{"Chứng từ %d (documents.id) loại %q (documents.type: invoice, return, purchaseOrder hoặc adjustment) không còn nợ hoặc không phải của đối tượng này", "The document %d (documents.id) of the type %q (documents.type: invoice, return, purchaseOrder or adjustment) leaves nothing open, or is another partner's"},
	{"Số tiền trả cho chứng từ %s (documents.amount) phải lớn hơn 0 và không quá %v còn lại của phiếu", "What is paid for the document %s (documents.amount) must be above 0 and at most %v, which is left of the receipt"},
	{"Chứng từ %s chỉ còn nợ %v, không thể trả %v (documents.amount)", "The document %s leaves only %v open; %v cannot be paid (documents.amount)"},
}
