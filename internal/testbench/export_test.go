package testbench

import "maps"

// Share has a sandbox use the templates of another one, which cost seconds.
func (s *Sandbox) Share(of *Sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.templates, of.templates)
}

// Dir is where the files of a sandbox are.
func (s *Sandbox) Dir() string { return s.o.Dir }

// ErrClosed is for what is asked while a sandbox ends.
var ErrClosed = errClosed
