package console_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// sentTo allows a program what it asks for at an address of ours, and returns where the person is sent.
func (p *person) sentTo(address string) *url.URL {
	p.t.Helper()
	at, err := url.Parse(address)
	if err != nil || at.Scheme+"://"+at.Host != p.http.URL {
		p.t.Fatalf("the program sends people to %s", address)
	}
	form := p.get(at.RequestURI()).want(http.StatusOK).form("/connect/authorize/consent")
	to, err := url.Parse(p.press(form, "Cho phép").want(http.StatusOK).header.Get("Refresh")[len("0; url="):])
	if err != nil {
		p.t.Fatal(err)
	}
	return to
}

// TestALibraryOfGoSignsIn: golang.org/x/oauth2 and go-oidc, as an app on Lan's machine and as a web server with a secret.
func TestALibraryOfGoSignsIn(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: right.CashierRole})
		for _, in := range []oauth.ClientInput{{Public: true, Redirects: []string{"http://127.0.0.1/back"}}, {}} {
			x, lan, ctx := d.app(in), d.signedIn(d.Shop, "lan"), t.Context()
			provider, err := oidc.NewProvider(ctx, d.http.URL)
			if err != nil {
				t.Fatal(err)
			}
			config := oauth2.Config{
				ClientID: x.id, ClientSecret: x.secret, Endpoint: provider.Endpoint(), RedirectURL: x.redirect,
				Scopes: []string{oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess, oauth.ScopePublic},
			}
			if in.Public {
				config.RedirectURL = "http://127.0.0.1:54321/back"
			}
			pkce := oauth2.GenerateVerifier()
			back := lan.sentTo(config.AuthCodeURL("trạng thái", oidc.Nonce("n"), oauth2.S256ChallengeOption(pkce)))
			if back.Query().Get("state") != "trạng thái" {
				t.Errorf("the person is sent to %s", back)
			}
			token, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(pkce))
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := token.Extra("id_token").(string)
			id, err := provider.Verifier(&oidc.Config{ClientID: x.id, Now: func() time.Time { return d.Clock.Now().Std() }}).Verify(ctx, raw)
			if err != nil || id.Nonce != "n" || id.VerifyAccessToken(token.AccessToken) != nil {
				t.Fatalf("the ID token: %+v, %v", id, err)
			}
			info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
			if err != nil || info.Subject != id.Subject || info.Subject != strconv.FormatInt(d.ID("user:lan"), 10) {
				t.Errorf("the person is %+v, %v", info, err)
			}
			old := *token
			token.Expiry = token.Expiry.AddDate(-100, 0, 0)
			renewed, err := config.TokenSource(ctx, token).Token()
			if err != nil || renewed.RefreshToken == old.RefreshToken || x.calls(renewed.AccessToken, "/invoices") != http.StatusOK ||
				x.calls(renewed.AccessToken, "/webhooks") != http.StatusForbidden {
				t.Errorf("renewed: %+v, %v", renewed, err)
			}
		}
	})
}

// TestALibraryOfNodeSignsIn: oauth4webapi.
func TestALibraryOfNodeSignsIn(t *testing.T) {
	node, err := exec.LookPath("node")
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); err != nil && !ci {
		t.Skip("no node here")
	}
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: right.CashierRole})
		for _, in := range []oauth.ClientInput{{Public: true}, {}} {
			x, lan := d.app(in), d.signedIn(d.Shop, "lan")
			cmd := exec.CommandContext(t.Context(), node, "testdata/oauth4webapi/sign-in.mjs", d.http.URL, x.id, x.secret, x.redirect,
				strconv.FormatInt(int64(time.Until(d.Clock.Now().Std())/time.Second), 10))
			cmd.Stderr = os.Stderr
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			lines.Scan()
			_, _ = io.WriteString(stdin, lan.sentTo(lines.Text()).String()+"\n")
			lines.Scan()
			var got struct {
				User    map[string]any
				Access  string
				Rotated bool
			}
			if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if got.User["preferred_username"] != "lan" || !got.Rotated || x.calls(got.Access, "/invoices") != http.StatusOK {
				t.Errorf("the program has got %+v", got)
			}
			_, _ = io.WriteString(stdin, "\n")
			if err := cmd.Wait(); err != nil || x.calls(got.Access, "/invoices") != http.StatusUnauthorized {
				t.Errorf("the token counts after it was revoked: %v", err)
			}
		}
	})
}
