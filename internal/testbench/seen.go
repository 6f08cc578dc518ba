package testbench

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/requestlog"
)

const (
	shownBodyMax = 16 << 10 // bytes of a body, and of an answer
	shownMax     = 500      // requests
	shownUsually = 100
	mask         = "***"
)

// Shown is a request with what is to be seen of it: without secrets.
type Shown struct {
	Number      int64             `json:"number"`
	At          taphoa.Stamp      `json:"at"`
	Took        int64             `json:"took"` // microseconds
	Host        string            `json:"host"`
	Method      string            `json:"method"`
	Path        string            `json:"path"` // with its query
	Operation   string            `json:"operation"`
	Ours        bool              `json:"ours,omitzero"`
	Status      int               `json:"status"`
	Header      map[string]string `json:"header"`
	Body        string            `json:"body"`
	Answer      string            `json:"answer"`
	Said        []api.Said        `json:"said"`
	Unreadable  string            `json:"unreadable,omitzero"`
	Fault       string            `json:"fault,omitzero"` // of the rule that had it fail
	Differences []ShownDifference `json:"differences"`
}

// ShownDifference is one in a request.
type ShownDifference struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Details []string `json:"details"`
}

// secretHeaders are those whose value is not shown.
var secretHeaders = regexp.MustCompile(`(?i)auth|cookie|secret|token|passw|api-?key|signature`)

// masked is the beginning of a text without the secrets that a program sends, and without the fork's own.
func (q *requests) masked(text string, most int) string {
	const more = 4 << 10 // a secret that begins before the end
	text = text[:min(len(text), most+more)]
	for _, secret := range q.secrets {
		text = strings.ReplaceAll(text, secret, mask)
	}
	return requestlog.Mask(text, most)
}

// maskedBody is masked for a body. The names in one of several parts are not next to their values: it is left out.
func (q *requests) maskedBody(h http.Header, body []byte) string {
	if strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "multipart/") {
		return "(multipart)"
	}
	return q.masked(string(body[:min(len(body), shownBodyMax+8<<10)]), shownBodyMax)
}

// show shows a judged request. q.mu is held.
func (q *requests) show(n *Request, language string) Shown {
	s := Shown{
		Number: n.Number, At: taphoa.Stamp(taphoa.TimeOf(n.At)), Took: n.Took.Microseconds(), Host: q.masked(n.Host, textMax), Method: q.masked(n.Method, textMax),
		Path: q.masked(n.URL, 2<<10), Operation: n.judged.Operation, Ours: n.judged.Ours, Status: n.Status, Header: map[string]string{},
		Body: q.maskedBody(n.Header, n.body()), Answer: q.maskedBody(n.Sent, n.answer()), Said: n.judged.Said, Unreadable: n.judged.Unreadable, Fault: n.Fault,
		Differences: []ShownDifference{},
	}
	for name, values := range n.Header {
		value := q.masked(strings.Join(values, ", "), 1<<10)
		if secretHeaders.MatchString(name) {
			value = mask
		}
		if len(s.Header) < 50 {
			s.Header[q.masked(name, textMax)] = value
		}
	}
	for _, found := range n.judged.found {
		details := slices.DeleteFunc(slices.Clone(found.details), func(text string) bool { return text == "" })
		s.Differences = append(s.Differences, ShownDifference{found.id, difference(found.id).Title.In(language), details})
	}
	return s
}

// seenQuery is what of the log is asked for.
type seenQuery struct {
	after     int64
	operation string
	status    int
	limit     int
	newest    bool // the last ones, instead of the first after a number
	language  string
}

// list returns requests by their numbers, and the number of the last one.
func (q *requests) list(in seenQuery) (all []Shown, last int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.judgeKept()
	var found []*Request
	for _, n := range q.kept {
		if n.Number > in.after && (in.operation == "" || strings.EqualFold(in.operation, n.judged.Operation)) && (in.status == 0 || in.status == n.Status) {
			found = append(found, n)
		}
	}
	switch extra := len(found) - in.limit; {
	case extra > 0 && in.newest:
		found = found[extra:]
	case extra > 0:
		found = found[:in.limit]
	}
	all = []Shown{}
	for _, n := range found {
		all = append(all, q.show(n, in.language))
	}
	return all, q.number
}

// forget empties the log and all that it came to. The numbers go on.
func (q *requests) forget() (count int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.judgeKept()
	count = q.summary.count
	fresh := newWatch(q.watch.retailer)
	fresh.anyRetailer = q.watch.anyRetailer
	q.kept, q.bytes, q.summary, q.watch = nil, 0, summary{}, fresh
	return count
}

func numberOf(r *http.Request, name string) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, taphoa.Unreadable(name, "%s phải là số nguyên không âm", name)
	}
	return n, nil
}

// seenQueryOf reads a query of the log.
func seenQueryOf(r *http.Request) (in seenQuery, err error) {
	after, err := numberOf(r, "after")
	if err != nil {
		return in, err
	}
	status, err := numberOf(r, "status")
	if err != nil {
		return in, err
	}
	limit, err := numberOf(r, "limit")
	if limit == 0 {
		limit = shownUsually
	}
	return seenQuery{
		after: after, operation: r.URL.Query().Get("operation"), status: int(min(status, 1000)), limit: int(min(limit, shownMax)), language: languageOf(r),
	}, err
}

// languageOf is the language of a report: what ?lang= says, else English.
func languageOf(r *http.Request) string {
	if strings.EqualFold(r.URL.Query().Get("lang"), vietnamese) {
		return vietnamese
	}
	return "en"
}

// forkOf is the fork that a request is about.
func (s *Sandbox) forkOf(r *http.Request) (*Fork, error) {
	name := r.PathValue("fork")
	if name == "" {
		name = r.URL.Query().Get("fork")
	}
	return s.peek(name)
}

// peek returns the fork of a name; that someone looks at it is no use of it.
func (s *Sandbox) peek(name string) (*Fork, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.forks[name]; f != nil {
		return f, nil
	}
	return nil, s.missing(name)
}

func (s *Sandbox) listRequests(r *http.Request) (any, error) {
	f, err := s.forkOf(r)
	if err != nil {
		return nil, err
	}
	in, err := seenQueryOf(r)
	if err != nil {
		return nil, err
	}
	all, last := f.seen.list(in)
	return struct {
		Fork string  `json:"fork"`
		Last int64   `json:"last"`
		Data []Shown `json:"data"`
	}{f.Name, last, all}, nil
}

func (s *Sandbox) forgetRequests(r *http.Request) (any, error) {
	f, err := s.forkOf(r)
	if err != nil {
		return nil, err
	}
	return struct {
		Forgotten int64 `json:"forgotten"`
	}{f.seen.forget()}, nil
}
