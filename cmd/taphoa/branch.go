package main

import (
	"context"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

type branchCreate struct {
	ofShop
	Name     string `arg:"" help:"What the branch is called."`
	Code     string `placeholder:"CODE" help:"Its code."`
	Phone    string `placeholder:"NUMBER" help:"Its phone number."`
	Email    string `placeholder:"ADDRESS" help:"Its e-mail address."`
	Address  string `placeholder:"TEXT" help:"Street and number."`
	Location string `placeholder:"TEXT" help:"Province and district, as GET /locations has them."`
	Ward     string `placeholder:"TEXT" help:"Its ward."`
}

func (c *branchCreate) Run(ctx context.Context, p *program) error {
	in := taphoa.BranchInput{
		BranchName: c.Name, BranchCode: taphoa.SomeIf(c.Code), ContactNumber: taphoa.SomeIf(c.Phone),
		Email: taphoa.SomeIf(c.Email), Address: taphoa.SomeIf(c.Address),
		LocationName: taphoa.SomeIf(c.Location), WardName: taphoa.SomeIf(c.Ward),
	}
	var branch taphoa.Branch
	err := c.write(ctx, p, func(tx *db.Tx) (err error) {
		branch, err = org.CreateBranch(tx, &in)
		audit.Record(tx, branch.ID, branch.BranchName)
		return err
	})
	if err == nil {
		p.say("the branch %s is open, with id %d", branch.BranchName, branch.ID)
	}
	return err
}

type branchList struct{ ofShop }

func (c *branchList) Run(ctx context.Context, p *program) error {
	return c.read(ctx, p, func(tx *db.Tx) error {
		branches, err := allPages(func(paging taphoa.Paging) (taphoa.Page[taphoa.Branch], error) {
			return org.ListBranches(tx, &taphoa.BranchQuery{Paging: paging})
		})
		if err != nil {
			return err
		}
		rows := make([][]any, len(branches))
		for i, b := range branches {
			rows[i] = []any{b.ID, p.when(b.CreatedDate), b.BranchName}
		}
		p.table([]string{"ID", "CREATED", "NAME"}, rows)
		return nil
	})
}

type branchClose struct {
	ofShop
	ID int64 `arg:"" help:"The branch's id, as branch list shows it."`
}

func (c *branchClose) Run(ctx context.Context, p *program) error {
	err := c.write(ctx, p, func(tx *db.Tx) error {
		branch, err := org.GetBranch(tx, &taphoa.ByID{ID: c.ID})
		if err == nil {
			audit.Record(tx, branch.ID, branch.BranchName)
			_, err = org.CloseBranch(tx, &taphoa.ByID{ID: c.ID})
		}
		return err
	})
	if err == nil {
		p.say("the branch %d is closed", c.ID)
	}
	return err
}
