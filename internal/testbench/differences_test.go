package testbench_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/testbench"
)

// TestEachDifferenceIsToldAndLookedFor: in both languages, with its source, and by a rule where it says how.
func TestEachDifferenceIsToldAndLookedFor(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range testbench.Differences() {
		for _, p := range []testbench.Phrase{d.Title, d.Text, d.Advice} {
			if p.English == "" || p.Vietnamese == "" || p.English == p.Vietnamese {
				t.Errorf("%s lacks a text: %+v", d.ID, p)
			}
		}
		if d.ID == "" || seen[d.ID] || d.Source == "" {
			t.Errorf("%q is there twice, or has no source", d.ID)
		}
		seen[d.ID] = true
		if d.IsDetected() != (d.Detected != "") {
			t.Errorf("%s: whether a rule looks for it is not what it says", d.ID)
		}
	}
	for id, limit := range map[string]int{"page-size": taphoa.PageSizeVendor, "gets-per-hour": api.GetsPerHour} {
		if i := slices.IndexFunc(testbench.Differences(), func(d testbench.Difference) bool { return d.ID == id }); testbench.Differences()[i].Limit != limit {
			t.Errorf("the limit %s is %d, and enforced is %d", id, testbench.Differences()[i].Limit, limit)
		}
	}
	for id := range testbench.Detectors() {
		if !seen[id] {
			t.Errorf("the rule %s is no difference", id)
		}
	}
}

// TestTheDocumentationListsTheDifferences holds a block of docs/vendor-differences.md to differences.yaml.
func TestTheDocumentationListsTheDifferences(t *testing.T) {
	const (
		name  = "../../docs/vendor-differences.md"
		begin = "<!-- Written by go test ./internal/testbench -update, from internal/testbench/differences.yaml. -->\n"
		end   = "<!-- End of what is written. -->\n"
	)
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(old), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the differences", name)
	}
	var b bytes.Buffer
	for _, d := range testbench.Differences() {
		fmt.Fprintf(&b, "- **%s** (`%s`). %s %s\n  Source: %s.", d.Title.English, d.ID, d.Text.English, d.Advice.English, d.Source)
		if d.Detected != "" {
			fmt.Fprintf(&b, " Found when %s.", d.Detected)
		}
		if d.Limit != 0 {
			fmt.Fprintf(&b, " With `--vendor-limits` the limit is %d.", d.Limit)
		}
		if len(d.Rules) != 0 {
			fmt.Fprintf(&b, " With `--quirks` a sandbox does the same.")
		}
		b.WriteString("\n")
	}
	want := head + begin + b.String() + end + tail
	if string(old) == want {
		return
	}
	if !apitest.Updating() {
		t.Fatalf("%s differs from differences.yaml: run go test ./internal/testbench -run Documentation -update", name)
	}
	if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}
