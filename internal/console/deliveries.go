package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

const payloadMax = 64 << 10 // bytes of a payload that its page shows

// The outcomes of a delivery as the API names them, what they are called, and the tones of their badges.
var (
	outcomes     = []string{taphoa.DeliveryDead, "không gửi được", taphoa.DeliveryStopped, "bị từ chối hẳn", taphoa.DeliveryFailed, "sẽ gửi lại", taphoa.DeliveryDone, "đã nhận"}
	outcomeTones = map[string]string{"không gửi được": "danger", "bị từ chối hẳn": "danger", "sẽ gửi lại": "warning", "đã nhận": "success"}
)

func outcomeOf(r record) string {
	for i := 0; i+1 < len(outcomes); i += 2 {
		if outcomes[i] == r.text("outcome") {
			return outcomes[i+1]
		}
	}
	return r.text("outcome")
}

// deliveries are the attempts to tell somebody.
var deliveries = description{
	path: "deliveries", icon: "webhook", title: "Lần gửi webhook", one: "lần gửi",
	list: "(listDeliveries)", get: "(getDelivery)", name: "id", code: "id", order: "id",
	columns: []column{
		{member: "at", title: "Lúc", kind: ofTime, sort: "at"},
		{member: "outcome", title: "Kết quả", value: outcomeOf, tones: outcomeTones, key: true},
		{member: "type", title: "Sự kiện"},
		{member: "url", title: "Địa chỉ nhận", wide: true},
		{member: "status", title: "Mã HTTP"},
		{member: "attempt", title: "Lần thử", kind: ofNumber},
		{member: "error", title: "Lỗi", off: true},
	},
	filters: []filter{
		{param: "webhookId", title: "Địa chỉ nhận", kind: ofChoice, options: listed("listWebhooks", "id", "url")},
		{param: "outcome", title: "Kết quả", kind: ofChoice, options: fixed(outcomes...)},
		{param: "fromDate", until: "toDate", title: "Từ ngày", kind: ofDate},
	},
}

// deliveryCards are the deliveries of a webhook: those that were given up, and the newest.
func (v *visit) deliveryCards(id string) (cards []any, err error) {
	for _, outcome := range []string{taphoa.DeliveryDead, ""} {
		query := url.Values{"pageSize": {"20"}}
		all := url.Values{"webhookId": {id}}
		card := Card{Title: v.say("Những lần gửi gần đây"), Flush: true}
		if outcome != "" {
			query.Set("outcome", outcome)
			all.Set("outcome", outcome)
			card.Title, card.Text = v.say("Đã thôi gửi"), v.say("Máy nhận không nhận trong ba ngày. Gửi lại từng lần khi máy nhận đã sửa xong.")
		}
		page, _, err := v.ask("(listWebhookDeliveries)", map[string]string{"id": id}, query)
		if err != nil {
			return nil, err
		}
		rows := records(page.at("data"))
		if len(rows) == 0 && outcome != "" {
			continue
		}
		card.Body = []any{v.deliveryTable(cmp.Or(outcome, "recent"), card.Title, rows)}
		if len(rows) > 0 {
			card.Actions = []Action{{Text: v.say("Xem tất cả"), URL: deliveriesPath + "?" + all.Encode()}}
		}
		cards = append(cards, card)
	}
	return cards, nil
}

func (v *visit) deliveryTable(id, caption string, rows []record) Table {
	t := Table{
		ID: id, Caption: caption,
		Columns: []Column{{Text: v.say("Lúc"), Whole: true}, {Text: v.say("Kết quả"), Key: true}, {Text: v.say("Sự kiện")}, {Text: v.say("Mã HTTP")}, {Text: v.say("Lần thử"), Number: true}, {Text: v.say("Lỗi"), Wide: true}},
		Empty:   EmptyState{Icon: "webhook", Title: v.say("Chưa gửi lần nào"), Text: v.say("Sự kiện kế tiếp của cửa hàng sẽ hiện ở đây.")},
	}
	for _, r := range rows {
		outcome := outcomeOf(r)
		t.Rows = append(t.Rows, Row{URL: v.address(&deliveries, r.text("id")), Cells: []Cell{
			{Text: ofTime.show(r.text("at"))},
			{Badge: &Badge{outcomeTones[outcome], capitalized(v.say(outcome))}},
			{Text: r.text("type")},
			{Text: r.text("status")},
			{Text: ofNumber.show(r.text("attempt"))},
			{Text: r.text("error"), Title: r.text("error")},
		}})
	}
	return t
}

// showDelivery shows one attempt, with what was sent and what came back.
func (v *visit) showDelivery() error {
	r, _, err := v.askByID("(getDelivery)")
	if err != nil {
		return err
	}
	outcome, hook := outcomeOf(r), v.address(&webhooks, r.text("webhookId"))
	title := v.say("Lần gửi lúc %s", ofTime.show(r.text("at")))
	header := Header{Title: title, Subtitle: r.text("url"), Back: &Link{Text: r.text("url"), URL: hook}, Badge: &Badge{outcomeTones[outcome], capitalized(v.say(outcome))}}
	values := KeyValues{}
	for _, kv := range []KeyValue{
		{Key: v.say("Sự kiện"), Cell: Cell{Text: v.eventName(r.text("type"))}},
		{Key: v.say("Số của sự kiện"), Cell: Cell{Text: span(r.text("firstSeq"), r.text("lastSeq"))}},
		{Key: v.say("Lần thử"), Cell: Cell{Text: ofNumber.show(r.text("attempt"))}},
		{Key: v.say("Mã HTTP"), Cell: Cell{Text: r.text("status")}},
		{Key: v.say("Thời gian chờ"), Cell: Cell{Text: v.say("%s ms", milliseconds(r.text("duration")))}},
		{Key: v.say("Lỗi"), Cell: Cell{Text: r.text("error")}},
		{Key: "Webhook-Id", Cell: Cell{Text: r.text("deliveryId")}, Copy: true},
	} {
		if kv.Text != "" {
			values.Items = append(values.Items, kv)
		}
	}
	body := []any{Card{Title: v.say("Kết quả"), Body: []any{values}}}
	if answer := r.text("answer"); answer != "" {
		body = append(body, Card{Title: v.say("Máy nhận trả lời"), Body: []any{Code{Label: v.say("Máy nhận trả lời"), Text: answer}}})
	}
	payload := Card{Title: v.say("Nội dung đã gửi"), Text: v.say("Sự kiện này đã quá hạn lưu trữ.")}
	if sent := r.text("body"); sent != "" {
		payload.Text, payload.Body = "", []any{Code{Label: payload.Title, Text: pretty(sent)}}
		header.Actions = []Action{{Text: v.say("Gửi lại"), Icon: "refresh", Kind: "primary", URL: v.address(&deliveries, r.text("id")) + "/redeliver", Post: true}}
	}
	return v.show(http.StatusOK, title, append(append([]any{header}, body...), payload)...)
}

// span is a number, or the first and the last one.
func span(first, last string) string {
	if first == last {
		return ofNumber.show(first)
	}
	return ofNumber.show(first) + "–" + ofNumber.show(last)
}

// milliseconds are whole ones of microseconds.
func milliseconds(micro string) string {
	if len(micro) <= 3 {
		return "0"
	}
	return ofNumber.show(micro[:len(micro)-3])
}

// pretty is JSON with a member a line, cut off if it is long.
func pretty(text string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err == nil {
		text = b.String()
	}
	if len(text) > payloadMax {
		text = strings.ToValidUTF8(text[:payloadMax], "") + "\n…"
	}
	return text
}

// redeliver has a delivery made once more.
func (v *visit) redeliver() error {
	r, _, err := v.askByID("(getDelivery)")
	if err != nil {
		return err
	}
	if _, err := v.do(api.Call{Operation: "(redeliver)", Path: map[string]string{"id": r.text("id")}}); err != nil {
		return err
	}
	v.toast(v.say("Sẽ gửi lại trong giây lát"))
	return v.redirect(v.address(&webhooks, r.text("webhookId")))
}
