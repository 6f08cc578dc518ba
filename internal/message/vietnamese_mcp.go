package message

// vietnameseMCP are the Vietnamese texts of taphoa mcp.
var vietnameseMCP = []entry{
	{"Let an assistant look into a shop, and with --write change it, by the Model Context Protocol.", "Cho trợ lý AI xem một gian hàng, và với --write được thay đổi nó, qua Model Context Protocol."},
	{"Have tools that change the shop: orders, sales, customers, prices.", "Có công cụ thay đổi gian hàng: đơn đặt, bán hàng, khách, giá."},
	{"With --write: what one change may be about, 5000000 unless given.", "Với --write: số tiền tối đa của một thay đổi, mặc định 5000000."},
	{"With --write: how many changes it may make until it is started again, 20 unless given.", "Với --write: số thay đổi tối đa cho đến khi chạy lại, mặc định 20."},
	{"Speak HTTP there, instead of standard input and output; needs --token.", "Nói HTTP ở địa chỉ này thay vì vào ra chuẩn; cần --token."},
	{"With --http: what requests must bear in Authorization, of at least 20 characters.", "Với --http: chuỗi mà yêu cầu phải có trong Authorization, ít nhất 20 ký tự."},
	{
		"--http needs a token of at least %d characters: in $TAPHOA_MCP_TOKEN, or in the file that $TAPHOA_MCP_TOKEN_FILE names",
		"--http cần một token ít nhất %d ký tự: trong $TAPHOA_MCP_TOKEN, hoặc trong file mà $TAPHOA_MCP_TOKEN_FILE ghi tên",
	},
	{"an assistant reaches the shop at %s", "trợ lý gọi gian hàng ở %s"},
	{"%s must be an amount such as 5000000, not %s", "%s phải là một số tiền, ví dụ 5000000, không phải %s"},
	{"DONG", "ĐỒNG"},
}
