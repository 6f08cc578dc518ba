package console

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

const consentPath = oauth.AuthorizePath + "/consent"

// openAuthorize serves the pages by which people sign in to programs: see [oauth.Authorization].
func (c *Console) openAuthorize() {
	c.open("GET "+oauth.AuthorizePath, (*visit).authorize)
	c.open("POST "+oauth.AuthorizePath, (*visit).repeat)
	c.open("POST "+consentPath, (*visit).consent)
	c.open("GET "+oauth.EndSessionPath, (*visit).showEndSession)
	c.open("POST "+oauth.EndSessionPath, (*visit).repeat)
	c.open("POST "+oauth.EndSessionPath+"/confirm", (*visit).endSession)
}

// repeat turns a form of another site into the address that it could have been: a form brings no cookie from there.
func (v *visit) repeat() error {
	return v.redirect(v.r.URL.Path + "?" + v.r.PostForm.Encode())
}

// authorize sends a person back to a program with a code, after what is still missing: signing in, the password, a consent.
func (v *visit) authorize() error {
	if v.r.Method != http.MethodGet { // HEAD, which looks and does nothing
		return errForm
	}
	query, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil || !readable(query) {
		return errForm
	}
	a, err := v.api.Tokens().ReadAuthorization(v.r, query)
	if err == nil {
		err = v.proceed(a)
	}
	return v.tellProgram(err)
}

// tellProgram sends a person back to a program with an error that is meant for it.
func (v *visit) tellProgram(err error) error {
	refusal := (*oauth.AuthorizationError)(nil)
	if !errors.As(err, &refusal) {
		return err
	}
	return v.leave(refusal.Location)
}

// proceed finds out what is still missing for a request.
func (v *visit) proceed(a *oauth.Authorization) error {
	found, err := v.authenticate()
	if err != nil {
		return err
	}
	ready := found && !v.session.Pending
	if ready {
		if err := v.renewed(); err != nil {
			return err
		}
	}
	switch {
	case !ready && a.Silent(), ready && a.Silent() && !a.Fits(&v.session):
		return a.Deny(oauth.LoginRequired)
	case found && v.session.Pending:
		return v.redirect("/console/second-factor?" + url.Values{"next": {a.Address(0)}}.Encode())
	case !ready:
		return v.redirect("/console/sign-in?" + url.Values{"shop": {a.ShopCode}, "next": {a.Address(v.db.Now())}}.Encode())
	case !a.Fits(&v.session):
		return v.showOther(a)
	case a.WantsPassword(&v.session, v.db.Now()) && a.Silent():
		return a.Deny(oauth.LoginRequired)
	case a.WantsPassword(&v.session, v.db.Now()):
		return v.redirect("/console/confirm?" + url.Values{"next": {a.Address(v.db.Now())}}.Encode())
	}
	allowed, err := v.api.Tokens().Consented(v.r.Context(), a, &v.session)
	switch {
	case err != nil:
		return err
	case (!allowed || a.AsksAgain()) && a.Silent():
		return a.Deny(oauth.ConsentRequired)
	case !allowed || a.AsksAgain():
		return v.drawConsent(http.StatusOK, a)
	}
	return v.allow(a)
}

// allow sends the person back to the program with a code.
func (v *visit) allow(a *oauth.Authorization) error {
	if err := v.secure(); err != nil {
		return err
	}
	location, err := v.api.Tokens().Allow(v.r.Context(), a, &v.session)
	if err != nil {
		return err
	}
	return v.leave(location)
}

// leave sends a person to a program. The answer to a form is a page that goes on by itself: the policy of our pages lets forms lead to
// this server alone, and browsers hold all redirects to it that follow a form.
func (v *visit) leave(location string) error {
	if v.r.Method == http.MethodGet {
		http.Redirect(v.w, v.r, location, http.StatusSeeOther)
		return nil
	}
	v.w.Header().Set("Refresh", "0; url="+location)
	return v.showNarrow(http.StatusOK, v.say("Đang quay lại ứng dụng"), Leave{template.URL(location)}) //nolint:gosec // it is an address that a client has registered, or ours
}

// drawConsent asks whether a program may act for the person.
func (v *visit) drawConsent(status int, a *oauth.Authorization) error {
	does, err := v.consentItems(a.Scopes)
	if err != nil {
		return err
	}
	title := v.say("Cho phép %s?", a.Client.Name)
	return v.showNarrow(status, title, Consent{
		Title: title, Text: v.say("Ứng dụng này muốn làm việc thay bạn."), Does: ConsentList{does}, Target: v.say("Trả lời xong, bạn được đưa đến %s.", a.Target()),
		Who: KeyValues{Items: []KeyValue{
			{Key: v.say("Gian hàng"), Cell: Cell{Text: v.session.ShopName}}, {Key: v.say("Tài khoản"), Cell: Cell{Text: v.session.GivenName, Sub: v.session.UserName}},
		}},
		URL: consentPath, Hidden: []Hidden{{"request", a.Address(0)}, {"session", v.session.ID}},
	}, Card{Title: v.say("Không phải bạn?"), Actions: []Action{
		{Text: v.say("Đăng nhập tài khoản khác"), URL: "/console/sign-out", Post: true, Fields: []Hidden{{"next", a.Address(0)}}},
	}})
}

// consentItems are what a program may do, in sentences: what its scopes and the person's rights both allow.
func (v *visit) consentItems(scopes []string) (does []ConsentItem, err error) {
	var held *right.Held
	err = v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) error {
		held, _, err = access.Holds(tx, v.session.User)
		return err
	})
	if err != nil {
		return nil, err
	}
	add := func(icon, text string, details ...string) { does = append(does, ConsentItem{icon, text, details}) }
	for _, scope := range scopes {
		switch scope {
		case oauth.ScopePublic:
			text, details := v.rightsInWords(held.Somewhere())
			add("building-store", text, details...)
		case oauth.ScopeAdmin:
			add("settings", v.say("Ghi cả những gì API của KiotViet chỉ cho đọc, trong quyền của bạn: chi nhánh, người dùng, bảng giá …"))
		case oauth.ScopeOpenID:
			add("user", v.say("Biết bạn là ai trong gian hàng này"))
		case oauth.ScopeProfile:
			add("file-text", v.say("Xem họ tên và tên đăng nhập của bạn"))
		case oauth.ScopeEmail:
			add("mail", v.say("Xem địa chỉ email của bạn"))
		default: // offline_access
			add("clock", v.say("Làm những việc này cả khi bạn không mở ứng dụng, đến 90 ngày, hoặc đến khi bạn ngắt"))
		}
	}
	return does, nil
}

// rightsInWords says what rights allow, group by group.
func (v *visit) rightsInWords(held right.Set) (text string, groups []string) {
	if held == right.All {
		return v.say("Xem và ghi mọi dữ liệu của gian hàng, như chính bạn"), nil
	}
	var titles []string
	flush := func(group string) {
		if len(titles) > 0 {
			groups = append(groups, v.say(group)+": "+strings.Join(titles, ", "))
		}
		titles = nil
	}
	group := ""
	for _, r := range right.Grantable() {
		if r.Group() != group {
			flush(group)
			group = r.Group()
		}
		if held.Has(r) {
			titles = append(titles, v.say(r.Title()))
		}
	}
	flush(group)
	return v.say("Những gì bạn được làm, ở những chi nhánh mà bạn làm việc"), groups
}

// consent takes the answer to the question of [visit.drawConsent].
func (v *visit) consent() error {
	form := v.r.PostForm
	address, query, _ := strings.Cut(form.Get("request"), "?")
	values, err := url.ParseQuery(query)
	if err != nil || address != oauth.AuthorizePath || !readable(values) {
		return errForm
	}
	a, err := v.api.Tokens().ReadAuthorization(v.r, values)
	if err != nil {
		return v.tellProgram(err)
	}
	found, err := v.authenticate()
	if err != nil {
		return err
	}
	// Who has signed in meanwhile is to read the page again: the question was for another person.
	if !found || v.session.Pending || !a.Fits(&v.session) || v.session.ID != form.Get("session") || a.WantsPassword(&v.session, v.db.Now()) {
		return v.redirect(a.Address(0))
	}
	if form.Get("answer") != "allow" {
		return v.tellProgram(a.Deny(oauth.AccessDenied))
	}
	return v.allow(a)
}

// showOther says that somebody else is signed in than the program asks for.
func (v *visit) showOther(a *oauth.Authorization) error {
	text := v.say("%s làm việc với một tài khoản khác của gian hàng này. Bạn đang đăng nhập là %s.", a.Client.Name, v.session.UserName)
	if v.session.Retailer != a.Client.RetailerID {
		text = v.say("%s là ứng dụng của một gian hàng khác. Bạn đang đăng nhập gian hàng %s.", a.Client.Name, v.session.ShopName)
	}
	return v.showNarrow(http.StatusForbidden, v.say("Đổi tài khoản"), Alert{
		Tone: "warning", Title: v.say("Đổi tài khoản"), Text: text,
		Actions: []Action{{Text: v.say("Đăng nhập tài khoản khác"), Kind: "primary", URL: "/console/sign-out", Post: true, Fields: []Hidden{{"next", a.Address(v.db.Now())}}}},
	})
}

// showEndSession signs a person out for a program that says who it means, and asks otherwise: GET /connect/endsession.
func (v *visit) showEndSession() error {
	query, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil || !readable(query) {
		return errForm
	}
	found, err := v.authenticate()
	if err != nil {
		return err
	}
	user, client := v.api.Tokens().ReadHint(query.Get("id_token_hint"))
	to, err := v.afterLogout(query)
	switch {
	case err != nil:
		return err
	case !found:
		return v.signedOut(to)
	case client != "" && user == v.session.User:
		if err := v.people.SignOut(v.r.Context(), v.token()); err != nil {
			return err
		}
		v.setToken("")
		return v.signedOut(to)
	}
	return v.showNarrow(http.StatusOK, v.say("Đăng xuất?"), Alert{
		Tone: "info", Title: v.say("Đăng xuất khỏi gian hàng %s?", v.session.ShopName), Text: v.say("Một ứng dụng đề nghị đăng xuất tài khoản %s trên trình duyệt này.", v.session.UserName),
		Actions: []Action{
			{Text: v.say("Đăng xuất"), Kind: "primary", URL: oauth.EndSessionPath + "/confirm", Post: true, Fields: []Hidden{{"request", query.Encode()}}},
			{Text: v.say("Ở lại"), URL: "/console/"},
		},
	})
}

// endSession signs a person out who was asked.
func (v *visit) endSession() error {
	query, err := url.ParseQuery(v.r.PostForm.Get("request"))
	if err != nil || !readable(query) {
		return errForm
	}
	to, err := v.afterLogout(query)
	if err == nil {
		err = v.people.SignOut(v.r.Context(), v.token())
	}
	if err != nil {
		return err
	}
	v.setToken("")
	return v.signedOut(to)
}

// afterLogout is where a program wants a person to be sent who has signed out; empty where it may not.
func (v *visit) afterLogout(query url.Values) (string, error) {
	client := query.Get("client_id")
	if _, named := v.api.Tokens().ReadHint(query.Get("id_token_hint")); named != "" {
		if client != "" && client != named {
			return "", nil
		}
		client = named
	}
	return v.api.Tokens().LogoutURI(v.r, client, query.Get("post_logout_redirect_uri"), query.Get("state"))
}

func (v *visit) signedOut(to string) error {
	v.session = access.Session{}
	if to != "" {
		return v.leave(to)
	}
	return v.showNarrow(http.StatusOK, v.say("Đã đăng xuất"), Alert{
		Tone: "success", Title: v.say("Đã đăng xuất"), Text: v.say("Bạn có thể đóng trang này."),
		Actions: []Action{{Text: v.say("Đăng nhập"), URL: "/console/sign-in"}},
	})
}
