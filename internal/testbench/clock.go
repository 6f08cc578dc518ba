package testbench

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
)

// clock is what a fork's instants, days and deadlines come from: the machine's, ahead of it, or stopped. It never goes back.
// Timeouts of connections and certificates go by the machine's.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration // of the machine's clock, while it runs
	stopped taphoa.Time   // what it shows while it is stopped; 0 while it runs
	last    taphoa.Time   // what it has shown: the machine's may go back
}

// Now returns the clock's instant.
func (c *clock) Now() taphoa.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *clock) read() taphoa.Time {
	now := c.stopped
	if now == 0 {
		now = taphoa.TimeOf(time.Now()).Add(c.ahead)
	}
	c.last = max(c.last, now)
	return c.last
}

// ClockInput changes a clock: PUT /_sandbox/shops/{fork}/clock. What is left out stays.
type ClockInput struct {
	Now     *taphoa.Time `json:"now"`     // to this instant, Vietnam time; not before the one that it shows
	Advance string       `json:"advance"` // by this time: 90s, 36h30m, 45d
	Frozen  *bool        `json:"frozen"`  // stop it, or let it run on
}

// ClockState is what a clock shows.
type ClockState struct {
	Now    taphoa.Time `json:"now"`
	Frozen bool        `json:"frozen"`
	Ahead  float64     `json:"aheadSeconds"` // of the machine's clock
}

// advancePattern is a number of days before what [time.ParseDuration] reads.
var advancePattern = regexp.MustCompile(`^(?:(\d{1,5})d)?\s*(.*)$`)

// parseAdvance returns a time that is not negative.
func parseAdvance(s string) (time.Duration, bool) {
	if s == "" {
		return 0, true
	}
	parts := advancePattern.FindStringSubmatch(s)
	if parts == nil { // more than one line
		return 0, false
	}
	days, _ := strconv.Atoi(parts[1]) // digits, or none
	rest := time.Duration(0)
	if parts[2] != "" {
		var err error
		if rest, err = time.ParseDuration(parts[2]); err != nil || rest < 0 {
			return 0, false
		}
	}
	if rest > math.MaxInt64-time.Duration(days)*24*time.Hour {
		return 0, false
	}
	return time.Duration(days)*24*time.Hour + rest, true
}

// clockLast is how far a clock goes: later dates leave no time for deadlines.
var clockLast = taphoa.TimeOf(time.Date(2199, 12, 31, 0, 0, 0, 0, taphoa.Vietnam))

// change applies an input, all of it or nothing.
func (c *clock) change(in *ClockInput) (ClockState, error) {
	by, ok := parseAdvance(in.Advance)
	if !ok {
		return ClockState{}, taphoa.Refuse(taphoa.CodeValidate, "advance", "advance phải là một khoảng thời gian không âm, ví dụ 90s, 36h30m hoặc 45d")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	to := now
	if in.Now != nil {
		if to = *in.Now; to < now {
			return ClockState{}, taphoa.Refuse(taphoa.CodeValidate, "now", "Đồng hồ không quay lại: now phải từ %s trở đi", now.String())
		}
	}
	if to = to.Add(by); to > clockLast {
		return ClockState{}, taphoa.Refuse(taphoa.CodeValidate, "now", "Đồng hồ không đi quá năm 2199")
	}
	stop := c.stopped != 0
	if in.Frozen != nil {
		stop = *in.Frozen
	}
	c.ahead, c.stopped = aheadOf(to), 0
	if stop {
		c.stopped = to
	}
	c.last = to
	return c.state(), nil
}

func (c *clock) state() ClockState {
	now := c.read()
	return ClockState{now, c.stopped != 0, aheadOf(now).Round(time.Second).Seconds()}
}

// aheadOf is how far an instant is ahead of the machine's clock.
func aheadOf(t taphoa.Time) time.Duration {
	return time.Duration(t-taphoa.TimeOf(time.Now())) * time.Microsecond
}

func (s *Sandbox) getClock(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	f.clock.mu.Lock()
	defer f.clock.mu.Unlock()
	return f.clock.state(), nil
}

func (s *Sandbox) setClock(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	var in ClockInput
	if err := readInput(r, &in); err != nil {
		return nil, err
	}
	return f.clock.change(&in)
}
