//go:build linux || darwin

package dbtest

// The server belongs to no test process but to a warden: the test binary once more, detached, with
// initdb and postgres as its children. Three files in one directory, used for nothing but their locks, say who is there:
//
//	users   shared by every test process; the kernel lets go of it when a process ends, also by SIGKILL
//	warden  held by the warden, so that a directory without a living one is known for a ruin
//	gate    held by the process that looks whether there is a warden, and starts one
//
// When the warden can have users for itself, nobody is left, and it removes the server and the directory.

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	wardenEnv = "TAPHOA_DBTEST_WARDEN"

	// linger is how long the server outlives its last user: go test takes about that long to link the next package.
	linger = 1500 * time.Millisecond

	patience = time.Minute // for a start on a busy machine; an idle one needs two seconds
)

func init() {
	if os.Getenv(wardenEnv) == "" {
		return
	}
	if err := ward(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// join makes this process a user of the server, and starts that if nobody else has.
func join(bin string, settings []string) (*cluster, error) {
	// Whoever wants other programs or settings gets another server.
	key := fnv.New32a()
	fmt.Fprint(key, bin, settings)
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("taphoa-pg-%d-%08x", os.Getuid(), key.Sum32()))

	users, err := enter(dir)
	if err != nil {
		return nil, err
	}
	socket, err := findOrStart(dir, bin, settings)
	if err != nil {
		return nil, errors.Join(err, users.Close())
	}
	return &cluster{socket: socket, users: users}, nil
}

// enter counts this process among the users of dir.
func enter(dir string) (*os.File, error) {
	for {
		if err := ownDir(dir); err != nil {
			return nil, err
		}
		f, err := lock(filepath.Join(dir, "users"), syscall.LOCK_SH)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a warden took the directory away in between
		} else if err != nil {
			return nil, err
		}
		held, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if there, err := os.Stat(f.Name()); err == nil && os.SameFile(held, there) {
			return f, nil
		}
		if err := f.Close(); err != nil { // the file of a directory that is gone
			return nil, err
		}
	}
}

// ownDir makes dir, which root's server must be able to pass through, or checks that no one else has made it.
func ownDir(dir string) error {
	if err := os.Mkdir(dir, 0o711); err == nil {
		return os.Chmod(dir, 0o711) // whatever the umask says
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s is not a directory of ours", dir)
	}
	return nil
}

// findOrStart is the directory of the server's socket.
func findOrStart(dir, bin string, settings []string) (string, error) {
	gate, err := lock(filepath.Join(dir, "gate"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer gate.Close()

	warden, err := lock(filepath.Join(dir, "warden"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		socket, err := os.ReadFile(filepath.Join(dir, "socket"))
		return string(socket), err
	} else if err != nil {
		return "", err
	}
	if err := warden.Close(); err != nil {
		return "", err
	}
	if err := clearRuins(dir); err != nil {
		return "", err
	}
	return startWarden(dir, bin, settings)
}

// clearRuins removes what wardens left that were killed.
func clearRuins(dir string) error {
	runs, err := filepath.Glob(filepath.Join(dir, "run-*"))
	if err != nil {
		return err
	}
	gone, err := filepath.Glob(dir + ".*.gone")
	if err != nil {
		return err
	}
	for _, ruin := range append(runs, gone...) {
		if err := os.RemoveAll(ruin); err != nil {
			return err
		}
	}
	return nil
}

func startWarden(dir, bin string, settings []string) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(exe, append([]string{dir, bin}, settings...)...)
	cmd.Env = append(os.Environ(), wardenEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an interrupt at the terminal is not for the warden
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	report, err := io.ReadAll(out)
	if err != nil {
		return "", err
	}
	socket, ok := strings.CutPrefix(string(report), "ready ")
	if !ok {
		return "", fmt.Errorf("starting PostgreSQL: %s (%w)", report, cmd.Wait())
	}
	go cmd.Wait() //nolint:errcheck // reaped, should it end before us
	return socket, nil
}

// ward is the life of a warden. It runs inside init, that is on the main thread, which outlives all others: on Linux
// the server is told when the thread that started it ends.
func ward(dir, bin string, settings []string) error {
	signal.Ignore(syscall.SIGPIPE) // whoever waited for the report may be gone
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)

	held, err := lock(filepath.Join(dir, "warden"), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return err
	}
	defer held.Close()
	users, err := os.OpenFile(filepath.Join(dir, "users"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer users.Close()

	err = serve(dir, users, stop, bin, settings)

	// Renamed first, so that a process that comes now finds nothing, and not half of something.
	gone := fmt.Sprintf("%s.%d.gone", dir, os.Getpid())
	return errors.Join(err, os.Rename(dir, gone), os.RemoveAll(gone))
}

// serve runs the server until nobody needs it.
func serve(dir string, users *os.File, stop <-chan os.Signal, bin string, settings []string) error {
	run, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return err
	}
	uid, gid, err := unprivileged()
	if err != nil {
		return err
	}
	if err := os.Chown(run, uid, gid); err != nil {
		return err
	}
	if err := initialise(run, bin); err != nil {
		return err
	}
	server, err := launch(run, bin, settings)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	var end error
	go func() {
		end = server.Wait()
		close(ended)
	}()
	defer func() {
		server.Process.Signal(syscall.SIGQUIT) //nolint:errcheck // it may have ended by itself
		<-ended
	}()
	if err := answers(run, ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(run, "log"))
		return fmt.Errorf("%w\n%s", err, log)
	}
	if err := os.WriteFile(filepath.Join(dir, "socket"), []byte(run), 0o600); err != nil {
		return err
	}
	fmt.Print("ready ", run)
	os.Stdout.Close()

	alone := make(chan error, 1)
	go func() { alone <- waitAlone(users) }()
	select {
	case err := <-alone:
		return err
	case <-stop:
		return nil
	case <-ended:
		return end
	}
}

// command is a program of the server's, run by whoever may, in run.
func command(run, bin, program string, args ...string) (*exec.Cmd, error) {
	uid, gid, err := unprivileged()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, program), args...)
	cmd.Dir = run
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() != uid {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	endWithParent(cmd.SysProcAttr)
	return cmd, nil
}

// initialise makes a cluster in run.
func initialise(run, bin string) error {
	cmd, err := command(run, bin, "initdb", "-D", filepath.Join(run, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// launch starts the server of the cluster in run.
func launch(run, bin string, settings []string) (*exec.Cmd, error) {
	args := []string{"-D", filepath.Join(run, "data"), "-k", run, "-p", "5432"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	server, err := command(run, bin, "postgres", args...)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(run, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	return server, server.Start()
}

// unprivileged is who runs the server, which refuses root.
func unprivileged() (uid, gid int, err error) {
	if os.Getuid() != 0 {
		return os.Getuid(), os.Getgid(), nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err = strconv.Atoi(who.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(who.Gid)
	return uid, gid, err
}

// answers waits until the server takes connections.
func answers(run string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, (&cluster{socket: run}).dsn("postgres", nil))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ended:
			return errors.New("the server ended")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// waitAlone returns, with the lock on users, when nobody has used the server for a while.
func waitAlone(users *os.File) error {
	for {
		if err := flock(users, syscall.LOCK_EX); err != nil {
			return err
		}
		if err := flock(users, syscall.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(linger)
		if err := flock(users, syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
	}
}

// lock opens the file, made if need be, and locks it until it is closed.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
