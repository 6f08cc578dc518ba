package mirror

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
)

const (
	pageSize = taphoa.PageSizeVendor

	// overlap is how far a pass reaches back before the begin of the last one: a change may become visible after its instant.
	overlap = time.Minute

	// firstChanges is how far the first pass over a list of changes reaches back: longer than any first pass over the list that has
	// what it begins with.
	firstChanges = 24 * time.Hour

	// allOfTime is when a pass begins that reads all that is there, and all that was removed.
	allOfTime = 1

	// backMax bounds how often a pass steps back a page because rows moved under it.
	backMax = 100
)

// list is a list of the source that is mirrored.
type list[Q, T any] struct {
	name  string
	fetch func(*client.Client) client.List[Q, T]
	query func(taphoa.Paging, taphoa.Opt[taphoa.Time]) *Q
	id    func(*T) int64
	apply func(*db.Tx, []T) error
	show  func(*db.Tx, *Q) (taphoa.Page[T], error) // what the mirror has, for the comparison

	remove      func(*db.Tx, []int64) error // nil: the list does not say what was removed
	ours        func(*T)                    // takes out of a record what no system but ours shows, and is not mirrored; nil: nothing
	changesOnly bool                        // another list has what this one begins with, so that it is read for changes, and not compared
	whole       bool                        // the list has neither pages nor lastModifiedFrom
	appended    bool                        // the list has no lastModifiedFrom: a pass reads what comes behind the last row that is written
	counted     bool                        // rows leave or enter the list without a date: it is read whole again where its length differs
	noDates     bool                        // with counted: the list has no lastModifiedFrom, and another list has what it begins with

	// concerns are records of other lists that change with a record, and not their dates: totals and points of partners, costs of goods.
	concerns []concern[T]
	by       func(*Q, string) // asks for a record by what concerns say; of the lists that concerns are about

	// gone removes the records with ids above one and up to another that are none of some. A pass over a whole list says so page by page.
	gone func(tx *db.Tx, above, upTo int64, but []int64) error
}

// progress is a row of mirror_lists.
type progress struct {
	Name         string
	Since, Until taphoa.Time
	Position     int64
	Anchor       int64
}

func (l *list[Q, T]) called() string { return l.name }

// before orders passes: those under way, those over lists that were never read, then those whose last pass is the oldest.
func (p progress) before(other progress) int {
	underWay := func(p progress) int {
		if p.Until != 0 {
			return 0
		}
		return 1
	}
	return cmp.Or(underWay(p)-underWay(other), cmp.Compare(p.Since, other.Since))
}

// follow brings what has changed in the list since a pass: all of it if it was never read to its end, and then what has changed
// meanwhile, unless a page was all of it.
func (l *list[Q, T]) follow(ctx context.Context, m *Mirror, at progress) error {
	first := at.Since == 0
	if !l.noDates {
		end, alone, err := l.pull(ctx, m, at)
		if err == nil && first && !alone && !l.appended {
			_, _, err = l.pull(ctx, m, end)
		}
		if err != nil || first {
			return err
		}
	}
	if !l.counted {
		return nil
	}
	differs, err := l.differs(ctx, m)
	if err == nil && differs {
		if !first {
			at = progress{Name: l.name}
		}
		_, _, err = l.pull(ctx, m, at)
	}
	return err
}

// differs reports whether the source's list is longer or shorter than the mirror's.
func (l *list[Q, T]) differs(ctx context.Context, m *Mirror) (bool, error) {
	one := l.query(taphoa.Paging{PageSize: 1, OrderBy: "id"}, taphoa.Opt[taphoa.Time]{})
	theirs, err := l.fetch(m.source)(ctx, one)
	if err != nil {
		return false, err
	}
	ours, err := l.total(ctx, m, one)
	return theirs.Total != ours, err
}

// total is how many records the mirror has for a query.
func (l *list[Q, T]) total(ctx context.Context, m *Mirror, q *Q) (int64, error) {
	var page taphoa.Page[T]
	err := m.db.Read(ctx, m.who, func(tx *db.Tx) (err error) {
		page, err = l.show(tx, q)
		return err
	})
	return page.Total, err
}

// pull makes a pass over the list, or ends the one that was cut, and returns the progress at its end, and whether one
// page was all.
func (l *list[Q, T]) pull(ctx context.Context, m *Mirror, at progress) (_ progress, alone bool, _ error) {
	if l.changesOnly && at.Since == 0 {
		at.Since = taphoa.TimeOf(time.Now().Add(-firstChanges))
	}
	for back := 0; ; {
		page, err := l.ask(ctx, m, l.query(at.paging(), taphoa.SomeIf(at.Since)))
		if err != nil {
			return at, false, err
		}
		rows := page.Data
		if at.Anchor != 0 { // the page begins with the last row of the one before
			if len(rows) == 0 || l.id(&rows[0]) != at.Anchor {
				if back++; back > backMax {
					return at, false, message.Errorf("the rows of the list move all the time: try again when less is changed in the live shop")
				}
				at.Position, at.Anchor = max(0, at.Position-pageSize), 0
				continue
			}
			rows = rows[1:]
		}
		done := l.whole || l.last(&page, &at)
		next := at.after(&page.Timestamp, len(rows))
		if len(rows) > 0 {
			next.Anchor = l.id(&rows[len(rows)-1])
		}
		switch {
		case done && l.appended:
			next.Since, next.Until = next.Until, 0
		case done:
			next = progress{Name: l.name, Since: next.Until}
		}
		again, err := l.concerned(ctx, m, rows, &at)
		if err != nil {
			return at, false, err
		}
		err = m.db.Write(ctx, m.who, func(tx *db.Tx) error { return errors.Join(l.write(tx, &page, rows, &at, &next), again(tx)) })
		if err != nil {
			return at, false, err
		}
		if m.o.Progress != nil {
			m.o.Progress(Progress{l.name, at.Position + int64(len(rows)), page.Total})
		}
		alone = at.Position == 0
		if at = next; done {
			return at, alone, nil
		}
	}
}

// rereadable is a [list] whose records are brought again when others say that they have changed.
type rereadable interface {
	reread(ctx context.Context, m *Mirror, wanted map[int64]string) (func(*db.Tx) error, error)
}

// concern is about the records of a list that are found by their ids and what each is asked for by.
type concern[T any] struct {
	list rereadable
	find func(record *T, found map[int64]string)
}

// partner concerns the partner whom a record names by id and code.
func partner[T any](list rereadable, of func(*T) (taphoa.Opt[int64], taphoa.Opt[string])) concern[T] {
	return concern[T]{list, func(record *T, found map[int64]string) {
		if id, code := of(record); id.Or(0) != 0 && code.Or("") != "" {
			found[id.Value] = code.Value
		}
	}}
}

// concerned returns what brings the records that rows are about as they are now, if the rows are changes.
func (l *list[Q, T]) concerned(ctx context.Context, m *Mirror, rows []T, at *progress) (func(*db.Tx) error, error) {
	var all []func(*db.Tx) error
	for _, c := range l.concerns {
		found := map[int64]string{}
		for i := range rows {
			c.find(&rows[i], found)
		}
		if at.Since == 0 || len(found) == 0 {
			continue
		}
		again, err := c.list.reread(ctx, m, found)
		if err != nil {
			return nil, err
		}
		all = append(all, again)
	}
	return func(tx *db.Tx) (err error) {
		for i := 0; i < len(all) && err == nil; i++ {
			err = all[i](tx)
		}
		return err
	}, nil
}

// reread returns what brings some records as they are now: by a request for each, or by a pass over all that follows if it has fewer pages.
func (l *list[Q, T]) reread(ctx context.Context, m *Mirror, wanted map[int64]string) (func(*db.Tx) error, error) {
	all, err := l.total(ctx, m, l.query(taphoa.Paging{PageSize: 1}, taphoa.Opt[taphoa.Time]{}))
	if err != nil {
		return nil, err
	}
	if int64(len(wanted))*pageSize > all {
		return func(tx *db.Tx) error {
			db.Upsert(tx, "mirror_lists", []string{"name"}, progress{Name: l.name, Since: allOfTime})
			return nil
		}, nil
	}
	var rows []T
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		q := l.query(taphoa.Paging{PageSize: pageSize}, taphoa.Opt[taphoa.Time]{})
		l.by(q, wanted[id])
		page, err := l.ask(ctx, m, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Data {
			if l.id(&page.Data[i]) == id {
				rows = append(rows, page.Data[i])
			}
		}
	}
	return func(tx *db.Tx) error {
		if len(rows) == 0 {
			return nil
		}
		return l.apply(tx, rows)
	}, nil
}

// ask asks the source for a page, and masks it.
func (l *list[Q, T]) ask(ctx context.Context, m *Mirror, q *Q) (taphoa.Page[T], error) {
	page, err := l.fetch(m.source)(ctx, q)
	if err == nil && m.masks != nil {
		m.masks.apply(page.Data)
	}
	return page, err
}

// paging is where the next page is. It begins with the last row that is written, which shows whether rows have moved.
func (p *progress) paging() taphoa.Paging {
	from := p.Position
	if p.Anchor != 0 {
		from--
	}
	return taphoa.Paging{PageSize: pageSize, CurrentItem: from, OrderBy: "id"} // the vendor's own order changes between pages
}

// last reports whether no page comes after one.
func (l *list[Q, T]) last(page *taphoa.Page[T], at *progress) bool {
	n, size := int64(len(page.Data)), page.PageSize
	if size <= 0 {
		size = pageSize
	}
	return n == 0 || page.Total > 0 && at.paging().CurrentItem+n >= page.Total || page.Total <= 0 && n < size
}

// after is the progress after so many rows of a page.
func (p *progress) after(timestamp *taphoa.Stamp, rows int) progress {
	next := *p
	if next.Until == 0 {
		next.Until = max(1, taphoa.Time(*timestamp)-taphoa.Time(overlap.Microseconds()))
	}
	next.Position += int64(rows)
	return next
}

// write writes the rows of a page and the progress. The first page says what was removed; the first pass has nothing to remove.
func (l *list[Q, T]) write(tx *db.Tx, page *taphoa.Page[T], rows []T, at, next *progress) error {
	if at.Until == 0 && at.Since != 0 && l.remove != nil {
		removed := page.RemovedIDs
		for _, spelling := range [][]int64{page.RemovedID, page.RemoveID, page.RemoveIDs} {
			if len(removed) == 0 {
				removed = spelling
			}
		}
		if err := l.remove(tx, removed); err != nil {
			return err
		}
	}
	if len(rows) > 0 || l.whole {
		if err := l.apply(tx, rows); err != nil {
			return err
		}
	}
	if l.gone != nil && at.Since == 0 {
		if err := l.leave(tx, rows, at, next); err != nil {
			return err
		}
	}
	db.Upsert(tx, "mirror_lists", []string{"name"}, *next)
	return nil
}

// leave removes what the mirror has between the rows of a page of a whole list, and behind the last one. A source that does not keep
// to the order of ids says nothing with its pages.
func (l *list[Q, T]) leave(tx *db.Tx, rows []T, at, next *progress) error {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = l.id(&rows[i])
	}
	if !slices.IsSorted(ids) || len(ids) > 0 && ids[0] <= at.Anchor {
		return nil
	}
	above, upTo := at.Anchor, int64(math.MaxInt64)
	if above == 0 && at.Position > 0 { // rows have moved, and the pass has stepped back
		if len(ids) == 0 {
			return nil
		}
		above = ids[0] - 1
	}
	if next.Since == 0 { // another page comes
		if len(ids) == 0 {
			return nil
		}
		upTo = ids[len(ids)-1]
	}
	return l.gone(tx, above, upTo, append(ids, 0))
}
