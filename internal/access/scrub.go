package access

import "github.com/taphoa/taphoa/internal/db"

// Scrub takes from the people of the shop what they sign in with, for a copy of it: passwords, passkeys, second factors, PINs, sessions,
// links. Roles stay.
func Scrub(tx *db.Tx) {
	tx.Queue(`DELETE FROM access_accounts WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM access_passkeys WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM access_recovery_codes WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM access_sessions WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM access_links WHERE retailer_id = :retailer`)
	tx.Queue(`DELETE FROM access_approvals WHERE retailer_id = :retailer`)
	tx.Everywhere().Queue(`DELETE FROM access_setup`)
	tx.Everywhere().Queue(`DELETE FROM access_challenge_key`)
	tx.Everywhere().Queue(`DELETE FROM access_used_challenges`)
}
