package webhook

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/taphoa/taphoa/internal/db"
)

// result is what a worker has to say: what came of a request, and where its registration is now.
type result struct {
	worker   *worker
	state    state
	sent     *attempt    // nil: no request
	failing  bool        // the attempt before it had failed
	again    *redelivery // done with, if it was one
	released bool        // the worker leaves
}

// recordPause is how long results are gathered for one commit.
const recordPause = 20 * time.Millisecond

// record writes results down, those of a shop in one transaction, and renews the leases of all workers, until the
// channel of results is closed.
func (c *Courier) record() {
	renewal := time.NewTicker(c.o.Lease / 4)
	defer renewal.Stop()
	for open := true; open; {
		var batch []result
		select {
		case r, ok := <-c.results:
			if open = ok; ok {
				batch = append(batch, r)
			}
		case <-renewal.C:
		}
		batch, open = c.gather(batch, open)
		byShop := map[int64]*notes{}
		for _, w := range c.holders() {
			byShop[w.retailer] = byShop[w.retailer].of(w)
		}
		for _, r := range batch {
			byShop[r.worker.retailer] = byShop[r.worker.retailer].of(r.worker)
			byShop[r.worker.retailer].take(r)
		}
		var writing sync.WaitGroup
		for shop, n := range byShop {
			c.slots <- struct{}{}
			writing.Go(func() {
				c.write(shop, n)
				<-c.slots
			})
		}
		writing.Wait()
		for _, r := range batch {
			<-r.worker.room
			if r.released {
				c.forget(r.worker)
			}
		}
	}
}

// gather takes what else is there, for a moment.
func (c *Courier) gather(batch []result, open bool) ([]result, bool) {
	if len(batch) == 0 {
		return batch, open
	}
	for end := time.After(recordPause); open; {
		select {
		case r, ok := <-c.results:
			if open = ok; ok {
				batch = append(batch, r)
			}
		case <-end:
			return batch, open
		}
	}
	return batch, open
}

// holders are the workers whose lease is to be renewed.
func (c *Courier) holders() (list []*worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		if time.Until(*w.until.Load()) < c.o.Lease*3/4 {
			list = append(list, w)
		}
	}
	return list
}

func (c *Courier) forget(w *worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.workers, w.place)
}

// notes are what is to be written down for one shop.
type notes struct {
	last map[*worker]*result // the newest of each worker; nil: only its lease
	all  []result
}

func (n *notes) of(w *worker) *notes {
	if n == nil {
		n = &notes{last: map[*worker]*result{}}
	}
	if _, known := n.last[w]; !known {
		n.last[w] = nil
	}
	return n
}

func (n *notes) take(r result) {
	n.all = append(n.all, r)
	n.last[r.worker] = &r
}

// write writes the notes of a shop down. A worker whose registration has changed, or has gone to another courier, is
// told to stop; what he sent stays in the log of deliveries, and moves nothing.
func (c *Courier) write(shop int64, n *notes) {
	workers := slices.SortedFunc(maps.Keys(n.last), func(a, b *worker) int { return int(a.id - b.id) })
	for try := 0; ; try++ {
		var lost []*worker
		until := time.Now().Add(c.o.Lease)
		err := c.db.Write(context.Background(), db.Actor{Retailer: shop, Aside: true}, func(tx *db.Tx) error {
			lost = lost[:0]
			for _, w := range workers {
				kept, err := c.move(tx, w, n.last[w])
				if err != nil {
					return err
				}
				if !kept {
					lost = append(lost, w)
				}
			}
			return logDeliveries(tx, n.all)
		})
		if err == nil {
			for i := range n.all {
				if r := &n.all[i]; !slices.Contains(lost, r.worker) {
					c.tell(r)
				}
			}
			for _, w := range workers {
				if slices.Contains(lost, w) {
					w.cancel()
				} else {
					w.until.Store(&until)
				}
			}
			return
		}
		c.complain("webhooks: results could not be recorded", "retailer", shop, "error", err)
		if try == 3 { // some may be delivered again
			for _, w := range workers {
				w.cancel()
			}
			return
		}
		time.Sleep(100 * time.Millisecond << try)
	}
}

// move moves a registration to where its worker is, and renews or ends the lease. It reports whether it was his.
func (c *Courier) move(tx *db.Tx, w *worker, r *result) (bool, error) {
	lease := tx.Clock.Add(c.o.Lease)
	if r == nil {
		n, err := tx.Exec(`
			UPDATE webhooks SET lease_until = ? WHERE retailer_id = :retailer AND id = ? AND fence = ?`, lease, w.id, w.Fence)
		return n > 0, err
	}
	if r.released {
		lease = 0
	}
	s := &r.state
	n, err := tx.Exec(`
		UPDATE webhooks SET done_seq = :done_seq, attempt = :attempt, next_at = :next_at, last_error = :last_error,
			stop_reason = :stop_reason, stopped_date = :stopped_date, is_active = :is_active, lease_until = ?
		WHERE retailer_id = :retailer AND id = ? AND fence = :fence`, s, lease, w.id)
	return n > 0, err
}

// logDeliveries writes the log of what was sent.
func logDeliveries(tx *db.Tx, results []result) error {
	for _, r := range results {
		if a := r.again; a != nil {
			tx.Queue(`
				DELETE FROM webhook_redeliveries
				WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq = ? AND last_seq = ?`, r.worker.id, a.FirstSeq, a.LastSeq)
		}
		if r.sent == nil {
			continue
		}
		id, err := tx.NewID("webhook_deliveries")
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, status, duration,
				error, answer, at)
			VALUES (:retailer, ?, :webhook_id, :first_seq, :last_seq, :attempt, :outcome, :status, :duration, :error, :answer, :at)`,
			&r.sent.WebhookDelivery, id)
		tx.Count("webhook_deliveries", 1, id)
	}
	return nil
}
