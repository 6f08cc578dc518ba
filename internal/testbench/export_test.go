package testbench

import "maps"

// IsDetected reports whether a rule looks for a difference.
func IsDetected(id string) bool { return detectors[id] != nil }

// Detectors are the ids of the rules.
func Detectors() map[string]bool {
	all := map[string]bool{}
	for id := range maps.Keys(detectors) {
		all[id] = true
	}
	return all
}
