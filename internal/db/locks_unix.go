//go:build linux || darwin

package db

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockedByOthers reports whether another process has the database open, each connection of which locks bytes beyond its first
// GiB (https://sqlite.org/lockingv3.html).
func lockedByOthers(f *os.File) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: 1 << 30, Len: 512}
	err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock)
	return err != nil || lock.Type != unix.F_UNLCK
}
