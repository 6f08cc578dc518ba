package isolate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/trust"
)

// clients are programs with the vendor's hosts in their code, as they would be written without a sandbox.
var clients = []struct {
	name string
	argv []string // {} is the directory of the programs, {self} is the test program
	need []string // what must be there, as a command that succeeds
	inCI bool     // it is there in CI
}{
	{"curl", []string{"sh", "{}/curl.sh"}, []string{"curl", "--version"}, true},
	{"wget", []string{"sh", "{}/wget.sh"}, []string{"wget", "--version"}, false},
	{"go", []string{"env", part + "=client", "{self}"}, []string{"env"}, true},
	{"node", []string{"node", "{}/node.mjs"}, []string{"node", "--version"}, true},
	{"python", []string{"python3", "{}/python.py"}, []string{"python3", "--version"}, true},
	{"requests", []string{"python3", "{}/with_requests.py"}, []string{"python3", "-c", "import requests"}, false},
	{"php curl", []string{"php", "{}/curl.php"}, []string{"php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"}, true},
	{"php streams", []string{"php", "{}/streams.php"}, []string{"php", "--version"}, true},
	{"java", []string{"java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "{}/Client.java"}, []string{"sh", "-c", "java --list-modules | grep -q jdk.compiler"}, false},
}

// fill puts the paths into the arguments of a client.
func fill(t *testing.T, argv []string) []string {
	t.Helper()
	dir, err1 := filepath.Abs("testdata/clients")
	self, err2 := os.Executable()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	filled := slices.Clone(argv)
	for i := range filled {
		filled[i] = strings.NewReplacer("{}", dir, "{self}", self).Replace(filled[i])
	}
	return filled
}

func TestUnchangedClientsReachTheServer(t *testing.T) {
	t.Parallel()
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if out, err := exec.Command(c.need[0], c.need[1:]...).CombinedOutput(); err != nil {
				skipOrFail(t, c.inCI, strings.Join(c.need, " ")+": "+err.Error()+" "+string(out))
			}
			if r := inside(t, "own", fill(t, c.argv)...); r.exit != 0 || strings.TrimSpace(r.out) != products {
				t.Errorf("%v", r)
			}
		})
	}
}

// TestTheTableOfLanguagesIsTested compares what is said to be tested with what is.
func TestTheTableOfLanguagesIsTested(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, row := range trust.Table {
		if row.Test != "" {
			said[row.Test] = true
		}
	}
	for _, c := range clients {
		if !said[c.name] {
			t.Errorf("%s is tested, and the table does not say so", c.name)
		}
		delete(said, c.name)
	}
	for name := range said {
		t.Errorf("the table says that %s is tested", name)
	}
}
