package org_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/org/plan"
)

// TestTheDirectoryFollowsEveryChange: what was kept of a shop is read again when a row of it has changed, in the same
// transaction, too.
func TestTheDirectoryFollowsEveryChange(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		read := func() (d *plan.Directory) {
			t.Helper()
			if err := s.d.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
				d, err = org.GetDirectory(tx)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return d
		}
		before := read()
		if again := read(); again != before {
			t.Error("the directory was read twice")
		}
		if before.Admin == 0 || before.OtherChannel == 0 || len(before.Branches) != 1 {
			t.Fatalf("a new shop has %+v", before)
		}
		var branch, user, channel int64
		s.write(func(tx *db.Tx) error {
			b, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Chợ Lớn"})
			if err != nil {
				return err
			}
			u, err := org.CreateUser(tx, &taphoa.UserInput{UserName: "lan", GivenName: "Lan"})
			if err != nil {
				return err
			}
			c, err := org.CreateSaleChannel(tx, &taphoa.SaleChannelInput{Name: "Zalo", IsActive: taphoa.Some(false)})
			if err != nil {
				return err
			}
			branch, user, channel = b.ID, u.ID, c.ID
			if err := org.SetSetting(tx, "UseCod", "false"); err != nil {
				return err
			}
			d, err := org.GetDirectory(tx)
			if err == nil && (d.BranchName(branch) != "Chợ Lớn" || d.UserName(user) != taphoa.Some("Lan") ||
				d.ChannelName(channel) != taphoa.Some("Zalo") || d.Settings.UseCod) {
				t.Errorf("the transaction sees %+v", d)
			}
			return err
		})
		d := read()
		if id, err := d.Channel(taphoa.Some(channel)); err != nil || id != channel {
			t.Errorf("the stopped channel is %d, %v", id, err)
		}
		info := d.ChannelInfo(channel)
		if info == nil || info.Name != "Zalo" || info.IsActivate || info.RetailerID != s.who.Retailer || info.CreatedDate == 0 {
			t.Errorf("documents show the channel %+v", info)
		}
		done(s, org.CloseBranch, &taphoa.ByID{ID: branch})
		done(s, org.RemoveUser, &taphoa.ByID{ID: user})
		done(s, org.DeleteSaleChannel, &taphoa.ByID{ID: channel})
		d = read()
		if d.BranchName(branch) != "Chợ Lớn" || d.UserName(user) != taphoa.Some("Lan") || d.ChannelInfo(channel) == nil {
			t.Errorf("deleted rows have lost their names: %+v", d)
		}
		if _, err := d.Branch(branch); err == nil {
			t.Error("the closed branch is in operation")
		}
		if _, err := d.Seller("soldById", user); err == nil {
			t.Error("a removed user still sells")
		}
		if _, err := d.Channel(taphoa.Some(channel)); err == nil {
			t.Error("a deleted channel is accepted")
		}
		if len(before.Branches) != 1 || len(before.ClosedBranches) != 0 {
			t.Errorf("the directory of before has changed: %+v", before)
		}
	})
}
