package debt_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/sales"
)

// held is a shop with a second branch, seen by people with rights.
type held struct {
	*adjusting
	there int64 // the second branch
}

func openHeld(t *testing.T, d *db.DB, clock *dbtest.Clock) *held {
	t.Helper()
	s := &held{adjusting: openAdjusting(t, d, clock)}
	s.there = adjust(s.adjusting, org.CreateBranch, &taphoa.BranchInput{BranchName: "Chi nhánh hai"}).ID
	return s
}

// person acts as a user of the shop with what roles give.
func (s *held) person(name string, grants ...right.Grant) db.Actor {
	s.t.Helper()
	u := adjust(s.adjusting, org.CreateUser, &taphoa.UserInput{UserName: name, GivenName: name})
	return db.Actor{Retailer: s.who.Retailer, User: u.ID, Held: right.Hold(u.ID, grants...)}
}

func at(branch int64, rights ...right.Right) right.Grant {
	return right.Grant{Branch: branch, Set: right.Of(rights...)}
}

// but are all rights that roles may have, without some.
func but(rights ...right.Right) right.Grant {
	all := right.Grantable()
	set := right.Of(slices.DeleteFunc(all, func(r right.Right) bool { return slices.Contains(rights, r) })...)
	set.Percent = taphoa.Ratio(100)
	return right.Grant{Set: set}
}

// try runs an operation that needs a right.
func try[In, Out any](s *held, who db.Actor, needs right.Right, op func(*db.Tx, In) (Out, error), in In) (out Out, err error) {
	s.clock.Advance(1)
	who.Needs = needs
	err = s.d.Write(s.t.Context(), who, func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out, err
}

func (s *held) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *held) lacks(err error, want right.Right, branch int64) {
	s.t.Helper()
	if missing := (*right.Missing)(nil); !errors.As(err, &missing) || missing.Right != want || missing.Branch != branch {
		s.t.Errorf("got %v, want the lack of %s at %d", err, want.Key(), branch)
	}
}

func (s *held) says(err error, sentence string) {
	s.t.Helper()
	if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || refusal.Message != sentence {
		s.t.Errorf("got %v, want: %s", err, sentence)
	}
}

func (s *held) receipt(branch, amount int64, documents ...taphoa.PaidDocumentInput) *taphoa.CashFlowInput {
	return &taphoa.CashFlowInput{
		BranchID: taphoa.Some(branch), Amount: dong(amount), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer), Documents: documents,
	}
}

// entries are the codes of the cash book that a person finds.
func (s *held) entries(who db.Actor) string {
	s.t.Helper()
	page, err := try(s, who, right.SeeCash, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 100}})
	s.must(err)
	var codes []string
	for _, e := range page.Data {
		codes = append(codes, e.Code)
	}
	if page.Total != int64(len(codes)) {
		s.t.Errorf("there are %d entries, and %d are shown", page.Total, len(codes))
	}
	return strings.Join(codes, " ")
}

// TestACashierFindsTheirOwnReceipts and no others, where a manager of the branch finds all of the branch.
func TestACashierFindsTheirOwnReceipts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openHeld(t, d, clock)
		clock.Set(clock.Now().Day().Add(33 * time.Hour))
		cashier := s.person("thungan", at(s.branch, right.SeeCash, right.CreateCash), at(s.there, right.SeeCash))
		manager := s.person("quanly", at(s.branch, right.SeeCash, right.CreateCash, right.VoidCash, right.SeeOthers, right.BackDate))
		theirs := s.book("C", s.customer, 10_000)
		mine, err := try(s, cashier, right.CreateCash, debt.CreateCashFlow, s.receipt(s.branch, 20_000))
		s.must(err)
		if mine.UserID != cashier.User {
			t.Errorf("the receipt is that of %d", mine.UserID)
		}
		elsewhere := adjust(s.adjusting, debt.CreateCashFlow, s.receipt(s.there, 30_000))
		_, err = try(s, cashier, right.CreateCash, debt.CreateCashFlow, s.receipt(s.there, 30_000))
		s.lacks(err, right.CreateCash, s.there)

		if got := s.entries(cashier); got != mine.Code {
			t.Errorf("the cashier finds %s", got)
		}
		if got := s.entries(manager); got != theirs.Code+" "+mine.Code {
			t.Errorf("the manager finds %s", got)
		}
		for _, all := range []db.Actor{s.who, s.person("chu", right.Grant{Set: right.All})} {
			if got := s.entries(all); got != theirs.Code+" "+mine.Code+" "+elsewhere.Code {
				t.Errorf("all are %s", got)
			}
		}
		const unknown = "Phiếu thu chi không tồn tại"
		for _, e := range []taphoa.CashFlow{theirs, elsewhere} {
			_, err = try(s, cashier, right.SeeCash, cash.GetCashFlow, &taphoa.ByID{ID: e.ID})
			s.says(err, unknown)
			_, err = try(s, cashier, right.VoidCash, debt.VoidCashFlow, &taphoa.ByID{ID: e.ID})
			s.says(err, unknown)
		}
		_, err = try(s, cashier, right.SeeCash, cash.GetCashFlow, &taphoa.ByID{ID: mine.ID})
		s.must(err)
		_, err = try(s, cashier, right.VoidCash, debt.VoidCashFlow, &taphoa.ByID{ID: mine.ID})
		s.lacks(err, right.VoidCash, s.branch)
		_, err = try(s, manager, right.VoidCash, debt.VoidCashFlow, &taphoa.ByID{ID: mine.ID})
		s.must(err)

		late := s.receipt(s.branch, 5_000)
		late.TransDate = taphoa.Some(clock.Now().Day().Add(-time.Microsecond))
		_, err = try(s, cashier, right.CreateCash, debt.CreateCashFlow, late)
		s.lacks(err, right.BackDate, s.branch)
		s.says(err, "Bạn không có quyền: Ghi lùi ngày chứng từ. Ngày (transDate) không được trước hôm nay")
		_, err = try(s, manager, right.CreateCash, debt.CreateCashFlow, late)
		s.must(err)
		late.TransDate = taphoa.Some(clock.Now().Day())
		_, err = try(s, cashier, right.CreateCash, debt.CreateCashFlow, late)
		s.must(err)
	})
}

// TestAReceiptDoesNotTellOfDocumentsThatItsReaderDoesNotFind though it pays them.
func TestAReceiptDoesNotTellOfDocumentsThatItsReaderDoesNotFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openHeld(t, d, clock)
		first, second := s.sell(1, 0), s.sell(1, 0)
		blind := s.person("mu", at(s.branch, right.SeeCash, right.CreateCash))
		seller := s.person("ban", at(s.branch, right.SeeCash, right.CreateCash, right.SeeInvoices, right.SeeOthers))
		accountant := s.person("ketoan", but())
		of := func(v *taphoa.Invoice, amount int64) taphoa.PaidDocumentInput {
			return taphoa.PaidDocumentInput{Type: "invoice", ID: taphoa.Some(v.ID), Amount: dong(amount)}
		}
		_, err := try(s, blind, right.CreateCash, debt.CreateCashFlow, s.receipt(s.branch, 1_000, of(second, 1_000)))
		s.says(err, fmt.Sprintf("Chứng từ %d (documents.id) loại \"invoice\" (documents.type: invoice, return, purchaseOrder hoặc adjustment) "+
			"không còn nợ hoặc không phải của đối tượng này", second.ID))
		_, err = try(s, seller, right.CreateCash, debt.CreateCashFlow, s.receipt(s.branch, 90_000, of(second, 60_000)))
		s.says(err, "Chứng từ "+second.Code+" còn nợ ít hơn 60000, không thể trả số tiền này (documents.amount)")
		for _, who := range []db.Actor{accountant, s.who} {
			_, err = try(s, who, right.CreateCash, debt.CreateCashFlow, s.receipt(s.branch, 90_000, of(second, 60_000)))
			s.says(err, "Chứng từ "+second.Code+" chỉ còn nợ 50000, không thể trả 60000 (documents.amount)")
		}
		made, err := try(s, blind, right.CreateCash, debt.CreateCashFlow, s.receipt(s.branch, 20_000))
		s.must(err)
		shown := func(e taphoa.CashFlow) string {
			var all []string
			for _, d := range e.Documents {
				all = append(all, fmt.Sprintf("%s %s %v %v", d.Type, d.Code, d.ID != 0, d.Amount))
			}
			return strings.Join(all, ", ")
		}
		if got := shown(made); got != "invoice  false 20000" {
			t.Errorf("the answer shows %s", got)
		}
		for who, want := range map[*db.Actor]string{
			&blind: "invoice  false 20000", &seller: "invoice " + first.Code + " true 20000", &accountant: "invoice " + first.Code + " true 20000",
		} {
			e, err := try(s, *who, right.SeeCash, cash.GetCashFlow, &taphoa.ByID{ID: made.ID})
			s.must(err)
			page, err := try(s, *who, right.SeeCash, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 100}, IDs: []int64{made.ID}})
			s.must(err)
			if got := shown(e); got != want || shown(page.Data[0]) != want {
				t.Errorf("user %d reads %s and %s, want %s", who.User, got, shown(page.Data[0]), want)
			}
		}
		var event string
		s.must(d.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
			event, _, err = db.One[string](tx, `SELECT data FROM events WHERE retailer_id = :retailer AND type = 'cashflow.update' ORDER BY seq DESC LIMIT 1`)
			return err
		}))
		if !strings.Contains(event, first.Code) {
			t.Errorf("the event does not have the invoice: %s", event)
		}
	})
}

// TestAnAccountShowsToEachReaderTheDocumentsThatTheyFind and to all of them what every document has moved.
func TestAnAccountShowsToEachReaderTheDocumentsThatTheyFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openHeld(t, d, clock)
		here := s.sell(2, 0)
		there := adjust(s.adjusting, sales.CreateInvoice, &taphoa.InvoiceInput{
			BranchID: taphoa.Some(s.there), CustomerID: taphoa.Some(s.customer), TotalPayment: dong(0), Description: taphoa.Some("bí mật"),
			InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(1))}},
		})
		s.add("C", 7_000)
		s.book("C", s.customer, 20_000)
		sees := []right.Right{right.SeeDebts, right.SeeInvoices, right.SeeCash, right.SeeOthers}
		lines := func(who db.Actor) string {
			t.Helper()
			v, err := try(s, who, right.SeeDebts, debt.CustomerStatement, &taphoa.StatementQuery{ByID: taphoa.ByID{ID: s.customer}, OffsetPaging: taphoa.OffsetPaging{PageSize: 100}})
			s.must(err)
			open, err := try(s, who, right.SeeDebts, debt.ListOpenDocuments, &taphoa.OpenDocumentQuery{PartnerType: "C", PartnerID: s.customer, OffsetPaging: taphoa.OffsetPaging{PageSize: 100}})
			s.must(err)
			var all []string
			for _, l := range v.Data {
				all = append(all, fmt.Sprintf("%s %s%s %v", l.Type, l.Code, l.Description.Or(""), l.Balance))
				if (l.ID == 0) != (l.Code == "") {
					t.Errorf("the line %+v has an id or a code alone", l)
				}
			}
			all = append(all, fmt.Sprint(v.ClosingBalance))
			for _, o := range open.Data {
				all = append(all, fmt.Sprintf("%s %s %v", o.Type, o.Code, o.Open))
				if (o.ID == 0) != (o.Code == "") {
					t.Errorf("the document %+v has an id or a code alone", o)
				}
			}
			return strings.Join(all, "\n")
		}
		all := "invoice " + here.Code + " 100000\ninvoice " + there.Code + "bí mật 150000\nadjustment CB000001 157000\npayment TT000001 137000\n137000\n" +
			"invoice " + here.Code + " 80000\ninvoice " + there.Code + " 50000\nadjustment CB000001 7000"
		without := func(codes ...string) string {
			text := strings.ReplaceAll(all, "bí mật", "")
			for _, code := range codes {
				text = strings.ReplaceAll(text, code, "")
			}
			return text
		}
		for name, c := range map[string]struct {
			who  db.Actor
			want string
		}{
			"the program":      {s.who, all},
			"the owner":        {s.person("chu", right.Grant{Set: right.All}), all},
			"an accountant":    {s.person("ketoan", right.Grant{Set: right.Of(sees...)}), all},
			"of one branch":    {s.person("mot", at(s.branch, sees...)), without(there.Code)},
			"of the other one": {s.person("hai", at(s.there, sees...)), strings.ReplaceAll(strings.ReplaceAll(all, here.Code, ""), "TT000001", "")},
			"without the cash": {s.person("quy", right.Grant{Set: right.Of(right.SeeDebts, right.SeeInvoices, right.SeeOthers)}), strings.ReplaceAll(all, "TT000001", "")},
			"without others":   {s.person("rieng", right.Grant{Set: right.Of(right.SeeDebts, right.SeeInvoices, right.SeeCash)}), without(here.Code, there.Code, "CB000001", "TT000001")},
			"of debts alone":   {s.person("no", right.Grant{Set: right.Of(right.SeeDebts, right.SeeOthers)}), without(here.Code, there.Code, "TT000001")},
		} {
			if got := lines(c.who); got != c.want {
				t.Errorf("%s reads\n%s\nwant\n%s", name, got, c.want)
			}
		}
		half := s.person("nua", at(s.branch, sees...), at(s.there, right.SeeInvoices))
		_, err := try(s, half, right.SeeDebts, debt.CustomerStatement, &taphoa.StatementQuery{ByID: taphoa.ByID{ID: s.customer}})
		s.lacks(err, right.SeeDebts, 0)
		_, err = try(s, half, right.SeeDebts, debt.SupplierStatement, &taphoa.StatementQuery{ByID: taphoa.ByID{ID: s.supplier}})
		s.lacks(err, right.SeeDebts, 0)
		_, err = try(s, half, right.SeeDebts, debt.ListOpenDocuments, &taphoa.OpenDocumentQuery{PartnerType: "C", PartnerID: s.customer})
		s.lacks(err, right.SeeDebts, 0)
		_, err = try(s, half, right.SeeDebts, debt.ListAgeing, &taphoa.AgeingQuery{PartnerType: "C"})
		s.lacks(err, right.SeeDebts, 0)
		_, err = try(s, s.person("ba", at(s.branch, sees...)), right.SeeDebts, debt.ListAgeing, &taphoa.AgeingQuery{PartnerType: "C"})
		s.must(err)
	})
}

// TestDebtsAreAdjustedByWhoMayDoSoWhereverTheyWork and adjustments are found likewise: a debt is owed to the whole shop.
func TestDebtsAreAdjustedByWhoMayDoSoWhereverTheyWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openHeld(t, d, clock)
		opening := s.of("C", taphoa.DebtAdjustmentInput{Type: taphoa.Some("opening"), Debt: dong(9_000)})
		theirs := adjust(s.adjusting, debt.CreateAdjustment, opening)
		half := s.person("nua", at(s.branch, right.SeeDebts, right.AdjustDebts, right.SeeOthers), at(s.there, right.SeeCash))
		own := s.person("rieng", at(s.branch, right.SeeDebts, right.AdjustDebts), at(s.there, right.SeeDebts, right.AdjustDebts))
		writer := s.person("ghi", at(s.there, right.AdjustDebts))
		all := s.person("ketoan", right.Grant{Set: right.Of(right.SeeDebts, right.AdjustDebts, right.SeeOthers, right.BackDate)})
		in := s.of("S", taphoa.DebtAdjustmentInput{Debt: dong(5_000)})
		_, err := try(s, half, right.AdjustDebts, debt.CreateAdjustment, in)
		s.lacks(err, right.AdjustDebts, 0)
		mine, err := try(s, own, right.AdjustDebts, debt.CreateAdjustment, in)
		s.must(err)
		found := func(who db.Actor) (codes string) {
			t.Helper()
			page, err := try(s, who, right.SeeDebts, cash.ListAdjustments, &taphoa.DebtAdjustmentQuery{Paging: taphoa.Paging{PageSize: 100}})
			s.must(err)
			for _, a := range page.Data {
				codes += a.Code + " "
			}
			return codes
		}
		for who, want := range map[*db.Actor]string{&half: "", &own: "CB000002 ", &all: "CB000001 CB000002 ", &s.who: "CB000001 CB000002 "} {
			if got := found(*who); got != want {
				t.Errorf("user %d finds %s, want %s", who.User, got, want)
			}
		}
		const unknown = "Phiếu điều chỉnh không tồn tại"
		for who, id := range map[*db.Actor]int64{&half: mine.ID, &own: theirs.ID, &writer: theirs.ID} {
			_, err = try(s, *who, right.SeeDebts, cash.GetAdjustment, &taphoa.ByID{ID: id})
			s.says(err, unknown)
			_, err = try(s, *who, right.AdjustDebts, debt.VoidAdjustment, &taphoa.ByID{ID: id})
			s.says(err, unknown)
		}
		_, err = try(s, s.person("xem", right.Grant{Set: right.Of(right.SeeDebts, right.SeeOthers)}), right.AdjustDebts, debt.VoidAdjustment, &taphoa.ByID{ID: mine.ID})
		s.lacks(err, right.AdjustDebts, 0)
		a, err := try(s, writer, right.AdjustDebts, debt.CreateAdjustment, in) // whose answer is shown, though they find it no more
		if s.must(err); a.Debt != taphoa.Dong(5_000) {
			t.Errorf("the answer is %+v", a)
		}
		_, err = try(s, all, right.AdjustDebts, debt.CreateAdjustment, opening)
		s.says(err, "Khách hàng KH000001 đã có phiếu đầu kỳ CB000001 trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh")
		for _, who := range []db.Actor{writer, own} {
			_, err = try(s, who, right.AdjustDebts, debt.CreateAdjustment, opening)
			s.says(err, "Khách hàng KH000001 đã có phiếu đầu kỳ trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh")
		}
		in.DocumentDate = taphoa.Some(clock.Now().Day().Add(-time.Microsecond))
		_, err = try(s, own, right.AdjustDebts, debt.CreateAdjustment, in)
		s.lacks(err, right.BackDate, 0)
		_, err = try(s, all, right.AdjustDebts, debt.CreateAdjustment, in)
		s.must(err)
		_, err = try(s, own, right.AdjustDebts, debt.VoidAdjustment, &taphoa.ByID{ID: mine.ID})
		s.must(err)
	})
}

// TestTheLimitOfADebtIsKeptWithoutTellingIt to a seller who does not see debts; nor does a customer who cannot be deleted.
func TestTheLimitOfADebtIsKeptWithoutTellingIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openHeld(t, d, clock)
		limited := adjust(s.adjusting, party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some("Hạn"), DebtLimit: dong(60_000)})
		warned := adjust(s.adjusting, party.CreateCustomer, &taphoa.CustomerInput{
			Name: taphoa.Some("Nhắc"), DebtLimit: dong(40_000), DebtLimitPolicy: taphoa.Some(taphoa.DebtLimitWarn),
		})
		lend := func(customer, quantity int64) *taphoa.InvoiceInput {
			return &taphoa.InvoiceInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(customer), TotalPayment: dong(0),
				InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity))}},
			}
		}
		adjust(s.adjusting, sales.CreateInvoice, lend(limited.ID, 1))
		owner, seller := s.person("chu", right.Grant{Set: right.All}), s.person("ban", but(right.SeeDebts))
		for _, who := range []db.Actor{s.who, owner, s.person("ketoan", but())} {
			_, err := try(s, who, right.CreateInvoices, sales.CreateInvoice, lend(limited.ID, 1))
			s.says(err, "Khách hàng "+limited.Code+" (customerId) chỉ được nợ tối đa 60000, sẽ nợ 100000: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)")
			_, err = try(s, who, right.RemoveCustomers, party.DeleteCustomer, &taphoa.ByID{ID: limited.ID})
			s.says(err, "Khách hàng "+limited.Code+" còn nợ 50000 nên không thể xóa, hãy thu nợ trước")
		}
		_, err := try(s, seller, right.CreateInvoices, sales.CreateInvoice, lend(limited.ID, 1))
		s.says(err, "Khách hàng "+limited.Code+" (customerId) sẽ nợ vượt hạn mức nợ: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)")
		_, err = try(s, seller, right.RemoveCustomers, party.DeleteCustomer, &taphoa.ByID{ID: limited.ID})
		s.says(err, "Khách hàng "+limited.Code+" còn công nợ nên không thể xóa, hãy thanh toán hết công nợ trước")
		v, err := try(s, seller, right.CreateInvoices, sales.CreateInvoice, lend(warned.ID, 1))
		if s.must(err); !slices.Equal(v.Warnings, []string{"Khách hàng " + warned.Code + " nợ vượt hạn mức nợ (debtLimit)"}) {
			t.Errorf("the seller is warned %q", v.Warnings)
		}
		v, err = try(s, owner, right.CreateInvoices, sales.CreateInvoice, lend(warned.ID, 1))
		if s.must(err); !slices.Equal(v.Warnings, []string{"Khách hàng " + warned.Code + " nợ 100000, vượt hạn mức nợ 40000 (debtLimit)"}) {
			t.Errorf("the owner is warned %q", v.Warnings)
		}
		buyer := lend(0, 1)
		buyer.CustomerID, buyer.Customer = taphoa.Opt[int64]{}, &taphoa.DocumentCustomer{Name: taphoa.Some("Mới")}
		_, err = try(s, s.person("thu", but(right.ChangeCustomers)), right.CreateInvoices, sales.CreateInvoice, buyer)
		s.lacks(err, right.ChangeCustomers, s.branch)
	})
}
