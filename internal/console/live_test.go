package console_test

import (
	"bufio"
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
)

// stream reads the lines of the live page.
func (p *person) stream(kinds string) (lines <-chan string) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.http.URL+"/console/live?kinds="+kinds, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	maps.Copy(r.Header, p.header)
	answer, err := p.browser.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != "text/event-stream" {
		p.t.Fatalf("%d %s", answer.StatusCode, got)
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			out <- s.Text()
		}
	}()
	return out
}

// next is the next line that begins so, or empty when the stream ends or the time is over.
func next(lines <-chan string, begin string, limit time.Duration) (line string, open bool) {
	over := time.After(limit)
	for {
		select {
		case line, open = <-lines:
			if !open || strings.HasPrefix(line, begin) {
				return line, open
			}
		case <-over:
			return "", true
		}
	}
}

// TestAPageIsToldOfChanges follows customers: a change is told within a second, that of another shop or kind is not, and the
// stream ends soon after the session.
func TestAPageIsToldOfChanges(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner, elsewhere := d.owner(), d.owner()
		lines := owner.stream("customer.update")
		if _, open := next(lines, "retry:", 5*time.Second); !open {
			t.Fatal("the stream has ended")
		}
		d.As(d.OtherShop).Send(http.MethodPost, "/customers", `{"name":"Của hàng xóm"}`)
		d.Send(http.MethodPut, "/products/1", `{"basePrice":77}`)
		if line, _ := next(lines, "event:", 500*time.Millisecond); line != "" {
			t.Errorf("told %q", line)
		}
		start := time.Now()
		d.create("/customers", `{"name":"Mới"}`)
		if line, _ := next(lines, "event: changed", 3*time.Second); line == "" || time.Since(start) > time.Second {
			t.Errorf("%q after %v", line, time.Since(start))
		}
		elsewhere.post("/console/account/sessions", map[string][]string{"do": {"others"}}).want(http.StatusOK)
		start = time.Now()
		if _, open := next(lines, "never", 8*time.Second); open || time.Since(start) > 5*time.Second {
			t.Errorf("the stream is open %v after the session", time.Since(start))
		}
		back := elsewhere.with("Last-Event-ID", "0").stream("customer.update")
		if line, _ := next(back, "event: changed", 3*time.Second); line == "" {
			t.Error("what happened while the browser was not connected is not told")
		}
		lines = elsewhere.stream("customer.update")
		_, _ = next(lines, "retry:", 5*time.Second)
		d.Handler.(*api.Server).Stop()
		if _, open := next(lines, "never", 3*time.Second); open {
			t.Error("a stream holds up the end of the server")
		}
		answer := d.visitor().alone().get("/console/live?kinds=customer.update")
		if answer.status != http.StatusSeeOther {
			t.Errorf("without a session: %d", answer.status)
		}
		if got := elsewhere.get("/console/live?kinds=nothing.known"); got.status >= http.StatusInternalServerError || got.header.Get("Content-Type") == "text/event-stream" {
			t.Errorf("of an unknown kind: %d", got.status)
		}
	})
}
