package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// invoiceChange is what the change of an invoice does to its goods.
type invoiceChange int

const (
	headerOnly    invoiceChange = iota
	linesReplaced               // the old goods come back, the new ones leave
	goodsReturned               // its delivery came back
	dateMoved                   // its goods moved at another time for the books
)

// ChangeInvoice plans a change of the members of an invoice that are given (contract invoices, updateInvoice).
func ChangeInvoice(f *Facts, in *taphoa.InvoiceUpdate) (*Sale, error) {
	taken, err := f.takeInvoice()
	if err != nil {
		return nil, err
	}
	stored := &taken.Invoice
	status := in.Status.Or(0)
	if status == 0 {
		status = stored.Row.Status
	}
	if taphoa.InvoiceStatusValue(status) == "" {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status", "Trạng thái %d (status) của hóa đơn không hợp lệ: "+
			"dùng 1 (Hoàn thành), 2 (Đã hủy), 3 (Đang xử lý) hoặc 5 (Không giao được)", status)
	}
	next := taphoa.InvoiceTransitions[stored.Row.Status]
	if next == nil || status != stored.Row.Status && !slices.Contains(next, status) {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status", "Hóa đơn %s đang ở trạng thái %s, không thể cập nhật",
			stored.Row.Code, taphoa.Term(taphoa.InvoiceStatusValue(stored.Row.Status)))
	}
	if status == taphoa.InvoiceVoid {
		return VoidInvoice(f, false)
	}
	s := changeStored(f)
	s.warnOfNewInvoice(&in.InvoiceInput)
	if err := s.changeInvoiceHeader(&in.InvoiceInput); err != nil {
		return nil, err
	}
	if err := s.changeInvoiceDelivery(&in.InvoiceInput, status); err != nil {
		return nil, err
	}
	if err := s.changeInvoice(&in.InvoiceInput); err != nil {
		return nil, err
	}
	s.Invoice.keepDate()
	return s, nil
}

func unknownInvoice() error {
	return taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn không tồn tại")
}

// changeStored begins the change of a stored invoice, and of the order that it was made from.
func changeStored(f *Facts) *Sale {
	s := &Sale{Facts: f, Invoice: &InvoiceChange{Invoice: f.Invoice.Invoice, Stored: &f.Invoice.Invoice, owed: f.Invoice.Row.due()}}
	f.Cash.Know(s.Invoice.Row.document(), s.Invoice.owed)
	if d := s.Invoice.Delivery; d != nil {
		copied := *d
		s.Invoice.Delivery = &copied
	}
	if f.Order != nil {
		s.Order = &OrderChange{Order: f.Order.Order, Stored: &f.Order.Order}
		s.beginOrder()
	}
	s.setBuyer(f.Buyer)
	return s
}

// changeInvoice changes goods, money and points of an invoice whose header and delivery have changed.
func (s *Sale) changeInvoice(in *taphoa.InvoiceInput) error {
	f, c := s.Facts, s.Invoice
	v, before := &c.Row, &c.Stored.Row
	change := s.whatChanges(in)
	if change == linesReplaced || v.Status != before.Status || change == goodsReturned {
		if err := f.refuseReturned(); err != nil {
			return err
		}
	}
	var lines []*documentLine
	var err error
	switch change {
	case goodsReturned:
		err = s.bringBack()
	case linesReplaced:
		lines, err = s.replaceInvoiceLines(in)
	case dateMoved:
		err = f.Stock.SetEffectiveDate(stockplan.Document{Kind: "invoice", ID: v.ID, Step: v.StockStep, EffectiveAt: v.PurchaseDate})
	case headerOnly:
	}
	if err != nil {
		return err
	}
	if err := s.collect(in, lines); err != nil {
		return err
	}
	if v.CustomerID.Has() {
		points, err := s.changedPoints(lines)
		if err != nil {
			return err
		}
		v.Points = points
		sold := v.Total - before.Total
		if change == goodsReturned {
			sold = -before.Total
		}
		s.addTotals(sold, sold, v.Points-before.Points)
	}
	v.ModifiedDate, v.ChangedAt = taphoa.Some(f.Now), f.Now
	if change == linesReplaced {
		if err := s.updateOrderOfInvoice(quantitiesOf(lines)); err != nil {
			return err
		}
	}
	return s.settle()
}

func (s *Sale) whatChanges(in *taphoa.InvoiceInput) invoiceChange {
	c := s.Invoice
	mode := pricingMode(c.Row.PricingMode)
	switch {
	case c.Delivery != nil && c.Delivery.Row.Status == taphoa.DeliveryReturned && !c.Row.GoodsReturned:
		return goodsReturned
	case in.InvoiceDetails != nil && !sameLines(in.InvoiceDetails, c.Stored.echoedLines(), mode):
		return linesReplaced
	case c.Row.PurchaseDate != c.Stored.Row.PurchaseDate:
		return dateMoved
	}
	return headerOnly
}

// refuseReturned refuses to change what was sold by an invoice of which goods have come back.
func (f *Facts) refuseReturned() error {
	if !slices.ContainsFunc(f.Invoice.Lines, func(l InvoiceLineRow) bool { return l.ReturnQuantity > 0 }) {
		return nil
	}
	if r := &f.Invoice.Returned; !f.seesReturn(r) {
		return taphoa.Refuse(taphoa.CodeInvoice, "id", "Hóa đơn %s đã có phiếu trả hàng, không thể hủy, đổi hàng hóa hay trạng thái", f.Invoice.Row.Code)
	}
	return taphoa.Refuse(taphoa.CodeInvoice, "id",
		"Hóa đơn %s đã có phiếu trả hàng %s, không thể hủy, đổi hàng hóa hay trạng thái; hãy hủy phiếu trả hàng trước",
		f.Invoice.Row.Code, f.Invoice.Returned.Code)
}

// changeInvoiceHeader changes seller, channel, time, note and price book. Who has left since and what was removed since may
// stay.
func (s *Sale) changeInvoiceHeader(in *taphoa.InvoiceInput) error {
	f, v := s.Facts, &s.Invoice.Row
	err := checkInvoiceDelivery(f.settings(), in)
	if err != nil {
		return err
	}
	if v.PurchaseDate, err = KindInvoice.saleTime(f.settings(), in.PurchaseDate, v.PurchaseDate); err != nil {
		return err
	}
	if err := f.judgeDate(v.BranchID, "purchaseDate", v.PurchaseDate, f.Invoice.Row.PurchaseDate); err != nil {
		return err
	}
	withInvoice := func(p *cashplan.PaymentRow) bool { return ofInvoice(v.ID)(p) && !isCollected(p) }
	if before := f.Invoice.Row.PurchaseDate; before != v.PurchaseDate {
		f.Cash.MoveReceipts(withInvoice, v.CreatedDate, before, v.PurchaseDate)
		f.Cash.SetEffectiveDate(v.ref(), v.PurchaseDate)
	}
	if in.SoldByID.Or(0) != 0 && in.SoldByID != v.SoldByID {
		seller, err := f.Seller("soldById", in.SoldByID.Value)
		if err != nil {
			return err
		}
		v.SoldByID = taphoa.Some(seller.ID)
	}
	if in.SaleChannelID.Or(0) != 0 && in.SaleChannelID != v.SaleChannelID {
		channel, err := f.Directory.Channel(in.SaleChannelID)
		if err != nil {
			return err
		}
		v.SaleChannelID = taphoa.Some(channel)
	}
	given(&v.Description, in.Description)
	v.PriceBookID, err = chooseBook(f, v.PriceBookID, in.PriceBookID, v.priceBookScope(), s.customerGroups())
	return err
}

// changeInvoiceDelivery changes the delivery and lets it decide the invoice's status. Who completes the invoice says that it
// has arrived. Nothing but a request for it opens again what is completed or undeliverable.
func (s *Sale) changeInvoiceDelivery(in *taphoa.InvoiceInput, status int64) error {
	c := s.Invoice
	v, asked := &c.Row, status != c.Stored.Row.Status
	if in.DeliveryDetail == nil && (c.Delivery == nil || !asked) {
		s.warnWithoutDelivery(c.Delivery, in.UsingCod, "deliveryDetail")
		v.Status = status
		return nil
	}
	if c.Delivery == nil {
		c.Delivery = &Delivery{}
	}
	d, before := c.Delivery, c.Delivery.Row.Status
	if in.DeliveryDetail != nil {
		if err := d.change(s.Facts, s, in.DeliveryDetail); err != nil {
			return err
		}
		d.goTo(s, in.DeliveryDetail.Status.Or(0))
	}
	d.of(&KindInvoice, v.ID)
	if asked && status == taphoa.InvoiceCompleted {
		d.goTo(s, taphoa.DeliveryDelivered)
	}
	if d.Row.UsingPriceCod && !d.Row.PriceCodPayment.Has() {
		d.Row.PriceCodPayment = taphoa.Some(s.openDebt())
	}
	v.UsingCod = true
	switch after := statusByDelivery(d.Row.Status); {
	case !asked && (d.Row.Status == before || after == taphoa.InvoiceProcessing):
	case after == taphoa.InvoiceProcessing:
		v.Status = status
	case asked && status != taphoa.InvoiceCompleted && (status == taphoa.InvoiceUndeliverable) != (after == taphoa.InvoiceUndeliverable):
		return taphoa.Refuse(taphoa.CodeInvoice, "status", "Đơn giao hàng của hóa đơn %s đang ở trạng thái %s, không thể chuyển hóa đơn sang %s (status)",
			v.Code, taphoa.Term(taphoa.DeliveryStatusValue(d.Row.Status)), taphoa.Term(taphoa.InvoiceStatusValue(status)))
	default:
		v.Status = after
	}
	return nil
}

// replaceInvoiceLines exchanges the lines: the old goods come back, the new ones leave, and the customer owes the new total.
func (s *Sale) replaceInvoiceLines(in *taphoa.InvoiceInput) ([]*documentLine, error) {
	f, c := s.Facts, s.Invoice
	v, mode := &c.Row, pricingMode(c.Row.PricingMode)
	if v.GoodsReturned {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "invoiceDetails", "Hàng của hóa đơn %s đã chuyển hoàn, không thể đổi hàng hóa", v.Code)
	}
	details := mergeLines(atBookPrices(f.PriceBook, in.InvoiceDetails))
	lines, err := KindInvoice.readLines(f.Items, mode, details, c.Stored.Quantities())
	if err != nil {
		return nil, err
	}
	if mode == taphoa.PricingAfterTax {
		v.Discount = v.DiscountAfterTax
	}
	byRatio, err := c.Stored.discountByRatio()
	if err != nil {
		return nil, err
	}
	if byRatio {
		v.Discount = taphoa.Opt[taphoa.Money]{} // follows the new goods
	}
	surcharges := surchargesAsLines(c.Surcharges)
	if err := s.shareOrderAgain(lines, surcharges); err != nil {
		return nil, err
	}
	wholes, err := s.reverseGoods(lines)
	if err != nil {
		return nil, err
	}
	if err := c.setLines(f, f.Order, lines, mode, surcharges, wholes); err != nil {
		return nil, err
	}
	c.Surcharges = slices.Clone(c.Surcharges)
	for i := range surcharges {
		c.Surcharges[i].Price = surcharges[i].Price
	}
	if err := s.post(soldPostings(lines, v.BranchID), f.sellLimits(), false); err != nil {
		return nil, err
	}
	if err := coverVouchers(KindInvoice.code, c.Stored.Row.Total, v.Total, f.Cash.VouchersOf(v.ref())); err != nil {
		return nil, err
	}
	return lines, s.postDebt(v.Total)
}

// reverseGoods brings the goods of an invoice back and returns what its new lines have to take from: what it had moved, where
// they are as before, and what the branch has then.
func (s *Sale) reverseGoods(lines []*documentLine) (*catalogplan.Wholes, error) {
	f, v := s.Facts, &s.Invoice.Row
	sold := map[int64]taphoa.Quantity{}
	for _, l := range lines {
		key := stockplan.LevelKey{ProductID: l.product.BaseID, BranchID: v.BranchID}
		sold[l.product.BaseID] = f.Stock.Issued(stockplan.DocumentRef{Kind: "invoice", ID: v.ID}, key)
	}
	before := func(productID int64) taphoa.Quantity { return sold[productID] }
	return catalogplan.NewWholes(before, f.onHand(v.BranchID)), s.post(nil, anyStock, true)
}

// shareOrderAgain gives new lines of an invoice of an order their shares of what the other invoices have left of it. A discount
// that followed the order's ratio does so again; an amount stays, and is spread again unless it is the share of the new lines.
func (s *Sale) shareOrderAgain(lines []*documentLine, surcharges []cashplan.SurchargeLine) error {
	order, v := s.Facts.Order, &s.Invoice.Row
	if order == nil {
		return nil
	}
	left, err := order.left(v.ID)
	if err != nil {
		return err
	}
	follows, err := order.follows(s.Invoice.Stored, left)
	if err != nil {
		return err
	}
	if left, err = order.left(v.ID); err != nil { // whole again
		return err
	}
	byRatio, err := order.discountByRatio()
	if err != nil {
		return err
	}
	err = order.share(s.Invoice, left, lines, surcharges, !follows)
	if err != nil || !follows || byRatio {
		return err
	}
	off := -v.Discount.Or(0)
	for _, l := range lines {
		off += l.allocation
	}
	if roundings := taphoa.Dong(int64(len(lines))); off < -roundings || off > roundings {
		for _, l := range lines {
			l.known, l.allocation, l.taxEach = knowsNoShare, 0, nil
		}
	}
	return nil
}

// discountByRatio reports whether the discount of an invoice is its ratio of the goods, and not an amount beside it. Each
// line's share of an order's discount may be rounded otherwise.
func (v *Invoice) discountByRatio() (bool, error) {
	var goods taphoa.Money
	for i := range v.Lines {
		p, _, _, err := v.Lines[i].part(v.Taxes, pricingMode(v.Row.PricingMode))
		if err == nil {
			goods, err = goods.Add(p.subTotal)
		}
		if err != nil {
			return false, tooMuchMoney()
		}
	}
	return plan.IsDiscountByRatio(goods, v.Row.DiscountAfterTax.Or(v.Row.Discount.Or(0)), v.Row.DiscountRatio, len(v.Lines))
}

// collect receives what the customer pays now: a higher totalPayment, and the money that the carrier has brought. lines are
// nil if they have not changed.
func (s *Sale) collect(in *taphoa.InvoiceInput, lines []*documentLine) error {
	f, c := s.Facts, s.Invoice
	v := &c.Row
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.AllPayments(), useVoucher: in.IsApplyVoucher}
	receipts, err := terms.receipts(&KindInvoice, s.ownReceipts(), v.TotalPayment)
	if err != nil {
		return err
	}
	if len(receipts) > 0 {
		if err := f.Actor.May(v.BranchID, right.TakePayments); err != nil {
			return err
		}
	}
	payFraction(receipts, s.openDebt())
	if receipts, err = s.redeemForChange(lines, receipts, VoucherUses(in.IsApplyVoucher, terms.list)); err != nil {
		return err
	}
	if receipts, err = s.collectOnDelivery(in, receipts, s.openDebt()); err != nil {
		return err
	}
	if v.Method, err = methodOf(v.Method, in.Method, nil); err != nil {
		return err
	}
	return s.receiveForInvoice(receipts, f.Clock)
}

// redeemForChange uses further vouchers for an invoice that is changed, and returns its receipts with theirs. New lines
// must be such that the vouchers which have paid already would have paid for them; those that came with an order have
// looked at the order.
func (s *Sale) redeemForChange(
	lines []*documentLine, receipts []cashplan.Receipt, uses []promoplan.VoucherUse,
) ([]cashplan.Receipt, error) {
	f, c := s.Facts, s.Invoice
	v := &c.Row
	payments := paid(f.invoicePayments(v.ID))
	scope := &promoplan.VoucherScope{
		BranchID: v.BranchID, SellerID: v.SoldByID.Or(0), CustomerID: v.CustomerID, CustomerGroups: s.customerGroups(), Open: s.openDebt(),
		AppliedVouchers: vouchersOf(payments), LinesChanged: lines != nil && !v.OrderID.Has(),
	}
	if scope.Lines = voucherLines(lines); lines == nil {
		var err error
		if scope.Lines, err = s.storedVoucherLines(); err != nil {
			return nil, err
		}
	}
	return KindInvoice.redeem(f, scope, uses, receipts)
}

// storedVoucherLines are the stored lines as the rules of vouchers see them: as the customer sees them.
func (s *Sale) storedVoucherLines() ([]promoplan.VoucherLine, error) {
	c := s.Invoice
	lines := make([]promoplan.VoucherLine, len(c.Lines))
	for i := range c.Lines {
		l := &c.Lines[i]
		p, _, _, err := l.part(c.Taxes, pricingMode(c.Row.PricingMode))
		if err != nil {
			return nil, err
		}
		lines[i] = promoplan.VoucherLine{ProductID: l.ProductID, Amount: p.subTotal}
		if product := s.Facts.Items.ByID(l.ProductID); product != nil {
			lines[i].CategoryID = product.CategoryID
		}
	}
	return lines, nil
}

// changedPoints are the points that the invoice gives after a change.
func (s *Sale) changedPoints(lines []*documentLine) (int64, error) {
	v, before, rate := &s.Invoice.Row, &s.Invoice.Stored.Row, s.Facts.settings().RewardPointRate
	if v.GoodsReturned || v.Status != taphoa.InvoiceCompleted {
		return 0, nil
	}
	if lines != nil {
		return s.points(lines), nil
	}
	if before.Status == taphoa.InvoiceCompleted || rate <= 0 {
		return before.Points, nil
	}
	var spent taphoa.Money
	for i := range s.Invoice.Lines {
		l := &s.Invoice.Lines[i]
		if product := s.Facts.Items.ByID(l.ProductID); product != nil && product.IsRewardPoint {
			p, _, _, err := l.part(s.Invoice.Taxes, pricingMode(v.PricingMode))
			if err != nil {
				return 0, err
			}
			spent += p.subTotal - p.allocation
		}
	}
	return max(0, int64(spent/rate)), nil
}

// updateOrderOfInvoice brings the order of an invoice whose lines have changed in line with its invoices: sold is what the
// invoice sells of it now. An order that is void stays so, but shows what is still paid on it.
func (s *Sale) updateOrderOfInvoice(sold []ProductQuantity) error {
	if s.Order == nil {
		return nil
	}
	f, o := s.Facts, &s.Order.Row
	if o.Status == taphoa.OrderVoided {
		return nil
	}
	if err := s.updateOrderProgress(append(f.Order.invoicedQuantities(s.Invoice.Row.ID), sold...), nil); err != nil {
		return err
	}
	o.changed(f)
	return nil
}

// paidOnOrder is what has been paid on the order of the sale, by itself and by its invoices.
func (s *Sale) paidOnOrder() (sum taphoa.Money) {
	for _, p := range s.Facts.orderPayments(s.Order.Row.ID) {
		sum += p.PaidOnOrder()
	}
	return sum
}
