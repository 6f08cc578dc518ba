package wire

import "github.com/taphoa/taphoa"

// TextPage is a page of records that are already encoded.
type TextPage struct {
	taphoa.Page[Raw]
	Sums []uint64 // hashes of the records
}
