package message

// vietnameseReport has the texts of what is asked of a running sandbox.
var vietnameseReport = []entry{
	{"--override must be MEMBER=VALUE, not %s", "--override phải có dạng TRƯỜNG=GIÁ_TRỊ, không phải %s"},
	{"--override: %s has no member %s", "--override: %s không có trường %s"},
	{"--override: %s has no member %s, did you mean %s?", "--override: %s không có trường %s, ý bạn là %s?"},
	{"    %s is not among what the event says", "    %s không có trong nội dung sự kiện"},
	{"TOKEN", "TOKEN"},
	{"text|json|junit", "text|json|junit"},
	{"MEMBER=VALUE", "TRƯỜNG=GIÁ_TRỊ"},
	{"Give the record of the event this member, such as name=An or orderDetails.0.quantity=3; several times for several.", "Cho bản ghi của sự kiện trường này, ví dụ name=An hoặc orderDetails.0.quantity=3; lặp lại cho nhiều trường."},
	{"Say what the requests of a fork were, and what would differ at the vendor.", "Cho biết bản sao đã nhận những yêu cầu gì, và ở KiotViet sẽ khác gì."},
	{"Print the requests that a fork of a sandbox was sent.", "In các yêu cầu mà một bản sao của sandbox đã nhận."},
	{"The fork; the only one unless given.", "Bản sao; bỏ trống thì là bản sao duy nhất."},
	{"Where the sandbox runs, http://127.0.0.1:8899 unless given.", "Địa chỉ của sandbox, mặc định http://127.0.0.1:8899."},
	{"The token that the sandbox has printed, if other machines reach it.", "Token mà sandbox đã in ra, nếu máy khác cũng gọi tới nó."},
	{"How to write the report: for people, for programs or for a CI.", "Kiểu báo cáo: cho người đọc, cho chương trình hay cho CI."},
	{"Write it into this file.", "Ghi vào tệp này."},
	{"Go on with the requests that come.", "In tiếp các yêu cầu mới đến."},
	{"wrote %s", "đã ghi %s"},
	{"no sandbox answers at %s: %w", "không có sandbox nào trả lời tại %s: %w"},
	{"the sandbox at %s wants its token: give --token", "sandbox tại %s cần token: hãy thêm --token"},
	{"what answers at %s is no sandbox", "máy chủ tại %s không phải là sandbox"},
	{"the sandbox has no fork", "sandbox chưa có bản sao nào"},
	{"name the fork with --fork NAME: %s", "hãy chọn bản sao bằng --fork TÊN: %s"},
}
