package message

// englishMirror is the part of [english] for shops that are mirrors.
var englishMirror = []entry{
	{"Đơn đặt hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy, thu tiền hay lập hóa đơn: hãy lập chứng từ mới", "Order %s was copied from another shop to look things up: it cannot be changed, voided, paid or invoiced; make a new document"},
	{"Phiếu nhập hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy hay thanh toán: hãy lập chứng từ mới", "Purchase order %s was copied from another shop to look things up: it cannot be changed, voided or paid; make a new document"},
	{"Phiếu trả hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa hay hủy: hãy lập chứng từ mới", "Return %s was copied from another shop to look things up: it cannot be changed or voided; make a new document"},
	{"Phiếu %s được sao chép từ gian hàng khác để tra cứu, không thể hủy: hãy lập phiếu mới", "Entry %s was copied from another shop to look things up: it cannot be voided; make a new one"},
	{"Hóa đơn %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy, thu tiền hay trả hàng: hãy lập chứng từ mới", "Invoice %s was copied from another shop to look things up: it cannot be changed, voided, paid or returned; make a new document"},
	{"Gian hàng này là bản sao chỉ đọc của một gian hàng khác: muốn ghi thử, hãy sao lưu rồi mở bản sao đó bằng taphoa sandbox --seed TỆP", "This shop is a read-only mirror of another one: to try out writes, back it up and open the copy with taphoa sandbox --seed FILE"},
}
