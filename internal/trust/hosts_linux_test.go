package trust_test

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taphoa/taphoa/internal/trust"
)

func init() {
	parts["hosts"] = func() { addAndRemove(os.Args[1]) }
}

// addAndRemove prints a hosts file with the lines of a sandbox, and after them.
func addAndRemove(file string) {
	for _, change := range []func() error{
		func() error {
			return trust.AddHosts(file, []netip.Addr{netip.MustParseAddr("127.0.0.1")}, []string{"a.example"})
		},
		func() error { return trust.RemoveHosts(file) },
	} {
		if err := change(); err != nil {
			os.Stdout.WriteString("error: " + err.Error() + "\n")
			return
		}
		text, _ := os.ReadFile(file)
		os.Stdout.Write(text)
	}
}

// again runs the test program as part of a test.
func again(t *testing.T, as string, argv ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), part+"="+as)
	return cmd
}

// TestAHostsFileThatIsAMountIsWrittenInPlace is what containers have.
func TestAHostsFileThatIsAMountIsWrittenInPlace(t *testing.T) {
	t.Parallel()
	if err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "true").Run(); err != nil {
		t.Skip("this system refuses namespaces")
	}
	file, over := hostsFile(t, "1.2.3.4 covered\n"), hostsFile(t, "1.2.3.4 b\n")
	cmd := again(t, "hosts", "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `mount --bind "$1" "$2" && exec "$0" "$2"`, os.Args[0], over, file)
	out, err := cmd.CombinedOutput()
	if text := string(out); err != nil || !strings.Contains(text, "START=") || !strings.Contains(text, "127.0.0.1 a.example\n") ||
		!strings.HasSuffix(text, "\n# END taphoa sandbox\n1.2.3.4 b\n1.2.3.4 b\n") {
		t.Errorf("%q, %v", text, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); read(t, over) != "1.2.3.4 b\n" || read(t, file) != "1.2.3.4 covered\n" || len(left) != 1 {
		t.Errorf("%q, %q, %d files", read(t, over), read(t, file), len(left))
	}
}

func TestAHostsFileOfAnotherUserIsNotChanged(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this user cannot become another one")
	}
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file, copied := filepath.Join(dir, "hosts"), filepath.Join(dir, "program")
	// By another program: a file that this one has open for writing, and a child that another test starts with it, cannot be executed.
	if out, err := exec.Command("cp", os.Args[0], copied).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if err := os.WriteFile(file, []byte("1.2.3.4 b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := again(t, "hosts", copied, file)
	cmd.Dir, cmd.Env = "/", append(cmd.Env, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if want := "error: this user may not change the file " + file; err != nil || !strings.HasPrefix(string(out), want) || read(t, file) != "1.2.3.4 b\n" {
		t.Errorf("%q, %v", out, err)
	}
}
