package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"zombiezen.com/go/sqlite"

	"github.com/taphoa/taphoa/internal/message"
)

// Where names the engine with its version and the database, for people and logs. It has no password.
func (d *DB) Where() string { return d.engine.where() }

func (e *sqliteEngine) where() string { return fmt.Sprintf("SQLite %s, %s", sqlite.Version, e.file) }

func (e *postgres) where() string {
	version := "PostgreSQL"
	if conn, err := e.pool.Load().Acquire(context.Background()); err == nil {
		number, _, _ := strings.Cut(conn.Conn().PgConn().ParameterStatus("server_version"), " ")
		version += " " + number
		conn.Release()
	}
	return version + ", " + placeOf(e.pool.Load().Config().ConnConfig)
}

// placeOf is a PostgreSQL database as people name it.
func placeOf(c *pgx.ConnConfig) string {
	return fmt.Sprintf("%s@%s/%s", c.User, hostOf(c), c.Database)
}

func hostOf(c *pgx.ConnConfig) string {
	return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
}

// unknownEngine refuses what is no URL of ours. It may be one with a slip at its beginning, so it is not repeated.
func unknownEngine(url string) error {
	scheme, rest, found := strings.Cut(url, ":")
	if found && !strings.ContainsAny(scheme, "@/") {
		return message.Errorf("the database %s:… is neither sqlite:FILE nor postgres://USER:PASSWORD@HOST/NAME", scheme)
	}
	if !found && rest == "" && !strings.Contains(url, "@") {
		return message.Errorf("the database %s is neither sqlite:FILE nor postgres://…: for a file write sqlite:%s", url, url)
	}
	return message.Errorf("the database is neither sqlite:FILE nor postgres://…")
}

// explainOpen is why a database cannot be opened, in words that help, without the password of its URL or a part of it.
func explainOpen(address string, err error) error {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if sqlite.ErrCode(err) == sqlite.ResultNotADB {
			return message.Errorf("the file %s is no SQLite database", file)
		}
		if isDamage(err) {
			return message.Errorf("the database %s is damaged; {taphoa} restore puts a backup in its place", file)
		}
		if errors.Is(err, fs.ErrNotExist) {
			dir := filepath.Dir(file)
			if _, missing := os.Stat(dir); missing != nil {
				return message.Errorf("the directory %s does not exist: make it first", dir)
			}
			return err
		}
		if errors.Is(err, fs.ErrPermission) || sqlite.ErrCode(err).ToPrimary() == sqlite.ResultCantOpen {
			return message.Errorf("this user may not open the file %s", file)
		}
		return judgeLite(err)
	}
	if told := (*message.Error)(nil); errors.As(err, &told) {
		return err
	}
	config, parseError := pgx.ParseConfig(address)
	if parseError != nil || ambiguous(address) { // a part of the password may be read as the host or the name
		return unreadableURL(address)
	}
	return unreachable(config, err)
}

func absolute(file string) string {
	if full, err := filepath.Abs(file); err == nil {
		return full
	}
	return file
}

// unreadableURL reports a PostgreSQL URL without repeating it: what seems to be its host may be a part of its password.
func unreadableURL(address string) error {
	if u, err := url.Parse(address); err == nil && u.Host != "" && !ambiguous(address) {
		return message.Errorf("the URL of the database cannot be read: look at its port and its parameters (postgres://USER:PASSWORD@HOST:5432/NAME?sslmode=disable)")
	}
	return message.Errorf("the URL of the database cannot be read: in a password write %40 for @, %23 for #, %2F for /, %3A for :, %3F for ? and %25 for %")
}

// ambiguous reports that a password with special characters may have come into other parts of a URL.
func ambiguous(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	return strings.Count(authority, "@") > 1 || strings.ContainsAny(tail, "@#")
}

// unreachable says why a PostgreSQL server refuses a connection.
func unreachable(c *pgx.ConnConfig, err error) error {
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
		switch refused.Code {
		case "28000": // no such role, or none that may come from here
			return message.Errorf("PostgreSQL at %s refuses the user %s: %s", hostOf(c), c.User, refused.Message)
		case "28P01":
			return message.Errorf("PostgreSQL at %s refuses the user %s: look at the name and the password (in the URL write %%40 for @, %%23 for #, %%2F for /)", hostOf(c), c.User)
		case "3D000":
			return message.Errorf("PostgreSQL at %s has no database %s: make it with createdb -h %s -p %d -O %s %s", hostOf(c), c.Database, c.Host, c.Port, c.User, c.Database)
		case "53300":
			return message.Errorf("PostgreSQL at %s has no connection left: raise its max_connections or stop other programs", hostOf(c))
		}
		return message.Errorf("PostgreSQL at %s: %s", hostOf(c), refused.Message)
	}
	if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) {
		return message.Errorf("the database host %s is not known", c.Host)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return message.Errorf("nothing listens at %s (connection refused): does PostgreSQL run there?", hostOf(c))
	case errors.Is(err, syscall.ENOENT):
		return message.Errorf("PostgreSQL has no socket in %s: does it run, and where is its socket?", c.Host)
	case errors.Is(err, context.DeadlineExceeded):
		return message.Errorf("PostgreSQL at %s does not answer", hostOf(c))
	case strings.Contains(err.Error(), "server refused TLS connection"): // pgconn has no value for it
		return message.Errorf("PostgreSQL at %s has no TLS, which sslmode in the URL asks for", hostOf(c))
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next // the reason, without what was tried
	}
	return message.Errorf("PostgreSQL at %s: %s", hostOf(c), err.Error())
}

// explainDenied says what a user lacks that may not make tables, as is usual since PostgreSQL 15; other errors pass.
func explainDenied(e engine, err error) error {
	server, ok := e.(*postgres)
	if refused := (*pgconn.PgError)(nil); !ok || !errors.As(err, &refused) || refused.Code != "42501" {
		return err
	}
	c := server.pool.Load().Config().ConnConfig
	return message.Errorf("the user %s may not make tables in the database %s: let it own the database, ALTER DATABASE %s OWNER TO %s", c.User, c.Database, c.Database, c.User)
}
