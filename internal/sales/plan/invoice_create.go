package plan

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// NewInvoice plans a sale: the goods leave the branch, the customer owes the total, what is paid is received. With an
// order it invoices that order, wholly or in part (contract invoices, createInvoice).
func NewInvoice(f *Facts, in *taphoa.InvoiceInput) (*Sale, error) {
	s := &Sale{Facts: f}
	if status := in.Status.Or(0); status != 0 && status != taphoa.InvoiceCompleted && status != taphoa.InvoiceProcessing {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status",
			"Trạng thái %d (status) không hợp lệ khi tạo hóa đơn: chọn 1 (Hoàn thành) hoặc 3 (Đang xử lý)", status)
	}
	var order *StoredOrder
	if in.OrderID.Or(0) != 0 {
		if err := CheckOrdering(f.settings()); err != nil {
			return nil, err
		}
		var err error
		if order, err = f.takeOrder(); err != nil {
			return nil, err
		}
		s.Order = &OrderChange{Order: order.Order, Stored: &order.Order}
		s.beginOrder()
	}
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.AllPayments(), useVoucher: in.IsApplyVoucher}
	if err := checkInvoiceDelivery(f.settings(), in); err != nil {
		return nil, err
	}
	receipts, err := terms.receipts(&KindInvoice, 0, 0)
	if err != nil {
		return nil, err
	}
	return s, s.addInvoice(order, in, receipts, VoucherUses(terms.useVoucher, terms.list))
}

func unknownOrder() error {
	return taphoa.NotFound(taphoa.CodeOrder, "Đơn đặt hàng không tồn tại")
}

// addInvoice adds an invoice to a sale, of an order if there is one: the order of the sale.
func (s *Sale) addInvoice(
	order *StoredOrder, in *taphoa.InvoiceInput, receipts []cashplan.Receipt, uses []promoplan.VoucherUse,
) error {
	f, mode := s.Facts, s.Facts.settings().PricingMode
	var held []ProductQuantity
	var left []*orderedLine
	if order != nil {
		if _, open := taphoa.OrderTransitions[order.Row.Status]; !open {
			return taphoa.Refuse(taphoa.CodeInvoice, "orderId", "Đơn đặt hàng %s đang ở trạng thái %s, không thể tạo hóa đơn",
				order.Row.Code, taphoa.Term(taphoa.OrderStatusValue(order.Row.Status)))
		}
		var err error
		if left, err = order.left(0); err != nil {
			return err
		}
		in, mode, held = likeOrder(in, order, left), pricingMode(order.Row.PricingMode), order.Quantities()
	}
	change := &InvoiceChange{}
	s.Invoice = change
	if err := s.addHeader(order, in, mode, receipts); err != nil {
		return err
	}
	delivery, err := s.newDelivery(order, in)
	if err != nil {
		return err
	}
	surcharges, err := s.newSurcharges(order, in)
	if err != nil {
		return err
	}
	lines, err := KindInvoice.readLines(f.Items, mode, f.pricedDetails(order, in.InvoiceDetails), held)
	if err != nil {
		return err
	}
	v := &change.Row
	if err := order.share(change, left, lines, surcharges, in.Discount.Has() || in.DiscountRatio.Has()); err != nil {
		return err
	}
	if err := change.setLines(f, order, lines, mode, surcharges, f.sellable(order, v.BranchID)); err != nil {
		return err
	}
	change.Surcharges = KindInvoice.surchargeRows(f, v.ID, surcharges)
	if receipts, err = s.redeemForInvoice(lines, receipts, uses); err != nil {
		return err
	}
	change.Delivery = delivery
	delivery.begin(v, s.openAfter(receipts), in.DeliveryDetail == nil, order)
	v.Status, v.UsingCod = s.startStatus(in), delivery != nil
	s.warnWithoutDelivery(delivery, in.UsingCod, "deliveryDetail")
	if err := s.issueGoods(order, lines); err != nil {
		return err
	}
	if err := s.charge(in, receipts); err != nil {
		return err
	}
	if delivery != nil && delivery.Row.Status == taphoa.DeliveryReturned { // recorded when all is over already
		if err := s.bringBack(); err != nil {
			return err
		}
	} else if v.Points = s.points(lines); v.CustomerID.Has() {
		s.addTotals(v.Total, v.Total, v.Points)
	}
	if order != nil {
		s.Order.Row.changed(f)
	}
	v.Code = f.Code("HD")
	v.CodeKey = text.CodeKey(v.Code)
	f.Cash.Name(v.ref(), v.Code)
	return s.settle()
}

// pricedDetails are the lines of an invoice at the prices of its book. Those of an order are merged, or apart, already.
func (f *Facts) pricedDetails(order *StoredOrder, in []taphoa.DetailInput) []taphoa.DetailInput {
	details := atBookPrices(f.PriceBook, in)
	if order != nil {
		return details
	}
	return mergeLines(details)
}

// addHeader fills who, where and when.
func (s *Sale) addHeader(order *StoredOrder, in *taphoa.InvoiceInput, mode taphoa.PricingMode, receipts []cashplan.Receipt) error {
	f, v := s.Facts, &s.Invoice.Row
	branchID, err := f.branchOf(order, in.BranchID)
	if err == nil {
		err = f.Actor.May(branchID, right.CreateInvoices)
	}
	if err != nil {
		return err
	}
	seller, err := f.sellerOf(order, in.SoldByID)
	if err != nil {
		return err
	}
	channel, err := f.channelOf(order, in.SaleChannelID)
	if err != nil {
		return err
	}
	*v = InvoiceRow{
		ID: f.ID("invoices"), BranchID: branchID, SoldByID: taphoa.Some(seller), SaleChannelID: taphoa.Some(channel),
		PricingMode: mode.Wire(), Description: in.Description, Discount: in.Discount, DiscountRatio: in.DiscountRatio,
		CreatedDate: f.Now, ChangedAt: f.Now,
	}
	v.UUID = uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "invoice/%d/%d", f.Retailer, v.ID)).String()
	var groups []int64
	if order != nil {
		v.OrderID, v.OrderCode, v.PriceBookID = taphoa.Some(order.Row.ID), taphoa.Some(order.Row.Code), order.Row.PriceBookID
		if mode == taphoa.PricingAfterTax && order.Row.DiscountAfterTax.Has() && in.Discount == order.Row.Discount {
			v.Discount = order.Row.DiscountAfterTax // copied from the order, which shows it before tax
		}
	}
	if order != nil && in.Customer == nil && in.CustomerID.Or(0) == order.Row.CustomerID.Or(0) { // also one deleted since
		v.CustomerID, v.CustomerCode, v.CustomerName = order.Row.CustomerID, order.Row.CustomerCode, order.Row.CustomerName
		if f.Buyer.Has() {
			s.setBuyer(f.Buyer)
		}
		groups = s.customerGroups()
	} else {
		customer, err := s.resolveCustomer(in.Customer, in.CustomerID, branchID)
		if err != nil {
			return err
		}
		v.CustomerID, v.CustomerCode, v.CustomerName = customerOf(customer)
		groups = groupsOf(customer)
	}
	if v.PurchaseDate, err = KindInvoice.saleTime(f.settings(), in.PurchaseDate, f.Clock); err != nil {
		return err
	}
	if err := f.judgeDate(branchID, "purchaseDate", v.PurchaseDate, f.Clock); err != nil {
		return err
	}
	if v.PriceBookID, err = chooseBook(f, v.PriceBookID, in.PriceBookID, v.priceBookScope(), groups); err != nil {
		return err
	}
	v.Method, err = methodOf(v.Method, in.Method, receipts)
	return err
}

// branchOf is the branch that a request names. The one of the order may have been closed since.
func (f *Facts) branchOf(order *StoredOrder, id taphoa.Opt[int64]) (int64, error) {
	if order != nil && id.Or(0) == order.Row.BranchID {
		return id.Value, nil
	}
	branch, err := KindInvoice.branch(f.Directory, id)
	return branch.ID, err
}

// sellerOf is the seller that a request names. Who has sold the order may have left since.
func (f *Facts) sellerOf(order *StoredOrder, id taphoa.Opt[int64]) (int64, error) {
	if order != nil && id.Has() && id == order.Row.SoldByID {
		return id.Value, nil
	}
	seller, err := f.Seller("soldById", id.Or(0))
	return seller.ID, err
}

// channelOf is the sale channel that a request names. The one of the order may have been removed since.
func (f *Facts) channelOf(order *StoredOrder, id taphoa.Opt[int64]) (int64, error) {
	if order != nil && id.Has() && id == order.Row.SaleChannelID {
		return id.Value, nil
	}
	return f.Directory.Channel(id)
}

func (v *InvoiceRow) priceBookScope() *catalogplan.PriceBookScope {
	return &catalogplan.PriceBookScope{BranchID: v.BranchID, CustomerID: v.CustomerID.Or(0), UserID: v.SoldByID.Or(0), At: v.PurchaseDate}
}

// newDelivery is the delivery of a new invoice: that of the request, or a copy of the order's, which begins to wait. What the
// shop's settings have hidden since the order was taken is not copied.
func (s *Sale) newDelivery(order *StoredOrder, in *taphoa.InvoiceInput) (*Delivery, error) {
	switch {
	case in.DeliveryDetail != nil:
		d := &Delivery{}
		d.goTo(s, in.DeliveryDetail.Status.Or(0))
		return d, d.change(s.Facts, s, in.DeliveryDetail)
	case order != nil && order.Delivery != nil && in.UsingCod.Or(true) && s.Facts.settings().UseDelivery:
		d := *order.Delivery
		d.Row.Status = 0
		if !s.Facts.settings().UseCod {
			d.Row.UsingPriceCod, d.Row.PriceCodPayment = false, taphoa.Opt[taphoa.Money]{}
		}
		return &d, nil
	}
	return nil, nil
}

// begin makes the delivery, if there is one, that of a new invoice: what is to be collected is what is still to be paid,
// unless the request says an amount. One that is copied from the order was said of all its invoices.
func (d *Delivery) begin(v *InvoiceRow, open taphoa.Money, copied bool, order *StoredOrder) {
	if d == nil {
		return
	}
	switch cod := &d.Row.PriceCodPayment; {
	case d.Row.UsingPriceCod && !cod.Has():
		*cod = taphoa.Some(open)
	case copied && cod.Has():
		*cod = taphoa.Some(max(0, min(cod.Value-order.CodAgreed, open)))
	}
	d.of(&KindInvoice, v.ID)
}

// openAfter is what is to be paid for a new invoice beside the receipts and the deposits of its order.
func (s *Sale) openAfter(receipts []cashplan.Receipt) taphoa.Money {
	return max(0, s.Invoice.Row.Total-sumReceipts(receipts)-s.depositsLeft())
}

// newSurcharges are those of the request, or what is left of the order's.
func (s *Sale) newSurcharges(order *StoredOrder, in *taphoa.InvoiceInput) ([]cashplan.SurchargeLine, error) {
	asked := in.Surcharges
	if d := in.DeliveryDetail; d != nil && d.Surcharges != nil {
		asked = append(append([]taphoa.SurchargeWrite{}, asked...), d.Surcharges...) // not nil: an empty list says that there are none
	}
	if asked == nil && order != nil {
		return order.surchargesLeft(), nil
	}
	known := s.Facts.Surcharges
	if order != nil {
		known = withStored(known, order.Surcharges)
	}
	return cashplan.ResolveSurcharges(known, s.Facts.settings().UseSurcharge, s.Invoice.Row.BranchID, asked)
}

// setLines prices an invoice, of an order if there is one, computes what its lines move of wholes, and makes its rows of lines and taxes.
func (c *InvoiceChange) setLines(
	f *Facts, order *StoredOrder, lines []*documentLine, mode taphoa.PricingMode, surcharges []cashplan.SurchargeLine, wholes *catalogplan.Wholes,
) error {
	v := &c.Row
	if err := moveLines(f, lines, v.BranchID, wholes); err != nil {
		return err
	}
	t, err := priceDocument(priced(lines), mode, v.Discount, v.DiscountRatio, surcharges)
	if err == nil {
		err = f.judgeLines(v.BranchID, mode, lines, c.Stored.agreed(), order.leftFor(v.ID))
	}
	if err != nil {
		return err
	}
	v.Total, v.TotalTax, v.HasTaxes, v.HasSurcharges = t.due, taphoa.Some(t.tax), hasTaxes(lines), len(surcharges) > 0
	v.Discount, v.DiscountAfterTax = documentDiscount(lines, mode, &t)
	c.Lines, c.Taxes, c.LinesReplaced = nil, nil, true
	for i, l := range lines {
		price, discount, err := l.netPrice(mode)
		if err != nil {
			return err
		}
		if err := l.readSerials(); err != nil {
			return err
		}
		if err := l.chooseLots(f, v.BranchID, v.PurchaseDate); err != nil {
			return err
		}
		row := InvoiceLineRow{
			InvoiceID: v.ID, Line: int64(i + 1), ID: f.ID("invoice_lines"), ProductID: l.product.ID, ProductCode: l.product.Code,
			ProductName: l.product.FullName, Quantity: l.quantity, Price: price, Discount: taphoa.Some(discount),
			DiscountRatio: l.ratio, AllocationDiscount: taphoa.Some(l.netAllocation(mode)), SubTotal: l.netSubTotal,
			Note: l.in.Note, SerialNumbers: taphoa.SomeIf(strings.Join(l.serials, ",")),
		}
		if len(l.lots) > 0 {
			row.BatchID = taphoa.Some(l.lots[0].BatchID)
		}
		taxes, err := KindInvoice.taxRows(f, v.ID, row.Line, row.ID, l, mode)
		if err != nil {
			return err
		}
		c.Lines, c.Taxes = append(c.Lines, row), append(c.Taxes, taxes...)
	}
	return nil
}

// redeemForInvoice uses vouchers for a new invoice and returns the receipts with theirs. What its order has of deposits
// counts.
func (s *Sale) redeemForInvoice(
	lines []*documentLine, receipts []cashplan.Receipt, uses []promoplan.VoucherUse,
) ([]cashplan.Receipt, error) {
	f, v := s.Facts, &s.Invoice.Row
	if len(uses) == 0 && v.CustomerID.Has() {
		return receipts, nil
	}
	scope := &promoplan.VoucherScope{
		BranchID: v.BranchID, SellerID: v.SoldByID.Or(0), CustomerID: v.CustomerID, CustomerGroups: s.customerGroups(),
		Lines: voucherLines(lines), Open: v.Total,
	}
	if v.OrderID.Has() {
		scope.AppliedVouchers = vouchersOf(s.deposits())
		scope.Open -= s.depositsLeft()
	}
	receipts, err := KindInvoice.redeem(f, scope, uses, receipts)
	if err == nil && !v.Method.Has() {
		v.Method, err = methodOf(v.Method, v.Method, receipts)
	}
	return receipts, err
}

// deposits are the payments of the order that belong to no invoice yet.
func (s *Sale) deposits() []cashplan.PaymentRow {
	return paid(s.Facts.Cash.Payments(isDeposit(s.Order.Row.ID)))
}

// startStatus is the status of a new invoice: one that is to be delivered is in progress until it has arrived, which who
// creates a completed one says.
func (s *Sale) startStatus(in *taphoa.InvoiceInput) int64 {
	status, d := in.Status.Or(0), s.Invoice.Delivery
	if d != nil {
		if status == taphoa.InvoiceCompleted {
			d.goTo(s, taphoa.DeliveryDelivered)
		}
		return statusByDelivery(d.Row.Status)
	}
	if status == taphoa.InvoiceProcessing {
		return taphoa.InvoiceProcessing
	}
	return taphoa.InvoiceCompleted
}

// statusByDelivery is the status of an invoice whose delivery has a status.
func statusByDelivery(delivery int64) int64 {
	switch delivery {
	case taphoa.DeliveryDelivered:
		return taphoa.InvoiceCompleted
	case taphoa.DeliveryReturned, taphoa.DeliveryCancelled:
		return taphoa.InvoiceUndeliverable
	}
	return taphoa.InvoiceProcessing
}

// issueGoods posts the goods out of the branch. What the order reserves for itself is released first, so that the invoice
// can have it.
func (s *Sale) issueGoods(order *StoredOrder, lines []*documentLine) error {
	f, v := s.Facts, &s.Invoice.Row
	if order != nil {
		if err := s.updateOrderProgress(append(order.invoicedQuantities(0), quantitiesOf(lines)...), lines); err != nil {
			return err
		}
	}
	return s.post(soldPostings(lines, v.BranchID), f.sellLimits(), false)
}

func (f *Facts) sellLimits() stockplan.Limits {
	return stockplan.Limits{BelowZero: f.settings().AllowSellWhenOutStock, BelowReserved: f.settings().AllowSellWhenOrderOutStock}
}

// anyStock lets goods move whatever is there: what was sold comes back, and what was wrong is put right.
var anyStock = stockplan.Limits{BelowZero: true, BelowReserved: true}

// post makes the goods that the invoice has moved equal to what it wants, as its next step.
func (s *Sale) post(want []stockplan.Posting, limits stockplan.Limits, always bool) error {
	v := &s.Invoice.Row
	doc := stockplan.Document{Kind: "invoice", ID: v.ID, Step: v.StockStep, EffectiveAt: v.PurchaseDate}
	used, err := s.Facts.Stock.Post(doc, want, limits)
	if used {
		v.StockStep++
	}
	if always {
		return err
	}
	return outOfStockError(err, taphoa.CodeInvoice)
}

// postDebt makes what the customer owes for the invoice equal to an amount.
func (s *Sale) postDebt(amount taphoa.Money) error {
	v := &s.Invoice.Row
	var want []cashplan.Posting
	if amount > 0 {
		want = []cashplan.Posting{{From: cashplan.Income(v.BranchID), To: cashplan.Customer(v.CustomerID.Or(0)), Amount: amount}}
	}
	used, err := s.Facts.Cash.Post(cashplan.Document{Kind: "invoice", ID: v.ID, Step: v.CashStep, EffectiveAt: v.PurchaseDate}, want)
	if used {
		v.CashStep++
	}
	s.Facts.Cash.Change(v.document(), amount-s.Invoice.owed)
	s.Invoice.owed = amount
	return err
}

// charge makes the customer owe the total and receives what is paid.
func (s *Sale) charge(in *taphoa.InvoiceInput, receipts []cashplan.Receipt) error {
	f, v := s.Facts, &s.Invoice.Row
	if err := s.postDebt(v.Total); err != nil {
		return err
	}
	receipts, err := s.collectOnDelivery(in, receipts, v.Total-s.depositsLeft())
	if err != nil {
		return err
	}
	return s.receiveForInvoice(receipts, f.booked(v.PurchaseDate))
}

// receiveForInvoice receives payments of the invoice; they are payments of its order, too.
func (s *Sale) receiveForInvoice(receipts []cashplan.Receipt, at taphoa.Time) error {
	v := &s.Invoice.Row
	return receive(s.Facts, receipts, cashplan.Receipt{
		BranchID: v.BranchID, Partner: cashplan.Customer(v.CustomerID.Or(0)), OrderID: v.OrderID, InvoiceID: taphoa.Some(v.ID),
		TransDate: at,
	})
}

// bringBack ends an invoice whose delivery came back: its goods are back, what was collected on delivery is void, vouchers are
// released, and other money is the customer's credit.
func (s *Sale) bringBack() error {
	f, v := s.Facts, &s.Invoice.Row
	if err := s.voidCollected(); err != nil {
		return err
	}
	vouchers := keep(f.invoicePayments(v.ID), func(p *cashplan.PaymentRow) bool { return p.Paid() && p.VoucherID.Has() })
	f.Vouchers.Release(vouchersOf(vouchers))
	for i := range vouchers {
		if _, err := f.Cash.Void(vouchers[i].ID); err != nil {
			return err
		}
	}
	if err := s.reverseInvoice(); err != nil {
		return err
	}
	v.GoodsReturned = true
	return nil
}

// reverseInvoice brings the goods of an invoice back and takes its total off the customer's debt.
func (s *Sale) reverseInvoice() error {
	if err := s.post(nil, anyStock, true); err != nil {
		return err
	}
	return s.postDebt(0)
}

// points are what the customer earns: a point for every RewardPointRate spent on goods that earn points, once the sale
// is complete.
func (s *Sale) points(lines []*documentLine) int64 {
	v, rate := &s.Invoice.Row, s.Facts.settings().RewardPointRate
	if rate <= 0 || v.Status != taphoa.InvoiceCompleted || !v.CustomerID.Has() {
		return 0
	}
	var spent taphoa.Money
	for _, l := range lines {
		if l.product.IsRewardPoint {
			spent += l.subTotal - l.allocation
		}
	}
	return max(0, int64(spent/rate))
}
