package apitest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
)

// Digest is the content of a shop's tables, one digest a table.
type Digest map[string]string

// Differs returns the tables in which two digests differ.
func (d Digest) Differs(other Digest) []string {
	var tables []string
	for table, sum := range d {
		if other[table] != sum {
			tables = append(tables, fmt.Sprintf("%s (%s, then %s)", table, sum, other[table]))
		}
	}
	slices.Sort(tables)
	return tables
}

// Digest returns the digest of all tables of a shop. On PostgreSQL it is taken again only when something was written since.
func (d *Server) Digest(s Shop) Digest {
	d.tb.Helper()
	if strings.HasPrefix(d.url, "sqlite:") {
		return DigestOf(d.tb, d.DB, s.Retailer)
	}
	mark := d.Snapshot()
	known, ok := d.digests[s.Retailer]
	if !ok || known.mark != mark {
		known = markedDigest{mark, DigestOf(d.tb, d.DB, s.Retailer)}
		d.digests[s.Retailer] = known
	}
	return known.digest
}

// markedDigest is a digest of what was there at a mark of [Server.Snapshot].
type markedDigest struct {
	mark   string
	digest Digest
}

// DigestOf returns the digest of all tables of a shop in a database. It is the same on both engines when their rows are.
func DigestOf(tb testing.TB, d *db.DB, retailer int64) Digest {
	tb.Helper()
	all, err := tables()
	if err != nil {
		tb.Fatal(err)
	}
	digest := make(Digest, len(all))
	err = d.Read(tb.Context(), db.Actor{Retailer: retailer}, func(tx *db.Tx) error {
		for _, t := range all {
			var lines []string
			err := tx.Each(func(row db.Row) error {
				var line strings.Builder
				for i := range t.columns {
					line.WriteString(alike(row.Text(i)))
					line.WriteByte(0)
				}
				lines = append(lines, line.String())
				return nil
			}, "SELECT CAST("+strings.Join(t.columns, " AS TEXT), CAST(")+" AS TEXT) FROM "+t.name+" WHERE retailer_id = :retailer")
			if err != nil {
				return err
			}
			slices.Sort(lines)
			sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
			digest[t.name] = fmt.Sprintf("%d rows %x", len(lines), sum[:6])
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return digest
}

// alike is a value as SQLite says it: PostgreSQL calls 1 true.
func alike(value string) string {
	switch value {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	return value
}

// Snapshot returns a text that changes whenever something is written to the database, much cheaper than a [Digest]. On
// SQLite a write that is rolled back may change it too.
func (d *Server) Snapshot() string {
	d.tb.Helper()
	if file, isSQLite := strings.CutPrefix(d.url, "sqlite:"); isSQLite {
		mark := ""
		for _, name := range []string{file, file + "-wal"} {
			if info, err := os.Stat(name); err == nil {
				mark += fmt.Sprintf("%d %d ", info.Size(), info.ModTime().UnixNano())
			}
		}
		return mark
	}
	all, err := tables()
	if err != nil {
		d.tb.Fatal(err)
	}
	var counts []string // the number of rows, and the newest transaction that wrote one: other databases use the same server
	for _, t := range all {
		counts = append(counts, `SELECT COUNT(*) || '/' || COALESCE(MAX(CAST(CAST(xmin AS TEXT) AS BIGINT)), 0) AS mark FROM `+t.name)
	}
	err = d.DB.Read(d.tb.Context(), db.Actor{}, func(tx *db.Tx) error {
		// It changes when a transaction that writes begins or ends, in any database of the server.
		visible, _, err := db.One[string](tx.Everywhere(), `SELECT CAST(pg_current_snapshot() AS TEXT) AS visible`)
		if err != nil || visible == d.visible {
			return err
		}
		marks, err := db.All[string](tx.Everywhere(), strings.Join(counts, " UNION ALL "))
		d.visible, d.mark = visible, strings.Join(marks, " ")
		return err
	})
	if err != nil {
		d.tb.Fatal(err)
	}
	return d.mark
}

// TablesWith returns the tables of shops that have some columns.
func (d *Server) TablesWith(columns ...string) (names []string) {
	d.tb.Helper()
	all, err := tables()
	if err != nil {
		d.tb.Fatal(err)
	}
	for _, t := range all {
		if !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(t.columns, c) }) {
			names = append(names, t.name)
		}
	}
	return names
}

type table struct {
	name    string
	columns []string
}

var (
	tablePattern   = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)`)
	columnPattern  = regexp.MustCompile(`(?m)^\t([a-z]\w*) +[A-Z]`)
	droppedPattern = regexp.MustCompile(`DROP TABLE (\w+)`)
	addedPattern   = regexp.MustCompile(`ALTER TABLE (\w+) ADD COLUMN (\w+)`)
)

// tables returns the tables with data of shops, as the migrations create them.
var tables = sync.OnceValues(func() ([]table, error) {
	names, err := filepath.Glob("../schema/migrations/*.sql") // tests run in the directory of their package
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no migrations beside the package under test: %w", err)
	}
	var all []table
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, m := range tablePattern.FindAllStringSubmatch(string(text), -1) {
			t := table{name: m[1]}
			for _, c := range columnPattern.FindAllStringSubmatch(m[2], -1) {
				t.columns = append(t.columns, c[1])
			}
			if slices.Contains(t.columns, "retailer_id") {
				all = append(all, t)
			}
		}
		for _, m := range droppedPattern.FindAllStringSubmatch(string(text), -1) {
			all = slices.DeleteFunc(all, func(t table) bool { return t.name == m[1] })
		}
		for _, m := range addedPattern.FindAllStringSubmatch(string(text), -1) {
			for i := range all {
				if all[i].name == m[1] {
					all[i].columns = append(all[i].columns, m[2])
				}
			}
		}
	}
	return all, nil
})
