package db

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes text searchable: lower case, without tone marks and other diacritics, đ as d, blanks collapsed.
// "Áo Đỏ" and "ao do" fold to the same text.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	blank := true
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		case r == 'đ' || r == 'Đ':
			r = 'd'
		}
		blank = false
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.TrimSuffix(b.String(), " ")
}

// Contains is a LIKE pattern (with ESCAPE '\') for texts whose folded form contains the folded needle.
func Contains(needle string) string {
	return "%" + likeEscaper.Replace(Fold(needle)) + "%"
}

// Containing is a LIKE pattern (with ESCAPE '\') for texts that contain the needle as it is: codes and numbers.
func Containing(needle string) string { return "%" + likeEscaper.Replace(needle) + "%" }

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
