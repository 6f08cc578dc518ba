//go:build linux || darwin

package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestDamageInTheFilesOfAServerIsFound damages a table, cuts off another and damages an index while the server is down.
func TestDamageInTheFilesOfAServerIsFound(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	var script strings.Builder
	things := []string{"scratched", "shortened", "indexed"}
	for _, name := range things {
		fmt.Fprintf(&script, `CREATE TABLE %s (id BIGINT PRIMARY KEY, body TEXT NOT NULL);
			INSERT INTO %s SELECT i, 'body ' || i FROM generate_series(1, 2000) i; `, name, name)
	}
	if err := server.Exec(t.Context(), "postgres", script.String()+"CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), server.URL("postgres"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if found, err := d.Inspect(t.Context()); found != nil || err != nil {
		t.Fatalf("before: %v %v", found, err)
	}
	at := map[string]string{}
	read(t, d, db.Actor{}, func(tx *db.Tx) error {
		for _, name := range append(things, "indexed_pkey") {
			path, _, err := db.One[string](tx.Everywhere(), `SELECT CAST(pg_relation_filepath(CAST(? AS TEXT)) AS TEXT)`, name)
			if err != nil {
				return err
			}
			at[name] = filepath.Join(server.Socket(), "data", path)
		}
		return nil
	})
	server.Stop(syscall.SIGINT)
	for _, err := range []error{
		scratch(at["scratched"], 8192),
		os.Truncate(at["shortened"], 8192+100),
		scratch(at["indexed_pkey"], 8192),
		server.Start(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	found, err := d.Inspect(t.Context())
	for range 20 { // connections from before
		if !errors.Is(err, db.ErrUnavailable) {
			break
		}
		found, err = d.Inspect(t.Context())
	}
	if err != nil || found == nil || d.Damage() == nil {
		t.Fatalf("found %v, noted %v, %v", found, d.Damage(), err)
	}
	for _, part := range []string{`table "scratched"`, "shortened", "index indexed_pkey"} {
		if !strings.Contains(found.Error(), part) {
			t.Errorf("%s is not named: %v", part, found)
		}
	}
}

// TestATableThatEndsTheServersProcessIsReadTwiceAtMost: damaged rows may crash a process of PostgreSQL, which then ends all others.
func TestATableThatEndsTheServersProcessIsReadTwiceAtMost(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	err := server.Exec(t.Context(), "postgres", `
		CREATE FUNCTION crash() RETURNS BOOLEAN LANGUAGE plpgsql AS $$
			BEGIN COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'; PERFORM pg_sleep(30); RETURN true; END $$;
		CREATE FUNCTION read(id BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE AS $$
			BEGIN IF current_setting('application_name') = 'taphoa' THEN RETURN crash(); END IF; RETURN true; END $$;
		CREATE TABLE crashing (id BIGINT PRIMARY KEY); INSERT INTO crashing VALUES (1);
		CREATE INDEX crashing_read ON crashing (id) WHERE read(id);
		CREATE TABLE sound (id BIGINT PRIMARY KEY); INSERT INTO sound VALUES (1)`)
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), server.URL("postgres"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if found, err := d.Inspect(t.Context()); found != nil || !errors.Is(err, db.ErrUnavailable) {
		t.Fatalf("the first time: %v, %v", found, err)
	}
	again := func(name string) *db.DamagedError {
		t.Helper()
		for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(100 * time.Millisecond) {
			if found, err := d.Inspect(t.Context()); found != nil || err == nil { // else the server has not recovered yet
				return found
			}
		}
		t.Fatalf("%s: nothing", name)
		return nil
	}
	for _, name := range []string{"the second time", "and after that"} {
		found := again(name)
		if found == nil || len(found.Faults) != 1 || !strings.Contains(found.Faults[0], "table crashing: reading it ends") {
			t.Errorf("%s: %v", name, found)
		}
	}
}
