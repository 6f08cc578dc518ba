package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa/internal/api"
)

// man prints the manual page, for packages, in the language of the program.
type man struct{}

// Run writes the page in the man macros, from the parser's model.
func (man) Run(p *program) error {
	m := &page{program: p}
	m.macro("TH", "TAPHOA", "1", "", "Taphoa "+api.ReadBuild().Version)
	m.macro("SH", m.text("NAME"))
	m.line("taphoa - " + p.text(description))
	m.macro("SH", m.text("SYNOPSIS"))
	m.macro("B", "taphoa")
	m.line(p.text("COMMAND [flags]"))
	m.macro("SH", m.text("DESCRIPTION"))
	m.line(p.text("Each command takes the common flags, too. A flag can be given by the variable behind it, in the environment or in the file of --config; the flag counts more than the environment, and that more than the file."))
	m.macro("SH", m.text("COMMON FLAGS"))
	m.flags(p.model)
	m.macro("SH", m.text("COMMANDS"))
	for _, leaf := range p.model.Leaves(true) {
		m.command(leaf)
	}
	m.macro("SH", m.text("EXIT STATUS"))
	m.line(p.text("0 when all was done, 1 otherwise; of sandbox exec that of its command."))
	m.macro("SH", m.text("FILES"))
	m.macro("TP")
	m.line("/etc/taphoa/taphoa.conf")
	m.line(p.text("The configuration of the installed service."))
	m.macro("TP")
	m.line("/var/lib/taphoa/")
	m.line(p.text("Its database."))
	m.macro("SH", m.text("SEE ALSO"))
	m.line("https://github.com/taphoa/taphoa")
	_, err := fmt.Fprint(p.stdout, m.b.String())
	return err
}

// page is the manual page that is being written.
type page struct {
	*program
	b strings.Builder
}

var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`)

func (m *page) macro(name string, args ...string) {
	m.b.WriteString("." + name)
	for _, arg := range args {
		m.b.WriteString(` "` + roff.Replace(arg) + `"`)
	}
	m.b.WriteByte('\n')
}

// line writes a text, which must not begin as a macro does.
func (m *page) line(text string) {
	text = roff.Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	m.b.WriteString(text + "\n")
}

func (m *page) command(leaf *kong.Node) {
	_, name, _ := strings.Cut(leaf.FullPath(), m.model.Name+" ")
	m.macro("SS", name+strings.TrimSuffix(strings.TrimPrefix(leaf.Summary(), leaf.Path()), " [flags]"))
	m.line(leaf.Help)
	for _, value := range leaf.Positional {
		m.macro("TP")
		m.macro("I", value.Name)
		m.line(value.Help)
	}
	m.flags(leaf)
}

func (m *page) flags(node *kong.Node) {
	for _, flag := range node.Flags {
		if flag.Hidden {
			continue
		}
		m.macro("TP")
		text := "--" + flag.Name
		if !flag.IsBool() {
			text += " " + flag.FormatPlaceHolder()
		}
		m.macro("B", text)
		m.line(m.describe(flag.Value))
	}
}
