package salestest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// start is when a shop opens: nine in the morning of 22 November 2026 in Vietnam.
const start = taphoa.Time(1_795_312_800_000_000)

const day = taphoa.Time(24 * 3600 * 1_000_000)

// NewShop returns a random shop: its settings and prices follow from the generator.
func NewShop(r *rand.Rand) *Memory {
	m := NewMemory(Shop{
		Retailer: 1, User: 1, UserName: taphoa.Some("Chủ"), Directory: newDirectory(r), Items: newItems(r),
		Surcharges: []cashplan.Surcharge{
			newSurcharge(1, "PHI", true, 0), newSurcharge(2, "GOI", true, 1), newSurcharge(3, "CU", false, 0), newSurcharge(4, "TRAM", true, 0),
		},
		BankAccounts: []cashplan.BankAccount{
			{ID: 1, BankName: "VCB", AccountNumber: "001"}, {ID: 2, BankName: "ACB", AccountNumber: "002", DeletedAt: start},
		},
		PriceBooks: newPriceBooks(r), Groups: map[int64][]int64{1: {1}, 2: {1, 2}},
	})
	m.Clock = start
	m.addVouchers()
	for id := range int64(4) {
		m.IDs["customers"]++
		name := fmt.Sprintf("Khách %d", id+1)
		row := &partyplan.CustomerRow{
			ID: id + 1, Code: fmt.Sprintf("KHACH%d", id+1), Name: name, Search: text.Fold(name), Type: taphoa.CustomerPerson,
			ContactNumber: taphoa.Some(fmt.Sprintf("090100000%d", id)), BranchID: taphoa.Some(id%2 + 1), IsActive: true,
			CreatedDate: start, ChangedAt: start,
		}
		row.CodeKey, row.PhoneKey = text.CodeKey(row.Code), text.PhoneKey(row.ContactNumber.Value)
		m.Customers[row.ID] = row
	}
	return m
}

func newDirectory(r *rand.Rand) *orgplan.Directory {
	s := orgplan.DefaultSettings()
	usually := func(setting *bool) { *setting = r.IntN(15) > 0 }
	for _, setting := range []*bool{&s.AllowOrder, &s.UseDelivery, &s.UseCod, &s.UseSurcharge} {
		usually(setting)
	}
	s.AllowOrderWhenOutStock, s.AllowSellWhenOrderOutStock = r.IntN(2) > 0, r.IntN(2) > 0
	s.AllowSellWhenOutStock, s.ForbidSaleTimeChange = r.IntN(2) > 0, r.IntN(4) == 0
	s.ManagerCustomerByBranch = r.IntN(4) == 0
	s.PricingMode = []taphoa.PricingMode{taphoa.PricingDirect, taphoa.PricingBeforeTax, taphoa.PricingAfterTax}[r.IntN(3)]
	s.RewardPointRate = taphoa.Dong([]int64{0, 1_000, 10_000}[r.IntN(3)])
	return &orgplan.Directory{
		Settings: s,
		Branches: map[int64]taphoa.Branch{1: {ID: 1, BranchName: "Chính"}, 2: {ID: 2, BranchName: "Quận 1"}},
		Users:    map[int64]orgplan.User{1: {GivenName: "Chủ"}, 2: {GivenName: "Lan"}, 3: {GivenName: "Cũ", Removed: true}},
		Admin:    1, ClosedBranches: map[int64]string{3: "Đã đóng"}, OtherChannel: 1, DeletedChannels: map[int64]bool{3: true},
		Channels: map[int64]*taphoa.SaleChannelInfo{1: {ID: 1, Name: "Khác"}, 2: {ID: 2, Name: "Facebook"}, 3: {ID: 3, Name: "Xóa"}},
	}
}

func newItems(r *rand.Rand) []*catalogplan.Item {
	goods := func(id int64, code string) *catalogplan.Item {
		return &catalogplan.Item{
			ID: id, Code: code, Name: "Hàng " + code, FullName: "Hàng " + code, CategoryID: id%2 + 1, CategoryName: "Nhóm",
			Type: taphoa.ProductGoods, BasePrice: taphoa.Dong(1_000 + 100*r.Int64N(2_000)), AllowsSale: true, IsActive: true,
			IsRewardPoint: id%2 == 1, BaseID: id, Conversion: taphoa.Units(1),
		}
	}
	items := []*catalogplan.Item{
		goods(1, "TRA"), goods(2, "TRA-HOP"), goods(3, "CF"), goods(4, "QUA"), goods(5, "CONG"), goods(6, "DT"), goods(7, "SUA"),
		goods(8, "NGUNG"), goods(9, "GAO"), goods(10, "SUA-LOC"),
	}
	items[1].BaseID, items[1].Conversion = 1, taphoa.Units(10)
	items[3].Type = taphoa.ProductCombo
	items[3].Materials = []catalogplan.Material{{ProductID: 1, Quantity: taphoa.Units(2)}, {ProductID: 3, Quantity: taphoa.Units(1) / 2}}
	items[4].Type = taphoa.ProductService
	items[5].IsSerial = true
	items[6].IsBatch = true
	items[7].IsActive = false
	items[9].BaseID, items[9].Conversion, items[9].IsBatch = 7, taphoa.Units(4), true
	return items
}

// newSurcharge returns a surcharge of 2,500 đ, or of 3.5 percent.
func newSurcharge(id int64, code string, active bool, branch int64) cashplan.Surcharge {
	s := cashplan.Surcharge{
		Surcharge: taphoa.Surcharge{ID: id, SurchargeCode: code, SurchargeName: "Thu " + code, IsActive: active},
		CodeKey:   text.CodeKey(code), BranchID: taphoa.SomeIf(branch),
	}
	if s.Value = taphoa.Some(taphoa.Dong(2_500)); code == "TRAM" {
		s.Value, s.ValueRatio = taphoa.Opt[taphoa.Money]{}, 3.5*taphoa.Scale
	}
	return s
}

func newPriceBooks(r *rand.Rand) []*catalogplan.PriceBook {
	prices := map[int64]taphoa.Money{1: taphoa.Dong(500 + r.Int64N(20_000)), 3: taphoa.Dong(500 + r.Int64N(20_000))}
	codes := map[string]taphoa.Money{text.CodeKey("TRA"): prices[1], text.CodeKey("CF"): prices[3]}
	return []*catalogplan.PriceBook{
		{
			ID: 1, Found: true, Name: "Sỉ", IsActive: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true,
			Prices: prices, CodePrices: codes,
		},
		{
			ID: 2, Found: true, Name: "Quen", IsActive: true, Branches: []int64{1}, CustomerGroups: []int64{2}, Users: []int64{1},
			Prices: map[int64]taphoa.Money{9: taphoa.Dong(700)}, CodePrices: map[string]taphoa.Money{text.CodeKey("GAO"): taphoa.Dong(700)},
		},
	}
}

// addVouchers adds three campaigns of vouchers: one without limits, one with many, one that is over.
func (m *Memory) addVouchers() {
	all := promoplan.Campaign{
		ID: 1, Code: "TET", IsActive: true, StartDate: start - day, EndDate: start + 1000*day, Price: taphoa.Dong(20_000),
		UseVoucherCombineInvoice: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true,
	}
	some, over := all, all
	some.ID, some.Code, some.Price, some.PrereqPrice = 2, "QUEN", taphoa.Dong(50_000), taphoa.Some(taphoa.Dong(30_000))
	some.IsGlobal, some.ForAllCusGroup, some.UseVoucherCombineInvoice = false, false, false
	over.ID, over.Code, over.EndDate = 3, "HET", start-1
	m.Campaigns = []promoplan.Campaign{all, some, over}
	m.Limits = []promoplan.Limit{
		{CampaignID: 2, Kind: promoplan.LimitBranch, RefID: 1},
		{CampaignID: 2, Kind: promoplan.LimitGroup, RefID: 1},
		{CampaignID: 2, Kind: promoplan.LimitProduct, RefID: 1},
		{CampaignID: 2, Kind: promoplan.LimitProduct, RefID: 9},
	}
	for id := range int64(24) {
		v := &promoplan.Voucher{
			ID: id + 1, Code: fmt.Sprintf("VC%d", id+1), CampaignID: id%3 + 1, Status: taphoa.CodeReleased, ReleaseDate: taphoa.Some(start - day),
		}
		if id%8 == 7 {
			v.Status, v.ReleaseDate = taphoa.CodeUnused, taphoa.Opt[taphoa.Time]{}
		}
		m.Vouchers[v.ID] = v
	}
}

// Supply returns a receipt of random goods at a branch.
func (g *Generator) supply() *Operation {
	g.receipts++
	r := &Receipt{DocumentID: 1000 + g.receipts}
	branch := stockplan.Location(g.branch())
	for _, item := range g.m.Items {
		if item.Type != taphoa.ProductGoods || item.BaseID != item.ID || g.r.IntN(3) == 0 {
			continue
		}
		p := stockplan.Posting{
			ProductID: item.ID, From: stockplan.Supplier, To: branch, Quantity: taphoa.Units(1 + g.r.Int64N(30)),
			Cost: taphoa.Some(taphoa.Dong(500 + g.r.Int64N(50_000))),
		}
		switch {
		case item.IsSerial:
			for range 1 + g.r.IntN(3) {
				g.serials++
				p.Serials = append(p.Serials, fmt.Sprintf("IMEI%05d", g.serials))
			}
			p.Quantity = taphoa.Units(int64(len(p.Serials)))
		case item.IsBatch:
			p.BatchID = g.lot(item.ID)
		}
		r.Postings = append(r.Postings, p)
	}
	if len(r.Postings) == 0 {
		return g.supply()
	}
	return &Operation{Receive: r}
}

// lot returns a lot of a product.
func (g *Generator) lot(productID int64) int64 {
	lots := g.lotsOf(productID)
	if len(lots) == 0 {
		for n := range int64(3) {
			lot := stockplan.Lot{
				ID: n + 1, ProductID: productID, BatchName: "LO" + strings.Repeat("I", int(n+1)), ExpireDate: start + (400-100*taphoa.Time(n))*day,
				CreatedDate: start,
			}
			g.m.Lots[lot.ID] = lot
		}
		lots = g.lotsOf(productID)
	}
	return lots[g.r.IntN(len(lots))]
}
