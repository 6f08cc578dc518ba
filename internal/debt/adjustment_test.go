package debt_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// adjusting is a shop whose partners owed before it used the program. Coffee costs 50,000.
type adjusting struct {
	t                  *testing.T
	d                  *db.DB
	clock              *dbtest.Clock
	who                db.Actor
	branch, coffee     int64
	customer, supplier int64
}

func openAdjusting(t *testing.T, d *db.DB, clock *dbtest.Clock) *adjusting {
	t.Helper()
	s := &adjusting{t: t, d: d, clock: clock}
	err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
		if err != nil {
			return err
		}
		s.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		branches, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 10}})
		s.branch = branches.Data[0].ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.coffee = adjust(s, catalog.CreateProduct, &taphoa.ProductInput{
		Name: taphoa.Some("Cà phê"), Code: taphoa.Some("CF"), BasePrice: dong(50_000),
		Inventories: []taphoa.InventoryInput{{BranchID: s.branch, OnHand: taphoa.Some(taphoa.Units(100)), Cost: dong(30_000)}},
	}).ID
	s.customer = adjust(s, party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some("Đại lý Hoa")}).ID
	s.supplier = adjust(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Kho Bia")}).ID
	return s
}

func dong(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }

// adjust runs an operation that must succeed, a second after the last one.
func adjust[In, Out any](s *adjusting, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.clock.Advance(1)
	err := s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *adjusting) of(partnerType string, in taphoa.DebtAdjustmentInput) *taphoa.DebtAdjustmentInput {
	in.PartnerType, in.PartnerID = taphoa.Some(partnerType), taphoa.Some(s.customer)
	if partnerType == taphoa.PartnerSupplier {
		in.PartnerID = taphoa.Some(s.supplier)
	}
	return &in
}

func (s *adjusting) add(partnerType string, amount int64) taphoa.DebtAdjustment {
	s.t.Helper()
	return adjust(s, debt.CreateAdjustment, s.of(partnerType, taphoa.DebtAdjustmentInput{Debt: dong(amount)}))
}

func (s *adjusting) void(a taphoa.DebtAdjustment) taphoa.DebtAdjustment {
	s.t.Helper()
	return adjust(s, debt.VoidAdjustment, &taphoa.ByID{ID: a.ID}).DebtAdjustment
}

// sell sells coffee to the customer, of which so much is paid at once.
func (s *adjusting) sell(quantity, paid int64) *taphoa.Invoice {
	s.t.Helper()
	return adjust(s, sales.CreateInvoice, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), TotalPayment: dong(paid),
		InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity))}},
	})
}

// book books a receipt of a partner, or a payment to one.
func (s *adjusting) book(partnerType string, partner, amount int64, documents ...taphoa.PaidDocumentInput) taphoa.CashFlow {
	s.t.Helper()
	return adjust(s, debt.CreateCashFlow, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(s.branch), Amount: dong(amount), PartnerType: taphoa.Some(partnerType), PartnerID: taphoa.Some(partner), Documents: documents,
	})
}

// expect checks what a partner owes, or is owed by the shop for a supplier, and what is left of adjustments and paid of invoices.
func (s *adjusting) expect(when, partnerType string, owed int64, left map[int64]int64, paid map[int64]int64) {
	s.t.Helper()
	err := s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		account, sign := cash.Customer(s.customer), int64(1)
		if partnerType == taphoa.PartnerSupplier {
			account, sign = cash.Supplier(s.supplier), -1
		}
		if now, err := cash.Debt(tx, account); err != nil || now != taphoa.Dong(sign*owed) {
			s.t.Errorf("%s: the debt is %v (%v), want %d", when, now, err, sign*owed)
		}
		for id, want := range left {
			if a, err := cash.GetAdjustment(tx, &taphoa.ByID{ID: id}); err != nil || a.Left != taphoa.Dong(want) {
				s.t.Errorf("%s: of %s %v is left (%v), want %d", when, a.Code, a.Left, err, want)
			}
		}
		for id, want := range paid {
			if v, err := sales.GetInvoice(tx, &taphoa.ByID{ID: id}); err != nil || v.TotalPayment != taphoa.Dong(want) {
				s.t.Errorf("%s: of %s %v is paid (%v), want %d", when, v.Code, v.TotalPayment, err, want)
			}
		}
		findings, err := cash.Check(tx)
		for _, f := range findings {
			s.t.Errorf("%s: %s", when, f)
		}
		open, _, sumErr := db.One[taphoa.Money](tx, `
			SELECT CAST(COALESCE(SUM(open_amount), 0) AS BIGINT) FROM open_items
			WHERE retailer_id = :retailer AND account_type = ? AND account_id = ?`, account.Type, account.ID)
		if open != taphoa.Dong(owed) {
			s.t.Errorf("%s: the documents leave %v open, of a debt of %d", when, open, owed)
		}
		return errors.Join(err, sumErr)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *adjusting) refused(sentence string, in *taphoa.DebtAdjustmentInput) {
	s.t.Helper()
	s.refusedOp(sentence, func(tx *db.Tx) error { _, err := debt.CreateAdjustment(tx, in); return err })
}

func (s *adjusting) refusedOp(sentence string, op func(*db.Tx) error) {
	s.t.Helper()
	var refusal *taphoa.Error
	if err := s.d.Write(s.t.Context(), s.who, op); !errors.As(err, &refusal) || refusal.Message != sentence {
		s.t.Errorf("got %v, want the refusal %q", err, sentence)
	}
}

func (s *adjusting) person() (c taphoa.Customer) {
	s.t.Helper()
	err := s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		page, err := party.ListCustomers(tx, &taphoa.CustomerQuery{IncludeTotal: true, Paging: taphoa.Paging{PageSize: 1}})
		c = page.Data[0]
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestAWholesalerBeginsWithWhatHeOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		opening := adjust(s, debt.CreateAdjustment, s.of("c", taphoa.DebtAdjustmentInput{
			Type: taphoa.Some("Opening"), DocumentDate: taphoa.Some(clock.Now().Day()), Debt: dong(1_200_000), Reason: taphoa.Some(" Sổ cũ "),
		}))
		if opening.Code != "CB000001" || opening.Type != "opening" || opening.PartnerName.Value != "Đại lý Hoa" || opening.Reason.Value != "Sổ cũ" ||
			opening.Left != taphoa.Dong(1_200_000) || opening.StatusValue != "Hoàn thành" || opening.CreatedBy.Value != s.who.User {
			t.Errorf("the opening is %+v", opening)
		}
		v := s.sell(4, 0)
		s.expect("opened", "C", 1_400_000, map[int64]int64{opening.ID: 1_200_000}, map[int64]int64{v.ID: 0})

		half := s.book("C", s.customer, 500_000)
		s.expect("the oldest first", "C", 900_000, map[int64]int64{opening.ID: 700_000}, map[int64]int64{v.ID: 0})
		s.book("C", s.customer, 300_000, taphoa.PaidDocumentInput{Type: "invoice", ID: taphoa.Some(v.ID)}, taphoa.PaidDocumentInput{Type: "adjustment", ID: taphoa.Some(opening.ID)})
		s.expect("both named", "C", 600_000, map[int64]int64{opening.ID: 600_000}, map[int64]int64{v.ID: 200_000})

		next := s.sell(2, 0)
		void := s.void(opening)
		if void.Status != taphoa.AdjustmentVoid || void.StatusValue != "Đã hủy" || void.Debt != taphoa.Dong(1_200_000) || void.Left != 0 {
			t.Errorf("voided it is %+v", void)
		}
		s.expect("void: 600,000 of receipts pay the next invoice", "C", -500_000, map[int64]int64{opening.ID: 0}, map[int64]int64{v.ID: 200_000, next.ID: 100_000})
		if again := s.void(opening); again != void {
			t.Errorf("voided again it is %+v, was %+v", again, void)
		}
		adjust(s, debt.VoidCashFlow, &taphoa.ByID{ID: half.ID})
		s.expect("the receipt is void: 100,000 of the other one are left", "C", 0, nil, map[int64]int64{v.ID: 200_000, next.ID: 100_000})
	})
}

func TestASupplierBeginsWithWhatHeIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		opening := adjust(s, debt.CreateAdjustment, s.of("S", taphoa.DebtAdjustmentInput{Type: taphoa.Some("opening"), Debt: dong(2_000_000)}))
		s.expect("opened", "S", 2_000_000, map[int64]int64{opening.ID: 2_000_000}, nil)
		s.book("S", s.supplier, -500_000)
		rebate := s.add("S", -300_000)
		s.expect("a payment and a rebate", "S", 1_200_000, map[int64]int64{opening.ID: 1_200_000, rebate.ID: 0}, nil)
		s.void(rebate)
		s.expect("no rebate", "S", 1_500_000, map[int64]int64{opening.ID: 1_500_000, rebate.ID: 0}, nil)
		s.void(opening)
		s.expect("no opening", "S", -500_000, map[int64]int64{opening.ID: 0}, nil)
		more := s.add("S", 450_000)
		s.expect("what was paid is credit", "S", -50_000, map[int64]int64{more.ID: 0}, nil)
	})
}

func TestAnAdjustmentSettlesAnInvoiceAndIsSettledByCredit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		v := s.sell(4, 0)
		less := s.add("C", -250_000)
		s.expect("200,000 of it pay the invoice", "C", -50_000, map[int64]int64{less.ID: -50_000}, map[int64]int64{v.ID: 200_000})
		more := s.add("C", 80_000)
		s.expect("50,000 of credit are taken at once", "C", 30_000, map[int64]int64{less.ID: 0, more.ID: 30_000}, map[int64]int64{v.ID: 200_000})
		if shown := adjust(s, cash.GetAdjustment, &taphoa.ByID{ID: less.ID}); !shown.ModifiedDate.Has() || shown.ModifiedDate.Value <= shown.CreatedDate {
			t.Errorf("less is left of it, but it was changed at %v", shown.ModifiedDate)
		}
		s.void(less)
		s.expect("the credit is void", "C", 280_000, map[int64]int64{less.ID: 0, more.ID: 80_000}, map[int64]int64{v.ID: 0})
		s.void(more)
		s.expect("both are void", "C", 200_000, map[int64]int64{more.ID: 0}, map[int64]int64{v.ID: 0})
		if drawer := adjust(s, func(tx *db.Tx, of cash.Account) (taphoa.Money, error) { return cash.Balance(tx, of) }, cash.Drawer(s.branch)); drawer != 0 {
			t.Errorf("%v are in the drawer", drawer)
		}
		if c := s.person(); c.TotalInvoiced.Value != taphoa.Dong(200_000) {
			t.Errorf("%v are invoiced", c.TotalInvoiced.Value)
		}
	})
}

func TestACreditIsPaidOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		credit := s.add("C", -90_000)
		s.book("C", s.customer, -90_000)
		s.expect("paid out", "C", 0, map[int64]int64{credit.ID: 0}, nil)
		s.void(credit)
		s.expect("it was too much", "C", 90_000, map[int64]int64{credit.ID: 0}, nil)
		again := s.add("C", -100_000)
		s.expect("and settles that", "C", -10_000, map[int64]int64{again.ID: -10_000}, nil)
	})
}

func TestPointsAreAddedTakenAndGivenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		points := func(n int64) taphoa.DebtAdjustment {
			t.Helper()
			return adjust(s, debt.CreateAdjustment, s.of("C", taphoa.DebtAdjustmentInput{Points: taphoa.Some(n)}))
		}
		expect := func(when string, has, total int64) {
			t.Helper()
			if c := s.person(); c.RewardPoint != has || c.TotalPoint.Value != total {
				t.Errorf("%s: %d points of %d, want %d of %d", when, c.RewardPoint, c.TotalPoint.Value, has, total)
			}
			s.expect(when, "C", 0, nil, nil)
		}
		card := points(120)
		expect("an old card", 120, 120)
		gift := points(-50)
		expect("a gift", 70, 120)
		s.refused("Khách hàng KH000001 chỉ có 70 điểm, không thể trừ 71 điểm (points)", s.of("C", taphoa.DebtAdjustmentInput{Points: taphoa.Some[int64](-71)}))
		s.refusedOp("Khách hàng KH000001 chỉ còn 70 điểm nên không thể hủy phiếu CB000001 đã cộng 120 điểm", func(tx *db.Tx) error {
			_, err := debt.VoidAdjustment(tx, &taphoa.ByID{ID: card.ID})
			return err
		})
		s.void(gift)
		s.void(gift)
		expect("no gift", 120, 120)
		changed := s.person().ModifiedDate
		s.void(card)
		expect("no card", 0, 0)
		if now := s.person().ModifiedDate; now.Value <= changed.Value {
			t.Errorf("the customer was changed at %v, before at %v", now, changed)
		}
	})
}

func TestOneOpeningADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		open := func(partner string, at taphoa.Time) *taphoa.DebtAdjustmentInput {
			return s.of(partner, taphoa.DebtAdjustmentInput{Type: taphoa.Some("opening"), Debt: dong(1_000), DocumentDate: taphoa.Some(at)})
		}
		today := clock.Now().Day()
		first := adjust(s, debt.CreateAdjustment, open("C", today))
		second := "Khách hàng KH000001 đã có phiếu đầu kỳ CB000001 trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh"
		s.refused(second, open("C", today.Add(time.Second)))
		s.refused(second, open("C", clock.Now()))
		adjust(s, debt.CreateAdjustment, open("C", today.Add(-time.Second)))
		adjust(s, debt.CreateAdjustment, open("S", today))
		s.add("C", 1_000)
		s.void(first)
		adjust(s, debt.CreateAdjustment, open("C", today))
	})
}

func TestAnAdjustmentThatIsNotValidIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		gone := adjust(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Kho Cũ")}).ID
		adjust(s, party.DeleteSupplier, &taphoa.ByID{ID: gone})
		type in = taphoa.DebtAdjustmentInput
		of := func(partner string, id int64) *in {
			return &in{PartnerType: taphoa.Some(partner), PartnerID: taphoa.Some(id), Debt: dong(1)}
		}
		s.refused(`Đối tượng "D" (partnerType) của phiếu điều chỉnh không hợp lệ: dùng C (khách hàng) hoặc S (nhà cung cấp)`, of("d", 1))
		s.refused(`Đối tượng "" (partnerType) của phiếu điều chỉnh không hợp lệ: dùng C (khách hàng) hoặc S (nhà cung cấp)`, &in{Debt: dong(1)})
		s.refused("Phiếu điều chỉnh cần đối tượng (partnerId)", of("C", 0))
		s.refused("Nhà cung cấp 99999 (partnerId) không tồn tại", of("S", 99999))
		s.refused("Nhà cung cấp "+strconv.FormatInt(gone, 10)+" (partnerId) không tồn tại", of("S", gone))
		s.refused("Khách hàng 99999 (partnerId) không tồn tại", of("C", 99999))
		s.refused(`Loại phiếu "closing" (type) không hợp lệ: dùng opening (đầu kỳ) hoặc adjustment (điều chỉnh)`,
			s.of("C", in{Type: taphoa.Some("closing"), Debt: dong(1)}))
		s.refused("Ngày của phiếu điều chỉnh (documentDate) không được sau thời điểm hiện tại",
			s.of("C", in{DocumentDate: taphoa.Some(clock.Now() + 1), Debt: dong(1)}))
		s.refused("Phiếu điều chỉnh cần công nợ (debt) hoặc điểm (points) khác 0", s.of("C", in{}))
		s.refused("Phiếu điều chỉnh cần công nợ (debt) hoặc điểm (points) khác 0", s.of("C", in{Debt: taphoa.Some(taphoa.Dong(1) / 4)}))
		s.refused("Chỉ khách hàng mới có điểm (points)", s.of("S", in{Points: taphoa.Some[int64](1)}))
		s.refused("Công nợ (debt) của phiếu điều chỉnh không được vượt quá "+taphoa.MoneyMax.String(), s.of("C", in{Debt: taphoa.Some(taphoa.MoneyMax + taphoa.Dong(1))}))
		s.refused("Điểm (points) của phiếu điều chỉnh không được vượt quá 1000000000", s.of("C", in{Points: taphoa.Some[int64](1_000_000_001)}))
		s.refusedOp("Phiếu điều chỉnh không tồn tại", func(tx *db.Tx) error { _, err := debt.VoidAdjustment(tx, &taphoa.ByID{ID: 1}); return err })
	})
}
