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

// Save makes a snapshot, or replaces the one of that name. Requests go on meanwhile.
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
func (f *Fork) Restore(name string) error {
	if _, err := f.snapshot(name); err != nil {
		return err
	}
	draft := f.file() + ".restored"
	release, err := f.of.claim(f, sizeOf(f.snapshotFile(name)))
	if err != nil {
		return err
	}
	defer release()
	f.of.adopting.Lock()
	defer f.of.adopting.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shop == nil {
		return errNoFork(f.Name)
	}
	if err := copyFile(draft, f.snapshotFile(name)); err != nil { // while the fork can still go on
		return errors.Join(err, os.Remove(draft))
	}
	err = f.shop.close()
	f.faults.past.forget()
	f.shop = nil
	if err != nil {
		return err
	}
	removeDatabase(f.file())
	if err := os.Rename(draft, f.file()); err != nil {
		return err
	}
	if f.shop, err = f.openShop(); err != nil {
		return err
	}
	return f.shop.write(context.Background(), f.number, func(tx *db.Tx) error {
		return errors.Join(f.beginEpoch(tx), f.keepAdopted(tx))
	})
}

// epochGap is more events than a fork has between two restores.
const epochGap = 1_000_000_000

// beginEpoch has readers of events begin again. No history of the fork has the numbers of another one, even if its clock stands still.
func (f *Fork) beginEpoch(tx *db.Tx) error {
	now := tx.Clock
	tx.Clock = max(now, f.epoch+epochGap)
	err := tx.BeginEpoch()
	tx.Clock = now
	if err != nil {
		return err
	}
	h, err := tx.Head()
	f.epoch = taphoa.Time(h.EpochBase)
	return err
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
	if err := f.Restore(name); err != nil {
		return nil, err
	}
	return f.snapshot(name)
}
