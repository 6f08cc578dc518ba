package sales_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// store is a shop with a branch, two products in stock (100 each) and a customer.
type store struct {
	t              *testing.T
	d              *db.DB
	clock          *dbtest.Clock
	who            db.Actor
	branch         int64
	coffee, sugar  int64
	customer, bank int64
}

func openStore(t *testing.T, d *db.DB, clock *dbtest.Clock, settings ...string) *store {
	t.Helper()
	s := &store{t: t, d: d, clock: clock}
	err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
		if err != nil {
			return err
		}
		s.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		branches, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 10}})
		if err != nil {
			return err
		}
		s.branch = branches.Data[0].ID
		for i := 0; i+1 < len(settings); i += 2 {
			if err := org.SetSetting(tx, settings[i], settings[i+1]); err != nil {
				return err
			}
		}
		account, err := cash.CreateBankAccount(tx, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "001"})
		if err != nil {
			return err
		}
		s.bank = account.ID
		customer, err := party.CreateCustomer(tx, &taphoa.CustomerInput{
			Name: taphoa.Some("Chị Lan"), ContactNumber: taphoa.Some("0901234567"),
		})
		s.customer = customer.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.coffee = s.product("CF", 50_000, 100, 30_000)
	s.sugar = s.product("DUONG", 20_000, 100, 12_000)
	return s
}

func (s *store) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

func (s *store) read(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Read(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// product adds goods with a quantity in stock at a cost.
func (s *store) product(code string, price, onHand, cost int64) (id int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		p, err := catalog.CreateProduct(tx, &taphoa.ProductInput{
			Name: taphoa.Some("Hàng " + code), Code: taphoa.Some(code), BasePrice: taphoa.Some(taphoa.Dong(price)),
			Inventories: []taphoa.InventoryInput{{
				BranchID: s.branch, OnHand: taphoa.Some(taphoa.Units(onHand)), Cost: taphoa.Some(taphoa.Dong(cost)),
			}},
		})
		id = p.ID
		return err
	})
	return id
}

// refused runs an operation that must be refused with a sentence, and checks that nothing has changed.
func (s *store) refused(sentence string, op func(*db.Tx) error) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, op)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Message != sentence {
		s.t.Errorf("got %v, want the refusal %q", err, sentence)
	}
	s.balanced()
}

// expect checks the levels of coffee, the customer's debt, and both ledgers.
func (s *store) expect(when string, onHand, reserved, debt int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{s.coffee}, []int64{s.branch})
		if err != nil {
			return err
		}
		owed, err := cash.Debt(tx, cash.Customer(s.customer))
		if l := levels[0]; l.OnHand != taphoa.Units(onHand) || l.Reserved != taphoa.Units(reserved) || owed != taphoa.Dong(debt) {
			s.t.Errorf("%s: on hand %v, reserved %v, debt %v; want %d, %d, %d", when, l.OnHand, l.Reserved, owed, onHand, reserved, debt)
		}
		return err
	})
	s.balanced()
}

func (s *store) balanced() {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		goods, err := stock.Check(tx, stock.Limits{BelowZero: true, BelowReserved: true})
		if err != nil {
			return err
		}
		money, err := cash.Check(tx)
		if err != nil {
			return err
		}
		accounts, err := debt.Check(tx)
		for _, f := range slices.Concat(goods, money, accounts) {
			s.t.Error(f)
		}
		return err
	})
}

func line(product, quantity int64) taphoa.DetailInput {
	return taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity))}
}

func (s *store) order(in taphoa.OrderInput) (o *taphoa.Order) {
	s.t.Helper()
	in.BranchID, in.CustomerID = taphoa.Some(s.branch), taphoa.Some(s.customer)
	s.write(func(tx *db.Tx) (err error) {
		o, err = sales.CreateOrder(tx, &in)
		return err
	})
	return o
}

func (s *store) invoice(in taphoa.InvoiceInput) (v *taphoa.Invoice) {
	s.t.Helper()
	in.BranchID = taphoa.Some(s.branch)
	if !in.CustomerID.Given() {
		in.CustomerID = taphoa.Some(s.customer)
	}
	s.write(func(tx *db.Tx) (err error) {
		v, err = sales.CreateInvoice(tx, &in)
		return err
	})
	return v
}

func TestAnOrderBecomesAnInvoiceAndVoidingItRestoresEverything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{
			OrderDetails: []taphoa.DetailInput{line(s.coffee, 4), line(s.sugar, 1)}, Discount: taphoa.Some(taphoa.Dong(20_000)),
			TotalPayment: taphoa.Some(taphoa.Dong(50_000)), Method: taphoa.Some("CASH"),
			OrderDelivery: &taphoa.DeliveryInput{Receiver: taphoa.Some("Lan"), Address: taphoa.Some("1 Hàng Bạc")},
		})
		if o.Code != "DH000001" || o.Total != taphoa.Dong(200_000) || o.TotalPayment != taphoa.Dong(50_000) || o.Status != 1 || !o.UsingCod {
			t.Errorf("order %s: total %v, paid %v, status %d", o.Code, o.Total, o.TotalPayment, o.Status)
		}
		s.expect("ordered", 100, 4, -50_000)
		var v *taphoa.Invoice
		s.write(func(tx *db.Tx) error {
			in := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{MakeInvoice: true}}
			if _, err := sales.UpdateOrder(tx, in); err != nil {
				return err
			}
			page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 10}, OrderID: taphoa.Some(o.ID)})
			if err == nil {
				v = &page.Data[0]
			}
			return err
		})
		if v.Code != "HD000001" || v.Total != taphoa.Dong(200_000) || v.TotalPayment != taphoa.Dong(50_000) || v.Status != taphoa.InvoiceProcessing {
			t.Errorf("invoice %s: total %v, paid %v, status %d", v.Code, v.Total, v.TotalPayment, v.Status)
		}
		s.expect("invoiced", 96, 0, 150_000)
		s.write(func(tx *db.Tx) error {
			done, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
				TotalPayment: taphoa.Some(taphoa.Dong(200_000)), Method: taphoa.Some("Transfer"), AccountID: taphoa.Some(s.bank),
				DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](taphoa.DeliveryDelivered)},
			}})
			if err == nil && (done.Status != taphoa.InvoiceCompleted || len(done.Payments) != 2 || done.TotalPayment != taphoa.Dong(200_000)) {
				t.Errorf("delivered and paid: %d %v %v", done.Status, done.Payments, done.TotalPayment)
			}
			return err
		})
		s.expect("paid", 96, 0, 0)
		s.write(func(tx *db.Tx) error {
			void, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
			if err == nil && (void.Status != taphoa.InvoiceVoid || void.TotalPayment != 0 || void.Message != taphoa.MessageDeleted) {
				t.Errorf("void: %d %v", void.Status, void.TotalPayment)
			}
			return err
		})
		s.expect("voided", 100, 4, 0)
		s.write(func(tx *db.Tx) error {
			again, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
			if err == nil && (again.Status != taphoa.OrderDraft || again.TotalPayment != 0) {
				t.Errorf("the order is %d with %v paid, want open with nothing", again.Status, again.TotalPayment)
			}
			if err == nil {
				_, err = sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: o.ID})
			}
			return err
		})
		s.expect("order voided", 100, 0, 0)
		s.read(func(tx *db.Tx) error {
			c, err := party.GetCustomer(tx, &taphoa.ByID{ID: s.customer})
			if err == nil && (c.TotalInvoiced.Value != 0 || c.TotalRevenue.Value != 0) {
				t.Errorf("the customer's totals are %v and %v", c.TotalInvoiced.Value, c.TotalRevenue.Value)
			}
			return err
		})
	})
}

func TestADepositStaysWithTheOrderWhenItsInvoiceIsVoided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: taphoa.Some(taphoa.Dong(30_000))})
		v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		if v.TotalPayment != taphoa.Dong(30_000) || v.OrderCode.Value != o.Code {
			t.Errorf("the invoice has %v of order %q", v.TotalPayment, v.OrderCode.Value)
		}
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID})
			return err
		})
		s.expect("voided", 100, 2, -30_000)
		v = s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		if v.TotalPayment != taphoa.Dong(30_000) {
			t.Errorf("the second invoice has %v of the deposit", v.TotalPayment)
		}
		s.expect("invoiced again", 98, 0, 70_000)
	})
}

func TestAnOrderIsInvoicedInParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 10)}})
		first := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 4)}})
		s.expect("first part", 96, 6, 200_000)
		s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 6)}})
		s.expect("second part", 90, 0, 500_000)
		s.refusedLike("không thể tạo hóa đơn", func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{
				BranchID: taphoa.Some(s.branch), OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)},
			})
			return err
		})
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: first.ID})
			return err
		})
		s.expect("first part voided", 94, 4, 300_000)
	})
}

// refusedLike is refused for a sentence that contains some words.
func (s *store) refusedLike(words string, op func(*db.Tx) error) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, op)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, words) || refusal.Kind == taphoa.KindInternal {
		s.t.Errorf("got %v, want a refusal with %q", err, words)
	}
	s.balanced()
}

func TestSettingsForbidWithTheDocumentedSentences(t *testing.T) {
	delivery := &taphoa.DeliveryInput{Receiver: taphoa.Some("Lan")}
	long := taphoa.Some(dbtest.NewClock().Now() - 5*24*3600*1_000_000)
	type order = taphoa.OrderInput
	type invoice = taphoa.InvoiceInput
	for _, c := range []struct {
		setting, value string
		order          *order
		invoice        *invoice
		sentence       string
	}{
		{"AllowOrder", "false", &order{}, nil, "Thiết lập “Cho phép đặt hàng” đang không được bật."},
		{"UseDelivery", "false", &order{OrderDelivery: delivery}, nil, "Thiết lập “Sử dụng tính năng giao hàng.” đang không được bật"},
		{"UseDelivery", "false", nil, &invoice{DeliveryDetail: delivery}, "Thiết lập “Sử dụng tính năng giao hàng” đang không được bật"},
		{"UseDelivery", "false", nil, &invoice{UsingCod: taphoa.Some(true)}, "Thiết lập “Sử dụng tính năng giao hàng” đang không được bật"},
		{
			"UseCod", "false", nil, &invoice{DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}},
			"Thiết lập “Quản lý thu hộ tiền” đang không được bật",
		},
		{
			"ForbidSaleTimeChange", "true", &order{PurchaseDate: long}, nil,
			"Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật.",
		},
		{
			"ForbidSaleTimeChange", "true", nil, &invoice{PurchaseDate: long},
			"Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật",
		},
		{
			"AllowSellWhenOutStock", "false", nil, &invoice{InvoiceDetails: []taphoa.DetailInput{line(0, 101)}},
			"Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật",
		},
		{
			"AllowOrderWhenOutStock", "false", &order{OrderDetails: []taphoa.DetailInput{line(0, 101)}}, nil,
			"Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật",
		},
		{
			"UseSurcharge", "false", &order{Surcharges: []taphoa.SurchargeWrite{{Code: "THK1"}}}, nil,
			"Chưa bật thu khác trong thiết lập cửa hàng",
		},
	} {
		t.Run(c.setting, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := openStore(t, d, clock, c.setting, c.value)
				s.refused(c.sentence, func(tx *db.Tx) error {
					if c.order != nil {
						in := *c.order
						in.BranchID, in.OrderDetails = taphoa.Some(s.branch), s.lines(in.OrderDetails)
						_, err := sales.CreateOrder(tx, &in)
						return err
					}
					in := *c.invoice
					in.BranchID, in.InvoiceDetails = taphoa.Some(s.branch), s.lines(in.InvoiceDetails)
					_, err := sales.CreateInvoice(tx, &in)
					return err
				})
				s.expect("after the refusal", 100, 0, 0)
			})
		})
	}
}

// lines are lines of coffee; one piece when there are none.
func (s *store) lines(in []taphoa.DetailInput) []taphoa.DetailInput {
	if len(in) == 0 {
		return []taphoa.DetailInput{line(s.coffee, 1)}
	}
	out := slices.Clone(in)
	for i := range out {
		out[i].ProductID = taphoa.Some(s.coffee)
	}
	return out
}

func TestTheLastPiecesAreSoldToExactlyAsManyCustomers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false")
		last := s.product("LAST", 10_000, 5, 8_000)
		var (
			group sync.WaitGroup
			sold  atomic.Int64
		)
		for range 16 {
			group.Go(func() {
				err := d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{
						BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(last, 1)},
					})
					return err
				})
				var refusal *taphoa.Error
				switch {
				case err == nil:
					sold.Add(1)
				case !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "Cho phép bán hàng khi hết tồn kho"):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if sold.Load() != 5 {
			t.Errorf("%d were sold, want 5", sold.Load())
		}
		s.read(func(tx *db.Tx) error {
			findings, err := stock.Check(tx, stock.Limits{})
			for _, f := range findings {
				t.Error(f)
			}
			return err
		})
	})
}

func TestLinesOfOneProductAtOnePriceBecomeOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		dear := line(s.coffee, 1)
		dear.Price = taphoa.Some(taphoa.Dong(60_000))
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{
			line(s.coffee, 1), line(s.sugar, 1), line(s.coffee, 2), dear, line(s.coffee, 1),
		}})
		if len(v.InvoiceDetails) != 3 || v.InvoiceDetails[0].Quantity != taphoa.Units(4) || v.Total != taphoa.Dong(280_000) {
			t.Errorf("%d lines, the first of %v, total %v", len(v.InvoiceDetails), v.InvoiceDetails[0].Quantity, v.Total)
		}
		s.expect("sold", 95, 0, 280_000)
	})
}

func TestDiscountsAreSpreadToTheLastDong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 3), line(s.sugar, 1)}
		lines[0].DiscountRatio = taphoa.Some(taphoa.Ratio(10)) // 45.000 each
		lines[1].Discount = taphoa.Some(taphoa.Dong(1_001))    // 18.999
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: lines, Discount: taphoa.Some(taphoa.Dong(10_000))})
		if v.Total != taphoa.Dong(143_999) {
			t.Errorf("total %v, want 143999", v.Total)
		}
		a, b := v.InvoiceDetails[0].AllocationDiscount.Value, v.InvoiceDetails[1].AllocationDiscount.Value
		if a+b != taphoa.Dong(10_000) || a != taphoa.Dong(8_766) {
			t.Errorf("the discount is spread as %v and %v", a, b)
		}
		v = s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, DiscountRatio: taphoa.Some(taphoa.Ratio(15))})
		if v.Total != taphoa.Dong(42_500) || v.Discount.Value != taphoa.Dong(7_500) {
			t.Errorf("15 %% off 50000: total %v, discount %v", v.Total, v.Discount.Value)
		}
	})
}

func TestTaxesFollowThePricingMode(t *testing.T) {
	for _, c := range []struct {
		mode                  string
		tax                   int64
		price, after          int64 // shown
		total, totalTax, wire int64
	}{
		{"before", 3, 50_000, 54_000, 108_000, 8_000, 0},
		{"after", 4, 45_454, 50_000, 100_000, 9_091, 1},
		{"direct", 6, 50_000, 50_500, 101_000, 1_000, -1},
	} {
		t.Run(c.mode, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := openStore(t, d, clock, "PricingMode", c.mode)
				in := line(s.coffee, 2)
				in.Taxes = []taphoa.TaxWrite{{TaxID: c.tax}}
				v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{in}})
				l := v.InvoiceDetails[0]
				if v.Total != taphoa.Dong(c.total) || v.TotalTax.Value != taphoa.Dong(c.totalTax) || v.PricingMode.Or(-1) != c.wire {
					t.Errorf("total %v, tax %v, mode %v", v.Total, v.TotalTax.Value, v.PricingMode)
				}
				if l.Price/taphoa.Scale != taphoa.Money(c.price) || l.InvoiceDetailTaxs[0].PriceAfterTax.Value != taphoa.Dong(c.after) {
					t.Errorf("price %v, after tax %v", l.Price, l.InvoiceDetailTaxs[0].PriceAfterTax.Value)
				}
				s.refusedLike("Thuế suất", func(tx *db.Tx) error {
					in.Taxes = []taphoa.TaxWrite{{TaxID: 99}}
					_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{in}})
					return err
				})
			})
		})
	}
}

func TestMoneyCollectedOnDeliveryIsBookedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: taphoa.Some(taphoa.Dong(40_000)),
			DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)},
		})
		if v.InvoiceDelivery.PriceCodPayment.Value != taphoa.Dong(60_000) || v.Status != taphoa.InvoiceProcessing {
			t.Errorf("to collect %v, status %d", v.InvoiceDelivery.PriceCodPayment.Value, v.Status)
		}
		for range 3 {
			s.write(func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
					CodPaymentMethod: taphoa.Some("Tranfer"), CodPaymentAccount: taphoa.Some(s.bank),
					DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](3)},
				}})
				return err
			})
		}
		s.expect("delivered", 98, 0, 0)
		s.read(func(tx *db.Tx) error {
			v, err := sales.GetInvoice(tx, &taphoa.ByID{ID: v.ID})
			if err == nil && (len(v.Payments) != 2 || v.Payments[1].Method != "Transfer" || v.TotalPayment != taphoa.Dong(100_000)) {
				t.Errorf("payments %+v", v.Payments)
			}
			return err
		})
	})
}

func TestMoneyCollectedOnADeliveryThatHasArrivedIsBookedWithTheInvoice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: taphoa.Some(taphoa.Dong(40_000)),
			DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true), Status: taphoa.Some[int64](3)},
		})
		if len(v.Payments) != 2 || v.Payments[1].Amount != taphoa.Dong(60_000) || v.TotalPayment != v.Total || v.Status != taphoa.InvoiceCompleted {
			t.Errorf("status %d, payments %+v", v.Status, v.Payments)
		}
		s.expect("delivered", 98, 0, 0)
	})
}

func TestAnOrderOfGoodsThatAreNotSoldAnyMoreCanBeChangedAndInvoiced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		var surcharge int64
		s.write(func(tx *db.Tx) error {
			made, err := cash.CreateSurcharge(tx, &taphoa.SurchargeInput{Name: "Phí giao hàng"})
			surcharge = made.Data.ID
			return err
		})
		charged := []taphoa.SurchargeWrite{{ID: taphoa.Some(surcharge), Price: taphoa.Some[taphoa.Money](taphoa.Dong(10_000))}}
		s.write(func(tx *db.Tx) error {
			o, err := sales.CreateOrder(tx, &taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Surcharges: charged,
			})
			if err != nil {
				return err
			}
			if o.InvoiceOrderSurcharges[0].InvoiceID.Has() {
				t.Errorf("no invoice charges %+v yet", o.InvoiceOrderSurcharges)
			}
			if _, err = catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: s.coffee, AllowsSale: taphoa.Some(false)}); err != nil {
				return err
			}
			for _, in := range []taphoa.OrderInput{
				{Description: taphoa.Some("Gọi trước")}, {Discount: taphoa.Some(taphoa.Dong(5_000))}, {MakeInvoice: true},
			} {
				if o, err = sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: in}); err != nil {
					return err
				}
			}
			made, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{OrderID: taphoa.Some(o.ID), Paging: taphoa.Paging{PageSize: 1}})
			if err == nil && (o.Status != taphoa.OrderCompleted || made.Data[0].Total != taphoa.Dong(105_000) ||
				o.InvoiceOrderSurcharges[0].InvoiceID != taphoa.Some(made.Data[0].ID)) {
				t.Errorf("order %+v, invoices %+v", o, made.Data)
			}
			return err
		})
	})
}

func TestAReturnedDeliveryBringsTheGoodsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, DeliveryDetail: &taphoa.DeliveryInput{}})
		s.expect("sent", 98, 0, 100_000)
		s.write(func(tx *db.Tx) error {
			back, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
				DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](taphoa.DeliveryReturned)},
			}})
			if err == nil && back.Status != taphoa.InvoiceUndeliverable {
				t.Errorf("status %d", back.Status)
			}
			return err
		})
		s.expect("returned", 100, 0, 0)
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID})
			return err
		})
		s.expect("voided", 100, 0, 0)
	})
}

func TestAnInvoiceRecordedAfterItsDeliveryCameBackLeavesTheGoodsWhereTheyAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)},
			DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](taphoa.DeliveryReturned)},
		})
		if v.Status != taphoa.InvoiceUndeliverable {
			t.Errorf("status %d", v.Status)
		}
		s.expect("recorded", 100, 0, 0)
	})
}

func TestAnOrderOfADeletedCustomerCanStillBeInvoiced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), TotalPayment: taphoa.Some(taphoa.Dong(100_000))})
		s.write(func(tx *db.Tx) error {
			_, err := party.DeleteCustomer(tx, &taphoa.ByID{ID: s.customer})
			return err
		})
		s.write(func(tx *db.Tx) error { // which opens the order again
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
			return err
		})
		s.write(func(tx *db.Tx) error {
			done, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{MakeInvoice: true}})
			if err == nil && (done.Status != taphoa.OrderCompleted || done.CustomerName.Value != "Chị Lan") {
				t.Errorf("status %d, customer %q", done.Status, done.CustomerName.Value)
			}
			return err
		})
		s.expect("invoiced", 98, 0, 100_000)
	})
}

func TestNoOrderIsShownWhileTheShopTakesNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "AllowOrder", "false") })
		const sentence = "Thiết lập “Cho phép đặt hàng” đang không được bật."
		for _, op := range []func(*db.Tx) error{
			func(tx *db.Tx) error { _, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID}); return err },
			func(tx *db.Tx) error { _, err := sales.GetOrderByCode(tx, &taphoa.ByCode{Code: o.Code}); return err },
			func(tx *db.Tx) error { _, err := sales.ListOrders(tx, &taphoa.OrderQuery{}); return err },
			func(tx *db.Tx) error { _, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: o.ID}); return err },
			func(tx *db.Tx) error {
				_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}})
				return err
			},
		} {
			s.refused(sentence, op)
		}
	})
}

func TestNewLinesReplaceTheOldOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false")
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 90)}})
		change := func(n int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
					InvoiceDetails: []taphoa.DetailInput{line(s.coffee, n), line(s.sugar, 1)},
				}})
				return err
			}
		}
		s.write(change(100)) // its own goods count as free
		s.expect("all of it", 0, 0, 5_020_000)
		s.refusedLike("hết tồn kho", change(101))
		s.write(change(1))
		s.expect("one", 99, 0, 70_000)
	})
}

func TestPointsAreEarnedAndTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "RewardPointRate", "30000")
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		points := func(want int64) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				c, err := party.GetCustomer(tx, &taphoa.ByID{ID: s.customer})
				if err == nil && (c.RewardPoint != want || c.TotalPoint.Value != want) {
					t.Errorf("%v points of %v, want %d", c.RewardPoint, c.TotalPoint.Value, want)
				}
				return err
			})
		}
		points(3)
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID})
			return err
		})
		points(0)
	})
}

// TestBothLedgersBalanceUnderEightTills lets eight tills order, invoice, change and void at once.
func TestBothLedgersBalanceUnderEightTills(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false", "AllowSellWhenOrderOutStock", "false")
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				till := till{store: s, random: rand.New(rand.NewPCG(11, uint64(i)))}
				for range 25 {
					till.act()
				}
			})
		}
		group.Wait()
		s.balanced()
		s.read(func(tx *db.Tx) error {
			findings, err := stock.Check(tx, stock.Limits{})
			for _, f := range findings {
				t.Error(f)
			}
			if err != nil {
				return err
			}
			return s.audit(tx)
		})
	})
}

// audit compares documents with the ledgers: the customer owes the valid invoices minus what was paid, and valid invoices
// have sold what has left the branch.
func (s *store) audit(tx *db.Tx) error {
	invoices, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 1000}, IncludePayment: true})
	if err != nil {
		return err
	}
	orders, err := sales.ListOrders(tx, &taphoa.OrderQuery{Paging: taphoa.Paging{PageSize: 1000}, IncludePayment: true})
	if err != nil {
		return err
	}
	var owed taphoa.Money
	var sold taphoa.Quantity
	receipts := map[int64]taphoa.Payment{}
	for _, v := range invoices.Data {
		var paid taphoa.Money
		for _, p := range v.Payments {
			receipts[p.ID] = p
			if p.Status == taphoa.PaymentPaid {
				paid += p.Amount
			}
		}
		if paid != v.TotalPayment {
			s.t.Errorf("invoice %s says %v was paid, its receipts %v", v.Code, v.TotalPayment, paid)
		}
		if v.Status == taphoa.InvoiceVoid {
			continue
		}
		owed += v.Total
		for _, l := range v.InvoiceDetails {
			if l.ProductID == s.coffee {
				sold += l.Quantity
			}
		}
	}
	for _, o := range orders.Data {
		for _, p := range o.Payments {
			receipts[p.ID] = p
		}
	}
	for _, p := range receipts {
		if p.Status == taphoa.PaymentPaid {
			owed -= p.Amount
		}
	}
	debt, err := cash.Debt(tx, cash.Customer(s.customer))
	if err != nil {
		return err
	}
	levels, err := stock.Levels(tx, []int64{s.coffee}, nil)
	if debt != owed || levels[0].OnHand != taphoa.Units(100)-sold || invoices.Total == 0 || orders.Total == 0 {
		s.t.Errorf("debt %v, documents say %v; on hand %v, documents say %v (%d invoices, %d orders)",
			debt, owed, levels[0].OnHand, taphoa.Units(100)-sold, invoices.Total, orders.Total)
	}
	return err
}

type till struct {
	*store
	random           *rand.Rand
	orders, invoices []int64
}

// act does one thing; refusals for want of stock or for a document's status are part of the day.
func (s *till) act() {
	details := []taphoa.DetailInput{line(s.coffee, s.random.Int64N(4)+1)}
	if s.random.IntN(2) == 0 {
		details = append(details, line(s.sugar, s.random.Int64N(4)+1))
	}
	pays := taphoa.Opt[taphoa.Money]{}
	if s.random.IntN(2) == 0 {
		pays = taphoa.Some(taphoa.Dong(s.random.Int64N(5)*10_000 + 10_000))
	}
	choice, void := s.random.IntN(7), s.random.IntN(2) == 0
	var order, invoice int64
	if len(s.orders) > 0 {
		order = s.orders[s.random.IntN(len(s.orders))]
	}
	if len(s.invoices) > 0 {
		invoice = s.invoices[s.random.IntN(len(s.invoices))]
	}
	var madeOrder, madeInvoice int64
	err := s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) error {
		madeOrder, madeInvoice = 0, 0
		switch {
		case choice == 0 || choice < 3 && order == 0:
			o, err := sales.CreateOrder(tx, &taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), OrderDetails: details, TotalPayment: pays, MakeInvoice: void,
			})
			if err == nil {
				madeOrder = o.ID
			}
			return err
		case choice == 1:
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: order}, OrderInput: taphoa.OrderInput{OrderDetails: details, MakeInvoice: void}})
			return err
		case choice == 2:
			_, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: order, IsVoidPayment: void})
			return err
		case choice == 3 || invoice == 0:
			in := &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), InvoiceDetails: details, TotalPayment: pays}
			if void && order != 0 {
				in.OrderID = taphoa.Some(order)
			}
			v, err := sales.CreateInvoice(tx, in)
			if err == nil {
				madeInvoice = v.ID
			}
			return err
		case choice == 4:
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: invoice, IsVoidPayment: void})
			return err
		default:
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: invoice}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: details}})
			return err
		}
	})
	var refusal *taphoa.Error
	if err != nil && !errors.As(err, &refusal) {
		s.t.Error(err)
	}
	if err == nil && madeOrder != 0 {
		s.orders = append(s.orders, madeOrder)
	}
	if err == nil && madeInvoice != 0 {
		s.invoices = append(s.invoices, madeInvoice)
	}
}
