package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// hmacOf is the HMAC-SHA256 of a message.
func hmacOf(key, message string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(message))
	return h.Sum(nil)
}

// signedBy returns which of the secrets, which are no Base64, have made the vendor's signature and those of the standard.
func signedBy(g request, secrets ...string) (vendor string, standard []string) {
	message := fmt.Sprintf("%s.%s.%s", g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"), g.body)
	for _, secret := range secrets {
		if g.header.Get("X-Hub-Signature") == "sha1="+hex.EncodeToString(hmacOf(secret, string(g.body))) {
			vendor = secret
		}
	}
	for signature := range strings.SplitSeq(g.header.Get("Webhook-Signature"), " ") {
		at := slices.IndexFunc(secrets, func(s string) bool { return signature == "v1,"+base64.StdEncoding.EncodeToString(hmacOf(s, message)) })
		if at < 0 {
			return vendor, append(standard, "unknown")
		}
		standard = append(standard, secrets[at])
	}
	return vendor, standard
}

// last is the newest request.
func (r *receiver) last() request {
	all := r.all()
	return all[len(all)-1]
}

// rotate gives a registration a secret.
func (s shop) rotate(id int64, secret string, hours int64) (out taphoa.Webhook) {
	s.Helper()
	s.write(func(tx *db.Tx) (err error) {
		in := taphoa.WebhookSecretInput{ID: id, Secret: secret, OverlapHours: taphoa.Some(hours)}
		if err := in.Validate(); err != nil {
			return err
		}
		out, err = webhook.RotateSecret(tx, &in)
		return err
	})
	return out
}

// TestTwoSecretsSignUntilTheOverlapEnds: the newer first in the standard's header, and the old one in the vendor's.
func TestTwoSecretsSignUntilTheOverlapEnds(t *testing.T) {
	const first, second, third = "mã-một!", "mã-hai!", "mã-ba!"
	eachShop(t, func(s shop) {
		r, n := newReceiver(s.T, nil), 0
		id := s.registerAs("customer.update", r.URL, first)
		s.startDeliverer(webhook.Options{})
		check := func(what, vendor string, standard ...string) {
			s.Helper()
			n++
			s.emit(int64(n))
			s.until("it is delivered", func() bool { return s.registration(id).DeliveredSeq == int64(n) })
			if v, all := signedBy(r.last(), first, second, third); v != vendor || !slices.Equal(all, standard) {
				s.Errorf("%s: signed by %q and %q, want %q and %q", what, v, all, vendor, standard)
			}
		}
		check("before", first, first)
		until := s.clock.Now().Add(24 * time.Hour)
		if out := s.rotate(id, second, 24); out.OldSecretUntil.Value != until || s.registration(id).OldSecretUntil.Value != until {
			s.Errorf("the old secret counts until %v, %v is shown, want %v", out.OldSecretUntil, s.registration(id).OldSecretUntil, until)
		}
		check("in the overlap", first, second, first)
		s.clock.Advance(3600)
		s.rotate(id, second, 24)
		s.change(id, taphoa.WebhookWrite{Secret: taphoa.Some(second), Description: taphoa.Some("x")})
		if again := s.registerAs("customer.update", r.URL, second); again != id || s.registration(id).OldSecretUntil.Value != until {
			s.Errorf("the secret that it has already changes the overlap to %v", s.registration(id).OldSecretUntil)
		}
		check("after the same secret again", first, second, first)
		s.clock.Advance(23 * 3600)
		check("after the overlap", second, second)
		s.rotate(id, third, 1)
		check("in the second overlap", second, third, second)
		s.rotate(id, third, 0)
		check("when it is ended", third, third)
		s.rotate(id, first, 1)
		s.change(id, taphoa.WebhookWrite{Secret: taphoa.Some(second)})
		check("when the secret is replaced", second, second)
	})
}

// TestAFirstSecretHasNoneToOverlapWith: it signs alone. A secret is needed, and an overlap that is not too long.
func TestAFirstSecretHasNoneToOverlapWith(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		s.startDeliverer(webhook.Options{})
		if out := s.rotate(id, "mã-một!", 720); out.OldSecretUntil.Has() || out.ID != id {
			s.Errorf("it is %+v", out)
		}
		s.emit(1)
		s.until("it is delivered", func() bool { return len(r.all()) == 1 })
		if vendor, standard := signedBy(r.last(), "mã-một!"); vendor != "mã-một!" || !slices.Equal(standard, []string{"mã-một!"}) {
			s.Errorf("signed by %q and %q", vendor, standard)
		}
		for _, in := range []taphoa.WebhookSecretInput{
			{ID: id, Secret: "x", OverlapHours: taphoa.Some[int64](-1)},
			{ID: id, Secret: "x", OverlapHours: taphoa.Some[int64](721)},
			{ID: id, Secret: "x", OverlapHours: taphoa.Some[int64](1 << 62)},
			{ID: id},
			{ID: id, Secret: "  "},
		} {
			if in.Validate() == nil {
				s.Errorf("%+v is accepted", in)
			}
		}
		err := s.d.Write(s.Context(), db.Actor{Retailer: s.id}, func(tx *db.Tx) error {
			_, err := webhook.RotateSecret(tx, &taphoa.WebhookSecretInput{ID: id + 1, Secret: "x"})
			return err
		})
		if err == nil {
			s.Error("a registration that there is not gets a secret")
		}
	})
}

// TestAnEndThatNoOverlapCanHaveIsNotBelieved: the clock was far ahead when the secret was rotated.
func TestAnEndThatNoOverlapCanHaveIsNotBelieved(t *testing.T) {
	until := dbtest.NewClock().Now()
	for _, x := range []struct {
		at     time.Duration
		signed int
	}{{0, 1}, {-1 * time.Microsecond, 2}, {-720 * time.Hour, 2}, {-721 * time.Hour, 1}} {
		if got := webhook.SecretsAt("new", "old", until, until.Add(x.at)); len(got) != x.signed || got[0] != "new" {
			t.Errorf("%v from the end %q sign", x.at, got)
		}
	}
	if got := webhook.SecretsAt("", "old", until, until.Add(-1)); got != nil {
		t.Errorf("without a secret %q sign", got)
	}
}

// TestAnOldSecretIsForgotten when it has ended for as long as deliveries are kept.
func TestAnOldSecretIsForgotten(t *testing.T) {
	eachShop(t, func(s shop) {
		id := s.registerAs("customer.update", "https://a.vn", "mã-một!")
		s.rotate(id, "mã-hai!", 1)
		for _, hours := range []int64{30 * 24, 2} {
			s.clock.Advance(hours * 3600)
			if err := webhook.Sweep(s.Context(), s.d, 30*24*time.Hour); err != nil {
				s.Fatal(err)
			}
			s.read(func(tx *db.Tx) error {
				kept, _, err := db.One[bool](tx, `SELECT old_secret IS NOT NULL FROM webhooks WHERE retailer_id = :retailer AND id = ?`, id)
				if kept != (hours != 2) || s.registration(id).OldSecretUntil.Has() != kept {
					s.Errorf("after %d more hours: kept: %v", hours, kept)
				}
				return err
			})
		}
	})
}

// TestRegistrationsFromBeforeSecretsWereRotated keep theirs.
func TestRegistrationsFromBeforeSecretsWereRotated(t *testing.T) {
	eachUnmigrated(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.migrateFrom("0049", fmt.Sprintf(`
			INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', %[1]d);
			INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, %[1]d, 0, 0, 0);
			INSERT INTO webhooks (retailer_id, id, type, url, secret, is_active, created_date, done_seq)
			VALUES (1, 1, 'customer.update', '%[2]s', 'mã-một!', TRUE, %[1]d, 0);`, int64(s.clock.Now()), r.URL))
		s.startDeliverer(webhook.Options{})
		s.emit(1)
		s.until("it is delivered", func() bool { return s.registration(1).DeliveredSeq == 1 })
		if vendor, standard := signedBy(r.last(), "mã-một!"); vendor != "mã-một!" || len(standard) != 1 || s.registration(1).OldSecretUntil.Has() {
			s.Errorf("signed by %q and %q", vendor, standard)
		}
		s.rotate(1, "mã-hai!", 1)
		s.emit(2)
		s.until("it is delivered", func() bool { return s.registration(1).DeliveredSeq == 2 })
		if vendor, standard := signedBy(r.last(), "mã-một!", "mã-hai!"); vendor != "mã-một!" || !slices.Equal(standard, []string{"mã-hai!", "mã-một!"}) {
			s.Errorf("signed by %q and %q", vendor, standard)
		}
	})
}
