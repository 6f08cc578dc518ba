package trust_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/trust"
)

var update = flag.Bool("update", false, "write the table into the documents")

func TestTheDocumentsShowTheTable(t *testing.T) {
	const begin, end = "<!-- the table -->\n", "<!-- the end of the table -->\n"
	for name, vietnamese := range map[string]bool{"../../docs/sandbox-trust.md": false, "../../docs/sandbox-trust.vi.md": true} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, found := strings.Cut(string(text), begin)
		_, tail, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s has no table", name)
		}
		want := head + begin + trust.Markdown(vietnamese) + end + tail
		if want == string(text) {
			continue
		}
		if !*update {
			t.Fatalf("%s differs from the table: run go test ./internal/trust -update", name)
		}
		if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
