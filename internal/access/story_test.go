package access_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
)

// TestADayAtTheShopsSignIn invites Lan, who chooses a password and a second factor, loses her phone and leaves in the end.
func TestADayAtTheShopsSignIn(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		ownersToken, owner := s.owner()
		if !owner.Owner || owner.ShopName != "Cô Biển" || owner.Pending || owner.TOTP {
			t.Errorf("the owner's session is %+v", owner)
		}
		_, _, err := s.try("lan", lansPassword, home)
		refused(t, err, wrongNames)

		secret, made, err := s.Invite(ctx, owner, s.lan)
		if err != nil || made.Kind != access.KindInvitation || made.MadeBy != owner.User {
			t.Fatalf("the link is %+v: %v", made, err)
		}
		shown, err := s.Link(ctx, secret)
		if err != nil || shown.User != s.lan || shown.GivenName != "Chị Lan" || shown.Kind != access.KindInvitation || shown.Expires != s.clock.Now().Add(24*3600e9) {
			t.Errorf("the page shows %+v: %v", shown, err)
		}
		_, _, err = s.AcceptLink(ctx, secret, "lan12345", phone)
		refused(t, err, "ít nhất 10 ký tự")
		token, lan, err := s.AcceptLink(ctx, secret, lansPassword, phone)
		if err != nil || lan.UserName != "lan" || lan.Owner || lan.Pending || !lan.Password {
			t.Fatalf("Lan's session is %+v: %v", lan, err)
		}
		_, _, err = s.AcceptLink(ctx, secret, lansPassword, phone)
		refused(t, err, "đã được dùng")

		// At the till the names are typed as they come.
		till, _, err := s.SignIn(ctx, access.SignIn{Shop: " COBIEN", UserName: "Lan ", Password: lansPassword}, home)
		if err != nil {
			t.Fatal(err)
		}
		where, err := s.Sessions(ctx, s.session(token))
		if err != nil || len(where) != 2 {
			t.Fatalf("Lan is signed in at %+v: %v", where, err)
		}
		for _, w := range where {
			if want := map[bool]access.Caller{true: {"2001:db8:1:200::7", "Chrome Mobile"}, false: {"203.0.113.7", "Firefox"}}[w.This]; w.Address != want.Address || w.UserAgent != want.UserAgent {
				t.Errorf("a session is %+v", w)
			}
		}

		token, authenticator, recovery := s.secondFactor(token)
		if s.alive(till) {
			t.Error("a session without the second factor goes on beside one with it")
		}
		pending, session := s.signIn("lan", lansPassword, home)
		if !session.Pending || len(recovery) != 10 {
			t.Fatalf("the session is %+v, with %d recovery codes", session, len(recovery))
		}
		_, _, err = s.SecondFactor(ctx, pending, s.codeOf(authenticator), home)
		refused(t, err, "Mã xác thực không đúng, đã được dùng") // it was that of the set-up
		s.clock.Advance(30)
		code := s.codeOf(authenticator)
		whole, session, err := s.SecondFactor(ctx, pending, code[:3]+" "+code[3:], home)
		if err != nil || session.Pending || !s.alive(whole) || s.alive(pending) {
			t.Fatalf("the session is %+v: %v", session, err)
		}

		// The phone is lost: a recovery code, in any spelling, once.
		pending, _ = s.signIn("lan", lansPassword, home)
		whole, _, err = s.SecondFactor(ctx, pending, strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " ")), home)
		if err != nil {
			t.Fatal(err)
		}
		pending, _ = s.signIn("lan", lansPassword, home)
		_, _, err = s.SecondFactor(ctx, pending, recovery[3], home)
		refused(t, err, "Mã xác thực không đúng")
		if n, err := s.RecoveryCodesLeft(ctx, s.session(whole)); n != 9 || err != nil {
			t.Errorf("%d recovery codes are left: %v", n, err)
		}
		if err := s.EndAllSessions(ctx, s.session(whole), true); err != nil || s.alive(token) || s.alive(pending) || !s.alive(whole) {
			t.Errorf("signed out elsewhere: %v", err)
		}
		if whole, err = s.DisableTOTP(ctx, whole); err != nil {
			t.Fatal(err)
		}
		if second, session := s.signIn("lan", lansPassword, home); session.Pending || !s.alive(second) {
			t.Errorf("without the second factor the session is %+v", session)
		}
		if err := s.EndAllSessions(ctx, s.session(whole), false); err != nil || s.alive(whole) || !s.alive(ownersToken) {
			t.Errorf("signed out everywhere: %v", err)
		}
		leave(t, s, owner)
	})
}

// leave has Lan's account end on a day, and then ends it at once.
func leave(t *testing.T, s *shop, owner access.Session) {
	t.Helper()
	ctx := t.Context()
	token, _ := s.signIn("lan", lansPassword, phone)
	today := taphoa.Some(s.clock.Now())
	if err := s.SetEnd(ctx, owner, s.lan, today); err != nil || !s.alive(token) {
		t.Fatalf("on the last day: %v", err)
	}
	for _, before := range []taphoa.Time{9 * 3600e6, 1} { // it is used meanwhile
		s.clock.Set(s.clock.Now().Day() + 24*3600e6 - before)
		s.alive(token)
		s.Saved()
	}
	if !s.alive(token) {
		t.Error("the last day ends before midnight")
	}
	s.clock.Set(s.clock.Now() + 1)
	if s.alive(token) {
		t.Error("the session goes on after the last day")
	}
	_, _, err := s.try("lan", lansPassword, phone)
	refused(t, err, wrongNames)
	_, owner = s.owner()
	_, _, err = s.Invite(ctx, owner, s.lan)
	refused(t, err, "qua ngày kết thúc")
	forever := taphoa.Null[taphoa.Time]()
	if err := s.SetEnd(ctx, owner, s.lan, forever); err != nil {
		t.Fatal(err)
	}
	token, _ = s.signIn("lan", lansPassword, phone)
	lost, _, err := s.Invite(ctx, owner, s.lan)
	yesterday := taphoa.Some(s.clock.Now() - 24*3600e6)
	if err := errors.Join(err, s.SetEnd(ctx, owner, s.lan, yesterday), s.SetEnd(ctx, owner, s.lan, forever)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Link(ctx, lost); !errors.Is(err, access.ErrLink) || s.alive(token) {
		t.Errorf("what has ended with the account comes back with it: %v", err)
	}
	token, _ = s.signIn("lan", lansPassword, phone)
	secret, _, err := s.Invite(ctx, owner, s.lan)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Accounts(ctx, owner)
	if err != nil || len(all) != 2 || all[0].UserName != "admin" || !all[0].Password || all[1].Invited == 0 || all[1].Seen != s.clock.Now() {
		t.Errorf("the accounts are %+v: %v", all, err)
	}
	s.remove(s.lan)
	if s.alive(token) {
		t.Error("the session goes on after the user was removed")
	}
	if _, err := s.Link(ctx, secret); !errors.Is(err, access.ErrLink) {
		t.Errorf("the link of a removed user: %v", err)
	}
	_, _, err = s.AcceptLink(ctx, secret, lansPassword, phone)
	refused(t, err, "Liên kết không đúng")
	_, _, err = s.try("lan", lansPassword, phone)
	refused(t, err, wrongNames)
	if err := s.SetEnd(ctx, owner, owner.User, today); err == nil {
		t.Error("the owner may lock the shop")
	}
}
