//go:build linux || darwin

package api_test

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/apitest"
)

// TestIdleConnectionsAreCheap opens connections that say nothing, and some that have had an answer: 10,000 with -long 1m,
// else fewer, since each has two file descriptors in a test.
func TestIdleConnectionsAreCheap(t *testing.T) {
	const most = 40 << 10 // bytes for a connection, with the client's half
	n := 1000
	if *long >= time.Minute {
		n = 10_000
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if fit := (int(min(limit.Cur, 1<<20)) - 500) / 2; n > fit {
		t.Logf("only %d connections: the system allows %d open files", fit, limit.Cur)
		n = fit
	}
	d := apitest.Seeded(t, "sqlite")
	s := onSocket(t, d, nil)
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := used()
	ask := s.head("GET", "/branches")
	b := make([]byte, 4<<10)
	for i := range n {
		c := s.dial()
		if i%100 == 0 {
			if _, err := io.WriteString(c, ask); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if each := (int(used()) - int(before)) / n; each > most {
		t.Errorf("an idle connection takes %d bytes", each)
	} else {
		t.Logf("%d connections, %d bytes each", n, each)
	}
	start := time.Now()
	c := s.dial()
	if _, err := io.WriteString(c, ask); err != nil {
		t.Fatal(err)
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || a.StatusCode != http.StatusOK || time.Since(start) > 2*time.Second {
		t.Errorf("beside them a request is answered after %v: %v, %v", time.Since(start), a, err)
	}
}
