package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

type clientCreate struct {
	ofShop
	Name   string `required:"" placeholder:"NAME" help:"What the program is called."`
	Admin  bool   `help:"Let it write what the API of KiotViet can only read (scope Taphoa.Admin)."`
	User   string `placeholder:"USER" help:"Let it do no more than this user may, and end with the user's account."`
	Role   string `placeholder:"ROLE" help:"Let it do no more than this role allows."`
	Branch int64  `placeholder:"ID" help:"With --user or --role: let it work at this branch alone."`

	Redirect []string `sep:"none" placeholder:"URL" help:"Let people sign in to it, by whose rights it then acts, and send them back there: https, http://localhost or, with --public, com.example.app:/…; may be given several times."`
	Logout   []string `sep:"none" placeholder:"URL" help:"With --redirect: where people may be sent after signing out."`
	Public   bool     `help:"With --redirect: it runs on people's machines and has no secret."`

	ID     string `name:"id" placeholder:"UUID" help:"Its id; a new one unless given."`
	Secret string `variable:"TAPHOA_CLIENT_SECRET" secret:"" placeholder:"SECRET" help:"Its secret, 40 hex digits in upper case; a new one unless given."`
}

func (c *clientCreate) Run(ctx context.Context, p *program) error {
	in := oauth.ClientInput{Name: c.Name, ClientID: c.ID, Secret: c.Secret, BranchID: c.Branch, Redirects: c.Redirect, Logouts: c.Logout, Public: c.Public}
	if c.Admin {
		in.Scopes = []string{oauth.ScopeAdmin}
	}
	var (
		client oauth.Client
		secret string
	)
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		if err = c.bounds(tx, &in); err == nil {
			client, secret, err = oauth.CreateClient(tx, in)
		}
		return err
	})
	switch {
	case err != nil:
	case client.Public:
		fmt.Fprintf(p.stdout, "client_id=%s\n", client.ClientID)
	default:
		p.showSecret(client.ClientID, secret)
	}
	return err
}

// bounds finds the user and the role by whose rights the program acts.
func (c *clientCreate) bounds(tx *db.Tx, in *oauth.ClientInput) error {
	if c.User != "" {
		account, err := findUser(tx, c.User)
		if in.PersonID = account.User; err != nil {
			return err
		}
	}
	if c.Role != "" {
		role, err := access.FindRole(tx, c.Role)
		if in.RoleID = role.ID; err != nil {
			return err
		}
	}
	return nil
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
			used := p.text("never")
			if client.UsedAt > 0 {
				used = p.when(client.UsedAt)
			}
			by, err := actsBy(tx, &client)
			if err != nil {
				return err
			}
			rows[i] = []any{client.ClientID, state, p.when(client.CreatedDate), used, by, strings.Join(client.Scopes, ","), client.Name}
		}
		p.table([]string{"ID", "STATE", "CREATED", "USED", "RIGHTS OF", "SCOPES", "NAME"}, rows)
		return nil
	})
}

// actsBy names the user or the role by whose rights a client acts, with the branch.
func actsBy(tx *db.Tx, c *oauth.Client) (by string, err error) {
	switch {
	case c.PersonID != 0:
		user, err := org.GetUser(tx, &taphoa.ByID{ID: c.PersonID})
		if by = strconv.FormatInt(c.PersonID, 10); err == nil { // else it was removed
			by = user.UserName
		}
	case c.SignsIn():
		return "(who signs in)", nil
	case c.RoleID != 0:
		role, err := access.RoleOf(tx, c.RoleID)
		if by = strconv.FormatInt(c.RoleID, 10); err == nil {
			by = role.Name
		}
	default:
		owner, err := access.FindOwner(tx)
		return owner.UserName, err
	}
	if c.BranchID != 0 {
		by += fmt.Sprintf("@%d", c.BranchID)
	}
	return by, nil
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
	Overlap time.Duration `placeholder:"TIME" help:"Let the old secret count for so long, such as 24h, and tokens stay valid; without it both end at once."`
	ID      string        `arg:"" help:"The program's id, as client list shows it."`
}

func (c *clientRotate) Run(ctx context.Context, p *program) error {
	var secret string
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		secret, err = oauth.RotateSecret(tx, c.ID, c.Overlap)
		return err
	})
	if err == nil {
		p.showSecret(strings.ToLower(c.ID), secret)
	}
	return err
}
