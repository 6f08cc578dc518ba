package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"
)

// TestWhatIsWrongWithADatabaseIsToldApart: what passes is tried again if it has done nothing, damage is noted, and an error of a
// request is none of the database.
func TestWhatIsWrongWithADatabaseIsToldApart(t *testing.T) {
	answer := func(code, text string) error {
		return fmt.Errorf("%w in %q", &pgconn.PgError{Code: code, Message: text}, "SELECT 1")
	}
	lite := func(code sqlite.ResultCode) error { return fmt.Errorf("%w in %q", code.ToError(), "SELECT 1") }
	server, file := &postgres{}, &sqliteEngine{}
	for _, test := range []struct {
		engine  engine
		err     error
		want    error
		passing bool
	}{
		{server, answer("57P01", "terminating connection due to administrator command"), ErrUnavailable, true},
		{server, answer("57P02", "terminating connection because of crash"), ErrUnavailable, true},
		{server, answer("57P03", "the database system is starting up"), ErrUnavailable, true},
		{server, answer("53300", "too many connections"), ErrUnavailable, true},
		{server, answer("53200", "out of memory"), ErrUnavailable, false},
		{server, answer("08006", "server closed the connection"), ErrUnavailable, true},
		{server, answer("53100", "No space left on device"), ErrStorage, true},
		{server, answer("58030", "could not fsync"), ErrStorage, true},
		{server, answer("25006", "cannot execute INSERT in a read-only transaction"), ErrStorage, true},
		{server, answer("XX001", "invalid page in block 3 of relation base/5/16384"), ErrDamaged, false},
		{server, answer("XX002", "right sibling's left-link doesn't match"), ErrDamaged, false},
		{server, answer("XX000", "invalid memory alloc request size 18446744073709551613"), ErrDamaged, false},
		{server, answer("58P01", `could not open file "base/5/16384": No such file or directory`), ErrDamaged, false},
		{server, answer("XX000", "tuple concurrently updated"), nil, false},
		{server, &pgconn.PgError{Code: "XX000", Message: "Tupel wurde gleichzeitig aktualisiert", Routine: "simple_heap_update"}, nil, false},
		{server, &pgconn.PgError{Code: "58P01", Message: `could not access file "$libdir/x"`, File: "dfmgr.c"}, nil, false},
		{server, answer("57014", "canceling statement due to user request"), nil, false},
		{server, answer("42601", "syntax error"), nil, false},
		{server, fmt.Errorf("%w: %w", errBroken, io.ErrUnexpectedEOF), ErrUnavailable, true},
		{server, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, ErrUnavailable, true},
		{server, fmt.Errorf("%w: %w", errLost, errors.New("x")), errors.Join(ErrUnavailable, ErrInDoubt), false},
		{server, errors.Join(&net.OpError{Op: "read", Err: errors.New("closed")}, context.DeadlineExceeded), nil, false},
		{file, lite(sqlite.ResultFull), ErrStorage, true},
		{file, lite(sqlite.ResultIOErrFsync), ErrStorage, true},
		{file, unsynced(lite(sqlite.ResultIOErrFsync)), errors.Join(ErrStorage, ErrInDoubt), true},
		{file, unsynced(lite(sqlite.ResultIOErrWrite)), ErrStorage, true},
		{file, unsynced(lite(sqlite.ResultFull)), ErrStorage, true},
		{file, lite(sqlite.ResultCantOpen), ErrStorage, true},
		{file, lite(sqlite.ResultReadOnlyDBMoved), ErrStorage, true},
		{file, errGone, ErrStorage, true},
		{file, lite(sqlite.ResultBusy), ErrUnavailable, false},
		{file, lite(sqlite.ResultCorrupt), ErrDamaged, false},
		{file, lite(sqlite.ResultCode(779)), ErrDamaged, false}, // SQLITE_CORRUPT_INDEX
		{file, lite(sqlite.ResultNotADB), ErrDamaged, false},
		{file, lite(sqlite.ResultConstraintUnique), nil, false},
		{file, context.DeadlineExceeded, nil, false},
	} {
		d := &DB{engine: test.engine}
		err := d.judge(test.err)
		for _, kind := range []error{ErrUnavailable, ErrStorage, ErrDamaged, ErrInDoubt} {
			want := errors.Is(test.want, kind)
			if errors.Is(err, kind) != want {
				t.Errorf("%v is %v, is it %v?", test.err, err, kind)
			}
		}
		if damaged := d.Damage() != nil; damaged != errors.Is(test.want, ErrDamaged) {
			t.Errorf("%v is noted as damage: %v", test.err, damaged)
		}
		o := &outage{}
		if again := d.worthAnother(test.err, o); again != test.passing {
			t.Errorf("%v is tried again: %v", test.err, again)
		}
	}
}
