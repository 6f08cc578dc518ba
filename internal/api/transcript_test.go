package api_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func scripts(t *testing.T) []*apitest.Script {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts: ", err)
	}
	all := make([]*apitest.Script, len(files))
	for i, file := range files {
		if all[i], err = apitest.ReadScript(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func writes(step *apitest.Step) bool { return step.Method != http.MethodGet }

// operationsOf are the operations that the chosen steps of a transcript show at work.
func operationsOf(s *apitest.Script, chosen func(*apitest.Step) bool) (all []string) {
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Succeeds() && chosen(step) {
			path, _, _ := strings.Cut(step.Target, "?")
			if operation := api.OperationAt(step.Method, path); operation != "" && !slices.Contains(all, operation) {
				all = append(all, operation)
			}
		}
	}
	return all
}

// byOperations are the transcripts, those that write with the most operations first.
func byOperations(t *testing.T) []*apitest.Script {
	t.Helper()
	all := scripts(t)
	slices.SortStableFunc(all, func(a, b *apitest.Script) int { return len(operationsOf(b, writes)) - len(operationsOf(a, writes)) })
	return all
}

// playUntilDone plays transcripts until each of the wanted operations has been shown by one of their chosen steps, and
// none of them any further than to its last wanted step. What watches the server takes an operation away when it is done.
func playUntilDone(t *testing.T, engine string, want map[string]bool, chosen func(*apitest.Step) bool, watch func(t *testing.T, d *apitest.Server)) {
	t.Helper()
	for _, s := range byOperations(t) {
		last := len(s.Steps)
		for ; last > 0; last-- {
			one := *s
			one.Steps = s.Steps[last-1 : last]
			if of := operationsOf(&one, chosen); len(of) > 0 && want[of[0]] {
				break
			}
		}
		if s.Steps = s.Steps[:last]; last > 0 {
			t.Run(s.Name(), func(t *testing.T) {
				d := apitest.Seeded(t, engine)
				watch(t, d)
				s.Play(t, d)
			})
		}
	}
}

// toBeTried are the writing operations that a test wants to see: on PostgreSQL those of the transcript that has the most. What
// the tests are about is done around the operations, by the same code for each, in the same transaction.
func toBeTried(t *testing.T, engine string, among func(*api.Route) bool) map[string]bool {
	t.Helper()
	want, most := map[string]bool{}, operationsOf(byOperations(t)[0], writes)
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet && among(&r) && (engine == "sqlite" || *thorough || slices.Contains(most, r.Operation)) {
			want[r.Operation] = true
		}
	}
	return want
}

// TestTranscripts sends what the transcripts say. The same answers come from both engines. After each write its answer and
// its events are what reading the records gives, no product has changed untold, and what the API keeps is what is stored.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		if apitest.Updating() && engine != dbtest.Engines[0] {
			continue // one engine writes; the next run compares the other
		}
		check, all := newRecordCheck(), scripts(t)
		var ran atomic.Int64
		t.Run(engine, func(t *testing.T) {
			for _, s := range all {
				t.Run(s.Name(), func(t *testing.T) {
					t.Parallel()
					d := apitest.Seeded(t, engine)
					kept, endOfProducts := watchKept(t, d, engine), func() {}
					if !dbtest.RaceDetector {
						endOfProducts = watchProducts(t, d, engine)
						check.watch(t, d)
					}
					endOfAudit := watchAudit(t, d)
					s.Run(t, d)
					checkEvents(t, d)
					endOfAudit()
					checkDates(t, d)
					endOfProducts()
					kept.end()
					ran.Add(1)
				})
			}
		})
		if !dbtest.RaceDetector && int(ran.Load()) == len(all) {
			check.judge(t)
		}
	}
}

// watchAudit checks at its end that each event since is that of an entry of the audit log.
func watchAudit(t *testing.T, d *apitest.Server) (end func()) {
	t.Helper()
	var before db.Head
	d.Read(func(tx *db.Tx) (err error) {
		before, err = tx.Head()
		return err
	})
	return func() {
		t.Helper()
		d.Read(func(tx *db.Tx) error {
			type unlogged struct {
				Seq  int64
				Type string
			}
			events, err := db.All[unlogged](tx, `
				SELECT e.seq, e.type FROM events e WHERE e.retailer_id = :retailer AND e.seq > ? AND NOT EXISTS (
					SELECT 1 FROM audit_log a WHERE a.retailer_id = :retailer AND a.first_seq <= e.seq AND a.last_seq >= e.seq)
				ORDER BY e.seq`, before.LastSeq)
			if len(events) > 0 {
				t.Errorf("no entry of the audit log has the events %v", events)
			}
			return err
		})
	}
}

// checkDates checks that each record shows as its last change the instant by which lists find it.
func checkDates(t *testing.T, d *apitest.Server) {
	t.Helper()
	deletable := d.TablesWith("deleted_at") // what is deleted is shown by its id alone
	for _, table := range d.TablesWith("created_date", "modified_date", "changed_at") {
		shown := ""
		if slices.Contains(deletable, table) {
			shown = " AND deleted_at = 0"
		}
		d.Read(func(tx *db.Tx) error {
			hidden, err := db.All[int64](tx, `SELECT id FROM `+table+`
				WHERE retailer_id = :retailer AND changed_at <> COALESCE(modified_date, created_date)`+shown+` ORDER BY id`)
			if len(hidden) > 0 {
				t.Errorf("%s: the records %v show another date than that of their change", table, hidden)
			}
			return err
		})
	}
}

// TestEveryOperationHasATranscript names the operations that no transcript shows at work.
func TestEveryOperationHasATranscript(t *testing.T) {
	shown, paths := map[string]bool{}, map[string]bool{}
	for _, s := range scripts(t) {
		for i := range s.Steps {
			step := &s.Steps[i]
			path, _, _ := strings.Cut(step.Target, "?")
			if step.Succeeds() {
				shown[api.OperationAt(step.Method, path)] = true
				paths[firstSegment(path)] = true
			}
		}
	}
	for _, r := range api.Routes() {
		if !shown[r.Operation] {
			t.Errorf("no transcript shows %s (%s %s) at work", r.Operation, r.Method, r.Paths[0])
		}
		for _, p := range r.Paths {
			if !paths[firstSegment(p)] {
				t.Errorf("no transcript calls a path under %s (%s)", firstSegment(p), r.Operation)
			}
		}
	}
}

func firstSegment(path string) string {
	segments := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return r == '/' })
	return "/" + segments[0]
}

// TestTranscriptsSayWhatTheyShow wants a sentence above each transcript and each of its steps.
func TestTranscriptsSayWhatTheyShow(t *testing.T) {
	for _, s := range scripts(t) {
		if !strings.HasPrefix(s.Head, "# ") {
			t.Errorf("%s does not begin with a remark that says what it shows", s.File)
		}
		var titles []string
		for i := range s.Steps {
			title := s.Steps[i].Title
			if title == "" || slices.Contains(titles, title) {
				t.Errorf("%s: step %d has the title %q, which is empty or used twice", s.File, i+1, title)
			}
			titles = append(titles, title)
		}
	}
}
