package testbench

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// evicted are the forks that made space for others, by all that requests know them by.
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
		if e.names[key] != "" {
			delete(e.names, key)
			e.ordered = slices.DeleteFunc(e.ordered, func(k string) bool { return k == key })
		}
	}
}

// errEvicted is for a fork that made space for others.
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

// makeSpace deletes the forks that were used least recently until some more bytes have their place: of a new fork, or in a fork that stays.
// s.mu is held.
func (s *Sandbox) makeSpace(in *Fork, bytes int64) error {
	for used := s.bytes(); ; {
		full, bound := in == nil && len(s.forks) >= s.o.MaxForks, fmt.Sprintf("%d bản sao", s.o.MaxForks)
		if !full {
			full, bound = used+bytes > s.o.MaxBytes, fmt.Sprintf("%d MB", s.o.MaxBytes>>20)
		}
		if !full {
			return nil
		}
		oldest := s.oldest(in)
		if oldest == nil {
			return &unavailable{&taphoa.Error{Code: "SandboxFull", Message: "Không còn chỗ: sandbox giữ tối đa " + bound +
				". Hãy xóa bản sao hoặc bản chụp không dùng nữa, hoặc tăng giới hạn khi khởi động"}}
		}
		used -= oldest.bytes()
		s.evicted.add(oldest, bound)
		s.remove(oldest)
	}
}

// claim has some bytes counted as those of a fork until they are released, after others have made space for them.
func (s *Sandbox) claim(f *Fork, bytes int64) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forks[f.Name] != f {
		return nil, s.missing(f.Name)
	}
	if err := s.makeSpace(f, bytes); err != nil {
		return nil, err
	}
	f.expected += bytes
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.expected -= bytes
	}, nil
}

// growthCheck is after how many requests the size of all forks is looked at again: they grow while they are used.
const growthCheck = 256

// grown notes a request, and now and then has the forks keep to their bound.
func (s *Sandbox) grown(f *Fork) {
	if s.served.Add(1)%growthCheck != 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.makeSpace(f, 0) != nil && f != s.def { // it has outgrown the bound alone
		s.evicted.add(f, fmt.Sprintf("%d MB", s.o.MaxBytes>>20))
		s.remove(f)
	}
}

// oldest returns the fork that was used least recently, but for the default one and another; nil if there is no other.
func (s *Sandbox) oldest(but *Fork) (oldest *Fork) {
	for _, f := range s.forks {
		if f != s.def && f != but && (oldest == nil || f.used < oldest.used) {
			oldest = f
		}
	}
	return oldest
}

// bytes is the size of all forks and their snapshots. s.mu is held.
func (s *Sandbox) bytes() (sum int64) {
	for _, f := range s.forks {
		sum += f.bytes()
	}
	return sum
}

// bytes is the size of a fork's files, also of those that are being made. The sandbox's mu is held.
func (f *Fork) bytes() int64 { return f.expected + sizeOf(f.dir) }

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
