package org

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// ImportBranches writes branches as another system shows them.
func ImportBranches(tx *db.Tx, branches []taphoa.Branch) error {
	rows, keys := make([]branchRow, len(branches)), make([]string, len(branches))
	for i := range branches {
		b, r := &branches[i], &rows[i]
		plan.CopyFields(r, b)
		r.NameKey, r.ChangedAt = db.Fold(b.BranchName), b.ModifiedDate.Or(b.CreatedDate)
		keys[i] = r.NameKey
		branchUpdated.Emit(tx, b.ID)
	}
	return db.Import(tx, "branches", rows, func(r *branchRow) int64 { return r.ID }, freedName(keys))
}

// freedName lets rows give up the names that imported ones have.
func freedName(keys []string) db.Freed {
	return db.Freed{Column: "name_key", Set: "name_key = '~' || id", Values: keys}
}

// RemoveImportedBranches notes which branches another system has closed.
func RemoveImportedBranches(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "branches", ids)
	branchDeleted.Emit(tx, removed...)
	return err
}

// importedUser is a row of users.
type importedUser struct {
	ID                                       int64
	UserName, NameKey, GivenName, Search     string
	Address, MobilePhone, Email, Description taphoa.Opt[string]
	BirthDate                                taphoa.Opt[taphoa.Time]
	IsAdmin                                  bool
	CreatedDate                              taphoa.Time
	ModifiedDate                             taphoa.Opt[taphoa.Time]
	ChangedAt                                taphoa.Time
}

func (u *importedUser) id() int64 { return u.ID }

// ImportUsers writes users as another system shows them. They cannot sign in.
func ImportUsers(tx *db.Tx, users []taphoa.User) error {
	rows, keys := make([]importedUser, len(users)), make([]string, len(users))
	for i := range users {
		u, r := &users[i], &rows[i]
		plan.CopyFields(r, u)
		r.NameKey, r.Search, r.ChangedAt = text.CodeKey(u.UserName), userSearch(u.GivenName, u.UserName), u.ModifiedDate.Or(u.CreatedDate)
		keys[i] = r.NameKey
	}
	return db.Import(tx, "users", rows, (*importedUser).id, freedName(keys))
}

// RemoveImportedUsers notes which users another system has removed.
func RemoveImportedUsers(tx *db.Tx, ids []int64) error {
	_, err := db.RemoveImported(tx, "users", ids)
	return err
}

// Named are records that documents name, by id: those that another system's lists do not show are made of it.
type Named struct {
	Users, Branches map[int64]string
	Channels        map[int64]*taphoa.SaleChannelInfo
}

// ImportNamed makes records of what documents of another system name and its lists do not show: its super administrator, and what was
// removed there. No list shows them here either.
func ImportNamed(tx *db.Tx, n *Named) error {
	directory, err := GetDirectory(tx)
	if err != nil {
		return err
	}
	var users []importedUser
	for id, name := range n.Users {
		if _, known := directory.Users[id]; !known && id != 0 {
			unlisted := fmt.Sprintf("~%d", id)
			users = append(users, importedUser{
				ID: id, UserName: unlisted, NameKey: unlisted, GivenName: name, Search: userSearch(name, unlisted), IsAdmin: true,
				CreatedDate: tx.Now, ChangedAt: tx.Now,
			})
		}
	}
	var branches []branchRow
	for id, name := range n.Branches {
		if directory.BranchName(id) == "" && id != 0 {
			branches = append(branches, branchRow{ID: id, BranchName: name, NameKey: fmt.Sprintf("~%d", id), CreatedDate: tx.Now, ChangedAt: tx.Now, DeletedAt: tx.Now})
		}
	}
	var channels []importedChannel
	var gone []int64
	for id, c := range n.Channels {
		known := directory.Channels[id]
		switch {
		case c == nil || id == 0:
		case known == nil:
			row := importedChannel{NameKey: fmt.Sprintf("~%d", id), IsActive: c.IsActivate, ChangedAt: tx.Now}
			plan.CopyFields(&row, c)
			channels, gone = append(channels, row), append(gone, id)
		case known.CreatedDate != c.CreatedDate: // which the list does not show
			tx.Queue(`UPDATE sale_channels SET created_date = ? WHERE retailer_id = :retailer AND id = ?`, c.CreatedDate, id)
		}
	}
	err = db.Import(tx, "users", users, (*importedUser).id)
	if err == nil {
		err = db.Import(tx, "sale_channels", channels, (*importedChannel).id)
	}
	if err == nil {
		_, err = db.RemoveImported(tx, "sale_channels", gone)
	}
	db.Upsert(tx, "branches", []string{"id"}, branches...)
	return err
}

// importedChannel is a row of sale_channels. The list of channels shows no dates.
type importedChannel struct {
	ID                             int64
	Name, NameKey                  string
	IsActive, IsNotDelete, IsOther bool
	Img                            taphoa.Opt[string]
	Position, CreatedBy            int64
	CreatedDate, ChangedAt         taphoa.Time
}

func (c *importedChannel) id() int64 { return c.ID }

// ImportSaleChannels writes sale channels as another system shows them.
func ImportSaleChannels(tx *db.Tx, channels []taphoa.SaleChannel) error {
	directory, err := GetDirectory(tx)
	if err != nil {
		return err
	}
	rows, keys := make([]importedChannel, len(channels)), make([]string, len(channels))
	for i := range channels {
		c, r := &channels[i], &rows[i]
		plan.CopyFields(r, c)
		r.NameKey, r.CreatedDate, r.ChangedAt = db.Fold(c.Name), tx.Now, tx.Now
		r.IsOther = c.IsNotDelete && c.Name == otherChannel
		if known := directory.Channels[c.ID]; known != nil {
			r.CreatedDate = known.CreatedDate
		}
		keys[i] = r.NameKey
	}
	return db.Import(tx, "sale_channels", rows, (*importedChannel).id, freedName(keys))
}
