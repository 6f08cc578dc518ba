package message

// englishPasskeys are the texts of passkeys, by what they are in Vietnamese.
var englishPasskeys = []entry{
	{"Hãy đặt tên cho khóa truy cập", "Give the passkey a name"},
	{"Khóa truy cập không tồn tại hoặc đã bị bỏ", "The passkey does not exist or was removed"},
	{"Khóa truy cập này không dùng được ở đây, hoặc đã bị bỏ. Hãy dùng khóa khác hoặc mật khẩu", "This passkey cannot be used here, or was removed. Use another one or the password"},
	{"Khóa truy cập này đã được thêm", "This passkey was added already"},
	{"Không nhận được khóa truy cập này: thiết bị chưa xác minh bạn bằng vân tay, khuôn mặt hay mã mở khóa, hoặc trả lời không hợp lệ", "This passkey cannot be accepted: the device has not verified you by fingerprint, face or screen lock, or its answer is not valid"},
	{"Một tài khoản chỉ có được %d khóa truy cập, hãy bỏ bớt khóa không còn dùng", "An account can have %d passkeys, remove those that are not used any more"},
	{"Tài khoản này chưa có mật khẩu nên chưa thêm được khóa truy cập", "This account has no password yet, so no passkey can be added"},
	{"Yêu cầu dùng khóa truy cập đã hết hạn hoặc đã được dùng, hãy thử lại", "The request to use a passkey has expired or was used already, try again"},
}
