package tidy

import (
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the import picture into .golangci.yml")

// picture is the house from the ground up. A package may import what stands on a lower line.
var picture = [][]string{
	{".", "internal/quota", "internal/message", "internal/lru", "internal/text"},
	{"internal/plan"},
	{"internal/db", "internal/wire"},
	{"internal/schema"},
	{"internal/event"},
	{"internal/org"},
	{"internal/stock", "internal/cash"},
	{"internal/catalog", "internal/party"},
	{"internal/promo"},
	{"internal/sales", "internal/supply"},
	{"internal/webhook", "internal/oauth", "internal/openapi"},
	{"internal/demo"},
	{"internal/api", "internal/console", "client"},
	{"cmd"},
}

// narrow are packages that may import less than the picture allows.
var narrow = map[string][]string{
	"client": {".", "internal/wire"},
}

// testPackages may import anything, and only tests may import them; tools is a module of its own.
var testPackages = []string{"bench", "internal/apitest", "internal/dbtest", "internal/tidy", "tools"}

func forTests(dir string) bool { return place(dir, testPackages) != "" }

// place is the one of the packages that dir is, or is below.
func place(dir string, packages []string) string {
	for _, p := range packages {
		if dir == p || strings.HasPrefix(dir, p+"/") {
			return p
		}
	}
	return ""
}

// line is the height of dir in the picture, or -1, with the package it belongs to.
func line(dir string) (int, string) {
	for i, packages := range picture {
		if p := place(dir, packages); p != "" {
			return i, p
		}
	}
	return -1, ""
}

// mayImport tells whether a package of the picture may import another.
func mayImport(from, to string) bool {
	if allowed, ok := narrow[from]; ok {
		return slices.Contains(allowed, to)
	}
	low, _ := line(to)
	high, _ := line(from)
	return low < high || from == to
}

func checkImports(t *tree) (bad []string) {
	unknown := map[string]bool{}
	for f := range t.product {
		height, from := line(f.dir)
		if height < 0 {
			if !unknown[f.dir] {
				bad = append(bad, f.path+": "+f.dir+" has no place in the picture of internal/tidy/picture_test.go: give it one")
			}
			unknown[f.dir] = true
			continue
		}
		for _, spec := range f.Imports {
			full := importPath(spec)
			to, ours := strings.CutPrefix(full+"/", module+"/")
			to = path.Clean(to)
			switch _, target := line(to); {
			case !ours:
				if outside := strings.Contains(full, "."); outside && f.dir == "." && !strings.HasPrefix(full, "github.com/go-json-experiment/json") {
					bad = append(bad, t.at(spec.Pos(), "the root imports %s: it may use the standard library and the JSON library", full))
				}
			case forTests(to):
				bad = append(bad, t.at(spec.Pos(), "%s is for tests", to))
			case target != "" && !mayImport(from, target):
				bad = append(bad, t.at(spec.Pos(), "%s imports %s, which does not stand below it", f.dir, to))
			}
		}
	}
	return bad
}

// TestTheLinterHasThePicture keeps the rules of depguard, which warns while one types, equal to the picture.
func TestTheLinterHasThePicture(t *testing.T) {
	const (
		name  = "../../.golangci.yml"
		begin = "        # The picture: written by go test ./internal/tidy -update\n"
		end   = "        # End of the picture.\n"
	)
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(old), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no picture", name)
	}
	want := head + begin + depguard() + end + tail
	if string(old) == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from picture_test.go: run go test ./internal/tidy -update", name)
	}
	if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

// depguard is the picture as rules: nothing of ours but what stands below.
func depguard() string {
	var b strings.Builder
	for _, p := range slices.Concat(picture...) {
		files, deny := "/"+p+"/**", module+"/"
		if p == "." {
			files = "/*.go"
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: lax\n", strings.ReplaceAll(strings.Replace(p, ".", "root", 1), "/", "-"))
		fmt.Fprintf(&b, "          files: [\"${config-path}%s\", \"!$test\"]\n", files)
		fmt.Fprintf(&b, "          deny: [{pkg: %s, desc: imports point down only}]\n", deny)
		allow := ""
		for _, other := range slices.Concat(picture...) {
			if other != "." && mayImport(p, other) {
				allow += "            - " + module + "/" + other + "$\n"
			}
		}
		if allow != "" {
			b.WriteString("          allow:\n" + allow)
		}
	}
	return b.String()
}
