package db

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
)

// DB is an open database on either engine. It is safe for concurrent use.
type DB struct {
	engine    engine
	now       func() taphoa.Time
	groupTime time.Duration
	readers   *shares
	ids       idStore
	cache     referenceCache
	spans     eventSpans
	expected  expectedHeads
	memories  sync.Map       // reflect.Type of T -> *T: see [Memory]
	running   sync.WaitGroup // operations, and writers

	serverTime bool                        // the shared clock is that of the database's server, if it has one
	shared     atomic.Pointer[sharedClock] // as it was last read; nil before, and where it is now

	mu      sync.Mutex
	queues  map[int64]*writer
	closed  bool
	changed chan struct{} // closed at the next commit; nil while no one waits

	counts counts
	// Since when what reads and what writes finds no database. They differ: on a full disk reading goes on.
	reading, writing outage
	failed           atomic.Pointer[writeFailure] // nil when no write failed, or one was stored since
	damage           atomic.Pointer[DamagedError] // the first damage that was met
	outages, damages reporter
}

// engine opens transactions. Its two implementations are sqlite.go and postgres.go.
type engine interface {
	read(ctx context.Context, tx *Tx, op func(*Tx) error) error
	begin(tx *Tx) (transaction, error)
	afterGroup() // runs when the operations of a group have got their results, before the next group
	exclude(tx *Tx)
	tune(tx *Tx) error
	slots() int // how many may read at once
	// queue names the queue of an actor's writes, and how many of them may share a commit.
	queue(who Actor) (key int64, limit int)
	hopeless(err error) bool   // another run would fail as well
	passing(err error) bool    // the database was not available and has done nothing, which may be over soon
	deadlocked(err error) bool // another run may succeed
	integrity(ctx context.Context) (Integrity, error)
	inspect(ctx context.Context) (faults []string, err error)
	clone(ctx context.Context, dir string) (url string, err error)
	backup(ctx context.Context, tx *Tx, draft string, progress Progress, look func(*Tx) error) error
	trouble(err error) error // ErrDamaged, ErrStorage, ErrUnavailable, or nil for an error of another kind
	takesSpace() string      // a statement that needs space in the files, to be undone; "" where every write does
	free() int64             // bytes left on the file system, -1 when it is unknown
	stats(ctx context.Context) Stats
	clock() string // a query for the clock of the server, in microseconds; "" where it is the machine's
	where() string // for people, without secrets
	close() error
}

// Actor is on whose behalf an operation runs.
type Actor struct {
	Retailer    int64
	User        int64
	Client      string      // the principal, whose requests take turns with those of others; "" for the program itself
	Held        *right.Held // what the user may do
	Needs       right.Right // by the operation
	WithoutHead bool        // writes only what no list shows as a change, such as leases, and does not wait for the shop's head

	// DryRun has [DB.Write] run the whole operation, with its events and all that it leaves for the end, and then roll back
	// what it did and nothing else. Its error is that of the operation. Codes, event numbers and the shop's version are as
	// if it had not been run; so are ids, unless another operation uses some at the same time.
	DryRun bool

	Probe bool // asks whether the database is there: a read that does not wait for one that is not

	patient bool // waits for longer for another process that keeps the file of SQLite
}

// Options of [Open]; the zero value is right for production.
type Options struct {
	Now      func() taphoa.Time // the clock; nil for the machine's
	Readers  int                // SQLite connections for reading, PostgreSQL connections in all; 0 for a sensible number
	Existing bool               // the database must be there: fs.ErrNotExist instead of a new file
	ReadOnly bool               // only reads, and changes nothing of the files either
	Volatile bool               // SQLite: commits do not wait for the disk, for a database that ends with this process; a power cut may damage it

	CheckpointFrames int          // SQLite: the length of the WAL, in pages, from which on it is moved into the file; 0 for a sensible one
	Free             func() int64 // SQLite: how many bytes the file system has left; nil: as it says

	ServerTime bool // the shared clock ([Tx.SharedClock]) is that of PostgreSQL's server also where Now is set
}

// Open opens the database that a URL names: sqlite:FILE or postgres://….
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	d := &DB{now: o.Now, serverTime: o.ServerTime || o.Now == nil, groupTime: groupTime, queues: map[int64]*writer{}}
	if d.now == nil {
		d.now = func() taphoa.Time { return taphoa.TimeOf(time.Now()) }
	}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		d.engine, err = openSQLite(strings.TrimPrefix(url, "sqlite:"), o)
	case isPostgres(url):
		d.engine, err = openPostgres(ctx, d, url, o)
	default:
		err = unknownEngine(url)
	}
	if err != nil {
		return nil, explainOpen(url, err)
	}
	d.readers = newShares(d.engine.slots())
	d.reading.over, d.writing.over = d.available, d.available
	return d, nil
}

// Close waits for running operations and closes the database.
func (d *DB) Close() error {
	d.mu.Lock()
	closed := d.closed
	d.closed = true
	d.mu.Unlock()
	if closed {
		return nil
	}
	d.running.Wait()
	return d.engine.close()
}

// Now is the instant that an operation beginning now would have, unless its shop's head is ahead of the clock.
func (d *DB) Now() taphoa.Time { return d.now() }

// Read runs an operation that only reads, on one consistent state of the database. It may be run more than once.
func (d *DB) Read(ctx context.Context, who Actor, op func(*Tx) error) error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return ErrClosed
	}
	d.running.Add(1)
	d.mu.Unlock()
	defer d.running.Done()
	if d.reading.hopeless(time.Now()) {
		return errTried
	}
	began := time.Now()
	waited, err := d.readers.enter(ctx, who)
	if waited {
		d.counts.wait(time.Since(began))
	}
	if err != nil {
		return err
	}
	defer d.readers.leave(who)
	if waited && d.reading.hopeless(time.Now()) {
		return errTried
	}
	for began := time.Now(); ; {
		err := d.engine.read(ctx, d.readTx(ctx, who), op)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || who.Probe || !d.worthAnother(err, &d.reading) {
			if err = d.judge(err); unavailableNow(err) {
				d.reading.note(time.Now())
				d.reading.took(time.Since(began), err)
			}
			return err
		}
		pause(ctx, 5)
	}
}

// readTx is the Tx of an operation that only reads.
func (d *DB) readTx(ctx context.Context, who Actor) *Tx {
	tx := d.tx(ctx, who)
	tx.Clock = d.now()
	tx.Now, tx.heads = tx.Clock, &heads{read: true}
	return tx
}

// Write runs an operation in a transaction and returns after its commit. The writes of a shop follow one another, and
// those that wait share a transaction. The operation may be run more than once, so it must touch nothing outside its Tx.
// Its error undoes what it did and is returned unchanged; one of a
// database that is not available comes out as an [ErrUnavailable].
func (d *DB) Write(ctx context.Context, who Actor, op func(*Tx) error) error {
	key, limit := d.engine.queue(who)
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return ErrClosed
	}
	w := d.queues[key]
	if w == nil {
		w = &writer{db: d, limit: limit}
		d.queues[key] = w
	}
	d.running.Add(1)
	d.mu.Unlock()
	began, err := time.Now(), errTried
	if !d.writing.hopeless(began) {
		err = d.judge(w.do(ctx, d.tx(ctx, who), op))
	}
	d.running.Done()
	if unavailableNow(err) && err != errTried { //nolint:errorlint // it is never wrapped
		d.writing.note(time.Now())
		d.writing.took(time.Since(began), err)
		d.failed.Store(&writeFailure{time.Now(), err})
	}
	if err == nil && !who.DryRun {
		d.mu.Lock()
		if d.changed != nil {
			close(d.changed)
			d.changed = nil
		}
		d.mu.Unlock()
	}
	return err
}

// Changed is closed at the next commit of this process. To see what other processes write as well, read
// from time to time.
func (d *DB) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.changed
}

// Exclusive runs an operation in a transaction that no other Exclusive overlaps, whichever process runs it: migrations.
func (d *DB) Exclusive(ctx context.Context, op func(*Tx) error) error {
	return explainDenied(d.engine, d.Write(ctx, Actor{patient: true}, func(tx *Tx) error {
		d.engine.exclude(tx)
		return op(tx)
	}))
}

// Script runs several statements without arguments in one transaction.
func (d *DB) Script(ctx context.Context, sql string) error {
	return d.Exclusive(ctx, func(tx *Tx) error { return tx.Script(sql) })
}

func (d *DB) tx(ctx context.Context, who Actor) *Tx {
	return &Tx{
		Retailer: who.Retailer, User: who.User, ctx: ctx, db: d, client: who.Client, withoutHead: who.WithoutHead, dryRun: who.DryRun,
		patient: who.patient, held: who.Held, own: who.Held, needs: who.Needs,
		state: new(opState), trace: traceOf(ctx),
	}
}

// guard runs an operation and turns a panic into an error, so that one faulty request spoils no other.
func guard(tx *Tx, op func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = NewPanic(p)
		}
	}()
	*tx.state = opState{}
	if err = op(tx); err == nil {
		err = tx.state.finish(tx)
	}
	return err
}
