package demo

import (
	"github.com/taphoa/taphoa"
)

// basket is what somebody buys.
type basket struct {
	lines []taphoa.DetailInput
	goods taphoa.Money // what the lines come to, without tax that is added on top
	exact bool         // whether that is what has to be paid: no tax comes on top
}

var lineNotes = []string{"Ít đá", "Lấy hạn mới", "Gói riêng", "Đổi trả trong 7 ngày", "Tặng kèm 1 gói", "Giao trước 17 giờ"}

// fill puts some goods of a branch into a basket, each product once. Who orders has not seen the pieces, so that
// goods with serials are sold over the counter only.
func (s *story) fill(branch, lines int, counter bool) (basket, error) {
	b := basket{exact: true}
	taxed := s.chance(40) // the customer wants an invoice of the tax office
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

// line is some of a product.
func (s *story) line(it *item, branch int) taphoa.DetailInput {
	line := taphoa.DetailInput{ProductID: taphoa.Some(it.id), Quantity: taphoa.Some(taphoa.Units(int64(s.between(1, 4))))}
	switch {
	case it.kind.is("serial"):
		line.Quantity = taphoa.Some(taphoa.Units(1))
		line.SerialNumbers = taphoa.Some(it.takeSerial(branch))
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

// takeSerial takes a piece off the shelf.
func (it *item) takeSerial(branch int) string {
	serial := it.serials[branch][0]
	it.serials[branch] = it.serials[branch][1:]
	return serial
}

// taxes are those of a product's line in the shop's pricing mode; with the direct method, the rate of trade in goods.
func (s *story) taxes(it *item) []taphoa.TaxWrite {
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

// add puts a line into the basket and adds up.
func (b *basket) add(s *story, it *item, line taphoa.DetailInput) error {
	price := line.Price.Or(it.price)
	discount := line.Discount.Or(0)
	var err error
	if !line.Discount.Has() {
		if discount, err = price.Share(line.DiscountRatio.Or(0)); err != nil {
			return err
		}
	}
	total, err := (price - discount).Times(line.Quantity.Value)
	if err != nil {
		return err
	}
	b.goods += total
	b.exact = b.exact && (len(line.Taxes) == 0 || s.mode == taphoa.PricingAfterTax)
	b.lines = append(b.lines, line)
	return nil
}

// terms are what a document adds to its lines: a discount and surcharges.
type terms struct {
	discount   taphoa.Opt[taphoa.Money]
	ratio      taphoa.Opt[taphoa.Percent]
	surcharges []taphoa.SurchargeWrite
	due        taphoa.Money // what has to be paid
}

// agree makes the terms of a basket.
func (s *story) agree(b *basket, delivered bool) (t terms, err error) {
	off := taphoa.Money(0)
	switch {
	case s.chance(10):
		off = min(taphoa.Dong(int64(1_000*s.between(2, 15))), b.goods)
		t.discount = taphoa.Some(off)
	case s.chance(9):
		t.ratio = taphoa.Some(taphoa.Ratio(int64(s.between(2, 10))))
		if off, err = b.goods.Share(t.ratio.Value); err != nil {
			return t, err
		}
		off = off.RoundDong()
	}
	t.due = b.goods - off
	if delivered && s.chance(60) {
		t.surcharges = append(t.surcharges, taphoa.SurchargeWrite{ID: taphoa.Some(s.surcharges[0]), Price: taphoa.Dong(18_000)})
	}
	if s.chance(6) {
		t.surcharges = append(t.surcharges, taphoa.SurchargeWrite{Code: "DONGGOI", Price: taphoa.Dong(5_000)})
	}
	for _, c := range t.surcharges {
		t.due += c.Price
	}
	return t, nil
}

// pay is how an amount is paid: one method, or several payments.
func (s *story) pay(due taphoa.Money) (
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
