package main

import (
	"context"
	"fmt"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
)

// linkFlags are those of a command that prints a link to the server.
type linkFlags struct {
	PublicURL string `name:"public-url" variable:"TAPHOA_PUBLIC_URL" placeholder:"URL" help:"Where people reach the server, such as https://shop.example; http://127.0.0.1:8080 unless given."`
}

// base returns the URL of the server, and whether it is a guess.
func (f *linkFlags) base(p *program) (base string, guess bool, err error) {
	if f.PublicURL == "" {
		return "http://127.0.0.1:8080", true, nil
	}
	base, ok := oauth.ParsePublicURL(f.PublicURL)
	if !ok {
		err = message.Errorf("%s must be a URL such as https://shop.example, without user, query and fragment", p.flagOrVariable("--public-url"))
	}
	return base, false, err
}

// printLink prints a link. Its secret is in the fragment, which browsers send to no server and proxies do not log.
func (p *program) printLink(base, page, secret string, guess bool) {
	fmt.Fprintf(p.stdout, "%s%s#%s\n", base, page, secret)
	if guess {
		p.say("If people reach the server at another address, put that in its place, or give it with --public-url.")
	}
}

type userInvite struct {
	ofShop
	linkFlags
	UserName string `arg:"" help:"The name that the user signs in with."`
}

// Run makes a link for a user.
func (c *userInvite) Run(ctx context.Context, p *program) error {
	return c.makeLink(ctx, p, c.ofShop, func(tx *db.Tx) (string, access.Link, error) {
		account, err := findUser(tx, c.UserName)
		if err != nil {
			return "", access.Link{}, err
		}
		return access.NewLink(tx, account.User)
	})
}

type userReset struct {
	ofShop
	linkFlags
	UserName     string `arg:"" optional:"" help:"The name that the user signs in with."`
	Owner        bool   `help:"The owner of the shop, instead of a name."`
	SecondFactor bool   `help:"End the second factor too: the phone is lost, and so are the recovery codes."`
}

// Run ends the password of a user and makes a link for another one.
func (c *userReset) Run(ctx context.Context, p *program) error {
	if c.Owner == (c.UserName != "") {
		return message.Errorf("name one user, or give --owner")
	}
	return c.makeLink(ctx, p, c.ofShop, func(tx *db.Tx) (string, access.Link, error) {
		account, err := c.account(tx)
		if err != nil {
			return "", access.Link{}, err
		}
		return access.Reset(tx, account.User, c.SecondFactor)
	})
}

func (c *userReset) account(tx *db.Tx) (access.Account, error) {
	if c.Owner {
		return access.FindOwner(tx)
	}
	return findUser(tx, c.UserName)
}

func findUser(tx *db.Tx, name string) (access.Account, error) {
	account, found, err := access.FindAccount(tx, name)
	if err == nil && !found {
		err = message.Errorf("the shop has no user %s: {taphoa} user list shows which there are", name)
	}
	return account, err
}

// makeLink prints the link that an operation makes for a user of a shop.
func (f *linkFlags) makeLink(ctx context.Context, p *program, shop ofShop, op func(tx *db.Tx) (string, access.Link, error)) error {
	base, guess, err := f.base(p)
	if err != nil {
		return err
	}
	var (
		secret string
		link   access.Link
	)
	err = shop.write(ctx, p, func(tx *db.Tx) (err error) {
		secret, link, err = op(tx)
		return err
	})
	if err == nil {
		p.say("With this link %s of the shop %s chooses a password, once, until %s. It is not shown again:", link.UserName, link.ShopCode, p.when(link.Expires))
		p.printLink(base, "/console/link", secret, guess)
	}
	return err
}

type setupLink struct{ linkFlags }

// Run makes the link that opens a shop.
func (c *setupLink) Run(ctx context.Context, p *program) error {
	base, guess, err := c.base(p)
	if err != nil {
		return err
	}
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		secret, err := newSetupLink(ctx, d)
		if err == nil {
			p.say("This link opens a shop in a browser, once, within an hour. It is not shown again:")
			p.printLink(base, "/setup", secret, guess)
		}
		return err
	})
}

func newSetupLink(ctx context.Context, d *db.DB) (secret string, err error) {
	err = d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		secret, err = access.NewSetupLink(tx)
		return err
	})
	return secret, err
}
