package testbench

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

// Report is what the requests of a fork come to.
type Report struct {
	Fork        string             `json:"fork"`
	Retailer    string             `json:"retailer"`
	Requests    int64              `json:"requests"`
	First       int64              `json:"first,omitzero"` // the numbers of the first and of the last one
	Last        int64              `json:"last,omitzero"`
	Operations  []ReportOperation  `json:"operations"`
	Differences []ReportDifference `json:"differences"`
	from, to    taphoa.Time        // of the first and the last request
}

// ReportOperation is an operation that was called.
type ReportOperation struct {
	Operation string        `json:"operation"` // "" for an unknown path
	Ours      bool          `json:"ours,omitzero"`
	Method    string        `json:"method"`
	Path      string        `json:"path"`
	Count     int64         `json:"count"`
	Statuses  map[int]int64 `json:"statuses"`
	Said      []ReportSaid  `json:"said"`
	Held      []string      `json:"held"`    // documented members of its answers that were there
	NotHeld   []string      `json:"notHeld"` // those that never were
}

// ReportSaid is a name that was sent, and how often.
type ReportSaid struct {
	api.Said
	Count int64 `json:"count"`
}

// ReportDifference is a difference in an operation.
type ReportDifference struct {
	ID        string       `json:"id"`
	Operation string       `json:"operation"` // or method and path
	Title     string       `json:"title"`
	Text      string       `json:"text"`
	Advice    string       `json:"advice"`
	Source    string       `json:"source"`
	Count     int64        `json:"count"`
	First     firstRequest `json:"first"`
	Details   []string     `json:"details"`
}

func (o *ReportOperation) name() string { return cmp.Or(o.Operation, o.Method+" "+o.Path) }

// report sums a fork up.
func (f *Fork) report(language string) *Report {
	q := &f.seen
	q.mu.Lock()
	defer q.mu.Unlock()
	q.judgeKept()
	s := &q.summary
	r := &Report{Fork: f.Name, Retailer: f.Retailer, Requests: s.count, Operations: []ReportOperation{}, Differences: []ReportDifference{}}
	if s.first != nil {
		r.First, r.Last = s.first.Number, s.last.Number
		r.from, r.to = taphoa.TimeOf(s.first.At), taphoa.TimeOf(s.last.At)
	}
	for _, key := range s.order {
		o := s.operations[key]
		shown := o.shown()
		shown.Path = q.masked(shown.Path, textMax)
		r.Operations = append(r.Operations, shown)
		for i := range Differences() {
			d := &Differences()[i]
			found := o.differences[d.ID]
			if found == nil {
				continue
			}
			r.Differences = append(r.Differences, ReportDifference{
				ID: d.ID, Operation: shown.name(), Title: d.Title.In(language), Text: d.Text.In(language), Advice: d.Advice.In(language), Source: d.Source,
				Count: found.count, First: found.first, Details: append([]string{}, found.details...),
			})
		}
	}
	return r
}

func (o *operationSummary) shown() ReportOperation {
	r := ReportOperation{
		Operation: o.Operation, Ours: o.Ours, Method: o.method, Path: o.Path, Count: o.count, Statuses: maps.Clone(o.statuses),
		Said: []ReportSaid{}, Held: []string{}, NotHeld: []string{},
	}
	for _, s := range o.said {
		r.Said = append(r.Said, ReportSaid{s.Said, s.count})
	}
	slices.SortFunc(r.Said, func(a, b ReportSaid) int { return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(a.Name, b.Name)) })
	if o.Operation != "" && !o.Ours {
		for _, member := range api.AnswerMembers(o.Operation) {
			if o.held[member] {
				r.Held = append(r.Held, member)
			} else {
				r.NotHeld = append(r.NotHeld, member)
			}
		}
	}
	return r
}

// serveReport answers with a report in the format that is asked for.
func (s *Sandbox) serveReport(w http.ResponseWriter, r *http.Request) {
	f, err := s.forkOf(r)
	if err != nil {
		fail(w, err)
		return
	}
	language := languageOf(r)
	report := f.report(language)
	var b bytes.Buffer
	kind := "text/plain; charset=utf-8"
	switch r.URL.Query().Get("format") {
	case "", "json":
		writeJSON(w, http.StatusOK, report)
		return
	case "text":
		report.writeText(&b, language)
	case "junit":
		kind = "application/xml; charset=utf-8"
		err = report.writeJUnit(&b, language)
	default:
		err = taphoa.Unreadable("format", "format là text, json hoặc junit")
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b.Bytes())
}
