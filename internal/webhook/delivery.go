package webhook

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
)

// The type of a delivery is that of its events: its registration's type may have changed since.
const deliveryColumns = `d.id, d.webhook_id, COALESCE(e.type, w.type) AS type, w.url, d.first_seq, d.last_seq, d.attempt, d.outcome, d.status,
	d.duration, d.error, d.answer, d.at`

const deliveryJoin = `JOIN webhooks w ON w.retailer_id = :retailer AND w.id = d.webhook_id
	LEFT JOIN events e ON e.retailer_id = :retailer AND e.seq = d.first_seq`

var deliveryOutcomes = []string{taphoa.DeliveryDone, taphoa.DeliveryFailed, taphoa.DeliveryStopped, taphoa.DeliveryDead}

// ListDeliveries lists deliveries, the newest first; of one registration if the query names one. All operations of this
// file are ours, not the vendor's.
func ListDeliveries(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	return listDeliveries(tx, in, in.WebhookID != 0)
}

// ListDeliveriesOf lists the deliveries of one registration.
func ListDeliveriesOf(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	return listDeliveries(tx, in, true)
}

var deliveryOrders = db.Orders{
	"id": db.Number("d.id"), "webhookid": db.Number("d.webhook_id"), "url": db.Named("webhooks", "url", "d.webhook_id"),
	"type": db.Text(`COALESCE((SELECT e.type FROM events e WHERE e.retailer_id = :retailer AND e.seq = d.first_seq),
		(SELECT w.type FROM webhooks w WHERE w.retailer_id = :retailer AND w.id = d.webhook_id), '')`),
	"firstseq": db.Number("d.first_seq"), "lastseq": db.Number("d.last_seq"), "attempt": db.Number("d.attempt"), "outcome": db.Text("d.outcome"),
	"status": db.Number("d.status").OrNull(), "duration": db.Number("d.duration"), "error": db.Long("d.error"),
	"answer": db.Long("d.answer"), "at": db.Number("d.at"),
}

func listDeliveries(tx *db.Tx, in *taphoa.DeliveryQuery, ofOne bool) (taphoa.Page[taphoa.WebhookDelivery], error) {
	if in.Outcome != "" && !slices.Contains(deliveryOutcomes, in.Outcome) {
		return taphoa.Page[taphoa.WebhookDelivery]{}, taphoa.Refuse(taphoa.CodeValidate, "outcome",
			"Kết quả %q (outcome) không hợp lệ: dùng delivered, failed, stopped hoặc dead", in.Outcome)
	}
	if ofOne { // also one that was unregistered
		_, found, err := db.One[int64](tx, `SELECT id FROM webhooks WHERE retailer_id = :retailer AND id = ?`, in.WebhookID)
		if err == nil && !found {
			err = notFound()
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
		If(in.Outcome == taphoa.DeliveryDead, "d.outcome = 'dead'"). // as a literal, so that its partial index is used
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

// ListDead lists the deliveries that were given up, the newest first.
func ListDead(tx *db.Tx, in *taphoa.DeliveryQuery) (taphoa.Page[taphoa.WebhookDelivery], error) {
	in.Outcome = taphoa.DeliveryDead
	return ListDeliveries(tx, in)
}

// GetDelivery returns one delivery, with its body as long as its events are kept.
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
		f := formatOf(&s, nil)
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

// Redeliver has the events of a delivery sent once more, out of order, also when the registration is stopped.
func Redeliver(tx *db.Tx, in *taphoa.WebhookByDelivery) (taphoa.Message, error) {
	d, err := findDelivery(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	r, err := lockRegistration(tx, d.WebhookID)
	if err != nil {
		return taphoa.Message{}, err
	}
	audit.Record(tx, r.ID, r.Type)
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

// Replay sets a registration back, so that its events are delivered again from a number or an instant on, and activates it
// if it was stopped. Earlier events that are held up stay so.
func Replay(tx *db.Tx, in *taphoa.ReplayInput) (taphoa.Webhook, error) {
	r, err := lockRegistration(tx, in.ID)
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
	forgetHeld(tx, r.ID, r.DoneSeq+1)
	if err := r.save(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	return Get(tx, &taphoa.ByID{ID: r.ID})
}
