// Package mcp serves a shop to assistants by the Model Context Protocol: `taphoa mcp`. It is a client of the API, with the rights of the
// connection whose credentials it has, and owns no tables.
//
// Invariants:
//
//  1. Without [Options.Write] no request changes anything.
//  2. A write is tried as a dry run first. It is made only if the amount that the server has worked out is at most [Options.MaxAmount], and
//     if fewer than [Options.MaxWrites] were made.
//  3. A write bears an Idempotency-Key that is made of the caller's requestKey, so that a call that is repeated has no second effect.
//  4. Texts of the shop are shown in the member data alone, as texts: without control and formatting characters, and cut.
//  5. No tool reaches secrets, webhooks, users, settings, or the log of changes.
package mcp
