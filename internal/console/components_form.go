package console

import "strings"

// Form changes a record.
type Form struct {
	ID       string
	URL      string
	Sections []Section
	Hidden   []Hidden // the ETag of what is changed, and the like
	Error    string   // the refusal, if it names no field
	Changed  *Changed
	Save     string   // the text of the button
	Cancel   string   // an address; empty: no such button
	Dirty    bool     // has what was typed and not saved
	Plain    bool     // without a bar that stays in sight: signing in
	Links    []Link   // below the button of a plain form
	Passkey  *Passkey // of a plain form, below its button
}

// Wrong returns the fields that are refused, for the summary at the top.
func (f Form) Wrong() (wrong []Field) {
	for _, s := range f.Sections {
		for _, field := range s.Fields {
			if field.Error != "" {
				wrong = append(wrong, field)
			}
			if field.Lines == nil {
				continue
			}
			for _, row := range field.Lines.Rows {
				for _, cell := range row {
					if cell.Error != "" {
						wrong = append(wrong, cell)
					}
				}
			}
		}
	}
	return wrong
}

// Section is a part of a form.
type Section struct {
	Title, Text string
	Fields      []Field
}

// Field is one value of a form. Kind is "text", "search", "number", "money", "date", "datetime", "textarea", "select",
// "checkbox", "switch", "password", "code" (of digits), "pin" (of digits that
// nobody is to see; it has no value), "choices" (one of few, all visible), "lookup",
// "lines" or "shown" (not to be changed).
type Field struct {
	Kind         string
	ID           string // unique in the page; Name if empty
	Name         string
	Label        string
	Value        string // as the input wants it: dates as 2026-11-30 and 2026-11-30T14:05
	Hint         string
	Error        string
	Required     bool
	Disabled     bool
	Focus        bool   // is focused when the page opens; at most one
	On           bool   // of a checkbox or switch
	Width        string // "half", "third" or empty: the whole line
	Placeholder  string
	Unit         string // after the input: "đ", "kg", "%"
	Autocomplete string // "username", "current-password", "one-time-code" …
	Length       int    // characters at most
	Choices      []Choice
	Lookup       *Lookup
	Lines        *Lines
}

// Key returns the ID of the input.
func (f Field) Key() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// Described returns the IDs of the hint and the error, for aria-describedby.
func (f Field) Described() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.Key()+"-error")
	}
	if f.Hint != "" {
		ids = append(ids, f.Key()+"-hint")
	}
	return strings.Join(ids, " ")
}

// Lookup is found by typing: the server is asked at URL with ?q=, and answers with [Found].
type Lookup struct {
	URL  string
	Text string // of what is chosen; Field.Value has its id
}

// Found is what a lookup or the palette finds. In the palette the options are links.
type Found struct {
	Options []FoundOption
	More    string // "Còn 120 kết quả, gõ thêm để thu hẹp"
}

// FoundOption is one of [Found]; Sub stands below the text, Note to the right.
type FoundOption struct{ Value, Text, Sub, Note, URL, Icon string }

// Lines are the lines of a document. Each is a row of fields whose names repeat; Blank is what a new one has, with IDs
// that contain __n__.
type Lines struct {
	Columns []Column
	Rows    [][]Field
	Blank   []Field
	Add     string // the text of the button
}

// Changed tells that the record changed meanwhile.
type Changed struct {
	By, At string
	Values []ChangedValue
	Reload string // the address of the record as it is now
	Hidden Hidden // the new ETag, sent by "save anyway"
}

// ChangedValue is a member with both values.
type ChangedValue struct{ Label, Theirs, Yours string }
