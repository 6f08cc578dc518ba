package sales_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// wholesaler is a store whose customer may owe 1,000,000, with rice at 100,000.
type wholesaler struct {
	*store
	rice int64
}

func inWholesale(t *testing.T, test func(t *testing.T, s *wholesaler)) {
	t.Helper()
	inStore(t, nil, func(t *testing.T, s *store) {
		w := &wholesaler{s, s.product("GAO", 100_000, 1000, 60_000)}
		w.limit(dong(1_000_000), taphoa.Opt[string]{})
		test(t, w)
	})
}

func (s *wholesaler) limit(most taphoa.Opt[taphoa.Money], policy taphoa.Opt[string]) {
	s.t.Helper()
	do(s.store, party.UpdateCustomer, &taphoa.CustomerUpdate{
		ID: s.customer, CustomerInput: taphoa.CustomerInput{DebtLimit: most, DebtLimitPolicy: policy},
	})
}

// bags are a number of bags of rice, at 100,000 each.
func (s *wholesaler) bags(n int64) []taphoa.DetailInput { return []taphoa.DetailInput{line(s.rice, n)} }

// sells sells bags of rice.
func (s *wholesaler) sells(bags int64, payment int64) *taphoa.Invoice {
	s.t.Helper()
	return s.invoice(taphoa.InvoiceInput{InvoiceDetails: s.bags(bags), TotalPayment: dong(payment)})
}

func selling(s *wholesaler, in taphoa.InvoiceInput) func(*db.Tx) error {
	in.BranchID = taphoa.Some(s.branch)
	if !in.CustomerID.Given() {
		in.CustomerID = taphoa.Some(s.customer)
	}
	return func(tx *db.Tx) error {
		_, err := sales.CreateInvoice(tx, &in)
		return err
	}
}

// tooMuch checks that an operation is refused because the customer would owe so much.
func (s *wholesaler) tooMuch(code string, limit, owed int64, op func(*db.Tx) error) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, op)
	want := fmt.Sprintf("Khách hàng KH000001 (customerId) chỉ được nợ tối đa %d, sẽ nợ %d: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)", limit, owed)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Message != want || refusal.Code != code || refusal.Field != "customerId" {
		s.t.Errorf("got %v, want %q", err, want)
	}
	s.balanced()
}

func (s *wholesaler) owes(when string, want int64) {
	s.t.Helper()
	if got := s.get(s.customer).Debt; got != taphoa.Dong(want) {
		s.t.Errorf("%s: the customer owes %v, want %d", when, got, want)
	}
	s.balanced()
}

func TestAWholesaleCustomerOwesUpToTheLimit(t *testing.T) {
	inWholesale(t, func(_ *testing.T, s *wholesaler) {
		first := s.sells(9, 0)
		second := s.sells(1, 0)
		s.owes("exactly the limit", 1_000_000)
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_000_001, selling(s, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{pricedLine(s.rice, 1, 1)}}))
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_100_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(5), TotalPayment: dong(400_000)}))
		s.sells(5, 500_000)
		s.owes("paid at once", 1_000_000)

		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_100_000, updateInvoice(second.ID, taphoa.InvoiceInput{InvoiceDetails: s.bags(2)}))
		second = s.change(second, taphoa.InvoiceInput{InvoiceDetails: s.bags(2), TotalPayment: dong(100_000)})
		s.owes("one more, paid", 1_000_000)

		s.bring(first, taphoa.ReturnInput{}, back(s.rice, 3))
		s.owes("300,000 came back", 700_000)
		s.sells(3, 0)
		s.owes("sold again", 1_000_000)
		do(s.store, sales.PayInvoice, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(second.ID), Amount: dong(50_000)})
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_050_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(1)}))
		do(s.store, debt.CreateCashFlow, &taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), Amount: dong(1_150_000), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer),
		})
		s.owes("200,000 are credit", -200_000)
		s.sells(12, 0)
		s.owes("the credit has paid", 1_000_000)
	})
}

func TestBeyondALoweredLimitOnlyWhatLendsMoreIsRefused(t *testing.T) {
	inWholesale(t, func(_ *testing.T, s *wholesaler) {
		v := s.sells(8, 0)
		s.limit(dong(500_000), taphoa.Opt[string]{})
		s.tooMuch(taphoa.CodeInvoice, 500_000, 900_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(1)}))
		s.tooMuch(taphoa.CodeInvoice, 500_000, 900_000, updateInvoice(v.ID, taphoa.InvoiceInput{InvoiceDetails: s.bags(9)}))
		s.sells(1, 100_000)
		v = s.change(v, taphoa.InvoiceInput{Description: taphoa.Some("giao chiều")})
		v = s.change(v, taphoa.InvoiceInput{InvoiceDetails: s.bags(7)})
		do(s.store, sales.PayInvoice, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(100_000)})
		s.owes("less, and still too much", 600_000)
		r := s.bring(v, taphoa.ReturnInput{}, back(s.rice, 1))
		do(s.store, sales.DeleteReturn, &taphoa.ReturnDelete{ID: r.ID})
		s.owes("the return was a mistake", 600_000)
		s.limit(dong(0), taphoa.Opt[string]{})
		s.tooMuch(taphoa.CodeInvoice, 0, 700_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(1)}))
		s.sells(1, 100_000)
		s.limit(taphoa.Null[taphoa.Money](), taphoa.Opt[string]{})
		s.sells(30, 0)
		s.owes("without a limit", 3_600_000)
	})
}

// TestADepositDoesNotRaiseTheLimit: with a deposit of 300,000 the customer owes 600,000, and the account leaves 900,000 open.
func TestADepositDoesNotRaiseTheLimit(t *testing.T) {
	inWholesale(t, func(_ *testing.T, s *wholesaler) {
		s.sells(9, 0)
		o := s.order(taphoa.OrderInput{OrderDetails: s.bags(4), TotalPayment: dong(300_000)})
		s.owes("with a deposit", 600_000)
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_100_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(2)}))
		unpaid := s.order(taphoa.OrderInput{OrderDetails: s.bags(20)}) // which is no debt
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 2_900_000, selling(s, taphoa.InvoiceInput{OrderID: taphoa.Some(unpaid.ID)}))
		s.tooMuch(taphoa.CodeOrder, 1_000_000, 2_900_000, func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, makeInvoice(unpaid.ID))
			return err
		})
		s.tooMuch(taphoa.CodeOrder, 1_000_000, 1_200_000, func(tx *db.Tx) error {
			_, err := sales.CreateOrder(tx, &taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), OrderDetails: s.bags(3), MakeInvoice: true,
			})
			return err
		})
		do(s.store, sales.UpdateOrder, makeInvoice(o.ID)) // of 400,000, 100,000 are open
		s.owes("the deposit has paid", 1_000_000)
	})
}

func TestAParcelIsNoDebtUntilItsDeliveryEnds(t *testing.T) {
	inWholesale(t, func(_ *testing.T, s *wholesaler) {
		s.sells(9, 0)
		parcel := func(bags int64) *taphoa.Invoice {
			return s.invoice(taphoa.InvoiceInput{
				InvoiceDetails: s.bags(bags), DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)},
			})
		}
		v := parcel(5)
		s.owes("under way", 1_400_000)
		s.sells(1, 0)
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_500_000, updateInvoice(v.ID, taphoa.InvoiceInput{ // on credit after all
			DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(false)},
		}))
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_200_000, updateInvoice(v.ID, taphoa.InvoiceInput{
			DeliveryDetail: &taphoa.DeliveryInput{PriceCodPayment: dong(300_000)},
		}))
		s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(taphoa.DeliveryDelivered)})
		s.owes("collected", 1_000_000)

		v = parcel(2)
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(taphoa.DeliveryCancelled)})
		if v.TotalPayment != 0 || len(v.Warnings) != 0 {
			s.t.Errorf("cancelled: paid %v, warnings %q", v.TotalPayment, v.Warnings)
		}
		s.owes("not collected", 1_200_000)
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_300_000, selling(s, taphoa.InvoiceInput{InvoiceDetails: s.bags(1)}))
		s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(taphoa.DeliveryReturned)})
		s.owes("came back", 1_000_000)
		s.tooMuch(taphoa.CodeInvoice, 1_000_000, 1_100_000, selling(s, taphoa.InvoiceInput{ // of 400,000, 300,000 are to be collected
			InvoiceDetails: s.bags(4), DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true), PriceCodPayment: dong(300_000)},
		}))
	})
}

func TestAShopIsWarnedWhereItOnlyWantsToKnow(t *testing.T) {
	inWholesale(t, func(t *testing.T, s *wholesaler) {
		s.limit(taphoa.Opt[taphoa.Money]{}, taphoa.Some("warn"))
		warned := func(want string, warnings []string) {
			t.Helper()
			if got := fmt.Sprint(warnings); got != want {
				t.Errorf("the warnings are %s, want %s", got, want)
			}
		}
		v := s.sells(10, 0)
		warned("[]", v.Warnings)
		warned("[Khách hàng KH000001 nợ 1100000, vượt hạn mức nợ 1000000 (debtLimit)]", s.sells(1, 0).Warnings)
		warned("[]", s.sells(1, 100_000).Warnings)
		warned("[Khách hàng KH000001 nợ 1200000, vượt hạn mức nợ 1000000 (debtLimit)]", s.change(v, taphoa.InvoiceInput{InvoiceDetails: s.bags(11)}).Warnings)
		warned("[]", s.change(v, taphoa.InvoiceInput{TotalPayment: dong(50_000)}).Warnings)
		o := s.order(taphoa.OrderInput{OrderDetails: s.bags(1), MakeInvoice: true})
		warned("[Khách hàng KH000001 nợ 1250000, vượt hạn mức nợ 1000000 (debtLimit)]", o.Warnings)
		s.owes("warned", 1_250_000)
	})
}

func TestWhoIsNewOrDeletedHasNoDebtLimit(t *testing.T) {
	inWholesale(t, func(t *testing.T, s *wholesaler) {
		v := s.invoice(taphoa.InvoiceInput{
			CustomerID: taphoa.Null[int64](), InvoiceDetails: s.bags(20), Customer: &taphoa.DocumentCustomer{Name: taphoa.Some("Anh Tư")},
		})
		if got := s.get(v.CustomerID.Value); got.Debt != taphoa.Dong(2_000_000) {
			t.Errorf("the new customer owes %v", got.Debt)
		}
		s.limit(dong(0), taphoa.Opt[string]{})
		o := s.order(taphoa.OrderInput{OrderDetails: s.bags(3)})
		v = s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), TotalPayment: dong(300_000)})
		do(s.store, party.DeleteCustomer, &taphoa.ByID{ID: s.customer})
		do(s.store, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true}) // and the order is open again
		s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		s.read(func(tx *db.Tx) error {
			owed, err := cash.Debt(tx, cash.Customer(s.customer))
			if owed != taphoa.Dong(300_000) {
				t.Errorf("the deleted customer owes %v", owed)
			}
			return err
		})
	})
}

func TestAMergedCustomerLeavesTheDebtLimitToWhoHasNone(t *testing.T) {
	inWholesale(t, func(t *testing.T, s *wholesaler) {
		some := taphoa.Some[string]
		limited := s.person(taphoa.CustomerInput{Name: some("Quán Tư"), DebtLimit: dong(300_000), DebtLimitPolicy: some("warn")})
		free := s.person(taphoa.CustomerInput{Name: some("Quán 4")})
		if got := s.merge(free.ID, limited.ID); got.DebtLimit != dong(300_000) || got.DebtLimitPolicy != some("warn") {
			t.Errorf("the limit is %v %v, want that of the other", got.DebtLimit, got.DebtLimitPolicy)
		}
		if got := s.merge(s.customer, free.ID); got.DebtLimit != dong(1_000_000) || got.DebtLimitPolicy != some("refuse") {
			t.Errorf("the limit is %v %v, want the customer's own", got.DebtLimit, got.DebtLimitPolicy)
		}
	})
}
