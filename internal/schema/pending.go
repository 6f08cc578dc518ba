package schema

import (
	"io/fs"
	"path"
	"slices"

	"github.com/taphoa/taphoa/internal/db"
)

// Pending answers the names of the migrations that the database does not have.
func Pending(tx *db.Tx) (names []string, err error) {
	done, err := db.All[string](tx.Everywhere(), `SELECT name FROM schema_migrations`)
	if err != nil {
		return nil, err
	}
	all, err := fs.Glob(files, "migrations/*.sql")
	for _, name := range all {
		if name = path.Base(name); !slices.Contains(done, name) {
			names = append(names, name)
		}
	}
	return names, err
}
