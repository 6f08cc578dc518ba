package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
)

// owner says who owns the shop, whom the operations of users do not know.
func owner(v *visit) (text string, err error) {
	err = v.db.Read(v.r.Context(), db.Actor{Retailer: v.session.Retailer}, func(tx *db.Tx) error {
		account, err := access.FindOwner(tx)
		text = v.say("Chủ cửa hàng: %s (%s)", account.GivenName, account.UserName)
		return err
	})
	return text, err
}

// userActions are what the owner may do with how a user signs in.
func userActions(v *visit, r record) ([]Action, []Confirm) {
	if !v.session.Owner {
		return nil, nil
	}
	at := "/console/users/" + r.text("id")
	invite := Action{Text: v.say("Mời đăng nhập"), Icon: "mail", Kind: "primary", URL: at + "/invite", Post: true}
	confirms := []Confirm{{
		ID: "end", Title: v.say("Ngày kết thúc"), Text: v.say("Sau ngày này %s không đăng nhập được nữa. Để trống là không giới hạn.", r.text("givenName")),
		URL: at + "/end", Button: v.say("Lưu"), Fields: []Field{{Kind: "date", Name: "endsOn", Label: v.say("Ngày cuối được đăng nhập")}},
	}}
	if to, ok := v.mailable(r.text("email")); ok {
		invite.URL, invite.Post, invite.Opens = "", false, "invite"
		confirms = append(confirms, Confirm{
			ID: "invite", Title: v.say("Mời đăng nhập"), Text: v.say("Liên kết để đặt mật khẩu được gửi đến %s, và cũng hiện ở đây một lần.", to),
			URL: at + "/invite", Button: v.say("Gửi thư"),
		})
	}
	return []Action{invite, {Text: v.say("Ngày kết thúc"), Icon: "calendar", Opens: "end"}}, confirms
}

// invite makes the link by which a user sets a password, sends it where that can be done, and shows it once.
func (v *visit) invite() error {
	at := "/console/users/" + v.r.PathValue("id")
	if ok, err := v.confirmed(at); !ok {
		return err
	}
	user, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return v.notFound()
	}
	secret, link, err := v.people.Invite(v.r.Context(), v.session, user)
	if err != nil {
		return err
	}
	title := v.say("Lời mời cho %s", link.GivenName)
	body := []any{Header{Title: title, Back: &Link{Text: link.GivenName, URL: at}}}
	if to, ok := v.mailable(link.Email); ok {
		body = append(body, v.mailInvitation(to, secret, link))
	}
	return v.show(http.StatusOK, title, append(body, Secret{
		Title:  v.say("Gửi liên kết này cho %s", link.GivenName),
		Text:   v.say("Liên kết dùng được một lần, đến %s, và chỉ hiện ở đây một lần. Ai có liên kết này đặt được mật khẩu của tài khoản %s.", instant(link.Expires), link.UserName),
		Values: []SecretValue{{v.say("Liên kết"), v.linkAddress(v.base(), secret)}},
	})...)
}

// base is where people reach the server.
func (v *visit) base() string {
	if v.options.PublicURL != "" {
		return strings.TrimSuffix(v.options.PublicURL, "/")
	}
	if api.IsHTTPS(v.r) {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// setEnd sets the last day on which a user may sign in.
func (v *visit) setEnd() error {
	at := "/console/users/" + v.r.PathValue("id")
	if ok, err := v.confirmed(at); !ok {
		return err
	}
	user, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return v.notFound()
	}
	var endsOn taphoa.Opt[taphoa.Time]
	if day := v.r.PostForm.Get("endsOn"); day != "" {
		t, err := taphoa.ParseTime(day)
		if err != nil {
			return taphoa.Refuse(taphoa.CodeValidate, "endsOn", "Ngày kết thúc %s không đúng, ví dụ 2026-12-31", day)
		}
		endsOn = taphoa.Some(t)
	}
	if err := v.people.SetEnd(v.r.Context(), v.session, user, endsOn); err != nil {
		return err
	}
	v.toast(v.say("Đã lưu"))
	return v.redirect(at)
}
