package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// queryText returns the one value of a query.
func queryText(dsn, sql string) (string, error) {
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	var v string
	err = conn.QueryRow(context.Background(), sql).Scan(&v)
	return v, err
}

func TestTheServerIsMadeForTests(t *testing.T) {
	t.Parallel()
	dsn := Cluster(t)
	for name, want := range map[string]string{
		"server_encoding": "UTF8", "fsync": "off", "synchronous_commit": "off", "max_connections": "400", "listen_addresses": "",
		"TimeZone": "UTC",
	} {
		got, err := queryText(dsn, "SHOW "+name)
		must(t, err)
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	collate, err := queryText(dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()")
	must(t, err)
	if collate != "C" {
		t.Errorf("texts are sorted by %q, want C", collate)
	}
}

func TestADatabaseIsFreshAndEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var dsn string
	t.Run("one", func(t *testing.T) {
		dsn = Database(t, "synchronous_commit=on", "application_name=a shop")
		if other := Database(t); other == dsn {
			t.Errorf("two databases at %s", dsn)
		}
		for name, want := range map[string]string{"synchronous_commit": "on", "application_name": "a shop"} {
			got, err := queryText(dsn, "SHOW "+name)
			must(t, err)
			if got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		// A connection that a test has left open must not keep the database.
		conn, err := pgx.Connect(t.Context(), dsn)
		must(t, err)
		_, err = conn.Exec(t.Context(), "CREATE TABLE goods (id BIGINT PRIMARY KEY)")
		must(t, err)
	})
	if _, err := queryText(dsn, "SELECT 'here'"); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("the database outlived its test: %v", err)
	}
}

func TestACloneIsFilledOnce(t *testing.T) {
	t.Parallel()
	var fills atomic.Int32
	fill := func(dsn string) error {
		fills.Add(1)
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return err
		}
		defer conn.Close(context.Background())
		_, err = conn.Exec(context.Background(), "CREATE TABLE goods AS SELECT 'rice' AS name")
		return err
	}
	key := rand.Text()
	t.Run("both", func(t *testing.T) {
		for range 2 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				got, err := queryText(Clone(t, key, fill), "SELECT name FROM goods")
				must(t, err)
				if got != "rice" {
					t.Errorf("the clone holds %q", got)
				}
			})
		}
	})
	if n := fills.Load(); n != 1 {
		t.Errorf("filled %d times", n)
	}
}

func TestACloneIsUsedAgainWithItsFirstContent(t *testing.T) {
	t.Parallel()
	fill := func(dsn string) error {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return err
		}
		defer conn.Close(context.Background())
		_, err = conn.Exec(context.Background(), `
			CREATE TABLE goods (name TEXT PRIMARY KEY); INSERT INTO goods VALUES ('rice'), ('salt'); CREATE TABLE sold (name TEXT)`)
		return err
	}
	key, seen := rand.Text(), map[string]bool{}
	for range 3 {
		t.Run("one", func(t *testing.T) {
			conn, err := pgx.Connect(t.Context(), Clone(t, key, fill)) // and forgotten
			must(t, err)
			var content, database string
			must(t, conn.QueryRow(t.Context(), `
				SELECT string_agg(name, ' ' ORDER BY name) || (SELECT COUNT(*) FROM sold), current_database() FROM goods`).Scan(&content, &database))
			if content != "rice salt0" {
				t.Errorf("the clone holds %q", content)
			}
			_, err = conn.Exec(t.Context(), `
				INSERT INTO sold SELECT name FROM goods; DELETE FROM goods WHERE name = 'rice'; UPDATE goods SET name = 'sugar'; INSERT INTO goods VALUES ('tea')`)
			must(t, err)
			seen[database] = true
		})
	}
	if len(seen) != 1 {
		t.Errorf("%d databases for three tests, one after another", len(seen))
	}
}

func TestAFillThatFailsLeavesNoTemplate(t *testing.T) {
	t.Parallel()
	c := runningCluster(t)
	name := "template_" + strings.ToLower(rand.Text())
	broken := errors.New("broken")
	for range 2 {
		if err := c.template(t.Context(), name, func(string) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
	must(t, c.exec(t.Context(), "postgres", "DROP DATABASE draft_of_"+name))
}

// fakeServer creates a directory with programs that report that version of PostgreSQL.
func fakeServer(t *testing.T, dir, version string) string {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
	for _, name := range []string{"initdb", "postgres"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	return dir
}

func TestTheNewestServerIsFound(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs here are shell scripts")
	}
	root := t.TempDir()
	pattern := filepath.Join(root, "*", "bin")
	old := fakeServer(t, filepath.Join(root, "9", "bin"), "9.6.24")
	t.Setenv("PATH", "/usr/bin:/bin")
	if _, err := findServer("", pattern); !errors.Is(err, errNoServer) {
		t.Errorf("9.6 is too old, got %v", err)
	}
	if _, err := findServer(old); err == nil || errors.Is(err, errNoServer) {
		t.Errorf("a wrong setting must be an error, even on a laptop, got %v", err)
	}
	fakeServer(t, filepath.Join(root, "15", "bin"), "15.18 (Debian 15.18-0+deb12u1)")
	want := fakeServer(t, filepath.Join(root, "18", "bin"), "18beta2")
	if got, err := findServer("", pattern); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	t.Setenv("PATH", filepath.Join(root, "15", "bin")+":"+os.Getenv("PATH"))
	if got, err := findServer("", pattern); err != nil || got != filepath.Join(root, "15", "bin") {
		t.Errorf("the path goes first, got %s, %v", got, err)
	}
}

// testResult records whether a test was skipped or failed.
type testResult struct {
	testing.TB
	outcome string
}

func (*testResult) Helper()        {}
func (v *testResult) Skip(...any)  { v.end("skip") }
func (v *testResult) Fatal(...any) { v.end("fatal") }
func (v *testResult) end(s string) { v.outcome = s; runtime.Goexit() }
func (v *testResult) of(err error) string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		skipWithoutServer(v, err)
	}()
	<-done
	return v.outcome
}

func TestWithoutAServerATestIsSkippedButNotInCI(t *testing.T) {
	for _, c := range []struct {
		ci, want string
		err      error
	}{
		{"", "skip", errNoServer},
		{"true", "fatal", errNoServer},
		{"", "fatal", errors.New("initdb failed")},
	} {
		t.Setenv("CI", c.ci)
		if got := (&testResult{}).of(c.err); got != c.want {
			t.Errorf("CI=%q, %v: %s, want %s", c.ci, c.err, got, c.want)
		}
	}
}
