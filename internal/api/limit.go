package api

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/taphoa/taphoa"
)

// getsPerHour is the vendor's limit (contract authentication, rules).
const getsPerHour = 5000

const hour = 3600 * 1_000_000

// limiter counts each client's GET requests in clock hours.
type limiter struct {
	mu   sync.Mutex
	hour taphoa.Time
	used map[string]int
}

// take counts a request and refuses it when the hour's are used up.
func (l *limiter) take(w http.ResponseWriter, client string, now taphoa.Time) error {
	l.mu.Lock()
	if current := now - now%hour; l.used == nil || current != l.hour {
		l.hour, l.used = current, map[string]int{}
	}
	l.used[client]++
	used, left := l.used[client], (l.hour+hour-now)/1_000_000+1
	l.mu.Unlock()
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(getsPerHour))
	w.Header().Set("X-RateLimit-RequestCount", strconv.Itoa(used))
	if used <= getsPerHour {
		return nil
	}
	w.Header().Set("Retry-After", strconv.FormatInt(int64(left), 10))
	return &taphoa.Error{
		Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
		Message: "Vượt quá " + strconv.Itoa(getsPerHour) + " yêu cầu GET mỗi giờ, hãy thử lại sau",
	}
}
