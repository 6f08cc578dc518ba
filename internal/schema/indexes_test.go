package schema_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	indexPattern = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\w+)`)
	dropPattern  = regexp.MustCompile(`(?m)^DROP INDEX (\w+)`)
)

// TestEachIndexNamesItsQuery wants a comment above each index that names its query, until the index is dropped. A test of
// internal/api checks that such statements exist.
func TestEachIndexNamesItsQuery(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations: ", err)
	}
	remarks, count := map[string]bool{}, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		above := ""
		for line := range strings.Lines(string(text)) {
			if m := indexPattern.FindStringSubmatch(line); m != nil {
				remarks[m[1]] = strings.HasPrefix(above, "-- ") && !strings.HasPrefix(above, "-- Written by")
				count++
			}
			above = line
		}
		for _, m := range dropPattern.FindAllStringSubmatch(string(text), -1) {
			delete(remarks, m[1])
		}
	}
	if count < 70 {
		t.Errorf("only %d indexes are found", count)
	}
	for index, has := range remarks {
		if !has {
			t.Errorf("no remark above %s names the query that it is for", index)
		}
	}
}
