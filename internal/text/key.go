package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CodeKey returns what codes and user names are compared by: lower case, without blanks around. A blank code has the
// empty key.
func CodeKey(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

// Fold returns text as searches compare it: lower case, without tone marks and other diacritics, đ as d, blanks
// collapsed. "Áo Đỏ" and "ao do" fold to the same text.
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
