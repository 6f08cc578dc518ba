package webhook

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/text"
)

const registrationColumns = `w.id, w.type, w.url, w.is_active, w.retailer_id, w.description, w.modified_date, w.created_date,
	w.stop_reason, w.stopped_date, w.last_error, w.attempt, NULLIF(w.next_at, 0) AS next_attempt_date,
	` + deliveredSeq + ` AS delivered_seq, w.held_count AS held_up,
	w.old_secret_until`

// deliveredSeq is the number up to which nothing is left to deliver.
const deliveredSeq = `CASE WHEN w.held_seq > 0 THEN w.held_seq - 1 ELSE w.done_seq END`

const liveRegistration = "w.retailer_id = :retailer AND w.deleted_at = 0"

// How many registrations a shop may have, and how many active ones of one host: there are some forty types of event.
const (
	registrationsMax = 1000
	hostMax          = 100
)

var webhookOrders = db.Orders{
	"type": db.Text("w.type"), "url": db.Long("w.url"), "isactive": db.Flag("w.is_active"), "description": db.Long("w.description"),
	"createddate": db.Number("w.created_date"), "modifieddate": db.Number("w.modified_date").OrNull(),
	"stopreason": db.Text("w.stop_reason").OrNull(), "stoppeddate": db.Number("w.stopped_date").OrNull(),
	"lasterror": db.Long("w.last_error"), "attempt": db.Number("w.attempt"), "nextattemptdate": db.Number("w.next_at"),
	"deliveredseq": db.Number(deliveredSeq), "heldup": db.Number("w.held_count"),
	"oldsecretuntil": db.Number("w.old_secret_until").OrNull(),
}

// List lists a shop's registrations (contract webhooks, listWebhooks).
func List(tx *db.Tx, in *taphoa.WebhookQuery) (taphoa.Page[taphoa.Webhook], error) {
	list := db.List{
		Table: "webhooks w", Live: "w.deleted_at = 0", Columns: registrationColumns,
		Orders: webhookOrders,
	}
	list.If(in.Type != "", "w.type = ?", strings.ToLower(in.Type)).If(in.IsActive.Has(), "w.is_active = ?", in.IsActive.Value)
	return db.ListPage[taphoa.Webhook](tx, &list, in.Paging)
}

// Get returns one registration (contract webhooks, getWebhook).
func Get(tx *db.Tx, in *taphoa.ByID) (taphoa.Webhook, error) {
	w, found, err := db.One[taphoa.Webhook](tx, `SELECT `+registrationColumns+` FROM webhooks w WHERE `+liveRegistration+` AND w.id = ?`, in.ID)
	if err == nil && !found {
		err = notFound()
	}
	return w, err
}

func notFound() error { return taphoa.NotFound(taphoa.CodeValidate, "Webhook không tồn tại") }

// Register registers a URL for a type of event (contract webhooks, registerWebhook). The same URL for the same type is
// the same registration: it is changed, and activated if it was stopped. A new one gets the events from now on.
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
	if err := lockShop(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	to, credentials := addressOf(in.URL.Value)
	same, found, err := db.One[int64](tx, `
		SELECT id FROM webhooks w WHERE `+liveRegistration+` AND w.type = ? AND w.url = ?
		ORDER BY CASE WHEN w.credentials = ? THEN 0 ELSE 1 END, w.id LIMIT 1 :lock`, in.Type.Value, to, credentials.Value)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	if found {
		existing := *in
		existing.ID, existing.IsActive = same, taphoa.Some(in.IsActive.Or(true))
		return Update(tx, &existing)
	}
	count, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM webhooks w WHERE `+liveRegistration)
	if err == nil && count >= registrationsMax {
		err = taphoa.Refuse(taphoa.CodeValidate, "", "Gian hàng đã có %d webhook, hãy hủy đăng ký những webhook không dùng nữa", count)
	}
	if err == nil && in.IsActive.Or(true) {
		err = checkHost(tx, 0, to)
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
		INSERT INTO webhooks (retailer_id, id, type, url, credentials, description, secret, is_active, created_date, done_seq)
		VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, :now, ?)`,
		id, in.Type.Value, to, credentials, in.Description, in.Secret, in.IsActive.Or(true), last)
	return Get(tx, &taphoa.ByID{ID: id})
}

// lockShop keeps others from registering: several copies of a program may register at the same time when they start.
func lockShop(tx *db.Tx) error {
	_, _, err := db.One[int64](tx, `SELECT retailer_id FROM retailers WHERE retailer_id = :retailer :lock`)
	return err
}

// checkHost refuses one more active registration of a host, not counting the one with the id.
func checkHost(tx *db.Tx, id int64, to string) error {
	others, err := db.All[string](tx, `SELECT url FROM webhooks w WHERE `+liveRegistration+` AND w.is_active AND w.id <> ?`, id)
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

// addressOf divides a URL into what is stored and shown as its URL, and user and password: null if it has an @ without any,
// which removes those that are stored.
func addressOf(given string) (to string, credentials taphoa.Opt[string]) {
	to, userinfo, found := text.SplitCredentials(given)
	switch {
	case userinfo != "":
		credentials = taphoa.Some(userinfo)
	case found:
		credentials = taphoa.Null[string]()
	}
	return to, credentials
}

// moveTo changes the URL. Credentials that are not given stay, since clients write back the URL that they read; but they never
// go to another scheme, host, port or path: many shops may have receivers at one host.
func (r *registrationRow) moveTo(given string) {
	to, credentials := addressOf(given)
	if credentials.Given() || receiverOf(to) != receiverOf(r.URL) {
		r.Credentials = taphoa.SomeIf(credentials.Value)
	}
	r.URL = to
}

// receiverOf returns scheme, host, port and path of a URL.
func receiverOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port + cmp.Or(u.EscapedPath(), "/")
}

// hostOf returns the host of a URL, in lower case and without a trailing dot.
func hostOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// registrationRow is a registration as it is stored.
type registrationRow struct {
	taphoa.Webhook
	Secret, OldSecret, Credentials taphoa.Opt[string]
	DoneSeq                        int64
}

// lockRegistration reads a registration for update.
func lockRegistration(tx *db.Tx, id int64) (registrationRow, error) {
	r, found, err := db.One[registrationRow](tx, `
		SELECT `+registrationColumns+`, w.secret, w.old_secret, w.credentials, w.done_seq FROM webhooks w WHERE `+liveRegistration+` AND w.id = ? :lock`, id)
	if err == nil && !found {
		err = notFound()
	}
	return r, err
}

// save stores a changed registration. What is held up is tried at once. The new fence invalidates what a worker still
// reports for the old one.
func (r *registrationRow) save(tx *db.Tx) error {
	err := retryHeld(tx, r.ID)
	tx.Queue(`
		UPDATE webhooks SET type = :type, url = :url, credentials = :credentials, description = :description, secret = :secret,
			old_secret = :old_secret, old_secret_until = :old_secret_until, is_active = :is_active,
			stop_reason = :stop_reason, stopped_date = :stopped_date, done_seq = :done_seq, attempt = 0, next_at = 0,
			last_error = NULL, failures = 0, rest_until = 0, fence = fence + 1, modified_date = :now,`+countHeld+`
		WHERE retailer_id = :retailer AND id = :id`, r)
	return err
}

// tryNow has what is held up tried at once. The registration itself does not change.
func (r *registrationRow) tryNow(tx *db.Tx) error {
	err := retryHeld(tx, r.ID)
	tx.Queue(`
		UPDATE webhooks SET attempt = 0, next_at = 0, last_error = NULL, failures = 0, rest_until = 0, fence = fence + 1
		WHERE retailer_id = :retailer AND id = :id`, r)
	return err
}

// Update changes the given members of a registration (contract webhooks, updateWebhook). One that was switched off by the
// shop, or that gets another type, gets the events from now on; one that the deliverer had stopped continues where it was.
// IsActive has what is held up tried at once, also when nothing changes.
func Update(tx *db.Tx, in *taphoa.WebhookInput) (taphoa.Webhook, error) {
	if err := lockShop(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	r, err := lockRegistration(tx, in.ID)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	before := r
	if in.Type.Has() {
		if err := event.CheckType("Type", in.Type.Value); err != nil {
			return taphoa.Webhook{}, err
		}
		if in.Type.Value != r.Type { // earlier events of the new type were never asked for
			if r.DoneSeq, _, err = event.Bounds(tx); err != nil {
				return taphoa.Webhook{}, err
			}
			forgetHeld(tx, r.ID, 0)
		}
		r.Type = in.Type.Value
	}
	if in.URL.Has() {
		r.moveTo(in.URL.Value)
	}
	if in.Description.Given() {
		r.Description = in.Description
	}
	if in.Secret.Given() {
		r.setSecret(in.Secret)
	}
	if active := in.IsActive.Or(r.IsActive); active != r.IsActive {
		if active && !r.StopReason.Has() {
			if r.DoneSeq, _, err = event.Bounds(tx); err != nil {
				return taphoa.Webhook{}, err
			}
		}
		if !active || !r.StopReason.Has() {
			forgetHeld(tx, r.ID, 0)
		}
		r.IsActive, r.StopReason, r.StoppedDate = active, taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	}
	if r.IsActive && !(before.IsActive && hostOf(before.URL) == hostOf(r.URL)) {
		if err := checkHost(tx, r.ID, r.URL); err != nil {
			return taphoa.Webhook{}, err
		}
	}
	_, credentials := addressOf(in.URL.Value)
	switch {
	// A secret that is given counts as changed: whether it is the one that is stored is told to no client.
	case !db.Unchanged(&before, &r), in.Secret.Has(), credentials.Has():
		err = r.save(tx)
	case in.IsActive.Has() && r.IsActive && r.HeldUp > 0:
		err = r.tryNow(tx)
	}
	if err != nil {
		return taphoa.Webhook{}, err
	}
	return Get(tx, &taphoa.ByID{ID: r.ID})
}

// Unregister removes a registration (contract webhooks, unregisterWebhook). The log of its deliveries stays.
func Unregister(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE webhooks SET deleted_at = :now, is_active = FALSE, fence = fence + 1
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = notFound()
	}
	tx.Queue(`DELETE FROM webhook_redeliveries WHERE retailer_id = :retailer AND webhook_id = ?`, in.ID)
	forgetHeld(tx, in.ID, 0)
	return taphoa.Message{Message: taphoa.MessageWebhookRemoved}, err
}
