package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// saleLines are the lines of an order or invoice with their sum.
type saleLines struct {
	lines []taphoa.DetailInput
	goods taphoa.Money // sum of the lines, without a tax that is added to it
	exact bool         // whether that is the amount due: no tax is added
}

var lineNotes = []string{"Ít đá", "Lấy hạn mới", "Gói riêng", "Đổi trả trong 7 ngày", "Tặng kèm 1 gói", "Giao trước 17 giờ"}

// randomLines returns lines of goods that a branch has, each product once. Products with serials are sold at the counter
// only.
func (s *generator) randomLines(branch, lines int, counter bool) (saleLines, error) {
	b := saleLines{exact: true}
	taxed := s.chance(40) // the customer wants a tax invoice
	taken := map[*item]bool{}
	for len(b.lines) < lines {
		it := pick(s, s.sellable)
		dear := it.price > taphoa.Dong(300_000)
		switch serial := it.kind.is("serial"); {
		case taken[it.base], dear && !s.chance(35), serial && (!counter || len(it.serials[branch]) == 0):
			continue
		}
		taken[it.base] = true
		line := s.line(it, branch)
		if taxed {
			line.Taxes = s.taxes(it)
		}
		if err := b.add(s, it, line); err != nil {
			return b, err
		}
	}
	return b, nil
}

// line returns a line with a random quantity of a product.
func (s *generator) line(it *item, branch int) taphoa.DetailInput {
	line := taphoa.DetailInput{ProductID: taphoa.Some(it.id), Quantity: taphoa.Some(taphoa.Units(int64(s.between(1, 4))))}
	switch {
	case it.kind.is("serial"):
		line.Quantity = taphoa.Some(taphoa.Units(1))
		line.SerialNumbers = taphoa.Some(it.nextSerial(branch))
	case it.unit.name == "kg":
		line.Quantity = taphoa.Some(taphoa.Units(int64(s.between(2, 12))) / 4)
	case it.price > taphoa.Dong(100_000):
		line.Quantity = taphoa.Some(taphoa.Units(int64(s.between(1, 2))))
	}
	if s.chance(8) {
		line.DiscountRatio = taphoa.Some(taphoa.Ratio(int64(5 * s.between(1, 4))))
	} else if s.chance(8) && it.price > taphoa.Dong(20_000) {
		line.Discount = taphoa.Some(taphoa.Dong(int64(500 * s.between(1, 6))))
	}
	if s.chance(6) {
		line.Note = taphoa.Some(pick(s, lineNotes))
	}
	return line
}

// nextSerial removes a serial from those in stock at a branch, and returns it.
func (it *item) nextSerial(branch int) string {
	serial := it.serials[branch][0]
	it.serials[branch] = it.serials[branch][1:]
	return serial
}

// taxes returns the taxes of a product's line in the shop's pricing mode; with the direct method, the rate for trade.
func (s *generator) taxes(it *item) []taphoa.TaxWrite {
	id := it.kind.tax
	tax, _ := taphoa.TaxByID(id)
	if direct := s.mode == taphoa.PricingDirect; direct != (tax.Type == taphoa.TaxDirect) {
		if !direct {
			return nil
		}
		id = 6
	}
	return []taphoa.TaxWrite{{TaxID: id}}
}

// add adds a line and its amount.
func (b *saleLines) add(s *generator, it *item, line taphoa.DetailInput) error {
	price := line.Price.Or(it.price)
	discount := line.Discount.Or(0)
	var err error
	if !line.Discount.Has() {
		if discount, err = price.Share(line.DiscountRatio.Or(0)); err != nil {
			return err
		}
	}
	total, err := (price - discount).TimesDong(line.Quantity.Value)
	if err != nil {
		return err
	}
	b.goods += total
	b.exact = b.exact && (len(line.Taxes) == 0 || s.mode == taphoa.PricingAfterTax)
	b.lines = append(b.lines, line)
	return nil
}

// terms are the discount and surcharges of a document.
type terms struct {
	discount   taphoa.Opt[taphoa.Money]
	ratio      taphoa.Opt[taphoa.Percent]
	surcharges []taphoa.SurchargeWrite
	due        taphoa.Money // the amount to pay
}

// randomTerms returns terms for some lines.
func (s *generator) randomTerms(b *saleLines, delivered bool) (t terms, err error) {
	off := taphoa.Money(0)
	switch {
	case s.chance(10):
		off = min(taphoa.Dong(int64(1_000*s.between(2, 15))), b.goods)
		t.discount = taphoa.Some(off)
	case s.chance(9):
		t.ratio = taphoa.Some(taphoa.Ratio(int64(s.between(2, 10))))
		if off, err = plan.DiscountByRatio(b.goods, t.ratio.Value); err != nil {
			return t, err
		}
	}
	t.due = b.goods - off
	if delivered && s.chance(60) {
		t.surcharges = append(t.surcharges, taphoa.SurchargeWrite{ID: taphoa.Some(s.surcharges[0]), Price: taphoa.Some[taphoa.Money](taphoa.Dong(18_000))})
	}
	if s.chance(6) {
		t.surcharges = append(t.surcharges, taphoa.SurchargeWrite{Code: "DONGGOI", Price: taphoa.Some[taphoa.Money](taphoa.Dong(5_000))})
	}
	for _, c := range t.surcharges {
		t.due += c.Price.Value
	}
	return t, nil
}

// randomPayment returns how an amount is paid: by one method, or by several payments.
func (s *generator) randomPayment(due taphoa.Money) (
	total taphoa.Opt[taphoa.Money], method taphoa.Opt[string], account taphoa.Opt[int64], list []taphoa.PaymentInput,
) {
	switch n := s.rng.IntN(100); {
	case due <= 0:
		return total, method, account, nil
	case n < 50:
		return taphoa.Some(due), taphoa.Some(taphoa.MethodCash), account, nil
	case n < 72:
		return taphoa.Some(due), taphoa.Some(taphoa.MethodTransfer), taphoa.Some(s.accounts[0]), nil
	case n < 84:
		return taphoa.Some(due), taphoa.Some(taphoa.MethodCard), taphoa.Some(s.accounts[1]), nil
	}
	cash := due / 2
	cash -= cash % taphoa.Dong(1_000)
	if cash == 0 {
		return taphoa.Some(due), taphoa.Some(taphoa.MethodCash), account, nil
	}
	return total, method, account, []taphoa.PaymentInput{
		{Method: taphoa.MethodCash, Amount: cash, Description: taphoa.Some("Khách trả trước tiền mặt")},
		{
			Method: taphoa.MethodTransfer, Amount: due - cash, AccountID: taphoa.Some(s.accounts[0]),
			Description: taphoa.Some("Chuyển khoản phần còn lại"),
		},
	}
}
