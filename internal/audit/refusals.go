package audit

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	flushEvery = 5 * time.Second
	keysMax    = 1000 // different refusals that wait to be written, of all shops
	hourly     = 60   // entries of a shop within an hour; what goes beyond is counted
)

// OperationMore is the operation of entries that say how many refusals have none of their own.
const OperationMore = "refusedMore"

// Refusals writes what was refused to people who tried to come in, or to have something allowed: equal ones as one entry with
// their number, and of a shop no more than so many an hour. A nil Refusals keeps nothing. It is safe for concurrent use.
type Refusals struct {
	db  *db.DB
	log *slog.Logger

	mu      sync.Mutex
	waiting map[Refusal]int64
	shops   map[int64]*hour
}

// Refusal is what was refused: to whom, if that is known, and whose approval was asked for.
type Refusal struct {
	Shop           int64
	User, Approver int64
	Operation      string
	Address        string
}

// hour counts the entries of a shop.
type hour struct {
	began         taphoa.Time
	entries, more int64
}

// NewRefusals returns one that [Refusals.Run] writes.
func NewRefusals(d *db.DB, log *slog.Logger) *Refusals {
	return &Refusals{db: d, log: log, waiting: map[Refusal]int64{}, shops: map[int64]*hour{}}
}

// Note keeps a refusal. It does not wait.
func (r *Refusals) Note(what Refusal) {
	if r == nil || what.Shop == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.waiting[what]; known || len(r.waiting) < keysMax {
		r.waiting[what]++
		return
	}
	r.hour(what.Shop, r.db.Now()).more++
}

// hour returns the count of a shop; r.mu is held.
func (r *Refusals) hour(shop int64, now taphoa.Time) *hour {
	h := r.shops[shop]
	if h == nil {
		h = &hour{began: now}
		r.shops[shop] = h
	}
	return h
}

// Run writes what is noted until the context ends, and then what is left.
func (r *Refusals) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.flush(ctx, false)
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			r.flush(ctx, true)
			return
		}
	}
}

// flush writes what waits. The rest of an hour is written at its end, or when all ends.
func (r *Refusals) flush(ctx context.Context, ending bool) {
	entries := map[int64][]Entry{}
	r.mu.Lock()
	now := r.db.Now()
	for what, n := range r.waiting {
		h := r.hour(what.Shop, now)
		if h.entries >= hourly {
			h.more += n
			continue
		}
		h.entries++
		e := Entry{UserID: what.User, ApproverID: what.Approver, Address: what.Address, Operation: what.Operation}
		if n > 1 {
			e.Changes = times(n)
		}
		entries[what.Shop] = append(entries[what.Shop], e)
	}
	clear(r.waiting)
	for shop, h := range r.shops {
		over := now-h.began >= taphoa.Time(time.Hour.Microseconds()) || now < h.began
		if h.more > 0 && (over || ending) {
			entries[shop] = append(entries[shop], Entry{Operation: OperationMore, Changes: times(h.more)})
		}
		if over {
			delete(r.shops, shop)
		}
	}
	r.mu.Unlock()
	for shop, list := range entries {
		err := r.db.Write(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) error {
			head, err := tx.Head()
			for i := range list {
				e := list[i]
				if e.At = max(tx.Now, head.At); err == nil {
					err = insert(tx, &e)
				}
			}
			return err
		})
		if err != nil {
			r.log.Warn("refusals are missing in the audit log", "shop", shop, "entries", len(list), "error", err.Error())
		}
	}
}

// times is how often something was refused, as a change.
func times(n int64) string { return `{"times":[null,` + strconv.FormatInt(n, 10) + `]}` }
