package isolate_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lookUp is a client that says of each argument how a connection to its port 443 ends. Nothing is to take longer than 300 ms.
const lookUp = `
import socket, sys, time
for host in sys.argv[1:]:
    before = time.monotonic()
    try:
        socket.create_connection((host, 443), 5).close()
        result = "connected"
    except OSError as e:
        result = type(e).__name__ + " " + str(e.errno)
    print(host, result, "at once" if time.monotonic() - before < 0.3 else "late")
`

func python(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		skipOrFail(t, true, err.Error())
	}
	return "python3"
}

func TestNothingElseIsReachable(t *testing.T) {
	t.Parallel()
	hosts := []string{"public.kiotapi.com", "id.kiotviet.vn", "example.org", "1.1.1.1", "192.0.2.1", "2606:4700:4700::1111", "x.localhost.invalid"}
	argv := append([]string{python(t), "-c", lookUp}, hosts...)
	const others = "example.org gaierror -2 at once\n1.1.1.1 OSError 101 at once\n192.0.2.1 OSError 101 at once\n2606:4700:4700::1111 OSError %d at once\n" +
		"x.localhost.invalid gaierror -2 at once\n"
	unreachable := fmt.Sprintf(others, 101)
	for mode, want := range map[string]string{
		"own":  "public.kiotapi.com connected at once\nid.kiotviet.vn connected at once\n" + unreachable,
		"bare": "public.kiotapi.com ConnectionRefusedError 111 at once\nid.kiotviet.vn ConnectionRefusedError 111 at once\n" + unreachable,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := inside(t, mode, argv...)
			got := strings.ReplaceAll(r.out, "gaierror -3", "gaierror -2") // without nsswitch.conf: try again later
			got = strings.ReplaceAll(got, "OSError 99", "OSError 101")     // without IPv6
			if r.exit != 0 || got != want {
				t.Errorf("%v, want %q", r, want)
			}
		})
	}
}

// TestClientsOfTheVendorRunInsideOnly holds the tests to it: what has a URL of the vendor is the function client, which [TestMain] runs
// as a part, or a script or program that only inside, sandboxed and the table of clients name.
func TestClientsOfTheVendorRunInsideOnly(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	urls := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			vendors, outside := false, ""
			ast.Inspect(fn, func(n ast.Node) bool {
				if s, ok := n.(*ast.BasicLit); ok {
					vendors = vendors || strings.Contains(s.Value, "https://id.") || strings.Contains(s.Value, "https://public.")
				}
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && (x.Name == "exec" || x.Name == "http" && s.Sel.Name != "HandlerFunc" && !strings.HasPrefix(s.Sel.Name, "Re")) {
						outside = x.Name + "." + s.Sel.Name
					}
				}
				return true
			})
			if vendors {
				urls++
			}
			if vendors && outside != "" && fn.Name.Name != "client" && fn.Name.Name != "TestClientsOfTheVendorRunInsideOnly" {
				t.Errorf("%s: %s has a URL of the vendor, and %s", name, fn.Name.Name, outside)
			}
		}
	}
	if urls < 3 {
		t.Errorf("only %d functions with URLs are found", urls)
	}
}

func TestTheMachinesNetworkIsKeptOnRequest(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this user may not open the port 443")
	}
	database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a database") }))
	defer database.Close()
	const fetch = `curl -sS --noproxy '*' "$0"; echo; for f in -4 -6; do curl -sS $f -H 'Authorization: Bearer t0k3n' https://public.kiotapi.com/products; echo; done; getent ahosts id.kiotviet.vn | cut -d' ' -f1 | sort -u | tr '\n' ' '`
	r := inside(t, "net", "sh", "-c", fetch, database.URL)
	if lines := strings.Split(r.out, "\n"); r.exit != 0 || len(lines) != 4 || lines[0] != "a database" || lines[1] != products || lines[2] != products ||
		strings.Count(lines[3], "127.75.86.") != len(strings.Fields(lines[3])) {
		t.Errorf("%v", r)
	}
	if r := inside(t, "own", "sh", "-c", fetch, database.URL); !strings.HasPrefix(r.out, "\n"+products) {
		t.Errorf("in a network of its own: %v", r)
	}
}

func TestWithoutARightTheMachinesNetworkIsRefused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	if first := 0; err != nil {
		t.Fatal(err)
	} else if _, err := fmt.Sscan(string(text), &first); err != nil || first <= 443 {
		t.Skip("everyone may open the port 443 here")
	}
	cmd := sandboxed(t, "net", "true")
	withoutRights(t, cmd)
	r := run(t, cmd)
	for _, want := range []string{"the port 443 of 127.75.86.", "run as root", "setcap cap_net_bind_service=ep " + cmd.Path, "net.ipv4.ip_unprivileged_port_start", "without --net"} {
		if r.exit != 1 || !strings.Contains(r.errors, want) {
			t.Errorf("%v, want %q", r, want)
		}
	}
}

// TestAProgramWithACapabilityKeepsTheMachinesNetwork is the second of the three ways.
func TestAProgramWithACapabilityKeepsTheMachinesNetwork(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives a capability to a program")
	}
	cmd := sandboxed(t, "net", "sh", "-c", `curl -sS -H 'Authorization: Bearer t0k3n' https://public.kiotapi.com/products; grep CapEff /proc/self/status`)
	withoutRights(t, cmd)
	// Version 2, effective; permitted is CAP_NET_BIND_SERVICE (10) alone.
	value := []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if err := unix.Setxattr(cmd.Path, "security.capability", value, 0); err != nil {
		t.Skipf("this file system keeps no capabilities: %v", err)
	}
	if r := run(t, cmd); r.exit != 0 || r.out != products+"CapEff:\t0000000000000000\n" {
		t.Errorf("%v", r)
	}
}

// TestWhatRefusesNamespacesIsNamed makes the kernel and a container's filter refuse them.
func TestWhatRefusesNamespacesIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		argv       []string
	}{
		{
			"the kernel", "user.max_user_namespaces is 0 here",
			[]string{"unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all \"$0\" true", "{self}"},
		},
		{"a container", "--security-opt seccomp=unconfined", []string{"env", part + "=filtered", "{self}", "true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requireNamespaces(t)
			argv := fill(t, c.argv)
			cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
			cmd.Env = append(os.Environ(), part+"=own")
			if r := run(t, cmd); r.exit != 1 || !strings.Contains(r.errors, c.want) || !strings.Contains(r.errors, "--hosts") {
				t.Errorf("%v", r)
			}
		})
	}
}

// filter refuses namespaces to this process, as Docker's profile does: clone with such a flag, and clone3.
func filter() error {
	const (
		load    = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		any     = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
		end     = unix.BPF_RET | unix.BPF_K
		allow   = 0x7fff0000
		refusal = 0x00050000
	)
	program := []unix.SockFilter{
		{Code: load, K: 0}, // the number of the call
		{Code: equal, Jt: 3, Jf: 0, K: unix.SYS_CLONE3},
		{Code: equal, Jt: 0, Jf: 4, K: unix.SYS_CLONE},
		{Code: load, K: 16}, // the flags
		{Code: any, Jt: 1, Jf: 2, K: 0x7e020000},
		{Code: end, K: refusal | uint32(unix.ENOSYS)},
		{Code: end, K: refusal | uint32(unix.EPERM)},
		{Code: end, K: allow},
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	of := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, 1, 1, uintptr(unsafe.Pointer(&of))) // of all threads
	if errno != 0 {
		return errno
	}
	return nil
}

// TestRootOfAContainerNeedsAUserNamespace is root without CAP_SYS_ADMIN, as in a container, where a user namespace is permitted.
func TestRootOfAContainerNeedsAUserNamespace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this user is not root")
	}
	requireNamespaces(t)
	argv := fill(t, []string{"setpriv", "--bounding-set=-sys_admin", "{self}", "sh", "-c", `id -u; chown 12:34 "$0" && stat -c %u:%g "$0"; umount /etc/hosts 2>/dev/null && echo uncovered; true`, filepath.Join(t.TempDir(), "file")})
	if err := os.WriteFile(argv[len(argv)-1], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), part+"=own")
	if r := run(t, cmd); r.exit != 0 || r.out != "0\n12:34\n" {
		t.Errorf("%v", r)
	}
}

// TestACommandStartsSoon prints how long the way into a sandbox is.
func TestACommandStartsSoon(t *testing.T) {
	requireNamespaces(t)
	fastest := time.Hour
	for range 5 {
		cmd := sandboxed(t, "own", "sh", "-c", "echo started")
		before := time.Now()
		lines := start(t, cmd)
		_, _ = lines.ReadString('\n')
		fastest = min(fastest, time.Since(before))
		_, _ = io.ReadAll(lines)
	}
	if fastest > 2*time.Second {
		t.Errorf("it takes %v", fastest)
	}
	t.Logf("from the start to the command: %v", fastest)
}
