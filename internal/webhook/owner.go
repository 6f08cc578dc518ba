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

// hostID identifies where process ids are unique: this boot of the machine and, in a container, its PID namespace. Where
// neither can be read it is the host name.
var hostID = sync.OnceValue(func() string {
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, err2 := os.Readlink("/proc/self/ns/pid")
	if err1 == nil && err2 == nil {
		return strings.TrimSpace(string(boot)) + "/" + space
	}
	host, _ := os.Hostname() // without a name, leases of a process that has exited end by time
	return host
})

// runID identifies this run of the program: in a container every run has the same process id.
var runID = rand.Text()[:8]

// newOwner returns the name of a deliverer in leases: hostID, process id, runID, and a random id within the process.
func newOwner() string {
	return fmt.Sprintf("%s %d %s %s", hostID(), os.Getpid(), runID, rand.Text()[:8])
}

// ownerExited reports whether an owner was a deliverer on this host whose process has exited.
func ownerExited(owner, self string) bool {
	theirs, own := strings.Split(owner, " "), strings.Split(self, " ")
	if len(theirs) != 4 || theirs[0] == "" || theirs[0] != own[0] {
		return false
	}
	if theirs[1] == own[1] {
		return theirs[2] != own[2]
	}
	pid, err := strconv.Atoi(theirs[1])
	if err != nil {
		return false
	}
	p, err := os.FindProcess(pid)
	return err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
