package message

// englishRights is the part of [english] for what people may do.
var englishRights = []entry{
	{"%s %s có chứng từ chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước", "%s %s has a document that is not completed and cannot be deleted: complete or void it first"},
	{"%s %s còn công nợ nên không thể xóa, hãy thanh toán hết công nợ trước", "%s %s has a debt and cannot be deleted: settle it first"},
	{"%s %s đã có phiếu đầu kỳ trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh", "%s %s has an opening balance on that day already (documentDate): void it, or make an adjustment"},
	{"Chứng từ %s còn nợ ít hơn %v, không thể trả số tiền này (documents.amount)", "The document %s leaves less than %v open, which cannot be paid (documents.amount)"},
	{"Giá bán (basePrice) của sản phẩm %s phải giữ nguyên", "The price (basePrice) of product %s must stay as it is"},
	{"Giảm giá (discount) của phiếu nhập phải từ 0 đến tổng tiền hàng", "The discount of the purchase must be from 0 to the total of the goods"},
	{"Khách hàng %s (customer) chưa có trong danh sách", "Customer %s (customer) is not in the list yet"},
	{"Khách hàng %s (customerId) sẽ nợ vượt hạn mức nợ: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)", "Customer %s (customerId) would owe more than the debt limit: collect more, or raise the debt limit (debtLimit)"},
	{"Khách hàng %s nợ vượt hạn mức nợ (debtLimit)", "Customer %s owes more than the debt limit (debtLimit)"},
	{"Không thể ghi giá vốn (cost) của sản phẩm %s", "The cost (cost) of product %s cannot be written"},
	{
		"Không thể trả nhiều hơn giá trị phiếu nhập của nhà cung cấp lẻ (%s): nhà cung cấp lẻ không có công nợ để ghi phần trả thừa",
		"A purchase without a supplier cannot be paid more than it comes to (%s): there is no account for what is paid too much",
	},
	{"Ngày (%s) không được trước hôm nay", "The date (%s) must not be before today"},
	{"Nhà cung cấp %s (supplier) chưa có trong danh sách", "Supplier %s (supplier) is not in the list yet"},
	{"Phiếu nhập %s còn nợ ít hơn %v, không thể trả số tiền này (amount)", "Purchase %s has less than %v left to pay, which cannot be paid (amount)"},
	{
		"Phiếu nhập %s đã trả tiền cho nhà cung cấp %s nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới",
		"Purchase %s has paid the supplier %s, so the supplier cannot be changed: void it with its payment and make a new one",
	},
	{"Tồn kho và giá vốn (inventories) của sản phẩm %s phải giữ nguyên", "Stock and cost (inventories) of product %s must stay as they are"},
	{"Đã trả nhà cung cấp nhiều hơn, không thể giảm xuống %v (paidAmount)", "More was paid to the supplier, it cannot be lowered to %v (paidAmount)"},
}
