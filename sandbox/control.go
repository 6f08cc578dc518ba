package sandbox

import (
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
)

// Fault has some requests, or some webhooks, fail as they may at KiotViet. docs/sandbox.md lists the faults and their members.
type Fault struct {
	Fault string `json:"fault"` // token, refuse, limit, status, delay, cut, half, stale; of webhooks late, double, reorder, lose

	Method string `json:"method,omitzero"` // of the requests; any unless given
	Path   string `json:"path,omitzero"`   // with * for any part, /** at the end for all that follows; any unless given
	Hook   string `json:"hook,omitzero"`   // instead: the type of webhooks, or *

	Calls       []int64 `json:"calls,omitzero"` // those with these numbers, from 1; all unless given
	After       int64   `json:"after,omitzero"` // those after this number
	Times       int64   `json:"times,omitzero"` // at most this number of them
	Probability float64 `json:"probability,omitzero"`
	Seed        uint64  `json:"seed,omitzero"` // of the probability

	Status       int    `json:"status,omitzero"`
	Message      string `json:"message,omitzero"`
	ErrorCode    string `json:"errorCode,omitzero"`
	Milliseconds int64  `json:"milliseconds,omitzero"`
	RetryAfter   int64  `json:"retryAfter,omitzero"` // seconds
	Writes       int    `json:"writes,omitzero"`

	Matched int64 `json:"matched,omitzero"` // in what [Shop.Faults] returns: the calls that the rule is about
	Fired   int64 `json:"fired,omitzero"`   // those of them that have failed
}

// SetFaults replaces the rules of the shop by these; none ends all faults.
func (s *Shop) SetFaults(rules ...Fault) {
	s.tb.Helper()
	s.must(http.MethodPut, s.path("/faults"), map[string][]Fault{"rules": rules}, nil)
}

// Faults returns the rules, with how often each has matched and fired.
func (s *Shop) Faults() []Fault {
	s.tb.Helper()
	var answer struct{ Rules []Fault }
	s.must(http.MethodGet, s.path("/faults"), nil, &answer)
	return answer.Rules
}

// Now is what the shop's clock shows.
func (s *Shop) Now() time.Time {
	s.tb.Helper()
	var answer struct{ Now taphoa.Time }
	s.must(http.MethodGet, s.path("/clock"), nil, &answer)
	return answer.Now.Std()
}

// Advance moves the shop's clock. Tokens, pauses of webhooks, price books, promotions and vouchers follow it; it never goes back.
func (s *Shop) Advance(by time.Duration) {
	s.tb.Helper()
	s.setClock(map[string]any{"advance": by.String()})
}

// SetTime moves the shop's clock to an instant, not before what it shows.
func (s *Shop) SetTime(to time.Time) {
	s.tb.Helper()
	s.setClock(map[string]any{"now": taphoa.TimeOf(to)})
}

// Freeze stops the shop's clock, Run lets it go on.
func (s *Shop) Freeze() {
	s.tb.Helper()
	s.setClock(map[string]any{"frozen": true})
}

// Run lets the shop's clock go on.
func (s *Shop) Run() {
	s.tb.Helper()
	s.setClock(map[string]any{"frozen": false})
}

func (s *Shop) setClock(change map[string]any) {
	s.tb.Helper()
	s.must(http.MethodPut, s.path("/clock"), change, nil)
}

// Snapshot saves the shop as it is, under a name.
func (s *Shop) Snapshot(name string) {
	s.tb.Helper()
	s.must(http.MethodPost, s.path("/snapshots"), map[string]string{"name": name}, nil)
}

// Restore makes the shop what it was when the snapshot was saved. Tokens stay good.
func (s *Shop) Restore(name string) {
	s.tb.Helper()
	s.must(http.MethodPost, s.path("/snapshots/"+url.PathEscape(name)+"/restore"), nil, nil)
}

// path is one below the shop's.
func (s *Shop) path(below string) string { return "shops/" + url.PathEscape(s.Name) + below }

// must sends a request below /_sandbox, and fails the test unless it is done.
func (s *Shop) must(method, path string, body, answer any) {
	s.tb.Helper()
	text, err := s.server.call(method, path, body)
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer, json.MatchCaseInsensitiveNames(true))
	}
	if err != nil {
		s.tb.Fatalf("sandbox: %s %s: %v", method, path, err)
	}
}
