package taphoa

import "strings"

// required refuses a text that is missing or blank; label is what the shop's staff call it.
func required(field, label, text string) error {
	if strings.TrimSpace(text) == "" {
		return Refuse(CodeValidate, field, "%s (%s) không được để trống", label, field)
	}
	return nil
}

// notBlank refuses a text of blanks alone. In an update an empty one leaves the member as it is.
func notBlank(field, label, text string) error {
	if text == "" {
		return nil
	}
	return required(field, label, text)
}

// IDMax bounds ids: JavaScript clients read them as doubles.
const IDMax = 1<<53 - 1
