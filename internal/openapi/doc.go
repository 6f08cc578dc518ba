// Package openapi describes the API: an OpenAPI 3.1 document that is generated from the Go types of the route table, and an
// HTML page that shows it.
//
// Most of it is derived from types: which members a request accepts, with their names and lengths, and which a response
// always has. Texts about members, and examples, are in described.json, which is generated from the contract and the
// transcripts by
//
//	go test ./internal/api -run OpenAPI -update
//
// and is checked by the same test. Titles, texts that the contract lacks, and the Vietnamese of all texts are in words.json,
// which is written by hand; the test names missing and unused ones.
//
// The folder docs has the page and the script Scalar with its licence. The package owns no tables.
package openapi
