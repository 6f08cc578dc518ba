package oauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// TestPeopleAreSentToRegisteredAddressesAlone: to the letter, but for the port of their own machine. Otherwise there is a page, and no
// redirect.
func TestPeopleAreSentToRegisteredAddressesAlone(t *testing.T) {
	t.Parallel()
	x := open(t, dbtest.Open(t, dbtest.URL(t, "sqlite"), nil), nil)
	a := x.app(t, oauth.ClientInput{Public: true, Redirects: []string{
		"https://so.example.vn/xong", "https://so.example.vn/xong?a=b", "http://127.0.0.1/xong", "http://[::1]:8000/xong", "http://localhost", "vn.example.so:/xong", "vn.example.so://xong",
	}})
	for _, uri := range []string{
		"https://so.example.vn/xong", "https://so.example.vn/xong?a=b", "http://127.0.0.1/xong", "http://127.0.0.1:54321/xong", "http://[::1]/xong", "http://[::1]:1/xong",
		"http://localhost:3000", "http://localhost", "vn.example.so:/xong", "vn.example.so://xong",
	} {
		asked, err := a.read(a.query("redirect_uri", uri))
		if err != nil {
			t.Errorf("%s is refused: %v", uri, err)
			continue
		}
		denied := (*oauth.AuthorizationError)(nil)
		if !errors.As(asked.Deny(oauth.AccessDenied), &denied) || !strings.HasPrefix(denied.Location, uri+map[bool]string{true: "&", false: "?"}[strings.Contains(uri, "?")]+"error=") {
			t.Errorf("%s: the person is sent to %s", uri, denied.Location)
		}
	}
	for _, uri := range []string{
		"", "https://so.example.vn/", "https://so.example.vn/xong/", "https://so.example.vn/Xong", "https://so.example.vn/xong#", "https://so.example.vn/xong?", "https://so.example.vn/xong?a=c",
		"https://so.example.vn/xong?a=b&a=b", "http://so.example.vn/xong", "https://so.example.vn:443/xong", "https://so.example.vn:8443/xong", "https://evil.example/xong", "https://so.example.vn.evil.example/xong",
		"https://so.example.vn@evil.example/xong", "https://evil.example/?https://so.example.vn/xong", "https://so.example.vn/xong/../../x", "https://so.example.vn/%78ong", "https://so.example.vn\\@evil.example/xong",
		"https://so.example.vn/xong\r\nLocation: x", " https://so.example.vn/xong", "//so.example.vn/xong", "/xong", "xong", "HTTPS://so.example.vn/xong", "https://SO.example.vn/xong",
		"http://127.0.0.1:54321@evil.example/xong", "http://127.0.0.1:80/xong/x", "http://127.0.0.1:/xong", "http://127.0.0.1:999999/xong", "http://127.0.0.2/xong", "http://127.0.0.1.evil.example/xong", "http://[::1]:x/xong",
		"http://localhost.evil.example", "http://localhost:3000@evil.example", "http://localhost:3000/xong", "https://127.0.0.1/xong", "http://2130706433/xong", "http://[0:0:0:0:0:0:0:1]/xong",
		"javascript:alert(1)//https://so.example.vn/xong", "data:text/html,x", "vn.example.so:/khac", "vn.example.so:///xong", "vn.example.so.evil:/xong",
	} {
		refusesPage(t, a, a.query("redirect_uri", uri), uri)
	}
	twice := a.query()
	twice["redirect_uri"] = append(twice["redirect_uri"], "https://evil.example/")
	refusesPage(t, a, twice, "two addresses")
	twice = a.query()
	twice["client_id"] = append(twice["client_id"], a.id)
	refusesPage(t, a, twice, "two clients")
	for _, id := range []string{"", "x", clientID, "de300000-0000-4000-8000-00000000ffff", a.id + " ", "' OR 1=1"} {
		refusesPage(t, a, a.query("client_id", id), id)
	}
	write(t, a.db, a.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, a.id) })
	a.Forget(a.id)
	refusesPage(t, a, a.query(), "a client that was revoked")
}

func refusesPage(t *testing.T, a *app, q url.Values, what string) {
	t.Helper()
	_, err := a.read(q)
	if e := (*taphoa.Error)(nil); !errors.As(err, &e) {
		t.Errorf("%q: %v, want a refusal that the person reads", what, err)
	}
}

// TestAddressesThatLeadNowhereAreNotRegistered.
func TestAddressesThatLeadNowhereAreNotRegistered(t *testing.T) {
	t.Parallel()
	x := open(t, dbtest.Open(t, dbtest.URL(t, "sqlite"), nil), nil)
	create := func(in oauth.ClientInput) error {
		in.Name = "Sổ"
		return x.db.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, _, err := oauth.CreateClient(tx, in); return err })
	}
	for _, uri := range []string{
		"", "x", "/xong", "http://so.example.vn/xong", "https://", "https:///xong", "https://*.example.vn/", "https://so.example.vn/*", "https://so.example.vn/#x", "https://u:p@so.example.vn/", "https://so.example.vn/ x",
		"https://so.example.vn/\"", "https://so.example.vn/'", "https://so.example.vn/<", "https://so.example.vn/\n", "https://số.vn/", "https://so.example.vn/%zz", "ftp://so.example.vn/", "https://so.example.vn:65536/", "http://localhost:99999/", "http://127.0.0.1:0/", "javascript:alert(1)", "javascript:/alert(1)",
		"data:text/html,x", "file:///etc/passwd", "app:/xong", "http://192.168.1.2/xong", "http://localhost.example.vn/", "vn.example.so:xong", "https://so.example.vn/" + strings.Repeat("x", 1000),
	} {
		for _, in := range []oauth.ClientInput{{Redirects: []string{uri}, Public: true}, {Redirects: []string{uri}}, {Redirects: []string{backURL}, Logouts: []string{uri}}} {
			if e := (*taphoa.Error)(nil); !errors.As(create(in), &e) || e.Kind != taphoa.KindRefused {
				t.Errorf("%+v is registered", in)
			}
		}
	}
	for what, in := range map[string]oauth.ClientInput{
		"public without an address":         {Public: true},
		"after signing out, but not in":     {Logouts: []string{backURL}},
		"an app's scheme with a secret":     {Redirects: []string{"vn.example.so:/xong"}},
		"twice":                             {Redirects: []string{backURL, backURL}},
		"a role":                            {Redirects: []string{backURL}, RoleID: right.CashierRole},
		"a person":                          {Redirects: []string{backURL}, PersonID: x.shop.User},
		"a secret of what is public":        {Redirects: []string{backURL}, Public: true, Secret: secret},
		"more addresses than anybody needs": {Redirects: strings.Fields(strings.Repeat("http://localhost/ ", 11))},
	} {
		if e := (*taphoa.Error)(nil); !errors.As(create(in), &e) || e.Kind != taphoa.KindRefused {
			t.Errorf("%s is registered", what)
		}
	}
	a := x.app(t, oauth.ClientInput{Public: true})
	err := x.db.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, err := oauth.RotateSecret(tx, a.id, 0); return err })
	if err == nil {
		t.Error("a public client gets a secret")
	}
	write(t, x.db, x.shop, func(tx *db.Tx) error { return oauth.SetAddresses(tx, a.id, []string{"https://moi.example.vn/"}, nil) })
	a.Forget(a.id)
	refusesPage(t, a, a.query(), "an address of before")
	if _, err := a.read(a.query("redirect_uri", "https://moi.example.vn/")); err != nil {
		t.Error(err)
	}
	for _, uris := range [][]string{nil, {"x"}} {
		if x.db.Write(t.Context(), x.shop, func(tx *db.Tx) error { return oauth.SetAddresses(tx, a.id, uris, nil) }) == nil {
			t.Errorf("the addresses are set to %v", uris)
		}
	}
}

// TestAClientIsToldWhatItMayNotAskFor, by the codes of the standards, at its own address.
func TestAClientIsToldWhatItMayNotAskFor(t *testing.T) {
	t.Parallel()
	x := open(t, dbtest.Open(t, dbtest.URL(t, "sqlite"), nil), nil)
	a := x.app(t, oauth.ClientInput{})
	for _, test := range []struct{ code, name, value string }{
		{"invalid_request", "response_type", ""},
		{"unsupported_response_type", "response_type", "token"},
		{"unsupported_response_type", "response_type", "id_token"},
		{"unsupported_response_type", "response_type", "code id_token"},
		{"invalid_request", "response_mode", "fragment"},
		{"invalid_request", "response_mode", "form_post"},
		{"request_not_supported", "request", "eyJ"},
		{"request_uri_not_supported", "request_uri", "https://evil.example/"},
		{"registration_not_supported", "registration", "{}"},
		{"invalid_scope", "scope", "Taphoa.Admin"},
		{"invalid_scope", "scope", "khac"},
		{"invalid_scope", "scope", "offline_access"},
		{"invalid_request", "prompt", "none login"},
		{"invalid_request", "prompt", "create"},
		{"invalid_request", "max_age", "-1"},
		{"invalid_request", "max_age", "x"},
		{"invalid_request", "id_token_hint", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
		{"invalid_request", "nonce", strings.Repeat("n", 2001)},
		{"invalid_request", "state", strings.Repeat("s", 2001)},
	} {
		_, err := a.read(a.query(test.name, test.value))
		denied := (*oauth.AuthorizationError)(nil)
		if !errors.As(err, &denied) || denied.Code != test.code {
			t.Errorf("%s=%.20s: %v, want %s", test.name, test.value, err, test.code)
			continue
		}
		at, got := split(t, denied.Location)
		if at != backURL || got.Get("error") != test.code || got.Get("iss") != issuer || !describes.MatchString(got.Get("error_description")) || test.name != "state" && got.Get("state") != "trạng thái &=" {
			t.Errorf("%s=%.20s: the person is sent to %s", test.name, test.value, denied.Location)
		}
	}
	for name := range a.query("nonce", "n") {
		if q := a.query("nonce", "n"); name != "client_id" && name != "redirect_uri" {
			q.Add(name, "khác")
			_, err := a.read(q)
			if denied := (*oauth.AuthorizationError)(nil); !errors.As(err, &denied) || denied.Code != "invalid_request" {
				t.Errorf("%s twice: %v", name, err)
			}
		}
	}
	asked, err := a.read(a.query("scope", "khac openid email khac PublicApi.Access"))
	if err != nil || strings.Join(asked.Scopes, " ") != "PublicApi.Access openid email" {
		t.Errorf("%+v, %v", asked, err)
	}
	if asked, err = a.read(a.query("scope", "")); err != nil || strings.Join(asked.Scopes, " ") != "PublicApi.Access" {
		t.Errorf("%+v, %v", asked, err)
	}
}

// TestAClientNamesItself once, by its secret or by none, and does what its kind may.
func TestAClientNamesItself(t *testing.T) {
	eachApp(t, oauth.ClientInput{}, func(t *testing.T, a *app, lan access.Session) {
		grant := []string{"grant_type", "authorization_code", "redirect_uri", backURL, "code_verifier", verifier}
		a.exchange(t, a.allow(t, lan), "client_secret", "").refusedWith(t, "invalid_client")
		a.exchange(t, a.allow(t, lan), "client_secret", strings.Repeat("0", 40)).refusedWith(t, "invalid_client")
		a.exchange(t, a.allow(t, lan), "client_id", "").refusedWith(t, "invalid_client")
		public := a.app(t, oauth.ClientInput{Public: true})
		public.exchange(t, public.allow(t, lan), "client_secret", secret).refusedWith(t, "invalid_client")
		public.exchange(t, public.allow(t, lan), "client_id", a.id).refusedWith(t, "invalid_client")

		basic := func(id, secret, code string, more ...string) tokens {
			t.Helper()
			return a.at(t, func(w http.ResponseWriter, r *http.Request) {
				r.SetBasicAuth(id, secret)
				a.ServeToken(w, r)
			}, append(append(grant, "client_id", "", "client_secret", "", "code", code), more...)...)
		}
		if got := basic(a.id, a.secret, a.allow(t, lan)); got.Status != http.StatusOK {
			t.Errorf("by Basic: %+v", got)
		}
		if got := basic(public.id, "", public.allow(t, lan)); got.Status != http.StatusOK {
			t.Errorf("a public client by Basic: %+v", got)
		}
		if got := basic(a.id, secret, a.allow(t, lan)); got.Status != http.StatusUnauthorized || got.Error != "invalid_client" {
			t.Errorf("a wrong secret by Basic: %+v", got)
		}
		basic(a.id, a.secret, a.allow(t, lan), "client_secret", a.secret).refusedWith(t, "invalid_request")
		basic(a.id, a.secret, a.allow(t, lan), "client_id", public.id).refusedWith(t, "invalid_request")

		inQuery := httptest.NewRequest(http.MethodPost, "/connect/token?grant_type=authorization_code&client_id="+a.id+"&client_secret="+a.secret+"&code="+a.allow(t, lan), nil)
		if got := send(t, a.Service, inQuery); got.Error != "invalid_client" {
			t.Errorf("a secret in the address: %+v", got)
		}
		twice := post("/connect/token", formType, "grant_type=refresh_token&client_id="+a.id+"&client_id="+a.id+"&client_secret="+a.secret)
		if got := send(t, a.Service, twice); got.Error != "invalid_request" {
			t.Errorf("a parameter twice: %+v", got)
		}

		a.at(t, a.ServeToken, "grant_type", "client_credentials").refusedWith(t, "unauthorized_client")
		public.at(t, a.ServeToken, "grant_type", "client_credentials").refusedWith(t, "invalid_client")
		server := &app{harness: a.harness, id: clientID, secret: secret, redirect: backURL}
		server.exchange(t, a.allow(t, lan)).refusedWith(t, "unauthorized_client")
		server.refresh(t, strings.Repeat("A", 86)).refusedWith(t, "unauthorized_client")
	})
}

// TestGuessesOfASecretAreDelayed for the grants of people as well.
func TestGuessesOfASecretAreDelayed(t *testing.T) {
	t.Parallel()
	x := open(t, dbtest.Open(t, dbtest.URL(t, "sqlite"), nil), nil)
	a := x.app(t, oauth.ClientInput{})
	for _, serve := range []http.HandlerFunc{a.ServeToken, a.ServeRevocation} {
		got := tokens{}
		for range 12 {
			got = a.at(t, serve, "grant_type", "refresh_token", "refresh_token", "x", "token", "x", "client_secret", strings.Repeat("0", 40))
		}
		if got.Status != http.StatusTooManyRequests || got.Error != "temporarily_unavailable" {
			t.Errorf("after 12 guesses: %+v", got)
		}
	}
}
