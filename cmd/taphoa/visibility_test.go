package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// get returns the response of a path without a token.
func (s *server) get(path string) (status int, text string) {
	s.Helper()
	answer, err := http.Get(s.base + path)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// until waits for a condition.
func (s *server) until(what string, is func() bool) {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			_, logged := s.text()
			s.Fatalf("still not so: %s; the log is\n%s", what, logged)
		}
	}
}

func TestAFullDiskIsReportedAndTheShopRecovers(t *testing.T) {
	disk := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	x := terminal{T: t, database: "sqlite:" + filepath.Join(disk, "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	id, secret := x.client("create", "--name", "Web")
	s := x.serve()
	c := caller{t, s.base, "abc", s.token(id, secret)}
	customer := func(n int) int {
		return c.call(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d","comments":%q}`, n, strings.Repeat("x", 1900)), new(any))
	}
	if status, text := s.get("/readyz"); status != http.StatusOK || customer(0) != http.StatusOK {
		t.Fatalf("on a disk with room: %d %s", status, text)
	}
	filler, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 32<<10); err == nil; {
		_, err = filler.Write(b)
	}
	filler.Close()
	if status, text := s.get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "its disk is full") {
		t.Errorf("on a full disk: %d %s", status, text)
	}
	status := http.StatusOK
	for n := 1; n < 100 && status == http.StatusOK; n++ { // what the log of the file has left is used first
		status = customer(n)
	}
	if status != http.StatusServiceUnavailable {
		t.Errorf("a write on a full disk gets %d", status)
	}
	var page struct{ Total int }
	c.must(http.MethodGet, "/customers", "", &page)
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	s.until("a write is stored again", func() bool { return customer(100) == http.StatusOK })
	s.until("it is ready again", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	var after struct{ Total int }
	c.must(http.MethodGet, "/customers", "", &after)
	if after.Total != page.Total+1 {
		t.Errorf("there were %d customers, and one more makes %d", page.Total, after.Total)
	}
	s.stop()
	s.ends()
	if out := x.do("check"); !strings.Contains(out, "OK") {
		t.Errorf("afterwards %s", out)
	}
}

func TestAWebhookToThisMachineIsReportedAndWorksWhenAllowed(t *testing.T) {
	eachEngine(t, func(x terminal) {
		came := make(chan string, 100)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came <- r.URL.Path }))
		defer receiver.Close()
		x.do("shop", "create", "abc", "ABC")
		id, secret := x.client("create", "--name", "Web")
		s := x.serve("--access-log")
		c := caller{x.T, s.base, "abc", s.token(id, secret)}
		var hook struct {
			ID       int
			Warnings []string
		}
		body := fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":"%s/hook?key=bimat"}}`, receiver.URL)
		c.must(http.MethodPost, "/webhooks", body, &hook)
		if len(hook.Warnings) != 1 || !strings.Contains(hook.Warnings[0], "--webhook-allow 127.0.0.1/32") {
			x.Errorf("the answer warns %q", hook.Warnings)
		}
		c.must(http.MethodPost, "/customers", `{"name":"An"}`, new(any))
		s.until("the failure is logged", func() bool { _, logged := s.text(); return strings.Contains(logged, `"webhook: fails"`) })
		_, figures := s.get("/metrics")
		s.stop()
		s.ends()
		_, logged := s.text()
		if strings.Count(logged, `"webhook: fails"`) != 1 || !strings.Contains(logged, "--webhook-allow 127.0.0.1/32 would allow it") || strings.Contains(logged, "bimat") ||
			!strings.Contains(logged, `"path":"/customers"`) {
			x.Errorf("the log is\n%s", logged)
		}
		if !strings.Contains(figures, `taphoa_webhook_deliveries_total{outcome="failed"} 1`) || !strings.Contains(figures, "taphoa_webhook_events_waiting 1\n") ||
			!strings.Contains(figures, `taphoa_webhook_registrations{state="failing"} 1`) {
			x.Errorf("/metrics:\n%s", figures)
		}

		s = x.serve("--webhook-allow", "127.0.0.1/32")
		c = caller{x.T, s.base, "abc", s.token(id, secret)}
		hook.Warnings = nil
		c.must(http.MethodPost, "/webhooks", body, &hook) // as scripts do when they start; it need not wait any longer then
		if len(hook.Warnings) != 0 {
			x.Errorf("allowed it still warns %q", hook.Warnings)
		}
		select {
		case path := <-came:
			if path != "/hook" {
				x.Errorf("%s was called", path)
			}
		case <-time.After(20 * time.Second):
			x.Error("nothing comes")
		}
		s.until("it is counted", func() bool {
			_, figures := s.get("/metrics")
			return strings.Contains(figures, `taphoa_webhook_deliveries_total{outcome="delivered"} 1`)
		})
		s.stop()
		s.ends()
	})
}
