package demo

import (
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// takenOrder is an order that was created.
type takenOrder struct {
	id       int64
	number   int // of orders before it
	branch   int64
	seller   int64
	lines    []taphoa.DetailInput
	terms    terms
	paid     taphoa.Money // with the order
	exact    bool         // whether the terms have the amount due
	channel  int64
	mode     taphoa.PricingMode // of its taxes
	customer customer
	delivery *taphoa.DeliveryInput
}

// orderAndFollowUp creates an order of one of the channels, and plans its follow-up.
func (s *generator) orderAndFollowUp(day int) error {
	if day >= -6 {
		return s.openOrder()
	}
	in, p, err := s.randomOrder()
	if err != nil {
		return err
	}
	in.MakeInvoice = s.orders%10 == 2
	if err := s.createOrder(in, p); err != nil {
		return err
	}
	if p.number%25 == 24 {
		return nil // never invoiced
	}
	minutes := 60 * s.between(1, 18)
	switch p.number % 10 {
	case 0, 1, 5:
		if p.number%10 == 0 {
			s.planOrderConfirmation(p, 30)
		}
		s.schedule(s.minutesFromNow(minutes), func() error { return s.invoiceOrder(p, p.lines, true) })
	case 2:
	case 3:
		now, rest := split(p.lines)
		s.schedule(s.minutesFromNow(minutes), func() error { return s.invoiceOrder(p, now, true) })
		if len(rest) > 0 {
			s.schedule(s.minutesFromNow(minutes+24*60), func() error { return s.invoiceOrder(p, rest, false) })
		}
	case 4, 7:
		s.planOrderVoid(p, minutes, p.number%10 == 7)
	case 6:
		s.invoices++
		s.planOrderUpdate(p, minutes, taphoa.OrderInput{MakeInvoice: true})
	case 8:
		s.schedule(s.minutesFromNow(minutes), func() error { return s.voidedInvoiceOfOrder(p) })
	case 9:
		s.planOrderUpdate(p, minutes, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderCompleted)})
	}
	return nil
}

// openOrder creates an order of the last days, which is still open.
func (s *generator) openOrder() error {
	in, p, err := s.randomOrder()
	if err != nil {
		return err
	}
	if p.number%4 == 1 {
		in.Status = taphoa.Some[int64](taphoa.OrderConfirmed)
	}
	if err := s.createOrder(in, p); err != nil {
		return err
	}
	switch p.number % 4 {
	case 2:
		s.planOrderUpdate(p, 40, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderDelivering)})
	case 3:
		now, _ := split(p.lines)
		s.schedule(s.minutesFromNow(60), func() error { return s.invoiceOrder(p, now, true) })
	}
	return nil
}

// randomOrder returns an order with random lines, terms and customer.
func (s *generator) randomOrder() (*taphoa.OrderInput, *takenOrder, error) {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.randomLines(branch, s.between(1, 6), false)
	if err != nil {
		return nil, nil, err
	}
	p := &takenOrder{
		number: s.orders, branch: s.branches[branch], seller: pick(s, s.users), lines: b.lines, mode: s.mode, customer: pick(s, s.customers),
		channel: pick(s, s.channels[1:]), exact: b.exact,
	}
	delivered := p.number%3 != 0
	if p.terms, err = s.randomTerms(&b, delivered); err != nil {
		return nil, nil, err
	}
	in := &taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CashierID: taphoa.Some(p.seller),
		CustomerID: taphoa.Some(p.customer.id), SaleChannelID: taphoa.Some(p.channel), OrderDetails: b.lines,
		Discount: p.terms.discount, DiscountRatio: p.terms.ratio, Surcharges: p.terms.surcharges,
	}
	if p.number%12 == 7 {
		in.CustomerID, in.Customer = taphoa.Opt[int64]{}, s.newCustomerOfOrder(p)
	}
	if delivered {
		p.delivery = s.delivery(p.customer, p.number%2 == 0)
		in.OrderDelivery = p.delivery
	}
	if p.number%3 == 1 || p.number%10 == 7 { // a deposit
		p.paid = hundreds(p.terms.due / 3)
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.randomPayment(p.paid)
	}
	if s.chance(25) {
		in.Description = taphoa.Some(pick(s, remarks))
	}
	if p.number%17 == 3 {
		in.Partner = "MyKiot"
	}
	return in, p, nil
}

// newCustomerOfOrder returns a customer that the order creates.
func (s *generator) newCustomerOfOrder(p *takenOrder) *taphoa.DocumentCustomer {
	name, man := s.personName()
	p.customer = customer{0, name, phone(400_000 + p.number), pick(s, streets), pick(s, addresses)}
	return &taphoa.DocumentCustomer{
		Name: taphoa.Some(name), Gender: taphoa.Some(man), ContactNumber: taphoa.Some(p.customer.phone), Address: taphoa.Some(p.customer.street),
		LocationName: taphoa.Some(p.customer.address.name), WardName: taphoa.Some(p.customer.address.ward), Email: mail(name, p.number),
		Comment: taphoa.Some("Đặt hàng qua trang của cửa hàng"),
	}
}

func (s *generator) createOrder(in *taphoa.OrderInput, p *takenOrder) error {
	s.orders++
	if in.MakeInvoice {
		s.invoices++
	}
	s.tx.User = p.seller
	o, err := sales.CreateOrder(s.tx, in)
	if err == nil {
		p.id, p.customer.id = o.ID, o.CustomerID.Value
	}
	return err
}

// planOrderUpdate plans a change of an order, minutes from now.
func (s *generator) planOrderUpdate(p *takenOrder, minutes int, in taphoa.OrderInput) {
	s.schedule(s.minutesFromNow(minutes), func() error {
		_, err := sales.UpdateOrder(s.tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: p.id}, OrderInput: in})
		return err
	})
}

// planOrderConfirmation plans that the shop confirms the order.
func (s *generator) planOrderConfirmation(p *takenOrder, minutes int) {
	s.planOrderUpdate(p, minutes, taphoa.OrderInput{
		Status: taphoa.Some[int64](taphoa.OrderConfirmed), Description: taphoa.Some(fmt.Sprintf("Đã gọi %s xác nhận", p.customer.phone)),
	})
}

func (s *generator) planOrderVoid(p *takenOrder, minutes int, payments bool) {
	s.schedule(s.minutesFromNow(minutes), func() error {
		_, err := sales.DeleteOrder(s.tx, &taphoa.OrderDelete{ID: p.id, IsVoidPayment: payments})
		return err
	})
}

// split divides the lines of an order into two deliveries.
func split(lines []taphoa.DetailInput) (now, rest []taphoa.DetailInput) {
	half := (len(lines) + 1) / 2
	now, rest = slices.Clone(lines[:half]), slices.Clone(lines[half:])
	if q := now[0].Quantity.Value; q >= taphoa.Units(2) && q%taphoa.Units(1) == 0 {
		left := now[0]
		left.Quantity = taphoa.Some(q - taphoa.Units(1))
		now[0].Quantity = taphoa.Some(taphoa.Units(1))
		rest = append(rest, left)
	}
	return now, rest
}

// invoiceOrder invoices some lines of an order; the first invoice gets its terms.
func (s *generator) invoiceOrder(p *takenOrder, lines []taphoa.DetailInput, first bool) error {
	in := taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), SaleChannelID: taphoa.Some(p.channel),
		InvoiceDetails: lines, DeliveryDetail: p.delivery,
	}
	if s.mode != p.mode { // the taxes are those of another method
		in.InvoiceDetails = untaxed(lines)
	}
	whole, prepaid := len(lines) == len(p.lines), p.delivery == nil || !p.delivery.UsingPriceCod.Value
	if first {
		in.DiscountRatio, in.Surcharges = p.terms.ratio, p.terms.surcharges
		if whole {
			in.Discount = p.terms.discount
		}
	}
	known := whole && p.exact && s.mode == p.mode
	if known && prepaid {
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.randomPayment(p.terms.due - p.paid)
	}
	v, err := s.createInvoice(&in)
	if err != nil {
		return err
	}
	if p.delivery != nil {
		s.planDeliveryStatuses(v.ID, []int64{3, 3, 3, 5, 3}[p.number/2%5])
	}
	if prepaid && !known {
		s.planRestPayment(v.ID, 10)
	}
	return nil
}

// voidedInvoiceOfOrder invoices an order, voids the invoice with its receipts, and then the order, which is open again.
func (s *generator) voidedInvoiceOfOrder(p *takenOrder) error {
	v, err := s.createInvoice(&taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), InvoiceDetails: untaxed(p.lines),
		TotalPayment: taphoa.Some(taphoa.Dong(10_000)), Method: taphoa.Some(taphoa.MethodCash),
	})
	if err == nil {
		s.planInvoiceVoid(v.ID, 60, true)
		s.planOrderVoid(p, 120, false)
	}
	return err
}

// untaxed returns lines without their taxes.
func untaxed(lines []taphoa.DetailInput) []taphoa.DetailInput {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Taxes = nil
	}
	return lines
}
