package console

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

const (
	webhooksPath   = "/console/webhooks"
	deliveriesPath = "/console/deliveries"

	secretName = "secret" // of the member of forms that no page gets back
)

// eventNames are the types of events that there are, and what happened.
var eventNames = []string{
	"invoice.update", "Hóa đơn được thêm hoặc sửa (invoice.update)",
	"order.update", "Đặt hàng được thêm hoặc sửa (order.update)",
	"return.update", "Trả hàng được thêm hoặc sửa (return.update)",
	"stock.update", "Tồn kho thay đổi (stock.update)",
	"product.update", "Hàng hóa được thêm hoặc sửa (product.update)",
	"product.delete", "Hàng hóa bị xóa (product.delete)",
	"category.update", "Nhóm hàng được thêm hoặc sửa (category.update)",
	"category.delete", "Nhóm hàng bị xóa (category.delete)",
	"pricebook.update", "Bảng giá được thêm hoặc sửa (pricebook.update)",
	"pricebook.delete", "Bảng giá bị xóa (pricebook.delete)",
	"pricebookdetail.update", "Giá trong bảng giá thay đổi (pricebookdetail.update)",
	"pricebookdetail.delete", "Giá bị bỏ khỏi bảng giá (pricebookdetail.delete)",
	"customer.update", "Khách hàng được thêm hoặc sửa (customer.update)",
	"customer.delete", "Khách hàng bị xóa (customer.delete)",
	"purchaseorder.update", "Nhập hàng được thêm hoặc sửa (purchaseorder.update)",
	"ordersupplier.update", "Đặt hàng nhập được thêm hoặc sửa (ordersupplier.update)",
	"transfer.update", "Chuyển hàng được thêm hoặc sửa (transfer.update)",
	"supplier.update", "Nhà cung cấp được thêm hoặc sửa (supplier.update)",
	"supplier.delete", "Nhà cung cấp bị xóa (supplier.delete)",
	"cashflow.update", "Phiếu thu chi được thêm hoặc sửa (cashflow.update)",
	"debtadjustment.update", "Điều chỉnh công nợ được thêm hoặc sửa (debtadjustment.update)",
	"branch.update", "Chi nhánh được thêm hoặc sửa (branch.update)",
	"branch.delete", "Chi nhánh bị xóa (branch.delete)",
}

// eventName says what a type of event is about.
func (v *visit) eventName(kind string) string {
	for i := 0; i+1 < len(eventNames); i += 2 {
		if eventNames[i] == kind {
			return v.say(eventNames[i+1])
		}
	}
	return kind
}

// The states of a webhook, and the tones of their badges.
const (
	hookSends   = "đang gửi"
	hookFails   = "đang lỗi"
	hookPaused  = "tạm dừng"
	hookStopped = "đã ngừng"
)

var hookTones = map[string]string{hookSends: "success", hookFails: "warning", hookPaused: "", hookStopped: "danger"}

func hookState(r record) string {
	switch {
	case r.text("stopReason") != "":
		return hookStopped
	case r.text("isActive") != "true":
		return hookPaused
	case r.text("lastError") != "" || cmp.Or(r.text("heldUp"), "0") != "0":
		return hookFails
	}
	return hookSends
}

// webhooks are the list of the addresses that are told what happens, and the form that changes one.
var webhooks = description{
	path: "webhooks", icon: "webhook", title: "Webhook", one: "webhook",
	list: "listWebhooks", get: "getWebhook", create: "registerWebhook", update: "updateWebhook",
	name: "url", code: "type", order: "createdDate",
	subtitle: func(v *visit) (string, error) {
		return v.say("Taphoa báo cho những địa chỉ này khi có gì thay đổi trong cửa hàng."), nil
	},
	columns: []column{
		{member: "url", title: "Địa chỉ nhận", sort: "url", wide: true},
		{member: "type", title: "Sự kiện", sort: "type"},
		{member: "isActive", title: "Tình trạng", value: hookState, tones: hookTones, key: true},
		{member: "lastError", title: "Lỗi gần nhất"},
		{member: "heldUp", title: "Đang chờ gửi", kind: ofNumber, sort: "heldUp"},
		{member: "description", title: "Ghi chú", off: true},
		{member: "createdDate", title: "Ngày tạo", kind: ofTime, sort: "createdDate", off: true},
	},
	filters: []filter{
		{param: "type", title: "Sự kiện", kind: ofChoice, options: fixed(eventNames...)},
		{param: "isActive", title: "Tình trạng", kind: ofChoice, options: fixed("true", "Đang bật", "false", "Đã dừng")},
	},
	sections: []section{{title: "Nơi nhận", fields: []field{
		{member: "url", title: "Địa chỉ nhận", required: true, max: 2048},
		{member: "type", title: "Sự kiện", kind: ofChoice, required: true, options: fixed(eventNames...), hint: "Đổi loại sự kiện thì những gì còn chờ bị bỏ"},
		{member: "description", title: "Ghi chú", max: 2000},
	}}},
}

// openWebhooks serves the pages of webhooks.
func openWebhooks(open func(pattern string, do func(*visit) error)) {
	open("GET "+webhooksPath, func(v *visit) error { return v.showList(&webhooks) })
	open("POST "+webhooksPath+"/columns", func(v *visit) error { return v.chooseColumns(&webhooks) })
	open("GET "+webhooksPath+"/new", (*visit).showNewWebhook)
	open("POST "+webhooksPath, (*visit).registerWebhook)
	open("GET "+webhooksPath+"/{id}", (*visit).showWebhook)
	open("GET "+webhooksPath+"/{id}/edit", func(v *visit) error { return v.showRecord(&webhooks) })
	open("POST "+webhooksPath+"/{id}", func(v *visit) error { return v.update(&webhooks) })
	open("POST "+webhooksPath+"/{id}/active", (*visit).activateWebhook)
	open("GET "+webhooksPath+"/{id}/secret", (*visit).showWebhookSecret)
	open("POST "+webhooksPath+"/{id}/secret", (*visit).changeWebhookSecret)
	open("GET "+webhooksPath+"/{id}/replay", (*visit).showReplay)
	open("POST "+webhooksPath+"/{id}/replay", (*visit).replay)
	open("GET "+webhooksPath+"/{id}/remove", (*visit).showUnregister)
	open("POST "+webhooksPath+"/{id}/remove", (*visit).unregister)
	open("GET "+deliveriesPath, func(v *visit) error { return v.showList(&deliveries) })
	open("POST "+deliveriesPath+"/columns", func(v *visit) error { return v.chooseColumns(&deliveries) })
	open("GET "+deliveriesPath+"/{id}", (*visit).showDelivery)
	open("POST "+deliveriesPath+"/{id}/redeliver", (*visit).redeliver)
}

func (v *visit) toWebhooks() *Link { return &Link{Text: v.say("Webhook"), URL: webhooksPath} }

func (v *visit) showNewWebhook() error { return v.drawNewWebhook(http.StatusOK, nil) }

func (v *visit) drawNewWebhook(status int, refusal *taphoa.Error) error {
	typed, title := v.r.PostForm, v.say("Thêm webhook")
	types, err := fixed(eventNames...).list(v)
	if err != nil {
		return err
	}
	form := Form{
		ID: "webhook", URL: webhooksPath, Save: v.say("Đăng ký"), Cancel: webhooksPath, Dirty: refusal != nil, Hidden: []Hidden{{"key", newKey()}},
		Sections: []Section{
			{Title: v.say("Nơi nhận"), Fields: []Field{
				{Kind: "select", Name: "type", Label: v.say("Sự kiện"), Choices: picked(types, typed.Get("type"))},
				{
					Kind: "text", Name: "url", Label: v.say("Địa chỉ nhận"), Value: typed.Get("url"), Required: true, Focus: refusal == nil, Length: 2048, Placeholder: "https://",
					Hint: v.say("Mỗi sự kiện được gửi đến đây bằng một yêu cầu POST"),
				},
				{Kind: "text", Name: "description", Label: v.say("Ghi chú"), Value: typed.Get("description"), Length: 2000},
			}},
			{Title: v.say("Chữ ký"), Text: v.say("Máy nhận dùng mã bí mật để biết yêu cầu đúng là của Taphoa."), Fields: []Field{v.hookSecretField()}},
		},
	}
	if refusal != nil {
		v.placeMember(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Back: v.toWebhooks()}, form)
}

func (v *visit) hookSecretField() Field {
	return Field{Kind: "password", Name: secretName, Label: v.say("Mã bí mật"), Hint: v.say("Để trống thì Taphoa tạo một mã và hiện một lần"), Autocomplete: "new-password", Length: 500}
}

// placeMember shows a refusal at the field of the member that it names, whose first letter the API writes large.
func (v *visit) placeMember(form *Form, refusal *taphoa.Error) {
	for i := range form.Sections {
		for j := range form.Sections[i].Fields {
			if f := &form.Sections[i].Fields[j]; strings.EqualFold(f.Name, refusal.Field) && refusal.Field != "" {
				f.Error = v.sentence(refusal)
				return
			}
		}
	}
	form.Error = v.sentence(refusal)
}

// hookSecret is the secret that the person has typed, or a new one.
func (v *visit) hookSecret(what string) (secret string, made bool) {
	if typed := strings.TrimSpace(v.r.PostForm.Get(secretName)); typed != "" {
		return typed, false
	}
	return base64.StdEncoding.EncodeToString(v.api.Tokens().Derive(24, v.onceWords(what)...)), true
}

// registerWebhook registers an address, and shows the secret if it was made here.
func (v *visit) registerWebhook() error {
	if err := v.secure(); err != nil {
		return err
	}
	typed := v.r.PostForm
	if err := v.registered(typed.Get("type"), typed.Get("url")); err != nil {
		return v.again(err, v.drawNewWebhook)
	}
	secret, made := v.hookSecret("webhook")
	r, err := v.write("registerWebhook", nil, map[string]any{
		"Type": typed.Get("type"), "Url": typed.Get("url"), "Description": typed.Get("description"), "Secret": secret,
	}, &filled{key: typed.Get("key")})
	if err != nil {
		return v.again(err, v.drawNewWebhook)
	}
	at := webhooksPath + "/" + url.PathEscape(r.text("id"))
	warnings, _ := r.at("warnings").([]any)
	if !made && len(warnings) == 0 {
		v.toast(v.say("Đã đăng ký"))
		return v.redirect(at)
	}
	var body []any
	for _, w := range warnings {
		body = append(body, Alert{Tone: "warning", Title: v.say("Chưa gửi được đến địa chỉ này"), Text: textOf(w)})
	}
	if made {
		body = append(body, v.hookSecretShown(secret))
	}
	return v.shownOnce(r.text("url"), at, body...)
}

// registered refuses an address that gets the events already, whose secret would be replaced. It is no such address if it was
// registered a moment ago: the form may be sent twice.
func (v *visit) registered(kind, to string) error {
	page, _, err := v.ask("listWebhooks", nil, url.Values{"type": {kind}, "pageSize": {"1000"}})
	if err != nil {
		return err
	}
	for _, r := range records(page.at("data")) {
		made, err := taphoa.ParseTime(r.text("createdDate"))
		if r.text("url") == strings.TrimSpace(to) && (err != nil || made.Add(time.Minute) < v.db.Now()) {
			return taphoa.Refuse(taphoa.CodeValidate, "url", "Địa chỉ này đã được đăng ký cho sự kiện này")
		}
	}
	return nil
}

func (v *visit) hookSecretShown(secret string) Secret {
	return Secret{
		Title: v.say("Mã bí mật của webhook"), Text: v.say("Chép sang máy nhận. Mỗi yêu cầu có chữ ký HMAC-SHA256 của nội dung trong header X-Hub-Signature và Webhook-Signature."),
		Values: []SecretValue{{v.say("Mã bí mật"), secret}},
	}
}

// shownOnce is the page of a secret of a webhook.
func (v *visit) shownOnce(title, at string, body ...any) error {
	return v.show(http.StatusOK, title, append(append([]any{Header{Title: title, Back: v.toWebhooks()}}, body...), Card{
		Title: v.say("Đã chép xong?"), Actions: []Action{{Text: v.say("Xem lại webhook"), Kind: "primary", URL: at}},
	})...)
}

// showWebhook shows what becomes of the events of a webhook.
func (v *visit) showWebhook() error {
	r, _, err := v.askByID("getWebhook")
	if err != nil {
		return err
	}
	id, at, state := r.text("id"), v.address(&webhooks, r.text("id")), hookState(r)
	body := []any{Header{
		Title: r.text("url"), Subtitle: v.eventName(r.text("type")), Back: v.toWebhooks(), Badge: &Badge{hookTones[state], capitalized(v.say(state))},
		Actions: append(v.activeActions(r, at),
			Action{Text: v.say("Gửi lại từ…"), Icon: "history", URL: at + "/replay"},
			Action{Text: v.say("Sửa"), Icon: "pencil", URL: at + "/edit"},
			Action{Text: v.say("Đổi mã bí mật"), Icon: "key", URL: at + "/secret"},
			Action{Text: v.say("Hủy đăng ký"), Icon: "trash", Kind: "danger", Opens: "remove", URL: at + "/remove"}),
	}}
	switch state {
	case hookStopped:
		body = append(body, Alert{Tone: "danger", Title: v.say("Taphoa đã ngừng gửi từ %s", ofTime.show(r.text("stoppedDate"))), Text: r.text("stopReason") + ". " + v.say("Sửa máy nhận rồi bật lại: webhook gửi tiếp từ chỗ đã dừng.")})
	case hookPaused:
		body = append(body, Alert{Tone: "info", Title: v.say("Đang tạm dừng"), Text: v.say("Sự kiện trong lúc tạm dừng không được gửi. Cần chúng thì dùng Gửi lại từ…")})
	case hookFails:
		body = append(body, v.failing(r))
	}
	values := KeyValues{}
	for _, kv := range []KeyValue{
		{Key: v.say("Ghi chú"), Cell: Cell{Text: r.text("description")}},
		{Key: v.say("Đang chờ gửi"), Cell: Cell{Text: ofNumber.show(r.text("heldUp"))}},
		{Key: v.say("Đã gửi xong đến sự kiện số"), Cell: Cell{Text: ofNumber.show(r.text("deliveredSeq"))}},
		{Key: v.say("Ngày tạo"), Cell: Cell{Text: ofTime.show(r.text("createdDate"))}},
		{Key: v.say("Mã bí mật cũ còn dùng đến"), Cell: Cell{Text: v.oldSecretUntil(r)}},
	} {
		if kv.Text != "" {
			values.Items = append(values.Items, kv)
		}
	}
	body = append(body, Card{Title: v.say("Thông tin webhook"), Body: []any{values}})
	tables, err := v.deliveryCards(id)
	if err != nil {
		return err
	}
	body = append(append(body, tables...), Confirm{
		ID: "remove", Title: v.say("Hủy đăng ký webhook này?"), Text: v.unregisterText(), URL: at + "/remove", Button: v.say("Hủy đăng ký"), Danger: true,
	})
	return v.show(http.StatusOK, r.text("url"), body...)
}

// failing says what is the matter with a webhook that is not stopped.
func (v *visit) failing(r record) Alert {
	a := Alert{Tone: "warning", Title: v.say("Máy nhận chưa nhận được"), Text: r.text("lastError")}
	if next := r.text("nextAttemptDate"); next != "" {
		a.Text = strings.TrimPrefix(a.Text+". "+v.say("Thử lại lúc %s (đã thử %s lần).", ofTime.show(next), ofNumber.show(r.text("attempt"))), ". ")
	}
	return a
}

func (v *visit) activeActions(r record, at string) []Action {
	to := func(text, icon, kind, do string) Action {
		return Action{Text: text, Icon: icon, Kind: kind, URL: at + "/active", Post: true, Fields: []Hidden{{"do", do}}}
	}
	switch hookState(r) {
	case hookStopped, hookPaused:
		return []Action{to(v.say("Bật lại"), "check", "primary", "resume")}
	case hookFails:
		return []Action{to(v.say("Thử gửi ngay"), "refresh", "primary", "resume"), to(v.say("Tạm dừng"), "x", "", "pause")}
	}
	return []Action{to(v.say("Tạm dừng"), "x", "", "pause")}
}

// changeWebhook changes members of the webhook that the path names.
func (v *visit) changeWebhook(body map[string]any) (record, error) {
	return v.write("updateWebhook", map[string]string{"id": v.r.PathValue("id")}, body, &filled{key: v.r.PostForm.Get("key")})
}

// activateWebhook pauses a webhook, or activates it and has what waits tried at once.
func (v *visit) activateWebhook() error {
	pause := v.r.PostForm.Get("do") == "pause"
	if _, err := v.changeWebhook(map[string]any{"IsActive": !pause}); err != nil {
		return err
	}
	if pause {
		v.toast(v.say("Đã tạm dừng"))
	} else {
		v.toast(v.say("Đang gửi tiếp"))
	}
	return v.redirect(v.address(&webhooks, v.r.PathValue("id")))
}

// hookForm shows a form that does something with the webhook that the path names.
func (v *visit) hookForm(status int, below, title, button string, refusal *taphoa.Error, sections ...Section) error {
	r, _, err := v.askByID("getWebhook")
	if err != nil {
		return err
	}
	at := v.address(&webhooks, r.text("id"))
	sections[0].Fields = append([]Field{{Kind: "shown", Name: "url", Label: v.say("Địa chỉ nhận"), Value: r.text("url")}}, sections[0].Fields...)
	form := Form{ID: below, URL: at + "/" + below, Save: button, Cancel: at, Dirty: refusal != nil, Hidden: []Hidden{{"key", newKey()}}, Sections: sections}
	if refusal != nil {
		v.placeMember(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Back: &Link{Text: r.text("url"), URL: at}}, form)
}

func (v *visit) showReplay() error { return v.drawReplay(http.StatusOK, nil) }

func (v *visit) drawReplay(status int, refusal *taphoa.Error) error {
	typed := v.r.PostForm
	return v.hookForm(status, "replay", v.say("Gửi lại từ…"), v.say("Gửi lại"), refusal, Section{
		Title: v.say("Từ đâu"), Text: v.say("Mọi sự kiện từ đó được gửi lại theo thứ tự, cả những sự kiện máy nhận đã nhận. Điền một trong hai."),
		Fields: []Field{
			{Kind: "datetime", Name: "fromDate", Label: v.say("Từ lúc"), Value: typed.Get("fromDate"), Width: "half"},
			{Kind: "number", Name: "fromSeq", Label: v.say("Từ sự kiện số"), Value: typed.Get("fromSeq"), Width: "half"},
		},
	})
}

// replay has events of a webhook sent again, from a number or an instant on.
func (v *visit) replay() error {
	typed, body := v.r.PostForm, map[string]any{}
	if at := typed.Get("fromDate"); at != "" {
		body["fromDate"] = at
	}
	seq, ok := ofNumber.read(typed.Get("fromSeq"))
	if seq != nil {
		body["fromSeq"] = seq
	}
	if n, number := seq.(json.Number); number && strings.Contains(n.String(), ".") {
		ok = false
	}
	var err error
	switch {
	case !ok:
		err = taphoa.Refuse(taphoa.CodeValidate, "fromSeq", "Số %q không đúng, hãy viết như 1.250.000", typed.Get("fromSeq"))
	case len(body) != 1:
		err = taphoa.Refuse(taphoa.CodeValidate, "", "Hãy điền thời điểm hoặc số của sự kiện, một trong hai")
	default:
		_, err = v.write("(replayWebhook)", map[string]string{"id": v.r.PathValue("id")}, body, &filled{key: typed.Get("key")})
	}
	if err != nil {
		return v.again(err, v.drawReplay)
	}
	v.toast(v.say("Đang gửi lại"))
	return v.redirect(v.address(&webhooks, v.r.PathValue("id")))
}

func (v *visit) unregisterText() string {
	return v.say("Không gửi sự kiện nào đến địa chỉ này nữa, kể cả những gì còn chờ. Nhật ký các lần gửi vẫn còn.")
}

func (v *visit) showUnregister() error {
	return v.hookForm(http.StatusOK, "remove", v.say("Hủy đăng ký webhook này?"), v.say("Hủy đăng ký"), nil, Section{Title: v.say("Hủy đăng ký"), Text: v.unregisterText()})
}

func (v *visit) unregister() error {
	if _, err := v.do(api.Call{Operation: "unregisterWebhook", Path: map[string]string{"id": v.r.PathValue("id")}}); err != nil {
		return err
	}
	v.toast(v.say("Đã hủy đăng ký"))
	return v.redirect(webhooksPath)
}
