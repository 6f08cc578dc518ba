package event

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Feed answers the shop's events after a number, oldest first. A number that lies before what is kept, or beyond what
// has happened, is refused: answering would be to skip events without a word.
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
	if known, err := stands(tx, &h, after); err != nil || !known {
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
	feed := taphoa.EventFeed{Next: h.LastSeq, Last: h.LastSeq, Oldest: h.DroppedSeq + 1}
	if feed.Data, err = list(tx, in.Types, after, in.Limit); err == nil && int64(len(feed.Data)) == in.Limit {
		feed.Next = feed.Data[len(feed.Data)-1].Seq
	}
	return feed, err
}

// stands reports that the history which a reader has seen up to a number is the one that is kept. Where an epoch has
// begun, there are numbers that only a history has which is gone.
func stands(tx *db.Tx, h *db.Head, after int64) (bool, error) {
	if h.EpochBase == 0 || after == h.DroppedSeq || after == h.EpochBase {
		return true, nil
	}
	_, found, err := db.One[int64](tx, `SELECT seq FROM events WHERE retailer_id = :retailer AND seq = ?`, after)
	return found, err
}

// list reads at most limit events of some types, or of all, after a number.
func list(tx *db.Tx, types []string, after, limit int64) ([]taphoa.Event, error) {
	sql, args := `SELECT seq, type, at, data FROM events WHERE retailer_id = :retailer AND seq > ?`, []any{after}
	switch len(types) {
	case 0:
		sql, args = sql+` AND type <> ?`, append(args, Internal)
	case 1: // PostgreSQL knows that the index has them in order only when there is one
		sql, args = sql+` AND type = ?`, append(args, types[0])
	default:
		sql, args = sql+` AND type IN ?`, append(args, types)
	}
	return read(tx, sql+` ORDER BY seq LIMIT ?`, append(args, limit)...)
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

// After answers at most limit events of a type after a number, oldest first.
func After(tx *db.Tx, kind string, after, limit int64) ([]taphoa.Event, error) {
	return list(tx, []string{kind}, after, limit)
}

// Between answers the events of some kinds with the numbers since < number <= now, the oldest first, in one read of the
// log: for who keeps what the events of several kinds tell of. It costs as much as there are numbers between the two, so
// the caller bounds them, and asks the shop's head first whether all of them are still kept.
func Between(tx *db.Tx, since, now int64, kinds ...string) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events
		WHERE retailer_id = :retailer AND seq > ? AND seq <= ? AND type IN ? ORDER BY seq`, since, now, kinds)
}

// Span answers the events between two numbers that are of the type of the first. There are none when that one is not kept
// any more.
func Span(tx *db.Tx, first, last int64) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events
		WHERE retailer_id = :retailer AND seq >= ? AND seq <= ?
			AND type = (SELECT type FROM events WHERE retailer_id = :retailer AND seq = ?)
		ORDER BY seq`, first, last, first)
}

// Bounds are the numbers of the newest event and of the newest that is no longer kept.
func Bounds(tx *db.Tx) (last, dropped int64, err error) {
	h, err := tx.Head()
	return h.LastSeq, h.DroppedSeq, err
}

// Before answers the number of the newest event that happened before an instant.
func Before(tx *db.Tx, at taphoa.Time) (int64, error) {
	h, err := tx.Head()
	if err != nil {
		return 0, err
	}
	seq, found, err := db.One[int64](tx,
		`SELECT seq FROM events WHERE retailer_id = :retailer AND at >= ? ORDER BY seq LIMIT 1`, at)
	if !found {
		seq = h.LastSeq + 1
	}
	return seq - 1, err
}

// pruneStep is how many events one transaction drops.
const pruneStep = 1000

// Prune drops events that happened before an instant, the oldest first, a bounded number in one transaction. It answers
// whether there are more.
func Prune(tx *db.Tx, before taphoa.Time) (more bool, err error) {
	h, err := tx.Head()
	if err != nil || h.DroppedSeq == h.LastSeq {
		return false, err
	}
	oldest, err := db.All[struct{ Seq, At int64 }](tx, `
		SELECT seq, at FROM events WHERE retailer_id = :retailer AND seq > ? ORDER BY seq LIMIT ?`, h.DroppedSeq, int64(pruneStep))
	n := 0
	for n < len(oldest) && taphoa.Time(oldest[n].At) < before { // a clock that went back must not tear a hole
		n++
	}
	if err != nil || n == 0 {
		return false, err
	}
	last := oldest[n-1].Seq
	tx.Queue(`DELETE FROM events WHERE retailer_id = :retailer AND seq <= ?`, last)
	return n == pruneStep, tx.DropEvents(int64(n), last)
}

func unknown(field, kind string) error {
	noun, _, _ := strings.Cut(kind, ".")
	known := slices.DeleteFunc(slices.Clone(Types), func(t string) bool { return !strings.HasPrefix(t, noun+".") })
	if len(known) == 0 {
		known = Types
	}
	return taphoa.Refuse(taphoa.CodeValidate, field, "Loại sự kiện %q (%s) không tồn tại, hãy dùng %s", kind, field, strings.Join(known, ", "))
}

// CheckType refuses what is no type of event, with the member at fault.
func CheckType(field, kind string) error {
	if !Known(kind) {
		return unknown(field, kind)
	}
	return nil
}
