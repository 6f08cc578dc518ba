package webhook

import "github.com/taphoa/taphoa/internal/db"

// Scrub ends the registrations of the shop, for a copy of it that must not call who is told by the original.
func Scrub(tx *db.Tx) {
	tx.Queue(`DELETE FROM webhook_held WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM webhook_redeliveries WHERE retailer_id = :retailer`)
	tx.Queue(`
		UPDATE webhooks SET is_active = FALSE, deleted_at = :now
		WHERE retailer_id = :retailer AND deleted_at = 0`)
	tx.Queue(`UPDATE webhooks SET secret = NULL, old_secret = NULL, credentials = NULL WHERE retailer_id = :retailer`)
}
