package console

import (
	"encoding/json"
	"strings"
)

// record is a JSON object as the API gives it; numbers are [json.Number].
type record map[string]any

// at returns a member by its path, such as invoiceDelivery.receiver; nil if it is absent or null.
func (r record) at(path string) any {
	var value any = map[string]any(r)
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// text returns a member as the API writes it; lists are joined.
func (r record) text(path string) string { return textOf(r.at(path)) }

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case []any:
		all := make([]string, len(v))
		for i, one := range v {
			all[i] = textOf(one)
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// kind is what the values of a member are.
type kind string

const (
	ofText     kind = ""         // the zero value
	ofLong     kind = "textarea" // a text of several lines
	ofMoney    kind = "money"    // đồng
	ofQuantity kind = "quantity"
	ofNumber   kind = "number" // whole
	ofTime     kind = "datetime"
	ofDate     kind = "date"
	ofBool     kind = "checkbox"
	ofChoice   kind = "select" // of options
)

// numeric reports whether values are aligned to the right.
func (k kind) numeric() bool { return k == ofMoney || k == ofQuantity || k == ofNumber }

// show returns a value of the API as people read it.
func (k kind) show(value string) string {
	switch {
	case value == "":
		return ""
	case k.numeric():
		return grouped(value)
	case k == ofDate:
		return dayOf(value)
	case k == ofTime:
		if len(value) < len("2026-11-30T14:05") {
			return dayOf(value)
		}
		return dayOf(value) + " " + value[11:16]
	}
	return value
}

// grouped returns a decimal number of the API in Vietnam's form: 1250000.5 is 1.250.000,5.
func grouped(number string) string {
	sign, digits := "", number
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "." + whole[at:]
	}
	if fraction != "" {
		whole += "," + fraction
	}
	return sign + whole
}

// dayOf returns the day of an instant of the API: 2026-11-30T… is 30/11/2026.
func dayOf(value string) string {
	if len(value) < len("2026-11-30") {
		return value
	}
	return value[8:10] + "/" + value[5:7] + "/" + value[:4]
}

// edit returns a value of the API as a form's field has it.
func (k kind) edit(value string) string {
	switch {
	case k.numeric():
		return strings.Replace(grouped(value), "−", "-", 1)
	case k == ofDate && len(value) >= len("2026-11-30"):
		return value[:10]
	case k == ofTime && len(value) >= len("2026-11-30T14:05"):
		return value[:16]
	}
	return value
}

// read returns what a person has typed as the API reads it. Numbers have Vietnam's dots between thousands, or none, and comma;
// what is no such number is not ok: the API would take 1.5 for one and a half, the person may mean another.
func (k kind) read(typed string) (value any, ok bool) {
	typed = strings.TrimSpace(typed)
	switch {
	case k == ofBool:
		return typed != "", true
	case typed == "" && k != ofText && k != ofLong:
		return nil, true
	case k.numeric():
		number, ok := ungrouped(typed)
		return json.Number(number), ok
	case k == ofLong:
		return strings.ReplaceAll(typed, "\r\n", "\n"), true // browsers send lines so
	}
	return typed, true
}

// ungrouped is the inverse of [grouped]. A dot is followed by three digits, so that 1.5 is not taken for fifteen.
func ungrouped(typed string) (number string, ok bool) {
	typed = strings.ReplaceAll(typed, "\u00a0", "")
	sign := ""
	for _, minus := range []string{"-", "−"} {
		if rest, found := strings.CutPrefix(typed, minus); found {
			sign, typed = "-", rest
			break
		}
	}
	whole, fraction, hasFraction := strings.Cut(typed, ",")
	groups := strings.Split(whole, ".")
	for i, group := range groups {
		if !digits(group) || i > 0 && len(group) != 3 || len(groups) > 1 && i == 0 && len(group) > 3 {
			return "", false
		}
	}
	if hasFraction && !digits(fraction) {
		return "", false
	}
	number = strings.TrimLeft(strings.Join(groups, ""), "0")
	if number == "" {
		number = "0"
	}
	if hasFraction {
		number += "." + fraction
	}
	return sign + number, true
}

func digits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}
