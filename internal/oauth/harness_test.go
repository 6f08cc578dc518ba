package oauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	clientID = "de300000-0000-4000-8000-000000000001"
	secret   = "DE30000000000000000000000000000000000001"
)

// key is the signing key of most tests: generating one takes longer than a test.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// harness is a service and a shop with one client.
type harness struct {
	*oauth.Service
	db    *db.DB
	clock *dbtest.Clock
	shop  db.Actor
}

// open opens the shop Taphoa, whose client has all scopes.
func open(tb testing.TB, d *db.DB, clock *dbtest.Clock) *harness {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key())
	if err != nil {
		tb.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	write(tb, d, db.Actor{}, func(tx *db.Tx) error {
		_, err := tx.Everywhere().Exec(`INSERT INTO oauth_keys (id, private_key, created_date) VALUES (1, ?, :now)`, string(text))
		return err
	})
	x := &harness{Service: service(tb, d), db: d, clock: clock, shop: openShop(tb, d, "Taphoa")}
	write(tb, d, x.shop, func(tx *db.Tx) error {
		_, _, err := oauth.CreateClient(tx, oauth.ClientInput{
			Name: "Cửa hàng trực tuyến", ClientID: clientID, Secret: secret, Scopes: []string{oauth.ScopeAdmin},
		})
		return err
	})
	return x
}

func service(tb testing.TB, d *db.DB) *oauth.Service {
	tb.Helper()
	s, err := oauth.New(d, oauth.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func openShop(tb testing.TB, d *db.DB, code string) (shop db.Actor) {
	tb.Helper()
	write(tb, d, db.Actor{}, func(tx *db.Tx) error {
		_, err := org.CreateShop(tx, code, "Tạp hoá")
		shop = db.Actor{Retailer: tx.Retailer, User: tx.User}
		return err
	})
	return shop
}

func write(tb testing.TB, d *db.DB, who db.Actor, op func(*db.Tx) error) {
	tb.Helper()
	if err := d.Write(tb.Context(), who, op); err != nil {
		tb.Fatal(err)
	}
}

// rotate gives the client a new secret without [oauth.Service.Forget].
func (x *harness) rotate(tb testing.TB) (created string) {
	tb.Helper()
	write(tb, x.db, x.shop, func(tx *db.Tx) (err error) {
		created, err = oauth.RotateSecret(tx, clientID, 0)
		return err
	})
	return created
}

func (x *harness) revoke(tb testing.TB) {
	tb.Helper()
	write(tb, x.db, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, clientID) })
}

// reply is a response of the token endpoint.
type reply struct {
	Status      int
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	TokenType   string `json:"token_type"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func send(tb testing.TB, s *oauth.Service, r *http.Request) (a reply) {
	tb.Helper()
	w := httptest.NewRecorder()
	s.ServeToken(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		tb.Fatalf("response %q: %v", w.Body, err)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		tb.Errorf("Cache-Control is %q", got)
	}
	a.Status = w.Code
	return a
}

func post(target, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

const formType = "application/x-www-form-urlencoded"

func form(id, secret string) string {
	return url.Values{
		"scopes": {"PublicApi.Access"}, "grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret},
	}.Encode()
}

func ask(tb testing.TB, s *oauth.Service, id, secret string) reply {
	tb.Helper()
	return send(tb, s, post("/connect/token", formType, form(id, secret)))
}

// token requests a token, which must be granted.
func token(tb testing.TB, s *oauth.Service, id, secret string) string {
	tb.Helper()
	a := ask(tb, s, id, secret)
	if a.Status != http.StatusOK || a.AccessToken == "" {
		tb.Fatalf("no token for %s: %+v", id, a)
	}
	return a.AccessToken
}

// payload decodes a token as vienthuong and the vendor's plugin do: with plain base64.
func payload(tb testing.TB, token string) map[string]any {
	tb.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		tb.Fatalf("the token has %d parts", len(parts))
	}
	text, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil {
		tb.Fatalf("payload %s: %v", parts[1], err)
	}
	for _, c := range text {
		if c >= 0x80 {
			tb.Fatalf("the payload %s is not ASCII", text)
		}
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		tb.Fatalf("payload %s: %v", text, err)
	}
	return claims
}

// refused checks that err is a TokenException whose sentence holds some words.
func refused(tb testing.TB, err error, words string) {
	tb.Helper()
	e := (*taphoa.Error)(nil)
	if !errors.As(err, &e) || e.Kind != taphoa.KindUnauthorized || e.Code != taphoa.CodeToken || !strings.Contains(e.Message, words) {
		tb.Errorf("got %#v, want a TokenException about %q", err, words)
	}
}

func verifies(tb testing.TB, s *oauth.Service, token string) {
	tb.Helper()
	if _, err := s.Verify(tb.Context(), token); err != nil {
		tb.Errorf("a good token is refused: %v", err)
	}
}
