//go:build linux || darwin

package db_test

import (
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestAProxyMayHandOutConnectionsByTransaction writes and reads through PgBouncer in each of the ways that statements can
// travel through it. With fewer connections to the server than there are to the proxy, no statement that was prepared by
// name is where it is looked for.
func TestAProxyMayHandOutConnectionsByTransaction(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	dbtest.Open(t, server.URL("postgres"), nil)
	through := func(t *testing.T, at func(...string) string, params ...string) {
		s := openTills(t, dbtest.Open(t, at(params...), nil), t.Name(), 8, 8)
		s.written(100)
		s.close()
		if len(s.doubtful) > 0 {
			t.Errorf("%d writes are in doubt", len(s.doubtful))
		}
	}
	byTransaction := dbtest.PgBouncer(t, server, "postgres", "pool_mode=transaction", "default_pool_size=6")
	for _, way := range []string{"", "default_query_exec_mode=exec", "default_query_exec_mode=simple_protocol", "statement_cache_capacity=0"} {
		t.Run("transaction "+way, func(t *testing.T) { through(t, byTransaction, strings.Fields(way)...) })
	}
	t.Run("session", func(t *testing.T) { through(t, dbtest.PgBouncer(t, server, "postgres", "pool_mode=session")) })
}
