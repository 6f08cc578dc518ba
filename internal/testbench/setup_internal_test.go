package testbench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzRequests: whatever a file says, it is read or refused by its line, and what was read has a method and a target.
func FuzzRequests(f *testing.F) {
	files, err := filepath.Glob("../api/testdata/*/*.http")
	if err != nil || len(files) == 0 {
		f.Fatal("no transcripts", err)
	}
	for i, file := range files {
		if text, err := os.ReadFile(file); err == nil && i%8 == 0 {
			f.Add(string(text))
		}
	}
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
