//go:build linux || darwin

package dbtest

// The server is started by no test process but by a supervisor: the test binary once more, detached, with initdb and
// postgres as its children. Three files in one directory are used for their locks only:
//
//	users       shared by every test process; the kernel releases it when a process ends, also by SIGKILL
//	supervisor  held by the supervisor: a directory whose file is not locked is a leftover
//	start       held by the process that checks for a supervisor and starts one
//
// When the supervisor gets an exclusive lock on users, no process uses the server: it removes server and directory.

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
	supervisorEnv = "TAPHOA_DBTEST_SUPERVISOR"

	// idleTimeout is how long the server runs without a user: go test takes about that long to link the next package.
	idleTimeout = 1500 * time.Millisecond

	startTimeout = time.Minute // for a start on a busy machine; an idle one needs two seconds
)

func init() {
	if os.Getenv(supervisorEnv) == "" {
		return
	}
	if err := supervise(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// join makes this process a user of the server, and starts it if it does not run.
func join(bin string, settings []string) (*cluster, error) {
	// Other programs or settings have another server.
	key := fnv.New32a()
	fmt.Fprint(key, bin, settings)
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("taphoa-tests-pg-%d-%08x", os.Getuid(), key.Sum32()))

	users, err := lockUsers(dir)
	if err != nil {
		return nil, err
	}
	socket, err := findOrStart(dir, bin, settings)
	if err != nil {
		return nil, errors.Join(err, users.Close())
	}
	return &cluster{socket: socket, users: users}, nil
}

// lockUsers takes a shared lock on the file users in dir, which it creates.
func lockUsers(dir string) (*os.File, error) {
	for {
		if err := ownDir(dir); err != nil {
			return nil, err
		}
		f, err := lock(filepath.Join(dir, "users"), syscall.LOCK_SH)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a supervisor has removed the directory in between
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
		if err := f.Close(); err != nil { // the file of a directory that was removed
			return nil, err
		}
	}
}

// ownDir creates dir, which must be searchable for the server's user, or checks that it is owned by this user.
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

// findOrStart returns the directory of the server's socket, and starts the server if it does not run.
func findOrStart(dir, bin string, settings []string) (string, error) {
	gate, err := lock(filepath.Join(dir, "start"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer gate.Close()

	held, err := lock(filepath.Join(dir, "supervisor"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		socket, err := os.ReadFile(filepath.Join(dir, "socket"))
		return string(socket), err
	} else if err != nil {
		return "", err
	}
	if err := held.Close(); err != nil {
		return "", err
	}
	if err := removeLeftovers(dir); err != nil {
		return "", err
	}
	return startSupervisor(dir, bin, settings)
}

// removeLeftovers removes the directories of supervisors that were killed.
func removeLeftovers(dir string) error {
	runs, err := filepath.Glob(filepath.Join(dir, "run-*"))
	if err != nil {
		return err
	}
	renamed, err := filepath.Glob(dir + ".*.removed")
	if err != nil {
		return err
	}
	for _, leftover := range append(runs, renamed...) {
		if err := os.RemoveAll(leftover); err != nil {
			return err
		}
	}
	return nil
}

func startSupervisor(dir, bin string, settings []string) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(exe, append([]string{dir, bin}, settings...)...)
	cmd.Env = append(os.Environ(), supervisorEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // an interrupt at the terminal must not reach the supervisor
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

// supervise runs the server until it is unused. It runs inside init, that is on the main thread, which outlives all others:
// on Linux the server gets a signal when the thread that started it ends.
func supervise(dir, bin string, settings []string) error {
	signal.Ignore(syscall.SIGPIPE) // the process that waited for the report may have ended
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)

	held, err := lock(filepath.Join(dir, "supervisor"), syscall.LOCK_EX|syscall.LOCK_NB)
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

	// Renamed first, so that another process never sees a half removed directory.
	renamed := fmt.Sprintf("%s.%d.removed", dir, os.Getpid())
	return errors.Join(err, os.Rename(dir, renamed), os.RemoveAll(renamed))
}

// serve runs the server until no process uses it.
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
	if err := waitUntilReady(run, ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(run, "log"))
		return fmt.Errorf("%w\n%s", err, log)
	}
	if err := os.WriteFile(filepath.Join(dir, "socket"), []byte(run), 0o600); err != nil {
		return err
	}
	fmt.Print("ready ", run)
	os.Stdout.Close()

	unused := make(chan error, 1)
	go func() { unused <- waitUntilUnused(users) }()
	select {
	case err := <-unused:
		return err
	case <-stop:
		return nil
	case <-ended:
		return end
	}
}

// command returns a command that runs a program of PostgreSQL in the directory run, as an unprivileged user.
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

// initialise creates a cluster in run.
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

// unprivileged returns the user that runs the server, which does not start as root.
func unprivileged() (uid, gid int, err error) {
	if os.Getuid() != 0 {
		return os.Getuid(), os.Getgid(), nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err = strconv.Atoi(account.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(account.Gid)
	return uid, gid, err
}

// waitUntilReady waits until the server accepts connections.
func waitUntilReady(run string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
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

// waitUntilUnused returns, with the lock on users, when no process has used the server for idleTimeout.
func waitUntilUnused(users *os.File) error {
	for {
		if err := flock(users, syscall.LOCK_EX); err != nil {
			return err
		}
		if err := flock(users, syscall.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(idleTimeout)
		if err := flock(users, syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
	}
}

// lock opens the file, which it creates if needed, and locks it until it is closed.
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
