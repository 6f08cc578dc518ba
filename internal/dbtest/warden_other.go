//go:build !linux && !darwin

package dbtest

// join knows no way to share a server on this system, so its tests are skipped.
func join(string, []string) (*cluster, error) { return nil, errNoServer }
