package plan_test

import (
	"errors"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/org/plan"
)

func directory() *plan.Directory {
	return &plan.Directory{
		Branches:       map[int64]taphoa.Branch{1: {ID: 1, BranchName: "Chợ Lớn"}},
		ClosedBranches: map[int64]string{2: "Gò Vấp"},
		Users:          map[int64]plan.User{7: {GivenName: "Admin"}, 8: {GivenName: "Lan"}, 9: {GivenName: "Tí", Removed: true}},
		Admin:          7,
		Channels: map[int64]*taphoa.SaleChannelInfo{
			4: {ID: 4, Name: "Kênh khác"}, 5: {ID: 5, Name: "Zalo"}, 6: {ID: 6, Name: "Chợ cũ"},
		},
		DeletedChannels: map[int64]bool{6: true},
		OtherChannel:    4,
	}
}

// refused checks that an error is a refusal about a field, with a sentence.
func refused(t *testing.T, err error, field, sentence string) {
	t.Helper()
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Field != field || refusal.Message != sentence {
		t.Errorf("the refusal is %v, want %s: %s", err, field, sentence)
	}
}

func TestADocumentIsOfABranchInOperation(t *testing.T) {
	d := directory()
	if b, err := d.Branch(1); err != nil || b.BranchName != "Chợ Lớn" {
		t.Errorf("branch 1 is %v, %v", b, err)
	}
	for _, id := range []int64{0, 2, 3} {
		_, err := d.Branch(id)
		refused(t, err, "", "Chi nhánh không tồn tại")
	}
}

func TestASellerWorksInTheShopAndIsTheAdminWhereNoneIsNamed(t *testing.T) {
	d := directory()
	for id, want := range map[int64]plan.Seller{0: {ID: 7, GivenName: "Admin"}, 7: {ID: 7, GivenName: "Admin"}, 8: {ID: 8, GivenName: "Lan"}} {
		if s, err := d.Seller("soldById", id); err != nil || s != want {
			t.Errorf("seller %d is %v, %v", id, s, err)
		}
	}
	_, err := d.Seller("soldById", 9)
	refused(t, err, "soldById", "Người dùng 9 (soldById) không tồn tại")
	d.Admin = 0
	_, err = d.Seller("cashierId", 0)
	refused(t, err, "cashierId", "Người dùng 0 (cashierId) không tồn tại")
}

func TestADocumentWithoutAChannelBelongsToTheOtherOne(t *testing.T) {
	d := directory()
	for _, c := range []struct {
		given taphoa.Opt[int64]
		want  int64
	}{{taphoa.Opt[int64]{}, 4}, {taphoa.Null[int64](), 4}, {taphoa.Some[int64](0), 4}, {taphoa.Some[int64](5), 5}} {
		if id, err := d.Channel(c.given); err != nil || id != c.want {
			t.Errorf("channel %v is %d, %v", c.given, id, err)
		}
	}
	_, err := d.Channel(taphoa.Some[int64](6))
	refused(t, err, "saleChannelId", "Kênh bán hàng 6 không tồn tại")
	d.OtherChannel = 0
	_, err = d.Channel(taphoa.Opt[int64]{})
	refused(t, err, "saleChannelId", "Kênh bán hàng 0 không tồn tại")
}

func TestDocumentsShowNamesOfWhatIsGone(t *testing.T) {
	d := directory()
	if a, b, c := d.BranchName(1), d.BranchName(2), d.BranchName(3); a != "Chợ Lớn" || b != "Gò Vấp" || c != "" {
		t.Errorf("the names of branches are %q, %q, %q", a, b, c)
	}
	if a, b := d.UserName(9), d.UserName(10); a != taphoa.Some("Tí") || b.Has() {
		t.Errorf("the names of users are %v, %v", a, b)
	}
	if a, b := d.ChannelName(6), d.ChannelName(10); a != taphoa.Some("Chợ cũ") || b.Has() {
		t.Errorf("the names of channels are %v, %v", a, b)
	}
	if a, b := d.ChannelInfo(6), d.ChannelInfo(10); a == nil || a.Name != "Chợ cũ" || b != nil {
		t.Errorf("the channels are %v, %v", a, b)
	}
}

func TestACodeHasAtLeastSixDigits(t *testing.T) {
	if a, b := plan.Code("HD", 123), plan.Code("TTHD", 1234567); a != "HD000123" || b != "TTHD1234567" {
		t.Errorf("the codes are %s, %s", a, b)
	}
}
