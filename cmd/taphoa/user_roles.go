package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

type userRoles struct {
	ofShop
	UserName string   `arg:"" optional:"" help:"The name that the user signs in with."`
	Role     []string `arg:"" optional:"" help:"A role instead of those before, by name or id: 3@2 is one at a branch, by name or id, and 3 one in the whole shop."`
	None     bool     `help:"Take all roles away."`
}

// Run lists roles, or gives a user others.
func (c *userRoles) Run(ctx context.Context, p *program) error {
	switch {
	case c.None && (c.UserName == "" || len(c.Role) > 0):
		return message.Errorf("--none takes all roles of one user away: name the user, and no role")
	case c.UserName == "":
		return c.read(ctx, p, func(tx *db.Tx) error { return p.showRoles(tx) })
	case len(c.Role) == 0 && !c.None:
		return c.read(ctx, p, func(tx *db.Tx) error { return p.showUserRoles(tx, c.UserName) })
	}
	return c.write(ctx, p, func(tx *db.Tx) error {
		account, err := findUser(tx, c.UserName)
		if err != nil {
			return err
		}
		want, err := readRoles(tx, c.Role)
		if err == nil {
			err = access.SetUserRoles(tx, account.User, want)
		}
		if err == nil {
			p.say("the user %s has %d roles now", account.UserName, len(want))
		}
		return err
	})
}

func (p *program) showRoles(tx *db.Tx) error {
	roles, err := access.ListRoles(tx)
	if err != nil {
		return err
	}
	rows := make([][]any, len(roles))
	for i, r := range roles {
		rows[i] = []any{r.ID, r.Len(), r.Name}
	}
	p.table([]string{"ID", "RIGHTS", "ROLE"}, rows)
	return nil
}

func (p *program) showUserRoles(tx *db.Tx, user string) error {
	account, err := findUser(tx, user)
	if err != nil {
		return err
	}
	has, err := access.ListUserRoles(tx, account.User)
	if err != nil {
		return err
	}
	roles, err := access.ListRoles(tx)
	if err != nil {
		return err
	}
	branches, err := listBranches(tx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, r := range has {
		role, place := "", p.text("the whole shop")
		if r.Branch != 0 {
			place = strconv.FormatInt(r.Branch, 10) // a branch that is closed has no name here
		}
		for _, known := range roles {
			if known.ID == r.Role {
				role = known.Name
			}
		}
		for _, b := range branches {
			if b.ID == r.Branch {
				place = b.BranchName
			}
		}
		rows = append(rows, []any{r.Role, role, place})
	}
	p.table([]string{"ID", "ROLE", "BRANCH"}, rows)
	return nil
}

func listBranches(tx *db.Tx) ([]taphoa.Branch, error) {
	return allPages(func(paging taphoa.Paging) (taphoa.Page[taphoa.Branch], error) {
		return org.ListBranches(tx, &taphoa.BranchQuery{Paging: paging})
	})
}

// readRoles are roles as the command names them: ROLE or ROLE@BRANCH, each by name or id.
func readRoles(tx *db.Tx, names []string) (want []access.UserRole, err error) {
	roles, err := access.ListRoles(tx)
	if err != nil {
		return nil, err
	}
	branches, err := listBranches(tx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		name, place, placed := strings.Cut(name, "@")
		role := slices.IndexFunc(roles, func(r right.Role) bool { return isNamed(name, r.ID, r.Name) })
		if role < 0 {
			return nil, message.Errorf("the shop has no role %s: {taphoa} user roles shows which there are", name)
		}
		one := access.UserRole{Role: roles[role].ID}
		if placed {
			branch := slices.IndexFunc(branches, func(b taphoa.Branch) bool { return isNamed(place, b.ID, b.BranchName) })
			if branch < 0 {
				return nil, message.Errorf("the shop has no branch %s: {taphoa} branch list shows which there are", place)
			}
			one.Branch = branches[branch].ID
		}
		want = append(want, one)
	}
	return want, nil
}

// isNamed reports whether a text is the id or the name of something, in any letter case.
func isNamed(said string, id int64, name string) bool {
	return said == strconv.FormatInt(id, 10) || text.CodeKey(said) == text.CodeKey(name)
}
