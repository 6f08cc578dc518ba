package testbench

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// Bounds of what is kept of the requests of a fork: the newest ones.
const (
	requestsMax      = 2000
	requestsBytesMax = 16 << 20
	requestBodyMax   = 256 << 10 // of a body, and of an answer
)

// Request is one that a fork was sent, with its answer.
type Request struct {
	Number int64
	At     time.Time
	Took   time.Duration
	Host   string
	Method string
	URL    string // path and query
	Header http.Header
	Body   []byte // its beginning
	Status int
	Sent   http.Header // of the answer
	Answer []byte      // its beginning, perhaps compressed
	Fault  string      // of the rule that had it fail; empty: none
	Cut    bool        // the body is longer

	judged *judged // once it was looked at
}

func (n *Request) size() int { return len(n.Body) + len(n.Answer) + len(n.URL) + 1000 }

// requests are those of a fork. They are judged when someone asks, or before they leave the log.
type requests struct {
	mu      sync.Mutex
	kept    []*Request
	bytes   int
	number  int64 // of the last one
	secrets []string
	watch   watch
	summary summary
}

// serve serves a request and notes it.
func (q *requests) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	n := &Request{At: time.Now(), Host: r.Host, Method: r.Method, URL: r.URL.RequestURI(), Header: r.Header.Clone()}
	body := &tee{ReadCloser: r.Body, max: requestBodyMax}
	r.Body = body
	answer := &answer{ResponseWriter: w, status: http.StatusOK, noted: n}
	defer func() {
		n.Cut = body.cut
		n.Took, n.Body, n.Status, n.Answer = time.Since(n.At), body.copy.Bytes(), answer.status, answer.copy.Bytes()
		q.add(n)
	}()
	next.ServeHTTP(answer, r)
}

func (q *requests) add(n *Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.number++
	n.Number = q.number
	q.kept = append(q.kept, n)
	q.bytes += n.size()
	for len(q.kept) > requestsMax || q.bytes > requestsBytesMax && len(q.kept) > 1 {
		q.judge(q.kept[0])
		q.bytes -= q.kept[0].size()
		q.kept = q.kept[1:]
	}
}

// tee keeps the beginning of a body that is read.
type tee struct {
	io.ReadCloser
	max  int
	cut  bool // there was more
	copy bytes.Buffer
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	t.cut = t.cut || n > t.max-t.copy.Len()
	t.copy.Write(b[:min(n, t.max-t.copy.Len())])
	return n, err
}

// answer keeps the beginning of an answer.
type answer struct {
	http.ResponseWriter
	noted  *Request
	status int
	begun  bool
	copy   bytes.Buffer
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if !a.begun {
		a.begun, a.status, a.noted.Sent = true, status, a.Header().Clone()
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	a.copy.Write(b[:min(len(b), requestBodyMax-a.copy.Len())])
	return a.ResponseWriter.Write(b)
}

// watchAny has any Retailer be right.
func (q *requests) watchAny(right bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.watch.anyRetailer = right
}

// secretMin is the length from which a secret is looked for in all texts: a shorter one may be any part of them.
const secretMin = 6

// keepSecret has a secret be masked wherever it is.
func (q *requests) keepSecret(secret string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(secret) >= secretMin && len(q.secrets) < callersMax {
		q.secrets = append(q.secrets, secret)
	}
}
