package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/stock"
)

// lockInvoice reads an invoice that is about to change. Its order is locked first, as it is when invoices are made.
func lockInvoice(tx *db.Tx, id int64) (*taphoa.Invoice, error) {
	type ref struct{ OrderID taphoa.Opt[int64] }
	at, found, err := db.One[ref](tx, `SELECT order_id FROM invoices WHERE retailer_id = :retailer AND id = ?`, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn không tồn tại")
	}
	if err == nil && at.OrderID.Has() {
		_, _, err = db.One[int64](tx, `SELECT id FROM orders WHERE retailer_id = :retailer AND id = ? :lock`, at.OrderID.Value)
	}
	if err == nil {
		_, _, err = db.One[int64](tx, `SELECT id FROM invoices WHERE retailer_id = :retailer AND id = ? :lock`, id)
	}
	if err != nil {
		return nil, err
	}
	return GetInvoice(tx, &taphoa.ByID{ID: id})
}

// changing is an invoice that is being changed.
type changing struct {
	making
	before taphoa.Invoice
	status int64 // what the request wants it to be
}

func (c *changing) apply(tx *db.Tx) error {
	if err := c.head(tx); err != nil {
		return err
	}
	if err := c.deliver(tx); err != nil {
		return err
	}
	if err := promo.Lock(tx, c.paid().claims()); err != nil {
		return err
	}
	v, lines := &c.invoice, c.in.InvoiceDetails != nil && !sameLines(c.in.InvoiceDetails, invoiceDetailsRead(&c.before), c.mode)
	returned := c.delivery != nil && c.delivery.Status.Value == taphoa.DeliveryReturned
	if lines || v.Status != c.before.Status || returned && !v.GoodsReturned {
		if err := refuseReturned(tx, v); err != nil {
			return err
		}
	}
	if returned && !v.GoodsReturned {
		if err := takeBack(tx, v); err != nil {
			return err
		}
		v.GoodsReturned = true
	} else if lines && v.GoodsReturned {
		return taphoa.Refuse(taphoa.CodeInvoice, "invoiceDetails", "Hàng của hóa đơn %s đã chuyển hoàn, không thể đổi hàng hóa", v.Code)
	} else if lines {
		if err := c.replaceLines(tx); err != nil {
			return err
		}
	} else if v.PurchaseDate != c.before.PurchaseDate {
		doc := stock.Document{Kind: "invoice", ID: v.ID, Step: v.StockStep, EffectiveAt: v.PurchaseDate}
		if err := stock.Redate(tx, doc); err != nil {
			return err
		}
	}
	if err := c.collect(tx); err != nil {
		return err
	}
	if v.CustomerID.Has() {
		v.Points = c.pointsNow()
		t := party.Totals{Invoiced: v.Total - c.before.Total, Revenue: v.Total - c.before.Total, Points: v.Points - c.before.Points}
		if v.GoodsReturned && !c.before.GoodsReturned {
			t.Invoiced, t.Revenue = -c.before.Total, -c.before.Total
		}
		party.AddTotals(tx, v.CustomerID.Value, t)
	}
	saveInvoice(tx, v)
	if lines {
		return followAgain(tx, c.order)
	}
	return nil
}

// head changes seller, channel, time and note.
func (c *changing) head(tx *db.Tx) error {
	in, v := c.in, &c.invoice
	var err error
	if err = invoiceRules.checkDelivery(c.settings, in.DeliveryDetail, in.UsingCod.Or(false)); err != nil {
		return err
	}
	if v.PurchaseDate, err = invoiceRules.saleTime(c.settings, in.PurchaseDate, v.PurchaseDate); err != nil {
		return err
	}
	if in.SoldByID.Or(0) != 0 && in.SoldByID != v.SoldByID { // who has left since may stay
		seller, err := org.FindSeller(tx, "soldById", in.SoldByID.Value)
		if err != nil {
			return err
		}
		v.SoldByID = taphoa.Some(seller.ID)
	}
	if in.SaleChannelID.Or(0) != 0 && in.SaleChannelID != v.SaleChannelID { // one that was removed since may stay
		channel, err := org.ResolveSaleChannel(tx, in.SaleChannelID)
		if err != nil {
			return err
		}
		v.SaleChannelID = taphoa.Some(channel)
	}
	patch(&v.Description, in.Description)
	return chooseBook(tx, &v.PriceBookID, in.PriceBookID, invoiceSale(v))
}

// deliver changes the delivery and lets it decide the invoice's status.
func (c *changing) deliver(tx *db.Tx) error {
	v, in := &c.invoice, c.in.DeliveryDetail
	if in == nil && c.delivery == nil || in == nil && c.status == v.Status {
		v.Status = c.status
		return nil
	}
	if c.delivery == nil {
		c.delivery = &taphoa.Delivery{Status: taphoa.Some[int64](taphoa.DeliveryWaiting)}
	}
	if in != nil {
		if err := patchDelivery(tx, c.delivery, in); err != nil {
			return err
		}
	}
	if c.status != c.before.Status && c.status == taphoa.InvoiceCompleted {
		c.delivery.Status = taphoa.Some[int64](taphoa.DeliveryDelivered) // who completes the invoice says that it has arrived
	}
	if c.delivery.UsingPriceCod && !c.delivery.PriceCodPayment.Has() {
		c.delivery.PriceCodPayment = taphoa.Some(max(0, v.Total-v.TotalPayment))
	}
	v.UsingCod = true
	if v.Status = deliveryDecides(c.delivery.Status.Value); c.status == taphoa.InvoiceUndeliverable {
		v.Status = c.status
	}
	invoiceRules.saveDelivery(tx, v.ID, c.delivery)
	return nil
}

// replaceLines exchanges the lines: the old goods come back, the new ones leave, and the customer owes the new total.
func (c *changing) replaceLines(tx *db.Tx) error {
	v := &c.invoice
	settings := *c.settings
	settings.PricingMode = c.mode
	details, err := atBookPrices(tx, v.PriceBookID, c.in.InvoiceDetails)
	if err != nil {
		return err
	}
	if c.items, err = invoiceRules.readItems(tx, &settings, merged(details), nil); err != nil {
		return err
	}
	if c.mode == taphoa.PricingAfterTax {
		v.Discount = v.DiscountAfterTax
	}
	if v.DiscountRatio.Has() {
		v.Discount = taphoa.Opt[taphoa.Money]{}
	}
	if err := lockGoods(tx, v.BranchID, append(invoicePieces(&c.before), itemPieces(c.items)...), c.order); err != nil {
		return err
	}
	doc := stock.Document{Kind: "invoice", ID: v.ID, Step: v.StockStep, EffectiveAt: v.PurchaseDate}
	anyway := stock.Limits{BelowZero: true, BelowReserved: true}
	if used, err := stock.Settle(tx, doc, nil, anyway); err != nil {
		return err
	} else if used {
		doc.Step++
	}
	c.surcharges = surchargesAgain(v.InvoiceOrderSurcharges)
	if err := c.writeLines(tx, true); err != nil {
		return err
	}
	want, err := c.postings()
	if err != nil {
		return err
	}
	used, err := stock.Settle(tx, doc, want, c.limits())
	if err != nil {
		return tooLittle(err, taphoa.CodeInvoice)
	}
	if v.StockStep = doc.Step; used {
		v.StockStep++
	}
	return settleMoney(tx, v, owed(v))
}

// collect books what the customer pays now: a higher totalPayment, and the money that the carrier has brought.
func (c *changing) collect(tx *db.Tx) error {
	v, in := &c.invoice, c.in
	asksCod := in.CodPaymentMethod.Or("") != "" || in.CodPaymentAccount.Or(0) != 0
	if asksCod && !c.settings.UseCod {
		return taphoa.Refuse(taphoa.CodeInvoice, "codPaymentMethod", codOff)
	}
	pay := c.paid()
	receipts, err := pay.receipts(&invoiceRules, v.TotalPayment)
	if err != nil {
		return err
	}
	if receipts, err = c.redeemAgain(tx, receipts, pay.claims()); err != nil {
		return err
	}
	delivered := c.delivery != nil && c.delivery.Status.Value == taphoa.DeliveryDelivered && c.delivery.UsingPriceCod
	if (delivered || asksCod && c.delivery != nil) && !v.CodCollected {
		rest, err := openDebt(tx, v)
		if err != nil {
			return err
		}
		cod, err := codReceipt(in, c.delivery, max(0, rest-sumReceipts(receipts)))
		if err != nil {
			return err
		}
		if cod.Amount > 0 {
			receipts = append(receipts, cod)
			v.CodCollected = true
		}
	}
	if err := setMethod(&v.Method, in.Method, nil); err != nil {
		return err
	}
	like := cash.Receipt{
		BranchID: v.BranchID, Partner: cash.Customer(v.CustomerID.Or(0)), OrderID: v.OrderID, InvoiceID: taphoa.Some(v.ID), TransDate: tx.Clock,
	}
	sum, err := receive(tx, receipts, like)
	v.TotalPayment += sum
	if err == nil && sum > 0 && v.OrderID.Has() {
		tx.Queue(`
			UPDATE orders SET total_payment = total_payment + ?, changed_at = :now
			WHERE retailer_id = :retailer AND id = ?`, sum, v.OrderID.Value)
		orderUpdated.Emit(tx, v.OrderID.Value)
	}
	return err
}

func (c *changing) paid() *paid {
	in := c.in
	return &paid{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: in.IsApplyVoucher}
}

// codReceipt is the money that the carrier brings, in the way that the request says; its amount may be 0.
func codReceipt(in *taphoa.InvoiceInput, d *taphoa.Delivery, rest taphoa.Money) (cash.Receipt, error) {
	given := in.CodPaymentMethod.Or("")
	if given == "" && in.CodPaymentAccount.Or(0) != 0 {
		given = taphoa.MethodTransfer // money that came to an account was no cash
	}
	method, err := taphoa.ParseMethod("codPaymentMethod", given)
	return cash.Receipt{Amount: codAmount(d, rest), Method: method, AccountID: in.CodPaymentAccount}, err
}

// codAmount is what the carrier has collected: what it was told to, but no more than is still owed.
func codAmount(d *taphoa.Delivery, rest taphoa.Money) taphoa.Money {
	if d != nil && d.PriceCodPayment.Has() {
		return min(rest, d.PriceCodPayment.Value)
	}
	return rest
}

// pointsNow are the points that the invoice gives after the change.
func (c *changing) pointsNow() int64 {
	v := &c.invoice
	if v.GoodsReturned || v.Status != taphoa.InvoiceCompleted {
		return 0
	}
	if c.items != nil {
		return c.points()
	}
	if c.before.Status == taphoa.InvoiceCompleted || c.settings.RewardPointRate <= 0 {
		return c.before.Points
	}
	var spent taphoa.Money
	for _, d := range v.InvoiceDetails {
		if d.IsRewardPoint {
			spent += d.SubTotal - d.AllocationDiscount.Or(0)
		}
	}
	return max(0, int64(spent/c.settings.RewardPointRate))
}

func settleMoney(tx *db.Tx, v *taphoa.Invoice, want []cash.Posting) error {
	used, err := cash.Settle(tx, cash.Document{Kind: "invoice", ID: v.ID, Step: v.CashStep, EffectiveAt: v.PurchaseDate}, want)
	if used {
		v.CashStep++
	}
	return err
}

// takeBack returns the goods of an invoice to the branch and takes its total off the customer's debt.
func takeBack(tx *db.Tx, v *taphoa.Invoice) error {
	doc := stock.Document{Kind: "invoice", ID: v.ID, Step: v.StockStep, EffectiveAt: v.PurchaseDate}
	used, err := stock.Settle(tx, doc, nil, stock.Limits{BelowZero: true, BelowReserved: true})
	if err != nil {
		return err
	}
	if used {
		v.StockStep++
	}
	return settleMoney(tx, v, nil)
}

// orderOf is the order that an invoice was made from, if any.
func orderOf(tx *db.Tx, v *taphoa.Invoice) (*taphoa.Order, error) {
	if !v.OrderID.Has() {
		return nil, nil
	}
	return findOrder(tx, "d.id = ?", v.OrderID.Value)
}

func voidInvoice(tx *db.Tx, v *taphoa.Invoice, voidPayments bool) error {
	order, err := orderOf(tx, v)
	if err != nil {
		return err
	}
	wasVoid := v.Status == taphoa.InvoiceVoid
	if err := refuseReturned(tx, v); err != nil {
		return err
	}
	voided := func(p taphoa.Payment) bool {
		orphan := order == nil || order.Status == taphoa.OrderVoided // has no order to go back to
		return p.Status == taphoa.PaymentPaid && (voidPayments || p.VoucherID.Has() && orphan)
	}
	if err := promo.GiveBack(tx, vouchersOf(v.Payments, voided)); err != nil {
		return err
	}
	if !wasVoid && !v.GoodsReturned {
		if order != nil {
			if err := lockGoods(tx, v.BranchID, invoicePieces(v), order); err != nil {
				return err
			}
		}
		if err := takeBack(tx, v); err != nil {
			return err
		}
		if v.CustomerID.Has() {
			party.AddTotals(tx, v.CustomerID.Value, party.Totals{Invoiced: -v.Total, Revenue: -v.Total, Points: -v.Points})
		}
	}
	changed := !wasVoid
	for _, p := range v.Payments {
		if voided(p) {
			if err := cash.Void(tx, p.ID); err != nil {
				return err
			}
			v.TotalPayment -= p.Amount
			changed = true
		} else if p.Status == taphoa.PaymentPaid && p.OrderID.Has() {
			v.TotalPayment -= p.Amount // goes back to the order
		}
	}
	if !changed {
		return nil
	}
	if err := cash.ReleaseDeposits(tx, v.ID); err != nil {
		return err
	}
	v.Status, v.GoodsReturned = taphoa.InvoiceVoid, true
	saveInvoice(tx, v)
	return followAgain(tx, order)
}

func saveInvoice(tx *db.Tx, v *taphoa.Invoice) {
	tx.Queue(`
		UPDATE invoices SET purchase_date = :purchase_date, sold_by_id = :sold_by_id, total = :total, total_payment = :total_payment,
			discount = :discount, discount_after_tax = :discount_after_tax, total_tax = :total_tax, has_taxes = :has_taxes,
			has_surcharges = :has_surcharges, method = :method,
			status = :status, description = :description, using_cod = :using_cod, sale_channel_id = :sale_channel_id,
			price_book_id = :price_book_id, points = :points, stock_step = :stock_step, cash_step = :cash_step, goods_returned = :goods_returned,
			cod_collected = :cod_collected, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, v)
	invoiceUpdated.Emit(tx, v.ID)
}
