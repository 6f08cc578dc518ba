package isolate

import (
	"io"
	"os"
	"syscall"
	"time"
)

const (
	// together is within what the signals of one sender to a process group arrive.
	together = 50 * time.Millisecond

	// paired is for how long a signal to the group is remembered.
	paired = time.Second
)

// relay passes signals on to the command. The process outside carries those that it receives; if this one, which is in the same
// process group, has received the same one, the command has, too.
type relay struct {
	direct  chan os.Signal      // what this process has received
	carried chan syscall.Signal // what the process outside has received; closed when it is gone
}

// read reads the numbers of signals that the process outside carries.
func (r *relay) read(from io.ReadCloser) {
	defer from.Close()
	defer close(r.carried)
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(from, b); err != nil {
			return
		}
		r.carried <- syscall.Signal(b[0])
	}
}

// run delivers until done is closed, or the process outside is gone; then it calls orphaned.
func (r *relay) run(done <-chan struct{}, deliver func(syscall.Signal), orphaned func()) {
	seen := map[os.Signal]time.Time{}
	for {
		select {
		case <-done:
			return
		case s := <-r.direct:
			seen[s] = time.Now()
		case s, ok := <-r.carried:
			if !ok {
				orphaned()
				return
			}
			for wait := time.After(together); wait != nil; {
				select {
				case other := <-r.direct:
					seen[other] = time.Now()
				case <-wait:
					wait = nil
				}
			}
			if at, ok := seen[s]; !ok || time.Since(at) > paired {
				deliver(s)
			}
			delete(seen, s)
		}
	}
}
