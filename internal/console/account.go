package console

import (
	"net/http"

	"github.com/taphoa/taphoa"
)

const accountPath = "/console/account"

// showAccount is the page of one's own account: password, second factor, and where one is signed in.
func (v *visit) showAccount() error { return v.drawAccount(http.StatusOK, nil, nil) }

// drawAccount draws the page with what is refused of a new password, or of a new passkey.
func (v *visit) drawAccount(status int, ofPassword, ofPasskey *taphoa.Error) error {
	password, err := v.passwordCard(ofPassword)
	if err != nil {
		return err
	}
	passkeys, err := v.passkeysCard(ofPasskey)
	if err != nil {
		return err
	}
	second, err := v.secondFactorCard()
	if err != nil {
		return err
	}
	sessions, err := v.sessionsCard()
	if err != nil {
		return err
	}
	apps, err := v.appsCard()
	if err != nil {
		return err
	}
	header := Header{Title: v.say("Tài khoản của tôi"), Subtitle: v.session.UserName}
	return v.show(status, header.Title, header, sessions, Parts{apps}, passkeys, second, v.pinCard(), password)
}

func (v *visit) passwordCard(refusal *taphoa.Error) (Card, error) {
	if !v.session.Password {
		return Card{Title: v.say("Mật khẩu"), Text: v.say("Tài khoản này chưa có mật khẩu.")}, nil
	}
	form := v.newPasswordForm(accountPath+"/password", v.session.UserName, nil)
	form.Save = v.say("Đổi mật khẩu")
	old := Field{Kind: "password", Name: "old", Label: v.say("Mật khẩu hiện tại"), Required: true, Autocomplete: "current-password", Length: 1000}
	fields := form.Sections[0].Fields
	form.Sections[0].Fields = append([]Field{fields[0], old}, fields[1:]...)
	for i := range form.Sections[0].Fields {
		form.Sections[0].Fields[i].Focus = false
	}
	if refusal != nil {
		v.place(&form, refusal)
	}
	return Card{Title: v.say("Mật khẩu"), Text: v.say("Đổi mật khẩu thì mọi nơi khác phải đăng nhập lại; khóa truy cập vẫn dùng được."), Body: []any{form}}, nil
}

func (v *visit) secondFactorCard() (Card, error) {
	at := accountPath + "/second-factor"
	card := Card{Title: v.say("Xác thực hai lớp"), Text: v.say("Ngoài mật khẩu còn hỏi mã 6 số trong ứng dụng trên điện thoại.")}
	if !v.session.TOTP {
		card.Actions = []Action{{Text: v.say("Bật"), Icon: "lock", URL: at, Post: true, Fields: []Hidden{{"do", "begin"}}}}
		return card, nil
	}
	left, err := v.people.RecoveryCodesLeft(v.r.Context(), v.session)
	if err != nil {
		return card, err
	}
	card.Text = v.say("Đang bật. Còn %d mã dự phòng.", left)
	card.Actions = []Action{
		{Text: v.say("Tạo mã dự phòng mới"), URL: at, Post: true, Fields: []Hidden{{"do", "codes"}}},
		{Text: v.say("Tắt"), Kind: "danger", URL: at, Post: true, Fields: []Hidden{{"do", "disable"}}},
	}
	return card, nil
}

func (v *visit) sessionsCard() (Card, error) {
	sessions, err := v.people.Sessions(v.r.Context(), v.session)
	if err != nil {
		return Card{}, err
	}
	at := accountPath + "/sessions"
	t := Table{ID: "sessions", Caption: v.say("Thiết bị đang đăng nhập"), Columns: []Column{
		{Text: v.say("Thiết bị"), Wide: true}, {Text: v.say("Địa chỉ")}, {Text: v.say("Đăng nhập lúc")}, {Text: v.say("Dùng lần cuối"), Key: true},
	}}
	for _, s := range sessions {
		device := Cell{Text: browserName(s.UserAgent), Title: s.UserAgent}
		if s.This {
			device.Badge = &Badge{"success", v.say("Thiết bị này")}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			device, {Text: s.Address}, {Text: instant(s.CreatedAt)}, {Text: instant(s.SeenAt)},
		}})
	}
	return Card{
		Title: v.say("Thiết bị đang đăng nhập"), Flush: true, Body: []any{t},
		Actions: []Action{
			{Text: v.say("Đăng xuất nơi khác"), URL: at, Post: true, Fields: []Hidden{{"do", "others"}}},
			{Text: v.say("Đăng xuất mọi nơi"), URL: at, Post: true, Fields: []Hidden{{"do", "all"}}},
		},
	}, nil
}

func instant(t taphoa.Time) string { return ofTime.show(t.String()) }

func (v *visit) changePassword() error {
	if err := v.secure(); err != nil {
		return err
	}
	refusedPassword := func(status int, refusal *taphoa.Error) error { return v.drawAccount(status, refusal, nil) }
	password, err := v.newPassword()
	if err != nil {
		return v.again(err, refusedPassword)
	}
	token, err := v.people.ChangePassword(v.r.Context(), v.token(), v.r.PostForm.Get("old"), password, v.caller())
	if err != nil {
		return v.again(err, refusedPassword)
	}
	v.setToken(token)
	v.toast(v.say("Đã đổi mật khẩu"))
	return v.redirect(accountPath)
}

// changeSecondFactor turns the second factor on, in two steps, or off, or makes new recovery codes.
func (v *visit) changeSecondFactor() error {
	if err := v.secure(); err != nil {
		return err
	}
	if ok, err := v.confirmed(accountPath); !ok {
		return err
	}
	switch v.r.PostForm.Get("do") {
	case "begin":
		return v.beginSecondFactor()
	case "enable":
		token, recovery, err := v.people.EnableTOTP(v.r.Context(), v.token(), v.r.PostForm.Get("code"))
		if err != nil {
			return v.again(err, v.drawEnable)
		}
		v.setToken(token)
		return v.showRecovery(recovery)
	case "codes":
		token, recovery, err := v.people.NewRecoveryCodes(v.r.Context(), v.token())
		if err != nil {
			return err
		}
		v.setToken(token)
		return v.showRecovery(recovery)
	case "disable":
		token, err := v.people.DisableTOTP(v.r.Context(), v.token())
		if err != nil {
			return err
		}
		v.setToken(token)
		v.toast(v.say("Đã tắt xác thực hai lớp"))
	}
	return v.redirect(accountPath)
}

func (v *visit) beginSecondFactor() error {
	setup, err := v.people.BeginTOTP(v.r.Context(), v.session)
	if err != nil {
		return err
	}
	picture, err := qrCode(setup.URL)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, v.say("Bật xác thực hai lớp"), Header{Title: v.say("Bật xác thực hai lớp"), Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath}},
		Secret{
			Title: v.say("Quét mã này bằng ứng dụng xác thực"), Text: v.say("Không quét được thì nhập khóa bên dưới vào ứng dụng."),
			Values: []SecretValue{{v.say("Khóa"), setup.Secret}}, Picture: picture, PictureText: v.say("Mã QR của khóa"),
		}, v.enableForm(nil))
}

func (v *visit) enableForm(refusal *taphoa.Error) Form {
	form := Form{
		ID: "enable", URL: accountPath + "/second-factor", Plain: true, Save: v.say("Bật"), Cancel: accountPath, Hidden: []Hidden{{"do", "enable"}},
		Sections: []Section{{Fields: []Field{{
			Kind: "code", Name: "code", Label: v.say("Mã 6 số trong ứng dụng"), Required: true, Focus: true, Autocomplete: "one-time-code", Length: 10,
		}}}},
	}
	if refusal != nil {
		v.place(&form, refusal)
	}
	return form
}

func (v *visit) drawEnable(status int, refusal *taphoa.Error) error {
	return v.show(status, v.say("Bật xác thực hai lớp"), Header{Title: v.say("Bật xác thực hai lớp"), Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath}},
		v.enableForm(refusal))
}

func (v *visit) showRecovery(codes []string) error {
	secret := Secret{
		Title: v.say("Mã dự phòng"), Text: v.say("Mỗi mã dùng được một lần khi không có điện thoại. Chép lại ngay: các mã chỉ hiện một lần này."),
	}
	for i, code := range codes {
		secret.Values = append(secret.Values, SecretValue{v.say("Mã %d", i+1), code})
	}
	return v.show(http.StatusOK, v.say("Mã dự phòng"), Header{Title: v.say("Mã dự phòng"), Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath}}, secret)
}

// endSessions signs the person out elsewhere, or everywhere.
func (v *visit) endSessions() error {
	others := v.r.PostForm.Get("do") != "all"
	if err := v.people.EndAllSessions(v.r.Context(), v.session, others); err != nil {
		return err
	}
	if !others {
		v.setToken("")
		return v.redirect("/console/sign-in")
	}
	v.toast(v.say("Đã đăng xuất nơi khác"))
	return v.redirect(accountPath)
}
