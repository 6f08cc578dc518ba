//go:build !linux

package isolate

import (
	"os"

	"github.com/taphoa/taphoa/internal/message"
)

// errNoNamespaces is the error of all functions here.
func errNoNamespaces() error {
	return message.Errorf("only Linux has the namespaces that isolate the command: use --hosts instead")
}

// Inside reports whether this process is the one that [Enter] has started: never on this system.
func Inside() bool { return false }

// Enter returns an error on this system.
func Enter(Options, *os.File, *os.File, *os.File) (exit int, err error) { return 1, errNoNamespaces() }

// Prepare returns an error on this system.
func Prepare([]string) (*Space, error) { return nil, errNoNamespaces() }

// Cover returns an error on this system.
func (*Space) Cover(string, string) error { return errNoNamespaces() }

// Command returns an error on this system.
func (*Space) Command([]string, []string) (exit int, err error) { return 1, errNoNamespaces() }
