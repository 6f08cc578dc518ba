package testbench

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/taphoa/taphoa/internal/api"
)

// past are copies of a fork from before its last writes, for rules with the fault stale.
type past struct {
	mu     sync.Mutex
	writes int      // how many are kept; 0: none
	files  []string // the oldest first
	open   map[string]*shop
	ending sync.WaitGroup // of copies that are no longer kept
}

// keep says from before how many writes copies are to be kept.
func (p *past) keep(writes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes = writes
	p.drop(writes)
}

// drop removes the oldest copies until n are left. p.mu is held.
func (p *past) drop(n int) {
	for len(p.files) > n {
		oldest := p.files[0]
		p.files = p.files[1:]
		if old := p.open[oldest]; old != nil {
			delete(p.open, oldest)
			p.ending.Go(func() { _ = errors.Join(old.close(), os.Remove(oldest)) })
			continue
		}
		_ = os.Remove(oldest)
	}
}

// close ends what serves copies, before the fork's files are removed.
func (p *past) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, old := range p.open {
		err = errors.Join(err, old.close())
	}
	p.open, p.files = nil, nil
	p.ending.Wait()
	return err
}

// changes reports whether a request may write what answers show.
func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions &&
		!api.AsksForToken(r.URL.Path)
}

// serve serves a request as it is, after a copy was made if it may write and copies are kept.
func (p *past) serve(f *Fork, now *shop, w http.ResponseWriter, r *http.Request) {
	if !changes(r) {
		now.api.ServeHTTP(w, r)
		return
	}
	p.mu.Lock()
	if p.writes == 0 {
		p.mu.Unlock()
		now.api.ServeHTTP(w, r)
		return
	}
	defer p.mu.Unlock() // one write after another: each has its copy
	if err := os.MkdirAll(filepath.Join(f.dir, "past"), 0o700); err != nil {
		fail(w, err)
		return
	}
	file, err := now.db.Clone(r.Context(), filepath.Join(f.dir, "past"))
	if err != nil {
		fail(w, err)
		return
	}
	file = strings.TrimPrefix(file, "sqlite:")
	kept := &unsent{header: w.Header()}
	now.api.ServeHTTP(kept, r)
	kept.WriteHeader(http.StatusOK) // unless it has another status
	if kept.status < 300 {
		p.files = append(p.files, file)
		p.drop(p.writes)
	} else {
		_ = os.Remove(file)
	}
	w.WriteHeader(kept.status)
	_, _ = w.Write(kept.body.Bytes())
}

// serveOld serves a request that reads from the copy before the last writes, or from the oldest that there is; others as they are.
func (p *past) serveOld(f *Fork, now *shop, writes int, w http.ResponseWriter, r *http.Request) {
	if changes(r) {
		p.serve(f, now, w, r)
		return
	}
	old, err := p.before(f, writes)
	if err != nil {
		fail(w, err)
		return
	}
	if old == nil {
		old = now
	} else {
		defer old.requests.Done()
	}
	old.api.ServeHTTP(w, r)
}

// before returns the server of the copy from before some writes; nil if there were none.
func (p *past) before(f *Fork, writes int) (*shop, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.files) == 0 {
		return nil, nil
	}
	file := p.files[max(0, len(p.files)-writes)]
	old := p.open[file]
	if old == nil {
		var err error
		if old, err = f.openCopy(file); err != nil {
			return nil, err
		}
		if p.open == nil {
			p.open = map[string]*shop{}
		}
		p.open[file] = old
	}
	old.requests.Add(1)
	return old, nil
}

// forget drops all copies: the fork is another one from now on.
func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(0)
}
