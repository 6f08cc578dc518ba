package requestlog

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const mask = "***"

// secretNames are members, parameters and fields whose values are not stored.
const secretNames = `[\w.-]*(?:secret|passw|passwd|pwd|token|auth|credential|signature|(?:api|private|access)[_-]?key|mat_?khau|cookie)[\w.-]*|` +
	`(?:[\w.]+[_-])?(?:pin|otp|sig)|\w+Pin|pinCode|pass`

var (
	secretMembers = regexp.MustCompile(`(?i)("(?:` + secretNames + `)"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?$)|\[[^\]]*(?:\]|$)|\{[^}]*(?:\}|$)|[^\s,}\]]+)`)
	secretFields  = regexp.MustCompile(`(?i)((?:^|[?&;\s])(?:` + secretNames + `)=)[^&;\s"]*`)
	userInfo      = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^/@\s"]*@`)
	bearer        = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}`)
	codes         = regexp.MustCompile(`(?i)([?&;]code(?:_verifier)?=)[^&;]*`) // of token requests; elsewhere a code is that of a product
	tokens        = regexp.MustCompile(`\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}`)
)

// masked is an entry as it is stored: without secrets, and text that every database takes.
func (e *noted) masked() Entry {
	s := e.Entry
	s.Path, s.Sentence, s.Body = clean(s.Path, textMax), clean(s.Sentence, textMax), clean(s.Body, bodyMax)
	s.Method, s.Operation, s.Address = clean(s.Method, 20), clean(s.Operation, 100), clean(s.Address, 100)
	return s
}

// hints are what a text with a secret has, in lower case: most texts have none, and are not searched for it.
var hints = []string{
	"secret", "pass", "pwd", "token", "auth", "credential", "sig", "key", "pin", "otp", "khau", "cookie", "://", "bearer ", "basic ", "eyj", `\u00`, "%5f", "%2d", "%26",
}

// Mask is the beginning of a text as the log would keep it: without secrets.
func Mask(text string, most int) string { return clean(text, most) }

func clean(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, string(utf8.RuneError)), "\x00", string(utf8.RuneError))
	if lower := strings.ToLower(text); slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(lower, hint) }) {
		text = hide(text)
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// escaped are other spellings of what stands between the words of a name.
var escaped = strings.NewReplacer(`\u005f`, "_", `\u005F`, "_", `\u002d`, "-", `\u002D`, "-", "%5F", "_", "%5f", "_", "%2D", "-", "%2d", "-", "%26", "&", "%3D", "=", "%3d", "=")

func hide(text string) string {
	text = escaped.Replace(text)
	text = secretMembers.ReplaceAllString(text, "${1}\""+mask+"\"")
	text = secretFields.ReplaceAllString(text, "${1}"+mask)
	text = userInfo.ReplaceAllString(text, "${1}"+mask+"@")
	text = bearer.ReplaceAllString(text, "${1} "+mask)
	return tokens.ReplaceAllString(text, mask)
}
