package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// peak returns the peak memory of the process, in bytes.
func (p *process) peak() int64 {
	p.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		p.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ = strings.Cut(line, " kB")
	kib, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		p.Fatal(err)
	}
	return kib << 10
}

// TestSmallRequestsThatBecomeLargeDoNotFillTheMemory sends requests of a few bytes that would allocate gigabytes if all of
// them were decoded at once. The program serves others meanwhile.
func TestSmallRequestsThatBecomeLargeDoNotFillTheMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a process has had in memory is read from /proc")
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	id, secret := x.client("create", "--name", "Web")
	p := x.start()
	token := (&server{terminal: x, base: p.base}).token(id, secret)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	defer client.CloseIdleConnections()

	list := func(element string, count int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", count), ",") + "]"
	}
	lines := `{"invoiceDetails":` + list("{}", 250_000) + `}`
	for _, bomb := range []struct {
		name, body string
		packed     bool
		count      int
		answers    []int
	}{
		{"a quarter of a million lines, packed", lines, true, 256, []int{400}},
		{"a quarter of a million lines", lines, false, 16, []int{400}},
		{"as many lists of lines", `{"invoiceDetails":` + list(list("{}", 1_000), 250) + `}`, true, 24, []int{400}},
		{"taxes in lines", `{"invoiceDetails":` + list(`{"invoiceDetailTaxs":`+list("{}", 100)+`}`, 1_000) + `}`, true, 24, []int{400, 420}},
		{"products", `{"listProducts":` + list(`{"inventories":`+list("{}", 30)+`}`, 1_900) + `}`, true, 24, []int{400, 420}},
		{"a form", strings.Repeat("a[b][c][d][e][f]=&", 60_000), true, 24, []int{400}},
		{"more than a body may have", strings.Repeat(" ", 5<<20), true, 24, []int{413}},
	} {
		body, path := []byte(bomb.body), "/invoices"
		if strings.Contains(bomb.body, "listProducts") {
			path = "/listaddproducts"
		}
		if bomb.packed {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			if _, err := w.Write(body); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			body = b.Bytes()
		}
		var sending sync.WaitGroup
		start := time.Now()
		for range bomb.count {
			sending.Go(func() {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+path, bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header = http.Header{"Authorization": {"Bearer " + token}, "Retailer": {"abc"}}
				if bomb.packed {
					r.Header.Set("Content-Encoding", "gzip")
				}
				answer, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				answer.Body.Close()
				for _, status := range bomb.answers {
					if answer.StatusCode == status {
						return
					}
				}
				if answer.StatusCode == http.StatusTooManyRequests && time.Since(start) >= 5*time.Second {
					return // on a busy machine those before it took as long as a request waits for its share
				}
				t.Errorf("%s: %s", bomb.name, answer.Status)
			})
		}
		sending.Wait()
		took := time.Since(start)
		t.Logf("%s: %d of %d bytes answered in %v, at most %d MiB", bomb.name, bomb.count, len(body), took, p.peak()>>20)
		if took > 10*time.Second { // on a quiet machine one or two
			t.Errorf("%s: answered after %v", bomb.name, took)
		}
	}
	if most := p.peak(); most > 300<<20 {
		t.Errorf("the program has had %d MiB", most>>20)
	}
}
