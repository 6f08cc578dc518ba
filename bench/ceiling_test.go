package main

import (
	"path/filepath"
	"testing"
	"time"
)

// TestTheCeilingFitsTheTables: the benchmark writes its rows into the current tables.
func TestTheCeilingFitsTheTables(t *testing.T) {
	rate, err := sqlCeiling(filepath.Join(t.TempDir(), "ceiling.db"), 50*time.Millisecond)
	if err != nil || rate < 1 {
		t.Errorf("%.1f invoices a second, %v", rate, err)
	}
}
