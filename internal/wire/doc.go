// Package wire decodes requests into Go structs and encodes Go structs as responses: lenient in what it accepts, exact in
// what it writes. It implements what clients of the vendor's API send and expect (contract observed-behaviour, sections 4
// and 5) and does not depend on HTTP servers, shops or tables.
//
// [Decode] reads path, query and body into one tree of nodes (tree.go for JSON, form.go for forms and queries) and binds the
// tree to a struct (decode.go, bind.go). [Append] encodes (encode.go). Both follow a plan that is compiled once for a Go
// type (plan.go), so that they hardly use reflection.
//
// # Types
//
// A field may be string, bool, int, int32, int64 (or a type of that kind), [taphoa.Money], [taphoa.Quantity],
// [taphoa.Percent], [taphoa.Time], [taphoa.Stamp], [Raw], a struct, and a pointer, a slice or a [taphoa.Opt] of these.
// Embedded structs are flattened. Floats are not supported, since amounts are exact. Any other type, an unknown tag option
// and a name used twice panic the first time the type is used.
//
// # Tags
//
//	path:"id"            filled from the path; path wins over query, query over body
//	query:"pageSize"     filled from the query
//	json:"name"          filled from the body, and written in responses
//	json:"name,omitzero" left out of responses when nil, zero or without a value
//	alias:"a,b"          further names accepted in query and body; the name itself wins over them, in this order
//	also:"Name,other"    further names under which the value is written, right after the first
//	view:"cost,debt"     left out for callers who may not see one of these ([Hides])
//	max:"125"            the maximum of characters; without it, 64 KiB, or 1,000 characters of a query
//	words:"order"        a list of statuses, for which words are taken, too ([taphoa.Statuses])
//	wire:"root"          a slice that a top-level JSON array fills
//
// A field without path, query and json tag, or with json:"-" alone, is not on the wire.
//
// # Several spellings
//
// Names match in any letter case. A member that is given under several names gets the value of the first in this order: the
// name as its tag spells it, which is the documented one, in the path, the query or the body; then, of a query before a body,
// the name in other letter cases, each alias as it is spelled and in other letter cases, and in responses the also-names.
// Of equals the last one given is used. A null counts only if there is no value under another name: clients send null for
// all that they did not set, under every name they know.
package wire
