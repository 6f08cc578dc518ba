package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/trust"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// commands are the commands and flags for the parser. The helps are keys of package message.
type commands struct {
	Database    string      `variable:"TAPHOA_DATABASE" secret:"" placeholder:"URL" help:"The database: sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME; sqlite:taphoa.db unless given."`
	Lang        string      `variable:"TAPHOA_LANG" placeholder:"en|vi" help:"Speak English or Vietnamese; as LC_ALL, LC_MESSAGES or LANG say unless given."`
	Config      string      `variable:"TAPHOA_CONFIG" placeholder:"FILE" help:"Read variables that are not set from this file, a NAME=VALUE a line."`
	ShowVersion versionFlag `name:"version" help:"Print which build this is."`

	Serve   serve   `cmd:"" help:"Serve the API until SIGTERM or Ctrl+C."`
	Migrate migrate `cmd:"" help:"Migrate the database to the newest schema, as every command does first."`
	Shop    struct {
		Create shopCreate `cmd:"" help:"Open a shop, in a new database if there is none."`
		List   shopList   `cmd:"" help:"List the shops."`
	} `cmd:"" help:"Open and list shops."`
	Client struct {
		Create clientCreate `cmd:"" help:"Register a program of a shop and print its id and its secret."`
		List   clientList   `cmd:"" help:"List the programs, the revoked ones too."`
		Revoke clientRevoke `cmd:"" help:"End a program and all its tokens, for good."`
		Rotate clientRotate `cmd:"" help:"Give a program a new secret; the old one and all its tokens end, or count on for a while."`
	} `cmd:"" help:"Say which programs may call the API of a shop."`
	SigningKey struct {
		Rotate keyRotate `cmd:"" help:"Sign tokens with a new key: it is published for two hours first, and the one before counts until its last token has expired."`
		List   keyList   `cmd:"" help:"List the keys that sign tokens."`
	} `cmd:"" help:"Change and list the keys that sign tokens."`
	Branch struct {
		Create branchCreate `cmd:"" help:"Open a branch."`
		List   branchList   `cmd:"" help:"List the branches."`
		Close  branchClose  `cmd:"" help:"Close a branch for good; what was sold there stays."`
	} `cmd:"" help:"Open, list and close branches of a shop."`
	User struct {
		Create userCreate `cmd:"" help:"Add a user: a person whom documents name, and who may be invited to sign in."`
		List   userList   `cmd:"" help:"List the users, without the super administrator."`
		Remove userRemove `cmd:"" help:"Remove a user who has left and may no longer sign in; documents keep the name."`
		Invite userInvite `cmd:"" help:"Print a link with which a user chooses a password."`
		Roles  userRoles  `cmd:"" help:"List the roles of the shop, list those of a user, or give a user others."`
		Reset  userReset  `cmd:"" help:"Let a user who is locked out in again: end the password and all sessions, and print a link for another password."`
	} `cmd:"" help:"Add, list, remove and invite users of a shop."`
	Setting struct {
		Set  settingSet  `cmd:"" help:"Change a setting."`
		List settingList `cmd:"" help:"List the settings with what they mean."`
	} `cmd:"" help:"Change and list what a shop allows."`
	Sandbox    sandboxCommand `cmd:"" help:"Run a KiotViet to test programs against, on this machine."`
	Mirror     mirrorCommand  `cmd:"" help:"Copy a live shop through its API, to read without its limits and to test on."`
	SetupLink  setupLink      `cmd:"" help:"Print a link that opens a shop in a browser."`
	Check      check          `cmd:"" help:"Say what is in the database or a backup and look for faults; exit status 1 if there are any."`
	Doctor     doctor         `cmd:"" help:"Look at what a server needs, and say what is wrong and what to do about it; exit status 1 if anything is."`
	Repair     repair         `cmd:"" help:"Correct what earlier versions wrote and today's rules would not: show it, or change it with --yes."`
	Backup     backup         `cmd:"" help:"Copy the database into a file, while the server runs, and check the copy."`
	Restore    restore        `cmd:"" help:"Put a backup in the place of the database; servers must be stopped."`
	Listen     listening      `cmd:"" help:"Print what happens in a shop, and forward it to a program as webhooks would."`
	Trigger    trigger        `cmd:"" help:"Make a change in the demo shop that causes an event."`
	MCP        mcpCommand     `cmd:"" name:"mcp" help:"Let an assistant look into a shop, and with --write change it, by the Model Context Protocol."`
	Logs       logs           `cmd:"" help:"Print the requests that a fork of a sandbox was sent."`
	Health     health         `cmd:"" help:"Ask a running server of this machine whether it is ready; exit status 1 if not."`
	Completion completion     `cmd:"" help:"Print a script with which a shell completes commands, flags and values."`
	Complete   complete       `cmd:"" hidden:"" help:"Print candidates for the last word, for the scripts of completion."`
	Man        man            `cmd:"" hidden:"" help:"Print the manual page."`
	Version    version        `cmd:"" help:"Print which build this is."`
	Help       help           `cmd:"" help:"Print what a command does and takes."`
}

// program is the environment of a command.
type program struct {
	commands
	stdout, stderr io.Writer
	getenv         func(string) string
	lang           message.Language
	model          *kong.Node        // of all commands
	command        string            // without its arguments: client create
	from           map[string]string // by flag: the variable of its value, with its place in the configuration file
	config         *config           // nil until it is read
	typed          map[string]string // arguments and values of variables, and how they are shown in errors
}

// exit is the panic by which the parser ends the program after --help.
type exit struct{ status int }

// run runs the program and returns its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) (status int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			status = p.status
		default:
			panic(p)
		}
	}()
	p := &program{
		stdout: stdout, stderr: stderr, getenv: getenv, lang: language(args, getenv), from: map[string]string{}, typed: map[string]string{},
	}
	for _, arg := range args {
		if _, value, found := strings.Cut(arg, "="); found && strings.HasPrefix(arg, "--") {
			arg = value
		}
		p.typed[arg] = hidePassword(arg)
	}
	if err := trust.RemoveLeftovers(trust.HostsFile()); err != nil {
		p.sayError("warning: lines that a killed sandbox has left in %s are still there: %s", trust.HostsFile(), p.sentence(err))
	}
	if err := p.execute(ctx, args); err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = message.Errorf("interrupted before it was done")
		}
		p.printError(err)
		return 1
	}
	return 0
}
