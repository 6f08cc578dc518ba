package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTargetsOfTheModuleAreFound looks for some of those that there are.
func TestTargetsOfTheModuleAreFound(t *testing.T) {
	targets, err := find("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []target{{".", "FuzzMoney"}, {"internal/api", "FuzzRequest"}, {"internal/wire", "FuzzDecodeJSON"}} {
		if !slices.Contains(targets, want) {
			t.Errorf("%v is not among %v", want, targets)
		}
	}
}

// TestTheLastLineOfProgressCounts reads what go test prints, also of a run that ended before it found anything.
func TestTheLastLineOfProgressCounts(t *testing.T) {
	for output, want := range map[string]result{
		"fuzz: elapsed: 3s, execs: 90 (30/sec), new interesting: 2 (total: 4)\nfuzz: elapsed: 1m6s, execs: 660000 (9000/sec), new interesting: 7 (total: 9)\nPASS\n": {
			executions: 660_000, interesting: 7, took: 66 * time.Second,
		},
		"fuzz: elapsed: 3s, execs: 90 (30/sec)\n":                               {executions: 90, took: 3 * time.Second},
		"fuzz: elapsed: 0s, gathering baseline coverage: 0/5 completed\nPASS\n": {},
	} {
		if got := parse(output); got != want {
			t.Errorf("%q is %+v, want %+v", output, got, want)
		}
	}
}

// TestSlowAndFailingTargetsAreNamed takes a target at the floor, one that stands still most of the time, and one that failed.
func TestSlowAndFailingTargetsAreNamed(t *testing.T) {
	results := []result{
		{target: target{"a", "FuzzFast"}, executions: 600_000, cpu: time.Minute},
		{target: target{"b", "FuzzDoor"}, executions: 87, cpu: 51 * time.Second},
		{target: target{"c", "FuzzBad"}, executions: 1_234_567, cpu: time.Second, fault: ": exit status 1"},
	}
	err := verdict(results, 10_000)
	if err == nil || !strings.Contains(err.Error(), "FuzzDoor executes 2 a second") || !strings.Contains(err.Error(), "FuzzBad found") || strings.Contains(err.Error(), "FuzzFast") {
		t.Errorf("the verdict is %v", err)
	}
	if err := verdict(results[:1], 10_000); err != nil {
		t.Errorf("the verdict is %v", err)
	}
	if text := table(results); !strings.Contains(text, "| `FuzzBad` (`c`) | 1,234,567 | 1,234,567 | 0 | 1 |") || !strings.Contains(text, "| all | 1,834,654 |") {
		t.Errorf("the table is %s", text)
	}
}

// TestInputsOfAllLengthsAreKept keeps three of many, again without effect, and none that is long.
func TestInputsOfAllLengthsAreKept(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "kept")
	for name, size := range map[string]int{"a": 10, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "long": keptMax + 1} {
		if err := os.WriteFile(filepath.Join(from, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{3, 0} {
		if n, err := keep(from, to, 3); n != want || err != nil {
			t.Errorf("%d are copied, %v; want %d", n, err, want)
		}
	}
	var kept []string
	entries, err := os.ReadDir(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		kept = append(kept, entry.Name())
	}
	if !slices.Equal(kept, []string{"a", "c", "e"}) {
		t.Errorf("%v are kept", kept)
	}
}

// TestAFailingInputIsShown reads it from where go test wrote it.
func TestAFailingInputIsShown(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("../x/testdata", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../x/testdata/1", []byte(`string("%")`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := failingInput(target{"x", "FuzzX"}, "    Failing input written to testdata/1\n"); got != "x/testdata/1:\nstring(\"%\")" {
		t.Errorf("got %q", got)
	}
}
