package requestlog

import (
	"context"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

const (
	bodyMax   = 4 << 10  // bytes of a body that are kept
	textMax   = 1 << 10  // bytes of an address or a sentence
	bytesMax  = 64 << 20 // of all shops
	kept      = 7 * 24 * time.Hour
	waiting   = 1000        // entries that wait to be written
	batch     = 200         // entries of a transaction
	pause     = time.Second // between two batches, unless one is full
	pruneTime = time.Minute // between two times of removing
	oneReadIn = 100
)

// Entry is a request and its answer.
type Entry struct {
	ID        int64
	At        taphoa.Time
	ClientID  string
	UserID    int64 // on whose behalf the client acts
	Address   string
	RequestID string
	Method    string
	Path      string // with its query
	Operation string // of the route table; "token" for POST /connect/token, "none" where there is none
	Status    int64
	TookUS    int64  `db:"took_us"` // microseconds
	Code      string // of the refusal; empty for what succeeded
	Sentence  string // of the refusal
	Body      string // of a write or of a refused request, its first 4 KiB
	Lost      int64  // instead of all that: requests of the shop that were left out before this entry
}

// Log is the log of all shops. A nil Log keeps nothing. It is safe for concurrent use.
type Log struct {
	db    *db.DB
	log   *slog.Logger
	queue chan noted
	reads atomic.Uint64

	mu   sync.Mutex
	lost map[int64]int64 // by shop
}

type noted struct {
	shop int64
	Entry
}

// New makes a log, which [Log.Run] writes.
func New(d *db.DB, log *slog.Logger) *Log {
	return &Log{db: d, log: log, queue: make(chan noted, waiting), lost: map[int64]int64{}}
}

// Wants reports whether a request is to be noted: of reads that succeed, one in a hundred.
func (l *Log) Wants(method string, status int) bool {
	switch {
	case l == nil:
		return false
	case status >= http.StatusBadRequest, method != http.MethodGet && method != http.MethodHead:
		return true
	}
	return l.reads.Add(1)%oneReadIn == 0
}

// Beginning is a copy of what is kept of a body.
func Beginning(body []byte) string { return string(body[:min(len(body), bodyMax)]) }

// Note keeps an entry of a shop. It does not wait.
func (l *Log) Note(shop int64, e Entry) {
	select {
	case l.queue <- noted{shop, e}:
	default:
		l.mu.Lock()
		l.lost[shop]++
		l.mu.Unlock()
	}
}

// NoteToken keeps a token request that was refused (oauth.Options.Refused).
func (l *Log) NoteToken(r *http.Request, requestID string, of oauth.Client, code, sentence string) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	l.Note(of.RetailerID, Entry{
		At: l.db.Now(), ClientID: of.ClientID, UserID: of.UserID, Address: host, RequestID: requestID, Method: r.Method,
		Path: codes.ReplaceAllString(r.URL.RequestURI(), "${1}"+mask), Operation: "token", Status: http.StatusBadRequest, Code: code, Sentence: sentence,
	})
}

// Run writes what is noted until the context ends, and then what is left.
func (l *Log) Run(ctx context.Context) {
	tick, prune := time.NewTicker(pause), time.NewTicker(pruneTime)
	defer tick.Stop()
	defer prune.Stop()
	var entries []noted
	flush := func(ctx context.Context) {
		if len(entries) > 0 {
			l.write(ctx, entries)
		}
		entries = entries[:0]
	}
	for {
		select {
		case e := <-l.queue:
			if entries = append(entries, e); len(entries) >= batch {
				flush(ctx)
			}
		case <-tick.C:
			flush(ctx)
		case <-prune.C:
			l.report(l.prune(ctx))
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			for len(l.queue) > 0 {
				entries = append(entries, <-l.queue)
			}
			flush(ctx)
			return
		}
	}
}

func (l *Log) report(err error) {
	if err != nil {
		l.log.Warn("the request log was not written", "error", err.Error())
	}
}

// write stores entries, those of each shop in one transaction, after what was lost before them.
func (l *Log) write(ctx context.Context, entries []noted) {
	byShop := map[int64][]Entry{}
	for _, e := range entries {
		byShop[e.shop] = append(byShop[e.shop], e.masked())
	}
	for shop, list := range byShop {
		l.mu.Lock()
		lost := l.lost[shop]
		delete(l.lost, shop)
		l.mu.Unlock()
		if lost > 0 {
			l.log.Warn("requests are missing in the request log: they came faster than it is written", "shop", shop, "requests", lost)
			list = append([]Entry{{At: list[0].At, Lost: lost}}, list...)
		}
		l.report(l.db.Write(ctx, db.Actor{Retailer: shop, WithoutHead: true}, func(tx *db.Tx) error {
			for i := range list {
				e := list[i]
				id, err := tx.NewID("request_log")
				if err != nil {
					return err
				}
				e.ID = id
				tx.Queue(`
					INSERT INTO request_log (retailer_id, id, at, client_id, user_id, address, request_id, method, path, operation, status, took_us,
						refused, code, sentence, body, lost, bytes)
					VALUES (:retailer, :id, :at, :client_id, :user_id, :address, :request_id, :method, :path, :operation, :status, :took_us,
						?, :code, :sentence, :body, :lost, ?)`, &e, e.Status >= http.StatusBadRequest, e.bytes())
			}
			return nil
		}))
	}
}

// bytes is what an entry takes, about.
func (e *Entry) bytes() int64 {
	const row = 120
	return int64(row + len(e.ClientID) + len(e.Address) + len(e.RequestID) + len(e.Path) + len(e.Operation) + len(e.Code) + len(e.Sentence) + len(e.Body))
}

// shopBytes is what a shop has in the log.
type shopBytes struct {
	RetailerID int64
	Bytes      int64
}

const pruneRows = 500 // that a statement removes at most

// prune removes what is older than a week, and the oldest entries of the shops that have most while there is too much.
func (l *Log) prune(ctx context.Context) error {
	var shops []shopBytes
	err := l.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = db.All[shopBytes](tx.Everywhere(), `SELECT retailer_id, CAST(SUM(bytes) AS BIGINT) AS bytes FROM request_log GROUP BY retailer_id ORDER BY retailer_id`)
		return err
	})
	total := int64(0)
	for _, s := range shops {
		total += s.Bytes
	}
	for i := range shops {
		if err == nil {
			err = l.remove(ctx, shops[i].RetailerID, l.db.Now().Add(-kept))
		}
	}
	for err == nil && total > bytesMax {
		most := &shops[0]
		for i := range shops {
			if shops[i].Bytes > most.Bytes {
				most = &shops[i]
			}
		}
		if most.Bytes <= 0 {
			break
		}
		freed := most.Bytes
		err = l.remove(ctx, most.RetailerID, math.MaxInt64)
		if err == nil {
			err = l.db.Read(ctx, db.Actor{Retailer: most.RetailerID}, func(tx *db.Tx) (err error) {
				most.Bytes, _, err = db.One[int64](tx, `SELECT COALESCE(CAST(SUM(bytes) AS BIGINT), 0) FROM request_log WHERE retailer_id = :retailer`)
				return err
			})
		}
		total -= freed - most.Bytes
	}
	return err
}

// remove deletes those of the oldest entries of a shop that were written before an instant.
func (l *Log) remove(ctx context.Context, shop int64, before taphoa.Time) error {
	return l.db.Write(ctx, db.Actor{Retailer: shop, WithoutHead: true}, func(tx *db.Tx) error {
		tx.Queue(`
			DELETE FROM request_log WHERE retailer_id = :retailer AND at < ? AND id IN (
				SELECT id FROM request_log WHERE retailer_id = :retailer ORDER BY id LIMIT ?)`, before, int64(pruneRows))
		return nil
	})
}

// Filter narrows the log down; its zero value shows all.
type Filter struct {
	RefusedOnly bool
	ClientID    string
	Operation   string
	Before      int64 // an id: what came before it
	Limit       int64 // entries; 0 for 50
}

const entryColumns = `id, at, client_id, user_id, address, request_id, method, path, operation, status, took_us, code, sentence, body, lost`

// List returns entries of the shop, the newest first.
func List(tx *db.Tx, f Filter) ([]Entry, error) {
	sql, args := `SELECT `+entryColumns+` FROM request_log WHERE retailer_id = :retailer`, []any{}
	for _, c := range []struct {
		wanted bool
		line   string
		arg    any
	}{
		{f.RefusedOnly, "refused = ?", true},
		{f.ClientID != "", "client_id = ?", f.ClientID},
		{f.Operation != "", "operation = ?", f.Operation},
		{f.Before > 0, "id < ?", f.Before},
	} {
		if c.wanted {
			sql, args = sql+" AND "+c.line, append(args, c.arg)
		}
	}
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	return db.All[Entry](tx, sql+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
}

// Get returns an entry of the shop, or says that there is none.
func Get(tx *db.Tx, id int64) (Entry, error) {
	e, found, err := db.One[Entry](tx, `SELECT `+entryColumns+` FROM request_log WHERE retailer_id = :retailer AND id = ?`, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Yêu cầu này không còn trong nhật ký")
	}
	return e, err
}
