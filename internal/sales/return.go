package sales

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// CreateReturn takes goods back: they enter the branch at the cost at which they were sold, the customer owes so much
// less, and what is paid back is booked. With an invoice, wholly or in part, the return is worked out as the sale was;
// without one it is like a sale the other way round (contract returns, rules).
func CreateReturn(tx *db.Tx, in *taphoa.ReturnInput) (*taphoa.Return, error) {
	s, err := org.GetSettings(tx)
	if err != nil {
		return nil, err
	}
	m := &returning{in: in, settings: s}
	if in.InvoiceID.Or(0) != 0 {
		if m.invoice, err = lockReturnable(tx, in.InvoiceID.Value); err != nil {
			return nil, err
		}
		m.settings.PricingMode = modeOf(m.invoice.PricingMode)
	}
	if err := m.create(tx); err != nil {
		return nil, err
	}
	return GetReturn(tx, &taphoa.ByID{ID: m.ret.ID})
}

// lockReturnable locks an invoice whose goods are with the customer.
func lockReturnable(tx *db.Tx, id int64) (*taphoa.Invoice, error) {
	v, err := lockInvoice(tx, id)
	if err == nil && (v.Status != taphoa.InvoiceCompleted || v.GoodsReturned) {
		err = taphoa.Refuse(taphoa.CodeInvoice, "invoiceId",
			"Hóa đơn %s đang ở trạng thái %s, chỉ hóa đơn đã hoàn thành mới trả hàng được (invoiceId)", v.Code, taphoa.Term(v.StatusValue))
	}
	return v, err
}

// returning is a return that is being made.
type returning struct {
	in       *taphoa.ReturnInput
	settings org.Settings    // with the pricing mode of the invoice
	invoice  *taphoa.Invoice // whose goods come back, if any
	sold     []*sold         // its lines, without what comes back

	ret   taphoa.Return
	items []*returnItem
	value taphoa.Money // what the goods are worth to the customer, before the fee
}

func (m *returning) create(tx *db.Tx) error {
	if err := m.head(tx); err != nil {
		return err
	}
	refunds, err := m.refunds()
	if err != nil {
		return err
	}
	if err := m.workOut(tx); err != nil {
		return err
	}
	r := &m.ret
	if err := keepVouchers(tx, r); err != nil {
		return err
	}
	if sumReceipts(refunds) < -r.ReturnTotal {
		return tooMuchBack(r)
	}
	if err := m.writeLines(tx); err != nil {
		return err
	}
	if err := m.moveGoods(tx); err != nil {
		return err
	}
	if err := settleReturn(tx, r); err != nil {
		return err
	}
	if err := refund(tx, r, refunds); err != nil {
		return err
	}
	if r.Points, err = m.points(); err != nil {
		return err
	}
	addReturned(tx, r, party.Totals{Revenue: -r.ReturnTotal, Points: -r.Points})
	if r.Code, err = org.NextCode(tx, "TH", "returns", ""); err != nil {
		return err
	}
	insertReturn(tx, r)
	return nil
}

// head fills who, where and when.
func (m *returning) head(tx *db.Tx) error {
	in, r, v := m.in, &m.ret, m.invoice
	if v != nil && in.BranchID.Or(0) == 0 {
		in.BranchID = taphoa.Some(v.BranchID)
	}
	branch, err := findBranch(tx, &returnRules, in.BranchID)
	if err != nil {
		return err
	}
	receiver, err := org.FindSeller(tx, "receivedById", in.ReceivedByID.Or(0))
	if err != nil {
		return err
	}
	if r.ID, err = tx.NewID("returns"); err != nil {
		return err
	}
	r.BranchID, r.ReceivedByID, r.SoldByID = branch.ID, receiver.ID, taphoa.Some(receiver.ID)
	r.Status, r.PricingMode, r.Description = taphoa.ReturnDone, m.settings.PricingMode.Wire(), in.Description
	r.ReturnDate = in.ReturnDate.Or(tx.Clock)
	if v == nil {
		return m.freeHead(tx)
	}
	r.InvoiceID, r.SoldByID = taphoa.Some(v.ID), v.SoldByID
	r.CustomerID, r.CustomerCode, r.CustomerName = v.CustomerID, v.CustomerCode, v.CustomerName
	if id := in.CustomerID.Or(0); id != 0 && id != v.CustomerID.Or(0) {
		return taphoa.Refuse(taphoa.CodeInvoice, "customerId", "Khách hàng %d (customerId) không phải khách của hóa đơn %s", id, v.Code)
	}
	return nil
}

// freeHead finds who brings back goods that are not of a known invoice, and who sold them.
func (m *returning) freeHead(tx *db.Tx) error {
	if id := m.in.SoldByID.Or(0); id != 0 {
		seller, err := org.FindSeller(tx, "soldById", id)
		if err != nil {
			return err
		}
		m.ret.SoldByID = taphoa.Some(seller.ID)
	}
	customer, err := party.ResolveCustomer(tx, m.in.Customer, m.in.CustomerID, m.ret.BranchID)
	setCustomer(&m.ret.CustomerID, &m.ret.CustomerCode, &m.ret.CustomerName, &head{customer: customer})
	return err
}

// workOut finds what comes back and what the customer gets for it.
func (m *returning) workOut(tx *db.Tx) error {
	in, r := m.in, &m.ret
	total, err := m.pick(tx)
	if err != nil {
		return err
	}
	items := make([]*item, len(m.items))
	for i, it := range m.items {
		items[i] = it.item
	}
	r.HasTaxes, r.TotalTax, r.ReturnFee, m.value = taxed(items), taphoa.Some(total.tax), in.ReturnFee.Or(0), total.total
	if r.ReturnDiscount, r.DiscountAfterTax, err = documentDiscount(items, m.settings.PricingMode, total); err != nil {
		return err
	}
	given := in.ReturnDiscount
	if m.invoice != nil && given.Has() && given.Value != total.discount && given != r.ReturnDiscount {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnDiscount",
			"Giảm giá của hóa đơn %s phân bổ cho hàng trả là %v (returnDiscount); muốn trả khách ít hơn, hãy dùng phí trả hàng (returnFee)",
			m.invoice.Code, total.discount)
	}
	return setFee(r, m.value)
}

// setFee takes the shop's fee off the value of what comes back.
func setFee(r *taphoa.Return, value taphoa.Money) error {
	if r.ReturnFee < 0 || r.ReturnFee > value {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnFee", "Phí trả hàng (returnFee) phải từ 0 đến giá trị hàng trả %v", value)
	}
	r.ReturnTotal = value - r.ReturnFee
	return nil
}

// pick fills the lines and adds them up.
func (m *returning) pick(tx *db.Tx) (sum, error) {
	if m.invoice == nil {
		return m.pickFree(tx)
	}
	var total sum
	var err error
	if m.sold, err = soldLines(tx, m.invoice); err != nil {
		return total, err
	}
	if m.in.ReturnDetails != nil {
		m.items, err = pick(m.invoice, m.sold, m.in.ReturnDetails)
	} else {
		m.items, err = pickAll(m.invoice, m.sold)
	}
	if err != nil {
		return total, err
	}
	for _, it := range m.items { // parts of sums that an invoice has held
		total.goods, total.discount, total.tax = total.goods+it.subTotal, total.discount+it.allocation, total.tax+it.tax
	}
	total.total = total.goods - total.discount
	if m.settings.PricingMode != taphoa.PricingAfterTax {
		total.total += total.tax
	}
	if total.total < 0 { // only what was sold at a negative price
		err = taphoa.Refuse(taphoa.CodeInvoice, "returnDetails", "Tổng tiền hàng trả không được âm (%v), hãy trả cùng các hàng khác", total.total)
	}
	return total, err
}

// pickFree takes back goods that are not of a known invoice, at the prices of the request.
func (m *returning) pickFree(tx *db.Tx) (sum, error) {
	details := make([]taphoa.DetailInput, len(m.in.ReturnDetails))
	for i, d := range m.in.ReturnDetails {
		details[i] = d.DetailInput
	}
	items, err := returnRules.readItems(tx, &m.settings, details, nil)
	if err != nil {
		return sum{}, err
	}
	for _, it := range items {
		it.price, it.discount = it.price-it.discount, 0
		serials, err := it.serials()
		if err != nil {
			return sum{}, err
		}
		if it.product.IsBatch && it.in.Batch().Or(0) == 0 {
			return sum{}, taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId",
				"Hàng hóa %s quản lý theo lô: cần cho biết lô được trả (productBatchExpireId)", it.product.Code)
		}
		m.items = append(m.items, &returnItem{item: it, serials: serials})
	}
	return workOut(linesOf(items), m.settings.PricingMode, m.in.ReturnDiscount, taphoa.Opt[taphoa.Percent]{}, 0)
}

// writeLines writes the lines with their taxes.
func (m *returning) writeLines(tx *db.Tx) error {
	for i, it := range m.items {
		show, err := it.shown(m.settings.PricingMode)
		if err != nil {
			return err
		}
		row := returnRow{
			ReturnDetail: taphoa.ReturnDetail{
				ReturnID: m.ret.ID, LineNumber: int64(i + 1), ProductID: it.product.ID, ProductCode: it.product.Code,
				ProductName: it.product.FullName, Quantity: it.quantity, Price: show.price, SubTotal: show.subTotal,
				AllocationDiscount: taphoa.Some(show.allocation), Note: it.in.Note, UsePoint: it.product.IsRewardPoint,
				SerialNumbers: taphoa.SomeIf(strings.Join(it.serials, ",")),
			},
			PaidSubTotal: it.subTotal, PaidAllocation: it.allocation, BatchID: it.in.Batch(),
		}
		if it.of != nil {
			d := it.of.detail
			row.InvoiceDetailID, row.ProductCode, row.ProductName = taphoa.Some(d.ID), d.ProductCode, d.ProductName
			tx.Queue(`
				UPDATE invoice_lines SET return_quantity = return_quantity + ?
				WHERE retailer_id = :retailer AND invoice_id = ? AND line = ?`, it.quantity, m.invoice.ID, d.Line)
		}
		if row.ID, err = tx.NewID("return_lines"); err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO return_lines (retailer_id, return_id, line, id, invoice_detail_id, product_id, product_code, product_name,
				quantity, price, sub_total, allocation_discount, paid_sub_total, paid_allocation, note, use_point, serial_numbers, batch_id)
			VALUES (:retailer, :return_id, :line, :id, :invoice_detail_id, :product_id, :product_code, :product_name,
				:quantity, :price, :sub_total, :allocation_discount, :paid_sub_total, :paid_allocation, :note, :use_point,
				:serial_numbers, :batch_id)`, &row)
		if err := returnRules.insertTaxes(tx, m.ret.ID, row.LineNumber, row.ID, it.item, m.settings.PricingMode); err != nil {
			return err
		}
	}
	return nil
}

// returnRow is a row of return_lines: what is shown, and what it comes to for the customer.
type returnRow struct {
	taphoa.ReturnDetail
	PaidSubTotal, PaidAllocation taphoa.Money
	BatchID                      taphoa.Opt[int64]
}

// points are what the customer loses: of the points of an invoice, the part that belongs to what comes back, and all
// that are left with its last piece; without an invoice what the goods would earn today.
func (m *returning) points() (int64, error) {
	if !m.ret.CustomerID.Has() {
		return 0, nil
	}
	var back, stays taphoa.Money
	for _, it := range m.items {
		if it.product.IsRewardPoint {
			back += max(0, it.subTotal-it.allocation)
		}
	}
	if m.invoice == nil {
		if m.settings.RewardPointRate <= 0 {
			return 0, nil
		}
		return int64(back / m.settings.RewardPointRate), nil
	}
	if m.allBack() {
		return m.invoice.Points, nil
	}
	for _, s := range m.sold {
		if s.product != nil && s.product.IsRewardPoint {
			stays += max(0, s.subTotal-s.allocation)
		}
	}
	if m.invoice.Points == 0 || back+stays == 0 {
		return 0, nil
	}
	shares, err := taphoa.Allocate(taphoa.Dong(m.invoice.Points), []taphoa.Money{back, stays})
	if err != nil {
		return 0, tooMuchMoney()
	}
	return int64(shares[0] / taphoa.Dong(1)), nil
}

// allBack reports whether nothing of the invoice stays with the customer.
func (m *returning) allBack() bool {
	for _, s := range m.sold {
		if s.quantity > 0 {
			return false
		}
	}
	return true
}

// addReturned changes what the customer has bought by a return, if the customer is known, and shows its invoice again
// to whoever asks for what has changed.
func addReturned(tx *db.Tx, r *taphoa.Return, t party.Totals) {
	if r.CustomerID.Has() {
		party.AddTotals(tx, r.CustomerID.Value, t)
	}
	if r.InvoiceID.Has() {
		tx.Queue(`
			UPDATE invoices SET points = points + ?, modified_date = :now, changed_at = :now
			WHERE retailer_id = :retailer AND id = ?`, t.Points, r.InvoiceID.Value)
		invoiceUpdated.Emit(tx, r.InvoiceID.Value)
	}
}

// settleReturn makes the customer owe so much less.
func settleReturn(tx *db.Tx, r *taphoa.Return) error {
	var want []cash.Posting
	if r.ReturnTotal > 0 && r.Status == taphoa.ReturnDone {
		want = []cash.Posting{{From: cash.Customer(r.CustomerID.Or(0)), To: cash.Income(r.BranchID), Amount: r.ReturnTotal}}
	}
	used, err := cash.Settle(tx, cash.Document{Kind: "return", ID: r.ID, Step: r.CashStep, EffectiveAt: r.ReturnDate}, want)
	if used {
		r.CashStep++
	}
	return err
}

// refunds are the vouchers that the request pays back with, beyond what has been paid back before.
func (m *returning) refunds() ([]cash.Receipt, error) {
	in, already := m.in, m.ret.TotalPayment
	if total := in.TotalPayment.Or(0); total > 0 && total < already {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
			"Đã trả lại khách %v, không thể giảm xuống %v (totalPayment); hãy hủy phiếu chi", already, total)
	}
	pay := paid{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: true}
	out, err := pay.receipts(&returnRules, already)
	for i := range out {
		out[i].Amount = -out[i].Amount
	}
	if err == nil && (len(pay.claims()) > 0 || slices.ContainsFunc(out, func(r cash.Receipt) bool { return r.Method == taphoa.MethodVoucher })) {
		err = taphoa.Refuse(taphoa.CodeInvoice, "method", "Không thể trả lại khách bằng voucher: dùng %s (method)", taphoa.MethodChoices)
	}
	return out, err
}

// keepVouchers refuses to give back what vouchers have paid for: nobody gets money for one. The customer may bring the
// goods back, if the shop's fee is as high.
func keepVouchers(tx *db.Tx, r *taphoa.Return) error {
	if !r.InvoiceID.Has() {
		return nil
	}
	left, vouchers, err := keptOf(tx, r)
	if err == nil && vouchers > 0 && left < vouchers {
		err = taphoa.Refuse(taphoa.CodeInvoice, "returnFee",
			"Hóa đơn đã thanh toán %v bằng voucher, không trả lại bằng tiền: phí trả hàng (returnFee) phải từ %v trở lên",
			vouchers, r.ReturnFee+vouchers-left)
	}
	return err
}

// keptOf is what a return and all others that stand leave of its invoice's total, and what vouchers have paid of that.
func keptOf(tx *db.Tx, r *taphoa.Return) (left, vouchers taphoa.Money, err error) {
	type sums struct{ Kept, Vouchers taphoa.Money }
	at, _, err := db.One[sums](tx, `
		SELECT i.total - CAST(COALESCE((SELECT SUM(o.return_total) FROM returns o
				WHERE o.retailer_id = :retailer AND o.invoice_id = i.id AND o.status = 1 AND o.id <> ?), 0) AS BIGINT) AS kept,
			CAST(COALESCE((SELECT SUM(p.amount) FROM payments p
				WHERE p.retailer_id = :retailer AND p.invoice_id = i.id AND p.status = 0 AND p.voucher_id IS NOT NULL), 0) AS BIGINT) AS vouchers
		FROM invoices i WHERE i.retailer_id = :retailer AND i.id = ?`, r.ID, r.InvoiceID.Value)
	return at.Kept - r.ReturnTotal, at.Vouchers, err
}

// refund books what is paid back.
func refund(tx *db.Tx, r *taphoa.Return, refunds []cash.Receipt) error {
	paidOut, err := receive(tx, refunds, cash.Receipt{
		BranchID: r.BranchID, Partner: cash.Customer(r.CustomerID.Or(0)), ReturnID: taphoa.Some(r.ID), TransDate: tx.Clock,
	})
	r.TotalPayment -= paidOut
	return err
}

func tooMuchBack(r *taphoa.Return) error {
	return taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
		"Số tiền trả lại khách (totalPayment, payments) không được vượt quá giá trị phiếu trả hàng %v", r.ReturnTotal)
}

// moveGoods brings the goods into the branch.
func (m *returning) moveGoods(tx *db.Tx) error {
	want, err := m.postings(tx)
	if err != nil {
		return err
	}
	doc := stock.Document{Kind: "return", ID: m.ret.ID, EffectiveAt: m.ret.ReturnDate}
	used, err := stock.Settle(tx, doc, want, stock.Limits{BelowZero: true, BelowReserved: true})
	if used {
		m.ret.StockStep = 1
	}
	return err
}

func insertReturn(tx *db.Tx, r *taphoa.Return) {
	tx.Queue(`
		INSERT INTO returns (retailer_id, id, code, code_key, invoice_id, return_date, branch_id, received_by_id, sold_by_id,
			customer_id, customer_code, customer_name, return_total, return_discount, discount_after_tax, return_fee,
			total_payment, total_tax, pricing_mode, status, description, has_taxes, points, stock_step, cash_step,
			created_date, changed_at)
		VALUES (:retailer, :id, :code, ?, :invoice_id, :return_date, :branch_id, :received_by_id, :sold_by_id,
			:customer_id, :customer_code, :customer_name, :return_total, :return_discount, :discount_after_tax, :return_fee,
			:total_payment, :total_tax, :pricing_mode, :status, :description, :has_taxes, :points, :stock_step, :cash_step,
			:now, :now)`, r, strings.ToLower(r.Code))
	tx.Count("returns", 1, r.ID)
	returnUpdated.Emit(tx, r.ID)
}
