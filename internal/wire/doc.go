// Package wire turns requests into Go structs and Go structs into answers: lenient in what it takes, exact in what it
// gives. It knows the habits of the programs that call the vendor's API (contract observed-behaviour, sections 4 and 5)
// and nothing of HTTP servers, shops or tables.
//
// The way in is [Decode]. Path, query and body become one tree of nodes (tree.go for JSON, form.go for forms and
// queries), and the tree is bound to a struct (decode.go, bind.go). The way out is [Append] (encode.go). Both follow a
// plan that is compiled once for a Go type (plan.go), so neither reflects while it works.
//
// # Types
//
// A field may be string, bool, int, int32, int64 (or a type of that kind), [taphoa.Money], [taphoa.Quantity],
// [taphoa.Percent], [taphoa.Time], [taphoa.Stamp], [Raw], a struct, and a pointer, a slice or a [taphoa.Opt] of these.
// Embedded structs are flattened. There is no float on purpose: amounts are exact. Any other type, an unknown tag option
// and a name used twice panic the first time the type is used.
//
// # Tags
//
//	path:"id"            filled from the path; path wins over query, query over body
//	query:"pageSize"     filled from the query
//	json:"name"          filled from the body, and written in answers
//	json:"name,omitzero" left out of answers when nil, zero or without a value
//	alias:"a,b"          further names accepted in query and body; the name itself wins over them, in this order
//	also:"Name,other"    further names under which the value is written, right behind the first
//	view:"cost"          left out for readers who may not see what goods cost
//	max:"125"            at most so many characters; without it, at most 64 KiB, or 1,000 characters of a query
//	wire:"root"          a slice that a top-level JSON array fills
//
// A field without path, query and json tag, or with json:"-" alone, is not on the wire.
package wire
