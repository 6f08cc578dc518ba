package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/right"
)

// showRecord shows a record: its form, or its members where the desk does not change it.
func (v *visit) showRecord(d *description) error {
	r, _, err := v.askByID(d.get)
	if err != nil {
		return err
	}
	return v.showForm(http.StatusOK, d, r, &filled{})
}

func (v *visit) showNew(d *description) error {
	return v.showForm(http.StatusOK, d, nil, &filled{})
}

// filled is a form as a person has sent it, and why it was refused. The zero value is one that nobody has sent yet.
type filled struct {
	tag     string // of the record that is changed, as it was read
	key     string // of the form; of one that is sent twice it is the same
	values  url.Values
	refusal *taphoa.Error
	changed *Changed
	allowed
}

// filledIn is the form that the person has sent.
func (v *visit) filledIn() *filled {
	return &filled{key: v.r.PostForm.Get("key"), values: v.r.PostForm}
}

func (in *filled) keyOrNew() string { return cmp.Or(in.key, newKey()) }

// left reports that the person has left a field as the form showed it, while another has changed the record.
func (in *filled) left(f *field, r record) bool {
	return r != nil && in.changed != nil && plain(in.values.Get(f.member)) == plain(f.shown(in.values, r))
}

// before is what the form shows of a field before anything is typed.
func (in *filled) before(f *field, r record) string {
	if in.values == nil || in.left(f, r) {
		return f.formValue(r)
	}
	return f.shown(in.values, r)
}

// showForm shows a new record, or one that there is.
func (v *visit) showForm(status int, d *description, r record, in *filled) error {
	at := v.address(d, r.text("id"))
	header := Header{Title: v.say("Thêm %s", v.say(d.one)), Back: &Link{Text: v.say(d.title), URL: v.address(d, "")}}
	var (
		dialogs []Confirm
		cards   []any
	)
	if r != nil {
		header.Title, header.Subtitle = r.text(d.name), r.text(d.code)
		if d.name == d.code {
			header.Subtitle = ""
		}
		if d.also != nil {
			also, err := d.also(v, r)
			if err != nil {
				return err
			}
			header.Subtitle, header.Actions, dialogs, cards = also.state, also.actions, also.dialogs, also.cards
		}
		removal, err := v.offerRemoval(d, r, &header)
		if err != nil {
			return err
		}
		dialogs = append(dialogs, removal...)
		history, err := v.history(d, r)
		if err != nil {
			return err
		}
		cards = append(cards, history...)
	}
	body := []any{header}
	if r != nil && !v.may(d.update) && len(in.lacks) == 0 {
		if in.refusal != nil {
			body = append(body, Alert{Tone: "danger", Title: v.say("Chưa thực hiện được"), Text: v.sentence(in.refusal)})
		}
		body = append(body, v.shownSections(d, r)...)
	} else {
		form, err := v.form(d, r, in)
		if err != nil {
			return err
		}
		form.URL = at
		body = append(append(body, form), v.shownLines(d, r)...)
	}
	body = append(body, cards...)
	for _, dialog := range dialogs {
		body = append(body, dialog)
	}
	return v.show(status, header.Title, body...)
}

// form is the form of a record, filled with it or with what was sent.
func (v *visit) form(d *description, r record, in *filled) (Form, error) {
	form := Form{
		ID: "record", Save: v.say("Lưu"), Cancel: v.address(d, ""), Dirty: in.values != nil, Changed: in.changed,
		Hidden: []Hidden{{"key", in.keyOrNew()}},
	}
	if len(in.lacks) > 0 {
		s, err := v.approval(in)
		if err != nil {
			return form, err
		}
		form.Hidden = append(form.Hidden, Hidden{lackedName, in.lackedKeys()})
		form.Sections, form.Save = append(form.Sections, s), v.say("Cho phép và lưu")
	}
	for i := range d.sections {
		s := &d.sections[i]
		drawn := Section{Title: v.say(s.title)}
		for j := range s.fields {
			f := &s.fields[j]
			if r == nil && f.computed || !v.showsField(d, f) {
				continue
			}
			input, err := v.field(f, r, in)
			if err != nil {
				return form, err
			}
			if r != nil && !f.computed {
				form.Hidden = append(form.Hidden, Hidden{shownBefore + f.member, in.before(f, r)})
			}
			input.Focus = r == nil && in.values == nil && i+j == 0
			drawn.Fields = append(drawn.Fields, input)
		}
		if len(drawn.Fields) > 0 {
			form.Sections = append(form.Sections, drawn)
		}
	}
	if in.refusal != nil && len(form.Wrong()) == 0 {
		form.Error = v.sentence(in.refusal)
	}
	return form, nil
}

// field is one field with its value: what was typed, what the record has, or what a new record begins with.
func (v *visit) field(f *field, r record, in *filled) (Field, error) {
	value := f.start
	if r != nil {
		value = f.kind.edit(r.text(f.member))
	}
	if in.values != nil && !f.computed && !in.left(f, r) {
		value = in.values.Get(f.member)
	}
	input := Field{
		Kind: string(f.kind), Name: f.member, Label: v.say(f.title), Hint: v.say(f.hint), Value: value, Required: f.required,
		Width: f.width, Unit: v.say(f.unit), Length: f.max,
	}
	if f.computed {
		input.Kind = "shown"
		if r != nil {
			input.Value = f.kind.show(r.text(f.member))
		}
		return input, nil
	}
	switch f.kind {
	case ofBool:
		input.On = value == "true"
		input.Value = "true"
	case ofQuantity:
		input.Kind = string(ofNumber)
	case ofChoice:
		choices, err := f.options.list(v)
		if err != nil {
			return input, err
		}
		if !f.required || r == nil && value == "" {
			choices = append([]Choice{{Text: "–"}}, choices...)
		}
		known := false
		for i := range choices {
			choices[i].Selected = choices[i].Value == value
			known = known || choices[i].Selected
		}
		if !known && value != "" { // else browsers send the first one
			choices = append(choices, Choice{Value: value, Text: value, Selected: true})
		}
		input.Choices = choices
	}
	if e := in.refusal; e != nil {
		if names(e.Field, f) {
			input.Error = v.sentence(e)
		}
		for _, item := range e.Items {
			if names(item.Field, f) {
				input.Error = item.Message
			}
		}
	}
	return input, nil
}

// names reports whether a refusal is about a field; the API names members in lists as items[0].name.
func names(member string, f *field) bool {
	member = member[strings.LastIndexByte(member, '.')+1:]
	return strings.EqualFold(member, f.member)
}

// shownSections are the members of a record that the desk does not change.
func (v *visit) shownSections(d *description, r record) (body []any) {
	for i := range d.sections {
		s := &d.sections[i]
		if s.lines != nil {
			body = append(body, v.shownTable(d, s, r))
			continue
		}
		var list KeyValues
		for j := range s.fields {
			f := &s.fields[j]
			if text := f.kind.show(r.text(f.member)); text != "" {
				if f.kind == ofBool {
					text = v.say(map[string]string{"true": "Có", "false": "Không"}[text])
				}
				cell := Cell{Text: text}
				if f.tones != nil {
					cell = Cell{Badge: &Badge{f.tones[text], capitalized(v.say(text))}}
				}
				list.Items = append(list.Items, KeyValue{Key: v.say(f.title), Cell: cell, Number: f.kind.numeric()})
			}
		}
		body = append(body, Card{Title: v.say(s.title), Body: []any{list}})
	}
	return body
}

// shownLines are the lines of a record that is changed, below its form.
func (v *visit) shownLines(d *description, r record) (body []any) {
	for i := range d.sections {
		if s := &d.sections[i]; s.lines != nil && r != nil {
			body = append(body, v.shownTable(d, s, r))
		}
	}
	return body
}

func (v *visit) shownTable(d *description, s *section, r record) Card {
	return Card{Title: v.say(s.title), Flush: true, Body: []any{v.lines(d, s.lines, r)}}
}

// lines are the lines of a document.
func (v *visit) lines(d *description, l *lines, r record) Table {
	var columns []*column
	for i := range l.columns {
		if c := &l.columns[i]; v.shows(d.get, l.member+"."+c.member) {
			columns = append(columns, c)
		}
	}
	t := Table{ID: l.member, Caption: v.say("Chi tiết"), Empty: EmptyState{Icon: "file-text", Title: v.say("Không có dòng nào")}}
	for i, c := range columns {
		t.Columns = append(t.Columns, Column{Text: v.say(c.title), Number: c.kind.numeric(), Key: c.key, Wide: i == 0})
	}
	for _, line := range records(r.at(l.member)) {
		row := Row{}
		for _, c := range columns {
			row.Cells = append(row.Cells, v.cell(c, line))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// create adds a record.
func (v *visit) create(d *description) error {
	body := map[string]any{}
	in := v.filledIn()
	if err := v.admit(d.create, in); err != nil {
		return v.refuse(d, nil, in, err)
	}
	for f := range v.inputs(d) {
		value, err := f.read(v.r.PostForm)
		if err != nil {
			return v.refuse(d, nil, in, err)
		}
		if value != nil && value != "" {
			body[f.member] = value
		}
	}
	r, err := v.write(d.create, nil, body, in)
	if err != nil {
		return v.refuse(d, nil, in, err)
	}
	id := r.text("id")
	if id == "" {
		id = r.text("data.id")
	}
	v.done(d.create, v.say("Đã lưu"), in)
	if d.get == "" || id == "" {
		return v.redirect(v.address(d, ""))
	}
	return v.redirect(v.address(d, id))
}

// update sends what the person has changed of a record. If another has changed the record meanwhile, both are shown.
func (v *visit) update(d *description) error {
	in := &filled{values: v.r.PostForm} // without a key: what is sent twice changes nothing the second time
	for range staleTries {
		now, tag, err := v.askByID(d.get)
		if err != nil {
			return err
		}
		in.tag = tag // what is written is written over what was read
		if err := v.admit(d.update, in); err != nil {
			return v.refuse(d, now, in, err)
		}
		body, err := v.changes(d, now, in)
		switch {
		case err != nil:
			return v.refuse(d, now, in, err)
		case in.changed != nil:
			return v.showForm(http.StatusConflict, d, now, in)
		case len(body) == 0:
			return v.redirect(v.address(d, v.r.PathValue("id")))
		}
		_, err = v.write(d.update, map[string]string{"id": v.r.PathValue("id")}, body, in)
		if stale := (*taphoa.Error)(nil); errors.As(err, &stale) && stale.Kind == taphoa.KindStale {
			continue // it has changed since it was read
		}
		if err != nil {
			return v.refuse(d, now, in, err)
		}
		v.done(d.update, v.say("Đã lưu"), in)
		return v.redirect(v.address(d, v.r.PathValue("id")))
	}
	return taphoa.Refuse(taphoa.CodeValidate, "", "Bản ghi đang được thay đổi liên tục, hãy thử lại")
}

// staleTries is how often a change is tried while what it does not concern changes, such as the stock of what is sold.
const staleTries = 5

// changes are the members that the person has changed, beside what the form showed. Where another person has changed the same
// ones meanwhile, in.changed says so, unless the person has seen that.
func (v *visit) changes(d *description, now record, in *filled) (body map[string]any, err error) {
	body = map[string]any{}
	seen := in.values.Get("over") == in.tag
	in.changed = nil
	for f := range v.inputs(d) {
		typed, was, is := plain(in.values.Get(f.member)), plain(f.shown(in.values, now)), plain(f.formValue(now))
		switch {
		case typed == was || typed == is:
			continue
		case is != was && !seen:
			if in.changed == nil {
				in.changed = &Changed{At: ofTime.show(now.text("modifiedDate")), Reload: v.r.URL.Path, Hidden: Hidden{"over", in.tag}}
			}
			in.changed.Values = append(in.changed.Values, ChangedValue{v.say(f.title), f.kind.show(now.text(f.member)), typed})
			continue
		case strings.TrimSpace(typed) == "" && (f.required || f.stays):
			return nil, taphoa.Refuse(taphoa.CodeValidate, f.member, "%s (%s) không được để trống", taphoa.Term(f.title), f.member)
		}
		if body[f.member], err = f.read(in.values); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// plain is a text with the ends of lines that the API has; browsers send others.
func plain(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// shownBefore are the names of what a form showed before anything was typed.
const shownBefore = "was."

// shown is what a form showed of the field.
func (f *field) shown(form url.Values, now record) string {
	if values, ok := form[shownBefore+f.member]; ok {
		return values[0]
	}
	return f.formValue(now)
}

// read returns what a form has for the field.
func (f *field) read(form url.Values) (any, error) {
	typed := form.Get(f.member)
	value, ok := f.kind.read(typed)
	if !ok {
		return nil, taphoa.Refuse(taphoa.CodeValidate, f.member, "Số %q không đúng, hãy viết như 1.250.000 hoặc 1,5", typed)
	}
	return value, nil
}

// write carries out an operation that changes something, once for each form.
func (v *visit) write(operation string, path map[string]string, body map[string]any, in *filled) (record, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	answer, err := v.do(api.Call{Operation: operation, Path: path, Body: b, IfMatch: in.tag, Key: in.key, Approval: in.secret})
	if err != nil {
		return nil, err
	}
	return decode(answer.Body)
}

// refuse shows a form again with the refusal; what it said is kept, under a new key unless another person is to allow the same.
func (v *visit) refuse(d *description, r record, in *filled, err error) error {
	e, ok := refused(err)
	if !ok {
		return err
	}
	in.refusal = e
	missing := (*right.Missing)(nil)
	switch {
	case v.lacked(err, in):
		return v.showForm(http.StatusForbidden, d, r, in)
	case errors.As(err, &missing), errors.Is(err, errInsecure):
		return err
	case e.Field != pinName && e.Field != approverName:
		in.key = ""
	}
	return v.showForm(http.StatusUnprocessableEntity, d, r, in)
}

// formValue is what a browser sends of the field if nobody changes it.
func (f *field) formValue(r record) string {
	value := f.kind.edit(r.text(f.member))
	switch f.kind {
	case ofBool:
		return map[string]string{"true": "true"}[value]
	case ofLong:
		return strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\n", "\r\n")
	}
	return strings.NewReplacer("\r", "", "\n", "").Replace(value)
}
