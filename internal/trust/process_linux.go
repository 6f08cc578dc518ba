package trust

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// processStart returns when a process was started, as a text without spaces that no other process of its number has.
func processStart(pid int) (start string, alive bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // after the name, which may have spaces
	if len(fields) < 20 || fields[0] == "Z" {
		return "", false
	}
	return fields[19], true
}

// keepOwner gives a file the owner and the label of another one.
func keepOwner(f *os.File, like string, info fs.FileInfo) error {
	label := make([]byte, 256)
	if n, err := unix.Getxattr(like, "security.selinux", label); err == nil {
		if err := unix.Fsetxattr(int(f.Fd()), "security.selinux", label[:n], 0); err != nil && !errors.Is(err, unix.ENOTSUP) {
			return err
		}
	}
	owner := info.Sys().(*syscall.Stat_t)
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
