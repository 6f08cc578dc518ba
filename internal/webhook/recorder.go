package webhook

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// result is what a worker reports: the outcome of a request, and the state of its registration after it.
type result struct {
	worker     *worker
	state      state
	sent       *attempt    // nil: no request was made
	failing    bool        // the attempt before it had failed
	redelivery *redelivery // the redelivery that is done, if it was one
	held       []heldChange
	released   bool // the worker has ended
}

// gatherTime is how long results are gathered for one commit.
const gatherTime = 20 * time.Millisecond

// recordResults writes results, those of a shop in one transaction, and renews the leases of all workers, until the
// channel of results is closed.
func (c *Deliverer) recordResults() {
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
		batch, open = c.gatherResults(batch, open)
		c.saveAll(groupByShop(batch, c.expiringLeases()))
		for _, r := range batch {
			<-r.worker.unrecorded
			if r.released {
				c.removeWorker(r.worker)
			}
		}
	}
}

// gatherResults adds to a batch that is not empty what arrives within gatherTime.
func (c *Deliverer) gatherResults(batch []result, open bool) ([]result, bool) {
	if len(batch) == 0 {
		return batch, open
	}
	for end := time.After(gatherTime); open; {
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

// expiringLeases returns the workers whose lease has to be renewed.
func (c *Deliverer) expiringLeases() (list []*worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		if time.Until(*w.until.Load()) < c.o.Lease*3/4 {
			list = append(list, w)
		}
	}
	return list
}

func (c *Deliverer) removeWorker(w *worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.workers, w.registrationKey)
}

// shopResults are the results of one shop, to be written in one transaction.
type shopResults struct {
	latest map[*worker]*result // the newest of each worker; nil: only its lease is renewed
	all    []result            // in the order of the requests
}

// groupByShop returns what is to be written for each shop: the results, and the leases to be renewed.
func groupByShop(batch []result, renew []*worker) map[int64]*shopResults {
	shops := map[int64]*shopResults{}
	of := func(w *worker) *shopResults {
		if shops[w.retailer] == nil {
			shops[w.retailer] = &shopResults{latest: map[*worker]*result{}}
		}
		return shops[w.retailer]
	}
	for _, w := range renew {
		of(w).latest[w] = nil
	}
	for i := range batch {
		s := of(batch[i].worker)
		s.latest[batch[i].worker] = &batch[i]
		s.all = append(s.all, batch[i])
	}
	return shops
}

// saveAll writes the results of several shops concurrently.
func (c *Deliverer) saveAll(shops map[int64]*shopResults) {
	var saving sync.WaitGroup
	for shop, results := range shops {
		c.writeSlots <- struct{}{}
		saving.Go(func() {
			c.save(shop, results)
			<-c.writeSlots
		})
	}
	saving.Wait()
}

// save writes the results of a shop. A worker whose registration has changed or has another owner is cancelled: what it sent
// is in the log of deliveries, but does not change the registration.
func (c *Deliverer) save(shop int64, results *shopResults) {
	workers := slices.SortedFunc(maps.Keys(results.latest), func(a, b *worker) int { return int(a.id - b.id) })
	for try := 0; ; try++ {
		var lost []*worker
		until := time.Now().Add(c.o.Lease)
		err := c.db.Write(context.Background(), db.Actor{Retailer: shop, WithoutHead: true}, func(tx *db.Tx) error {
			lost = lost[:0]
			now, err := tx.SharedClock()
			if err != nil {
				return err
			}
			for _, w := range workers {
				owned, err := c.saveState(tx, w, results, now.Add(c.o.Lease))
				if err != nil {
					return err
				}
				if !owned {
					lost = append(lost, w)
				}
			}
			return insertDeliveries(tx, results.all)
		})
		if err == nil {
			for i := range results.all {
				if r := &results.all[i]; !slices.Contains(lost, r.worker) {
					c.logResult(r)
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
		c.logFailure("webhooks: results could not be recorded", err, "retailer", shop)
		if try == 3 { // some may be delivered again
			for _, w := range workers {
				w.cancel()
			}
			return
		}
		time.Sleep(100 * time.Millisecond << try)
	}
}

// saveState stores the state of a worker's registration and renews the lease until an instant, or ends it. It reports whether the worker still
// owns the registration.
func (c *Deliverer) saveState(tx *db.Tx, w *worker, results *shopResults, lease taphoa.Time) (bool, error) {
	r := results.latest[w]
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
			stop_reason = :stop_reason, stopped_date = :stopped_date, is_active = :is_active, lease_until = ?,
			held_seq = :held_seq, held_count = :held_count, failures = :failures, rest_until = :rest_until,
			waits_from = :waits_from
		WHERE retailer_id = :retailer AND id = ? AND fence = :fence`, s, lease, w.id)
	if n > 0 {
		saveHeld(tx, w, results.all)
	}
	return n > 0, err
}

// insertDeliveries writes the log of deliveries, and deletes the redeliveries that are done.
func insertDeliveries(tx *db.Tx, results []result) error {
	for _, r := range results {
		if again := r.redelivery; again != nil {
			tx.Queue(`
				DELETE FROM webhook_redeliveries
				WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq = ? AND last_seq = ?`, r.worker.id, again.FirstSeq, again.LastSeq)
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
