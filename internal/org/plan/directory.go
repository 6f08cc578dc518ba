package plan

import (
	"fmt"

	"github.com/taphoa/taphoa"
)

// Directory is what a shop hardly ever changes, as documents name it. One is shared by all operations that see the same
// state of the shop: none may change it.
type Directory struct {
	Settings Settings

	Branches       map[int64]taphoa.Branch // in operation
	ClosedBranches map[int64]string        // names of those that are no longer in operation

	Users map[int64]User // also removed ones
	Admin int64          // the super administrator, the seller of documents that name none; 0 without one

	Channels        map[int64]*taphoa.SaleChannelInfo // also stopped and deleted ones: documents show them
	DeletedChannels map[int64]bool
	OtherChannel    int64 // where documents without a channel belong; 0 without one
}

// Seller is a user as documents name them.
type Seller struct {
	ID        int64
	GivenName string
}

// User is a user of the shop.
type User struct {
	GivenName string
	Removed   bool // no longer works in the shop
}

// Branch returns a branch in operation. It refuses any other id (not found, [taphoa.CodeValidate]).
func (d *Directory) Branch(id int64) (taphoa.Branch, error) {
	branch, found := d.Branches[id]
	if !found {
		return taphoa.Branch{}, UnknownBranch()
	}
	return branch, nil
}

// UnknownBranch is the refusal of a branch that does not exist or is no longer in operation.
func UnknownBranch() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Chi nhánh không tồn tại")
}

// Seller returns a user that was not removed, the super administrator for 0. It refuses any other id
// ([taphoa.CodeValidate]); field is the member that names it.
func (d *Directory) Seller(field string, id int64) (Seller, error) {
	wanted := id
	if wanted == 0 {
		wanted = d.Admin
	}
	user, found := d.Users[wanted]
	if !found || user.Removed {
		return Seller{}, taphoa.Refuse(taphoa.CodeValidate, field, "Người dùng %d (%s) không tồn tại", id, field)
	}
	return Seller{ID: wanted, GivenName: user.GivenName}, nil
}

// Channel returns the sale channel of a document: the given one, stopped or not, or the one for documents without a channel
// (Kênh khác) where none or 0 is given. It refuses a channel that does not exist or is deleted ([taphoa.CodeValidate]).
func (d *Directory) Channel(id taphoa.Opt[int64]) (int64, error) {
	wanted := id.Or(0)
	if wanted == 0 {
		wanted = d.OtherChannel
	}
	if d.Channels[wanted] == nil || d.DeletedChannels[wanted] {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "saleChannelId", "Kênh bán hàng %d không tồn tại", id.Value)
	}
	return wanted, nil
}

// BranchName returns the name of a branch, in operation or not; "" if there is no such branch.
func (d *Directory) BranchName(id int64) string {
	if branch, found := d.Branches[id]; found {
		return branch.BranchName
	}
	return d.ClosedBranches[id]
}

// UserName returns the given name of a user, also of a removed one; no value if there is no such user.
func (d *Directory) UserName(id int64) taphoa.Opt[string] {
	user, found := d.Users[id]
	if !found {
		return taphoa.Opt[string]{}
	}
	return taphoa.Some(user.GivenName)
}

// ChannelInfo returns a sale channel as documents show it, also a deleted one; nil if there is no such channel. It is
// shared and must not be changed.
func (d *Directory) ChannelInfo(id int64) *taphoa.SaleChannelInfo { return d.Channels[id] }

// ChannelName returns the name of a sale channel, also of a deleted one; no value if there is no such channel.
func (d *Directory) ChannelName(id int64) taphoa.Opt[string] {
	channel := d.Channels[id]
	if channel == nil {
		return taphoa.Opt[string]{}
	}
	return taphoa.Some(channel.Name)
}

// Code returns the code of a number of a sequence, such as HD000123: the prefix and at least six digits.
func Code(prefix string, number int64) string { return fmt.Sprintf("%s%06d", prefix, number) }
