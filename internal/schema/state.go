package schema

import (
	"errors"
	"regexp"
	"slices"

	"github.com/taphoa/taphoa/internal/db"
)

// ErrForeign is the error for a database that was created by another program, of no version of this one.
var ErrForeign = errors.New("the database was not made by Taphoa")

// Behind is [Pending] for a database that Taphoa of any version has created: others are refused with [ErrForeign], those of
// a newer program with [NewerError].
func Behind(tx *db.Tx) ([]string, error) {
	waiting, err := Pending(tx)
	if errors.Is(err, db.ErrNoTable) || err == nil && slices.Equal(waiting, migrationNames()) {
		err = ErrForeign
	}
	return waiting, err
}

// Accept checks the names of the migrations in a backup, with the errors of [Behind].
func Accept(done []string) error {
	if len(done) == 0 {
		return ErrForeign
	}
	_, err := missing(done)
	return err
}

var tablePattern = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// Tables returns the names of all tables that the migrations create.
func Tables() (tables []string) {
	for _, name := range migrationNames() {
		text, _ := files.ReadFile("migrations/" + name) // embedded, so it is there
		for _, m := range tablePattern.FindAllSubmatch(text, -1) {
			tables = append(tables, string(m[1]))
		}
	}
	return tables
}
