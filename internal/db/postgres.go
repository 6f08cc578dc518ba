package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgres is a PostgreSQL server: statements pipelined, writes READ COMMITTED under the lock of the shop's head, reads on one
// snapshot.
type postgres struct {
	ended       map[string]int // by table: how often inspect has lost its connection while it read it
	db          *DB
	url         string
	wires       *wires
	pool        atomic.Pointer[pgxpool.Pool]
	writers     *shares // connections that may write at once
	timeline    atomic.Int64
	mu          sync.Mutex
	scarceUntil time.Time // until then the server gives us no more connections than we have
	stop        context.CancelFunc
	stopped     sync.WaitGroup
}

// connections is how many a pool has at least; pool_max_conns in the URL raises it.
const connections = 16

// connectTime is how long a server that does not answer is waited for, at most: it is not waited for again.
const connectTime = patience

func openPostgres(ctx context.Context, d *DB, url string, o Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil || ambiguous(url) {
		return nil, unreadableURL(url)
	}
	config.MaxConns = max(config.MaxConns, connections)
	if o.Readers > 0 {
		config.MaxConns = int32(max(2, o.Readers))
	}
	if t := config.ConnConfig.ConnectTimeout; t <= 0 || t > connectTime { // 0 is two minutes
		config.ConnConfig.ConnectTimeout = connectTime
	}
	config.ConnConfig.RuntimeParams["application_name"] = "taphoa"
	if o.ReadOnly {
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if c := config.ConnConfig; c.StatementCacheCapacity == 0 && c.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		c.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // what the URL asks for
	}
	config.AfterConnect = noteTimeline
	e := &postgres{db: d, url: url, ended: map[string]int{}, writers: newShares(int(config.MaxConns) / 2), wires: &wires{all: map[*wire]struct{}{}}}
	config.ConnConfig.DialFunc = e.wires.through(config.ConnConfig.DialFunc)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	e.pool.Store(pool)
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.stopped.Go(func() { e.watchSilence(work) })
	if !o.ReadOnly {
		e.stopped.Go(func() { e.analyse(work) })
	}
	return e, nil
}

func (e *postgres) close() error {
	e.stop()
	e.stopped.Wait()
	e.pool.Load().Close()
	return nil
}

func (e *postgres) slots() int { return int(e.pool.Load().Config().MaxConns) - e.writers.slots }

// queue: shops are written side by side. What serves no shop, or does not wait for its head, holds locks of its own and
// is not grouped, so that it keeps them no longer than it has to.
func (e *postgres) queue(who Actor) (key int64, limit int) {
	switch {
	case who.Retailer == 0:
		return 0, 1
	case who.WithoutHead:
		return -who.Retailer, 1
	}
	return who.Retailer, groupMax
}

// timeline is that of a server, which a promotion changes.
const timeline = `CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END`

// clock is that of the server: also within a transaction it goes on.
func (e *postgres) clock() string {
	return `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`
}

// timelineKey is where a connection keeps whether its server reports its timeline.
const timelineKey = "timeline"

// noteTimeline notes whether a server reports its timeline. From one that does not, nothing is concluded.
func noteTimeline(ctx context.Context, conn *pgx.Conn) error {
	var at int64
	err := conn.QueryRow(ctx, `SELECT `+timeline, pgx.QueryExecModeExec).Scan(&at)
	conn.PgConn().CustomData()[timelineKey] = err == nil
	return nil
}

// migrationLock is the advisory lock that migrations hold: two programs that start together take turns.
const migrationLock = 0x7461_7068_6f61 // "taphoa"

func (e *postgres) exclude(tx *Tx) {
	tx.Everywhere().Queue(`SELECT pg_advisory_xact_lock(?)`, int64(migrationLock))
}

func (e *postgres) afterGroup() {}

// tune does nothing: [postgres.analyse] watches the tables as they grow.
func (e *postgres) tune(*Tx) error { return nil }

// hopeless: a group's failure may be the fault of one of its operations.
func (e *postgres) hopeless(error) bool { return false }

// Codes of PostgreSQL's errors.
const (
	codeDeadlock       = "40P01"
	codeSerialization  = "40001"
	codeUnique         = "23505"
	codeOutOfRange     = "22003"
	codeCheck          = "23514"
	codeNoTable        = "42P01"
	codeTooMany        = "53300"
	codeStatementTwice = "42P05" // a proxy has given the connection to another client meanwhile
	codeStatementGone  = "26000"
)

func codeOf(err error) string {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (e *postgres) deadlocked(err error) bool {
	switch codeOf(err) {
	case codeDeadlock, codeSerialization:
		return true
	case codeStatementTwice, codeStatementGone:
		e.describe()
		return true
	}
	return false
}

// passing reports that a connection could not be had, or broke, or that nothing could be stored. (The commit has an error of its
// own for a connection that breaks.)
func (e *postgres) passing(err error) bool {
	if errors.As(err, new(*pgconn.ConnectError)) {
		return !pgconn.Timeout(err) // which was waited for
	}
	switch code := codeOf(err); {
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P0"), code == codeTooMany, slices.Contains(storageCodes, code):
		return true
	case code != "":
		return false
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false // the request's own
	}
	var broken net.Error
	return errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, errBroken) || err != nil && pgconn.SafeToRetry(err)
}

// describe goes over to statements without names, for a proxy that hands out connections by transaction and does not
// know about prepared statements.
func (e *postgres) describe() {
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.pool.Load()
	config := old.Config()
	if config.ConnConfig.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		return
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return // the next one tries again
	}
	e.pool.Store(pool)
	go old.Close() // when its users are done
}

// acquire waits for a connection. When the server gives no more than there are, those are shared from now on.
func (e *postgres) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	for began := time.Now(); ; {
		pool := e.pool.Load()
		conn, err := pool.Acquire(ctx)
		have := int(pool.Stat().TotalConns())
		if codeOf(err) != codeTooMany || have == 0 || time.Since(began) > patience {
			return conn, err
		}
		e.share(have)
		pause(ctx, 3)
	}
}

// scarce is how long a server that has refused a connection is not asked for another.
const scarce = 30 * time.Second

// share lets no more work at once than there are connections.
func (e *postgres) share(have int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if now.Before(e.scarceUntil) {
		return
	}
	e.scarceUntil = now.Add(scarce)
	all := int(e.pool.Load().Config().MaxConns)
	e.writers.resize(max(1, have/2))
	e.db.readers.resize(max(1, have-have/2-1))
	time.AfterFunc(scarce, func() {
		e.writers.resize(all / 2)
		e.db.readers.resize(all - all/2)
	})
}

// genericPlans are made once, for any values: with the few rows of a young shop, those for certain values would be made
// again and again.
const genericPlans = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"

// rollback ends what is left of a transaction, or else the connection.
func rollback(conn *pgxpool.Conn) {
	if conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = conn.Conn().Close(ctx) // the pool drops it, and the server rolls back
	}
}

// begin opens the transaction of a group, without a word to the server yet.
func (e *postgres) begin(tx *Tx) (transaction, error) {
	who := Actor{Retailer: tx.Retailer}
	if _, err := e.writers.enter(tx.ctx, who); err != nil {
		return nil, err
	}
	conn, err := e.acquire(context.WithoutCancel(tx.ctx))
	if err == nil {
		err = e.reserve(conn)
	}
	if err != nil {
		if conn != nil {
			conn.Release()
		}
		e.writers.leave(who)
		return nil, err
	}
	t := &pgTx{pgSession: pgSession{conn: conn.Conn(), counts: &e.db.counts}, engine: e, pooled: conn, who: who}
	t.add("BEGIN", nil, nil)
	if tells, _ := conn.Conn().PgConn().CustomData()[timelineKey].(bool); tells {
		// Asked each time: through a proxy a connection may outlive its server.
		t.add(genericPlans+", "+timeline, nil, func(row Row) error {
			t.at = row.Int64(1)
			if e.timeline.Swap(t.at) != t.at {
				e.db.ids.forget()
				e.db.expected.forget()
			}
			return nil
		})
	} else {
		t.add(genericPlans, nil, nil)
	}
	return t, nil
}

// reserve takes the blocks of ids that will be needed soon, before the transaction: in it, every other operation that needs one
// of that table would wait for its commit.
func (e *postgres) reserve(conn *pgxpool.Conn) error {
	tables := e.db.ids.wanted()
	if len(tables) == 0 {
		return nil
	}
	st, err := compile(reserveIDs)
	if err != nil {
		return err
	}
	s := &pgSession{conn: conn.Conn(), counts: &e.db.counts}
	for _, table := range tables {
		var last int64
		s.add(st.postgres, []any{table, int64(idBlock)}, func(row Row) error { last = row.Int64(0); return nil })
		if err := s.flush(context.Background()); err != nil { // one by one, so that two servers cannot deadlock
			return err
		}
		e.db.ids.add(table, idRange{last - idBlock + 1, last})
	}
	return nil
}

// pgTx is the transaction of a group. What an operation saves travels with what the next one asks.
type pgTx struct {
	pgSession
	engine *postgres
	pooled *pgxpool.Conn
	who    Actor

	kept       bool // an operation before this one has written
	guarded    bool // this one is to be undone alone
	from       int  // where this one's unsent statements begin
	wrote      bool // this one writes
	firstWrite int  // where, among the unsent ones
	sentWrites bool // some of its writes have been sent
	savedAt    bool // after a savepoint
	fault      error
}

// mark does not ask whether a savepoint is wanted: one is only set where writes are sent before the operation has
// succeeded, and travels with them.
func (t *pgTx) mark(_, dryRun bool) {
	t.guarded = t.kept || dryRun
	t.from, t.wrote, t.sentWrites, t.savedAt = len(t.items), false, false, false
}

func (t *pgTx) keep() error {
	t.kept = t.kept || t.wrote
	if t.savedAt {
		t.add("RELEASE SAVEPOINT op", nil, nil)
	}
	return nil
}

func (t *pgTx) undo() bool {
	t.items = t.items[:t.from]
	switch {
	case !t.sentWrites:
		return true
	case t.savedAt:
		t.add("ROLLBACK TO SAVEPOINT op", nil, nil)
		t.add("RELEASE SAVEPOINT op", nil, nil)
		return true
	}
	return false
}

func (t *pgTx) failure() error { return t.fault }

func (t *pgTx) expectHead(tx *Tx, expected Head, locked func()) bool {
	st, err := compile(selectHead + " :lock")
	if err != nil {
		return false // reading it says why
	}
	args := []value{{kind: kindInt, int: tx.Retailer}}
	tx.traced(st, args)
	arrived := false
	t.items = append(t.items, pgItem{
		sql: st.postgres, args: anyOf(args),
		each: func(row Row) error {
			var h Head
			if err := h.scan(row); err != nil {
				return err
			}
			// A server that has taken over just now has made the process forget what it expects.
			stored, ok := tx.db.expected.of(tx.Retailer)
			if arrived = ok && h == expected && h == stored && (t.at == 0 || t.at == h.Timeline); arrived {
				locked()
			}
			return nil
		},
		end: func() error {
			if !arrived {
				return errMoved
			}
			return nil
		},
	})
	return true
}

func (t *pgTx) writes(st *statement) {
	if !st.writes || t.wrote {
		return
	}
	t.wrote, t.firstWrite = true, len(t.items)
}

func (t *pgTx) queue(st *statement, values []value) error {
	t.writes(st)
	return t.pgSession.queue(st, values)
}

func (t *pgTx) ask(ctx context.Context, st *statement, values []value, each func(Row) error) error {
	t.writes(st)
	return t.pgSession.ask(ctx, st, values, each)
}

func (t *pgTx) query(ctx context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err // before anything is sent: a query that is broken off closes the connection
	}
	if t.fault != nil {
		return 0, t.fault
	}
	t.writes(st)
	t.guard()
	defer t.after() // also after a panic over the rows
	return t.pgSession.query(context.WithoutCancel(ctx), st, values, each)
}

// guard puts a savepoint before the first write of an operation that is sent before it has succeeded.
func (t *pgTx) guard() {
	if t.wrote && t.guarded && !t.savedAt && !t.sentWrites {
		t.items = append(t.items[:t.firstWrite], append([]pgItem{{sql: "SAVEPOINT op"}}, t.items[t.firstWrite:]...)...)
		t.savedAt = true
	}
}

func (t *pgTx) after() {
	t.from, t.firstWrite = 0, 0
	t.sentWrites = t.sentWrites || t.wrote
	if t.broken != nil {
		t.fault = t.broken
	}
}

func (t *pgTx) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.fault != nil {
		return t.fault
	}
	t.guard()
	defer t.after()
	return t.pgSession.flush(context.WithoutCancel(ctx))
}

func (t *pgTx) script(ctx context.Context, sql string) error {
	if !t.wrote {
		t.wrote, t.firstWrite = true, len(t.items)
	}
	t.guard()
	t.sentWrites = true
	err := t.pgSession.script(ctx, sql)
	t.from = 0
	if err != nil {
		t.fault = err
	}
	return err
}

func (t *pgTx) commit() error {
	if !t.sent && !t.kept {
		return nil
	}
	t.add("COMMIT", nil, nil)
	all := len(t.items)
	err := t.pgSession.flush(context.Background())
	switch code := codeOf(err); {
	case err == nil, t.ran == all: // ended by the server right after the commit
		return nil
	case t.kept && (code == "" || strings.HasPrefix(code, "08")): // a proxy has a code of its own for a server it has lost
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

func (t *pgTx) end() {
	rollback(t.pooled)
	t.pooled.Release()
	t.engine.writers.leave(t.who)
}
