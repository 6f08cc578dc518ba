package mirror

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// Difference is a member that the source shows otherwise than the mirror. Its texts are JSON, empty for what one of them does not have.
type Difference struct {
	List           string
	ID             int64
	Member         string // empty for a whole record
	Source, Mirror string
}

// Verify compares all that is mirrored with the source, member by member, and tells of each difference. It returns how many records it
// has compared.
func (m *Mirror) Verify(ctx context.Context, tell func(Difference)) (records int64, err error) {
	all := slices.Clone(lists)
	prices, err := m.prices(ctx)
	if err != nil {
		return 0, err
	}
	for _, l := range append(all, prices...) {
		n, err := l.verify(ctx, m, tell)
		if records += n; err != nil {
			return records, fmt.Errorf("%s: %w", l.called(), err)
		}
	}
	return records, nil
}

func (l *list[Q, T]) verify(ctx context.Context, m *Mirror, tell func(Difference)) (int64, error) {
	if l.changesOnly || l.noDates {
		return 0, nil
	}
	theirs, err := l.texts(func(q *Q) (taphoa.Page[T], error) { return l.ask(ctx, m, q) })
	if err != nil {
		return 0, err
	}
	ours, err := l.texts(func(q *Q) (page taphoa.Page[T], err error) {
		err = m.db.Read(ctx, m.who, func(tx *db.Tx) error {
			page, err = l.show(tx, q)
			return err
		})
		return page, err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range slices.Sorted(maps.Keys(theirs)) {
		if string(theirs[id]) != string(ours[id]) {
			compare(Difference{List: l.name, ID: id}, value(theirs[id]), value(ours[id]), tell)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if theirs[id] == nil {
			tell(Difference{List: l.name, ID: id, Mirror: string(ours[id])})
		}
	}
	return int64(len(theirs)), nil
}

// texts returns the records of a list as they are written, by id.
func (l *list[Q, T]) texts(page func(*Q) (taphoa.Page[T], error)) (map[int64][]byte, error) {
	texts := map[int64][]byte{}
	for at := (progress{}); ; {
		p, err := page(l.query(at.paging(), taphoa.Opt[taphoa.Time]{}))
		if err != nil {
			return nil, err
		}
		for i := range p.Data {
			if l.ours != nil {
				l.ours(&p.Data[i])
			}
			texts[l.id(&p.Data[i])] = wire.Append(nil, &p.Data[i])
		}
		if l.whole || l.last(&p, &at) {
			return texts, nil
		}
		at.Position += int64(len(p.Data))
	}
}

// value is what a text of JSON says; nil for none.
func value(text []byte) (v any) {
	_ = json.Unmarshal(text, &v, exactly) // we have written it
	return v
}

// exactly keeps numbers as they are written: large amounts and ids have more digits than a float64.
var exactly = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported // it is decoded as usual
	}
	number, err := d.ReadValue()
	*v = number.Clone()
	return err
}))

// compare tells of the members in which two values differ.
func compare(at Difference, source, mirror any, tell func(Difference)) {
	switch s := source.(type) {
	case map[string]any:
		if o, ok := mirror.(map[string]any); ok {
			all := maps.Clone(s)
			maps.Copy(all, o)
			for _, key := range slices.Sorted(maps.Keys(all)) {
				if key == "modifiedDate" && modified(s) == modified(o) { // both say that it was never modified
					continue
				}
				compare(at.in(key), s[key], o[key], tell)
			}
			return
		}
	case []any:
		if o, ok := mirror.([]any); ok && len(o) == len(s) {
			for i := range s {
				compare(at.in(fmt.Sprint(i)), s[i], o[i], tell)
			}
			return
		}
	}
	if at.Source, at.Mirror = textOf(source), textOf(mirror); at.Source != at.Mirror {
		tell(at)
	}
}

// modified is when a record says that it was modified. One that never was says nothing, or when it was created.
func modified(record map[string]any) any {
	if at := record["modifiedDate"]; at != nil {
		return at
	}
	return record["createdDate"]
}

func (d Difference) in(member string) Difference {
	if d.Member != "" {
		member = d.Member + "." + member
	}
	d.Member = member
	return d
}

// textOf is a value as JSON, empty for none.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
