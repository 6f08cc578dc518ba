package oauth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

func TestATokenIdentifiesItsClient(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		good := token(t, x.Service, clientID, secret)
		for range 2 { // the second time from the cache
			who, err := x.Verify(t.Context(), good)
			if err != nil || who.ClientID != clientID || who.Retailer != x.shop.Retailer || who.RetailerCode != "Taphoa" ||
				who.User != x.shop.User || !who.Allows(oauth.ScopePublic) || who.Allows(oauth.ScopeAdmin) {
				t.Fatalf("the token is of %+v, %v", who, err)
			}
		}
	})
}

func TestARequestIsAuthenticatedByTokenAndShop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		other := openShop(t, d, "khac")
		if other == x.shop {
			t.Fatal("one shop twice")
		}
		good := token(t, x.Service, clientID, secret)
		tests := []struct {
			name, authorization, retailer string
			words                         string // of the refusal; empty for none
		}{
			{"as documented", "Bearer " + good, "Taphoa", ""},
			{"the shop in small letters", "Bearer " + good, "taphoa", ""},
			{"the shop in capitals and blanks", "Bearer " + good, " TAPHOA ", ""},
			{"the shop with characters that are not seen", "Bearer " + good, "\ufeffTap\u200bhoa\u00a0", ""},
			{"the scheme in any letter case", "bEARER   " + good, "Taphoa", ""},
			{"no header", "", "Taphoa", "Thiếu token"},
			{"no header and no shop", "", "", "Thiếu token"},
			{"no token after the scheme", "Bearer ", "Taphoa", "Thiếu token"},
			{"the scheme alone", "bearer", "Taphoa", "Thiếu token"},
			{"another scheme", "Basic " + good, "Taphoa", "Thiếu token"},
			{"no scheme", good, "Taphoa", "Thiếu token"},
			{"a word instead of a token", "Bearer undefined", "Taphoa", "không hợp lệ"},
			{"two tokens", "Bearer " + good + " " + good, "Taphoa", "không hợp lệ"},
			{"no shop", "Bearer " + good, "", "Thiếu tên gian hàng"},
			{"a blank shop", "Bearer " + good, "  ", "Thiếu tên gian hàng"},
			{"another shop", "Bearer " + good, "khac", "Shop's name is invalid"},
			{"an unknown shop", "Bearer " + good, "Taphoa2", "Shop's name is invalid"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				r := httptest.NewRequest("GET", "/products", nil)
				r.Header.Set("Authorization", test.authorization)
				if test.retailer != "" {
					r.Header.Set("retailer", test.retailer)
				}
				who, err := x.Authenticate(r)
				if test.words != "" {
					refused(t, err, test.words)
					return
				}
				if err != nil || who.Retailer != x.shop.Retailer {
					t.Errorf("the request is of %+v, %v", who, err)
				}
			})
		}
		r := httptest.NewRequest("GET", "/products", nil)
		r.Header.Set("Authorization", "Bearer "+good)
		r.Header.Set("Retailer", "khac")
		if _, err := x.Authenticate(r); err == nil || err.Error() != "Shop's name is invalid" {
			t.Errorf("the refusal is %v", err)
		}
	})
}

func TestATokenEndsAfterADay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		good := token(t, x.Service, clientID, secret)
		clock.Advance(86399)
		verifies(t, x.Service, good)
		verifies(t, service(t, d), good)
		clock.Advance(1)
		for _, s := range []*oauth.Service{x.Service, service(t, d)} { // one has cached it, one has not
			_, err := s.Verify(t.Context(), good)
			refused(t, err, "hết hạn")
		}
	})
}

func TestARevocationTakesEffectHereAtOnceAndElsewhereWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		other := service(t, d)
		good := token(t, x.Service, clientID, secret)
		verifies(t, x.Service, good)
		verifies(t, other, good)
		x.revoke(t)
		x.Forget(clientID)
		_, err := x.Verify(t.Context(), good)
		refused(t, err, "thu hồi")
		if a := ask(t, x.Service, clientID, secret); a.Error != "invalid_client" {
			t.Errorf("a revoked client returns %+v", a)
		}
		clock.Advance(5)
		_, err = other.Verify(t.Context(), good)
		refused(t, err, "thu hồi")
		if a := ask(t, other, clientID, secret); a.Error != "invalid_client" {
			t.Errorf("a revoked client returns %+v", a)
		}
		x.revoke(t) // is idempotent
		err = d.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, err := oauth.RotateSecret(tx, clientID, 0); return err })
		if e := (*taphoa.Error)(nil); !errors.As(err, &e) || e.Kind != taphoa.KindNotFound {
			t.Errorf("a new secret for a revoked client returns %v", err)
		}
	})
}

func TestANewSecretInvalidatesTheOldOneAndItsTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		old := token(t, x.Service, clientID, secret)
		created := x.rotate(t) // in the same instant
		x.Forget(clientID)
		_, err := x.Verify(t.Context(), old)
		refused(t, err, "thu hồi")
		if a := ask(t, x.Service, clientID, secret); a.Error != "invalid_client" {
			t.Errorf("the old secret returns %+v", a)
		}
		second := token(t, x.Service, clientID, created)
		verifies(t, x.Service, second)
		verifies(t, service(t, d), second)
	})
}

func TestAStaleCacheIsCorrectedByANewerToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		stale := service(t, d)
		token(t, stale, clientID, secret) // caches the client
		created := x.rotate(t)
		x.Forget(clientID)
		clock.Advance(1)

		// It still accepts the old secret, but services with the newer row refuse the tokens that it issues.
		oldToken := token(t, stale, clientID, secret)
		_, err := x.Verify(t.Context(), oldToken)
		refused(t, err, "thu hồi")
		// A token for the new secret makes it read the client again, so that it no longer accepts the old one.
		verifies(t, stale, token(t, x.Service, clientID, created))
		_, err = stale.Verify(t.Context(), oldToken)
		refused(t, err, "thu hồi")

		// It accepts a newer secret before its cached row expires.
		newest := x.rotate(t)
		clock.Advance(1)
		token(t, stale, clientID, newest)
	})
}

func TestAClientCreatedAfterARefusalIsAcceptedSoon(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		const id = "0a0b0c0d-0000-4000-8000-000000000009"
		if a := ask(t, x.Service, id, secret); a.Error != "invalid_client" {
			t.Fatalf("an unknown client returns %+v", a)
		}
		write(t, d, x.shop, func(tx *db.Tx) error {
			_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "ERP", ClientID: id, Secret: secret})
			return err
		})
		clock.Advance(1)
		token(t, x.Service, id, secret)
	})
}

func TestAClockPutBackHidesNoRevocation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		good := token(t, x.Service, clientID, secret)
		clock.Advance(-3600)
		verifies(t, x.Service, good)
		clock.Advance(-3600)
		x.revoke(t)
		_, err := x.Verify(t.Context(), good)
		refused(t, err, "thu hồi")
	})
}

func TestAFailingDatabaseIsNotARefusalOfTheToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		good := token(t, x.Service, clientID, secret)
		clock.Advance(5)
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := x.Verify(cancelled, good)
		if e := (*taphoa.Error)(nil); err == nil || errors.As(err, &e) {
			t.Errorf("got %v, want an error of the server", err)
		}
		r := post("/connect/token", formType, form(clientID, secret)).WithContext(cancelled)
		if a := send(t, x.Service, r); a.Status != 500 || a.Error != "server_error" {
			t.Errorf("got %+v", a)
		}
		verifies(t, x.Service, good)
	})
}

func TestATamperedTokenIsRefused(t *testing.T) {
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), dbtest.NewClock())
	x := open(t, d, nil)
	good := token(t, x.Service, clientID, secret)
	verifies(t, x.Service, good)
	for name, bad := range tampered(t, good) {
		t.Run(name, func(t *testing.T) {
			if bad == good {
				t.Fatal("nothing was changed")
			}
			_, err := x.Verify(t.Context(), bad)
			refused(t, err, "không hợp lệ")
		})
	}
	_, err := x.Verify(t.Context(), "")
	refused(t, err, "Thiếu token")
	verifies(t, x.Service, good)
}

func TestASignatureAloneDoesNotMakeATokenValid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		good := token(t, x.Service, clientID, secret)
		text, err := base64.RawURLEncoding.DecodeString(strings.Split(good, ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		claims := string(text)
		jti := payload(t, good)["jti"].(string)
		for name, test := range map[string]struct{ payload, words string }{
			"nothing":                  {`{}`, "hết hạn"},
			"no end":                   {strings.Replace(claims, `"exp"`, `"end"`, 1), "hết hạn"},
			"an unknown client":        {strings.Replace(claims, clientID, "de300000-0000-4000-8000-000000000002", 1), "thu hồi"},
			"no client":                {strings.Replace(claims, `"client_id"`, `"x"`, 1), "thu hồi"},
			"no client, no generation": {strings.NewReplacer(clientID, "", jti, "").Replace(claims), "thu hồi"},
			"no generation":            {strings.Replace(claims, jti, "", 1), "thu hồi"},
			"a later generation":       {strings.Replace(claims, jti, "z"+jti, 1), "thu hồi"},
			"a huge generation":        {strings.Replace(claims, jti, strings.Repeat("z", 50)+".", 1), "thu hồi"},
		} {
			_, err := x.Verify(t.Context(), sign(t, key(), header, test.payload))
			t.Run(name, func(t *testing.T) { refused(t, err, test.words) })
		}
	})
}

func TestTwoProcessesOnAnEmptyDatabaseShareOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var (
			services [3]*oauth.Service
			errs     [3]error
			group    sync.WaitGroup
		)
		for i := range services {
			group.Go(func() { services[i], errs[i] = oauth.New(d, oauth.Options{}) })
		}
		group.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		shop := openShop(t, d, "Taphoa")
		write(t, d, shop, func(tx *db.Tx) error {
			_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM", ClientID: clientID, Secret: secret})
			if n, _, e := db.One[int64](tx.Everywhere(), `SELECT COUNT(*) FROM oauth_keys`); n != 1 || e != nil {
				t.Errorf("%d keys are stored, %v", n, e)
			}
			return err
		})
		for _, a := range services {
			for _, b := range append(services[:], service(t, d)) {
				verifies(t, b, token(t, a, clientID, secret))
			}
		}
	})
}

func TestAKeyThatCannotBeReadStopsTheStart(t *testing.T) {
	for _, text := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
		write(t, d, db.Actor{}, func(tx *db.Tx) error {
			_, err := tx.Everywhere().Exec(`INSERT INTO oauth_keys (id, private_key, created_date) VALUES (1, ?, 1)`, text)
			return err
		})
		if _, err := oauth.New(d, oauth.Options{}); err == nil {
			t.Errorf("the key %q was accepted", text)
		}
	}
}

func TestConcurrentClientsGetAndUseTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		other := service(t, d)
		const clients = 4
		var group sync.WaitGroup
		for i := range clients {
			id := fmt.Sprintf("0a0b0c0d-0000-4000-8000-%012d", i)
			write(t, d, x.shop, func(tx *db.Tx) error {
				_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM", ClientID: id, Secret: secret})
				return err
			})
			for range 3 { // programs that share one client
				group.Go(func() {
					for n := range 30 {
						if n%10 == 9 {
							clock.Advance(1)
						}
						verifies(t, x.Service, token(t, other, id, secret))
						if who, err := other.Verify(t.Context(), token(t, x.Service, id, secret)); err != nil || who.ClientID != id {
							t.Errorf("the token of %s is of %v, %v", id, who, err)
						}
					}
				})
			}
		}
		group.Go(func() { // while secrets are rotated
			for range 10 {
				created := x.rotate(t)
				x.Forget(clientID)
				verifies(t, other, token(t, x.Service, clientID, created))
			}
		})
		group.Wait()
	})
}
