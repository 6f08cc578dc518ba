package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean returns a code or a name as it is stored: in the composed form (NFC), without characters that are not seen
// (zero-width and other format characters), without blanks around, and with one space for those inside.
func Clean(name string) string {
	if isClean(name) {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	blank := true
	for _, r := range name {
		switch {
		case unseen(r):
		case !unicode.IsSpace(r):
			blank = false
			b.WriteRune(r)
		case !blank:
			blank = true
			b.WriteByte(' ')
		}
	}
	return norm.NFC.String(strings.TrimSuffix(b.String(), " "))
}

// isClean reports that text is ASCII as [Clean] leaves it, as most codes are.
func isClean(text string) bool {
	blank := true
	for i := range len(text) {
		c := text[i]
		if c >= utf8.RuneSelf || c < ' ' || blank && c == ' ' {
			return false
		}
		blank = c == ' '
	}
	return !blank || text == ""
}

// unseen reports a character that no reader sees and no one types on purpose: soft hyphens, marks of direction, what the
// copying of a web page leaves.
func unseen(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// CodeKey returns what codes, serials, units, attribute values and user names are compared by: [Clean], in lower case. A
// blank code has the empty key. Some letters are composed with their mark in lower case only: ẖ, ǰ, ẗ, ẘ, ẙ.
func CodeKey(code string) string { return norm.NFC.String(strings.ToLower(Clean(code))) }

// NameKey returns what the names of categories, brands, attributes and price books are compared by: two are one when their
// [CodeKey] is. It orders without regard to tones and case. Folding alone would not do, since Bò and Bơ are different
// names; those of branches, sale channels and groups of partners are compared by [Fold], as staff type them. A blank name has
// the key of "".
func NameKey(name string) string { return Fold(name) + "\t" + CodeKey(name) }

// Fold returns text as searches compare it: lower case, without tone marks and other diacritics, đ as d, blanks
// collapsed, without characters that are not seen. "Áo Đỏ" and "ao do" fold to the same text.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	blank := true
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r) || unseen(r):
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
