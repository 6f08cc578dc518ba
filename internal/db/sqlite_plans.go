package db

import (
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// keepPlans makes every SQLite connection that is opened from now on keep the plans of its prepared statements
// (SQLITE_DBCONFIG_ENABLE_QPSG). Without it, this build of SQLite (STAT4) prepares a statement that has a parameter and
// an ORDER BY or GROUP BY again for every execution, because other values might call for another plan; that takes ten
// to fifty times as long as a short query itself. The connection type has no method for the setting, so it is made by
// SQLite's own hook for new connections.
var keepPlans = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	var hook any = enableQPSG
	if rc := lib.Xsqlite3_auto_extension(tls, (*[2]uintptr)(unsafe.Pointer(&hook))[1]); rc != lib.SQLITE_OK {
		return fmt.Errorf("sqlite3_auto_extension: code %d", rc)
	}
	return nil
})

func enableQPSG(tls *libc.TLS, conn, _, _ uintptr) int32 {
	args := libc.NewVaList(int32(1), uintptr(0))
	if args == 0 {
		return lib.SQLITE_NOMEM
	}
	defer libc.Xfree(tls, args)
	return lib.Xsqlite3_db_config(tls, conn, lib.SQLITE_DBCONFIG_ENABLE_QPSG, args)
}
