package console

import (
	"net/http"

	"github.com/taphoa/taphoa"
)

const pinPath = accountPath + "/pin"

// pinCard is the part of one's account with the PIN by which one allows others something on the spot.
func (v *visit) pinCard() Card {
	card := Card{Title: v.say("Mã PIN"), Text: v.say("6 chữ số để cho phép người khác làm một việc ngay tại quầy, khi bạn có quyền đó.")}
	set := Action{Text: v.say("Đặt mã PIN"), Icon: "lock", URL: pinPath}
	if v.session.PIN {
		card.Text = v.say("Đang dùng 6 chữ số để cho phép người khác làm một việc ngay tại quầy, khi bạn có quyền đó.")
		set.Text = v.say("Đổi mã PIN")
		card.Actions = []Action{set, {Text: v.say("Bỏ mã PIN"), Kind: "danger", URL: pinPath, Post: true, Fields: []Hidden{{"do", "remove"}}}}
		return card
	}
	card.Actions = []Action{set}
	return card
}

func (v *visit) showPIN() error { return v.drawPIN(http.StatusOK, nil) }

func (v *visit) drawPIN(status int, refusal *taphoa.Error) error {
	title := v.say("Đặt mã PIN")
	form := Form{
		ID: "pin", URL: pinPath, Save: v.say("Lưu"), Cancel: accountPath, Hidden: []Hidden{{"do", "set"}},
		Sections: []Section{{
			Title: v.say("Mã PIN"), Text: v.say("6 chữ số, không dễ đoán như 123456 hay 111222. Đừng cho ai biết."),
			Fields: []Field{
				{Kind: "pin", ID: "new-pin", Name: pinName, Label: v.say("Mã PIN mới"), Required: true, Focus: refusal == nil, Autocomplete: "off", Length: 6, Width: "half"},
				{Kind: "pin", Name: "again", Label: v.say("Nhập lại mã PIN mới"), Required: true, Autocomplete: "off", Length: 6, Width: "half"},
			},
		}},
	}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	body := []any{Header{Title: title, Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath}}}
	if err := v.secure(); err != nil {
		body = append(body, Alert{Tone: "warning", Title: v.say("Kết nối chưa được bảo vệ"), Text: v.sentence(errInsecure)})
	}
	return v.show(status, title, append(body, form)...)
}

// changePIN sets the PIN, or takes it away.
func (v *visit) changePIN() error {
	if err := v.secure(); err != nil {
		return err
	}
	switch v.r.PostForm.Get("do") {
	case "remove":
		if ok, err := v.confirmed(accountPath); !ok {
			return err
		}
		if err := v.people.SetPIN(v.r.Context(), v.session, ""); err != nil {
			return err
		}
		v.toast(v.say("Đã bỏ mã PIN"))
	case "set":
		if err := v.setPIN(); err != nil {
			return v.again(err, v.drawPIN)
		}
		v.toast(v.say("Đã đặt mã PIN"))
	}
	return v.redirect(accountPath)
}

func (v *visit) setPIN() error {
	switch {
	case v.pin == "": // without it the PIN would be taken away
		return taphoa.Refuse(taphoa.CodeValidate, pinName, "Hãy nhập mã PIN mới")
	case v.pin != v.r.PostForm.Get("again"):
		return taphoa.Refuse(taphoa.CodeValidate, "again", "Hai lần nhập mã PIN không giống nhau")
	}
	if err := v.confirmTyped(); err != nil {
		return err
	}
	return v.people.SetPIN(v.r.Context(), v.session, v.pin)
}
