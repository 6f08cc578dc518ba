//go:build !linux

package dbtest

func useMemory() error { return nil }
