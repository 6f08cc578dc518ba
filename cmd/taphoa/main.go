package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/org"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// commands are all that the terminal can say.
type commands struct {
	Database string `variable:"TAPHOA_DATABASE" placeholder:"URL" help:"sqlite:FILE or postgres://…; sqlite:taphoa.db unless given."`

	Serve   serve   `cmd:"" help:"Serve the API until SIGTERM."`
	Migrate migrate `cmd:"" help:"Bring the database to the newest shape, as every command does first."`
	Shop    struct {
		Create shopCreate `cmd:"" help:"Open a shop, in a new database if there is none."`
		List   shopList   `cmd:"" help:"List the shops."`
	} `cmd:"" help:"Open and list shops."`
	Client struct {
		Create clientCreate `cmd:"" help:"Register a program of a shop and print its id and its secret."`
		List   clientList   `cmd:"" help:"List the programs, the revoked ones too."`
		Revoke clientRevoke `cmd:"" help:"End a program and all its tokens, for good."`
		Rotate clientRotate `cmd:"" help:"Give a program a new secret; the old one and all its tokens end."`
	} `cmd:"" help:"Say which programs may call the API of a shop."`
	Branch struct {
		Create branchCreate `cmd:"" help:"Open a branch."`
		List   branchList   `cmd:"" help:"List the branches."`
		Close  branchClose  `cmd:"" help:"Close a branch for good; what was sold there stays."`
	} `cmd:"" help:"Open, list and close branches of a shop."`
	User struct {
		Create userCreate `cmd:"" help:"Add a user."`
		List   userList   `cmd:"" help:"List the users, without the super administrator."`
		Remove userRemove `cmd:"" help:"Remove a user who has left; documents keep the name."`
	} `cmd:"" help:"Add, list and remove users of a shop."`
	Setting struct {
		Set  settingSet  `cmd:"" help:"Change a setting."`
		List settingList `cmd:"" help:"List the settings."`
	} `cmd:"" help:"Change and list what a shop allows."`
	Check   check     `cmd:"" help:"Say what is in the database or a backup and look for faults; exit status 1 if there are any."`
	Backup  backup    `cmd:"" help:"Copy the database into a file, while the server runs, and check the copy."`
	Restore restore   `cmd:"" help:"Put a backup in the place of the database; servers must be stopped."`
	Listen  listening `cmd:"" help:"Print what happens in a shop, and forward it to a program as webhooks would."`
	Trigger trigger   `cmd:"" help:"Make a change in the demo shop that causes an event."`
	Health  health    `cmd:"" help:"Ask a running server of this machine whether it is ready; exit status 1 if not."`
	Version version   `cmd:"" help:"Print which build this is."`
}

// program is what a command works with.
type program struct {
	commands
	stdout, stderr io.Writer
	getenv         func(string) string
}

// done is how the parser ends the program after --help.
type done struct{ status int }

// run is the whole program, and answers its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) (status int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case done:
			status = p.status
		default:
			panic(p)
		}
	}()
	p := &program{stdout: stdout, stderr: stderr, getenv: getenv}
	parser, err := kong.New(&p.commands,
		kong.Name("taphoa"), kong.Description("A retail backend that speaks the KiotViet Public API."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { panic(done{status}) }),
		kong.Resolvers(p.variables()), kong.ValueFormatter(nameVariable), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"settings": strings.Join(org.SettingNames, ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	command, err := parser.Parse(args)
	if err != nil {
		err = fmt.Errorf("%w (taphoa --help tells more)", err)
	} else {
		err = command.Run()
	}
	if err != nil {
		fmt.Fprintln(stderr, "taphoa:", sentence(err))
		return 1
	}
	return 0
}

// sentence is an error in one line: a refusal's own words, without the member of a request that it belongs to.
func sentence(err error) string {
	text := err.Error()
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
		text = refusal.Message
	}
	return strings.Join(strings.Fields(text), " ")
}

// variables resolves the flags that are not given from their variables, or from the file that a variable with _FILE
// behind its name names: secrets of containers come in files. Kong's own env tag would ask the process
// directly, behind the back of getenv.
func (p *program) variables() kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if name := flag.Tag.Get("variable"); name != "" {
			if text := p.getenv(name); text != "" {
				return text, nil
			}
			if file := p.getenv(name + "_FILE"); file != "" {
				text, err := os.ReadFile(file)
				if err != nil {
					return nil, fmt.Errorf("%s_FILE: %w", name, err)
				}
				return strings.TrimSpace(string(text)), nil
			}
		}
		return nil, nil
	})
}

// nameVariable is the help of a flag with the name of its variable.
func nameVariable(value *kong.Value) string {
	if name := value.Tag.Get("variable"); name != "" {
		return value.Help + " ($" + name + ")"
	}
	return value.Help
}

// say prints a line of the answer.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.stdout, format+"\n", args...)
}
