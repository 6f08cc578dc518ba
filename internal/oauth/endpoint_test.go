package oauth_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

func TestAClientGetsTheVendorsTokenForItsSecret(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		a := ask(t, x.Service, clientID, secret)
		if a.Status != 200 || a.ExpiresIn != 86400 || a.TokenType != "Bearer" || a.Scope != "PublicApi.Access" {
			t.Fatalf("got %+v", a)
		}
		header, err := base64.RawURLEncoding.DecodeString(strings.Split(a.AccessToken, ".")[0])
		if err != nil || string(header) != `{"alg":"RS256","typ":"at+jwt"}` {
			t.Errorf("the header is %s, %v", header, err)
		}
		claims := payload(t, a.AccessToken)
		if jti, _ := claims["jti"].(string); len(jti) < 16 {
			t.Errorf("jti is %q", jti)
		}
		delete(claims, "jti")
		now := float64(clock.Now() / 1_000_000)
		want := map[string]any{
			"nbf": now, "iat": now, "exp": now + 86400, "iss": "http://id.kiotviet.vn",
			"aud": []any{"http://id.kiotviet.vn/resources"}, "scope": []any{"PublicApi.Access"},
			"client_id": clientID, "client_RetailerCode": "Taphoa",
			"client_RetailerId": fmt.Sprint(x.shop.Retailer), "client_UserId": fmt.Sprint(x.shop.User),
			"client_SensitiveApi": "False", "client_GroupId": "1", "client_SecretKey": "hidden",
		}
		if !reflect.DeepEqual(claims, want) {
			t.Errorf("claims are\n%v, want\n%v", claims, want)
		}
	})
}

func TestTheTokenEndpointAcceptsWhatClientsSend(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		const (
			credentials = "&client_id=" + clientID + "&client_secret=" + secret
			grant       = "grant_type=client_credentials"
			public      = "PublicApi.Access"
			both        = "PublicApi.Access Taphoa.Admin"
		)
		form := func(body string) *http.Request { return post("/connect/token", formType, body) }
		basic := func(r *http.Request, id, password string) *http.Request {
			r.SetBasicAuth(id, password)
			return r
		}
		tests := []struct {
			name  string
			r     *http.Request
			scope string
		}{
			{"the documented request", form("scopes=PublicApi.Access&" + grant + credentials), public},
			{"scope instead of scopes", form("scope=PublicApi.Access&" + grant + credentials), public},
			{"no scope at all", form(grant + credentials), public},
			{"an empty scope", form("scopes=&scope=+&" + grant + credentials), public},
			{"the scope cut short", form("scopes=PublicApi&" + grant + credentials), public},
			{"the scope in small letters", form("scopes=publicapi.access&" + grant + credentials), public},
			{"a further scope that does not exist", form("scopes=PublicApi.Access+offline_access&" + grant + credentials), public},
			{"both scopes", form("scope=Taphoa.Admin+PublicApi.Access&" + grant + credentials), both},
			{"both scopes with a comma", form("scopes=PublicApi.Access,Taphoa.Admin&" + grant + credentials), both},
			{"a scope in each parameter", form("scopes=PublicApi.Access&scope=Taphoa.Admin&" + grant + credentials), both},
			{"the admin's scope alone", form("scopes=Taphoa.Admin&" + grant + credentials), "Taphoa.Admin"},
			{"names in any letter case", form("GRANT_TYPE=client_credentials&Client_Id=" + clientID + "&client_SECRET=" + secret), public},
			{"a shop's name, whatever it is", form("Retailer=khac&" + grant + credentials), public},
			{"the client id in capitals", form(grant + "&client_id=" + strings.ToUpper(clientID) + "&client_secret=" + secret), public},
			{"blanks around the secret", form(grant + "&client_id=" + clientID + "&client_secret=+" + secret + "%0A"), public},
			{"a form without its content type", post("/connect/token", "", grant+credentials), public},
			{"everything in the query", post("/connect/token?"+grant+credentials, formType, ""), public},
			{"a mark of byte order", form("\ufeff" + grant + credentials), public},
			{"HTTP Basic", basic(form(grant), clientID, secret), public},
			{"a proxy's HTTP Basic", basic(form(grant+credentials), "proxy", "password"), public},
			{"JSON", post("/connect/token", "application/json", `{"grant_type":"client_credentials","Client_ID":"`+clientID+
				`","client_secret":"`+secret+`","scopes":"PublicApi.Access","x":null,"y":{"z":[1]}}`), public},
			{"JSON with a list of scopes", post("/connect/token", "application/json", `{"grant_type":"client_credentials","client_id":"`+
				clientID+`","client_secret":"`+secret+`","scopes":["PublicApi.Access"]}`), public},
		}
		x := open(t, d, clock)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.r.Header.Set("Retailer", "khac")
				a := send(t, x.Service, test.r)
				if a.Status != 200 || a.Scope != test.scope || a.ExpiresIn != 86400 {
					t.Fatalf("got %+v", a)
				}
				who, err := x.Verify(t.Context(), a.AccessToken)
				if err != nil || strings.Join(who.Scopes, " ") != test.scope {
					t.Errorf("the token is for %v, %v", who, err)
				}
			})
		}
	})
}

func TestTheTokenEndpointRefusesWithOAuthErrors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		const good = "grant_type=client_credentials&client_id=" + clientID + "&client_secret=" + secret
		tests := []struct {
			name, contentType, body, code string
		}{
			{"nothing", formType, "", "invalid_request"},
			{"no grant type", formType, "client_id=" + clientID + "&client_secret=" + secret, "invalid_request"},
			{"another grant type", formType, "grant_type=password&username=a&password=b", "unsupported_grant_type"},
			{"no client", formType, "grant_type=client_credentials", "invalid_client"},
			{"no secret", formType, "grant_type=client_credentials&client_id=" + clientID, "invalid_client"},
			{"a wrong secret", formType, strings.Replace(good, secret, strings.Repeat("0", 40), 1), "invalid_client"},
			{"the secret's hash", formType, strings.Replace(good, secret, fmt.Sprintf("%x", sha256.Sum256([]byte(secret))), 1), "invalid_client"},
			{"the secret in small letters", formType, strings.Replace(good, secret, strings.ToLower(secret), 1), "invalid_client"},
			{"an unknown client", formType, strings.Replace(good, clientID, "de300000-0000-4000-8000-00000000ffff", 1), "invalid_client"},
			{"a client id that is none", formType, strings.Replace(good, clientID, "%00%ff'", 1), "invalid_client"},
			{"a long client id", formType, strings.Replace(good, clientID, strings.Repeat("a", 60_000), 1), "invalid_client"},
			{"another scope", formType, good + "&scopes=offline_access", "invalid_scope"},
			{"part of a scope", formType, good + "&scopes=Access", "invalid_scope"},
			{"a body of 64 KiB and a byte", formType, good + "&x=" + strings.Repeat("a", 64<<10+1-len(good)-3), "invalid_request"},
			{"a broken form", formType, good + "&x=%zz", "invalid_request"},
			{"broken JSON", "application/json", `{"grant_type":`, "invalid_request"},
			{"JSON that is no object", "application/json", `["client_credentials"]`, "invalid_request"},
		}
		x := open(t, d, clock)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				a := send(t, x.Service, post("/connect/token", test.contentType, test.body))
				if a.Status != 400 || a.Error != test.code || a.Description == "" || a.AccessToken != "" {
					t.Errorf("got %+v, want 400 %s", a, test.code)
				}
			})
		}
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
			r := post("/connect/token", formType, good)
			r.Method = method
			if a := send(t, x.Service, r); a.Status != 405 || a.Error == "" {
				t.Errorf("%s: got %+v", method, a)
			}
		}
	})
}

func TestAClientWithoutTheAdminsScopeDoesNotGetIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		var plain oauth.Client
		var password string
		write(t, d, x.shop, func(tx *db.Tx) (err error) {
			plain, password, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM"})
			return err
		})
		body := form(plain.ClientID, password)
		a := send(t, x.Service, post("/connect/token", formType, body+"&scope=Taphoa.Admin"))
		if a.Status != 200 || a.Scope != "PublicApi.Access" {
			t.Errorf("got %+v", a)
		}
		body = strings.Replace(body, "PublicApi.Access", "Taphoa.Admin", 1)
		if a := send(t, x.Service, post("/connect/token", formType, body)); a.Status != 400 || a.Error != "invalid_scope" {
			t.Errorf("got %+v", a)
		}
	})
}

func TestTokensAreSharedWithinASecond(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		first := token(t, x.Service, clientID, secret)
		if token(t, x.Service, clientID, secret) != first {
			t.Error("two tokens were signed within one second")
		}
		seen := []string{first}
		for range 30 {
			clock.Advance(1)
			created := token(t, x.Service, clientID, secret)
			if slices.Contains(seen, created) {
				t.Fatal("the same token was returned a second later")
			}
			if got := payload(t, created)["exp"]; got != float64(clock.Now()/1_000_000+86400) {
				t.Fatalf("exp is %v", got)
			}
			seen = append(seen, created)
		}
		for _, old := range seen {
			verifies(t, x.Service, old)
		}
	})
}

func TestATokenCanBeVerifiedWithThePublishedKey(t *testing.T) {
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	w := httptest.NewRecorder()
	x.ServeKeys(w, httptest.NewRequest("GET", "/.well-known/jwks.json", nil))
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || w.Code != 200 || len(set.Keys) != 1 {
		t.Fatalf("got %d %s: %v", w.Code, w.Body, err)
	}
	jwk := set.Keys[0]
	if names := slices.Sorted(maps.Keys(jwk)); !slices.Equal(names, []string{"alg", "e", "kid", "kty", "n", "use"}) {
		t.Fatalf("the key has the members %v", names)
	}
	n, err := base64.RawURLEncoding.DecodeString(jwk["n"])
	if err != nil || jwk["e"] != "AQAB" || jwk["kty"] != "RSA" || jwk["alg"] != "RS256" || jwk["use"] != "sig" {
		t.Fatalf("the key is %v: %v", jwk, err)
	}
	parts := strings.Split(token(t, x.Service, clientID, secret), ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature); err != nil {
		t.Error(err)
	}
}

func TestDiscoveryReturnsNoAddressThatTheCallerChose(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	service := func(o oauth.Options) *oauth.Service {
		t.Helper()
		s, err := oauth.New(d, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	local, none := service(oauth.Options{LocalURL: "http://10.1.2.3:8080"}), service(oauth.Options{})
	public := service(oauth.Options{PublicURL: "https://pos.example.vn/api/"})
	tests := []struct {
		s                 *oauth.Service
		host, proto, base string
	}{
		{local, "127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{local, "127.0.0.1:8080", "https", "https://127.0.0.1:8080"},
		{local, "localhost:8080", "", "http://localhost:8080"},
		{local, "[::1]:8080", "", "http://[::1]:8080"},
		{local, "evil.example", "", "http://10.1.2.3:8080"},
		{local, "evil.example", "https", "http://10.1.2.3:8080"},
		{local, "localhost.evil.example", "", "http://10.1.2.3:8080"},
		{local, "", "", "http://10.1.2.3:8080"},
		{none, "evil.example", "", "http://localhost"},
		{public, "127.0.0.1:8080", "", "https://pos.example.vn/api"},
		{public, "evil.example", "http", "https://pos.example.vn/api"},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/.well-known/openid-configuration", nil)
		r.Host = test.host
		r.Header.Set("X-Forwarded-Proto", test.proto)
		r.Header.Set("X-Forwarded-Host", "evil.example")
		w := httptest.NewRecorder()
		test.s.ServeDiscovery(w, r)
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("got %d %s: %v", w.Code, w.Body, err)
		}
		if got["issuer"] != test.base || got["token_endpoint"] != test.base+"/connect/token" ||
			got["jwks_uri"] != test.base+"/.well-known/jwks.json" {
			t.Errorf("got %s of %s, want %s", w.Body, test.host, test.base)
		}
	}
	x := local
	for _, serve := range []http.HandlerFunc{x.ServeKeys, x.ServeDiscovery} {
		w := httptest.NewRecorder()
		serve(w, httptest.NewRequest("POST", "/", nil))
		if w.Code != 405 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("POST returns %d", w.Code)
		}
	}
}

func TestTheIssuerOfNewTokensIsThePublicAddressAndOlderTokensStayGood(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		before := token(t, x.Service, clientID, secret)
		public, err := oauth.New(d, oauth.Options{PublicURL: "https://pos.example.vn/"})
		if err != nil {
			t.Fatal(err)
		}
		after := token(t, public, clientID, secret)
		for text, want := range map[string]string{before: "http://id.kiotviet.vn", after: "https://pos.example.vn"} {
			var claims struct {
				Issuer   string   `json:"iss"`
				Audience []string `json:"aud"`
			}
			payload, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
			if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Issuer != want || !slices.Equal(claims.Audience, []string{want + "/resources"}) {
				t.Errorf("the claims are %s (%v), want the issuer %s", payload, err, want)
			}
			for name, s := range map[string]*oauth.Service{"with": public, "without": x.Service} {
				if _, err := s.Verify(t.Context(), text); err != nil {
					t.Errorf("a token of %s, %s a public address: %v", want, name, err)
				}
			}
		}
	})
}

func TestAPublicAddressIsOneThatPathsCanFollow(t *testing.T) {
	for text, want := range map[string]string{
		"https://shop.example": "https://shop.example", "HTTPS://Shop.Example/": "https://shop.example", "http://10.1.2.3:8080": "http://10.1.2.3:8080",
		"https://[2001:db8::1]:8443/": "https://[2001:db8::1]:8443", "https://shop.example/Pos/api//": "https://shop.example/Pos/api",
		"https://xn--tp-ha-1wa.vn": "https://xn--tp-ha-1wa.vn",
		"":                         "", "shop.example": "", "localhost:8080": "", "//shop.example": "", "ftp://shop.example": "", "javascript:alert(1)": "", "https://": "",
		"https://:8080": "", "https://u@shop.example": "", "https://u:p@shop.example": "", "https://shop.example?": "", "https://shop.example/?a=b": "",
		"https://shop.example#": "", "https://shop.example/#a": "", "https://shop.example:": "", "https://shop.example:99999": "", "https://shop.example:http": "",
		"https://shop.example/a b": "", "https://shop.example/%2e": "", "https://shop.example/a/../b": "", "https://shop.example//a": "",
		"https://shop.example\\a": "", "https://shop.example/'\"<": "", "https://shop.example\n": "", " https://shop.example": "", "https://tạphóa.vn": "",
	} {
		if got, ok := oauth.ParsePublicURL(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q is read as %q, %t, want %q", text, got, ok, want)
		}
	}
}
