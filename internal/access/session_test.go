package access_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	minute = 60
	hour   = 3600
	day    = 24 * hour
)

// TestATokenIsReplacedWhenItMayDoMore tries the token of before after each step: one that was planted or copied is worth nothing.
func TestATokenIsReplacedWhenItMayDoMore(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token := s.invite(s.lan, lansPassword)
		step := func(name string, do func(token string) (string, error)) {
			t.Helper()
			before, id := token, s.session(token).ID
			after, err := do(before)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s.alive(before) || after == before || !s.alive(after) || s.session(after).ID != id {
				t.Errorf("%s: the token of before is alive: %v, that of after: %v", name, s.alive(before), s.alive(after))
			}
			token = after
		}
		tokens := [8]string{}
		won := atOnce(t, "Phiên đăng nhập đã hết", func(i int) (err error) { // sent twice
			tokens[i], err = s.Confirm(ctx, token, lansPassword, home)
			return err
		})
		if token = strings.Join(tokens[:], ""); won != 1 {
			t.Fatalf("a token is replaced %d times", won)
		}
		const next = "gió mùa đông bắc"
		_, owner := s.owner()
		link, _, err := s.Invite(ctx, owner, s.lan)
		if err != nil {
			t.Fatal(err)
		}
		var secret string
		step("confirm", func(token string) (string, error) { return s.Confirm(ctx, token, lansPassword, home) })
		step("another password", func(token string) (string, error) { return s.ChangePassword(ctx, token, lansPassword, next, home) })
		if _, err := s.Link(ctx, link); !errors.Is(err, access.ErrLink) {
			t.Errorf("a link of before the password: %v", err)
		}
		step("second factor on", func(token string) (string, error) {
			setup, err := s.BeginTOTP(ctx, s.session(token))
			if err != nil {
				return "", err
			}
			secret = setup.Secret
			token, _, err = s.EnableTOTP(ctx, token, s.codeOf(secret))
			return token, err
		})
		s.clock.Advance(30)
		token, _ = s.signIn("lan", next, home)
		if _, err := s.Confirm(ctx, token, next, home); !errors.Is(err, access.ErrSecondFactor) {
			t.Errorf("a password in the place of the second factor: %v", err)
		}
		step("second factor", func(token string) (string, error) {
			token, _, err := s.SecondFactor(ctx, token, s.codeOf(secret), home)
			return token, err
		})
		step("second factor off", func(token string) (string, error) { return s.DisableTOTP(ctx, token) })
		first, _ := s.signIn("lan", next, home)
		if second, _ := s.signIn("lan", next, home); first == second || !s.alive(first) {
			t.Error("two sessions have one token")
		}
		if err := s.SignOut(ctx, first); err != nil || s.alive(first) {
			t.Errorf("signed out: %v", err)
		}
		if err := s.SignOut(ctx, first); err != nil {
			t.Errorf("signed out twice: %v", err)
		}
		_, err = s.Confirm(ctx, first, next, home)
		if !errors.Is(err, access.ErrSignedOut) {
			t.Errorf("a token that is gone: %v", err)
		}
	})
}

// TestAPendingSessionMayDoNothing tries every operation with a session that owes its second factor.
func TestAPendingSessionMayDoNothing(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token, _ := s.owner()
		whole, _, _ := s.secondFactor(token)
		pending, session := s.owner()
		for name, do := range map[string]func() error{
			"Sessions":       func() error { _, err := s.Sessions(ctx, session); return err },
			"EndSession":     func() error { return s.EndSession(ctx, session, s.session(whole).ID) },
			"EndAllSessions": func() error { return s.EndAllSessions(ctx, session, false) },
			"Confirm":        func() error { _, err := s.Confirm(ctx, pending, ownersPassword, home); return err },
			"ChangePassword": func() error { _, err := s.ChangePassword(ctx, pending, ownersPassword, lansPassword, home); return err },
			"BeginTOTP":      func() error { _, err := s.BeginTOTP(ctx, session); return err },
			"EnableTOTP":     func() error { _, _, err := s.EnableTOTP(ctx, pending, "123456"); return err },
			"DisableTOTP":    func() error { _, err := s.DisableTOTP(ctx, pending); return err },
			"recovery codes": func() error { _, _, err := s.NewRecoveryCodes(ctx, pending); return err },
			"Invite":         func() error { _, _, err := s.Invite(ctx, session, s.lan); return err },
			"SetEnd":         func() error { return s.SetEnd(ctx, session, s.lan, session.EndsOn) },
			"Accounts":       func() error { _, err := s.Accounts(ctx, session); return err },
		} {
			if err := do(); !errors.Is(err, access.ErrSecondFactor) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !s.alive(whole) {
			t.Error("a pending session has ended another one")
		}
		s.clock.Advance(10*minute - 1)
		if !s.alive(pending) {
			t.Error("the second factor is not waited for")
		}
		if s.clock.Advance(1); s.alive(pending) {
			t.Error("the second factor is waited for for ever")
		}
	})
}

// TestWhatAsksForThePasswordAgain is allowed for ten minutes after it, and is the owner's where it is about others.
func TestWhatAsksForThePasswordAgain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		lansToken := s.invite(s.lan, lansPassword)
		token, session := s.owner()
		again := map[string]func() error{
			"BeginTOTP":      func() error { _, err := s.BeginTOTP(ctx, session); return err },
			"EnableTOTP":     func() error { _, _, err := s.EnableTOTP(ctx, token, "123456"); return err },
			"DisableTOTP":    func() error { _, err := s.DisableTOTP(ctx, token); return err },
			"recovery codes": func() error { _, _, err := s.NewRecoveryCodes(ctx, token); return err },
			"Invite":         func() error { _, _, err := s.Invite(ctx, session, s.lan); return err },
			"SetEnd":         func() error { return s.SetEnd(ctx, session, s.lan, session.EndsOn) },
		}
		s.clock.Advance(10 * minute)
		for name, do := range again {
			if err := do(); !errors.Is(err, access.ErrUnconfirmed) {
				t.Errorf("%s ten minutes later: %v", name, err)
			}
		}
		_, err := s.Confirm(ctx, token, wrong, home)
		refused(t, err, "Mật khẩu không đúng")
		if token, err = s.Confirm(ctx, token, ownersPassword, home); err != nil {
			t.Fatal(err)
		}
		session = s.session(token)
		s.clock.Advance(-day)
		if err := again["Invite"](); !errors.Is(err, access.ErrUnconfirmed) {
			t.Errorf("after the clock was put back: %v", err)
		}
		s.clock.Advance(day + 10*minute - 1)
		for _, name := range []string{"Invite", "SetEnd", "BeginTOTP"} {
			if err := again[name](); err != nil {
				t.Errorf("%s before ten minutes are over: %v", name, err)
			}
		}
		if lansToken, err = s.Confirm(ctx, lansToken, lansPassword, home); err != nil {
			t.Fatal(err)
		}
		lan := s.session(lansToken)
		_, _, err1 := s.Invite(ctx, lan, session.User)
		_, err2 := s.Accounts(ctx, lan)
		for _, err := range []error{err1, err2, s.SetEnd(ctx, lan, session.User, session.EndsOn)} {
			if !errors.Is(err, access.ErrNotOwner) {
				t.Errorf("Lan manages accounts: %v", err)
			}
		}
	})
}

// TestASessionEndsByTime has one that is used for a month, and one that is used once.
func TestASessionEndsByTime(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		used, _ := s.owner()
		idle, session := s.owner()
		if session.Ends != s.clock.Now()+12*hour*1e6 {
			t.Errorf("it ends at %v", session.Ends)
		}
		alive := func(token string) bool {
			defer s.Saved()
			return s.alive(token)
		}
		s.clock.Advance(12*hour - 1)
		if !alive(idle) || !alive(used) {
			t.Error("a session ends before twelve hours without use are over")
		}
		s.clock.Advance(12*hour - 1)
		if !alive(used) {
			t.Error("the use of a session is not noted")
		}
		s.clock.Advance(1)
		if alive(idle) {
			t.Error("a session that is not used does not end")
		}
		for range 3*28 + 2 { // to 8 hours before its end
			s.clock.Advance(8 * hour)
			if !alive(used) {
				t.Fatal("a session that is used ends before a month is over")
			}
		}
		s.clock.Advance(8*hour - 2*hour)
		if !alive(used) {
			t.Error("a session that is used ends before a month is over")
		}
		s.clock.Advance(3 * hour)
		if alive(used) {
			t.Error("a session that is used has no end")
		}
	})
}

// TestTheLastUseIsWrittenOnceAMinute has a person who clicks each second.
func TestTheLastUseIsWrittenOnceAMinute(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		token, session := s.owner()
		began, seen := session.Seen, map[int64]bool{}
		for range 3*minute + 1 {
			seen[int64(s.session(token).Seen-began)/1e6] = true
			s.Saved()
			s.clock.Advance(1)
		}
		if len(seen) != 3 || !seen[0] || !seen[60] || !seen[120] { // a request is told of the ones before
			t.Errorf("the last use is %v seconds after the first", seen)
		}
		// A clock that is put back ends nothing, and is no reason to write.
		s.clock.Advance(-day)
		if at := s.session(token).Seen; at < began {
			t.Errorf("the last use is %v", at)
		}
	})
}

// TestSessionsThatHaveExpiredAreRemoved counts the rows of a shop whose staff signs in each day.
func TestSessionsThatHaveExpiredAreRemoved(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, session := s.owner()
		for range 40 {
			s.clock.Advance(day)
			s.write(func(tx *db.Tx) error {
				_, _, err := access.StartSession(tx, session.User, home)
				return err
			})
		}
		s.read(func(tx *db.Tx) error {
			n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM access_sessions WHERE retailer_id = :retailer`)
			if n != 1 {
				t.Errorf("%d sessions are stored", n)
			}
			return err
		})
	})
}

// TestAnAccountHasAHundredSessions: further ones end the oldest, but those that owe their second factor end no other.
func TestAnAccountHasAHundredSessions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		start := func(n int) (tokens []string) {
			s.write(func(tx *db.Tx) error {
				tokens = nil
				for range n {
					token, _, err := access.StartSession(tx, s.actor.User, home)
					if err != nil {
						return err
					}
					tokens = append(tokens, token)
				}
				return nil
			})
			return tokens
		}
		first := start(101)
		if s.alive(first[0]) || !s.alive(first[1]) || !s.alive(first[100]) {
			t.Error("there are more sessions than a hundred, or fewer")
		}
		whole, _, _ := s.secondFactor(first[100])
		pending := start(101)
		if s.alive(pending[0]) || !s.alive(pending[1]) || !s.alive(whole) {
			t.Error("who knows the password alone ends the person's session")
		}
	})
}

// TestAPersonEndsOwnSessionsAlone tries ids of others, and what is no id.
func TestAPersonEndsOwnSessionsAlone(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		lansToken := s.invite(s.lan, lansPassword)
		token, owner := s.owner()
		other, session := s.owner()
		lan := s.session(lansToken)
		for _, id := range []string{owner.ID, "", "x", "-1", "99999999999999999999999"} {
			if err := s.EndSession(ctx, lan, id); err != nil {
				t.Errorf("%q: %v", id, err)
			}
		}
		if !s.alive(token) || !s.alive(lansToken) {
			t.Error("a person ends the sessions of another one")
		}
		if err := s.EndSession(ctx, owner, session.ID); err != nil || s.alive(other) || !s.alive(token) {
			t.Errorf("one session is ended: %v", err)
		}
	})
}
