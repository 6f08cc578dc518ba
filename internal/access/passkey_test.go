package access_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/passkeytest"
)

var site = access.Site{ID: "cobien.example", Origin: "https://cobien.example:8443"}

const wrongKey = "Khóa truy cập này không dùng được ở đây, hoặc đã bị bỏ"

// device is a device of a person, with their passkeys.
func device() *passkeytest.Authenticator { return &passkeytest.Authenticator{Origin: site.Origin} }

// addPasskey adds a passkey of a device to the account of a session.
func (s *shop) addPasskey(token string, from *passkeytest.Authenticator, name string) (newToken string) {
	s.Helper()
	options, err := s.BeginPasskey(s.Context(), s.session(token), site)
	if err == nil {
		newToken, err = s.AddPasskey(s.Context(), token, site, from.Create(s, options), name)
	}
	if err != nil {
		s.Fatal(err)
	}
	return newToken
}

// lanWithPasskey gives Lan a password and a passkey.
func (s *shop) lanWithPasskey() (token string, from *passkeytest.Authenticator) {
	s.Helper()
	from = device()
	return s.addPasskey(s.invite(s.lan, lansPassword), from, "Điện thoại"), from
}

// challenge is that of a sign-in.
func (s *shop) challenge() []byte {
	s.Helper()
	options, err := s.BeginPasskeySignIn(s.Context(), site)
	if err != nil {
		s.Fatal(err)
	}
	return options
}

func (s *shop) tryPasskey(answer string) (token string, session access.Session, err error) {
	return s.SignInByPasskey(s.Context(), site, answer, home)
}

// TestAPasskeySignsIn: Lan adds passkeys of each kind, signs in without typing anything, although she has a second factor, confirms,
// renames one, and removes it.
func TestAPasskeySignsIn(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token, _, _ := s.secondFactor(s.invite(s.lan, lansPassword))
		for i, from := range []*passkeytest.Authenticator{
			{Origin: site.Origin}, {Origin: site.Origin, Synced: true}, {Origin: site.Origin, Algorithm: passkeytest.EdDSA}, {Origin: site.Origin, Algorithm: passkeytest.RS256},
		} {
			before := token
			token = s.addPasskey(token, from, fmt.Sprintf("  Khóa %d ", i))
			if s.alive(before) {
				t.Error("the token of before is alive")
			}
			for range 2 {
				s.clock.Advance(1)
				in, session, err := s.tryPasskey(from.Get(t, s.challenge()))
				if err != nil || session.Pending || session.User != s.lan || session.UserName != "lan" || !session.ConfirmedNow(s.clock.Now()) || s.session(in).Confirmed != s.clock.Now() {
					t.Fatalf("%d: %+v: %v", i, session, err)
				}
				s.clock.Advance(10 * minute)
				if now := s.session(in); now.ConfirmedNow(s.clock.Now()) {
					t.Error("the passkey given counts for longer than ten minutes")
				}
				options, err := s.BeginPasskeyConfirm(ctx, s.session(in), site)
				if err != nil {
					t.Fatal(err)
				}
				confirmed, err := s.ConfirmByPasskey(ctx, in, site, from.Get(t, options), home)
				if err != nil || s.alive(in) || s.session(confirmed).Confirmed != s.clock.Now() {
					t.Fatalf("confirmed: %v", err)
				}
				token = confirmed
			}
		}
		all, err := s.Passkeys(ctx, s.session(token))
		if err != nil || len(all) != 4 || all[1].Name != "Khóa 1" || all[1].RPID != site.ID || all[1].UsedAt == 0 || all[1].CreatedAt >= all[1].UsedAt {
			t.Fatalf("the passkeys are %+v: %v", all, err)
		}
		if err := s.RenamePasskey(ctx, s.session(token), all[0].ID, "Máy tính ở quầy"); err != nil {
			t.Fatal(err)
		}
		refused(t, s.RenamePasskey(ctx, s.session(token), all[0].ID, " "), "đặt tên")
		elsewhere, _ := s.signIn("lan", lansPassword, phone)
		rest, err := s.RemovePasskey(ctx, token, all[0].ID)
		if err != nil || s.alive(elsewhere) || s.alive(token) || !s.alive(rest) {
			t.Errorf("after removing: %v", err)
		}
		if all, err = s.Passkeys(ctx, s.session(rest)); err != nil || len(all) != 3 || all[0].Name != "Khóa 1" {
			t.Errorf("the passkeys are %+v: %v", all, err)
		}
		_, err = s.RemovePasskey(ctx, rest, 1)
		refused(t, err, "không tồn tại")
		got := s.logged()
		if want := []string{"lan renamePasskey Khóa 0 name:\"Khóa 0\"→\"Máy tính ở quầy\"", "lan removePasskey Máy tính ở quầy"}; !slices.Equal(got[len(got)-2:], want) || !slices.Contains(got, "lan addPasskey Khóa 3") {
			t.Errorf("the log is %q", got)
		}
	})
}

// TestAPasskeyEndsWithWhatItIsFor: it is removed with the user, and by each way in which an account is recovered from another person; one's
// own new password leaves it.
func TestAPasskeyEndsWithWhatItIsFor(t *testing.T) {
	for name, end := range map[string]func(s *shop, token string){
		"a new password": func(s *shop, token string) {
			_, err := s.ChangePassword(s.Context(), token, lansPassword, "gió mùa đông bắc", home)
			check(s, err)
		},
		"a link": func(s *shop, _ string) { s.invite(s.lan, lansPassword) },
		"a reset": func(s *shop, _ string) {
			s.write(func(tx *db.Tx) error { _, _, err := access.Reset(tx, s.lan, false); return err })
		},
		"the user is removed": func(s *shop, _ string) {
			s.write(func(tx *db.Tx) error { _, err := access.RemoveUser(tx, &taphoa.ByID{ID: s.lan}); return err })
		},
		"the account ends": func(s *shop, _ string) {
			_, owner := s.owner()
			check(s, s.SetEnd(s.Context(), owner, s.lan, taphoa.Some(s.clock.Now()-2*day*1e6)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachShop(t, func(t *testing.T, s *shop) {
				token, from := s.lanWithPasskey()
				end(s, token)
				_, _, err := s.tryPasskey(from.Get(t, s.challenge()))
				left := int64(0)
				s.read(func(tx *db.Tx) (err error) {
					left, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM access_passkeys WHERE retailer_id = :retailer`)
					return err
				})
				switch stays := name == "a new password"; {
				case stays && (err != nil || left != 1):
					t.Errorf("%d are left: %v", left, err)
				case !stays:
					if refused(t, err, wrongKey); left != 0 && name != "the account ends" {
						t.Errorf("%d are left", left)
					}
				}
			})
		})
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// TestAddingAndRemovingPasskeysAsksForThePassword, and an account has no more than twenty, all of one handle that says nothing of it.
func TestAddingAndRemovingPasskeysAsksForThePassword(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token := s.invite(s.lan, lansPassword)
		from := device()
		options, err := s.BeginPasskey(ctx, s.session(token), site)
		check(t, err)
		made := from.Create(t, options)
		s.clock.Advance(10 * minute)
		session := s.session(token)
		_, err1 := s.BeginPasskey(ctx, session, site)
		_, err2 := s.AddPasskey(ctx, token, site, made, "")
		_, err3 := s.RemovePasskey(ctx, token, 1)
		for _, err := range []error{err1, err2, err3, s.RenamePasskey(ctx, session, 1, "a")} {
			if !errors.Is(err, access.ErrUnconfirmed) {
				t.Errorf("without the password: %v", err)
			}
		}
		token, err = s.Confirm(ctx, token, lansPassword, home)
		check(t, err)
		for range 20 {
			token = s.addPasskey(token, from, "")
		}
		_, err = s.BeginPasskey(ctx, s.session(token), site)
		refused(t, err, "chỉ có được 20 khóa truy cập")
		for _, key := range from.Keys[1:] {
			if !bytes.Equal(key.Handle, from.Keys[1].Handle) || len(key.Handle) != 32 || bytes.Contains(key.Handle, []byte("lan")) {
				t.Fatalf("the handle is %q", key.Handle)
			}
		}
		all, err := s.Passkeys(ctx, s.session(token))
		check(t, err)
		token, err = s.RemovePasskey(ctx, token, all[0].ID)
		check(t, err)
		both := [2]string{} // begun when one more was allowed
		for i := range both {
			options, err := s.BeginPasskey(ctx, s.session(token), site)
			check(t, err)
			both[i] = from.Create(t, options)
		}
		token, err = s.AddPasskey(ctx, token, site, both[0], "")
		check(t, err)
		_, err = s.AddPasskey(ctx, token, site, both[1], "")
		refused(t, err, "chỉ có được 20 khóa truy cập")
		tu := s.hire("tu", "Tư")
		s.write(func(tx *db.Tx) error { token, _, err = access.StartSession(tx, tu, home); return err })
		_, err = s.BeginPasskey(ctx, s.session(token), site)
		refused(t, err, "chưa có mật khẩu")
	})
}

// TestASiteIsAName: an IP address is none.
func TestASiteIsAName(t *testing.T) {
	for base, want := range map[string]access.Site{
		"https://Shop.Example": {ID: "shop.example", Origin: "https://shop.example"}, "https://shop.example:8443/desk": {ID: "shop.example", Origin: "https://shop.example:8443"},
		"http://localhost:8080": {ID: "localhost", Origin: "http://localhost:8080"}, "https://taphoa": {ID: "taphoa", Origin: "https://taphoa"},
		"https://xn--tp-ha-yqa.vn": {ID: "xn--tp-ha-yqa.vn", Origin: "https://xn--tp-ha-yqa.vn"},
		"https://192.0.2.7":        {}, "https://[2001:db8::7]:8443": {}, "https://127.1": {}, "https://0x7f.0x1": {}, "https://2130706433": {}, "https://": {}, "https://a..b": {},
		"https://a b": {}, "https://a%2fb": {}, "https://" + strings.Repeat("a.", 130) + "vn": {}, "https://shop.example.": {}, "https://a\nb": {}, "https://cửa.hàng": {},
	} {
		if got, ok := access.SiteOf(base); got != want || ok != (want.ID != "") {
			t.Errorf("%s: %+v, %v", base, got, ok)
		}
	}
}

// TestTheVersionBeforeHasNoPasskeys opens a database of the version before: its people sign in as they did, and can add passkeys.
func TestTheVersionBeforeHasNoPasskeys(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, clock := dbtest.URL(t, engine), dbtest.NewClock()
			d, err := db.Open(t.Context(), url, db.Options{})
			check(t, err)
			hash, err := access.New(d, access.Options{}).Hash(t.Context(), lansPassword)
			check(t, err)
			dbtest.MigrateBefore(t, d, "0048", `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'cobien', 'cobien', 'Cô Biển', 1);
				INSERT INTO shop_heads (retailer_id, at) VALUES (1, 1);
				INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, is_admin, created_date, changed_at)
				VALUES (1, 1, 'lan', 'lan', 'Lan', 'lan lan', TRUE, 1, 1);
				INSERT INTO access_accounts (retailer_id, user_id, password_hash) VALUES (1, 1, '`+hash+`');`)
			check(t, d.Close())
			d = dbtest.Open(t, url, clock)
			s := &shop{Service: access.New(d, access.Options{}), TB: t, db: d, clock: clock, code: "cobien", lan: 1, log: new(dbtest.Log)}
			t.Cleanup(s.Saved)
			token, session := s.signIn("lan", lansPassword, home)
			if all, err := s.Passkeys(t.Context(), session); len(all) > 0 || err != nil {
				t.Errorf("%+v: %v", all, err)
			}
			from := device()
			s.addPasskey(token, from, "Máy mới")
			_, session, err = s.tryPasskey(from.Get(t, s.challenge()))
			if err != nil || session.User != 1 {
				t.Errorf("%+v: %v", session, err)
			}
		})
	}
}
