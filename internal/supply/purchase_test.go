package supply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// buyer is a shop with a branch, products without stock (coffee, also in boxes of six, sugar, phones by serial and milk by
// lot), a supplier and a bank account.
type buyer struct {
	t                                *testing.T
	d                                *db.DB
	clock                            *dbtest.Clock
	who                              db.Actor
	branch                           int64
	coffee, box, sugar, phones, milk int64
	supplier, bank                   int64
}

func openBuyer(t *testing.T, d *db.DB, clock *dbtest.Clock, code string, settings ...string) *buyer {
	t.Helper()
	s := &buyer{t: t, d: d, clock: clock}
	err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, code, "Tạp hoá")
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
		supplier, err := party.CreateSupplier(tx, &taphoa.SupplierInput{Code: taphoa.Some("NCC1"), Name: taphoa.Some("Chợ đầu mối")})
		s.supplier = supplier.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.coffee = s.product(taphoa.ProductInput{Code: taphoa.Some("CF"), Unit: taphoa.Some("gói")})
	s.box = s.product(taphoa.ProductInput{
		Code: taphoa.Some("CF-HOP"), Unit: taphoa.Some("hộp"), MasterUnitID: taphoa.Some(s.coffee), ConversionValue: taphoa.Some(taphoa.Units(6)),
	})
	s.sugar = s.product(taphoa.ProductInput{Code: taphoa.Some("DUONG")})
	s.phones = s.product(taphoa.ProductInput{Code: taphoa.Some("DT"), IsLotSerialControl: taphoa.Some(true)})
	s.milk = s.product(taphoa.ProductInput{Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)})
	return s
}

func (s *buyer) product(in taphoa.ProductInput) (id int64) {
	s.t.Helper()
	in.Name = taphoa.Some("Hàng " + in.Code.Value)
	s.write(func(tx *db.Tx) error {
		p, err := catalog.CreateProduct(tx, &in)
		id = p.ID
		return err
	})
	return id
}

func (s *buyer) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

func (s *buyer) read(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Read(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// refused runs an operation that must be refused about a field, with a sentence that has all of the words.
func (s *buyer) refused(field string, op func(*db.Tx) error, words ...string) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, op)
	refusal, ok := errors.AsType[*taphoa.Error](err)
	if !ok || refusal.Kind == taphoa.KindInternal || refusal.Field != field {
		s.t.Errorf("got %v, want a refusal about %q", err, field)
		return
	}
	if strings.Contains(refusal.Message, "%%") || strings.Contains(refusal.Message, "%!") {
		s.t.Errorf("the refusal %q is badly put together", refusal.Message)
	}
	for _, word := range words {
		if !strings.Contains(refusal.Message, word) {
			s.t.Errorf("the refusal %q does not say %q", refusal.Message, word)
		}
	}
}

// line is a line with a product, its quantity and price.
func line(product, quantity, price int64) taphoa.PurchaseOrderDetailIn {
	return taphoa.PurchaseOrderDetailIn{
		ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(price)),
	}
}

func (s *buyer) creating(in taphoa.PurchaseOrderInput, to *taphoa.PurchaseOrder) func(*db.Tx) error {
	if !in.BranchID.Given() {
		in.BranchID = taphoa.Some(s.branch)
	}
	if in.Supplier == nil && !in.SupplierID.Given() {
		in.SupplierID = taphoa.Some(s.supplier)
	}
	return func(tx *db.Tx) error {
		o, err := supply.CreatePurchaseOrder(tx, &in)
		if err == nil && to != nil {
			*to = *o
		}
		return err
	}
}

func (s *buyer) buy(in taphoa.PurchaseOrderInput) (o taphoa.PurchaseOrder) {
	s.t.Helper()
	s.write(s.creating(in, &o))
	return o
}

func (s *buyer) changing(id int64, in taphoa.PurchaseOrderInput, to *taphoa.PurchaseOrder) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		o, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: id}, PurchaseOrderInput: in})
		if err == nil && to != nil {
			*to = *o
		}
		return err
	}
}

func (s *buyer) voiding(id int64, payments bool) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.DeletePurchaseOrder(tx, &taphoa.PurchaseOrderDelete{ID: id, IsVoidPayment: payments})
		return err
	}
}

func (s *buyer) get(id int64) (o *taphoa.PurchaseOrder) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		o, err = supply.GetPurchaseOrder(tx, &taphoa.ByID{ID: id})
		return err
	})
	return o
}

// level returns the level of a product at the branch.
func (s *buyer) level(product int64) (level stock.Level) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{product}, []int64{s.branch})
		if err == nil && len(levels) > 0 {
			level = levels[0]
		}
		return err
	})
	return level
}

// expect checks the level of coffee, the debt to the supplier, the total bought there, and both ledgers.
func (s *buyer) expect(when string, onHand, debt, bought int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		from, err := party.GetSupplierByCode(tx, &taphoa.ByCode{Code: "NCC1"})
		if got := s.level(s.coffee).OnHand; got != taphoa.Units(onHand) || from.Debt != taphoa.Dong(debt) ||
			from.TotalInvoiced != taphoa.Some(taphoa.Dong(bought)) || from.TotalInvoicedWithoutReturn != from.TotalInvoiced {
			s.t.Errorf("%s: on hand %v, debt %v, bought %v; want %d, %d, %d", when, got, from.Debt, from.TotalInvoiced.Value, onHand, debt, bought)
		}
		return err
	})
	s.balanced(stock.Limits{BelowZero: true})
}

func (s *buyer) balanced(limits stock.Limits) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		goods, err := stock.Check(tx, limits)
		if err != nil {
			return err
		}
		money, err := cash.Check(tx)
		for _, f := range append(goods, money...) {
			s.t.Error(f)
		}
		return err
	})
}

func dong(tenThousandths int64) taphoa.Money { return taphoa.Money(tenThousandths) }

func TestTwoPurchasesMoveTheAverageByTheirLandedCost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		// 500,000 of goods less 50,000 (30,000 and 20,000). Freight 45,000 to others (27,000 and 18,000), unloading 9,001
		// to the supplier (5,400.6 and 3,600.4: the odd đồng goes to the larger remainder).
		first := s.buy(taphoa.PurchaseOrderInput{
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 10, 30_000), line(s.sugar, 20, 10_000)},
			Discount:             taphoa.Some(taphoa.Dong(50_000)),
			Surcharges: []taphoa.PurchaseSurchargeIn{
				{Code: taphoa.Some("CUOC"), Value: taphoa.Some(taphoa.Dong(1)), ValueRatio: taphoa.Some(taphoa.Ratio(10)), IsSupplierExpense: taphoa.Some(false)},
				{Name: taphoa.Some("Bốc xếp"), Value: taphoa.Some(taphoa.Dong(9_001))},
			},
			PaidAmount: taphoa.Some(taphoa.Dong(459_001)), PaymentMethod: taphoa.Some("TRANSFER"), AccountID: taphoa.Some(s.bank),
		})
		if first.Code != "PN000001" || first.Total != taphoa.Dong(459_001) || first.TotalPayment != first.Total || first.Status != taphoa.PurchaseCompleted ||
			first.ExReturnSuppliers.Value != taphoa.Dong(9_001) || first.ExReturnThirdParty.Value != taphoa.Dong(45_000) || first.TotalTax.Has() {
			t.Errorf("the first is %+v", first)
		}
		if p := first.Payments[0]; p.Amount != first.Total || p.Method != taphoa.MethodTransfer || p.AccountID.Value != s.bank || p.Code != "PCPN000001" {
			t.Errorf("the payment is %+v", p)
		}
		if c := s.level(s.coffee).Cost; c != dong(302_401_000) { // (270,000 + 27,000 + 5,401) / 10 = 30,240.1
			t.Errorf("coffee costs %v", c)
		}
		if c := s.level(s.sugar).Cost; c != taphoa.Dong(10_080) { // (180,000 + 18,000 + 3,600) / 20
			t.Errorf("sugar costs %v", c)
		}
		s.expect("first", 10, 0, 459_001)
		// Five boxes of six, at 240,000 less 5 %: 228,000 a box, 38,000 each.
		boxes := line(s.box, 5, 240_000)
		boxes.DiscountRatio = taphoa.Some(taphoa.Ratio(5))
		second := s.buy(taphoa.PurchaseOrderInput{
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{boxes}, PaidAmount: taphoa.Some(taphoa.Dong(200_000)),
		})
		if second.Total != taphoa.Dong(1_140_000) || second.PurchaseOrderDetails[0].Discount.Value != taphoa.Dong(12_000) {
			t.Errorf("the second is %+v", second)
		}
		if c := s.level(s.coffee).Cost; c != dong(360_600_250) { // (302,401 + 1,140,000) / 40 = 36,060.025
			t.Errorf("coffee costs %v", c)
		}
		s.expect("second", 40, 940_000, 1_599_001)
		s.write(s.voiding(second.ID, false))
		s.expect("second voided", 10, -200_000, 459_001)
		if c := s.level(s.coffee).Cost; c != dong(302_401_000) { // as without the second
			t.Errorf("coffee costs %v after the void", c)
		}
		if got := s.get(second.ID); got.Status != taphoa.PurchaseVoid || got.TotalPayment != 0 || got.StatusValue != "Đã hủy" ||
			got.Payments[0].Amount != 0 || got.Payments[0].Status != taphoa.PaymentPaid {
			t.Errorf("the second is %+v", got)
		}
		s.write(s.voiding(second.ID, true)) // already void, but its payment is not
		s.expect("its payment voided", 10, 0, 459_001)
		s.write(s.voiding(first.ID, true))
		s.expect("first voided", 0, 0, 0)
		if got := s.get(first.ID); got.TotalPayment != 0 || got.Payments[0].Status != taphoa.PaymentVoided {
			t.Errorf("the first is %+v", got)
		}
		s.write(s.voiding(first.ID, true))
		s.expect("voided again", 0, 0, 0)
	})
}

func TestTaxIsACostOnlyInTheDirectMethod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		for i, c := range []struct {
			mode               string
			tax                int64
			applies            bool
			total, taxed, cost int64
		}{
			{"direct", 7, true, 102_000, 2_000, 10_200}, // 2 %
			{"before", 3, true, 108_000, 8_000, 10_000}, // 8 %
			{"after", 3, true, 108_000, 8_000, 10_000},  // purchase prices are always before tax
			{"before", 5, true, 100_000, 0, 10_000},     // KCT
			{"before", 987, false, 100_000, -1, 10_000}, // passed over while taxes do not apply
			{"direct", 0, true, 100_000, 0, 10_000},     // no tax named
		} {
			s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "PricingMode", c.mode) })
			product := s.product(taphoa.ProductInput{Code: taphoa.Some(fmt.Sprint("T", i))})
			l := line(product, 10, 10_000)
			l.ProductTax = &taphoa.ProductTaxIn{TaxID: c.tax}
			o := s.buy(taphoa.PurchaseOrderInput{
				PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{l}, IsApplyPurchaseTax: taphoa.Some(c.applies),
			})
			if o.Total != taphoa.Dong(c.total) || o.TotalTax.Has() != (c.taxed >= 0) || o.TotalTax.Or(0) != taphoa.Dong(max(0, c.taxed)) {
				t.Errorf("%+v: total %v, tax %v", c, o.Total, o.TotalTax)
			}
			taxes := o.PurchaseOrderDetails[0].PurchaseOrderDetailTaxes
			if named := c.applies && c.tax != 0; (len(taxes) == 1) != named || named && (taxes[0].TaxID != c.tax || taxes[0].DetailID != o.PurchaseOrderDetails[0].ID) {
				t.Errorf("%+v: the line's taxes are %+v", c, taxes)
			}
			if got := s.level(product).Cost; got != taphoa.Dong(c.cost) {
				t.Errorf("%+v: one costs %v", c, got)
			}
		}
	})
}

func TestADraftMovesNothingUntilItIsCompleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		draft := s.buy(taphoa.PurchaseOrderInput{
			IsDraft: taphoa.Some("true"), Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("NCC1")},
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 10, 30_000)},
			DiscountRatio:        taphoa.Some(taphoa.Ratio(10)), PaidAmount: taphoa.Some(taphoa.Dong(70_000)),
			Surcharges: []taphoa.PurchaseSurchargeIn{{Name: taphoa.Some("Xe"), Value: taphoa.Some(taphoa.Dong(30_000)), Type: taphoa.Some[int64](0)}},
		})
		if draft.Status != taphoa.PurchaseDraft || draft.StatusValue != "Phiếu tạm" || draft.Total != taphoa.Dong(270_000) {
			t.Errorf("the draft is %+v", draft)
		}
		s.expect("draft", 0, -70_000, 0) // paid in advance
		clock.Advance(60)
		var changed taphoa.PurchaseOrder
		s.write(s.changing(draft.ID, taphoa.PurchaseOrderInput{
			BranchID: taphoa.Some[int64](987), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 20, 30_000)},
			Description: taphoa.Some("Giao chiều"),
		}, &changed))
		if changed.Total != taphoa.Dong(540_000) || changed.Status != taphoa.PurchaseDraft || changed.BranchID != s.branch ||
			changed.Code != draft.Code || len(changed.Surcharges) != 1 || changed.ModifiedDate.Value != clock.Now() {
			t.Errorf("the changed draft is %+v", changed)
		}
		other := taphoa.PurchaseOrderInput{Supplier: &taphoa.DocumentSupplier{Name: taphoa.Some("Nguồn khác")}}
		s.refused("supplier", s.changing(draft.ID, other, nil), "Chợ đầu mối", "70000")
		s.refused("paidAmount", s.changing(draft.ID, taphoa.PurchaseOrderInput{PaidAmount: taphoa.Some(taphoa.Dong(1))}, nil), "không thể giảm")
		s.expect("changed", 0, -70_000, 0)
		var done taphoa.PurchaseOrder
		s.write(s.changing(draft.ID, taphoa.PurchaseOrderInput{
			Status: taphoa.Some("3"), PaidAmount: taphoa.Some(taphoa.Dong(100_000)),
			Payments: []taphoa.PurchasePaymentInput{{ID: taphoa.Some(draft.Payments[0].ID), Amount: taphoa.Dong(70_000)}, {Amount: taphoa.Dong(40_000), Method: "Card"}},
		}, &done))
		if done.Status != taphoa.PurchaseCompleted || done.TotalPayment != taphoa.Dong(140_000) || len(done.Payments) != 3 ||
			done.PurchaseDate != draft.PurchaseDate || done.Description.Value != "Giao chiều" {
			t.Errorf("the completed one is %+v", done)
		}
		s.expect("completed", 20, 400_000, 540_000)
		if c := s.level(s.coffee).Cost; c != dong(285_000_000) { // (540,000 + 30,000) / 20
			t.Errorf("coffee costs %v", c)
		}
		s.refused("status", s.changing(draft.ID, taphoa.PurchaseOrderInput{Description: taphoa.Some("x")}, nil), done.Code, "Đã nhập hàng", "không thể cập nhật")
		s.write(s.voiding(draft.ID, true))
		s.expect("voided", 0, 0, 0)
		s.refused("status", s.changing(draft.ID, taphoa.PurchaseOrderInput{}, nil), "Đã hủy")
	})
}

func TestAVoidedDraftLeavesNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		draft := s.buy(taphoa.PurchaseOrderInput{
			IsDraft: taphoa.Some("1"), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.phones, 2, 5_000_000), line(s.milk, 3, 5_000)},
		})
		s.refused("serialNumbers", s.changing(draft.ID, taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("0")}, nil), "DT", "2")
		s.write(s.voiding(draft.ID, false))
		s.expect("voided", 0, 0, 0)
	})
}

func TestSerialsAndLotsAreReceived(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa", "AllowSellWhenOutStock", "false")
		expires := clock.Now().Day() + 30*24*3600*1_000_000
		phones, milk := line(s.phones, 3, 5_000_000), line(s.milk, 10, 5_000)
		phones.SerialNumbers = []string{"A1, A2", "A3"}
		milk.ProductBatchExpire = &taphoa.PurchaseBatchInput{BatchName: taphoa.Some(" L1 "), ExpireDate: taphoa.Some(expires + 3600*1_000_000)}
		first := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{phones, milk}})
		if got := first.PurchaseOrderDetails[0].SerialNumbers.Value; got != "A1,A2,A3" {
			t.Errorf("the serials are %q", got)
		}
		batch := first.PurchaseOrderDetails[1].ProductBatchExpire
		if batch == nil || batch.BatchName != "L1" || batch.ExpireDate != expires || batch.ProductID != s.milk {
			t.Fatalf("the batch is %+v", batch)
		}
		// The same lot again, at another price, by its id and by its name in one document: one average.
		byID, byName := line(s.milk, 10, 6_000), line(s.milk, 20, 9_000)
		byID.ProductBatchExpireID = taphoa.Some(batch.ID)
		byName.ProductBatchExpire = &taphoa.PurchaseBatchInput{BatchName: taphoa.Some("L1"), ExpireDate: taphoa.Some(expires)}
		s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{byID, byName}})
		if l := s.level(s.milk); l.OnHand != taphoa.Units(40) || l.Cost != dong(72_500_000) { // (50,000 + 60,000 + 180,000) / 40
			t.Errorf("milk is %+v", l)
		}
		same := line(s.phones, 1, 5_000_000)
		same.SerialNumbers = []string{"A2"}
		s.refused("serialNumbers", s.creating(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{same}}, nil), "A2", "đã có trong kho")
		s.write(func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{
				{ProductID: taphoa.Some(s.phones), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(6_000_000)), SerialNumbers: taphoa.Some("A2")},
			}})
			return err
		})
		s.refused("serialNumbers", s.voiding(first.ID, false), "A2", "không có trong kho")
		s.balanced(stock.Limits{})
	})
}

func TestAPurchaseOfGoodsThatAreGoneCannotBeVoided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa", "AllowSellWhenOutStock", "false")
		o := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 10, 30_000)}})
		s.write(func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{
				{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(4)), Price: taphoa.Some(taphoa.Dong(50_000))},
			}})
			return err
		})
		s.refused("id", s.voiding(o.ID, true), o.Code, "CF", "chỉ còn 6", "“Cho phép bán hàng khi hết tồn kho”")
		s.expect("refused", 6, 300_000, 300_000)
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "AllowSellWhenOutStock", "true") })
		s.write(s.voiding(o.ID, true))
		s.expect("voided", -4, 0, 0)
	})
}

func TestABackdatedPurchaseIsEffectiveOnItsDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		day := clock.Now() - 5*24*3600*1_000_000
		lines := []taphoa.PurchaseOrderDetailIn{line(s.coffee, 1, 1_000)}
		o := s.buy(taphoa.PurchaseOrderInput{PurchaseDate: taphoa.Some(day), PurchaseOrderDetails: lines})
		if o.PurchaseDate != day {
			t.Errorf("bought at %v", o.PurchaseDate.Std())
		}
		s.read(func(tx *db.Tx) error {
			for _, table := range []string{"stock_postings", "cash_postings"} {
				at, _, err := db.One[taphoa.Time](tx, `SELECT effective_at FROM `+table+` WHERE retailer_id = :retailer AND kind = 'purchase' AND document_id = ?`, o.ID)
				if err != nil || at != day {
					t.Errorf("%s are effective at %v (%v)", table, at.Std(), err)
				}
			}
			return nil
		})
		clock.Advance(3600)
		s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 1, 3_000)}})
		s.write(s.voiding(o.ID, false)) // an old one: later postings cost what they would have cost without it
		if l := s.level(s.coffee); l.OnHand != taphoa.Units(1) || l.Cost != taphoa.Dong(3_000) {
			t.Errorf("coffee is %+v", l)
		}
		s.refused("purchaseDate", s.creating(taphoa.PurchaseOrderInput{PurchaseDate: taphoa.Some(clock.Now() + 1), PurchaseOrderDetails: lines}, nil),
			"Vượt quá thời gian hiện tại")
	})
}

func TestPurchaseOrdersAreFoundByEveryFilter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		taxed := line(s.coffee, 1, 1_000)
		taxed.ProductTax = &taphoa.ProductTaxIn{TaxID: 6}
		noon := clock.Now().Day() - 12*3600*1_000_000 // yesterday
		s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{taxed}, IsApplyPurchaseTax: taphoa.Some(true), PurchaseDate: taphoa.Some(noon)})
		clock.Advance(60)
		second := s.buy(taphoa.PurchaseOrderInput{
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.sugar, 1, 2_000)}, IsDraft: taphoa.Some("1"),
			Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("NCC2"), Name: taphoa.Some("Lò đường")},
		})
		const both, one, two = "PN000001 PN000002", "PN000001", "PN000002"
		some := taphoa.Some[string]
		until := func(text string) taphoa.Opt[taphoa.Time] {
			at, err := taphoa.ParseTime(text)
			if err != nil {
				t.Fatal(err)
			}
			return taphoa.Some(at)
		}
		for _, q := range []struct {
			query taphoa.PurchaseOrderQuery
			want  string
		}{
			{taphoa.PurchaseOrderQuery{}, both},
			{taphoa.PurchaseOrderQuery{Paging: taphoa.Paging{OrderBy: "Total", OrderDirection: "desc"}}, "PN000002 PN000001"},
			{taphoa.PurchaseOrderQuery{BranchIDs: []int64{s.branch + 987}}, ""},
			{taphoa.PurchaseOrderQuery{SupplierIDs: []int64{s.supplier}}, one},
			{taphoa.PurchaseOrderQuery{SupplierCode: []string{"ncc2"}}, two},
			{taphoa.PurchaseOrderQuery{Status: []int64{1}}, two},
			{taphoa.PurchaseOrderQuery{Status: []int64{3, 4}}, one},
			{taphoa.PurchaseOrderQuery{TaxIDs: []int64{6, 7}}, one},
			{taphoa.PurchaseOrderQuery{Code: some("pn000001")}, one},
			{taphoa.PurchaseOrderQuery{Code: some("PN0")}, both},
			{taphoa.PurchaseOrderQuery{LastModifiedFrom: taphoa.Some(clock.Now())}, two},
			{taphoa.PurchaseOrderQuery{ToDate: taphoa.Some(clock.Now() - 1)}, one},
			{taphoa.PurchaseOrderQuery{CreatedDate: taphoa.Some(clock.Now())}, two},
			{taphoa.PurchaseOrderQuery{FromPurchaseDate: taphoa.Some(clock.Now().Day())}, two},
			{taphoa.PurchaseOrderQuery{ToPurchaseDate: until("2026-11-21T23:59:59.999999")}, one},
			{taphoa.PurchaseOrderQuery{ToPurchaseDate: until("2026-11-22T23:59:59.999999")}, both},
			{taphoa.PurchaseOrderQuery{ToPurchaseDate: until("2026-11-21T11:59:59")}, ""},
			{taphoa.PurchaseOrderQuery{ToPurchaseDate: until("2026-11-21T12:00:00")}, one},
		} {
			q.query.PageSize = 10
			s.read(func(tx *db.Tx) error {
				page, err := supply.ListPurchaseOrders(tx, &q.query)
				var codes []string
				for _, o := range page.Data {
					codes = append(codes, o.Code)
					if len(o.PurchaseOrderDetails) != 1 || o.Payments != nil {
						t.Errorf("%s has %d lines and payments %v", o.Code, len(o.PurchaseOrderDetails), o.Payments)
					}
				}
				if got := strings.Join(codes, " "); got != q.want || int(page.Total) != len(codes) {
					t.Errorf("%+v finds %q of %d, want %q", q.query, got, page.Total, q.want)
				}
				return err
			})
		}
		s.read(func(tx *db.Tx) error {
			o, err := supply.GetPurchaseOrderByCode(tx, &taphoa.ByCode{Code: " pn000002 "})
			if err == nil && o.ID != second.ID {
				t.Errorf("the code is of %d", o.ID)
			}
			return err
		})
	})
}

func TestTwoShopsDoNotSeeEachOthersPurchases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s, n := openBuyer(t, d, clock, "taphoa"), openBuyer(t, d, clock, "khac")
		o := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 1, 1_000)}})
		mine := []taphoa.PurchaseOrderDetailIn{line(n.coffee, 1, 1_000)}
		n.refused("", n.voiding(o.ID, true), "không tồn tại")
		n.refused("", n.changing(o.ID, taphoa.PurchaseOrderInput{}, nil), "không tồn tại")
		n.refused("", func(tx *db.Tx) error {
			_, err := supply.GetPurchaseOrderByCode(tx, &taphoa.ByCode{Code: o.Code})
			return err
		}, "không tồn tại")
		n.refused("", n.creating(taphoa.PurchaseOrderInput{BranchID: taphoa.Some(s.branch), PurchaseOrderDetails: mine}, nil), "không tồn tại")
		n.refused("supplierId", n.creating(taphoa.PurchaseOrderInput{SupplierID: taphoa.Some(s.supplier), PurchaseOrderDetails: mine}, nil), "không tồn tại")
		n.refused("productCode", n.creating(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 1, 1)}}, nil), "không tồn tại")
		n.read(func(tx *db.Tx) error {
			page, err := supply.ListPurchaseOrders(tx, &taphoa.PurchaseOrderQuery{Paging: taphoa.Paging{PageSize: 10}})
			if page.Total != 0 {
				t.Errorf("the other shop sees %+v", page.Data)
			}
			return err
		})
		s.expect("in peace", 1, 1_000, 1_000)
	})
}

func TestBadPurchasesAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		service := s.product(taphoa.ProductInput{Code: taphoa.Some("GOI"), Type: taphoa.Some(taphoa.ProductService)})
		stopped := s.product(taphoa.ProductInput{Code: taphoa.Some("CU"), IsActive: taphoa.Some(false)})
		type in = taphoa.PurchaseOrderInput
		type detail = taphoa.PurchaseOrderDetailIn
		good := []detail{line(s.coffee, 1, 1_000)}
		one := func(change func(*detail)) in {
			l := line(s.coffee, 1, 1_000)
			change(&l)
			return in{PurchaseOrderDetails: []detail{l}}
		}
		more := func(change func(*in)) in {
			i := in{PurchaseOrderDetails: slices.Clone(good)}
			change(&i)
			return i
		}
		for _, c := range []struct {
			name, field string
			in          in
			word        string
		}{
			{"no branch", "branchId", more(func(i *in) { i.BranchID = taphoa.Null[int64]() }), "branchId"},
			{"unknown branch", "", more(func(i *in) { i.BranchID = taphoa.Some[int64](987) }), "Chi nhánh"},
			{"unknown supplier", "supplierId", more(func(i *in) { i.SupplierID = taphoa.Some[int64](987) }), "987"},
			{"no lines", "purchaseOrderDetails", in{}, "không được để trống"},
			{"too many lines", "purchaseOrderDetails", in{PurchaseOrderDetails: make([]detail, 1001)}, "1000"},
			{"too many expenses", "surcharges", more(func(i *in) { i.Surcharges = make([]taphoa.PurchaseSurchargeIn, 101) }), "100"},
			{"a status that is none", "isDraft", more(func(i *in) { i.IsDraft = taphoa.Some("2") }), "DELETE"},
			{"a void one", "status", more(func(i *in) { i.Status = taphoa.Some("4") }), "DELETE"},
			{"nothing", "productCode", in{PurchaseOrderDetails: []detail{{Quantity: taphoa.Some(taphoa.Units(1))}}}, "không tồn tại"},
			{"unknown product", "productCode", one(func(l *detail) { l.ProductID = taphoa.Some[int64](987) }), "987"},
			{"unknown code", "productCode", one(func(l *detail) { l.ProductID, l.ProductCode = taphoa.Opt[int64]{}, taphoa.Some("XYZ") }), "XYZ"},
			{"a service", "productCode", one(func(l *detail) { l.ProductID = taphoa.Some(service) }), "dịch vụ"},
			{"a stopped product", "productCode", one(func(l *detail) { l.ProductID = taphoa.Some(stopped) }), "ngừng kinh doanh"},
			{"no quantity", "quantity", one(func(l *detail) { l.Quantity = taphoa.Null[taphoa.Quantity]() }), "lớn hơn 0"},
			{"zero", "quantity", one(func(l *detail) { l.Quantity = taphoa.Some[taphoa.Quantity](0) }), "lớn hơn 0"},
			{"negative", "quantity", one(func(l *detail) { l.Quantity = taphoa.Some(taphoa.Units(-1)) }), "lớn hơn 0"},
			{"huge", "quantity", one(func(l *detail) {
				l.Quantity, l.Price = taphoa.Some(taphoa.QuantityMax+0.0001*taphoa.Scale), taphoa.Some[taphoa.Money](0)
			}), "quantity"},
			{"huge worth", "total", one(func(l *detail) { l.Quantity, l.Price = taphoa.Some(taphoa.QuantityMax), taphoa.Some(taphoa.MoneyMax) }), "total"},
			{"no price", "price", one(func(l *detail) { l.Price = taphoa.Null[taphoa.Money]() }), "price"},
			{"negative price", "price", one(func(l *detail) { l.Price = taphoa.Some(taphoa.Dong(-1)) }), "price"},
			{"huge price", "price", one(func(l *detail) { l.Price = taphoa.Some(taphoa.Money(int64(1<<63 - 1))) }), "price"},
			{"above the largest price", "price", one(func(l *detail) { l.Price = taphoa.Some(taphoa.MoneyMax + 0.0001*taphoa.Scale) }), "price"},
			{"discount above price", "discount", one(func(l *detail) { l.Discount = taphoa.Some(taphoa.Dong(1_001)) }), "discount"},
			{"negative discount", "discount", one(func(l *detail) { l.Discount = taphoa.Some(taphoa.Dong(-1)) }), "discount"},
			{"discount of 101 %", "discount", one(func(l *detail) { l.DiscountRatio = taphoa.Some(taphoa.Ratio(101)) }), "discountRatio"},
			{"document discount", "discount", more(func(i *in) { i.Discount = taphoa.Some(taphoa.Dong(1_001)) }), "1000"},
			{"negative document discount", "discount", more(func(i *in) { i.Discount = taphoa.Some(taphoa.Dong(-1)) }), "discount"},
			{"document discount of 101 %", "discountRatio", more(func(i *in) { i.DiscountRatio = taphoa.Some(taphoa.Ratio(101)) }), "100%"},
			{"negative expense", "surcharges", more(func(i *in) { i.Surcharges = []taphoa.PurchaseSurchargeIn{{Value: taphoa.Some(taphoa.Dong(-1))}} }), "value"},
			{"expense of 101 %", "surcharges", more(func(i *in) { i.Surcharges = []taphoa.PurchaseSurchargeIn{{ValueRatio: taphoa.Some(taphoa.Ratio(101))}} }), "valueRatio"},
			{"huge expense", "total", more(func(i *in) {
				i.Surcharges = []taphoa.PurchaseSurchargeIn{{Value: taphoa.Some(taphoa.Money(int64(1<<63 - 1)))}}
			}), "total"},
			{"huge cost of little", "total", in{
				PurchaseOrderDetails: []detail{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some[taphoa.Quantity](0.0001 * taphoa.Scale), Price: taphoa.Some[taphoa.Money](0)}},
				Surcharges:           []taphoa.PurchaseSurchargeIn{{Value: taphoa.Some(taphoa.MoneyMax), IsSupplierExpense: taphoa.Some(false)}},
			}, "total"},
			{"unknown tax", "taxId", more(func(i *in) {
				i.IsApplyPurchaseTax = taphoa.Some(true)
				i.PurchaseOrderDetails[0].ProductTax = &taphoa.ProductTaxIn{TaxID: 987}
			}), "987"},
			{"tax of the other method", "taxId", more(func(i *in) {
				i.IsApplyPurchaseTax = taphoa.Some(true)
				i.PurchaseOrderDetails[0].ProductTax = &taphoa.ProductTaxIn{TaxID: 3}
			}), "phương pháp"},
			{"negative payment", "paidAmount", more(func(i *in) { i.PaidAmount = taphoa.Some(taphoa.Dong(-1)) }), "paidAmount"},
			{"huge payment", "total", more(func(i *in) { i.PaidAmount = taphoa.Some(taphoa.Money(int64(1<<63 - 1))) }), "total"},
			{"payment by voucher", "paymentMethod", more(func(i *in) { i.PaidAmount = taphoa.Some(taphoa.Dong(1)); i.PaymentMethod = taphoa.Some("Voucher") }), "Cash"},
			{"payment by shell", "paymentMethod", more(func(i *in) { i.PaidAmount = taphoa.Some(taphoa.Dong(1)); i.PaymentMethod = taphoa.Some("Shell") }), "Shell"},
			{"payment of nothing", "payments.amount", more(func(i *in) { i.Payments = []taphoa.PurchasePaymentInput{{}} }), "lớn hơn 0"},
			{"unknown account", "accountId", more(func(i *in) {
				i.PaidAmount, i.PaymentMethod, i.AccountID = taphoa.Some(taphoa.Dong(1)), taphoa.Some("Card"), taphoa.Some[int64](987)
			}), "987"},
			{"no serials", "serialNumbers", one(func(l *detail) { l.ProductID = taphoa.Some(s.phones) }), "DT"},
			{"a serial twice", "serialNumbers", one(func(l *detail) {
				l.ProductID, l.Quantity, l.SerialNumbers = taphoa.Some(s.phones), taphoa.Some(taphoa.Units(2)), []string{"A", "A"}
			}), "lặp lại"},
			{"a serial on two lines", "serialNumbers", in{PurchaseOrderDetails: []detail{
				{ProductID: taphoa.Some(s.phones), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some[taphoa.Money](0), SerialNumbers: []string{"A"}},
				{ProductID: taphoa.Some(s.phones), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some[taphoa.Money](0), SerialNumbers: []string{"A"}},
			}}, "lặp lại"},
			{"a serial without end", "serialNumbers", one(func(l *detail) {
				l.ProductID, l.SerialNumbers = taphoa.Some(s.phones), []string{strings.Repeat("x", 126)}
			}), "125"},
			{"half a phone", "serialNumbers", one(func(l *detail) {
				l.ProductID, l.Quantity, l.SerialNumbers = taphoa.Some(s.phones), taphoa.Some[taphoa.Quantity](0.5*taphoa.Scale), []string{"A"}
			}), "0.5"},
			{"no batch", "productBatchExpire", one(func(l *detail) { l.ProductID = taphoa.Some(s.milk) }), "batchName"},
			{"a batch without expiry", "productBatchExpire", one(func(l *detail) {
				l.ProductID, l.ProductBatchExpire = taphoa.Some(s.milk), &taphoa.PurchaseBatchInput{BatchName: taphoa.Some("L1")}
			}), "expireDate"},
			{"another's batch", "productBatchExpireId", one(func(l *detail) {
				l.ProductID, l.ProductBatchExpire = taphoa.Some(s.milk), &taphoa.PurchaseBatchInput{ID: taphoa.Some[int64](987)}
			}), "987"},
		} {
			t.Run(c.name, func(t *testing.T) {
				s.t = t
				s.refused(c.field, s.creating(c.in, nil), c.word)
			})
		}
		s.t = t
		s.expect("after all refusals", 0, 0, 0)
		if got := s.buy(in{PurchaseOrderDetails: good}).Code; got != "PN000001" {
			t.Errorf("refused purchases have used up codes: the first is %s", got)
		}
	})
}

// TestPurchasesComeToWholeAmounts: 0.345 kg at 145,500 are 50,198 for the supplier, too, and 7 % leaves the same on a line
// and on the document.
func TestPurchasesComeToWholeAmounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		grams := line(s.coffee, 1, 145_500)
		grams.Quantity = taphoa.Some[taphoa.Quantity](0.345 * taphoa.Scale)
		o := s.buy(taphoa.PurchaseOrderInput{
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{grams}, PaidAmount: taphoa.Some[taphoa.Money](50_197.5 * taphoa.Scale),
			Surcharges: []taphoa.PurchaseSurchargeIn{{Name: taphoa.Some("Bốc xếp"), Value: taphoa.Some[taphoa.Money](999.5 * taphoa.Scale), IsSupplierExpense: taphoa.Some(false)}},
		})
		if o.Total != taphoa.Dong(50_198) || o.TotalPayment != taphoa.Dong(50_198) || o.ExReturnThirdParty.Value != taphoa.Dong(1_000) {
			t.Errorf("it comes to %v, %v are paid, %v for others", o.Total, o.TotalPayment, o.ExReturnThirdParty.Value)
		}
		for _, c := range []struct{ price, percent, left int64 }{{16_650, 7, 15_485}, {150, 1, 149}} {
			ratio := taphoa.Some(taphoa.Ratio(c.percent))
			ofLine := line(s.coffee, 1, c.price)
			ofLine.DiscountRatio = ratio
			a := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{ofLine}})
			b := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 1, c.price)}, DiscountRatio: ratio})
			if a.Total != taphoa.Dong(c.left) || b.Total != taphoa.Dong(c.left) {
				t.Errorf("%d %% off %d leaves %v by the line and %v by the document, want %d", c.percent, c.price, a.Total, b.Total, c.left)
			}
		}
	})
}

// TestWhatASupplierIsPaidIsDatedLikeTheReceipt of the goods; what is paid on a draft later is of its own day.
func TestWhatASupplierIsPaidIsDatedLikeTheReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		now := clock.Now()
		october := now.Add(-34 * 24 * time.Hour)
		dated := func(when string, o taphoa.PurchaseOrder, want ...taphoa.Time) {
			t.Helper()
			for i, p := range s.get(o.ID).Payments {
				if i >= len(want) || p.TransDate != want[i] {
					t.Errorf("%s: payment %d is dated %v, want %v", when, i+1, p.TransDate, want)
				}
			}
		}
		lines := []taphoa.PurchaseOrderDetailIn{line(s.coffee, 2, 10_000)}
		own := taphoa.PurchasePaymentInput{Amount: taphoa.Dong(1_000), Method: "Cash", TransDate: taphoa.Some(october.Add(time.Hour))}
		o := s.buy(taphoa.PurchaseOrderInput{
			PurchaseOrderDetails: lines, PurchaseDate: taphoa.Some(october), PaidAmount: taphoa.Some(taphoa.Dong(5_000)),
			Payments: []taphoa.PurchasePaymentInput{own}, IsDraft: taphoa.Some("true"),
		})
		dated("a draft of October", o, october, october.Add(time.Hour))
		moved := october.Add(24 * time.Hour)
		s.write(s.changing(o.ID, taphoa.PurchaseOrderInput{PurchaseDate: taphoa.Some(moved), PaidAmount: taphoa.Some(taphoa.Dong(16_000))}, nil))
		dated("it is moved, and more is paid", o, moved, october.Add(time.Hour), now)
		s.balanced(stock.Limits{})
	})
}

// TestAnExplicitDiscountOfADraftStays when it is completed, whatever ratio a client sends beside it; one by ratio follows.
func TestAnExplicitDiscountOfADraftStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		two := []taphoa.PurchaseOrderDetailIn{line(s.coffee, 2, 50_000)}
		for _, c := range []struct {
			discount taphoa.Opt[taphoa.Money]
			ratio    int64
			total    int64 // when it is doubled
		}{{taphoa.Some(taphoa.Dong(5_000)), 0, 195_000}, {taphoa.Some(taphoa.Dong(5_000)), 10, 195_000}, {taphoa.Opt[taphoa.Money]{}, 10, 180_000}} {
			o := s.buy(taphoa.PurchaseOrderInput{
				IsDraft: taphoa.Some("true"), PurchaseOrderDetails: two, Discount: c.discount, DiscountRatio: taphoa.Some(taphoa.Ratio(c.ratio)),
			})
			var same, doubled taphoa.PurchaseOrder
			s.write(s.changing(o.ID, taphoa.PurchaseOrderInput{Description: taphoa.Some("x")}, &same))
			four := []taphoa.PurchaseOrderDetailIn{line(s.coffee, 4, 50_000)}
			s.write(s.changing(o.ID, taphoa.PurchaseOrderInput{PurchaseOrderDetails: four, Status: taphoa.Some("3")}, &doubled))
			if same.Total != o.Total || doubled.Total != taphoa.Dong(c.total) {
				t.Errorf("discount %v, ratio %d: the draft is %v, then %v, doubled %v", c.discount.Value, c.ratio, o.Total, same.Total, doubled.Total)
			}
		}
	})
}
