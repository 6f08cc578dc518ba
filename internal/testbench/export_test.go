package testbench

import (
	"maps"
	"slices"
)

// IsDetected reports whether a report looks for a difference.
func (d *Difference) IsDetected() bool {
	return detectors[d.ID] != nil || slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.Hook == "" })
}

// Detectors are the ids of the rules.
func Detectors() map[string]bool {
	all := map[string]bool{}
	for id := range maps.Keys(detectors) {
		all[id] = true
	}
	return all
}

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
