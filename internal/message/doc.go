// Package message translates the texts of the terminal: those of commands, their hints and helps, and the refusals of
// business rules.
//
// The key of a text is its format in the source code: English in commands, Vietnamese in refusals, because the API sends
// those unchanged. Each language has one catalogue, which has the keys in the other language; a key that is not found is
// returned unchanged. Formats are those of package fmt. The printer of golang.org/x/text/message is not used: it would
// write the id 1234 as 1,234.
//
// Logs and JSON are always English and are not translated.
package message
