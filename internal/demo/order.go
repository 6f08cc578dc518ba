package demo

import (
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// placed is an order that was taken.
type placed struct {
	id      int64
	number  int // how many were taken before
	branch  int64
	seller  int64
	lines   []taphoa.DetailInput
	terms   terms
	paid    taphoa.Money // with the order
	exact   bool         // whether the terms tell what is due
	channel int64
	mode    taphoa.PricingMode // in which its taxes are
	who     customer
	parcel  *taphoa.DeliveryInput
}

// takeOrder is an order over one of the channels, and what comes of it.
func (s *story) takeOrder(day int) error {
	if day >= -6 {
		return s.takeLateOrder()
	}
	in, p, err := s.order()
	if err != nil {
		return err
	}
	in.MakeInvoice = s.orders%10 == 2
	if err := s.place(in, p); err != nil {
		return err
	}
	if p.number%25 == 24 {
		return nil // forgotten
	}
	minutes := 60 * s.between(1, 18)
	switch p.number % 10 {
	case 0, 1, 5:
		if p.number%10 == 0 {
			s.confirm(p, 30)
		}
		s.later(s.after(minutes), func() error { return s.invoiceOf(p, p.lines, true) })
	case 2:
	case 3:
		now, rest := split(p.lines)
		s.later(s.after(minutes), func() error { return s.invoiceOf(p, now, true) })
		if len(rest) > 0 {
			s.later(s.after(minutes+24*60), func() error { return s.invoiceOf(p, rest, false) })
		}
	case 4, 7:
		s.voidOrder(p, minutes, p.number%10 == 7)
	case 6:
		s.invoices++
		s.updateOrder(p, minutes, taphoa.OrderInput{MakeInvoice: true})
	case 8:
		s.later(s.after(minutes), func() error { return s.regret(p) })
	case 9:
		s.updateOrder(p, minutes, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderCompleted)})
	}
	return nil
}

// takeLateOrder is an order of the last days, which is still open.
func (s *story) takeLateOrder() error {
	in, p, err := s.order()
	if err != nil {
		return err
	}
	if p.number%4 == 1 {
		in.Status = taphoa.Some[int64](taphoa.OrderConfirmed)
	}
	if err := s.place(in, p); err != nil {
		return err
	}
	switch p.number % 4 {
	case 2:
		s.updateOrder(p, 40, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderDelivering)})
	case 3:
		now, _ := split(p.lines)
		s.later(s.after(60), func() error { return s.invoiceOf(p, now, true) })
	}
	return nil
}

// order is what a customer wants.
func (s *story) order() (*taphoa.OrderInput, *placed, error) {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.fill(branch, s.between(1, 6), false)
	if err != nil {
		return nil, nil, err
	}
	p := &placed{
		number: s.orders, branch: s.branches[branch], seller: pick(s, s.users), lines: b.lines, mode: s.mode, who: pick(s, s.customers),
		channel: pick(s, s.channels[1:]), exact: b.exact,
	}
	delivered := p.number%3 != 0
	if p.terms, err = s.agree(&b, delivered); err != nil {
		return nil, nil, err
	}
	in := &taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CashierID: taphoa.Some(p.seller),
		CustomerID: taphoa.Some(p.who.id), SaleChannelID: taphoa.Some(p.channel), OrderDetails: b.lines,
		Discount: p.terms.discount, DiscountRatio: p.terms.ratio, Surcharges: p.terms.surcharges,
	}
	if p.number%12 == 7 {
		in.CustomerID, in.Customer = taphoa.Opt[int64]{}, s.stranger(p)
	}
	if delivered {
		p.parcel = s.parcel(p.who, p.number%2 == 0)
		in.OrderDelivery = p.parcel
	}
	if p.number%3 == 1 || p.number%10 == 7 { // a deposit
		p.paid = hundreds(p.terms.due / 3)
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.pay(p.paid)
	}
	if s.chance(25) {
		in.Description = taphoa.Some(pick(s, remarks))
	}
	if p.number%17 == 3 {
		in.Partner = "MyKiot"
	}
	return in, p, nil
}

// stranger is somebody whom the order makes a customer.
func (s *story) stranger(p *placed) *taphoa.DocumentCustomer {
	name, man := s.someone()
	p.who = customer{0, name, phone(400_000 + p.number), pick(s, streets), pick(s, places)}
	return &taphoa.DocumentCustomer{
		Name: taphoa.Some(name), Gender: taphoa.Some(man), ContactNumber: taphoa.Some(p.who.phone), Address: taphoa.Some(p.who.street),
		LocationName: taphoa.Some(p.who.home.name), WardName: taphoa.Some(p.who.home.ward), Email: mail(name, p.number),
		Comment: taphoa.Some("Đặt hàng qua trang của cửa hàng"),
	}
}

func (s *story) place(in *taphoa.OrderInput, p *placed) error {
	s.orders++
	if in.MakeInvoice {
		s.invoices++
	}
	s.tx.User = p.seller
	o, err := sales.CreateOrder(s.tx, in)
	if err == nil {
		p.id, p.who.id = o.ID, o.CustomerID.Value
	}
	return err
}

// updateOrder plans a change of an order, so many minutes from now.
func (s *story) updateOrder(p *placed, minutes int, in taphoa.OrderInput) {
	s.later(s.after(minutes), func() error {
		_, err := sales.UpdateOrder(s.tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: p.id}, OrderInput: in})
		return err
	})
}

// confirm plans that the shop says yes.
func (s *story) confirm(p *placed, minutes int) {
	s.updateOrder(p, minutes, taphoa.OrderInput{
		Status: taphoa.Some[int64](taphoa.OrderConfirmed), Description: taphoa.Some(fmt.Sprintf("Đã gọi %s xác nhận", p.who.phone)),
	})
}

func (s *story) voidOrder(p *placed, minutes int, payments bool) {
	s.later(s.after(minutes), func() error {
		_, err := sales.DeleteOrder(s.tx, &taphoa.OrderDelete{ID: p.id, IsVoidPayment: payments})
		return err
	})
}

// split cuts an order in two parts that are delivered one after the other.
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

// invoiceOf sells some lines of an order; the first time with its terms.
func (s *story) invoiceOf(p *placed, lines []taphoa.DetailInput, first bool) error {
	in := taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), SaleChannelID: taphoa.Some(p.channel),
		InvoiceDetails: lines, DeliveryDetail: p.parcel,
	}
	if s.mode != p.mode { // the taxes are those of another method
		in.InvoiceDetails = untaxed(lines)
	}
	whole, prepaid := len(lines) == len(p.lines), p.parcel == nil || !p.parcel.UsingPriceCod.Value
	if first {
		in.DiscountRatio, in.Surcharges = p.terms.ratio, p.terms.surcharges
		if whole {
			in.Discount = p.terms.discount
		}
	}
	known := whole && p.exact && s.mode == p.mode
	if known && prepaid {
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.pay(p.terms.due - p.paid)
	}
	v, err := s.invoice(&in)
	if err != nil {
		return err
	}
	if p.parcel != nil {
		s.bring(v.ID, []int64{3, 3, 3, 5, 3}[p.number/2%5])
	}
	if prepaid && !known {
		s.payLater(v.ID, 10)
	}
	return nil
}

// regret invoices an order, voids the invoice with its receipts, and then the order, which is open again.
func (s *story) regret(p *placed) error {
	v, err := s.invoice(&taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), InvoiceDetails: untaxed(p.lines),
		TotalPayment: taphoa.Some(taphoa.Dong(10_000)), Method: taphoa.Some(taphoa.MethodCash),
	})
	if err == nil {
		s.void(v.ID, 60, true)
		s.voidOrder(p, 120, false)
	}
	return err
}

// untaxed are lines without their taxes.
func untaxed(lines []taphoa.DetailInput) []taphoa.DetailInput {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Taxes = nil
	}
	return lines
}
