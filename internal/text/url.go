package text

import "strings"

// SplitCredentials returns a URL without user and password, and these as they are before its @, percent-encoded. They are
// found where there is an @, even if they are empty.
func SplitCredentials(whole string) (plain, credentials string, found bool) {
	scheme, rest, _ := strings.Cut(whole, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	at := strings.LastIndex(authority, "@")
	if at < 0 {
		return whole, "", false
	}
	return scheme + "://" + rest[at+1:], rest[:at], true
}
