package apitest

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers into the transcripts")

// Updating reports whether the transcripts are being written.
func Updating() bool { return *update }

// Step is one request of a transcript and the response that it expects.
type Step struct {
	Title    string
	before   []string // comments and the lines that begin with @, unchanged
	Method   string
	Target   string
	headers  []string // "Name: value"
	body     string
	expected string   // the answer, and lines of events that begin with <
	captures []string // "@name = $.path"
}

// Script is a transcript.
type Script struct {
	File  string
	Head  string // the text before the first step
	Steps []Step
}

const (
	stepMark = "###"
	divider  = "----"
)

var (
	dividerPattern = regexp.MustCompile(`(?m)^-{3,}\n`)
	capturePattern = regexp.MustCompile(`(\n@\w+ = \$\S*)+$`)
)

// Name is what tests call the transcript: its file without testdata/ and .http.
func (s *Script) Name() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.File, "testdata/"), ".http")
}

// ReadScript reads a transcript.
func ReadScript(file string) (*Script, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parts := strings.Split("\n"+string(text), "\n"+stepMark)
	s := &Script{File: file, Head: strings.TrimSpace(parts[0])}
	for i, part := range parts[1:] {
		step, err := parseStep(part)
		if err != nil {
			return nil, fmt.Errorf("%s: step %d: %w", file, i+1, err)
		}
		s.Steps = append(s.Steps, step)
	}
	if len(s.Steps) == 0 {
		return nil, fmt.Errorf("%s: no steps", file)
	}
	return s, nil
}

func parseStep(text string) (Step, error) {
	var s Step
	at := dividerPattern.FindStringIndex(text + "\n")
	if at == nil { // a new step, whose answer is to be written
		text = capturePattern.ReplaceAllString(strings.TrimSpace(text), "\n"+divider+"\n$0")
		at = dividerPattern.FindStringIndex(text + "\n")
	}
	request, answer := text, ""
	if at != nil {
		request = text[:at[0]]
		answer = text[min(at[1], len(text)):]
	}
	lines := strings.Split(request, "\n")
	s.Title, lines = strings.TrimSpace(lines[0]), lines[1:]
	for len(lines) > 0 && (lines[0] == "" || lines[0][0] == '#' || lines[0][0] == '@') {
		if lines[0] != "" {
			s.before = append(s.before, lines[0])
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return s, fmt.Errorf("%q has no request line", s.Title)
	}
	var ok bool
	if s.Method, s.Target, ok = strings.Cut(lines[0], " "); !ok {
		return s, fmt.Errorf("the request line %q has no target", lines[0])
	}
	for lines = lines[1:]; len(lines) > 0 && lines[0] != ""; lines = lines[1:] {
		if !strings.Contains(lines[0], ":") {
			return s, fmt.Errorf("the header %q has no colon", lines[0])
		}
		s.headers = append(s.headers, lines[0])
	}
	s.body = strings.TrimSpace(strings.Join(lines, "\n"))
	var expected []string
	for line := range strings.SplitSeq(strings.TrimSpace(answer), "\n") {
		if strings.HasPrefix(line, "@") {
			s.captures = append(s.captures, line)
		} else {
			expected = append(expected, line)
		}
	}
	s.expected = strings.TrimSpace(strings.Join(expected, "\n"))
	return s, nil
}

// Sent returns the body of the request, with its placeholders, and its content type.
func (s *Step) Sent() (body, contentType string) {
	for _, line := range s.headers {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Type") {
			contentType = strings.TrimSpace(value)
		}
	}
	return s.body, contentType
}

// Succeeds reports whether the step expects success.
func (s *Step) Succeeds() bool { return strings.HasPrefix(s.expected, "2") }

// text returns the step as it is written in its file.
func (s *Step) text() string {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line(strings.TrimSpace(stepMark + " " + s.Title))
	for _, l := range s.before {
		line(l)
	}
	line(s.Method + " " + s.Target)
	for _, h := range s.headers {
		line(h)
	}
	if s.body != "" {
		line("\n" + s.body)
	}
	line(divider)
	line(s.expected)
	for _, c := range s.captures {
		line(c)
	}
	return b.String()
}

// Run sends the steps one after another and compares the responses and events, or with -update writes them.
func (s *Script) Run(t *testing.T, d *Server) {
	t.Helper()
	log := newEventLog(d.On(t))
	s.run(t, d, func(t *testing.T, i int, got string) {
		t.Helper()
		s.compare(t, i, strings.Join(append([]string{got}, log.lines()...), "\n"))
	})
	if *update {
		s.save(t)
	}
}

// Play sends the steps one after another without comparing the responses, for tests that check other effects.
func (s *Script) Play(t *testing.T, d *Server) {
	t.Helper()
	s.run(t, d, func(*testing.T, int, string) {})
}

// PlayWith is [Script.Play] that calls after behind each step.
func (s *Script) PlayWith(t *testing.T, d *Server, after func(step int)) {
	t.Helper()
	s.run(t, d, func(_ *testing.T, at int, _ string) { after(at) })
}

func (s *Script) run(t *testing.T, d *Server, compare func(t *testing.T, at int, got string)) {
	t.Helper()
	d = d.On(t)
	known := map[string]string{"token": d.Shop.Token, "neighbour": d.OtherShop.Token}
	for i := range s.Steps {
		step := &s.Steps[i]
		a := step.send(t, d, known)
		got := strconv.Itoa(a.Status)
		for _, name := range []string{"Allow", "Retry-After", "WWW-Authenticate"} {
			if value := a.Header.Get(name); value != "" {
				got += "\n" + name + ": " + value
			}
		}
		switch line, ok := a.short(); {
		case ok && !slices.Contains(step.before, "@verbatim"):
			got += "\n" + line
		case len(a.Body) > 0:
			got += "\n" + pretty(a.Body)
		}
		if a.Status >= 500 {
			t.Errorf("%s: step %d, %s: %d %s", s.File, i+1, step.Title, a.Status, trimmed(a.Body))
		}
		compare(t, i, got)
		for _, c := range step.captures {
			name, path, _ := strings.Cut(strings.TrimPrefix(c, "@"), "=")
			value, ok := lookUp(a.Body, path)
			if !ok {
				t.Fatalf("%s: step %d, %s: the answer has no %s:\n%s", s.File, i+1, step.Title, strings.TrimSpace(path), got)
			}
			known[strings.TrimSpace(name)] = value
		}
	}
}

// compare compares a response with the one that its step expects, or with -update replaces that.
func (s *Script) compare(t *testing.T, i int, got string) {
	t.Helper()
	step := &s.Steps[i]
	switch wrong := slices.Contains(step.before, "@wrong"); {
	case wrong && got == step.expected:
		t.Errorf("%s: step %d, %s: the answer is right now, so @wrong can go", s.File, i+1, step.Title)
	case wrong:
		t.Logf("%s: step %d, %s: still wrong\n%s", s.File, i+1, step.Title, difference(step.expected, got))
	case *update:
		step.expected = got
	case got != step.expected:
		t.Errorf("%s: step %d, %s: %s %s\n%s", s.File, i+1, step.Title, step.Method, step.Target, difference(step.expected, got))
	}
}

func (s *Script) save(t *testing.T) {
	t.Helper()
	parts := []string{}
	if s.Head != "" {
		parts = append(parts, s.Head+"\n")
	}
	for i := range s.Steps {
		parts = append(parts, s.Steps[i].text())
	}
	if err := os.WriteFile(s.File, []byte(strings.Join(parts, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *Step) send(t *testing.T, d *Server, known map[string]string) Answer {
	t.Helper()
	for _, line := range s.before {
		if line[0] != '@' || line == "@verbatim" || line == "@wrong" {
			continue
		}
		verb, value, _ := strings.Cut(strings.TrimPrefix(line, "@"), "=")
		verb, value = strings.TrimSpace(verb), strings.TrimSpace(value)
		if name, ok := strings.CutPrefix(verb, "setting "); ok {
			d.Set(strings.TrimSpace(name), value)
		} else if seconds, err := strconv.ParseInt(value, 10, 64); verb == "wait" && err == nil {
			d.Clock.Advance(seconds)
		} else {
			t.Fatalf("%s: unknown directive %q", s.Title, line)
		}
	}
	fill := func(text string) string { return fillIn(t, d, text, known) }
	headers := []string{"X-Request-Id", "transcript"} // the same in each run, since the audit log shows it
	for _, h := range s.headers {
		name, value, _ := strings.Cut(h, ":")
		headers = append(headers, name, fill(strings.TrimSpace(value)))
	}
	return d.Send(s.Method, fill(s.Target), fill(s.body), headers...)
}

var placeholderPattern = regexp.MustCompile(`\{\{[^{}]+\}\}`)

// fillIn replaces {{name}} by a captured value, or by the id of a record of the seed.
func fillIn(t *testing.T, d *Server, text string, known map[string]string) string {
	t.Helper()
	return placeholderPattern.ReplaceAllStringFunc(text, func(placeholder string) string {
		name := strings.TrimSpace(placeholder[2 : len(placeholder)-2])
		if value, ok := known[name]; ok {
			return value
		}
		return strconv.FormatInt(d.ID(name), 10)
	})
}

// difference returns the lines in which two texts differ, with a few lines of context.
func difference(want, got string) string {
	const around = 3
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	same := 0
	for same < min(len(w), len(g)) && w[same] == g[same] {
		same++
	}
	tail := 0
	for tail < min(len(w), len(g))-same && w[len(w)-1-tail] == g[len(g)-1-tail] {
		tail++
	}
	var b strings.Builder
	write := func(mark string, lines []string) {
		for _, l := range lines {
			b.WriteString(mark + l + "\n")
		}
	}
	write("  ", w[max(0, same-around):same])
	write("- ", w[same:len(w)-tail])
	write("+ ", g[same:len(g)-tail])
	write("  ", w[len(w)-tail:min(len(w), len(w)-tail+around)])
	return b.String()
}
