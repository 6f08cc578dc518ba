package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	backURL  = "https://so.example.vn/xong"
	verifier = "con-ca-nam-trong-ao-sen-va-con-chim-tren-canh-da"
	issuer   = "http://127.0.0.1:8080"
)

func challenge(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// app is a client that people sign in to.
type app struct {
	*harness
	id, secret string
	redirect   string
}

func (x *harness) app(tb testing.TB, in oauth.ClientInput) *app {
	tb.Helper()
	if in.Name == "" {
		in.Name = "Sổ bán hàng"
	}
	if in.Redirects == nil {
		in.Redirects = []string{backURL}
	}
	a := &app{harness: x, redirect: in.Redirects[0]}
	write(tb, x.db, x.shop, func(tx *db.Tx) error {
		made, secret, err := oauth.CreateClient(tx, in)
		a.id, a.secret = made.ClientID, secret
		return err
	})
	return a
}

// session is a sign-in of a user.
func (x *harness) session(tb testing.TB, user int64) (s access.Session) {
	tb.Helper()
	write(tb, x.db, x.shop, func(tx *db.Tx) (err error) {
		_, s, err = access.StartSession(tx, user, access.Caller{})
		return err
	})
	return s
}

// change sets values, which come in pairs; an empty one is left out.
func change(q url.Values, pairs []string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return q
}

// query is the usual request of an app, with some other parameters.
func (a *app) query(pairs ...string) url.Values {
	return change(url.Values{
		"response_type": {"code"}, "client_id": {a.id}, "redirect_uri": {a.redirect}, "scope": {"openid offline_access PublicApi.Access"},
		"state": {"trạng thái &="}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}, pairs)
}

func (a *app) read(q url.Values) (*oauth.Authorization, error) {
	r := httptest.NewRequest(http.MethodGet, oauth.AuthorizePath, nil)
	r.Host = strings.TrimPrefix(issuer, "http://")
	return a.ReadAuthorization(r, q)
}

// allow signs a person in to the app and returns the code.
func (a *app) allow(tb testing.TB, who access.Session, pairs ...string) string {
	tb.Helper()
	asked, err := a.read(a.query(pairs...))
	if err != nil {
		tb.Fatal(err)
	}
	to, err := a.Allow(tb.Context(), asked, &who)
	if err != nil {
		tb.Fatal(err)
	}
	at, got := split(tb, to)
	if at != asked.RedirectURI || got.Get("state") != "trạng thái &=" || got.Get("iss") != issuer || len(got.Get("code")) != 43 {
		tb.Fatalf("the person is sent to %s", to)
	}
	return got.Get("code")
}

func split(tb testing.TB, to string) (at string, values url.Values) {
	tb.Helper()
	at, query, _ := strings.Cut(to, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		tb.Fatal(err)
	}
	return at, values
}

// tokens are an answer of the token endpoint.
type tokens struct {
	reply
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
}

// at sends a form to an endpoint.
func (a *app) at(tb testing.TB, serve http.HandlerFunc, pairs ...string) (got tokens) {
	tb.Helper()
	form := change(url.Values{"client_id": {a.id}}, append([]string{"client_secret", a.secret}, pairs...))
	r := post("/connect/token", formType, form.Encode())
	r.Host = strings.TrimPrefix(issuer, "http://")
	w := httptest.NewRecorder()
	serve(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		tb.Fatalf("response %q: %v", w.Body, err)
	}
	got.Status = w.Code
	if got.Error != "" && form.Get("grant_type") != "client_credentials" && !describes.MatchString(got.Description) {
		tb.Errorf("%s is described by %q", got.Error, got.Description)
	}
	return got
}

// describes is what descriptions of errors consist of (RFC 6749, sections 4.1.2.1 and 5.2).
var describes = regexp.MustCompile(`^[\x20\x21\x23-\x5B\x5D-\x7E]+$`)

func (a *app) exchange(tb testing.TB, code string, pairs ...string) tokens {
	tb.Helper()
	return a.at(tb, a.ServeToken, append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", a.redirect, "code_verifier", verifier}, pairs...)...)
}

func (a *app) refresh(tb testing.TB, token string, pairs ...string) tokens {
	tb.Helper()
	return a.at(tb, a.ServeToken, append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)...)
}

// signIn returns the tokens of a person.
func (a *app) signIn(tb testing.TB, who access.Session, pairs ...string) tokens {
	tb.Helper()
	got := a.exchange(tb, a.allow(tb, who, pairs...))
	if got.Status != http.StatusOK || got.AccessToken == "" {
		tb.Fatalf("no tokens: %+v", got)
	}
	return got
}

func (got tokens) refusedWith(tb testing.TB, code string) {
	tb.Helper()
	if got.Status != http.StatusBadRequest || got.Error != code || got.AccessToken != "" || got.Refresh != "" || got.Description == "" {
		tb.Errorf("got %+v, want %s", got, code)
	}
}

// eachApp runs a test on both engines, with an app of people and Lan's session.
func eachApp(t *testing.T, in oauth.ClientInput, test func(t *testing.T, a *app, lan access.Session)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		user, _ := x.staff(t)
		test(t, x.app(t, in), x.session(t, user))
	})
}

// TestACodeCountsOnce, for a minute, for its client and its address; used twice, it ends what it has given.
func TestACodeCountsOnce(t *testing.T) {
	eachApp(t, oauth.ClientInput{}, func(t *testing.T, a *app, lan access.Session) {
		other := a.app(t, oauth.ClientInput{Name: "Ứng dụng khác"})
		code := a.allow(t, lan)
		other.exchange(t, code).refusedWith(t, "invalid_grant")
		a.exchange(t, code, "redirect_uri", "").refusedWith(t, "invalid_grant")
		a.exchange(t, code, "redirect_uri", backURL+"/").refusedWith(t, "invalid_grant")
		a.exchange(t, code[:42]+"-").refusedWith(t, "invalid_grant")
		a.exchange(t, "").refusedWith(t, "invalid_grant")
		first := a.exchange(t, code)
		verifies(t, a.Service, first.AccessToken)
		a.exchange(t, code).refusedWith(t, "invalid_grant")
		a.clock.Advance(5)
		_, err := a.Verify(t.Context(), first.AccessToken)
		refused(t, err, "thu hồi")
		a.refresh(t, first.Refresh).refusedWith(t, "invalid_grant")
		a.exchange(t, code).refusedWith(t, "invalid_grant")

		late := a.allow(t, lan)
		a.clock.Advance(60)
		a.exchange(t, late).refusedWith(t, "invalid_grant")
	})
}

func TestAChallengeIsNotLeftOut(t *testing.T) {
	eachApp(t, oauth.ClientInput{}, func(t *testing.T, a *app, lan access.Session) {
		a.exchange(t, a.allow(t, lan), "code_verifier", "").refusedWith(t, "invalid_grant")
		a.exchange(t, a.allow(t, lan), "code_verifier", verifier+"x").refusedWith(t, "invalid_grant")
		a.exchange(t, a.allow(t, lan), "code_verifier", challenge(verifier)).refusedWith(t, "invalid_grant")
		without := []string{"code_challenge", "", "code_challenge_method", ""}
		if got := a.exchange(t, a.allow(t, lan, without...), "code_verifier", ""); got.Status != http.StatusOK {
			t.Errorf("a client with a secret needs a challenge: %+v", got)
		}
		a.exchange(t, a.allow(t, lan, without...)).refusedWith(t, "invalid_grant") // it was taken out on the way

		public := a.app(t, oauth.ClientInput{Public: true})
		for name, pairs := range map[string][]string{
			"none":                  without,
			"plain":                 {"code_challenge", verifier, "code_challenge_method", "plain"},
			"plain unless it says":  {"code_challenge_method", ""},
			"another method":        {"code_challenge_method", "S512"},
			"a challenge of plain":  {"code_challenge", verifier},
			"a method alone":        {"code_challenge", ""},
			"what is not base64url": {"code_challenge", strings.Repeat("=", 43)},
		} {
			for _, x := range []*app{public, a} {
				_, err := x.read(x.query(pairs...))
				denied := (*oauth.AuthorizationError)(nil)
				if name == "none" && x == a {
					continue
				}
				if !errors.As(err, &denied) || denied.Code != "invalid_request" {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		public.signIn(t, lan)
	})
}

// TestARefreshTokenCountsOnce: who uses an old one ends them all. Within ten seconds it is answered once more, with the same one.
func TestARefreshTokenCountsOnce(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		first := a.signIn(t, lan)
		second := a.refresh(t, first.Refresh)
		a.clock.Advance(9)
		if lost := a.refresh(t, first.Refresh); lost.Refresh != second.Refresh || lost.AccessToken == "" {
			t.Errorf("the answer was lost, and then it is %+v, not %s", lost, second.Refresh)
		}
		third := a.refresh(t, second.Refresh)
		if third.Refresh == second.Refresh || len(third.Refresh) != 86 {
			t.Fatalf("got %+v", third)
		}
		a.refresh(t, first.Refresh).refusedWith(t, "invalid_grant") // two before, at whichever time
		a.refresh(t, third.Refresh).refusedWith(t, "invalid_grant")
		a.clock.Advance(5)
		for _, token := range []string{first.AccessToken, second.AccessToken, third.AccessToken} {
			_, err := a.Verify(t.Context(), token)
			refused(t, err, "thu hồi")
		}

		stolen := a.signIn(t, lan)
		own := a.refresh(t, stolen.Refresh)
		a.clock.Advance(10)
		a.refresh(t, stolen.Refresh).refusedWith(t, "invalid_grant")
		a.refresh(t, own.Refresh).refusedWith(t, "invalid_grant")

		kept := a.signIn(t, lan)
		a.app(t, oauth.ClientInput{Name: "Ứng dụng khác", Public: true}).refresh(t, kept.Refresh).refusedWith(t, "invalid_grant")
		a.refresh(t, kept.Refresh[:85]+"_").refusedWith(t, "invalid_grant") // a caller who knows so much is a thief, too
		a.refresh(t, kept.Refresh).refusedWith(t, "invalid_grant")
	})
}

func TestARefreshTokenEnds(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true}, func(t *testing.T, a *app, lan access.Session) {
		if got := a.signIn(t, lan, "scope", "openid PublicApi.Access"); got.Refresh != "" {
			t.Errorf("without offline_access there is %s", got.Refresh)
		}
		const day = 24 * 3600
		idle := a.signIn(t, lan)
		a.clock.Advance(30 * day)
		a.refresh(t, idle.Refresh).refusedWith(t, "invalid_grant")
		lan = a.session(t, lan.User)
		token := a.signIn(t, lan).Refresh
		for days := 0; days < 80; days += 20 {
			a.clock.Advance(20 * day)
			got := a.refresh(t, token)
			if token = got.Refresh; token == "" {
				t.Fatalf("after %d days: %+v", days+20, got)
			}
		}
		a.clock.Advance(10*day - 1)
		last := a.refresh(t, token)
		verifies(t, a.Service, last.AccessToken)
		a.clock.Advance(1)
		a.refresh(t, last.Refresh).refusedWith(t, "invalid_grant")
		verifies(t, a.Service, last.AccessToken)
	})
}

func TestARefreshMayAskForLess(t *testing.T) {
	eachApp(t, oauth.ClientInput{Public: true, Scopes: []string{oauth.ScopeAdmin}}, func(t *testing.T, a *app, lan access.Session) {
		first := a.signIn(t, lan)
		a.refresh(t, first.Refresh, "scope", "openid Taphoa.Admin").refusedWith(t, "invalid_scope")
		less := a.refresh(t, first.Refresh, "scope", "openid")
		who, err := a.Verify(t.Context(), less.AccessToken)
		if err != nil || who.Allows(oauth.ScopePublic) || !who.Allows(oauth.ScopeOpenID) || less.Scope != "openid" {
			t.Errorf("got %+v, %v", less, err)
		}
		if all := a.refresh(t, less.Refresh); all.Scope != "PublicApi.Access openid offline_access" {
			t.Errorf("the next one has %q", all.Scope)
		}
	})
}

// TestATokenActsByThePersonsRights and the scopes of the client, for as long as the person, the consent, the password and the client
// last: five seconds later it is over in each process.
func TestATokenActsByThePersonsRights(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		a, copied := x.app(t, oauth.ClientInput{}), service(t, d)
		lan, branch := x.staff(t)
		cashier := right.BuiltIn()[right.CashierRole-1].Set
		token := a.signIn(t, x.session(t, lan)).AccessToken
		who, err := copied.Verify(t.Context(), token)
		if err != nil || who.User != lan || who.Held.User() != lan || who.Held.At(branch) != cashier || who.Allows(oauth.ScopeAdmin) {
			t.Fatalf("the token is %+v, %v", who, err)
		}
		if claims := payload(t, token); claims["sub"] != claims["client_UserId"] || claims["client_RetailerCode"] != "Taphoa" {
			t.Errorf("the claims are %v", claims)
		}
		if _, err := a.read(a.query("scope", "PublicApi.Access Taphoa.Admin")); err == nil {
			t.Error("a client gets a scope that it does not have")
		}
		write(t, d, x.shop, func(tx *db.Tx) error { return access.SetUserRoles(tx, lan, nil) })
		clock.Advance(5)
		if who, err := copied.Verify(t.Context(), token); err != nil || !who.Held.None() {
			t.Errorf("five seconds after Lan's role is taken away: %s, %v", who.Held.Key(), err)
		}
		for what, end := range map[string]func(tx *db.Tx, a *app) error{
			"a password": func(tx *db.Tx, _ *app) error { return access.SetPassword(tx, lan, "x") },
			"Disconnect": func(tx *db.Tx, a *app) error { return oauth.Disconnect(tx, lan, a.id) },
			"the client": func(tx *db.Tx, a *app) error { return oauth.RevokeClient(tx, a.id) },
			"a restore":  func(tx *db.Tx, _ *app) error { oauth.EndEverything(tx); return nil },
		} {
			a := x.app(t, oauth.ClientInput{Name: what})
			got := a.signIn(t, x.session(t, lan))
			for _, s := range []*oauth.Service{a.Service, copied} {
				verifies(t, s, got.AccessToken)
			}
			write(t, d, x.shop, func(tx *db.Tx) error { return end(tx, a) })
			clock.Advance(5)
			for _, s := range []*oauth.Service{a.Service, copied} {
				_, err := s.Verify(t.Context(), got.AccessToken)
				refused(t, err, "thu hồi")
			}
			if after := a.refresh(t, got.Refresh); after.AccessToken != "" {
				t.Errorf("%s: a refresh gives %+v", what, after)
			}
		}
		got := a.signIn(t, x.session(t, lan))
		code := a.allow(t, x.session(t, lan))
		write(t, d, x.shop, func(tx *db.Tx) error {
			tx.Queue(`UPDATE users SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, lan)
			return nil
		})
		clock.Advance(5)
		_, err = copied.Verify(t.Context(), got.AccessToken)
		refused(t, err, "thu hồi")
		a.refresh(t, got.Refresh).refusedWith(t, "invalid_grant")
		a.exchange(t, code).refusedWith(t, "invalid_grant")
	})
}

// TestAConsentIsRemembered: what was allowed is remembered by person, client and scopes.
func TestAConsentIsRemembered(t *testing.T) {
	eachApp(t, oauth.ClientInput{Scopes: []string{oauth.ScopeAdmin}}, func(t *testing.T, a *app, lan access.Session) {
		owner, other := a.session(t, a.shop.User), a.app(t, oauth.ClientInput{Name: "Ứng dụng khác"})
		remembered := func(x *app, who access.Session, scope string) bool {
			t.Helper()
			asked, err := x.read(x.query("scope", scope))
			if err != nil {
				t.Fatal(err)
			}
			all, err := a.Consented(t.Context(), asked, &who)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if remembered(a, lan, "openid") {
			t.Error("nothing was allowed yet")
		}
		a.allow(t, lan, "scope", "openid")
		a.allow(t, lan, "scope", "PublicApi.Access")
		if !remembered(a, lan, "openid PublicApi.Access") || remembered(a, lan, "openid Taphoa.Admin") || remembered(a, owner, "openid") || remembered(other, lan, "openid") {
			t.Error("what was allowed is not what is remembered")
		}
		var apps []oauth.App
		write(t, a.db, a.shop, func(tx *db.Tx) (err error) {
			apps, err = oauth.Apps(tx, lan.User)
			return err
		})
		if len(apps) != 1 || apps[0].Name != "Sổ bán hàng" || !slices.Equal(apps[0].Scopes, []string{"openid", "PublicApi.Access"}) {
			t.Errorf("the apps are %+v", apps)
		}
		write(t, a.db, a.shop, func(tx *db.Tx) error { return oauth.Disconnect(tx, lan.User, a.id) })
		if remembered(a, lan, "openid") {
			t.Error("what was ended is remembered")
		}
	})
}

// TestTheDatabaseHasNoSecretOfASignIn looks for codes and tokens in all that is stored.
func TestTheDatabaseHasNoSecretOfASignIn(t *testing.T) {
	eachApp(t, oauth.ClientInput{}, func(t *testing.T, a *app, lan access.Session) {
		code := a.allow(t, lan)
		got := a.exchange(t, code)
		var rows []string
		write(t, a.db, a.shop, func(tx *db.Tx) (err error) {
			rows, err = db.All[string](tx, `SELECT code_hash || refresh_hash || previous_hash || challenge || nonce || scopes FROM oauth_grants WHERE retailer_id = :retailer`)
			return err
		})
		for _, secret := range []string{code, got.Refresh, got.Refresh[43:], got.AccessToken} {
			if strings.Contains(strings.Join(rows, " "), secret) {
				t.Errorf("%s is stored", secret)
			}
		}
		if len(rows) != 1 {
			t.Errorf("there are %d rows", len(rows))
		}
		for range 60 { // a client fills the table with no more than its share
			a.allow(t, lan)
		}
		var count int64
		write(t, a.db, a.shop, func(tx *db.Tx) (err error) {
			count, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM oauth_grants WHERE retailer_id = :retailer`)
			return err
		})
		if count != 51 { // the one that lasts is not counted with those
			t.Errorf("there are %d sign-ins", count)
		}
		a.clock.Advance(3600)
		for range 13 {
			a.allow(t, lan)
		}
		write(t, a.db, a.shop, func(tx *db.Tx) (err error) {
			count, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM oauth_grants WHERE retailer_id = :retailer`)
			return err
		})
		if count > 14 {
			t.Errorf("of those that have expired %d are left", count)
		}
	})
}
