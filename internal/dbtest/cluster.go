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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// oldest is the first PostgreSQL release that Taphoa supports.
const oldest = 15

var errNoServer = fmt.Errorf(
	"no PostgreSQL %d or newer here: install its server, or name the directory of its programs in TAPHOA_PG_BIN", oldest)

// cluster is a running server as one test process sees it.
type cluster struct {
	socket string   // the directory of its unix socket
	users  *os.File // held, shared, for as long as this process wants the server
}

var shared = sync.OnceValues(func() (*cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	return join(bin, settings(os.Getenv("TAPHOA_PG_SETTINGS")))
})

func programs() (string, error) {
	return findServer(os.Getenv("TAPHOA_PG_BIN"), "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
}

// Programs is the directory of the programs of PostgreSQL that the tests use, or "" where it is not installed.
func Programs() string {
	bin, _ := programs() // whoever wants a server hears why there is none
	return bin
}

// settings are the server's own, then those of the caller ("fsync=on synchronous_commit=on" for an honest
// benchmark). A database that nobody needs after the test need not survive a power cut.
func settings(more string) []string {
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
		"timezone=UTC",
		"log_timezone=UTC",
	}, strings.Fields(more)...)
}

// Cluster is the address of a throw-away PostgreSQL server. All test processes of one user share it: the first
// starts it, and it ends, with its directory, when the last is gone, however that one ended.
// Without an installed PostgreSQL the test is skipped; with CI=true it fails.
func Cluster(tb testing.TB) string {
	tb.Helper()
	return running(tb).dsn("postgres", nil)
}

// Database is the address of a fresh, empty database, dropped when the test ends.
// Each parameter ("synchronous_commit=on") is set in every connection to that address.
func Database(tb testing.TB, params ...string) string {
	tb.Helper()
	c := running(tb)
	name := c.create(tb, "template0")
	tb.Cleanup(func() {
		// The test's own context is over by now.
		if err := c.drop(context.Background(), name); err != nil {
			tb.Error(err)
		}
	})
	return c.dsn(name, params)
}

// Clone is [Database] with a content: that of the database that fill made. The server keeps that one, so fill runs once
// for a key, not once a test; and it keeps the clones, which are given their content again after the test, since that
// takes a fiftieth of what a new database does. The key must change with the content, fill must close its connections,
// and a test must leave the tables as they are.
func Clone(tb testing.TB, key string, fill func(dsn string) error, params ...string) string {
	tb.Helper()
	c := running(tb)
	sum := sha256.Sum256([]byte(key))
	template := "template_" + hex.EncodeToString(sum[:8])
	if err := c.template(tb.Context(), template, fill); err != nil {
		tb.Fatal(err)
	}
	name, err := c.takeSpare(tb.Context(), template)
	if err != nil {
		tb.Fatal(err)
	}
	if name == "" {
		name = c.create(tb, template)
	}
	tb.Cleanup(func() {
		if err := c.spare(context.Background(), template, name); err != nil {
			tb.Error(err)
		}
	})
	return c.dsn(name, params)
}

// Main is for a TestMain: it runs the tests and lets go of the server. Without it, the end of the process does.
func Main(m *testing.M) {
	os.Exit(m.Run())
}

func running(tb testing.TB) *cluster {
	tb.Helper()
	c, err := shared()
	if err != nil {
		refuse(tb, err)
	}
	return c
}

// refuse ends a test that has no server.
func refuse(tb testing.TB, err error) {
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
	if err := c.exec(ctx, draft, keepContent); err != nil {
		return err
	}
	// Renamed only now, so that a fill that failed leaves nothing that looks finished.
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

// dsn names everything that the PG… variables of the environment could change.
func (c *cluster) dsn(database string, params []string) string {
	q := url.Values{"host": {c.socket}, "port": {"5432"}, "user": {"postgres"}, "sslmode": {"disable"}}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		q.Set(name, value)
	}
	// Percent signs alone, as libpq and pgx read them: there a plus is a plus.
	return "postgres:///" + database + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// findServer is the directory of PostgreSQL's server programs: the wanted one if there is a wish, or that in the
// path, or the newest in the places where distributions put them.
func findServer(wish string, places ...string) (string, error) {
	if wish != "" {
		if v := version(wish); v < oldest {
			return "", fmt.Errorf("TAPHOA_PG_BIN: no initdb and postgres %d or newer in %s", oldest, wish)
		}
		return wish, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil && version(filepath.Dir(real)) >= oldest {
			return filepath.Dir(real), nil // where the other programs are too
		}
	}
	best, bestVersion := "", oldest-1
	for _, place := range places {
		dirs, err := filepath.Glob(place)
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
