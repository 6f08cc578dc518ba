package schema

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/taphoa/taphoa/internal/db"
)

//go:embed migrations/*.sql
var files embed.FS

const ledger = `
	CREATE TABLE IF NOT EXISTS schema_migrations (
		name       TEXT   NOT NULL PRIMARY KEY,
		applied_at BIGINT NOT NULL
	) {{clustered}}`

// NewerError says that a database has been migrated by a newer program than this one.
type NewerError struct {
	Migration string // the file name of the first migration that this program does not know
}

func (e *NewerError) Error() string { return e.In(fmt.Sprintf) }

// In is the error in the language of say.
func (e *NewerError) In(say func(key string, args ...any) string) string {
	return say("the database is newer than this program: it has the migration %s; use a newer program", e.Migration)
}

// Migrate brings the database to the newest shape, in one transaction, and answers the names of the migrations that it
// has applied. It may be called by several processes at once: they take turns, and all but the first find the work done.
// A database with a migration that this program does not have is refused with [NewerError].
func Migrate(ctx context.Context, d *db.DB) (applied []string, err error) {
	var waiting []string
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		waiting, err = Pending(tx)
		return err
	})
	if newer := (*NewerError)(nil); errors.As(err, &newer) || err == nil && len(waiting) == 0 {
		return nil, err
	}
	err = d.Exclusive(ctx, func(tx *db.Tx) error { // the ledger may be missing, so that the error above says little
		applied = nil
		if err := tx.Script(ledger); err != nil {
			return err
		}
		waiting, err := Pending(tx)
		if err != nil {
			return err
		}
		for _, name := range waiting {
			text, err := files.ReadFile("migrations/" + name)
			if err != nil {
				return err
			}
			if err := tx.Script(string(text)); err != nil {
				return fmt.Errorf("migration %s: %w", name, err)
			}
			tx.Everywhere().Queue(`INSERT INTO schema_migrations (name, applied_at) VALUES (?, :now)`, name)
			applied = append(applied, name)
		}
		return tx.Tune()
	})
	return applied, err
}

// Pending answers the migrations that the database lacks, in order.
func Pending(tx *db.Tx) ([]string, error) {
	done, err := db.All[string](tx.Everywhere(), "SELECT name FROM schema_migrations ORDER BY name")
	if err != nil {
		return nil, err
	}
	return lacking(done)
}

// lacking are the migrations that are not among those that were done.
func lacking(done []string) ([]string, error) {
	names := names()
	for _, name := range done {
		if !slices.Contains(names, name) {
			return nil, &NewerError{Migration: name}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(done, name) }), nil
}

// names are the migrations of this program, in order.
func names() []string {
	names, _ := fs.Glob(files, "migrations/*.sql") // the pattern is well formed
	for i, name := range names {
		names[i] = path.Base(name)
	}
	return names
}

// Fingerprint changes with the migrations.
func Fingerprint() string {
	sum := sha256.New()
	for _, name := range names() {
		text, _ := files.ReadFile("migrations/" + name) // embedded, so it is there
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
