package schema

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
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

// Migrate brings the database to the newest shape. It does nothing when it has it already, and is safe to call from
// several processes: the second one finds the first one's mark, or fails on it and is to be called again.
func Migrate(ctx context.Context, d *db.DB) error {
	if err := d.Script(ctx, ledger); err != nil {
		return err
	}
	var done []string
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		done, err = db.All[string](tx.Everywhere(), "SELECT name FROM schema_migrations")
		return err
	})
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return err
	}
	changed := false
	for _, name := range names { // Glob answers in order
		base := path.Base(name)
		if slices.Contains(done, base) {
			continue
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		mark := fmt.Sprintf("\nINSERT INTO schema_migrations (name, applied_at) VALUES ('%s', %d);", base, d.Now())
		if err := d.Script(ctx, string(text)+mark); err != nil {
			return fmt.Errorf("migration %s: %w", base, err)
		}
		changed = true
	}
	if changed {
		return d.Tune(ctx)
	}
	return nil
}

// Fingerprint changes with the migrations.
func Fingerprint() string {
	names, _ := fs.Glob(files, "migrations/*.sql") // the pattern is well formed
	sum := sha256.New()
	for _, name := range names {
		text, _ := files.ReadFile(name) // embedded, so it is there
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
