package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
)

const wrongNames = "Tên gian hàng, tên đăng nhập hoặc mật khẩu không đúng"

// signIn fills the page in that asks who it is.
func (p *person) signIn(at *page, shop, userName, password string) *page {
	p.t.Helper()
	return p.submit(at.form("/console/sign-in").set("shop", shop, "userName", userName, "password", password))
}

// TestAPersonSignsInAndOut goes wrong in each way first.
func TestAPersonSignsInAndOut(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		v := d.visitor()
		at := v.get("/console/products?q=tra").want(http.StatusOK)
		if at.at.Path != "/console/sign-in" {
			t.Fatalf("at %s", at.at)
		}
		for _, wrong := range [][3]string{{"taphoa", "admin", "sai rồi nhé"}, {"khongco", "admin", ownersPassword}, {"hangxom", "khongco", ownersPassword}, {"", "", ""}} {
			said := v.signIn(at, wrong[0], wrong[1], wrong[2]).want(http.StatusUnprocessableEntity).has(wrongNames).hasNot("sai rồi nhé", ownersPassword)
			if f := said.form("/console/sign-in"); f.Get("shop") != wrong[0] || f.Get("userName") != wrong[1] || f.Get("password") != "" {
				t.Errorf("what was typed is lost, or the password is not: %v", f.Values)
			}
			at = said
		}
		if v.cookie("taphoa") != "" {
			t.Error("a session by a wrong password")
		}
		in := v.signIn(at, " TAPHOA ", "Admin", ownersPassword).want(http.StatusOK)
		if in.at.RequestURI() != "/console/products?q=tra" {
			t.Errorf("after signing in at %s", in.at)
		}
		token := v.cookie("taphoa")
		if v.get("/console/sign-in").at.Path == "/console/sign-in" {
			t.Error("who is signed in is asked to sign in")
		}
		if out := v.submit(in.form("/console/sign-out")).want(http.StatusOK); out.at.Path != "/console/sign-in" {
			t.Errorf("after signing out at %s", out.at)
		}
		if v.cookie("taphoa") != "" {
			t.Error("the cookie is left")
		}
		v.setCookie("taphoa", token)
		if got := v.get("/console/products"); got.at.Path != "/console/sign-in" {
			t.Error("the token of a session that has ended is good")
		}
	})
}

// TestASessionIsNotThatOfBefore signs in with a token that another has put into the browser.
func TestASessionIsNotThatOfBefore(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		for _, planted := range []string{strings.Repeat("A", 43), "x", d.session(d.OtherShop, "")} {
			v := d.visitor()
			at := v.get("/console/sign-in")
			v.setCookie("taphoa", planted)
			v.signIn(at, "taphoa", "admin", ownersPassword).want(http.StatusOK)
			if v.cookie("taphoa") == planted {
				t.Errorf("the planted token %.5s… is the session's", planted)
			}
		}
	})
}

// TestTheAddressOfAShopNamesIt asks for pages without a session.
func TestTheAddressOfAShopNamesIt(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		for path, want := range map[string][2]string{
			"/console/taphoa": {"taphoa", "/console/"}, "/console/TAPHOA": {"TAPHOA", "/console/"}, "/console": {"", "/console/"}, "/console/": {"", "/console/"},
			"/console/account": {"", "/console/account"}, "/console/search?q=a": {"", "/console/search?q=a"}, "/console/confirm": {"", "/console/confirm"},
			"/console/customers": {"", "/console/customers"}, "/console/customers/1": {"", "/console/customers/1"}, "/console/products/new": {"", "/console/products/new"},
			"/console/account/sessions": {"", "/console/account/sessions"},
		} {
			f := d.visitor().get(path).want(http.StatusOK).form("/console/sign-in")
			if f.Get("shop") != want[0] || f.Get("next") != want[1] {
				t.Errorf("%s: shop %q, next %q", path, f.Get("shop"), f.Get("next"))
			}
		}
	})
}

// elsewhere are addresses that no page leads to.
var elsewhere = []string{
	"//evil.example", "/\\evil.example", "https://evil.example", "https:evil.example", "\\\\evil.example", "/console/..//evil.example", "/console//evil.example",
	"/console/\r\nLocation: https://evil.example", "/console/%0d%0aSet-Cookie:a=b\r\n", "javascript:alert(1)", "data:text/html,x", "evil.example", "", " /console/", "/console/\\evil",
	"/consoleevil", "//console/", "http://evil.example/console/", "/console/\tx", "///evil.example/console/", "/console/@evil.example//", "/console/\x00//evil.example", ".//evil.example",
}

// TestNoAddressLeadsElsewhere signs in, confirms, and changes the language with addresses to go on with.
func TestNoAddressLeadsElsewhere(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		v, owner := d.visitor().alone(), d.owner().alone()
		check := func(how, next string, p *page) {
			t.Helper()
			to, err := p.at.Parse(p.header.Get("Location"))
			if p.header.Get("Location") != "" && (err != nil || to.Host != p.at.Host || !strings.HasPrefix(to.Path, "/console")) {
				t.Errorf("%s with %q leads to %q", how, next, p.header.Get("Location"))
			}
			if p.status != http.StatusSeeOther && p.status != http.StatusOK && !strings.Contains(next, "\x00") { // that is no text
				t.Errorf("%s with %q: %d", how, next, p.status)
			}
			for _, c := range (&http.Response{Header: p.header}).Cookies() {
				if c.Name == "a" { // what an address of elsewhere holds
					t.Errorf("%s with %q sets a cookie", how, next)
				}
			}
		}
		for _, next := range elsewhere {
			query := url.Values{"next": {next}}
			page := v.get("/console/sign-in?" + query.Encode()).want(http.StatusOK)
			if got := page.form("/console/sign-in").Get("next"); got != "/console/" {
				t.Errorf("next of %q is %q", next, got)
			}
			check("the language", next, v.post("/console/language", url.Values{"language": {"vi"}, "next": {next}}))
			check("signed in", next, owner.get("/console/sign-in?"+query.Encode()))
			asks := owner.get("/console/confirm?" + query.Encode()).has("Hãy nhập lại mật khẩu của bạn")
			if got := asks.link("Bỏ qua"); got != "/console/" {
				t.Errorf("cancel leads to %q", got)
			}
			check("a referrer", next, v.with("Referer", strings.Map(printable, next)).post("/console/language", url.Values{"language": {"en"}}))
		}
		for _, next := range []string{elsewhere[0], elsewhere[1], elsewhere[7]} { // with a password, which takes time
			check("sign-in", next, v.post("/console/sign-in", url.Values{"shop": {"taphoa"}, "userName": {"admin"}, "password": {ownersPassword}, "next": {next}}))
		}
		if to := v.post("/console/sign-in?next=//evil.example", url.Values{"shop": {"taphoa"}, "userName": {"admin"}, "password": {ownersPassword}, "next": {"/console/customers?q=a%20b"}}).
			header.Get("Location"); to != "/console/customers?q=a%20b" {
			t.Errorf("leads to %q", to)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

// TestTheCookieOfASession looks at its attributes, without and with TLS.
func TestTheCookieOfASession(t *testing.T) {
	t.Parallel()
	for scheme, serve := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer, "https": httptest.NewTLSServer} {
		t.Run(scheme, func(t *testing.T) {
			apitest.Each(t, func(t *testing.T, s *apitest.Server) {
				d := openDesk(t, s, serve, console.Options{})
				v := d.visitor()
				answer := v.alone().signIn(v.get("/console/sign-in"), "taphoa", "admin", ownersPassword).want(http.StatusSeeOther)
				cookies := (&http.Response{Header: answer.header}).Cookies()
				if len(cookies) != 1 {
					t.Fatalf("cookies: %v", answer.header["Set-Cookie"])
				}
				c := cookies[0]
				if c.Name != d.cookieName() || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (scheme == "https") || c.MaxAge != 0 || !c.Expires.IsZero() {
					t.Errorf("%s", c)
				}
				if got := v.get("/console/account"); got.at.Path != "/console/account" {
					t.Errorf("not signed in: %s", got.at)
				}
				if scheme == "https" {
					plain := d.visitor()
					plain.browser.Jar.SetCookies(d.url("/"), []*http.Cookie{{Name: "taphoa", Value: d.session(d.Shop, ""), Path: "/"}})
					if got := plain.get("/console/account"); got.at.Path == "/console/account" {
						t.Error("a cookie that another host may have set is a session under TLS")
					}
				}
			})
		})
	}
}

// withSecondFactor turns the second factor of a person on, and returns its key and a recovery code.
func (p *person) withSecondFactor() (key, recovery string) {
	p.t.Helper()
	at := "/console/account/second-factor"
	begun := p.post(at, url.Values{"do": {"begin"}}).want(http.StatusOK)
	key = textOf(find(begun.root, isCode)[0])
	f := begun.form(at)
	p.submit(f.set("code", "000000")).want(http.StatusUnprocessableEntity)
	shown := p.submit(f.set("code", p.codeOf(key))).want(http.StatusOK).has("Mã dự phòng")
	return key, textOf(find(shown.root, isCode)[0])
}

func (d *desk) codeOf(key string) string {
	d.t.Helper()
	code, err := totp.GenerateCode(key, time.UnixMicro(int64(d.Clock.Now())))
	if err != nil {
		d.t.Fatal(err)
	}
	return code
}

// TestTheSecondFactor turns it on, and signs in with it: until then there is no page but the one that asks for it.
func TestTheSecondFactor(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		key, recovery := owner.withSecondFactor()
		d.Clock.Advance(60)
		v := d.visitor()
		asked := v.signIn(v.get("/console/customers?q=hoa"), "taphoa", "admin", ownersPassword).want(http.StatusOK)
		if asked.at.Path != "/console/second-factor" {
			t.Fatalf("at %s", asked.at)
		}
		pending := v.cookie("taphoa")
		for _, path := range []string{"/console", "/console/customers", "/console/customers/1", "/console/account", "/console/search?q=hoa", "/console/live", "/console/confirm", "/console/style"} {
			if got := v.get(path); got.at.Path != "/console/second-factor" {
				t.Errorf("%s shows %s", path, got.at)
			}
		}
		v.post("/console/customers", url.Values{"name": {"Chưa xong"}})
		owner.get("/console/customers?q=chua+xong").has("Không tìm thấy")
		v.get("/console/nothing").hasNot("/console/customers") // the frame is for who is signed in
		f := asked.form("/console/second-factor")
		v.submit(f.set("code", "123456")).want(http.StatusUnprocessableEntity).has("Mã xác thực không đúng")
		in := v.submit(f.set("code", d.codeOf(key))).want(http.StatusOK)
		if in.at.RequestURI() != "/console/customers?q=hoa" {
			t.Errorf("after the second factor at %s", in.at)
		}
		if v.cookie("taphoa") == pending {
			t.Error("the token is that of before")
		}
		other := d.visitor()
		asked = other.signIn(other.get("/console/sign-in"), "taphoa", "admin", ownersPassword)
		other.submit(asked.form("/console/second-factor").set("code", recovery)).want(http.StatusOK)
		other.get("/console/account").has("Đang bật")
		third := d.visitor()
		third.signIn(third.get("/console/sign-in"), "taphoa", "admin", ownersPassword)
		if got := third.get("/console/sign-in"); got.at.Path != "/console/sign-in" {
			t.Errorf("who lacks the second factor cannot sign in as another: %s", got.at)
		}
	})
}

// TestWhatWasTypedOutlivesTheSession fills a form in whose session ends meanwhile, signs in again, and sends it.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		key, _ := owner.withSecondFactor()
		f := owner.get("/console/customers/new").form("/console/customers").
			set("name", "Chị Kiên Nhẫn", "code", "KN-1", "comments", "một\r\nhai <b>", "contactNumber", "0909090909")
		owner.setCookie("taphoa", "")
		ended := owner.submit(f).want(http.StatusUnauthorized).has("Phiên đăng nhập đã hết", "Chị Kiên Nhẫn", "KN-1", "0909090909")
		wrong := owner.signIn(ended, "taphoa", "admin", "lại sai rồi").want(http.StatusUnprocessableEntity).has(wrongNames)
		second := owner.signIn(wrong, "taphoa", "admin", ownersPassword).want(http.StatusOK)
		again := owner.submit(second.form("/console/second-factor").set("code", "1"))
		d.Clock.Advance(60)
		kept := owner.submit(again.form("/console/second-factor").set("code", d.codeOf(key))).want(http.StatusOK).has("Chị Kiên Nhẫn", "Tạp hóa 1")
		owner.get("/console/customers?q=kien+nhan").has("Không tìm thấy") // nothing is sent by itself
		for range 2 {
			saved := owner.press(kept.form("/console/customers"), "Gửi tiếp").want(http.StatusOK).has("Chị Kiên Nhẫn")
			if got := saved.form(saved.at.Path); got.Get("code") != "KN-1" || got.Get("comments") != "một\r\nhai <b>" {
				t.Errorf("saved: %v", got.Values)
			}
		}
		owner.get("/console/customers?q=kien+nhan").has("1–1 của 1")
	})
}

// TestPasswordsDoNotOutliveTheSession sends the forms that have secrets in them without a session.
func TestPasswordsDoNotOutliveTheSession(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		v := d.visitor()
		for _, path := range []string{"/console/account/password", "/console/account/second-factor", "/console/account/sessions", "/console/confirm"} {
			v.post(path, url.Values{"old": {"bí mật 1"}, "password": {"bí mật 2"}, "again": {"bí mật 3"}, "code": {"654321"}, "do": {"enable"}}).
				want(http.StatusUnauthorized).hasNot("bí mật", "654321", url.QueryEscape("bí mật"))
		}
	})
}

// TestAccount changes the password, which signs out elsewhere, and then everywhere.
func TestAccount(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const newPassword = "bưởi năm roi chín cây"
		owner, elsewhere := d.owner(), d.owner()
		at := "/console/account"
		f := owner.get(at).want(http.StatusOK).has("Firefox, Linux", "Thiết bị này").form(at + "/password")
		for _, wrong := range []struct{ old, password, again, field string }{
			{ownersPassword, newPassword, newPassword + "!", "again"}, {ownersPassword, "ngắn", "ngắn", "password"}, {"sai", newPassword, newPassword, "password"},
		} {
			page := owner.submit(f.set("old", wrong.old, "password", wrong.password, "again", wrong.again)).want(http.StatusUnprocessableEntity).hasNot(newPassword, ownersPassword)
			if page.wrong(wrong.field) == "" {
				t.Errorf("%v: %s", wrong, page.text())
			}
		}
		before := owner.cookie("taphoa")
		done := owner.submit(f.set("old", ownersPassword, "password", newPassword, "again", newPassword)).want(http.StatusOK)
		if !strings.Contains(done.notices(), "Đã đổi mật khẩu") || owner.cookie("taphoa") == before {
			t.Error("the password is not changed, or the token is that of before")
		}
		if elsewhere.get(at).at.Path == at {
			t.Error("signed in elsewhere still")
		}
		v := d.visitor()
		v.signIn(v.get("/console/sign-in"), "taphoa", "admin", ownersPassword).want(http.StatusUnprocessableEntity)
		v.signIn(v.get("/console/sign-in"), "taphoa", "admin", newPassword).want(http.StatusOK)
		owner.post(at+"/sessions", url.Values{"do": {"others"}}).want(http.StatusOK)
		if v.get(at).at.Path == at || owner.get(at).at.Path != at {
			t.Error("signed out here, or not elsewhere")
		}
		owner.post(at+"/sessions", url.Values{"do": {"all"}}).want(http.StatusOK)
		if owner.get(at).at.Path == at {
			t.Error("not signed out everywhere")
		}
	})
}

// TestNoSecretIsTakenInTheClear: over plain HTTP from elsewhere nothing with a password, a code or a link in it is looked at, unless
// the operator wants that; no cookie comes of it.
func TestNoSecretIsTakenInTheClear(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	owner := d.owner().with("X-Forwarded-For", "203.0.113.7") // of a proxy that is not trusted
	signIn := url.Values{"shop": {"taphoa"}, "userName": {"admin"}, "password": {ownersPassword}}
	for path, form := range map[string]url.Values{
		"/console/sign-in": signIn, "/console/second-factor": {"code": {"123456"}}, "/console/confirm": {"password": {ownersPassword}},
		"/console/link": {"secret": {"x"}}, "/console/link/accept": {"secret": {"x"}, "password": {ownersPassword}, "again": {ownersPassword}},
		"/setup/begin": {"secret": {"x"}}, "/setup": {"secret": {"x"}, "password": {ownersPassword}},
		"/console/account/password":      {"old": {ownersPassword}, "password": {"gió mùa đông bắc về"}, "again": {"gió mùa đông bắc về"}},
		"/console/account/second-factor": {"do": {"begin"}},
	} {
		refused := owner.post(path, form).want(http.StatusForbidden).has("Chỉ đăng nhập qua https")
		if got := refused.header.Get("Set-Cookie"); got != "" {
			t.Errorf("%s sets %s", path, got)
		}
	}
	d.visitor().with("X-Forwarded-For", "203.0.113.7").get("/console/sign-in").want(http.StatusOK).has("Kết nối chưa được bảo vệ")

	wanted := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{InsecureSignIn: true})
	wanted.session(wanted.Shop, "admin") // the owner has a password
	wanted.visitor().alone().with("X-Forwarded-For", "203.0.113.7").post("/console/sign-in", signIn).want(http.StatusSeeOther)
}

// TestGuessesAreToldWhenToComeBack: the refusal of too many has the time to wait.
func TestGuessesAreToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	guess := url.Values{"shop": {"taphoa"}, "userName": {"admin"}, "password": {"sai hoàn toàn"}}
	for range 20 {
		if page := d.visitor().post("/console/sign-in", guess); page.status == http.StatusTooManyRequests {
			if after, err := strconv.Atoi(page.header.Get("Retry-After")); err != nil || after < 1 {
				t.Errorf("Retry-After is %q", page.header.Get("Retry-After"))
			}
			return
		}
	}
	t.Error("guesses are never refused")
}
