package webhook

import (
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// boot names this run of the program: a container gives every run the same process id.
var boot = rand.Text()[:8]

// gone reports that an owner was a courier of this host whose program has ended. An owner is host/pid/boot/name.
func gone(owner, self string) bool {
	his, mine := strings.Split(owner, "/"), strings.Split(self, "/")
	if len(his) != 4 || his[0] == "" || his[0] != mine[0] {
		return false
	}
	if his[1] == mine[1] {
		return his[2] != mine[2]
	}
	pid, err := strconv.Atoi(his[1])
	if err != nil {
		return false
	}
	p, err := os.FindProcess(pid)
	return err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
