package isolate

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/taphoa/taphoa/internal/message"
)

// forwarded are the signals that the command gets. What the caller ignores, as nohup does, stays ignored.
func forwarded() (all []os.Signal) {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			all = append(all, s)
		}
	}
	return all
}

// Inside reports whether this process is the one that [Enter] has started.
func Inside() bool {
	_, ok := parseState(os.Getenv(marker))
	return ok && os.Getpid() == 1
}

// Enter runs this program again, with the same arguments, in namespaces of its own, and returns its exit status when it has ended:
// 128 and the signal's number if one has killed it. Signals are the business of what runs inside, so there is no context:
// while Enter runs, SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end this process.
func Enter(o Options, stdin, stdout, stderr *os.File) (exit int, err error) {
	runtime.LockOSThread() // the signal at the parent's death is at that of the thread which has started the child
	defer runtime.UnlockOSThread()
	e := &entry{stdio: [3]*os.File{stdin, stdout, stderr}}
	defer e.end()
	if err := e.open(o); err != nil {
		return 1, err
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, forwarded()...)
	defer signal.Stop(signals)
	cmd, err := e.start()
	if err != nil {
		return 1, err
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				_, _ = e.signals.Write([]byte{byte(s.(syscall.Signal))}) // the process inside is ending
			}
		}
	}()
	err = cmd.Wait()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		return 1, err
	}
	return status(cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// status is the exit status of a process as shells have it.
func status(s syscall.WaitStatus) int {
	if s.Signaled() {
		return bySignal + int(s.Signal())
	}
	return s.ExitStatus()
}

// entry is what the process outside has open.
type entry struct {
	stdio   [3]*os.File
	dir     *os.File // locked while it is in use
	signals *os.File // to the process inside
	inherit []*os.File
	state   state
}

// open makes the directory, the pipe and, with the machine's network, the ports.
func (e *entry) open(o Options) (err error) {
	removeLeftovers()
	e.state.Net = o.Net
	if e.state.Capabilities, err = effective(); err != nil {
		return err
	}
	if e.state.Dir, err = os.MkdirTemp("", dirPrefix); err != nil {
		return message.Errorf("no directory for temporary files: %w", err)
	}
	if e.dir, err = os.Open(e.state.Dir); err != nil {
		return err
	}
	if err := unix.Flock(int(e.dir.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return os.NewSyscallError("flock", err)
	}
	from, to, err := os.Pipe()
	if err != nil {
		return err
	}
	e.signals, e.state.Signals = to, e.pass(from)
	if !o.Net {
		return nil
	}
	_, tls, plain, err := Listen()
	if errors.Is(err, os.ErrPermission) {
		program, _ := os.Executable() // is running
		return message.Errorf("%w: run as root, or allow it to this program (\"sudo setcap cap_net_bind_service=ep %s\") or to everyone "+
			"(\"sudo sysctl -w net.ipv4.ip_unprivileged_port_start=%d\"); without --net none of this is needed", err, program, portPlain)
	}
	if err != nil {
		return err
	}
	if e.state.TLS, err = e.passListener(tls); err == nil && plain != nil {
		e.state.Plain, err = e.passListener(plain)
	}
	return err
}

// pass lets the process inside have a file, under the same number.
func (e *entry) pass(f *os.File) (fd int) {
	e.inherit = append(e.inherit, f)
	return int(f.Fd())
}

func (e *entry) passListener(l net.Listener) (fd int, err error) {
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return 0, err
	}
	return e.pass(f), l.Close()
}

// start starts the process inside: as root without a user namespace, where that is permitted.
func (e *entry) start() (cmd *exec.Cmd, err error) {
	program, err := e.program()
	if err != nil {
		return nil, err
	}
	for _, f := range e.inherit {
		if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0); err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
	}
	for _, e.state.User = range []bool{false, true} {
		if !e.state.User && os.Geteuid() != 0 {
			continue
		}
		cmd = &exec.Cmd{
			Path: program, Args: os.Args, Env: append(os.Environ(), marker+"="+e.state.String()),
			Stdin: e.stdio[0], Stdout: e.stdio[1], Stderr: e.stdio[2], SysProcAttr: e.attributes(),
		}
		if err = cmd.Start(); err == nil {
			break
		}
	}
	if err != nil {
		return nil, refused(err)
	}
	for _, f := range e.inherit {
		_ = f.Close() // the process inside has it
	}
	e.inherit = nil
	return cmd, nil
}

// program returns the path of this program. Of one with capabilities of its own ("setcap") it is a copy in memory without them,
// since the kernel then drops those that the process gets for its namespaces.
func (e *entry) program() (string, error) {
	const self = "/proc/self/exe"
	if n, err := unix.Getxattr(self, "security.capability", nil); err != nil || n == 0 {
		return self, nil
	}
	// The maps of a user namespace are files of the process, which are root's after it has got capabilities.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return "", os.NewSyscallError("prctl", err)
	}
	fd, err := unix.MemfdCreate("taphoa", unix.MFD_CLOEXEC)
	if err != nil {
		return "", os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "taphoa")
	from, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer from.Close()
	if _, err := io.Copy(f, from); err != nil {
		return "", err
	}
	return fmt.Sprintf("/proc/self/fd/%d", e.pass(f)), nil
}

// attributes are the namespaces. In a user namespace everyone is who they are outside.
func (e *entry) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if !e.state.Net {
		a.Cloneflags |= unix.CLONE_NEWNET
	}
	if !e.state.User {
		return a
	}
	a.Cloneflags |= unix.CLONE_NEWUSER
	a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN, unix.CAP_NET_BIND_SERVICE, unix.CAP_SETPCAP}
	if held := e.state.Capabilities; held>>unix.CAP_SETUID&held>>unix.CAP_SETGID&1 == 1 {
		a.UidMappings, a.GidMappings, a.GidMappingsEnableSetgroups = ids("uid"), ids("gid"), true
		return a
	}
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	return a
}

// ids returns all users or groups of this user namespace as they are.
func ids(kind string) (all []syscall.SysProcIDMap) {
	text, _ := os.ReadFile("/proc/self/" + kind + "_map") // without it there are no others
	for line := range strings.Lines(string(text)) {
		var inside, outside, size int
		if _, err := fmt.Sscan(line, &inside, &outside, &size); err == nil {
			all = append(all, syscall.SysProcIDMap{ContainerID: inside, HostID: inside, Size: size})
		}
	}
	return all
}

// end closes what is open and removes the directory.
func (e *entry) end() {
	for _, f := range append(e.inherit, e.signals, e.dir) {
		if f != nil {
			_ = f.Close()
		}
	}
	if e.state.Dir != "" {
		_ = os.Remove(e.state.Dir)
	}
}

const dirPrefix = "taphoa-sandbox-"

// removeLeftovers removes directories of processes that were killed: they are empty, and no process has them locked or is about to.
func removeLeftovers() {
	all, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, name := range all {
		info, err := os.Stat(name)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}
