package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// computeTotals computes invariants 1 and 2 of the package comment. The document's discount is an amount, or a percentage of
// the goods if only that is given, as of a sale. Discount and expenses are allocated to the lines by value, to the last đồng; tax is
// rounded to the đồng, line by line.
func (p *purchaseDraft) computeTotals(surcharges []taphoa.PurchaseSurchargeIn) (err error) {
	var goods taphoa.Money
	weights := make([]taphoa.Money, len(p.lines))
	for i, l := range p.lines {
		if l.SubTotal, err = (l.Price - l.Discount.Value).TimesDong(l.Quantity); err != nil { // 0 ≤ discount ≤ price
			return purchaseTooLarge()
		}
		if goods, err = goods.Add(l.SubTotal); err != nil {
			return purchaseTooLarge()
		}
		weights[i] = l.SubTotal
	}
	discount := p.Discount.Or(0).RoundDong()
	if ratio := p.DiscountRatio.Or(0); ratio < 0 || ratio > taphoa.Ratio(100) {
		return refusePurchase("discountRatio", "Giảm giá (discountRatio) của phiếu nhập phải từ 0 đến 100%")
	} else if !p.Discount.Has() {
		if discount, err = plan.DiscountByRatio(goods, ratio); err != nil {
			return purchaseTooLarge()
		}
	}
	if discount < 0 || discount > goods {
		return p.tell(refusePurchase("discount", "Giảm giá (discount) của phiếu nhập phải từ 0 đến tổng tiền hàng %v", goods),
			refusePurchase("discount", "Giảm giá (discount) của phiếu nhập phải từ 0 đến tổng tiền hàng"))
	}
	p.Discount = taphoa.Some(discount)
	shares, err := taphoa.Allocate(discount, weights)
	if err != nil {
		return purchaseTooLarge()
	}
	var tax taphoa.Money
	for i, l := range p.lines {
		l.Allocation, l.net = shares[i], l.SubTotal-shares[i]
		if l.tax.Has() {
			due, err := l.net.ShareDong(l.tax.Value.Value.Or(0))
			if err != nil {
				return purchaseTooLarge()
			}
			l.DetailTax = taphoa.Some(due)
		}
		if tax, err = tax.Add(l.DetailTax.Or(0)); err != nil {
			return purchaseTooLarge()
		}
	}
	p.TotalTax = taphoa.Opt[taphoa.Money]{}
	if p.IsApplyPurchaseTax {
		p.TotalTax = taphoa.Some(tax)
	}
	if err := p.readSurcharges(surcharges, goods-discount); err != nil {
		return err
	}
	p.Total = goods - discount
	for _, more := range []taphoa.Money{tax, p.ExReturnSuppliers.Or(0)} {
		if p.Total, err = p.Total.Add(more); err != nil {
			return purchaseTooLarge()
		}
	}
	if p.Total > taphoa.MoneyMax {
		return purchaseTooLarge()
	}
	return nil
}

// readSurcharges adds up the expenses of a purchase and allocates them to the lines; ratios are percentages of net.
func (p *purchaseDraft) readSurcharges(in []taphoa.PurchaseSurchargeIn, net taphoa.Money) (err error) {
	if len(in) > purchaseSurchargesMax {
		return refusePurchase("surcharges", "Mỗi phiếu nhập có tối đa %d chi phí (surcharges)", purchaseSurchargesMax)
	}
	var supplier, others taphoa.Money
	for i := range in {
		s := taphoa.PurchaseSurcharge{
			Code: in[i].Code, Name: in[i].Name, Value: in[i].Value.Or(0).RoundDong(),
			IsSupplierExpense: in[i].IsSupplierExpense.Or(in[i].Type.Or(1) != 0),
		}
		ratio := in[i].ValueRatio.Or(0)
		if s.Value < 0 || ratio < 0 || ratio > taphoa.Ratio(100) {
			return refusePurchase("surcharges", "Chi phí nhập hàng %s (surcharges) phải có value không âm và valueRatio từ 0 đến 100",
				s.Name.Or(s.Code.Or("")))
		}
		if ratio > 0 {
			if s.Value, err = net.ShareDong(ratio); err != nil {
				return purchaseTooLarge()
			}
			s.ValueRatio = in[i].ValueRatio
		}
		sum := &others
		if s.IsSupplierExpense {
			sum = &supplier
		}
		if *sum, err = sum.Add(s.Value); err != nil || *sum > taphoa.MoneyMax {
			return purchaseTooLarge()
		}
		p.surcharges = append(p.surcharges, s)
	}
	p.ExReturnSuppliers, p.ExReturnThirdParty = taphoa.Some(supplier), taphoa.Some(others)
	weights := make([]taphoa.Money, len(p.lines))
	for i, l := range p.lines {
		weights[i] = l.net
	}
	toSupplier, err := taphoa.Allocate(supplier, weights)
	if err != nil {
		return purchaseTooLarge()
	}
	toOthers, err := taphoa.Allocate(others, weights)
	if err != nil {
		return purchaseTooLarge()
	}
	for i, l := range p.lines {
		l.AllocationSuppliers, l.AllocationThirdParty = toSupplier[i], toOthers[i]
	}
	return nil
}

// landed returns the cost of a line with discounts, expenses and the tax that is not deducted.
func (p *purchaseDraft) landed(l *purchaseLine) (cost taphoa.Money, err error) {
	parts := []taphoa.Money{l.net, l.AllocationSuppliers, l.AllocationThirdParty}
	if p.direct() {
		parts = append(parts, l.DetailTax.Or(0))
	}
	for _, part := range parts {
		if cost, err = cost.Add(part); err != nil {
			return 0, purchaseTooLarge()
		}
	}
	return cost, nil
}
