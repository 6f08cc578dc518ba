package isolate

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/taphoa/taphoa/internal/message"
)

// refusals are the errors of the kernel, its settings and its modules that are about namespaces.
var refusals = []error{syscall.EPERM, syscall.EACCES, syscall.ENOSPC, syscall.EUSERS, syscall.EINVAL, syscall.ENOSYS}

// refused says what refuses namespaces here, and what to do. Other errors are returned as they are.
func refused(err error) error {
	if !slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) }) {
		return err
	}
	for _, s := range []struct{ name, refuses, allow string }{
		{"user.max_user_namespaces", "0", "10000"},
		{"kernel.unprivileged_userns_clone", "0", "1"}, // of Debian
		{"kernel.apparmor_restrict_unprivileged_userns", "1", "0"},
	} {
		text, _ := os.ReadFile(filepath.Join("/proc/sys", strings.ReplaceAll(s.name, ".", "/"))) // not every kernel has it
		if strings.TrimSpace(string(text)) == s.refuses {
			return message.Errorf("%s is %s here and refuses the namespaces that isolate the command (%w): \"sudo sysctl -w %s=%s\" permits them, or use --hosts instead",
				s.name, s.refuses, err, s.name, s.allow)
		}
	}
	text, _ := os.ReadFile("/proc/self/status")
	if filtered := strings.Contains(string(text), "\nSeccomp:\t2"); filtered && errors.Is(err, syscall.EPERM) {
		return message.Errorf("this container's seccomp profile refuses the namespaces that isolate the command (%w): start the container with --privileged, "+
			"or with --security-opt seccomp=unconfined; or use --hosts instead", err)
	}
	return message.Errorf("this system refuses the namespaces that isolate the command (%w): run as root, or use --hosts instead", err)
}
