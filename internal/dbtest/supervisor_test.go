//go:build linux

package dbtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const childEnv = "TAPHOA_DBTEST_CHILD"

// TestMain is also the other test processes that the tests below start: a child uses the server until its input ends.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		Main(m)
	}
	c, err := sharedCluster()
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	fmt.Println(c.socket)
	io.Copy(io.Discard, os.Stdin)
	os.Exit(1) // as after a test that failed
}

type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	socket string
}

// start runs a child with its temporary files, and so its server, in tmp.
func start(t *testing.T, tmp string, env ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), childEnv+"=1", "TMPDIR="+tmp), env...)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(t, err)
	c := &child{cmd, stdin, strings.TrimSpace(line)}
	t.Cleanup(c.stop)
	return c
}

func (c *child) stop() {
	c.stdin.Close()
	c.cmd.Wait()
}

func (c *child) query() error {
	_, err := queryText((&cluster{socket: c.socket}).dsn("postgres", nil), "SELECT 'here'")
	return err
}

// pid returns the server's process id.
func (c *child) pid(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.socket, "data", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}

func parent(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	_, rest, _ := strings.Cut(string(stat), ") ")
	ppid, err := strconv.Atoi(strings.Fields(rest)[1])
	must(t, err)
	return ppid
}

// scratch creates a temporary directory that the server's user may enter, with a short name: a socket's is limited.
// When all children have ended, it must become empty by itself.
func scratch(t *testing.T) string {
	t.Helper()
	Cluster(t) // or skip
	dir, err := os.MkdirTemp("", "tp")
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() {
		eventually(t, "nothing is left behind", func() bool { return os.Remove(dir) == nil })
	})
	return dir
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func hasEnded(pid int) func() bool {
	return func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }
}

func isEmpty(dir string) func() bool {
	return func() bool {
		entries, err := os.ReadDir(dir)
		return err == nil && len(entries) == 0
	}
}

func TestTheServerEndsWithItsLastUser(t *testing.T) {
	t.Parallel()
	tmp := scratch(t)
	first, second := start(t, tmp), start(t, tmp)
	if first.socket != second.socket {
		t.Errorf("two servers: %s and %s", first.socket, second.socket)
	}
	server := first.pid(t)
	supervisor := parent(t, server)

	first.stop()
	time.Sleep(idleTimeout + idleTimeout/2)
	must(t, second.query())

	must(t, second.cmd.Process.Kill())
	eventually(t, "the server has ended", hasEnded(server))
	eventually(t, "its supervisor has ended", hasEnded(supervisor))
}

func TestAKilledSupervisorIsReplaced(t *testing.T) {
	t.Parallel()
	tmp := scratch(t)
	first := start(t, tmp)
	server := first.pid(t)
	must(t, syscall.Kill(parent(t, server), syscall.SIGKILL))
	eventually(t, "the server has ended", hasEnded(server))

	second := start(t, tmp)
	must(t, second.query())
	if _, err := os.Stat(first.socket); err == nil {
		t.Error("the leftover is still there")
	}
}

func TestAServerThatDiesTakesItsDirectoryAlong(t *testing.T) {
	t.Parallel()
	tmp := scratch(t)
	first := start(t, tmp)
	must(t, syscall.Kill(first.pid(t), syscall.SIGKILL))
	eventually(t, "the directory is empty", isEmpty(tmp))

	must(t, start(t, tmp).query())
}

func TestAServerThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	tmp := scratch(t)
	c := start(t, tmp, "TAPHOA_PG_SETTINGS=shared_buffers=some")
	if !strings.Contains(c.socket, "starting PostgreSQL") {
		t.Errorf("got %q", c.socket)
	}
}

func TestManyProcessesStartOneServer(t *testing.T) {
	t.Parallel()
	tmp := scratch(t)
	const n = 8
	children := make(chan *child, n)
	for range n {
		go func() { children <- start(t, tmp) }()
	}
	sockets := map[string]bool{}
	for range n {
		c := <-children
		must(t, c.query())
		sockets[c.socket] = true
	}
	if len(sockets) != 1 {
		t.Errorf("the servers: %v", sockets)
	}
}
