package api_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
)

const dryRunHeader = "Taphoa-Dry-Run"

// dryRunner sends each write as a dry run first. It compares the answers and, for the first successes of each operation,
// what the shops have before and after the dry run.
type dryRunner struct {
	t     *testing.T
	d     *apitest.Server
	inner http.Handler
	mu    *sync.Mutex
	left  map[string]int // how often an operation is still to be tried with a comparison of the tables
}

// dryRunsCompared is how many dry runs of an operation are compared by the tables.
const dryRunsCompared = 2

func (h *dryRunner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := api.OperationAt(r.Method, r.URL.EscapedPath())
	if r.Method == http.MethodGet || operation == "" {
		h.inner.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	send := func(dry bool) apitest.Answer {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		if dry {
			again.Header.Set(dryRunHeader, "true")
		}
		return (&apitest.Server{Handler: h.inner}).Do(again)
	}
	compared := h.wants(operation)
	var ours, theirs apitest.Digest
	if compared {
		ours, theirs = h.d.Digest(h.d.Shop), h.d.Digest(h.d.OtherShop)
	}
	dry := send(true)
	if compared {
		differs := append(ours.Differs(h.d.Digest(h.d.Shop)), theirs.Differs(h.d.Digest(h.d.OtherShop))...)
		if differs != nil {
			h.t.Errorf("a dry run of %s has changed %s", operation, differs)
		}
	}
	real := send(false)
	if real.Status == http.StatusOK && compared {
		h.done(operation)
	}
	authenticated := real.Status != http.StatusUnauthorized && real.Status != http.StatusForbidden
	if authenticated != (dry.Header.Get(dryRunHeader) == "true") || real.Header.Get(dryRunHeader) != "" {
		h.t.Errorf("%s is answered with %q by a dry run and with %q after it", operation, dry.Header.Get(dryRunHeader), real.Header.Get(dryRunHeader))
	}
	replayed := real.Header.Get("Idempotency-Replayed") != ""
	if !replayed && (dry.Status != real.Status || !bytes.Equal(dry.Body, real.Body)) {
		h.t.Errorf("a dry run of %s answers\n%d %.3000s\nand after it the operation itself\n%d %.3000s", operation, dry.Status, dry.Body, real.Status, real.Body)
	}
	for name, values := range real.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(real.Status)
	_, _ = w.Write(real.Body)
}

func (h *dryRunner) wants(operation string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.left[operation] > 0
}

func (h *dryRunner) done(operation string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left[operation]--
}

// TestADryRunLeavesNothingBehind runs the transcripts with a dry run before each of their writes: the answers are those of
// the transcripts all the same, codes, ids and numbers of events included.
func TestADryRunLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for i, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			all := scripts(t)
			if i > 0 && !*thorough { // what the engines do differently shows in a few
				all = slices.DeleteFunc(all, func(s *apitest.Script) bool {
					return !strings.Contains(s.File, "/orders/") && !strings.Contains(s.File, "/returns/")
				})
			}
			var mu sync.Mutex
			left := map[string]int{}
			for _, r := range api.Routes() {
				if r.Method != http.MethodGet {
					left[r.Operation] = dryRunsCompared
				}
			}
			t.Run("all", func(t *testing.T) {
				for _, s := range all {
					t.Run(s.Name(), func(t *testing.T) {
						t.Parallel()
						d := apitest.Seeded(t, engine)
						d.Handler = &dryRunner{t: t, d: d, inner: d.Handler, mu: &mu, left: left}
						s.Run(t, d)
						checkEvents(t, d)
					})
				}
			})
			for operation, n := range left {
				if n == dryRunsCompared && len(all) == len(scripts(t)) {
					t.Errorf("no dry run of %s has succeeded", operation)
				}
			}
		})
	}
}

// TestADryRunSendsNoEvent: no event is stored, and no client that waits for one is woken.
func TestADryRunSendsNoEvent(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		changed := d.DB.Changed()
		before := d.Send(http.MethodGet, "/events", "")
		for _, key := range []string{"", "k"} {
			headers := []string{dryRunHeader, "true"}
			if key != "" {
				headers = append(headers, keyHeader, key)
			}
			a := d.Send(http.MethodPost, "/invoices", fillIn(d, oneTea), headers...)
			if code, _ := a.Get("$.code"); a.Status != http.StatusOK || code != `"HD000001"` && code != "HD000001" {
				t.Errorf("a dry run answers %d %s", a.Status, a.Body)
			}
		}
		select {
		case <-changed:
			t.Error("a dry run has woken who waits for changes")
		default:
		}
		if after := d.Send(http.MethodGet, "/events", ""); !bytes.Equal(before.Body, after.Body) {
			t.Errorf("the feed was %s, is %s", before.Body, after.Body)
		}
		d.Read(func(tx *db.Tx) error {
			totals, err := event.Count(tx)
			if totals.Kept != totals.Told {
				t.Errorf("%d events are kept of %d", totals.Kept, totals.Told)
			}
			return err
		})
		// A key that only dry runs have used is free.
		a := d.Send(http.MethodPost, "/invoices", fillIn(d, oneTea), keyHeader, "k")
		if a.Status != http.StatusOK || a.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("after dry runs: %d %s", a.Status, a.Body)
		}
		// A dry run is not answered with what is stored under its key.
		dry := d.Send(http.MethodPost, "/invoices", fillIn(d, oneTea), keyHeader, "k", dryRunHeader, "true")
		if dry.Header.Get("Idempotency-Replayed") != "" || bytes.Equal(dry.Body, a.Body) {
			t.Errorf("a dry run was answered with what is stored: %s", dry.Body)
		}
		again := d.Send(http.MethodPost, "/invoices", fillIn(d, oneTea), keyHeader, "k")
		if again.Header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(again.Body, a.Body) {
			t.Errorf("after a dry run with its key: %v %s", again.Header, again.Body)
		}
	})
}

func TestADryRunIsAskedForByTrueOrFalse(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	for value, want := range map[string]int{"true": 200, "True": 200, "false": 200, "": 400, "1": 400, "yes": 400, "true, true": 400} {
		a := d.Send(http.MethodPost, "/customers", `{"name":"Mai"}`, dryRunHeader, value)
		echoed := a.Header.Get(dryRunHeader) == "true"
		if a.Status != want || echoed != strings.EqualFold(value, "true") {
			t.Errorf("%q: %d %s, answered with %q", value, a.Status, a.Body, a.Header.Get(dryRunHeader))
		}
		if want == 400 && !strings.Contains(string(a.Body), "Tiêu đề "+dryRunHeader+" phải là true") {
			t.Errorf("%q is refused with %s", value, a.Body)
		}
	}
	if total, _ := d.Send(http.MethodGet, "/customers?name=Mai", "").Get("$.total"); total != "1" {
		t.Errorf("%s customers were made, want the one of false", total)
	}
}
