package isolate

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/taphoa/taphoa/internal/message"
)

// Command runs a command with an environment and returns its exit status when it has ended: 128 and the signal's number if one has
// killed it, 127 if it is not found, 126 if it cannot be executed. What it leaves behind ends with this process. Meanwhile
// this process, the first one here, waits for all children: it must have no others.
func (s *Space) Command(argv, env []string) (exit int, err error) {
	path, err := exec.LookPath(argv[0])
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return notFound, message.Errorf("there is no command %s", argv[0])
	case err != nil:
		return notExecutable, message.Errorf("%s cannot be executed: %w", argv[0], errors.Unwrap(err)) // which has named it
	}
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, marker+"=") })
	p, err := s.start(path, argv, env)
	if err != nil {
		return notExecutable, message.Errorf("%s cannot be executed: %w", argv[0], errors.Unwrap(err))
	}
	done := make(chan struct{})
	defer close(done)
	kill := func() { os.Exit(bySignal + int(syscall.SIGKILL)) } // and everything here with it
	go s.relay.run(done, func(sig syscall.Signal) { _ = p.Signal(sig) }, kill)
	for {
		var ended syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ended, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1, os.NewSyscallError("wait4", err)
		case pid == p.Pid:
			return status(ended), nil
		}
	}
}

// start starts the command without the capabilities of this process: from a thread that has none, and ends.
func (s *Space) start(path string, argv, env []string) (p *os.Process, err error) {
	started := make(chan struct{})
	go func() {
		defer close(started)
		runtime.LockOSThread() // without an end
		if err = s.drop(); err == nil {
			p, err = os.StartProcess(path, argv, &os.ProcAttr{Env: env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
		}
	}()
	<-started
	return p, err
}

// overNamespaces are the capabilities by which a command could undo what surrounds it.
const overNamespaces = 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_SYS_PTRACE

// drop leaves a thread in a user namespace what the caller has had, without those over the namespaces. As root without one, the
// command is root as the caller is.
func (s *Space) drop() error {
	if !s.state.User {
		return nil
	}
	keep := s.state.Capabilities &^ overNamespaces
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if keep>>c&1 == 0 {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) { // an older kernel
				return os.NewSyscallError("prctl", err)
			}
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for i := range data {
		part := uint32(keep >> (32 * i))
		data[i] = unix.CapUserData{Effective: part, Permitted: part}
	}
	return os.NewSyscallError("capset", unix.Capset(&header, &data[0]))
}

// effective returns the capabilities of this process.
func effective() (all uint64, err error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0, os.NewSyscallError("capget", err)
	}
	return uint64(data[0].Effective) | uint64(data[1].Effective)<<32, nil
}
