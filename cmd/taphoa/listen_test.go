package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// screen is the output of a running command.
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

// shows waits until the output matches a pattern, and returns the submatches.
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
	s.shows(`^listening after event \d+$`)
	return s
}

// hooks records the posted bodies by path.
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

func TestListenForwardsTheBodiesOfWebhooks(t *testing.T) {
	eachEngine(t, func(t terminal) {
		const secret = "bWF0a2hhdTEyMw=="
		t.do("shop", "create", "abc", "ABC")
		t.do("setting", "set", "WebhookSignature", "sha256")
		id, key := t.client("create", "--name", "Web")
		s := t.serve("--webhook-allow=127.0.0.1")
		c := caller{t.T, s.base, "abc", s.token(id, key)}
		h := receiveHooks(t.T)
		c.must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":"%s/real","Secret":%q}}`, h.URL, secret), new(any))
		host := strings.TrimPrefix(h.URL, "http://")
		direct := t.listen("--forward-to", host+"/direct", "--secret", secret, "--types", "Customer.Update", "--print-json")
		remote := t.listen("--forward-to", h.URL+"/remote", "--secret", secret, "--types", "customer.update,stock.update",
			"--url", strings.TrimPrefix(s.base, "http://")+"/", "--shop", "abc", "--client-id", id, "--client-secret", key)
		refused := t.listen("--forward-to", h.URL+"/refuse", "--after", "0")
		unreachable := t.listen("--forward-to", "http://127.0.0.1:1/")
		withPassword := t.listen("--forward-to", "lan:mat-khau@"+host+"/password")
		c.must(http.MethodPost, "/customers", `{"name":"Chị \"Mai\" & <em>"}`, new(any))

		line := direct.shows(`^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  --> customer.update        \[\d+\] +\d+$`)[0]
		signed := direct.shows(`^    X-Hub-Signature: (sha256=[0-9a-f]{64})$`)[1]
		body := direct.shows(`^    (\{"Id":"\S+","Attempt":1,"Notifications":\[\{"Action":"customer.update.\d+","Data":\[.*)$`)[1]
		direct.shows(`^\S+ \S+  <-- \[200\] POST ` + h.URL + `/direct in \d+ ms$`)
		remote.shows("^" + regexp.QuoteMeta(line) + "$")
		refused.shows(`^\S+ \S+  <-- \[403\] POST ` + h.URL + `/refuse in \d+ ms: would end all deliveries to this address$`)
		unreachable.shows(`^\S+ \S+  <-- POST http://127.0.0.1:1/ failed after \d+ ms: .*connection refused, would be tried again$`)
		withPassword.shows(`^\S+ \S+  <-- \[200\] POST ` + h.URL + `/password in \d+ ms$`)
		for len(h.at("/real")) == 0 || len(h.at("/direct")) == 0 || len(h.at("/remote")) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		withoutID := func(body string) string { return regexp.MustCompile(`"Id":"[^"]*",`).ReplaceAllString(body, "") }
		want := h.at("/real")[0]
		for _, path := range []string{"/direct", "/remote"} {
			if got := h.at(path)[0]; withoutID(got) != withoutID(want) || h.signature(path) != signatureOf("sha256=", secret, got) {
				t.Errorf("%s got %s, signed %s; the webhook says %s", path, got, h.signature(path), want)
			}
		}
		if body != h.at("/direct")[0] || signed != h.signature("/direct") {
			t.Errorf("printed is %s, signed %s", body, signed)
		}
		t.refused("no event fly", "listen", "--types", "fly")
		t.refused("no event customer.updated, did you mean customer.update?", "listen", "--types", "order.update,customer.updated")
		t.refused("name the shop", "listen", "--url", s.base, "--client-id", id, "--client-secret", key)
		t.refused("belong together", "listen", "--url", s.base, "--shop", "abc", "--client-id", id)
		t.refused("does not know the client "+id+" with this secret", "listen", "--url", s.base, "--shop", "abc", "--client-id", id,
			"--client-secret", strings.Repeat("0F", 20))
		t.refused("the client "+id+" is not one of the shop xyz", "listen", "--url", s.base, "--shop", "xyz", "--client-id", id,
			"--client-secret", key)
		t.refused("no server answers at http://127.0.0.1:1: connection refused", "listen", "--url", "127.0.0.1:1")
		t.refused("not as Taphoa does", "listen", "--url", h.URL)
	})
}

// signatureOf is what a webhook's signature must be (contract webhooks): of the secret as it is registered.
func signatureOf(prefix, secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return prefix + hex.EncodeToString(mac.Sum(nil))
}

func TestListenSignsWithASecretThatItPrints(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		h := receiveHooks(t.T)
		first, second := t.listen("--forward-to", h.URL+"/first"), t.listen("--forward-to", h.URL+"/second")
		t.do("trigger", "category.update", "--shop", "abc")
		secrets := map[string]string{}
		for path, screen := range map[string]*screen{"/first": first, "/second": second} {
			secrets[path] = screen.shows(`^secret: ([A-Za-z0-9+/]{24}) \(verify with it\)$`)[1]
			screen.shows(`category.delete .*\n.*<-- \[200\]`)
			bodies := h.at(path)
			if got, want := h.signature(path), signatureOf("sha1=", secrets[path], bodies[len(bodies)-1]); got != want {
				t.Errorf("signed %s, want %s", got, want)
			}
		}
		if secrets["/first"] == secrets["/second"] {
			t.Error("two listeners have one secret")
		}
	})
}

func TestAnAddressMayBeTypedWithoutHTTP(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"localhost:3000/hook": "http://localhost:3000/hook", "localhost": "http://localhost", "127.0.0.1/x": "http://127.0.0.1/x",
		"[::1]:3000": "http://[::1]:3000", "web:3000/hook": "http://web:3000/hook", "shop.example.com/a?b=c": "http://shop.example.com/a?b=c",
		"https://shop.example.com/hook": "https://shop.example.com/hook", "http://web/hook": "http://web/hook",
	} {
		if got, err := webAddress("--forward-to", typed); err != nil || got != want {
			t.Errorf("%s becomes %s, %v, want %s", typed, got, err, want)
		}
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "none.db")}
	for _, typed := range []string{"nonsense", "nonsense/hook", "ftp://localhost/hook", "http://", "http:///hook", "localhost:port", "local host:3000", "/hook", ":3000"} {
		x.refused(fmt.Sprintf("--forward-to: %q is no web address such as http://", typed), "listen", "--forward-to", typed)
	}
	for _, typed := range []string{"lan:mat/khau@nonsense", "http://lan:mat?khau@nonsense", "ftp://lan:mat-khau@nonsense"} {
		x.refused(`--forward-to: "@nonsense" is no web address`, "listen", "--forward-to", typed)
	}
	x.refused("no server answers at http://127.0.0.1:1: connection refused", "trigger", "order.update", "--url", "lan:mat-khau@127.0.0.1:1")
	x.refused(`--url: "nonsense" is no web address`, "trigger", "order.update", "--url", "nonsense")
	for _, command := range [][]string{{"listen"}, {"trigger", "order.update"}} {
		x.refused("or a running server with --url http://127.0.0.1:8080", command...)
	}
}

// TestListenGoesOnWhenTheServerIsBack uses a proxy in front of a server that is not available for a while.
func TestListenGoesOnWhenTheServerIsBack(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, key := t.client("create", "--name", "Web", "--admin")
		s := t.serve()
		base, err := url.Parse(s.base)
		if err != nil {
			t.Fatal(err)
		}
		var gone, asked, waits atomic.Int64
		forward := httputil.NewSingleHostReverseProxy(base)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if gone.Load() > 0 {
				asked.Add(1)
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			if r.URL.Query().Has("wait") {
				waits.Add(1)
			}
			forward.ServeHTTP(w, r)
		}))
		t.Cleanup(proxy.Close)
		proxied := t.listen("--url", proxy.URL, "--shop", "abc", "--client-id", id, "--client-secret", key, "--types", "branch.update,branch.delete")
		for waits.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		gone.Store(1)
		t.do("trigger", "branch.update", "--shop", "abc") // ends the call that waits
		proxied.shows(`--> branch.update .*\n(.*\n)?.*answers 502 Bad Gateway.*; trying again$`)
		t.do("trigger", "branch.delete", "--shop", "abc")
		for asked.Load() < 3 {
			time.Sleep(5 * time.Millisecond)
		}
		gone.Store(0)
		proxied.shows(`(?s)(.*--> branch.delete ){2}`)
		if text := proxied.shows(`(?s)^.*`)[0]; strings.Count(text, "trying again") != 1 {
			t.Errorf("a server that is gone is told more than once:\n%s", text)
		}
	})
}

func TestListenRefusesAPositionThatIsNotKept(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.refused("--after: 1000 is not from 0 to ", "listen", "--after", "1000")
		t.refused("--after: -1 is not from 0 to ", "listen", "--after=-1")
	})
}

func TestOnATerminalEventsHaveColour(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a device of characters, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	for _, test := range []struct {
		out    io.Writer
		getenv map[string]string
		want   string
	}{
		{terminal, nil, "\x1b[36morder.update\x1b[0m"},
		{terminal, map[string]string{"NO_COLOR": "1"}, "order.update"},
		{terminal, map[string]string{"TERM": "dumb"}, "order.update"},
		{new(bytes.Buffer), nil, "order.update"},
	} {
		p := &program{stdout: test.out, getenv: func(name string) string { return test.getenv[name] }}
		if got := p.style(cyan, "order.update"); string(got) != test.want {
			t.Errorf("with %v it is %q", test.getenv, got)
		}
	}
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
