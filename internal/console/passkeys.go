package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
)

const (
	passkeyPath  = "/console/passkey"
	confirmPath  = "/console/confirm/passkey"
	passkeysPath = accountPath + "/passkeys"
	answerName   = "passkey" // the member of a form that has what the browser answers
)

var errNoSite = taphoa.Refuse(taphoa.CodeBusiness, "", "Địa chỉ của máy chủ là một dãy số nên không dùng được khóa truy cập: hãy mở bằng tên, ví dụ https://taphoa.example")

func (c *Console) openPasskeys() {
	c.open("POST "+passkeyPath, (*visit).signInByPasskey)
	c.open("POST "+passkeyPath+"/challenge", (*visit).challengeSignIn)
	c.signedIn("POST "+confirmPath, (*visit).confirmByPasskey)
	c.signedIn("POST "+confirmPath+"/challenge", (*visit).challengeConfirm)
	c.signedIn("GET "+passkeysPath, (*visit).showPasskey)
	c.signedIn("POST "+passkeysPath, (*visit).changePasskeys)
	c.signedIn("POST "+passkeysPath+"/challenge", (*visit).challengePasskey)
}

// site is where passkeys are good.
func (v *visit) site() (access.Site, error) {
	if err := v.secure(); err != nil {
		return access.Site{}, err
	}
	at, ok := access.SiteOf(v.base())
	if !ok {
		return at, errNoSite
	}
	return at, nil
}

// passkey is the button of a form by which a passkey is used instead of what the form asks for; nil where none can be.
func (v *visit) passkey(text, url string) *Passkey {
	at, err := v.site()
	if err != nil {
		return nil
	}
	return &Passkey{Text: text, URL: url, Host: at.ID}
}

// serveChallenge serves what the browser needs to use or make a passkey, as JSON.
func (v *visit) serveChallenge(make func(access.Site) ([]byte, error)) error {
	at, err := v.site()
	var options []byte
	if err == nil {
		options, err = make(at)
	}
	if errors.Is(err, access.ErrUnconfirmed) {
		return v.sendJSON(http.StatusOK, map[string]any{"location": "/console/confirm?" + url.Values{"next": {accountPath}}.Encode()})
	}
	if refusal, ok := refused(err); ok {
		shown := v.api.Refuse(v.r, err, v.id())
		v.tellWhen(err, shown)
		return v.sendJSON(shown.Status, map[string]any{"error": v.sentence(refusal)})
	}
	if err != nil {
		return err
	}
	return v.sendJSON(http.StatusOK, map[string]any{"publicKey": json.RawMessage(options)})
}

func (v *visit) sendJSON(status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(body) // the browser may be gone
	return nil
}

func (v *visit) challengeSignIn() error {
	return v.serveChallenge(func(at access.Site) ([]byte, error) { return v.people.BeginPasskeySignIn(v.r.Context(), at) })
}

func (v *visit) challengeConfirm() error {
	return v.serveChallenge(func(at access.Site) ([]byte, error) {
		return v.people.BeginPasskeyConfirm(v.r.Context(), v.session, at)
	})
}

func (v *visit) challengePasskey() error {
	return v.serveChallenge(func(at access.Site) ([]byte, error) { return v.people.BeginPasskey(v.r.Context(), v.session, at) })
}

// signInByPasskey lets a person in by a passkey, without a second factor.
func (v *visit) signInByPasskey() error {
	at, err := v.site()
	var token string
	var session access.Session
	if err == nil {
		token, session, err = v.people.SignInByPasskey(v.r.Context(), at, v.r.PostForm.Get(answerName), v.caller())
	}
	if err != nil {
		return v.again(err, v.drawSignIn)
	}
	v.setToken(token)
	v.session = session
	return v.welcome()
}

func (v *visit) confirmByPasskey() error {
	at, err := v.site()
	var token string
	if err == nil {
		token, err = v.people.ConfirmByPasskey(v.r.Context(), v.token(), at, v.r.PostForm.Get(answerName), v.caller())
	}
	if err != nil {
		return v.again(err, v.drawConfirm)
	}
	v.setToken(token)
	return v.redirect(v.next())
}

// hasPasskeyHere reports whether the person can confirm by a passkey.
func (v *visit) hasPasskeyHere() (bool, error) {
	at, err := v.site()
	if err != nil {
		return false, nil //nolint:nilerr // there is none then
	}
	all, err := v.people.Passkeys(v.r.Context(), v.session)
	return slices.ContainsFunc(all, func(p access.Passkey) bool { return p.RPID == at.ID }), err
}

// passkeysCard lists the passkeys of the account, and adds one.
func (v *visit) passkeysCard(refusal *taphoa.Error) (Card, error) {
	card := Card{
		Title: v.say("Khóa truy cập"), Flush: true,
		Text: v.say("Đăng nhập bằng vân tay, khuôn mặt hay mã mở khóa của thiết bị, không cần mật khẩu và mã xác thực. Đổi mật khẩu thì khóa vẫn dùng được; đặt lại mật khẩu bằng liên kết thì mọi khóa bị bỏ."),
	}
	all, err := v.people.Passkeys(v.r.Context(), v.session)
	if err != nil {
		return card, err
	}
	at, err := v.site()
	if len(all) > 0 {
		t := Table{ID: "passkeys", Caption: card.Title, Columns: []Column{{Text: v.say("Tên"), Wide: true}, {Text: v.say("Thêm lúc")}, {Text: v.say("Dùng lần cuối"), Key: true}}}
		for i := range all {
			p := &all[i]
			name, used := Cell{Text: p.Name, Title: p.Name}, Cell{Text: v.say("Chưa dùng"), Muted: true}
			if p.RPID != at.ID {
				name.Sub = v.say("Dùng ở %s", p.RPID)
			}
			if p.UsedAt != 0 {
				used = Cell{Text: instant(p.UsedAt)}
			}
			t.Rows = append(t.Rows, Row{URL: passkeyAddress(p.ID), Cells: []Cell{name, {Text: instant(p.CreatedAt)}, used}})
		}
		card.Body = append(card.Body, t)
	}
	add := AddPasskey{Hidden: []Hidden{{"do", "add"}}}
	switch e, ok := refused(err); {
	case ok:
		add.Text = v.sentence(e)
	case !v.session.Password:
		add.Text = v.say("Tài khoản này chưa có mật khẩu nên chưa thêm được khóa truy cập")
	default:
		add.Passkey = Passkey{Text: v.say("Thêm khóa truy cập"), URL: passkeysPath, Host: at.ID}
		add.Text = v.say("Trình duyệt này hoặc địa chỉ này không dùng được khóa truy cập. Hãy mở %s bằng trình duyệt mới.", at.Origin)
	}
	if refusal != nil {
		add.Error = v.sentence(refusal)
	}
	card.Body = append(card.Body, add)
	return card, nil
}

func passkeyAddress(id int64) string {
	return passkeysPath + "?" + url.Values{"id": {strconv.FormatInt(id, 10)}}.Encode()
}

// passkeyOf is the passkey that the request names.
func (v *visit) passkeyOf() (p access.Passkey, err error) {
	all, err := v.people.Passkeys(v.r.Context(), v.session)
	if err != nil {
		return p, err
	}
	at := slices.IndexFunc(all, func(p access.Passkey) bool { return strconv.FormatInt(p.ID, 10) == v.r.FormValue("id") })
	if at < 0 {
		return p, taphoa.NotFound(taphoa.CodeValidate, "Khóa truy cập không tồn tại hoặc đã bị bỏ")
	}
	return all[at], nil
}

func (v *visit) showPasskey() error { return v.drawPasskey(http.StatusOK, nil) }

func (v *visit) drawPasskey(status int, refusal *taphoa.Error) error {
	p, err := v.passkeyOf()
	if err != nil {
		return err
	}
	id := Hidden{"id", strconv.FormatInt(p.ID, 10)}
	form := Form{
		ID: "passkey", URL: passkeysPath, Save: v.say("Lưu"), Cancel: accountPath, Dirty: refusal != nil, Hidden: []Hidden{{"do", "rename"}, id},
		Sections: []Section{{
			Title: v.say("Tên"), Text: v.say("Để bạn nhận ra khóa này ở trên thiết bị nào."),
			Fields: []Field{{Kind: "text", Name: "name", Label: v.say("Tên"), Value: p.Name, Required: true, Length: 60}},
		}},
	}
	if refusal != nil {
		form.Sections[0].Fields[0].Value = v.r.PostForm.Get("name")
		v.place(&form, refusal)
	}
	used := Cell{Text: v.say("Chưa dùng"), Muted: true}
	if p.UsedAt != 0 {
		used = Cell{Text: instant(p.UsedAt)}
	}
	return v.show(status, p.Name, Header{
		Title: p.Name, Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath},
		Actions: []Action{{Text: v.say("Bỏ khóa"), Icon: "trash", Kind: "danger", URL: passkeysPath, Post: true, Fields: []Hidden{{"do", "remove"}, id}}},
	}, Card{Title: v.say("Khóa truy cập"), Text: v.say("Bỏ khóa thì mọi nơi khác phải đăng nhập lại."), Body: []any{KeyValues{Items: []KeyValue{
		{Key: v.say("Dùng ở"), Cell: Cell{Text: p.RPID}}, {Key: v.say("Thêm lúc"), Cell: Cell{Text: instant(p.CreatedAt)}}, {Key: v.say("Dùng lần cuối"), Cell: used},
	}}}}, form)
}

// changePasskeys adds, renames or removes a passkey of one's account.
func (v *visit) changePasskeys() error {
	if err := v.secure(); err != nil {
		return err
	}
	back := accountPath
	if id := v.r.PostForm.Get("id"); id != "" {
		back = passkeysPath + "?" + url.Values{"id": {id}}.Encode()
	}
	if ok, err := v.confirmed(back); !ok {
		return err
	}
	switch v.r.PostForm.Get("do") {
	case "add":
		return v.addPasskey()
	case "rename":
		p, err := v.passkeyOf()
		if err != nil {
			return err
		}
		if err = v.people.RenamePasskey(v.r.Context(), v.session, p.ID, v.r.PostForm.Get("name")); err != nil {
			return v.again(err, v.drawPasskey)
		}
		v.toast(v.say("Đã lưu"))
	case "remove":
		p, err := v.passkeyOf()
		if err != nil {
			return err
		}
		token, err := v.people.RemovePasskey(v.r.Context(), v.token(), p.ID)
		if err != nil {
			return err
		}
		v.setToken(token)
		v.toast(v.say("Đã bỏ khóa truy cập"))
	}
	return v.redirect(accountPath)
}

func (v *visit) addPasskey() error {
	at, err := v.site()
	var token string
	if err == nil {
		token, err = v.people.AddPasskey(v.r.Context(), v.token(), at, v.r.PostForm.Get(answerName), browserName(v.r.UserAgent()))
	}
	if err != nil {
		return v.again(err, func(status int, refusal *taphoa.Error) error {
			return v.drawAccount(status, nil, refusal)
		})
	}
	v.setToken(token)
	v.toast(v.say("Đã thêm khóa truy cập"))
	return v.redirect(accountPath)
}
