package main

import (
	"context"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

type userCreate struct {
	ofShop
	UserName    string `arg:"" help:"A short name, such as lan; unique in the shop."`
	GivenName   string `arg:"" help:"What people call the user, as documents show it."`
	Phone       string `placeholder:"NUMBER" help:"The user's phone number."`
	Email       string `placeholder:"ADDRESS" help:"The user's e-mail address."`
	Address     string `placeholder:"TEXT" help:"The user's address."`
	Description string `placeholder:"TEXT" help:"A note."`
}

func (c *userCreate) Run(ctx context.Context, p *program) error {
	in := taphoa.UserInput{
		UserName: c.UserName, GivenName: c.GivenName, MobilePhone: taphoa.SomeIf(c.Phone), Email: taphoa.SomeIf(c.Email),
		Address: taphoa.SomeIf(c.Address), Description: taphoa.SomeIf(c.Description),
	}
	var user taphoa.User
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		user, err = org.CreateUser(tx, &in)
		audit.Record(tx, user.ID, user.UserName)
		return err
	})
	if err == nil {
		p.say("the user %s is added, with id %d", user.UserName, user.ID)
	}
	return err
}

type userList struct{ ofShop }

func (c *userList) Run(ctx context.Context, p *program) error {
	return c.read(ctx, p, func(tx *db.Tx) error {
		users, err := allPages(func(paging taphoa.Paging) (taphoa.Page[taphoa.User], error) {
			return org.ListUsers(tx, &taphoa.UserQuery{Paging: paging})
		})
		if err != nil {
			return err
		}
		rows := make([][]any, len(users))
		for i, u := range users {
			rows[i] = []any{u.ID, u.UserName, p.when(u.CreatedDate), u.GivenName}
		}
		p.table([]string{"ID", "USER", "CREATED", "NAME"}, rows)
		return nil
	})
}

type userRemove struct {
	ofShop
	ID int64 `arg:"" help:"The user's id, as user list shows it."`
}

func (c *userRemove) Run(ctx context.Context, p *program) error {
	err := c.write(ctx, p, func(tx *db.Tx) error {
		user, err := org.GetUser(tx, &taphoa.ByID{ID: c.ID})
		if err == nil {
			audit.Record(tx, user.ID, user.UserName)
			_, err = access.RemoveUser(tx, &taphoa.ByID{ID: c.ID})
		}
		return err
	})
	if err == nil {
		p.say("the user %d is removed", c.ID)
	}
	return err
}
