// Package message says what people read in a terminal in their language: the texts of commands, their hints and helps,
// and the refusals of the shop's rules.
//
// A text is found by its key, which is the format it has where it is written: English in commands, Vietnamese in
// refusals, because the API sends those as they are. Each language has one catalogue, which holds the keys that are
// written in the other one; a key that is not found is said as it is. Formats are those of package fmt. The printer of
// golang.org/x/text/message is not used: it would write the id 1234 as 1,234.
//
// Logs and JSON are always English and do not come here.
package message
