// Package text has the keys by which texts are compared and found. Every table that is looked up by a code or by a name
// keeps such a key in a column of its own, so the rules must be the same wherever one is written or asked for.
// [SplitCredentials] keeps passwords out of the URLs that are stored and shown.
package text
