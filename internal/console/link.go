package console

import (
	"net/http"

	"github.com/taphoa/taphoa"
)

// showLink is the page of an invitation or a reset. The secret is in the fragment of its address, which browsers keep for
// themselves; the page's script sends it.
func (v *visit) showLink() error {
	return v.showNarrow(http.StatusOK, v.say("Liên kết một lần"),
		Form{ID: "open-link", URL: "/console/link", Plain: true, Save: v.say("Tiếp tục"), Hidden: []Hidden{{"secret", ""}}, Sections: []Section{{
			Text: v.say("Liên kết này dùng được một lần, để bạn đặt mật khẩu cho tài khoản của mình."),
		}}})
}

func (v *visit) openLink() error { return v.drawLink(http.StatusOK, nil) }

// drawLink asks for the password of whom the link is for.
func (v *visit) drawLink(status int, refusal *taphoa.Error) error {
	if err := v.secure(); err != nil {
		return err
	}
	secret := v.r.PostForm.Get("secret")
	link, err := v.people.Link(v.r.Context(), secret)
	if err != nil {
		return err
	}
	form := v.newPasswordForm("/console/link/accept", link.Account.UserName, refusal)
	form.Hidden = []Hidden{{"secret", secret}}
	return v.showNarrow(status, v.say("Đặt mật khẩu"),
		Alert{Tone: "info", Title: v.say("Chào %s", link.Account.GivenName), Text: v.say("Bạn đặt mật khẩu cho tài khoản %s của gian hàng %s.", link.Account.UserName, link.Account.ShopName)},
		form)
}

// newPasswordForm asks for a new password twice.
func (v *visit) newPasswordForm(url, userName string, refusal *taphoa.Error) Form {
	form := Form{
		ID: "password", URL: url, Plain: true, Save: v.say("Đặt mật khẩu"),
		Sections: []Section{{Fields: []Field{
			{Kind: "text", ID: "userName", Name: "userName", Label: v.say("Tên đăng nhập"), Value: userName, Disabled: true, Autocomplete: "username"},
			{Kind: "password", Name: "password", Label: v.say("Mật khẩu mới"), Hint: v.say("Ít nhất 10 ký tự; một câu ngắn dễ nhớ là tốt nhất"), Required: true, Focus: true, Autocomplete: "new-password", Length: 1000},
			{Kind: "password", Name: "again", Label: v.say("Nhập lại mật khẩu mới"), Required: true, Autocomplete: "new-password", Length: 1000},
		}}},
	}
	if refusal != nil {
		v.place(&form, refusal)
	}
	return form
}

// place shows a refusal at the field that it names, or above the form.
func (v *visit) place(form *Form, refusal *taphoa.Error) {
	for i := range form.Sections {
		for j := range form.Sections[i].Fields {
			if f := &form.Sections[i].Fields[j]; refusal.Field != "" && f.Name == refusal.Field {
				f.Error = v.sentence(refusal)
				return
			}
		}
	}
	form.Error = v.sentence(refusal)
}

// newPassword returns the password of [visit.newPasswordForm].
func (v *visit) newPassword() (string, error) {
	password := v.r.PostForm.Get("password")
	if password != v.r.PostForm.Get("again") {
		return "", taphoa.Refuse(taphoa.CodeValidate, "again", "Hai lần nhập mật khẩu không giống nhau")
	}
	return password, nil
}

func (v *visit) acceptLink() error {
	if err := v.secure(); err != nil {
		return err
	}
	password, err := v.newPassword()
	if err != nil {
		return v.again(err, v.drawLink)
	}
	token, session, err := v.people.AcceptLink(v.r.Context(), v.r.PostForm.Get("secret"), password, v.caller())
	if err != nil {
		return v.again(err, v.drawLink)
	}
	v.setToken(token)
	v.session = session
	if session.Pending {
		return v.redirect("/console/second-factor")
	}
	return v.redirect("/console/")
}
