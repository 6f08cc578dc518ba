//go:build linux || darwin

package db

import "golang.org/x/sys/unix"

// freeBytes is the free space that a file system has for programs without privileges, -1 when it does not say.
func freeBytes(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
