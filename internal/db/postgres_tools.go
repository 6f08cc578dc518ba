package db

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// libpqParams are what libpq accepts in a URL; pgx accepts settings of the server beside them.
var libpqParams = []string{
	"host", "hostaddr", "port", "dbname", "user", "passfile", "require_auth", "channel_binding", "connect_timeout",
	"client_encoding", "application_name", "fallback_application_name", "keepalives", "keepalives_idle",
	"keepalives_interval", "keepalives_count", "tcp_user_timeout", "gssencmode", "sslmode", "sslnegotiation",
	"sslcompression", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "sslcertmode", "requirepeer",
	"ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib", "service", "servicefile",
	"target_session_attrs", "load_balance_hosts",
}

// pgxParams are the driver's own, which no other program knows.
var pgxParams = regexp.MustCompile(`^(pool_.*|default_query_exec_mode|(statement|description)_cache_capacity|(min|max)_protocol_version)$`)

// libpq translates the URL of a database for PostgreSQL's own programs: an address that holds no password, since the
// arguments of a process can be read by all users of the machine, and what goes into its environment.
func libpq(raw string) (address string, env []string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", nil, errors.New("the URL of the database cannot be read: write @, #, / and % of a password as %40, %23, %2F and %25")
	}
	if password, ok := u.User.Password(); ok {
		env = append(env, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	var query, options []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if value, err = url.PathUnescape(value); err != nil { // a plus is a plus, as libpq and pgx read it
			return "", nil, fmt.Errorf("the parameter %s of the database's URL cannot be read", name)
		}
		switch {
		case name == "" || pgxParams.MatchString(name):
		case name == "password":
			env = append(env, "PGPASSWORD="+value)
		case name == "sslpassword":
			return "", nil, errors.New("sslpassword in the URL of the database cannot be handed on in secret: use a key without one")
		case name == "options":
			options = append(options, value)
		case slices.Contains(libpqParams, name):
			query = append(query, pair)
		default:
			options = append(options, "-c "+name+"="+strings.NewReplacer(`\`, `\\`, " ", `\ `).Replace(value))
		}
	}
	u.RawQuery = strings.Join(query, "&")
	if options != nil {
		env = append(env, "PGOPTIONS="+strings.Join(options, " "))
	}
	return u.String(), env, nil
}

// quoted is a word as a shell reads it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

var toolVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findTool returns a program of PostgreSQL's that is as new as need at least.
func findTool(ctx context.Context, name string, need int, line string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &ToolError{Tool: name, Need: need, Line: line}
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", name, err)
	}
	have := 0
	if found := toolVersion.FindSubmatch(out); found != nil {
		have, _ = strconv.Atoi(string(found[1]))
	}
	if have < need {
		return "", &ToolError{Tool: name, Have: have, Need: need, Line: line}
	}
	return path, nil
}

// runTool runs a program of PostgreSQL's. Its error has what the program said.
func runTool(ctx context.Context, env []string, stdout io.Writer, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it cancels what the server does for it
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// counter counts the bytes that pass.
type counter struct {
	to       io.Writer
	n        int64
	progress Progress
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	c.progress(c.n, 0)
	return n, err
}

func (e *postgres) clone(context.Context, string) (string, error) { return "", ErrNoClone }

// backup runs pg_dump in the snapshot that check reads.
func (e *postgres) backup(ctx context.Context, tx *Tx, draft string, progress Progress, look func(*Tx) error) error {
	address, env, err := libpq(e.url)
	if err != nil {
		return err
	}
	err = e.readOnce(ctx, tx, func(tx *Tx) error {
		type instant struct {
			Snapshot string
			Version  int64
		}
		at, _, err := One[instant](tx.Everywhere(),
			`SELECT pg_export_snapshot() AS snapshot, current_setting('server_version_num')::BIGINT / 10000 AS version`)
		if err != nil {
			return err
		}
		line := "umask 077; pg_dump --format=custom --file=taphoa.dump " + quoted(address)
		tool, err := findTool(ctx, "pg_dump", int(at.Version), line)
		if err != nil {
			return err
		}
		out, err := os.OpenFile(draft, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		err = errors.Join(runTool(ctx, env, &counter{out, 0, progress}, tool,
			"--format=custom", "--snapshot="+at.Snapshot, "--dbname="+address), out.Close())
		if err != nil {
			return err
		}
		return look(tx)
	}, true)
	if err != nil {
		return err
	}
	_, err = readDump(ctx, draft)
	return err
}

// dump is what readDump finds.
type dump struct {
	tables     []string // with their schema
	migrations []string
}

// readDump reads a dump of pg_dump's to its end.
func readDump(ctx context.Context, file string) (dump, error) {
	var d dump
	if info, err := os.Stat(file); err != nil {
		return d, err
	} else if !info.Mode().IsRegular() {
		return d, errNoFile(file)
	} else if !begins(file, "PGDMP") {
		return d, ErrNoBackup
	}
	tool, err := findTool(ctx, "pg_restore", 0, "pg_restore --list "+quoted(file))
	if err != nil {
		return d, err
	}
	read, write := io.Pipe()
	found := make(chan dump, 1)
	go func() { found <- scanDump(read) }()
	err = runTool(ctx, nil, write, tool, "--file=-", file)
	_ = write.Close()
	d = <-found
	if err != nil && ctx.Err() == nil {
		err = &DamagedError{[]string{err.Error()}}
	}
	return d, err
}

// scanDump scans the statements of a dump.
func scanDump(r io.Reader) (d dump) {
	var (
		lines   = bufio.NewReaderSize(r, 64<<10)
		copying string // the table whose rows come
		within  bool   // a line that is longer than the reader's buffer
	)
	for {
		line, err := lines.ReadSlice('\n')
		begun := !within
		within = errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !within {
			return d
		}
		if !begun {
			continue
		}
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case text == `\.`:
			copying = ""
		case strings.HasSuffix(copying, ".schema_migrations"):
			name, _, _ := strings.Cut(text, "\t")
			d.migrations = append(d.migrations, name)
		case copying != "":
		case strings.HasPrefix(text, "CREATE TABLE "):
			name, _, _ := strings.Cut(strings.TrimPrefix(text, "CREATE TABLE "), " (")
			d.tables = append(d.tables, name)
		case strings.HasPrefix(text, "COPY "):
			copying, _, _ = strings.Cut(strings.TrimPrefix(text, "COPY "), " (")
		}
	}
}

// restorePostgres lets pg_restore replace the tables in one transaction.
func restorePostgres(ctx context.Context, raw, file string, o RestoreOptions) (done Restored, err error) {
	found, err := readDump(ctx, file)
	if err != nil {
		return done, err
	}
	if err := o.Accept(found.migrations); err != nil {
		return done, err
	}
	address, env, err := libpq(raw)
	if err != nil {
		return done, err
	}
	config, err := pgxpool.ParseConfig(raw)
	if err != nil {
		return done, err
	}
	config.ConnConfig.RuntimeParams["application_name"] = "taphoa-restore"
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return done, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var version int64
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::BIGINT / 10000`).Scan(&version); err != nil {
		return done, err
	}
	if !o.Force {
		if err := awaitUnused(ctx, conn); err != nil {
			return done, err
		}
	}
	args := []string{"--single-transaction", "--clean", "--if-exists", "--no-owner"}
	line := "pg_restore " + strings.Join(args, " ") + " --dbname=" + quoted(address) + " " + quoted(file)
	tool, err := findTool(ctx, "pg_restore", int(version), line)
	if err != nil {
		return done, err
	}
	if err := runTool(ctx, env, io.Discard, tool, append(args, "--dbname="+address, file)...); err != nil {
		return done, err
	}
	ctx = context.WithoutCancel(ctx) // the database has been replaced, and must be made fit for use
	if done.Left, err = dropOthers(ctx, conn, found.tables, o.Tables); err != nil {
		return done, err
	}
	d, err := Open(ctx, raw, o.Open)
	if err != nil {
		return done, err
	}
	return done, errors.Join(o.Prepare(ctx, d), d.Close())
}

// awaitUnused waits until no program of ours is connected, or fails with [ErrInUse]: connections outlive their program a little.
func awaitUnused(ctx context.Context, conn *pgx.Conn) error {
	const tries, pause = 20, 100 * time.Millisecond
	for range tries {
		var busy bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (
			SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'taphoa')`).Scan(&busy)
		if err != nil || !busy {
			return err
		}
		time.Sleep(pause)
	}
	return ErrInUse
}

// dropOthers drops the tables that a database had before it was replaced and that the backup has not, if known, since
// they would conflict with the migration that makes them. It returns the others.
func dropOthers(ctx context.Context, conn *pgx.Conn, restored, known []string) (left []string, err error) {
	rows, err := conn.Query(ctx, `SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	drop := ""
	for _, name := range names {
		if slices.ContainsFunc(restored, func(full string) bool { return full[strings.LastIndex(full, ".")+1:] == name }) {
			continue
		} else if slices.Contains(known, name) {
			drop += "DROP TABLE " + pgx.Identifier{name}.Sanitize() + ";"
		} else {
			left = append(left, name)
		}
	}
	if drop != "" { // several statements without a BEGIN are one transaction
		_, err = conn.PgConn().Exec(ctx, drop).ReadAll()
	}
	return left, err
}
