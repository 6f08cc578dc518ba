package message

// vietnameseAuthorize are the Vietnamese texts of the commands about keys and programs that people sign in to.
var vietnameseAuthorize = []entry{
	{"Change and list the keys that sign tokens.", "Đổi và liệt kê các khóa ký token."},
	{"ENDS", "KẾT THÚC"},
	{"For a key that others may know: end it now, with all tokens. Programs and people get new ones.", "Cho khóa mà người khác có thể biết: kết thúc ngay, cùng mọi token. Phần mềm và người dùng lấy token mới."},
	{"Let people sign in to it, by whose rights it then acts, and send them back there: https, http://localhost or, with --public, com.example.app:/…; may be given several times.", "Cho người dùng đăng nhập vào phần mềm, nó làm việc theo quyền của họ, rồi đưa họ về địa chỉ này: https, http://localhost hoặc, với --public, com.example.app:/…; dùng được nhiều lần."},
	{"List the keys that sign tokens.", "Liệt kê các khóa ký token."},
	{"SIGNS FROM", "KÝ TỪ"},
	{"Sign tokens with a new key: it is published for two hours first, and the one before counts until its last token has expired.", "Ký token bằng khóa mới: khóa được công bố trước hai giờ, còn khóa cũ có hiệu lực đến khi token cuối cùng của nó hết hạn."},
	{"With --redirect: it runs on people's machines and has no secret.", "Đi với --redirect: phần mềm chạy trên máy của người dùng và không có mật khẩu."},
	{"With --redirect: where people may be sent after signing out.", "Đi với --redirect: nơi người dùng được đưa đến sau khi đăng xuất."},
	{"the key %s is published now and signs from %s on", "khóa %s đã được công bố và ký từ %s"},
	{"the key %s signs now; all tokens have ended, of a running server within seconds", "khóa %s ký từ bây giờ; mọi token đã hết hiệu lực, ở máy chủ đang chạy thì trong vài giây"},
}
