package dbtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// minVersion is the first PostgreSQL release that Taphoa supports.
const minVersion = 15

var errNoServer = fmt.Errorf(
	"no PostgreSQL %d or newer here: install its server, or name the directory of its programs in TAPHOA_PG_BIN", minVersion)

// cluster is a running server as one test process sees it.
type cluster struct {
	socket string   // the directory of its unix socket
	users  *os.File // locked, shared, as long as this process uses the server
	clones clones
	filled sync.Map // the names of the templates that are known to exist
}

var (
	sharedCluster = sync.OnceValues(func() (*cluster, error) {
		bin, err := programs()
		if err != nil {
			return nil, err
		}
		c, err := join(bin, clusterSettings(os.Getenv("TAPHOA_PG_SETTINGS")))
		running.Store(c)
		return c, err
	})
	running atomic.Pointer[cluster] // the shared one, once a test has asked for it
)

func programs() (string, error) {
	return findServer(os.Getenv("TAPHOA_PG_BIN"), "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
}

// Programs returns the directory of the PostgreSQL programs that the tests use, or "" if it is not installed.
func Programs() string {
	bin, _ := programs() // a caller that needs a server gets the error from Cluster
	return bin
}

// clusterSettings returns the settings of the shared server, then those of the caller ("fsync=on synchronous_commit=on" for a
// realistic benchmark). A database for one test need not survive a power cut.
func clusterSettings(more string) []string {
	return append([]string{
		"listen_addresses=",
		"max_connections=400",
		"shared_buffers=64MB",
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",
		"wal_level=minimal",
		"max_wal_senders=0",
		"checkpoint_timeout=1h",
		"jit=off",
		"max_parallel_workers_per_gather=0", // to start two processes takes fifty times what reading the few rows of a test does
		"timezone=UTC",
		"log_timezone=UTC",
	}, strings.Fields(more)...)
}

// Cluster returns the address of a throw-away PostgreSQL server. All test processes of one user share it: the first one
// starts it, and it is removed, with its directory, when the last one has ended, even by SIGKILL.
// Without an installed PostgreSQL the test is skipped; with CI=true it fails.
func Cluster(tb testing.TB) string {
	tb.Helper()
	return runningCluster(tb).dsn("postgres", nil)
}

// Database returns the address of a new, empty database, dropped when the test ends.
// Each parameter ("synchronous_commit=on") is set in every connection to that address.
func Database(tb testing.TB, params ...string) string {
	tb.Helper()
	c := runningCluster(tb)
	name := c.create(tb, "template0")
	tb.Cleanup(func() {
		// The test's own context is cancelled by now.
		if err := c.drop(context.Background(), name); err != nil {
			tb.Error(err)
		}
	})
	return c.dsn(name, params)
}

// Clone is [Database] with the content of a template that fill has filled. The server keeps the template, so fill runs
// once for a key, not once a test. It also keeps the clones in a pool: after the test their content is restored, which
// takes a tenth of the time of a new database. The key must change with the content, fill must close its connections,
// and a test must not change the schema.
func Clone(tb testing.TB, key string, fill func(dsn string) error, params ...string) string {
	tb.Helper()
	c := runningCluster(tb)
	sum := sha256.Sum256([]byte(key))
	template := "template_" + hex.EncodeToString(sum[:8])
	if _, known := c.filled.Load(template); !known {
		if err := c.template(tb.Context(), template, fill); err != nil {
			tb.Fatal(err)
		}
		c.filled.Store(template, true)
	}
	name, err := c.takeFromPool(tb.Context(), template)
	if err != nil {
		tb.Fatal(err)
	}
	if name == "" {
		name = c.create(tb, template)
	}
	tb.Cleanup(func() {
		if err := c.returnToPool(context.Background(), template, name); err != nil {
			tb.Error(err)
		}
	})
	return c.dsn(name, params)
}

// gcPercent is how much garbage a test process collects at once, unless GOGC says so. Tests keep little and throw much away:
// with the default of 100 an eighth of their time is collecting.
const gcPercent = 800

// Main is for a TestMain: it runs the tests, does what comes after them, and leaves the clones to the other processes that use
// the server.
func Main(m *testing.M, after ...func()) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	code := m.Run()
	for _, do := range after {
		do()
	}
	if c := running.Load(); c != nil {
		if err := c.leaveClones(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "test databases:", err)
		}
	}
	os.Exit(code)
}

func runningCluster(tb testing.TB) *cluster {
	tb.Helper()
	c, err := sharedCluster()
	if err != nil {
		skipWithoutServer(tb, err)
	}
	return c
}

// skipWithoutServer skips a test if err says that no server is installed; with CI=true, or for another error, it fails.
func skipWithoutServer(tb testing.TB, err error) {
	tb.Helper()
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); errors.Is(err, errNoServer) && !ci {
		tb.Skip(err)
	}
	tb.Fatal(err)
}

// create makes a database.
func (c *cluster) create(tb testing.TB, template string) string {
	tb.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	// FILE_COPY is twice as fast as the default as long as fsync is off.
	if err := c.exec(tb.Context(), "postgres", "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY FILE_COPY"); err != nil {
		tb.Fatal(err)
	}
	return name
}

func (c *cluster) drop(ctx context.Context, name string) error {
	return c.exec(ctx, "postgres", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// template makes the database name with fill, unless some process has done so before.
func (c *cluster) template(ctx context.Context, name string, fill func(dsn string) error) error {
	conn, err := pgx.Connect(ctx, c.dsn("postgres", nil))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	var known bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&known); err != nil || known {
		return err
	}
	draft := "draft_of_" + name
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft + " TEMPLATE template0"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := fill(c.dsn(draft, nil)); err != nil {
		return fmt.Errorf("filling a template database: %w", err)
	}
	if err := c.exec(ctx, draft, saveContent); err != nil {
		return err
	}
	// Renamed only now, so that a failed fill leaves no template.
	_, err = conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}

// exec runs statements without arguments in a database.
func (c *cluster) exec(ctx context.Context, database, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.dsn(database, nil))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

// dsn sets every parameter that PG… variables of the environment could change.
func (c *cluster) dsn(database string, params []string) string {
	q := url.Values{"host": {c.socket}, "port": {"5432"}, "user": {"postgres"}, "sslmode": {"disable"}}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		q.Set(name, value)
	}
	// Percent signs alone, as libpq and pgx read them: there a plus is a plus.
	return "postgres:///" + database + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// findServer returns the directory of PostgreSQL's server programs: the configured one, or that in the path, or the newest
// of the directories that match the patterns.
func findServer(configured string, patterns ...string) (string, error) {
	if configured != "" {
		if v := version(configured); v < minVersion {
			return "", fmt.Errorf("TAPHOA_PG_BIN: no initdb and postgres %d or newer in %s", minVersion, configured)
		}
		return configured, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil && version(filepath.Dir(real)) >= minVersion {
			return filepath.Dir(real), nil // where the other programs are too
		}
	}
	best, bestVersion := "", minVersion-1
	for _, pattern := range patterns {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		for _, dir := range dirs {
			if v := version(dir); v > bestVersion {
				best, bestVersion = dir, v
			}
		}
	}
	if best == "" {
		return "", errNoServer
	}
	return best, nil
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// version is the major release of the server in dir, or 0.
func version(dir string) int {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	found := versionPattern.FindSubmatch(out)
	if found == nil {
		return 0
	}
	v, _ := strconv.Atoi(string(found[1]))
	return v
}
