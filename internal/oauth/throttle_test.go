package oauth_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
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

// TestRequestsThatAreNoGuessesAreNotCounted: malformed ones, and scopes that the client does not have.
func TestRequestsThatAreNoGuessesAreNotCounted(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	for range 30 {
		for _, body := range []string{"", "grant_type=password", "grant_type=client_credentials&client_id=" + clientID, "a=%zz",
			strings.Replace(form(clientID, secret), "PublicApi.Access", "x", 1)} {
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
	var log dbtest.Log
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(log.Logger())
	token(t, x.Service, clientID, secret)
	statuses := map[int]int{}
	for range 3000 {
		statuses[from(t, x.Service, "203.0.113.7:5000", randomID(), wrong).Status]++
	}
	if statuses[400] > 25 || statuses[429] != 3000-statuses[400] || x.Throttled() != int64(statuses[429]) {
		t.Errorf("answers are %v, %d counted", statuses, x.Throttled())
	}
	if lines := log.Lines("token requests are delayed"); len(lines) != 1 || lines[0]["network"] != "203.0.113.0/24" || lines[0]["level"] != "WARN" {
		t.Errorf("the log has %v", lines)
	}
	for i := range 9000 { // more than the cache holds
		from(t, x.Service, fmt.Sprintf("198.%d.%d.1:5000", i>>8, i&255), randomID(), wrong)
	}
	if !x.Cached(clientID) {
		t.Error("random ids have displaced a client from the cache")
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
		r.Header.Set("X-Forwarded-For", "198.51.100.1") // is nobody's word
		x.ServeToken(w, r)
		if got := w.Header().Get("Retry-After"); w.Code != 429 || got != want || !strings.Contains(w.Body.String(), `"error":"temporarily_unavailable"`) {
			t.Errorf("after %v: %d %q %s", elapsed, w.Code, got, w.Body)
		}
	}
}

// TestUnknownClientsTakeAsLongAsKnownOnes compares medians of wrong guesses, each from another network.
func TestUnknownClientsTakeAsLongAsKnownOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		var revoked oauth.Client
		write(t, d, x.shop, func(tx *db.Tx) (err error) {
			revoked, _, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM"})
			return err
		})
		write(t, d, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, revoked.ClientID) })
		ids := []string{clientID, randomID(), revoked.ClientID}
		took := make([][]time.Duration, len(ids))
		for i := range 3000 {
			for j, id := range ids {
				r := post("/connect/token", formType, form(id, wrong))
				r.RemoteAddr = fmt.Sprintf("10.%d.%d.1:5000", i>>8, i&255)
				w := httptest.NewRecorder()
				start := time.Now()
				x.ServeToken(w, r)
				took[j] = append(took[j], time.Since(start))
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
		t.Logf("known %v, unknown %v, revoked %v", medians[0], medians[1], medians[2])
		if slices.Max(medians) > 2*slices.Min(medians) {
			t.Errorf("medians are %v", medians)
		}
	})
}
