//go:build linux || darwin

package dbtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Private starts a PostgreSQL server that only this test uses, with its own rules of who may connect how (lines of
// pg_hba.conf), and answers the directory of its socket. The superuser is postgres.
func Private(tb testing.TB, rules ...string) (socket string) {
	tb.Helper()
	bin, err := programs()
	if err != nil {
		refuse(tb, err)
	}
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	run, err := os.MkdirTemp("", "taphoa-pg-")
	must(err)
	tb.Cleanup(func() {
		if err := os.RemoveAll(run); err != nil {
			tb.Error(err)
		}
	})
	must(os.Chmod(run, 0o711))
	hba := filepath.Join(run, "hba")
	must(os.WriteFile(hba, []byte(strings.Join(rules, "\n")+"\n"), 0o600))
	must(os.Chmod(hba, 0o644)) // for the server of root, which is another user
	server, err := launch(run, bin, settings("hba_file="+hba))
	must(err)
	ended := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(ended)
	}()
	tb.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		<-ended
	})
	if err := answers(run, ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(run, "log"))
		tb.Fatal(errors.Join(err, errors.New(string(log))))
	}
	return run
}
