package archtest

import (
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestPlansDoNotReachTheDatabase holds, for whatever a plan package imports directly or not, that none of it is
// internal/db: a plan is a pure function of the values that it is given.
func TestPlansDoNotReachTheDatabase(t *testing.T) {
	for _, bad := range plansOnDatabase(dependencies(t)) {
		t.Error(bad)
	}
}

func TestAPlanOnTheDatabaseIsFound(t *testing.T) {
	compare(t, plansOnDatabase(map[string][]string{
		module + "/internal/db":         {"fmt"},
		module + "/internal/plan":       {module},
		module + "/internal/sales":      {module + "/internal/db", module + "/internal/sales/plan"},
		module + "/internal/sales/plan": {module + "/internal/plan", module + "/internal/stock/plan", module + "/internal/org", module + "/internal/db"},
		module + "/internal/stock/plan": {module + "/internal/plan", "database/sql"},
		module + "/internal/cash/plan":  {module + "/internal/plan", "time"},
	}), []string{"internal/sales/plan reaches " + module + "/internal/db", "internal/stock/plan reaches database/sql"})
}

// dependencies returns the packages of this module, each with all that it imports, directly or not.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", module+"/...")
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		all[fields[0]] = fields[1:]
	}
	if !slices.Contains(all[module+"/internal/sales"], module+"/internal/db") {
		t.Fatal("go list does not show that internal/sales imports internal/db")
	}
	return all
}

// plansOnDatabase returns the plan packages that import what reads or writes a database, directly or not.
func plansOnDatabase(imports map[string][]string) (bad []string) {
	for pkg, deps := range imports {
		if path.Base(pkg) != "plan" {
			continue
		}
		for _, d := range deps {
			if d == module+"/internal/db" || d == "database/sql" {
				bad = append(bad, fmt.Sprintf("%s reaches %s", pkg, d))
			}
		}
	}
	slices.Sort(bad)
	return bad
}
