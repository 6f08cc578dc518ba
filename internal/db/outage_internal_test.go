package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheBeginningOfAnOutageIsWaitedFor(t *testing.T) {
	ended := 0
	o := outage{over: func() { ended++ }}
	at := time.Now()
	for _, step := range []struct {
		after time.Duration
		wait  bool
	}{
		{0, true},
		{time.Second, true},
		{patience + time.Millisecond, false},
		{time.Minute, false},
		{3 * time.Minute, true}, // nothing has failed for so long that this is another outage
	} {
		if got := o.note(at.Add(step.after)); got != step.wait {
			t.Errorf("after %v it may be over soon: %v", step.after, got)
		}
	}
	if o.end(); o.lasts() || ended != 1 {
		t.Errorf("after its end it lasts: %v, ended %d times", o.lasts(), ended)
	}
	if o.end(); ended != 1 {
		t.Error("it ended again")
	}
	if !o.note(at.Add(4 * time.Minute)) {
		t.Error("the next one is not waited for")
	}
}

// TestAnOutageHasALineASecondAndOneAtItsEnd reports a thousand failures of both kinds within ten seconds, from several places.
func TestAnOutageHasALineASecondAndOneAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, nil))
		d := &DB{}
		d.reading.over, d.writing.over = d.available, d.available
		bug := errors.New("a bug")
		for i := range 1000 {
			d.reading.note(time.Now())
			d.writing.note(time.Now())
			d.Report(context.Background(), log, []string{"request failed", "token request", "webhooks: a round failed"}[i%3],
				fmt.Errorf("%w: away", []error{ErrUnavailable, ErrStorage}[i%2]), "path", i)
			if i < 3 {
				d.Report(context.Background(), log, "request failed", bug)
			}
			time.Sleep(10 * time.Millisecond)
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		if n := strings.Count(text.String(), "suppressed="); n < 9 || n > 11 || len(lines) != n+3 {
			t.Errorf("ten seconds have %d lines, of which %d about the outage:\n%s", len(lines), n, text.String())
		}
		if !strings.Contains(text.String(), "path=0 ") || !strings.Contains(text.String(), "suppressed=99") {
			t.Errorf("no example, or not how many more there were:\n%s", text.String())
		}
		text.Reset()
		d.reading.end()
		if text.Len() > 0 {
			t.Errorf("it is over before writes are stored: %s", text.String())
		}
		for range 3 {
			d.writing.end()
			d.reading.end()
		}
		if strings.Count(text.String(), "available again") != 1 || !strings.Contains(text.String(), "failed=1000 ") || !strings.Contains(text.String(), "after=10s") {
			t.Errorf("at the end: %s", text.String())
		}
		text.Reset()
		d.Report(context.Background(), log, "request failed", ErrDamaged)
		d.writing.note(time.Now())
		if d.writing.end(); strings.Count(text.String(), "\n") != 1 {
			t.Errorf("damage does not pass: %s", text.String())
		}
	})
}
