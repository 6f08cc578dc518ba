package message

// englishRights is the part of [english] for what people may do.
var englishRights = []entry{
	{"Giảm %v trên tiền hàng %v vượt mức được giảm (discount)", "A discount of %v on goods for %v is more than you may give (discount)"},
	{"Hàng hóa %s có giá niêm yết %v, không phải %v (price)", "The list price of product %s is %v, not %v (price)"},
	{"Hàng hóa %s được bán dưới giá vốn (price)", "Product %s is sold below its cost (price)"},
	{"Hãy chọn hóa đơn đã bán hàng này (invoiceId)", "Choose the invoice that has sold these goods (invoiceId)"},
	{
		"Hóa đơn %s đã có phiếu trả hàng, không thể hủy, đổi hàng hóa hay trạng thái",
		"Goods of invoice %s have been returned: it cannot be voided, nor can its goods or its status change",
	},
	{
		"Khách hàng %s (customerId) có hóa đơn đang được giao cho người nhận khác tên hoặc số điện thoại với khách hàng %s: " +
			"hãy giao xong hoặc sửa người nhận rồi gộp",
		"An invoice of customer %s (customerId) is being delivered to a receiver of another name or phone number than customer %s: " +
			"finish the delivery or change its receiver, then merge",
	},
	{"Ngày chứng từ (%s) không được trước hôm nay", "The date of the document (%s) must not be before today"},
}
