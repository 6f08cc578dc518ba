package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// NewOrder plans an order: its goods are reserved and what is paid is received, or it is invoiced at once (contract
// orders, createOrder).
func NewOrder(f *Facts, in *taphoa.OrderInput) (*Sale, error) {
	s := &Sale{Facts: f, Order: &OrderChange{}}
	if err := CheckOrdering(f.settings()); err != nil {
		return nil, err
	}
	header, err := s.newOrderHeader(in)
	if err != nil {
		return nil, err
	}
	o, mode := &s.Order.Row, f.settings().PricingMode
	lines, err := KindOrder.readLines(f.Items, mode, atBookPrices(f.PriceBook, in.OrderDetails), nil)
	if err != nil {
		return nil, err
	}
	if err := s.Order.setLines(f, lines, mode, header.surcharges); err != nil {
		return nil, err
	}
	if in.OrderDelivery != nil {
		s.Order.Delivery = &Delivery{}
		if err := s.Order.Delivery.changeOfOrder(f, s, in.OrderDelivery); err != nil {
			return nil, err
		}
	}
	s.warnWithoutDelivery(s.Order.Delivery, in.UsingCod, "orderDelivery")
	uses := VoucherUses(in.IsApplyVoucher, in.Payments)
	if in.MakeInvoice { // which takes the goods, and the money with them
		o.setCode(f)
		return s, s.completeOrder(&StoredOrder{Order: s.Order.Order}, header.receipts, uses)
	}
	if err := s.payOrder(lines, header.receipts, uses, false); err != nil {
		return nil, err
	}
	if err := s.reserveOrder(lines, nil); err != nil {
		return nil, err
	}
	o.setCode(f)
	return s, s.settle()
}

// orderHeader is what a request says besides the row of its order, before the lines.
type orderHeader struct {
	surcharges []cashplan.SurchargeLine
	receipts   []cashplan.Receipt
}

// newOrderHeader fills who, where and when of a new order.
func (s *Sale) newOrderHeader(in *taphoa.OrderInput) (h orderHeader, err error) {
	f, o := s.Facts, &s.Order.Row
	settings := f.settings()
	if err := KindOrder.checkDelivery(settings, in.OrderDelivery, in.UsingCod.Or(false)); err != nil {
		return h, err
	}
	branch, err := KindOrder.branch(f.Directory, in.BranchID)
	if err == nil {
		err = f.Actor.May(branch.ID)
	}
	if err != nil {
		return h, err
	}
	seller, err := f.Seller("soldById", in.SoldByID.Or(0))
	if err != nil {
		return h, err
	}
	channel, err := f.Directory.Channel(in.SaleChannelID)
	if err != nil {
		return h, err
	}
	if h.surcharges, err = cashplan.ResolveSurcharges(f.Surcharges, settings.UseSurcharge, branch.ID, in.Surcharges); err != nil {
		return h, err
	}
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: in.IsApplyVoucher}
	if h.receipts, err = terms.receipts(&KindOrder, 0, 0); err != nil {
		return h, err
	}
	customer, err := s.resolveCustomer(in.Customer, in.CustomerID, branch.ID)
	if err != nil {
		return h, err
	}
	*o = OrderRow{
		BranchID: branch.ID, SoldByID: taphoa.Some(seller.ID), PricingMode: settings.PricingMode.Wire(), Description: in.Description,
		Status: taphoa.OrderDraft, SaleChannelID: taphoa.Some(channel), UsingCod: in.OrderDelivery != nil,
		Discount: in.Discount, DiscountRatio: in.DiscountRatio, Partner: taphoa.SomeIf(in.Partner), Extra: in.Extra,
		CreatedDate: f.Now, ChangedAt: f.Now,
	}
	if in.Status.Or(0) == taphoa.OrderConfirmed {
		o.Status = taphoa.OrderConfirmed
	}
	o.OpenStatus = o.Status
	if o.PurchaseDate, err = KindOrder.saleTime(settings, in.PurchaseDate, f.Clock); err != nil {
		return h, err
	}
	if err := f.judgeDate(branch.ID, "purchaseDate", o.PurchaseDate, f.Clock); err != nil {
		return h, err
	}
	if o.Method, err = methodOf(o.Method, in.Method, h.receipts); err != nil {
		return h, err
	}
	cashier, err := f.Seller("cashierId", in.CashierID.Or(0))
	if err != nil {
		return h, err
	}
	o.CashierID, o.ID = cashier.ID, f.ID("orders")
	o.CustomerID, o.CustomerCode, o.CustomerName = customerOf(customer)
	o.PriceBookID, err = chooseBook(f, o.PriceBookID, in.PriceBookID, o.priceBookScope(), groupsOf(customer))
	return h, err
}

func (o *OrderRow) setCode(f *Facts) {
	o.Code = f.Code("DH")
	o.CodeKey = text.CodeKey(o.Code)
}

func (o *OrderRow) priceBookScope() *catalogplan.PriceBookScope {
	return &catalogplan.PriceBookScope{BranchID: o.BranchID, CustomerID: o.CustomerID.Or(0), UserID: o.SoldByID.Or(0), At: o.PurchaseDate}
}

// resolveCustomer finds the customer of a request, or creates one with the sale.
func (s *Sale) resolveCustomer(
	in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64], branchID int64,
) (taphoa.Opt[partyplan.CustomerRef], error) {
	f := s.Facts
	customer, err := partyplan.ResolveCustomer(&f.Context, f.Customer, in, customerID, branchID)
	if err != nil {
		return customer.Ref, err
	}
	s.Customer = customer.New
	s.setBuyer(customer.Ref)
	return customer.Ref, nil
}

// setBuyer notes who buys, for the rules of vouchers and for the cash book.
func (s *Sale) setBuyer(c taphoa.Opt[partyplan.CustomerRef]) {
	if s.buyer = c; c.Has() {
		s.Facts.Cash.NamePartner(taphoa.PartnerCustomer, c.Value.ID, partnerFacts(&c.Value))
	}
}

// partnerFacts are what the cash book shows of a customer.
func partnerFacts(c *partyplan.CustomerRef) cashplan.PartnerFacts {
	return cashplan.PartnerFacts{
		Name: taphoa.Some(c.Name), ContactNumber: c.ContactNumber, Address: c.Address, WardName: c.WardName, LocationName: c.LocationName,
	}
}

func groupsOf(c taphoa.Opt[partyplan.CustomerRef]) []int64 { return c.Value.Groups }

// setLines prices an order and makes its rows of lines, taxes and surcharges.
func (c *OrderChange) setLines(f *Facts, lines []*documentLine, mode taphoa.PricingMode, surcharges []cashplan.SurchargeLine) error {
	o := &c.Row
	discount := o.Discount
	if mode == taphoa.PricingAfterTax && o.DiscountAfterTax.Has() {
		discount = o.DiscountAfterTax
	}
	t, err := priceDocument(priced(lines), mode, discount, o.DiscountRatio, surcharges)
	if err == nil {
		err = f.judgeLines(o.BranchID, mode, lines, c.Stored.agreed())
	}
	if err != nil {
		return err
	}
	o.Total, o.TotalTax, o.HasTaxes, o.HasSurcharges = t.due, taphoa.Some(t.tax), hasTaxes(lines), len(surcharges) > 0
	o.Discount, o.DiscountAfterTax = documentDiscount(lines, mode, &t)
	c.Lines, c.Taxes = nil, nil
	seen := map[int64]bool{}
	for i, l := range lines {
		price, discount, err := l.netPrice(mode)
		if err != nil {
			return err
		}
		row := OrderLineRow{
			OrderID: o.ID, Line: int64(i + 1), ID: f.ID("order_lines"), ProductID: l.product.ID, ProductCode: l.product.Code,
			ProductName: l.product.FullName, IsMaster: l.in.IsMaster.Or(!seen[l.product.ID]), Quantity: l.quantity,
			Price: price, Discount: taphoa.Some(discount), DiscountRatio: l.ratio,
			SubTotal: l.netSubTotal, Note: l.in.Note,
		}
		seen[l.product.ID] = true
		taxes, err := KindOrder.taxRows(f, o.ID, row.Line, row.ID, l, mode)
		if err != nil {
			return err
		}
		c.Lines, c.Taxes = append(c.Lines, row), append(c.Taxes, taxes...)
	}
	c.Surcharges = KindOrder.surchargeRows(f, o.ID, surcharges)
	c.LinesReplaced = true
	return nil
}

// payOrder uses vouchers for the order and receives its payments. changed says that its lines are other ones than its
// vouchers have been used for.
func (s *Sale) payOrder(lines []*documentLine, receipts []cashplan.Receipt, uses []promoplan.VoucherUse, changed bool) error {
	receipts, err := s.redeemForOrder(lines, receipts, uses, changed)
	if err != nil {
		return err
	}
	return s.receiveForOrder(receipts, s.Facts.booked(s.Order.Row.PurchaseDate))
}

func (s *Sale) redeemForOrder(
	lines []*documentLine, receipts []cashplan.Receipt, uses []promoplan.VoucherUse, changed bool,
) ([]cashplan.Receipt, error) {
	f, o := s.Facts, &s.Order.Row
	scope := &promoplan.VoucherScope{
		BranchID: o.BranchID, SellerID: o.SoldByID.Or(0), CustomerID: o.CustomerID, CustomerGroups: s.customerGroups(), Lines: voucherLines(lines),
		Open: o.Total - o.TotalPayment, AppliedVouchers: vouchersOf(paid(f.orderPayments(o.ID))), LinesChanged: changed,
	}
	receipts, err := KindOrder.redeem(f, scope, uses, receipts)
	if err == nil && !o.Method.Has() {
		o.Method, err = methodOf(o.Method, o.Method, receipts)
	}
	return receipts, err
}

func (s *Sale) receiveForOrder(receipts []cashplan.Receipt, at taphoa.Time) error {
	o := &s.Order.Row
	return receive(s.Facts, receipts, cashplan.Receipt{
		BranchID: o.BranchID, Partner: cashplan.Customer(o.CustomerID.Or(0)), OrderID: taphoa.Some(o.ID), TransDate: at,
	})
}

// paid are those payments that are not voided.
func paid(payments []cashplan.PaymentRow) (all []cashplan.PaymentRow) {
	for _, p := range payments {
		if p.Paid() {
			all = append(all, p)
		}
	}
	return all
}

// reserveOrder reserves what is left of an order's lines behind what was invoiced. Only a shop that allows it takes
// orders beyond what is free. A product that was deleted since has no goods to reserve.
func (s *Sale) reserveOrder(lines []*documentLine, invoiced []ProductQuantity) error {
	f, o := s.Facts, &s.Order.Row
	wholes := catalogplan.NewWholes(f.reservedFor(o), f.onHand(o.BranchID))
	var want []stockplan.BranchQuantity
	for i, quantity := range remaining(quantitiesOf(lines), invoiced) {
		if quantity == 0 || lines[i].product.Deleted {
			continue
		}
		moved, err := wholes.Take(lines[i].product, quantity)
		if err != nil {
			return err
		}
		want = append(want, at(o.BranchID, moved)...)
	}
	err := f.Stock.Reserve("order", o.ID, want, stockplan.Limits{BelowZero: f.settings().AllowOrderWhenOutStock})
	return outOfStockError(err, taphoa.CodeOrder)
}
