package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// UpdateOrder changes the members of an open order that are given; lines are replaced as a whole (contract orders).
func UpdateOrder(tx *db.Tx, in *taphoa.OrderUpdate) (*taphoa.Order, error) {
	s, err := orderSettings(tx)
	if err != nil {
		return nil, err
	}
	o, err := lockOrder(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	status := in.Status.Or(0)
	if taphoa.OrderStatusValue(status) == "" {
		status = o.Status // clients send 0 and words of their own
	}
	moves, open := taphoa.OrderTransitions[o.Status]
	if !open || status != o.Status && !slices.Contains(moves, status) {
		return nil, taphoa.Refuse(taphoa.CodeOrder, "status", "Đơn đặt hàng %s đang ở trạng thái %s, không thể cập nhật", o.Code, taphoa.Term(o.StatusValue))
	}
	if status == taphoa.OrderVoided {
		if err := voidOrder(tx, o, false); err != nil {
			return nil, err
		}
		return answerOrder(tx, o.ID)
	}
	if err := changeOrder(tx, s, o, &in.OrderInput, status); err != nil {
		return nil, err
	}
	return answerOrder(tx, o.ID)
}

// changeOrder applies an update to an open order.
func changeOrder(tx *db.Tx, s org.Settings, o *taphoa.Order, in *taphoa.OrderInput, status int64) error {
	err := orderRules.checkDelivery(&s, in.OrderDelivery, in.UsingCod.Or(false))
	if err != nil {
		return err
	}
	if o.PurchaseDate, err = orderRules.saleTime(&s, in.PurchaseDate, o.PurchaseDate); err != nil {
		return err
	}
	if err := changeOrderHead(tx, o, in); err != nil {
		return err
	}
	if err := chooseBook(tx, &o.PriceBookID, in.PriceBookID, orderSale(o)); err != nil {
		return err
	}
	pay := paid{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: in.IsApplyVoucher}
	payments, err := pay.receipts(&orderRules, o.TotalPayment)
	if err != nil {
		return err
	}
	if err := setMethod(&o.Method, in.Method, payments); err != nil {
		return err
	}
	before := o.Total
	items, err := changeOrderLines(tx, &s, o, in)
	if err != nil {
		return err
	}
	vouchers := pay.claims()
	if in.MakeInvoice { // they pay the invoice
		vouchers = nil
	}
	if err := coverVouchers(orderRules.code, before, o.Total, o.Payments); err != nil {
		return err
	}
	if payments, err = redeemForOrder(tx, o, items, payments, vouchers, in.OrderDetails != nil); err != nil {
		return err
	}
	if err := changeOrderDelivery(tx, o, in.OrderDelivery); err != nil {
		return err
	}
	o.Status = status
	switch {
	case in.MakeInvoice:
	case status == taphoa.OrderCompleted:
		err = stock.Reserve(tx, "order", o.ID, nil, stock.Limits{})
	default:
		err = reserveOpenOrder(tx, &s, o, items)
	}
	if err != nil {
		return err
	}
	if !in.MakeInvoice {
		like := cash.Receipt{BranchID: o.BranchID, Partner: cash.Customer(o.CustomerID.Or(0)), OrderID: taphoa.Some(o.ID), TransDate: tx.Clock}
		sum, err := receive(tx, payments, like)
		if err != nil {
			return err
		}
		o.TotalPayment += sum
	}
	saveOrder(tx, o)
	if in.MakeInvoice {
		return invoiceOrder(tx, o.ID, payments, pay.claims())
	}
	return nil
}

// changeOrderDelivery changes how the order reaches its customer, as far as the request says.
func changeOrderDelivery(tx *db.Tx, o *taphoa.Order, in *taphoa.DeliveryInput) error {
	if in == nil {
		return nil
	}
	if o.OrderDelivery == nil {
		o.OrderDelivery = &taphoa.Delivery{}
	}
	if err := patchDelivery(tx, o.OrderDelivery, in); err != nil {
		return err
	}
	o.UsingCod = true
	orderRules.saveDelivery(tx, o.ID, o.OrderDelivery)
	return nil
}

// changeOrderHead changes where, who and to whom.
func changeOrderHead(tx *db.Tx, o *taphoa.Order, in *taphoa.OrderInput) error {
	if in.BranchID.Or(0) != 0 && in.BranchID.Value != o.BranchID {
		branch, err := findBranch(tx, &orderRules, in.BranchID)
		if err != nil {
			return err
		}
		o.BranchID = branch.ID
	}
	if in.SoldByID.Has() && in.SoldByID != o.SoldByID { // who has left since may stay
		seller, err := org.FindSeller(tx, "soldById", in.SoldByID.Value)
		if err != nil {
			return err
		}
		o.SoldByID = taphoa.Some(seller.ID)
	}
	if in.CashierID.Has() && in.CashierID.Value != o.CashierID {
		cashier, err := org.FindSeller(tx, "cashierId", in.CashierID.Value)
		if err != nil {
			return err
		}
		o.CashierID = cashier.ID
	}
	if in.SaleChannelID.Or(0) != 0 && in.SaleChannelID != o.SaleChannelID { // as above
		channel, err := org.ResolveSaleChannel(tx, in.SaleChannelID)
		if err != nil {
			return err
		}
		o.SaleChannelID = taphoa.Some(channel)
	}
	patch(&o.Description, in.Description)
	id := in.CustomerID.Or(0)
	if in.Customer != nil {
		id = in.Customer.ID.Or(id)
	}
	if in.Customer == nil && id == 0 || id != 0 && id == o.CustomerID.Or(0) { // who was deleted since may stay
		return nil
	}
	customer, err := party.ResolveCustomer(tx, in.Customer, in.CustomerID, o.BranchID)
	if err != nil || !customer.Has() {
		return err
	}
	if o.TotalPayment > 0 && customer.Value.ID != o.CustomerID.Or(0) {
		return taphoa.Refuse(taphoa.CodeOrder, "customer", "Đơn đặt hàng %s đã có thanh toán, không thể đổi khách hàng", o.Code)
	}
	setCustomer(&o.CustomerID, &o.CustomerCode, &o.CustomerName, &head{customer: customer})
	return nil
}

// changeOrderLines works the order out again when its lines, discount or surcharges change, and answers its lines.
func changeOrderLines(tx *db.Tx, s *org.Settings, o *taphoa.Order, in *taphoa.OrderInput) ([]*item, error) {
	mode := modeOf(o.PricingMode)
	details, err := atBookPrices(tx, o.PriceBookID, in.OrderDetails)
	if err != nil {
		return nil, err
	}
	var had []int64
	same := details == nil || sameLines(in.OrderDetails, orderDetailsRead(o), mode)
	if same {
		details, had = orderDetailsAgain(o, mode), productsOf(o)
	}
	s.PricingMode = mode // an order stays in the mode that it was taken in
	items, err := orderRules.readItems(tx, s, details, had)
	if err != nil {
		return nil, err
	}
	discount, now := in.Discount, o.Discount
	if mode == taphoa.PricingAfterTax {
		now = o.DiscountAfterTax
		if in.AfterTax.Has() && in.AfterTax == now && discount == o.Discount {
			discount = now // as it was read, before tax
		}
	}
	if same && in.Surcharges == nil && (!discount.Given() || discount.Or(0) == now.Or(0)) &&
		(!in.DiscountRatio.Given() || in.DiscountRatio.Or(0) == o.DiscountRatio.Or(0)) {
		return items, nil
	}
	if in.Discount.Given() || in.DiscountRatio.Given() {
		o.Discount, o.DiscountRatio, o.DiscountAfterTax = discount, in.DiscountRatio, taphoa.Opt[taphoa.Money]{}
	} else if o.DiscountRatio.Has() {
		o.Discount, o.DiscountAfterTax = taphoa.Opt[taphoa.Money]{}, taphoa.Opt[taphoa.Money]{} // follows the new goods
	}
	surcharges := surchargesAgain(o.InvoiceOrderSurcharges)
	if in.Surcharges != nil {
		if surcharges, err = orderSurcharges(tx, o.BranchID, in.Surcharges); err != nil {
			return nil, err
		}
	}
	return items, writeOrderLines(tx, o, items, mode, surcharges, true)
}

func surchargesAgain(stored []taphoa.DocumentSurcharge) []cash.SurchargeLine {
	lines := make([]cash.SurchargeLine, len(stored))
	for i, s := range stored {
		lines[i] = cash.SurchargeLine{SurchargeID: s.SurchargeID, Name: s.SurchargeName, SurValue: s.SurValue, Price: s.Price}
	}
	return lines
}

func saveOrder(tx *db.Tx, o *taphoa.Order) {
	if o.Status != taphoa.OrderCompleted && o.Status != taphoa.OrderVoided && o.Status != taphoa.OrderDelivering {
		o.OpenStatus = o.Status
	}
	tx.Queue(`
		UPDATE orders SET purchase_date = :purchase_date, branch_id = :branch_id, sold_by_id = :sold_by_id,
			cashier_id = :cashier_id, customer_id = :customer_id, customer_code = :customer_code, customer_name = :customer_name,
			total = :total, total_payment = :total_payment, discount = :discount, discount_ratio = :discount_ratio,
			discount_after_tax = :discount_after_tax, total_tax = :total_tax, has_taxes = :has_taxes,
			has_surcharges = :has_surcharges, method = :method, status = :status,
			open_status = :open_status, description = :description, using_cod = :using_cod, sale_channel_id = :sale_channel_id,
			price_book_id = :price_book_id, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, o)
	orderUpdated.Emit(tx, o.ID)
}
