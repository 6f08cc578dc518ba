package testbench

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/apitest"
)

// directives are what transcripts have beside requests.
var directives = regexp.MustCompile(`(?m)^@(setting|wait|verbatim|wrong).*`)

// TestTranscriptsAreRequests: what the API's own tests send is read, but for what only they have.
func TestTranscriptsAreRequests(t *testing.T) {
	files, err := filepath.Glob("../api/testdata/*/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		script, err := apitest.ReadScript(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(text), "\n###")
		for i := range parts {
			parts[i], _, _ = strings.Cut(parts[i], "\n----") // the answers that they expect
		}
		plain := directives.ReplaceAllString(strings.Join(parts, "\n###"), "#")
		all, err := parseRequests(file, plain, map[string]string{})
		if err != nil || len(all) != len(script.Steps) {
			t.Errorf("%s: %d requests of %d, %v", file, len(all), len(script.Steps), err)
			continue
		}
		for i, r := range all {
			if s := script.Steps[i]; r.method != s.Method || r.target != s.Target || r.title != s.Title {
				t.Errorf("%s: %s %s is read as %s %s", file, s.Method, s.Target, r.method, r.target)
			}
		}
	}
}

// FuzzRequests: whatever a file says, it is read or refused by its line, and what was read has a method and a target.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{
		"GET /a", "### a\n# @name b\nPOST https://public.kiotapi.com/b HTTP/1.1\nX: {{a.b[0].c}}\n\n{}\n###\n", "@a = {{a}}\nGET /{{a}}", "###\n###", "GET /\n\n\n",
		"\uFEFFget /a\r\n\r\nb", "# only", "POST /x\n ?a=1\n&b=2\nA : b\n// c\n\n{\n\n}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		variables := map[string]string{}
		all, err := parseRequests("a.http", text, variables)
		if err != nil {
			if !strings.Contains(err.Error(), "a.http, dòng ") {
				t.Errorf("%v", err)
			}
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, r := range all {
			if r.method == "" || r.target == "" || r.line < 1 || r.line > lines {
				t.Errorf("%q: %+v", text, r)
			}
			_, _ = r.fill(r.target+r.body, variables, map[string]jsontext.Value{"a": jsontext.Value(`{"b":[{"c":1}]}`)})
		}
	})
}

func BenchmarkRequests(b *testing.B) {
	text := "### a\n# @name b\n@x = 1\nPOST https://public.kiotapi.com/b HTTP/1.1\nX: {{a.b[0].c}}\n\n{\"a\":{{x}}}\n###\nGET /c?{{a.b[0].c}}"
	for b.Loop() {
		v := map[string]string{}
		all, _ := parseRequests("a.http", text, v)
		for _, r := range all {
			_, _ = r.fill(r.target+r.body, v, map[string]jsontext.Value{"a": jsontext.Value(`{"b":[{"c":1}]}`)})
		}
	}
}
