package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// trade plans the sales of a day.
func (s *story) trade(n int) {
	counter, ordered, closing := 2, 1+n&1, 21
	if n%7 == 0 {
		counter++
	}
	if n == 0 {
		closing = 7 // the story ends in the morning
	}
	for range counter {
		s.later(s.at(n, s.between(6, closing), s.between(0, 59)), func() error { return s.sell(n) })
	}
	for range ordered {
		s.later(s.at(n, s.between(7, closing), s.between(0, 59)), func() error { return s.takeOrder(n) })
	}
}

// sell is a sale over the counter, and what comes of it.
func (s *story) sell(day int) error {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.fill(branch, s.between(1, 5), true)
	if err != nil {
		return err
	}
	n := s.invoices
	delivered := n%5 == 2
	in := taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[branch]), SoldByID: taphoa.Some(pick(s, s.users)), SaleChannelID: taphoa.Some(s.channels[0]),
		InvoiceDetails: b.lines,
	}
	t, err := s.agree(&b, delivered)
	if err != nil {
		return err
	}
	in.Discount, in.DiscountRatio, in.Surcharges = t.discount, t.ratio, t.surcharges
	who := s.buyer(&in, delivered)
	onCredit := in.CustomerID.Has() && s.chance(12)
	if delivered {
		in.DeliveryDetail = s.parcel(who, s.chance(60))
		onCredit = in.DeliveryDetail.UsingPriceCod.Value
	}
	if b.exact && !onCredit {
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.pay(t.due)
	}
	if s.chance(10) {
		in.Description = taphoa.Some(pick(s, remarks))
	}
	if n%20 == 19 {
		in.Status = taphoa.Some[int64](taphoa.InvoiceProcessing)
	}
	v, err := s.invoice(&in)
	if err != nil {
		return err
	}
	if !b.exact && !onCredit {
		s.payLater(v.ID, 5)
	} else if onCredit && !delivered && s.chance(50) {
		s.payLater(v.ID, 60*24*s.between(2, 15))
	}
	s.follow(v, n, day)
	return nil
}

// buyer says who buys: a customer of the shop, now and then somebody new, and half of the time nobody knows. To whom
// goods are brought is known.
func (s *story) buyer(in *taphoa.InvoiceInput, known bool) customer {
	c := pick(s, s.customers)
	switch {
	case known || s.chance(50):
		in.CustomerID = taphoa.Some(c.id)
	case s.chance(6):
		name, man := s.someone()
		in.Customer = &taphoa.DocumentCustomer{
			Name: taphoa.Some(name), Gender: taphoa.Some(man), ContactNumber: taphoa.Some(phone(300_000 + s.invoices)),
			Address: taphoa.Some(pick(s, streets)), Comment: taphoa.Some("Khách mới tại quầy"),
		}
	}
	return c
}

// invoice makes an invoice in the name of who sells.
func (s *story) invoice(in *taphoa.InvoiceInput) (*taphoa.Invoice, error) {
	s.invoices++
	s.tx.User = in.SoldByID.Value
	return sales.CreateInvoice(s.tx, in)
}

// follow plans what becomes of an invoice: most stay as they are.
func (s *story) follow(v *taphoa.Invoice, n, day int) {
	switch {
	case v.InvoiceDelivery != nil:
		ends := []int64{3, 3, 5, 3, 3, 6, 3, 3}
		s.bring(v.ID, ends[n/5%len(ends)])
		return
	case n%20 == 4:
		s.void(v.ID, 45, false)
	case n%20 == 14:
		s.void(v.ID, 90, true)
	case n%20 == 11:
		s.bringBack(v.ID, n/20)
	case n%20 == 8:
		s.later(s.after(25), func() error { return s.changeMind(v) })
	case n%20 == 19 && day < -3:
		s.update(v.ID, 300, taphoa.InvoiceInput{Status: taphoa.Some[int64](taphoa.InvoiceCompleted)})
	}
}

// update plans a change of an invoice, so many minutes from now.
func (s *story) update(id int64, minutes int, in taphoa.InvoiceInput) {
	s.later(s.after(minutes), func() error {
		_, err := sales.UpdateInvoice(s.tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}, InvoiceInput: in})
		return err
	})
}

// void plans that an invoice is voided, perhaps with its receipts.
func (s *story) void(id int64, minutes int, payments bool) {
	s.later(s.after(minutes), func() error {
		_, err := sales.DeleteInvoice(s.tx, &taphoa.InvoiceDelete{ID: id, IsVoidPayment: payments})
		return err
	})
}

// payLater plans that the rest of an invoice is paid, unless it is void by then.
func (s *story) payLater(id int64, minutes int) {
	s.later(s.after(minutes), func() error {
		v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: id})
		if err != nil || v.Status == taphoa.InvoiceVoid || v.TotalPayment >= v.Total {
			return err
		}
		if id%2 == 0 {
			_, err = sales.PayInvoice(s.tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(id), Amount: taphoa.Some(v.Total - v.TotalPayment)})
			return err
		}
		in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}}
		_, in.Method, in.AccountID, _ = s.pay(v.Total)
		in.TotalPayment = taphoa.Some(v.Total)
		_, err = sales.UpdateInvoice(s.tx, &in)
		return err
	})
}

// changeMind lets the customer have one more of the first line, which is not to be a piece with a serial.
func (s *story) changeMind(v *taphoa.Invoice) error {
	if v.InvoiceDetails[0].SerialNumbers.Has() {
		return nil
	}
	in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
	for i, d := range v.InvoiceDetails {
		line := taphoa.DetailInput{
			ProductID: taphoa.Some(d.ProductID), Quantity: taphoa.Some(d.Quantity), Price: taphoa.Some(d.Price), Discount: d.Discount,
			DiscountRatio: d.DiscountRatio, Note: d.Note, SerialNumbers: d.SerialNumbers,
		}
		for _, t := range d.InvoiceDetailTaxs {
			line.Taxes = append(line.Taxes, taphoa.TaxWrite{TaxID: t.TaxID})
			if v.PricingMode.Has() && v.PricingMode.Value == 1 {
				line.Price, line.Discount = t.PriceAfterTax, t.DiscountAfterTax
			}
		}
		if i == 0 {
			line.Quantity.Value += taphoa.Units(1)
		}
		in.InvoiceDetails = append(in.InvoiceDetails, line)
	}
	_, err := sales.UpdateInvoice(s.tx, &in)
	return err
}
