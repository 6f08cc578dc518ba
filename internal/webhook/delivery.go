package webhook

import (
	"context"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
)

// A delivery is of the type of its events; what its registration is for may have changed since.
const deliveryColumns = `d.id, d.webhook_id, COALESCE(e.type, w.type) AS type, w.url, d.first_seq, d.last_seq, d.attempt, d.outcome, d.status,
	d.duration, d.error, d.answer, d.at`

const deliveryJoin = `JOIN webhooks w ON w.retailer_id = :retailer AND w.id = d.webhook_id
	LEFT JOIN events e ON e.retailer_id = :retailer AND e.seq = d.first_seq`

var outcomes = []string{taphoa.DeliveryDone, taphoa.DeliveryFailed, taphoa.DeliveryStopped, taphoa.DeliveryDead}

// ListDeliveries lists what was sent, the newest first; of one registration when the query names one. It is ours, as all
// operations of this file are.
func ListDeliveries(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	return list(tx, in, in.WebhookID != 0)
}

// ListDeliveriesOf lists what was sent for one registration.
func ListDeliveriesOf(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	return list(tx, in, true)
}

var deliveryOrders = db.Orders{
	"id": db.Number("d.id"), "webhookid": db.Number("d.webhook_id"), "url": db.Named("webhooks", "url", "d.webhook_id"),
	"type": db.Text(`COALESCE((SELECT e.type FROM events e WHERE e.retailer_id = :retailer AND e.seq = d.first_seq),
		(SELECT w.type FROM webhooks w WHERE w.retailer_id = :retailer AND w.id = d.webhook_id), '')`),
	"firstseq": db.Number("d.first_seq"), "lastseq": db.Number("d.last_seq"), "attempt": db.Number("d.attempt"), "outcome": db.Text("d.outcome"),
	"status": db.Number("d.status").OrNull(), "duration": db.Number("d.duration"), "error": db.Long("d.error"),
	"answer": db.Long("d.answer"), "at": db.Number("d.at"),
}

func list(tx *db.Tx, in *taphoa.DeliveryQuery, ofOne bool) (taphoa.Page[taphoa.WebhookDelivery], error) {
	if in.Outcome != "" && !slices.Contains(outcomes, in.Outcome) {
		return taphoa.Page[taphoa.WebhookDelivery]{}, taphoa.Refuse(taphoa.CodeValidate, "outcome",
			"Kết quả %q (outcome) không hợp lệ: dùng delivered, failed, stopped hoặc dead", in.Outcome)
	}
	if ofOne { // also one that was unregistered
		_, found, err := db.One[int64](tx, `SELECT id FROM webhooks WHERE retailer_id = :retailer AND id = ?`, in.WebhookID)
		if err == nil && !found {
			err = unknown()
		}
		if err != nil {
			return taphoa.Page[taphoa.WebhookDelivery]{}, err
		}
	}
	list := db.List{
		Table: "webhook_deliveries d", Columns: deliveryColumns, Joins: deliveryJoin, Default: "id desc",
		Orders: deliveryOrders,
	}
	list.If(ofOne, "d.webhook_id = ?", in.WebhookID).
		If(in.Outcome == taphoa.DeliveryDead, "d.outcome = 'dead'"). // an index has them, and must be told
		If(in.Outcome != "" && in.Outcome != taphoa.DeliveryDead, "d.outcome = ?", in.Outcome).
		If(in.From.Has(), "d.at >= ?", in.From.Value).
		If(in.To.Has(), "d.at < ?", in.To.Value)
	page, err := db.ListPage[taphoa.WebhookDelivery](tx, &list, in.Paging)
	for i := range page.Data {
		d := &page.Data[i]
		d.DeliveryID = deliveryID(tx.Retailer, d.WebhookID, d.FirstSeq, d.LastSeq)
	}
	return page, err
}

// ListDead lists what was given up, the newest first.
func ListDead(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	in.Outcome = taphoa.DeliveryDead
	return ListDeliveries(tx, in)
}

// GetDelivery answers one delivery, with what it said while its events are kept.
func GetDelivery(tx *db.Tx, in *taphoa.WebhookByDelivery) (taphoa.WebhookDelivery, error) {
	d, err := findDelivery(tx, in.ID)
	if err != nil {
		return d, err
	}
	events, err := event.Span(tx, d.FirstSeq, d.LastSeq)
	if err != nil || len(events) == 0 {
		return d, err
	}
	s, err := org.GetSettings(tx)
	if err == nil {
		f := formOf(&s, nil)
		d.Body = taphoa.Some(string(f.body(tx.Retailer, d.DeliveryID, d.Attempt, events)))
	}
	return d, err
}

func findDelivery(tx *db.Tx, id int64) (taphoa.WebhookDelivery, error) {
	d, found, err := db.One[taphoa.WebhookDelivery](tx, `
		SELECT `+deliveryColumns+` FROM webhook_deliveries d `+deliveryJoin+` WHERE d.retailer_id = :retailer AND d.id = ?`, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Lần gửi webhook %d không tồn tại", id)
	}
	d.DeliveryID = deliveryID(tx.Retailer, d.WebhookID, d.FirstSeq, d.LastSeq)
	return d, err
}

// Redeliver has the events of a delivery sent once more, out of turn, also when the registration is stopped.
func Redeliver(tx *db.Tx, in *taphoa.WebhookByDelivery) (taphoa.Message, error) {
	d, err := findDelivery(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	if _, err := lock(tx, d.WebhookID); err != nil {
		return taphoa.Message{}, err
	}
	events, err := event.Span(tx, d.FirstSeq, d.LastSeq)
	if err == nil && len(events) == 0 {
		err = taphoa.Refuse(taphoa.CodeEventsGone, "id", "Các sự kiện của lần gửi %d đã quá hạn lưu trữ, không thể gửi lại", in.ID)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`
		INSERT INTO webhook_redeliveries (retailer_id, webhook_id, first_seq, last_seq) VALUES (:retailer, ?, ?, ?)
		ON CONFLICT DO NOTHING`, d.WebhookID, d.FirstSeq, d.LastSeq)
	return taphoa.Message{Message: "Lần gửi webhook sẽ được gửi lại"}, nil
}

// Replay sets a registration back, so that its events are delivered again from a number or an instant on, and revives it
// when it was stopped.
func Replay(tx *db.Tx, in *taphoa.ReplayInput) (taphoa.Webhook, error) {
	r, err := lock(tx, in.ID)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	last, dropped, err := event.Bounds(tx)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	switch {
	case in.FromSeq.Has():
		r.DoneSeq = in.FromSeq.Value - 1
		if r.DoneSeq < dropped || r.DoneSeq > last {
			return taphoa.Webhook{}, taphoa.Refuse(taphoa.CodeEventsGone, "fromSeq",
				"Không gửi lại được từ sự kiện số %d (fromSeq): đang lưu các sự kiện từ số %d đến số %d", in.FromSeq.Value, dropped+1, last)
		}
	case in.FromDate.Has():
		if r.DoneSeq, err = event.Before(tx, in.FromDate.Value); err != nil {
			return taphoa.Webhook{}, err
		}
	default:
		return taphoa.Webhook{}, taphoa.Refuse(taphoa.CodeValidate, "fromSeq",
			"Cần số thứ tự (fromSeq) hoặc thời điểm (fromDate) để gửi lại từ đó")
	}
	r.IsActive, r.StopReason, r.StoppedDate = true, taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	r.save(tx)
	return Get(tx, &taphoa.ByID{ID: r.ID})
}

// sweepStep is how many deliveries one transaction looks at: the oldest, so that a sweep reads no more than it drops.
const sweepStep = 1000

// sweep drops the deliveries and events of all shops that happened before an instant. Events that a registration still
// waited for are given up, visibly: told hears of them.
func sweep(ctx context.Context, d *db.DB, before taphoa.Time, told func(shop string, given []givenUp)) error {
	var shops []int64
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = db.All[int64](tx.Everywhere(), `SELECT retailer_id FROM shop_heads ORDER BY retailer_id`)
		return err
	})
	for _, shop := range shops {
		for more := true; more && err == nil; {
			var (
				code  string
				given []givenUp
			)
			err = d.Write(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
				if code, err = shopCode(tx); err != nil {
					return err
				}
				if given, err = giveUp(tx, before); err != nil {
					return err
				}
				old, err := db.All[int64](tx, `
					DELETE FROM webhook_deliveries WHERE retailer_id = :retailer AND at < ? AND id IN (
						SELECT id FROM webhook_deliveries WHERE retailer_id = :retailer ORDER BY id LIMIT ?)
					RETURNING id`, before, int64(sweepStep))
				if err != nil {
					return err
				}
				tx.Count("webhook_deliveries", -1, old...)
				more, err = event.Prune(tx, before)
				more = more || len(old) > 0
				return err
			})
			if err == nil {
				told(code, given)
			}
		}
	}
	return err
}

// givenUp are events that are no longer kept and that a registration still waited for.
type givenUp struct {
	ID                         int64
	Type, URL                  string
	FirstSeq, LastSeq, Attempt int64
}

// giveUp notes as dead what registrations wait for in events that are about to be dropped, and moves them on.
func giveUp(tx *db.Tx, before taphoa.Time) ([]givenUp, error) {
	last, err := event.Before(tx, before)
	if err != nil {
		return nil, err
	}
	const waits = live + ` AND w.done_seq < ? AND (w.is_active OR w.stop_reason IS NOT NULL)`
	behind, err := db.All[givenUp](tx, `
		SELECT w.id, w.type, w.url, MIN(e.seq) AS first_seq, MAX(e.seq) AS last_seq, MAX(w.attempt) AS attempt
		FROM webhooks w JOIN events e ON e.retailer_id = :retailer AND e.seq > w.done_seq AND e.seq <= ? AND e.type = w.type
		WHERE `+waits+` GROUP BY w.id, w.type, w.url ORDER BY w.id`, last, last)
	for i := range behind {
		id, err := tx.NewID("webhook_deliveries")
		if err != nil {
			return nil, err
		}
		tx.Queue(`
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, error, at)
			VALUES (:retailer, ?, :id, :first_seq, :last_seq, :attempt, ?, 0, ?, :now)`,
			&behind[i], id, taphoa.DeliveryDead, "Các sự kiện đã quá hạn lưu trữ mà chưa gửi được")
		tx.Count("webhook_deliveries", 1, id)
		tx.Queue(`
			UPDATE webhooks SET done_seq = :last_seq, attempt = 0, fence = fence + 1
			WHERE retailer_id = :retailer AND id = :id`, &behind[i])
	}
	if err == nil { // the next step need not look at the others again
		_, err = tx.Exec(`UPDATE webhooks AS w SET done_seq = ? WHERE `+waits, last, last)
	}
	return behind, err
}
