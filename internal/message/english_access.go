package message

// englishAccess is the part of [english] for people who sign in.
var englishAccess = []entry{
	{"Chỉ chủ cửa hàng được làm việc này", "Only the owner of the shop may do this"},
	{"Hãy nhập lại mật khẩu để tiếp tục", "Enter your password again to go on"},
	{"Hãy nhập mã xác thực để tiếp tục", "Enter the code of your second factor to go on"},
	{"Liên kết không đúng, đã được dùng hoặc đã hết hạn, hãy xin liên kết mới", "The link is wrong, was used or has expired: ask for a new one"},
	{"Mã xác thực không đúng, đã được dùng hoặc đã hết hạn", "The code is wrong, was used or has expired"},
	{"Mật khẩu không được chứa ký tự điều khiển", "The password must not contain control characters"},
	{"Mật khẩu không được chứa tên đăng nhập hay tên gian hàng", "The password must not contain the user name or the name of the shop"},
	{"Mật khẩu không được dài quá %d ký tự", "The password must have at most %d characters"},
	{"Mật khẩu không đúng", "The password is wrong"},
	{"Mật khẩu này nhiều người dùng nên dễ đoán, hãy chọn mật khẩu khác", "Many people use this password, so it is easy to guess: choose another one"},
	{"Mật khẩu phải có ít nhất %d ký tự", "The password must have at least %d characters"},
	{"Nhiều người đang đăng nhập cùng lúc, hãy thử lại sau vài giây", "Many people are signing in at once: try again in a few seconds"},
	{"Phiên đăng nhập đã hết, hãy đăng nhập lại", "The session has ended: sign in again"},
	{"Sai quá nhiều lần, hãy thử lại sau %d giây", "Wrong too many times: try again in %d seconds"},
	{"Tài khoản chưa bật xác thực hai bước", "The account has no second factor"},
	{"Tài khoản của chủ cửa hàng không có ngày kết thúc", "The account of the owner has no last day"},
	{"Tài khoản đã qua ngày kết thúc, hãy đổi ngày trước", "The last day of the account is over: change it first"},
	{"Tên gian hàng, tên đăng nhập hoặc mật khẩu không đúng", "The name of the shop, the user name or the password is wrong"},
}
