package supply_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// ordered is a line of an order to a supplier.
func ordered(product, quantity, price int64) taphoa.OrderSupplierDetailInput {
	return taphoa.OrderSupplierDetailInput{
		ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(price)),
	}
}

func (s *testShop) orderInput(status int64, lines ...taphoa.OrderSupplierDetailInput) *taphoa.OrderSupplierInput {
	return &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(s.branches[0]), Status: taphoa.Some(status), Details: lines,
		Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("NCC1"), Name: taphoa.Some("Nhà cung cấp một")},
	}
}

func (s *testShop) orderFrom(in *taphoa.OrderSupplierInput) (o taphoa.OrderSupplier) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		result, err := supply.CreateOrderSupplier(tx, in)
		if err == nil {
			o = result.Data[0]
		}
		return err
	})
	return o
}

func (s *testShop) placed(id int64) (o taphoa.OrderSupplier) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		result, err := supply.GetOrderSupplier(tx, &taphoa.ByID{ID: id})
		if err == nil {
			o = result.Data[0]
		}
		return err
	})
	return o
}

func reorder(id int64, in taphoa.OrderSupplierInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.UpdateOrderSupplier(tx, &taphoa.OrderSupplierUpdate{ByID: taphoa.ByID{ID: id}, OrderSupplierInput: in})
		return err
	}
}

func cancel(id int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.DeleteOrderSupplier(tx, &taphoa.ByID{ID: id})
		return err
	}
}

// receive creates a purchase order of an order to a supplier.
func (s *testShop) receive(order int64, draft bool, lines ...taphoa.PurchaseOrderDetailIn) (p *taphoa.PurchaseOrder) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		in := &taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(order), PurchaseOrderDetails: lines}
		if draft {
			in.IsDraft = taphoa.Some("true")
		}
		p, err = supply.CreatePurchaseOrder(tx, in)
		return err
	})
	return p
}

func bought(product, quantity, price int64) taphoa.PurchaseOrderDetailIn {
	return taphoa.PurchaseOrderDetailIn{
		ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(price)),
	}
}

func unbuy(id int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.DeletePurchaseOrder(tx, &taphoa.PurchaseOrderDelete{ID: id})
		return err
	}
}

// checkOnOrder checks the quantities of a product on order and on hand in the first branch.
func (s *testShop) checkOnOrder(when string, product, onOrder, onHand int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{product}, []int64{s.branches[0]})
		level := stock.Level{}
		if len(levels) > 0 {
			level = levels[0]
		}
		if level.OnOrder != taphoa.Units(onOrder) || level.OnHand != taphoa.Units(onHand) {
			s.t.Errorf("%s: %v on order and %v there, want %d and %d", when, level.OnOrder, level.OnHand, onOrder, onHand)
		}
		return err
	})
	s.balanced()
}

func (s *testShop) checkStatus(when string, id, status int64, codes string) {
	s.t.Helper()
	if o := s.placed(id); o.Status != status || o.PurchaseOrderCodes.Or("") != codes || o.ToComplete != (status == taphoa.OrderSupplierCompleted) {
		s.t.Errorf("%s: status %d (%s), purchase orders %q; want %d and %q", when, o.Status, o.StatusValue, o.PurchaseOrderCodes.Or(""), status, codes)
	}
}

func TestAnOrderIsReceivedInPartsAndVoidingThemOpensItAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		can := s.product("LON", nil)
		crate := s.product("THUNG", func(in *taphoa.ProductInput) {
			in.Unit, in.MasterUnitID, in.ConversionValue = taphoa.Some("thùng"), taphoa.Some(can), taphoa.Some(taphoa.Units(24))
		})
		sugar := s.product("DUONG", nil)
		o := s.orderFrom(s.orderInput(1, ordered(crate, 2, 192_000), ordered(can, 6, 9_000), ordered(sugar, 10, 7_000)))
		if o.Code != "PDN000001" || o.StatusValue != "Đã xác nhận NCC" || o.Total != taphoa.Dong(384_000+54_000+70_000) || o.SupplierCode.Value != "NCC1" {
			t.Errorf("%+v", o)
		}
		s.checkOnOrder("ordered", can, 54, 0)
		s.checkOnOrder("ordered", sugar, 10, 0)

		first := s.receive(o.ID, false, bought(crate, 2, 192_000), bought(sugar, 4, 7_000))
		if first.OrderSupplierCode.Value != o.Code || first.SupplierCode.Value != "NCC1" || first.BranchID != s.branches[0] {
			t.Errorf("%+v", first)
		}
		s.checkOnOrder("received in part", can, 6, 48)
		s.checkOnOrder("received in part", sugar, 6, 4)
		s.checkStatus("received in part", o.ID, taphoa.OrderSupplierPartly, "PN000001")

		draft := s.receive(o.ID, true, bought(can, 10, 9_000), bought(sugar, 6, 7_000))
		s.checkOnOrder("a draft brings nothing", can, 6, 48)
		s.write(func(tx *db.Tx) error {
			_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{
				ByID: taphoa.ByID{ID: draft.ID}, PurchaseOrderInput: taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("false")},
			})
			return err
		})
		s.checkOnOrder("more than was ordered has come", can, 0, 58)
		s.checkStatus("all was received", o.ID, taphoa.OrderSupplierCompleted, "PN000001,PN000002")
		s.refusedLike("id", "đã hoàn thành", cancel(o.ID))
		s.refusedLike("orderSupplierId", "Hoàn thành", func(tx *db.Tx) error {
			_, err := supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{
				OrderSupplierCode: taphoa.Some("pdn000001"), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(can, 1, 1)},
			})
			return err
		})

		s.write(unbuy(first.ID))
		s.checkOnOrder("the first is voided", can, 44, 10)
		s.checkOnOrder("the first is voided", sugar, 4, 6)
		s.checkStatus("the first is voided", o.ID, taphoa.OrderSupplierPartly, "PN000002")
		s.write(unbuy(draft.ID))
		s.checkOnOrder("both are voided", can, 54, 0)
		s.checkStatus("both are voided", o.ID, taphoa.OrderSupplierConfirmed, "")
		s.write(cancel(o.ID))
		s.write(cancel(o.ID))
		s.checkOnOrder("the order is voided", can, 0, 0)
		s.checkStatus("the order is voided", o.ID, taphoa.OrderSupplierVoided, "")
		s.refusedLike("status", "Đã hủy", reorder(o.ID, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](1)}))
	})
}

func TestAnOrderIsWorkedOutLikeThePurchaseThatReceivesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar := s.product("TRA", nil), s.product("DUONG", nil)
		in := s.orderInput(0, ordered(tea, 10, 10_000), ordered(sugar, 10, 30_000))
		in.Details[0].Discount = taphoa.Some(taphoa.Dong(1_000)) // 90,000
		in.Details[1].Taxes = []taphoa.TaxWrite{{TaxID: 6}}
		in.DiscountRatio, in.IsApplyPurchaseTax = taphoa.Some(taphoa.Ratio(10)), taphoa.Some(true)
		in.Expenses = []taphoa.OrderSupplierExpenseInput{
			{Code: taphoa.Some("XE"), Name: taphoa.Some("Vận chuyển"), Price: taphoa.Some(taphoa.Dong(39_000))},
			{Name: taphoa.Some("Bốc xếp"), Form: taphoa.Some[int64](0), ValueRatio: taphoa.Some(taphoa.Ratio(1))},
		}
		o := s.orderFrom(in)
		// 390,000 - 39,000 discount (9,000 and 30,000) + 1% tax on 270,000 + 39,000 freight (9,000 and 30,000); 1% of 351,000 to others
		if got, want := fmt.Sprint(o.SubTotal, o.Discount.Value, o.TotalTax.Value, o.ExReturnSuppliers.Value, o.ExReturnThirdParty.Value, o.Total),
			"390000 39000 2700 39000 3510 392700"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		for i, want := range []string{"1000 9000 9000 810 90000", "0 30000 30000 2700 300000"} {
			l := o.Details[i]
			if got := fmt.Sprint(l.Discount, l.Allocation, l.AllocationSuppliers, l.AllocationThirdParty, l.SubTotal); got != want {
				t.Errorf("line %d: %s, want %s", i+1, got, want)
			}
		}
		if e := o.Expenses; len(e) != 2 || e[0].Form != 1 || e[1].Form != 0 || e[1].ExValue.Value != taphoa.Dong(1) || e[1].Price != taphoa.Dong(3_510) {
			t.Errorf("%+v", e)
		}
		if o.TotalQuantity != taphoa.Units(20) || o.TotalProductType != 2 || o.Details[1].Taxes[0].DetailTax.Value != taphoa.Dong(2_700) {
			t.Errorf("%+v", o)
		}
		s.checkOnOrder("a draft expects nothing", tea, 0, 0)
		s.write(reorder(o.ID, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](1), Discount: taphoa.Some(taphoa.Dong(0))}))
		o = s.placed(o.ID)
		if o.Total != taphoa.Dong(390_000+3_000+39_000) || len(o.Details) != 2 || o.ExReturnThirdParty.Value != taphoa.Dong(3_900) {
			t.Errorf("without a discount: %v, %v", o.Total, o.ExReturnThirdParty)
		}
		s.checkOnOrder("confirmed", tea, 10, 0)
		s.write(reorder(o.ID, taphoa.OrderSupplierInput{Details: []taphoa.OrderSupplierDetailInput{ordered(sugar, 3, 30_000)}}))
		s.checkOnOrder("changed", tea, 0, 0)
		s.checkOnOrder("changed", sugar, 3, 0)
		s.receive(o.ID, false, bought(sugar, 1, 30_000))
		s.refusedLike("orderSupplierDetails", "đã nhập một phần", reorder(o.ID, taphoa.OrderSupplierInput{Details: in.Details}))
		s.write(reorder(o.ID, taphoa.OrderSupplierInput{Description: taphoa.Some("Còn thiếu 2"), Status: taphoa.Some[int64](3)}))
		s.checkOnOrder("completed by a request", sugar, 0, 1)
		s.checkStatus("completed by a request", o.ID, taphoa.OrderSupplierCompleted, "PN000001")
		if o = s.placed(o.ID); o.SupplierDebt != taphoa.Dong(30_000) || o.SupplierOldDebt != 0 {
			t.Errorf("owed %v, before %v", o.SupplierDebt, o.SupplierOldDebt)
		}
	})
}

func TestOrdersThatMakeNoSenseAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		gift := s.product("GOI", func(in *taphoa.ProductInput) { in.Type = taphoa.Some(taphoa.ProductService) })
		for _, c := range []struct {
			field, words string
			change       func(*taphoa.OrderSupplierInput)
		}{
			{"branchId", "không được để trống", func(in *taphoa.OrderSupplierInput) { in.BranchID = taphoa.Opt[int64]{} }},
			{"branchId", "không tồn tại", func(in *taphoa.OrderSupplierInput) { in.BranchID.Value = 999 }},
			{"status", "không hợp lệ", func(in *taphoa.OrderSupplierInput) { in.Status.Value = 2 }},
			{"status", "không hợp lệ", func(in *taphoa.OrderSupplierInput) { in.Status.Value = -1 }},
			{"supplierId", "không tồn tại", func(in *taphoa.OrderSupplierInput) { in.Supplier, in.SupplierID = nil, taphoa.Some[int64](999) }},
			{"userId", "không tồn tại", func(in *taphoa.OrderSupplierInput) { in.UserID = taphoa.Some[int64](999) }},
			{"orderSupplierDetails", "từ 1 đến 1000", func(in *taphoa.OrderSupplierInput) { in.Details = nil }},
			{"orderSupplierDetails", "từ 1 đến 1000", func(in *taphoa.OrderSupplierInput) { in.Details = make([]taphoa.OrderSupplierDetailInput, 1001) }},
			{"productCode", "không tồn tại", func(in *taphoa.OrderSupplierInput) { in.Details[0].ProductID.Value = 999 }},
			{"productCode", "dịch vụ", func(in *taphoa.OrderSupplierInput) { in.Details[0].ProductID.Value = gift }},
			{"quantity", "lớn hơn 0", func(in *taphoa.OrderSupplierInput) { in.Details[0].Quantity.Value = 0 }},
			{"quantity", "không quá", func(in *taphoa.OrderSupplierInput) {
				in.Details[0].Quantity.Value, in.Details[0].Price.Value = taphoa.QuantityMax+0.0001*taphoa.Scale, 0
			}},
			{"price", "từ 0 đến", func(in *taphoa.OrderSupplierInput) { in.Details[0].Price.Value = -0.0001 * taphoa.Scale }},
			{"discount", "từ 0 đến", func(in *taphoa.OrderSupplierInput) { in.Discount = taphoa.Some(taphoa.Dong(-1)) }},
			{"expensesOtherName", "cần có tên", func(in *taphoa.OrderSupplierInput) {
				in.Expenses = []taphoa.OrderSupplierExpenseInput{{Price: taphoa.Some(taphoa.Dong(1))}}
			}},
		} {
			s.refusedLike(c.field, c.words, func(tx *db.Tx) error {
				in := s.orderInput(1, ordered(tea, 1, 1_000))
				c.change(in)
				_, err := supply.CreateOrderSupplier(tx, in)
				return err
			})
		}
		first := s.orderInput(0, ordered(tea, 1, 1_000))
		first.Code = taphoa.Some("DAT-1")
		o := s.orderFrom(first)
		s.refusedLike("code", "đã tồn tại", func(tx *db.Tx) error { _, err := supply.CreateOrderSupplier(tx, first); return err })
		s.refusedLike("", "không tồn tại", cancel(4711))
		purchase := func(in taphoa.PurchaseOrderInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				in.PurchaseOrderDetails = []taphoa.PurchaseOrderDetailIn{bought(tea, 1, 1)}
				_, err := supply.CreatePurchaseOrder(tx, &in)
				return err
			}
		}
		s.refusedLike("orderSupplierId", "Phiếu tạm", purchase(taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(o.ID)}))
		s.refusedLike("", "không tồn tại", purchase(taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some[int64](4711)}))
		s.refusedLike("orderSupplierCode", "không tồn tại", purchase(taphoa.PurchaseOrderInput{OrderSupplierCode: taphoa.Some("X")}))
		s.write(reorder(o.ID, taphoa.OrderSupplierInput{IsDraft: taphoa.Some(false)}))
		s.refusedLike("branchId", "chi nhánh khác", purchase(taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(o.ID), BranchID: taphoa.Some(s.branches[1])}))
	})
}

func TestOrdersAreFoundByEveryFilterInTheirShopAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar := s.product("TRA", nil), s.product("DUONG", nil)
		var lan int64
		s.write(func(tx *db.Tx) error {
			user, err := org.CreateUser(tx, &taphoa.UserInput{UserName: "lan", GivenName: "Nguyễn Thị Lan"})
			lan = user.ID
			return err
		})
		one := s.orderFrom(s.orderInput(0, ordered(tea, 1, 1_000)))
		in := s.orderInput(1, ordered(sugar, 2, 1_000))
		in.BranchID, in.UserID, in.Description = taphoa.Some(s.branches[1]), taphoa.Some(lan), taphoa.Some("Giao buổi Sáng")
		in.Supplier = &taphoa.DocumentSupplier{Code: taphoa.Some("NCC2"), Name: taphoa.Some("Đường Biên Hòa")}
		in.Expenses = []taphoa.OrderSupplierExpenseInput{{Code: taphoa.Some("XE"), Price: taphoa.Some(taphoa.Dong(1))}}
		two := s.orderFrom(in)
		in.Code = taphoa.Some("DAT-3")
		three := s.orderFrom(in)
		if two.Expenses[0].ExpensesOtherID != three.Expenses[0].ExpensesOtherID {
			t.Error("one sort of expense has two ids")
		}
		s.receive(three.ID, false, bought(sugar, 2, 1_000))
		text := taphoa.Some[string]
		for _, c := range []struct {
			name  string
			query taphoa.OrderSupplierQuery
			want  []int64
		}{
			{"all", taphoa.OrderSupplierQuery{}, []int64{one.ID, two.ID, three.ID}},
			{"drafts", taphoa.OrderSupplierQuery{Status: []int64{0}}, []int64{one.ID}},
			{"drafts, as others know them", taphoa.OrderSupplierQuery{Status: []int64{5}}, []int64{one.ID}},
			{"completed", taphoa.OrderSupplierQuery{Status: []int64{3}}, []int64{three.ID}},
			{"branch", taphoa.OrderSupplierQuery{BranchID: taphoa.Some(s.branches[0])}, []int64{one.ID}},
			{"product code", taphoa.OrderSupplierQuery{ProductKey: text("duong")}, []int64{two.ID, three.ID}},
			{"product name", taphoa.OrderSupplierQuery{ProductKey: text("Hàng TRA")}, []int64{one.ID}},
			{"supplier code", taphoa.OrderSupplierQuery{SupplierKey: text("ncc1")}, []int64{one.ID}},
			{"supplier name", taphoa.OrderSupplierQuery{SupplierKey: text("bien hoa")}, []int64{two.ID, three.ID}},
			{"user", taphoa.OrderSupplierQuery{UserKey: text("thị lan")}, []int64{two.ID, three.ID}},
			{"creator", taphoa.OrderSupplierQuery{CreatorKey: text("lan")}, nil},
			{"expenses", taphoa.OrderSupplierQuery{ExpensesOthersIDs: []int64{0, two.Expenses[0].ExpensesOtherID}}, []int64{two.ID, three.ID}},
			{"unknown expenses", taphoa.OrderSupplierQuery{ExpensesOthersIDs: []int64{1 << 40}}, nil},
			{"note", taphoa.OrderSupplierQuery{DescriptionKey: text("buoi sang")}, []int64{two.ID, three.ID}},
			{"code", taphoa.OrderSupplierQuery{CodeKey: text("dat")}, []int64{three.ID}},
			{"purchase order", taphoa.OrderSupplierQuery{PurchaseOrderCode: text("pn000001")}, []int64{three.ID}},
		} {
			c.query.Clamp(100)
			s.read(func(tx *db.Tx) error {
				page, err := supply.ListOrderSuppliers(tx, &c.query)
				var got []int64
				for _, o := range page.Data {
					got = append(got, o.ID)
				}
				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("%s: %v, want %v", c.name, got, c.want)
				}
				return err
			})
		}
		s.write(func(tx *db.Tx) error {
			if _, err := org.CreateShop(tx, "hangxom", "Hàng xóm"); err != nil {
				return err
			}
			page, err := supply.ListOrderSuppliers(tx, &taphoa.OrderSupplierQuery{Paging: taphoa.Paging{PageSize: 10}})
			if page.Total != 0 {
				t.Errorf("the neighbour sees %d orders", page.Total)
			}
			if err == nil {
				_, err = supply.GetOrderSupplier(tx, &taphoa.ByID{ID: one.ID})
			}
			if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != taphoa.KindNotFound {
				t.Errorf("the other shop gets %v", err)
			}
			return nil
		})
	})
}

// orderClient is one of several clients that order, receive and void concurrently.
type orderClient struct {
	*testShop
	random            *rand.Rand
	goods             []int64
	orders, purchases []int64
}

func (c *orderClient) act() {
	var lines []taphoa.OrderSupplierDetailInput
	var details []taphoa.PurchaseOrderDetailIn
	for range c.random.IntN(3) + 1 {
		product := c.goods[c.random.IntN(len(c.goods))]
		lines = append(lines, ordered(product, c.random.Int64N(9)+1, 1_000))
	}
	for _, product := range c.goods[c.random.IntN(2):] { // all of it, or some
		details = append(details, bought(product, c.random.Int64N(30)+1, 1_000))
	}
	pick := func(from []int64) int64 {
		if len(from) == 0 {
			return 0
		}
		return from[c.random.IntN(len(from))]
	}
	order, purchase, choice := pick(c.orders), pick(c.purchases), c.random.IntN(8)
	in := c.orderInput(c.random.Int64N(2), lines...)
	var madeOrder, madePurchase int64
	err := c.d.Write(c.t.Context(), c.who, func(tx *db.Tx) error {
		madeOrder, madePurchase = 0, 0
		switch {
		case choice < 2 || order == 0:
			result, err := supply.CreateOrderSupplier(tx, in)
			if err == nil {
				madeOrder = result.ID
			}
			return err
		case choice == 2:
			return reorder(order, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](1), Details: lines})(tx)
		case choice == 3:
			return cancel(order)(tx)
		case choice == 4 && purchase != 0:
			return unbuy(purchase)(tx)
		default:
			p, err := supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(order), PurchaseOrderDetails: details})
			if err == nil {
				madePurchase = p.ID
			}
			return err
		}
	})
	if refusal := (*taphoa.Error)(nil); err != nil && !errors.As(err, &refusal) {
		c.t.Error(err)
	}
	if err == nil && madeOrder != 0 {
		c.orders = append(c.orders, madeOrder)
	}
	if err == nil && madePurchase != 0 {
		c.purchases = append(c.purchases, madePurchase)
	}
}

// TestWhatIsOnOrderIsWhatOrdersAwaitUnderEightClients lets eight clients work on the same orders.
func TestWhatIsOnOrderIsWhatOrdersAwaitUnderEightClients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		goods := []int64{s.product("A", nil), s.product("B", nil), s.product("C", nil)}
		s.write(func(tx *db.Tx) error {
			_, err := party.CreateSupplier(tx, &taphoa.SupplierInput{Code: taphoa.Some("NCC1"), Name: taphoa.Some("Nhà cung cấp một")})
			return err
		})
		shared := make([]int64, 4)
		for i := range shared {
			shared[i] = s.orderFrom(s.orderInput(1, ordered(goods[0], 20, 1_000), ordered(goods[i%3], 20, 1_000))).ID
		}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				c := orderClient{testShop: s, random: rand.New(rand.NewPCG(9, uint64(i))), goods: goods, orders: append([]int64{}, shared...)}
				for range 20 {
					c.act()
				}
			})
		}
		group.Wait()
		s.balanced()
		s.read(func(tx *db.Tx) error {
			page, err := supply.ListOrderSuppliers(tx, &taphoa.OrderSupplierQuery{Paging: taphoa.Paging{PageSize: 1000}})
			seen := map[int64]int{}
			for _, o := range page.Data {
				seen[o.Status]++
			}
			for status := range int64(5) {
				if seen[status] == 0 {
					t.Errorf("no order of status %d in %v", status, seen)
				}
			}
			return err
		})
	})
}

// TestCheckFindsWhatIsBroken breaks the package's own invariants by statements.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 1_000)
		s.create(s.transfer(2, of(tea, 5)))
		o := s.orderFrom(s.orderInput(1, ordered(tea, 20, 1_000)))
		s.receive(o.ID, false, bought(tea, 5, 1_000))
		s.balanced()
		undo := errors.New("undo")
		for _, broken := range []string{
			`UPDATE transfers SET status = 3 WHERE retailer_id = :retailer`,
			`UPDATE order_suppliers SET status = 3 WHERE retailer_id = :retailer`,
			`UPDATE order_supplier_lines SET base_quantity = base_quantity + 1 WHERE retailer_id = :retailer`,
			`DELETE FROM stock_awaited WHERE retailer_id = :retailer`,
		} {
			err := d.Write(t.Context(), s.who, func(tx *db.Tx) error {
				if _, err := tx.Exec(broken); err != nil {
					return err
				}
				findings, err := supply.Check(tx)
				if err == nil && len(findings) == 0 {
					t.Errorf("nothing found after %s", broken)
				}
				return errors.Join(undo, err)
			})
			if !errors.Is(err, undo) {
				t.Error(err)
			}
		}
	})
}
