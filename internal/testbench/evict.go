package testbench

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// evicted are the forks that made room for others, by all that requests know them by.
type evicted struct {
	names   map[string]string // "name …", "client …", "retailer …" -> the bound
	ordered []string
}

// evictedMax is how many are remembered.
const evictedMax = 3000

func keysOf(f *Fork) [3]string {
	return [3]string{"name " + f.Name, "client " + strings.ToLower(f.ClientID), "retailer " + text.CodeKey(f.Retailer)}
}

func (e *evicted) add(f *Fork, bound string) {
	if e.names == nil {
		e.names = map[string]string{}
	}
	for _, key := range keysOf(f) {
		e.names[key] = bound
		e.ordered = append(e.ordered, key)
	}
	for ; len(e.ordered) > evictedMax; e.ordered = e.ordered[1:] {
		delete(e.names, e.ordered[0])
	}
}

// forget is for a fork that is known by what another one was known by.
func (e *evicted) forget(f *Fork) {
	for _, key := range keysOf(f) {
		delete(e.names, key)
	}
}

// errEvicted is for a fork that made room for others.
func errEvicted(bound string) error {
	return &unavailable{&taphoa.Error{Code: "SandboxFull", Message: "Bản sao này đã bị xóa để nhường chỗ, vì sandbox giữ tối đa " + bound +
		": hãy xóa các bản sao khi xong việc, hoặc tăng giới hạn khi khởi động"}}
}

// unavailable is answered with 503.
type unavailable struct{ reason *taphoa.Error }

func (u *unavailable) Error() string { return u.reason.Error() }

func errNoFork(name string) error {
	return taphoa.NotFound(taphoa.CodeValidate, "Không có bản sao %s", name)
}

// missing is the error for a fork that is not there. s.mu is held.
func (s *Sandbox) missing(name string) error {
	if bound := s.evicted.names["name "+name]; bound != "" {
		return errEvicted(bound)
	}
	return errNoFork(name)
}

// use notes that a fork is used. s.mu is held.
func (s *Sandbox) use(f *Fork) {
	s.clock++
	f.used = s.clock
}

// fork returns the fork of a name.
func (s *Sandbox) fork(name string) (*Fork, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.forks[name]
	if f == nil {
		return nil, s.missing(name)
	}
	s.use(f)
	return f, nil
}

// byClient returns the fork of a client's id; nil if there is none.
func (s *Sandbox) byClient(id string) (*Fork, error) {
	if id == "" {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id = strings.ToLower(id)
	f := s.clients[id]
	if f == nil {
		if bound := s.evicted.names["client "+id]; bound != "" {
			return nil, errEvicted(bound)
		}
		return nil, nil
	}
	s.use(f)
	return f, nil
}

// byRetailer returns the fork of a shop's code; nil if there is none.
func (s *Sandbox) byRetailer(code string) (*Fork, error) {
	key := text.CodeKey(text.Clean(code))
	if key == "" {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.forks {
		if text.CodeKey(f.Retailer) == key {
			s.use(f)
			return f, nil
		}
	}
	if bound := s.evicted.names["retailer "+key]; bound != "" {
		return nil, errEvicted(bound)
	}
	return nil, nil
}

// makeRoom deletes the forks that were used least recently until another one of some bytes has its place. s.mu is held.
func (s *Sandbox) makeRoom(bytes int64) error {
	used := s.bytes()
	for len(s.forks) >= s.o.MaxForks || used+bytes > s.o.MaxBytes {
		bound := fmt.Sprintf("%d bản sao", s.o.MaxForks)
		if len(s.forks) < s.o.MaxForks {
			bound = fmt.Sprintf("%d MB", s.o.MaxBytes>>20)
		}
		oldest := s.oldest()
		if oldest == nil {
			return &unavailable{&taphoa.Error{Code: "SandboxFull", Message: "Không còn chỗ cho bản sao mới: sandbox giữ tối đa " + bound}}
		}
		used -= sizeOf(oldest.dir)
		s.evicted.add(oldest, bound)
		s.remove(oldest)
	}
	return nil
}

// oldest returns the fork that was used least recently, but for the default one; nil if there is no other.
func (s *Sandbox) oldest() (oldest *Fork) {
	for _, f := range s.forks {
		if f != s.def && (oldest == nil || f.used < oldest.used) {
			oldest = f
		}
	}
	return oldest
}

// bytes is the size of all forks and their snapshots. s.mu is held.
func (s *Sandbox) bytes() (sum int64) {
	for _, f := range s.forks {
		sum += sizeOf(f.dir)
	}
	return sum
}

// sizeOf is the size of the files below a directory; what is being removed counts as gone.
func sizeOf(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}
