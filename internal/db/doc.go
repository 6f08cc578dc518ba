// Package db is the storage: it holds the shop's rows and is the only package that knows which engine holds them.
//
// A caller opens a [DB] and runs operations in it with [DB.Read] and [DB.Write]. An operation gets a [Tx], which
// belongs to one shop and one instant, touches nothing outside it, and may therefore be run again or together with others
// in one commit. Each write of a shop holds the shop's [Head] from its beginning, so that what it takes from there is in
// the order of the commits (docs/decisions/0017-head-of-a-shop.md).
//
// Statements are plain SQL in the dialect that SQLite ≥ 3.40 and PostgreSQL ≥ 15 share. Arguments are written
//
//	?          the next positional argument
//	IN ?       the same, for a slice of int64 or string (which must not be empty)
//	:name      the field of the struct argument whose column is name
//	:retailer  the shop of the Tx
//	:now       the instant of the Tx, of which nothing committed before is later
//	:lock      FOR UPDATE on PostgreSQL, nothing on SQLite, whose writers queue anyway
//
// A statement that does not mention :retailer is refused unless it goes through [Tx.Everywhere]: that is the tenant isolation
// between shops. Columns and fields meet by name (OnHand is on_hand; a db tag overrides).
//
// The package owns the tables id_blocks and shop_heads and no others.
package db
