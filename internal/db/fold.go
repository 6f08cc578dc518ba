package db

import (
	"strings"

	"github.com/taphoa/taphoa/internal/text"
)

// Fold is [text.Fold].
func Fold(s string) string { return text.Fold(s) }

// Contains is a LIKE pattern (with ESCAPE '\') for texts whose folded form contains the folded needle.
func Contains(needle string) string {
	return "%" + likeEscaper.Replace(text.Fold(needle)) + "%"
}

// Containing is a LIKE pattern (with ESCAPE '\') for texts that contain the needle as it is: codes and numbers.
func Containing(needle string) string { return "%" + likeEscaper.Replace(needle) + "%" }

// Unmarked is a column of contact numbers without what people write between digits, to be searched for parts of numbers.
func Unmarked(column string) string {
	for _, mark := range []string{" ", ".", "-", "(", ")"} {
		column = "REPLACE(" + column + ", '" + mark + "', '')"
	}
	return column
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
