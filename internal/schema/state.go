package schema

import (
	"errors"
	"regexp"
	"slices"

	"github.com/taphoa/taphoa/internal/db"
)

// ErrForeign says that a database has not been made by this program, nor by an older or newer one.
var ErrForeign = errors.New("the database was not made by Taphoa")

// Behind is [Pending] for a database that must have been made by Taphoa, of any version: others are refused with
// [ErrForeign], those of a newer program with [NewerError].
func Behind(tx *db.Tx) ([]string, error) {
	waiting, err := Pending(tx)
	if errors.Is(err, db.ErrNoTable) || err == nil && slices.Equal(waiting, names()) {
		err = ErrForeign
	}
	return waiting, err
}

// Accept judges a backup by the names of the migrations that it has had, with the errors of [Behind].
func Accept(done []string) error {
	if len(done) == 0 {
		return ErrForeign
	}
	_, err := lacking(done)
	return err
}

var tablePattern = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// Tables are the names of all tables that the migrations make.
func Tables() (tables []string) {
	for _, name := range names() {
		text, _ := files.ReadFile("migrations/" + name) // embedded, so it is there
		for _, m := range tablePattern.FindAllSubmatch(text, -1) {
			tables = append(tables, string(m[1]))
		}
	}
	return tables
}
