package event

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Feed returns the shop's events after a number, oldest first. It refuses a number before the stored events or beyond the
// newest: the client would miss events without noticing.
func Feed(tx *db.Tx, in *taphoa.EventQuery) (taphoa.EventFeed, error) {
	h, err := tx.Head()
	if err != nil {
		return taphoa.EventFeed{}, err
	}
	after := in.After.Or(h.DroppedSeq)
	switch {
	case after < h.DroppedSeq:
		return taphoa.EventFeed{}, taphoa.Refuse(taphoa.CodeEventsGone, "after",
			"Các sự kiện sau số %d (after) đã quá hạn lưu trữ: sự kiện cũ nhất còn lưu là %d. Hãy đồng bộ lại dữ liệu rồi đọc tiếp với after=%d",
			after, h.DroppedSeq+1, h.LastSeq)
	case after > h.LastSeq:
		return taphoa.EventFeed{}, taphoa.Refuse(taphoa.CodeEventsGone, "after",
			"Chưa có sự kiện số %d (after): sự kiện mới nhất là %d. Hãy đồng bộ lại dữ liệu rồi đọc tiếp với after=%d",
			after, h.LastSeq, h.LastSeq)
	}
	if known, err := inHistory(tx, &h, after); err != nil || !known {
		if err == nil {
			err = taphoa.Refuse(taphoa.CodeEventsGone, "after",
				"Sự kiện số %d (after) thuộc về dữ liệu trước khi khôi phục bản sao lưu, không còn tồn tại. Hãy đồng bộ lại dữ liệu rồi đọc tiếp với after=%d",
				after, h.LastSeq)
		}
		return taphoa.EventFeed{}, err
	}
	for _, t := range in.Types {
		if !Known(t) {
			return taphoa.EventFeed{}, unknown("types", t)
		}
	}
	feed := taphoa.EventFeed{Last: h.LastSeq, Oldest: h.DroppedSeq + 1}
	feed.Data, feed.Next, err = scan(tx, &h, in.Types, after, in.Limit)
	return feed, err
}

// inHistory reports whether a number is in the history of the log. After a new epoch has begun, there are numbers that were
// used only in the history that was lost.
func inHistory(tx *db.Tx, h *db.Head, after int64) (bool, error) {
	if h.EpochBase == 0 || after == h.DroppedSeq || after == h.EpochBase {
		return true, nil
	}
	_, found, err := db.One[int64](tx, `SELECT seq FROM events WHERE retailer_id = :retailer AND seq = ?`, after)
	return found, err
}

// window is the number of events that one read scans to find those of given types. Only tests change it.
var window int64 = 10_000

// scan reads at most limit events after a number, of some types or of all that are delivered, and returns the number up to
// which it has scanned. There may be more after that, unless it is the newest. No index has the types: it would cost each
// write.
func scan(tx *db.Tx, h *db.Head, types []string, after, limit int64) (events []taphoa.Event, upTo int64, err error) {
	first, found, err := db.One[int64](tx, `
		SELECT seq FROM events WHERE retailer_id = :retailer AND seq > ? ORDER BY seq LIMIT 1`, after)
	if err != nil || !found {
		return []taphoa.Event{}, h.LastSeq, err
	}
	upTo = min(first+window-1, h.LastSeq)
	sql, args := `SELECT seq, type, at, data FROM events WHERE retailer_id = :retailer AND seq >= ? AND seq <= ?`, []any{first, upTo}
	if len(types) == 0 {
		sql, args = sql+` AND type <> ?`, append(args, Internal)
	} else {
		sql, args = sql+` AND type IN ?`, append(args, types)
	}
	events, err = read(tx, sql+` ORDER BY seq LIMIT ?`, append(args, limit)...)
	switch {
	case err != nil:
	case int64(len(events)) == limit:
		upTo = events[limit-1].Seq
	case upTo < h.LastSeq: // the position of a reader is the number of an event: see inHistory
		upTo, _, err = db.One[int64](tx, `
			SELECT seq FROM events WHERE retailer_id = :retailer AND seq <= ? ORDER BY seq DESC LIMIT 1`, upTo)
	}
	return events, upTo, err
}

func read(tx *db.Tx, sql string, args ...any) ([]taphoa.Event, error) {
	events := []taphoa.Event{}
	err := tx.Each(func(row db.Row) error {
		events = append(events, taphoa.Event{
			Seq: row.Int64(0), Type: row.Text(1), At: taphoa.Stamp(row.Int64(2)), Data: jsontext.Value(row.Text(3)),
		})
		return nil
	}, sql, args...)
	return events, err
}

// After returns at most limit events of a type after a number, oldest first, and the number up to which it has scanned; more
// reports whether the log has events after that.
func After(tx *db.Tx, kind string, after, limit int64) (events []taphoa.Event, upTo int64, more bool, err error) {
	h, err := tx.Head()
	if err == nil {
		events, upTo, err = scan(tx, &h, []string{kind}, after, limit)
	}
	return events, upTo, upTo < h.LastSeq, err
}

// Between returns the events of some kinds with the numbers since < number <= now, oldest first, in one read of the log, for
// caches that depend on several kinds. Its cost is the number of events between the two, so the caller bounds them, and
// checks by the shop's head that all of them are still stored.
func Between(tx *db.Tx, since, now int64, kinds ...string) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events
		WHERE retailer_id = :retailer AND seq > ? AND seq <= ? AND type IN ? ORDER BY seq`, since, now, kinds)
}

// Newest returns the numbers of a shop's newest events of some types after a number, and the number up to which it has
// scanned, which may be less than last. It works in a transaction of no shop.
func Newest(tx *db.Tx, shop, after, last int64, types []string) (newest map[string]int64, upTo int64, err error) {
	tx = tx.Everywhere()
	first, found, err := db.One[int64](tx, `SELECT seq FROM events WHERE retailer_id = ? AND seq > ? ORDER BY seq LIMIT 1`, shop, after)
	if err != nil || !found {
		return nil, last, err
	}
	newest, upTo = map[string]int64{}, min(first+window-1, last)
	err = tx.Each(func(row db.Row) error {
		newest[row.Text(0)] = row.Int64(1)
		return nil
	}, `SELECT type, MAX(seq) FROM events WHERE retailer_id = ? AND seq >= ? AND seq <= ? AND type IN ? GROUP BY type`,
		shop, first, upTo, types)
	return newest, upTo, err
}

// Span returns the events between two numbers that have the type of the first, and none if the first is not stored any more.
func Span(tx *db.Tx, first, last int64) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events
		WHERE retailer_id = :retailer AND seq >= ? AND seq <= ?
			AND type = (SELECT type FROM events WHERE retailer_id = :retailer AND seq = ?)
		ORDER BY seq`, first, last, first)
}

// Bounds returns the numbers of the newest event and of the newest that was dropped.
func Bounds(tx *db.Tx) (last, dropped int64, err error) {
	h, err := tx.Head()
	return h.LastSeq, h.DroppedSeq, err
}

// Before returns the number of the newest event before an instant, or of the newest that was dropped if all stored ones are
// later.
func Before(tx *db.Tx, at taphoa.Time) (int64, error) {
	h, err := tx.Head()
	if err != nil {
		return 0, err
	}
	low, high := h.DroppedSeq, h.LastSeq+1 // events up to low are older, those from high on are not
	for low+1 < high {
		middle := low + (high-low)/2
		e, found, err := db.One[struct{ Seq, At int64 }](tx, `
			SELECT seq, at FROM events WHERE retailer_id = :retailer AND seq >= ? AND seq < ? ORDER BY seq LIMIT 1`, middle, high)
		if err != nil {
			return 0, err
		}
		if found && taphoa.Time(e.At) < at {
			low = e.Seq
		} else {
			high = middle
		}
	}
	return low, nil
}

// pruneStep is the largest number of events that one transaction drops.
const pruneStep = 1000

// Prune drops events before an instant, oldest first, a bounded number in one transaction. It reports whether there are
// more.
func Prune(tx *db.Tx, before taphoa.Time) (more bool, err error) {
	last, err := Before(tx, before)
	if err != nil {
		return false, err
	}
	oldest, err := db.All[int64](tx, `
		SELECT seq FROM events WHERE retailer_id = :retailer AND seq <= ? ORDER BY seq LIMIT ?`, last, int64(pruneStep))
	n := len(oldest)
	if err != nil || n == 0 {
		return false, err
	}
	tx.Queue(`DELETE FROM events WHERE retailer_id = :retailer AND seq <= ?`, oldest[n-1])
	return n == pruneStep, tx.DropEvents(int64(n), oldest[n-1])
}

func unknown(field, kind string) error {
	record, _, _ := strings.Cut(kind, ".")
	known := slices.DeleteFunc(slices.Clone(Types), func(t string) bool { return !strings.HasPrefix(t, record+".") })
	if len(known) == 0 {
		known = Types
	}
	return taphoa.Refuse(taphoa.CodeValidate, field, "Loại sự kiện %q (%s) không tồn tại, hãy dùng %s", kind, field, strings.Join(known, ", "))
}

// CheckType refuses an unknown type of event; field is the member that the refusal names.
func CheckType(field, kind string) error {
	if !Known(kind) {
		return unknown(field, kind)
	}
	return nil
}

// Since returns at most limit events after a number, oldest first, those of the type [Internal] too.
func Since(tx *db.Tx, after, limit int64) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events WHERE retailer_id = :retailer AND seq > ? ORDER BY seq LIMIT ?`, after, limit)
}

// UpTo returns the newest event up to a number, without its data; none where all that are stored are later.
func UpTo(tx *db.Tx, n int64) (taphoa.Event, error) {
	events, err := read(tx, `
		SELECT seq, type, at, '' AS data FROM events WHERE retailer_id = :retailer AND seq <= ? ORDER BY seq DESC LIMIT 1`, n)
	if err != nil || len(events) == 0 {
		return taphoa.Event{}, err
	}
	return events[0], nil
}
