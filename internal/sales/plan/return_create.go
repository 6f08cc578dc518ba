package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// NewReturn plans to take goods back: they enter the branch at the cost at which they were sold, the customer owes that
// much less, and what is paid back is booked. With an invoice, wholly or in part, the return is priced as the sale was;
// without one it is like a sale the other way round (contract returns, rules). It refuses, with [taphoa.CodeInvoice],
// invoices that are not completed, more than was sold, other prices, and to pay back more than the goods are worth or what
// vouchers have paid.
func NewReturn(f *Facts, in *taphoa.ReturnInput) (*Sale, error) {
	s := &Sale{Facts: f, Return: &ReturnChange{}}
	mode := f.settings().PricingMode
	if status := in.Status.Or(0); status != 0 && status != taphoa.ReturnDone {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status", "Trạng thái %d (status) không hợp lệ khi tạo phiếu trả hàng: chọn 1 (Đã trả)", status)
	}
	if in.InvoiceID.Or(0) != 0 {
		if err := f.checkReturnable(); err != nil {
			return nil, err
		}
		s.changeReturnedInvoice()
		mode = pricingMode(f.Invoice.Row.PricingMode)
	}
	if err := s.newReturnHeader(in, mode); err != nil {
		return nil, err
	}
	refunds, err := refunds(in, 0, 0)
	if err != nil {
		return nil, err
	}
	lines, sold, err := s.readReturnLines(in, mode)
	if err != nil {
		return nil, err
	}
	if err := s.priceReturn(in, lines, sold, mode); err != nil {
		return nil, err
	}
	r := &s.Return.Row
	payFraction(refunds, -r.ReturnTotal)
	if sumReceipts(refunds) < -r.ReturnTotal {
		return nil, tooMuchBack(r, r.ReturnTotal)
	}
	if err := s.Return.setLines(f, lines, mode); err != nil {
		return nil, err
	}
	if err := s.receiveGoods(lines, sold); err != nil {
		return nil, err
	}
	if err := s.postCredit(); err != nil {
		return nil, err
	}
	if err := s.refund(refunds, f.booked(s.Return.Row.ReturnDate)); err != nil {
		return nil, err
	}
	if r.Points, err = s.returnedPoints(lines, sold); err != nil {
		return nil, err
	}
	s.addReturned(-r.ReturnTotal, -r.Points)
	if s.Invoice != nil {
		s.Invoice.addReturnQuantities(s.Return.Lines, 1)
	}
	r.Code = f.Code("TH")
	r.CodeKey = text.CodeKey(r.Code)
	f.Cash.Name(r.ref(), r.Code)
	s.payOwnInvoice()
	return s, s.settle()
}

// payOwnInvoice lets what a return does not pay out settle the invoice whose goods it has brought back, before others.
func (s *Sale) payOwnInvoice() {
	if s.Invoice != nil {
		r := s.Return.Row.document()
		s.Facts.Cash.PayNamed(r, s.Invoice.Row.document(), s.Facts.Cash.Open(r))
	}
}

// checkReturnable refuses an invoice whose goods are not with the customer.
func (f *Facts) checkReturnable() error {
	stored, err := f.takeInvoice()
	if err != nil {
		return err
	}
	if v := &stored.Row; v.Status != taphoa.InvoiceCompleted || v.GoodsReturned {
		return taphoa.Refuse(taphoa.CodeInvoice, "invoiceId",
			"Hóa đơn %s đang ở trạng thái %s, chỉ hóa đơn đã hoàn thành mới trả hàng được (invoiceId)",
			v.Code, taphoa.Term(taphoa.InvoiceStatusValue(v.Status)))
	}
	return nil
}

// changeReturnedInvoice begins the change of the invoice of the return, if there is one.
func (s *Sale) changeReturnedInvoice() {
	stored := s.Facts.Invoice
	if stored == nil {
		return
	}
	s.Invoice = &InvoiceChange{Invoice: stored.Invoice, Stored: &stored.Invoice, owed: stored.Row.due()}
	s.Invoice.Lines = slices.Clone(stored.Lines)
	s.Facts.Cash.Know(s.Invoice.Row.document(), s.Invoice.owed)
}

// newReturnHeader fills who, where and when.
func (s *Sale) newReturnHeader(in *taphoa.ReturnInput, mode taphoa.PricingMode) error {
	f, r := s.Facts, &s.Return.Row
	branchID := in.BranchID
	if s.Invoice != nil && branchID.Or(0) == 0 {
		branchID = taphoa.Some(s.Invoice.Row.BranchID)
	}
	branch, err := KindReturn.branch(f.Directory, branchID)
	if err == nil {
		err = f.Actor.May(branch.ID)
	}
	if err == nil && s.Invoice == nil {
		err = f.judgeUnbilled(branch.ID)
	}
	if err == nil {
		err = f.judgeDate(branch.ID, "returnDate", in.ReturnDate.Or(f.Clock), f.Clock)
	}
	if err != nil {
		return err
	}
	receiver, err := f.Seller("receivedById", in.ReceivedByID.Or(0))
	if err != nil {
		return err
	}
	*r = ReturnRow{
		ID: f.ID("returns"), ReturnDate: in.ReturnDate.Or(f.Clock), BranchID: branch.ID, ReceivedByID: receiver.ID,
		SoldByID: taphoa.Some(receiver.ID), PricingMode: mode.Wire(), Status: taphoa.ReturnDone, Description: in.Description,
		CreatedDate: f.Now, ChangedAt: f.Now,
	}
	if s.Invoice == nil {
		return s.unlinkedReturnHeader(in)
	}
	v := &s.Invoice.Row
	r.InvoiceID, r.SoldByID = taphoa.Some(v.ID), v.SoldByID
	r.CustomerID, r.CustomerCode, r.CustomerName = v.CustomerID, v.CustomerCode, v.CustomerName
	if id := in.CustomerID.Or(0); id != 0 && id != v.CustomerID.Or(0) {
		return taphoa.Refuse(taphoa.CodeInvoice, "customerId", "Khách hàng %d (customerId) không phải khách của hóa đơn %s", id, v.Code)
	}
	s.setBuyer(f.Buyer)
	return nil
}

// unlinkedReturnHeader finds who brings back goods that are not of a known invoice, and who sold them: the receiver unless
// the request names another.
func (s *Sale) unlinkedReturnHeader(in *taphoa.ReturnInput) error {
	r := &s.Return.Row
	if id := in.SoldByID.Or(0); id != 0 {
		seller, err := s.Facts.Seller("soldById", id)
		if err != nil {
			return err
		}
		r.SoldByID = taphoa.Some(seller.ID)
	}
	customer, err := s.resolveCustomer(in.Customer, in.CustomerID, r.BranchID)
	r.CustomerID, r.CustomerCode, r.CustomerName = customerOf(customer)
	return err
}

// readReturnLines returns the lines that come back and, with an invoice, its lines without them.
func (s *Sale) readReturnLines(in *taphoa.ReturnInput, mode taphoa.PricingMode) (lines []*returnLine, sold []*soldLine, err error) {
	f := s.Facts
	if s.Invoice == nil {
		lines, err = readUnlinkedLines(f, in, mode)
		return lines, nil, err
	}
	if sold, err = f.Invoice.soldLines(f.Items); err != nil {
		return nil, nil, err
	}
	if in.ReturnDetails == nil {
		lines, err = returnAll(&s.Invoice.Row, sold)
	} else {
		lines, err = returnNamed(&s.Invoice.Row, sold, in.ReturnDetails)
	}
	return lines, sold, err
}

// readUnlinkedLines reads goods that are not of a known invoice, at the prices of the request.
func readUnlinkedLines(f *Facts, in *taphoa.ReturnInput, mode taphoa.PricingMode) ([]*returnLine, error) {
	read, err := KindReturn.readLines(f.Items, mode, ReturnDetails(in), nil)
	if err != nil {
		return nil, err
	}
	lines := make([]*returnLine, len(read))
	for i, l := range read {
		l.price, l.discount = l.price-l.discount, 0
		if err := l.readSerials(); err != nil {
			return nil, err
		}
		if l.product.IsBatch && l.in.Batch().Or(0) == 0 {
			return nil, taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId",
				"Hàng hóa %s quản lý theo lô: cần cho biết lô được trả (productBatchExpireId)", l.product.Code)
		}
		lines[i] = &returnLine{documentLine: l}
	}
	return lines, nil
}

// ReturnDetails are the lines of a return's request as those of other documents.
func ReturnDetails(in *taphoa.ReturnInput) []taphoa.DetailInput {
	details := make([]taphoa.DetailInput, len(in.ReturnDetails))
	for i, d := range in.ReturnDetails {
		details[i] = d.DetailInput
	}
	return details
}

// priceReturn computes what the customer gets for the lines. sold is what they leave of their invoice.
func (s *Sale) priceReturn(in *taphoa.ReturnInput, lines []*returnLine, sold []*soldLine, mode taphoa.PricingMode) error {
	r, read := &s.Return.Row, documentLines(lines)
	r.ReturnFee = in.ReturnFee.Or(0).RoundDong()
	var t total
	var err error
	if s.Invoice != nil {
		most := taphoa.MoneyMax
		if limit, vouchers := s.refundLimit(); vouchers > 0 {
			most = limit + max(0, r.ReturnFee)
		}
		if err := limitReturn(lines, sold, mode, most); err != nil {
			return err
		}
		t, err = returnedTotal(lines, mode)
	} else {
		t, err = priceDocument(priced(read), mode, in.ReturnDiscount, taphoa.Opt[taphoa.Percent]{}, nil)
	}
	if err != nil {
		return err
	}
	r.HasTaxes, r.TotalTax = hasTaxes(read), taphoa.Some(t.tax)
	r.ReturnDiscount, r.DiscountAfterTax = documentDiscount(read, mode, &t)
	discount := in.ReturnDiscount
	if s.Invoice != nil && discount.Has() && discount.Value.RoundDong() != t.discount && discount != r.ReturnDiscount {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnDiscount",
			"Giảm giá của hóa đơn %s phân bổ cho hàng trả là %v (returnDiscount); muốn trả khách ít hơn, hãy dùng phí trả hàng (returnFee)",
			s.Invoice.Row.Code, t.discount)
	}
	return r.setFee(t.due)
}

func documentLines(lines []*returnLine) []*documentLine {
	all := make([]*documentLine, len(lines))
	for i, l := range lines {
		all[i] = l.documentLine
	}
	return all
}

// setLines makes the rows of lines and taxes.
func (c *ReturnChange) setLines(f *Facts, lines []*returnLine, mode taphoa.PricingMode) error {
	for i, l := range lines {
		price, _, err := l.netPrice(mode)
		if err != nil {
			return err
		}
		row := ReturnLineRow{
			ReturnID: c.Row.ID, Line: int64(i + 1), ID: f.ID("return_lines"), ProductID: l.product.ID, ProductCode: l.product.Code,
			ProductName: l.product.FullName, Quantity: l.quantity, Price: price, SubTotal: l.netSubTotal,
			AllocationDiscount: taphoa.Some(l.netAllocation(mode)), PaidSubTotal: l.subTotal, PaidAllocation: l.allocation,
			Note: l.in.Note, UsePoint: l.product.IsRewardPoint, SerialNumbers: taphoa.SomeIf(strings.Join(l.serials, ",")),
			BatchID: l.in.Batch(),
		}
		if l.sold != nil {
			of := l.sold.row
			row.InvoiceDetailID, row.ProductCode, row.ProductName = taphoa.Some(of.ID), of.ProductCode, of.ProductName
		}
		taxes, err := KindReturn.taxRows(f, c.Row.ID, row.Line, row.ID, l.documentLine, mode)
		if err != nil {
			return err
		}
		c.Lines, c.Taxes = append(c.Lines, row), append(c.Taxes, taxes...)
	}
	return nil
}

// addReturnQuantities notes at the lines of the invoice what lines of a return have brought back (1), or have not any more
// (-1).
func (c *InvoiceChange) addReturnQuantities(lines []ReturnLineRow, sign int64) {
	for _, l := range lines {
		for i := range c.Lines {
			if l.InvoiceDetailID.Or(0) == c.Lines[i].ID {
				c.Lines[i].ReturnQuantity += taphoa.Quantity(sign) * l.Quantity
			}
		}
	}
}

// returnedPoints are the points that the customer loses: of the points of an invoice, the share of what comes back, and all
// that are left with the last goods; without an invoice what the goods would earn today.
func (s *Sale) returnedPoints(lines []*returnLine, sold []*soldLine) (int64, error) {
	if !s.Return.Row.CustomerID.Has() {
		return 0, nil
	}
	var back, kept taphoa.Money
	for _, l := range lines {
		if l.product.IsRewardPoint {
			back += max(0, l.subTotal-l.allocation)
		}
	}
	if s.Invoice == nil {
		if rate := s.Facts.settings().RewardPointRate; rate > 0 {
			return int64(back / rate), nil
		}
		return 0, nil
	}
	points := s.Invoice.Row.Points
	if allReturned(sold) {
		return points, nil
	}
	for _, l := range sold {
		if l.product != nil && l.product.IsRewardPoint {
			kept += max(0, l.subTotal-l.allocation)
		}
	}
	if points == 0 || back+kept == 0 {
		return 0, nil
	}
	shares, err := taphoa.Allocate(taphoa.Dong(points), []taphoa.Money{back, kept})
	if err != nil {
		return 0, tooMuchMoney()
	}
	return int64(shares[0] / taphoa.Dong(1)), nil
}

// addReturned adds to what the customer has bought, and to the points of the invoice.
func (s *Sale) addReturned(revenue taphoa.Money, points int64) {
	if id := s.Return.Row.CustomerID; id.Has() && (revenue != 0 || points != 0) {
		s.Buyers = append(s.Buyers, BuyerTotals{CustomerID: id.Value, Totals: partyplan.Totals{Revenue: revenue, Points: points}})
	}
	if s.Invoice != nil {
		v := &s.Invoice.Row
		v.Points += points
		v.ModifiedDate, v.ChangedAt = taphoa.Some(s.Facts.Now), s.Facts.Now
	}
}

// postCredit makes what the customer owes less because of the return equal to its total, or to nothing once it is void.
func (s *Sale) postCredit() error {
	r := &s.Return.Row
	var want []cashplan.Posting
	if r.ReturnTotal > 0 && r.Status == taphoa.ReturnDone {
		want = []cashplan.Posting{{From: cashplan.Customer(r.CustomerID.Or(0)), To: cashplan.Income(r.BranchID), Amount: r.ReturnTotal}}
	}
	used, err := s.Facts.Cash.Post(cashplan.Document{Kind: "return", ID: r.ID, Step: r.CashStep, EffectiveAt: r.ReturnDate}, want)
	if used {
		r.CashStep++
	}
	s.Facts.Cash.Change(r.document(), r.credit()-s.Return.worth)
	s.Return.worth = r.credit()
	return err
}
