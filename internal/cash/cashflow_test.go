package cash_test

import (
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

func money(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }

// branch is the office's first branch.
func (o *testShop) branch() (id int64) {
	o.t.Helper()
	o.write(func(tx *db.Tx) error {
		page, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: firstPage})
		id = page.Data[0].ID
		return err
	})
	return id
}

// customer creates a customer by a statement: this package cannot import party.
func (o *testShop) customer(id int64, name, number string) {
	o.t.Helper()
	o.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`
			INSERT INTO customers (retailer_id, id, code, code_key, name, search, type, contact_number, phone_key, key_scope, address,
				ward_name, location_name, is_active, created_date, changed_at)
			VALUES (:retailer, ?, ?, ?, ?, ?, 0, ?, ?, 0, '8 Tràng Tiền', 'Phường Tràng Tiền', 'Hà Nội - Quận Hoàn Kiếm', TRUE, :now, :now)`,
			id, name, name, name, db.Fold(name), number, text.PhoneKey(number))
		tx.Count("customers", 1, id)
		return err
	})
}

// checkBalances checks the debt of a customer, the balance of a drawer and the other income of a branch.
func (o *testShop) checkBalances(when string, branch, customer, debt, drawer, earned int64) {
	o.t.Helper()
	o.write(func(tx *db.Tx) error {
		for account, want := range map[cash.Account]int64{
			cash.Drawer(branch): drawer, cash.Other(branch): -earned, cash.Customer(customer): debt,
		} {
			have, err := cash.Balance(tx, account)
			if err != nil {
				return err
			}
			if have != taphoa.Dong(want) {
				o.t.Errorf("%s: account %+v has %v, want %d", when, account, have, want)
			}
		}
		findings, err := cash.Check(tx)
		for _, f := range findings {
			o.t.Errorf("%s: %s", when, f)
		}
		return err
	})
}

func TestAFreeVoucherIsIncomeOrSettlesADebt(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		in := func(amount int64, kind string, booked taphoa.Opt[int64]) *taphoa.CashFlowInput {
			partner := taphoa.Opt[int64]{}
			if kind == "C" {
				partner = taphoa.Some[int64](7)
			}
			return &taphoa.CashFlowInput{
				BranchID: taphoa.Some(branch), Amount: money(amount), PartnerType: taphoa.Some(kind), PartnerID: partner, UsedForFinancialReporting: booked,
			}
		}
		rent := done(o, debt.CreateCashFlow, in(-300_000, "", taphoa.Opt[int64]{}))
		if rent.Code != "PC000001" || rent.UsedForFinancialReporting != 1 || rent.CashGroup.Value != "Chi khác" || rent.PartnerType.Value != "O" ||
			rent.Origin != "Manual" || rent.StatusValue != "Đã thanh toán" || rent.PartnerID.Has() {
			t.Errorf("rent: %+v", rent)
		}
		o.checkBalances("rent", branch, 7, 0, -300_000, -300_000)
		advance := done(o, debt.CreateCashFlow, in(100_000, "C", taphoa.Opt[int64]{}))
		if advance.Code != "TT000001" || advance.UsedForFinancialReporting != 0 || advance.CashGroup.Value != "Thu tiền khách trả" ||
			advance.PartnerName.Value != "Chị Hoa" || advance.WardName.Value != "Phường Tràng Tiền" {
			t.Errorf("advance: %+v", advance)
		}
		o.checkBalances("advance", branch, 7, -100_000, -200_000, -300_000)
		done(o, debt.CreateCashFlow, in(50_000, "C", taphoa.Some[int64](1)))
		o.checkBalances("a gift of the customer", branch, 7, -100_000, -150_000, -250_000)
		done(o, debt.CreateCashFlow, in(20_000, "O", taphoa.Some[int64](0)))
		o.checkBalances("change fetched", branch, 7, -100_000, -130_000, -230_000)
		for range 2 {
			void := done(o, debt.VoidCashFlow, &taphoa.ByID{ID: advance.ID})
			if void.Status != 1 || void.StatusValue != "Đã hủy" || void.Message != taphoa.MessageDeleted {
				t.Errorf("voided: %+v", void)
			}
		}
		o.checkBalances("advance voided", branch, 7, 0, -230_000, -230_000)
	})
}

func TestAVoucherOfADocumentIsNotVoidedByItself(t *testing.T) {
	eachShop(t, func(_ *testing.T, o *testShop) {
		branch, id := o.branch(), int64(0)
		o.write(func(tx *db.Tx) (err error) {
			id, err = cash.Receive(tx, cash.Receipt{
				BranchID: branch, Partner: cash.Customer(0), InvoiceID: taphoa.Some[int64](1), Amount: taphoa.Dong(1), Method: "Cash", TransDate: tx.Now,
			})
			return err
		})
		o.refused("id", "TTHD000001 do đơn hàng, hóa đơn", only(debt.VoidCashFlow, &taphoa.ByID{ID: id}))
		for _, unknown := range []int64{0, -1, taphoa.IDMax} {
			o.refused("", "không tồn tại", only(debt.VoidCashFlow, &taphoa.ByID{ID: unknown}))
			o.refused("", "không tồn tại", only(cash.GetCashFlow, &taphoa.ByID{ID: unknown}))
		}
	})
}

// TestAPaymentByVoucherIsNoEntryOfTheCashBook: no money has come. It pays the customer's debt all the same, and stays with its
// document.
func TestAPaymentByVoucherIsNoEntryOfTheCashBook(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		var paid, gift int64
		o.write(func(tx *db.Tx) (err error) {
			r := cash.Receipt{
				BranchID: branch, Partner: cash.Customer(7), InvoiceID: taphoa.Some[int64](1), Amount: taphoa.Dong(30_000), Method: "Cash", TransDate: tx.Now,
			}
			if paid, err = cash.Receive(tx, r); err != nil {
				return err
			}
			r.Amount, r.Method, r.VoucherID = taphoa.Dong(20_000), "Voucher", taphoa.Some[int64](1)
			gift, err = cash.Receive(tx, r)
			return err
		})
		o.checkBalances("paid", branch, 7, -50_000, 30_000, 0)
		for name, c := range map[string]struct {
			in   taphoa.CashFlowQuery
			want int64
		}{
			"all": {taphoa.CashFlowQuery{}, 1}, "of the branch": {taphoa.CashFlowQuery{BranchIDs: []int64{branch}}, 1},
			"by name": {taphoa.CashFlowQuery{PartnerName: taphoa.Some("hoa")}, 1}, "by id": {taphoa.CashFlowQuery{IDs: []int64{gift}}, 0},
			"by method": {taphoa.CashFlowQuery{Method: []string{"Voucher"}}, 0}, "by both methods": {taphoa.CashFlowQuery{Method: []string{"voucher", "CASH"}}, 1},
			"sorted": {taphoa.CashFlowQuery{Paging: taphoa.Paging{OrderBy: "amount"}}, 1}, "voided": {taphoa.CashFlowQuery{Status: []int64{1}}, 0},
		} {
			c.in.PageSize = firstPage.PageSize
			var page taphoa.Page[taphoa.CashFlow]
			err := o.d.Read(t.Context(), o.who, func(tx *db.Tx) (err error) { // where totals are counted
				page, err = cash.ListCashFlow(tx, &c.in)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if page.Total != c.want || len(page.Data) != int(c.want) || c.want > 0 && page.Data[0].ID != paid {
				t.Errorf("%s: %d of %d entries, want %d", name, len(page.Data), page.Total, c.want)
			}
		}
		o.refused("", "không tồn tại", only(cash.GetCashFlow, &taphoa.ByID{ID: gift}))
		o.refused("", "không tồn tại", only(debt.VoidCashFlow, &taphoa.ByID{ID: gift}))
		before := o.lastEvent()
		if before != o.asRead(paid, gift) {
			t.Errorf("the last event is %s", before)
		}
		o.write(func(tx *db.Tx) error { return cash.Void(tx, gift) })
		o.checkBalances("given back", branch, 7, -30_000, 30_000, 0)
		if o.lastEvent() != before {
			t.Errorf("the voucher is told of: %s", o.lastEvent())
		}
		o.write(func(tx *db.Tx) error {
			faults, err := db.CheckCounts(tx)
			if faults != nil {
				t.Error(faults)
			}
			return err
		})
	})
}

// TestADrawerThatHoldsMoreThanItsEntriesIsFound, also money of an entry that is voided.
func TestADrawerThatHoldsMoreThanItsEntriesIsFound(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.write(func(tx *db.Tx) error {
			_, err := cash.Receive(tx, cash.Receipt{
				BranchID: branch, Partner: cash.Customer(0), InvoiceID: taphoa.Some[int64](1), Amount: taphoa.Dong(5), Method: "Cash", TransDate: tx.Now,
			})
			return err
		})
		for _, change := range []string{"SET to_id = to_id + 1", "SET to_type = 'B', to_id = 0", "SET to_type = 'V', to_id = to_id - 1"} {
			o.write(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE cash_postings ` + change + ` WHERE retailer_id = :retailer`)
				return err
			})
			o.write(func(tx *db.Tx) error {
				findings, err := cash.Check(tx)
				if len(findings) == 0 || !strings.Contains(findings[0], "cash book: drawers and bank accounts hold") {
					t.Errorf("%s: found %q", change, findings)
				}
				return err
			})
		}
	})
}

func TestAKindOfVoucherIsMadeOnceForEachDirection(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		group := func(amount int64, name string) int64 {
			return done(o, debt.CreateCashFlow, &taphoa.CashFlowInput{
				BranchID: taphoa.Some(branch), Amount: money(amount), CashGroup: taphoa.Some(name),
			}).CashFlowGroupID.Value
		}
		rent := group(-1, "Tiền thuê nhà")
		if again, other := group(-2, " tiền  THUÊ nhà"), group(1, "Tiền thuê nhà"); rent < taphoa.CashFlowGroupOwn || again != rent || other == rent {
			t.Errorf("kinds %d, %d and %d", rent, again, other)
		}
		if built := group(-1, "chi khac"); built != 10 {
			t.Errorf("the kind is %d, want that of all shops", built)
		}
		for i, g := range taphoa.CashFlowGroups {
			if g.ID != int64(i+1) || g.IsReceipt != (i < len(taphoa.PartnerTypes)) ||
				taphoa.CashFlowGroupFor(taphoa.PartnerTypes[i%len(taphoa.PartnerTypes):][:1], g.IsReceipt) != g.ID {
				t.Errorf("%+v is at the wrong place", g)
			}
		}
	})
}

func TestTheCashBookIsSearchedInEveryWay(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		bank := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "001"})
		book := func(amount int64, more func(*taphoa.CashFlowInput)) taphoa.CashFlow {
			in := &taphoa.CashFlowInput{BranchID: taphoa.Some(branch), Amount: money(amount)}
			more(in)
			o.clock.Advance(60)
			return done(o, debt.CreateCashFlow, in)
		}
		hoa := book(1_000, func(in *taphoa.CashFlowInput) { in.PartnerType, in.PartnerID = taphoa.Some("c"), taphoa.Some[int64](7) })
		rent := book(-2_000, func(in *taphoa.CashFlowInput) {
			in.PartnerName, in.ContactNumber, in.CashGroup = taphoa.Some("Ông Tư"), taphoa.Some("0903 111 222"), taphoa.Some("Thuê nhà")
			in.Method, in.AccountID = "transfer", taphoa.Some(bank.ID)
		})
		staff := book(3_000, func(in *taphoa.CashFlowInput) {
			in.PartnerType, in.PartnerID = taphoa.Some("U"), taphoa.Some(o.who.User)
		})
		void := book(4_000, func(*taphoa.CashFlowInput) {})
		done(o, debt.VoidCashFlow, &taphoa.ByID{ID: void.ID})
		all := []int64{hoa.ID, rent.ID, staff.ID, void.ID}
		type query = taphoa.CashFlowQuery
		for name, c := range map[string]struct {
			in   query
			want []int64
		}{
			"nothing":        {query{}, all},
			"branch":         {query{BranchIDs: []int64{branch + 50}}, nil},
			"codes":          {query{Code: []string{" pc000001 ", "TT000001", "X"}}, []int64{hoa.ID, rent.ID}},
			"ids":            {query{IDs: []int64{rent.ID, void.ID}}, []int64{rent.ID, void.ID}},
			"user":           {query{UserID: taphoa.Some(o.who.User)}, all},
			"no creator":     {query{UserID: taphoa.Some[int64](99)}, nil},
			"account":        {query{AccountID: taphoa.Some(bank.ID)}, []int64{rent.ID}},
			"type":           {query{PartnerType: []string{"u", "x"}}, []int64{staff.ID}},
			"all types":      {query{PartnerType: []string{"A"}}, all},
			"method":         {query{Method: []string{"TRANSFER", "card"}}, []int64{rent.ID}},
			"no method":      {query{Method: []string{"bitcoin"}}, nil},
			"kind":           {query{CashFlowGroupID: []int64{1, rent.CashFlowGroupID.Value}}, []int64{hoa.ID, rent.ID}},
			"debts":          {query{UsedForFinancialReporting: taphoa.Some[int64](0)}, []int64{hoa.ID}},
			"customer":       {query{PartnerName: taphoa.Some("HOA")}, []int64{hoa.ID}},
			"partner":        {query{PartnerName: taphoa.Some("ong tu")}, []int64{rent.ID}},
			"staff":          {query{PartnerName: taphoa.Some("admin")}, []int64{staff.ID}},
			"a percent sign": {query{PartnerName: taphoa.Some("%")}, nil},
			"number":         {query{ContactNumber: taphoa.Some("0901234")}, []int64{hoa.ID}},
			"other number":   {query{ContactNumber: taphoa.Some("111 2 22")}, []int64{rent.ID}},
			"from abroad":    {query{ContactNumber: taphoa.Some("+84 901 234 567")}, []int64{hoa.ID}},
			"with a zero":    {query{ContactNumber: taphoa.Some("0084(0)901.234.567")}, []int64{hoa.ID}},
			"without a zero": {query{ContactNumber: taphoa.Some("901234567")}, []int64{hoa.ID}},
			"receipts":       {query{IsReceipt: taphoa.Some(true)}, []int64{hoa.ID, staff.ID, void.ID}},
			"payments":       {query{IsReceipt: taphoa.Some(false)}, []int64{rent.ID}},
			"paid":           {query{Status: []int64{0}}, all[:3]},
			"voided":         {query{Status: []int64{1}}, all[3:]},
			"from":           {query{StartDate: taphoa.Some(rent.TransDate)}, all[1:]},
			"until":          {query{EndDate: taphoa.Some(rent.TransDate)}, all[:1]},
		} {
			c.in.Paging = firstPage
			page := done(o, cash.ListCashFlow, &c.in)
			var have []int64
			for _, v := range page.Data {
				have = append(have, v.ID)
				if v.User.Has() || v.Account.Has() || v.Branch.Has() {
					t.Errorf("%s: %s shows what the query does not include", name, v.Code)
				}
			}
			if page.Total != int64(len(c.want)) || len(have) != len(c.want) {
				t.Errorf("%s: %v, want %v", name, have, c.want)
				continue
			}
			for i := range have {
				if have[i] != c.want[i] {
					t.Errorf("%s: %v, want %v", name, have, c.want)
				}
			}
		}
		page := done(o, cash.ListCashFlow, &query{
			Paging: taphoa.Paging{PageSize: 1, OrderBy: "Amount"}, IncludeAccount: true, IncludeBranch: true, IncludeUser: true,
		})
		if v := page.Data[0]; v.ID != rent.ID || v.Account.Value != "VCB - 001" || v.User.Value != "Admin" || v.Branch.Value != "Chi nhánh trung tâm" ||
			v.Amount != -taphoa.Dong(2_000) || v.CashGroup.Value != "Thuê nhà" {
			t.Errorf("the smallest is %+v", v)
		}
	})
}

func TestTwoShopsDoNotSeeEachOthersCashBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := openShop(t, d, clock, "mot"), openShop(t, d, clock, "hai")
		in := &taphoa.CashFlowInput{BranchID: taphoa.Some(mine.branch()), Amount: money(-1), CashGroup: taphoa.Some("Thuê nhà")}
		rent := done(mine, debt.CreateCashFlow, in)
		theirs.refused("", "không tồn tại", only(cash.GetCashFlow, &taphoa.ByID{ID: rent.ID}))
		theirs.refused("", "không tồn tại", only(debt.VoidCashFlow, &taphoa.ByID{ID: rent.ID}))
		theirs.refused("", "Chi nhánh không tồn tại", only(debt.CreateCashFlow, in))
		named := &taphoa.CashFlowInput{BranchID: taphoa.Some(theirs.branch()), Amount: money(-1), CashFlowGroupID: rent.CashFlowGroupID}
		theirs.refused("cashFlowGroupId", "không tồn tại", only(debt.CreateCashFlow, named))
		named.CashFlowGroupID, named.CashGroup = taphoa.Opt[int64]{}, in.CashGroup
		if own := done(theirs, debt.CreateCashFlow, named); own.CashFlowGroupID == rent.CashFlowGroupID {
			t.Error("they use the same kind of voucher")
		}
		if page := done(theirs, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: firstPage}); page.Total != 1 || page.Data[0].ID == rent.ID {
			t.Errorf("they see %+v", page.Data)
		}
	})
}
