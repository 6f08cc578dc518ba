package access_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// address sets the address of a user for mail.
func (s *shop) address(user int64, email string) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := org.UpdateUser(tx, &taphoa.UserUpdate{ByID: taphoa.ByID{ID: user}, UserInput: taphoa.UserInput{Email: taphoa.Some(email)}})
		return err
	})
}

// asks reports whether a user gets a link by asking from an address.
func (s *shop) asks(userName, from string) (secret string, got bool) {
	s.Helper()
	secret, link, ok, err := s.Forgotten(s.Context(), s.code, userName, access.Caller{Address: from})
	if err != nil || ok != (secret != "") || ok && (link.Email == "" || link.Kind != access.KindReset || link.MadeBy != link.User) {
		s.Fatalf("%s got %v %+v: %v", userName, ok, link, err)
	}
	return secret, ok
}

// TestAForgottenPassword is replaced by whom the link was sent to.
func TestAForgottenPassword(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		const from, newPassword = "203.0.113.7:1", "gió bấc cuối năm"
		never := func(why string) {
			t.Helper()
			if _, got := s.asks("lan", from); got {
				t.Error("a link for an account " + why)
			}
		}
		never("that was never invited")
		s.address(s.lan, "lan@example.com")
		never("that was never invited, with an address")
		_, owner := s.owner()
		invitation, _, err := s.Invite(t.Context(), owner, s.lan)
		if err != nil {
			t.Fatal(err)
		}
		never("in the place of an invitation")
		token, _, err := s.AcceptLink(t.Context(), invitation, lansPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		s.address(s.lan, "")
		never("without an address")
		s.address(s.lan, "lan@example.com")

		secret, got := s.asks(" LAN", "198.51.100.1:1")
		if !got || !s.alive(token) {
			t.Fatal("no link, or the session has ended by asking")
		}
		s.signIn("lan", lansPassword, home) // the password is still good
		s.clock.Advance(15*60 - 1)
		if _, again := s.asks("lan", "198.51.100.1:1"); again {
			t.Error("a second link within 15 minutes")
		}
		s.clock.Advance(1)
		second, again := s.asks("lan", "198.51.100.1:1")
		if !again {
			t.Error("no second link after 15 minutes")
		}
		_, _, err = s.AcceptLink(t.Context(), secret, newPassword, home)
		refused(t, err, "Liên kết không đúng")
		if _, _, err = s.AcceptLink(t.Context(), second, newPassword, home); err != nil || s.alive(token) {
			t.Errorf("the password is not replaced, or the session goes on: %v", err)
		}
		s.signIn("lan", newPassword, home)

		// The owner's link stays, however often a outsider asks.
		_, owner = s.owner()
		made, _, err := s.Invite(t.Context(), owner, s.lan)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(16 * 60)
		never("in the place of the owner's link")
		if _, err := s.Link(t.Context(), made); err != nil {
			t.Errorf("the owner's link: %v", err)
		}
		s.clock.Advance(24 * 3600)
		if _, got := s.asks("lan", "192.0.2.1:1"); !got {
			t.Error("no link after the owner's has expired")
		}
		s.clock.Advance(3600)
		_, owner = s.owner()
		if err := s.SetEnd(t.Context(), owner, s.lan, taphoa.Some(s.clock.Now()-48*3600e6)); err != nil {
			t.Fatal(err)
		}
		never("that has ended")
		s.remove(s.lan)
		never("of a removed user")
		if strings.Contains(s.log.String(), secret) || strings.Contains(s.log.String(), second) {
			t.Error("the log has a link")
		}
	})
}

// TestAskingIsBounded counts the links of a network, of all accounts together and of names that no account has.
func TestAskingIsBounded(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.address(s.lan, "lan@example.com")
		s.invite(s.lan, lansPassword)
		elapsed := time.Duration(0)
		s.SetElapsed(func() time.Duration { return elapsed })
		for i := range 30 {
			s.asks(fmt.Sprintf("ai đó %d\n\x00\xff", i), "203.0.113.7:1")
		}
		if _, got := s.asks("lan", "203.0.113.8:1"); got {
			t.Error("the 31st of a network gets a link")
		}
		if lines := s.log.Lines("resets of passwords are not sent: too many are asked for"); len(lines) != 1 {
			t.Errorf("%d lines in the log", len(lines))
		}
		s.signIn("lan", lansPassword, home) // that network's sign-ins are not delayed
		elapsed += time.Hour
		if _, got := s.asks("lan", "203.0.113.8:1"); !got {
			t.Error("no link an hour later")
		}
	})
}

// TestWhoAsksTwiceAtOnceGetsOneLink asks in eight requests.
func TestWhoAsksTwiceAtOnceGetsOneLink(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.address(s.lan, "lan@example.com")
		s.invite(s.lan, lansPassword)
		var links atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, _, ok, err := s.Forgotten(t.Context(), s.code, "lan", access.Caller{Address: fmt.Sprintf("10.0.%d.1:1", i)})
				if err != nil {
					t.Error(err)
				}
				if ok {
					links.Add(1)
				}
			})
		}
		all.Wait()
		if links.Load() != 1 {
			t.Errorf("%d links", links.Load())
		}
	})
}
