package oauth_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

// TestAClientEndsItsTokens, and those of no other; what is unknown has ended already.
func TestAClientEndsItsTokens(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		revoke := func(x *app, token string, pairs ...string) tokens {
			t.Helper()
			return x.at(t, a.ServeRevocation, append([]string{"token", token}, pairs...)...)
		}
		copied := service(t, a.db)
		gone := func(token string) {
			t.Helper()
			_, err := a.Verify(t.Context(), token)
			refused(t, err, "thu hồi")
			a.clock.Advance(5)
			_, err = copied.Verify(t.Context(), token)
			refused(t, err, "thu hồi")
		}
		other := a.app(t, oauth.ClientInput{Name: "Ứng dụng khác", Public: true})
		first, second := a.signIn(t, lan), a.signIn(t, lan)
		verifies(t, copied, first.AccessToken)
		for _, token := range []string{first.AccessToken, first.Refresh, "x", "", strings.Repeat("A", 86), strings.Repeat("é", 9000)} {
			want := map[bool]int{true: http.StatusBadRequest, false: http.StatusOK}[token == ""]
			if got := revoke(other, token); got.Status != want {
				t.Errorf("%.20q: %+v", token, got)
			}
		}
		verifies(t, a.Service, first.AccessToken)
		if got := revoke(a, first.AccessToken, "token_type_hint", "refresh_token"); got.Status != http.StatusOK {
			t.Errorf("an access token: %+v", got)
		}
		gone(first.AccessToken)
		a.refresh(t, first.Refresh).refusedWith(t, "invalid_grant")
		verifies(t, a.Service, second.AccessToken) // at another place the person stays signed in
		if got := revoke(a, second.Refresh, "token_type_hint", "access_token"); got.Status != http.StatusOK {
			t.Errorf("a refresh token: %+v", got)
		}
		gone(second.AccessToken)

		server := &app{harness: a.harness, id: clientID, secret: secret}
		own := token(t, a.Service, clientID, secret)
		verifies(t, copied, own)
		if got := revoke(server, own, "client_secret", strings.Repeat("0", 40)); got.Error != "invalid_client" {
			t.Errorf("a wrong secret: %+v", got)
		}
		verifies(t, a.Service, own)
		if got := revoke(server, own); got.Status != http.StatusOK {
			t.Errorf("a token of its own: %+v", got)
		}
		gone(own)
		verifies(t, a.Service, token(t, a.Service, clientID, secret))
		w := httptest.NewRecorder()
		a.ServeRevocation(w, httptest.NewRequest(http.MethodGet, oauth.RevocationPath, nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET: %d", w.Code)
		}
	})
}

// TestAClientLearnsWhoHasSignedIn, as far as the person has allowed.
func TestAClientLearnsWhoHasSignedIn(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		write(t, a.db, a.shop, func(tx *db.Tx) error {
			tx.Queue(`UPDATE users SET email = 'lan@example.vn' WHERE retailer_id = :retailer AND id = ?`, lan.User)
			return nil
		})
		ask := func(token string) (int, string, map[string]any) {
			t.Helper()
			r := httptest.NewRequest(http.MethodGet, oauth.UserInfoPath, nil)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			w := httptest.NewRecorder()
			a.ServeUserInfo(w, r)
			got := map[string]any{}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if said, refused := got["error_description"].(string); refused && !describes.MatchString(said) {
				t.Errorf("%v is described by %q", got["error"], said)
			}
			return w.Code, w.Header().Get("WWW-Authenticate"), got
		}
		sub := strconv.FormatInt(lan.User, 10)
		_, _, got := ask(a.signIn(t, lan, "scope", "openid profile email").AccessToken)
		want := map[string]any{"sub": sub, "name": "Chị Lan", "preferred_username": "lan", "email": "lan@example.vn", "retailer": "Taphoa"}
		if len(got) != len(want) {
			t.Errorf("got %v", got)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s is %v, not %v", name, got[name], value)
			}
		}
		if _, _, got := ask(a.signIn(t, lan, "scope", "openid").AccessToken); len(got) != 2 || got["sub"] != sub {
			t.Errorf("with openid alone: %v", got)
		}
		for what, test := range map[string]struct {
			token  string
			status int
			says   string
		}{
			"none":                 {"", http.StatusUnauthorized, `Bearer realm="Taphoa"`},
			"nonsense":             {"x", http.StatusUnauthorized, `error="invalid_token"`},
			"a client's":           {token(t, a.Service, clientID, secret), http.StatusForbidden, `error="insufficient_scope"`},
			"a person's, but none": {a.signIn(t, lan, "scope", "PublicApi.Access").AccessToken, http.StatusForbidden, `error="insufficient_scope"`},
			"an ID token":          {a.signIn(t, lan).ID, http.StatusUnauthorized, `error="invalid_token"`},
		} {
			if status, says, _ := ask(test.token); status != test.status || !strings.Contains(says, test.says) {
				t.Errorf("%s: %d, %s", what, status, says)
			}
		}
	})
}

func TestAnIDTokenNamesPersonAndClient(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		a.clock.Advance(60)
		id := a.signIn(t, lan, "nonce", "một lần").ID
		claims := payload(t, id)
		if claims["sub"] != strconv.FormatInt(lan.User, 10) || claims["aud"] != a.id || claims["iss"] != issuer || claims["nonce"] != "một lần" ||
			int64(claims["auth_time"].(float64)) != int64(lan.Confirmed/1_000_000) || claims["exp"].(float64)-claims["iat"].(float64) != 3600 {
			t.Errorf("the claims are %v", claims)
		}
		if user, client := a.ReadHint(id); user != lan.User || client != a.id {
			t.Errorf("as a hint it names %d and %s", user, client)
		}
		for _, other := range []string{"", id + "x", token(t, a.Service, clientID, secret), a.signIn(t, lan).AccessToken, strings.Repeat("x", 9000)} {
			if user, client := a.ReadHint(other); user != 0 || client != "" {
				t.Errorf("%.20s as a hint names %d and %s", other, user, client)
			}
		}
		_, err := a.Verify(t.Context(), id)
		refused(t, err, "không hợp lệ")
	})
}

// keyIDs are those of the key set.
func keyIDs(tb testing.TB, s *oauth.Service) (ids []string) {
	tb.Helper()
	w := httptest.NewRecorder()
	s.ServeKeys(w, httptest.NewRequest(http.MethodGet, oauth.KeysPath, nil))
	var set struct{ Keys []struct{ Kid string } }
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil {
		tb.Fatal(err)
	}
	for _, k := range set.Keys {
		ids = append(ids, k.Kid)
	}
	return ids
}

// TestKeysAreRotatedWithAnOverlap on two servers of a database: the new key is published before it signs, and the old one until its
// last token has expired.
func TestKeysAreRotatedWithAnOverlap(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		copied := service(t, d)
		servers := []*oauth.Service{x.Service, copied}
		a := x.app(t, oauth.ClientInput{Public: true})
		signer := func(s *oauth.Service) string {
			t.Helper()
			id := (&app{harness: &harness{Service: s, db: d, clock: clock, shop: x.shop}, id: a.id, redirect: backURL}).signIn(t, x.session(t, x.shop.User)).ID
			head, _, _ := strings.Cut(id, ".")
			return payload(t, "x."+head+".x")["kid"].(string)
		}
		first := keyIDs(t, x.Service)
		before := token(t, x.Service, clientID, secret)
		made, err := oauth.RotateKey(t.Context(), d, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := oauth.RotateKey(t.Context(), d, false); err == nil || !strings.Contains(err.Error(), "đã chờ") {
			t.Errorf("a second rotation: %v", err)
		}
		clock.Advance(5)
		for _, s := range servers {
			if ids := keyIDs(t, s); len(ids) != 2 || ids[0] != first[0] || ids[1] != made.ID || signer(s) != first[0] {
				t.Errorf("before the new key signs, there are %v, and %s signs", ids, signer(s))
			}
		}
		clock.Advance(2*3600 - 6)
		last := token(t, copied, clientID, secret)
		clock.Advance(1)
		after := token(t, copied, clientID, secret)
		for _, s := range servers {
			if got := signer(s); got != made.ID {
				t.Errorf("after two hours %s signs", got)
			}
			for _, text := range []string{before, last, after} {
				verifies(t, s, text)
			}
		}
		clock.Advance(24*3600 - 10)
		verifies(t, x.Service, last)
		clock.Advance(3600 + 10)
		for _, s := range servers {
			if ids := keyIDs(t, s); len(ids) != 1 || ids[0] != made.ID {
				t.Errorf("a day later there are %v", ids)
			}
		}
		var keys []oauth.KeyInfo
		write(t, d, db.Actor{}, func(tx *db.Tx) error { keys, err = oauth.ListKeys(tx); return err })
		if len(keys) != 1 || keys[0].ID != made.ID || keys[0].EndsAt != 0 {
			t.Errorf("stored are %+v", keys)
		}

		leaked := token(t, x.Service, clientID, secret)
		verifies(t, copied, leaked)
		now, err := oauth.RotateKey(t.Context(), d, true)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(5)
		for _, s := range servers {
			if ids := keyIDs(t, s); len(ids) != 1 || ids[0] != now.ID || signer(s) != now.ID {
				t.Errorf("after a leak there are %v", ids)
			}
			_, err := s.Verify(t.Context(), leaked)
			refused(t, err, "không hợp lệ")
			verifies(t, s, token(t, s, clientID, secret))
		}
	})
}

// keyText is the key of the tests as it is stored.
func keyText(tb testing.TB) string {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key())
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// TestTheVersionBeforeGoesOn opens a database of the version before: its key, clients and tokens are good, and its people can sign in
// to programs.
func TestTheVersionBeforeGoesOn(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, clock := dbtest.URL(t, engine), dbtest.NewClock()
			d, err := db.Open(t.Context(), url, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			dbtest.MigrateBefore(t, d, "0047", `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'cobien', 'cobien', 'Cô Biển', 1);
				INSERT INTO shop_heads (retailer_id, at) VALUES (1, 1);
				INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, is_admin, created_date, changed_at)
				VALUES (1, 1, 'admin', 'admin', 'Admin', 'admin admin', TRUE, 1, 1);
				INSERT INTO access_accounts (retailer_id, user_id, password_hash) VALUES (1, 1, 'x');
				INSERT INTO oauth_keys (id, private_key, created_date) VALUES (1, '`+keyText(t)+`', 1);
				INSERT INTO oauth_clients (client_id, retailer_id, user_id, name, secret_hash, scopes, is_active, tokens_from, created_date)
				VALUES ('`+clientID+`', 1, 1, 'CRM', '`+fmt.Sprintf(`%x`, sha256.Sum256([]byte(secret)))+`', 'PublicApi.Access', TRUE, 1, 1);`)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = dbtest.Open(t, url, clock)
			x := &harness{Service: service(t, d), db: d, clock: clock, shop: db.Actor{Retailer: 1, User: 1}}
			verifies(t, x.Service, token(t, x.Service, clientID, secret))
			var clients []oauth.Client
			write(t, d, x.shop, func(tx *db.Tx) error { clients, err = oauth.ListClients(tx); return err })
			if len(clients) != 1 || clients[0].SignsIn() || clients[0].Public {
				t.Errorf("the clients are %+v", clients)
			}
			a := x.app(t, oauth.ClientInput{Public: true})
			got := a.signIn(t, x.session(t, 1))
			verifies(t, x.Service, got.AccessToken)
			if ids := keyIDs(t, x.Service); len(ids) != 1 {
				t.Errorf("the keys are %v", ids)
			}
		})
	}
}

// TestAnAccountsLastDayEndsItsTokens.
func TestAnAccountsLastDayEndsItsTokens(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		got := a.signIn(t, lan)
		people := access.New(a.db, access.Options{})
		owner := a.session(t, a.shop.User)
		if err := people.SetEnd(t.Context(), owner, lan.User, taphoa.Some(a.clock.Now().Add(-48*time.Hour))); err != nil {
			t.Fatal(err)
		}
		a.clock.Advance(5)
		_, err := a.Verify(t.Context(), got.AccessToken)
		refused(t, err, "thu hồi")
		a.refresh(t, got.Refresh).refusedWith(t, "invalid_grant")
	})
}
