package testbench

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	html "html/template"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = html.Must(html.ParseFS(pageFiles, "page/page.html"))

const (
	pageRows   = 100
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// page is what /_sandbox/ shows.
type page struct {
	Language string
	Forks    []pageFork
	Fork     string
	Retailer string
	ClientID string
	Problem  string
	Rows     []pageRow
	Last     int64
}

type pageFork struct {
	Name  string
	Count int64
}

// pageRow is a request in the page.
type pageRow struct {
	Shown
	Class, Tone, Time string
	Millis            int64
	Marks             []pageMark
}

type pageMark struct{ Kind, Text string }

// T is a text in the page's language.
func (p *page) T(english, vietnamese string) string {
	return Phrase{english, vietnamese}.In(p.Language)
}

// pages serves the page and its files.
func (s *Sandbox) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/{$}", s.servePage)
	mux.HandleFunc("GET /_sandbox/static/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		kind := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}[path.Ext(name)]
		body, err := pageFiles.ReadFile("page/" + name)
		if kind == "" || err != nil {
			fail(w, errNoPath(r))
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	})
}

// servePage shows the forks and the requests of one; with rows, what a page that follows them lacks.
func (s *Sandbox) servePage(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		fail(w, errNoPath(r))
		return
	}
	p := &page{Language: pageLanguage(r), Fork: r.URL.Query().Get("fork")}
	after, err := numberOf(r, "after")
	if err != nil {
		fail(w, err)
		return
	}
	p.Forks = s.pageForks()
	if p.Fork == "" && len(p.Forks) == 1 {
		p.Fork = p.Forks[0].Name
	}
	status := http.StatusOK
	if p.Fork != "" {
		f, err := s.peek(p.Fork)
		if err != nil {
			p.Fork, p.Problem, status = "", sentenceOf(err), http.StatusNotFound
		} else {
			p.show(f, after)
		}
	}
	name := "page"
	if r.URL.Query().Get("rows") != "" {
		name = "part"
	}
	var b bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&b, name, p); err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func sentenceOf(err error) string {
	e, full := (*taphoa.Error)(nil), (*unavailable)(nil)
	switch {
	case errors.As(err, &full):
		return full.reason.Message
	case errors.As(err, &e):
		return e.Message
	}
	return err.Error()
}

// pageLanguage is what ?lang= says, else what the browser prefers.
func pageLanguage(r *http.Request) string {
	preferred := cmp.Or(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	if strings.HasPrefix(strings.ToLower(preferred), vietnamese) {
		return vietnamese
	}
	return "en"
}

func (s *Sandbox) pageForks() (all []pageFork) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.forks {
		all = append(all, pageFork{f.Name, f.seen.last()})
	}
	slices.SortFunc(all, func(a, b pageFork) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (q *requests) last() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.number
}

// show fills in the requests of a fork, the newest first.
func (p *page) show(f *Fork, after int64) {
	p.Retailer, p.ClientID = f.Retailer, f.ClientID
	var all []Shown
	all, p.Last = f.seen.list(seenQuery{after: after, limit: pageRows, newest: true, language: p.Language})
	for _, shown := range slices.Backward(all) {
		shown.Body, shown.Answer = indented(shown.Body), indented(shown.Answer)
		row := pageRow{Shown: shown, Tone: "good", Time: timeOfDay(taphoa.Time(shown.At)), Millis: shown.Took / 1000}
		classes := []string{}
		if shown.Status >= http.StatusBadRequest {
			row.Tone, classes = "bad", append(classes, "refused")
		}
		if shown.Status >= http.StatusInternalServerError {
			row.Tone = "fault"
		}
		if len(shown.Differences) > 0 {
			classes = append(classes, "differing")
		}
		row.Class = strings.Join(classes, " ")
		row.Marks = marksOf(&shown)
		p.Rows = append(p.Rows, row)
	}
}

// marksMax is how many marks a row has.
const marksMax = 8

// marksOf are the names of a request that are not as documented, and its other differences.
func marksOf(s *Shown) (all []pageMark) {
	if s.Fault != "" {
		all = append(all, pageMark{"fault", s.Fault})
	}
	for i := range s.Said {
		said := &s.Said[i]
		if said.Judgement == api.JudgedDocumented || s.Ours && said.Judgement == api.JudgedOurs {
			continue
		}
		text := said.Name
		if said.Documented != "" {
			text += " → " + said.Documented
		}
		all = append(all, pageMark{string(said.Judgement), text})
	}
	for _, d := range s.Differences {
		if !strings.HasPrefix(d.ID, "member-") {
			all = append(all, pageMark{"differ", d.Title})
		}
	}
	if len(all) > marksMax {
		all = append(all[:marksMax], pageMark{"", "…"})
	}
	return all
}

// indented is a JSON text in lines; another text is unchanged.
func indented(text string) string {
	value := jsontext.Value(text)
	if value.Indent(jsontext.WithIndent("  "), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return text
	}
	return string(value)
}
