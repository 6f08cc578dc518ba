package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa/internal/api"
)

const (
	rowsShown = 50 // of a list on one page

	tableID  = "records"
	whatever = "q" // the parameter of the page that has the searched text
)

// showList shows the records of a list, or the table alone where that is all that changes.
func (v *visit) showList(d *description) error {
	asked := v.r.URL.Query()
	table := v.table(d, asked)
	since, err := v.newest() // before the list is read: what comes later is told
	if err != nil {
		return err
	}
	bar, err := v.filters(d, asked)
	if err != nil {
		return err
	}
	found, err := v.read(d, asked)
	if err == nil {
		v.fillTable(d, &table, asked, &found)
	} else {
		refusal, ok := refused(err)
		if !ok {
			return err
		}
		table.State, table.Error = "error", Alert{Tone: "danger", Title: v.say("Không đọc được danh sách"), Text: v.sentence(refusal)}
	}
	if len(d.kinds) > 0 {
		table.Follow, table.Live = v.r.URL.RequestURI(), v.liveAddress(d, since, found.mark)
	}
	if v.fragment(tableID) {
		return v.draw(http.StatusOK, Parts{[]any{bar, table}})
	}
	header := Header{Title: v.say(d.title)}
	if d.subtitle != nil {
		if header.Subtitle, err = d.subtitle(v); err != nil {
			return err
		}
	}
	if v.may(d.create) {
		header.Actions = []Action{{Text: v.say("Thêm %s", v.say(d.one)), Icon: "plus", Kind: "primary", URL: v.address(d, "new")}}
	}
	return v.show(http.StatusOK, header.Title, header, bar, table)
}

func (v *visit) address(d *description, below string) string {
	if below == "" {
		return "/console/" + d.path
	}
	return "/console/" + d.path + "/" + url.PathEscape(below)
}

// filters are the filters of a list as a page's address has them.
func (v *visit) filters(d *description, asked url.Values) (bar FilterBar, err error) {
	at := v.address(d, "")
	bar = FilterBar{URL: at, Target: tableID}
	for _, name := range []string{"sort", "direction"} {
		if value := asked.Get(name); value != "" {
			bar.Extra = append(bar.Extra, Hidden{name, value})
		}
	}
	without := func(names ...string) string {
		rest := url.Values{}
		for key, values := range asked {
			if !slices.Contains(names, key) && key != "from" {
				rest[key] = values
			}
		}
		return at + "?" + rest.Encode()
	}
	chip := func(text string, names ...string) { bar.Chips = append(bar.Chips, Chip{text, without(names...)}) }
	for i := range d.filters {
		if f := &d.filters[i]; v.filtersBy(d, f) {
			if err := v.filter(f, asked, &bar, chip); err != nil {
				return bar, err
			}
		}
	}
	if d.search != "" || d.searchBy != nil {
		bar.Search = &Field{
			Kind: "search", ID: "search", Name: whatever, Label: v.say("Tìm"), Value: strings.TrimSpace(asked.Get(whatever)), Placeholder: v.say(d.searchHint),
		}
	}
	if len(bar.Chips) > 0 {
		bar.Clear = at
	}
	return bar, nil
}

// filter adds one filter to a bar.
func (v *visit) filter(f *filter, asked url.Values, bar *FilterBar, chip func(text string, names ...string)) error {
	value := asked.Get(f.param)
	input := Field{Kind: string(f.kind), ID: "filter-" + f.param, Name: f.param, Label: v.say(f.title), Value: value}
	shown := value
	if f.options.list != nil {
		choices, err := f.options.list(v)
		if err != nil {
			return err
		}
		input.Choices = append([]Choice{{Text: v.say("Tất cả")}}, choices...)
		for i := range input.Choices {
			if c := &input.Choices[i]; c.Value == value {
				c.Selected, shown = true, c.Text
			}
		}
	}
	bar.Fields = append(bar.Fields, input)
	if value != "" {
		chip(v.say(f.title)+": "+f.kind.show(shown), f.param)
	}
	if f.until == "" {
		return nil
	}
	end := asked.Get(f.until)
	bar.Fields = append(bar.Fields, Field{Kind: string(f.kind), ID: "filter-" + f.until, Name: f.until, Label: v.say("Đến ngày"), Value: end})
	if end != "" {
		chip(v.say("Đến ngày")+": "+f.kind.show(end), f.until)
	}
	return nil
}

// table is the empty table of a list, with the columns that the person has chosen.
func (v *visit) table(d *description, asked url.Values) Table {
	at := v.address(d, "")
	t := Table{
		ID: tableID, Caption: v.say(d.title),
		Choose: &ColumnChooser{URL: at + "/columns"},
		Empty:  EmptyState{Icon: d.icon, Title: v.say("Chưa có %s", v.say(d.one)), Text: v.say("Những gì được thêm ở đây, qua API hoặc ở quầy đều hiện trong bảng này.")},
	}
	if asked.Get(whatever)+asked.Get("from") != "" || slices.ContainsFunc(d.filters, func(f filter) bool { return asked.Get(f.param)+asked.Get(f.until) != "" }) {
		t.Empty = EmptyState{
			Icon: "search", Title: v.say("Không tìm thấy"), Text: v.say("Hãy thử từ khác hoặc bớt điều kiện lọc."),
			Actions: []Action{{Text: v.say("Bỏ lọc"), URL: at}},
		}
	}
	for _, c := range v.chosen(d) {
		column := Column{Text: v.say(c.title), Number: c.kind.numeric(), Key: c.key, Wide: c.wide, Whole: c.kind == ofTime}
		if v.sorts(d, c) {
			to := url.Values{}
			for key, values := range asked {
				to[key] = values
			}
			to.Del("from")
			to.Set("sort", c.sort)
			to.Set("direction", "asc")
			if asked.Get("sort") == c.sort {
				column.Sort = "ascending"
				if asked.Get("direction") == "desc" {
					column.Sort = "descending"
				} else {
					to.Set("direction", "desc")
				}
			}
			column.SortURL = at + "?" + to.Encode()
		}
		t.Columns = append(t.Columns, column)
	}
	shown := v.chosen(d)
	for _, c := range v.columns(d) {
		t.Choose.Fields = append(t.Choose.Fields, Choice{Value: c.member, Text: v.say(c.title), Selected: slices.Contains(shown, c)})
	}
	return t
}

// columnsCookie has the columns that a person has chosen, by the page's path.
func columnsCookie(d *description) string { return "taphoa-columns-" + d.path }

// chosen are the columns that the person has chosen, in the order of the description.
func (v *visit) chosen(d *description) (shown []*column) {
	var names []string
	if cookie, err := v.r.Cookie(columnsCookie(d)); err == nil {
		names = strings.Split(cookie.Value, ".")
	}
	all := v.columns(d)
	for _, c := range all {
		if names == nil && !c.off || slices.Contains(names, c.member) {
			shown = append(shown, c)
		}
	}
	if len(shown) == 0 {
		shown = all[:1]
	}
	return shown
}

// chooseColumns keeps the columns that a person chooses, in the browser.
func (v *visit) chooseColumns(d *description) error {
	var names []string
	for i := range d.columns {
		if name := d.columns[i].member; slices.Contains(v.r.PostForm["column"], name) {
			names = append(names, name)
		}
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: columnsCookie(d), Value: strings.Join(names, "."), Path: "/console/" + d.path, MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return v.redirect(v.next())
}

// sorts reports whether the list can be sorted by a column for the person.
func (v *visit) sorts(d *description, c *column) bool {
	return c.sort != "" && v.shows(d.list, "data."+c.member) && v.shows(d.list, "data."+c.sort)
}

// found is what a page of a list shows.
type found struct {
	rows []record
	page record // of the list; nil: the rows were found without it
	mark string // differs when what the person sees does
}

// read asks for what a page's address says.
func (v *visit) read(d *description, asked url.Values) (in found, err error) {
	query, only, err := v.query(d, asked)
	switch {
	case err != nil:
		return in, err
	case only != nil:
		text, err := json.Marshal(only)
		return found{rows: only, mark: markOf(string(text))}, err
	}
	page, tag, err := v.ask(d.list, nil, query)
	return found{records(page.at("data")), page, markOf(tag)}, err
}

// markOf is short, and says nothing of the text.
func markOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// query is what a list is asked for a page's address; or the records that are found without it. What the person may not ask by is
// left out: an address of before may have it.
func (v *visit) query(d *description, asked url.Values) (query url.Values, only []record, err error) {
	query = url.Values{"pageSize": {strconv.Itoa(rowsShown)}, "currentItem": {strconv.Itoa(offset(asked))}, "orderBy": {d.order}, "orderDirection": {"Desc"}}
	for key, values := range d.with {
		if api.Asks(v.session.Held, d.list, key) {
			query[key] = values
		}
	}
	for i := range d.columns {
		if c := &d.columns[i]; v.sorts(d, c) && c.sort == asked.Get("sort") {
			query.Set("orderBy", c.sort)
			query.Set("orderDirection", "Asc")
			if asked.Get("direction") == "desc" {
				query.Set("orderDirection", "Desc")
			}
		}
	}
	for i := range d.filters {
		f := &d.filters[i]
		for _, name := range []string{f.param, f.until} {
			if value := asked.Get(name); value != "" && v.filtersBy(d, f) {
				query.Set(name, value)
			}
		}
	}
	switch text := strings.TrimSpace(asked.Get(whatever)); {
	case text == "":
	case d.search != "":
		query.Set(d.search, text)
	case d.searchBy != nil:
		only, err = d.searchBy(v, text, query)
	}
	return query, only, err
}

// offset is how many records a page's address skips.
func offset(asked url.Values) int {
	from, _ := strconv.Atoi(asked.Get("from")) // 0 if it is no number
	return max(0, from)
}

// fillTable fills a table with what was found.
func (v *visit) fillTable(d *description, t *Table, asked url.Values, in *found) {
	v.fillRows(d, t, in.rows)
	if in.page == nil {
		return
	}
	if in.page.at("totals") != nil && len(in.rows) > 0 {
		for i, c := range v.chosen(d) {
			cell := Cell{Text: c.kind.show(in.page.text("totals." + c.member))}
			if i == 0 && cell.Text == "" {
				cell.Text = v.say(d.totals)
			}
			t.Totals = append(t.Totals, cell)
		}
	}
	t.Pager = v.pager(d, asked, offset(asked), len(in.rows), in.page.text("total"))
}

func (v *visit) fillRows(d *description, t *Table, rows []record) {
	columns := v.chosen(d)
	for _, r := range rows {
		row := Row{}
		if d.get != "" {
			row.URL = v.address(d, r.text("id"))
		}
		for _, c := range columns {
			row.Cells = append(row.Cells, v.cell(c, r))
		}
		t.Rows = append(t.Rows, row)
	}
}

func (v *visit) cell(c *column, r record) Cell {
	text := r.text(c.member)
	if c.value != nil {
		text = c.value(r)
	}
	switch {
	case c.kind == ofBool:
		if text == "true" {
			return Cell{Text: v.say("Có")}
		}
		return Cell{Badge: &Badge{"", v.say("Không")}}
	case c.tones != nil && text != "":
		return Cell{Badge: &Badge{c.tones[text], capitalized(v.say(text))}}
	}
	shown := c.kind.show(text)
	if shown == "" && c.blank != "" {
		return Cell{Text: v.say(c.blank), Muted: true}
	}
	return Cell{Text: shown, Title: shown}
}

func (v *visit) pager(d *description, asked url.Values, from, rows int, total string) *Pager {
	at := func(from int) string {
		to := url.Values{}
		for key, values := range asked {
			to[key] = values
		}
		to.Set("from", strconv.Itoa(from))
		if from <= 0 {
			to.Del("from")
		}
		return v.address(d, "") + "?" + to.Encode()
	}
	if rows == 0 && from == 0 {
		return nil
	}
	p := &Pager{First: ofNumber.show(strconv.Itoa(from + 1)), Last: ofNumber.show(strconv.Itoa(from + rows)), Total: ofNumber.show(total)}
	if rows == 0 { // behind the end
		p.First, p.Last = "0", "0"
	}
	if from > 0 {
		p.Previous, p.Start = at(from-rowsShown), at(0)
	}
	if n, err := strconv.Atoi(total); err == nil && from+rows < n {
		p.Next = at(from + rowsShown)
	}
	return p
}

// capitalized is a word at the beginning of a text.
func capitalized(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}
