package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresMeter runs statements on a session of its own to a PostgreSQL database, prepared as the server's readers prepare
// them, and counts the rows that the scans of their plans have visited, and the pages.
type postgresMeter struct {
	tb   testing.TB
	conn *pgx.Conn
	at   map[string]string // names of prepared statements
	left bool              // to the server, who analyses tables as they grow
}

func newPostgresMeter(tb testing.TB, url string) *postgresMeter {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close(context.Background()) })
	return &postgresMeter{tb: tb, conn: conn, at: map[string]string{}}
}

// customPlans is how many times PostgreSQL plans a prepared statement for its values before it chooses whether one plan for
// any values will do (plan_cache_mode auto, which reading transactions have).
const customPlans = 5

func (m *postgresMeter) exec(sql string) {
	m.tb.Helper()
	if _, err := m.conn.Exec(m.tb.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		m.tb.Fatalf("%v in %.3000s", err, sql)
	}
}

// grown lets the planner know of the rows, as the server does when there are ten times as many.
func (m *postgresMeter) grown() {
	if m.left {
		time.Sleep(6 * time.Second) // the server looks every two seconds
		return
	}
	m.exec("ANALYZE")
}

func (m *postgresMeter) explain(options, execute string) []byte {
	m.tb.Helper()
	var text string
	err := m.conn.QueryRow(m.tb.Context(), "EXPLAIN ("+options+") "+execute, pgx.QueryExecModeSimpleProtocol).Scan(&text)
	if err != nil {
		m.tb.Fatalf("%v in %.3000s", err, execute)
	}
	return []byte(text)
}

// prepare prepares a statement and has it planned as often as a server that has run for a while has.
func (m *postgresMeter) prepare(s statement) (execute string) {
	m.tb.Helper()
	name, known := m.at[s.sql]
	if !known {
		name = fmt.Sprintf("list%d", len(m.at))
		m.at[s.sql] = name
	}
	execute = "EXECUTE " + name
	if len(s.args) > 0 {
		args := make([]string, len(s.args))
		for i, arg := range s.args {
			args[i] = literal(m.tb, arg)
		}
		execute += "(" + strings.Join(args, ", ") + ")"
	}
	if !known {
		m.exec("PREPARE " + name + " AS " + s.sql + strings.Repeat("; EXPLAIN "+execute, customPlans))
	}
	return execute
}

func literal(tb testing.TB, arg any) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	switch v := arg.(type) {
	case nil:
		return "NULL"
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case string:
		return quote(v)
	case []int64:
		return "'" + strings.NewReplacer("[", "{", "]", "}", " ", ",").Replace(fmt.Sprint(v)) + "'"
	case []string:
		all := make([]string, len(v))
		for i := range v {
			all[i] = strconv.Quote(v[i])
		}
		return quote("{" + strings.Join(all, ",") + "}")
	}
	tb.Fatalf("an argument of type %T", arg)
	return ""
}

// node is one of a plan, as far as it matters here.
type node struct {
	Kind     string  `json:"Node Type"`
	Rows     float64 `json:"Actual Rows"` // of one loop
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Hit      int64   `json:"Shared Hit Blocks"`
	Read     int64   `json:"Shared Read Blocks"`
	Plans    []node  `json:"Plans"`
}

func (n *node) visited() int64 {
	rows := int64(0)
	if strings.HasSuffix(n.Kind, "Scan") && n.Kind != "Subquery Scan" && n.Kind != "CTE Scan" && n.Kind != "Bitmap Index Scan" {
		rows = int64((n.Rows + n.Filtered + n.Recheck) * n.Loops)
	}
	for i := range n.Plans {
		rows += n.Plans[i].visited()
	}
	return rows
}

// measure runs a statement to its end.
func (m *postgresMeter) measure(s statement) cost {
	m.tb.Helper()
	var plans []struct {
		Plan node
		Time float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(m.explain("ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON", m.prepare(s)), &plans); err != nil || len(plans) != 1 {
		m.tb.Fatalf("a plan that says %v: %v", plans, err)
	}
	p := &plans[0]
	return cost{work: p.Plan.visited(), pages: p.Plan.Hit + p.Plan.Read, ms: p.Time}
}

// plan is what EXPLAIN says of a statement.
func (m *postgresMeter) plan(s statement) string {
	rows, err := m.conn.Query(m.tb.Context(), "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) "+m.prepare(s), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		m.tb.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		m.tb.Fatal(err)
	}
	return "\t" + strings.Join(lines, "\n\t") + "\n"
}
