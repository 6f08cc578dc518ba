package message

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// Language is a language that the program speaks.
type Language string

// The languages.
const (
	English    Language = "en"
	Vietnamese Language = "vi"
)

// Of is the language that the environment asks for: TAPHOA_LANG before LC_ALL, LC_MESSAGES and LANG. Whatever is not
// Vietnamese gets English.
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
	English: {english, englishDocuments}, Vietnamese: {vietnamese},
}

var texts = sync.OnceValue(func() catalog.Catalog {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for l, parts := range catalogues {
		tag := language.Make(string(l))
		for _, entries := range parts {
			for _, e := range entries {
				if err := b.SetString(tag, e.key, e.text); err != nil {
					panic(err) // the catalogue is wrong, which a test finds
				}
			}
		}
	}
	return b
})

// found takes the text that a catalogue finds.
type found struct{ text string }

func (f *found) Render(text string) { f.text = text }
func (*found) Arg(int) any          { return nil }

// Format is the format of a key in this language, the key itself where no other is needed.
func (l Language) Format(key string) string {
	f := found{key}
	_ = texts().Context(language.Make(string(l)), &f).Execute(key) // not found: the key is in this language
	return f.text
}

// Text is a sentence in this language. Arguments that have several languages themselves, such as refusals, are said in
// this one.
func (l Language) Text(key string, args ...any) string {
	format := l.Format(key)
	if len(args) == 0 {
		return format
	}
	said := make([]any, len(args))
	for i, arg := range args {
		said[i] = arg
		if err, ok := arg.(error); ok {
			said[i] = l.Error(err)
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), said...)
}

// translatable is an error that has its text in several languages; say is [Language.Text] of one of them.
type translatable interface {
	error
	In(say func(key string, args ...any) string) string
}

// Error is the text of an error in this language, as far as it has one: the words of the refusal or of the [Errorf] that
// it wraps, or its own.
func (l Language) Error(err error) string {
	if t := translatable(nil); errors.As(err, &t) {
		return t.In(l.Text)
	}
	return err.Error()
}

// Error is an error that is said in the language of who reads it.
type Error struct {
	key  string
	args []any
}

// Errorf is fmt.Errorf for a text of the catalogue; the errors among its arguments are wrapped, with %w or another verb.
func Errorf(key string, args ...any) *Error { return &Error{key, args} }

// Error is the text in English.
func (e *Error) Error() string { return e.In(English.Text) }

// In is the text in the language of say.
func (e *Error) In(say func(key string, args ...any) string) string { return say(e.key, e.args...) }

// Unwrap are the errors among the arguments.
func (e *Error) Unwrap() (all []error) {
	for _, arg := range e.args {
		if err, ok := arg.(error); ok {
			all = append(all, err)
		}
	}
	return all
}
