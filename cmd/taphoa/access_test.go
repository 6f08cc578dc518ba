package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
)

// secretOf returns the secret of a printed link.
func secretOf(tb testing.TB, printed, before string) string {
	tb.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(before) + `#([\w-]{43})$`).FindStringSubmatch(printed)
	if m == nil {
		tb.Fatalf("no link to %s is printed:\n%s", before, printed)
	}
	return m[1]
}

// people runs do with what the pages of the server sign people in with.
func (t terminal) people(do func(d *db.DB, s *access.Service)) {
	t.Helper()
	err := with(t.Context(), t.database, db.Options{Existing: true}, func(d *db.DB) error {
		do(d, access.New(d, access.Options{}))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPeopleAreLetInFromTheTerminal invites Lan and lets the owner in, who is locked out; a backup brings no session back.
func TestPeopleAreLetInFromTheTerminal(t *testing.T) {
	eachEngine(t, func(t terminal) {
		ctx := t.Context()
		t.do("shop", "create", "cobien", "Cô Biển")
		t.do("user", "create", "lan", "Chị Lan")
		out := t.do("user", "invite", "LAN", "--public-url", "https://Shop.example/")
		invited := secretOf(t.T, out, "https://shop.example/console/link")
		if strings.Contains(out, "another address") || !strings.Contains(out, "lan of the shop cobien") {
			t.Errorf("it prints\n%s", out)
		}
		out = t.do("user", "reset", "--owner", "--second-factor")
		reset := secretOf(t.T, out, "http://127.0.0.1:8080/console/link")
		if !strings.Contains(out, "another address") {
			t.Errorf("it does not say that it guesses:\n%s", out)
		}
		var tokens []string
		t.people(func(_ *db.DB, s *access.Service) {
			for _, secret := range []string{invited, reset} {
				link, err := s.Link(ctx, secret)
				if err != nil || link.Kind != access.KindInvitation || link.MadeBy != 0 {
					t.Errorf("the link is %+v: %v", link, err)
				}
				token, _, err := s.AcceptLink(ctx, secret, "mưa rào tháng sáu", access.Caller{})
				if err != nil {
					t.Fatal(err)
				}
				tokens = append(tokens, token)
			}
		})
		file := filepath.Join(t.TempDir(), "backup")
		t.do("backup", file)
		secretOf(t.T, t.do("user", "reset", "admin"), "http://127.0.0.1:8080/console/link")
		alive := func(want ...bool) {
			t.Helper()
			t.people(func(_ *db.DB, s *access.Service) {
				for i, token := range tokens {
					if _, found, err := s.Authenticate(ctx, token); found != want[i] || err != nil {
						t.Errorf("session %d is alive: %v, %v", i, found, err)
					}
				}
			})
		}
		alive(true, false)
		t.do("restore", file)
		alive(false, false)
		t.refused("name one user, or give --owner", "user", "reset")
		t.refused("name one user, or give --owner", "user", "reset", "lan", "--owner")
		t.refused("the shop has no user mai", "user", "invite", "mai")
		t.refused("--public-url must be a URL", "user", "invite", "lan", "--public-url", "shop.example")
	})
}

// TestAShopIsOpenedByALink: that of the server's start is printed and not logged, and setup-link ends it with another one.
func TestAShopIsOpenedByALink(t *testing.T) {
	eachEngine(t, func(t terminal) {
		check := func(secret string) (err error) {
			t.people(func(d *db.DB, _ *access.Service) {
				err = d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) error { return access.CheckSetup(tx, secret) })
			})
			return err
		}
		s := t.serve("--create")
		s.says(`/setup#`)
		printed, logged := s.text()
		first := secretOf(t.T, printed, s.base+"/setup")
		if strings.Contains(logged, first) {
			t.Error("the link is logged")
		}
		if err := check(first); err != nil {
			t.Error(err)
		}
		second := secretOf(t.T, t.do("setup-link", "--lang", "en"), "http://127.0.0.1:8080/setup")
		if check(first) == nil || check(second) != nil {
			t.Error("a database has two set-up links, or none")
		}
		t.do("shop", "create", "cobien", "Cô Biển")
		if check(second) == nil {
			t.Error("the link opens a second shop")
		}
		s.stop()
		s.ends()
		if s = t.serve("--create"); check(second) == nil {
			t.Error("a start makes the link good again")
		}
		s.says(`Ctrl\+C`)
		if printed, _ := s.text(); strings.Contains(printed, "/setup#") {
			t.Error("a server with a shop prints a set-up link")
		}
		third := secretOf(t.T, t.do("setup-link", "--public-url=https://shop.example"), "https://shop.example/setup")
		if err := check(third); err != nil {
			t.Errorf("the operator opens a second shop: %v", err)
		}
		s.stop()
		s.ends()
	})
}

// TestRolesAreGivenFromTheTerminal lists roles, gives Lan two and takes them away.
func TestRolesAreGivenFromTheTerminal(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "cobien", "Cô Biển")
		t.do("user", "create", "lan", "Chị Lan")
		t.do("branch", "create", "Lê Lợi")
		if out := t.do("user", "roles"); !strings.Contains(out, "Thu ngân") || !strings.Contains(out, "Chủ cửa hàng") {
			t.Errorf("the roles are\n%s", out)
		}
		t.do("user", "roles", "lan", "thu ngân@lê lợi", "6")
		out := t.do("user", "roles", "LAN")
		if !regexp.MustCompile(`(?m)^3 +Thu ngân +Lê Lợi$`).MatchString(out) || !regexp.MustCompile(`(?m)^6 +Chỉ xem +the whole shop$`).MatchString(out) {
			t.Errorf("Lan's roles are\n%s", out)
		}
		t.refused("the shop has no role trùm", "user", "roles", "lan", "trùm")
		t.refused("the shop has no branch 9", "user", "roles", "lan", "3@9")
		t.refused("the shop has no user hoa", "user", "roles", "hoa")
		t.refused("needs no role", "user", "roles", "admin", "3")
		t.refused("--none", "user", "roles", "--none")
		if again := t.do("user", "roles", "lan"); again != out {
			t.Errorf("what is refused changes\n%s", again)
		}
		t.do("user", "roles", "lan", "--none")
		if out := t.do("user", "roles", "lan"); strings.Contains(out, "Thu ngân") {
			t.Errorf("Lan still has\n%s", out)
		}
	})
}
