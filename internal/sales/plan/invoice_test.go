package plan_test

import (
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/salestest"
)

// shop returns a shop whose settings are those of a new one but for what set changes.
func shop(set func(*orgplan.Settings)) *salestest.Memory {
	m := salestest.NewShop(rand.New(rand.NewPCG(1, 1)))
	m.Directory.Settings = orgplan.DefaultSettings()
	set(&m.Directory.Settings)
	return m
}

// apply runs an operation that must not be refused, and returns what it shows.
func apply[T any](t *testing.T, m *salestest.Memory, op *salestest.Operation) T {
	t.Helper()
	shown, _, err := m.Apply(op)
	if err != nil {
		t.Fatal(err)
	}
	return shown.(T)
}

func line(product, quantity, price int64) taphoa.DetailInput {
	return taphoa.DetailInput{
		ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(price)),
	}
}

// Where prices contain their tax, points are earned on what the customer has paid, whenever the sale is completed.
func TestPointsAreTheSameWheneverASaleIsCompleted(t *testing.T) {
	m := shop(func(s *orgplan.Settings) {
		s.PricingMode, s.RewardPointRate = taphoa.PricingAfterTax, taphoa.Dong(1_000)
	})
	sold := line(1, 1, 110_000)
	sold.Taxes = []taphoa.TaxWrite{{TaxID: 4}}
	in := &taphoa.InvoiceInput{
		BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), InvoiceDetails: []taphoa.DetailInput{sold},
		Discount: taphoa.Some(taphoa.Dong(11_000)),
	}
	apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: in})
	later := *in
	later.Status = taphoa.Some[int64](taphoa.InvoiceProcessing)
	v := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &later})
	change := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
	change.Status = taphoa.Some[int64](taphoa.InvoiceCompleted)
	apply[*taphoa.Invoice](t, m, &salestest.Operation{ChangeInvoice: change})
	if at, after := m.Invoices[1].Row.Points, m.Invoices[2].Row.Points; at != 99 || after != 99 {
		t.Errorf("%d points for a sale that is complete at once, %d for one that is completed later, want 99 for both", at, after)
	}
}

// An order that is void still shows what is paid on it after its invoice and the receipts of that are void, too.
func TestAVoidOrderShowsWhatIsStillPaid(t *testing.T) {
	m := shop(func(*orgplan.Settings) {})
	o := apply[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(1, 2, 10_000)},
	}})
	v := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
		OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(1, 1, 10_000)}, TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
	}})
	apply[taphoa.Message](t, m, &salestest.Operation{VoidOrder: &taphoa.OrderDelete{ID: o.ID}})
	if paid := m.Orders[o.ID].Row.TotalPayment; paid != taphoa.Dong(10_000) {
		t.Errorf("the void order has been paid %v, want 10000", paid)
	}
	apply[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true}})
	if paid := m.Orders[o.ID].Row.TotalPayment; paid != 0 {
		t.Errorf("the void order has been paid %v, its payments are void", paid)
	}
}

// The invoices of an order bear its discount to the đồng, whichever of them was voided and made again.
func TestADiscountByRatioIsTheOrdersAfterAnInvoiceWasVoided(t *testing.T) {
	m := shop(func(*orgplan.Settings) {})
	o := apply[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(1, 1, 1_001), line(3, 1, 1_001)},
		DiscountRatio: taphoa.Some(taphoa.Ratio(50)),
	}})
	sell := func(product int64) *taphoa.Invoice {
		return apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
			OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(product, 1, 1_001)},
		}})
	}
	first, second := sell(1), sell(3)
	apply[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: first.ID}})
	again := sell(1)
	if sum := second.Discount.Value + again.Discount.Value; sum != o.Discount.Value || o.Discount.Value != taphoa.Dong(1_001) {
		t.Errorf("discounts of %v and %v, the order has %v", second.Discount.Value, again.Discount.Value, o.Discount.Value)
	}
}
