package isolate_test

import (
	"os/exec"
	"sync"
	"testing"
)

var namespaces = sync.OnceValue(func() error {
	return exec.Command("unshare", "--user", "--mount", "--net", "--pid", "--fork", "true").Run()
})

// requireNamespaces skips a test where the kernel or a container refuses namespaces; CI has them.
func requireNamespaces(t *testing.T) {
	t.Helper()
	if err := namespaces(); err != nil {
		skipOrFail(t, true, "unshare: "+err.Error())
	}
}
