package db

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"
)

func TestWhyPostgreSQLRefusesAConnectionIsSaidWithWhatToDo(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&pgconn.PgError{Code: "28P01"}, "PostgreSQL at host:5433 refuses the user lan: look at the name and the password (in the URL write %40 for @, "},
		{&pgconn.PgError{Code: "28000", Message: "no pg_hba.conf entry"}, "PostgreSQL at host:5433 refuses the user lan: no pg_hba.conf entry"},
		{&pgconn.PgError{Code: "3D000"}, "has no database shop: make it with createdb -h host -p 5433 -O lan shop"},
		{&pgconn.PgError{Code: "53300"}, "has no connection left"},
		{&pgconn.PgError{Code: "57P03", Message: "the database system is starting up"}, "PostgreSQL at host:5433: the database system is starting up"},
		{errors.Join(errors.New("tls error"), &net.OpError{Err: syscall.ECONNREFUSED}), "nothing listens at host:5433 (connection refused)"},
		{&net.OpError{Err: syscall.ENOENT}, "PostgreSQL has no socket in host"},
		{&net.DNSError{}, "the database host host is not known"},
		{context.DeadlineExceeded, "PostgreSQL at host:5433 does not answer"},
		{errors.Join(errors.New("tls error: server refused TLS connection")), "PostgreSQL at host:5433 has no TLS, which sslmode in the URL asks for"},
		{errors.New("unexpected"), "PostgreSQL at host:5433: unexpected"},
	} {
		got := explainOpen("postgres://lan:geheim@host:5433/shop", test.err).Error()
		if !strings.Contains(got, test.want) || strings.Contains(got, "geheim") {
			t.Errorf("%v is said as %q, want %q", test.err, got, test.want)
		}
	}
}

func TestWhereNamesTheDatabaseWithoutItsPassword(t *testing.T) {
	d, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/a.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.Where(); !strings.HasPrefix(got, "SQLite 3.") || !strings.HasSuffix(got, "/a.db") {
		t.Error(got)
	}
}

func TestWhyAFileCannotBeOpenedIsSaid(t *testing.T) {
	for code, want := range map[sqlite.ResultCode]string{
		sqlite.ResultNotADB:   "the file a.db is no SQLite database",
		sqlite.ResultCorrupt:  "the database a.db is damaged",
		sqlite.ResultCantOpen: "this user may not open the file a.db",
		sqlite.ResultIOErr:    ErrStorage.Error(),
		sqlite.ResultFull:     ErrStorage.Error(),
		sqlite.ResultBusy:     ErrUnavailable.Error(),
	} {
		if got := explainOpen("sqlite:a.db", code.ToError()).Error(); !strings.Contains(got, want) {
			t.Errorf("%v is said as %q, want %q", code, got, want)
		}
	}
}
