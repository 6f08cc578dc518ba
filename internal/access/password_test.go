package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestPasswordsThatAreEasyToGuessAreRefused(t *testing.T) {
	names := []string{"lan", "chilan", "cobien", "Cô Biển"}
	for words, passwords := range map[string][]string{
		"ít nhất 10 ký tự":   {"", "123456789", "mưa rào ấ", "e\u0301e\u0301e\u0301e\u0301e\u0301"},
		"không được dài quá": {strings.Repeat("mưa rào tháng sáu ", 12)},
		"ký tự điều khiển":   {"mưa rào\ntháng sáu", "mưa rào\x00tháng", "abcdefgh\xff\xffgh"},
		"dễ đoán": {
			"1234567890", "0912345678", "22112026 22112026", "aaaaaaaaaaaa", "abababababab", "abcdefghij", "qwertyuiop", "qwertyuiop123",
			"password123", "P@ssw0rd!!!", "Mật khẩu 2026", "matkhau1234", "MatKhau@123", "matkhaumatkhau", "iloveyou2024", "12345678ab", "taphoa2026!",
			"zyxwvutsrq", "asdfghjkl;1",
		},
		"tên đăng nhập hay tên gian hàng": {"chilan so dep", "nha Cô Biển 9x", "xincobien77"},
		"": {
			lansPassword, ownersPassword, "correct horse", "t7#kQ9!zR2", "plantation of tea", strings.Repeat("mưa rào ", 24), "đường đến trường xa",
		},
	} {
		for _, password := range passwords {
			err := access.CheckPassword(password, names...)
			switch {
			case words != "":
				refused(t, err, words)
			case err != nil:
				t.Errorf("%q is refused: %v", password, err)
			}
			if words != "" && err == nil {
				t.Errorf("%q is allowed", password)
			}
		}
	}
}

// TestAHashCostsWhatItShould: the other tests use cheaper ones.
func TestAHashCostsWhatItShould(t *testing.T) {
	if want := (argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}); access.Production != want {
		t.Errorf("the parameters are %+v", access.Production)
	}
}

// TestAPasswordIsTheSameHoweverItIsTyped: composed or not, as keyboards differ.
func TestAPasswordIsTheSameHoweverItIsTyped(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.invite(s.lan, "mu\u031ba rào tháng sáu") // ư of two characters
		s.signIn("lan", "m\u01b0a ra\u0300o tháng sáu", home)
		_, _, err := s.try("lan", "mua rao thang sau", home)
		refused(t, err, wrongNames)
	})
}

// TestAHashGetsTodaysParameters has a hash of a program before, and a password that is changed while it is compared.
func TestAHashGetsTodaysParameters(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.invite(s.lan, lansPassword)
		older := cheap
		older.Memory /= 2
		set := func(password string) {
			hash, err := argon2id.CreateHash(password, &older)
			if err != nil {
				t.Fatal(err)
			}
			s.write(func(tx *db.Tx) error { return access.SetPassword(tx, s.lan, hash) })
		}
		stored := func() (hash string) {
			s.read(func(tx *db.Tx) (err error) {
				hash, _, err = db.One[string](tx, `SELECT password_hash FROM access_accounts WHERE retailer_id = :retailer AND user_id = ?`, s.lan)
				return err
			})
			return hash
		}
		set(lansPassword)
		ctx, cancel := context.WithCancel(t.Context())
		hashes := 0
		s.BeforeHash(func() {
			if hashes++; hashes == 2 { // the person is signed in, and has gone
				cancel()
			}
		})
		if _, _, err := s.SignIn(ctx, access.SignIn{Shop: s.code, UserName: "lan", Password: lansPassword}, home); err != nil || hashes != 2 {
			t.Errorf("%d hashes: %v", hashes, err)
		}
		for range 2 {
			s.signIn("lan", lansPassword, home)
			if !strings.Contains(stored(), "$m=1024,t=1,p=1$") {
				t.Fatalf("the hash is %s", stored())
			}
		}
		before := stored()
		if s.signIn("lan", lansPassword, home); stored() != before {
			t.Error("a hash of today is made again")
		}
		once := true
		s.BeforeHash(func() {
			if once {
				once = false
				set("gió mùa đông bắc")
			}
		})
		_, _, err := s.try("lan", lansPassword, home)
		refused(t, err, wrongNames)
		token, _ := s.signIn("lan", "gió mùa đông bắc", home)
		once = true
		if _, err := s.Confirm(t.Context(), token, "gió mùa đông bắc", home); !errors.Is(err, access.ErrSignedOut) {
			t.Errorf("the password is changed while it is confirmed: %v", err)
		}
	})
}

// TestUsersOfBeforeHaveNoPassword opens a database that was made before people could sign in.
func TestUsersOfBeforeHaveNoPassword(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			url, clock := dbtest.URL(t, engine), dbtest.NewClock()
			d, err := db.Open(t.Context(), url, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			dbtest.MigrateBefore(t, d, "0042", `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'cobien', 'cobien', 'Cô Biển', 1);
				INSERT INTO shop_heads (retailer_id, at) VALUES (1, 1);
				INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, is_admin, created_date, changed_at)
				VALUES (1, 1, 'admin', 'admin', 'Admin', 'admin admin', TRUE, 1, 1), (1, 2, 'lan', 'lan', 'Chị Lan', 'chi lan lan', FALSE, 1, 1);`)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = dbtest.Open(t, url, clock)
			s := &shop{Service: access.New(d, access.Options{}), TB: t, db: d, clock: clock, code: "cobien", actor: db.Actor{Retailer: 1}, lan: 2}
			for _, name := range []string{"admin", "lan"} {
				for _, password := range []string{"", "admin", lansPassword} {
					_, _, err := s.try(name, password, home)
					refused(t, err, wrongNames)
				}
			}
			var secret string
			s.write(func(tx *db.Tx) error {
				owner, found, err := access.FindAccount(tx, "ADMIN")
				if err != nil || !found || !owner.Owner || owner.Password {
					t.Errorf("the owner's account is %+v: %v", owner, err)
				}
				secret, _, err = access.Reset(tx, owner.User, false)
				return err
			})
			if _, _, err := s.AcceptLink(t.Context(), secret, ownersPassword, home); err != nil {
				t.Fatal(err)
			}
			s.invite(s.lan, lansPassword)
			s.signIn("lan", lansPassword, home)
		})
	}
}

// TestALockedOutOwnerComesInAgain: the operator's link ends what a thief may have.
func TestALockedOutOwnerComesInAgain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		token, _ := s.owner()
		token, _, recovery := s.secondFactor(token)
		for _, lost := range []bool{false, true} {
			var secret string
			s.write(func(tx *db.Tx) (err error) {
				secret, _, err = access.Reset(tx, s.actor.User, lost)
				return err
			})
			if s.alive(token) {
				t.Error("a session goes on")
			}
			_, _, err := s.try("admin", ownersPassword, home)
			refused(t, err, wrongNames)
			accepted, session, err := s.AcceptLink(t.Context(), secret, ownersPassword, home)
			if err != nil || session.Pending == lost {
				t.Fatalf("the session is %+v: %v", session, err)
			}
			if !lost {
				if token, _, err = s.SecondFactor(t.Context(), accepted, recovery[0], home); err != nil {
					t.Fatal(err)
				}
				if _, codes, err := s.NewRecoveryCodes(t.Context(), token); err != nil || len(codes) != 10 {
					t.Errorf("%d new codes: %v", len(codes), err)
				}
				s.write(func(tx *db.Tx) error {
					n, err := db.All[string](tx, `SELECT code_hash FROM access_recovery_codes WHERE retailer_id = :retailer AND user_id = ?`, s.actor.User)
					if len(n) != 10 {
						t.Errorf("%d codes are stored", len(n))
					}
					return err
				})
			}
		}
	})
}
