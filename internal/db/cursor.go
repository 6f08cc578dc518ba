package db

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
)

// cursorStart is the cursor of the first page.
const cursorStart = "*"

// cursor is a position in a list: after the row with this key and id. Clients get it as an opaque text.
type cursor struct {
	List uint64 `json:"l"`          // the shop, the list, its filters and its order
	ID   int64  `json:"i"`          // of the last row sent
	Num  int64  `json:"n,omitzero"` // its key
	Text string `json:"t,omitzero"` //
	At   int64  `json:"at"`         // the first page's timestamp
	Rows int64  `json:"c"`          // and total
}

func (c *cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and texts from the database
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// fingerprint differs between shops, lists, filters and orders.
func (q *query) fingerprint(shop int64) uint64 {
	h := xxhash.New()
	fmt.Fprintln(h, shop, q.Table, q.where, q.order())
	for _, arg := range slices.Concat(q.args, q.key.args) {
		if found, ok := arg.(Found); ok {
			arg = found.For
		}
		fmt.Fprintln(h, arg)
	}
	return h.Sum64()
}

func refuseCursor() error {
	return taphoa.Refuse(taphoa.CodeValidate, "cursor",
		"cursor không đọc được: hãy gửi lại nguyên văn nextCursor của trang trước, hoặc cursor=%s để bắt đầu lại", cursorStart)
}

// readCursor reads the cursor of a request to a list with this fingerprint, or refuses it.
func readCursor(p *taphoa.Paging, list uint64) (c cursor, err error) {
	if p.CurrentItem > 0 {
		return c, taphoa.Refuse(taphoa.CodeValidate, "cursor", "Chỉ dùng một trong hai: cursor hoặc currentItem")
	}
	if p.Cursor == cursorStart {
		return cursor{List: list}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err == nil {
		err = json.Unmarshal(raw, &c, json.RejectUnknownMembers(true))
	}
	if err != nil || strings.ContainsRune(c.Text, 0) || c.At <= 0 || c.Rows < 0 {
		return c, refuseCursor()
	}
	if c.List != list {
		return c, taphoa.Refuse(taphoa.CodeValidate, "cursor",
			"cursor thuộc về danh sách có bộ lọc hoặc thứ tự khác: hãy gửi đúng các tham số của trang đầu, hoặc cursor=%s để bắt đầu lại", cursorStart)
	}
	return c, nil
}

// walk returns the page after a cursor, and the next cursor unless it is the last page. However rows are added, changed and
// deleted meanwhile, a row whose key stays the same comes exactly once. Without orderBy the key is the id, which always does.
// Every page bears the timestamp and the total of the first: what has changed since the first page was read is found by asking for
// lastModifiedFrom with that timestamp.
func walk[T any](tx *Tx, q *query, p *taphoa.Paging) (taphoa.Page[T], error) {
	page := taphoa.Page[T]{PageSize: p.PageSize, Data: []T{}}
	where, args := q.where, q.args[:len(q.args):len(q.args)]
	at, err := readCursor(p, q.fingerprint(tx.Retailer))
	switch {
	case err != nil:
	case p.Cursor == cursorStart:
		err = q.begin(tx, &at)
	default:
		behind := " > "
		if q.descending {
			behind = " < "
		}
		key, id := q.keys(at.Rows)
		switch {
		case q.byID():
			where, args = where+" AND "+id+behind+"?", append(args, at.ID)
		case key.text:
			where, args = where+" AND ("+key.expression+", "+id+")"+behind+"(?, ?)", slices.Concat(args, key.args, []any{at.Text, at.ID})
		default:
			where, args = where+" AND ("+key.expression+", "+id+")"+behind+"(?, ?)", slices.Concat(args, key.args, []any{at.Num, at.ID})
		}
	}
	if err != nil {
		return page, err
	}
	page.Total, page.Timestamp = at.Rows, taphoa.Stamp(at.At)
	columns := q.id
	if !q.byID() {
		columns += ", " + q.key.expression
	}
	var ids []int64
	more := false
	err = tx.Each(func(row Row) error {
		if more = int64(len(ids)) == p.PageSize; more {
			return nil
		}
		ids = append(ids, row.Int64(0))
		at.ID = row.Int64(0)
		switch {
		case q.byID():
		case q.key.text:
			at.Text = row.Text(1)
		default:
			at.Num = row.Int64(1)
		}
		return nil
	}, "SELECT "+columns+" FROM "+q.Table+" WHERE "+where+"\nORDER BY "+q.by(q.keys(at.Rows))+" LIMIT ?", slices.Concat(q.key.args, args, q.key.args, []any{p.PageSize + 1})...)
	if err != nil || len(ids) == 0 {
		return page, err
	}
	page.Data, err = appendAll(tx, make([]T, 0, len(ids)), "SELECT "+q.Columns+"\nFROM "+q.Table+" "+q.Joins+
		"\nWHERE "+q.alias+".retailer_id = :retailer AND "+q.id+" IN ?\nORDER BY "+q.order(), slices.Concat([]any{ids}, q.key.args))
	if more {
		page.NextCursor = at.String()
	}
	return page, err
}

// begin notes what the first page shows.
func (q *query) begin(tx *Tx, at *cursor) error {
	stamp, err := tx.LastChange()
	if err != nil {
		return err
	}
	at.At = int64(stamp)
	if q.counted(tx) {
		s, err := seekRow(tx, q.name, 0, false)
		at.Rows = s.Total
		return err
	}
	at.Rows, _, err = One[int64](tx, fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s", q.Table, q.where), q.args...)
	return err
}

// Cut returns a page of rows that are in memory, in their order, which the text identifies. They never change, so that
// a cursor is how many were sent.
func Cut[T any](tx *Tx, rows []T, order string, p taphoa.Paging) (taphoa.Page[T], error) {
	page := taphoa.Page[T]{Total: int64(len(rows)), PageSize: p.PageSize, Data: []T{}}
	at := cursor{ID: p.CurrentItem}
	stamp, err := tx.LastChange()
	if p.Cursor != "" && err == nil {
		at, err = readCursor(&p, xxhash.Sum64String(fmt.Sprintln(tx.Retailer, order)))
	}
	if p.Cursor == "" || p.Cursor == cursorStart {
		at.At = int64(stamp)
	}
	if err != nil || at.ID < 0 || at.ID >= page.Total {
		page.Timestamp = taphoa.Stamp(at.At)
		return page, err
	}
	next := min(at.ID+p.PageSize, page.Total)
	page.Data, page.Timestamp = rows[at.ID:next:next], taphoa.Stamp(at.At)
	if at.ID = next; p.Cursor != "" && next < page.Total {
		page.NextCursor = at.String()
	}
	return page, nil
}
