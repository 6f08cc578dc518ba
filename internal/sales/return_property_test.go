package sales_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

// TestReturnsAndPaymentsBalanceUnderEightClients lets eight clients sell, return, collect and void, all of them the same
// invoices, and compares with a naive model.
func TestReturnsAndPaymentsBalanceUnderEightClients(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "10000"}, func(t *testing.T, s *store) {
		m := &market{store: s}
		s.write(func(tx *db.Tx) error {
			c, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some("Anh Minh")})
			m.bargainer = c.ID
			return err
		})
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				random := rand.New(rand.NewPCG(17, uint64(i)))
				for range 25 {
					m.act(random)
				}
			})
		}
		group.Wait()
		s.balanced()
		m.audit()
	})
}

// market is where the hands meet: what they have made so far.
type market struct {
	*store
	bargainer int64 // gets discounts; the store's own customer pays full prices

	mu                sync.Mutex
	invoices, returns []int64
	done              map[string]int
}

func (m *market) one(of *[]int64, random *rand.Rand) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(*of) == 0 {
		return 0
	}
	return (*of)[random.IntN(len(*of))]
}

func (m *market) keep(what string, to *[]int64, id int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil {
		m.done = map[string]int{}
	}
	m.done[what]++
	if to != nil {
		*to = append(*to, id)
	}
}

// act does one thing; refusals are part of the day.
func (m *market) act(random *rand.Rand) {
	invoice, ret := m.one(&m.invoices, random), m.one(&m.returns, random)
	n, flag, amount := random.Int64N(3)+1, random.IntN(2) == 0, taphoa.Dong(random.Int64N(60)*1_000+1_000)
	what, to, id := "", (*[]int64)(nil), int64(0)
	choice := random.IntN(9)
	err := m.d.Write(m.t.Context(), m.who, func(tx *db.Tx) (err error) {
		switch {
		case choice < 2 || invoice == 0:
			what, to = "sell", &m.invoices
			id, err = m.sell(tx, n, flag)
		case choice < 5:
			what, to = "take back", &m.returns
			in := &taphoa.ReturnInput{InvoiceID: taphoa.Some(invoice)}
			if choice > 2 {
				in.ReturnDetails = []taphoa.ReturnDetailInput{back(m.coffee, n)}
			}
			if flag {
				in.ReturnFee, in.TotalPayment = taphoa.Some(amount/10), taphoa.Some(amount)
			}
			id, err = create(sales.CreateReturn(tx, in))
		case choice == 5:
			what, to = "take back freely", &m.returns
			id, err = create(sales.CreateReturn(tx, &taphoa.ReturnInput{
				BranchID: taphoa.Some(m.branch), CustomerID: taphoa.Some(m.customer), ReturnDetails: []taphoa.ReturnDetailInput{back(m.sugar, n)},
			}))
		case choice == 6:
			what = "collect"
			_, err = sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(invoice), Amount: taphoa.Some(amount), Method: "cash"})
		case choice == 7 && ret != 0:
			what = "void a return"
			_, err = sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: ret, IsVoidPayment: flag})
		default:
			what = "void an invoice"
			_, err = sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: invoice, IsVoidPayment: flag})
		}
		return err
	})
	var refusal *taphoa.Error
	if err == nil {
		m.keep(what, to, id)
	} else if !errors.As(err, &refusal) {
		m.t.Error(err)
	}
}

func create(r *taphoa.Return, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.ID, nil
}

// sell sells coffee and sugar: at full prices to the store's customer, or to the bargainer.
func (m *market) sell(tx *db.Tx, n int64, bargain bool) (int64, error) {
	in := &taphoa.InvoiceInput{
		BranchID: taphoa.Some(m.branch), CustomerID: taphoa.Some(m.customer),
		InvoiceDetails: []taphoa.DetailInput{line(m.coffee, n+1), line(m.sugar, n)}, TotalPayment: dong(10_000 * n),
	}
	if bargain {
		in.CustomerID, in.Discount = taphoa.Some(m.bargainer), dong(7_777)
	}
	v, err := sales.CreateInvoice(tx, in)
	if err != nil {
		return 0, err
	}
	return v.ID, nil
}

// account is what the naive model says of a customer.
type account struct{ debt, invoiced, revenue taphoa.Money }

// audit adds up the valid documents and compares the sums with those of the ledgers.
func (m *market) audit() {
	m.t.Helper()
	m.read(func(tx *db.Tx) error {
		all := taphoa.Paging{PageSize: 1000}
		invoices, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: all, IncludePayment: true})
		if err != nil {
			return err
		}
		returns, err := sales.ListReturns(tx, &taphoa.ReturnQuery{Paging: all, IncludePayment: true})
		if err != nil {
			return err
		}
		for _, what := range []string{"sell", "take back", "take back freely", "collect", "void a return", "void an invoice"} {
			if m.done[what] == 0 {
				m.t.Errorf("nobody managed to %s", what)
			}
		}
		back := map[int64][]*taphoa.Return{}
		for i := range returns.Data {
			r := &returns.Data[i]
			back[r.InvoiceID.Or(0)] = append(back[r.InvoiceID.Or(0)], r)
		}
		owe := map[int64]*account{m.customer: {}, m.bargainer: {}}
		for i := range invoices.Data {
			v := &invoices.Data[i]
			m.judge(v, back[v.ID])
			sum(owe[v.CustomerID.Value], v.Total, v.Total, v.Status != taphoa.InvoiceVoid)
		}
		for _, r := range returns.Data {
			sum(owe[r.CustomerID.Value], -r.ReturnTotal, 0, r.Status == taphoa.ReturnDone)
		}
		book, err := cash.ListCashFlow(tx, &taphoa.CashFlowQuery{Paging: all, Status: []int64{taphoa.PaymentPaid}})
		if err != nil {
			return err
		}
		for _, p := range book.Data {
			owe[p.PartnerID.Value].debt -= p.Amount
		}
		return m.compare(tx, invoices.Data, returns.Data, owe)
	})
}

// sum adds a document and its receipts.
func sum(to *account, total, sold taphoa.Money, valid bool) {
	if valid {
		to.debt, to.revenue, to.invoiced = to.debt+total, to.revenue+total, to.invoiced+sold
	}
}

// judge compares an invoice with its returns: none brings back more than was sold, all together bring back exactly what
// was sold, and a part of them its part, to the đồng that rounding takes.
func (m *market) judge(v *taphoa.Invoice, returns []*taphoa.Return) {
	m.t.Helper()
	var worth, discount taphoa.Money
	came, lines := map[int64]taphoa.Quantity{}, 0
	for _, r := range returns {
		var paid taphoa.Money
		for _, p := range r.Payments {
			if p.Status == taphoa.PaymentPaid {
				paid -= p.Amount
			}
		}
		if paid != r.TotalPayment || paid > r.ReturnTotal {
			m.t.Errorf("return %s over %v says %v was paid back, its vouchers %v", r.Code, r.ReturnTotal, r.TotalPayment, paid)
		}
		if r.Status != taphoa.ReturnDone {
			continue
		}
		worth, discount = worth+r.ReturnTotal+r.ReturnFee, discount+r.ReturnDiscount.Value
		for _, d := range r.ReturnDetails {
			came[d.ProductID] += d.Quantity
			lines++
		}
	}
	if v.Status == taphoa.InvoiceVoid && lines > 0 || v.TotalPayment > v.Total {
		m.t.Errorf("invoice %s over %v: status %d with %d lines brought back, %v paid", v.Code, v.Total, v.Status, lines, v.TotalPayment)
	}
	exact, all := taphoa.Money(0), true
	for _, d := range v.InvoiceDetails {
		if d.ReturnQuantity != came[d.ProductID] || d.ReturnQuantity > d.Quantity {
			m.t.Errorf("invoice %s says %v of %v came back, the returns %v", v.Code, d.ReturnQuantity, d.Quantity, came[d.ProductID])
		}
		exact += taphoa.Money(float64(d.SubTotal-d.AllocationDiscount.Value) * float64(d.ReturnQuantity) / float64(d.Quantity))
		all = all && d.ReturnQuantity == d.Quantity
	}
	off := worth - exact
	if all && (worth != v.Total || discount != v.Discount.Value) || off > taphoa.Dong(int64(lines)) || -off > taphoa.Dong(int64(lines)) {
		m.t.Errorf("invoice %s over %v: %v came back with %v off, by proportion %v (all: %v)", v.Code, v.Total, worth, discount, exact, all)
	}
}

// compare compares goods, debts, totals and points with the model.
func (m *market) compare(tx *db.Tx, invoices []taphoa.Invoice, returns []taphoa.Return, owe map[int64]*account) error {
	m.t.Helper()
	gone, points := map[int64]taphoa.Quantity{}, map[int64]int64{}
	each := map[int64]int64{m.coffee: 5, m.sugar: 2} // points apiece at full prices
	for _, v := range invoices {
		for _, d := range v.InvoiceDetails {
			if v.Status != taphoa.InvoiceVoid {
				gone[d.ProductID] += d.Quantity
				points[v.CustomerID.Value] += each[d.ProductID] * int64(d.Quantity/taphoa.Units(1))
			}
		}
	}
	for _, r := range returns {
		for _, d := range r.ReturnDetails {
			if r.Status == taphoa.ReturnDone {
				gone[d.ProductID] -= d.Quantity
				points[r.CustomerID.Value] -= each[d.ProductID] * int64(d.Quantity/taphoa.Units(1))
			}
		}
	}
	levels, err := stock.Levels(tx, []int64{m.coffee, m.sugar}, nil)
	if err != nil {
		return err
	}
	for _, l := range levels {
		if l.OnHand != taphoa.Units(100)-gone[l.ProductID] {
			m.t.Errorf("%v of product %d are there, the documents say %v", l.OnHand, l.ProductID, taphoa.Units(100)-gone[l.ProductID])
		}
	}
	for id, want := range owe {
		c, err := party.GetCustomer(tx, &taphoa.ByID{ID: id})
		if err != nil {
			return err
		}
		if have := (account{c.Debt, c.TotalInvoiced.Value, c.TotalRevenue.Value}); have != *want {
			m.t.Errorf("customer %d: %+v, the documents say %+v", id, have, *want)
		}
	}
	c, err := party.GetCustomer(tx, &taphoa.ByID{ID: m.customer})
	if err == nil && (c.RewardPoint != points[m.customer] || c.TotalPoint.Value != points[m.customer]) {
		m.t.Errorf("%d points, the documents say %d", c.RewardPoint, points[m.customer])
	}
	return err
}

func TestAnInvoiceIsPaidToTheLastDongAndNotBeyond(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 4)}, TotalPayment: dong(20_000)})
		v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 4)}})
		pay := func(amount int64, method string, account int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				p, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{
					InvoiceID: taphoa.Some(v.ID), Amount: dong(amount), Method: method, AccountID: taphoa.SomeIf(account),
				})
				if err == nil && (p.Amount != taphoa.Dong(amount) || p.InvoiceID != v.ID || p.DocumentCode != v.Code || p.PaymentID == 0) {
					t.Errorf("paid: %+v", p)
				}
				return err
			}
		}
		s.write(pay(30_000, "TRANSFER", s.bank))
		s.expect("paid in part", 96, 0, 150_000)
		s.refusedLike("chỉ còn nợ 150000, không thể thu 150001", pay(150_001, "Cash", 0))
		s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1)) // not paid back: 50,000 less to pay
		s.refusedLike("chỉ còn nợ 100000, không thể thu 100001", pay(100_001, "Cash", 0))
		s.bring(v, taphoa.ReturnInput{TotalPayment: dong(50_000)}, back(s.coffee, 1)) // paid back: the debt stays
		s.write(pay(100_000, "Cash", s.bank))                                         // cash goes to no account
		s.expect("paid", 98, 0, 0)
		s.refusedLike("không còn nợ", pay(1, "Cash", 0))
		now := s.look(v)
		if now.TotalPayment != taphoa.Dong(200_000) || len(now.Allocations) != 1 || now.Allocations[0].Amount != taphoa.Dong(50_000) || now.Payments[2].AccountID.Has() || now.Payments[1].AccountID.Value != s.bank || now.Payments[1].Code != "TTHD000001" {
			t.Errorf("the invoice has %v, %+v", now.TotalPayment, now.Payments)
		}
		s.read(func(tx *db.Tx) error {
			o, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
			if err == nil && o.TotalPayment != taphoa.Dong(150_000) {
				t.Errorf("the order has %v", o.TotalPayment)
			}
			return err
		})
	})
}

func TestPaymentsAreRefusedForAReason(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		void := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: void.ID})
			return err
		})
		type input = taphoa.InvoicePaymentInput
		for words, in := range map[string]input{
			"Hóa đơn không tồn tại":         {Amount: dong(1)},
			"đã hủy, không thể thanh toán":  {Amount: dong(1), InvoiceID: taphoa.Some(void.ID)},
			"(amount) phải lớn hơn 0":       {InvoiceID: taphoa.Some(v.ID)},
			"phải lớn hơn 0":                {InvoiceID: taphoa.Some(v.ID), Amount: dong(-1)},
			"\"Bò\" (method)":               {InvoiceID: taphoa.Some(v.ID), Amount: dong(1), Method: "Bò"},
			"bằng voucher":                  {InvoiceID: taphoa.Some(v.ID), Amount: dong(1), Method: "voucher"},
			"99 (accountId) không tồn tại":  {InvoiceID: taphoa.Some(v.ID), Amount: dong(1), Method: "Card", AccountID: taphoa.Some[int64](99)},
			"chỉ còn nợ 50000, không thể t": {InvoiceID: taphoa.Some(v.ID), Amount: taphoa.Some(taphoa.Money(int64(1 << 62)))},
		} {
			s.refusedLike(words, func(tx *db.Tx) error { _, err := sales.PayInvoice(tx, &in); return err })
		}
		s.expect("after the refusals", 99, 0, 50_000)
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := sales.PayInvoice(tx, &input{InvoiceID: taphoa.Some(v.ID), Amount: dong(15_000)})
					return err
				})
				if refusal := (*taphoa.Error)(nil); err != nil && !errors.As(err, &refusal) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		s.expect("twelve wanted to pay 15,000", 99, 0, 5_000)
		s.read(func(tx *db.Tx) error {
			in, err := cash.Balance(tx, cash.Drawer(s.branch))
			if err == nil && in != taphoa.Dong(45_000) {
				t.Errorf("the drawer has %v", in)
			}
			return err
		})
	})
}
