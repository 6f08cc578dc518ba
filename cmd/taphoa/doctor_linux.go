package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFilesLimit is how many files a process of this user may have open; -1: unknown.
func openFilesLimit() int64 {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return -1
	}
	return int64(min(r.Max, 1<<62)) // to which the runtime raises its own
}

// fileSystemOf is the kind of the file system of a directory, as statfs(2) has it; 0: unknown.
func fileSystemOf(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Type) & 0xffffffff
}

// ownerOf is the number of a file's owner; -1: unknown.
func ownerOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return -1
	}
	return int64(info.Sys().(*syscall.Stat_t).Uid)
}
