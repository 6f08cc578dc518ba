package console

import (
	"html/template"
	"io"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa/internal/message"
)

// longName has sixty letters, as the names of goods have that were typed for the receipt.
const longName = "Nước tương Chin-su nấm shiitake chai thủy tinh 250ml loại to"

// renderStyle writes the style page: every component in every state. Language is vi or en; what a shop would say is
// Vietnamese in both.
func renderStyle(w io.Writer, language string) error {
	return templatesOf[message.Language(language)]().ExecuteTemplate(w, "Page", stylePage(language))
}

// renderNarrowStyle writes what stands on pages without navigation.
func renderNarrowStyle(w io.Writer, language string) error {
	return templatesOf[message.Language(language)]().ExecuteTemplate(w, "Narrow", styleNarrow(language))
}

func styleNarrow(language string) Narrow {
	return Narrow{
		Title: "Đăng nhập", Language: language, Shop: "Tạp hóa Cô Ba",
		Toasts: []Toast{{"info", "Đã đăng xuất khỏi mọi thiết bị khác."}},
		Body: []any{
			Steps{[]Step{{"Cửa hàng", "done"}, {"Chủ cửa hàng", "current"}, {"Kết nối API", ""}}},
			Card{Title: "Đăng nhập", Text: "Nhập tên đăng nhập và mật khẩu của bạn.", Body: []any{Form{
				ID: "sign-in", URL: "/console/sign-in", Plain: true, Save: "Đăng nhập",
				Error: "Tên đăng nhập hoặc mật khẩu không đúng. Thử lại sau 4 giây.",
				Sections: []Section{{Fields: []Field{
					{Kind: "text", Name: "shop", Label: "Mã cửa hàng", Value: "coba", Autocomplete: "organization", Required: true},
					{Kind: "text", Name: "user", Label: "Tên đăng nhập", Value: "lan", Autocomplete: "username", Required: true},
					{Kind: "password", Name: "password", Label: "Mật khẩu", Autocomplete: "current-password", Required: true},
				}}},
				Links: []Link{{Text: "Quên mật khẩu", URL: "/console/forgotten"}},
			}}},
			Card{Title: "Mã xác thực", Text: "Mở ứng dụng xác thực và nhập mã sáu chữ số.", Body: []any{Form{
				ID: "second", URL: "/console/sign-in", Plain: true, Save: "Tiếp tục",
				Sections: []Section{{Fields: []Field{
					{Kind: "code", Name: "code", Label: "Mã sáu chữ số", Length: 6, Autocomplete: "one-time-code", Required: true, Error: "Mã này đã dùng rồi. Chờ mã tiếp theo."},
				}}},
				Links:   []Link{{Text: "Dùng mã khôi phục", URL: "/console/sign-in"}},
				Passkey: &Passkey{Text: "Đăng nhập bằng khóa truy cập", URL: "/console/passkey", Host: "localhost"},
			}}},
			AddPasskey{Passkey: Passkey{Text: "Thêm khóa truy cập", URL: "/console/passkey", Host: "localhost"}, Text: "Trình duyệt này không dùng được khóa truy cập.", Error: "Khóa truy cập này đã được thêm"},
			SessionEnded{
				Form: Form{ID: "again", URL: "/console/sign-in", Plain: true, Save: "Đăng nhập và gửi tiếp", Sections: []Section{{Fields: []Field{
					{Kind: "password", ID: "again-password", Name: "password", Label: "Mật khẩu", Autocomplete: "current-password", Required: true},
				}}}},
				Kept: []KeyValue{{Key: "Tên hàng", Cell: Cell{Text: longName}}, {Key: "Giá bán", Cell: Cell{Text: "32.000"}, Number: true}},
			},
			Consent{
				Title: "Cho phép Sổ bán hàng?", Text: "Ứng dụng này muốn làm việc thay bạn.", Target: "Trả lời xong, bạn được đưa đến app.example.vn.", URL: "/console/style",
				Who:  KeyValues{Items: []KeyValue{{Key: "Gian hàng", Cell: Cell{Text: "Tạp hóa Cô Ba"}}, {Key: "Tài khoản", Cell: Cell{Text: "Nguyễn Thị Lan", Sub: "lan"}}}},
				Does: ConsentList{[]ConsentItem{{"building-store", "Những gì bạn được làm, ở những chi nhánh mà bạn làm việc", []string{"Bán hàng: Xem hóa đơn, Tạo hóa đơn"}}, {"user", "Biết bạn là ai trong gian hàng này", nil}}},
			},
			Leave{"#"},
			NotFound{Action: Action{Text: "Về trang đầu", URL: "/console", Kind: "primary"}},
			Fault{RequestID: "01JDZ7Q6M4K3H1V9", Again: "/console"},
		},
	}
}

func stylePage(language string) Page {
	return Page{
		Body:  slices.Concat(styleHeads(), styleTables(), styleParts(), styleStates(), styleForms()),
		Title: "Mẫu giao diện", Language: language, Shop: "Tạp hóa Cô Ba", Person: Person{"Nguyễn Thị Ngọc Lan", "Chủ cửa hàng"},
		Branches: []Choice{{"1", "Chi nhánh trung tâm", true}, {"2", "Chi nhánh chợ Bà Chiểu, hẻm 12 đường Diên Hồng, quận Bình Thạnh", false}},
		Crumbs:   []Link{{Text: "Hàng hóa", URL: "/console/products"}, {Text: "Mẫu giao diện"}},
		Toasts:   []Toast{{"success", "Đã lưu hàng SP000123."}, {"danger", "Không nối được với máy chủ. Kiểm tra mạng rồi thử lại."}},
		Actions:  []Link{{Text: "Thêm hàng hóa", URL: "/console/products/new"}, {Text: "Mời người dùng", URL: "/console/users/new", Icon: "user-plus"}},
		Nav: []NavSection{
			{"", []Link{{Text: "Tổng quan", URL: "/console", Icon: "home"}}},
			{"Bán hàng", []Link{
				{Text: "Đặt hàng", URL: "/console/orders", Icon: "shopping-cart", Count: "12"},
				{Text: "Hóa đơn", URL: "/console/invoices", Icon: "receipt"},
				{Text: "Trả hàng", URL: "/console/returns", Icon: "arrow-back-up"},
				{Text: "Khách hàng", URL: "/console/customers", Icon: "users"},
			}},
			{"Hàng hóa", []Link{
				{Text: "Danh mục hàng", URL: "/console/products", Icon: "package", Current: true},
				{Text: "Bảng giá", URL: "/console/pricebooks", Icon: "tag"},
				{Text: "Nhập hàng", URL: "/console/purchases", Icon: "truck-delivery"},
				{Text: "Kiểm kho", URL: "/console/stocktakes", Icon: "clipboard-check"},
			}},
			{"Tiền", []Link{{Text: "Sổ quỹ", URL: "/console/cash", Icon: "cash"}, {Text: "Báo cáo", URL: "/console/reports", Icon: "chart-bar"}}},
			{"Cửa hàng", []Link{
				{Text: "Người dùng", URL: "/console/users", Icon: "user"},
				{Text: "Kết nối API", URL: "/console/connections", Icon: "plug-connected"},
				{Text: "Thiết lập", URL: "/console/settings", Icon: "settings"},
			}},
		},
	}
}

func styleHeads() []any {
	return []any{
		Header{
			Title: "Danh mục hàng", Subtitle: "10.240 mặt hàng ở 2 chi nhánh",
			Actions: []Action{{Text: "Xuất file", Icon: "download", URL: "#"}, {Text: "Thêm hàng", Icon: "plus", Kind: "primary", URL: "#"}},
		},
		Figures{[]Figure{
			{Text: "Doanh thu hôm nay", Value: "12.450.000", Change: "+8 % so với thứ Hai trước", Tone: "success"},
			{Text: "Hóa đơn", Value: "184", Change: "−3 %", Tone: "danger", URL: "#"},
			{Text: "Tiền mặt trong két", Value: "4.120.000"},
			{Text: "Khách còn nợ", Value: "1.234.567.890", URL: "#"},
		}},
		Tabs{Text: "Loại hàng", Links: []Link{
			{Text: "Tất cả", URL: "#", Current: true, Count: "10.240"}, {Text: "Sắp hết", URL: "#", Count: "37"}, {Text: "Ngừng bán", URL: "#"}, {Text: "Dịch vụ", URL: "#"},
		}},
	}
}

var styleColumns = []Column{
	{Text: "Mã hàng", Sort: "ascending", SortURL: "#"},
	{Text: "Tên hàng", SortURL: "#", Wide: true},
	{Text: "Nhóm"},
	{Text: "Trạng thái"},
	{Text: "Giá bán", SortURL: "#", Number: true, Key: true},
	{Text: "Tồn kho", SortURL: "#", Number: true},
}

// styleRows are goods; the second has long texts.
func styleRows() []Row {
	group := func(text string) Cell { return Cell{Text: text} }
	row := func(code, name, unit, groupName string, badge Badge, price, stock string) Row {
		return Row{"#", []Cell{{Text: code}, {Text: name, Title: name, Sub: unit}, group(groupName), {Badge: &badge}, {Text: price}, {Text: stock}}}
	}
	selling := Badge{"success", "Đang bán"}
	return []Row{
		row("SP000001", "Mì Hảo Hảo tôm chua cay", "Thùng 30 gói", "Mì, phở, cháo", selling, "112.000", "48"),
		row("SP000002", longName, "Chai · 8934804021234", "Gia vị, nước chấm và đồ khô đóng gói các loại", Badge{"warning", "Sắp hết"}, "32.000", "3"),
		row("SP000003", "Gạo ST25 lúa tôm", "Bao 25 kg", "Gạo", Badge{"danger", "Hết hàng"}, "1.250.000", "0"),
		row("SP000004", "Giao hàng trong ngày", "", "Dịch vụ", Badge{"info", "Dịch vụ"}, "15.000", ""),
		row("SP000005", "Đường cát trắng", "kg", "Gia vị", Badge{"", "Ngừng bán"}, "24.500", "12,5"),
	}
}

func styleTables() []any {
	long := styleRows()
	for i := 6; i <= 12; i++ {
		n := strconv.Itoa(i)
		long = append(long, Row{"#", []Cell{
			{Text: "SP" + ("000000" + n)[len(n):]},
			{Text: "Bánh gạo One One vị ngọt " + n},
			{Text: "Bánh kẹo"},
			{Badge: &Badge{"success", "Đang bán"}},
			{Text: strconv.Itoa(10+i) + ".500"},
			{Text: strconv.Itoa(7 * i)},
		}})
	}
	return []any{
		FilterBar{
			URL: "/console/style", Target: "goods", Search: &Field{Kind: "search", Name: "q", Label: "Tìm hàng", Placeholder: "Mã, tên, mã vạch…"},
			Fields: []Field{
				{Kind: "select", Name: "group", Label: "Nhóm hàng", Choices: []Choice{{"", "Tất cả", true}, {"1", "Gia vị, nước chấm và đồ khô đóng gói các loại", false}}},
				{Kind: "date", Name: "since", Label: "Sửa từ ngày", Value: "2026-11-01"},
			},
			Chips: []Chip{{"Đang bán", "#"}, {"Nhóm: Gia vị, nước chấm và đồ khô đóng gói các loại", "#"}}, Clear: "#",
		},
		Table{
			ID: "goods", Caption: "Hàng hóa", Columns: styleColumns, Rows: long,
			Totals: []Cell{{Text: "Cộng"}, {Text: "10.240 mặt hàng"}, {}, {}, {}, {Text: "184.220,5"}},
			Choose: &ColumnChooser{"/console/style", []Choice{{"code", "Mã hàng", true}, {"name", "Tên hàng", true}, {"cost", "Giá vốn bình quân của lô nhập gần nhất", false}, {"price", "Giá bán", true}}},
			Pager:  &Pager{First: "1", Last: "12", Total: "10.240", Next: "#"},
		},
		Table{
			ID: "few", Caption: "Hàng hóa, ít", Columns: styleColumns, Rows: styleRows()[:2],
			Actions: []Action{{Text: "In tem", Icon: "printer", URL: "#"}},
			Pager:   &Pager{First: "10.201", Last: "10.240", Start: "#", Previous: "#"},
		},
		Table{ID: "none", Caption: "Hàng hóa, trống", Columns: styleColumns, Empty: EmptyState{
			Icon: "package", Title: "Chưa có hàng nào", Text: "Thêm mặt hàng đầu tiên, hoặc nhập từ file Excel của phần mềm cũ.",
			Actions: []Action{{Text: "Thêm hàng", Icon: "plus", Kind: "primary", URL: "#"}, {Text: "Nhập file", Icon: "upload", URL: "#"}},
		}},
		Table{ID: "loading", Caption: "Hàng hóa, đang tải", Columns: styleColumns, State: "loading"},
		Table{ID: "failed", Caption: "Hàng hóa, lỗi", Columns: styleColumns, State: "error", Error: Alert{
			Tone: "danger", Title: "Không tải được danh sách", Text: "Máy chủ đang bận. Thử lại sau vài giây.",
			Actions: []Action{{Text: "Thử lại", Icon: "refresh", URL: "#"}},
		}},
	}
}

func styleParts() []any {
	badges := []KeyValue{}
	for _, b := range []Badge{{"success", "Hoàn thành"}, {"warning", "Chờ xử lý"}, {"danger", "Đã hủy"}, {"info", "Đang giao"}, {"", "Phiếu tạm"}} {
		badges = append(badges, KeyValue{Key: "Trạng thái", Cell: Cell{Badge: &b}})
	}
	return []any{
		Header{
			Title: "HD000184 · " + longName, Subtitle: "30/11/2026 14:05 · Nguyễn Thị Ngọc Lan", Back: &Link{Text: "Hóa đơn", URL: "#"}, Badge: &Badge{"success", "Hoàn thành"},
			Actions: []Action{
				{Text: "In", Icon: "printer", Disabled: true, Why: "Chưa có máy in"},
				{Text: "Sửa", Icon: "pencil", URL: "#"},
				{Text: "Gửi lại", Icon: "mail", Post: true, URL: "#", Fields: []Hidden{{"id", "184"}}},
				{Text: "Hủy hóa đơn", Icon: "trash", Kind: "danger", Opens: "cancel"},
			},
		},
		Split{
			Main: []any{
				Card{Title: "Hàng đã bán", Flush: true, Actions: []Action{{Text: "Thêm", Icon: "plus", Kind: "quiet", URL: "#"}}, Body: []any{
					Table{ID: "sold", Caption: "Hàng đã bán", Columns: []Column{{Text: "Hàng", Wide: true}, {Text: "SL", Number: true}, {Text: "Đơn giá", Number: true}, {Text: "Thành tiền", Number: true, Key: true}}, Rows: []Row{
						{"", []Cell{{Text: longName, Sub: "SP000002"}, {Text: "2"}, {Text: "32.000"}, {Text: "64.000"}}},
						{"", []Cell{{Text: "Gạo ST25 lúa tôm", Sub: "SP000003"}, {Text: "0,5"}, {Text: "1.250.000"}, {Text: "625.000"}}},
					}, Totals: []Cell{{Text: "Cộng"}, {Text: "2,5"}, {}, {Text: "689.000"}}},
				}},
				Card{Title: "Trạng thái", Body: []any{KeyValues{badges}}},
			},
			Side: []any{
				Card{Title: "Khách hàng", Body: []any{KeyValues{[]KeyValue{
					{Key: "Tên", Cell: Cell{Text: "Anh Tâm", URL: "#", Sub: "Khách sỉ"}},
					{Key: "Điện thoại", Cell: Cell{Text: "0903 123 456"}, Copy: true, Number: false},
					{Key: "Địa chỉ giao hàng", Cell: Cell{Text: "Số 12 hẻm 34 đường Diên Hồng, phường 1, quận Bình Thạnh, Thành phố Hồ Chí Minh"}},
					{Key: "Còn nợ", Cell: Cell{Text: "1.250.000"}, Number: true},
					{Key: "Ghi chú"},
				}}}},
				Card{Title: "Đang tải", Body: []any{Skeleton{4}}},
			},
		},
		Confirm{
			ID: "cancel", Title: "Hủy hóa đơn HD000184?", Text: "Hàng về lại kho, tiền đã thu thành khoản phải trả khách. Không hoàn tác được.", URL: "#", Button: "Hủy hóa đơn", Danger: true,
			Fields: []Field{
				{Kind: "select", ID: "cancel-who", Name: "approver", Label: "Người cho phép", Choices: []Choice{{"1", "Trần Văn Quản Lý", true}}},
				{Kind: "pin", ID: "cancel-pin", Name: "pin", Label: "PIN của người cho phép", Length: 6, Autocomplete: "off", Required: true},
			},
			Hidden: []Hidden{{"id", "184"}},
		},
	}
}

func styleStates() []any {
	return []any{
		Alert{Tone: "info", Title: "Đang dùng dữ liệu mẫu", Text: "Mọi thứ ở đây mất khi máy chủ dừng."},
		Alert{Tone: "success", Text: "Đã đối chiếu xong sổ kho và sổ quỹ: khớp."},
		Alert{Tone: "warning", Title: "3 webhook đang dừng", Items: []Link{{Text: "https://shop.example/kiotviet/" + longName, URL: "#"}, {Text: "Máy nhận trả lời 500 từ 30/11/2026 09:12"}}, Actions: []Action{{Text: "Gửi lại", URL: "#"}}},
		Alert{Tone: "danger", Title: "Sai mật khẩu 5 lần", Text: "Thử lại sau 15 phút, hoặc nhờ chủ cửa hàng đặt lại."},
		Secret{
			Title: "Kết nối API “Web bán hàng”", Text: "Dán vào phần mềm của bạn.",
			Values:  []SecretValue{{"ClientId", "de300000-0000-4000-8000-000000000001"}, {"Mã bí mật", "DE30000000000000000000000000000000000001"}},
			Picture: styleSquare, PictureText: "Mã QR để quét bằng điện thoại",
		},
		Card{Title: "Nội dung đã gửi", Body: []any{Code{Label: "Nội dung đã gửi", Text: "{\n  \"Id\": \"c5c1cc98-8b1f-5d64-8e1c-f5b6c56d77e8\",\n  \"ProductName\": \"" + longName + " " + longName + "\"\n}"}}},
		Steps{[]Step{{"Cửa hàng", "done"}, {"Chủ cửa hàng", "current"}, {"Chi nhánh", ""}, {"Kết nối API", ""}}},
		Text{"Đoạn văn giải thích một việc, rộng tối đa 72 chữ để mắt không phải đi xa. Câu ngắn, nói việc phải làm trước, lý do sau."},
	}
}

// styleSquare stands for a QR code.
const styleSquare template.URL = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 7 7'%3E%3Cpath d='M0 0h3v3H0zM4 0h3v3H4zM0 4h3v3H0zM4 4h1v1H4zM6 6h1v1H6z'/%3E%3C/svg%3E"

func styleForms() []any {
	groups := []Choice{{"1", "Gia vị", true}, {"2", "Mì, phở, cháo", false}}
	line := func(n, name, quantity, price, refused string) []Field {
		return []Field{
			{Kind: "lookup", ID: "line-product" + n, Name: "product", Label: "Hàng", Value: "2", Lookup: &Lookup{"/console/find/products", name}},
			{Kind: "number", ID: "line-quantity" + n, Name: "quantity", Label: "Số lượng", Value: quantity, Error: refused},
			{Kind: "money", ID: "line-price" + n, Name: "price", Label: "Đơn giá", Value: price, Unit: "đ"},
		}
	}
	return []any{
		Header{Title: "Sửa hàng SP000002", Back: &Link{Text: "Danh mục hàng", URL: "#"}},
		Form{
			ID: "product", URL: "/console/style", Save: "Lưu", Cancel: "#", Dirty: false, Hidden: []Hidden{{"key", "a1"}},
			Changed: &Changed{By: "Trần Văn Quản Lý", At: "30/11/2026 14:05", Reload: "#", Hidden: Hidden{"over", "b2"}, Values: []ChangedValue{
				{"Giá bán", "34.000", "32.000"}, {"Tên hàng", "Nước tương Chin-su", longName},
			}},
			Sections: []Section{
				{"Thông tin chung", "Tên và mã in trên hóa đơn và tem.", []Field{
					{Kind: "text", Name: "name", Label: "Tên hàng", Value: longName, Required: true, Length: 255},
					{Kind: "text", Name: "code", Label: "Mã hàng", Value: "SP000001", Width: "half", Error: "Mã hàng SP000001 đã có ở hàng khác. Chọn mã khác hoặc để trống.", Hint: "Để trống thì máy chủ đặt mã."},
					{Kind: "text", Name: "barcode", Label: "Mã vạch", Width: "half", Placeholder: "Quét hoặc gõ"},
					{Kind: "select", Name: "category", Label: "Nhóm hàng", Choices: groups, Width: "half"},
					{Kind: "lookup", Name: "supplier", Label: "Nhà cung cấp", Width: "half", Value: "7", Lookup: &Lookup{"/console/find/suppliers", "Công ty TNHH Thương mại Dịch vụ Hàng tiêu dùng Ma San"}, Hint: "Gõ tên, mã hoặc số điện thoại."},
					{Kind: "textarea", Name: "description", Label: "Mô tả", Value: "Chai 250 ml."},
				}},
				{"Giá và tồn kho", "Giá vốn chỉ người có quyền mới thấy.", []Field{
					{Kind: "money", Name: "price", Label: "Giá bán", Value: "32.000", Unit: "đ", Width: "third", Required: true},
					{Kind: "money", Name: "cost", Label: "Giá vốn", Value: "24.500", Unit: "đ", Width: "third", Disabled: true},
					{Kind: "number", Name: "stock", Label: "Tồn tối thiểu", Value: "12,5", Unit: "kg", Width: "third"},
					{Kind: "date", Name: "expires", Label: "Hạn dùng", Value: "2026-11-30", Width: "half"},
					{Kind: "datetime", Name: "from", Label: "Bán từ", Value: "2026-11-30T14:05", Width: "half"},
					{Kind: "switch", Name: "selling", Label: "Đang bán", On: true, Width: "half", Hint: "Tắt thì không hiện ở quầy."},
					{Kind: "switch", Name: "direct", Label: "Bán khi hết hàng", Width: "half"},
					{Kind: "checkbox", Name: "points", Label: "Tích điểm cho khách khi mua mặt hàng này", On: true},
					{Kind: "choices", Name: "kind", Label: "Loại hàng", Choices: []Choice{{"1", "Hàng hóa", true}, {"2", "Dịch vụ", false}, {"3", "Combo", false}}},
					{Kind: "shown", Name: "created", Label: "Ngày tạo", Value: "30/11/2026 14:05"},
				}},
				{"Đơn nhập", "", []Field{
					{Kind: "lines", Name: "lines", Label: "Hàng nhập", Required: true, Lines: &Lines{
						Columns: []Column{{Text: "Hàng"}, {Text: "Số lượng", Number: true}, {Text: "Đơn giá", Number: true}}, Add: "Thêm dòng",
						Rows:  [][]Field{line("-1", longName, "2", "24.500", ""), line("-2", "Gạo ST25 lúa tôm", "-1", "1.100.000", "Số lượng phải lớn hơn 0.")},
						Blank: line("-__n__", "", "", "", ""),
					}},
					{Kind: "password", Name: "password", Label: "Mật khẩu của bạn", Autocomplete: "current-password", Width: "half", Required: true, Hint: "Đổi giá vốn cần nhập lại mật khẩu."},
					{Kind: "pin", Name: "pin", Label: "PIN", Length: 6, Autocomplete: "off", Width: "half"},
				}},
			},
		},
	}
}
