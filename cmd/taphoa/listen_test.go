package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/event"
)

// screen is what a command that goes on prints.
type screen struct {
	terminal
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// shows waits until the pattern is on the screen, and answers what it has found.
func (s *screen) shows(pattern string) []string {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		text := s.text.String()
		s.mu.Unlock()
		if found := regexp.MustCompile(`(?m)` + pattern).FindStringSubmatch(text); found != nil {
			return found
		}
		if time.Now().After(end) {
			s.Fatalf("the screen does not show %s:\n%s", pattern, text)
		}
	}
}

// listen runs taphoa listen until the test ends.
func (t terminal) listen(args ...string) *screen {
	t.Helper()
	s := &screen{terminal: t}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan int, 1)
	go func() { done <- run(ctx, append([]string{"listen"}, args...), s, s, t.getenv) }()
	t.Cleanup(func() {
		cancel()
		if status := <-done; status != 0 {
			t.Errorf("listen ended with status %d: %s", status, s.text.String())
		}
	})
	s.shows(`^listening behind event \d+$`)
	return s
}

// hooks keeps what is posted to it, by path.
type hooks struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string][]string
	signed map[string]string // the last signature
}

func receiveHooks(t *testing.T) *hooks {
	h := &hooks{bodies: map[string][]string{}, signed: map[string]string{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies[r.URL.Path] = append(h.bodies[r.URL.Path], string(body))
		h.signed[r.URL.Path] = r.Header.Get("X-Hub-Signature")
		if r.URL.Path == "/refuse" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooks) at(path string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.bodies[path]...)
}

func (h *hooks) signature(path string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.signed[path]
}

func TestEveryTypeOfEventIsTriggered(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		for _, kind := range event.Types {
			out := t.do("trigger", kind, "--shop", "abc")
			if !regexp.MustCompile(`(?m)^\d+ ` + regexp.QuoteMeta(kind) + ` \S+ \d+(,\d+)*$`).MatchString(out) {
				t.Errorf("trigger %s prints\n%s", kind, out)
			}
		}
		t.refused("no event order.created: the types are branch.delete, branch.update, ", "trigger", "order.created", "--shop", "abc")
		t.refused("no demo shop: name with --shop", "trigger", "order.update")
		t.refused("there is no shop xyz", "trigger", "order.update", "--shop", "xyz")
		if out := t.do("check"); !strings.Contains(out, "abc: OK") {
			t.Errorf("check says %s", out)
		}
	})
}

func TestTheDemoShopIsTriggeredUnlessAnotherIsNamed(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "demo.db")}
	s := x.serve("--demo", "--database", x.database)
	x.do("shop", "create", "abc", "ABC")
	screen := x.listen("--url", s.base)
	out := x.do("trigger", "Invoice.Update")
	if !strings.Contains(out, " invoice.update ") || !strings.Contains(out, " stock.update ") {
		t.Errorf("trigger prints\n%s", out)
	}
	for line := range strings.Lines(out) {
		screen.shows("^" + regexp.QuoteMeta(strings.TrimSuffix(line, "\n")) + "$")
	}
	printed, _ := s.text()
	if !strings.Contains(printed, "taphoa trigger invoice.update --database "+x.database) || !strings.Contains(printed, demo.ClientSecret) {
		t.Errorf("the demo does not say how to try webhooks:\n%s", printed)
	}
}

func TestListenForwardsWhatAWebhookWouldSay(t *testing.T) {
	eachEngine(t, func(t terminal) {
		const secret = "bWF0a2hhdTEyMw=="
		t.do("shop", "create", "abc", "ABC")
		id, key := t.client("create", "--name", "Web")
		s := t.serve("--webhook-allow=127.0.0.1")
		c := caller{t.T, s.base, "abc", s.token(id, key)}
		h := receiveHooks(t.T)
		c.must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":"%s/real","Secret":%q}}`, h.URL, secret), new(any))
		direct := t.listen("--forward-to", h.URL+"/direct", "--secret", secret, "--types", "Customer.Update", "--print-json")
		remote := t.listen("--forward-to", h.URL+"/remote", "--secret", secret, "--types", "customer.update,stock.update",
			"--url", s.base+"/", "--shop", "abc", "--client-id", id, "--client-secret", key)
		refused := t.listen("--forward-to", h.URL+"/refuse", "--after", "0")
		nobody := t.listen("--forward-to", "http://127.0.0.1:1/")
		c.must(http.MethodPost, "/customers", `{"name":"Chị \"Mai\" & <em>"}`, new(any))

		line := direct.shows(`^\d+ customer.update 20\S+\+07:00 \d+$`)[0]
		direct.shows(`^    X-Hub-Signature: sha1=[0-9a-f]{64}$`)
		direct.shows(`^    \{"Id":"\S+","Attempt":1,"Notifications":\[\{"Action":"customer.update.\d+","Data":\[`)
		direct.shows(`^    -> 200 OK in \S+s$`)
		remote.shows("^" + regexp.QuoteMeta(line) + "$")
		refused.shows(`^    -> 403 Forbidden in \S+s: would end all deliveries to this address$`)
		nobody.shows(`^    -> .*connection refused in \S+s: would be tried again$`)
		for len(h.at("/real")) == 0 || len(h.at("/direct")) == 0 || len(h.at("/remote")) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		withoutID := func(body string) string { return regexp.MustCompile(`"Id":"[^"]*",`).ReplaceAllString(body, "") }
		want := h.at("/real")[0]
		for _, path := range []string{"/direct", "/remote"} {
			if got := h.at(path)[0]; withoutID(got) != withoutID(want) || !strings.HasPrefix(h.signature(path), "sha1=") {
				t.Errorf("%s got %s, signed %s; the webhook says %s", path, got, h.signature(path), want)
			}
		}
		t.refused("no event fly", "listen", "--types", "fly")
		t.refused("name the shop", "listen", "--url", s.base, "--client-id", id, "--client-secret", key)
		t.refused("answers 40", "listen", "--url", s.base, "--shop", "abc", "--client-id", id, "--client-secret", strings.Repeat("0F", 20))
	})
}

func TestListenSaysWhenAPositionIsNotKept(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		status, _, faults := t.try("listen", "--after", "1000")
		if status != 1 || !strings.Contains(faults, "There is no event 1000") {
			t.Errorf("status %d, %s", status, faults)
		}
	})
}

func TestEventsAreKeptAsLongAsTheOperatorWants(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		d := dbtest.Open(t, t.database, nil)
		err := d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			tx.Queue(`UPDATE events SET at = ? WHERE retailer_id = :retailer`, tx.Now.Add(-20*24*time.Hour))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		oldest := func(s *server) int64 {
			var feed struct{ Oldest int64 }
			caller{t.T, s.base, "abc", s.token(id, secret)}.must(http.MethodGet, "/events", "", &feed)
			return feed.Oldest
		}
		s := t.serve()
		time.Sleep(50 * time.Millisecond)
		if oldest(s) != 1 {
			t.Error("events of 20 days are gone after 30")
		}
		s.stop()
		s.ends()
		s = t.serve("--keep-events=19")
		for end := time.Now().Add(20 * time.Second); oldest(s) == 1; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("events of 20 days are kept for more than 19")
			}
		}
		t.refused("--keep-events: 0 is not from 1", "serve", "--addr=127.0.0.1:0", "--keep-events=0")
	})
}
