package text

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// PhoneKey returns what contact numbers are compared by: the digits of a number as it is dialled at home. 0084…, +84 0…,
// +84(0)…, 84… are 0…, and so are nine digits that begin with 3, 5, 7, 8 or 9 and ten that begin with 2: mobile numbers and
// landlines without their 0, as spreadsheets leave them. Ten that begin with 1 may be 1800… or 1900…, which have no 0. A mobile
// number of eleven digits, as until 2018, is not the one that took its place. Of foreign numbers 00… is +….
//
// What is no one number has no key, equals nothing and stays as written: a text without digits, a number masked by a
// marketplace (09****123, 09xxxx123), and several in one text (0912… / 0913…, 0912345678/79).
//
// Of a part of a number, as people search, it is the digits of that part.
func PhoneKey(number string) string {
	number = norm.NFKC.String(number) // digits in full width
	if maskedNumber.MatchString(number) {
		return ""
	}
	key := nationalNumber(number)
	longest := 15 // E.164
	if numberList.MatchString(number) {
		longest = 11
		if homeMobile.MatchString(key) {
			longest = 10
		}
	}
	if len(key) > longest {
		return ""
	}
	return key
}

var (
	maskedNumber = regexp.MustCompile(`[*#?•●…]|\.\.\.|(?i:[0-9x]x|x[0-9])`)
	numberList   = regexp.MustCompile(`[/;,|&\n]| [-–] `)
	homeMobile   = regexp.MustCompile(`^0[35789]`)
	withoutZero  = regexp.MustCompile(`^([35789]\d{8}|2\d{9})$`)
)

// nationalNumber returns the digits of a number as they are dialled in Việt Nam.
func nationalNumber(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || '9' < r {
			return -1
		}
		return r
	}, number)
	plus, rest := strings.Contains(number, "+"), strings.TrimLeft(digits, "0")
	if national, found := strings.CutPrefix(rest, "84"); found {
		national = strings.TrimLeft(national, "0")
		country := plus && rest == digits || !plus && strings.HasPrefix(digits, "00") // certainly, also of a part of a number
		if n := len(national); n == 9 || n == 10 || n > 0 && country {
			return "0" + national
		}
	}
	switch {
	case withoutZero.MatchString(rest) && !(plus && rest == digits):
		return "0" + rest
	case !plus && strings.HasPrefix(digits, "00") && len(rest) > 9:
		return rest
	}
	return digits
}
