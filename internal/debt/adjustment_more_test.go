package debt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/schema"
)

// codes lists adjustments.
func (s *adjusting) codes(in taphoa.DebtAdjustmentQuery) string {
	s.t.Helper()
	var codes []string
	in.PageSize = 20
	err := s.d.Read(s.t.Context(), s.who, func(tx *db.Tx) error {
		page, err := cash.ListAdjustments(tx, &in)
		for _, a := range page.Data {
			codes = append(codes, strings.TrimPrefix(a.Code, "CB00000"))
		}
		if page.Total != int64(len(codes)) {
			s.t.Errorf("%d of %d are listed", len(codes), page.Total)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(codes, " ")
}

func TestAdjustmentsAreListedAndTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		today := clock.Now().Day()
		adjust(s, debt.CreateAdjustment, s.of("C", taphoa.DebtAdjustmentInput{Type: taphoa.Some("opening"), Debt: dong(70_000), DocumentDate: taphoa.Some(today.Add(-time.Second))}))
		s.add("S", 30_000)
		s.void(s.add("C", 20_000))
		since := clock.Now()
		s.book("C", s.customer, 10_000) // the opening is settled in part
		since++
		for _, c := range []struct {
			want string
			in   taphoa.DebtAdjustmentQuery
		}{
			{"1 2 3", taphoa.DebtAdjustmentQuery{}},
			{"1 3", taphoa.DebtAdjustmentQuery{PartnerType: []string{"c"}}},
			{"1 2 3", taphoa.DebtAdjustmentQuery{PartnerType: []string{"A"}}},
			{"2", taphoa.DebtAdjustmentQuery{PartnerType: []string{"S"}, PartnerIDs: []int64{s.supplier}}},
			{"", taphoa.DebtAdjustmentQuery{PartnerIDs: []int64{99}}},
			{"1", taphoa.DebtAdjustmentQuery{Type: []string{"Opening"}}},
			{"3", taphoa.DebtAdjustmentQuery{Status: []int64{taphoa.AdjustmentVoid}}},
			{"2 3", taphoa.DebtAdjustmentQuery{FromDocumentDate: taphoa.Some(today)}},
			{"1", taphoa.DebtAdjustmentQuery{ToDocumentDate: taphoa.Some(today)}},
			{"1", taphoa.DebtAdjustmentQuery{LastModifiedFrom: taphoa.Some(since)}},
		} {
			if got := s.codes(c.in); got != c.want {
				t.Errorf("%+v: %q, want %q", c.in, got, c.want)
			}
		}
		for order, want := range map[string]string{
			"left": "3 2 1", "partnerName": "1 3 2", "partnerCode": "1 3 2", "debt": "3 2 1", "statusValue": "1 2 3", "documentDate": "1 2 3",
			"createdBy": "1 2 3", "reason": "1 2 3", "points": "1 2 3", "modifiedDate": "2 3 1",
		} {
			if got := s.codes(taphoa.DebtAdjustmentQuery{Paging: taphoa.Paging{OrderBy: order}}); got != want {
				t.Errorf("by %s: %q, want %q", order, got, want)
			}
		}
		feed := adjust(s, event.Feed, &taphoa.EventQuery{Types: []string{"debtadjustment.update"}, Limit: 100})
		told := []string{`"Left":70000`, `"PartnerCode":"NCC000001"`, `"Left":20000`, `"StatusValue":"Đã hủy"`, `"Left":60000`}
		if len(feed.Data) != len(told) {
			t.Fatalf("told: %+v", feed.Data)
		}
		for i, e := range feed.Data {
			if !strings.Contains(string(e.Data), told[i]) {
				t.Errorf("told %s, want %s", e.Data, told[i])
			}
		}
	})
}

func TestAdjustmentsOfAMergedCustomerAreThoseOfTheOneThatIsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		kept := s.customer
		twin := adjust(s, party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some("Hoa đại lý")}).ID
		s.customer = twin
		old := s.add("C", 40_000)
		gift := adjust(s, debt.CreateAdjustment, s.of("C", taphoa.DebtAdjustmentInput{Points: taphoa.Some[int64](15)}))
		adjust(s, sales.MergeCustomers, &taphoa.CustomerMerge{ByID: taphoa.ByID{ID: kept}, CustomerID: twin})
		more := s.add("C", 5_000) // by the id of before
		s.customer = kept
		for _, id := range []int64{old.ID, gift.ID, more.ID} {
			if a := adjust(s, cash.GetAdjustment, &taphoa.ByID{ID: id}); a.PartnerID != kept || a.PartnerName.Value != "Đại lý Hoa" {
				t.Errorf("%s is of %d, %s", a.Code, a.PartnerID, a.PartnerName.Value)
			}
		}
		if got := s.codes(taphoa.DebtAdjustmentQuery{PartnerIDs: []int64{twin}}); got != "1 2 3" {
			t.Errorf("of the id of before: %q", got)
		}
		s.void(gift)
		if c := s.person(); c.RewardPoint != 0 || c.TotalPoint.Value != 0 {
			t.Errorf("%d points of %d are left", c.RewardPoint, c.TotalPoint.Value)
		}
	})
}

func TestWhoHasOnlyAdjustmentsIsDeletedOnceNothingIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		remove := func(tx *db.Tx) error { _, err := party.DeleteCustomer(tx, &taphoa.ByID{ID: s.customer}); return err }
		a := s.add("C", 40_000)
		s.refusedOp("Khách hàng KH000001 còn nợ 40000 nên không thể xóa, hãy thu nợ trước", remove)
		s.void(a)
		adjust(s, party.DeleteCustomer, &taphoa.ByID{ID: s.customer})
		if shown := adjust(s, cash.GetAdjustment, &taphoa.ByID{ID: a.ID}); shown.PartnerCode.Value != "KH000001" {
			t.Errorf("the adjustment of a deleted customer is %+v", shown)
		}
	})
}

func TestSmallDebtsAreWrittenOffByAdjustments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openAdjusting(t, d, clock)
		half := taphoa.Dong(1) / 2
		v := s.sell(1, 0)
		for partner, amount := range map[string]taphoa.Money{"C": half - taphoa.Dong(50_000), "S": half} { // as it was before amounts were whole
			adjust(s, func(tx *db.Tx, owed taphoa.Money) (bool, error) {
				in := cash.SmallDebt{AccountType: partner, AccountID: s.customer, Balance: -owed}
				if partner == "S" {
					in.AccountID, in.Balance = s.supplier, owed
				}
				return true, debt.WriteOff(tx, []cash.SmallDebt{in})
			}, amount)
		}
		found := adjust(s, cash.SmallDebts, 10)
		if len(found) != 2 || found[0].Balance != half || found[1].Balance.Abs() != half {
			t.Fatalf("small debts: %+v", found)
		}
		adjust(s, func(tx *db.Tx, all []cash.SmallDebt) (bool, error) { return true, debt.WriteOff(tx, all) }, found)
		if left := adjust(s, cash.SmallDebts, 10); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
		s.expect("written off", "C", 0, map[int64]int64{}, map[int64]int64{v.ID: 50_000})
		s.expect("written off", "S", 0, nil, nil)
		last := adjust(s, cash.ListAdjustments, &taphoa.DebtAdjustmentQuery{Paging: taphoa.Paging{PageSize: 10}})
		if a := last.Data[2]; last.Total != 4 || a.Type != "adjustment" || a.Reason.Value != "Xóa nợ lẻ" || a.Debt != -half || a.PartnerType != "C" {
			t.Errorf("%d adjustments, the third is %+v", last.Total, a)
		}
	})
}

// TestWhatWasWrittenOffBeforeHasItsAdjustment: an earlier version has posted a debt of 0.5 of customer 7, one of a supplier and a credit,
// and nothing else.
func TestWhatWasWrittenOffBeforeHasItsAdjustment(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: dbtest.NewClock().Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			dbtest.MigrateBefore(t, d, "0037", `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'cu', 'cu', 'Cũ', 1);
				INSERT INTO shop_heads (retailer_id) VALUES (1);
				INSERT INTO cash_postings (retailer_id, kind, document_id, step, line, from_type, from_id, to_type, to_id, amount, effective_at, posted_at) VALUES
					(1, 'adjustment', 2, 1, 1, 'C', 7, 'O', 3, 5000, 11, 12), (1, 'adjustment', 3, 1, 1, 'O', 3, 'S', 8, 250, 11, 12),
					(1, 'adjustment', 1234567, 1, 1, 'O', 3, 'C', 9, 100, 11, 12), (1, 'invoice', 5, 1, 1, 'I', 3, 'C', 7, 5000, 11, 12);
				INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (1, 'S', 8, 250), (1, 'C', 9, 100);
				INSERT INTO customers (retailer_id, id, code, code_key, name, search, phone_key, key_scope, type, is_active, created_date, changed_at)
					VALUES (1, 7, 'KH7', 'kh7', 'Bà Bảy', 'ba bay', '', 0, 0, TRUE, 1, 1);`)
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			var page taphoa.Page[taphoa.DebtAdjustment]
			who := db.Actor{Retailer: 1}
			read := func(tx *db.Tx) error {
				if findings, err := cash.Check(tx); len(findings) > 0 || err != nil {
					t.Errorf("check: %v %q", err, findings)
				}
				page, err = cash.ListAdjustments(tx, &taphoa.DebtAdjustmentQuery{Paging: taphoa.Paging{PageSize: 10}})
				return err
			}
			if err := d.Read(t.Context(), who, read); err != nil || page.Total != 3 {
				t.Fatalf("%v, %+v", err, page)
			}
			a, b, c := page.Data[0], page.Data[1], page.Data[2]
			if a.Code != "CB000002" || a.PartnerName.Value != "Bà Bảy" || a.Debt != -taphoa.Dong(1)/2 || a.Reason.Value != "Xóa nợ lẻ" || a.Status != taphoa.AdjustmentDone {
				t.Errorf("the first is %+v", a)
			}
			if b.Code != "CB000003" || b.PartnerType != "S" || b.Debt >= 0 || c.Code != "CB1234567" || c.Debt <= 0 {
				t.Errorf("the others are %+v, %+v", b, c)
			}
			if err := d.Write(t.Context(), who, func(tx *db.Tx) error {
				if _, err := debt.VoidAdjustment(tx, &taphoa.ByID{ID: 2}); err != nil {
					return err
				}
				made, err := debt.CreateAdjustment(tx, &taphoa.DebtAdjustmentInput{
					PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](7), Debt: dong(1),
				})
				if made.Code != "CB000001" || made.ID == 2 || made.ID == 3 {
					t.Errorf("the next one is %+v", made)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := d.Read(t.Context(), who, read); err != nil {
				t.Fatal(err)
			}
		})
	}
}
