package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// listens opens a stream of events, or a feed that waits, of a client.
func (s *server) listens(token, path, accept string) *http.Response {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Retailer": {"abc"}, "Accept": {accept}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { answer.Body.Close() })
	return answer
}

// TestStreamsEndWithTheirToken has clients with streams of two servers while they are revoked, or lose
// the right to events, by a third process.
func TestStreamsEndWithTheirToken(t *testing.T) {
	eachEngine(t, func(t terminal) {
		const promised, stream = 5 * time.Second, "text/event-stream"
		t.do("shop", "create", "abc", "ABC")
		revoked, revokedSecret := t.client("create", "--name", "Cũ")
		rotated, rotatedSecret := t.client("create", "--name", "Kho")
		kept, keptSecret := t.client("create", "--name", "Web")
		t.do("user", "create", "lan", "Chị Lan")
		t.do("user", "roles", "lan", "1")
		ofLan, lansSecret := t.client("create", "--name", "Của Lan", "--user", "lan")
		first, second := t.serve(), t.serve()
		quiet := first.listens(first.token(revoked, revokedSecret), "/events", stream)
		busy := second.listens(second.token(rotated, rotatedSecret), "/events", stream)
		owns := first.listens(first.token(ofLan, lansSecret), "/events", stream)
		web := caller{t.T, second.base, "abc", second.token(kept, keptSecret)}
		stays := second.listens(web.token, "/events", stream)
		waiting := make(chan int, 1)
		waiter := first.token(revoked, revokedSecret)
		go func() { waiting <- first.listens(waiter, "/events?wait=25&types=order.update", "").StatusCode }()

		stop, selling := make(chan struct{}), make(chan struct{})
		go func() { // so that a stream that is never silent is looked at, too
			defer close(selling)
			for {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
					web.must(http.MethodPost, "/customers", `{"name":"Khách"}`, &struct{}{})
				}
			}
		}()
		time.Sleep(300 * time.Millisecond)
		t.do("client", "revoke", revoked)
		t.do("client", "rotate", rotated)
		t.do("user", "roles", "lan", "2") // who manages sees no events
		start := time.Now()
		for name, answer := range map[string]*http.Response{"revoked": quiet, "rotated": busy, "person's": owns} {
			cut := time.AfterFunc(2*promised, func() { answer.Body.Close() })
			_, err := io.Copy(io.Discard, answer.Body)
			if took := time.Since(start); took > promised || err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the stream of the %s client ended %v later, %v", name, took, err)
			}
			cut.Stop()
		}
		select {
		case status := <-waiting:
			if status != http.StatusUnauthorized {
				t.Errorf("who waited is told %d", status)
			}
		case <-time.After(max(0, promised-time.Since(start))):
			t.Error("a revoked client still waits")
		}
		close(stop)
		<-selling
		web.must(http.MethodPost, "/customers", `{"name":"Chị Hoa sau cùng"}`, &struct{}{})
		for lines := bufio.NewScanner(stays.Body); ; {
			if !lines.Scan() {
				t.Fatal("the stream of a client that was not revoked has ended")
			}
			if strings.Contains(lines.Text(), "Chị Hoa sau cùng") {
				return
			}
		}
	})
}
