package apitest

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/webhook"
)

// Seed creates the records of a small shop for tests of the API: two branches (CN1, CN2), the
// user lan, nested categories, goods in two units (TRA, TRA-HOP), variants (AO-S, AO-M), a combo (QUA), a service (GOI),
// goods by serial (DT) and by batch (SUA), one out of stock (HET), customers with a group, a carrier, a bank account,
// a surcharge and suppliers. A code of the seed names its record wherever [Server.ID] does.
func Seed(tx *db.Tx) error {
	s := &seeder{tx: tx, ids: map[string]int64{}}
	for _, step := range []func() error{
		s.org, s.categories, s.goods, s.special, s.extras, s.stock, s.people, s.money, s.suppliers, s.promo,
		s.hook,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type seeder struct {
	tx  *db.Tx
	ids map[string]int64 // of products, by code, and of branches
}

func (s *seeder) org() error {
	first, _, err := db.One[int64](s.tx, `SELECT id FROM branches WHERE retailer_id = :retailer ORDER BY id`)
	if err != nil {
		return err
	}
	second, err := org.CreateBranch(s.tx, &taphoa.BranchInput{
		BranchName: "Chi nhánh Quận 1", BranchCode: taphoa.Some("CN2"), ContactNumber: taphoa.Some("02838123456"),
		Email: taphoa.Some("quan1@taphoa.vn"), Address: taphoa.Some("12 Lê Lợi"),
		LocationName: taphoa.Some("Hồ Chí Minh - Quận 1"), WardName: taphoa.Some("Phường Bến Nghé"),
	})
	if err != nil {
		return err
	}
	s.ids["CN1"], s.ids["CN2"] = first, second.ID
	born, err := taphoa.ParseTime("1995-03-08")
	if err != nil {
		return err
	}
	if _, err := org.CreateUser(s.tx, &taphoa.UserInput{
		UserName: "lan", GivenName: "Nguyễn Thị Lan", Address: taphoa.Some("3 Hàng Bạc"), MobilePhone: taphoa.Some("0912345678"),
		Email: taphoa.Some("lan@taphoa.vn"), Description: taphoa.Some("Thu ngân"), BirthDate: taphoa.Some(born),
	}); err != nil {
		return err
	}
	_, err = org.CreateSaleChannel(s.tx, &taphoa.SaleChannelInput{
		Name: "Facebook", Img: taphoa.Some("https://taphoa.vn/facebook.png"),
	})
	return err
}

func (s *seeder) categories() error {
	for _, c := range []struct{ name, parent string }{{"Đồ uống", ""}, {"Trà", "Đồ uống"}, {"Gia dụng", ""}} {
		in := taphoa.CategoryInput{CategoryName: taphoa.Some(c.name)}
		if c.parent != "" {
			in.ParentID = taphoa.Some(s.ids[c.parent])
		}
		answer, err := catalog.CreateCategory(s.tx, &in)
		if err != nil {
			return err
		}
		s.ids[c.name] = answer.Data.CategoryID
	}
	brand, err := catalog.CreateTrademark(s.tx, &taphoa.TrademarkInput{TradeMarkName: "Tân Cương"})
	s.ids["brand"] = brand.TradeMarkID
	return err
}

// add creates a product with a code, name, category and base price.
func (s *seeder) add(code, name, category string, price int64, more func(*taphoa.ProductInput)) error {
	in := taphoa.ProductInput{
		Code: taphoa.Some(code), Name: taphoa.Some(name), CategoryID: taphoa.Some(s.ids[category]),
		BasePrice: taphoa.Some(taphoa.Dong(price)),
	}
	if more != nil {
		more(&in)
	}
	p, err := catalog.CreateProduct(s.tx, &in)
	s.ids[code] = p.ID
	if err != nil {
		err = fmt.Errorf("product %s: %w", code, err)
	}
	return err
}

func (s *seeder) goods() error {
	err := s.add("TRA", "Trà xanh", "Trà", 25_000, func(in *taphoa.ProductInput) {
		in.BarCode, in.TradeMarkID, in.Unit = taphoa.Some("8930000000017"), taphoa.Some(s.ids["brand"]), taphoa.Some("gói")
		in.Description, in.OrderTemplate = taphoa.Some("<p>Trà Thái Nguyên</p>"), taphoa.Some("Pha ở 80 độ")
		in.Weight, in.Images = taphoa.Some(taphoa.Units(100)), []string{"https://taphoa.vn/tra-1.jpg", "https://taphoa.vn/tra-2.jpg"}
		in.ProductTaxs, in.PurchaseTax = []taphoa.TaxRef{{TaxID: 6}}, taphoa.Some(taphoa.TaxRef{TaxID: 7})
	})
	if err == nil {
		err = s.add("TRA-HOP", "Trà xanh", "Trà", 240_000, func(in *taphoa.ProductInput) {
			in.Unit, in.MasterUnitID = taphoa.Some("hộp"), taphoa.Some(s.ids["TRA"])
			in.ConversionValue = taphoa.Some(taphoa.Units(10))
		})
	}
	for _, size := range []string{"S", "M"} {
		if err != nil {
			return err
		}
		err = s.add("AO-"+size, "Áo thun", "Gia dụng", 90_000, func(in *taphoa.ProductInput) {
			in.Attributes = []taphoa.AttributeInput{{AttributeName: "Cỡ", AttributeValue: size}}
			in.MasterCode = taphoa.Some("SPC000001")
			if size != "S" {
				in.MasterProductID = taphoa.Some(s.ids["AO-S"])
			}
		})
	}
	return err
}

func (s *seeder) special() error {
	for _, p := range []struct {
		code, name, category string
		price                int64
		more                 func(*taphoa.ProductInput)
	}{
		{"GOI", "Gói quà", "Gia dụng", 10_000, func(in *taphoa.ProductInput) { in.Type = taphoa.Some(taphoa.ProductService) }},
		{"QUA", "Hộp quà trà", "Đồ uống", 130_000, func(in *taphoa.ProductInput) {
			in.Type = taphoa.Some(taphoa.ProductCombo)
			in.ProductFormulas = []taphoa.MaterialInput{
				{MaterialID: s.ids["TRA"], Quantity: taphoa.Units(2)}, {MaterialID: s.ids["AO-S"], Quantity: taphoa.Units(1)},
			}
		}},
		{"DT", "Điện thoại", "Gia dụng", 2_000_000, func(in *taphoa.ProductInput) { in.IsLotSerialControl = taphoa.Some(true) }},
		{"SUA", "Sữa tươi", "Đồ uống", 8_000, func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) }},
		{"HET", "Bánh đã hết", "Gia dụng", 15_000, nil},
		{"NGUNG", "Kẹo ngừng bán", "Gia dụng", 1_000, func(in *taphoa.ProductInput) { in.IsActive = taphoa.Some(false) }},
	} {
		if err := s.add(p.code, p.name, p.category, p.price, p.more); err != nil {
			return err
		}
	}
	return nil
}

// extras creates what the API can only read: price books, warranties, shelves and limits.
func (s *seeder) extras() error {
	book, err := catalog.CreatePriceBook(s.tx, &taphoa.PriceBookInput{Name: "Giá sỉ"})
	if err != nil {
		return err
	}
	set, err := catalog.SetPrices(s.tx, &taphoa.PriceBookDetailWrite{
		PriceBookID:         book.ID,
		PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: s.ids["TRA"], Price: taphoa.Some(taphoa.Dong(22_000))},
	})
	if err != nil || !set.IsSuccess {
		return cmp.Or(err, errors.New(set.Message))
	}
	s.tx.Queue(`
		INSERT INTO product_warranties (retailer_id, product_id, id, description, number_time, time_type, warranty_type, created_date)
		VALUES (:retailer, ?, ?, 'Đổi mới', 12, 2, 1, :now)`, s.ids["DT"], s.ids["DT"])
	for i, name := range []string{"Kệ A1", "Kệ A2"} {
		s.tx.Queue(`
			INSERT INTO product_shelves (retailer_id, product_id, branch_id, position, name) VALUES (:retailer, ?, ?, ?, ?)`,
			s.ids["TRA"], s.ids["CN1"], int64(i), name)
	}
	limits := []taphoa.InventoryInput{{
		BranchID: s.ids["CN1"], MinQuantity: taphoa.Some(taphoa.Units(5)), MaxQuantity: taphoa.Some(taphoa.Units(500)),
	}}
	for _, in := range []taphoa.ProductInput{{ID: s.ids["TRA"], Inventories: limits}, {ID: s.ids["DT"], ProductTaxs: []taphoa.TaxRef{}}} { // for the new child rows
		if _, err := catalog.UpdateProduct(s.tx, &in); err != nil {
			return err
		}
	}
	s.tx.Queue(`UPDATE products SET modified_date = NULL WHERE retailer_id = :retailer`)
	return nil
}

// hook registers a webhook and records a failed delivery of it.
func (s *seeder) hook() error {
	hook, err := webhook.Register(s.tx, &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
		Type: taphoa.Some("product.update"), URL: taphoa.Some("https://erp.taphoa.vn/hooks/product?noecho"),
		Description: taphoa.Some("ERP"), Secret: taphoa.Some("bWF0a2hhdTEyMw=="),
	}})
	if err != nil {
		return err
	}
	// The seed's events are numbered when its transaction ends: branches, categories, products.
	id, err := s.tx.NewID("webhook_deliveries") // like the webhook's, on which the test of tenant isolation relies
	s.tx.Queue(`
		INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, status, duration,
			error, answer, at)
		VALUES (:retailer, ?, ?, 3, 3, 79, 'dead', 500, 12500, 'Máy nhận trả lời 500', 'database is down', :now)`, id, hook.ID)
	s.tx.Count("webhook_deliveries", 1, id)
	return err
}

// stock books the opening stock.
func (s *seeder) stock() error {
	expires, err := taphoa.ParseTime("2027-01-31")
	if err != nil {
		return err
	}
	later, err := taphoa.ParseTime("2027-02-28")
	if err != nil {
		return err
	}
	soon, err := stock.ResolveLot(s.tx, s.ids["SUA"], "LO1", expires)
	if err != nil {
		return err
	}
	fresh, err := stock.ResolveLot(s.tx, s.ids["SUA"], "LO2", later)
	if err != nil {
		return err
	}
	buy := func(code, branch string, quantity, cost, batch int64, serials ...string) stock.Posting {
		return stock.Posting{
			ProductID: s.ids[code], From: stock.Supplier, To: stock.Location(s.ids[branch]), Quantity: taphoa.Units(quantity),
			Cost: taphoa.Some(taphoa.Dong(cost)), BatchID: batch, Serials: serials,
		}
	}
	_, err = stock.Post(s.tx, stock.Document{Kind: "opening", ID: 1, EffectiveAt: s.tx.Now}, []stock.Posting{
		buy("TRA", "CN1", 100, 15_000, 0), buy("TRA", "CN2", 20, 16_000, 0), buy("AO-S", "CN1", 10, 50_000, 0),
		buy("AO-M", "CN1", 10, 50_000, 0), buy("DT", "CN1", 3, 1_500_000, 0, "IMEI001", "IMEI002", "IMEI003"),
		buy("SUA", "CN1", 12, 5_000, soon), buy("SUA", "CN1", 24, 5_500, fresh),
	}, stock.Limits{})
	return err
}

func (s *seeder) people() error {
	group, err := party.CreateCustomerGroup(s.tx, &taphoa.CustomerGroupInput{
		Name: "Khách quen", Description: taphoa.Some("Mua hằng tuần"), Discount: taphoa.Some(taphoa.Dong(5)),
	})
	if err != nil {
		return err
	}
	born, err := taphoa.ParseTime("1988-11-20")
	if err != nil {
		return err
	}
	for _, in := range []taphoa.CustomerInput{
		{
			Code: taphoa.Some("KH-HOA"), Name: taphoa.Some("Chị Hoa"), Gender: taphoa.Some(false), BirthDate: taphoa.Some(born),
			ContactNumber: taphoa.Some("0901 234 567"), Address: taphoa.Some("8 Tràng Tiền"),
			LocationName: taphoa.Some("Hà Nội - Quận Hoàn Kiếm"), WardName: taphoa.Some("Phường Tràng Tiền"),
			Email: taphoa.Some("hoa@example.vn"), GroupIDs: taphoa.Some([]int64{group.ID}), PsidFacebook: taphoa.Some[int64](7001),
		},
		{
			Code: taphoa.Some("KH-CTY"), Name: taphoa.Some("Công ty An Bình"), ContactNumber: taphoa.Some("+84 24 3825 1111"),
			Organization: taphoa.Some("Công ty TNHH An Bình"), TaxCode: taphoa.Some("0101234567"), Comments: taphoa.Some("Xuất hóa đơn"),
		},
	} {
		if _, err := party.CreateCustomer(s.tx, &in); err != nil {
			return err
		}
	}
	_, err = party.ResolveDeliveryPartner(s.tx, taphoa.Opt[int64]{}, &taphoa.PartnerDelivery{
		Code: taphoa.Some("GHN"), Name: taphoa.Some("Giao Hàng Nhanh"), ContactNumber: taphoa.Some("19006363"),
	})
	return err
}

func (s *seeder) money() error {
	if _, err := cash.CreateBankAccount(s.tx, &taphoa.BankAccountInput{
		BankName: "Vietcombank", AccountNumber: "0071000123456", Description: taphoa.Some("Tài khoản bán hàng"),
	}); err != nil {
		return err
	}
	_, err := cash.CreateSurcharge(s.tx, &taphoa.SurchargeInput{
		Name: "Phí giao hàng", Code: taphoa.Some("SHIP"), Value: taphoa.Some(taphoa.Dong(20_000)),
	})
	return err
}

// finders find the id of a record by its natural key.
var finders = map[string]string{
	"product":       "SELECT id FROM products WHERE retailer_id = :retailer AND code = ? AND deleted_at = 0",
	"customer":      "SELECT id FROM customers WHERE retailer_id = :retailer AND code = ? AND deleted_at = 0",
	"category":      "SELECT id FROM categories WHERE retailer_id = :retailer AND category_name = ? AND deleted_at = 0",
	"trademark":     "SELECT id FROM trademarks WHERE retailer_id = :retailer AND trade_mark_name = ?",
	"group":         "SELECT id FROM customer_groups WHERE retailer_id = :retailer AND name = ?",
	"user":          "SELECT id FROM users WHERE retailer_id = :retailer AND user_name = ?",
	"channel":       "SELECT id FROM sale_channels WHERE retailer_id = :retailer AND name = ?",
	"bank":          "SELECT id FROM bank_accounts WHERE retailer_id = :retailer AND bank_name = ?",
	"surcharge":     "SELECT id FROM surcharges WHERE retailer_id = :retailer AND surcharge_code = ?",
	"carrier":       "SELECT id FROM delivery_partners WHERE retailer_id = :retailer AND code = ?",
	"batch":         "SELECT id FROM stock_batches WHERE retailer_id = :retailer AND batch_name = ?",
	"webhook":       "SELECT id FROM webhooks WHERE retailer_id = :retailer AND type = ? AND deleted_at = 0",
	"delivery":      "SELECT id FROM webhook_deliveries WHERE retailer_id = :retailer AND outcome = ?",
	"order":         "SELECT id FROM orders WHERE retailer_id = :retailer AND code = ?",
	"invoice":       "SELECT id FROM invoices WHERE retailer_id = :retailer AND code = ?",
	"attribute":     "SELECT id FROM attributes WHERE retailer_id = :retailer AND name = ?",
	"purchase":      "SELECT id FROM purchase_orders WHERE retailer_id = :retailer AND code = ?",
	"supplier":      "SELECT id FROM suppliers WHERE retailer_id = :retailer AND code = ?",
	"suppliergroup": "SELECT id FROM supplier_groups WHERE retailer_id = :retailer AND name = ?",
	"pricebook":     "SELECT id FROM price_books WHERE retailer_id = :retailer AND name = ?",
	"campaign":      "SELECT id FROM voucher_campaigns WHERE retailer_id = :retailer AND code = ? AND deleted_at = 0",
	"voucher":       "SELECT id FROM vouchers WHERE retailer_id = :retailer AND code = ? AND deleted_at = 0",
	"coupons":       "SELECT id FROM coupon_campaigns WHERE retailer_id = :retailer AND code = ? AND deleted_at = 0",
	"return":        "SELECT id FROM returns WHERE retailer_id = :retailer AND code = ?",

	"ordersupplier": "SELECT id FROM order_suppliers WHERE retailer_id = :retailer AND code = ?",
	"stocktake":     "SELECT id FROM stocktakes WHERE retailer_id = :retailer AND code = ?",
	"transfer":      "SELECT id FROM transfers WHERE retailer_id = :retailer AND code = ?",
}

// ID returns the id of a record of the calling shop, named by its kind and natural key: product:TRA, category:Trà,
// customer:KH-HOA, branch:CN2. The shop itself is retailer.
func (d *Server) ID(name string) int64 {
	d.tb.Helper()
	id, found := d.Find(name)
	if !found {
		d.tb.Fatalf("the shop has no %s", name)
	}
	return id
}

// Find is [Server.ID] of a record that may be there.
func (d *Server) Find(name string) (id int64, found bool) {
	d.tb.Helper()
	kind, key, _ := strings.Cut(name, ":")
	if kind == "retailer" {
		return d.Shop.Retailer, true
	}
	sql, args := finders[kind], []any{key}
	if kind == "branch" { // the first has no code
		sql, args = `SELECT id FROM branches WHERE retailer_id = :retailer AND COALESCE(branch_code, 'CN1') = ?`, []any{key}
	}
	if sql != "" {
		d.Read(func(tx *db.Tx) (err error) {
			id, found, err = db.One[int64](tx, sql, args...)
			return err
		})
	}
	return id, found
}
