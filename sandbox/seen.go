package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
)

// Request is one that the shop was sent. Secrets are masked, and long bodies cut.
type Request struct {
	Number    int64
	Method    string
	Path      string // with its query
	Operation string // such as createOrder; empty for an unknown path
	Header    map[string]string
	Body      string
	Status    int
	Answer    string
	Fault     string // of the rule that had it fail
}

// Requests are those that the shop was sent, the oldest first; the first 500 that are kept.
func (s *Shop) Requests() []Request {
	s.tb.Helper()
	var answer struct{ Data []Request }
	s.must(http.MethodGet, s.path("/requests?limit=500"), nil, &answer)
	return answer.Data
}

// ForgetRequests empties the log, for what a test does before its program runs.
func (s *Shop) ForgetRequests() {
	s.tb.Helper()
	s.must(http.MethodDelete, s.path("/requests"), nil, nil)
}

// Expectation is what the shop should have been asked for: at least once, unless it says otherwise.
type Expectation struct {
	Method  string
	Path    string // * is any part
	Times   int64  // exactly
	AtLeast int64
	AtMost  int64
	Never   bool
	Body    any               // a part of it: what it does not name is not compared
	Query   map[string]any    // likewise
	Header  map[string]string // likewise
	Status  int               // of the answer
}

// wire is the expectation as the sandbox reads it.
func (e *Expectation) wire() map[string]any {
	with := map[string]any{}
	if e.Body != nil {
		with["body"] = e.Body
	}
	if e.Query != nil {
		with["query"] = e.Query
	}
	if e.Header != nil {
		with["header"] = e.Header
	}
	w := map[string]any{"method": e.Method, "path": e.Path, "with": with, "status": e.Status}
	for name, n := range map[string]int64{"times": e.Times, "atLeast": e.AtLeast, "atMost": e.AtMost} {
		if n > 0 {
			w[name] = n
		}
	}
	if e.Never {
		w["times"] = 0
	}
	return w
}

// Expect fails the test, which goes on, unless the shop was asked as expected.
func (s *Shop) Expect(all ...Expectation) {
	s.tb.Helper()
	s.expect(false, all)
}

// ExpectInOrder is [Shop.Expect] for requests of which each came after those of the expectation before.
func (s *Shop) ExpectInOrder(all ...Expectation) {
	s.tb.Helper()
	s.expect(true, all)
}

func (s *Shop) expect(ordered bool, all []Expectation) {
	s.tb.Helper()
	wanted := []map[string]any{}
	for i := range all {
		wanted = append(wanted, all[i].wire())
	}
	s.should("expect", map[string]any{"expectations": wanted, "inOrder": ordered})
}

// should asks whether something holds, and fails the test with what does not.
func (s *Shop) should(what string, body any) {
	s.tb.Helper()
	if _, err := s.server.call(http.MethodPost, s.path("/"+what), body); err != nil {
		s.tb.Errorf("sandbox: %v", err)
	}
}

// State is what is in the shop. Names of branches are in Vietnamese, as the shop has them.
type State struct {
	Stock     map[string]map[string]Level        // by code of the product, and name of the branch
	Debts     Debts                              //
	Cash      map[string]map[string]taphoa.Money // by name of the branch, and method
	Documents map[string]map[string]int64        // how many, by kind (orders, invoices, …) and statusValue
	Webhooks  []Webhook
}

// Level is what a branch has of a product.
type Level struct{ OnHand, Reserved taphoa.Quantity }

// Debts are those of customers, who owe the shop, and to suppliers, by code.
type Debts struct{ Customers, Suppliers map[string]taphoa.Money }

// Webhook is a registration, with what came of its deliveries.
type Webhook struct {
	Type, URL  string
	IsActive   bool
	Deliveries []struct {
		Type, Outcome    string
		Status, Attempts int64
	}
}

// State returns what is in the shop at this instant.
func (s *Shop) State() (state State) {
	s.tb.Helper()
	s.must(http.MethodGet, s.path("/state"), nil, &state)
	return state
}

// ExpectState fails the test, which goes on, unless the shop's state has these parts: any value whose JSON is a part of it, such as
// map[string]any{"documents": map[string]any{"orders": map[string]any{"Phiếu tạm": 1}}}.
func (s *Shop) ExpectState(part any) {
	s.tb.Helper()
	s.should("assert", part)
}

// Difference is something that the program does and that would differ at KiotViet.
type Difference struct {
	ID        string // as in docs/vendor-differences.md
	Operation string
	Title     string
	Advice    string
	Count     int64
	Details   []string
}

// Differences are those of the requests so far, but for those with these ids.
func (s *Shop) Differences(but ...string) []Difference {
	s.tb.Helper()
	var report struct{ Differences []Difference }
	s.must(http.MethodGet, s.path("/report"), nil, &report)
	return slices.DeleteFunc(report.Differences, func(d Difference) bool { return slices.Contains(but, d.ID) })
}

// ExpectNoDifferences fails the test, which goes on, for what would differ at KiotViet, but for the differences with these ids.
func (s *Shop) ExpectNoDifferences(but ...string) {
	s.tb.Helper()
	for _, d := range s.Differences(but...) {
		s.tb.Errorf("sandbox: at KiotViet %s would differ: %s (%s, %s). %s", d.Operation, d.Title, d.ID, strings.Join(d.Details, ", "), d.Advice)
	}
}

// logSeen has the test's log say what the shop was asked for, and what of it failed.
func (s *Shop) logSeen() {
	report, err := s.server.call(http.MethodGet, s.path("/report?format=text"), nil)
	if err != nil {
		s.tb.Logf("sandbox: no report: %v", err)
		return
	}
	var b strings.Builder
	for _, r := range s.Requests() {
		if r.Status >= http.StatusBadRequest || r.Fault != "" {
			fmt.Fprintf(&b, "#%d %s %s → %d %s%.300s\n", r.Number, r.Method, r.Path, r.Status, r.Fault, r.Answer)
		}
	}
	s.tb.Logf("what the sandbox was asked for:\n%s%s", report, b.String())
}
