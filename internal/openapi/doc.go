// Package openapi describes the API: an OpenAPI 3.1 document made of the route table's Go types, and a page that shows
// it to people.
//
// A type says nearly everything: which members a request takes, under which names and how long, and which an answer
// always has. What it does not say (summaries, what a member means, an example) stands in described.json, which is
// written from the contract and the transcripts by
//
//	go test ./internal/api -run OpenAPI -update
//
// and is checked by the same test. An operation that is not in it yet is described by its types alone.
//
// The folder docs holds the page and RapiDoc, the one script that it needs, with its licence. The package owns no tables.
package openapi
