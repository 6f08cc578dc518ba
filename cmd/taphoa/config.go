package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa/internal/message"
)

const (
	configVariable = "TAPHOA_CONFIG"
	langVariable   = "TAPHOA_LANG"
	fileSuffix     = "_FILE" // of the variable that names the file of a secret
)

// config is a configuration file: variables, for what the environment does not set. It is a subset of what systemd reads as
// EnvironmentFile, and means the same there.
type config struct {
	file   string
	values map[string]string
	lines  map[string]int
}

// where returns the name of a variable with its place in the file.
func (c *config) where(name string) string {
	return fmt.Sprintf("%s:%d: %s", c.file, c.lines[name], name)
}

// openConfig reads the configuration file of --config, once.
func (p *program) openConfig(c *kong.Context) error {
	if p.config != nil {
		return nil
	}
	p.config = &config{values: map[string]string{}, lines: map[string]int{}}
	file, given := typedFlag(c, configVariable)
	if !given {
		file = p.getenv(configVariable)
	}
	if file == "" {
		return nil
	}
	p.config.file = file
	text, err := os.ReadFile(file)
	if err != nil {
		return message.Errorf("the configuration file %s cannot be read: %w", file, describeError(err))
	}
	secret := variablesOf(c.Model.Node)
	if err := p.config.parse(string(text), secret); err != nil {
		return err
	}
	for _, value := range p.config.values {
		p.typed[value] = hidePassword(value)
	}
	_, given = typedFlag(c, langVariable)
	if lang := p.config.values[langVariable]; !given && p.getenv(langVariable) == "" && isSupported(lang) {
		p.lang = message.Of(func(string) string { return lang })
	}
	if p.config.hasSecret(secret) && othersRead(file) {
		p.sayError("warning: others on this machine can read %s, which has a secret: chmod o= %s", file, quoted(file))
	}
	return nil
}

// hasSecret reports whether there is a secret in the file, and not only the name of its own file.
func (c *config) hasSecret(secret map[string]bool) bool {
	for name := range c.values {
		if secret[name] && !strings.HasSuffix(name, fileSuffix) {
			return true
		}
	}
	return false
}

// typedFlag returns the value of a variable's flag among the arguments, which is not in its place yet.
func typedFlag(c *kong.Context, variable string) (value string, given bool) {
	for _, trace := range c.Path {
		if trace.Flag != nil && trace.Flag.Tag.Get("variable") == variable {
			value, given = c.FlagValue(trace.Flag).(string)
		}
	}
	return value, given
}

// othersRead reports whether others than the owner and the group of a file can read it.
func othersRead(file string) bool {
	info, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0
}

// variablesOf returns the variables of all flags, and whether they belong to a secret.
func variablesOf(node *kong.Node) map[string]bool {
	all := map[string]bool{}
	for _, flag := range node.Flags {
		name, secret := flag.Tag.Get("variable"), flag.Tag.Has("secret")
		if name == "" || name == configVariable {
			continue
		}
		all[name] = secret || all[name]
		if secret {
			all[name+fileSuffix] = true
		}
	}
	for _, child := range node.Children {
		maps.Copy(all, variablesOf(child))
	}
	return all
}

// parse reads the lines of a file, which may set the known variables.
func (c *config) parse(text string, known map[string]bool) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !found {
			return message.Errorf("%s:%d: this line is not NAME=VALUE; a comment begins with #", c.file, number)
		}
		if _, ok := known[name]; !ok {
			return message.Errorf("%s:%d: there is no variable %s: {taphoa} help names those of each command", c.file, number, name)
		}
		if c.lines[name] > 0 {
			return message.Errorf("%s:%d: %s is in line %d already: keep one of them", c.file, number, name, c.lines[name])
		}
		value, ok := unquote(strings.TrimSpace(value))
		if !ok {
			return message.Errorf("%s:%d: the value of %s must end in this line, with the quote that it begins with and nothing behind it", c.file, number, name)
		}
		c.values[name], c.lines[name] = value, number
	}
	return nil
}

// unquote returns a value as systemd reads it: in single quotes as it is, in double quotes a backslash escapes " \ ` and $,
// without quotes any character.
func unquote(text string) (value string, ok bool) {
	if text == "" {
		return "", true
	}
	quote := text[0]
	escapable := "\"\\`$"
	switch quote {
	case '\'':
		inner, closed := strings.CutSuffix(text[1:], "'")
		return inner, closed && !strings.Contains(inner, "'")
	case '"':
		text = text[1:]
	default:
		quote, escapable = 0, ""
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch at := text[i]; {
		case at == quote:
			return b.String(), i == len(text)-1
		case at == '\\' && i+1 == len(text):
			return "", false // it would go on in the next line
		case at == '\\' && (quote == 0 || strings.IndexByte(escapable, text[i+1]) >= 0):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(at)
		}
	}
	return b.String(), quote == 0
}
