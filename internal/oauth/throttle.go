package oauth

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/taphoa/taphoa/internal/throttle"
)

// logDelay logs that wrong credentials delay a client.
func logDelay(d throttle.Delay) {
	if !clientIDPattern.MatchString(d.Caller) {
		d.Caller = "" // any text, of any length
	}
	slog.Warn("token requests are delayed", "network", d.Network, "client", d.Caller, "delay", d.Delay.String(),
		"client_failures", d.Failures, "network_failures", d.AllInNetwork)
}

// Throttled returns how many token requests were refused because of failures before them.
func (s *Service) Throttled() int64 { return s.throttle.Refused() }

// throttledError is how long a caller has to wait.
type throttledError time.Duration

// seconds returns the time to wait, rounded up.
func (e throttledError) seconds() int64 { return throttle.Seconds(time.Duration(e)) }

func (e throttledError) Error() string { return fmt.Sprintf(vietnamese.throttled, e.seconds()) }
