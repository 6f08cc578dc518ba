package testbench

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Snapshot is a fork as it was at one instant.
type Snapshot struct {
	Name        string      `json:"name"`
	Bytes       int64       `json:"bytes"`
	CreatedDate taphoa.Time `json:"createdDate"`
}

func (f *Fork) snapshotFile(name string) string { return filepath.Join(f.dir, "snapshots", name+".db") }

// Save makes a snapshot, or makes the one of that name anew. Requests go on meanwhile.
func (f *Fork) Save(ctx context.Context, name string) (Snapshot, error) {
	if !namePattern.MatchString(name) {
		return Snapshot{}, taphoa.Refuse(taphoa.CodeValidate, "name", "Tên bản chụp (name) gồm tối đa 40 chữ thường không dấu, chữ số và dấu gạch, ví dụ truoc-khi-ban")
	}
	p, done, err := f.take()
	if err != nil {
		return Snapshot{}, err
	}
	defer done()
	file := f.snapshotFile(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return Snapshot{}, err
	}
	release, err := f.of.claim(f, sizeOf(f.file())+sizeOf(f.file()+"-wal")) // the copy has at most that
	if err != nil {
		return Snapshot{}, err
	}
	defer release()
	draft, err := p.db.Clone(ctx, f.dir)
	if err == nil {
		err = os.Rename(strings.TrimPrefix(draft, "sqlite:"), file)
	}
	if err != nil {
		_ = os.Remove(strings.TrimPrefix(draft, "sqlite:"))
		return Snapshot{}, err
	}
	return f.snapshot(name)
}

// snapshot returns one by its name.
func (f *Fork) snapshot(name string) (Snapshot, error) {
	info, err := os.Stat(f.snapshotFile(name))
	if !namePattern.MatchString(name) || errors.Is(err, os.ErrNotExist) {
		return Snapshot{}, taphoa.NotFound(taphoa.CodeValidate, "Bản sao %s không có bản chụp %s", f.Name, name)
	}
	if err != nil {
		return Snapshot{}, err
	}
	return Snapshot{name, info.Size(), taphoa.TimeOf(info.ModTime())}, nil
}

// Snapshots lists the snapshots by name.
func (f *Fork) Snapshots() ([]Snapshot, error) {
	files, err := filepath.Glob(f.snapshotFile("*"))
	all := []Snapshot{}
	for _, file := range files {
		s, err := f.snapshot(strings.TrimSuffix(filepath.Base(file), ".db"))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Snapshot) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// Restore makes the fork what it was when a snapshot was saved. Requests under way end first, and others wait.
func (f *Fork) Restore(name string, o *Options) error {
	if _, err := f.snapshot(name); err != nil {
		return err
	}
	draft := f.file() + ".restored"
	release, err := f.of.claim(f, sizeOf(f.snapshotFile(name)))
	if err != nil {
		return err
	}
	defer release()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shop == nil {
		return errNoFork(f.Name)
	}
	if err := copyFile(draft, f.snapshotFile(name)); err != nil { // while the fork can still go on
		return errors.Join(err, os.Remove(draft))
	}
	f.faults.past.forget()
	err = f.shop.close()
	f.shop = nil
	if err != nil {
		return err
	}
	removeDatabase(f.file())
	if err := os.Rename(draft, f.file()); err != nil {
		return err
	}
	f.shop, err = openShop(f.file(), o, f.clock.Now, f.through, f.log.With("fork", f.Name))
	if err != nil {
		return err
	}
	return f.shop.write(context.Background(), f.number, func(tx *db.Tx) error { return tx.BeginEpoch() }) // readers of events begin again
}

func (s *Sandbox) createSnapshot(r *http.Request) (any, error) {
	var in struct {
		Name string `json:"name"`
	}
	f, err := s.fork(r.PathValue("fork"))
	if err == nil {
		err = readInput(r, &in)
	}
	if err != nil {
		return nil, err
	}
	return f.Save(r.Context(), in.Name)
}

func (s *Sandbox) listSnapshots(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	return f.Snapshots()
}

func (s *Sandbox) deleteSnapshot(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	name := r.PathValue("snapshot")
	shown, err := f.snapshot(name)
	if err == nil {
		err = os.Remove(f.snapshotFile(name))
	}
	return shown, err
}

func (s *Sandbox) restoreSnapshot(r *http.Request) (any, error) {
	f, err := s.fork(r.PathValue("fork"))
	if err != nil {
		return nil, err
	}
	name := r.PathValue("snapshot")
	if err := f.Restore(name, &s.o); err != nil {
		return nil, err
	}
	return f.snapshot(name)
}
