package testbench

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa/internal/trust"
)

// DirPrefix is what the names of directories begin with that [NewDir] makes; the number of the process follows.
const DirPrefix = "taphoa-forks-"

// NewDir makes a directory for a sandbox of this process, and removes those of processes that were killed.
func NewDir() (string, error) {
	for _, dir := range LeftDirs(os.TempDir()) {
		_ = os.RemoveAll(dir) // another user's stays
	}
	return os.MkdirTemp("", fmt.Sprintf("%s%d-*", DirPrefix, os.Getpid()))
}

// LeftDirs returns the directories of sandboxes that were killed, among temporary files.
func LeftDirs(temp string) []string {
	dirs, _ := filepath.Glob(filepath.Join(temp, DirPrefix+"*")) // the pattern is valid
	return slices.DeleteFunc(dirs, func(dir string) bool {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), DirPrefix), "-")
		pid, err := strconv.Atoi(owner)
		return err != nil || trust.Running(pid)
	})
}
