package api_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// liteMeter runs statements on a connection of its own to a SQLite file, as the server's readers do, and counts the steps of
// SQLite's virtual machine: a measure of work that no other load on the machine changes.
type liteMeter struct {
	tb   testing.TB
	tls  *libc.TLS
	conn uintptr
	at   map[string]uintptr // prepared statements
}

func newLiteMeter(tb testing.TB, file string) *liteMeter {
	tb.Helper()
	m := &liteMeter{tb: tb, tls: libc.NewTLS(), at: map[string]uintptr{}}
	name := m.text(file)
	defer libc.Xfree(m.tls, name)
	at := libc.Xmalloc(m.tls, pointerSize)
	defer libc.Xfree(m.tls, at)
	rc := lib.Xsqlite3_open_v2(m.tls, name, at, lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_NOMUTEX, 0)
	m.conn = pointer(at)
	m.must(rc, "open")
	args := libc.NewVaList(int32(1), uintptr(0))
	defer libc.Xfree(m.tls, args)
	m.must(lib.Xsqlite3_db_config(m.tls, m.conn, lib.SQLITE_DBCONFIG_ENABLE_QPSG, args), "QPSG") // as internal/db does
	for _, pragma := range []string{"temp_store=MEMORY", "cache_size=-8192"} {
		m.measure(statement{sql: "PRAGMA " + pragma})
	}
	tb.Cleanup(func() {
		m.forget()
		m.must(lib.Xsqlite3_close(m.tls, m.conn), "close")
		m.tls.Close()
	})
	return m
}

func (m *liteMeter) text(s string) uintptr {
	p, err := libc.CString(s)
	if err != nil {
		m.tb.Fatal(err)
	}
	return p
}

func (m *liteMeter) must(rc int32, what string) {
	m.tb.Helper()
	if rc != lib.SQLITE_OK {
		m.tb.Fatalf("%.3000s: %s", what, libc.GoString(lib.Xsqlite3_errmsg(m.tls, m.conn)))
	}
}

const pointerSize = 8

// pointer is the pointer at an address in the memory of SQLite.
func pointer(at uintptr) uintptr {
	return uintptr(binary.NativeEndian.Uint64(libc.GoBytes(at, pointerSize)))
}

// forget ends the prepared statements.
func (m *liteMeter) forget() {
	for _, st := range m.at {
		lib.Xsqlite3_finalize(m.tls, st)
	}
	clear(m.at)
}

func (m *liteMeter) prepare(sql string) uintptr {
	if st, ok := m.at[sql]; ok {
		return st
	}
	text := m.text(sql)
	defer libc.Xfree(m.tls, text)
	at := libc.Xmalloc(m.tls, pointerSize)
	defer libc.Xfree(m.tls, at)
	m.must(lib.Xsqlite3_prepare_v3(m.tls, m.conn, text, -1, lib.SQLITE_PREPARE_PERSISTENT, at, 0), sql)
	st := pointer(at)
	m.at[sql] = st
	return st
}

// measure runs a statement to its end.
func (m *liteMeter) measure(s statement) cost {
	m.tb.Helper()
	st := m.prepare(s.sql)
	for i, arg := range s.args {
		at, rc := int32(i+1), int32(0)
		switch v := arg.(type) {
		case nil:
			rc = lib.Xsqlite3_bind_null(m.tls, st, at)
		case int64:
			rc = lib.Xsqlite3_bind_int64(m.tls, st, at, v)
		case bool:
			n := int64(0)
			if v {
				n = 1
			}
			rc = lib.Xsqlite3_bind_int64(m.tls, st, at, n)
		case string:
			text := m.text(v)
			rc = lib.Xsqlite3_bind_text(m.tls, st, at, text, int32(len(v)), lib.SQLITE_TRANSIENT)
			libc.Xfree(m.tls, text)
		default:
			m.tb.Fatalf("an argument of type %T", arg)
		}
		m.must(rc, s.sql)
	}
	rc := int32(lib.SQLITE_ROW)
	for rc == lib.SQLITE_ROW {
		rc = lib.Xsqlite3_step(m.tls, st)
	}
	if rc != lib.SQLITE_DONE {
		m.must(rc, s.sql)
	}
	c := cost{work: int64(lib.Xsqlite3_stmt_status(m.tls, st, lib.SQLITE_STMTSTATUS_VM_STEP, 1))}
	m.must(lib.Xsqlite3_reset(m.tls, st), s.sql)
	return c
}

// grown does nothing: plans follow from statistics that are written once and for all.
func (m *liteMeter) grown() {}

// plan is what EXPLAIN QUERY PLAN says of a statement.
func (m *liteMeter) plan(s statement) string {
	st := m.prepare("EXPLAIN QUERY PLAN " + s.sql)
	plan := ""
	for lib.Xsqlite3_step(m.tls, st) == lib.SQLITE_ROW {
		plan += fmt.Sprintf("\t%s\n", libc.GoString(lib.Xsqlite3_column_text(m.tls, st, 3)))
	}
	lib.Xsqlite3_reset(m.tls, st)
	return plan
}
