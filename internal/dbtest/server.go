//go:build linux || darwin

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server of one test, which may be stopped, restarted and promoted. Close removes its files.
type Server struct {
	bin, dir string
	settings []string
	command  *exec.Cmd
	ended    chan struct{}
	standby  *Server
}

// OwnServer starts a [Server] until the end of the test. Without an installed PostgreSQL the test is skipped; with
// CI=true it fails.
func OwnServer(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s, err := NewServer(append([]string{
		"fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=100", "jit=off", "timezone=UTC",
	}, settings...)...)
	if err != nil {
		skipWithoutServer(tb, err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// NewServer creates a cluster with settings such as "fsync=off" and starts its server.
func NewServer(settings ...string) (*Server, error) {
	bin, err := findServer(os.Getenv("TAPHOA_PG_BIN"), "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, settings: append([]string{"listen_addresses="}, settings...)}
	if s.dir, err = emptyDir(); err != nil {
		return nil, err
	}
	if err = initialise(s.dir, bin); err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// SignIn replaces the rules in pg_hba.conf of a running server.
func (s *Server) SignIn(ctx context.Context, rules ...string) error {
	file := filepath.Join(s.dir, "data", "pg_hba.conf") // overwritten, so that its owner stays
	if err := os.WriteFile(file, []byte(strings.Join(rules, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	return s.Exec(ctx, "postgres", "SELECT pg_reload_conf()")
}

// Socket returns the directory of the socket on which the server listens.
func (s *Server) Socket() string { return s.dir }

// emptyDir creates a directory that is owned by the user that runs servers.
func emptyDir() (string, error) {
	dir, err := os.MkdirTemp("", "taphoa-server-")
	if err != nil {
		return "", err
	}
	uid, gid, err := unprivileged()
	if err == nil {
		err = os.Chown(dir, uid, gid)
	}
	return dir, err
}

// Start starts a stopped server and waits until it accepts connections.
func (s *Server) Start() error {
	command, err := launch(s.dir, s.bin, s.settings)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	s.command, s.ended = command, ended
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	if err := waitUntilReady(s.dir, ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%w\n%s", err, log)
	}
	return nil
}

// Stop stops the server: SIGINT is pg_ctl stop -m fast, SIGQUIT is -m immediate.
func (s *Server) Stop(how syscall.Signal) {
	if s.command != nil {
		_ = s.command.Process.Signal(how) // it may have ended by itself
		<-s.ended
		s.command = nil
	}
}

// PID returns the process id of the server, the parent of its backends.
func (s *Server) PID() int { return s.command.Process.Pid }

// Close stops the server and its standby, and removes their files.
func (s *Server) Close() error {
	var err error
	if s.standby != nil {
		err = s.standby.Close()
	}
	s.Stop(syscall.SIGQUIT)
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Standby creates and starts a streaming replica of this server.
func (s *Server) Standby() (*Server, error) {
	dir, err := emptyDir()
	if err != nil {
		return nil, err
	}
	r := &Server{bin: s.bin, dir: dir, settings: s.settings}
	s.standby = r
	copying, err := command(dir, s.bin, "pg_basebackup", "-D", filepath.Join(dir, "data"), "-h", s.dir, "-U", "postgres", "-R", "-c", "fast", "--no-sync")
	if err != nil {
		return nil, err
	}
	if out, err := copying.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	return r, r.Start()
}

// Exec runs statements without arguments in a database.
func (s *Server) Exec(ctx context.Context, database, sql string) error {
	return (&cluster{socket: s.dir}).exec(ctx, database, sql)
}

// URL returns the address of a database of this server, with parameters such as "pool_max_conns=4".
func (s *Server) URL(database string, params ...string) string {
	return (&cluster{socket: s.dir}).dsn(database, params)
}

// PgBouncer starts a PgBouncer in front of a server until the end of the test, with settings such as
// "pool_mode=transaction" and its defaults for all others. It returns a function for the address of the database through
// it. If no PgBouncer is installed the test is skipped; with CI=true it fails.
func PgBouncer(tb testing.TB, s *Server, database string, settings ...string) func(params ...string) string {
	tb.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !fileExists(program) {
			skipWithoutServer(tb, errNoPgBouncer)
		}
	}
	dir, err := emptyDir()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=5432 user=postgres\n[pgbouncer]\nlisten_port=5432\nunix_socket_dir=%s\nauth_type=any\n%s\n",
		s.dir, dir, strings.Join(settings, "\n"))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	run, err := command(dir, filepath.Dir(program), "pgbouncer", file)
	if err != nil {
		tb.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		tb.Fatal(err)
	}
	run.Stdout, run.Stderr = log, log
	if err := run.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGQUIT)
		_ = run.Wait()
		_ = log.Close()
	})
	at := &cluster{socket: dir}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(tb.Context(), at.dsn(database, []string{"default_query_exec_mode=simple_protocol"}))
		if err == nil {
			_ = conn.Close(tb.Context())
			break
		}
		if time.Since(began) > startTimeout {
			text, _ := os.ReadFile(log.Name())
			tb.Fatalf("PgBouncer accepts no connections: %v\n%s", err, text)
		}
	}
	return func(params ...string) string { return at.dsn(database, params) }
}

var errNoPgBouncer = fmt.Errorf("no PgBouncer here (%w): install the package pgbouncer", errNoServer)

func fileExists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// MultiHostURL returns the address of a database on several servers: a client connects to the one that accepts writes.
func MultiHostURL(database string, servers ...*Server) string {
	var hosts, ports []string
	for _, s := range servers {
		hosts, ports = append(hosts, s.dir), append(ports, "5432")
	}
	q := url.Values{
		"host": {strings.Join(hosts, ",")}, "port": {strings.Join(ports, ",")}, "user": {"postgres"}, "sslmode": {"disable"},
		"target_session_attrs": {"read-write"}, "connect_timeout": {"3"},
	}
	return "postgres:///" + database + "?" + q.Encode()
}
