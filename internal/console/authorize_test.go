package console_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	appURL   = "https://so.example.vn/xong"
	verifier = "con-ca-nam-trong-ao-sen-va-con-chim-tren-canh-da"
)

// app is a program that people sign in to.
type app struct {
	*desk
	id, secret string
	redirect   string
}

func (d *desk) app(in oauth.ClientInput) *app {
	d.t.Helper()
	x := &app{desk: d}
	if in.Name == "" {
		in.Name = "Sổ bán hàng"
	}
	if len(in.Redirects) == 0 {
		in.Redirects = []string{appURL}
	}
	x.redirect = in.Redirects[0]
	d.As(d.Shop).Write(func(tx *db.Tx) error {
		client, secret, err := oauth.CreateClient(tx, in)
		x.id, x.secret = client.ClientID, secret
		return err
	})
	return x
}

// request is the address by which a person signs in, with parameters in pairs beside the usual ones; an empty one is left out.
func (x *app) request(pairs ...string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {x.id}, "redirect_uri": {x.redirect}, "scope": {"openid profile email offline_access PublicApi.Access"},
		"state": {"trang-thai"}, "nonce": {"mot-lan"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return "/connect/authorize?" + q.Encode()
}

// answer is what a person brings back to the program.
func (p *page) answer(x *app) url.Values {
	p.t.Helper()
	to := p.header.Get("Location")
	if p.status == http.StatusOK {
		to = strings.TrimPrefix(p.header.Get("Refresh"), "0; url=")
	}
	at, query, _ := strings.Cut(to, "?")
	values, err := url.ParseQuery(query)
	if err != nil || at != x.redirect || values.Get("iss") != x.http.URL {
		p.t.Fatalf("the person is sent to %q (%d): %.600s", to, p.status, p.text())
	}
	return values
}

// allow signs a person in to a program, who allows it everything, and returns the code.
func (p *person) allow(x *app, pairs ...string) string {
	p.t.Helper()
	asked := p.get(x.request(pairs...)).want(http.StatusOK)
	form := asked.form("/connect/authorize/consent")
	got := p.press(form, "Cho phép").want(http.StatusOK).answer(x)
	if got.Get("code") == "" || got.Get("state") != "trang-thai" {
		p.t.Fatalf("the program is told %v", got)
	}
	return got.Get("code")
}

// tokens are an answer of the token endpoint.
type tokens struct {
	Status  int
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Scope   string
	Error   string
	Expires int `json:"expires_in"`
}

// post sends a form to an endpoint, as the program.
func (x *app) post(path string, pairs ...string) (got tokens) {
	x.t.Helper()
	form := url.Values{"client_id": {x.id}}
	if x.secret != "" {
		form.Set("client_secret", x.secret)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if form.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			form.Del(pairs[i])
		}
	}
	answer, err := x.http.Client().PostForm(x.http.URL+path, form)
	if err != nil {
		x.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		x.t.Fatal(err)
	}
	got.Status = answer.StatusCode
	return got
}

func (x *app) exchange(code string, pairs ...string) tokens {
	x.t.Helper()
	return x.post("/connect/token", append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", x.redirect, "code_verifier", verifier}, pairs...)...)
}

func (x *app) refresh(token string, pairs ...string) tokens {
	x.t.Helper()
	return x.post("/connect/token", append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)...)
}

// calls returns the status of a request of the API with a token.
func (x *app) calls(token, path string) int {
	x.t.Helper()
	return (&program{desk: x.desk, token: token}).call(http.MethodGet, path, "")
}

// TestLanSignsInToAnApp: she reads what it may do, it acts by her rights, renews its token, and loses it with a word of hers.
func TestLanSignsInToAnApp(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: right.CashierRole})
		x, lan := d.app(oauth.ClientInput{Public: true}), d.visitor()

		asked := lan.get(x.request()).want(http.StatusOK).has("Đăng nhập")
		d.As(d.Shop).Write(setPasswordOf("lan"))
		form := asked.form("/console/sign-in").set("userName", "lan", "password", ownersPassword)
		went := lan.submit(form).want(http.StatusOK)
		to := strings.TrimPrefix(went.header.Get("Refresh"), "0; url=")
		asked = lan.get(to).want(http.StatusOK).has("Cho phép Sổ bán hàng?", "Nguyễn Thị Lan", "Tạo hóa đơn", "so.example.vn", "90 ngày").hasNot("Quản lý người dùng")
		code := lan.press(asked.form("/connect/authorize/consent"), "Cho phép").want(http.StatusOK).answer(x).Get("code")

		got := x.exchange(code)
		if got.Status != http.StatusOK || got.Access == "" || got.Refresh == "" || got.ID == "" || got.Expires != 86400 ||
			got.Scope != "PublicApi.Access openid profile email offline_access" {
			t.Fatalf("the program gets %+v", got)
		}
		for path, want := range map[string]int{"/invoices": http.StatusOK, "/purchaseorders": http.StatusForbidden, "/webhooks": http.StatusForbidden} {
			if status := x.calls(got.Access, path); status != want {
				t.Errorf("GET %s: %d, not %d", path, status, want)
			}
		}
		next := x.refresh(got.Refresh)
		if next.Status != http.StatusOK || next.Refresh == got.Refresh || x.calls(next.Access, "/invoices") != http.StatusOK {
			t.Fatalf("a refresh gives %+v", next)
		}
		again := lan.alone().get(x.request()).want(http.StatusSeeOther).answer(x)
		if again.Get("code") == "" {
			t.Errorf("what was allowed is asked again: %v", again)
		}
		if ended := x.post("/connect/revocation", "token", next.Refresh); ended.Status != http.StatusOK {
			t.Errorf("the revocation: %+v", ended)
		}
		for _, token := range []string{got.Access, next.Access} {
			if status := x.calls(token, "/invoices"); status != http.StatusUnauthorized {
				t.Errorf("after the revocation: %d", status)
			}
		}
		if after := x.refresh(next.Refresh); after.Error != "invalid_grant" {
			t.Errorf("a refresh after the revocation: %+v", after)
		}
	})
}

// setPasswordOf gives a user the password of the tests.
func setPasswordOf(userName string) func(tx *db.Tx) error {
	return func(tx *db.Tx) error {
		who, _, err := access.FindAccount(tx, userName)
		hash, err2 := hashed()
		if err == nil && err2 == nil {
			err = access.SetPassword(tx, who.User, hash)
		}
		return errors.Join(err, err2)
	}
}
