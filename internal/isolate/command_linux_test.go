package isolate_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestACommandEndsAsItWouldOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		argv   []string
		exit   int
		errors string
	}{
		{"0", []string{"true"}, 0, ""},
		{"a status", []string{"sh", "-c", "exit 7"}, 7, ""},
		{"a signal", []string{"sh", "-c", "kill -TERM $$"}, 128 + 15, ""},
		{"SIGKILL", []string{"sh", "-c", "kill -KILL $$"}, 128 + 9, ""},
		{"not found", []string{"taphoa-no-such-command"}, 127, "there is no command taphoa-no-such-command\n"},
		{"no such file", []string{filepath.Join(dir, "none")}, 127, "there is no command " + filepath.Join(dir, "none") + "\n"},
		{"not executable", []string{plain}, 126, plain + " cannot be executed: permission denied\n"},
		{"a directory", []string{dir}, 126, dir + " cannot be executed: is a directory\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if r := inside(t, "own", c.argv...); r.exit != c.exit || r.errors != c.errors {
				t.Errorf("%v, want %d and %q", r, c.exit, c.errors)
			}
		})
	}
}

func TestACommandHasWhatTheCallerHas(t *testing.T) {
	t.Parallel()
	const script = `pwd; echo "$TAPHOA_ONE"; echo "$TAPHOA_ISOLATED"; cat; echo "$@"; umask; ulimit -n; nice; ls /proc/self/fd | grep -c .`
	dir := t.TempDir()
	argv := []string{"sh", "-c", script, "sh", "a b", "", "*"}
	outside, isolated := exec.Command(argv[0], argv[1:]...), sandboxed(t, "own", argv...)
	var results []result
	for _, cmd := range []*exec.Cmd{outside, isolated} {
		cmd.Dir, cmd.Stdin = dir, strings.NewReader("in\nput\n")
		if cmd.Env == nil {
			cmd.Env = os.Environ()
		}
		cmd.Env = append(cmd.Env, "TAPHOA_ONE=m\u1ed9t = 1")
		results = append(results, run(t, cmd))
	}
	if results[0] != results[1] || results[1].exit != 0 {
		t.Errorf("outside: %v\ninside: %v", results[0], results[1])
	}
}

// withoutRights lets a command run as a user without rights, where the test has them, with a copy of the program that this user can read.
func withoutRights(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// By another program: a file that this one has open for writing, and a child that another test starts with it, cannot be executed.
	copied := filepath.Join(dir, "program")
	if out, err := exec.Command("cp", cmd.Path, copied).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	cmd.Path = copied
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = "/"
}

func TestACommandIsWhoTheCallerIsAndCannotUndoTheSandbox(t *testing.T) {
	t.Parallel()
	const script = `id -u; id -g; curl -sS -H 'Authorization: Bearer t0k3n' https://public.kiotapi.com/products; echo; touch "$0"; umount /etc/hosts 2>/dev/null && echo uncovered; grep CapEff /proc/self/status`
	for _, user := range []string{"this user", "another user"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(os.TempDir(), fmt.Sprintf("taphoa-isolate-%d-%s", os.Getpid(), user[:4]))
			defer os.Remove(file)
			cmd := sandboxed(t, "own", "sh", "-c", script, file)
			uid, gid := os.Getuid(), os.Getgid()
			if user == "another user" {
				if uid != 0 {
					t.Skip("this user cannot become another one")
				}
				withoutRights(t, cmd)
				uid, gid = 65534, 65534
			}
			r := run(t, cmd)
			want := fmt.Sprintf("%d\n%d\n%s\n", uid, gid, products)
			if uid != 0 { // root is root, as outside
				want += "CapEff:\t0000000000000000\n"
			}
			if r.exit != 0 || !strings.HasPrefix(r.out, want) {
				t.Errorf("%v, want %q", r, want)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != uid || int(owner.Gid) != gid {
				t.Errorf("its file is of %d:%d", owner.Uid, owner.Gid)
			}
		})
	}
}

// counting is a command that counts signals until it has got SIGHUP, and then prints them.
const counting = `trap 'i=${i}I' INT; trap 't=${t}T' TERM; trap 'echo "$i$t"; exit 5' HUP; echo ready; while :; do sleep 0.02; done`

func TestASignalReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		send func(pid int, s syscall.Signal) error
	}{
		{"of a program", syscall.Kill},
		{"of the terminal", func(pid int, s syscall.Signal) error {
			if s == syscall.SIGHUP {
				return syscall.Kill(pid, s)
			}
			return syscall.Kill(-pid, s)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := sandboxed(t, "own", "bash", "-c", counting)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			lines := start(t, cmd)
			if line, _ := lines.ReadString('\n'); line != "ready\n" {
				t.Fatalf("it begins with %q", line)
			}
			for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
				if err := c.send(cmd.Process.Pid, s); err != nil {
					t.Fatal(err)
				}
				time.Sleep(200 * time.Millisecond)
			}
			rest, _ := io.ReadAll(lines)
			_ = cmd.Wait()
			if string(rest) != "IIT\n" || cmd.ProcessState.ExitCode() != 5 {
				t.Errorf("it got %q, and ends with %d", rest, cmd.ProcessState.ExitCode())
			}
		})
	}
}

// terminal opens a terminal, and returns both of its ends.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ours.Close() })
	n, err1 := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	err2 := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0)
	theirs, err3 := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { theirs.Close() })
	return ours, theirs
}

// TestACommandHasTheTerminal types Ctrl+C and Ctrl+Z, and has the shell's part of the latter.
func TestACommandHasTheTerminal(t *testing.T) {
	t.Parallel()
	ours, theirs := terminal(t)
	cmd := sandboxed(t, "own", "bash", "-c", "test -t 0 && test -t 1 && : </dev/tty && "+counting)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	lines := bufio.NewReader(ours)
	if line, _ := lines.ReadString('\n'); line != "ready\r\n" {
		t.Fatalf("it begins with %q", line)
	}
	for _, key := range []string{"\x03", "\x03", "\x1a"} {
		if _, err := ours.WriteString(key); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	line, _ := lines.ReadString('\n')
	_ = cmd.Wait()
	if got := strings.NewReplacer("^C", "", "^Z", "", "\r\n", "").Replace(line); got != "II" || cmd.ProcessState.ExitCode() != 5 {
		t.Errorf("it got %q, and ends with %d", line, cmd.ProcessState.ExitCode())
	}
}

// start starts a command, and returns what it prints.
func start(t *testing.T, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("errors: %s", &errs)
		}
	})
	return bufio.NewReader(out)
}

// background is a command that leaves another one behind, whose argument is to be found in /proc.
const background = `sleep "$0" & setsid sleep "$0" & echo ready; %s`

// running reports whether there is a process with this argument.
func running(arg string) bool {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range all {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), "sleep\x00"+arg+"\x00") {
			return true
		}
	}
	return false
}

func TestNothingOutlivesTheCommand(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		name, then string
		kill       bool
	}{{"that ends", "exit 3", false}, {"whose program is killed", "sleep \"$0\"", true}} {
		for _, user := range []string{"this user", "another user"} {
			t.Run(c.name+", "+user, func(t *testing.T) {
				t.Parallel()
				arg := fmt.Sprintf("%d.%d%d", 1000000+os.Getpid(), i, len(user))
				cmd := sandboxed(t, "own", "sh", "-c", fmt.Sprintf(background, c.then), arg)
				temporary := t.TempDir()
				if user == "another user" {
					withoutRights(t, cmd)
					if err := os.Chmod(temporary, 0o777); err != nil {
						t.Fatal(err)
					}
				}
				cmd.Env = append(cmd.Env, "TMPDIR="+temporary)
				before := mounts(t)
				lines := start(t, cmd)
				if line, _ := lines.ReadString('\n'); line != "ready\n" {
					t.Fatalf("it begins with %q", line)
				}
				if c.kill {
					if !running(arg) {
						t.Error("it does not run")
					}
					_ = cmd.Process.Kill()
				}
				_ = cmd.Wait()
				for range 100 {
					if !running(arg) {
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
				if running(arg) {
					t.Error("processes remain")
				}
				if !c.kill && cmd.ProcessState.ExitCode() != 3 {
					t.Errorf("it ends with %d", cmd.ProcessState.ExitCode())
				}
				if after := mounts(t); after != before {
					t.Errorf("mounts remain: %s instead of %s", after, before)
				}
				left := 0
				err := filepath.WalkDir(temporary, func(_ string, d fs.DirEntry, err error) error {
					left++
					return err
				})
				if most := map[bool]int{false: 1, true: 2}[c.kill]; err != nil || left > most { // an empty directory, once it is killed
					t.Errorf("%d files and directories remain, %v", left, err)
				}
			})
		}
	}
}

func mounts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestADirectoryOfAKilledProcessIsRemovedLater keeps those that are in use or new.
func TestADirectoryOfAKilledProcessIsRemovedLater(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	for _, name := range []string{"old", "new", "used"} {
		dir := filepath.Join(temporary, "taphoa-sandbox-"+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if hour := time.Now().Add(-time.Hour); name != "new" {
			if err := os.Chtimes(dir, hour, hour); err != nil {
				t.Fatal(err)
			}
		}
	}
	used, err := os.Open(filepath.Join(temporary, "taphoa-sandbox-used"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	if err := unix.Flock(int(used.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	cmd := sandboxed(t, "own", "true")
	cmd.Env = append(cmd.Env, "TMPDIR="+temporary)
	run(t, cmd)
	left, _ := filepath.Glob(filepath.Join(temporary, "*"))
	if len(left) != 2 || strings.Contains(fmt.Sprint(left), "old") {
		t.Errorf("%v remain", left)
	}
}
