package plan

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

const (
	now   taphoa.Time = 2_000
	clock taphoa.Time = 1_900
)

// context gives ids from 101 on and codes from 1 on.
func context() *plan.Context {
	id, numbers := int64(100), map[string]int{}
	return &plan.Context{
		Retailer: 1, Now: now, Clock: clock, Actor: plan.Actor{UserID: 9},
		ID: func(string) int64 { id++; return id },
		Code: func(prefix string) string {
			numbers[prefix]++
			return fmt.Sprintf("%s%06d", prefix, numbers[prefix])
		},
	}
}

var vcb = BankAccount{ID: 3, BankName: "VCB", AccountNumber: "001"}

func finish(t *testing.T, l *Ledger) Changes {
	t.Helper()
	c, err := l.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dong(n int64) taphoa.Money { return taphoa.Dong(n) }

func TestADocumentPostsTheDifferenceStepByStep(t *testing.T) {
	doc := DocumentRef{"invoice", 7}
	row := func(step, line int64, from, to Account, amount taphoa.Money) PostingRow {
		return PostingRow{
			Kind: doc.Kind, DocumentID: doc.ID, Step: step, Line: line, FromType: from.Type, FromID: from.ID, ToType: to.Type, ToID: to.ID,
			Amount: amount, EffectiveAt: 5, PostedAt: now,
		}
	}
	sale := Posting{Income(1), Customer(5), dong(100)}
	for name, c := range map[string]struct {
		stored []PostingRow
		step   int64
		want   []Posting
		used   bool
		rows   []PostingRow
		net    []BalanceRow
	}{
		"a new invoice": {
			want: []Posting{sale}, used: true,
			rows: []PostingRow{row(1, 1, sale.From, sale.To, dong(100))},
			net:  []BalanceRow{{"C", 5, dong(100)}},
		},
		"nothing to post": {},
		"the same again":  {stored: []PostingRow{row(1, 1, sale.From, sale.To, dong(100))}, step: 1, want: []Posting{sale}},
		"a smaller total": {
			stored: []PostingRow{row(1, 1, sale.From, sale.To, dong(100))}, step: 1, want: []Posting{{sale.From, sale.To, dong(70)}}, used: true,
			rows: []PostingRow{row(2, 1, sale.To, sale.From, dong(30))},
			net:  []BalanceRow{{"C", 5, -dong(30)}},
		},
		"everything reversed": {
			stored: []PostingRow{row(1, 1, sale.From, sale.To, dong(100)), row(2, 1, sale.To, sale.From, dong(30))}, step: 2, used: true,
			rows: []PostingRow{row(3, 1, sale.To, sale.From, dong(70))},
			net:  []BalanceRow{{"C", 5, -dong(70)}},
		},
		"another customer": {
			stored: []PostingRow{row(1, 1, sale.From, sale.To, dong(100))}, step: 1, want: []Posting{{Income(1), Customer(4), dong(100)}}, used: true,
			rows: []PostingRow{row(2, 1, Customer(5), Income(1), dong(100)), row(2, 2, Income(1), Customer(4), dong(100))},
			net:  []BalanceRow{{"C", 4, dong(100)}, {"C", 5, -dong(100)}},
		},
		"a walk-in, whose debt is not stored": {
			want: []Posting{{Income(1), Customer(0), dong(100)}}, used: true,
			rows: []PostingRow{row(1, 1, Income(1), Customer(0), dong(100))},
		},
		"both ways, which cancel out": {want: []Posting{sale, {sale.To, sale.From, dong(100)}}},
	} {
		l := NewLedger(context(), Facts{Documents: []DocumentRef{doc}, Postings: c.stored})
		used, err := l.Post(Document{doc.Kind, doc.ID, c.step, 5}, c.want)
		if err != nil || used != c.used {
			t.Errorf("%s: used %v, %v", name, used, err)
		}
		if have := finish(t, l); !reflect.DeepEqual(have.Postings, c.rows) || !reflect.DeepEqual(have.Balances, c.net) {
			t.Errorf("%s:\n%+v, want\n%+v;\n%+v, want\n%+v", name, have.Postings, c.rows, have.Balances, c.net)
		}
	}
}

func TestStepsOfOnePlanFollowOneAnother(t *testing.T) {
	l := NewLedger(context(), Facts{})
	for step, total := range []int64{100, 40, 0} {
		var want []Posting
		if total > 0 {
			want = []Posting{{Income(1), Customer(5), dong(total)}}
		}
		if used, err := l.Post(Document{"invoice", 7, int64(step), 5}, want); err != nil || !used {
			t.Fatal(used, err)
		}
	}
	if c := finish(t, l); len(c.Postings) != 3 || len(c.Balances) != 0 || c.Postings[2].Step != 3 || c.Postings[2].Amount != dong(40) {
		t.Errorf("posted %+v, balances %+v", c.Postings, c.Balances)
	}
	if _, err := l.Finish(); err == nil {
		t.Error("the ledger was finished twice")
	}
}

func TestWhatWasNotAskedForIsNoReasonToMoveMoney(t *testing.T) {
	l := NewLedger(context(), Facts{})
	if _, err := l.Post(Document{"invoice", 7, 1, 5}, nil); err == nil {
		t.Error("a step without the steps before it was posted")
	}
	if _, err := l.Void(7); err == nil {
		t.Error("an unknown payment was voided")
	}
	if c := finish(t, l); !reflect.DeepEqual(c, Changes{}) {
		t.Errorf("changes %+v", c)
	}
}

func TestTooMuchMoneyIsRefused(t *testing.T) {
	l := NewLedger(context(), Facts{})
	for _, want := range [][]Posting{
		{{Income(1), Customer(5), taphoa.MoneyMax + 0.0001*taphoa.Scale}},
		slices.Repeat([]Posting{{Income(1), Customer(5), taphoa.MoneyMax}}, int(1<<63/uint64(taphoa.MoneyMax))+1),
	} {
		e, ok := any(nil), false
		if _, err := l.Post(Document{"invoice", 7, 0, 5}, want); err != nil {
			e, ok = err, true
		}
		if refusal, is := e.(*taphoa.Error); !ok || !is || refusal.Field != "total" {
			t.Errorf("%d postings: %v", len(want), e)
		}
	}
}

// TestEveryPaymentMethodHasAnAccount fails for a new method until counterAccount has its account.
func TestEveryPaymentMethodHasAnAccount(t *testing.T) {
	want := map[taphoa.PaymentMethod]Account{
		taphoa.MethodCash: Drawer(2), taphoa.MethodCard: Bank(3), taphoa.MethodTransfer: Bank(3), taphoa.MethodVoucher: Vouchers(2),
	}
	for _, m := range taphoa.PaymentMethods() {
		have, err := counterAccount(m, 2, taphoa.Some[int64](3))
		if expected, decided := want[m]; err != nil || !decided || have != expected {
			t.Errorf("%s moves %+v (%v), want %+v", m, have, err, expected)
		}
	}
	if a, err := counterAccount("Bitcoin", 2, taphoa.Some[int64](3)); err == nil {
		t.Errorf("an unknown method moves %+v", a)
	}
}

// receipts has a receipt of each method of payment.
var receipts = map[string]Receipt{
	"cash for an invoice":      {Partner: Customer(5), InvoiceID: taphoa.Some[int64](7), Amount: dong(10), Method: taphoa.MethodCash},
	"a card without account":   {Partner: Customer(5), OrderID: taphoa.Some[int64](6), Amount: dong(10), Method: taphoa.MethodCard},
	"a transfer to an account": {Partner: Customer(0), OrderID: taphoa.Some[int64](6), Amount: dong(10), Method: taphoa.MethodTransfer, AccountID: taphoa.Some[int64](3)},
	"a voucher":                {Partner: Customer(5), InvoiceID: taphoa.Some[int64](7), Amount: dong(10), Method: taphoa.MethodVoucher, VoucherID: taphoa.Some[int64](8)},
	"cash back for a return":   {Partner: Customer(5), ReturnID: taphoa.Some[int64](7), Amount: -dong(10), Method: taphoa.MethodCash},
	"a supplier paid":          {Partner: Supplier(4), PurchaseID: taphoa.Some[int64](7), Amount: -dong(10), Method: taphoa.MethodTransfer},
	"vouchers sold": {
		Partner: Vouchers(2), CampaignID: taphoa.Some[int64](7), Amount: dong(10), Method: taphoa.MethodCash,
		UnlinkedEntry: UnlinkedEntry{PartnerType: "C", PartnerID: 5},
	},
	"rent": {
		Partner: Other(2), Amount: -dong(10), Method: taphoa.MethodCash,
		UnlinkedEntry: UnlinkedEntry{PartnerType: "O", UsedForFinancialReporting: 1},
	},
	"a gift of a customer": {
		Partner: Other(2), Amount: dong(10), Method: taphoa.MethodCash,
		UnlinkedEntry: UnlinkedEntry{PartnerType: "C", PartnerID: 5, UsedForFinancialReporting: 1},
	},
	"change fetched":         {Partner: Other(2), Amount: dong(10), Method: taphoa.MethodCash, UnlinkedEntry: UnlinkedEntry{PartnerType: "O"}},
	"a debt paid in advance": {Partner: Customer(5), Amount: dong(10), Method: taphoa.MethodCash, UnlinkedEntry: UnlinkedEntry{PartnerType: "C", PartnerID: 5}},
	"wages":                  {Partner: Other(2), Amount: -dong(10), Method: taphoa.MethodCard, UnlinkedEntry: UnlinkedEntry{PartnerType: "U", PartnerID: 5}},
}

// TestAVoidedPaymentMovesBackWhatItMoved derives what a payment has moved from its row alone.
func TestAVoidedPaymentMovesBackWhatItMoved(t *testing.T) {
	for name, r := range receipts {
		r.BranchID, r.TransDate = 2, 5
		l := NewLedger(context(), Facts{BankAccounts: []BankAccount{vcb}, Accounts: []Account{Customer(5), Supplier(4)}})
		row, err := l.Receive(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		made := finish(t, l)
		if len(made.NewPayments) != 1 || made.NewPayments[0] != row || len(made.Postings) != 1 {
			t.Fatalf("%s: %+v", name, made)
		}
		l = NewLedger(context(), Facts{Payments: made.NewPayments, Accounts: []Account{Customer(5), Supplier(4)}, OpenItems: made.NewItems})
		for _, want := range []bool{true, false} {
			if changed, err := l.Void(row.ID); err != nil || changed != want {
				t.Errorf("%s: voiding changed %v, %v", name, changed, err)
			}
		}
		voided := finish(t, l)
		p := made.Postings[0]
		p.FromType, p.FromID, p.ToType, p.ToID, p.Step, p.EffectiveAt = p.ToType, p.ToID, p.FromType, p.FromID, 2, clock
		if !reflect.DeepEqual(voided.Postings, []PostingRow{p}) {
			t.Errorf("%s: moved back %+v, want %+v", name, voided.Postings, p)
		}
		for i := range made.Balances {
			made.Balances[i].Balance *= -1
		}
		events := 1
		if r.VoucherID.Has() { // which is no entry of the cash book
			events = 0
		}
		if len(made.Events) != events || len(voided.Events) != events {
			t.Errorf("%s: events %+v, voided %+v", name, made.Events, voided.Events)
		}
		if !reflect.DeepEqual(voided.Balances, made.Balances) || len(voided.NewPayments) != 0 ||
			len(voided.ChangedPayments) != 1 || voided.ChangedPayments[0].Row.Status != taphoa.PaymentVoided {
			t.Errorf("%s: %+v", name, voided)
		}
	}
}

func TestAReceiptIsRefused(t *testing.T) {
	closed := BankAccount{ID: 4, BankName: "ACB", AccountNumber: "002", DeletedAt: 1}
	good := Receipt{BranchID: 2, Partner: Customer(5), Amount: dong(10), Method: taphoa.MethodTransfer}
	for name, c := range map[string]struct {
		change   func(*Receipt)
		field    string
		sentence string
	}{
		"nothing paid":    {func(r *Receipt) { r.Amount = 0 }, "amount", "Số tiền thanh toán phải khác 0"},
		"too much":        {func(r *Receipt) { r.Amount = -taphoa.MoneyMax - 0.0001*taphoa.Scale }, "total", "Số tiền không được vượt quá " + taphoa.MoneyMax.String()},
		"unknown account": {func(r *Receipt) { r.AccountID = taphoa.Some[int64](5) }, "accountId", "Tài khoản ngân hàng 5 (accountId) không tồn tại"},
		"deleted account": {func(r *Receipt) { r.AccountID = taphoa.Some[int64](4) }, "accountId", "Tài khoản ngân hàng 4 (accountId) không tồn tại"},
		"a voucher with a transfer": {
			func(r *Receipt) { r.VoucherID = taphoa.Some[int64](8) }, "payments.voucherId",
			"Thanh toán bằng voucher cần một dòng payments có method Voucher và voucherId, cùng với isApplyVoucher là true",
		},
	} {
		r := good
		c.change(&r)
		l := NewLedger(context(), Facts{BankAccounts: []BankAccount{vcb, closed}})
		_, err := l.Receive(r)
		if e, ok := err.(*taphoa.Error); !ok || e.Field != c.field || e.Message != c.sentence || e.Code != taphoa.CodeValidate { //nolint:errorlint // as it is
			t.Errorf("%s: %v", name, err)
		}
		if changes := finish(t, l); !reflect.DeepEqual(changes, Changes{}) {
			t.Errorf("%s: changes %+v", name, changes)
		}
	}
	l := NewLedger(context(), Facts{BankAccounts: []BankAccount{closed}})
	good.Method, good.AccountID = taphoa.MethodCash, taphoa.Some[int64](4)
	if row, err := l.Receive(good); err != nil || row.AccountID.Has() {
		t.Errorf("cash keeps an account: %+v, %v", row, err)
	}
	good.Partner, good.PartnerType = Income(2), "C"
	if _, err := l.Receive(good); err == nil {
		t.Error("a payment whose row does not determine its account was created")
	}
}

func TestACodeSaysWhatIsPaid(t *testing.T) {
	some := taphoa.Some[int64](1)
	for _, c := range []struct {
		r    Receipt
		want string
	}{
		{Receipt{Amount: taphoa.Dong(1)}, "TT"},
		{Receipt{Amount: taphoa.Dong(-1)}, "PC"},
		{Receipt{OrderID: some, Amount: taphoa.Dong(1)}, "TTDH"},
		{Receipt{OrderID: some, InvoiceID: some, Amount: taphoa.Dong(1)}, "TTHD"},
		{Receipt{ReturnID: some, Amount: taphoa.Dong(-1)}, "PCTH"},
		{Receipt{PurchaseID: some, Amount: taphoa.Dong(-1)}, "PCPN"},
	} {
		if have := c.r.codePrefix(); have != c.want {
			t.Errorf("%+v begins with %s, want %s", c.r, have, c.want)
		}
	}
}

func TestDepositsPayTheInvoiceUntilItIsVoided(t *testing.T) {
	paid := func(id, order, invoice int64, status int64) PaymentRow {
		return PaymentRow{
			ID: id, Code: fmt.Sprintf("TTDH%d", id), Amount: dong(id), Method: taphoa.MethodCash, BranchID: 2, Status: status, PartnerType: "C", PartnerID: 5,
			OrderID: taphoa.SomeIf(order), InvoiceID: taphoa.SomeIf(invoice),
		}
	}
	stored := []PaymentRow{
		paid(14, 6, 0, taphoa.PaymentVoided), paid(11, 6, 0, taphoa.PaymentPaid), paid(13, 6, 70, taphoa.PaymentPaid),
		paid(12, 6, 0, taphoa.PaymentPaid), paid(15, 60, 0, taphoa.PaymentPaid),
	}
	l := NewLedger(context(), Facts{Payments: stored})
	if _, err := l.Receive(Receipt{
		BranchID: 2, Partner: Customer(5), OrderID: taphoa.Some[int64](6), Amount: dong(100), Method: taphoa.MethodCash,
	}); err != nil {
		t.Fatal(err)
	}
	deposits := func(p *PaymentRow) bool { return p.OrderID.Or(0) == 6 && !p.InvoiceID.Has() }
	invoice := PartnerDocument{Account: Customer(5), Ref: DocumentRef{"invoice", 71}, Code: "HD71", Date: now, Debtor: true}
	l.Known(Customer(5))
	l.Change(invoice, dong(30)) // of which 11 and 12 leave 7
	l.Deposits(deposits, "invoice", []int64{71}, false)
	if open, rest := l.Open(invoice), l.Rest(101); open != 0 || rest != dong(93) || l.Settled(invoice.Ref) != dong(30) {
		t.Errorf("the invoice leaves %v open, the last deposit has %v left", open, rest)
	}
	c := finish(t, l)
	if len(c.NewAllocations) != 3 || c.NewAllocations[2].Amount != dong(7) || len(c.NewItems) != 0 || len(c.Events) != 1 || len(c.Postings) != 1 {
		t.Errorf("changes %+v", c)
	}
	l = NewLedger(context(), Facts{
		Payments: append(stored, paid(90, 0, 71, taphoa.PaymentPaid), paid(91, 6, 71, taphoa.PaymentVoided)),
		Accounts: []Account{Customer(5)}, Allocations: c.NewAllocations[:2],
	})
	l.Name(invoice.Ref, "HD71")
	l.Change(invoice, -dong(23))
	l.Deposits(deposits, "invoice", nil, true)
	if c = finish(t, l); len(c.GoneAllocations) != 2 || len(c.NewItems) != 2 || c.NewItems[0].OpenAmount != -dong(12) || c.NewItems[1].OpenAmount != -dong(11) {
		t.Errorf("freed %+v", c)
	}
}

func TestAPaymentShowsItsAccountAlsoWhenThatIsDeleted(t *testing.T) {
	account := vcb
	account.DeletedAt = 1
	l := NewLedger(context(), Facts{BankAccounts: []BankAccount{account}})
	have := l.Shown(&PaymentRow{ID: 1, Code: "TT1", Method: taphoa.MethodCard, AccountID: taphoa.Some[int64](3), Status: taphoa.PaymentVoided})
	want := taphoa.Payment{
		ID: 1, Code: "TT1", Method: "Card", AccountID: taphoa.Some[int64](3), BankAccount: taphoa.Some("VCB - 001"), Status: 1, StatusValue: "Đã hủy",
	}
	if have != want {
		t.Errorf("shown %+v, want %+v", have, want)
	}
	if p := l.Shown(&PaymentRow{Method: taphoa.MethodCard}); p.BankAccount.Has() {
		t.Errorf("shown %+v", p)
	}
}

func TestAnEventIsReadWhenThePartnerOrTheGroupIsNotKnown(t *testing.T) {
	hoa := PartnerFacts{Name: taphoa.Some("Hoa"), WardName: taphoa.Some("Tràng Tiền")}
	row := PaymentRow{Method: taphoa.MethodCash, PartnerType: "C", PartnerID: 5, CashFlowGroupID: taphoa.Some[int64](1)}
	with := func(change func(*PaymentRow)) *PaymentRow {
		changed := row
		change(&changed)
		return &changed
	}
	for name, c := range map[string]struct {
		row   *PaymentRow
		name  string
		ward  string
		known bool
	}{
		"a customer":         {&row, "Hoa", "Tràng Tiền", true},
		"another customer":   {with(func(p *PaymentRow) { p.PartnerID = 6 }), "", "", false},
		"a walk-in":          {with(func(p *PaymentRow) { p.PartnerID = 0 }), "", "", true},
		"someone with texts": {with(func(p *PaymentRow) { p.PartnerType, p.PartnerID, p.PartnerName = "O", 0, taphoa.Some("Tư") }), "Tư", "", true},
		"a user":             {with(func(p *PaymentRow) { p.PartnerType = "U" }), "Hoa", "", true},
		"a group":            {with(func(p *PaymentRow) { p.CashFlowGroupID = taphoa.Some[int64](101) }), "Hoa", "Tràng Tiền", true},
		"another group":      {with(func(p *PaymentRow) { p.CashFlowGroupID = taphoa.Some[int64](102) }), "", "", false},
	} {
		l := NewLedger(context(), Facts{})
		l.NamePartner("C", 5, hoa)
		l.NamePartner("U", 5, hoa)
		l.NameGroup(101, "Thuê nhà")
		v, known := l.CashFlow(c.row)
		if known != c.known || known && (v.PartnerName.Or("") != c.name || v.WardName.Or("") != c.ward || !v.CashGroup.Has()) {
			t.Errorf("%s: %v %+v", name, known, v)
		}
	}
}
