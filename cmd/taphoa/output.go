package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
)

// width is that of the narrowest usual terminal, in columns.
const width = 80

// text returns a text of the catalogue in the language of the program. {taphoa} is replaced with the program's name.
func (p *program) text(key string, args ...any) string {
	format := strings.ReplaceAll(p.lang.Format(key), "{taphoa}", strings.ReplaceAll(programName, "%", "%%"))
	translated := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			translated[i] = printable(arg)
		case error:
			translated[i] = printable(p.shown(arg))
		default:
			translated[i] = arg
		}
	}
	return p.lang.Text(format, translated...)
}

// say prints a text of the catalogue.
func (p *program) say(key string, args ...any) { printText(p.stdout, p.text(key, args...)) }

// sayError prints a text of the catalogue on standard error.
func (p *program) sayError(key string, args ...any) { printText(p.stderr, p.text(key, args...)) }

// printText prints a text as one line, wrapped on a terminal.
func printText(w io.Writer, text string) {
	if isTerminal(w) {
		text = strings.Join(wrap(text, width), "\n")
	}
	fmt.Fprintln(w, text)
}

// example prints a command to copy, not wrapped, after a comment with its title.
func (p *program) example(title, command string) {
	fmt.Fprintf(p.stdout, "\n%s\n%s\n", p.style(dim, "# "+title), command)
}

// sentence returns an error as one line: of a refusal the sentence only, without the name of the member.
func (p *program) sentence(err error) string {
	text := strings.ReplaceAll(p.shown(describeError(err)), "{taphoa}", programName)
	return printable(strings.Join(strings.Fields(text), " "))
}

// shown returns the text of an error, as [message.Language.Error] does, without the passwords in what it repeats.
func (p *program) shown(err error) string {
	told := (interface {
		error
		In(say func(key string, args ...any) string) string
	})(nil)
	if !errors.As(err, &told) {
		return p.withoutPasswords(err.Error())
	}
	return told.In(func(key string, args ...any) string {
		args = slices.Clone(args)
		for i, arg := range args {
			switch arg := arg.(type) {
			case string:
				args[i] = p.withoutPasswords(arg)
			case error:
				args[i] = p.shown(arg)
			}
		}
		return p.lang.Text(key, args...)
	})
}

// withoutPasswords returns a text without passwords. If it is a part of what was typed, such as an entry of a list or the
// host in a URL that was misread, and is not seen there without the password, it is a part of one.
func (p *program) withoutPasswords(text string) string {
	safe := hidePassword(text)
	for typed, shown := range p.typed {
		if strings.Contains(typed, text) && !strings.Contains(shown, safe) {
			return "…"
		}
	}
	return safe
}

// Where a password may be in an argument or a variable, perhaps the wrong one. It may have any character, so it ends at the
// last @ only.
var (
	userOnly     = regexp.MustCompile(`^[^:@]*\b(?i:postgres(ql)?|https?)://[^:@/]*@[^@]*$`)
	userInfo     = regexp.MustCompile(`(?s)^(["[]*(?i:postgres(?:ql)?|https?)://[^:@/]*:|[^:]*:).*(@.*)$`)
	unterminated = regexp.MustCompile(`(?s)^(.*?:/+[^:@/\[]*:)([^@]*)$`) // the host is missing, or that is its port
	port         = regexp.MustCompile(`(?s)^\d{0,5}([]/?#"].*)?$`)
	keyword      = regexp.MustCompile(`(?is)^(.*?(?:pass\w*|pwd|secret)\s*=).`)
)

// hidePassword returns a text without what may be a password. It rather hides too much.
func hidePassword(text string) string {
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok {
		return "sqlite:" + hidePassword(file)
	}
	before, after := text, ""
	if m := userInfo.FindStringSubmatch(text); m != nil && !userOnly.MatchString(text) {
		before, after = m[1], m[2]
	} else if m := unterminated.FindStringSubmatch(text); m != nil && !port.MatchString(m[2]) {
		before = m[1]
	}
	if m := keyword.FindStringSubmatch(text); m != nil {
		before, after = before[:min(len(before), len(m[1]))], ""
	}
	if before == text {
		return text
	}
	return before + "…" + after
}

// describeError returns translatable errors for those of the operating system and the engine; other errors are returned
// unchanged.
func describeError(err error) error {
	at := (*fs.PathError)(nil)
	switch {
	case errors.As(err, new(*message.Error)):
	case errors.Is(err, db.ErrDamaged):
		return message.Errorf("the database is damaged: {taphoa} check lists the faults, {taphoa} restore puts a backup in its place")
	case errors.Is(err, db.ErrStorage), errors.Is(err, syscall.ENOSPC):
		return message.Errorf("the disk is full, fails or is read-only")
	case errors.Is(err, db.ErrUnavailable):
		return message.Errorf("the database is busy or does not answer: try again")
	case !errors.As(err, &at):
	case errors.Is(at, fs.ErrNotExist):
		return message.Errorf("there is no file %s", at.Path)
	case errors.Is(at, fs.ErrPermission):
		return message.Errorf("this user may not open the file %s", at.Path)
	case errors.Is(at, fs.ErrExist):
		return message.Errorf("%s exists already", at.Path)
	case errors.Is(at, syscall.EISDIR):
		return message.Errorf("%s is not a file", at.Path)
	}
	return err
}

// printError prints why the program ends.
func (p *program) printError(err error) {
	printText(p.stderr, "taphoa: "+p.sentence(err))
}

// when formats an instant in Vietnam's time and in the program's language.
func (p *program) when(t taphoa.Time) string {
	if p.lang == message.Vietnamese {
		return t.Std().Format("02/01/2006 15:04")
	}
	return t.Std().Format("2006-01-02 15:04")
}

// table prints rows in columns; the headers are keys.
func (p *program) table(headers []string, rows [][]any) {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for i, header := range headers {
		if i > 0 {
			fmt.Fprint(w, "\t")
		}
		fmt.Fprint(w, p.text(header))
	}
	fmt.Fprintln(w)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, printable(fmt.Sprint(cell)))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// printable returns a text without characters that move the cursor, break a line or change its direction.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}

// quoted returns a word of a command quoted for a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, " '\"#$&()*;<>?[]\\`{|}~") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// isTerminal reports whether output is shown on a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Styles of text on a terminal (ECMA-48, SGR).
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// styled is a printable text that may have a colour.
type styled string

// style colours a text on terminals with colours, unless NO_COLOR is set (no-color.org).
func (p *program) style(colour, text string) styled {
	text = printable(text)
	if text == "" || !isTerminal(p.stdout) || p.getenv("NO_COLOR") != "" || p.getenv("TERM") == "dumb" {
		return styled(text)
	}
	return styled("\x1b[" + colour + "m" + text + "\x1b[0m")
}

// field is a line of a command's output: a label and a text, both translated.
type field struct{ label, text string }

// printFields prints fields in two columns, wrapped.
func (p *program) printFields(fields []field) {
	column := 0
	for _, f := range fields {
		column = max(column, utf8.RuneCountInString(f.label))
	}
	for _, f := range fields {
		for i, line := range wrap(f.text, width-column-2) {
			label := ""
			if i == 0 {
				label = f.label
			}
			space := strings.Repeat(" ", column+2-utf8.RuneCountInString(label))
			fmt.Fprintf(p.stdout, "%s%s%s\n", p.style(dim, label), space, line)
		}
	}
}

// sayWrapped prints a text of the catalogue in wrapped lines.
func (p *program) sayWrapped(key string, args ...any) {
	for _, line := range wrap(p.text(key, args...), width) {
		fmt.Fprintln(p.stdout, line)
	}
}

// escape matches what [program.style] adds to a text.
var escape = regexp.MustCompile("\x1b\\[[0-9]*m")

// wrap breaks a text between words into lines of at most columns.
func wrap(text string, columns int) (lines []string) {
	line, used := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(escape.ReplaceAllString(word, ""))
		if used > 0 && used+1+n > columns {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += n
	}
	return append(lines, line)
}
