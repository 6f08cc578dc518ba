package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
)

// eachEmptyDesk runs a test on a server without a shop, with the secret of its set-up link.
func eachEmptyDesk(t *testing.T, test func(t *testing.T, d *desk, secret string)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB, clock *dbtest.Clock) {
		tokens, err := oauth.New(database, oauth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a := api.New(database, tokens, api.Options{Log: failing(t)})
		d := mount(t, &apitest.Server{Handler: a, DB: database, Clock: clock}, a, database, httptest.NewServer, console.Options{})
		test(t, d, d.setupLink())
	})
}

func (d *desk) setupLink() (secret string) {
	d.t.Helper()
	err := d.DB.Write(d.t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		secret, err = access.NewSetupLink(tx)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return secret
}

func (d *desk) shops() (n int64) {
	d.t.Helper()
	err := d.DB.Read(d.t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		n, err = org.CountShops(tx)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// begin opens the set-up link.
func (p *person) begin(secret string) *form {
	p.t.Helper()
	opened := p.get("/setup").want(http.StatusOK).form("/setup/begin")
	return p.submit(opened.set("secret", secret)).want(http.StatusOK).form("/setup").set(
		"name", "Tạp hóa Cô Biển", "code", "cobien", "branchName", "Chợ Bến Thành", "givenName", "Trần Thị Biển", "userName", "bien",
		"password", ownersPassword, "again", ownersPassword)
}

// TestAShopIsOpenedFromNothing goes from the link to a request of a program by the credentials that the page shows.
func TestAShopIsOpenedFromNothing(t *testing.T) {
	t.Parallel()
	eachEmptyDesk(t, func(t *testing.T, d *desk, secret string) {
		v := d.visitor()
		f := v.begin(secret)
		made := v.submit(f).want(http.StatusOK).has("Gian hàng Tạp hóa Cô Biển đã mở")
		if made.header.Get("Cache-Control") != "no-store" {
			t.Error("a page with a secret may be kept")
		}
		var codes []string
		for _, n := range find(made.root, isCode) {
			codes = append(codes, textOf(n))
		}
		if len(codes) != 3 || codes[0] != "cobien" {
			t.Fatalf("credentials %q", codes)
		}
		calling := &desk{Server: d.As(apitest.Shop{Code: codes[0], ClientID: codes[1], Secret: codes[2]}).On(t), t: t}
		calling.Shop.Token = calling.Token(calling.Shop, oauth.ScopePublic)
		if got := calling.record("/products"); !strings.Contains(got, `"total":0`) {
			t.Errorf("products: %s", got)
		}
		if got := calling.record("/branches"); !strings.Contains(got, "Chợ Bến Thành") || !strings.Contains(got, `"total":1`) {
			t.Errorf("branches: %s", got)
		}
		if got := v.get(made.link("Vào gian hàng")).want(http.StatusOK); got.at.Path != "/console/invoices" || !strings.Contains(got.body, "Tạp hóa Cô Biển") {
			t.Errorf("at %s", got.at)
		}
		v.get("/console/account").has("bien")
		v.submit(f).want(http.StatusNotFound).has("Liên kết không đúng, đã được dùng").hasNot(ownersPassword, codes[2])
		other := d.visitor()
		other.post("/setup/begin", url.Values{"secret": {secret}}).want(http.StatusNotFound)
		other.signIn(other.get("/console/cobien"), "cobien", "bien", ownersPassword).want(http.StatusOK)
		if got := other.get("/console/account"); got.at.Path != "/console/account" {
			t.Error("the owner cannot sign in")
		}
	})
}

// TestASetUpThatIsWrongUsesNothingUp fills the form in wrongly in each way.
func TestASetUpThatIsWrongUsesNothingUp(t *testing.T) {
	t.Parallel()
	eachEmptyDesk(t, func(t *testing.T, d *desk, secret string) {
		v := d.visitor()
		for _, secret := range []string{"", "x", strings.Repeat("A", 43), secret + "A", secret[1:], "'--"} {
			v.post("/setup/begin", url.Values{"secret": {secret}}).want(http.StatusNotFound)
			v.post("/setup", url.Values{"secret": {secret}, "name": {"A"}, "code": {"a"}, "givenName": {"A"}, "userName": {"a"}, "branchName": {"A"}, "password": {ownersPassword}, "again": {ownersPassword}}).
				want(http.StatusNotFound)
			// A password of who has no link is not looked at: hashing takes turns.
			v.post("/setup", url.Values{"secret": {secret}, "name": {"A"}, "code": {"a"}, "givenName": {"A"}, "userName": {"a"}, "branchName": {"A"}, "password": {"x"}, "again": {"x"}}).
				want(http.StatusNotFound)
		}
		f := v.begin(secret)
		for _, wrong := range []struct{ field, value, at, english string }{
			{"code", "cô biển", "code", "without accents"},
			{"code", "", "code", ""},
			{"name", " ", "name", "must not be empty"},
			{"branchName", " ", "branchName", "must not be empty"},
			{"givenName", "", "givenName", "must not be empty"},
			{"userName", "", "userName", "must not be empty"},
			{"password", "ngắn", "password", "at least"},
			{"password", "1234567890123", "password", "easy to guess"},
			{"again", "khác hẳn", "again", "differ"},
			{"name", "a\x00b\xff", "", ""},
		} {
			again := form{Values: url.Values{}, action: f.action}
			for name, values := range f.Values {
				again.Values[name] = values
			}
			again.Set(wrong.field, wrong.value)
			if wrong.field == "password" {
				again.Set("again", wrong.value)
			}
			page := v.submit(&again)
			if wrong.at == "" { // what no database takes
				page.want(http.StatusBadRequest).has("Không đọc được nội dung biểu mẫu")
				continue
			}
			page.want(http.StatusUnprocessableEntity).hasNot(ownersPassword)
			if page.wrong(wrong.at) == "" {
				t.Errorf("%s %.40q: nothing at the field: %.600s", wrong.field, wrong.value, page.text())
			}
			for name, value := range page.form("/setup").Values {
				want := again.Get(name)
				if name == "password" || name == "again" {
					want = ""
				}
				if value[0] != want && strings.TrimSpace(want) != "" {
					t.Errorf("%s %.40q: %s was %q and is %q", wrong.field, wrong.value, name, want, value[0])
				}
			}
			english := v.with("Accept-Language", "en").submit(&again)
			if got := english.wrong(wrong.at); vietnamese(got) || !strings.Contains(got, wrong.english) {
				t.Errorf("in English: %q", got)
			}
		}
	})
}

// TestALinkMakesOneShop sends the form eight times at once.
func TestALinkMakesOneShop(t *testing.T) {
	t.Parallel()
	eachEmptyDesk(t, func(t *testing.T, d *desk, secret string) {
		f := d.visitor().begin(secret)
		var all sync.WaitGroup
		statuses := make([]int, 8)
		for i := range statuses {
			all.Go(func() { statuses[i] = d.visitor().submit(f).status })
		}
		all.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusOK || statuses[1] != http.StatusNotFound || statuses[7] != http.StatusNotFound || d.shops() != 1 {
			t.Errorf("%v, %d shops", statuses, d.shops())
		}
	})
}

// TestASecondShop is opened by a link of its own, whose code is free.
func TestASecondShop(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		v := d.visitor()
		f := v.begin(d.setupLink()).set("code", "TAPHOA")
		taken := v.submit(f).want(http.StatusUnprocessableEntity)
		if got := taken.wrong("code"); !strings.Contains(got, "đã tồn tại") {
			t.Errorf("a code twice: %s", taken.text())
		}
		if n := d.shops(); n != 2 {
			t.Errorf("%d shops", n)
		}
		v.submit(f.set("code", "moi")).want(http.StatusOK)
		if n := d.shops(); n != 3 {
			t.Errorf("%d shops", n)
		}
	})
}

// TestASetUpWithDemoData fills the shop in the same transaction.
func TestASetUpWithDemoData(t *testing.T) {
	t.Parallel()
	eachEmptyDesk(t, func(t *testing.T, d *desk, secret string) {
		v := d.visitor()
		made := v.submit(v.begin(secret).set("data", "demo")).want(http.StatusOK).has("Gian hàng Tạp hóa Cô Biển đã mở")
		if len(find(made.root, isCode)) != 3 {
			t.Error("no credentials")
		}
		for _, list := range []string{"products", "invoices", "customers"} {
			if got := v.get("/console/" + list).want(http.StatusOK); len(got.rows()) < 10 {
				t.Errorf("%s: %d rows", list, len(got.rows()))
			}
		}
		v.get("/console/account").has("bien")
		again := d.visitor()
		again.signIn(again.get("/console/cobien"), "cobien", "bien", ownersPassword).want(http.StatusOK)
		if got := again.get("/console/account"); got.at.Path != "/console/account" {
			t.Error("the owner cannot sign in")
		}
	})
}

// TestAnInvitation goes from the owner's button to the page of whom it is for.
func TestAnInvitation(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const lansPassword = "mưa rào tháng sáu"
		owner := d.owner()
		at := "/console/users/" + strconv.FormatInt(d.ID("user:lan"), 10)
		shown := owner.press(owner.get(at).form(at+"/invite"), "Mời đăng nhập").want(http.StatusOK)
		link := textOf(find(shown.root, isCode)[0])
		base, secret, found := strings.Cut(link, "/console/link#")
		if !found || base != d.http.URL {
			t.Fatalf("the link %s", link)
		}
		owner.get(at).hasNot(secret) // shown once
		lan := d.visitor()
		opened := lan.submit(lan.get("/console/link").form("/console/link").set("secret", secret)).want(http.StatusOK).has("Nguyễn Thị Lan", "Tạp hóa 1")
		f := opened.form("/console/link/accept")
		wrong := lan.submit(f.set("password", "ngắn", "again", "ngắn")).want(http.StatusUnprocessableEntity)
		if wrong.wrong("password") == "" {
			t.Errorf("a short password: %s", wrong.text())
		}
		lan.submit(wrong.form("/console/link/accept").set("password", lansPassword, "again", lansPassword)).want(http.StatusOK)
		if got := lan.get("/console/account"); got.at.Path != "/console/account" || !strings.Contains(got.text(), "lan") {
			t.Errorf("not signed in: %s", got.at)
		}
		lan.submit(f.set("password", lansPassword, "again", lansPassword)).want(http.StatusNotFound).has("đã được dùng")
		d.visitor().post("/console/link", url.Values{"secret": {secret}}).want(http.StatusNotFound)

		// Lan is not the owner.
		d.give("lan", access.UserRole{Role: right.ManagerRole})
		lan.get(at).want(http.StatusOK).hasNot("/invite", "Mời đăng nhập")
		lan.post(at+"/invite", url.Values{}).want(http.StatusForbidden).has("Quản lý người dùng, vai trò")
		lan.post(at+"/end", url.Values{"endsOn": {""}}).want(http.StatusForbidden)

		// The last day is shown where it is set, and stays if the dialog is sent as it opens.
		owner.submit(owner.get(at).form(at+"/end").set("endsOn", "2031-05-06")).want(http.StatusOK).has("06/05/2031")
		owner.submit(owner.get(at).form(at + "/end")).want(http.StatusOK).has("06/05/2031")
		if page := owner.post(at+"/invite", url.Values{}).want(http.StatusOK); len(find(page.root, func(n *html.Node) bool { return attribute(n, "action") == "/console/language" })) > 0 {
			t.Error("a page that is shown once offers to lose it for another language")
		}

		// After ten minutes the password is asked for again.
		d.Clock.Advance(11 * 60)
		asked := owner.press(owner.get(at).form(at+"/invite"), "Gửi liên kết đặt lại mật khẩu").want(http.StatusOK)
		if asked.at.Path != "/console/confirm" {
			t.Fatalf("the password is not asked for: %s", asked.at)
		}
		owner.submit(asked.form("/console/confirm").set("password", "sai")).want(http.StatusUnprocessableEntity).has("Mật khẩu không đúng")
		back := owner.submit(asked.form("/console/confirm").set("password", ownersPassword)).want(http.StatusOK)
		if back.at.Path != at {
			t.Errorf("back at %s", back.at)
		}
		owner.press(back.form(at+"/invite"), "Gửi liên kết đặt lại mật khẩu").want(http.StatusOK).has("/console/link#")

		// A user whose last day is over is out.
		owner.submit(owner.get(at).form(at+"/end").set("endsOn", "31/13/2026")).want(http.StatusUnprocessableEntity)
		owner.submit(owner.get(at).form(at+"/end").set("endsOn", "2020-01-01")).want(http.StatusOK)
		if got := lan.get("/console/account"); got.at.Path == "/console/account" {
			t.Error("signed in after the last day")
		}
		for _, id := range []string{"0", "abc", "999999999", "%00"} {
			if got := owner.post("/console/users/"+id+"/invite", url.Values{}); got.status != http.StatusNotFound {
				t.Errorf("inviting %s: %d", id, got.status)
			}
		}
	})
}

// TestTheDemoIsOpenByOneClick to visitors.
func TestTheDemoIsOpenByOneClick(t *testing.T) {
	apitest.Each(t, func(t *testing.T, s *apitest.Server) {
		d := openDesk(t, s, httptest.NewServer, console.Options{Demo: "taphoa"})
		v := d.visitor()
		in := v.press(v.get("/console/sign-in").form("/console/demo"), "Vào gian hàng mẫu").want(http.StatusOK)
		if !strings.HasPrefix(in.at.Path, "/console/") || in.at.Path == "/console/sign-in" {
			t.Errorf("at %s", in.at)
		}
	})
}

// TestAShopHasNoDemo: it is not entered without a password.
func TestAShopHasNoDemo(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.visitor().post("/console/demo", url.Values{}).want(http.StatusNotFound)
		if forms := find(d.visitor().get("/console/sign-in").root, func(n *html.Node) bool { return attribute(n, "action") == "/console/demo" }); len(forms) > 0 {
			t.Error("there is no demo, and yet its button")
		}
	})
}
