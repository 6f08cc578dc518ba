package message

// vietnameseSandbox are the Vietnamese texts of the sandbox.
var vietnameseSandbox = []entry{
	{"%s must be at least 1", "%s phải từ 1 trở lên"},
	{"--client-id and --client-secret belong together: give both", "--client-id và --client-secret đi cùng nhau: hãy cho cả hai"},
	{"API", "API"},
	{"Another shop, for one test:", "Thêm một gian hàng, cho một bài kiểm thử:"},
	{"Begin with a shop that has nothing in it, not with 300 products and 1,000 documents.", "Bắt đầu với gian hàng trống, thay vì 300 hàng hóa và 1.000 chứng từ."},
	{"Keep at most so many forks, 64 unless given; a new one takes the place of the one that was used least recently.", "Giữ tối đa chừng này bản sao, mặc định 64; bản sao mới thay bản sao lâu không dùng nhất."},
	{"Run a KiotViet to test programs against, on this machine.", "Chạy một KiotViet trên máy này để kiểm thử phần mềm."},
	{"Serve the sandbox until SIGTERM or Ctrl+C, as taphoa sandbox alone does.", "Chạy sandbox đến khi có SIGTERM hoặc Ctrl+C, như khi chỉ gõ taphoa sandbox."},
	{"The Retailer of the first fork; taphoa unless given.", "Retailer của bản sao đầu tiên; mặc định là taphoa."},
	{"The client id of the first fork, as a program has it in its code; the demo's unless given.", "Client id của bản sao đầu tiên, đúng như trong mã của phần mềm; mặc định là của gian hàng mẫu."},
	{"The secret of --client-id.", "Mật khẩu của --client-id."},
	{"Token of /_sandbox", "Token của /_sandbox"},
	{"What a program asked for, and what would differ at KiotViet:", "Phần mềm đã gọi những gì, và ở KiotViet sẽ khác chỗ nào:"},
	{"Where to listen, 127.0.0.1:8899 unless given; port 0 takes a free one.", "Địa chỉ nghe, mặc định 127.0.0.1:8899; cổng 0 lấy một cổng trống."},
	{"the sandbox is listening on %s, %s after its start", "sandbox đang chạy tại %s, %s sau khi bắt đầu"},
	{"COMMAND", "LỆNH"},
	{"Keep the machine's network, such as a database on localhost; port 443 of an address of loopback must then be open to you.", "Giữ mạng của máy, ví dụ cơ sở dữ liệu ở localhost; khi đó bạn phải mở được cổng 443 của một địa chỉ loopback."},
	{"Run a command where KiotViet's hosts are a sandbox of its own, and nothing else can be reached.", "Chạy một lệnh mà với nó máy chủ của KiotViet là một sandbox riêng, ngoài ra không tới được đâu."},
	{"The command with its arguments.", "Lệnh kèm các tham số."},
	{"which command? {taphoa} sandbox exec -- COMMAND", "lệnh nào? {taphoa} sandbox exec -- LỆNH"},
}
