package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// ChangeOrder plans an update of an open order: the members that are given change, lines are replaced as a whole, what is
// left of it is invoiced at once when asked to (contract orders, updateOrder). The status for void voids it, and nothing
// else changes then.
//
// It refuses with taphoa.CodeOrder a shop that takes no orders, an order that is completed or void, another customer once
// something is paid, and what a new order is refused for. What the order has already may stay: a seller who has left, a
// removed channel, a deleted customer, a stopped surcharge, as much as it has of products that are not sold any more.
func ChangeOrder(f *Facts, in *taphoa.OrderUpdate) (*Sale, error) {
	if err := CheckOrdering(f.settings()); err != nil {
		return nil, err
	}
	stored, err := f.takeOrder()
	if err != nil {
		return nil, err
	}
	s := &Sale{Facts: f, Order: stored.change()}
	s.beginOrder()
	o := &s.Order.Row
	status := in.Status.Or(0)
	if status == 0 {
		status = o.Status // the vendor's plugin sends it with every order
	}
	if taphoa.OrderStatusValue(status) == "" {
		return nil, taphoa.Refuse(taphoa.CodeOrder, "status", "Trạng thái %d (status) của đơn đặt hàng không hợp lệ: "+
			"dùng 1 (Phiếu tạm), 2 (Đang giao hàng), 3 (Hoàn thành), 4 (Đã hủy) hoặc 5 (Đã xác nhận)", status)
	}
	next, open := taphoa.OrderTransitions[o.Status]
	if !open || status != o.Status && !slices.Contains(next, status) {
		return nil, taphoa.Refuse(taphoa.CodeOrder, "status", "Đơn đặt hàng %s đang ở trạng thái %s, không thể cập nhật",
			o.Code, taphoa.Term(taphoa.OrderStatusValue(o.Status)))
	}
	if status == taphoa.OrderVoided {
		return s, s.voidOrder(false)
	}
	if err := s.changeOrder(&in.OrderInput, status); err != nil {
		return nil, err
	}
	s.Order.keepDate()
	return s, nil
}

// change is the order as it is to be, so far as it is stored.
func (o *StoredOrder) change() *OrderChange {
	c := &OrderChange{Order: o.Order, Stored: &o.Order}
	if o.Delivery != nil {
		delivery := *o.Delivery
		c.Delivery = &delivery
	}
	return c
}

func (s *Sale) changeOrder(in *taphoa.OrderInput, status int64) error {
	f, o := s.Facts, &s.Order.Row
	if err := s.changeOrderHeader(in); err != nil {
		return err
	}
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: in.IsApplyVoucher}
	receipts, err := terms.receipts(&KindOrder, o.TotalPayment, o.TotalPayment)
	if err != nil {
		return err
	}
	if o.Method, err = methodOf(o.Method, in.Method, receipts); err != nil {
		return err
	}
	lines, err := s.changeOrderLines(in)
	if err != nil {
		return err
	}
	if err := coverVouchers(KindOrder.code, f.Order.Row.Total, o.Total, s.vouchersOnOrder()); err != nil {
		return err
	}
	uses := VoucherUses(in.IsApplyVoucher, in.Payments)
	usedNow, paidNow := uses, receipts
	if in.MakeInvoice { // which they pay
		usedNow, paidNow = nil, nil
	}
	if paidNow, err = s.redeemForOrder(lines, paidNow, usedNow, in.OrderDetails != nil); err != nil {
		return err
	}
	if err := s.changeOrderDelivery(in.OrderDelivery); err != nil {
		return err
	}
	s.warnWithoutDelivery(s.Order.Delivery, in.UsingCod, "orderDelivery")
	if in.MakeInvoice {
		if status != taphoa.OrderCompleted { // which its invoice decides
			o.Status = status
		}
		o.changed(f)
		order := *f.Order
		order.Order = s.Order.Order
		return s.completeOrder(&order, receipts, uses)
	}
	invoiced := f.Order.invoicedQuantities(0)
	if len(invoiced) > 0 && allInvoiced(quantitiesOf(lines), invoiced) { // lowered to what its invoices have
		status = taphoa.OrderCompleted
	}
	if o.Status = status; status == taphoa.OrderCompleted {
		err = f.Stock.Reserve("order", o.ID, nil, stockplan.Limits{})
	} else {
		err = s.reserveOrder(lines, invoiced)
	}
	if err != nil {
		return err
	}
	o.changed(f)
	if len(paidNow) > 0 {
		if err := f.Actor.May(o.BranchID, right.TakePayments); err != nil {
			return err
		}
	}
	if err := s.receiveForOrder(paidNow, f.Clock); err != nil {
		return err
	}
	return s.settle()
}

// vouchersOnOrder is what vouchers have paid on the order of the sale and its invoices.
func (s *Sale) vouchersOnOrder() (sum taphoa.Money) {
	for _, p := range s.Facts.orderPayments(s.Order.Row.ID) {
		if p.VoucherID.Has() {
			sum += p.PaidOnOrder()
		}
	}
	return sum
}

// changeOrderHeader changes who, where and when. Who has left and what was removed since may stay.
func (s *Sale) changeOrderHeader(in *taphoa.OrderInput) error {
	f, o := s.Facts, &s.Order.Row
	err := KindOrder.checkDelivery(f.settings(), in.OrderDelivery, in.UsingCod.Or(false))
	if err != nil {
		return err
	}
	if o.PurchaseDate, err = KindOrder.saleTime(f.settings(), in.PurchaseDate, o.PurchaseDate); err != nil {
		return err
	}
	f.Cash.MoveReceipts(ofOrder(o.ID), o.CreatedDate, f.Order.Row.PurchaseDate, o.PurchaseDate)
	if in.BranchID.Or(0) != 0 && in.BranchID.Value != o.BranchID {
		branch, err := f.Directory.Branch(in.BranchID.Value)
		if err == nil {
			err = f.Actor.May(branch.ID)
		}
		if err != nil {
			return err
		}
		o.BranchID = branch.ID
	}
	if err := f.judgeDate(o.BranchID, "purchaseDate", o.PurchaseDate, f.Order.Row.PurchaseDate); err != nil {
		return err
	}
	if in.SoldByID.Has() && in.SoldByID != o.SoldByID {
		seller, err := f.Seller("soldById", in.SoldByID.Value)
		if err != nil {
			return err
		}
		o.SoldByID = taphoa.Some(seller.ID)
	}
	if in.CashierID.Has() && in.CashierID.Value != o.CashierID {
		cashier, err := f.Seller("cashierId", in.CashierID.Value)
		if err != nil {
			return err
		}
		o.CashierID = cashier.ID
	}
	if in.SaleChannelID.Or(0) != 0 && in.SaleChannelID != o.SaleChannelID {
		channel, err := f.Directory.Channel(in.SaleChannelID)
		if err != nil {
			return err
		}
		o.SaleChannelID = taphoa.Some(channel)
	}
	given(&o.Description, in.Description)
	given(&o.Extra, in.Extra)
	if err := s.changeOrderCustomer(in); err != nil {
		return err
	}
	o.PriceBookID, err = chooseBook(f, o.PriceBookID, in.PriceBookID, o.priceBookScope(), s.customerGroups())
	return err
}

// KeepsCustomer reports whether an update leaves the customer of the order: it names none, or the same by id.
func (o *StoredOrder) KeepsCustomer(in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64]) bool {
	keys := partyplan.CustomerKeysOf(in, customerID)
	return keys.WalkIn() || keys.ID != 0 && keys.ID == o.Row.CustomerID.Or(0)
}

func (s *Sale) changeOrderCustomer(in *taphoa.OrderInput) error {
	f, o := s.Facts, &s.Order.Row
	if f.Order.KeepsCustomer(in.Customer, in.CustomerID) {
		s.setBuyer(f.Buyer)
		return nil
	}
	customer, err := s.resolveCustomer(in.Customer, in.CustomerID, o.BranchID)
	if err != nil {
		return err
	}
	if len(paid(f.orderPayments(o.ID))) > 0 && customer.Value.ID != o.CustomerID.Or(0) {
		return taphoa.Refuse(taphoa.CodeOrder, "customer", "Đơn đặt hàng %s đã có thanh toán, không thể đổi khách hàng", o.Code)
	}
	o.CustomerID, o.CustomerCode, o.CustomerName = customerOf(customer)
	return nil
}

// changeOrderLines prices the order again when its lines, its discount or its surcharges change, and returns its lines.
func (s *Sale) changeOrderLines(in *taphoa.OrderInput) ([]*documentLine, error) {
	f, o := s.Facts, &s.Order.Row
	mode := pricingMode(o.PricingMode) // an order stays in the mode that it was priced in
	stored := f.Order.echoedLines()
	details := atBookPrices(f.PriceBook, in.OrderDetails)
	same := details == nil || sameLines(in.OrderDetails, stored, mode)
	if same {
		details = make([]taphoa.DetailInput, len(stored))
		for i := range stored {
			details[i] = stored[i].input
		}
	}
	lines, err := KindOrder.readLines(f.Items, mode, details, f.Order.Quantities())
	if err != nil {
		return nil, err
	}
	discount, discountChanged := o.givenDiscount(in, mode)
	if same && in.Surcharges == nil && !discountChanged {
		return lines, nil
	}
	if in.Discount.Given() || in.DiscountRatio.Given() {
		o.Discount, o.DiscountRatio, o.DiscountAfterTax = discount, in.DiscountRatio, taphoa.Opt[taphoa.Money]{}
	} else if byRatio, err := f.Order.discountByRatio(); err != nil {
		return nil, err
	} else if byRatio { // which is one of the new lines
		o.Discount, o.DiscountAfterTax = taphoa.Opt[taphoa.Money]{}, taphoa.Opt[taphoa.Money]{}
	}
	surcharges := surchargesAsLines(s.Order.Surcharges)
	if in.Surcharges != nil {
		if surcharges, err = cashplan.ResolveSurcharges(withStored(f.Surcharges, f.Order.Surcharges), f.settings().UseSurcharge, o.BranchID, in.Surcharges); err != nil {
			return nil, err
		}
		if same && !discountChanged {
			keepRatios(surcharges, s.Order.Surcharges)
		}
	}
	return lines, s.Order.setLines(f, lines, mode, surcharges)
}

// keepRatios leaves surcharges that are written back at the prices they were read with charged by their ratio.
func keepRatios(lines []cashplan.SurchargeLine, stored []SurchargeRow) {
	for i := range lines {
		l := &lines[i]
		for _, r := range stored {
			if r.SurchargeID == l.SurchargeID && r.Price == l.Price {
				l.Ratio = r.Ratio
			}
		}
	}
}

// givenDiscount is the discount that a request gives, as the customer sees it, and whether it or its ratio is another one
// than before. In the mode after tax, a discount that comes back as an answer has shown it, before tax and beside the one
// after tax, is the latter.
func (o *OrderRow) givenDiscount(in *taphoa.OrderInput, mode taphoa.PricingMode) (discount taphoa.Opt[taphoa.Money], changed bool) {
	discount, present := in.Discount, o.Discount
	if mode == taphoa.PricingAfterTax {
		present = o.DiscountAfterTax
		if in.AfterTax.Has() && in.AfterTax == present && discount == o.Discount {
			discount = present
		}
	}
	return discount, discount.Given() && discount.Or(0) != present.Or(0) ||
		in.DiscountRatio.Given() && in.DiscountRatio.Or(0) != o.DiscountRatio.Or(0)
}

// changeOrderDelivery changes how the order reaches its customer, as far as the request says.
func (s *Sale) changeOrderDelivery(in *taphoa.DeliveryInput) error {
	if in == nil {
		return nil
	}
	c := s.Order
	if c.Delivery == nil {
		c.Delivery = &Delivery{}
	}
	c.Row.UsingCod = true
	return c.Delivery.changeOfOrder(s.Facts, s, in)
}
