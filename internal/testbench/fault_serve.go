package testbench

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

// serveWithFaults passes a request to the server of the fork, unless a rule has it fail.
func (f *Fork) serveWithFaults(p *shop, w http.ResponseWriter, r *http.Request) {
	wait, fault := f.faults.of(r)
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return
		}
	}
	if noted, ok := w.(*answer); ok && (fault != nil || wait > 0) {
		noted.noted.Fault = "delay"
		if fault != nil {
			noted.noted.Fault = fault.Fault
		}
	}
	if fault == nil {
		f.faults.past.serve(f, p, w, r)
		return
	}
	fault.happen(f, p, w, r)
}

// happen answers a request as a rule says.
func (r *Rule) happen(f *Fork, p *shop, w http.ResponseWriter, q *http.Request) {
	h := w.Header()
	switch r.Fault {
	case "token":
		h.Set("WWW-Authenticate", "jwt")
		refuse(w, http.StatusUnauthorized, &taphoa.Error{Code: taphoa.CodeToken, Message: cmp.Or(r.Message, "Token đã hết hạn, hãy lấy token mới tại /connect/token")})
	case "refuse":
		refuse(w, api.StatusOf(taphoa.KindRefused), &taphoa.Error{
			Code: cmp.Or(r.ErrorCode, taphoa.CodeBusiness), Message: cmp.Or(r.Message, "Yêu cầu bị từ chối theo quy tắc lỗi của sandbox"),
		})
	case "limit":
		now := f.clock.Now()
		end := now.Add(time.Duration(cmp.Or(r.RetryAfter, 1))*time.Second) - 1 // Retry-After rounds up
		refuse(w, http.StatusTooManyRequests, api.LimitExceeded(h, api.GetsPerHour+1, now, end))
	case "status": // as a proxy in front of the API sends it: no JSON
		status := cmp.Or(r.Status, http.StatusServiceUnavailable)
		if r.RetryAfter > 0 {
			h.Set("Retry-After", strconv.FormatInt(r.RetryAfter, 10))
		}
		h.Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html><head><title>" + strconv.Itoa(status) + "</title></head><body><h1>" + http.StatusText(status) + "</h1></body></html>\n"))
	case "cut":
		f.faults.past.serve(f, p, &unsent{header: http.Header{}}, q)
		panic(http.ErrAbortHandler) // the connection ends without an answer
	case "half":
		whole := &unsent{header: http.Header{}}
		f.faults.past.serve(f, p, whole, q)
		whole.sendHalf(w)
		panic(http.ErrAbortHandler)
	case "stale":
		f.faults.past.serveOld(f, p, r.Writes, w, q)
	case "drift":
		f.faults.past.serve(f, p, w, r.drifted(q))
	}
}

// parameter returns the first value of a query's parameter, and the name as it is spelled.
func parameter(query url.Values, name string) (spelled, value string) {
	for key, values := range query {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return key, values[0]
		}
	}
	return "", ""
}

// offset returns how many rows a request for a list passes over, and how it spells that.
func offset(query url.Values) (spelled string, rows int) {
	spelled, value := parameter(query, "currentItem")
	rows, _ = strconv.Atoi(value) // what is no number is refused by the API
	return spelled, rows
}

// drifts reports whether a request is for a later page of a list without an order.
func drifts(method string, u *url.URL) bool {
	query := u.Query()
	_, rows := offset(query)
	_, order := parameter(query, "orderBy")
	return method == http.MethodGet && rows > 0 && order == ""
}

// drifted returns a request whose page begins one row later than it asks for, or, every other time, one row earlier.
func (r *Rule) drifted(q *http.Request) *http.Request {
	query := q.URL.Query()
	spelled, rows := offset(query)
	query.Set(spelled, strconv.Itoa(rows-1+2*int(r.Fired%2)))
	q = q.Clone(q.Context())
	q.URL.RawQuery = query.Encode()
	return q
}

// unsent keeps an answer instead of sending it.
type unsent struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (u *unsent) Header() http.Header { return u.header }

// WriteHeader implements [http.ResponseWriter].
func (u *unsent) WriteHeader(status int) { u.status = cmp.Or(u.status, status) }

// Write implements [http.ResponseWriter].
func (u *unsent) Write(b []byte) (int, error) {
	u.WriteHeader(http.StatusOK)
	return u.body.Write(b)
}

// sendHalf sends the head of the answer and half of its body.
func (u *unsent) sendHalf(w http.ResponseWriter) {
	for name, values := range u.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(u.body.Len()))
	w.WriteHeader(cmp.Or(u.status, http.StatusOK))
	_, _ = w.Write(u.body.Bytes()[:u.body.Len()/2])
	_ = http.NewResponseController(w).Flush() // else nothing of it is sent
}
