package access_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/passkeytest"
)

const (
	usedUp  = "đã hết hạn hoặc đã được dùng"
	invalid = "trả lời không hợp lệ"
)

// untrue are changes of what browser and authenticator say.
func untrue() map[string]func(*passkeytest.Said) {
	return map[string]func(*passkeytest.Said){
		"another origin":           func(s *passkeytest.Said) { s.Origin = "https://cobien.example.evil" },
		"another port":             func(s *passkeytest.Said) { s.Origin = "https://cobien.example" },
		"plain HTTP":               func(s *passkeytest.Said) { s.Origin = "http://cobien.example:8443" },
		"a frame of another site":  func(s *passkeytest.Said) { s.CrossOrigin = true },
		"another RP ID":            func(s *passkeytest.Said) { s.RPID = "example" },
		"no user verification":     func(s *passkeytest.Said) { s.Flags &^= passkeytest.Verified },
		"no user presence":         func(s *passkeytest.Said) { s.Flags &^= passkeytest.Present },
		"another kind of ceremony": func(s *passkeytest.Said) { s.Type = "payment.get" },
	}
}

// TestWhatIsSignedMustBeOurs changes, one by one, what browser and authenticator say.
func TestWhatIsSignedMustBeOurs(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		now := time.Duration(0)
		s.SetElapsed(func() time.Duration { now += time.Hour; return now })
		ctx, said := t.Context(), untrue()
		token, from := s.lanWithPasskey()
		for name, change := range said {
			options, err := s.BeginPasskey(ctx, s.session(token), site)
			check(t, err)
			_, err = s.AddPasskey(ctx, token, site, device().Create(t, options, change), "x")
			if refused(t, err, invalid); t.Failed() {
				t.Fatalf("adding with %s", name)
			}
		}
		said["another key's signature"] = func(s *passkeytest.Said) { s.Forged = true }
		said["a passkey that became one that is synced"] = func(s *passkeytest.Said) { s.Flags |= passkeytest.Eligible }
		said["another account's handle"] = func(s *passkeytest.Said) { s.Handle = make([]byte, 32) }
		said["an unknown passkey"] = func(s *passkeytest.Said) { s.ID = make([]byte, 32) }
		for name, change := range said {
			_, _, err := s.tryPasskey(from.Get(t, s.challenge(), change))
			options, err2 := s.BeginPasskeyConfirm(ctx, s.session(token), site)
			check(t, err2)
			_, err2 = s.ConfirmByPasskey(ctx, token, site, from.Get(t, options, change), home)
			refused(t, err, wrongKey)
			if refused(t, err2, wrongKey); t.Failed() {
				t.Fatal(name)
			}
		}
		_, _, err := s.tryPasskey(from.Get(t, s.challenge(), func(s *passkeytest.Said) { s.Handle = nil }))
		refused(t, err, wrongKey) // who it is is not said
		options, err := s.BeginPasskeyConfirm(ctx, s.session(token), site)
		check(t, err)
		if _, err = s.ConfirmByPasskey(ctx, token, site, from.Get(t, options, func(s *passkeytest.Said) { s.Handle = nil }), home); err != nil {
			t.Errorf("a key that was asked for need not say whose it is: %v", err)
		}
		if _, _, err = s.tryPasskey(from.Get(t, s.challenge())); err != nil {
			t.Error(err)
		}
	})
}

// TestAChallengeCountsOnce for what it was made, at once or later, on each copy of the server.
func TestAChallengeCountsOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token, from := s.lanWithPasskey()
		from.Keys[0].Count = 0 // as if it were synced, so that the counter is not what refuses
		s.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE access_passkeys SET sign_count = 0 WHERE retailer_id = :retailer`)
			return err
		})
		uncounted := func(s *passkeytest.Said) { s.Count = 0 }
		copies := [2]*access.Service{s.Service, access.New(s.db, access.Options{})}
		answer := from.Get(t, s.challenge(), uncounted)
		won := atOnce(t, usedUp, func(i int) error {
			_, _, err := copies[i%2].SignInByPasskey(ctx, site, answer, access.Caller{Address: fmt.Sprintf("198.51.%d.1", i)})
			return err
		})
		if won != 1 {
			t.Errorf("a challenge counts %d times", won)
		}
		options, err := s.BeginPasskeyConfirm(ctx, s.session(token), site)
		check(t, err)
		answer = from.Get(t, options, uncounted)
		_, _, err = s.tryPasskey(answer) // it was made to confirm
		refused(t, err, usedUp)
		other, _ := s.signIn("lan", lansPassword, phone)
		_, err = s.ConfirmByPasskey(ctx, other, site, answer, home) // in another session
		refused(t, err, usedUp)
		token, err = s.ConfirmByPasskey(ctx, token, site, answer, home)
		check(t, err)
		_, err = s.ConfirmByPasskey(ctx, token, site, answer, home)
		refused(t, err, usedUp)
		_, err = s.ConfirmByPasskey(ctx, token, site, from.Get(t, s.challenge(), uncounted), home)
		refused(t, err, usedUp) // it was made to sign in
		add, err := s.BeginPasskey(ctx, s.session(token), site)
		check(t, err)
		made := device().Create(t, add)
		_, err = s.AddPasskey(ctx, other, site, made, "x")
		refused(t, err, usedUp)
		token, err = s.AddPasskey(ctx, token, site, made, "x")
		check(t, err)
		_, err = s.AddPasskey(ctx, token, site, made, "x")
		refused(t, err, usedUp)

		late := s.challenge()
		s.clock.Advance(5*minute - 1)
		inTime := from.Get(t, late, uncounted)
		s.clock.Advance(1)
		_, _, err = s.tryPasskey(inTime)
		refused(t, err, usedUp)
		for _, text := range []string{"", "x", strings.Repeat("A", 96), "'; DROP TABLE users; --", "\x00"} {
			_, _, err := s.tryPasskey(from.Get(t, s.challenge(), uncounted, func(s *passkeytest.Said) { s.Challenge = text }))
			refused(t, err, usedUp)
		}
		for _, other := range []string{"\n", "\r\n"} { // another spelling of the same bytes
			_, _, err := s.tryPasskey(from.Get(t, s.challenge(), uncounted, func(s *passkeytest.Said) { s.Challenge = s.Challenge[:40] + other + s.Challenge[40:] }))
			refused(t, err, usedUp)
		}
		elsewhere := access.Site{ID: "evil.example", Origin: "https://evil.example"}
		options, err = s.BeginPasskeySignIn(ctx, elsewhere)
		check(t, err)
		_, _, err = s.tryPasskey(from.Sign(t, from.Keys[0], options, uncounted)) // of another host
		refused(t, err, usedUp)
		_, _, err = s.SignInByPasskey(ctx, elsewhere, from.Sign(t, from.Keys[0], options, uncounted, func(s *passkeytest.Said) { s.Origin = elsewhere.Origin }), home)
		refused(t, err, wrongKey)
		if kept := s.count(`SELECT COUNT(*) FROM access_used_challenges`); kept != 4 { // one to add, confirm, sign in, and add
			t.Errorf("%d challenges are kept, not those that were used", kept)
		}
		s.clock.Advance(day)
		_, _, err = s.tryPasskey(from.Get(t, s.challenge(), uncounted))
		check(t, err)
		if kept := s.count(`SELECT COUNT(*) FROM access_used_challenges`); kept != 1 {
			t.Errorf("%d challenges are kept a day later", kept)
		}
	})
}

func (s *shop) count(query string) (n int64) {
	s.Helper()
	s.read(func(tx *db.Tx) (err error) { n, _, err = db.One[int64](tx.Everywhere(), query); return err })
	return n
}

// TestAPasskeyIsOfOneAccount: another one's does not confirm, change or remove anything, and cannot be added twice.
func TestAPasskeyIsOfOneAccount(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		_, from := s.lanWithPasskey()
		other := openShop(t, s.Service, s.db, s.clock, s.log, "nui")
		token, otherOwner := other.owner()
		mai := s.invite(s.hire("mai", "Mai"), "gió mùa đông bắc")
		lans, err := s.Passkeys(ctx, access.Session{Account: access.Account{Retailer: s.actor.Retailer, User: s.lan}})
		check(t, err)
		for name, token := range map[string]string{"another shop": token, "another user": mai} {
			_, err := s.BeginPasskeyConfirm(ctx, s.session(token), site) // none of hers
			refused(t, err, wrongKey)
			mine := device()
			token = s.addPasskey(token, mine, name)
			options, err := s.BeginPasskeyConfirm(ctx, s.session(token), site)
			check(t, err)
			_, err = s.ConfirmByPasskey(ctx, token, site, from.Sign(t, from.Keys[0], options), home)
			refused(t, err, wrongKey)
			_, err = s.RemovePasskey(ctx, token, lans[0].ID)
			refused(t, err, "không tồn tại")
			refused(t, s.RenamePasskey(ctx, s.session(token), lans[0].ID, "x"), "không tồn tại")
			options, err = s.BeginPasskey(ctx, s.session(token), site)
			check(t, err)
			_, err = s.AddPasskey(ctx, token, site, device().Create(t, options, func(s *passkeytest.Said) { s.ID = from.Keys[0].ID }), "x")
			refused(t, err, "đã được thêm")
			_, session, err := s.tryPasskey(mine.Get(t, s.challenge()))
			if err != nil || session.User == s.lan {
				t.Errorf("%s: %+v: %v", name, session, err)
			}
		}
		if _, session, err := s.tryPasskey(from.Get(t, s.challenge())); err != nil || session.User != s.lan || session.Retailer == otherOwner.Retailer {
			t.Errorf("%+v: %v", session, err)
		}
	})
}

// TestACounterThatGoesBackIsRefused: a copy of an authenticator counts on from when it was made.
func TestACounterThatGoesBackIsRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, from := s.lanWithPasskey()
		for _, next := range []struct {
			count uint32
			grows bool
		}{{7, true}, {7, false}, {6, false}, {0, false}, {1<<32 - 1, true}, {1<<32 - 1, false}, {8, false}} {
			_, _, err := s.tryPasskey(from.Get(t, s.challenge(), func(s *passkeytest.Said) { s.Count = next.count }))
			if next.grows {
				check(t, err)
			} else {
				refused(t, err, wrongKey)
			}
		}
		if lines := strings.Count(s.log.String(), "counts signatures"); lines != 5 {
			t.Errorf("%d lines tell of it: %s", lines, s.log)
		}
		count := uint32(0)
		answers := make([]string, 8)
		s.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE access_passkeys SET sign_count = 10 WHERE retailer_id = :retailer`)
			return err
		})
		for i := range answers { // of copies, at once
			answers[i] = from.Get(t, s.challenge(), func(s *passkeytest.Said) { s.Count = 11 + count })
		}
		won := atOnce(t, wrongKey, func(i int) error {
			_, _, err := s.SignInByPasskey(t.Context(), site, answers[i], access.Caller{Address: fmt.Sprintf("198.51.%d.1", i)})
			return err
		})
		if won != 1 {
			t.Errorf("a number counts %d times", won)
		}
	})
}

// TestPasskeysAreTriedSlowly where failures come from, and failures are in the audit log of the shop that they concern.
func TestPasskeysAreTriedSlowly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		refusals := audit.NewRefusals(d, slog.Default())
		s := openShop(t, access.New(d, access.Options{Refused: refusals}), d, clock, new(dbtest.Log), "cobien")
		s.SetElapsed(func() time.Duration { return 0 })
		token, from := s.lanWithPasskey()
		forged := func(s *passkeytest.Said) { s.Forged = true }
		unknown := func(s *passkeytest.Said) { s.ID = []byte("unknown") }
		for range 6 {
			_, _, err := s.tryPasskey(from.Get(t, s.challenge(), forged))
			refused(t, err, wrongKey)
		}
		_, _, err := s.tryPasskey(from.Get(t, s.challenge()))
		limited := (*access.Limited)(nil)
		if refused(t, err, "Sai quá nhiều lần"); !errors.As(err, &limited) || limited.Wait != time.Second {
			t.Errorf("the delay is %v", err)
		}
		options, err := s.BeginPasskeyConfirm(t.Context(), s.session(token), site)
		check(t, err)
		_, err = s.ConfirmByPasskey(t.Context(), token, site, from.Get(t, options), home)
		refused(t, err, "Sai quá nhiều lần")
		options, err = s.BeginPasskeyConfirm(t.Context(), s.session(token), site)
		check(t, err)
		_, err = s.ConfirmByPasskey(t.Context(), token, site, from.Get(t, options, forged), phone)
		refused(t, err, wrongKey)
		s.signIn("lan", lansPassword, home) // the password has its own count
		attacker := access.Caller{Address: "198.51.100.7"}
		for range 6 {
			_, _, err := s.SignInByPasskey(t.Context(), site, from.Get(t, s.challenge(), unknown), attacker)
			refused(t, err, wrongKey)
		}
		_, _, err = s.SignInByPasskey(t.Context(), site, from.Get(t, s.challenge(), unknown), attacker)
		refused(t, err, "Sai quá nhiều lần")
		if _, _, err = s.SignInByPasskey(t.Context(), site, from.Get(t, s.challenge()), phone); err != nil {
			t.Errorf("elsewhere: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		refusals.Run(ended)
		all := strings.Join(s.logged(), "\n")
		if !strings.Contains(all, "lan signInRefused times:null→6") || !strings.Contains(all, "lan passkeyRefused") || strings.Count(all, "signInRefused") != 1 {
			t.Errorf("the log is %s", all)
		}
	})
}

// TestNoAnswerOfABrowserBreaksTheServer sends garbage, parts of right answers, and right answers with garbage in a part.
func TestNoAnswerOfABrowserBreaksTheServer(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token, from := s.lanWithPasskey()
		session := s.session(token)
		add, err := s.BeginPasskey(ctx, session, site)
		check(t, err)
		confirm, err := s.BeginPasskeyConfirm(ctx, session, site)
		check(t, err)
		made, signed := device().Create(t, add), from.Get(t, confirm)
		answers := []string{"", "null", "[]", "{}", "0", `"x"`, "\x00", "\xff", strings.Repeat("[", 30_000), strings.Repeat(`{"a":`, 10_000), strings.Repeat("ế", 1<<20), made + made, signed + "x"}
		for _, whole := range []string{made, signed} {
			for i := 1; i < len(whole); i += 97 {
				answers = append(answers, whole[:i])
			}
			answers = append(answers, spoilt(t, whole)...)
		}
		for _, answer := range answers {
			_, _, err1 := s.tryPasskey(answer)
			_, err2 := s.ConfirmByPasskey(ctx, token, site, answer, home)
			_, err3 := s.AddPasskey(ctx, token, site, answer, "x")
			for _, err := range []error{err1, err2, err3} {
				e := (*taphoa.Error)(nil)
				if !errors.As(err, &e) || e.Kind == taphoa.KindInternal || !strings.Contains(e.Message, "hãy") && !strings.Contains(e.Message, "Hãy") && !strings.Contains(e.Message, invalid) {
					t.Fatalf("%.300q: %v", answer, err)
				}
			}
		}
		if !s.alive(token) || s.count(`SELECT COUNT(*) FROM access_passkeys`) != 1 {
			t.Error("something was done")
		}
	})
}

// spoilt are an answer with each of its members replaced.
func spoilt(tb testing.TB, answer string) (all []string) {
	tb.Helper()
	for _, value := range []any{nil, "", 0, "A", "!", []any{}, map[string]any{}, strings.Repeat("A", 4096), base64.RawURLEncoding.EncodeToString([]byte("{}")), base64.RawURLEncoding.EncodeToString(make([]byte, 37)), base64.RawURLEncoding.EncodeToString([]byte("\xbf\xff\x9f\x5b\xff\xff\xff\xff\xff\xff\xff\xff"))} {
		for _, inner := range []string{"", "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports", "id", "rawId", "type", "response", "clientExtensionResults"} {
			var members map[string]any
			check(tb, json.Unmarshal([]byte(answer), &members))
			response := members["response"].(map[string]any)
			switch _, in := response[inner]; {
			case in && inner != "userHandle" && inner != "transports":
				response[inner] = value
			case members[inner] != nil && inner != "clientExtensionResults":
				members[inner] = value
			default:
				continue
			}
			text, err := json.Marshal(members)
			check(tb, err)
			all = append(all, string(text))
		}
	}
	return all
}
