package api

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taphoa/taphoa"
)

// TestNoHourOfTheVendorsLimitIsLongerThanAnHour uses an hour up, and then changes the clock.
func TestNoHourOfTheVendorsLimitIsLongerThanAnHour(t *testing.T) {
	begin := taphoa.TimeOf(time.Date(2026, 11, 22, 9, 50, 0, 0, time.UTC))
	for what, c := range map[string]struct {
		passed, clock time.Duration
		refused       bool
	}{
		"ten minutes, the next hour": {10 * time.Minute, 10 * time.Minute, false},
		"nine minutes":               {9 * time.Minute, 9 * time.Minute, true},
		"an hour in which the clock was put back a minute":    {time.Hour, -time.Minute, false},
		"an hour in which the clock stood still":              {time.Hour, 0, false},
		"a second in which the clock was put back a day":      {time.Second, -24 * time.Hour, false},
		"a second in which the clock was put forward a month": {time.Second, 30 * 24 * time.Hour, false},
		"a minute in which the clock was put back a minute":   {time.Minute, -time.Minute, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var l limiter
			for range GetsPerHour {
				if err := l.take(httptest.NewRecorder(), "a", begin); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(c.passed)
			if err := l.take(httptest.NewRecorder(), "a", begin.Add(c.clock)); (err != nil) != c.refused {
				t.Errorf("after %s: %v", what, err)
			}
		})
	}
}
