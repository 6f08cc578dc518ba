package mcp_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/mcp"
)

// TestTheDocumentationListsTheTools holds blocks of docs/mcp.md and docs/mcp.vi.md to the code.
func TestTheDocumentationListsTheTools(t *testing.T) {
	var b strings.Builder
	b.WriteString("| tool | effect | undo |\n| --- | --- | --- |\n")
	for _, tool := range mcp.Tools() {
		write := ""
		if tool.Writes {
			write = "**Writes.** "
		}
		fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", tool.Name, write, tool.Description, tool.Undo)
	}
	const begin, end = "<!-- Written by go test ./internal/mcp -update. -->\n", "<!-- End of what is written. -->\n"
	for _, name := range []string{"../../docs/mcp.md", "../../docs/mcp.vi.md"} {
		old, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, found := strings.Cut(string(old), begin)
		_, tail, closed := strings.Cut(rest, end)
		if want := head + begin + b.String() + end + tail; !found || !closed || want != string(old) {
			if !apitest.Updating() {
				t.Errorf("%s differs from the tools: run go test ./internal/mcp -run Documentation -update", name)
			} else if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
