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

// behind is a registration that has not come to the end of its shop's log, or that is to get something out of turn.
type behind struct {
	RetailerID, ID   int64
	Type             string
	DoneSeq, LastSeq int64
	Fence            int64
	Owner            string
	LeaseUntil       taphoa.Time

	again bool  // out of turn
	from  int64 // up to this number there is nothing to deliver
	due   bool
}

func (b *behind) place() place { return place{b.RetailerID, b.ID} }

// known is what a courier has seen of the log for a registration, as long as that does not change.
type known struct {
	fence int64
	upTo  int64 // it has looked so far,
	due   int64 // and found this event to be delivered; 0: none
}

// passed is how many numbers a registration is moved on without anything to deliver: so many the next courier, and whoever
// counts what waits, has to look at again.
const passed = 1000

// round finds the registrations that have something to deliver, wakes those who have them, and takes what is free. more
// says that it has not yet looked at the whole log.
func (c *Courier) round(ctx context.Context) (more bool, err error) {
	var (
		list []behind
		now  taphoa.Time
	)
	err = c.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		now, more = tx.Clock, false
		const columns = `w.retailer_id, w.id, w.type, w.done_seq, h.last_seq, w.fence, w.owner, w.lease_until`
		if list, err = db.All[behind](tx.Everywhere(), `
			SELECT `+columns+` FROM webhook_redeliveries r
			JOIN webhooks w ON w.retailer_id = r.retailer_id AND w.id = r.webhook_id
			JOIN shop_heads h ON h.retailer_id = w.retailer_id
			WHERE w.deleted_at = 0`); err != nil {
			return err
		}
		again := len(list)
		for i := range list {
			list[i].again, list[i].due = true, true
		}
		late, err := db.All[behind](tx.Everywhere(), `
			SELECT `+columns+` FROM webhooks w JOIN shop_heads h ON h.retailer_id = w.retailer_id
			WHERE w.is_active AND w.deleted_at = 0 AND w.next_at <= ? AND w.done_seq < h.last_seq`, tx.Clock)
		if list = append(list, late...); err != nil {
			return err
		}
		more, err = c.look(tx, list[again:])
		return err
	})
	if err != nil {
		return false, err
	}
	free, done := map[int64][]behind{}, map[int64][]behind{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range list {
		switch w := c.workers[b.place()]; {
		case w != nil && w.Fence != b.Fence:
			w.cancel() // the registration has changed or has gone to somebody else
		case w != nil && b.due:
			w.wake()
		case w != nil || c.taking[b.RetailerID]:
		case b.due && (b.LeaseUntil < now || b.Owner == c.self || gone(b.Owner, c.self)):
			free[b.RetailerID] = append(free[b.RetailerID], b)
		case !b.due && b.from-b.DoneSeq >= passed:
			done[b.RetailerID] = append(done[b.RetailerID], b)
		}
	}
	for shop, list := range free { // a shop whose rows are locked must not hold up the others
		c.taking[shop] = true
		c.running.Go(func() { c.take(ctx, shop, list, done[shop]) })
	}
	for shop, list := range done {
		if !c.taking[shop] {
			c.taking[shop] = true
			c.running.Go(func() { c.take(ctx, shop, nil, list) })
		}
	}
	return more, nil
}

// look finds out which of the registrations are due, one read of a piece of a shop's log for all that stand in it. What it
// has looked at it does not look at again. more says that there is more to look at.
func (c *Courier) look(tx *db.Tx, list []behind) (more bool, err error) {
	was := c.known
	c.known = make(map[place]known, len(list))
	var open []*behind
	c.mu.Lock()
	for i := range list {
		b := &list[i]
		b.from = b.DoneSeq
		if w := c.workers[b.place()]; w != nil {
			if b.due = w.Fence != b.Fence || !w.idles.Load(); b.due { // it looks by itself before it idles
				continue
			}
			b.from = max(b.from, w.looked.Load())
		} else if k := was[b.place()]; k.fence == b.Fence {
			b.due, b.from = k.due > b.DoneSeq, max(b.from, k.upTo)
			c.known[b.place()] = k
		}
		if !b.due && b.from < b.LastSeq {
			open = append(open, b)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(open, func(a, b *behind) int {
		return cmp.Or(cmp.Compare(a.RetailerID, b.RetailerID), cmp.Compare(a.from, b.from))
	})
	for len(open) > 0 {
		shop, last := open[0].RetailerID, open[0].LastSeq
		var types []string
		for _, b := range open {
			if b.RetailerID == shop && !slices.Contains(types, b.Type) {
				types = append(types, b.Type)
			}
		}
		newest, upTo, err := event.Newest(tx, shop, open[0].from, last, types)
		if err != nil {
			return false, err
		}
		more = more || upTo < last
		for len(open) > 0 && open[0].RetailerID == shop && open[0].from <= upTo {
			b := open[0]
			k := known{fence: b.Fence, upTo: upTo}
			if b.due = newest[b.Type] > b.from; b.due {
				k.due = newest[b.Type]
			}
			b.from, c.known[b.place()] = upTo, k
			open = open[1:]
		}
	}
	return more, nil
}

// take makes registrations of a shop this courier's, as far as they are as they were found, and lets workers deliver. Those
// that have nothing to deliver are moved on.
func (c *Courier) take(ctx context.Context, shop int64, free, done []behind) {
	slices.SortFunc(free, func(a, b behind) int { return cmp.Compare(a.ID, b.ID) })
	until := time.Now().Add(c.o.Lease)
	var taken []*worker
	err := c.db.Write(ctx, db.Actor{Retailer: shop, Aside: true}, func(tx *db.Tx) error {
		taken = taken[:0]
		code, err := shopCode(tx)
		if err != nil {
			return err
		}
		for i := range done {
			tx.Queue(`
				UPDATE webhooks SET done_seq = ? WHERE retailer_id = :retailer AND id = :id AND fence = :fence AND done_seq = :done_seq`,
				&done[i], done[i].from)
		}
		for i := range free {
			s, found, err := db.One[state](tx, `
				UPDATE webhooks SET owner = ?, lease_until = ?, fence = fence + 1
				WHERE retailer_id = :retailer AND id = :id AND fence = :fence AND lease_until = :lease_until AND deleted_at = 0
				RETURNING type, url, COALESCE(secret, '') AS secret, is_active, done_seq, attempt, next_at,
					last_error, stop_reason, stopped_date, fence`,
				&free[i], c.self, tx.Clock.Add(c.o.Lease))
			if err != nil {
				return err
			}
			if found {
				taken = append(taken, newWorker(c, place{shop, free[i].ID}, code, s, until))
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		c.complain("webhooks: registrations could not be taken", "retailer", shop, "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.taking, shop)
	if err != nil {
		return
	}
	for _, w := range taken {
		var work context.Context
		work, w.cancel = context.WithCancel(ctx)
		c.workers[w.place] = w
		c.running.Go(func() {
			defer w.cancel()
			w.run(work)
		})
	}
}
