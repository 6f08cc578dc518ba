package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/taphoa/taphoa"
)

// List is a method that returns pages, such as [Client.ListProducts].
type List[Q, T any] func(context.Context, *Q) (taphoa.Page[T], error)

// pageSize is the default of queries: the vendor's largest.
const pageSize = taphoa.PageSizeVendor

// All iterates over a list of any length, page after page; query may be nil:
//
//	for p, err := range client.All(ctx, c.ListProducts, &taphoa.ProductQuery{CategoryID: …}) { … }
//
// An error ends it. With a Taphoa it uses cursors: the order is by id unless the query has an OrderBy, and rows that are
// added or removed meanwhile move no other row, so that each is returned once. With an OrderBy this holds for rows whose
// sorted value does not change.
//
// Without cursors, as with KiotViet, and if the query has a CurrentItem, it uses CurrentItem. Then rows that are added or
// removed meanwhile move those after them: All steps back by as many rows as the list has become shorter, so that it skips
// none for that, but may return a row twice. Where that matters, remember the ids.
func All[Q, T any](ctx context.Context, list List[Q, T], query *Q) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range Pages(ctx, list, query) {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Data {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Pages is [All] by pages, with their other members. The first page is returned even if it is empty. With cursors, each page
// has the total and the timestamp of the first. A query with a Cursor continues after the page with that NextCursor.
func Pages[Q, T any](ctx context.Context, list List[Q, T], query *Q) iter.Seq2[*taphoa.Page[T], error] {
	return func(yield func(*taphoa.Page[T], error) bool) {
		p := newPager(query)
		first, err := list(ctx, p.queryAt(0))
		if *p.cursor == cursorStart && refusesQuery(err) {
			*p.cursor = ""
			first, err = list(ctx, p.queryAt(0))
		}
		switch {
		case err != nil:
			yield(nil, err)
		case *p.cursor == "", *p.cursor == cursorStart && first.NextCursor == "": // no cursors, or only one page
			*p.cursor = ""
			followOffset(ctx, list, p, first, yield)
		default:
			followCursor(ctx, list, p, first, yield)
		}
	}
}

// cursorStart requests the first page with a cursor.
const cursorStart = "*"

// refusesQuery reports whether a server refuses a request as it is, maybe for an unknown parameter cursor.
func refusesQuery(err error) bool { return !isTemporary(err) && !refusesToken(err) }

// followCursor yields the first page and those after it by cursor.
func followCursor[Q, T any](ctx context.Context, list List[Q, T], p *pager[Q], first taphoa.Page[T], yield func(*taphoa.Page[T], error) bool) {
	for page, err := first, error(nil); ; page, err = list(ctx, p.queryAt(0)) {
		if err == nil && page.NextCursor == *p.cursor {
			err = errors.New("client: the server answers a page with the cursor of that very page")
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if !yield(&page, nil) || page.NextCursor == "" {
			return
		}
		*p.cursor = page.NextCursor
	}
}

// followOffset yields the first page and those after it by the number of rows to skip.
func followOffset[Q, T any](ctx context.Context, list List[Q, T], p *pager[Q], first taphoa.Page[T], yield func(*taphoa.Page[T], error) bool) {
	var at int64
	var last taphoa.Page[T]
	corrections := 0
	for page, err := first, error(nil); ; page, err = list(ctx, p.queryAt(at)) {
		if err != nil {
			yield(nil, err)
			return
		}
		if removed := last.Total - page.Total; at > 0 && removed > 0 && corrections < maxCorrections { // the next rows have moved up
			corrections++ // and the page there may be the last one again
			at, last = max(0, at-removed), taphoa.Page[T]{Total: page.Total}
			continue
		}
		// A server that ignores currentItem returns the same page for ever.
		if at > 0 && (len(page.Data) == 0 || reflect.DeepEqual(page.Data, last.Data)) || !yield(&page, nil) {
			return
		}
		step := page.PageSize // the size applied, which may differ from the requested one
		if step <= 0 {
			step = int64(len(page.Data))
		}
		at += step
		if len(page.Data) == 0 || page.Total > 0 && at >= page.Total || page.Total <= 0 && int64(len(page.Data)) < step {
			return
		}
		last = page
	}
}

// maxCorrections bounds how often followOffset steps back, so that a list that grows and shrinks all the time ends.
const maxCorrections = 100

// pager sets the paging members of any list's query.
type pager[Q any] struct {
	query  Q
	cursor *string // the query's Cursor, or a dummy if it has none
}

func newPager[Q any](query *Q) *pager[Q] {
	t := &pager[Q]{}
	if query != nil {
		t.query = *query
	}
	whole := false // the list is not paged without a page size
	switch size := t.member("PageSize").(type) {
	case *int64:
		if *size <= 0 {
			*size = pageSize
		}
	case *taphoa.Opt[int64]:
		whole = !size.Has()
	}
	t.cursor = new(string)
	if cursor, ok := t.member("Cursor").(*string); ok {
		if t.cursor = cursor; *cursor == "" && !whole && !t.startsAtOffset() {
			*cursor = cursorStart
		}
	}
	return t
}

// startsAtOffset reports whether the caller's query skips rows.
func (t *pager[Q]) startsAtOffset() bool {
	switch item := t.member("CurrentItem").(type) {
	case *int64:
		return *item > 0
	case *taphoa.Opt[int64]:
		return item.Value > 0
	}
	return false
}

// queryAt returns the query for the rows from at, counted from the first row of the caller's query.
func (t *pager[Q]) queryAt(at int64) *Q {
	q := pager[Q]{query: t.query}
	switch item := q.member("CurrentItem").(type) {
	case *int64:
		*item += at
	case *taphoa.Opt[int64]:
		if at > 0 || item.Has() {
			*item = taphoa.Some(item.Or(0) + at)
		}
	}
	return &q.query
}

// member returns a pointer to a member of the query, nil if it has none of that name.
func (t *pager[Q]) member(name string) any {
	if v := reflect.ValueOf(&t.query).Elem(); v.Kind() == reflect.Struct {
		if f := v.FieldByName(name); f.IsValid() {
			return f.Addr().Interface()
		}
	}
	return nil
}

// syncOverlap is how far [Sync] reaches back unless changes become visible in the order of their instants: where the instant
// is that of the transaction's begin, a change becomes visible up to half a minute later.
const syncOverlap = time.Minute

// Sync calls apply with each page of the changes of a list since an instant, and at last with the ids of removed rows. It
// returns the instant for the next Sync; 0 begins with everything:
//
//	next, err := client.Sync(ctx, c.ListProducts, &taphoa.ProductQuery{}, since, func(rows []taphoa.Product, removed []int64) error { … })
//
// Store next together with the rows. If the list was read with cursors, it is the first page's timestamp: no change with an
// earlier instant becomes visible later. Otherwise, and if there was only one page, which does not show whether the server
// has cursors, it is a minute earlier, because a change may become visible after its instant. Therefore, and because
// lastModifiedFrom includes its instant, a row may be delivered twice; apply rows as upserts by id. An error, also of apply,
// ends it; then begin again from since. Lists without removed ids report changes only.
func Sync[Q, T any](
	ctx context.Context, list List[Q, T], query *Q, since taphoa.Time, apply func(rows []T, removed []int64) error,
) (next taphoa.Time, err error) {
	t := newPager(query)
	from, ok := t.member("LastModifiedFrom").(*taphoa.Opt[taphoa.Time])
	if !ok {
		return since, fmt.Errorf("client: %T has no LastModifiedFrom", t.query)
	}
	*from = taphoa.SomeIf(since)
	if with, ok := t.member("IncludeRemoveIDs").(*bool); ok {
		*with = true
	}
	var removed []int64
	seen := map[int64]bool{}
	started := false
	for page, err := range Pages(ctx, list, &t.query) {
		if err != nil {
			return since, err
		}
		if !started {
			started = true
			if page.Timestamp == 0 {
				return since, errors.New("client: the list does not say when it was read")
			}
			if next = taphoa.Time(page.Timestamp); page.NextCursor == "" {
				next = next.Add(-syncOverlap)
			}
			next = max(since, next)
		}
		for _, id := range removedIDs(page) {
			if !seen[id] {
				seen[id] = true
				removed = append(removed, id)
			}
		}
		if len(page.Data) > 0 {
			if err := apply(page.Data, nil); err != nil {
				return since, err
			}
		}
	}
	if len(removed) > 0 {
		if err := apply(nil, removed); err != nil {
			return since, err
		}
	}
	return next, nil
}

// removedIDs returns the removed ids, from any of the spellings of their member (contract authentication, conflicts).
func removedIDs[T any](p *taphoa.Page[T]) []int64 {
	for _, ids := range [][]int64{p.RemovedIDs, p.RemoveIDs, p.RemoveID, p.RemovedID} {
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}
