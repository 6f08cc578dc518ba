package taphoa

import (
	"strings"
	"unicode"
)

// required refuses a text that is missing or blank; label is what the shop's staff call it.
func required(field string, label Term, text string) error {
	if blank(text) {
		return Refuse(CodeValidate, field, "%s (%s) không được để trống", label, field)
	}
	return nil
}

// blank reports a text without a character that can be seen.
func blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// notBlank refuses a text of blanks alone. In an update an empty one leaves the member as it is.
func notBlank(field string, label Term, text string) error {
	if text == "" {
		return nil
	}
	return required(field, label, text)
}

// Bounds of single values: far beyond any shop, and so far below what the numbers hold that sums over years fit.
const (
	MoneyMax    = Money(1_000_000_000_000 * Scale) // a million million đồng
	QuantityMax = Quantity(1_000_000_000 * Scale)  // a thousand million pieces
)

// IDMax bounds ids: JavaScript clients read them as doubles.
const IDMax = 1<<53 - 1
