package sales

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/stock"
)

// making is an invoice that is being made.
type making struct {
	in         *taphoa.InvoiceInput
	settings   *org.Settings
	mode       taphoa.PricingMode
	order      *taphoa.Order    // the order it invoices, if any
	delivery   *taphoa.Delivery // if any
	surcharges []cash.SurchargeLine
	payments   []cash.Receipt
	vouchers   []promo.Claim // become payments when the total is known

	invoice taphoa.Invoice
	items   []*item
}

// fromRequest reads what a request says beside the lines: delivery, surcharges, payments and the order.
func (m *making) fromRequest(tx *db.Tx) error {
	given, err := *m.in, error(nil)
	in := &given // what follows from the order is added to a copy: the operation may run again
	m.in = in
	usingCod := in.UsingCod.Or(false)
	if err := invoiceRules.checkDelivery(m.settings, in.DeliveryDetail, usingCod); err != nil {
		return err
	}
	surcharges, payments := in.Surcharges, in.Payments
	if d := in.DeliveryDetail; d != nil {
		surcharges, payments = append(surcharges, d.Surcharges...), append(payments, d.Payments...)
		m.delivery = &taphoa.Delivery{}
		if err := patchDelivery(tx, m.delivery, d); err != nil {
			return err
		}
	}
	if id := in.OrderID.Or(0); id != 0 {
		if m.order, err = lockOrder(tx, id); err != nil {
			return err
		}
		if _, open := taphoa.OrderTransitions[m.order.Status]; !open {
			return taphoa.Refuse(taphoa.CodeInvoice, "orderId", "Đơn đặt hàng %s đang ở trạng thái %s, không thể tạo hóa đơn",
				m.order.Code, taphoa.Term(m.order.StatusValue))
		}
		if in.BranchID.Or(0) == 0 {
			in.BranchID = taphoa.Some(m.order.BranchID)
		}
		if in.CustomerID.Or(0) == 0 && in.Customer == nil {
			in.CustomerID = m.order.CustomerID
		}
		if m.mode == taphoa.PricingAfterTax && m.order.DiscountAfterTax.Has() && in.Discount == m.order.Discount {
			in.Discount = m.order.DiscountAfterTax // copied from the order, which shows it before tax
		}
	}
	if m.surcharges, err = orderSurcharges(tx, in.BranchID.Or(0), surcharges); err != nil {
		return err
	}
	pay := paid{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: payments, useVoucher: in.IsApplyVoucher}
	m.payments, err = pay.receipts(&invoiceRules, 0)
	m.vouchers = pay.claims()
	return err
}

// create makes the invoice and answers its id.
func (m *making) create(tx *db.Tx) (int64, error) {
	if m.settings == nil {
		s, err := org.GetSettings(tx)
		if err != nil {
			return 0, err
		}
		m.settings = &s
	}
	if err := m.head(tx); err != nil {
		return 0, err
	}
	settings := *m.settings
	settings.PricingMode = m.mode
	details, had := m.in.InvoiceDetails, []int64(nil)
	if m.order != nil {
		details, had = asOrdered(details, m.order, m.mode), productsOf(m.order)
	}
	details, err := atBookPrices(tx, m.invoice.PriceBookID, details)
	if err != nil {
		return 0, err
	}
	if m.items, err = invoiceRules.readItems(tx, &settings, merged(details), had); err != nil {
		return 0, err
	}
	v := &m.invoice
	if err := m.writeLines(tx, false); err != nil {
		return 0, err
	}
	if err := m.redeem(tx); err != nil {
		return 0, err
	}
	if m.delivery != nil {
		if m.delivery.UsingPriceCod && !m.delivery.PriceCodPayment.Has() {
			m.delivery.PriceCodPayment = taphoa.Some(max(0, v.Total-sumReceipts(m.payments)))
		}
		invoiceRules.saveDelivery(tx, v.ID, m.delivery)
	}
	v.Status = startStatus(m.in, m.delivery)
	if err := m.moveGoods(tx); err != nil {
		return 0, err
	}
	if err := m.moveMoney(tx); err != nil {
		return 0, err
	}
	if m.delivery != nil && m.delivery.Status.Value == taphoa.DeliveryReturned { // recorded when all is over already
		if err := takeBack(tx, v); err != nil {
			return 0, err
		}
		v.GoodsReturned = true
	} else if v.Points = m.points(); v.CustomerID.Has() {
		party.AddTotals(tx, v.CustomerID.Value, party.Totals{Invoiced: v.Total, Revenue: v.Total, Points: v.Points})
	}
	if m.order != nil {
		saveOrder(tx, m.order)
	}
	if v.Code, err = org.NextCode(tx, "HD", "invoices", ""); err != nil {
		return 0, err
	}
	insertInvoice(tx, v)
	return v.ID, nil
}

// head fills who, where and when.
func (m *making) head(tx *db.Tx) error {
	in, v := m.in, &m.invoice
	branch, err := findBranch(tx, &invoiceRules, in.BranchID)
	if err != nil {
		return err
	}
	seller, err := org.FindSeller(tx, "soldById", in.SoldByID.Or(0))
	if err != nil {
		return err
	}
	channel, err := org.ResolveSaleChannel(tx, in.SaleChannelID)
	if err != nil {
		return err
	}
	if err := m.bill(tx, branch.ID); err != nil {
		return err
	}
	if v.ID, err = tx.NewID("invoices"); err != nil {
		return err
	}
	v.UUID = uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "invoice/%d/%d", tx.Retailer, v.ID)).String()
	v.BranchID, v.SoldByID, v.SaleChannelID = branch.ID, taphoa.Some(seller.ID), taphoa.Some(channel)
	v.PricingMode, v.Description = m.mode.Wire(), in.Description
	v.Discount, v.DiscountRatio = in.Discount, in.DiscountRatio
	v.UsingCod = m.delivery != nil || in.UsingCod.Or(false)
	if m.order != nil {
		v.OrderID, v.OrderCode, v.PriceBookID = taphoa.Some(m.order.ID), taphoa.Some(m.order.Code), m.order.PriceBookID
	}
	if v.PurchaseDate, err = invoiceRules.saleTime(m.settings, in.PurchaseDate, tx.Clock); err != nil {
		return err
	}
	if err := chooseBook(tx, &v.PriceBookID, in.PriceBookID, invoiceSale(v)); err != nil {
		return err
	}
	return setMethod(&v.Method, in.Method, m.payments)
}

// bill finds whom the invoice is for. An order's customer is taken as the order names them, also when they were deleted
// meanwhile.
func (m *making) bill(tx *db.Tx, branchID int64) error {
	in, v := m.in, &m.invoice
	if o := m.order; o != nil && in.Customer == nil && in.CustomerID.Or(0) == o.CustomerID.Or(0) {
		v.CustomerID, v.CustomerCode, v.CustomerName = o.CustomerID, o.CustomerCode, o.CustomerName
		return nil
	}
	customer, err := party.ResolveCustomer(tx, in.Customer, in.CustomerID, branchID)
	setCustomer(&v.CustomerID, &v.CustomerCode, &v.CustomerName, &head{customer: customer})
	return err
}

// startStatus is the status of a new invoice: one that is to be delivered is under way until it has arrived.
func startStatus(in *taphoa.InvoiceInput, d *taphoa.Delivery) int64 {
	if d != nil {
		return deliveryDecides(d.Status.Or(taphoa.DeliveryWaiting))
	}
	if in.UsingCod.Or(false) || in.Status.Or(0) == taphoa.InvoiceProcessing {
		return taphoa.InvoiceProcessing
	}
	return taphoa.InvoiceCompleted
}

// deliveryDecides is the status of an invoice whose delivery has a status.
func deliveryDecides(delivery int64) int64 {
	switch delivery {
	case taphoa.DeliveryDelivered:
		return taphoa.InvoiceCompleted
	case taphoa.DeliveryReturned, taphoa.DeliveryCancelled:
		return taphoa.InvoiceUndeliverable
	}
	return taphoa.InvoiceProcessing
}

// merged puts lines of one product at one price together, as the vendor does.
func merged(in []taphoa.DetailInput) []taphoa.DetailInput {
	var out []taphoa.DetailInput
	for _, d := range in {
		at := slices.IndexFunc(out, func(o taphoa.DetailInput) bool { return sameSale(&o, &d) })
		if at < 0 {
			out = append(out, d)
			continue
		}
		sum, err := out[at].Quantity.Value.Add(d.Quantity.Value)
		if err != nil {
			return in // too much: refused line by line
		}
		out[at].Quantity = taphoa.Some(sum)
	}
	return out
}

// sameSale reports whether two lines differ in nothing but their quantity.
func sameSale(a, b *taphoa.DetailInput) bool {
	return a.Quantity.Or(0) > 0 && b.Quantity.Or(0) > 0 && a.ProductID == b.ProductID && a.ProductCode == b.ProductCode &&
		a.Price == b.Price && a.Discount == b.Discount && a.DiscountRatio == b.DiscountRatio && a.Note == b.Note &&
		a.Batch() == b.Batch() && a.SerialNumbers.Or("") == "" && b.SerialNumbers.Or("") == "" &&
		fmt.Sprint(a.Taxes) == fmt.Sprint(b.Taxes)
}

func sumReceipts(receipts []cash.Receipt) (total taphoa.Money) {
	for _, r := range receipts {
		total += r.Amount
	}
	return total
}

// moveGoods takes the goods out of the branch. An order's own goods are set free first, so that it can have them.
func (m *making) moveGoods(tx *db.Tx) error {
	v := &m.invoice
	want, err := m.postings()
	if err != nil {
		return err
	}
	if m.order != nil {
		if err := lockGoods(tx, v.BranchID, itemPieces(m.items), m.order); err != nil {
			return err
		}
		invoiced, err := invoicedPieces(tx, m.order.ID)
		if err != nil {
			return err
		}
		if err := follow(tx, m.order, append(invoiced, itemPieces(m.items)...)); err != nil {
			return err
		}
	}
	doc := stock.Document{Kind: "invoice", ID: v.ID, EffectiveAt: v.PurchaseDate}
	used, err := stock.Settle(tx, doc, want, m.limits())
	if used {
		v.StockStep = 1
	}
	return tooLittle(err, taphoa.CodeInvoice)
}

func (m *making) limits() stock.Limits {
	return stock.Limits{BelowZero: m.settings.AllowSellWhenOutStock, BelowReserved: m.settings.AllowSellWhenOrderOutStock}
}

// moveMoney makes the customer owe the total and books the receipts.
func (m *making) moveMoney(tx *db.Tx) error {
	v := &m.invoice
	used, err := cash.Settle(tx, cash.Document{Kind: "invoice", ID: v.ID, EffectiveAt: v.PurchaseDate}, owed(v))
	if err != nil {
		return err
	}
	if used {
		v.CashStep = 1
	}
	like := cash.Receipt{BranchID: v.BranchID, Partner: cash.Customer(v.CustomerID.Or(0)), InvoiceID: taphoa.Some(v.ID), TransDate: tx.Clock}
	if m.order != nil {
		like.OrderID = v.OrderID
		deposits, err := cash.AssignDeposits(tx, m.order.ID, v.ID)
		if err != nil {
			return err
		}
		v.TotalPayment = deposits
	}
	if d := m.delivery; d != nil && d.UsingPriceCod && d.Status.Value == taphoa.DeliveryDelivered { // it has arrived already
		cod, err := codReceipt(m.in, d, max(0, v.Total-v.TotalPayment-sumReceipts(m.payments)))
		if err != nil {
			return err
		}
		if v.CodCollected = cod.Amount > 0; v.CodCollected {
			m.payments = append(m.payments, cod)
		}
	}
	sum, err := receive(tx, m.payments, like)
	v.TotalPayment += sum
	if m.order != nil {
		m.order.TotalPayment += sum
	}
	return err
}

// owed is what an invoice moves in the money ledger.
func owed(v *taphoa.Invoice) []cash.Posting {
	from, to := cash.Income(v.BranchID), cash.Customer(v.CustomerID.Or(0))
	switch {
	case v.Total > 0:
		return []cash.Posting{{From: from, To: to, Amount: v.Total}}
	case v.Total < 0:
		return []cash.Posting{{From: to, To: from, Amount: -v.Total}}
	}
	return nil
}

// points are what the customer earns: a point for every RewardPointRate spent on goods that earn points, once the sale
// is complete.
func (m *making) points() int64 {
	if m.settings.RewardPointRate <= 0 || m.invoice.Status != taphoa.InvoiceCompleted || !m.invoice.CustomerID.Has() {
		return 0
	}
	var spent taphoa.Money
	for _, it := range m.items {
		if it.product.IsRewardPoint {
			spent += it.subTotal - it.allocation
		}
	}
	return max(0, int64(spent/m.settings.RewardPointRate))
}

func insertInvoice(tx *db.Tx, v *taphoa.Invoice) {
	tx.Queue(`
		INSERT INTO invoices (retailer_id, id, uuid, code, code_key, order_id, order_code, purchase_date, branch_id, sold_by_id,
			customer_id, customer_code, customer_name, total, total_payment, discount, discount_ratio, discount_after_tax,
			pricing_mode, total_tax, has_taxes, has_surcharges, method, status, description, using_cod, sale_channel_id,
			price_book_id, points, stock_step, cash_step, goods_returned, cod_collected,
			created_date, changed_at)
		VALUES (:retailer, :id, :uuid, :code, ?, :order_id, :order_code, :purchase_date, :branch_id, :sold_by_id,
			:customer_id, :customer_code, :customer_name, :total, :total_payment, :discount, :discount_ratio, :discount_after_tax,
			:pricing_mode, :total_tax, :has_taxes, :has_surcharges, :method, :status, :description, :using_cod, :sale_channel_id,
			:price_book_id, :points, :stock_step, :cash_step, :goods_returned, :cod_collected, :now, :now)`, v, strings.ToLower(v.Code))
	tx.Count("invoices", 1, v.ID)
	invoiceUpdated.Emit(tx, v.ID)
}
