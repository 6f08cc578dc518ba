package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// planSales plans the sales of a day.
func (s *generator) planSales(n int) {
	counter, ordered, closing := 2, 1+n&1, 21
	if n%7 == 0 {
		counter++
	}
	if n == 0 {
		closing = 7 // the history ends in the morning
	}
	for range counter {
		s.schedule(s.at(n, s.between(6, closing), s.between(0, 59)), func() error { return s.counterSale(n) })
	}
	for range ordered {
		s.schedule(s.at(n, s.between(7, closing), s.between(0, 59)), func() error { return s.orderAndFollowUp(n) })
	}
}

// counterSale creates an invoice at the counter, and plans its follow-up.
func (s *generator) counterSale(day int) error {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.randomLines(branch, s.between(1, 5), true)
	if err != nil {
		return err
	}
	n := s.invoices
	delivered := n%5 == 2
	in := taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[branch]), SoldByID: taphoa.Some(pick(s, s.users)), SaleChannelID: taphoa.Some(s.channels[0]),
		InvoiceDetails: b.lines,
	}
	t, err := s.randomTerms(&b, delivered)
	if err != nil {
		return err
	}
	in.Discount, in.DiscountRatio, in.Surcharges = t.discount, t.ratio, t.surcharges
	who := s.randomBuyer(&in, delivered)
	onCredit := in.CustomerID.Has() && s.chance(12)
	if delivered {
		in.DeliveryDetail = s.delivery(who, s.chance(60))
		onCredit = in.DeliveryDetail.UsingPriceCod.Value
	}
	if b.exact && !onCredit {
		in.TotalPayment, in.Method, in.AccountID, in.Payments = s.randomPayment(t.due)
	}
	if s.chance(10) {
		in.Description = taphoa.Some(pick(s, remarks))
	}
	if n%20 == 19 {
		in.Status = taphoa.Some[int64](taphoa.InvoiceProcessing)
	}
	v, err := s.createInvoice(&in)
	if err != nil {
		return err
	}
	if !b.exact && !onCredit {
		s.planRestPayment(v.ID, 5)
	} else if onCredit && !delivered && s.chance(50) {
		s.planRestPayment(v.ID, 60*24*s.between(2, 15))
	}
	s.planFollowUp(v, n, day)
	return nil
}

// randomBuyer sets the customer of an invoice: a known one, at times a new one, and in half of all cases none. A delivery
// needs a known one.
func (s *generator) randomBuyer(in *taphoa.InvoiceInput, known bool) customer {
	c := pick(s, s.customers)
	switch {
	case known || s.chance(50):
		in.CustomerID = taphoa.Some(c.id)
	case s.chance(6):
		name, man := s.personName()
		in.Customer = &taphoa.DocumentCustomer{
			Name: taphoa.Some(name), Gender: taphoa.Some(man), ContactNumber: taphoa.Some(phone(300_000 + s.invoices)),
			Address: taphoa.Some(pick(s, streets)), Comment: taphoa.Some("Khách mới tại quầy"),
		}
	}
	return c
}

// createInvoice creates an invoice as its seller.
func (s *generator) createInvoice(in *taphoa.InvoiceInput) (*taphoa.Invoice, error) {
	s.invoices++
	s.tx.User = in.SoldByID.Value
	return sales.CreateInvoice(s.tx, in)
}

// planFollowUp plans the changes of an invoice: most do not change.
func (s *generator) planFollowUp(v *taphoa.Invoice, n, day int) {
	switch {
	case v.InvoiceDelivery != nil:
		ends := []int64{3, 3, 5, 3, 3, 6, 3, 3}
		s.planDeliveryStatuses(v.ID, ends[n/5%len(ends)])
		return
	case n%20 == 4:
		s.planInvoiceVoid(v.ID, 45, false)
	case n%20 == 14:
		s.planInvoiceVoid(v.ID, 90, true)
	case n%20 == 11:
		s.planReturn(v.ID, n/20)
	case n%20 == 8:
		s.schedule(s.minutesFromNow(25), func() error { return s.changedInvoice(v) })
	case n%20 == 19 && day < -3:
		s.planInvoiceUpdate(v.ID, 300, taphoa.InvoiceInput{Status: taphoa.Some[int64](taphoa.InvoiceCompleted)})
	}
}

// planInvoiceUpdate plans a change of an invoice, minutes from now.
func (s *generator) planInvoiceUpdate(id int64, minutes int, in taphoa.InvoiceInput) {
	s.schedule(s.minutesFromNow(minutes), func() error {
		_, err := sales.UpdateInvoice(s.tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}, InvoiceInput: in})
		return err
	})
}

// planInvoiceVoid plans that an invoice is voided, with its receipts if payments is true.
func (s *generator) planInvoiceVoid(id int64, minutes int, payments bool) {
	s.schedule(s.minutesFromNow(minutes), func() error {
		_, err := sales.DeleteInvoice(s.tx, &taphoa.InvoiceDelete{ID: id, IsVoidPayment: payments})
		return err
	})
}

// planRestPayment plans that the rest of an invoice is paid, unless it is voided before.
func (s *generator) planRestPayment(id int64, minutes int) {
	s.schedule(s.minutesFromNow(minutes), func() error {
		v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: id})
		if err != nil || v.Status == taphoa.InvoiceVoid || v.TotalPayment >= v.Total {
			return err
		}
		if id%2 == 0 {
			_, err = sales.PayInvoice(s.tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(id), Amount: taphoa.Some(v.Total - v.TotalPayment)})
			return err
		}
		in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}}
		_, in.Method, in.AccountID, _ = s.randomPayment(v.Total)
		in.TotalPayment = taphoa.Some(v.Total)
		_, err = sales.UpdateInvoice(s.tx, &in)
		return err
	})
}

// changedInvoice increases the quantity of an invoice's first line, unless that has a serial.
func (s *generator) changedInvoice(v *taphoa.Invoice) error {
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
