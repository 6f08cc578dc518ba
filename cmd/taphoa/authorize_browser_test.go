package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
)

// TestAPersonSignsInToAProgramInABrowser, which sends the person on to another origin: the policy of our pages, which lets forms lead to
// this server alone, is in the way of none of that. The person ends it on the page of the account.
func TestAPersonSignsInToAProgramInABrowser(t *testing.T) {
	t.Parallel()
	home := ""
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(w, r, home+"/home?"+r.URL.RawQuery, http.StatusSeeOther)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><link rel=icon href=data:,><title>x</title>Chào mừng"))
	}))
	t.Cleanup(program.Close)
	home = strings.Replace(program.URL, "127.0.0.1", "localhost", 1)
	s, d := enterDemo(t)

	d.visit("/console/connections")
	d.press("Thêm ứng dụng đăng nhập")
	d.at("/console/connections/new/app")
	d.suits()
	d.drawAll("connections-new-app")
	d.fill("name", "Sổ bán hàng")
	d.fill("redirect", "http://127.0.0.1/back")
	d.await(`(e => { e.click(); return e.checked })(document.querySelector("main input[name=public][value=true]"))`)
	d.press("Tạo ứng dụng")
	d.shows("Người đăng nhập")
	d.drawAll("connections-one-app")
	id := d.url()[strings.LastIndexByte(d.url(), '/')+1:]
	d.signOut()

	config := oauth2.Config{
		ClientID: id, RedirectURL: program.URL + "/back", Scopes: []string{"openid", "profile", "offline_access", oauth.ScopePublic},
		Endpoint: oauth2.Endpoint{AuthURL: s.base + "/connect/authorize", TokenURL: s.base + "/connect/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	verifier := oauth2.GenerateVerifier()
	signIn := strings.TrimPrefix(config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), s.base)
	d.visit(signIn)
	d.at("/console/sign-in")
	d.press("Vào gian hàng mẫu")
	d.at("/connect/authorize")
	d.shows("Cho phép Sổ bán hàng?")
	d.suits()
	d.drawAll("consent")
	d.press("Cho phép")
	d.shows("Chào mừng")
	at, err := url.Parse(d.url())
	if err != nil || !strings.HasPrefix(at.String(), home+"/home?") || at.Query().Get("state") != "s" || at.Query().Get("iss") != s.base {
		t.Fatalf("the person is at %s", at)
	}
	token, err := config.Exchange(t.Context(), at.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	c := caller{t, s.base, demo.ShopCode, token.AccessToken}
	c.must(http.MethodGet, "/branches", "", &struct{}{})

	d.visit(signIn) // an app on the person's machine asks again
	d.shows("Cho phép Sổ bán hàng?")
	d.press("Từ chối")
	d.await(`location.origin === "` + home + `" && location.search.includes("error=access_denied")`)

	d.visit("/console/account")
	d.drawAll("account-apps")
	d.press("Sổ bán hàng")
	d.at("/console/account/apps")
	d.drawAll("account-app")
	d.press("Ngắt")
	d.shows("Đã ngắt ứng dụng")
	if status := c.call(http.MethodGet, "/branches", "", &struct{}{}); status != http.StatusUnauthorized {
		t.Errorf("after its end: %d", status)
	}
	d.visit("/connect/endsession?" + url.Values{"client_id": {id}}.Encode())
	d.press("Đăng xuất")
	d.shows("Bạn có thể đóng trang này")
	d.quiet()
}

// drawAll draws a page on both screens and in both themes, where pictures are wanted.
func (d *desk) drawAll(page string) {
	d.t.Helper()
	if *pictures == "" {
		return
	}
	for name, width := range map[string]int64{"1280": 1280, "390": 390} {
		for _, theme := range []string{"light", "dark"} {
			d.size(width, 900)
			d.theme(theme)
			d.draw(page, name+"-"+theme)
		}
	}
	d.size(1280, 900)
}
