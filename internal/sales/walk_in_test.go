package sales_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
)

// paidBy is what a document shows that was booked: the sum, and each payment.
func paidBy(total taphoa.Money, payments []taphoa.Payment) string {
	text := fmt.Sprint(total, ":")
	for _, p := range payments {
		text += fmt.Sprint(" ", p.Method, " ", p.Amount)
	}
	return text
}

func pays(method string, amount int64) taphoa.PaymentInput {
	return taphoa.PaymentInput{Method: method, Amount: taphoa.Dong(amount)}
}

// money checks what the first drawer holds, the bank account without a name, and the cash book.
func (s *store) money(when string, drawer, bank int64) {
	s.t.Helper()
	var sum taphoa.Money
	for _, e := range s.receipts() {
		if e.Status == taphoa.PaymentPaid {
			sum += e.Amount
		}
	}
	s.read(func(tx *db.Tx) error {
		has, err := cash.Balance(tx, cash.Drawer(s.branch))
		if err != nil {
			return err
		}
		account, err := cash.Balance(tx, cash.Bank(0))
		if has != taphoa.Dong(drawer) || account != taphoa.Dong(bank) || sum != has+account {
			s.t.Errorf("%s: the drawer has %v, the bank %v, the cash book comes to %v; want %d and %d", when, has, account, sum, drawer, bank)
		}
		return err
	})
	s.balanced()
}

// beyond is the refusal of money that is no cash.
func beyond(left, amount int64, method, member string) string {
	return fmt.Sprintf("Khách lẻ chỉ còn phải trả %d, không thể thu %d bằng %s (%s): chỉ tiền mặt mới có tiền thừa, hãy giảm số tiền này", left, amount, method, member)
}

// TestAWalkInsChangeIsNotBooked: a sale of 100,000 to a walk-in leaves 100,000 in the drawer, whatever was given.
func TestAWalkInsChangeIsNotBooked(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		drawer, bank := int64(0), int64(0)
		for name, c := range map[string]struct {
			in            taphoa.InvoiceInput
			booked        string
			drawer, bank  int64
			left, refused int64
			member        string
		}{
			"two notes of 100,000":           {in: taphoa.InvoiceInput{TotalPayment: dong(200_000)}, booked: "100000: Cash 100000", drawer: 100_000},
			"a note by payments":             {in: taphoa.InvoiceInput{Payments: []taphoa.PaymentInput{pays("CASH", 500_000)}}, booked: "100000: Cash 100000", drawer: 100_000},
			"less than the total":            {in: taphoa.InvoiceInput{TotalPayment: dong(30_000)}, booked: "30000: Cash 30000", drawer: 30_000},
			"a transfer, then cash":          {in: taphoa.InvoiceInput{TotalPayment: dong(100_000), Payments: []taphoa.PaymentInput{pays("Transfer", 60_000)}}, booked: "100000: Cash 40000 Transfer 60000", drawer: 40_000, bank: 60_000},
			"cash twice, a card":             {in: taphoa.InvoiceInput{Payments: []taphoa.PaymentInput{pays("Cash", 30_000), pays("Card", 50_000), pays("Cash", 50_000)}}, booked: "100000: Cash 30000 Card 50000 Cash 20000", drawer: 50_000, bank: 50_000},
			"a card for all, and a note":     {in: taphoa.InvoiceInput{TotalPayment: dong(100_000), Payments: []taphoa.PaymentInput{pays("Card", 100_000)}}, booked: "100000: Card 100000", bank: 100_000},
			"half a đồng more":               {in: taphoa.InvoiceInput{TotalPayment: taphoa.Some(taphoa.Dong(100_000) + taphoa.Scale/2)}, booked: "100000: Cash 100000", drawer: 100_000},
			"by delivery":                    {in: taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{Payments: []taphoa.PaymentInput{pays("Cash", 200_000)}}}, booked: "100000: Cash 100000", drawer: 100_000},
			"a transfer beyond the total":    {in: taphoa.InvoiceInput{TotalPayment: dong(100_001), Method: taphoa.Some("Transfer")}, left: 100_000, refused: 100_001, member: "totalPayment"},
			"a card beyond the total":        {in: taphoa.InvoiceInput{Payments: []taphoa.PaymentInput{pays("Card", 200_000)}}, left: 100_000, refused: 200_000, member: "payments.amount"},
			"two transfers beyond the total": {in: taphoa.InvoiceInput{Payments: []taphoa.PaymentInput{pays("Transfer", 60_000), pays("Transfer", 40_001)}}, left: 40_000, refused: 40_001, member: "payments.amount"},
		} {
			c.in.CustomerID, c.in.InvoiceDetails = taphoa.Null[int64](), []taphoa.DetailInput{line(s.coffee, 2)}
			if c.refused != 0 {
				method := "Card"
				if strings.Contains(name, "transfer") {
					method = "Transfer"
				}
				s.refused(beyond(c.left, c.refused, method, c.member), func(tx *db.Tx) error {
					c.in.BranchID = taphoa.Some(s.branch)
					_, err := sales.CreateInvoice(tx, &c.in)
					return err
				})
				continue
			}
			v := s.invoice(c.in)
			if got := paidBy(v.TotalPayment, v.Payments); got != c.booked {
				t.Errorf("%s: booked %s, want %s", name, got, c.booked)
			}
			drawer, bank = drawer+c.drawer, bank+c.bank
			s.money(name, drawer, bank)
		}
		free := s.invoice(taphoa.InvoiceInput{
			CustomerID: taphoa.Null[int64](), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Discount: dong(100_000), TotalPayment: dong(50_000),
		})
		if got := paidBy(free.TotalPayment, free.Payments); got != "0:" {
			t.Errorf("a gift: booked %s", got)
		}
		s.money("a gift", drawer, bank)
	})
}

// TestACustomersSurplusIsCredit stays: the shop knows whom it owes.
func TestACustomersSurplusIsCredit(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: dong(150_000), Payments: []taphoa.PaymentInput{pays("Card", 20_000)}})
		if got := paidBy(v.TotalPayment, v.Payments); got != "100000: Cash 100000 Card 0" {
			t.Errorf("booked %s", got)
		}
		s.expect("paid too much", 98, 0, -70_000)
	})
}

// TestAWalkInsChangeIsNotBookedLater when an invoice is changed, and after goods came back.
func TestAWalkInsChangeIsNotBookedLater(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{CustomerID: taphoa.Null[int64](), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: dong(30_000)})
		change := func(in taphoa.InvoiceInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				done, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in})
				if err == nil {
					v = done
				}
				return err
			}
		}
		changed := func(want string, in taphoa.InvoiceInput) {
			t.Helper()
			s.write(change(in))
			if got := paidBy(v.TotalPayment, v.Payments); got != want {
				t.Errorf("booked %s, want %s", got, want)
			}
		}
		byCard := taphoa.InvoiceInput{TotalPayment: dong(150_000), Method: taphoa.Some("Card")}
		s.refused(beyond(70_000, 120_000, "Card", "totalPayment"), change(byCard))
		changed("80000: Cash 30000 Transfer 50000", taphoa.InvoiceInput{Payments: []taphoa.PaymentInput{pays("Transfer", 50_000)}})
		s.refused("Hóa đơn "+v.Code+" chỉ còn nợ 20000, không thể thu 20001 (amount)", func(tx *db.Tx) error {
			_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(20_001), Method: "Cash"})
			return err
		})
		changed("100000: Cash 30000 Transfer 50000 Cash 20000", taphoa.InvoiceInput{TotalPayment: dong(150_000)})
		changed("100000: Cash 30000 Transfer 50000 Cash 20000", taphoa.InvoiceInput{TotalPayment: dong(150_000)})
		s.refused(beyond(0, 50_000, "Card", "totalPayment"), change(byCard))
		changed("150000: Cash 30000 Transfer 50000 Cash 20000 Cash 50000", taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3)}, TotalPayment: dong(500_000),
		})
		s.money("three", 100_000, 50_000)
		s.write(func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{
				InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: line(s.coffee, 1)}}, TotalPayment: dong(50_000),
			})
			return err
		})
		changed("150000: Cash 30000 Transfer 50000 Cash 20000 Cash 50000", taphoa.InvoiceInput{TotalPayment: dong(200_000)})
		s.money("one came back", 50_000, 50_000)
	})
}

// TestAWalkInsDepositIsNoMoreThanTheOrder, and its invoice takes no more than is left.
func TestAWalkInsDepositIsNoMoreThanTheOrder(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		two := []taphoa.DetailInput{line(s.coffee, 2)}
		var o *taphoa.Order
		order := func(in taphoa.OrderInput) func(*db.Tx) error {
			in.BranchID, in.OrderDetails = taphoa.Some(s.branch), two
			return func(tx *db.Tx) error {
				done, err := sales.CreateOrder(tx, &in)
				if err == nil {
					o = done
				}
				return err
			}
		}
		change := func(in taphoa.OrderInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				done, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: in})
				if err == nil {
					o = done
				}
				return err
			}
		}
		booked := func(when, want string, op func(*db.Tx) error) {
			t.Helper()
			s.write(op)
			if got := paidBy(o.TotalPayment, o.Payments); got != want {
				t.Errorf("%s: booked %s, want %s", when, got, want)
			}
		}
		s.refused(beyond(100_000, 100_001, "Transfer", "totalPayment"), order(taphoa.OrderInput{TotalPayment: dong(100_001), Method: taphoa.Some("transfer")}))
		booked("a deposit", "100000: Cash 100000", order(taphoa.OrderInput{TotalPayment: dong(200_000)}))
		s.money("a deposit", 100_000, 0)
		booked("an order that is invoiced at once", "100000: Cash 50000 Card 50000", order(taphoa.OrderInput{
			TotalPayment: dong(200_000), Payments: []taphoa.PaymentInput{pays("Card", 50_000)}, MakeInvoice: true,
		}))
		s.money("invoiced at once", 150_000, 50_000)
		s.refused(beyond(100_000, 150_000, "Card", "payments.amount"), order(taphoa.OrderInput{
			Payments: []taphoa.PaymentInput{pays("Card", 150_000)}, MakeInvoice: true,
		}))
		booked("less", "40000: Cash 40000", order(taphoa.OrderInput{TotalPayment: dong(40_000)}))
		s.refused(beyond(60_000, 110_000, "Card", "totalPayment"), change(taphoa.OrderInput{TotalPayment: dong(150_000), Method: taphoa.Some("Card")}))
		booked("the rest", "100000: Cash 40000 Cash 60000", change(taphoa.OrderInput{TotalPayment: dong(150_000)}))
		s.money("the rest", 250_000, 50_000)
		booked("less again", "40000: Cash 40000", order(taphoa.OrderInput{TotalPayment: dong(40_000)}))
		s.refused(beyond(60_000, 110_000, "Card", "totalPayment"), change(taphoa.OrderInput{TotalPayment: dong(150_000), Method: taphoa.Some("Card"), MakeInvoice: true}))
		booked("with its invoice", "100000: Cash 40000 Cash 60000", change(taphoa.OrderInput{TotalPayment: dong(150_000), MakeInvoice: true}))
		booked("less once more", "40000: Cash 40000", order(taphoa.OrderInput{TotalPayment: dong(40_000)}))
		v := s.invoice(taphoa.InvoiceInput{CustomerID: taphoa.Null[int64](), OrderID: taphoa.Some(o.ID), TotalPayment: dong(500_000)})
		if got := paidBy(v.TotalPayment, v.Payments); got != "100000: Cash 40000 Cash 60000" {
			t.Errorf("the invoice of an order: booked %s", got)
		}
		s.money("all", 450_000, 50_000)
	})
}
