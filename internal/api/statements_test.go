package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

const statementsFile = "testdata/statements.txt"

// onSalesPath matches the targets of orders, invoices, returns and payments.
var onSalesPath = regexp.MustCompile(`(?i)^/(orders|invoices|returns|payments)\b`)

// isSale reports whether a step is a write of the sales path that succeeds.
func isSale(step *apitest.Step) bool {
	return step.Method != http.MethodGet && onSalesPath.MatchString(step.Target) && step.Succeeds()
}

// stepCost is what a step asks of the database.
type stepCost struct {
	statements int64 // without BEGIN, COMMIT and the shop's head
	roundTrips int64 // to PostgreSQL, BEGIN and COMMIT among them; -1 on SQLite
}

func (c stepCost) String() string { return fmt.Sprintf("%3d %3d", c.statements, c.roundTrips) }

// TestNoStepOfASaleNeedsMoreStatements counts the statements of each write of the sales path in the transcripts that
// succeeds, and on PostgreSQL its round trips. A step may need less than statements.txt says, but not more; -update writes
// the file.
func TestNoStepOfASaleNeedsMoreStatements(t *testing.T) {
	t.Parallel()
	var (
		mu    sync.Mutex
		costs = map[string]stepCost{}
		order []string
	)
	all := slices.DeleteFunc(scripts(t), func(s *apitest.Script) bool {
		before := len(order)
		for i := range s.Steps {
			if step := &s.Steps[i]; isSale(step) {
				order = append(order, nameOf(s, step))
			}
		}
		return len(order) == before
	})
	t.Run("engines", func(t *testing.T) {
		for i, engine := range dbtest.Engines {
			if i > 0 && !*thorough && !apitest.Updating() { // the statements are the same, only round trips are counted there
				continue
			}
			for _, s := range all {
				t.Run(engine+"/"+s.Name(), func(t *testing.T) {
					t.Parallel()
					playCounted(t, engine, s, func(step *apitest.Step, c stepCost) {
						mu.Lock()
						defer mu.Unlock()
						was, known := costs[nameOf(s, step)]
						if known && was.statements != c.statements {
							t.Errorf("%s: %d statements on one engine, %d on the other", nameOf(s, step), was.statements, c.statements)
						}
						c.roundTrips = max(c.roundTrips, was.roundTrips)
						costs[nameOf(s, step)] = c
					})
				})
			}
		}
	})
	if apitest.Updating() {
		var text bytes.Buffer
		for _, name := range order {
			fmt.Fprintf(&text, "%v  %s\n", costs[name], name)
		}
		if err := os.WriteFile(statementsFile, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	allowed := readCosts(t)
	for name, c := range costs {
		most, known := allowed[name]
		delete(allowed, name)
		if !known || c.statements > most.statements || c.roundTrips > most.roundTrips {
			t.Errorf("%q needs %v statements and round trips, want at most %v; -update writes them down", name, c, most)
		}
	}
	for name := range allowed {
		if slices.Contains(order, name) == (len(costs) == len(order)) {
			t.Errorf("%s is in %s, but not in a transcript; -update takes it out", name, statementsFile)
		}
	}
}

// nameOf is what a step is called in the golden file.
func nameOf(s *apitest.Script, step *apitest.Step) string {
	return s.Name() + ": " + step.Method + " " + step.Target + ": " + step.Title
}

// playCounted sends the steps of a transcript and tells what those of the sales path cost.
func playCounted(t *testing.T, engine string, s *apitest.Script, count func(step *apitest.Step, c stepCost)) {
	t.Helper()
	d := apitest.Seeded(t, engine)
	inner, at := d.Handler, 0
	d.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		step := &s.Steps[at] // a step sends one request
		at++
		if !isSale(step) {
			inner.ServeHTTP(w, r)
			return
		}
		c := stepCost{roundTrips: roundTrips(t, d)}
		trace := &db.Trace{Statement: func(string, []any) { c.statements++ }}
		inner.ServeHTTP(w, r.WithContext(db.WithTrace(r.Context(), trace)))
		if c.roundTrips = roundTrips(t, d) - c.roundTrips; engine == "sqlite" {
			c.roundTrips = -1
		}
		count(step, c)
	})
	s.Play(t, d)
}

// roundTrips waits for the ends of reads, which nothing else waits for, and returns how many round trips there were so far.
func roundTrips(t *testing.T, d *apitest.Server) int64 {
	t.Helper()
	for range 10_000 {
		if s := d.DB.Stats(t.Context()); s.Pool.Busy == 0 {
			return s.RoundTrips
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("a connection is in use for ten seconds")
	return 0
}

// readCosts reads what the steps may cost.
func readCosts(t *testing.T) map[string]stepCost {
	t.Helper()
	costs := map[string]stepCost{}
	text, err := os.ReadFile(statementsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var c stepCost
		if _, err := fmt.Sscan(line, &c.statements, &c.roundTrips); err != nil || len(line) < len("999 999  ") {
			t.Fatalf("%q: %v", line, err)
		}
		costs[strings.TrimSpace(line[len("999 999  "):])] = c
	}
	return costs
}

// TestAnOrderAsksPostgreSQLForLittle sells three products again and again: what a shop hardly ever changes is known by then.
func TestAnOrderAsksPostgreSQLForLittle(t *testing.T) {
	t.Parallel()
	const (
		most   = 26 // statements, BEGIN and COMMIT among them
		orders = 20
	)
	d := apitest.Seeded(t, "postgres")
	body := fmt.Sprintf(`{"branchId":%d,"customerId":%d,"method":"Cash","orderDetails":[{"productCode":"TRA","quantity":1},`+
		`{"productCode":"TRA-HOP","quantity":2},{"productCode":"AO-M","quantity":3}]}`, d.ID("branch:CN1"), d.ID("customer:KH-HOA"))
	sell := func() {
		if a := d.Send(http.MethodPost, "/orders", body); a.Status != http.StatusOK {
			t.Fatalf("answered %d: %s", a.Status, a.Body)
		}
	}
	sell()
	sell()
	before := d.DB.Stats(t.Context())
	for range orders {
		sell()
	}
	after := d.DB.Stats(t.Context())
	statements := float64(after.Statements-before.Statements) / orders
	trips := float64(after.RoundTrips-before.RoundTrips) / orders
	t.Logf("an order takes %.1f statements in %.1f round trips", statements, trips)
	if statements > most {
		t.Errorf("an order takes %.1f statements, want at most %d", statements, most)
	}
}
