package archtest

import (
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the import layers into .golangci.yml")

// layers are the packages of the module, the lowest first. A package may import packages of lower layers.
var layers = [][]string{
	{".", "internal/quota", "internal/message", "internal/lru", "internal/text", "internal/throttle", "internal/certificate", "internal/mail"},
	{"internal/right", "internal/isolate", "internal/trust"},
	{"internal/plan"},
	{"internal/db", "internal/wire"},
	{"internal/schema"},
	{"internal/event", "internal/audit"},
	{"internal/org"},
	{"internal/stock", "internal/cash"},
	{"internal/catalog", "internal/party"},
	{"internal/promo"},
	{"internal/sales", "internal/supply"},
	{"internal/debt"},
	{"internal/access"},
	{"internal/webhook", "internal/oauth", "internal/openapi"},
	{"internal/requestlog"},
	{"internal/demo"},
	{"internal/api", "client"},
	{"internal/console", "internal/testbench", "internal/mcp", "internal/mirror"},
	{"cmd", "sandbox", "examples"},
}

// restricted are packages that may import less than the layers allow.
var restricted = map[string][]string{
	"client":       {".", "internal/wire"},
	"examples":     {".", "client"},
	"internal/mcp": {".", "client"},
}

// testPackages may import anything, and only tests may import them; tools is a module of its own.
var testPackages = []string{"bench", "internal/apitest", "internal/browsertest", "internal/dbtest", "internal/mailtest", "internal/passkeytest", "internal/salestest", "internal/archtest", "tools"}

func forTests(dir string) bool { return within(dir, testPackages) != "" }

// within returns the one of the packages that dir is or is below, or "".
func within(dir string, packages []string) string {
	for _, p := range packages {
		if dir == p || strings.HasPrefix(dir, p+"/") {
			return p
		}
	}
	return ""
}

// layerOf returns the index of dir's layer, or -1, and the package that dir belongs to.
func layerOf(dir string) (int, string) {
	for i, packages := range layers {
		if p := within(dir, packages); p != "" {
			return i, p
		}
	}
	return -1, ""
}

// mayImport reports whether a package may import another.
func mayImport(from, to string) bool {
	if allowed, ok := restricted[from]; ok {
		return slices.Contains(allowed, to)
	}
	low, _ := layerOf(to)
	high, _ := layerOf(from)
	return low < high || from == to
}

func checkImports(t *tree) (bad []string) {
	unknown := map[string]bool{}
	for f := range t.production {
		layer, from := layerOf(f.dir)
		if layer < 0 {
			if !unknown[f.dir] {
				bad = append(bad, f.path+": "+f.dir+" is in no layer of internal/archtest/layers_test.go: add it to one")
			}
			unknown[f.dir] = true
			continue
		}
		for _, spec := range f.Imports {
			full := importPath(spec)
			to, ours := strings.CutPrefix(full+"/", module+"/")
			to = path.Clean(to)
			switch _, target := layerOf(to); {
			case !ours:
				if outside := strings.Contains(full, "."); outside && f.dir == "." && !strings.HasPrefix(full, "github.com/go-json-experiment/json") {
					bad = append(bad, t.at(spec.Pos(), "the root imports %s: it may use the standard library and the JSON library", full))
				}
			case forTests(to):
				bad = append(bad, t.at(spec.Pos(), "%s is for tests", to))
			case target != "" && !mayImport(from, target):
				bad = append(bad, t.at(spec.Pos(), "%s imports %s, which is not in a lower layer", f.dir, to))
			}
		}
	}
	return bad
}

// TestTheLinterHasTheLayers keeps the rules of depguard, which warns in the editor, equal to the layers.
func TestTheLinterHasTheLayers(t *testing.T) {
	const (
		name  = "../../.golangci.yml"
		begin = "        # The layers: written by go test ./internal/archtest -update\n"
		end   = "        # End of the layers.\n"
	)
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(old), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no layers", name)
	}
	want := head + begin + depguard() + end + tail
	if string(old) == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from layers_test.go: run go test ./internal/archtest -update", name)
	}
	if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

// depguard returns the layers as rules of that linter: of this module, only packages of lower layers may be imported.
func depguard() string {
	var b strings.Builder
	for _, p := range slices.Concat(layers...) {
		files, deny := "/"+p+"/**", module+"/"
		if p == "." {
			files = "/*.go"
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: lax\n", strings.ReplaceAll(strings.Replace(p, ".", "root", 1), "/", "-"))
		fmt.Fprintf(&b, "          files: [\"${config-path}%s\", \"!$test\"]\n", files)
		fmt.Fprintf(&b, "          deny: [{pkg: %s, desc: imports point down only}]\n", deny)
		allow := ""
		for _, other := range slices.Concat(layers...) {
			if other == "." || !mayImport(p, other) {
				continue
			}
			allow += "            - " + module + "/" + other + "$\n"
			if slices.Contains(businessPackages, other) {
				allow += "            - " + module + "/" + other + "/plan$\n"
			}
		}
		if allow != "" {
			b.WriteString("          allow:\n" + allow)
		}
	}
	return b.String()
}
