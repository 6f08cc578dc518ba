package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// dueRow is a registration that may have something to deliver: its shop's log goes on after its done_seq, a request that
// was held up is due, or a redelivery was asked for.
type dueRow struct {
	RetailerID, ID   int64
	Type             string
	DoneSeq, LastSeq int64
	Fence            int64
	Owner            string
	LeaseUntil       taphoa.Time

	from int64 // up to this number there is nothing to deliver
	due  bool
}

func (r *dueRow) key() registrationKey { return registrationKey{r.RetailerID, r.ID} }

// logScan is how far a shop's log has been searched for a registration. It is valid while the fence is the same.
type logScan struct {
	fence int64
	upTo  int64 // number of the last event that was read
	due   int64 // the newest event to be delivered among them; 0: none
}

// minAdvance is by how many numbers, at least, a registration without anything to deliver is advanced. The next deliverer
// and [Count] search up to this many numbers again.
const minAdvance = 1000

// poll finds the registrations that have something to deliver, wakes their workers, and acquires the leases of those that
// have no owner. more reports that the log was not yet read to its end.
func (c *Deliverer) poll(ctx context.Context) (more bool, err error) {
	var (
		list []dueRow
		now  taphoa.Time
	)
	err = c.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		more = false
		if now, err = tx.SharedClock(); err != nil {
			return err
		}
		const columns = `w.retailer_id, w.id, w.type, w.done_seq, h.last_seq, w.fence, w.owner, w.lease_until`
		if list, err = db.All[dueRow](tx.Everywhere(), `
			SELECT `+columns+` FROM webhook_redeliveries r
			JOIN webhooks w ON w.retailer_id = r.retailer_id AND w.id = r.webhook_id
			JOIN shop_heads h ON h.retailer_id = w.retailer_id
			WHERE w.deleted_at = 0`); err != nil {
			return err
		}
		held, err := db.All[dueRow](tx.Everywhere(), `
			SELECT `+columns+` FROM webhooks w JOIN shop_heads h ON h.retailer_id = w.retailer_id
			WHERE w.is_active AND w.deleted_at = 0 AND w.held_seq > 0 AND (w.next_at <= ? OR w.waits_from > ?)`, now, now)
		if err != nil {
			return err
		}
		list = append(list, held...)
		outOfOrder := len(list)
		for i := range list {
			list[i].due = true
		}
		inOrder, err := db.All[dueRow](tx.Everywhere(), `
			SELECT `+columns+` FROM webhooks w JOIN shop_heads h ON h.retailer_id = w.retailer_id
			WHERE w.is_active AND w.deleted_at = 0 AND (w.rest_until <= ? OR w.waits_from > ?) AND w.done_seq < h.last_seq`, now, now)
		if list = append(list, inOrder...); err != nil {
			return err
		}
		more, err = c.scanLog(tx, list[outOfOrder:])
		return err
	})
	if err != nil {
		return false, err
	}
	free, advance := map[int64][]dueRow{}, map[int64][]dueRow{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range list {
		switch w := c.workers[r.key()]; {
		case w != nil && w.Fence != r.Fence:
			w.cancel() // the registration has changed or has another owner
		case w != nil && r.due:
			w.wake()
		case w != nil || c.acquiring[r.RetailerID]:
		case r.due && (c.leaseEnded(&r, now) || r.Owner == c.self || ownerExited(r.Owner, c.self)):
			free[r.RetailerID] = append(free[r.RetailerID], r)
		case !r.due && r.from-r.DoneSeq >= minAdvance:
			advance[r.RetailerID] = append(advance[r.RetailerID], r)
		}
	}
	for shop, list := range free { // a shop whose rows are locked must not delay the others
		c.acquiring[shop] = true
		c.running.Go(func() { c.acquireLeases(ctx, shop, list, advance[shop]) })
	}
	for shop, list := range advance {
		if !c.acquiring[shop] {
			c.acquiring[shop] = true
			c.running.Go(func() { c.acquireLeases(ctx, shop, nil, list) })
		}
	}
	return more, nil
}

// futureLease is a lease that ends later than one that begins now.
type futureLease struct {
	until taphoa.Time
	seen  time.Time // first
}

// leaseEnded reports whether the lease of a registration has ended. One that ends too late was made before the clock was put
// back: unless it is renewed, it ends as long after it was first seen as a lease lasts.
func (c *Deliverer) leaseEnded(r *dueRow, now taphoa.Time) bool {
	if r.LeaseUntil <= now.Add(c.o.Lease) {
		delete(c.futureLeases, r.key())
		return r.LeaseUntil < now
	}
	first := c.futureLeases[r.key()]
	if first.until != r.LeaseUntil {
		first = futureLease{r.LeaseUntil, time.Now()}
		c.futureLeases[r.key()] = first
	}
	return time.Since(first.seen) > c.o.Lease
}

// scanLog sets which of the registrations are due. One read of a part of a shop's log serves all registrations whose next
// number is in it, and no part is read twice. more reports that a log was not yet read to its end.
func (c *Deliverer) scanLog(tx *db.Tx, list []dueRow) (more bool, err error) {
	previous := c.scans
	c.scans = make(map[registrationKey]logScan, len(list))
	var unread []*dueRow
	c.mu.Lock()
	for i := range list {
		r := &list[i]
		r.from = r.DoneSeq
		if w := c.workers[r.key()]; w != nil {
			if r.due = w.Fence != r.Fence || !w.idle.Load(); r.due { // a worker reads the log itself before it idles
				continue
			}
			r.from = max(r.from, w.scannedTo.Load())
		} else if k := previous[r.key()]; k.fence == r.Fence {
			r.due, r.from = k.due > r.DoneSeq, max(r.from, k.upTo)
			c.scans[r.key()] = k
		}
		if !r.due && r.from < r.LastSeq {
			unread = append(unread, r)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(unread, func(a, r *dueRow) int {
		return cmp.Or(cmp.Compare(a.RetailerID, r.RetailerID), cmp.Compare(a.from, r.from))
	})
	for len(unread) > 0 {
		shop, last := unread[0].RetailerID, unread[0].LastSeq
		var types []string
		for _, r := range unread {
			if r.RetailerID == shop && !slices.Contains(types, r.Type) {
				types = append(types, r.Type)
			}
		}
		newest, upTo, err := event.Newest(tx, shop, unread[0].from, last, types)
		if err != nil {
			return false, err
		}
		more = more || upTo < last
		for len(unread) > 0 && unread[0].RetailerID == shop && unread[0].from <= upTo {
			r := unread[0]
			k := logScan{fence: r.Fence, upTo: upTo}
			if r.due = newest[r.Type] > r.from; r.due {
				k.due = newest[r.Type]
			}
			r.from, c.scans[r.key()] = upTo, k
			unread = unread[1:]
		}
	}
	return more, nil
}

// acquireLeases acquires the leases of the free registrations that have not changed since they were read, and starts a
// worker for each. Those in done have nothing to deliver: their number is advanced.
func (c *Deliverer) acquireLeases(ctx context.Context, shop int64, free, advance []dueRow) {
	slices.SortFunc(free, func(a, r dueRow) int { return cmp.Compare(a.ID, r.ID) })
	until := time.Now().Add(c.o.Lease)
	var acquired []*worker
	err := c.db.Write(ctx, db.Actor{Retailer: shop, WithoutHead: true}, func(tx *db.Tx) error {
		acquired = acquired[:0]
		code, err := shopCode(tx)
		if err != nil {
			return err
		}
		now, err := tx.SharedClock()
		if err != nil {
			return err
		}
		for i := range advance {
			tx.Queue(`
				UPDATE webhooks SET done_seq = ? WHERE retailer_id = :retailer AND id = :id AND fence = :fence AND done_seq = :done_seq`,
				&advance[i], advance[i].from)
		}
		for i := range free {
			s, found, err := db.One[state](tx, `
				UPDATE webhooks SET owner = ?, lease_until = ?, fence = fence + 1
				WHERE retailer_id = :retailer AND id = :id AND fence = :fence AND lease_until = :lease_until AND deleted_at = 0
				RETURNING type, url, COALESCE(secret, '') AS secret, COALESCE(old_secret, '') AS old_secret,
					COALESCE(old_secret_until, 0) AS old_secret_until, COALESCE(credentials, '') AS credentials, is_active, done_seq, held_seq, held_count, failures, rest_until,
					attempt, next_at, waits_from, last_error, stop_reason, stopped_date, fence`,
				&free[i], c.self, now.Add(c.o.Lease))
			if err != nil {
				return err
			}
			if found {
				acquired = append(acquired, newWorker(c, registrationKey{shop, free[i].ID}, code, s, until))
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		c.logFailure("webhooks: registrations could not be taken", err, "retailer", shop)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.acquiring, shop)
	if err != nil {
		return
	}
	for _, w := range acquired {
		var work context.Context
		work, w.cancel = context.WithCancel(ctx)
		c.workers[w.registrationKey] = w
		c.running.Go(func() {
			defer w.cancel()
			w.run(work)
		})
	}
}
