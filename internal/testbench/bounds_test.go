package testbench_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

// TestForksAreMadeAndRemovedAtOnce: whatever happens to a fork while it is used, it is answered, refused with the bound, or unknown.
func TestForksAreMadeAndRemovedAtOnce(t *testing.T) {
	b := open(t, testbench.Options{MaxForks: 3})
	expected := map[int]bool{http.StatusOK: true, 420: true, http.StatusServiceUnavailable: true}
	var made atomic.Int64
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 3 {
				name := fmt.Sprintf("ban-%d-%d", worker, i%2)
				if status, _, _ := b.do("POST", "/_sandbox/shops", `{"template":"empty","replace":true,"name":"`+name+`"}`); status == http.StatusOK {
					made.Add(1)
				}
				for _, step := range []string{
					"GET /branches", "POST /snapshots a", "POST /snapshots/a/restore", "GET /snapshots/a/changes", "GET /snapshots", "DELETE /snapshots/a", "DELETE ",
				} {
					method, path, _ := strings.Cut(step, " ")
					path, snapshot, _ := strings.Cut(path, " ")
					body, target := "", "/_sandbox/shops/"+name+path
					if snapshot != "" {
						body = `{"name":"a"}`
					}
					if path == "/branches" {
						target = path
					}
					status, _, text := b.do(method, target, body, "X-Taphoa-Sandbox: "+name)
					if !expected[status] && status != http.StatusUnauthorized {
						t.Errorf("%s %s: %d %s", method, target, status, text)
					}
				}
			}
		})
	}
	all.Wait()
	if made.Load() == 0 {
		t.Error("no fork was made")
	}
}

// TestASnapshotKeepsToTheBound: it makes room, and is refused where there is none.
func TestASnapshotKeepsToTheBound(t *testing.T) {
	var templates []struct {
		Name  string
		Bytes int64
	}
	all := open(t, testbench.Options{})
	all.ask(&templates, "GET", "/_sandbox/templates", "")
	bytes := templates[0].Bytes // of the default one
	b := open(t, testbench.Options{MaxBytes: bytes * 11 / 4})
	b.fork(`{"name":"one"}`)
	b.fork(`{"name":"two"}`)
	b.ask(nil, "POST", "/_sandbox/shops/two/snapshots", `{"name":"a"}`) // one makes room
	status, _, text := b.do("GET", "/branches", "", "X-Taphoa-Sandbox: one")
	if status != http.StatusServiceUnavailable || !strings.Contains(text, " MB") {
		t.Errorf("the one that made room: %d %s", status, text)
	}
	if status, h, text := b.do("POST", "/_sandbox/shops/two/snapshots", `{"name":"b"}`); status != http.StatusServiceUnavailable ||
		!strings.Contains(text, " MB") || h.Get("Retry-After") == "" {
		t.Errorf("a second snapshot: %d %s", status, text)
	}
	b.ask(nil, "GET", "/_sandbox/shops/two/snapshots", "") // it is still there
	var health struct{ Bytes, MaxBytes int64 }
	if b.ask(&health, "GET", "/_sandbox/health", ""); health.Bytes > health.MaxBytes {
		t.Errorf("%d bytes are kept of %d", health.Bytes, health.MaxBytes)
	}
}

// TestAForkThatCannotBeMadeLeavesNothing, and one is not made in a sandbox that ends.
func TestAForkThatCannotBeMadeLeavesNothing(t *testing.T) {
	b := open(t, testbench.Options{})
	if err := b.AddTemplate(t.Context(), "gone", testbench.Empty); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(b.Dir(), "templates", "gone.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(t.Context(), testbench.ForkInput{Name: "mot", Template: "gone"}); err == nil {
		t.Error("a fork is made of nothing")
	}
	var forks []any
	if b.ask(&forks, "GET", "/_sandbox/shops", ""); len(forks) > 0 {
		t.Errorf("it left %v", forks)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 4 {
				_, err := b.Create(context.Background(), testbench.ForkInput{Template: "empty"})
				if err != nil && !errors.Is(err, testbench.ErrClosed) {
					t.Error(err)
				}
			}
		})
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(b.Dir(), "forks", "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v %v", left, err)
	}
}
