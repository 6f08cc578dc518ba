package oauth_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

const wrong = "0000000000000000000000000000000000000000"

// from is ask from an address.
func from(tb testing.TB, s *oauth.Service, address, id, secret string) reply {
	tb.Helper()
	r := post("/connect/token", formType, form(id, secret))
	r.RemoteAddr = address
	return send(tb, s, r)
}

// randomID is an id that no client has.
func randomID() string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", rand.Uint32(), rand.Uint64N(1<<48))
}

// TestGuessesAreDelayedWhereTheyComeFrom guesses the secret of a client, of an unknown one and of one that is revoked; all
// three are answered alike, and the client gets its token elsewhere.
func TestGuessesAreDelayedWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		var revoked oauth.Client
		var revokedSecret string
		write(t, d, x.shop, func(tx *db.Tx) (err error) {
			revoked, revokedSecret, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM"})
			return err
		})
		write(t, d, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, revoked.ClientID) })
		var answers []reply
		for i, guessed := range [][2]string{{clientID, wrong}, {randomID(), wrong}, {revoked.ClientID, revokedSecret}, {"x", wrong}} {
			s, now := service(t, d), time.Duration(0)
			s.SetElapsed(func() time.Duration { return now })
			address := fmt.Sprintf("203.0.%d.7:5000", i)
			var got []reply
			for range 7 {
				got = append(got, from(t, s, address, guessed[0], guessed[1]))
			}
			for i, a := range got {
				if want := map[bool]int{true: 400, false: 429}[i < 6]; a.Status != want || a.Description == "" {
					t.Fatalf("guess %d of %s: %+v", i+1, guessed[0], a)
				}
			}
			if answers == nil {
				answers = got
			} else if !slices.Equal(got, answers) {
				t.Errorf("%s is answered\n%+v, want\n%+v", guessed[0], got, answers)
			}
			now = time.Second
			if a := from(t, s, address, guessed[0], guessed[1]); a.Status != 400 {
				t.Errorf("after the delay: %+v", a)
			}
			clock.Advance(-86400) // the wall clock is put right
			clock.Advance(2 * 86400)
			if a := from(t, s, address, guessed[0], guessed[1]); a.Status != 429 || !strings.Contains(a.Description, "sau 2 giây") {
				t.Errorf("the second delay: %+v", a)
			}
			if guessed[0] == clientID {
				if a := from(t, s, address, clientID, secret); a.Status != 429 {
					t.Errorf("the right secret during the delay: %+v", a)
				}
				if a := from(t, s, "198.51.100.7:5000", clientID, secret); a.Status != 200 {
					t.Errorf("the client gets no token elsewhere: %+v", a)
				}
				now += 2 * time.Second
				for range 20 { // a token ends the count
					a, b := from(t, s, address, clientID, secret), from(t, s, address, clientID, wrong)
					if a.Status != 200 || b.Status != 400 {
						t.Fatalf("a typing error is punished: %+v, %+v", a, b)
					}
				}
			}
		}
	})
}

// TestGuessesOnManyConnectionsAreNotAnswered: the database is asked meanwhile.
func TestGuessesOnManyConnectionsAreNotAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		x.SetElapsed(func() time.Duration { return 0 })
		for i, guessed := range []string{clientID, randomID(), "x"} {
			var answered atomic.Int32
			var group sync.WaitGroup
			for range 64 {
				group.Go(func() {
					w, r := httptest.NewRecorder(), post("/connect/token", formType, form(guessed, wrong))
					r.RemoteAddr = fmt.Sprintf("203.0.%d.7:5000", i)
					if x.ServeToken(w, r); w.Code == http.StatusBadRequest {
						answered.Add(1)
					}
				})
			}
			group.Wait()
			if got := answered.Load(); got != 6 {
				t.Errorf("%d guesses at %s are answered", got, guessed)
			}
		}
		if got := x.Throttled(); got != 3*(64-6) {
			t.Errorf("%d are counted as delayed", got)
		}
	})
}

// TestAnOfficeWorksWhileSomeoneInItGuesses: clients that have had a token there get the next one; a new one waits, as does
// one that fails itself, and in another office no client waits.
func TestAnOfficeWorksWhileSomeoneInItGuesses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		x.SetElapsed(func() time.Duration { return 0 })
		type credentials struct{ id, secret string }
		clients := []credentials{{clientID, secret}}
		for _, name := range []string{"CRM", "Kế toán", "Mới"} {
			write(t, d, x.shop, func(tx *db.Tx) error {
				c, secret, err := oauth.CreateClient(tx, oauth.ClientInput{Name: name})
				clients = append(clients, credentials{c.ClientID, secret})
				return err
			})
		}
		for office, address := range []string{"203.0.113.%d:5000", "[2001:db8:1:200::%x]:5000", "[::ffff:198.51.100.%d]:5000"} {
			at := func(host int, c credentials) int {
				return from(t, x.Service, fmt.Sprintf(address, host), c.id, c.secret).Status
			}
			working, fresh := clients[:3], clients[3]
			for i, c := range working {
				if got := at(10+i, c); got != 200 {
					t.Fatalf("office %d: %d", office, got)
				}
			}
			for i := range 60 {
				at(100+i, credentials{randomID(), wrong})
				if got := at(10+i%3, working[i%3]); got != 200 {
					t.Fatalf("office %d: a client gets %d after %d guesses at others", office, got, i+1)
				}
			}
			if got := at(99, fresh); got != 429 {
				t.Errorf("office %d: the network is not delayed: %d", office, got)
			}
			for range 7 {
				at(12, credentials{working[2].id, wrong})
			}
			if got := at(12, working[2]); got != 429 {
				t.Errorf("office %d: guesses at a client of the office are free: %d", office, got)
			}
			if got := at(11, working[1]); got != 200 {
				t.Errorf("office %d: another client gets %d", office, got)
			}
		}
		if a := from(t, x.Service, "192.0.2.200:5000", clients[3].id, clients[3].secret); a.Status != 200 {
			t.Errorf("elsewhere: %+v", a)
		}
	})
}

// TestRequestsThatAreNoGuessesAreNotCounted: malformed ones, and scopes that the client does not have.
func TestRequestsThatAreNoGuessesAreNotCounted(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	for range 30 {
		for _, body := range []string{
			"", "grant_type=password", "grant_type=client_credentials&client_id=" + clientID, "a=%zz",
			strings.Replace(form(clientID, secret), "PublicApi.Access", "x", 1),
		} {
			if a := send(t, x.Service, post("/connect/token", formType, body)); a.Status != 400 {
				t.Fatalf("%s: %+v", body, a)
			}
		}
	}
	token(t, x.Service, clientID, secret)
	if n := x.Throttled(); n != 0 {
		t.Errorf("%d requests were throttled", n)
	}
}

// TestRandomIDsCostNothing: from one network they are refused without the database, and from many they do not displace
// clients from the cache.
func TestRandomIDsCostNothing(t *testing.T) {
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	token(t, x.Service, clientID, secret)
	statuses := map[int]int{}
	for range 300 {
		statuses[from(t, x.Service, "203.0.113.7:5000", randomID(), wrong).Status]++
	}
	if statuses[400] > 25 || statuses[429] != 300-statuses[400] || x.Throttled() != int64(statuses[429]) {
		t.Errorf("answers are %v, %d counted", statuses, x.Throttled())
	}
	for i := range 9000 { // more than the cache holds
		from(t, x.Service, fmt.Sprintf("198.%d.%d.1:5000", i>>8, i&255), randomID(), wrong)
	}
	if !x.Cached(clientID) {
		t.Error("random ids have displaced a client from the cache")
	}
}

// TestADelayIsLoggedOnce: a network once a minute, and attackers in many networks once a second.
func TestADelayIsLoggedOnce(t *testing.T) {
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x, now := open(t, d, nil), time.Duration(0)
	x.SetElapsed(func() time.Duration { return now })
	var log dbtest.Log
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(log.Logger())
	lines := func() []map[string]any { return log.Lines("token requests are delayed") }
	attack := func(network int, id string) {
		for range 40 {
			from(t, x.Service, fmt.Sprintf("203.0.%d.7:5000", network), id, wrong)
		}
	}
	attack(113, clientID)
	want := map[string]any{
		"level": "WARN", "network": "203.0.113.0/24", "client": clientID, "delay": "1s", "client_failures": 6., "network_failures": 5.,
	}
	if got := lines(); len(got) != 1 {
		t.Fatalf("the log has %v", got)
	}
	for name, value := range want {
		if got := lines()[0][name]; got != value {
			t.Errorf("%s is %v, want %v", name, got, value)
		}
	}
	for i := range 10 {
		attack(i, "a secret, by mistake\n")
	}
	if got := len(lines()); got != 1 {
		t.Errorf("%d lines within a second", got)
	}
	for _, step := range []struct {
		passed time.Duration
		lines  int
	}{{time.Second, 2}, {59 * time.Second, 3}, {5 * time.Second, 4}, {20 * time.Second, 4}} {
		now += step.passed
		attack(113, clientID)
		attack(7, "a secret, by mistake\n")
		if got := len(lines()); got != step.lines {
			t.Errorf("%d lines after %v, want %d", got, now, step.lines)
		}
	}
	if strings.Contains(log.String(), wrong) || strings.Contains(log.String(), "mistake") {
		t.Error("the log has a secret")
	}
}

func TestARefusalSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x, now := open(t, d, nil), time.Duration(0)
	x.SetElapsed(func() time.Duration { return now })
	for range 7 {
		if a := ask(t, x.Service, clientID, wrong); a.Status == http.StatusTooManyRequests {
			break
		}
	}
	now = time.Second
	ask(t, x.Service, clientID, wrong) // a delay of 2 s
	for elapsed, want := range map[time.Duration]string{0: "2", 1: "2", time.Second - 1: "2", time.Second: "1", 2*time.Second - 1: "1"} {
		now = time.Second + elapsed
		w := httptest.NewRecorder()
		r := post("/connect/token", formType, form(clientID, secret))
		r.Header.Set("X-Forwarded-For", "198.51.100.1") // anyone can send it
		x.ServeToken(w, r)
		if got := w.Header().Get("Retry-After"); w.Code != 429 || got != want || !strings.Contains(w.Body.String(), `"error":"temporarily_unavailable"`) {
			t.Errorf("after %v: %d %q %s", elapsed, w.Code, got, w.Body)
		}
	}
}

// TestUnknownClientsTakeAsLongAsKnownOnes compares medians of wrong guesses, each from another network, with what is cached
// and with the database.
func TestUnknownClientsTakeAsLongAsKnownOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		var revoked oauth.Client
		write(t, d, x.shop, func(tx *db.Tx) (err error) {
			revoked, _, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM"})
			return err
		})
		write(t, d, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, revoked.ClientID) })
		for _, pass := range []int64{0, 60} {
			took := map[string][]time.Duration{}
			for i := range 200 {
				clock.Advance(pass)
				for _, id := range []string{clientID, "de300000-0000-4000-8000-00000000ffff", revoked.ClientID} {
					r := post("/connect/token", formType, form(id, wrong))
					r.RemoteAddr = fmt.Sprintf("10.%d.%d.1:5000", pass, i)
					w := httptest.NewRecorder()
					start := time.Now()
					x.ServeToken(w, r)
					took[id] = append(took[id], time.Since(start))
					if w.Code != 400 {
						t.Fatalf("%s: %d", id, w.Code)
					}
				}
			}
			var medians []time.Duration
			for _, all := range took {
				slices.Sort(all)
				medians = append(medians, all[len(all)/2])
			}
			if slices.Max(medians) > 2*slices.Min(medians) {
				t.Errorf("after %d s the medians are %v", pass, medians)
			}
		}
	})
}
