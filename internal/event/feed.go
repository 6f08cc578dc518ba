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
	feed := taphoa.EventFeed{Last: h.LastSeq, Oldest: h.DroppedSeq + 1}
	feed.Data, feed.Next, err = look(tx, &h, in.Types, after, in.Limit)
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

// window is how many numbers of the log one read looks at, to find events of some types. Only tests change it.
var window int64 = 10_000

// look reads at most limit events after a number, of some types or of all that are told, and answers up to which number it
// has looked. There may be more behind that, until it is the newest. No index has the types: each write would pay for it.
func look(tx *db.Tx, h *db.Head, types []string, after, limit int64) (events []taphoa.Event, upTo int64, err error) {
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
	case upTo < h.LastSeq: // a reader stands at the number of an event: see stands
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

// After answers at most limit events of a type after a number, oldest first, and up to which number it has looked for
// them; more says that the log goes on behind that.
func After(tx *db.Tx, kind string, after, limit int64) (events []taphoa.Event, upTo int64, more bool, err error) {
	h, err := tx.Head()
	if err == nil {
		events, upTo, err = look(tx, &h, []string{kind}, after, limit)
	}
	return events, upTo, upTo < h.LastSeq, err
}

// Between answers the events of some kinds with the numbers since < number <= now, the oldest first, in one read of the
// log: for who keeps what the events of several kinds tell of. It costs as much as there are numbers between the two, so
// the caller bounds them, and asks the shop's head first whether all of them are still kept.
func Between(tx *db.Tx, since, now int64, kinds ...string) ([]taphoa.Event, error) {
	return read(tx, `
		SELECT seq, type, at, data FROM events
		WHERE retailer_id = :retailer AND seq > ? AND seq <= ? AND type IN ? ORDER BY seq`, since, now, kinds)
}

// Newest answers the numbers of a shop's newest events of some types after a number, as far as it has looked, and how far
// that is: perhaps not to the last. It is for who looks after all shops.
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

// Before answers the number of the newest event that happened before an instant; of those that are no longer kept the
// newest, when all others happened later.
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

// pruneStep is how many events one transaction drops.
const pruneStep = 1000

// Prune drops events that happened before an instant, the oldest first, a bounded number in one transaction. It answers
// whether there are more.
func Prune(tx *db.Tx, before taphoa.Time) (more bool, err error) {
	last, err := Before(tx, before)
	if err != nil {
		return false, err
	}
	doomed, err := db.All[int64](tx, `
		SELECT seq FROM events WHERE retailer_id = :retailer AND seq <= ? ORDER BY seq LIMIT ?`, last, int64(pruneStep))
	n := len(doomed)
	if err != nil || n == 0 {
		return false, err
	}
	tx.Queue(`DELETE FROM events WHERE retailer_id = :retailer AND seq <= ?`, doomed[n-1])
	return n == pruneStep, tx.DropEvents(int64(n), doomed[n-1])
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
