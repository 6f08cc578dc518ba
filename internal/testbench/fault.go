package testbench

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
)

// Rule has some requests to a fork, or some of its webhooks, fail as they may at the vendor: PUT /_sandbox/shops/{fork}/faults.
type Rule struct {
	Method string `json:"method,omitzero"` // of the requests; any unless given
	Path   string `json:"path,omitzero"`   // of the requests, with * for any part and ** at the end for all that follows; any unless given
	Hook   string `json:"hook,omitzero"`   // instead of requests: the type of webhooks, or * for all

	// Which of those that match, counted from 1 since the rule was made; all unless given.
	Calls       []int64 `json:"calls,omitzero"`
	After       int64   `json:"after,omitzero"` // those after so many
	Times       int64   `json:"times,omitzero"` // at most so many
	Probability float64 `json:"probability,omitzero"`
	Seed        uint64  `json:"seed,omitzero"` // of the probability: equal seeds choose equal calls

	Fault        string `json:"fault"`
	Status       int    `json:"status,omitzero"`                     // of the fault status; 503 unless given
	Message      string `json:"message,omitzero"`                    // of the fault refuse
	ErrorCode    string `json:"errorCode,omitzero" yaml:"errorCode"` // of the fault refuse
	Milliseconds int64  `json:"milliseconds,omitzero"`               // of the faults delay and late
	RetryAfter   int64  `json:"retryAfter,omitzero"`                 // seconds, of the faults limit and status
	Writes       int    `json:"writes,omitzero"`                     // of the fault stale: from before so many; 1 unless given

	Quirk   string `json:"quirk,omitzero"` // the one of the vendor's that the rule belongs to: see [faultsInput]
	Matched int64  `json:"matched"`        // how many have matched
	Fired   int64  `json:"fired"`          // how many of them have failed

	random *rand.Rand
}

// requestFaults are what may happen to a request, hookFaults to a webhook.
var (
	requestFaults = []string{"token", "refuse", "limit", "status", "delay", "cut", "half", "stale", "drift"}
	hookFaults    = []string{"late", "double", "reorder", "lose"}
)

// Bounds of rules.
const (
	rulesMax  = 100
	delayMax  = 60_000 // milliseconds
	writesMax = 20
)

func (r *Rule) validate(at int) error {
	refuse := func(member, format string, args ...any) error {
		field := fmt.Sprintf("rules[%d].%s", at, member)
		return taphoa.Refuse(taphoa.CodeValidate, field, "Quy tắc %d: "+format, append([]any{at + 1}, args...)...)
	}
	kinds := requestFaults
	if r.Hook != "" {
		kinds = hookFaults
	}
	switch {
	case !slices.Contains(kinds, r.Fault):
		return refuse("fault", "fault phải là một trong: %s", strings.Join(kinds, ", "))
	case r.Hook != "" && (r.Method != "" || r.Path != ""):
		return refuse("hook", "hook không đi cùng method và path")
	case r.Path != "" && !strings.HasPrefix(r.Path, "/"):
		return refuse("path", "path phải bắt đầu bằng /")
	case r.Probability < 0 || r.Probability > 1:
		return refuse("probability", "probability phải từ 0 đến 1")
	case r.After < 0:
		return refuse("after", "after không được âm")
	case r.Times < 0:
		return refuse("times", "times không được âm")
	case r.Milliseconds < 0 || r.Milliseconds > delayMax:
		return refuse("milliseconds", "milliseconds phải từ 0 đến %d", delayMax)
	case (r.Fault == "delay" || r.Fault == "late") && r.Milliseconds == 0:
		return refuse("milliseconds", "hãy cho biết chậm bao lâu (milliseconds)")
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return refuse("status", "status phải từ 400 đến 599")
	case r.RetryAfter < 0:
		return refuse("retryAfter", "retryAfter không được âm")
	case r.Writes < 0 || r.Writes > writesMax:
		return refuse("writes", "writes phải từ 1 đến %d", writesMax)
	case r.Matched != 0 || r.Fired != 0:
		return refuse("matched", "matched và fired do sandbox đếm, không gửi lên")
	case r.Quirk != "":
		return refuse("quirk", "tật của KiotViet được chọn bằng quirks, không phải bằng quy tắc")
	}
	if _, err := path.Match(r.Path, ""); err != nil {
		return refuse("path", "path không đúng mẫu")
	}
	r.Method = strings.ToUpper(r.Method)
	return nil
}

// matches reports whether a rule is about a request.
func (r *Rule) matches(method string, u *url.URL) bool {
	if r.Hook != "" || r.Method != "" && r.Method != method || r.Fault == "drift" && !drifts(method, u) {
		return false
	}
	at := strings.ToLower(strings.TrimRight(u.Path, "/"))
	pattern := strings.ToLower(strings.TrimRight(r.Path, "/"))
	if r.Path == "" {
		return true
	}
	if begin, all := strings.CutSuffix(pattern, "/**"); all {
		return at == begin || strings.HasPrefix(at, begin+"/")
	}
	found, _ := path.Match(pattern, at) // it was checked
	return found
}

// chooses counts what matches, and reports whether it is to fail.
func (r *Rule) chooses() bool {
	r.Matched++
	chosen := r.Probability == 0 || r.random.Float64() < r.Probability
	return chosen && r.Matched > r.After && (len(r.Calls) == 0 || slices.Contains(r.Calls, r.Matched)) && (r.Times == 0 || r.Fired < r.Times)
}

// faults are the rules of a fork.
type faults struct {
	mu    sync.Mutex
	rules []*Rule
	past  past
}

// set replaces the rules, all of them or none. Those of quirks come after the others.
func (f *faults) set(rules []*Rule, quirks []string) error {
	if len(rules) > rulesMax {
		return taphoa.Refuse(taphoa.CodeValidate, "rules", "Có tối đa %d quy tắc", rulesMax)
	}
	writes := 0
	for i, r := range rules {
		if r == nil {
			return taphoa.Refuse(taphoa.CodeValidate, fmt.Sprintf("rules[%d]", i), "Quy tắc %d không được là null", i+1)
		}
		if err := r.validate(i); err != nil {
			return err
		}
		if r.Fault == "stale" {
			r.Writes = max(r.Writes, 1)
			writes = max(writes, r.Writes)
		}
	}
	more, err := quirkRules(quirks)
	if err != nil {
		return err
	}
	rules = append(rules, more...)
	for _, r := range rules {
		r.random = rand.New(rand.NewPCG(r.Seed, r.Seed))
	}
	f.mu.Lock()
	f.rules = rules
	f.mu.Unlock()
	f.past.keep(writes)
	return nil
}

// list returns copies of the rules.
func (f *faults) list() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []Rule{}
	for _, r := range f.rules {
		all = append(all, *r)
	}
	return all
}

// of returns what happens to a request: how long it waits, and the first other fault; nil for none.
func (f *faults) of(q *http.Request) (wait time.Duration, fault *Rule) {
	return f.choose(func(r *Rule) bool { return r.matches(q.Method, q.URL) })
}

// ofHook is the same for a webhook of a type.
func (f *faults) ofHook(kind string) *Rule {
	_, fault := f.choose(func(r *Rule) bool { return r.Hook == "*" || r.Hook != "" && strings.EqualFold(r.Hook, kind) })
	return fault
}

func (f *faults) choose(about func(*Rule) bool) (wait time.Duration, fault *Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !about(r) || !r.chooses() {
			continue
		}
		switch {
		case r.Fault == "delay":
			r.Fired++
			wait += time.Duration(r.Milliseconds) * time.Millisecond
		case fault == nil: // else another rule was first
			r.Fired++
			chosen := *r
			fault = &chosen
		}
	}
	return wait, fault
}

// faultsInput is the body of PUT /_sandbox/shops/{fork}/faults. quirks are what the vendor is known to do wrong: the ids of
// [Differences] that have rules, or [AllQuirks].
type faultsInput struct {
	Quirks []string `json:"quirks"`
	Rules  []*Rule  `json:"rules"`
}

func (s *Sandbox) getFaults(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	return struct {
		Rules []Rule `json:"rules"`
	}{f.faults.list()}, nil
}

func (s *Sandbox) setFaults(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	var in faultsInput
	if err := readInput(r, &in); err != nil {
		return nil, err
	}
	if err := f.faults.set(in.Rules, in.Quirks); err != nil {
		return nil, err
	}
	return s.getFaults(r)
}
