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
}

func (q *Request) size() int { return len(q.Body) + len(q.Answer) + len(q.URL) + 1000 }

// requests are those of a fork.
type requests struct {
	mu     sync.Mutex
	kept   []*Request
	bytes  int
	number int64 // of the last one
}

// serve serves a request and notes it.
func (q *requests) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	n := &Request{At: time.Now(), Host: r.Host, Method: r.Method, URL: r.URL.RequestURI(), Header: r.Header.Clone()}
	body := &tee{ReadCloser: r.Body, max: requestBodyMax}
	r.Body = body
	answer := &answer{ResponseWriter: w, status: http.StatusOK, noted: n}
	defer func() {
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
		q.bytes -= q.kept[0].size()
		q.kept = q.kept[1:]
	}
}

// tee keeps the beginning of a body that is read.
type tee struct {
	io.ReadCloser
	max  int
	copy bytes.Buffer
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
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
