package sales_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/promo"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	"github.com/taphoa/taphoa/internal/salestest"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// replay is a shop of the simulation in a database.
type replay struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	who   db.Actor
	sim   *salestest.Simulation
}

// idTables are the tables whose ids sales give out.
var idTables = []string{
	"orders", "order_lines", "line_taxes", "document_surcharges", "invoices", "invoice_lines", "payments", "customers", "delivery_partners",
	"returns", "return_lines", "allocations",
}

// write runs an operation that must succeed.
func (r *replay) write(op func(*db.Tx) error) {
	r.t.Helper()
	if err := r.d.Write(r.t.Context(), r.who, op); err != nil {
		r.t.Fatal(err)
	}
}

// newReplay creates a shop in a database, and the same one in memory.
func newReplay(t *testing.T, d *db.DB, clock *dbtest.Clock, seed uint64) *replay {
	t.Helper()
	r := &replay{t: t, d: d, clock: clock}
	random := rand.New(rand.NewPCG(seed, 34))
	r.write(func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, fmt.Sprintf("shop%d", seed), "Tạp hoá")
		r.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		return err
	})
	r.write(func(tx *db.Tx) error { return r.settings(tx, random, seed) })
	r.write(r.goods)
	r.write(r.people)
	var shop salestest.Shop
	r.write(func(tx *db.Tx) (err error) {
		shop, err = r.shop(tx)
		return err
	})
	m := salestest.NewMemory(shop)
	m.Clock = clock.Now()
	r.write(func(tx *db.Tx) error { return r.rows(tx, m) })
	r.sim = salestest.Simulate(m, random)
	return r
}

// settings are random ones; the pricing mode follows from the seed.
func (r *replay) settings(tx *db.Tx, random *rand.Rand, seed uint64) error {
	mode := []string{"direct", "before", "after"}[seed%3]
	for _, s := range [][2]string{{"PricingMode", mode}, {"RewardPointRate", "1000"}} {
		if err := org.SetSetting(tx, s[0], s[1]); err != nil {
			return err
		}
	}
	for _, name := range []string{"AllowOrderWhenOutStock", "AllowSellWhenOrderOutStock", "AllowSellWhenOutStock", "ManagerCustomerByBranch"} {
		if err := org.SetSetting(tx, name, []string{"true", "false"}[random.IntN(2)]); err != nil {
			return err
		}
	}
	if _, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Quận 1"}); err != nil {
		return err
	}
	_, err := org.CreateUser(tx, &taphoa.UserInput{UserName: "lan", GivenName: "Lan"})
	return err
}

// goods creates what the shop sells.
func (r *replay) goods(tx *db.Tx) error {
	category, err := catalog.CreateCategory(tx, &taphoa.CategoryInput{CategoryName: taphoa.Some("Nhóm")})
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	for i, p := range []taphoa.ProductInput{
		{Code: taphoa.Some("TRA"), Unit: taphoa.Some("gói")},
		{Code: taphoa.Some("TRA-HOP"), Unit: taphoa.Some("hộp"), ConversionValue: taphoa.Some(taphoa.Units(10))},
		{Code: taphoa.Some("CF"), IsRewardPoint: taphoa.Some(true)},
		{Code: taphoa.Some("QUA"), Type: taphoa.Some(taphoa.ProductCombo)},
		{Code: taphoa.Some("CONG"), Type: taphoa.Some(taphoa.ProductService)},
		{Code: taphoa.Some("DT"), IsLotSerialControl: taphoa.Some(true)},
		{Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)},
		{Code: taphoa.Some("NGUNG"), IsActive: taphoa.Some(false)},
		{Code: taphoa.Some("GAO"), IsRewardPoint: taphoa.Some(true)},
	} {
		code := p.Code.Value
		p.Name, p.BasePrice = taphoa.Some("Hàng "+code), taphoa.Some(taphoa.Dong(int64(1_000+700*i)))
		p.CategoryID = taphoa.Some(category.Data.CategoryID)
		switch code {
		case "TRA-HOP":
			p.Name, p.MasterUnitID = taphoa.Some("Hàng TRA"), taphoa.Some(ids["TRA"])
		case "QUA":
			p.ProductFormulas = []taphoa.MaterialInput{
				{MaterialID: ids["TRA"], Quantity: taphoa.Units(2)}, {MaterialID: ids["CF"], Quantity: taphoa.Units(1) / 2},
			}
		}
		made, err := catalog.CreateProduct(tx, &p)
		if err != nil {
			return fmt.Errorf("%s: %w", code, err)
		}
		ids[code] = made.ID
	}
	for n := range taphoa.Time(3) {
		const day = 24 * 3600 * 1_000_000
		if _, err := stock.ResolveLot(tx, ids["SUA"], fmt.Sprintf("LO%d", n), tx.Now+(400-100*n)*day); err != nil {
			return err
		}
	}
	book, err := catalog.CreatePriceBook(tx, &taphoa.PriceBookInput{Name: "Sỉ"})
	if err != nil {
		return err
	}
	_, err = catalog.SetPrices(tx, &taphoa.PriceBookDetailWrite{
		PriceBookID:         book.ID,
		PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: ids["TRA"], Price: taphoa.Some(taphoa.Dong(900))},
	})
	return err
}

// people creates who buys, and what they pay with.
func (r *replay) people(tx *db.Tx) error {
	group, err := party.CreateCustomerGroup(tx, &taphoa.CustomerGroupInput{Name: "Khách quen"})
	if err != nil {
		return err
	}
	for n := range 4 {
		in := &taphoa.CustomerInput{
			Code: taphoa.Some(fmt.Sprintf("KHACH%d", n)), Name: taphoa.Some(fmt.Sprintf("Khách %d", n)),
			ContactNumber: taphoa.Some(fmt.Sprintf("090100000%d", n)),
		}
		if n%2 == 0 {
			in.GroupIDs = taphoa.Some([]int64{group.ID})
		}
		if _, err := party.CreateCustomer(tx, in); err != nil {
			return err
		}
	}
	for _, s := range []string{"PHI", "GOI"} {
		if _, err := cash.CreateSurcharge(tx, &taphoa.SurchargeInput{Name: "Thu " + s, Code: taphoa.Some(s)}); err != nil {
			return err
		}
	}
	if _, err := cash.CreateBankAccount(tx, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "001"}); err != nil {
		return err
	}
	for i, in := range []taphoa.VoucherCampaignInput{
		{Code: taphoa.Some("TET"), Price: taphoa.Some(taphoa.Dong(20_000)), UseVoucherCombineInvoice: taphoa.Some(true)},
		{
			Code: taphoa.Some("QUEN"), Price: taphoa.Some(taphoa.Dong(50_000)), PrereqPrice: taphoa.Some(taphoa.Dong(30_000)),
			ForAllCusGroup: taphoa.Some(false), VoucherCusGroups: taphoa.Some([]taphoa.VoucherCusGroup{{GroupID: group.ID}}),
		},
	} {
		in.Name, in.EndDate = in.Code, taphoa.Some(tx.Now+1000*24*3600*1_000_000)
		if err := vouchers(tx, &in, i); err != nil {
			return err
		}
	}
	return nil
}

// vouchers creates a campaign with a hundred vouchers, and releases most of them.
func vouchers(tx *db.Tx, in *taphoa.VoucherCampaignInput, i int) error {
	campaign, err := promo.CreateVoucherCampaign(tx, in)
	if err != nil {
		return err
	}
	codes := make([]taphoa.CodeInput, 100)
	for n := range codes {
		codes[n].Code = fmt.Sprintf("VC%d%02d", i, n)
	}
	if _, err := promo.CreateVouchers(tx, &taphoa.VoucherCreate{VoucherCampaignID: campaign.ID, Data: codes}); err != nil {
		return err
	}
	_, err = promo.ReleaseVouchers(tx, &taphoa.VoucherRelease{CampaignID: campaign.ID, Vouchers: codes[:95]})
	return err
}

// shop reads what sales do not change.
func (r *replay) shop(tx *db.Tx) (s salestest.Shop, err error) {
	s.Retailer, s.User, s.Groups = tx.Retailer, tx.User, map[int64][]int64{}
	if s.Directory, err = org.GetDirectory(tx); err != nil {
		return s, err
	}
	s.UserName = s.Directory.UserName(tx.User)
	if s.Surcharges, err = cash.Surcharges(tx); err != nil {
		return s, err
	}
	if s.BankAccounts, err = cash.BankAccounts(tx); err != nil {
		return s, err
	}
	products, err := db.All[int64](tx, `SELECT id FROM products WHERE retailer_id = :retailer ORDER BY id`)
	if err != nil {
		return s, err
	}
	items, err := catalog.FindItems(tx, products, nil, nil)
	for _, id := range products {
		s.Items = append(s.Items, items.ByID(id))
	}
	if err != nil {
		return s, err
	}
	if s.Campaigns, err = db.All[promoplan.Campaign](tx, `
		SELECT `+db.Columns[promoplan.Campaign]("c")+` FROM voucher_campaigns c WHERE c.retailer_id = :retailer ORDER BY c.id`); err != nil {
		return s, err
	}
	if s.Limits, err = db.All[promoplan.Limit](tx, `
		SELECT `+db.Columns[promoplan.Limit]("l")+` FROM voucher_campaign_limits l WHERE l.retailer_id = :retailer`); err != nil {
		return s, err
	}
	type member struct{ CustomerID, GroupID int64 }
	members, err := db.All[member](tx, `
		SELECT customer_id, group_id FROM customer_group_members WHERE retailer_id = :retailer ORDER BY customer_id, group_id`)
	for _, g := range members {
		s.Groups[g.CustomerID] = append(s.Groups[g.CustomerID], g.GroupID)
	}
	if err != nil {
		return s, err
	}
	return s, r.priceBooks(tx, &s, products)
}

func (r *replay) priceBooks(tx *db.Tx, s *salestest.Shop, products []int64) error {
	books, err := db.All[int64](tx, `SELECT id FROM price_books WHERE retailer_id = :retailer AND id > 0 ORDER BY id`)
	if err != nil {
		return err
	}
	var codes []string
	for _, item := range s.Items {
		codes = append(codes, item.Code)
	}
	for _, id := range books {
		b := tx.Batch()
		ask := catalog.AskPriceBook(tx, b, id, 0, 0, products, codes)
		if err := b.Run(); err != nil {
			return err
		}
		book, err := ask()
		if err != nil {
			return err
		}
		s.PriceBooks = append(s.PriceBooks, book)
	}
	return nil
}

// rows reads what there is before the first sale, and where ids begin.
func (r *replay) rows(tx *db.Tx, m *salestest.Memory) error {
	customers, err := db.All[partyplan.CustomerRow](tx, `
		SELECT `+db.Columns[partyplan.CustomerRow]("c")+` FROM customers c WHERE c.retailer_id = :retailer`)
	for i := range customers {
		m.Customers[customers[i].ID] = &customers[i]
	}
	if err != nil {
		return err
	}
	all, err := db.All[promoplan.Voucher](tx, `SELECT `+db.Columns[promoplan.Voucher]("v")+` FROM vouchers v WHERE v.retailer_id = :retailer`)
	for i := range all {
		m.Vouchers[all[i].ID] = &all[i]
	}
	if err != nil {
		return err
	}
	lots, err := db.All[stockplan.Lot](tx, `
		SELECT id, product_id, batch_name, expire_date, created_date FROM stock_batches WHERE retailer_id = :retailer`)
	for _, lot := range lots {
		m.Lots[lot.ID] = lot
	}
	for _, table := range idTables {
		if err == nil {
			m.IDs[table], err = tx.NewID(table)
		}
	}
	return err
}

// reserveIDs takes ids until no operation can come to the end of a block of hundred: SQLite would give a block back that an
// operation begins and that is refused, PostgreSQL begins the next one earlier.
func (r *replay) reserveIDs() {
	r.t.Helper()
	m := r.sim.Memory
	for _, table := range idTables {
		if m.IDs[table]%100 < 60 {
			continue
		}
		r.write(func(tx *db.Tx) (err error) {
			for err == nil && m.IDs[table]%100 != 1 {
				m.IDs[table], err = tx.NewID(table)
			}
			return err
		})
	}
}
