package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
)

// shop has the ids of the shop's reference records.
type shop struct {
	branches   []int64
	users      []int64
	accounts   []int64
	channels   []int64 // the first is the counter
	surcharges []int64 // delivery, packing
	groups     []int64
	books      []int64 // price books: wholesale, online, expired, inactive
	suppliers  []int64
	mode       taphoa.PricingMode
}

// openDemo creates the demo's shop and its client.
func openDemo(tx *db.Tx) error {
	if _, err := org.CreateShop(tx, ShopCode, ShopName); err != nil {
		return err
	}
	_, _, err := oauth.CreateClient(tx, oauth.ClientInput{
		Name: "Demo", Scopes: []string{oauth.ScopePublic, oauth.ScopeAdmin}, ClientID: ClientID, Secret: ClientSecret,
	})
	return err
}

// equip creates the records that a shop needs before its products.
func (s *generator) equip() error {
	for _, equip := range []func() error{
		s.openSettings, s.openBranches, s.openUsers, s.openAccounts, s.openChannels, s.openSurcharges, s.openGroups, s.openSuppliers,
	} {
		if err := equip(); err != nil {
			return err
		}
	}
	return nil
}

// openSettings turns on all features. Prices contain tax, as is usual on price tags, so that documents show amounts before
// and after tax.
func (s *generator) openSettings() error {
	for _, set := range []struct{ name, value string }{
		{"AllowOrderWhenOutStock", "true"},
		{"AllowSellWhenOrderOutStock", "true"},
		{"AllowSellWhenOutStock", "true"},
		{"AllowOrder", "true"},
		{"UseDelivery", "true"},
		{"UseCod", "true"},
		{"UseSurcharge", "true"},
		{"RewardPointRate", "10000"},
	} {
		if err := org.SetSetting(s.tx, set.name, set.value); err != nil {
			return err
		}
	}
	return s.setMode(taphoa.PricingAfterTax)
}

func (s *generator) setMode(mode taphoa.PricingMode) error {
	s.mode = mode
	return org.SetSetting(s.tx, "PricingMode", string(mode))
}

// changePricing plans some days in each of the other pricing modes.
func (s *generator) changePricing() {
	for i, mode := range []taphoa.PricingMode{taphoa.PricingDirect, taphoa.PricingBeforeTax, taphoa.PricingAfterTax} {
		s.schedule(s.at(firstDay+6+5*i, 4, 0), func() error { return s.setMode(mode) })
	}
}

func (s *generator) openBranches() error {
	second, err := org.CreateBranch(s.tx, &taphoa.BranchInput{
		BranchName: "Chi nhánh Thảo Điền", BranchCode: taphoa.Some("CN02"), ContactNumber: taphoa.Some("+84900000002"),
		Email: taphoa.Some("thaodien@example.com"), Address: taphoa.Some("12 đường số 41"),
		LocationName: taphoa.Some("Hồ Chí Minh - Thành phố Thủ Đức"), WardName: taphoa.Some("Phường Thảo Điền"),
	})
	if err != nil {
		return err
	}
	first, err := org.ListBranches(s.tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
	if err == nil {
		s.branches = []int64{first.Data[0].ID, second.ID}
		err = s.closedBranch()
	}
	return err
}

// closedBranch creates a branch without sales that is closed later.
func (s *generator) closedBranch() error {
	stall, err := org.CreateBranch(s.tx, &taphoa.BranchInput{BranchName: "Sạp chợ Bến Thành", BranchCode: taphoa.Some("CN03")})
	if err == nil {
		s.schedule(s.at(firstDay+1, 17, 0), func() error {
			_, err := org.CloseBranch(s.tx, &taphoa.ByID{ID: stall.ID})
			return err
		})
	}
	return err
}

func (s *generator) openUsers() error {
	for i, u := range []struct {
		name, given, phone, note, born string
		role, branch                   int64 // the index of a branch; -1: the whole shop
	}{
		{"lan.nt", "Nguyễn Thị Lan", "0900000011", "Thu ngân chi nhánh trung tâm", "1994-03-08", right.CashierRole, 0},
		{"hung.tq", "Trần Quốc Hùng", "0900000012", "Bán hàng, phụ trách đơn trực tuyến", "1990-11-20", right.ManagerRole, 0},
		{"mai.lp", "Lê Phương Mai", "0900000013", "Thu ngân chi nhánh Thảo Điền", "1998-07-02", right.CashierRole, 1},
		{"dung.pv", "Phạm Văn Dũng", "0900000014", "Thủ kho", "1985-01-15", right.StockRole, -1},
		{"thao.vn", "Võ Ngọc Thảo", "0900000015", "Kế toán", "1992-09-30", right.AccountantRole, -1},
	} {
		born, err := taphoa.ParseTime(u.born)
		if err != nil {
			return err
		}
		user, err := org.CreateUser(s.tx, &taphoa.UserInput{
			UserName: u.name, GivenName: u.given, MobilePhone: taphoa.Some(u.phone), Description: taphoa.Some(u.note),
			Email: taphoa.Some(u.name + "@example.com"), Address: taphoa.Some(pick(s, streets)), BirthDate: taphoa.Some(born),
		})
		if err != nil {
			return err
		}
		at := int64(0)
		if u.branch >= 0 {
			at = s.branches[u.branch]
		}
		if err := access.SetUserRoles(s.tx, user.ID, []access.UserRole{{Role: u.role, Branch: at}}); err != nil {
			return err
		}
		if i < 3 { // the others do not sell
			s.users = append(s.users, user.ID)
		}
	}
	trainee, err := org.CreateUser(s.tx, &taphoa.UserInput{UserName: "tri.nm", GivenName: "Nguyễn Minh Trí"})
	if err == nil {
		s.schedule(s.at(firstDay+1, 17, 30), func() error {
			_, err := org.RemoveUser(s.tx, &taphoa.ByID{ID: trainee.ID})
			return err
		})
	}
	return err
}

func (s *generator) openAccounts() error {
	for _, a := range []struct{ bank, number, note string }{
		{"Vietcombank", "0000000010101", "Tài khoản nhận chuyển khoản của cửa hàng"},
		{"Techcombank", "00000000020202", "Tài khoản máy POS"},
		{"MB Bank", "0000000030303", "Tài khoản nhận tiền thu hộ"},
	} {
		account, err := cash.CreateBankAccount(s.tx, &taphoa.BankAccountInput{
			BankName: a.bank, AccountNumber: a.number, Description: taphoa.Some(a.note),
		})
		if err != nil {
			return err
		}
		s.accounts = append(s.accounts, account.ID)
	}
	old, err := cash.CreateBankAccount(s.tx, &taphoa.BankAccountInput{BankName: "Sacombank", AccountNumber: "000000040404"})
	if err == nil {
		s.schedule(s.at(firstDay+1, 18, 0), func() error {
			_, err := cash.DeleteBankAccount(s.tx, &taphoa.ByID{ID: old.ID})
			return err
		})
	}
	return err
}

func (s *generator) openChannels() error {
	built, err := org.ListSaleChannels(s.tx, &taphoa.SaleChannelQuery{Paging: taphoa.Paging{PageSize: 1}})
	if err != nil {
		return err
	}
	s.channels = []int64{built.Data[0].ID}
	for _, c := range []struct {
		name, img string
		active    bool
	}{
		{"Facebook", "facebook", true},
		{"Zalo", "zalo", true},
		{"Shopee", "shopee", true},
		{"Website", "website", true},
		{"Sàn Cũ", "san-cu", false},
	} {
		made, err := org.CreateSaleChannel(s.tx, &taphoa.SaleChannelInput{
			Name: c.name, Img: taphoa.Some(imageURL + "kenh/" + c.img + ".png"), IsActive: taphoa.Some(c.active),
		})
		if err != nil {
			return err
		}
		if c.active {
			s.channels = append(s.channels, made.ID)
		}
	}
	return nil
}

// openSurcharges creates surcharges: by amount, one that is changed, one by percentage, one of one branch, and an inactive
// one.
func (s *generator) openSurcharges() error {
	var ids []int64
	for _, in := range []taphoa.SurchargeInput{
		{Name: "Phí giao hàng", Value: taphoa.Some(taphoa.Dong(15_000))},
		{Name: "Phí đóng gói", Code: taphoa.Some("DONGGOI"), Value: taphoa.Some(taphoa.Dong(5_000))},
		{Name: "Phí quẹt thẻ", Code: taphoa.Some("QUETTHE"), ValueRatio: taphoa.Some(taphoa.Ratio(2))},
		{Name: "Phí giữ xe", Value: taphoa.Some(taphoa.Dong(3_000)), BranchID: taphoa.Some(s.branches[1])},
		{Name: "Phụ thu ngày lễ", Code: taphoa.Some("NGAYLE"), Value: taphoa.Some(taphoa.Dong(10_000))},
	} {
		made, err := cash.CreateSurcharge(s.tx, &in)
		if err != nil {
			return err
		}
		ids = append(ids, made.Data.ID)
	}
	s.surcharges = ids[:2]
	_, err := cash.SetSurchargeActive(s.tx, &taphoa.SurchargeActive{ID: ids[4], IsActive: taphoa.Some(false)})
	return err
}

func (s *generator) openGroups() error {
	for _, g := range []struct {
		name, note string
		discount   int64
	}{
		{"Khách thân thiết", "Mua trên 5 triệu đồng trong ba tháng", 5_000},
		{"Khách sỉ", "Quán ăn, tiệm nhỏ lấy hàng theo thùng", 20_000},
		{"Khách trực tuyến", "Đặt qua Facebook, Zalo, Shopee", 0},
		{"Doanh nghiệp", "Xuất hóa đơn công ty, thanh toán cuối tháng", 10_000},
		{"Khách mới", "", 0},
	} {
		in := taphoa.CustomerGroupInput{Name: g.name, Description: taphoa.SomeIf(g.note), Discount: taphoa.SomeIf(taphoa.Dong(g.discount))}
		group, err := party.CreateCustomerGroup(s.tx, &in)
		if err != nil {
			return err
		}
		s.groups = append(s.groups, group.ID)
	}
	return nil
}
