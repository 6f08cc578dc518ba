package apitest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var errNoEnvelope = errors.New("not the envelope of a refusal with a sentence, twice the same")

// varying are the members whose values differ from run to run.
var varying = map[string]bool{"access_token": true}

// lineMax is the longest value that is written on one line.
const lineMax = 120

// pretty formats JSON for readers: members in their order, numbers as they were written, short values on one line.
// Any other text is not changed.
func pretty(text []byte) string {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	v, err := readValue(d)
	if err != nil {
		return string(bytes.TrimSpace(text))
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return string(bytes.TrimSpace(text))
	}
	var b strings.Builder
	v.write(&b, 0, 0)
	return b.String()
}

// envelope is the body of a refusal.
type envelope struct {
	ResponseStatus struct {
		ErrorCode string  `json:"errorCode"`
		Message   string  `json:"message"`
		Errors    []fault `json:"errors"`
	} `json:"responseStatus"`
	Message string `json:"message"`
}

type fault struct {
	ErrorCode string `json:"errorCode"`
	FieldName string `json:"fieldName"`
	Message   string `json:"message"`
}

// short returns a refusal on one line: its code, the member at fault if one is named, and the sentence. An envelope with
// other contents has no such line.
func (a Answer) short() (line string, ok bool) {
	var e envelope
	if a.Status < 400 || json.Unmarshal(a.Body, &e) != nil {
		return "", false
	}
	field, code, message := "", e.ResponseStatus.ErrorCode, e.Message
	if len(e.ResponseStatus.Errors) > 0 {
		field = e.ResponseStatus.Errors[0].FieldName
	}
	plain := envelope{Message: message}
	plain.ResponseStatus.ErrorCode, plain.ResponseStatus.Message, plain.ResponseStatus.Errors = code, message, []fault{}
	line = "! " + code + ": " + message
	if field != "" {
		plain.ResponseStatus.Errors = []fault{{code, field, message}}
		line = "! " + code + ", " + field + ": " + message
	}
	again, err := json.Marshal(&plain)
	return line, err == nil && bytes.Equal(again, a.Body)
}

// value is a JSON value as it was written.
type value struct {
	short   string   // on one line
	open    string   // { or [ for what has members
	names   []string // of an object's members, quoted
	members []value
}

func readValue(d *jsontext.Decoder) (value, error) {
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		raw, err := d.ReadValue()
		return value{short: string(raw)}, err
	}
	if _, err := d.ReadToken(); err != nil {
		return value{}, err
	}
	v := value{open: string(kind)}
	var parts []string
	for d.PeekKind() > 0 && d.PeekKind() != '}' && d.PeekKind() != ']' {
		name := ""
		if kind == '{' {
			raw, err := d.ReadValue()
			if err != nil {
				return v, err
			}
			v.names, name = append(v.names, string(raw)), string(raw)
		}
		m, err := readValue(d)
		if err != nil {
			return v, err
		}
		if varying[strings.Trim(name, `"`)] {
			m = value{short: `"***"`}
		}
		v.members = append(v.members, m)
		part := m.short
		if name != "" {
			part = name + ": " + part
		}
		parts = append(parts, part)
	}
	if _, err := d.ReadToken(); err != nil {
		return v, err
	}
	v.short = v.open + strings.Join(parts, ", ") + closing[v.open]
	return v, nil
}

var closing = map[string]string{"{": "}", "[": "]"}

// write writes the value indented by depth, after taken characters of its line, and reports whether it needed more than
// that line. Members share lines up to lineMax; an object at the top always has several lines.
func (v *value) write(b *strings.Builder, depth, taken int) (tall bool) {
	if len(v.members) == 0 || depth > 0 && 2*depth+taken+utf8.RuneCountInString(v.short) < lineMax {
		b.WriteString(v.short)
		return false
	}
	b.WriteString(v.open)
	column, full := lineMax, true // the length of the line, and whether it must end
	for i := range v.members {
		name := ""
		if v.names != nil {
			name = v.names[i] + ": "
		}
		if i > 0 {
			b.WriteByte(',')
		}
		before := utf8.RuneCountInString(name)
		width := before + utf8.RuneCountInString(v.members[i].short)
		if full || column+len(", ")+width >= lineMax {
			b.WriteString("\n" + strings.Repeat("  ", depth+1))
			column = 2 * (depth + 1)
		} else {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(name)
		full = v.members[i].write(b, depth+1, before)
		column += width + 1
	}
	b.WriteString("\n" + strings.Repeat("  ", depth) + closing[v.open])
	return true
}

// lookUp returns the value at a path such as $.data[0].id in a JSON text.
func lookUp(text []byte, path string) (string, bool) {
	var at any
	if json.Unmarshal(text, &at, jsontext.AllowDuplicateNames(true), json.WithUnmarshalers(exactNumbers)) != nil {
		return "", false
	}
	path = strings.TrimPrefix(strings.TrimSpace(path), "$")
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch node := at.(type) {
		case map[string]any:
			child, ok := node[step]
			if !ok {
				return "", false
			}
			at = child
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			at = node[i]
		default:
			return "", false
		}
	}
	switch leaf := at.(type) {
	case string:
		return leaf, true
	case jsontext.Value:
		return string(leaf), true
	case bool:
		return strconv.FormatBool(leaf), true
	}
	return "", false
}

// exactNumbers keeps numbers as they were written: ids do not fit a float.
var exactNumbers = json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	raw, err := d.ReadValue()
	*v = raw.Clone()
	return err
})
