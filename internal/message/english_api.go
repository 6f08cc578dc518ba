package message

// englishAPI is the part of [english] for what the API itself refuses.
var englishAPI = []entry{
	{"%s này đã được dùng cho một yêu cầu khác, hãy tạo khóa mới cho mỗi yêu cầu", "This %s was used for another request: make a new key for each request"},
	{"Content-Encoding phải là gzip, hoặc không gửi tiêu đề này", "Content-Encoding must be gzip, or not be sent"},
	{"Dữ liệu vừa được người khác thay đổi, hãy thử lại", "Somebody else has just changed the data: try again"},
	{"Không lọc hay sắp xếp theo %s được", "It is not possible to filter or sort by %s"},
	{"Không đọc được nội dung yêu cầu", "The body of the request cannot be read"},
	{"Last-Event-ID %q không phải là số thứ tự sự kiện", "Last-Event-ID %q is not the number of an event"},
	{"Số cộng dồn vượt quá giới hạn mà hệ thống lưu được", "A sum is beyond what the system can store"},
	{"Tiêu đề %s phải có từ 1 đến %d ký tự in được và chỉ gửi một lần", "The header %s must have from 1 to %d printable characters and be sent once"},
	{"Tiêu đề %s phải là true (chạy thử, không lưu gì) hoặc false và chỉ gửi một lần", "The header %s must be true (a dry run, which stores nothing) or false, and be sent once"},
	{"Tiêu đề %s được gửi nhiều lần với giá trị khác nhau, chỉ gửi một lần", "The header %s was sent several times with different values: send it once"},
	{
		"Yêu cầu với %s này đã được thực hiện bởi người khác, hoặc khi bạn có quyền khác bây giờ, nên không xem lại kết quả ở đây được",
		"The request with this %s was carried out by another person, or when you had other rights than now, so its result cannot be shown again here",
	},
	{"Yêu cầu này không còn trong nhật ký", "The log has this request no longer"},
}
