package mirror_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestASaleChangesItsCustomer: what is paid at once leaves debt and dates as they are, and brings revenue and points. One customer is
// asked for alone; with many, all are read again.
func TestASaleChangesItsCustomer(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	network := &limited{left: 1000}
	c := s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.newClientThrough(network))
	branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
	sell := func(customer int64) {
		s.Helper()
		do(s, s.client.CreateInvoice, &taphoa.InvoiceInput{
			BranchID: taphoa.Some(branch.ID), CustomerID: taphoa.Some(customer), TotalPayment: taphoa.Some(taphoa.Dong(50_000)),
			InvoiceDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some("SP000001"), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(50_000))}},
		})
	}
	s.age()
	c.pull()
	customers := do(s, s.client.ListCustomers, &taphoa.CustomerQuery{Paging: taphoa.Paging{PageSize: 100, OrderBy: "id"}}).Data
	revenue := func(id int64) taphoa.Money {
		return do(s, s.client.GetCustomerByID, &taphoa.ByID{ID: id}).TotalRevenue.Or(0)
	}
	before := revenue(customers[0].ID)
	sell(customers[0].ID)
	if now := revenue(customers[0].ID); now != before+taphoa.Dong(50_000) {
		t.Errorf("the revenue is %v after %v", now, before)
	}
	network.sent = 0
	c.pull()
	one := network.sent
	c.equal()

	s.age()
	c.pull()
	for i := range 5 {
		sell(customers[10*i].ID)
	}
	network.sent = 0
	c.pull()
	if many := network.sent; many > one+2 {
		t.Errorf("%d requests for five customers, %d for one", many, one)
	}
	c.equal()
}
