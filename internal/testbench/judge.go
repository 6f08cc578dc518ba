package testbench

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/taphoa/taphoa/internal/api"
)

// Bounds of what is remembered of all requests of a fork, whatever a client sends.
const (
	operationsMax = 300
	namesMax      = 300 // of an operation
	detailsMax    = 10  // of a difference in an operation
	unpackedMax   = 4 << 20
	textMax       = 200 // bytes of a name or detail
)

// judged is what a request says and what of it would differ at the vendor.
type judged struct {
	api.Explained
	found []foundDifference
}

type foundDifference struct {
	id      string
	details []string
}

// summary is what all requests of a fork come to.
type summary struct {
	first, last *Request // by number
	count       int64
	operations  map[string]*operationSummary
	order       []string
}

type operationSummary struct {
	api.Explained // of the first request, without its names
	method        string
	count         int64
	statuses      map[int]int64
	said          map[string]*saidSummary
	held          map[string]bool
	differences   map[string]*differenceSummary
}

type saidSummary struct {
	api.Said
	count int64
}

type differenceSummary struct {
	count   int64
	first   firstRequest
	details []string
}

// firstRequest names a request after it has left the log.
type firstRequest struct {
	Number int64  `json:"number"`
	Method string `json:"method"`
	URL    string `json:"path"`
}

// path is that of the request's URL, escaped.
func (n *Request) path() string {
	path, _, _ := strings.Cut(n.URL, "?")
	return path
}

func (n *Request) query() string {
	_, query, _ := strings.Cut(n.URL, "?")
	return query
}

// body is the request's body, unpacked.
func (n *Request) body() []byte { return unpacked(n.Header, n.Body) }

// answer is the beginning of the answer, unpacked.
func (n *Request) answer() []byte { return unpacked(n.Sent, n.Answer) }

func unpacked(h http.Header, body []byte) []byte {
	if !strings.EqualFold(h.Get("Content-Encoding"), "gzip") {
		return body
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	text, _ := io.ReadAll(io.LimitReader(r, unpackedMax)) // what was kept may break off
	return text
}

// judgeKept judges the requests that are not judged yet, in their order. q.mu is held.
func (q *requests) judgeKept() {
	for _, n := range q.kept {
		q.judge(n)
	}
}

// judge looks at a request once. q.mu is held.
func (q *requests) judge(n *Request) {
	if n.judged != nil {
		return
	}
	n.judged = &judged{Explained: api.Explain(n.Method, n.path(), n.query(), n.Header.Get("Content-Type"), n.body())}
	if n.Cut {
		n.judged.Unreadable = ""
	}
	for i := range Differences() {
		d := &Differences()[i]
		if details := d.detect(&q.watch, n, &n.judged.Explained); len(details) > 0 {
			for i := range details {
				details[i] = q.masked(details[i], textMax)
			}
			n.judged.found = append(n.judged.found, foundDifference{d.ID, details})
		}
	}
	for i := range n.judged.Said {
		s := &n.judged.Said[i]
		s.Name, s.Documented, s.Text = q.masked(s.Name, textMax), q.masked(s.Documented, textMax), ""
	}
	n.judged.Unreadable = q.masked(n.judged.Unreadable, textMax)
	q.summary.add(q, n)
}

// add counts a request.
func (s *summary) add(q *requests, n *Request) {
	if s.count++; s.first == nil {
		s.first = &Request{Number: n.Number, At: n.At}
	}
	s.last = &Request{Number: n.Number, At: n.At}
	o := s.operation(n)
	o.count++
	o.statuses[n.Status]++
	for _, said := range n.judged.Said {
		key := said.In + " " + said.Name
		if o.said[key] == nil {
			if len(o.said) == namesMax {
				continue
			}
			o.said[key] = &saidSummary{Said: said}
		}
		o.said[key].count++
	}
	if n.Status < http.StatusMultipleChoices {
		api.AnswerHeld(n.judged.Operation, n.answer(), func(member string) { o.held[member] = true })
	}
	for _, found := range n.judged.found {
		d := o.differences[found.id]
		if d == nil {
			d = &differenceSummary{first: firstRequest{n.Number, n.Method, q.masked(n.URL, textMax)}}
			o.differences[found.id] = d
		}
		d.count++
		for _, text := range found.details {
			if text != "" && len(d.details) < detailsMax && !slices.Contains(d.details, text) {
				d.details = append(d.details, text)
			}
		}
	}
}

// operation is where a request is counted: at its operation, else at its method and path, of which there are not too many.
func (s *summary) operation(n *Request) *operationSummary {
	key, e := n.judged.Operation, n.judged.Explained
	if key == "" {
		path := n.path()
		key = n.Method + " " + strings.ToValidUTF8(path[:min(len(path), textMax)], "")
		e.Path = strings.TrimPrefix(key, n.Method+" ")
	}
	if s.operations[key] == nil && len(s.operations) >= operationsMax {
		key, e = "…", api.Explained{Path: "…"}
	}
	if s.operations[key] == nil {
		if s.operations == nil {
			s.operations = map[string]*operationSummary{}
		}
		e.Said, e.Unreadable = nil, ""
		s.operations[key] = &operationSummary{
			Explained: e, method: n.Method,
			statuses: map[int]int64{}, said: map[string]*saidSummary{}, held: map[string]bool{}, differences: map[string]*differenceSummary{},
		}
		s.order = append(s.order, key)
	}
	return s.operations[key]
}
