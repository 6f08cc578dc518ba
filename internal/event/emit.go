package event

import (
	"context"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// recordsMax is the largest number of records in one event.
const recordsMax = 100

// Kind is a type of event, about records that are named by a K.
type Kind[K comparable] struct {
	Type string // such as "invoice.update": what clients register for
	// Data reads the data of an event: a slice with an item for each record (contract webhooks, types); a deleted record has
	// none. They are in the order of the keys ([InOrder]). Without Data the event's data are the keys: the ids of deleted
	// records.
	Data func(tx *db.Tx, keys []K) (any, error)
	// PascalCase: Data returns types of the API, whose members an event spells in PascalCase, as the vendor's events do.
	PascalCase bool
}

// Emit adds changed records to the events of the transaction. Each record is in one event, as it is at the end.
func (k *Kind[K]) Emit(tx *db.Tx, keys ...K) {
	k.keys(tx).add(keys)
}

// EmitFirst is [Kind.Emit] for records that the operation itself is about: they come before those that have changed with
// them, since receivers look at the first.
func (k *Kind[K]) EmitFirst(tx *db.Tx, keys ...K) {
	set := k.keys(tx)
	set.add(keys)
	set.first = append(set.first, keys...)
}

// EmitData is [Kind.Emit] for a record whose data is known: item is what Data would read, so that nothing is read. A later
// Emit of the record drops it, and it is used only if all changed records of the kind have their data.
func (k *Kind[K]) EmitData(tx *db.Tx, key K, item any) {
	k.Emit(tx, key)
	set := k.keys(tx)
	if set.data == nil {
		set.data = map[K]any{}
	}
	set.data[key] = item
}

func (k *Kind[K]) keys(tx *db.Tx) *keySet[K] {
	l := db.BeforeCommit[log](tx)
	for _, n := range l.changes {
		if n.kind == any(k) {
			return n.keys.(*keySet[K])
		}
	}
	set := &keySet[K]{}
	l.changes = append(l.changes, change{kind: k, keys: set, render: func(tx *db.Tx, read bool) ([]string, error) {
		if read {
			return k.render(tx, &keySet[K]{list: set.list, first: set.first})
		}
		return k.render(tx, set)
	}})
	return set
}

func (k *Kind[K]) render(tx *db.Tx, keys *keySet[K]) (texts []string, err error) {
	write := wire.Append
	if k.PascalCase {
		write = wire.AppendPascal
	}
	known := len(keys.data) == len(keys.list)
	for some := range slices.Chunk(InOrder(keys.first, keys.list, func(key *K) K { return *key }), recordsMax) {
		if known {
			texts = append(texts, string(keys.appendData(write, some)))
			continue
		}
		data := any(some)
		if k.Data != nil {
			if data, err = k.Data(tx, some); err != nil {
				return nil, err
			}
		}
		if text := string(write(nil, data)); text != "[]" {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

// keySet is a set of keys in the order in which they were added.
type keySet[K comparable] struct {
	list  []K
	first []K            // those that come before the others
	seen  map[K]struct{} // created when there are many
	data  map[K]any      // given by EmitData
}

// InOrder returns items in the order of their keys; those whose key is not among them come last, as they were.
func InOrder[K comparable, T any](keys []K, items []T, key func(*T) K) []T {
	if len(keys) == 0 || len(items) < 2 {
		return items
	}
	place := make(map[K]int, len(keys))
	for i, k := range keys {
		if _, known := place[k]; !known {
			place[k] = i
		}
	}
	of := func(item *T) int {
		if at, known := place[key(item)]; known {
			return at
		}
		return len(keys)
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b T) int { return of(&a) - of(&b) })
	return items
}

// appendData writes the data of keys as a list.
func (s *keySet[K]) appendData(write func([]byte, any) []byte, keys []K) []byte {
	text := []byte{'['}
	for i, key := range keys {
		if i > 0 {
			text = append(text, ',')
		}
		text = write(text, s.data[key])
	}
	return append(text, ']')
}

func (s *keySet[K]) add(keys []K) {
	for _, key := range keys {
		delete(s.data, key)
		if s.seen == nil && len(s.list) < 16 {
			if !slices.Contains(s.list, key) {
				s.list = append(s.list, key)
			}
			continue
		}
		if s.seen == nil {
			s.seen = map[K]struct{}{}
			for _, k := range s.list {
				s.seen[k] = struct{}{}
			}
		}
		if _, known := s.seen[key]; !known {
			s.seen[key] = struct{}{}
			s.list = append(s.list, key)
		}
	}
}

// log has the changed records of a transaction, by kind.
type log struct{ changes []change }

// eventRow is a row of events.
type eventRow struct {
	Seq  int64
	Type string
	At   taphoa.Time
	Data string
}

type change struct {
	kind   any                                          // *Kind[K]
	keys   any                                          // *keySet[K]
	render func(tx *db.Tx, read bool) ([]string, error) // read: without the data that EmitData has given
}

// Observer is called for each kind of event that an operation appends, with the texts of the events. read returns what they
// would be if the records were read in its transaction. An operation that runs again calls it again.
type Observer func(kind string, texts []string, read func(tx *db.Tx) ([]string, error))

type observerKey struct{}

// WithObserver has the operations that run in a context call o, for tests.
func WithObserver(ctx context.Context, o Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, o)
}

// Finish appends the events to the shop's log. The transaction holds the shop's head: what other transactions have changed
// is committed, with lower numbers, so that no event shows a record older than an earlier event does.
func (l *log) Finish(tx *db.Tx) error {
	head, err := tx.Head()
	if err != nil {
		return err
	}
	at := max(tx.Now, head.At) // a backdated event gets the present instant
	var rows []eventRow
	observe, _ := tx.Context().Value(observerKey{}).(Observer)
	for _, n := range l.changes {
		texts, err := n.render(tx, false)
		if err != nil {
			return err
		}
		kind := n.kind.(interface{ name() string }).name()
		if observe != nil {
			observe(kind, texts, func(tx *db.Tx) ([]string, error) { return n.render(tx, true) })
		}
		for _, text := range texts {
			seq, err := tx.NextSeq()
			if err != nil {
				return err
			}
			rows = append(rows, eventRow{seq, kind, at, text})
		}
	}
	db.Insert(tx, "events", rows...)
	return nil
}

func (k *Kind[K]) name() string { return k.Type }
