package examples_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/taphoa/taphoa/sandbox"
)

// TestTheExamples runs their own tests, each with shops of a sandbox. That of Go is a package of its own.
func TestTheExamples(t *testing.T) {
	shop := sandbox.New(t) // so that there is a sandbox
	for _, c := range []struct {
		dir, passed string
		command     []string
	}{
		{"order-import", `# pass [1-9]`, []string{"node", "--test", "--test-reporter=tap"}},
		{"hook-receiver", `# pass [1-9]`, []string{"node", "--test", "--test-reporter=tap"}},
		{"n8n", `# pass [1-9]`, []string{"node", "--test", "--test-reporter=tap"}},
		{"chat-bot", `(?m)^ok `, []string{"php", "bot_test.php"}},
		{"accounting-export", `Ran [1-9]`, []string{"python3", "-m", "unittest", "-v"}},
	} {
		t.Run(c.dir, func(t *testing.T) {
			if _, err := exec.LookPath(c.command[0]); err != nil && os.Getenv("CI") == "" {
				t.Skipf("%s is not installed", c.command[0])
			}
			command := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			command.Dir, command.Env = c.dir, append(shop.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			out, err := command.CombinedOutput()
			if err != nil || !regexp.MustCompile(c.passed).Match(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
