package webhook

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// home names where process ids are unique: this run of the machine and, in a container, the container. Hosts that know
// neither are told apart by their names.
var home = sync.OnceValue(func() string {
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, err2 := os.Readlink("/proc/self/ns/pid")
	if err1 == nil && err2 == nil {
		return strings.TrimSpace(string(boot)) + "/" + space
	}
	host, _ := os.Hostname() // without a name, leases of a dead courier end by time
	return host
})

// process names this run of the program: a container gives every run the same process id.
var process = rand.Text()[:8]

// newOwner names a courier in leases: home, process id, process, and which courier of it.
func newOwner() string {
	return fmt.Sprintf("%s %d %s %s", home(), os.Getpid(), process, rand.Text()[:8])
}

// gone reports that an owner was a courier of this home whose program has ended.
func gone(owner, self string) bool {
	his, mine := strings.Split(owner, " "), strings.Split(self, " ")
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
