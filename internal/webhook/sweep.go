package webhook

import (
	"context"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// sweepStep is by how much, at most, one sweep believes that time has passed.
const sweepStep = 24 * time.Hour

// trustedClock returns the instant by which a sweep decides what is no longer kept. It follows the clock by twice the time
// since the last sweep, and by at most sweepStep, also back: a clock that is far ahead deletes little before it is put right,
// and a server that was off for long catches up.
func trustedClock(ctx context.Context, d *db.DB) (trusted taphoa.Time, err error) {
	type stored struct{ Trusted, SweptAt taphoa.Time }
	err = d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		tx = tx.Everywhere()
		now, err := tx.SharedClock()
		if err != nil {
			return err
		}
		last, found, err := db.One[stored](tx, `SELECT trusted, swept_at FROM webhook_sweeps WHERE id = 1`)
		if err != nil {
			return err
		}
		if found {
			trusted = min(now, last.Trusted+min(2*max(0, now-last.SweptAt), taphoa.Time(sweepStep.Microseconds())))
		} else { // nor is the first one believed that it comes long after the last change
			change, _, err := db.One[taphoa.Time](tx, `SELECT COALESCE(MAX(at), 0) FROM shop_heads`)
			if err != nil {
				return err
			}
			if trusted = now; change > 0 {
				trusted = min(now, change.Add(sweepStep))
			}
		}
		_, err = tx.Exec(`
			INSERT INTO webhook_sweeps (id, trusted, swept_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET trusted = excluded.trusted, swept_at = excluded.swept_at`,
			max(trusted, last.Trusted.Add(-sweepStep)), now)
		return err
	})
	return trusted, err
}

// sweepBatch is how many deliveries one transaction reads: the oldest, so that a sweep reads little more than it deletes.
const sweepBatch = 1000

// sweep deletes the deliveries and events of all shops from before an instant. Events that a registration still waited for
// are marked dead and passed to onDead after the commit.
func sweep(ctx context.Context, d *db.DB, before taphoa.Time, onDead func(shop string, dead []deadEvents)) error {
	var shops []int64
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = db.All[int64](tx.Everywhere(), `SELECT retailer_id FROM shop_heads ORDER BY retailer_id`)
		return err
	})
	for _, shop := range shops {
		for more := true; more && err == nil; {
			var (
				code string
				dead []deadEvents
			)
			err = d.Write(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
				if code, err = shopCode(tx); err != nil {
					return err
				}
				if dead, err = markDead(tx, before); err != nil {
					return err
				}
				old, err := db.All[int64](tx, `
					DELETE FROM webhook_deliveries WHERE retailer_id = :retailer AND at < ? AND id IN (
						SELECT id FROM webhook_deliveries WHERE retailer_id = :retailer ORDER BY id LIMIT ?)
					RETURNING id`, before, int64(sweepBatch))
				if err != nil {
					return err
				}
				tx.Count("webhook_deliveries", -1, old...)
				forgetSecrets(tx, before)
				more, err = event.Prune(tx, before)
				more = more || len(old) > 0
				return err
			})
			if err == nil {
				onDead(code, dead)
			}
		}
	}
	return err
}

// deadEvents are events that are no longer kept and that a registration still waited for.
type deadEvents struct {
	ID                         int64
	Type, URL                  string
	FirstSeq, LastSeq, Attempt int64
}

// markDead inserts a dead delivery for each registration that waits for events that are about to be deleted, and advances
// the registrations.
func markDead(tx *db.Tx, before taphoa.Time) ([]deadEvents, error) {
	last, err := event.Before(tx, before)
	if err != nil {
		return nil, err
	}
	const overdueRows = liveRegistration + ` AND w.done_seq < ? AND (w.is_active OR w.stop_reason IS NOT NULL)`
	overdue, err := db.All[deadEvents](tx, `
		SELECT w.id, w.type, w.url, MIN(e.seq) AS first_seq, MAX(e.seq) AS last_seq, 0 AS attempt
		FROM webhooks w JOIN events e ON e.retailer_id = :retailer AND e.seq > w.done_seq AND e.seq <= ? AND e.type = w.type
		WHERE `+overdueRows+` GROUP BY w.id, w.type, w.url
		UNION ALL
		SELECT w.id, w.type, w.url, MIN(h.first_seq), MAX(h.last_seq), MAX(h.attempt)
		FROM webhooks w JOIN webhook_held h ON h.retailer_id = :retailer AND h.webhook_id = w.id AND h.last_seq <= ?
		WHERE `+liveRegistration+` GROUP BY w.id, w.type, w.url ORDER BY 1, 4`, last, last, last)
	for i := range overdue {
		id, err := tx.NewID("webhook_deliveries")
		if err != nil {
			return nil, err
		}
		tx.Queue(`
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, error, at)
			VALUES (:retailer, ?, :id, :first_seq, :last_seq, :attempt, ?, 0, ?, ?)`,
			&overdue[i], id, taphoa.DeliveryDead, "Các sự kiện đã quá hạn lưu trữ mà chưa gửi được", tx.Clock)
		tx.Count("webhook_deliveries", 1, id)
		tx.Queue(`
			UPDATE webhooks SET done_seq = CASE WHEN done_seq < :last_seq THEN :last_seq ELSE done_seq END, attempt = 0,
				next_at = 0, fence = fence + 1
			WHERE retailer_id = :retailer AND id = :id`, &overdue[i])
		tx.Queue(`DELETE FROM webhook_held WHERE retailer_id = :retailer AND webhook_id = :id AND last_seq <= ?`, &overdue[i], last)
		tx.Queue(`UPDATE webhooks SET `+countHeld+` WHERE retailer_id = :retailer AND id = :id`, &overdue[i])
	}
	if err == nil { // so that the next batch does not read the other registrations again
		_, err = tx.Exec(`UPDATE webhooks AS w SET done_seq = ? WHERE `+overdueRows, last, last)
	}
	return overdue, err
}
