package testbench

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/taphoa/taphoa"
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
		refuse(w, statuses[taphoa.KindRefused], &taphoa.Error{
			Code: cmp.Or(r.ErrorCode, taphoa.CodeBusiness), Message: cmp.Or(r.Message, "Yêu cầu bị từ chối theo quy tắc lỗi của sandbox"),
		})
	case "limit":
		after := cmp.Or(r.RetryAfter, 1)
		h.Set("Retry-After", strconv.FormatInt(after, 10))
		h.Set("X-RateLimit-Limit", "5000")
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-RequestCount", "5000")
		h.Set("X-RateLimit-Reset", strconv.FormatInt(f.clock.Now().Std().Unix()+after, 10))
		refuse(w, http.StatusTooManyRequests, &taphoa.Error{Code: taphoa.CodeRateLimited, Message: "Vượt quá 5000 yêu cầu GET mỗi giờ, hãy thử lại sau"})
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
	}
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
