package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
)

// Seller is a user as documents name them.
type Seller = plan.Seller

// GetDirectory returns the settings, branches, users and sale channels of the shop. The value is shared: nobody may change
// it. It is read again when a row of them has changed.
func GetDirectory(tx *db.Tx) (*plan.Directory, error) {
	return db.Kept(tx, "directory", 0, readDirectory)
}

func readDirectory(tx *db.Tx) (*plan.Directory, error) {
	settings, err := GetSettings(tx)
	if err != nil {
		return nil, err
	}
	d := &plan.Directory{Settings: settings}
	for _, read := range []func(*db.Tx, *plan.Directory) error{readBranches, readUsers, readChannels} {
		if err := read(tx, d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func readBranches(tx *db.Tx, d *plan.Directory) error {
	type row struct {
		taphoa.Branch
		Closed bool
	}
	rows, err := db.All[row](tx, `
		SELECT `+branchColumns+`, b.deleted_at <> 0 AS closed FROM branches b WHERE b.retailer_id = :retailer`)
	d.Branches, d.ClosedBranches = make(map[int64]taphoa.Branch, len(rows)), map[int64]string{}
	for i := range rows {
		if r := &rows[i]; r.Closed {
			d.ClosedBranches[r.ID] = r.BranchName
		} else {
			d.Branches[r.ID] = r.Branch
		}
	}
	return err
}

func readUsers(tx *db.Tx, d *plan.Directory) error {
	type row struct {
		ID        int64
		GivenName string
		IsAdmin   bool
		Removed   bool
	}
	rows, err := db.All[row](tx, `
		SELECT id, given_name, is_admin, deleted_at <> 0 AS removed FROM users WHERE retailer_id = :retailer ORDER BY id`)
	d.Users = make(map[int64]plan.User, len(rows))
	for _, r := range rows {
		d.Users[r.ID] = plan.User{GivenName: r.GivenName, Removed: r.Removed}
		if d.Admin == 0 && r.IsAdmin && !r.Removed {
			d.Admin = r.ID
		}
	}
	return err
}

func readChannels(tx *db.Tx, d *plan.Directory) error {
	type row struct {
		taphoa.SaleChannelInfo
		IsOther, Deleted bool
	}
	rows, err := db.All[row](tx, `
		SELECT is_not_delete, retailer_id, position, is_active, created_by, created_date, id, name, is_other,
			deleted_at <> 0 AS deleted
		FROM sale_channels WHERE retailer_id = :retailer ORDER BY id`)
	d.Channels, d.DeletedChannels = make(map[int64]*taphoa.SaleChannelInfo, len(rows)), map[int64]bool{}
	for i := range rows {
		r := &rows[i]
		info := r.SaleChannelInfo // not a pointer into all rows
		d.Channels[r.ID] = &info
		if r.Deleted {
			d.DeletedChannels[r.ID] = true
		} else if d.OtherChannel == 0 && r.IsOther {
			d.OtherChannel = r.ID
		}
	}
	return err
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

// ResolveSaleChannel is [plan.Directory.Channel].
func ResolveSaleChannel(tx *db.Tx, id taphoa.Opt[int64]) (int64, error) {
	d, err := GetDirectory(tx)
	if err != nil {
		return 0, err
	}
	return d.Channel(id)
}
