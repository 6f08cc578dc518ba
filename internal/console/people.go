package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
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

// signIn is how a user signs in, and what the owner may do with that.
func signIn(v *visit, r record) (a also, err error) {
	if a.state = r.text("userName"); !v.holds(right.Administer) {
		return a, nil
	}
	account, err := v.accountOf(r.text("id"))
	if err != nil {
		return a, err
	}
	a.state += " · " + v.stateOf(&account)
	at := "/console/users/" + r.text("id")
	invite := Action{Text: v.say("Mời đăng nhập"), Icon: "mail", Kind: "primary", URL: at + "/invite", Post: true}
	if account.Password {
		invite.Text, invite.Kind = v.say("Gửi liên kết đặt lại mật khẩu"), ""
	}
	end := Field{Kind: "date", Name: "endsOn", Label: v.say("Ngày cuối được đăng nhập")}
	if account.EndsOn.Has() {
		end.Value = ofDate.edit(account.EndsOn.Value.String())
	}
	a.dialogs = []Confirm{{
		ID: "end", Title: v.say("Hạn đăng nhập"), Text: v.say("Sau ngày này %s không đăng nhập được nữa. Để trống là không giới hạn.", r.text("givenName")),
		URL: at + "/end", Button: v.say("Lưu"), Fields: []Field{end},
	}}
	if to, ok := v.mailable(r.text("email")); ok {
		invite.URL, invite.Post, invite.Opens = "", false, "invite"
		a.dialogs = append(a.dialogs, Confirm{
			ID: "invite", Title: v.say("Mời đăng nhập"), Text: v.say("Liên kết để đặt mật khẩu được gửi đến %s, và cũng hiện ở đây một lần.", to),
			URL: at + "/invite", Button: v.say("Gửi thư"),
		})
	}
	a.actions = []Action{invite, {Text: v.say("Hạn đăng nhập"), Icon: "calendar", Opens: "end"}}
	roles, err := v.rolesCard(account.User)
	a.cards = []any{roles}
	return a, err
}

// accountOf is how a user signs in.
func (v *visit) accountOf(id string) (access.AccountInfo, error) {
	all, err := v.people.Accounts(v.r.Context(), v.session)
	at := slices.IndexFunc(all, func(a access.AccountInfo) bool { return strconv.FormatInt(a.User, 10) == id })
	if err != nil || at < 0 {
		return access.AccountInfo{}, err
	}
	return all[at], nil
}

// stateOf says whether an account can sign in.
func (v *visit) stateOf(a *access.AccountInfo) string {
	state := v.say("chưa đăng nhập được")
	switch {
	case a.Password && a.Seen > 0:
		state = v.say("đang đăng nhập, dùng lần cuối %s", instant(a.Seen))
	case a.Password:
		state = v.say("có mật khẩu")
	case a.Invited > 0:
		state = v.say("đã mời, liên kết dùng được đến %s", instant(a.Invited))
	}
	if a.EndsOn.Has() {
		state += ", " + v.say("đến hết %s", ofDate.show(a.EndsOn.Value.String()))
	}
	return state
}

// confirmedUser is the user that the path names, and the page of that user, once the password was given a short time ago.
func (v *visit) confirmedUser() (user int64, at string, ok bool, err error) {
	at = "/console/users/" + v.r.PathValue("id")
	if ok, err = v.confirmed(at); !ok {
		return 0, at, false, err
	}
	if user, err = strconv.ParseInt(v.r.PathValue("id"), 10, 64); err != nil {
		return 0, at, false, v.notFound()
	}
	return user, at, true, nil
}

// invite makes the link by which a user sets a password, sends it where that can be done, and shows it once.
func (v *visit) invite() error {
	user, at, ok, err := v.confirmedUser()
	if !ok {
		return err
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
	user, at, ok, err := v.confirmedUser()
	if !ok {
		return err
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
