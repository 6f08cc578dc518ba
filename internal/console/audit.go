package console

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/openapi"
)

const auditPath = "/console/audit"

// auditLog is the list of who has changed what. Its pages are by hand, since it is read by numbers instead of pages.
var auditLog = description{
	path: "audit", icon: "clipboard-check", title: "Nhật ký thao tác", one: "thao tác",
	list: "(listAudit)", search: "text", searchHint: "Mã, tên hoặc nội dung thay đổi",
	filters: []filter{
		{param: "userId", title: "Người làm", kind: ofChoice, options: listed("listUsers", "id", "givenName")},
		{param: "fromDate", until: "toDate", title: "Từ ngày", kind: ofDate},
	},
}

// deskOperations are the names of what is done in the desk alone, or refused there.
var deskOperations = map[string]string{
	"signIn": "Đăng nhập", "endSession": "Đăng xuất một thiết bị", "revokeTokens": "Kết thúc mọi token của kết nối", "endAllSessions": "Đăng xuất khỏi các thiết bị khác", "changePassword": "Đổi mật khẩu", "acceptLink": "Đặt mật khẩu bằng liên kết",
	"enableSecondFactor": "Bật xác thực hai bước", "disableSecondFactor": "Tắt xác thực hai bước", "newRecoveryCodes": "Tạo mã dự phòng mới", "setPIN": "Đổi mã PIN",
	"addPasskey": "Thêm khóa truy cập", "renamePasskey": "Đổi tên khóa truy cập", "removePasskey": "Bỏ khóa truy cập",
	"inviteUser": "Tạo liên kết đặt mật khẩu", "setAccountEnd": "Đổi ngày kết thúc của tài khoản", "saveRole": "Sửa vai trò", "removeRole": "Xóa vai trò",
	"setUserRoles": "Đổi vai trò của người dùng", "createConnection": "Thêm kết nối API", "rotateConnection": "Đổi mã bí mật của kết nối", "changeConnection": "Sửa địa chỉ của ứng dụng",
	"revokeConnection": "Thu hồi kết nối API", "openShop": "Mở gian hàng", "allowApp": "Cho phép ứng dụng làm việc thay mình",
	"disconnectApp": "Ngắt ứng dụng", audit.OperationPrune: "Xóa phần cũ của nhật ký",
	"signInRefused": "Đăng nhập sai", "passwordRefused": "Nhập lại sai mật khẩu", "codeRefused": "Nhập sai mã xác thực", "passkeyRefused": "Khóa truy cập bị từ chối", "approvalRefused": "Nhập sai mã PIN của người cho phép",
	audit.OperationMore: "Những lần sai khác trong một giờ",
}

// refusedOperations are those of deskOperations that were not done.
var refusedOperations = map[string]bool{
	"signInRefused": true, "passwordRefused": true, "codeRefused": true, "passkeyRefused": true, "approvalRefused": true, audit.OperationMore: true,
}

var operationTitles = sync.OnceValue(func() map[string]openapi.Phrase {
	words, err := openapi.ReadWords()
	if err != nil {
		panic(err) // it is embedded
	}
	return words.Operations
})

// operationTitle is what an operation is called; a command is called as it is typed.
func (v *visit) operationTitle(operation string) string {
	if title := deskOperations[operation]; title != "" {
		return v.say(title)
	}
	for _, name := range []string{operation, "(" + operation + ")"} {
		if title, known := operationTitles()[name]; known {
			return title.In(string(v.lang))
		}
	}
	return operation
}

// showAudit lists the entries that the address asks for, the newest first.
func (v *visit) showAudit() error {
	asked := v.r.URL.Query()
	query, _, err := v.query(&auditLog, asked)
	if err != nil {
		return err
	}
	bar, err := v.filters(&auditLog, asked)
	if err != nil {
		return err
	}
	v.addLinked(asked, query, &bar)
	query.Set("limit", strconv.Itoa(rowsShown))
	if before := asked.Get("before"); before != "" {
		query.Set("before", before)
	}
	title := v.say(auditLog.title)
	t := v.auditTable(tableID, title)
	page, _, err := v.ask(auditLog.list, nil, query)
	if refusal, ok := refused(err); ok {
		t.State, t.Error = "error", Alert{Tone: "danger", Title: v.say("Không đọc được danh sách"), Text: v.sentence(refusal)}
	} else if err != nil {
		return err
	}
	for _, r := range records(page.at("data")) {
		t.Rows = append(t.Rows, v.auditRow(r))
	}
	next := page.text("next")
	t.Pager = logPager(auditPath, asked, next)
	if next != "" && len(t.Rows) == 0 {
		t.Empty = EmptyState{
			Icon: "search", Title: v.say("Chưa tìm thấy trong phần này"), Text: v.say("Nhật ký được tìm từng phần, từ mới đến cũ."),
			Actions: []Action{{Text: v.say("Tìm tiếp"), URL: t.Pager.Next}},
		}
	}
	if v.fragment(tableID) {
		return v.draw(http.StatusOK, Parts{[]any{bar, t}})
	}
	header := Header{Title: title, Subtitle: v.say("Ai đã thêm, sửa, hủy hay xóa gì, từ đâu, và ai đã cho phép. Không ai sửa được nhật ký này.")}
	return v.show(http.StatusOK, title, header, bar, t)
}

// addLinked adds what another page has led here with to a query, and to the filters.
func (v *visit) addLinked(asked, query url.Values, bar *FilterBar) {
	for _, name := range []string{"recordId", "resource", "operation", "clientId"} {
		value := asked.Get(name)
		if value == "" {
			continue
		}
		query.Set(name, value)
		bar.Extra = append(bar.Extra, Hidden{name, value})
		title := ""
		switch name {
		case "recordId":
			title = v.say("Một bản ghi")
		case "operation":
			title = v.say("Thao tác") + ": " + v.operationTitle(value)
		case "clientId":
			title = v.say("Kết nối")
		default: // the resource goes with the record
			continue
		}
		bar.Chips, bar.Clear = append(bar.Chips, Chip{title, logAddress(auditPath, asked, name, "")}), auditPath
	}
}

// auditTable is a table of entries, without rows.
func (v *visit) auditTable(id, caption string) Table {
	return Table{
		ID: id, Caption: caption,
		Columns: []Column{
			{Text: v.say("Lúc"), Whole: true}, {Text: v.say("Người làm")}, {Text: v.say("Thao tác"), Key: true}, {Text: v.say("Bản ghi")}, {Text: v.say("Thay đổi"), Wide: true},
		},
		Empty: EmptyState{Icon: auditLog.icon, Title: v.say("Chưa có thao tác nào"), Text: v.say("Mỗi lần có người hay phần mềm thay đổi gì, một dòng hiện ở đây.")},
	}
}

func (v *visit) auditRow(r record) Row {
	operation := Cell{Text: v.operationTitle(r.text("operation"))}
	if refusedOperations[r.text("operation")] {
		operation = Cell{Badge: &Badge{"warning", operation.Text}}
	}
	changes := v.changesText(r)
	who := Cell{Text: v.doer(r)}
	switch approver := r.text("approverName"); {
	case approver != "":
		who.Sub = v.say("%s cho phép", approver)
	case r.text("clientName") != "":
		who.Sub = v.say("thay mặt %s", r.text("givenName"))
	}
	return Row{URL: auditPath + "/" + r.text("number"), Cells: []Cell{{Text: ofTime.show(r.text("at"))}, who, operation, {Text: r.text("record")}, {Text: changes, Title: changes}}}
}

// doer is who has done something: a person, a program, or who runs the server.
func (v *visit) doer(r record) string {
	name := r.text("givenName")
	switch program := r.text("clientName"); {
	case program != "":
		return program
	case name == "" && strings.HasPrefix(r.text("operation"), "taphoa "):
		return v.say("Người vận hành máy chủ")
	case name == "":
		return v.say("Không rõ")
	}
	return name
}

// changesText is the members of an entry with their values, in a line.
func (v *visit) changesText(r record) string {
	var all []string
	for _, c := range records(r.at("changes")) {
		f, title := v.changed(r, c)
		before, after := v.changedValue(f, c.at("before")), v.changedValue(f, c.at("after"))
		if text := title + ": "; before == "" {
			all = append(all, text+after)
		} else {
			all = append(all, text+before+" → "+after)
		}
	}
	return strings.Join(all, "; ")
}

// changedValue is a value before or after a change, as people read it.
func (v *visit) changedValue(f field, value any) string {
	if on, is := value.(bool); is {
		if on {
			return v.say("Có")
		}
		return v.say("Không")
	}
	text := textOf(value)
	if _, isText := value.(string); isText == f.kind.numeric() { // the value may be of another kind than the page shows
		return text
	}
	return f.kind.show(text)
}

// knownMembers are the members that the pages of records show, by resource and name, and by name.
var knownMembers = sync.OnceValue(func() map[string]field {
	all := map[string]field{}
	for i := range descriptions {
		d := &descriptions[i]
		add := func(f field) {
			all[d.path+"."+f.member] = f
			if _, known := all[f.member]; !known {
				all[f.member] = f
			}
		}
		for _, s := range d.sections {
			for _, f := range s.fields {
				add(f)
			}
		}
		for _, c := range d.columns {
			if _, known := all[d.path+"."+c.member]; !known {
				add(field{member: c.member, title: c.title, kind: c.kind})
			}
		}
	}
	return all
})

// changed is a member of a change as the pages of its record show it, and what it is called: its name where they do not show it. Where
// there are several records it begins with the one that it is of.
func (v *visit) changed(entry, change record) (f field, title string) {
	whole := change.text("member")
	name := whole[strings.LastIndexByte(whole, '.')+1:]
	for _, key := range []string{entry.text("resource") + "." + name, name} {
		if f, found := knownMembers()[key]; found {
			return f, strings.TrimSuffix(whole, name) + v.say(f.title)
		}
	}
	return field{member: name}, whole
}

// showAuditEntry shows one entry, with the values before and after.
func (v *visit) showAuditEntry() error {
	number, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || number < 1 || number == math.MaxInt64 {
		return v.notFound()
	}
	page, _, err := v.ask(auditLog.list, nil, url.Values{"limit": {"1"}, "before": {strconv.FormatInt(number+1, 10)}})
	if err != nil {
		return err
	}
	found := records(page.at("data"))
	if len(found) == 0 || found[0].text("number") != strconv.FormatInt(number, 10) {
		return v.notFound()
	}
	r := found[0]
	operation := r.text("operation")
	title := v.operationTitle(operation)
	header := Header{Title: title, Subtitle: r.text("record"), Back: &Link{Text: v.say(auditLog.title), URL: auditPath}}
	if refusedOperations[operation] {
		header.Badge = &Badge{"warning", v.say("Bị từ chối")}
	}
	values := KeyValues{}
	for _, kv := range []KeyValue{
		{Key: v.say("Lúc"), Cell: Cell{Text: ofTime.show(r.text("at"))}},
		{Key: v.say("Người làm"), Cell: Cell{Text: v.doer(r), Sub: r.text("userName")}},
		{Key: v.say("Người cho phép"), Cell: Cell{Text: r.text("approverName")}},
		{Key: v.say("Bản ghi"), Cell: Cell{Text: r.text("record"), URL: v.recordPage(r)}},
		{Key: v.say("Thao tác"), Cell: Cell{Text: operation, URL: auditPath + "?" + url.Values{"operation": {operation}}.Encode()}},
		{Key: v.say("Số của sự kiện"), Cell: Cell{Text: eventsOf(r)}},
		{Key: v.say("Từ địa chỉ"), Cell: Cell{Text: r.text("address")}},
		{Key: v.say("Mã yêu cầu"), Cell: Cell{Text: r.text("requestId")}, Copy: true},
		{Key: v.say("Số trong nhật ký"), Cell: Cell{Text: ofNumber.show(r.text("number"))}},
		{Key: v.say("Mã băm"), Cell: Cell{Text: r.text("hash")}, Copy: true},
	} {
		if kv.Text != "" {
			values.Items = append(values.Items, kv)
		}
	}
	body := []any{header, Card{Title: v.say("Thao tác"), Body: []any{values}}}
	if changes := records(r.at("changes")); len(changes) > 0 {
		t := Table{ID: "changes", Caption: v.say("Thay đổi"), Columns: []Column{{Text: v.say("Mục")}, {Text: v.say("Trước|thay đổi")}, {Text: v.say("Sau|thay đổi"), Wide: true}}}
		for _, c := range changes {
			f, title := v.changed(r, c)
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: title}, {Text: v.changedValue(f, c.at("before")), Muted: true}, {Text: v.changedValue(f, c.at("after"))}}})
		}
		body = append(body, Card{Title: v.say("Thay đổi"), Flush: true, Body: []any{t}})
	}
	return v.show(http.StatusOK, title, body...)
}

func eventsOf(r record) string {
	if r.text("firstEvent") == "" {
		return ""
	}
	return span(r.text("firstEvent"), r.text("lastEvent"))
}

// recordPage is the page of the record of an entry, if the desk has one.
func (v *visit) recordPage(r record) string {
	for i := range descriptions {
		if d := &descriptions[i]; d.path == r.text("resource") && r.text("recordId") != "" && v.may(d.get) {
			return v.address(d, r.text("recordId"))
		}
	}
	return ""
}

const historyShown = 10

// history is what was done to a record, for its page.
func (v *visit) history(d *description, r record) ([]any, error) {
	if !v.may(auditLog.list) {
		return nil, nil
	}
	of := url.Values{"recordId": {r.text("id")}, "resource": {d.path}}
	page, _, err := v.ask(auditLog.list, nil, url.Values{"limit": {strconv.Itoa(historyShown)}, "recordId": of["recordId"], "resource": of["resource"]})
	if err != nil {
		return nil, err
	}
	t := v.auditTable("history", v.say(auditLog.title))
	for _, e := range records(page.at("data")) {
		t.Rows = append(t.Rows, v.auditRow(e))
	}
	if len(t.Rows) == 0 {
		return nil, nil
	}
	card := Card{Title: v.say(auditLog.title), Flush: true, Body: []any{t}}
	if page.text("next") != "" {
		card.Actions = []Action{{Text: v.say("Xem tất cả"), URL: auditPath + "?" + of.Encode()}}
	}
	return []any{card}, nil
}
