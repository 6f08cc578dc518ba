// Package openapi describes the API: an OpenAPI 3.1 document made of the route table's Go types, and a page that shows
// it to people.
//
// A type says nearly everything: which members a request takes, under which names and how long, and which an answer
// always has. What it does not say (what a member means, an example) stands in described.json, which is written from the
// contract and the transcripts by
//
//	go test ./internal/api -run OpenAPI -update
//
// and is checked by the same test. What the contract does not say either, titles, and the Vietnamese of all of it stand in
// words.json, which people write; the test names what is missing and what nothing needs.
//
// The folder docs holds the page and Scalar, the one large script that it needs, with its licence. The package owns no
// tables.
package openapi
