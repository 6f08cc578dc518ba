//go:build !linux && !darwin

package dbtest

// join cannot share a server on this system, so the tests of PostgreSQL are skipped.
func join(string, []string) (*cluster, error) { return nil, errNoServer }
