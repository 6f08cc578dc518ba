package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// secure refuses what has a password or a secret in it where others on the way can read it.
func (v *visit) secure() error {
	if v.options.InsecureSignIn || api.SecureEnough(v.r) {
		return nil
	}
	return errInsecure
}

// askToSignIn sends a person who is not signed in to the page for that, and back afterwards. What was typed is kept.
func (v *visit) askToSignIn() error {
	if v.r.Method == http.MethodPost {
		return v.showEnded()
	}
	to := url.Values{}
	if next := v.r.URL.RequestURI(); local(next) {
		to.Set("next", next)
	}
	return v.redirect(strings.TrimSuffix("/console/sign-in?"+to.Encode(), "?"))
}

// showSignIn asks who it is.
func (v *visit) showSignIn() error {
	if found, err := v.authenticate(); err == nil && found && !v.session.Pending {
		return v.redirect(v.next())
	}
	return v.drawSignIn(http.StatusOK, nil)
}

func (v *visit) drawSignIn(status int, refusal *taphoa.Error) error {
	shop := v.r.FormValue("shop")
	form := v.signInForm(shop, refusal)
	form.Hidden = append(v.kept(), Hidden{"next", v.next()})
	body := []any{}
	if err := v.secure(); err != nil {
		e, _ := refused(err)
		body = append(body, Alert{Tone: "warning", Title: v.say("Kết nối chưa được bảo vệ"), Text: v.sentence(e)})
	}
	body = append(body, form)
	if v.options.Demo != "" {
		body = append(body, Card{
			Title: v.say("Gian hàng mẫu"), Text: v.say("Xem thử với dữ liệu mẫu, không cần mật khẩu."),
			Actions: []Action{{Text: v.say("Vào gian hàng mẫu"), Icon: "building-store", Kind: "primary", URL: "/console/demo", Post: true, Fields: []Hidden{{"next", v.next()}}}},
		})
	}
	return v.showNarrow(status, v.say("Đăng nhập"), body...)
}

func (v *visit) signInForm(shop string, refusal *taphoa.Error) Form {
	form := Form{
		ID: "sign-in", URL: "/console/sign-in", Plain: true, Save: v.say("Đăng nhập"),
		Sections: []Section{{Fields: []Field{
			{Kind: "text", Name: "shop", Label: v.say("Gian hàng"), Value: shop, Required: true, Focus: shop == "", Autocomplete: "organization", Length: 100},
			{Kind: "text", Name: "userName", Label: v.say("Tên đăng nhập"), Value: v.r.PostFormValue("userName"), Required: true, Focus: shop != "", Autocomplete: "username", Length: 100},
			{Kind: "password", Name: "password", Label: v.say("Mật khẩu"), Required: true, Autocomplete: "current-password", Length: 1000},
		}}},
	}
	form.Passkey = v.passkey(v.say("Đăng nhập bằng khóa truy cập"), passkeyPath)
	if v.options.Mail != nil {
		form.Links = []Link{{Text: v.say("Quên mật khẩu?"), URL: strings.TrimSuffix("/console/forgotten?"+url.Values{"shop": {shop}}.Encode(), "?shop=")}}
	}
	if refusal != nil {
		form.Error = v.sentence(refusal)
	}
	return form
}

// signIn lets a person in who knows the password.
func (v *visit) signIn() error {
	if err := v.secure(); err != nil {
		return err
	}
	form := v.r.PostForm
	token, session, err := v.people.SignIn(v.r.Context(), access.SignIn{
		Shop: form.Get("shop"), UserName: form.Get("userName"), Password: form.Get("password"),
	}, v.caller())
	if err != nil {
		return v.again(err, v.drawSignIn)
	}
	v.setToken(token)
	v.session = session
	switch {
	case session.Pending && len(v.kept()) > 0:
		return v.drawSecondFactor(http.StatusOK, nil)
	case session.Pending:
		return v.redirect("/console/second-factor?" + url.Values{"next": {v.next()}}.Encode())
	}
	return v.welcome()
}

// again shows a page again that a person has filled in wrongly, with the refusal.
func (v *visit) again(err error, draw func(status int, refusal *taphoa.Error) error) error {
	refusal, ok := refused(err)
	if !ok {
		return err
	}
	shown := v.api.Refuse(v.r, err, v.id())
	status := shown.Status
	v.tellWhen(err, shown)
	if status == http.StatusUnauthorized || refusal.Kind == taphoa.KindRefused || refusal.Kind == taphoa.KindNotFound {
		status = http.StatusUnprocessableEntity
	}
	return draw(status, refusal)
}

// welcome goes on after signing in: with what was typed before the session ended, if that was the same person.
func (v *visit) welcome() error {
	if v.r.PostForm.Get(keptPath) != "" {
		return v.offerKept()
	}
	return v.redirect(v.next())
}

func (v *visit) showSecondFactor() error {
	found, err := v.authenticate()
	if err != nil {
		return err
	}
	if !found || !v.session.Pending {
		return v.redirect("/console/")
	}
	return v.drawSecondFactor(http.StatusOK, nil)
}

func (v *visit) drawSecondFactor(status int, refusal *taphoa.Error) error {
	form := Form{
		ID: "second-factor", URL: "/console/second-factor", Plain: true, Save: v.say("Tiếp tục"), Hidden: append(v.kept(), Hidden{"next", v.next()}),
		Sections: []Section{{
			Text: v.say("Nhập mã 6 số trong ứng dụng xác thực, hoặc một mã dự phòng."),
			Fields: []Field{{
				Kind: "code", Name: "code", Label: v.say("Mã xác thực"), Required: true, Focus: true, Autocomplete: "one-time-code", Length: 30,
			}},
		}},
	}
	if refusal != nil {
		form.Error = v.sentence(refusal)
	}
	return v.showNarrow(status, v.say("Xác thực hai lớp"), form)
}

func (v *visit) secondFactor() error {
	if err := v.secure(); err != nil {
		return err
	}
	token, session, err := v.people.SecondFactor(v.r.Context(), v.token(), v.r.PostForm.Get("code"), v.caller())
	if err != nil {
		return v.again(err, v.drawSecondFactor)
	}
	v.setToken(token)
	v.session = session
	return v.welcome()
}

func (v *visit) signOut() error {
	if err := v.people.SignOut(v.r.Context(), v.token()); err != nil {
		return err
	}
	v.setToken("")
	if next := v.r.PostForm.Get("next"); local(next) {
		return v.redirect("/console/sign-in?" + url.Values{"next": {next}}.Encode())
	}
	return v.redirect("/console/sign-in")
}

// confirmed reports whether the person has given the password within ten minutes; otherwise it is asked for, and the person comes
// back to the page that next names.
func (v *visit) confirmed(next string) (bool, error) {
	if v.session.ConfirmedNow(v.db.Now()) {
		return true, nil
	}
	return false, v.redirect("/console/confirm?" + url.Values{"next": {next}}.Encode())
}

func (v *visit) showConfirm() error { return v.drawConfirm(http.StatusOK, nil) }

func (v *visit) drawConfirm(status int, refusal *taphoa.Error) error {
	form := Form{
		ID: "confirm", URL: "/console/confirm", Plain: true, Save: v.say("Tiếp tục"), Hidden: []Hidden{{"next", v.next()}},
		Cancel: v.next(),
		Sections: []Section{{
			Text:   v.say("Việc sắp làm ảnh hưởng đến việc ai được vào gian hàng. Hãy nhập lại mật khẩu của bạn."),
			Fields: []Field{{Kind: "password", Name: "password", Label: v.say("Mật khẩu"), Required: true, Focus: true, Autocomplete: "current-password", Length: 1000}},
		}},
	}
	has, err := v.hasPasskeyHere()
	if err != nil {
		return err
	}
	if has {
		form.Passkey = v.passkey(v.say("Dùng khóa truy cập"), confirmPath)
	}
	if refusal != nil {
		form.Error = v.sentence(refusal)
	}
	return v.showNarrow(status, v.say("Nhập lại mật khẩu"), form)
}

func (v *visit) confirm() error {
	if err := v.secure(); err != nil {
		return err
	}
	token, err := v.people.Confirm(v.r.Context(), v.token(), v.r.PostForm.Get("password"), v.caller())
	if err != nil {
		return v.again(err, v.drawConfirm)
	}
	v.setToken(token)
	return v.redirect(v.next())
}

// enterDemo lets a visitor into the demo's shop, as its owner.
func (v *visit) enterDemo() error {
	if v.options.Demo == "" {
		return v.notFound()
	}
	var shop org.Shop
	err := v.db.Read(v.r.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		shop, _, err = org.FindShop(tx, v.options.Demo)
		return err
	})
	if err != nil {
		return err
	}
	var token string
	err = v.db.Write(v.r.Context(), db.Actor{Retailer: shop.RetailerID}, func(tx *db.Tx) error {
		owner, err := access.FindOwner(tx)
		audit.Operation(tx, "signIn", "users")
		if tx.User = owner.User; err == nil {
			token, _, err = access.StartSession(tx, owner.User, v.caller())
		}
		return err
	})
	if err != nil {
		return err
	}
	v.setToken(token)
	return v.redirect(v.next())
}
