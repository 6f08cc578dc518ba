package webhook

import (
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

const columns = `w.id, w.type, w.url, w.is_active, w.retailer_id, w.description, w.modified_date, w.created_date,
	w.stop_reason, w.stopped_date, w.last_error, w.attempt, NULLIF(w.next_at, 0) AS next_attempt_date,
	w.done_seq AS delivered_seq`

const live = "w.retailer_id = :retailer AND w.deleted_at = 0"

// How many registrations a shop has, and how many active ones that lead to one host: there are some forty types of event.
const (
	registrationsMax = 1000
	hostMax          = 100
)

var webhookOrders = db.Orders{
	"type": db.Text("w.type"), "url": db.Long("w.url"), "isactive": db.Flag("w.is_active"), "description": db.Long("w.description"),
	"createddate": db.Number("w.created_date"), "modifieddate": db.Number("w.modified_date").OrNull(),
	"stopreason": db.Text("w.stop_reason").OrNull(), "stoppeddate": db.Number("w.stopped_date").OrNull(),
	"lasterror": db.Long("w.last_error"), "attempt": db.Number("w.attempt"), "nextattemptdate": db.Number("w.next_at"),
	"deliveredseq": db.Number("w.done_seq"),
}

// List lists a shop's registrations (contract webhooks, listWebhooks).
func List(tx *db.Tx, in *taphoa.WebhookQuery) (taphoa.Page[taphoa.Webhook], error) {
	list := db.List{
		Table: "webhooks w", Live: "w.deleted_at = 0", Columns: columns,
		Orders: webhookOrders,
	}
	list.If(in.Type != "", "w.type = ?", strings.ToLower(in.Type)).If(in.IsActive.Has(), "w.is_active = ?", in.IsActive.Value)
	return db.ListPage[taphoa.Webhook](tx, &list, in.Paging)
}

// Get answers one registration (contract webhooks, getWebhook).
func Get(tx *db.Tx, in *taphoa.ByID) (taphoa.Webhook, error) {
	w, found, err := db.One[taphoa.Webhook](tx, `SELECT `+columns+` FROM webhooks w WHERE `+live+` AND w.id = ?`, in.ID)
	if err == nil && !found {
		err = unknown()
	}
	return w, err
}

func unknown() error { return taphoa.NotFound(taphoa.CodeValidate, "Webhook không tồn tại") }

// Register registers a URL for a type of event (contract webhooks, registerWebhook). The same URL for the same type is
// the same registration: it is changed, and revived when it was stopped. A new one gets what happens from now on.
func Register(tx *db.Tx, in *taphoa.WebhookInput) (taphoa.Webhook, error) {
	if !in.Type.Has() {
		return taphoa.Webhook{}, taphoa.Refuse(taphoa.CodeValidate, "Type", "Loại sự kiện (Type) không được để trống")
	}
	if !in.URL.Has() {
		return taphoa.Webhook{}, taphoa.Refuse(taphoa.CodeValidate, "Url", "Địa chỉ nhận (Url) không được để trống")
	}
	if err := event.CheckType("Type", in.Type.Value); err != nil {
		return taphoa.Webhook{}, err
	}
	if err := lockAll(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	same, found, err := db.One[int64](tx, `
		SELECT id FROM webhooks w WHERE `+live+` AND w.type = ? AND w.url = ? ORDER BY w.id LIMIT 1 :lock`, in.Type.Value, in.URL.Value)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	if found {
		again := *in
		again.ID, again.IsActive = same, taphoa.Some(in.IsActive.Or(true))
		return Update(tx, &again)
	}
	count, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM webhooks w WHERE `+live)
	if err == nil && count >= registrationsMax {
		err = taphoa.Refuse(taphoa.CodeValidate, "", "Gian hàng đã có %d webhook, hãy hủy đăng ký những webhook không dùng nữa", count)
	}
	if err == nil && in.IsActive.Or(true) {
		err = checkHost(tx, 0, in.URL.Value)
	}
	if err != nil {
		return taphoa.Webhook{}, err
	}
	last, _, err := event.Bounds(tx)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	id, err := tx.NewID("webhooks")
	if err != nil {
		return taphoa.Webhook{}, err
	}
	tx.Queue(`
		INSERT INTO webhooks (retailer_id, id, type, url, description, secret, is_active, created_date, done_seq)
		VALUES (:retailer, ?, ?, ?, ?, ?, ?, :now, ?)`,
		id, in.Type.Value, in.URL.Value, in.Description, in.Secret, in.IsActive.Or(true), last)
	return answer(tx, in, id)
}

// answer is a registration as it was just written, with what is to be said about its URL.
func answer(tx *db.Tx, in *taphoa.WebhookInput, id int64) (taphoa.Webhook, error) {
	w, err := Get(tx, &taphoa.ByID{ID: id})
	w.Warnings = in.Warnings
	return w, err
}

// lockAll keeps the shop's registrations as many as they are. Programs register when they start, several copies of them
// at once.
func lockAll(tx *db.Tx) error {
	_, _, err := db.One[int64](tx, `SELECT retailer_id FROM retailers WHERE retailer_id = :retailer :lock`)
	return err
}

// checkHost refuses one more active registration that leads to a host, besides the one with the id.
func checkHost(tx *db.Tx, id int64, to string) error {
	others, err := db.All[string](tx, `SELECT url FROM webhooks w WHERE `+live+` AND w.is_active AND w.id <> ?`, id)
	if err != nil {
		return err
	}
	host, count := hostOf(to), 0
	for _, other := range others {
		if hostOf(other) == host {
			count++
		}
	}
	if count >= hostMax {
		return taphoa.Refuse(taphoa.CodeValidate, "Url",
			"Gian hàng đã có %d webhook đang hoạt động gửi tới máy %s (Url), hãy hủy đăng ký hoặc tắt những webhook không dùng nữa", count, host)
	}
	return nil
}

// hostOf is the host that a URL leads to, in one spelling.
func hostOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// record is a registration as it is stored.
type record struct {
	taphoa.Webhook
	Secret  taphoa.Opt[string]
	DoneSeq int64
}

// lock reads a registration that is about to change.
func lock(tx *db.Tx, id int64) (record, error) {
	r, found, err := db.One[record](tx, `
		SELECT `+columns+`, w.secret, w.done_seq FROM webhooks w WHERE `+live+` AND w.id = ? :lock`, id)
	if err == nil && !found {
		err = unknown()
	}
	return r, err
}

// save stores a changed registration. The fence makes void what a courier under way still finds out about the old one.
func (r *record) save(tx *db.Tx) {
	tx.Queue(`
		UPDATE webhooks SET type = :type, url = :url, description = :description, secret = :secret, is_active = :is_active,
			stop_reason = :stop_reason, stopped_date = :stopped_date, done_seq = :done_seq, attempt = 0, next_at = 0,
			last_error = NULL, fence = fence + 1, modified_date = :now
		WHERE retailer_id = :retailer AND id = :id`, r)
}

// Update changes what is given of a registration (contract webhooks, updateWebhook). One that its owner had switched off,
// or that gets another type, is told what happens from now on; one that the courier had stopped goes on where it was.
func Update(tx *db.Tx, in *taphoa.WebhookInput) (taphoa.Webhook, error) {
	if err := lockAll(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	r, err := lock(tx, in.ID)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	was := r
	if in.Type.Has() {
		if err := event.CheckType("Type", in.Type.Value); err != nil {
			return taphoa.Webhook{}, err
		}
		if in.Type.Value != r.Type { // what happened of another type was never wanted
			if r.DoneSeq, _, err = event.Bounds(tx); err != nil {
				return taphoa.Webhook{}, err
			}
		}
		r.Type = in.Type.Value
	}
	if in.URL.Has() {
		r.URL = in.URL.Value
	}
	if in.Description.Given() {
		r.Description = in.Description
	}
	if in.Secret.Given() {
		r.Secret = in.Secret
	}
	if active := in.IsActive.Or(r.IsActive); active != r.IsActive {
		if active && !r.StopReason.Has() {
			if r.DoneSeq, _, err = event.Bounds(tx); err != nil {
				return taphoa.Webhook{}, err
			}
		}
		r.IsActive, r.StopReason, r.StoppedDate = active, taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	}
	if r.IsActive && !(was.IsActive && hostOf(was.URL) == hostOf(r.URL)) {
		if err := checkHost(tx, r.ID, r.URL); err != nil {
			return taphoa.Webhook{}, err
		}
	}
	r.save(tx)
	return answer(tx, in, r.ID)
}

// Unregister removes a registration (contract webhooks, unregisterWebhook). The log of its deliveries stays.
func Unregister(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE webhooks SET deleted_at = :now, is_active = FALSE, fence = fence + 1
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = unknown()
	}
	tx.Queue(`DELETE FROM webhook_redeliveries WHERE retailer_id = :retailer AND webhook_id = ?`, in.ID)
	return taphoa.Message{Message: taphoa.MessageWebhookRemoved}, err
}
