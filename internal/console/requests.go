package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/requestlog"
)

const requestsPath = "/console/requests"

// openRequests serves the log of what programs have asked for.
func openRequests(open func(pattern string, do func(*visit) error)) {
	open("GET "+requestsPath, (*visit).showRequests)
	open("GET "+requestsPath+"/{id}", (*visit).showRequest)
}

// clientNames are the names of the shop's connections by id.
func clientNames(tx *db.Tx) (names map[string]string, all []oauth.Client, err error) {
	all, err = oauth.ListClients(tx)
	names = map[string]string{}
	for i := range all {
		names[all[i].ClientID] = all[i].Name
	}
	return names, all, err
}

// showRequests lists the requests of the last week: the refused ones, unless all are asked for.
func (v *visit) showRequests() error {
	asked := v.r.URL.Query()
	filter := requestlog.Filter{RefusedOnly: asked.Get("all") == "", ClientID: asked.Get("client"), Operation: asked.Get("operation"), Limit: rowsShown + 1}
	filter.Before, _ = strconv.ParseInt(asked.Get("before"), 10, 64)
	var (
		entries []requestlog.Entry
		names   map[string]string
		clients []oauth.Client
	)
	err := v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) (err error) {
		if names, clients, err = clientNames(tx); err == nil {
			entries, err = requestlog.List(tx, filter)
		}
		return err
	})
	if err != nil {
		return err
	}
	title := v.say("Nhật ký gọi API")
	t := Table{
		ID: tableID, Caption: title,
		Columns: []Column{
			{Text: v.say("Lúc"), Whole: true},
			{Text: v.say("Kết quả"), Key: true},
			{Text: v.say("Yêu cầu")},
			{Text: v.say("Câu trả lời"), Wide: true},
			{Text: v.say("Kết nối")},
			{Text: v.say("Mất|thời gian"), Number: true},
		},
		Empty: EmptyState{Icon: "plug-connected", Title: v.say("Không có yêu cầu nào"), Text: v.say("Những yêu cầu bị từ chối trong 7 ngày qua hiện ở đây, cùng câu mà phần mềm nhận được.")},
	}
	next := ""
	if len(entries) > rowsShown {
		entries = entries[:rowsShown]
		next = strconv.FormatInt(entries[rowsShown-1].ID, 10)
	}
	t.Pager = logPager(requestsPath, asked, next)
	for i := range entries {
		t.Rows = append(t.Rows, v.requestRow(&entries[i], names))
	}
	bar := v.requestFilters(filter, clients)
	if v.fragment(tableID) {
		return v.draw(http.StatusOK, Parts{[]any{bar, t}})
	}
	header := Header{Title: title, Subtitle: v.say("Mọi yêu cầu bị từ chối và mọi lần ghi trong 7 ngày, và một phần trăm các lần đọc. Mã bí mật, mật khẩu và token được che.")}
	return v.show(http.StatusOK, title, header, bar, t)
}

// requestFilters choose whose requests are listed, and which.
func (v *visit) requestFilters(filter requestlog.Filter, clients []oauth.Client) FilterBar {
	clientFilter := Field{Kind: "select", ID: "filter-client", Name: "client", Label: v.say("Kết nối"), Choices: []Choice{{Text: v.say("Tất cả")}}}
	for i := range clients {
		clientFilter.Choices = append(clientFilter.Choices, Choice{Value: clients[i].ClientID, Text: clients[i].Name, Selected: clients[i].ClientID == filter.ClientID})
	}
	kind := Field{Kind: "select", ID: "filter-all", Name: "all", Label: v.say("Kết quả"), Choices: []Choice{
		{Text: v.say("Bị từ chối"), Selected: filter.RefusedOnly}, {Value: "1", Text: v.say("Tất cả"), Selected: !filter.RefusedOnly},
	}}
	bar := FilterBar{URL: requestsPath, Target: tableID, Fields: []Field{kind, clientFilter}}
	if filter.ClientID+filter.Operation != "" || !filter.RefusedOnly {
		bar.Clear = requestsPath
	}
	if filter.Operation != "" {
		bar.Extra = []Hidden{{"operation", filter.Operation}}
	}
	return bar
}

// requestRow is a request in the list, or how many are missing.
func (v *visit) requestRow(e *requestlog.Entry, names map[string]string) Row {
	if e.Lost > 0 {
		return Row{Cells: []Cell{
			{Text: instant(e.At)},
			{Badge: &Badge{"warning", v.say("Thiếu")}},
			{},
			{Text: v.say("%s yêu cầu đến nhanh hơn mức ghi kịp nên không có ở đây", ofNumber.show(strconv.FormatInt(e.Lost, 10)))},
			{},
			{},
		}}
	}
	return Row{URL: requestsPath + "/" + strconv.FormatInt(e.ID, 10), Cells: []Cell{
		{Text: instant(e.At)},
		{Badge: requestBadge(e)},
		{Text: e.Method + " " + pathOf(e), Title: e.Method + " " + e.Path},
		{Text: e.Sentence, Title: e.Sentence},
		{Text: nameOf(e, names), Muted: names[e.ClientID] == ""},
		{Text: v.tookText(e)},
	}}
}

// pathOf is the path of a request without its query.
func pathOf(e *requestlog.Entry) string {
	path, _, _ := strings.Cut(e.Path, "?")
	return path
}

func nameOf(e *requestlog.Entry, names map[string]string) string {
	if name := names[e.ClientID]; name != "" {
		return name
	}
	return e.ClientID
}

func (v *visit) tookText(e *requestlog.Entry) string {
	return v.say("%s ms", strings.Replace(strconv.FormatFloat(float64(e.TookUS)/1000, 'f', 1, 64), ".", ",", 1))
}

func requestBadge(e *requestlog.Entry) *Badge {
	tone := "success"
	switch {
	case e.Status >= http.StatusInternalServerError:
		tone = "danger"
	case e.Status >= http.StatusBadRequest:
		tone = "warning"
	}
	return &Badge{tone, strconv.FormatInt(e.Status, 10)}
}

// showRequest shows a request with the exact refusal.
func (v *visit) showRequest() error {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return v.notFound()
	}
	var (
		e     requestlog.Entry
		names map[string]string
	)
	err = v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) (err error) {
		if e, err = requestlog.Get(tx, id); err == nil {
			names, _, err = clientNames(tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	title := e.Method + " " + pathOf(&e)
	header := Header{Title: title, Subtitle: instant(e.At), Back: &Link{Text: v.say("Nhật ký gọi API"), URL: requestsPath}, Badge: requestBadge(&e)}
	answer := KeyValues{}
	for _, kv := range []KeyValue{
		{Key: v.say("Câu trả lời"), Cell: Cell{Text: e.Sentence}, Copy: true},
		{Key: v.say("Mã lỗi"), Cell: Cell{Text: e.Code}},
		{Key: v.say("Mã HTTP"), Cell: Cell{Text: strconv.FormatInt(e.Status, 10)}},
		{Key: v.say("Thao tác"), Cell: Cell{Text: e.Operation, URL: requestsPath + "?" + url.Values{"all": {"1"}, "operation": {e.Operation}}.Encode()}},
		{Key: v.say("Mất|thời gian"), Cell: Cell{Text: v.tookText(&e)}},
		{Key: v.say("Kết nối"), Cell: Cell{Text: nameOf(&e, names), URL: connectionOf(&e, names)}},
		{Key: v.say("Từ địa chỉ"), Cell: Cell{Text: e.Address}},
		{Key: v.say("Mã yêu cầu"), Cell: Cell{Text: e.RequestID}, Copy: true},
		{Key: v.say("Địa chỉ gọi"), Cell: Cell{Text: e.Path}, Copy: true},
	} {
		if kv.Text != "" {
			answer.Items = append(answer.Items, kv)
		}
	}
	body := []any{header, Card{Title: v.say("Kết quả"), Body: []any{answer}}}
	if e.Body != "" {
		sent := v.say("Nội dung đã gửi")
		body = append(body, Card{Title: sent, Text: v.say("4 KiB đầu, đã che mã bí mật."), Body: []any{Code{Label: sent, Text: pretty(e.Body)}}})
	}
	return v.show(http.StatusOK, title, body...)
}

// connectionOf is the page of the connection that has asked, if it is there.
func connectionOf(e *requestlog.Entry, names map[string]string) string {
	if names[e.ClientID] == "" {
		return ""
	}
	return connectionsPath + "/" + e.ClientID
}
