package promo_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/right"
)

type campaignInput = taphoa.VoucherCampaignInput

func TestACampaignIsListedAsItWasMade(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		made := s.campaign(func(in *campaignInput) {
			in.Code, in.StartDate, in.ExpireTime = taphoa.Some(" TET "), taphoa.Some(s.in(-1)), taphoa.Some[int64](10)
			in.PrereqCategoryIDs, in.PrereqProductIDs = taphoa.Some([]int64{s.teas, s.drinks, s.teas}), taphoa.Some([]int64{s.salt})
			in.PrereqPrice, in.UseVoucherCombineInvoice = taphoa.Some(taphoa.Dong(50_000)), taphoa.Some(true)
			in.VoucherBranchs = taphoa.Some([]taphoa.VoucherBranch{{BranchID: s.other}, {BranchID: s.branch}})
			in.VoucherUsers = taphoa.Some([]taphoa.VoucherUser{{UserID: s.user}})
			in.VoucherCusGroups = taphoa.Some([]taphoa.VoucherCusGroup{{GroupID: s.group}})
		})
		want := &taphoa.VoucherCampaign{
			ID: made.ID, Code: "TET", Name: "Tết", IsActive: true, StartDate: s.in(-1), EndDate: s.in(30), ExpireTime: taphoa.Some[int64](10),
			PrereqCategoryIDs: []int64{s.drinks, s.teas}, PrereqProductIDs: []int64{s.salt}, PrereqPrice: taphoa.Some(taphoa.Dong(50_000)),
			Price: taphoa.Dong(20_000), UseVoucherCombineInvoice: true,
			VoucherBranchs:   []taphoa.VoucherBranch{{BranchID: s.branch, BranchName: "Chi nhánh trung tâm"}, {BranchID: s.other, BranchName: "Quận 1"}},
			VoucherUsers:     []taphoa.VoucherUser{{UserID: s.user, UserName: "lan"}},
			VoucherCusGroups: []taphoa.VoucherCusGroup{{GroupID: s.group, GroupName: "Khách quen"}},
		}
		if s.drinks > s.teas {
			want.PrereqCategoryIDs = []int64{s.teas, s.drinks}
		}
		if !reflect.DeepEqual(made, want) {
			t.Errorf("created %+v\nwant %+v", made, want)
		}
		plain := s.campaign(func(in *campaignInput) { in.IsActive = taphoa.Some(false) })
		if plain.Code != "PHVC000001" || plain.StartDate != s.clock.Now() || !plain.IsGlobal || !plain.ForAllUser || !plain.ForAllCusGroup {
			t.Errorf("created %+v", plain)
		}
		page := done(s, promo.ListVoucherCampaigns, &taphoa.VoucherCampaignQuery{})
		if page.Total != 2 || page.PageSize != 2 || page.Data[0].VoucherBranchs != nil || page.Data[0].VoucherUsers != nil {
			t.Errorf("the list is %+v", page)
		}
		page = done(s, promo.ListVoucherCampaigns, &taphoa.VoucherCampaignQuery{
			IncludeVoucherBranchs: true, IncludeVoucherUsers: true, IncludeVoucherCusGroups: true, IsGlobal: taphoa.Some(false),
			ForAllUser: taphoa.Some(false), ForAllCusGroup: taphoa.Some(false), IsActive: taphoa.Some(true), ID: taphoa.Some(made.ID),
			WholePaging: taphoa.WholePaging{CurrentItem: taphoa.Some[int64](0)},
		})
		if page.PageSize != taphoa.PageSizeDefault || len(page.Data) != 1 || !reflect.DeepEqual(&page.Data[0], want) {
			t.Errorf("the list is %+v", page)
		}
		for _, none := range []taphoa.VoucherCampaignQuery{{IsActive: taphoa.Some(false), ID: taphoa.Some(made.ID)}, {IsGlobal: taphoa.Some(true), ForAllUser: taphoa.Some(false)}} {
			if page := done(s, promo.ListVoucherCampaigns, &none); page.Total != 0 {
				t.Errorf("%+v finds %+v", none, page.Data)
			}
		}
	})
}

func TestACampaignIsChangedInWhatIsGiven(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(func(in *campaignInput) {
			in.ExpireTime, in.VoucherBranchs = taphoa.Some[int64](5), taphoa.Some([]taphoa.VoucherBranch{{BranchID: s.other}})
		})
		change := func(in campaignInput) *taphoa.VoucherCampaignUpdate {
			return &taphoa.VoucherCampaignUpdate{ByID: taphoa.ByID{ID: c.ID}, VoucherCampaignInput: in}
		}
		done(s, org.CloseBranch, &taphoa.ByID{ID: s.other}) // a deleted branch may stay a limit
		got := done(s, promo.UpdateVoucherCampaign, change(campaignInput{ExpireTime: taphoa.Null[int64](), Price: taphoa.Some(taphoa.Dong(30_000))}))
		if got.ExpireTime.Has() || got.Price != taphoa.Dong(30_000) || got.Name != "Tết" || len(got.VoucherBranchs) != 1 || got.IsGlobal {
			t.Errorf("changed to %+v", got)
		}
		got = done(s, promo.UpdateVoucherCampaign, change(campaignInput{IsGlobal: taphoa.Some(true), VoucherUsers: taphoa.Some([]taphoa.VoucherUser{{UserID: s.user}})}))
		if !got.IsGlobal || len(got.VoucherBranchs) != 0 || got.ForAllUser || len(got.VoucherUsers) != 1 {
			t.Errorf("changed to %+v", got)
		}
		got = done(s, promo.UpdateVoucherCampaign, change(campaignInput{VoucherUsers: taphoa.Null[[]taphoa.VoucherUser](), Name: taphoa.Some("Xuân")}))
		if !got.ForAllUser || len(got.VoucherUsers) != 0 || got.Name != "Xuân" {
			t.Errorf("changed to %+v", got)
		}
		s.vouchers(c, "V", 1)
		refused(s, "price", "không thể đổi mệnh giá", promo.UpdateVoucherCampaign, change(campaignInput{Price: taphoa.Some(taphoa.Dong(1))}))
		refused(s, "id", "không thể xóa", promo.DeleteVoucherCampaign, &taphoa.ByID{ID: c.ID})
		refused(s, "", "không tồn tại", promo.UpdateVoucherCampaign, &taphoa.VoucherCampaignUpdate{})
	})
}

func TestACampaignIsRefusedForWhatItCannotBe(t *testing.T) {
	inStore(t, func(_ *testing.T, s *store) {
		s.campaign(func(in *campaignInput) { in.Code = taphoa.Some("TET") })
		for _, bad := range []struct {
			field, words string
			spoil        func(*campaignInput)
		}{
			{"name", "không được để trống", func(in *campaignInput) { in.Name = taphoa.Some("  ") }},
			{"code", "tet (code) đã tồn tại", func(in *campaignInput) { in.Code = taphoa.Some("tet") }},
			{"code", "TET (code) đã tồn tại", func(in *campaignInput) { in.Code = taphoa.Some("\u00a0T\u200bET") }},
			{"endDate", "không được để trống", func(in *campaignInput) { in.EndDate = taphoa.Null[taphoa.Time]() }},
			{"endDate", "phải sau", func(in *campaignInput) { in.EndDate = taphoa.Some(s.clock.Now()) }},
			{"price", "lớn hơn 0", func(in *campaignInput) { in.Price = taphoa.Opt[taphoa.Money]{} }},
			{"price", "không quá", func(in *campaignInput) { in.Price = taphoa.Some(taphoa.MoneyMax + 0.0001*taphoa.Scale) }},
			{"expireTime", "từ 1", func(in *campaignInput) { in.ExpireTime = taphoa.Some[int64](0) }},
			{"expireTime", "từ 1", func(in *campaignInput) { in.ExpireTime = taphoa.Some[int64](1 << 50) }},
			{"prereqPrice", "từ 0", func(in *campaignInput) { in.PrereqPrice = taphoa.Some(taphoa.Money(-0.0001 * taphoa.Scale)) }},
			{"voucherBranchs", "isGlobal là false", func(in *campaignInput) { in.IsGlobal = taphoa.Some(false) }},
			{"voucherUsers", "forAllUser", func(in *campaignInput) { in.ForAllUser = taphoa.Some(false) }},
			{"voucherCusGroups", "forAllCusGroup", func(in *campaignInput) { in.ForAllCusGroup = taphoa.Some(false) }},
			{"voucherBranchs.branchId", "Chi nhánh 987654", func(in *campaignInput) {
				in.VoucherBranchs = taphoa.Some([]taphoa.VoucherBranch{{BranchID: s.branch}, {BranchID: 987_654}})
			}},
			{"voucherUsers.userId", "Người dùng 0", func(in *campaignInput) { in.VoucherUsers = taphoa.Some([]taphoa.VoucherUser{{}}) }},
			{"prereqProductIds", "Hàng hóa -1", func(in *campaignInput) { in.PrereqProductIDs = taphoa.Some([]int64{-1}) }},
			{"prereqCategoryIds", "tối đa", func(in *campaignInput) {
				many := make([]int64, 1001)
				for i := range many {
					many[i] = int64(i)
				}
				in.PrereqCategoryIDs = taphoa.Some(many)
			}},
		} {
			in := &campaignInput{Name: taphoa.Some("Tết"), Price: taphoa.Some(taphoa.Dong(1)), EndDate: taphoa.Some(s.in(1))}
			bad.spoil(in)
			refused(s, bad.field, bad.words, promo.CreateVoucherCampaign, in)
		}
	})
}

func TestVouchersAreMadeReleasedAndCancelledAllOrNone(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c, second := s.campaign(nil), s.campaign(nil)
		names := func(codes ...string) (all []taphoa.CodeInput) {
			for _, code := range codes {
				all = append(all, taphoa.CodeInput{Code: code})
			}
			return all
		}
		create := func(id int64, codes ...string) *taphoa.VoucherCreate {
			return &taphoa.VoucherCreate{VoucherCampaignID: id, Data: names(codes...)}
		}
		release := func(id int64, codes ...string) *taphoa.VoucherRelease {
			return &taphoa.VoucherRelease{CampaignID: id, Vouchers: names(codes...)}
		}
		cancel := func(id int64, codes ...string) *taphoa.VoucherCancel {
			return &taphoa.VoucherCancel{CampaignID: id, Vouchers: names(codes...)}
		}
		if m := done(s, promo.CreateVouchers, create(c.ID, " a1", "a2", "a3", "a4")); m.Message != "Thêm mới voucher thành công" {
			t.Error(m)
		}
		done(s, promo.CreateVouchers, create(second.ID, "b1"))
		refused(s, "data.code", "A2 (code) đã tồn tại", promo.CreateVouchers, create(second.ID, "b2", "A2", "b1"))
		refused(s, "data.code", "B2 (code) bị lặp lại", promo.CreateVouchers, create(second.ID, "b2", "B2"))
		refused(s, "data.code", "vị trí 2", promo.CreateVouchers, create(second.ID, "b2", " "))
		refused(s, "data", "không được để trống", promo.CreateVouchers, create(second.ID))
		refused(s, "data", "tối đa", promo.CreateVouchers, create(second.ID, make([]string, 1001)...))
		refused(s, "", "không tồn tại", promo.CreateVouchers, create(987_654, "b2"))
		refused(s, "voucherCampaignId", "không được để trống", promo.CreateVouchers, create(0, "b2"))
		refused(s, "Vouchers.code", "b1 (code) không tồn tại trong đợt", promo.ReleaseVouchers, release(c.ID, "a1", "b1", "x"))
		if m := done(s, promo.ReleaseVouchers, release(c.ID, "A1")); m.Message != "Cập nhật voucher thành công" {
			t.Error(m)
		}
		refused(s, "Vouchers.code", "a1 (code) đang ở trạng thái Đã phát hành", promo.ReleaseVouchers, release(c.ID, "a2", "a1"))
		refused(s, "Vouchers.code", "a1 (code) đang ở trạng thái Đã phát hành", promo.CancelVouchers, cancel(c.ID, "a3", "a1"))
		refused(s, "ReleaseDate", "trước ngày kết thúc", promo.ReleaseVouchers, &taphoa.VoucherRelease{
			CampaignID: c.ID, Vouchers: names("a2"), ReleaseDate: taphoa.Some(s.in(31)),
		})
		if m := done(s, promo.CancelVouchers, cancel(c.ID, "a3", "a4")); m.Message != "Cập nhật voucher thành công" {
			t.Error(m)
		}
		refused(s, "Vouchers.code", "a3 (code) đang ở trạng thái Đã hủy", promo.ReleaseVouchers, release(c.ID, "a3"))
		var statuses []int64
		for _, v := range s.list(c) {
			statuses = append(statuses, v.Status)
		}
		first := done(s, promo.GetVoucherByCode, &taphoa.ByCode{Code: "A1"})
		want := taphoa.Voucher{
			ID: first.ID, Code: "a1", VoucherCampaignID: c.ID, ReleaseDate: taphoa.Some(s.clock.Now()), ExpireDate: taphoa.Some(s.in(30)),
			Status: 1, SellType: taphoa.Some[int64](0), Price: taphoa.Dong(20_000),
		}
		if !reflect.DeepEqual(statuses, []int64{1, 0, 3, 3}) || first != want {
			t.Errorf("statuses %v, the first is %+v", statuses, first)
		}
		if got := done(s, promo.GetVoucherCampaign, &taphoa.ByID{ID: c.ID}); got.Quantity != 4 {
			t.Errorf("quantity %d", got.Quantity)
		}
		page := done(s, promo.ListVouchers, &taphoa.VoucherQuery{
			CampaignID: taphoa.Some(c.ID), Status: []int64{3}, WholePaging: taphoa.WholePaging{PageSize: taphoa.Some[int64](1)},
		})
		if page.Total != 2 || page.PageSize != 1 || len(page.Data) != 1 {
			t.Errorf("the page is %+v", page)
		}
		done(s, promo.UpdateVoucherCampaign, &taphoa.VoucherCampaignUpdate{ByID: taphoa.ByID{ID: c.ID}, VoucherCampaignInput: campaignInput{IsActive: taphoa.Some(false)}})
		refused(s, "voucherCampaignId", "ngừng hoạt động", promo.CreateVouchers, create(c.ID, "a9"))
		refused(s, "CampaignId", "ngừng hoạt động", promo.ReleaseVouchers, release(c.ID, "a2"))
		refused(s, "CampaignId", "ngừng hoạt động", promo.CancelVouchers, cancel(c.ID, "a2"))
		done(s, promo.DeleteVoucherCampaign, &taphoa.ByID{ID: second.ID})
		refused(s, "", "không tồn tại", promo.GetVoucherCampaign, &taphoa.ByID{ID: second.ID})
		refused(s, "", "không tồn tại", promo.GetVoucherByCode, &taphoa.ByCode{Code: "b1"})
		refused(s, "campaignId", "không được để trống", promo.ListVouchers, &taphoa.VoucherQuery{})
		third := s.campaign(nil)
		done(s, promo.CreateVouchers, create(third.ID, "b1")) // the code can be used again
		s.sound()
	})
}

func TestSoldVouchersNameWhoBoughtThem(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(nil)
		done(s, promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes("V", 4)})
		all := codes("V", 4)
		supplier := done(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Nhà vườn")}).Data.ID
		sell := func(n int, kind string, id int64, name string) *taphoa.VoucherSale {
			return &taphoa.VoucherSale{
				VoucherRelease: taphoa.VoucherRelease{CampaignID: c.ID, Vouchers: all[n : n+1]}, PartnerType: kind, PartnerID: taphoa.SomeIf(id), PartnerName: taphoa.SomeIf(name),
			}
		}
		for n, sale := range []*taphoa.VoucherSale{
			sell(0, "c", s.lan, "x"), sell(1, "U", s.user, ""), sell(2, "S", supplier, ""), sell(3, "", 0, "Khách qua đường"),
		} {
			done(s, promo.SellVouchers, sale)
			got := s.list(c)[n]
			want := []taphoa.Voucher{
				{PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.lan), PartnerName: taphoa.Some("Lan")},
				{PartnerType: taphoa.Some("U"), PartnerID: taphoa.Some(s.user), PartnerName: taphoa.Some("Lan")},
				{PartnerType: taphoa.Some("S"), PartnerID: taphoa.Some(supplier), PartnerName: taphoa.Some("Nhà vườn")},
				{PartnerType: taphoa.Some("O"), PartnerName: taphoa.Some("Khách qua đường")},
			}[n]
			if got.SellType != taphoa.Some[int64](1) || got.PartnerType != want.PartnerType || got.PartnerID != want.PartnerID || got.PartnerName != want.PartnerName {
				t.Errorf("sold as %+v", got)
			}
		}
		book := done(s, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 10}}).Data
		if len(book) != 4 || book[0].Amount != c.Price || book[0].PartnerType.Or("") != "C" || book[0].PartnerName.Or("") != "Lan" ||
			book[0].Origin != "Voucher" || book[3].PartnerName.Or("") != "Khách qua đường" {
			t.Errorf("the cash book has %+v", book)
		}
		refused(s, "id", "bán voucher", debt.VoidCashFlow, &taphoa.ByID{ID: book[0].ID})
		s.sound()
		refused(s, "PartnerType", "X", promo.SellVouchers, sell(0, "X", 0, ""))
		refused(s, "PartnerId", "Đối tác giao hàng 0", promo.SellVouchers, sell(0, "D", 0, ""))
		refused(s, "PartnerId", "Khách hàng 987654", promo.SellVouchers, sell(0, "C", 987_654, ""))
	})
}

func TestTwoShopsDoNotSeeEachOthersVouchers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := openStore(t, d, clock, "mot"), openStore(t, d, clock, "hai")
		c := mine.campaign(func(in *campaignInput) { in.Code = taphoa.Some("TET") })
		v := mine.vouchers(c, "V", 2)[0]
		refused(theirs, "", "không tồn tại", promo.GetVoucherCampaign, &taphoa.ByID{ID: c.ID})
		refused(theirs, "", "không tồn tại", promo.DeleteVoucherCampaign, &taphoa.ByID{ID: c.ID})
		refused(theirs, "", "không tồn tại", promo.GetVoucher, &taphoa.ByID{ID: v.ID})
		refused(theirs, "", "không tồn tại", promo.GetVoucherByCode, &taphoa.ByCode{Code: v.Code})
		refused(theirs, "", "không tồn tại", promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes("X", 1)})
		theirs.campaign(func(in *campaignInput) { in.Code = taphoa.Some("TET") })
		if page := done(theirs, promo.ListVouchers, &taphoa.VoucherQuery{CampaignID: taphoa.Some(c.ID)}); page.Total != 0 {
			t.Errorf("they see %+v", page.Data)
		}
		theirs.write(func(tx *db.Tx) error {
			_, err := promo.Redeem(tx, &promo.Sale{BranchID: theirs.branch, Open: 0.0001 * taphoa.Scale}, []promo.VoucherUse{{VoucherID: v.ID}})
			if err == nil {
				t.Error("they can spend it")
			}
			return promo.Release(tx, []int64{v.ID})
		})
		mine.is(v, taphoa.CodeReleased)
	})
}

// TestVouchersAreSoldWhereASellerMay because their money comes into the cash book of a branch.
func TestVouchersAreSoldWhereASellerMay(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(nil)
		done(s, promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes("V", 3)})
		sell := func(who db.Actor, branch int64, n int) error {
			return s.d.Write(t.Context(), who, func(tx *db.Tx) error {
				_, err := promo.SellVouchers(tx, &taphoa.VoucherSale{
					VoucherRelease: taphoa.VoucherRelease{CampaignID: c.ID, Vouchers: codes("V", 3)[n : n+1]}, BranchID: taphoa.SomeIf(branch),
				})
				return err
			})
		}
		person := func(set right.Set) db.Actor {
			return db.Actor{
				Retailer: s.who.Retailer, User: s.user, Needs: right.ChangeVouchers,
				Held: right.Hold(s.user, right.Grant{Branch: s.other, Set: set}, right.Grant{Branch: s.branch, Set: right.Of(right.SeeVouchers)}),
			}
		}
		seller := person(right.Of(right.ChangeVouchers))
		for _, branch := range []int64{s.branch, 0} { // 0 is the first one
			if missing, lacks := errors.AsType[*right.Missing](sell(seller, branch, 0)); !lacks || missing.Right != right.ChangeVouchers || missing.Branch != s.branch {
				t.Errorf("at branch %d it was %v", branch, missing)
			}
		}
		for n, who := range []db.Actor{seller, person(right.All), s.who} {
			if err := sell(who, s.other, n); err != nil {
				t.Error(err)
			}
		}
		s.sound()
	})
}
