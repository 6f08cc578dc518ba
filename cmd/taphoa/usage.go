package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa/internal/message"
)

// programName is the name of the program in hints: as it was started.
var programName = commandName(os.Args[0])

func commandName(arg string) string {
	if strings.Contains(arg, "go-build") && filepath.Base(filepath.Dir(arg)) == "exe" {
		return "go run ./cmd/taphoa"
	}
	return arg
}

// language returns the language of --lang, at any position, or of the environment. It is needed before the arguments are
// parsed, for errors about them.
func language(args []string, getenv func(string) string) message.Language {
	for i, arg := range args {
		value, found := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, found = args[i+1], true
		}
		if found && isSupported(value) {
			return message.Of(func(string) string { return value })
		}
	}
	return message.Of(getenv)
}

// isSupported reports whether the program has a language.
func isSupported(lang string) bool {
	lang = strings.ToLower(lang)
	return strings.HasPrefix(lang, "en") || strings.HasPrefix(lang, "vi")
}

// execute parses the arguments and runs the command.
func (p *program) execute(ctx context.Context, args []string) error {
	parser, err := kong.New(&p.commands,
		kong.Name(programName), kong.Description(description),
		kong.Writers(p.stdout, p.stderr), kong.Exit(func(status int) { panic(exit{status}) }),
		kong.Resolvers(p.variables()), kong.ValueFormatter(p.describe), kong.Help(p.printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: width}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p),
	)
	if err != nil {
		panic(err) // the struct of the commands is invalid
	}
	p.model = parser.Model.Node
	p.translate(parser.Model)
	command, err := parser.Parse(negatives(args))
	if err != nil {
		return p.usage(err)
	}
	if p.Lang != "" && !isSupported(p.Lang) {
		return message.Errorf("%s must be en or vi, not %s", p.flagOrVariable("--lang"), p.Lang)
	}
	p.command = strings.TrimSpace(placeholders.ReplaceAllString(command.Command(), ""))
	return command.Run()
}

var placeholders = regexp.MustCompile(`\s*<[^>]*>`) // in what the parser calls a command

const description = "A retail backend that speaks the KiotViet Public API."

// negatives rewrites arguments that are negative numbers, which the parser would read as flags: one after a flag is joined
// to it, the others are moved to the end, after --.
func negatives(args []string) []string {
	var rest, values []string
	for i, arg := range args {
		if arg == "--" {
			return append(append(append(rest, "--"), values...), args[i+1:]...)
		}
		switch last := len(rest) - 1; {
		case !negativePattern.MatchString(arg):
			rest = append(rest, arg)
		case i > 0 && strings.HasPrefix(args[i-1], "--") && !strings.Contains(args[i-1], "="):
			rest[last] += "=" + arg
		default:
			values = append(values, arg)
		}
	}
	if len(values) > 0 {
		rest = append(append(rest, "--"), values...)
	}
	return rest
}

var negativePattern = regexp.MustCompile(`^-[\d.]`)

// help is taphoa help COMMAND, which is taphoa COMMAND --help.
type help struct {
	Command []string `arg:"" optional:"" help:"The command, such as shop create; all of them unless given."`
}

// Run prints the help.
func (c *help) Run(ctx context.Context, p *program) error {
	return p.execute(ctx, append(slices.Clone(c.Command), "--help"))
}

// versionFlag is taphoa --version.
type versionFlag bool

// BeforeReset prints the version and ends the program, whatever the other arguments are.
func (versionFlag) BeforeReset(p *program) error {
	if err := (version{}).Run(p); err != nil {
		return err
	}
	panic(exit{0})
}

// translate translates the helps of the commands and their placeholders.
func (p *program) translate(app *kong.Application) {
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Application:
			node.Help = p.text(node.Help)
		case *kong.Node:
			node.Help = p.text(node.Help)
			for _, value := range node.Positional {
				name := p.text(value.Name)
				node.Detail = strings.ReplaceAll(node.Detail, "<"+value.Name+">", "<"+name+">")
				value.Name = name
			}
		case *kong.Flag:
			node.PlaceHolder = p.text(node.PlaceHolder)
		case *kong.Value:
			node.Help = p.text(node.Help)
		}
		return next(nil)
	})
}

// describe returns the help of a flag with the name of its variable.
func (p *program) describe(value *kong.Value) string {
	name := value.Tag.Get("variable")
	switch {
	case name == "":
		return value.Help
	case value.Tag.Has("secret"):
		return p.text("%s ($%s, or the file that $%s_FILE names)", value.Help, name, name)
	}
	return fmt.Sprintf("%s ($%s)", value.Help, name)
}

// helpFrame are the parser's own texts in helps.
var helpFrame = []struct {
	pattern *regexp.Regexp
	key     string
}{
	{regexp.MustCompile(`^Usage: (.*) <command> \[flags\]$`), "Usage: %s COMMAND [flags]"},
	{regexp.MustCompile(`^Usage: (.*) \[flags\]$`), "Usage: %s [flags]"},
	{regexp.MustCompile(`^Usage: (.*)$`), "Usage: %s"},
	{regexp.MustCompile(`^Arguments:$`), "Arguments:"},
	{regexp.MustCompile(`^Flags:$`), "Flags:"},
	{regexp.MustCompile(`^Commands:$`), "Commands:"},
	{regexp.MustCompile(`^Run "(.*) <command> --help" for more information on a command.$`), "%s help COMMAND tells more about one of them."},
}

// printHelp prints the parser's help in the language of the program.
func (p *program) printHelp(options kong.HelpOptions, c *kong.Context) error {
	out := c.Stdout
	defer func() { c.Stdout = out }()
	var b bytes.Buffer
	c.Stdout = &b
	if err := kong.DefaultHelpPrinter(options, c); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimRight(line, "\n")
		for _, f := range helpFrame {
			if m := f.pattern.FindStringSubmatch(line); m != nil {
				line = p.text(f.key, groups(m)...)
				break
			}
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

func groups(match []string) (all []any) {
	for _, text := range match[1:] {
		all = append(all, text)
	}
	return all
}

// parserMessages replace the parser's usage errors with ours.
var parserMessages = []struct {
	pattern *regexp.Regexp
	key     string
}{
	{regexp.MustCompile(`^unexpected argument (.*), did you mean (?:one of )?(.*)\?$`), "unexpected argument %s, did you mean %s?"},
	{regexp.MustCompile(`^unexpected argument (.*)$`), "unexpected argument %s"},
	{regexp.MustCompile(`^unknown flag (.*), did you mean (?:one of )?(.*)\?$`), "unknown flag %s, did you mean %s?"},
	{regexp.MustCompile(`^unknown flag (.*)$`), "unknown flag %s"},
	{regexp.MustCompile(`^expected one of (.*)$`), "expected one of %s"},
	{regexp.MustCompile(`^expected (.*)$`), "missing %s"},
	{regexp.MustCompile(`^missing flags: (.*)$`), "missing flags: %s"},
	{regexp.MustCompile(`^(\S+?)(?:=\S*)? must be one of (\S+) but got (.*)$`), "%s must be one of %s, not %s"},
	{regexp.MustCompile(`^(\S+?)(?:=\S*)?: bool value must be .* but got (.*)$`), "%s must be true or false, not %s"},
	{regexp.MustCompile(`^(\S+?)(?:=\S*)?: expected a valid \d+ bit int but got (.*)$`), "%s must be a whole number, not %s"},
	{regexp.MustCompile(`^(\S+?)(?:=\S*)?: (?:missing value|expected \S+ value but got "EOL").*$`), "%s needs a value"},
	{regexp.MustCompile(`^.*; perhaps try (\S+?)=(.*)\?$`), "a value that begins with a dash is written %s=%s"},
	{regexp.MustCompile(`^unexpected flag argument (.*)$`), "this flag takes no value: %s"},
}

// usage returns an error about the arguments that names the help to read. Without arguments it prints the help.
func (p *program) usage(err error) error {
	wrong := (*kong.ParseError)(nil)
	if !errors.As(err, &wrong) || wrong.Context == nil {
		return err
	}
	name := programName
	selected := wrong.Context.Selected()
	for _, path := range wrong.Context.Path {
		if path.Command != nil {
			name = path.Command.FullPath()
		}
	}
	text := err.Error()
	if selected == nil && name == programName && strings.HasPrefix(text, "expected one of") {
		if err := wrong.Context.PrintUsage(false); err != nil {
			return err
		}
		panic(exit{0})
	}
	if told := (*message.Error)(nil); errors.As(err, &told) {
		return told
	}
	for _, s := range parserMessages {
		if m := s.pattern.FindStringSubmatch(text); m != nil {
			args := groups(m)
			args[0] = p.flagOrVariable(m[1])
			if secret := slices.ContainsFunc(wrong.Context.Flags(), func(f *kong.Flag) bool { return "--"+f.Name == m[1] && f.Tag.Has("secret") }); secret && len(args) > 1 {
				args[1] = "…"
			}
			return message.Errorf("%s (%s --help tells more)", message.Errorf(s.key, args...), name)
		}
	}
	return message.Errorf("%s (%s --help tells more)", text, name)
}

// flagOrVariable returns the name of a flag, or of the variable of its value.
func (p *program) flagOrVariable(flag string) string {
	if name := p.from[flag]; name != "" {
		return name
	}
	return flag
}

// variables resolves missing flags from their variables, in the environment or else in the configuration file. Kong's own env
// tag would read the environment of the process instead of getenv.
func (p *program) variables() kong.Resolver {
	return kong.ResolverFunc(func(c *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if err := p.openConfig(c); err != nil {
			return nil, err
		}
		name := flag.Tag.Get("variable")
		if name == "" {
			return nil, nil
		}
		text, err := p.value(flag, p.getenv, func(variable string) string { return variable })
		if text == "" && err == nil {
			text, err = p.value(flag, func(variable string) string { return p.config.values[variable] }, p.config.where)
		}
		if text == "" || err != nil {
			return nil, err
		}
		return text, nil
	})
}

// value returns the value of a flag's variable among others. That of a secret may be in a file that a second variable names.
func (p *program) value(flag *kong.Flag, get, where func(variable string) string) (string, error) {
	name := flag.Tag.Get("variable")
	text, source := get(name), where(name)
	file := get(name + fileSuffix)
	inFile := flag.Tag.Has("secret") && file != ""
	if inFile {
		source = where(name + fileSuffix)
		if text != "" {
			return "", message.Errorf("%s and %s are both set: keep one of them", where(name), source)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return "", message.Errorf("%s: the file %s cannot be read", source, file)
		}
		text = strings.TrimRight(string(b), "\r\n")
	}
	if text == "" {
		return "", nil
	}
	p.typed[text] = hidePassword(text)
	if inFile && !strings.Contains(text, ":") {
		p.typed[text] = "" // a password alone, where a URL should be
	}
	p.from["--"+flag.Name] = source
	return text, nil
}
