package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/promo"
)

// claims are the vouchers that a request pays with. They count only when the request applies them (contract orders,
// rules).
func (p *paid) claims() (all []promo.Claim) {
	if !p.useVoucher {
		return nil
	}
	for _, in := range p.list {
		if method, err := taphoa.ParseMethod("", in.Method); err == nil && method == taphoa.MethodVoucher && !in.Booked() {
			all = append(all, promo.Claim{VoucherID: in.VoucherID.Or(0), CampaignID: in.VoucherCampaignID.Or(0), Amount: in.Amount})
		}
	}
	return all
}

// vouchersOf are the vouchers of those payments that are meant.
func vouchersOf(payments []taphoa.Payment, meant func(taphoa.Payment) bool) (ids []int64) {
	for _, p := range payments {
		if p.VoucherID.Has() && meant(p) {
			ids = append(ids, p.VoucherID.Value)
		}
	}
	return ids
}

func stands(p taphoa.Payment) bool { return p.Status == taphoa.PaymentPaid }

// soldFor are lines as the rules of vouchers see them.
func soldFor(items []*item) ([]promo.Goods, error) {
	goods := make([]promo.Goods, len(items))
	for i, it := range items {
		amount, err := (it.price - it.discount).Times(it.quantity)
		if err != nil {
			return nil, tooMuchMoney()
		}
		goods[i] = promo.Goods{ProductID: it.product.ID, CategoryID: it.product.CategoryID, Amount: amount}
	}
	return goods, nil
}

// redeem spends vouchers on a new invoice. What its order was paid with before counts.
func (m *making) redeem(tx *db.Tx) error {
	if len(m.vouchers) == 0 {
		return nil
	}
	v := &m.invoice
	goods, err := soldFor(m.items)
	if err != nil {
		return err
	}
	sale := &promo.Sale{
		BranchID: v.BranchID, SellerID: v.SoldByID.Or(0), CustomerID: v.CustomerID, Goods: goods, Open: v.Total - sumReceipts(m.payments),
	}
	if m.order != nil {
		deposit := func(p taphoa.Payment) bool { return stands(p) && !p.InvoiceID.Has() }
		sale.Standing = vouchersOf(m.order.Payments, deposit)
		for _, p := range m.order.Payments {
			if deposit(p) {
				sale.Open -= p.Amount
			}
		}
	}
	more, err := promo.Redeem(tx, sale, m.vouchers)
	m.payments = append(m.payments, more...)
	if err == nil {
		err = setMethod(&v.Method, v.Method, m.payments)
	}
	return err
}

// redeemAgain spends further vouchers on an invoice that is being changed, and answers its receipts with theirs. New
// goods must be such that the vouchers which have paid already would have paid for them; those that came with an order
// have looked at the order.
func (c *changing) redeemAgain(tx *db.Tx, receipts []cash.Receipt, vouchers []promo.Claim) ([]cash.Receipt, error) {
	v := &c.invoice
	if err := coverVouchers(invoiceRules.code, c.before.Total, v.Total, v.Payments); err != nil {
		return nil, err
	}
	open, err := openDebt(tx, v)
	if err != nil {
		return nil, err
	}
	sale := &promo.Sale{
		BranchID: v.BranchID, SellerID: v.SoldByID.Or(0), CustomerID: v.CustomerID, Open: open - sumReceipts(receipts),
		Standing: vouchersOf(v.Payments, stands), Changed: c.items != nil && !v.OrderID.Has(),
	}
	if c.items != nil {
		sale.Goods, err = soldFor(c.items)
	} else {
		sale.Goods, err = goodsAgain(v.InvoiceDetails, c.mode)
	}
	if err != nil {
		return nil, err
	}
	more, err := promo.Redeem(tx, sale, vouchers)
	return append(receipts, more...), err
}

// goodsAgain are stored lines as the rules of vouchers see them.
func goodsAgain(details []taphoa.InvoiceDetail, mode taphoa.PricingMode) ([]promo.Goods, error) {
	goods := make([]promo.Goods, len(details))
	for i, d := range details {
		goods[i] = promo.Goods{ProductID: d.ProductID, CategoryID: d.CategoryID.Or(0), Amount: d.SubTotal}
		for _, t := range d.InvoiceDetailTaxs {
			if mode == taphoa.PricingAfterTax { // the line shows what it is before tax
				var err error
				if goods[i].Amount, err = (t.PriceAfterTax.Or(d.Price) - t.DiscountAfterTax.Or(0)).Times(d.Quantity); err != nil {
					return nil, tooMuchMoney()
				}
			}
		}
	}
	return goods, nil
}

// coverVouchers refuses to lower a document's total below what vouchers have paid: nobody gets money back for one.
func coverVouchers(code string, before, total taphoa.Money, payments []taphoa.Payment) error {
	if total >= before {
		return nil
	}
	var paid taphoa.Money
	for _, p := range payments {
		if stands(p) && p.VoucherID.Has() {
			paid += p.Amount
		}
	}
	if total < paid {
		return taphoa.Refuse(code, "total", "Tổng tiền mới %v thấp hơn số tiền %v đã thanh toán bằng voucher: hãy hủy chứng từ và tạo lại", total, paid)
	}
	return nil
}
