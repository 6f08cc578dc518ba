// Package api is the vendor's API: it turns HTTP requests into operations of the business packages and their results into the
// vendor's JSON.
//
// routes.go has one line for each operation. read and write (endpoint.go) make handlers of operations; what the vendor
// does oddly for one operation is in its line or in a small handler beside it. Errors become the vendor's envelope
// in errors.go and nowhere else. The package owns the table idempotency_keys and no others.
package api
