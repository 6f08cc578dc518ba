package text

import "strings"

// PhoneKey returns what contact numbers are compared by: the digits alone, with 0 for the country code 84 of a number of
// nine or ten further digits. A number masked by a marketplace (09****123) and a text without digits have none. Two
// numbers in one text become one long key, in which a search by containment finds either.
func PhoneKey(number string) string {
	var b strings.Builder
	for i := range len(number) {
		switch c := number[i]; {
		case c == '*':
			return ""
		case '0' <= c && c <= '9':
			b.WriteByte(c)
		}
	}
	digits := b.String()
	if national, found := strings.CutPrefix(digits, "84"); found && (len(national) == 9 || len(national) == 10) {
		return "0" + national
	}
	return digits
}
