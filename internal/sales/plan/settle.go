package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// document is the invoice as a document of its customer's account.
func (v *InvoiceRow) document() cashplan.PartnerDocument {
	return cashplan.PartnerDocument{
		Account: cashplan.Customer(v.CustomerID.Or(0)), Ref: v.ref(), Code: v.Code, Date: v.PurchaseDate, Debtor: true,
	}
}

func (v *InvoiceRow) ref() cashplan.DocumentRef {
	return cashplan.DocumentRef{Kind: KindInvoice.Name, ID: v.ID}
}

// due is what the customer has to pay for the invoice.
func (v *InvoiceRow) due() taphoa.Money {
	if v.GoodsReturned {
		return 0
	}
	return v.Total
}

// document is the return as a document of its customer's account.
func (r *ReturnRow) document() cashplan.PartnerDocument {
	return cashplan.PartnerDocument{Account: cashplan.Customer(r.CustomerID.Or(0)), Ref: r.ref(), Code: r.Code, Date: r.ReturnDate}
}

func (r *ReturnRow) ref() cashplan.DocumentRef {
	return cashplan.DocumentRef{Kind: KindReturn.Name, ID: r.ID}
}

// credit is what the return is worth to the customer.
func (r *ReturnRow) credit() taphoa.Money {
	if r.Status == taphoa.ReturnVoid {
		return 0
	}
	return r.ReturnTotal
}

// openDebt is what is still owed for the invoice of the sale.
func (s *Sale) openDebt() taphoa.Money { return s.Facts.Cash.Open(s.Invoice.Row.document()) }

// ownReceipts is what was received for the invoice itself or came with its order: what totalPayment of a request is compared with.
// What the customer's account has settled besides is not in it.
func (s *Sale) ownReceipts() (sum taphoa.Money) {
	f, v := s.Facts, &s.Invoice.Row
	for _, p := range paid(f.invoicePayments(v.ID)) {
		sum += p.Amount
	}
	if s.Order != nil {
		for _, p := range s.deposits() {
			sum += f.Cash.Part(p.ID, v.ref())
		}
	}
	return sum
}

// depositsLeft is what the order of the sale has of the deposits of the invoice's customer.
func (s *Sale) depositsLeft() (sum taphoa.Money) {
	if s.Order == nil || s.Order.Row.CustomerID != s.Invoice.Row.CustomerID {
		return 0
	}
	for _, p := range s.deposits() {
		sum += s.Facts.Cash.Rest(p.ID)
	}
	return sum
}

// isDeposit tells the payments of an order that were booked for none of its invoices.
func isDeposit(orderID int64) func(*cashplan.PaymentRow) bool {
	return func(p *cashplan.PaymentRow) bool { return p.OrderID.Or(0) == orderID && !p.InvoiceID.Has() }
}

// beginOrder begins the change of the stored order of a sale. The ledger is told what its valid invoices leave open where they are a
// walk-in's, but for the invoice of the facts. Deposits first pay what was opened meanwhile, such as by a return that was voided.
func (s *Sale) beginOrder() {
	f := s.Facts
	for i := range f.Order.Invoiced {
		l := &f.Order.Invoiced[i]
		if l.InvoiceCustomerID.Has() || f.Invoice != nil && f.Invoice.Row.ID == l.InvoiceID {
			continue
		}
		v := InvoiceRow{ID: l.InvoiceID, Code: l.InvoiceCode, PurchaseDate: l.InvoiceDate}
		f.Cash.Leaves(v.document(), l.InvoiceOpen)
	}
	s.payInvoiced()
}

// payInvoiced lets the deposits of the order pay its valid invoices in turn, and reports whether the order has ended.
func (s *Sale) payInvoiced() (ended bool) {
	f, o := s.Facts, &s.Order.Row
	ended = o.Status == taphoa.OrderCompleted || o.Status == taphoa.OrderVoided
	var invoices []int64
	if stored := f.Order; stored != nil {
		for i := range stored.Invoiced {
			if id := stored.Invoiced[i].InvoiceID; len(invoices) == 0 || invoices[len(invoices)-1] != id {
				invoices = append(invoices, id)
			}
		}
	}
	if v := s.Invoice; v != nil && v.Stored == nil {
		invoices = append(invoices, v.Row.ID)
	}
	f.Cash.Deposits(isDeposit(o.ID), KindInvoice.Name, invoices, ended)
	return ended
}

// settle ends the money of a sale: deposits pay the invoices of their order, and credit of the customer what is open; documents show
// what they are paid.
func (s *Sale) settle() error {
	f := s.Facts
	if s.Customer != nil {
		f.Cash.Known(cashplan.Customer(s.Customer.ID))
	}
	if c := s.Invoice; c != nil {
		f.Cash.Hold(c.Row.document(), c.Delivery.held(&c.Row))
	}
	if s.Order != nil {
		if err := s.spendDeposits(); err != nil {
			return err
		}
	}
	f.Cash.Settle()
	if err := s.judgeDebt(); err != nil {
		return err
	}
	if c := s.Invoice; c != nil {
		c.Row.TotalPayment += f.Cash.Settled(c.Row.ref()) - c.settled
		c.settled = f.Cash.Settled(c.Row.ref())
	}
	if c := s.Return; c != nil {
		c.Row.TotalPayment += f.Cash.Settled(c.Row.ref()) - c.settled
		c.settled = f.Cash.Settled(c.Row.ref())
	}
	if s.Order == nil {
		return nil
	}
	if sum := s.paidOnOrder(); sum != s.Order.Row.TotalPayment {
		s.Order.Row.TotalPayment = sum
		s.Order.Row.changed(f)
	}
	return nil
}

// spendDeposits lets the deposits of an order pay its valid invoices in turn. What is left is credit once the order has ended, but
// for vouchers: those that have come back, and have paid nothing then, are released. They stay with an order that was completed
// without an invoice: they have paid for that.
func (s *Sale) spendDeposits() error {
	f, o := s.Facts, &s.Order.Row
	f.Cash.Name(cashplan.DocumentRef{Kind: KindOrder.Name, ID: o.ID}, o.Code)
	ended := s.payInvoiced()
	if byHand := o.Status == taphoa.OrderCompleted && s.Invoice == nil && (f.Order == nil || len(f.Order.Invoiced) == 0); byHand || !ended {
		return nil
	}
	for _, p := range s.deposits() {
		if !p.VoucherID.Has() || !f.Vouchers.Knows(p.VoucherID.Value) || f.Cash.PaysOthers(p.ID) {
			continue
		}
		if _, err := f.Cash.Void(p.ID); err != nil {
			return err
		}
		f.Vouchers.Release([]int64{p.VoucherID.Value})
	}
	return nil
}
