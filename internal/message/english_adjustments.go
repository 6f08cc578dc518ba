package message

// englishAdjustments is the part of [english] for opening balances and adjustments of debts and points.
var englishAdjustments = []entry{
	{"%s %s đã có phiếu đầu kỳ %s trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh", "%s %s has the opening balance %s of that day (documentDate): void that one, or make an adjustment"},
	{"Chỉ khách hàng mới có điểm (points)", "Only customers have points (points)"},
	{"Công nợ (debt) của phiếu điều chỉnh không được vượt quá %v", "The debt of an adjustment (debt) must be at most %v"},
	{"Khách hàng %s chỉ còn %d điểm nên không thể hủy phiếu %s đã cộng %d điểm", "Customer %s has only %d points left, so adjustment %s, which has added %d, cannot be voided"},
	{"Khách hàng %s chỉ có %d điểm, không thể trừ %d điểm (points)", "Customer %s has only %d points, %d cannot be taken off (points)"},
	{"Loại phiếu %q (type) không hợp lệ: dùng opening (đầu kỳ) hoặc adjustment (điều chỉnh)", "The type %q (type) is not valid: use opening or adjustment"},
	{"Ngày của phiếu điều chỉnh (documentDate) không được sau thời điểm hiện tại", "The date of an adjustment (documentDate) must not be in the future"},
	{"Phiếu điều chỉnh cần công nợ (debt) hoặc điểm (points) khác 0", "An adjustment needs a debt (debt) or points (points) other than 0"},
	{"Phiếu điều chỉnh cần đối tượng (partnerId)", "An adjustment needs a partner (partnerId)"},
	{"Phiếu điều chỉnh không tồn tại", "The adjustment does not exist"},
	{"Điểm (points) của phiếu điều chỉnh không được vượt quá %d", "The points of an adjustment (points) must be at most %d"},
	{"Đối tượng %q (partnerType) của phiếu điều chỉnh không hợp lệ: dùng C (khách hàng) hoặc S (nhà cung cấp)", "The partner type %q (partnerType) of an adjustment is not valid: use C (customer) or S (supplier)"},
}
