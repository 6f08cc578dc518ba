package sales_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

func back(product, quantity int64) taphoa.ReturnDetailInput {
	return taphoa.ReturnDetailInput{DetailInput: line(product, quantity)}
}

func dong(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }

// bring returns goods of an invoice: all that is left without lines.
func (s *store) bring(v *taphoa.Invoice, in taphoa.ReturnInput, lines ...taphoa.ReturnDetailInput) (r *taphoa.Return) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		if v != nil {
			in.InvoiceID = taphoa.Some(v.ID)
		}
		in.ReturnDetails = lines
		r, err = sales.CreateReturn(tx, &in)
		return err
	})
	return r
}

func (s *store) voidReturn(r *taphoa.Return, payments bool) (void *taphoa.ReturnVoided) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		void, err = sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: r.ID, IsVoidPayment: payments})
		return err
	})
	return void
}

func (s *store) look(v *taphoa.Invoice) (now *taphoa.Invoice) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		now, err = sales.GetInvoice(tx, &taphoa.ByID{ID: v.ID})
		return err
	})
	return now
}

// totals checks what the customer has bought.
func (s *store) totals(when string, invoiced, revenue, points int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		c, err := party.GetCustomer(tx, &taphoa.ByID{ID: s.customer})
		if err == nil && (c.TotalInvoiced != dong(invoiced) || c.TotalRevenue != dong(revenue) || c.RewardPoint != points || c.TotalPoint.Value != points) {
			s.t.Errorf("%s: sold %v, kept %v, points %d of %d; want %d, %d, %d", when,
				c.TotalInvoiced.Value, c.TotalRevenue.Value, c.RewardPoint, c.TotalPoint.Value, invoiced, revenue, points)
		}
		return err
	})
}

func inStore(t *testing.T, settings []string, test func(t *testing.T, s *store)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, openStore(t, d, clock, settings...)) })
}

func TestAWholeInvoiceComesBackAndIsPaidBack(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "30000"}, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3), line(s.sugar, 1)}, Discount: dong(10_000), TotalPayment: dong(160_000),
		})
		s.totals("sold", 160_000, 160_000, 5)
		r := s.bring(v, taphoa.ReturnInput{TotalPayment: dong(160_000), Method: taphoa.Some("Transfer"), AccountID: taphoa.Some(s.bank)})
		if r.Code != "TH000001" || r.ReturnTotal != taphoa.Dong(160_000) || r.ReturnDiscount != dong(10_000) || r.ReturnFee != 0 ||
			r.TotalPayment != taphoa.Dong(160_000) || r.StatusValue != "Đã trả" || r.InvoiceID.Value != v.ID || r.CustomerCode != v.CustomerCode ||
			r.BranchID != s.branch || len(r.ReturnDetails) != 2 || r.SoldByName != v.SoldByName {
			t.Errorf("the return is %+v", r)
		}
		if p := r.Payments; len(p) != 1 || p[0].Code != "PCTH000001" || p[0].Amount != -taphoa.Dong(160_000) || p[0].AccountID.Value != s.bank {
			t.Errorf("it was paid back with %+v", p)
		}
		if d := r.ReturnDetails[0]; d.Price != taphoa.Dong(50_000) || d.SubTotal != taphoa.Dong(150_000) || d.AllocationDiscount != dong(8_824) ||
			d.LineNumber != 1 || !d.UsePoint || d.Quantity != taphoa.Units(3) {
			t.Errorf("its first line is %+v", d)
		}
		s.expect("returned", 100, 0, 0)
		s.totals("returned", 160_000, 0, 0)
		now := s.look(v)
		if now.Status != taphoa.InvoiceCompleted || now.InvoiceDetails[0].ReturnQuantity != taphoa.Units(3) || now.TotalPayment != taphoa.Dong(160_000) {
			t.Errorf("the invoice is %+v", now)
		}
		s.refusedLike("đã được trả hết", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID)})
			return err
		})
		s.read(func(tx *db.Tx) error {
			in, err := cash.Balance(tx, cash.Bank(s.bank))
			if err == nil && in != -taphoa.Dong(160_000) {
				t.Errorf("the bank has %v", in)
			}
			return err
		})
	})
}

// TestSeveralReturnsBringBackExactlyWhatWasSold: 10,000 of discount over 150,000 and 20,000 is 8,824 and 1,176; the
// three coffees take 2,941, 2,942 and 2,941 of it.
func TestSeveralReturnsBringBackExactlyWhatWasSold(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "30000"}, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3), line(s.sugar, 1)}, Discount: dong(10_000)})
		want := []struct {
			product, total, revenue, points int64
		}{
			{s.coffee, 47_059, 112_941, 4}, {s.coffee, 47_058, 65_883, 2}, {s.sugar, 18_824, 47_059, 1}, {s.coffee, 47_059, 0, 0},
		}
		var made []*taphoa.Return
		for i, w := range want {
			r := s.bring(v, taphoa.ReturnInput{}, back(w.product, 1))
			if r.ReturnTotal != taphoa.Dong(w.total) {
				t.Errorf("return %d is worth %v, want %d", i+1, r.ReturnTotal, w.total)
			}
			s.totals(r.Code, 160_000, w.revenue, w.points)
			made = append(made, r)
		}
		s.expect("all returned", 100, 0, 0)
		s.voidReturn(made[0], false)
		s.expect("the first one voided", 99, 0, 47_059)
		again := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
		if again.ReturnTotal != taphoa.Dong(47_059) || again.ReturnDiscount != dong(2_941) {
			t.Errorf("again it is worth %v with %v of the discount", again.ReturnTotal, again.ReturnDiscount.Value)
		}
		s.expect("all returned again", 100, 0, 0)
		s.totals("all returned again", 160_000, 0, 0)
	})
}

func TestAFeeStaysWithTheShopAndTheRestIsTheCustomersCredit(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 4)}, TotalPayment: dong(200_000)})
		r := s.bring(v, taphoa.ReturnInput{ReturnFee: dong(5_000), TotalPayment: dong(20_000), Description: taphoa.Some("Hộp móp")}, back(s.coffee, 1))
		if r.ReturnTotal != taphoa.Dong(45_000) || r.TotalPayment != taphoa.Dong(20_000) || r.ReturnFee != taphoa.Dong(5_000) {
			t.Errorf("worth %v, paid back %v", r.ReturnTotal, r.TotalPayment)
		}
		s.expect("returned", 97, 0, -25_000)
		s.totals("returned", 200_000, 155_000, 0)
		s.clock.Advance(60)
		s.write(func(tx *db.Tx) error {
			now, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{
				ReturnFee: dong(2_000), TotalPayment: dong(48_000), Description: taphoa.Null[string](),
			}})
			if err == nil && (now.ReturnTotal != taphoa.Dong(48_000) || now.TotalPayment != taphoa.Dong(48_000) || len(now.Payments) != 2 ||
				now.Description.Has() || now.ModifiedDate.Value != s.clock.Now()) {
				t.Errorf("changed it is %+v", now)
			}
			return err
		})
		s.expect("fee lowered and all paid back", 97, 0, 0)
		s.totals("fee lowered", 200_000, 152_000, 0)
		for words, in := range map[string]taphoa.ReturnInput{
			"không được vượt quá giá trị phiếu trả hàng": {ReturnFee: dong(3_000)},
			"từ 0 đến giá trị hàng trả":                  {ReturnFee: dong(50_001)},
			"không thể giảm xuống":                       {TotalPayment: dong(1)},
			"hãy hủy phiếu và lập phiếu mới":             {ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 2)}},
			"(receivedById) không tồn tại":               {ReceivedByID: taphoa.Some[int64](99)},
		} {
			s.refusedLike(words, func(tx *db.Tx) error {
				_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: in})
				return err
			})
		}
		void := s.voidReturn(r, false)
		if void.Status != taphoa.ReturnVoid || void.StatusValue != "Đã hủy" || void.TotalPayment != 0 { // it is paid out for nothing
			t.Errorf("voided it is %+v", void)
		}
		s.expect("voided, and the money is still with the customer", 96, 0, 48_000)
		s.totals("voided", 200_000, 200_000, 0)
		if void = s.voidReturn(r, true); void.TotalPayment != 0 {
			t.Errorf("%v is paid back", void.TotalPayment)
		}
		s.expect("with its vouchers", 96, 0, 0)
		s.voidReturn(r, true)
		s.expect("voiding again changes nothing", 96, 0, 0)
		s.refusedLike("đã hủy, không thể cập nhật", func(tx *db.Tx) error {
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}})
			return err
		})
	})
}

// TestGoodsComeBackAtTheCostAtWhichTheyWereSold: 90 at 30,000 and 10 new ones at 50,000 cost 32,000 on average; ten more
// at 30,000 make 31,818.1818.
func TestGoodsComeBackAtTheCostAtWhichTheyWereSold(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 10)}})
		s.buy(s.coffee, 10, 50_000, 0)
		s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 10))
		s.read(func(tx *db.Tx) error {
			levels, err := stock.Levels(tx, []int64{s.coffee}, nil)
			if want := taphoa.Money(31_818.1818 * taphoa.Scale); err == nil && (levels[0].Cost != want || levels[0].OnHand != taphoa.Units(110)) {
				t.Errorf("%v at %v, want 110 at %v", levels[0].OnHand, levels[0].Cost, want)
			}
			return err
		})
	})
}

// buy brings goods in from a supplier.
func (s *store) buy(product, quantity, cost, batch int64, serials ...string) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		id, err := tx.NewID("purchases")
		if err != nil {
			return err
		}
		_, err = stock.Post(tx, stock.Document{Kind: "purchase", ID: id, EffectiveAt: tx.Now}, []stock.Posting{{
			ProductID: product, From: stock.Supplier, To: stock.Location(s.branch), Quantity: taphoa.Units(quantity),
			Cost: dong(cost), BatchID: batch, Serials: serials,
		}}, stock.Limits{})
		return err
	})
}

// goods adds a product that is more than plain goods.
func (s *store) goods(in taphoa.ProductInput) (id int64) {
	s.t.Helper()
	in.BasePrice = dong(10_000)
	s.write(func(tx *db.Tx) error {
		p, err := catalog.CreateProduct(tx, &in)
		id = p.ID
		return err
	})
	return id
}

func TestPiecesWithSerialsComeBackByName(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		phone := s.goods(taphoa.ProductInput{Name: taphoa.Some("Điện thoại"), Code: taphoa.Some("DT"), IsLotSerialControl: taphoa.Some(true)})
		s.buy(phone, 3, 8_000, 0, "A", "B", "C")
		sold := line(phone, 3)
		sold.SerialNumbers = taphoa.Some("A, B,C")
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{sold}})
		named := func(n int64, serials string) taphoa.ReturnDetailInput {
			d := back(phone, n)
			d.SerialNumbers = taphoa.Some(serials)
			return d
		}
		for words, bad := range map[string]taphoa.ReturnDetailInput{
			"Serial/IMEI X không thuộc": named(1, "X"), "cần đúng 2 số serial": named(2, "B"),
			"cần đúng 1 số serial": named(1, ""), "Serial/IMEI B không thuộc": named(2, "B,B"),
		} {
			s.refusedLike(words, func(tx *db.Tx) error {
				_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{bad}})
				return err
			})
		}
		r := s.bring(v, taphoa.ReturnInput{}, named(1, "B"))
		if r.ReturnDetails[0].SerialNumbers.Value != "B" {
			t.Errorf("came back: %+v", r.ReturnDetails)
		}
		s.refusedLike("Serial/IMEI B không thuộc", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{named(1, "B")}})
			return err
		})
		rest := s.bring(v, taphoa.ReturnInput{})
		if rest.ReturnDetails[0].SerialNumbers.Value != "A,C" {
			t.Errorf("the rest: %+v", rest.ReturnDetails)
		}
		s.balanced()
		s.voidReturn(r, false)
		s.read(func(tx *db.Tx) error {
			serials, err := stock.Serials(tx, []int64{phone})
			for _, p := range serials {
				if in := p.SerialNumber != "B"; in != (p.Status == 1) {
					t.Errorf("serial %s has the status %d", p.SerialNumber, p.Status)
				}
			}
			return err
		})
		s.balanced()
	})
}

func TestGoodsComeBackIntoTheBatchTheyWereSoldFrom(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		milk := s.goods(taphoa.ProductInput{Name: taphoa.Some("Sữa"), Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)})
		var soon, fresh int64
		s.write(func(tx *db.Tx) (err error) {
			if soon, err = stock.ResolveLot(tx, milk, "1", tx.Now); err == nil {
				fresh, err = stock.ResolveLot(tx, milk, "2", tx.Now+24*3600*1_000_000)
			}
			return err
		})
		s.buy(milk, 4, 5_000, soon)
		s.buy(milk, 10, 6_000, fresh)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(milk, 6)}}) // 4 of the first, 2 of the second
		levels := func(want map[int64]int64) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				batches, err := stock.ProductLots(tx, []int64{milk})
				for _, b := range batches {
					if b.OnHand != taphoa.Units(want[b.ID]) {
						t.Errorf("batch %s has %v, want %d", b.BatchName, b.OnHand, want[b.ID])
					}
				}
				return err
			})
			s.balanced()
		}
		levels(map[int64]int64{soon: 0, fresh: 8})
		from := back(milk, 1)
		from.ProductBatchExpireID = taphoa.Some(fresh)
		s.bring(v, taphoa.ReturnInput{}, from)
		levels(map[int64]int64{soon: 0, fresh: 9})
		from.Quantity = taphoa.Some(taphoa.Units(2))
		s.refusedLike("không bán đủ", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{from}})
			return err
		})
		s.bring(v, taphoa.ReturnInput{}, back(milk, 3))
		levels(map[int64]int64{soon: 3, fresh: 9})
		s.bring(v, taphoa.ReturnInput{})
		levels(map[int64]int64{soon: 4, fresh: 10})
		s.refusedLike("cần cho biết lô", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{BranchID: taphoa.Some(s.branch), ReturnDetails: []taphoa.ReturnDetailInput{back(milk, 1)}})
			return err
		})
		s.bring(nil, taphoa.ReturnInput{BranchID: taphoa.Some(s.branch)}, from)
		levels(map[int64]int64{soon: 4, fresh: 12})
	})
}

// TestTaxComesBackWithTheGoods: three at 50,000 with 8 % on top, less 10,000, is 140,000 + 11,200; in the mode after tax
// 140,000 contain 10,370.
func TestTaxComesBackWithTheGoods(t *testing.T) {
	for mode, want := range map[string]struct{ first, tax, total, price, discount int64 }{
		"before": {first: 46_667 + 3_733, tax: 3_733, total: 151_200, price: 500_000_000, discount: 33_330_000},
		"after":  {first: 46_667, tax: 3_457, total: 140_000, price: 462_962_963, discount: 30_860_000},
	} {
		t.Run(mode, func(t *testing.T) {
			inStore(t, []string{"PricingMode", mode}, func(t *testing.T, s *store) {
				in := line(s.coffee, 3)
				in.Taxes = []taphoa.TaxWrite{{TaxID: 3}}
				v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{in}, Discount: dong(10_000)})
				if v.Total != taphoa.Dong(want.total) {
					t.Fatalf("sold for %v", v.Total)
				}
				s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "PricingMode", "direct") }) // the return keeps the mode of the sale
				r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
				d := r.ReturnDetails[0]
				if r.ReturnTotal != taphoa.Dong(want.first) || r.TotalTax != dong(want.tax) || d.Price != taphoa.Money(want.price) ||
					d.AllocationDiscount.Value != taphoa.Money(want.discount) || r.PricingMode != v.PricingMode {
					t.Errorf("the first: %v with tax %v, %v each, %v off", r.ReturnTotal, r.TotalTax.Value, d.Price, d.AllocationDiscount.Value)
				}
				tax := d.ReturnDetailTaxs
				if len(tax) != 1 || tax[0].TaxName != "VAT 8%" || tax[0].TaxValue.Value != taphoa.Ratio(8) || tax[0].DetailTax != dong(want.tax) ||
					tax[0].DetailID != d.ID || tax[0].RetailerID != s.who.Retailer {
					t.Errorf("its tax is %+v", tax)
				}
				rest := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 2))
				if rest.ReturnTotal+r.ReturnTotal != v.Total || rest.TotalTax.Value+r.TotalTax.Value != v.TotalTax.Value ||
					rest.ReturnDiscount.Value+r.ReturnDiscount.Value != v.Discount.Value {
					t.Errorf("the rest: %v with tax %v", rest.ReturnTotal, rest.TotalTax.Value)
				}
				s.expect("all returned", 100, 0, 0)
			})
		})
	}
}

func TestGoodsComeBackWithoutAnInvoice(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "10000"}, func(t *testing.T, s *store) {
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 10)}})
		cheap := back(s.coffee, 2)
		cheap.Price, cheap.Discount = dong(45_000), dong(5_000)
		r := s.bring(nil, taphoa.ReturnInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), ReturnDiscount: dong(3_000), ReturnFee: dong(7_000),
			Payments: []taphoa.PaymentInput{{Method: "Cash", Amount: taphoa.Dong(30_000), Description: taphoa.Some("Trả một phần")}},
		}, cheap, back(s.sugar, 1))
		if r.InvoiceID.Has() || r.ReturnTotal != taphoa.Dong(90_000) || r.TotalPayment != taphoa.Dong(30_000) || r.ReturnDetails[0].Price != taphoa.Dong(40_000) ||
			r.ReturnDetails[0].AllocationDiscount != dong(2_400) || r.Payments[0].Description.Value != "Trả một phần" {
			t.Errorf("the return is %+v", r)
		}
		s.expect("returned", 92, 0, 440_000)
		s.totals("returned", 500_000, 410_000, 50-9)
		s.voidReturn(r, true)
		s.expect("voided", 90, 0, 500_000)
		s.totals("voided", 500_000, 500_000, 50)
	})
}

func TestReturnsAreRefusedForAReason(t *testing.T) {
	inStore(t, []string{"AllowSellWhenOutStock", "false"}, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3), line(s.sugar, 2)}})
		void := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: void.ID})
			return err
		})
		under := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, DeliveryDetail: &taphoa.DeliveryInput{}})
		dear := back(s.coffee, 1)
		dear.Price = dong(60_000)
		other := back(s.coffee, 1)
		other.InvoiceDetailID = taphoa.Some(void.InvoiceDetails[0].ID)
		of := func(lines ...taphoa.ReturnDetailInput) taphoa.ReturnInput {
			return taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: lines}
		}
		with := func(in taphoa.ReturnInput, change func(*taphoa.ReturnInput)) taphoa.ReturnInput {
			change(&in)
			return in
		}
		for words, in := range map[string]taphoa.ReturnInput{
			"Hóa đơn không tồn tại":          {InvoiceID: taphoa.Some[int64](99)},
			"trạng thái Đã hủy":              {InvoiceID: taphoa.Some(void.ID)},
			"trạng thái Đang xử lý":          {InvoiceID: taphoa.Some(under.ID)},
			"chỉ còn trả được 3":             of(back(s.coffee, 4)),
			"chỉ còn trả được 1, không thể":  of(back(s.coffee, 2), back(s.coffee, 2)),
			"phải lớn hơn 0":                 of(back(s.coffee, 0)),
			"dòng 2 không tồn tại":           of(back(s.coffee, 1), back(99, 1)),
			"phải là giá đã bán 50000":       of(dear),
			"dòng 1 không tồn tại":           of(other),
			"không được để trống; muốn":      {InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{}},
			"(returnDetails) không được để":  {BranchID: taphoa.Some(s.branch)},
			"Chi nhánh (branchId)":           {ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 1)}},
			"từ 0 đến giá trị hàng trả":      with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) { in.ReturnFee = dong(50_001) }),
			"(totalPayment, payments) không": with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) { in.TotalPayment = dong(50_001) }),
			"không phải khách của hóa đơn":   with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) { in.CustomerID = taphoa.Some[int64](99) }),
			"phân bổ cho hàng trả là 0":      with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) { in.ReturnDiscount = dong(1) }),
			"(receivedById) không tồn tại":   with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) { in.ReceivedByID = taphoa.Some[int64](99) }),
			"(accountId) không tồn tại": with(of(back(s.coffee, 1)), func(in *taphoa.ReturnInput) {
				in.TotalPayment, in.Method, in.AccountID = dong(1), taphoa.Some("Card"), taphoa.Some[int64](99)
			}),
		} {
			s.refusedLike(words, func(tx *db.Tx) error { _, err := sales.CreateReturn(tx, &in); return err })
		}
		s.expect("after the refusals", 96, 0, 240_000)
		r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
		for _, op := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { _, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID}); return err },
			func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 5)}}})
				return err
			},
			func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
					DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](taphoa.DeliveryReturned)},
				}})
				return err
			},
		} {
			s.refusedLike("đã có phiếu trả hàng TH000001", op)
		}
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 97)}})
		s.refused("Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật", func(tx *db.Tx) error {
			_, err := sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: r.ID}) // what came back has been sold again
			return err
		})
		for _, id := range []int64{0, -1, 99} {
			s.refusedLike("Phiếu trả hàng không tồn tại", func(tx *db.Tx) error { _, err := sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: id}); return err })
			s.refusedLike("Phiếu trả hàng không tồn tại", func(tx *db.Tx) error { _, err := sales.GetReturn(tx, &taphoa.ByID{ID: id}); return err })
		}
	})
}

func TestWhatWasSoldComesBackOnce(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 5)}})
		var (
			group sync.WaitGroup
			came  atomic.Int64
		)
		for range 16 {
			group.Go(func() {
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 1)}})
					return err
				})
				var refusal *taphoa.Error
				switch {
				case err == nil:
					came.Add(1)
				case !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "chỉ còn trả được 0"):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if came.Load() != 5 {
			t.Errorf("%d came back, want 5", came.Load())
		}
		s.expect("all returned", 100, 0, 0)
	})
}
