package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

// cheap are parameters of hashes that take a millisecond.
var cheap = argon2id.Params{Memory: 1 << 10, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func TestMain(m *testing.M) {
	access.SetParams(cheap)
	dbtest.Main(m)
}

const (
	ownersPassword = "cá rô kho tộ 7 món"
	lansPassword   = "mưa rào tháng sáu"
	wrong          = "không phải mật khẩu"
)

var (
	home  = access.Caller{Address: "[::ffff:203.0.113.7]:5000", UserAgent: "Firefox"}
	phone = access.Caller{Address: "[2001:db8:1:200::7%eth0]:80", UserAgent: "Chrome Mobile"}
)

// shop is a shop whose owner has a password, with a user Lan who has none.
type shop struct {
	*access.Service
	testing.TB
	db    *db.DB
	clock *dbtest.Clock
	code  string
	actor db.Actor // the owner
	lan   int64
	log   *dbtest.Log
}

func eachShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		log := new(dbtest.Log)
		s := access.New(d, access.Options{Log: log.Logger()})
		s.SetElapsed(func() time.Duration { return 0 })
		t.Cleanup(s.Saved)
		test(t, openShop(t, s, d, clock, log, "cobien"))
	})
}

func openShop(tb testing.TB, service *access.Service, d *db.DB, clock *dbtest.Clock, log *dbtest.Log, code string) *shop {
	tb.Helper()
	s := &shop{Service: service, TB: tb, db: d, clock: clock, code: code, log: log}
	hash, err := service.Hash(tb.Context(), ownersPassword)
	if err != nil {
		tb.Fatal(err)
	}
	s.write(func(tx *db.Tx) error {
		if _, err := org.CreateShop(tx, code, "Cô Biển"); err != nil {
			return err
		}
		s.actor = db.Actor{Retailer: tx.Retailer, User: tx.User}
		return access.SetPassword(tx, tx.User, hash)
	})
	s.lan = s.hire("lan", "Chị Lan")
	return s
}

func (s *shop) write(op func(*db.Tx) error) {
	s.Helper()
	if err := s.db.Write(s.Context(), s.actor, op); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) read(op func(*db.Tx) error) {
	s.Helper()
	if err := s.db.Read(s.Context(), s.actor, op); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) hire(userName, givenName string) (id int64) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		user, err := org.CreateUser(tx, &taphoa.UserInput{UserName: userName, GivenName: givenName})
		id = user.ID
		return err
	})
	return id
}

func (s *shop) remove(user int64) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := org.RemoveUser(tx, &taphoa.ByID{ID: user})
		return err
	})
}

// try signs in.
func (s *shop) try(userName, password string, from access.Caller) (token string, session access.Session, err error) {
	return s.SignIn(s.Context(), access.SignIn{Shop: s.code, UserName: userName, Password: password}, from)
}

// signIn signs in, which succeeds.
func (s *shop) signIn(userName, password string, from access.Caller) (token string, session access.Session) {
	s.Helper()
	token, session, err := s.try(userName, password, from)
	if err != nil {
		s.Fatalf("%s cannot sign in: %v", userName, err)
	}
	return token, session
}

// owner signs the owner in.
func (s *shop) owner() (token string, session access.Session) {
	s.Helper()
	return s.signIn("admin", ownersPassword, home)
}

// invite gives a user a password.
func (s *shop) invite(user int64, password string) (token string) {
	s.Helper()
	_, owner := s.owner()
	secret, _, err := s.Invite(s.Context(), owner, user)
	if err == nil {
		token, _, err = s.AcceptLink(s.Context(), secret, password, home)
	}
	if err != nil {
		s.Fatal(err)
	}
	return token
}

// secondFactor switches the second factor of a session on.
func (s *shop) secondFactor(token string) (newToken, secret string, recovery []string) {
	s.Helper()
	setup, err := s.BeginTOTP(s.Context(), s.session(token))
	if err != nil {
		s.Fatal(err)
	}
	newToken, recovery, err = s.EnableTOTP(s.Context(), token, s.codeOf(setup.Secret))
	if err != nil {
		s.Fatal(err)
	}
	return newToken, setup.Secret, recovery
}

// codeOf is what an authenticator shows now.
func (s *shop) codeOf(secret string) string {
	s.Helper()
	code, err := totp.GenerateCode(secret, s.clock.Now().Std())
	if err != nil {
		s.Fatal(err)
	}
	return code
}

// session returns the session of a token, which there is.
func (s *shop) session(token string) access.Session {
	s.Helper()
	session, found, err := s.Authenticate(s.Context(), token)
	if err != nil || !found {
		s.Fatalf("the session is not there: %v", err)
	}
	return session
}

// alive reports whether a token is that of a session.
func (s *shop) alive(token string) bool {
	s.Helper()
	_, found, err := s.Authenticate(s.Context(), token)
	if err != nil {
		s.Fatal(err)
	}
	return found
}

// refused checks the words of a refusal.
func refused(tb testing.TB, err error, words string) {
	tb.Helper()
	e := (*taphoa.Error)(nil)
	if !errors.As(err, &e) || e.Kind == taphoa.KindInternal || !strings.Contains(e.Message, words) {
		tb.Errorf("got %v, want a refusal about %q", err, words)
	}
}

const wrongNames = "Tên gian hàng, tên đăng nhập hoặc mật khẩu không đúng"
