package message

// vietnameseIsolate has the texts about namespaces, hosts files and trusted certificates.
var vietnameseIsolate = []entry{
	{"only Linux has the namespaces that isolate the command: use --hosts instead", "chỉ Linux mới có namespace để cách ly lệnh: hãy dùng --hosts"},
	{"the variable %s is set, and this is no process that it is for", "biến %s đã được đặt, nhưng không phải cho tiến trình này"},
	{"no directory for temporary files: %w", "không tạo được thư mục tạm: %w"},
	{"%s is %s here and refuses the namespaces that isolate the command (%w): \"sudo sysctl -w %s=%s\" permits them, or use --hosts instead", "%s đang là %s nên không tạo được namespace để cách ly lệnh (%w): chạy \"sudo sysctl -w %s=%s\" để cho phép, hoặc dùng --hosts"},
	{"this container's seccomp profile refuses the namespaces that isolate the command (%w): start the container with --privileged, or with --security-opt seccomp=unconfined; or use --hosts instead", "seccomp của container này không cho tạo namespace để cách ly lệnh (%w): chạy container với --privileged hoặc --security-opt seccomp=unconfined; hoặc dùng --hosts"},
	{"this system refuses the namespaces that isolate the command (%w): run as root, or use --hosts instead", "hệ thống này không cho tạo namespace để cách ly lệnh (%w): hãy chạy bằng root, hoặc dùng --hosts"},
	{"the port %d of %s cannot be opened by this user (%w)", "người dùng này không được mở cổng %d của %s (%w)"},
	{"the port %d of %s cannot be opened (%w): another program listens there", "không mở được cổng %d của %s (%w): chương trình khác đang nghe ở đó"},
	{"%w: run as root, or allow it to this program (\"sudo setcap cap_net_bind_service=ep %s\") or to everyone (\"sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%d\"); without --net none of this is needed", "%w: hãy chạy bằng root, hoặc cho phép riêng chương trình này (\"sudo setcap cap_net_bind_service=ep %s\") hay cho mọi người (\"sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%d\"); không có --net thì không cần gì cả"},
	{"there is no file %s to cover (%w): make an empty one", "không có tệp %s để che (%w): hãy tạo một tệp rỗng"},
	{"the file %s cannot be covered: %w", "không che được tệp %s: %w"},
	{"there is no command %s", "không có lệnh %s"},
	{"%s cannot be executed: %w", "không chạy được %s: %w"},
	{"another sandbox, the process %d, has lines in %s: end it first", "sandbox khác, tiến trình %d, đang có dòng trong %s: hãy dừng nó trước"},
	{"line %d of %s leads %s elsewhere: delete it first", "dòng %d của %s trỏ %s đi nơi khác: hãy xóa dòng đó trước"},
	{"line %d of %s is a marker of a sandbox without its other one: correct the file by hand", "dòng %d của %s là dấu của sandbox nhưng thiếu dấu còn lại: hãy sửa tệp bằng tay"},
	{"this user may not change the file %s: run {taphoa} as root or administrator", "người dùng này không được sửa tệp %s: hãy chạy {taphoa} bằng root hoặc quản trị viên"},
	{"this system has no list of trusted certificates that is known here: import the authority by hand", "không nhận ra kho chứng chỉ tin cậy của hệ thống này: hãy nhập chứng chỉ gốc bằng tay"},
	{"the list of trusted certificates is not changed without a yes", "kho chứng chỉ tin cậy không bị sửa khi chưa được đồng ý"},
	{"%s failed (%w): %s", "%s bị lỗi (%w): %s"},
}
