package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
)

// GetsPerHour is the vendor's limit (contract authentication, rules).
const GetsPerHour = 5000

const (
	second = 1_000_000
	hour   = 3600 * second
)

// limiter counts each client's GET requests in clock hours.
type limiter struct {
	mu    sync.Mutex
	hour  taphoa.Time
	began time.Time // when the first request of the hour came
	used  map[string]int
}

// take counts a request and refuses it when the hour's are used up. A clock that is put back makes no hour longer.
func (l *limiter) take(w http.ResponseWriter, client string, now taphoa.Time) error {
	l.mu.Lock()
	if current := now - now%hour; l.used == nil || current != l.hour || time.Since(l.began) >= time.Hour {
		l.hour, l.began, l.used = current, time.Now(), map[string]int{}
	}
	l.used[client]++
	used, end := l.used[client], l.hour+hour
	l.mu.Unlock()
	if used > GetsPerHour {
		return LimitExceeded(w.Header(), used, now, end)
	}
	tellLimit(w.Header(), used, end)
	return nil
}

func tellLimit(h http.Header, used int, end taphoa.Time) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(GetsPerHour))
	h.Set("X-RateLimit-RequestCount", strconv.Itoa(used))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, GetsPerHour-used)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64(end/second), 10)) // seconds since the epoch
}

// LimitExceeded is the refusal of a request beyond the vendor's limit, whose headers it sets; end is when the next hour begins.
func LimitExceeded(h http.Header, used int, now, end taphoa.Time) *taphoa.Error {
	tellLimit(h, used, end)
	h.Set("Retry-After", strconv.FormatInt(int64((end-now)/second)+1, 10))
	return &taphoa.Error{
		Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
		Message: "Vượt quá " + strconv.Itoa(GetsPerHour) + " yêu cầu GET mỗi giờ, hãy thử lại sau",
	}
}
