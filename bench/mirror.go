package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/taphoa/taphoa/internal/testbench"
)

const (
	mirrorDocuments = 50_000
	mirrorRequests  = 640 // that a first pull may take, with its tokens
	mirrorCut       = 100 // requests after which a pull is killed
)

// benchMirror copies a shop of 10,000 products and 50,000 invoices that keeps to the vendor's limits, by the program itself: whole, again
// when nothing has changed, masked, and killed again and again.
func benchMirror(program, dir string) error {
	source, err := newMirrorSource(program, dir)
	if err != nil {
		return err
	}
	defer source.close()
	plain := sqliteFile(dir, "mirror")
	first, err := source.pull(program, plain)
	if err != nil {
		return err
	}
	fmt.Printf("a first pull: %v; %s\n  %s\n", first, within(len(first.requests), mirrorRequests), first.byPath())
	again, err := source.pull(program, plain)
	if err != nil {
		return err
	}
	fmt.Printf("the next pull, nothing has changed: %v\n", again)
	verified, err := source.run(program, plain, "verify")
	if err != nil {
		return err
	}
	fmt.Printf("verify: %v; %s\n", verified, verified.said)
	masked, err := source.pull(program, sqliteFile(dir, "masked"), "--mask")
	if err != nil {
		return err
	}
	fmt.Printf("a first pull with --mask: %v\n", masked)
	return source.measureCuts(program, sqliteFile(dir, "cut"))
}

// measureCuts kills pulls until one is through.
func (s *mirrorSource) measureCuts(program, database string) error {
	s.cutAfter = mirrorCut
	asked, sum, runs, most := map[string]bool{}, 0, 0, 0
	for done := false; !done; runs++ {
		run, err := s.pull(program, database)
		if done = err == nil; !done && !run.killed {
			return err
		}
		repeated := map[string]int{}
		for _, r := range run.requests {
			if asked[r] && strings.Contains(r, "currentItem=") {
				where, _, _ := strings.Cut(r, "?")
				repeated[where]++
				most = max(most, repeated[where])
			}
			asked[r] = true
		}
		sum += len(run.requests)
	}
	fmt.Printf("killed after every %d requests: %d runs with %d requests; a run repeats %s of a list (the bound is 1)\n", mirrorCut, runs, sum, plural(most, "page"))
	s.cutAfter = 0
	verified, err := s.run(program, database, "verify")
	if err == nil {
		fmt.Printf("  %s\n", verified.said)
	}
	return err
}

func plural(n int, of string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s at most", n, of)
	}
	return fmt.Sprintf("%d %ss at most", n, of)
}

// mirrorSource is a live shop that notes what it is asked for.
type mirrorSource struct {
	server  *httptest.Server
	sandbox *testbench.Sandbox

	mu       sync.Mutex
	requests []string
	cutAfter int // requests after which the reader is killed; 0: none
	reader   *os.Process
	killed   bool
}

func newMirrorSource(program, dir string) (*mirrorSource, error) {
	database := sqliteFile(dir, "source")
	if err := errors.Join(fillListsBy(program, database, mirrorDocuments, createUnpaid), withSQL(database, ageShop)); err != nil {
		return nil, err
	}
	s := &mirrorSource{sandbox: testbench.New(testbench.Options{
		Dir: filepath.Join(dir, "live"), Log: slog.New(slog.DiscardHandler), MaxBytes: 16 << 30, VendorLimits: true,
	})}
	err := s.sandbox.AddFile(context.Background(), testbench.DefaultTemplate, strings.TrimPrefix(database, "sqlite:"))
	if err == nil {
		var shop *testbench.Fork
		shop, err = s.sandbox.Create(context.Background(), testbench.ForkInput{
			Name: "live", Retailer: shopCode(0), ClientID: clientID(0), ClientSecret: clientSecret,
		})
		s.sandbox.SetDefault(shop)
	}
	if err != nil {
		return nil, errors.Join(err, s.sandbox.Close())
	}
	s.server = httptest.NewServer(s)
	return s, nil
}

func (s *mirrorSource) close() {
	s.server.Close()
	_ = s.sandbox.Close()
}

func (s *mirrorSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.String())
	if s.cutAfter > 0 && len(s.requests) > s.cutAfter {
		s.killed = true
		_ = s.reader.Kill()
	}
	s.mu.Unlock()
	s.sandbox.ServeHTTP(w, r)
}

// mirrorRun is a run of a command of the mirror.
type mirrorRun struct {
	took     time.Duration
	cpu      time.Duration
	memory   float64 // MiB at most
	requests []string
	killed   bool
	said     string // its last line
}

func (r mirrorRun) String() string {
	return fmt.Sprintf("%d requests in %v, %v of processor, at most %.0f MiB", len(r.requests), r.took.Round(10*time.Millisecond), r.cpu.Round(10*time.Millisecond), r.memory)
}

// byPath is how often each path was asked for.
func (r mirrorRun) byPath() string {
	n := map[string]int{}
	for _, address := range r.requests {
		where, _, _ := strings.Cut(address, "?")
		n[path.Base(where)]++
	}
	var b []string
	for _, where := range slices.Sorted(maps.Keys(n)) {
		b = append(b, fmt.Sprintf("%s %d", where, n[where]))
	}
	return strings.Join(b, ", ")
}

func (s *mirrorSource) pull(program, database string, flags ...string) (mirrorRun, error) {
	return s.run(program, database, "pull", flags...)
}

// run runs a command of the mirror.
func (s *mirrorSource) run(program, database, command string, flags ...string) (r mirrorRun, err error) {
	c := exec.Command(program, append([]string{
		"mirror", command, "--database", database, "--retailer", shopCode(0), "--client-id", clientID(0), "--api", s.server.URL,
	}, flags...)...)
	c.Env = append(os.Environ(), "TAPHOA_LANG=en", "TAPHOA_MIRROR_CLIENT_SECRET="+clientSecret)
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	s.mu.Lock()
	s.requests, s.killed = nil, false
	began := time.Now()
	err = c.Start()
	s.reader = c.Process
	s.mu.Unlock()
	if err == nil {
		err = c.Wait()
	}
	r.took = time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	r.requests, r.killed = s.requests, s.killed
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if r.said = lines[len(lines)-1]; err != nil {
		return r, fmt.Errorf("mirror %s: %w: %s", command, err, r.said)
	}
	r.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = float64(usage.Maxrss) / 1024
	}
	return r, nil
}

// createUnpaid sells as [createInvoices], but for no money: the invoices are all documents that the shop has.
func createUnpaid(s *shop, base string) error {
	if err := s.findRecords(base); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(3, 3))
	for range seedInvoices {
		sale := strings.Replace(s.sale(random), `"totalPayment":20000,`, "", 1)
		if err := s.send(base, "POST", "/invoices", sale, nil); err != nil {
			return err
		}
	}
	return nil
}

// ageShop lets two days go by: what was just made is no change that a pull has missed.
func ageShop(q sqlConn) error {
	var faults []error
	for _, table := range []string{"products", "stock_levels", "customers", "invoices", "branches", "users", "categories"} {
		faults = append(faults, q.exec(fmt.Sprintf("UPDATE %s SET changed_at = changed_at - 172800000000 WHERE retailer_id = %s", table, retailerID(0))))
	}
	return errors.Join(faults...)
}
