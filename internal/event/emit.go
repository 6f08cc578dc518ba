package event

import (
	"context"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// chunk is how many records one event speaks of at most.
const chunk = 100

// Kind is a type of event, about records that are named by a K.
type Kind[K comparable] struct {
	Type string // such as "invoice.update": what clients register for
	// Data answers what the event says about records: a slice with one item for each (contract webhooks, types). A record
	// that is gone has none. Without Data an event says the keys themselves: the ids of deleted records.
	Data func(tx *db.Tx, keys []K) (any, error)
	// Nouns: Data answers the nouns of the API, which an event of ours spells as the vendor's events would.
	Nouns bool
}

// Emit notes that records changed. However often it is called in a transaction, each is told of once, as it is at the end.
func (k *Kind[K]) Emit(tx *db.Tx, keys ...K) {
	k.keys(tx).add(keys)
}

// EmitData is [Kind.Emit] for a record whose data is known: item is what the event is to say about it, the same as reading
// it would give, so that nothing is read. It counts until the record is emitted again; and if all records of the kind that
// changed in the transaction have come with their data.
func (k *Kind[K]) EmitData(tx *db.Tx, key K, item any) {
	k.Emit(tx, key)
	k.SetData(tx, key, item)
}

// SetData gives the data of a record that was emitted; of another one it says nothing.
func (k *Kind[K]) SetData(tx *db.Tx, key K, item any) {
	set := k.keys(tx)
	if !slices.Contains(set.list, key) {
		return
	}
	if set.data == nil {
		set.data = map[K]any{}
	}
	set.data[key] = item
}

func (k *Kind[K]) keys(tx *db.Tx) *keySet[K] {
	l := db.AtLast[log](tx)
	for _, n := range l.notes {
		if n.kind == any(k) {
			return n.keys.(*keySet[K])
		}
	}
	set := &keySet[K]{}
	l.notes = append(l.notes, note{kind: k, keys: set, render: func(tx *db.Tx, read bool) ([]string, error) {
		if read {
			return k.render(tx, &keySet[K]{list: set.list})
		}
		return k.render(tx, set)
	}})
	return set
}

func (k *Kind[K]) render(tx *db.Tx, keys *keySet[K]) (texts []string, err error) {
	write := wire.Append
	if k.Nouns {
		write = wire.AppendPascal
	}
	known := len(keys.data) == len(keys.list)
	for part := range slices.Chunk(keys.list, chunk) {
		if known {
			texts = append(texts, string(keys.appendData(write, part)))
			continue
		}
		data := any(part)
		if k.Data != nil {
			if data, err = k.Data(tx, part); err != nil {
				return nil, err
			}
		}
		if text := string(write(nil, data)); text != "[]" {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

// keySet is keys in the order in which they came.
type keySet[K comparable] struct {
	list []K
	seen map[K]struct{} // made when there are many
	data map[K]any      // what EmitData has given for them
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

// log is what a transaction will append.
type log struct{ notes []note }

// eventRow is a row of events.
type eventRow struct {
	Seq  int64
	Type string
	At   taphoa.Time
	Data string
}

type note struct {
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

// Finish appends the events to the shop's log. The transaction holds the shop's head: what others have changed is
// committed, and told of by a lower number, so that nothing is rendered as it was before an event that stands above it.
func (l *log) Finish(tx *db.Tx) error {
	head, err := tx.Head()
	if err != nil {
		return err
	}
	at := max(tx.Now, head.At) // what is dated back happens now
	var rows []eventRow
	observe, _ := tx.Context().Value(observerKey{}).(Observer)
	for _, n := range l.notes {
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
