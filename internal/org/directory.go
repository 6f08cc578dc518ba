package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
)

// Seller is a user as documents name them.
type Seller = plan.Seller

// GetDirectory returns the settings, branches, users and sale channels of the shop. The value is shared and must not be
// changed. It is read again when a row of them has changed.
func GetDirectory(tx *db.Tx) (*plan.Directory, error) {
	return db.Kept(tx, "directory", 0, readDirectory)
}

func readDirectory(tx *db.Tx) (*plan.Directory, error) {
	settings, err := GetSettings(tx)
	if err != nil {
		return nil, err
	}
	b := tx.Batch()
	branches := db.Want[keptBranch](b, `
		SELECT `+branchColumns+`, b.deleted_at <> 0 AS closed FROM branches b WHERE b.retailer_id = :retailer`)
	users := db.Want[userRow](b, `
		SELECT id, given_name, is_admin, deleted_at <> 0 AS removed FROM users WHERE retailer_id = :retailer ORDER BY id`)
	channels := db.Want[channelRow](b, `
		SELECT is_not_delete, retailer_id, position, is_active, created_by, created_date, id, name, is_other,
			deleted_at <> 0 AS deleted
		FROM sale_channels WHERE retailer_id = :retailer ORDER BY id`)
	if err := b.Run(); err != nil {
		return nil, err
	}
	return newDirectory(&settings, branches.All(), users.All(), channels.All()), nil
}

type keptBranch struct {
	taphoa.Branch
	Closed bool
}

type userRow struct {
	ID        int64
	GivenName string
	IsAdmin   bool
	Removed   bool
}

type channelRow struct {
	taphoa.SaleChannelInfo
	IsOther, Deleted bool
}

// newDirectory returns a directory of rows in the order of their ids.
func newDirectory(settings *Settings, branches []keptBranch, users []userRow, channels []channelRow) *plan.Directory {
	d := &plan.Directory{
		Settings: *settings, Branches: make(map[int64]taphoa.Branch, len(branches)), ClosedBranches: map[int64]string{},
		Users:    make(map[int64]plan.User, len(users)),
		Channels: make(map[int64]*taphoa.SaleChannelInfo, len(channels)), DeletedChannels: map[int64]bool{},
	}
	for i := range branches {
		if b := &branches[i]; b.Closed {
			d.ClosedBranches[b.ID] = b.BranchName
		} else {
			d.Branches[b.ID] = b.Branch
		}
	}
	for _, u := range users {
		d.Users[u.ID] = plan.User{GivenName: u.GivenName, Removed: u.Removed}
		if d.Admin == 0 && u.IsAdmin && !u.Removed {
			d.Admin = u.ID
		}
	}
	for i := range channels {
		c := &channels[i]
		d.Channels[c.ID] = &c.SaleChannelInfo
		switch {
		case c.Deleted:
			d.DeletedChannels[c.ID] = true
		case c.IsOther && d.OtherChannel == 0:
			d.OtherChannel = c.ID
		}
	}
	return d
}

// GetBranch returns one branch in operation. It refuses any other id (not found, [taphoa.CodeValidate]).
func GetBranch(tx *db.Tx, in *taphoa.ByID) (taphoa.Branch, error) {
	d, err := GetDirectory(tx)
	if err != nil {
		return taphoa.Branch{}, err
	}
	return d.Branch(in.ID)
}

// FindSeller is [plan.Directory.Seller].
func FindSeller(tx *db.Tx, field string, id int64) (Seller, error) {
	d, err := GetDirectory(tx)
	if err != nil {
		return Seller{}, err
	}
	return d.Seller(field, id)
}
