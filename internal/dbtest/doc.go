// Package dbtest runs a test on both engines, each time with a database of its own.
//
// SQLite needs a file. PostgreSQL needs a server: the package starts a throw-away one from the installed programs, which
// all test processes of a `go test ./...` share and which is removed after the last of them. See [Cluster].
package dbtest
