package oauth

import "github.com/taphoa/taphoa/internal/db"

// Scrub removes the clients and the signing keys of a database, and what people allow clients, for a copy of it whose tokens must not be
// those of the original. [New] makes a new key.
func Scrub(tx *db.Tx) {
	all := tx.Everywhere()
	all.Queue(`DELETE FROM oauth_clients`)
	all.Queue(`DELETE FROM oauth_client_uses`)
	all.Queue(`DELETE FROM oauth_consents`)
	all.Queue(`DELETE FROM oauth_grants`)
	all.Queue(`DELETE FROM oauth_keys`)
}
