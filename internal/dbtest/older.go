package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
)

// MigrateBefore makes the tables of an empty database as they were before a migration, such as 0027, and runs a script in it.
// The test's package is in internal.
func MigrateBefore(tb testing.TB, d *db.DB, migration, script string) {
	tb.Helper()
	files, err := filepath.Glob("../schema/migrations/*.sql")
	if err != nil || len(files) == 0 {
		tb.Fatal("no migrations", err)
	}
	var all strings.Builder
	all.WriteString("CREATE TABLE schema_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL) {{clustered}};\n")
	for _, f := range files {
		name := filepath.Base(f)
		if name >= migration {
			break
		}
		text, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\nINSERT INTO schema_migrations (name, applied_at) VALUES ('%s', 1);\n", text, name)
	}
	if err := d.Script(tb.Context(), all.String()+script); err != nil {
		tb.Fatal(err)
	}
}
