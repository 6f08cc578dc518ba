package access_test

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

// outsiders are people who cannot sign in, each for another reason, with their passwords.
func (s *shop) outsiders() map[string]access.SignIn {
	s.Helper()
	s.invite(s.hire("mai", "Mai"), lansPassword)
	gone, ended := s.hire("gone", "Cũ"), s.hire("ended", "Hết hạn")
	s.invite(gone, lansPassword)
	s.invite(ended, lansPassword)
	s.remove(gone)
	_, owner := s.owner()
	if err := s.SetEnd(s.Context(), owner, ended, taphoa.Some(s.clock.Now()-2*day*1e6)); err != nil {
		s.Fatal(err)
	}
	return map[string]access.SignIn{
		"a wrong password":       {Shop: s.code, UserName: "mai", Password: wrong},
		"a user without one":     {Shop: s.code, UserName: "lan", Password: lansPassword},
		"a user who was removed": {Shop: s.code, UserName: "gone", Password: lansPassword},
		"an account that ended":  {Shop: s.code, UserName: "ended", Password: lansPassword},
		"an unknown user":        {Shop: s.code, UserName: "không có", Password: wrong},
		"an unknown shop":        {Shop: "khongco", UserName: "mai", Password: lansPassword},
		"nothing":                {},
	}
}

// TestGuessesAreDelayedWhereTheyComeFrom guesses at each of the outsiders until a delay, from a network of its own: the answers are the
// same. The person signs in elsewhere.
func TestGuessesAreDelayedWhereTheyComeFrom(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		now := time.Duration(0)
		s.SetElapsed(func() time.Duration { return now })
		outsiders, network := s.outsiders(), 0
		for name, in := range outsiders {
			network++
			attacker := access.Caller{Address: fmt.Sprintf("198.51.%d.7:5000", network)}
			for guess := range 6 {
				_, _, err := s.SignIn(t.Context(), in, attacker)
				if refused(t, err, wrongNames); t.Failed() {
					t.Fatalf("guess %d at %s", guess, name)
				}
			}
			for range 2 {
				_, _, err := s.SignIn(t.Context(), in, attacker)
				limited := (*access.Limited)(nil)
				e := (*taphoa.Error)(nil)
				if !errors.As(err, &limited) || limited.Wait != time.Second || !errors.As(err, &e) || e.Kind != taphoa.KindLimited ||
					e.Message != "Sai quá nhiều lần, hãy thử lại sau 1 giây" {
					t.Errorf("guess 7 at %s: %v", name, err)
				}
			}
		}
		s.signIn("mai", lansPassword, home)
		in := outsiders["a wrong password"]
		in.Password = lansPassword
		near := access.Caller{Address: "198.51.100.7"}
		for range 6 {
			_, _, _ = s.SignIn(t.Context(), outsiders["a wrong password"], near)
		}
		_, _, err := s.SignIn(t.Context(), in, near)
		refused(t, err, "Sai quá nhiều lần")
		s.signIn("admin", ownersPassword, near)
		now += time.Second
		if _, _, err := s.SignIn(t.Context(), in, near); err != nil {
			t.Errorf("after the delay: %v", err)
		}
		if s.Throttled() != int64(2*len(outsiders)+1) {
			t.Errorf("%d attempts are counted", s.Throttled())
		}
		if lines := s.log.Lines("sign-ins are delayed"); len(lines) == 0 || lines[0]["account_failures"] != 6. {
			t.Errorf("the log has %v", lines)
		}
	})
}

// TestPasswordsAndCodesOfASessionAreGuessedSlowly: who has found a screen unlocked, or knows the password alone.
func TestPasswordsAndCodesOfASessionAreGuessedSlowly(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token := s.invite(s.lan, lansPassword)
		for range 3 {
			_, err := s.Confirm(ctx, token, wrong, phone)
			refused(t, err, "Mật khẩu không đúng")
			_, err = s.ChangePassword(ctx, token, wrong, "gió mùa đông bắc", phone)
			refused(t, err, "Mật khẩu không đúng")
		}
		_, err := s.Confirm(ctx, token, lansPassword, phone)
		refused(t, err, "Sai quá nhiều lần")
		if token, err = s.Confirm(ctx, token, lansPassword, home); err != nil {
			t.Fatalf("elsewhere: %v", err)
		}
		_, secret, recovery := s.secondFactor(token)
		s.clock.Advance(30)
		seen := s.codeOf(secret)
		tablet := access.Caller{Address: "192.0.2.7"}
		pending, _ := s.signIn("lan", lansPassword, tablet)
		if _, _, err := s.SecondFactor(ctx, pending, seen, tablet); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"000000", "111111", seen, "222222", "333333", seen} { // signing in again does not make them free
			pending, _ := s.signIn("lan", lansPassword, home)
			_, _, err := s.SecondFactor(ctx, pending, code, home)
			refused(t, err, "Mã xác thực không đúng")
		}
		s.clock.Advance(30)
		right := s.codeOf(secret)
		pending, _ = s.signIn("lan", lansPassword, home)
		for _, code := range []string{right, recovery[0], "123456"} {
			_, _, err = s.SecondFactor(ctx, pending, code, home)
			refused(t, err, "Sai quá nhiều lần")
		}
		if _, _, err = s.SecondFactor(ctx, pending, recovery[0], phone); err != nil {
			t.Errorf("a recovery code is used up by a delay: %v", err)
		}
	})
}

// atOnce runs a function eight times at once and returns how many have succeeded; the errors of the others have the words.
func atOnce(t *testing.T, words string, do func(i int) error) int {
	t.Helper()
	var won atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if err := do(i); err == nil {
				won.Add(1)
			} else {
				refused(t, err, words)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}

// TestACodeOfAClockThatWasAheadRefusesNoOthers: it was put right, and people come in with the codes of now, each once.
func TestACodeOfAClockThatWasAheadRefusesNoOthers(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, secret, _ := s.secondFactor(s.invite(s.lan, lansPassword))
		come := func() error {
			token, _ := s.signIn("lan", lansPassword, home)
			_, _, err := s.SecondFactor(t.Context(), token, s.codeOf(secret), home)
			return err
		}
		s.clock.Advance(24 * 3600)
		if err := come(); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(-24*3600 + 60)
		if err := come(); err != nil {
			t.Errorf("after the clock was put right: %v", err)
		}
		if come() == nil {
			t.Error("the code counts twice")
		}
	})
}

// TestCodesAndLinksCountOnce uses each eight times at once, and again later.
func TestCodesAndLinksCountOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token, secret, recovery := s.secondFactor(s.invite(s.lan, lansPassword))
		s.clock.Advance(30)
		for _, code := range []string{s.codeOf(secret), recovery[0]} {
			pending := make([]string, 8)
			for i := range pending {
				s.write(func(tx *db.Tx) (err error) {
					pending[i], _, err = access.StartSession(tx, s.lan, phone)
					return err
				})
			}
			use := func(i int) error { // each from its own network
				_, _, err := s.SecondFactor(ctx, pending[i], code, access.Caller{Address: fmt.Sprintf("198.51.%d.1", i)})
				return err
			}
			if won := atOnce(t, "đã được dùng", use); won != 1 {
				t.Errorf("the code %s counts %d times", code, won)
			}
		}
		_, owner := s.owner()
		first, _, err1 := s.Invite(ctx, owner, s.lan)
		link, made, err2 := s.Invite(ctx, owner, s.lan)
		if err := errors.Join(err1, err2); err != nil || made.Kind != access.KindReset {
			t.Fatalf("%+v: %v", made, err)
		}
		if _, err := s.Link(ctx, first); !errors.Is(err, access.ErrLink) {
			t.Errorf("the link before: %v", err)
		}
		if !s.alive(token) {
			t.Error("a session ends when a link is made")
		}
		if _, session := s.signIn("lan", lansPassword, home); !session.Pending {
			t.Error("the password ends when a link is made")
		}
		tokens := make([]string, 8)
		accept := func(i int) error {
			accepted, session, err := s.AcceptLink(ctx, link, fmt.Sprintf("gió mùa lần thứ %d", i), phone)
			if tokens[i] = accepted; err == nil && !session.Pending {
				t.Error("a link is a second factor")
			}
			return err
		}
		if won := atOnce(t, "đã được dùng", accept); won != 1 {
			t.Errorf("the link counts %d times", won)
		}
		if s.alive(token) {
			t.Error("a session goes on after a reset")
		}
		winner := slices.IndexFunc(tokens, func(token string) bool { return token != "" })
		s.signIn("lan", fmt.Sprintf("gió mùa lần thứ %d", winner), home)
		late, _, err := s.Invite(ctx, owner, s.lan)
		if s.clock.Advance(day - 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Link(ctx, late); err != nil {
			t.Errorf("before a day is over: %v", err)
		}
		s.clock.Advance(1)
		_, err = s.Link(ctx, late)
		_, _, err3 := s.AcceptLink(ctx, late, lansPassword, home)
		if !errors.Is(err, access.ErrLink) || !errors.Is(err3, access.ErrLink) {
			t.Errorf("after a day: %v, %v", err, err3)
		}
	})
}

// TestASetupLinkOpensOneShop: one link a database, for an hour, until another shop is opened.
func TestASetupLinkOpensOneShop(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		make := func() (secret string) {
			t.Helper()
			err := s.db.Write(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
				secret, err = access.NewSetupLink(tx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		check := func(secret string) (err error) {
			return s.db.Read(t.Context(), db.Actor{}, func(tx *db.Tx) error { return access.CheckSetup(tx, secret) })
		}
		hash, err := s.Hash(t.Context(), ownersPassword)
		if err != nil {
			t.Fatal(err)
		}
		open := func(secret, code string) (token string, err error) {
			err = s.db.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
				if err := access.UseSetup(tx, secret); err != nil {
					return err
				}
				if _, err := org.CreateShop(tx, code, code); err != nil {
					return err
				}
				if err := access.SetPassword(tx, tx.User, hash); err != nil {
					return err
				}
				token, _, err = access.StartSession(tx, tx.User, home)
				return err
			})
			return token, err
		}
		first := make()
		second := make()
		if err := check(first); !errors.Is(err, access.ErrLink) {
			t.Errorf("the link before: %v", err)
		}
		if _, err := open(second, s.code); err == nil {
			t.Error("a shop is opened twice")
		}
		if err := check(second); err != nil { // the refusal has undone its use
			t.Errorf("the link after a refusal: %v", err)
		}
		tokens := [8]string{}
		if won := atOnce(t, "đã được dùng", func(i int) (err error) {
			tokens[i], err = open(second, fmt.Sprintf("shop%d", i))
			return err
		}); won != 1 {
			t.Errorf("the link opens %d shops", won)
		}
		owner := s.session(strings.Join(tokens[:], ""))
		if !owner.Owner || owner.Retailer == s.actor.Retailer {
			t.Errorf("the session is %+v", owner)
		}
		late := make()
		if s.clock.Advance(hour - 1); check(late) != nil {
			t.Error("the link ends before an hour is over")
		}
		if s.clock.Advance(1); check(late) == nil {
			t.Error("the link has no end")
		}
		beaten := make()
		s.write(func(tx *db.Tx) error { _, err := org.CreateShop(tx, "khac", "Khác"); return err })
		if err := check(beaten); !errors.Is(err, access.ErrLink) {
			t.Errorf("after another shop was opened: %v", err)
		}
	})
}

// TestShopsAreApart has the same user names and passwords in two shops.
func TestShopsAreApart(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		other := openShop(t, s.Service, s.db, s.clock, s.log, "nui")
		token, owner := s.owner()
		lansToken := other.invite(other.lan, lansPassword)
		if _, _, err := s.try("lan", lansPassword, home); err == nil {
			t.Error("a password is good in another shop")
		}
		_, _, err := s.Invite(ctx, owner, other.lan)
		refused(t, err, "Người dùng không tồn tại")
		refused(t, s.SetEnd(ctx, owner, other.lan, taphoa.Some(s.clock.Now())), "Người dùng không tồn tại")
		if err := errors.Join(s.EndSession(ctx, owner, s.session(lansToken).ID), s.EndAllSessions(ctx, owner, true)); err != nil || !s.alive(lansToken) {
			t.Errorf("a session of another shop is ended: %v", err)
		}
		all, err := s.Accounts(ctx, owner)
		if err != nil || slices.ContainsFunc(all, func(a access.AccountInfo) bool { return a.Retailer != owner.Retailer || a.User == other.lan }) {
			t.Errorf("the accounts are %+v: %v", all, err)
		}
		if lan := s.session(lansToken); lan.ShopCode != "nui" || lan.Retailer == owner.Retailer {
			t.Errorf("the session is %+v", lan)
		}
		where, err := s.Sessions(ctx, s.session(token))
		if err != nil || len(where) != 1 {
			t.Errorf("the owner is signed in at %+v: %v", where, err)
		}
	})
}

// TestNothingIsStoredOrLoggedInClear looks for all secrets that people were given in every table, and in the log.
func TestNothingIsStoredOrLoggedInClear(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		now := time.Duration(0)
		s.SetElapsed(func() time.Duration { now += 15 * time.Minute; return now })
		token := s.invite(s.lan, lansPassword)
		token, _, secrets := s.secondFactor(token)
		pending, _ := s.signIn("lan", lansPassword, home)
		_, owner := s.owner()
		link, _, err := s.Invite(ctx, owner, s.lan)
		var setup string
		err2 := s.db.Write(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			setup, err = access.NewSetupLink(tx)
			return err
		})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{"mật khẩu gõ nhầm chỗ", "sai"} {
			for range 30 {
				_, _, _ = s.SignIn(ctx, access.SignIn{Shop: s.code, UserName: typed, Password: "gõ nhầm mật khẩu"}, home)
			}
		}
		secrets = append(secrets, token, pending, link, setup, lansPassword, ownersPassword, "mật khẩu gõ nhầm chỗ", "gõ nhầm mật khẩu")
		all := s.log.String()
		tables := 0
		s.read(func(tx *db.Tx) error {
			for _, query := range s.textColumns(tx) {
				texts, err := db.All[string](tx.Everywhere(), query)
				if err != nil {
					return err
				}
				all += strings.Join(texts, "\n")
				tables++
			}
			return nil
		})
		for _, secret := range secrets {
			if strings.Contains(all, secret) {
				t.Errorf("%q is stored or logged", secret)
			}
		}
		if !strings.Contains(all, "$argon2id$v=19$m=1024,t=1,p=1$") || tables < 40 {
			t.Errorf("%d columns were looked at, and no password's hash was seen", tables)
		}
		if len(s.log.Lines("sign-ins are delayed")) > 0 && strings.Contains(s.log.String(), "chỗ") {
			t.Error("the log has what was typed")
		}
	})
}

// textColumns are queries for the texts of all tables.
func (s *shop) textColumns(tx *db.Tx) []string {
	s.Helper()
	queries, err := db.All[string](tx.Everywhere(), `SELECT 'SELECT COALESCE(' || i.name || ', '''') FROM ' || m.name
		FROM sqlite_schema m JOIN pragma_table_info(m.name) i WHERE m.type = 'table' AND i.type = 'TEXT' ORDER BY 1`)
	if err != nil {
		queries, err = db.All[string](tx.Everywhere(), `SELECT 'SELECT COALESCE(' || column_name || ', '''') FROM ' || table_name
			FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' ORDER BY 1`)
	}
	if err != nil {
		s.Fatal(err)
	}
	return queries
}

// TestPasswordsAreHashedOutsideOfTransactions looks, at each hash, for package db among the callers: operations run in it.
func TestPasswordsAreHashedOutsideOfTransactions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		var hashes atomic.Int32
		s.BeforeHash(func() {
			hashes.Add(1)
			if stack := string(debug.Stack()); strings.Contains(stack, "internal/db.") {
				t.Errorf("a password is hashed in a transaction:\n%s", stack)
			}
		})
		_ = s.db.Read(ctx, db.Actor{}, func(*db.Tx) error { // what is looked for would be seen
			if stack := string(debug.Stack()); !strings.Contains(stack, "internal/db.") {
				t.Error("package db is not among the callers of an operation")
			}
			return nil
		})
		token := s.invite(s.lan, lansPassword)
		token, err := s.Confirm(ctx, token, lansPassword, home)
		if err == nil {
			_, err = s.ChangePassword(ctx, token, lansPassword, "gió mùa đông bắc", home)
		}
		_, _, err2 := s.try("nobody", wrong, home)
		if refused(t, err2, wrongNames); err != nil || hashes.Load() != 6 {
			t.Errorf("%d hashes: %v", hashes.Load(), err)
		}
	})
}

// TestPeopleWhoSignInAtOnceWaitInLine fills the line while two passwords are hashed.
func TestPeopleWhoSignInAtOnceWaitInLine(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		var running, most atomic.Int32
		release := make(chan struct{})
		s.BeforeHash(func() {
			most.Store(max(most.Load(), running.Add(1)))
			<-release
			running.Add(-1)
		})
		var turned atomic.Int32
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				_, _, err := s.try("admin", ownersPassword, access.Caller{Address: fmt.Sprintf("10.%d.0.1", i)})
				limited := (*access.Limited)(nil)
				switch {
				case errors.As(err, &limited) && limited.Wait > 0:
					if refused(t, err, "Nhiều người đang đăng nhập"); turned.Add(1) == 6 {
						close(release)
					}
				case err != nil:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if turned.Load() != 6 || most.Load() > 2 {
			t.Errorf("%d are turned away, %d passwords are hashed at once", turned.Load(), most.Load())
		}
	})
}

// TestUnknownAccountsTakeAsLongAsKnownOnes counts what failures cost, which is the same, and compares their times, each from another
// network. The machine has other things to do, which makes some of them slower: the times of the fastest tenth count.
func TestUnknownAccountsTakeAsLongAsKnownOnes(t *testing.T) {
	dearer := cheap
	dearer.Memory *= 4
	access.SetParams(dearer)
	defer access.SetParams(cheap)
	for _, engine := range dbtest.Engines { // one after the other
		t.Run(engine, func(t *testing.T) {
			clock := dbtest.NewClock()
			d := dbtest.Open(t, dbtest.Migrated(t, engine), clock)
			service := access.New(d, access.Options{})
			s := openShop(t, service, d, clock, nil, "cobien")
			outsiders := s.outsiders()
			var asked []string
			hashes := 0
			service.BeforeHash(func() { hashes++ })
			ctx := db.WithTrace(t.Context(), &db.Trace{Statement: func(sql string, _ []any) { asked = append(asked, sql) }})
			first, ratio := "", 0.
			took := map[string][]time.Duration{}
			for round := range 40 {
				for i := range 20 {
					for name, in := range outsiders {
						from := access.Caller{Address: fmt.Sprintf("10.%d.%d.1", round, i)}
						asked, hashes = nil, 0
						began := time.Now()
						_, _, err := s.SignIn(ctx, in, from)
						took[name] = append(took[name], time.Since(began))
						refused(t, err, wrongNames)
						cost := fmt.Sprint(hashes, asked)
						first = cmp.Or(first, cost)
						if hashes != 1 || len(asked) == 0 || cost != first {
							t.Fatalf("%s costs %s, others %s", name, cost, first)
						}
					}
				}
				var fast []time.Duration
				for _, all := range took {
					slices.Sort(all)
					fast = append(fast, all[len(all)/10])
				}
				if ratio = float64(slices.Max(fast)) / float64(slices.Min(fast)); ratio < 1.1 {
					return
				}
			}
			t.Errorf("the slowest takes %.2f times as long as the fastest", ratio)
		})
	}
}

// TestWhatAnyoneMaySendIsAnswered sends what no form sends.
func TestWhatAnyoneMaySendIsAnswered(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		for _, text := range []string{"\x00", "a\x00b", "\xff\xfe", strings.Repeat("ế", 1<<20), "\u202e", "'; DROP TABLE users; --"} {
			from := access.Caller{Address: text, UserAgent: text}
			_, _, err := s.SignIn(ctx, access.SignIn{Shop: text, UserName: text, Password: text}, from)
			refused(t, err, wrongNames)
			_, _, err = s.SignIn(ctx, access.SignIn{Shop: s.code, UserName: "admin", Password: text}, access.Caller{})
			if err == nil {
				t.Errorf("%.10q is the owner's password", text)
			}
			token, session := s.signIn("admin", ownersPassword, from)
			if _, found, err := s.Authenticate(ctx, text); found || err != nil {
				t.Errorf("%.10q is a token: %v", text, err)
			}
			_, err = s.Link(ctx, text)
			refused(t, err, "Liên kết không đúng")
			if where, err := s.Sessions(ctx, session); err != nil || utf8.RuneCountInString(where[0].UserAgent) > 200 {
				t.Errorf("%.10q: %v", text, err)
			}
			_, _, err = s.EnableTOTP(ctx, token, text)
			refused(t, err, "Mã xác thực không đúng")
		}
	})
}
