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

// List is a method that answers pages, such as [Client.ListProducts].
type List[Q, T any] func(context.Context, *Q) (taphoa.Page[T], error)

// pageSize is asked for when a query does not say: the vendor's largest.
const pageSize = taphoa.PageSizeVendor

// All goes through a list of any length, page after page; query may be nil:
//
//	for p, err := range client.All(ctx, c.ListProducts, &taphoa.ProductQuery{CategoryID: …}) { … }
//
// An error ends it. At a Taphoa it goes by cursor: by id unless the query has an OrderBy, and what is added or removed
// meanwhile moves no other row, so that each comes once. With an OrderBy this holds for rows whose sorted value stays.
//
// A server without cursors, such as KiotViet's, is asked by CurrentItem, and so is every server when the query begins with a
// CurrentItem. There, what is added or removed moves the rows behind it: All steps back by as many rows as the list has
// become shorter, so that none is left out for that; a row may then come twice. Of a list whose number of rows must be
// exact, keep the ids.
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

// Pages is [All] by pages, with what stands beside the rows. The first page comes also when it is empty. By cursor, each page
// bears the total and the timestamp of the first. A query with a Cursor goes on behind the page that bore it as NextCursor.
func Pages[Q, T any](ctx context.Context, list List[Q, T], query *Q) iter.Seq2[*taphoa.Page[T], error] {
	return func(yield func(*taphoa.Page[T], error) bool) {
		turn := newTurner(query)
		first, err := list(ctx, turn.to(0))
		if *turn.cursor == cursorStart && refusesQuery(err) {
			*turn.cursor = ""
			first, err = list(ctx, turn.to(0))
		}
		switch {
		case err != nil:
			yield(nil, err)
		case *turn.cursor == "", *turn.cursor == cursorStart && first.NextCursor == "": // or all is on the first page
			*turn.cursor = ""
			skip(ctx, list, turn, first, yield)
		default:
			walk(ctx, list, turn, first, yield)
		}
	}
}

// cursorStart asks for the first page of a walk.
const cursorStart = "*"

// refusesQuery reports that a server does not take a request as it is, which may be for the cursor that it does not know.
func refusesQuery(err error) bool { return !passes(err) && !refusesToken(err) }

// walk goes on behind the first page by cursor.
func walk[Q, T any](ctx context.Context, list List[Q, T], turn *turner[Q], first taphoa.Page[T], yield func(*taphoa.Page[T], error) bool) {
	for page, err := first, error(nil); ; page, err = list(ctx, turn.to(0)) {
		if err == nil && page.NextCursor == *turn.cursor {
			err = errors.New("client: the server answers a page with the cursor of that very page")
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if !yield(&page, nil) || page.NextCursor == "" {
			return
		}
		*turn.cursor = page.NextCursor
	}
}

// skip goes on behind the first page by the number of rows to skip.
func skip[Q, T any](ctx context.Context, list List[Q, T], turn *turner[Q], first taphoa.Page[T], yield func(*taphoa.Page[T], error) bool) {
	var at int64
	var last taphoa.Page[T]
	retreats := 0
	for page, err := first, error(nil); ; page, err = list(ctx, turn.to(at)) {
		if err != nil {
			yield(nil, err)
			return
		}
		if gone := last.Total - page.Total; at > 0 && gone > 0 && retreats < retreatMax { // what comes next has moved up
			retreats++ // and the page there may be the one before
			at, last = max(0, at-gone), taphoa.Page[T]{Total: page.Total}
			continue
		}
		// A server that does not know currentItem answers the same for ever.
		if at > 0 && (len(page.Data) == 0 || reflect.DeepEqual(page.Data, last.Data)) || !yield(&page, nil) {
			return
		}
		step := page.PageSize // the size applied, which is not always the one that was asked for
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

// retreatMax bounds how often a list steps back, so that one that grows and shrinks all the time comes to an end.
const retreatMax = 100

// turner sets the members of a query that all lists share.
type turner[Q any] struct {
	query  Q
	cursor *string // the query's, or of no use if it has none
}

func newTurner[Q any](query *Q) *turner[Q] {
	t := &turner[Q]{}
	if query != nil {
		t.query = *query
	}
	whole := false // the list is not paged unless a page is asked for
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
		if t.cursor = cursor; *cursor == "" && !whole && !t.skips() {
			*cursor = cursorStart
		}
	}
	return t
}

// skips reports that the caller begins behind some rows.
func (t *turner[Q]) skips() bool {
	switch item := t.member("CurrentItem").(type) {
	case *int64:
		return *item > 0
	case *taphoa.Opt[int64]:
		return item.Value > 0
	}
	return false
}

// to is a query for the rows from at, counted from where the caller began.
func (t *turner[Q]) to(at int64) *Q {
	q := turner[Q]{query: t.query}
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

// member points to a member of the query, or is nil.
func (t *turner[Q]) member(name string) any {
	if v := reflect.ValueOf(&t.query).Elem(); v.Kind() == reflect.Struct {
		if f := v.FieldByName(name); f.IsValid() {
			return f.Addr().Interface()
		}
	}
	return nil
}

// syncOverlap is how far [Sync] reaches back at a server that is not known to show changes in the order of the instants that
// they bear: one that bears the instant at which its transaction began is seen when it ends, up to half a minute later.
const syncOverlap = time.Minute

// Sync tells each page of what has changed in a list since an instant, and at last the ids of what was removed, and
// answers the instant to give to the next Sync; 0 begins with everything:
//
//	next, err := client.Sync(ctx, c.ListProducts, &taphoa.ProductQuery{}, since, func(rows []taphoa.Product, removed []int64) error { … })
//
// Keep next together with what was told. Where the list went by cursor, it is the first page's timestamp: nothing that is
// seen later bears an earlier instant. Elsewhere, and where all was on one page, which a server with cursors and one without
// answer alike, it lies a minute before that, because a change may be seen a little after the instant that it bears.
// Therefore, and because lastModifiedFrom includes its instant, changes can be told again. Nothing is told twice that would
// not be the same: put rows where their ids stand. An error, also of tell, ends it; then begin again from since. Lists that
// do not tell removed ids tell changes only.
func Sync[Q, T any](
	ctx context.Context, list List[Q, T], query *Q, since taphoa.Time, tell func(rows []T, removed []int64) error,
) (next taphoa.Time, err error) {
	t := newTurner(query)
	from, ok := t.member("LastModifiedFrom").(*taphoa.Opt[taphoa.Time])
	if !ok {
		return since, fmt.Errorf("client: %T has no LastModifiedFrom", t.query)
	}
	*from = taphoa.SomeIf(since)
	if with, ok := t.member("IncludeRemoveIDs").(*bool); ok {
		*with = true
	}
	var removed []int64
	known := map[int64]bool{}
	begun := false
	for page, err := range Pages(ctx, list, &t.query) {
		if err != nil {
			return since, err
		}
		if !begun {
			begun = true
			if page.Timestamp == 0 {
				return since, errors.New("client: the list does not say when it was read")
			}
			if next = taphoa.Time(page.Timestamp); page.NextCursor == "" {
				next = next.Add(-syncOverlap)
			}
			next = max(since, next)
		}
		for _, id := range removedIDs(page) {
			if !known[id] {
				known[id] = true
				removed = append(removed, id)
			}
		}
		if len(page.Data) > 0 {
			if err := tell(page.Data, nil); err != nil {
				return since, err
			}
		}
	}
	if len(removed) > 0 {
		if err := tell(nil, removed); err != nil {
			return since, err
		}
	}
	return next, nil
}

// removedIDs is the list of removed ids in whichever of its spellings it came (contract authentication, conflicts).
func removedIDs[T any](p *taphoa.Page[T]) []int64 {
	for _, ids := range [][]int64{p.RemovedIDs, p.RemoveIDs, p.RemoveID, p.RemovedID} {
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}
