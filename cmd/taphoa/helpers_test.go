package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// TestTheHelpersInASandboxOfTheirOwn: what programs copy into their tests finds the sandbox of taphoa sandbox exec by itself.
func TestTheHelpersInASandboxOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		passed  string
		command []string
	}{
		{`# pass [1-9]`, []string{"node", "--test", "--test-reporter=tap", "../../helpers/node/taphoa-sandbox.test.mjs"}},
		{`Ran [1-9]`, []string{"python3", "-m", "unittest", "discover", "-s", "../../helpers/python"}},
		{`(?m)^ok `, []string{"php", "../../helpers/php/test.php"}},
		{`(?m)^ok `, []string{"go", "test", "-count=1", "-run", "SellsInTheShop|CredentialsInItsCode", "../../sandbox"}},
	} {
		t.Run(c.command[0], func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.command[0]); err != nil && os.Getenv("CI") == "" {
				t.Skipf("%s is not installed", c.command[0])
			}
			status, out, faults := sandboxed(t, nil, c.command...)
			if status != 0 || !regexp.MustCompile(c.passed).MatchString(out+faults) {
				t.Errorf("it ended with %d\n%s%s", status, out, faults)
			}
		})
	}
}
