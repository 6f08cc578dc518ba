package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

type clientCreate struct {
	ofShop
	Name   string `required:"" placeholder:"NAME" help:"What the program is called."`
	Admin  bool   `help:"Let it write what the API of KiotViet can only read (scope Taphoa.Admin)."`
	ID     string `name:"id" placeholder:"UUID" help:"Its id; a new one unless given."`
	Secret string `variable:"TAPHOA_CLIENT_SECRET" secret:"" placeholder:"SECRET" help:"Its secret, 40 hex digits in upper case; a new one unless given."`
}

func (c *clientCreate) Run(ctx context.Context, p *program) error {
	in := oauth.ClientInput{Name: c.Name, ClientID: c.ID, Secret: c.Secret}
	if c.Admin {
		in.Scopes = []string{oauth.ScopeAdmin}
	}
	var (
		client oauth.Client
		secret string
	)
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		client, secret, err = oauth.CreateClient(tx, in)
		return err
	})
	if err == nil {
		p.showSecret(client.ClientID, secret)
	}
	return err
}

// showSecret prints a client's id and secret as the parameters of a token request.
func (p *program) showSecret(id, secret string) {
	fmt.Fprintf(p.stdout, "client_id=%s\nclient_secret=%s\n", id, secret)
	p.say("Keep the secret: it is not shown again.")
}

type clientList struct{ ofShop }

func (c *clientList) Run(ctx context.Context, p *program) error {
	return c.read(ctx, p, func(tx *db.Tx) error {
		clients, err := oauth.ListClients(tx)
		if err != nil {
			return err
		}
		rows := make([][]any, len(clients))
		for i, client := range clients {
			state := p.text("active")
			if !client.IsActive {
				state = p.text("revoked")
			}
			rows[i] = []any{client.ClientID, state, p.when(client.CreatedDate), strings.Join(client.Scopes, ","), client.Name}
		}
		p.table([]string{"ID", "STATE", "CREATED", "SCOPES", "NAME"}, rows)
		return nil
	})
}

type clientRevoke struct {
	ofShop
	ID string `arg:"" help:"The program's id, as client list shows it."`
}

func (c *clientRevoke) Run(ctx context.Context, p *program) error {
	err := c.write(ctx, p, func(tx *db.Tx) error { return oauth.RevokeClient(tx, c.ID) })
	if err == nil {
		p.say("revoked; a running server knows within seconds")
	}
	return err
}

type clientRotate struct {
	ofShop
	ID string `arg:"" help:"The program's id, as client list shows it."`
}

func (c *clientRotate) Run(ctx context.Context, p *program) error {
	var secret string
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		secret, err = oauth.RotateSecret(tx, c.ID, 0)
		return err
	})
	if err == nil {
		p.showSecret(strings.ToLower(c.ID), secret)
	}
	return err
}
