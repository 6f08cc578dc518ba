package helpers_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/taphoa/taphoa/sandbox"
)

// TestTheHelpersOfEachLanguage run their own tests against a sandbox that is reached by its address; cmd/taphoa runs them where KiotViet's
// hosts lead to it.
func TestTheHelpersOfEachLanguage(t *testing.T) {
	shop := sandbox.Options{Template: sandbox.Empty}.New(t)
	sandbox.New(t) // so that the default template is there, too
	for _, c := range []struct {
		passed  string
		command []string
	}{
		{`# pass [1-9]`, []string{"node", "--test", "--test-reporter=tap", "node/taphoa-sandbox.test.mjs"}},
		{`Ran [1-9]`, []string{"python3", "-m", "unittest", "discover", "-s", "python"}},
		{`(?m)^ok `, []string{"php", "php/test.php"}},
	} {
		t.Run(c.command[0], func(t *testing.T) {
			if _, err := exec.LookPath(c.command[0]); err != nil && os.Getenv("CI") == "" {
				t.Skipf("%s is not installed", c.command[0])
			}
			command := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			command.Env = append(shop.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			out, err := command.CombinedOutput()
			if err != nil || !regexp.MustCompile(c.passed).Match(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
