package oauth

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
)

// TestNoClockKeepsAClientsRow is about the age of a row in the cache, by the clock and by the time that has passed.
func TestNoClockKeepsAClientsRow(t *testing.T) {
	const read = 1_000_000 * second
	for what, c := range map[string]struct {
		clock  taphoa.Time
		passed time.Duration
		fresh  bool
	}{
		"at once":                               {0, 0, true},
		"after four seconds":                    {4 * second, 4 * time.Second, true},
		"after five seconds":                    {5 * second, 5 * time.Second, false},
		"while the clock is put back, in all":   {1 * second, 5 * time.Second, false},
		"when the clock stands still":           {0, time.Hour, false},
		"when the clock was put back a day":     {-86_400 * second, 0, false},
		"when the clock was put forward a day":  {86_400 * second, 0, false},
		"after the machine has slept for hours": {7200 * second, time.Second, false},
	} {
		row := clientState{readAt: read, read: time.Now().Add(-c.passed)}
		if row.fresh(read+c.clock, clientMaxAge) != c.fresh {
			t.Errorf("%s it is fresh: %v", what, !c.fresh)
		}
	}
}
