package message

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// Language is a language of the program's texts.
type Language string

// The languages.
const (
	English    Language = "en"
	Vietnamese Language = "vi"
)

// Of returns the language of the environment: TAPHOA_LANG before LC_ALL, LC_MESSAGES and LANG. The default is English.
func Of(getenv func(string) string) Language {
	for _, name := range []string{"TAPHOA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), "vi") {
				return Vietnamese
			}
			return English
		}
	}
	return English
}

// entry is a text of a catalogue with its key.
type entry struct{ key, text string }

// catalogues are the texts of each language.
var catalogues = map[Language][][]entry{
	English: {
		english, englishDocuments, englishDebt, englishAdjustments, englishAccess, englishConsole, englishConnections, englishAuthorize,
		englishPasskeys, englishMirror, englishRights, englishAudit, englishAPI, englishWire,
	},
	Vietnamese: {vietnamese, vietnameseTLS, vietnameseMail, vietnameseAuthorize, vietnameseSandbox, vietnameseMirror, vietnameseReport, vietnameseIsolate, vietnameseMCP, vietnamesePackages},
}

var texts = sync.OnceValue(func() catalog.Catalog {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for l, lists := range catalogues {
		tag := language.Make(string(l))
		for _, entries := range lists {
			for _, e := range entries {
				if err := b.SetString(tag, e.key, e.text); err != nil {
					panic(err) // the catalogue is invalid, which a test finds
				}
			}
		}
	}
	return b
})

// textResult receives the text of a catalogue.
type textResult struct{ text string }

func (f *textResult) Render(text string) { f.text = text }
func (*textResult) Arg(int) any          { return nil }

// Format returns the format of a key in this language, the key itself if it is in this language.
func (l Language) Format(key string) string {
	f := textResult{key}
	_ = texts().Context(language.Make(string(l)), &f).Execute(key) // not found: the key is in this language
	return f.text
}

// Text returns a sentence in this language. Arguments that can be translated, such as refusals, are translated as well.
func (l Language) Text(key string, args ...any) string {
	format := l.Format(key)
	if len(args) == 0 {
		return format
	}
	translated := make([]any, len(args))
	for i, arg := range args {
		translated[i] = arg
		if err, ok := arg.(error); ok {
			translated[i] = l.Error(err)
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), translated...)
}

// translatable is an error with a text in several languages; say is the [Language.Text] of one.
type translatable interface {
	error
	In(say func(key string, args ...any) string) string
}

// Error returns the text of an error in this language: that of the refusal or of the [Errorf] that it wraps, or its own.
func (l Language) Error(err error) string {
	if t := translatable(nil); errors.As(err, &t) {
		return t.In(l.Text)
	}
	return err.Error()
}

// Error is an error that can be translated.
type Error struct {
	key  string
	args []any
}

// Errorf is fmt.Errorf for a text of the catalogue; the errors among its arguments are wrapped, with %w or another verb.
func Errorf(key string, args ...any) *Error { return &Error{key, args} }

// Error returns the text in English.
func (e *Error) Error() string { return e.In(English.Text) }

// In returns the text in the language of say.
func (e *Error) In(say func(key string, args ...any) string) string { return say(e.key, e.args...) }

// Unwrap returns the errors among the arguments.
func (e *Error) Unwrap() (all []error) {
	for _, arg := range e.args {
		if err, ok := arg.(error); ok {
			all = append(all, err)
		}
	}
	return all
}
