package testbench

import (
	"context"
	"net/http"
)

// Changes compares a snapshot with the present, or with another snapshot. What is written meanwhile may be told or not.
func (f *Fork) Changes(ctx context.Context, from, to string) (*Changes, error) {
	p, done, err := f.take()
	if err != nil {
		return nil, err
	}
	defer done()
	older, end, err := f.openSnapshot(from)
	if err != nil {
		return nil, err
	}
	defer end()
	newer := newSide(p.db, p.api, f.number)
	if to != "" {
		newer, end, err = f.openSnapshot(to)
		if err != nil {
			return nil, err
		}
		defer end()
	}
	changes, err := compare(ctx, older, newer)
	if err == nil {
		changes.From, changes.To = from, to
	}
	return changes, err
}

// openSnapshot serves a snapshot to who reads it, until end.
func (f *Fork) openSnapshot(name string) (s *side, end func(), err error) {
	if _, err := f.snapshot(name); err != nil {
		return nil, nil, err
	}
	p, err := f.openCopy(f.snapshotFile(name))
	if err != nil {
		return nil, nil, err
	}
	return newSide(p.db, p.api, f.number), func() { _ = p.close() }, nil // it was only read
}

func (s *Sandbox) compareSnapshot(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	return f.Changes(r.Context(), r.PathValue("snapshot"), r.URL.Query().Get("to"))
}
