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

// programs do what the text of a migration cannot, after it has run.
var programs = map[string]func(*db.Tx) error{
	"0028_names.sql":               makeKeys,
	"0040_webhook_credentials.sql": moveCredentials,
}

// NewerError is the error for a database that was migrated by a newer program than this one.
type NewerError struct {
	Migration string // the file name of the first migration that this program does not know
}

func (e *NewerError) Error() string { return e.In(fmt.Sprintf) }

// In returns the error in the language of say.
func (e *NewerError) In(say func(key string, args ...any) string) string {
	return say("the database is newer than this program: it has the migration %s; use a newer program", e.Migration)
}

// Migrate applies the missing migrations in one transaction, and returns the names of those. Several processes may call it
// at once: they wait for each other, and only the first applies migrations. A database with a migration that this program
// does not have is refused with [NewerError].
func Migrate(ctx context.Context, d *db.DB) (applied []string, err error) {
	var waiting []string
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		waiting, err = Pending(tx)
		return err
	})
	if newer := (*NewerError)(nil); errors.As(err, &newer) || err == nil && len(waiting) == 0 {
		return nil, err
	}
	err = d.Exclusive(ctx, func(tx *db.Tx) error { // schema_migrations may not exist, so that the error above is ignored
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
			if program := programs[name]; program != nil {
				if err := program(tx); err != nil {
					return fmt.Errorf("migration %s: %w", name, err)
				}
			}
			tx.Everywhere().Queue(`INSERT INTO schema_migrations (name, applied_at) VALUES (?, :now)`, name)
			applied = append(applied, name)
		}
		return tx.Tune()
	})
	return applied, err
}

// Pending returns the names of the migrations that the database lacks, in order.
func Pending(tx *db.Tx) ([]string, error) {
	done, err := db.All[string](tx.Everywhere(), "SELECT name FROM schema_migrations ORDER BY name")
	if err != nil {
		return nil, err
	}
	return missing(done)
}

// missing returns the migrations that are not in done.
func missing(done []string) ([]string, error) {
	names := migrationNames()
	for _, name := range done {
		if !slices.Contains(names, name) {
			return nil, &NewerError{Migration: name}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(done, name) }), nil
}

// migrationNames returns the names of this program's migrations, in order.
func migrationNames() []string {
	names, _ := fs.Glob(files, "migrations/*.sql") // the pattern is well formed
	for i, name := range names {
		names[i] = path.Base(name)
	}
	return names
}

// Fingerprint changes with the migrations.
func Fingerprint() string {
	sum := sha256.New()
	for _, name := range migrationNames() {
		text, _ := files.ReadFile("migrations/" + name) // embedded, so it is there
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
