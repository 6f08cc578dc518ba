package requestlog_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/requestlog"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// shop is a shop with a log.
type shop struct {
	testing.TB
	*requestlog.Log
	db    *db.DB
	clock *dbtest.Clock
	actor db.Actor
	lines *dbtest.Log
}

func eachShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		lines := new(dbtest.Log)
		s := &shop{TB: t, Log: requestlog.New(d, lines.Logger()), db: d, clock: clock, lines: lines}
		s.actor = s.open("taphoa")
		test(t, s)
	})
}

func (s *shop) open(code string) (who db.Actor) {
	s.Helper()
	err := s.db.Write(s.Context(), db.Actor{}, func(tx *db.Tx) error {
		_, err := org.CreateShop(tx, code, "Tạp hoá")
		who = db.Actor{Retailer: tx.Retailer, User: tx.User}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return who
}

// flush writes what is noted.
func (s *shop) flush() {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	s.Run(ctx)
}

func (s *shop) list(who db.Actor, f requestlog.Filter) (all []requestlog.Entry) {
	s.Helper()
	err := s.db.Read(s.Context(), who, func(tx *db.Tx) (err error) {
		all, err = requestlog.List(tx, f)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

// TestWhatProgramsHaveAskedIsFound, the refusals by themselves, by client and operation, page by page, and by its own shop alone.
func TestWhatProgramsHaveAskedIsFound(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		other := s.open("khac")
		for i := range 7 {
			s.clock.Advance(1)
			e := requestlog.Entry{
				At: s.clock.Now(), ClientID: fmt.Sprint("client", i%2), UserID: 3, Address: "203.0.113.7", RequestID: fmt.Sprint("id", i), Method: "POST",
				Path: "/orders?x=1", Operation: "createOrder", Status: 200, TookUS: 1234, Body: `{"branchId":1}`,
			}
			if i%3 == 0 {
				e.Operation, e.Status, e.Code, e.Sentence = "createInvoice", 420, "KvValidateException", "Chi nhánh không tồn tại"
			}
			s.Note(s.actor.Retailer, e)
		}
		s.Note(other.Retailer, requestlog.Entry{Operation: "listOrders", Status: 401})
		s.flush()
		ids := func(f requestlog.Filter) (found []string) {
			for _, e := range s.list(s.actor, f) {
				found = append(found, e.RequestID)
			}
			return found
		}
		all := s.list(s.actor, requestlog.Filter{})
		for _, test := range []struct {
			f    requestlog.Filter
			want string
		}{
			{requestlog.Filter{}, "[id6 id5 id4 id3 id2 id1 id0]"},
			{requestlog.Filter{RefusedOnly: true}, "[id6 id3 id0]"},
			{requestlog.Filter{ClientID: "client1"}, "[id5 id3 id1]"},
			{requestlog.Filter{Operation: "createInvoice", ClientID: "client0"}, "[id6 id0]"},
			{requestlog.Filter{Limit: 2}, "[id6 id5]"},
			{requestlog.Filter{Limit: 2, Before: all[1].ID}, "[id4 id3]"},
		} {
			if got := fmt.Sprint(ids(test.f)); got != test.want {
				t.Errorf("%+v finds %s instead of %s", test.f, got, test.want)
			}
		}
		err := s.db.Read(t.Context(), s.actor, func(tx *db.Tx) error {
			e, err := requestlog.Get(tx, all[0].ID)
			if e != all[0] || e.Sentence != "Chi nhánh không tồn tại" || e.Body != `{"branchId":1}` || e.TookUS != 1234 {
				t.Errorf("the entry is %+v", e)
			}
			if _, err := requestlog.Get(tx, all[0].ID+100); err == nil {
				t.Error("there is an entry that there is not")
			}
			return err
		})
		if theirs := s.list(other, requestlog.Filter{}); err != nil || len(theirs) != 1 || theirs[0].Operation != "listOrders" {
			t.Errorf("the other shop has %+v: %v", theirs, err)
		}
	})
}

func TestReadsAreNotedOnceInAHundred(t *testing.T) {
	l := requestlog.New(nil, nil)
	noted := 0
	for range 1000 {
		if l.Wants(http.MethodGet, 200) {
			noted++
		}
	}
	if noted != 10 || !l.Wants(http.MethodGet, 420) || !l.Wants(http.MethodHead, 304+100) || !l.Wants(http.MethodPost, 200) || !l.Wants(http.MethodDelete, 200) {
		t.Errorf("%d reads of 1,000 are noted", noted)
	}
	var none *requestlog.Log
	if none.Wants(http.MethodPost, 500) {
		t.Error("a server without a log wants entries")
	}
}

// TestALogThatIsTooSlowSaysWhatIsMissing: no request waits for it.
func TestALogThatIsTooSlowSaysWhatIsMissing(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		began := time.Now()
		for range requestlog.Waiting + 321 {
			s.Note(s.actor.Retailer, requestlog.Entry{At: s.clock.Now(), Operation: "createOrder", Status: 200})
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("noting has waited: %v", took)
		}
		s.flush()
		all := s.list(s.actor, requestlog.Filter{Limit: 2000})
		if lost := all[len(all)-1].Lost; len(all) != requestlog.Waiting+1 || lost != 321 {
			t.Errorf("%d entries, %d are said to be missing", len(all), lost)
		}
		if lines := s.lines.Lines("requests are missing in the request log: they came faster than it is written"); len(lines) != 1 || lines[0]["requests"] != 321. {
			t.Errorf("the log has %v", lines)
		}
	})
}

// TestTheLogHasBounds: a week, and 64 MiB of all shops, of which those that have most give most.
func TestTheLogHasBounds(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		small := s.open("nho")
		s.Note(small.Retailer, requestlog.Entry{At: s.clock.Now(), Operation: "old", Status: 200})
		s.flush()
		s.clock.Advance(7 * 86400)
		s.Note(small.Retailer, requestlog.Entry{At: s.clock.Now(), Operation: "new", Status: 200})
		s.flush()
		if err := s.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := s.list(small, requestlog.Filter{}); len(left) != 2 {
			t.Errorf("after a week to the second %d entries are left", len(left))
		}
		s.clock.Advance(1)
		err := s.db.Write(t.Context(), db.Actor{Retailer: s.actor.Retailer, WithoutHead: true}, func(tx *db.Tx) error {
			for i := range 700 { // of 100,000 bytes each, as they say
				tx.Queue(`
					INSERT INTO request_log (retailer_id, id, at, client_id, user_id, address, request_id, method, path, operation, status, took_us, refused,
						code, sentence, body, lost, bytes)
					VALUES (:retailer, ?, ?, '', 0, '', '', '', '', '', 200, 0, FALSE, '', '', '', 0, 100000)`, int64(1_000_000+i), s.clock.Now())
			}
			return nil
		})
		if err == nil {
			err = s.Prune(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		left := s.list(small, requestlog.Filter{})
		if len(left) != 1 || left[0].Operation != "new" {
			t.Errorf("the small shop has %+v", left)
		}
		if large := s.list(s.actor, requestlog.Filter{Limit: 1000}); len(large) != 200 || large[0].ID != 1_000_699 {
			t.Errorf("the large shop has %d entries", len(large))
		}
	})
}

// TestSecretsAreNotStored in whatever form they come.
func TestSecretsAreNotStored(t *testing.T) {
	const secret = "DE30000000000000000000000000000000000001"
	token := "eyJhbGciOiJSUzI1NiJ9.eyJjbGllbnQiOiIxIn0.c2lnbmF0dXJl"
	for _, text := range []string{
		`{"secret":"` + secret + `","url":"https://a.example"}`,
		`{"Webhook":{"Secret" : "` + secret + `"}}`,
		`{"clientSecret":"` + secret,
		`{"password":"a\"` + secret + `","x":1}`,
		`{"newPassword":"` + secret + `"}`, `{"access_token":"` + secret + `"}`, `{"apiKey":"` + secret + `"}`, `{"x-api-key":"` + secret + `"}`,
		`{"matKhau":"` + secret + `"}`,
		`grant_type=client_credentials&client_secret=` + secret + `&scopes=PublicApi.Access`,
		`/orders?token=` + secret + `&pageSize=1`, `/orders?pageSize=1;api_key=` + secret,
		`{"url":"https://user:` + secret + `@a.example/x"}`,
		`{"note":"Authorization: Bearer ` + secret + `"}`,
		`{"note":"` + token + `"}`,
		`{"tokens":["a","` + secret + `"],"x":1}`, `{"token": {"value": "` + secret + `"}}`, `{"client\u005fsecret":"` + secret + `"}`, `/orders?access%5Ftoken=` + secret,
		`/orders?a=b%26token=` + secret, `{"userPin":"` + secret + `"}`, `{"pinCode":"` + secret + `"}`, `{"otp":"` + secret + `"}`, `{"pwd":"` + secret + `"}`,
		`{"privateKey":"` + secret + `"}`, `{"mat_khau":"` + secret + `"}`, `/x?sig=` + secret, `{"credentials":"` + secret + `"}`,
		`{"pin":"` + secret + `"}`, `{"user_pin":` + secret + `}`,
	} {
		if got := requestlog.Clean(text); strings.Contains(got, secret) || strings.Contains(got, "c2lnbmF0dXJl") || !strings.Contains(got, "***") {
			t.Errorf("%s is stored as %s", text, got)
		}
	}
	for _, text := range []string{
		`{"branchId":1,"note":"giao cho chị Lan"}`, `{"shipping":"pin dự phòng","productName":"Pin tiểu"}`, `{"description":"mật khẩu wifi ở quầy"}`, `/products?name=pin`,
		`{"url":"https://a.example/x"}`,
	} {
		if got := requestlog.Clean(text); got != text {
			t.Errorf("%s is stored as %s", text, got)
		}
	}
	if got := requestlog.Clean(strings.Repeat("ă", requestlog.BodyMax)); len(got) != requestlog.BodyMax || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("a long body has %d bytes", len(got))
	}
	if got := requestlog.Clean("a\x00b\xff"); got != "a\uFFFDb\uFFFD" {
		t.Errorf("what databases do not take is stored as %q", got)
	}
}

// TestATokenRequestIsNotedWithoutItsSecrets, which belong into its body and not into its address.
func TestATokenRequestIsNotedWithoutItsSecrets(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		r := httptest.NewRequest(http.MethodPost, "/connect/token?grant_type=refresh_token&code=matkhau1&Code_Verifier=matkhau2&refresh_token=matkhau3&client_secret=matkhau4&id_token_hint=matkhau5&token=matkhau6", nil)
		s.NoteToken(r, "yeu-cau-1", oauth.Client{RetailerID: s.actor.Retailer, ClientID: "x"}, "invalid_grant", "Sai")
		s.flush()
		all := s.list(s.actor, requestlog.Filter{})
		if len(all) != 1 || strings.Contains(all[0].Path, "matkhau") || !strings.Contains(all[0].Path, "grant_type=refresh_token&code=***") {
			t.Errorf("noted is %+v", all)
		}
	})
}
