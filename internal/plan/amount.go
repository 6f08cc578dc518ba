package plan

import "github.com/taphoa/taphoa"

// DiscountByRatio is a document's discount by ratio: what the ratio leaves of the goods is rounded, as it would be on a
// line. 7 % of 16,650 leaves 15,485 either way.
func DiscountByRatio(goods taphoa.Money, ratio taphoa.Percent) (taphoa.Money, error) {
	left, err := goods.ShareDong(taphoa.Ratio(100) - ratio)
	return goods - left, err
}

// LineRatio is the ratio of a line's discount, for information: that of the amount if the request has one, else what it
// says. It returns [taphoa.ErrDecimalRange].
func LineRatio(price, discount taphoa.Money, amount taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent]) (taphoa.Opt[taphoa.Percent], error) {
	if !amount.Has() || !ratio.Has() && discount == 0 {
		return ratio, nil
	}
	if price == 0 {
		return taphoa.Some[taphoa.Percent](0), nil
	}
	if same, err := price.Share(ratio.Or(0)); err == nil && same == discount {
		return ratio, nil // to more places than the amount tells
	}
	own, err := discount.RatioOf(price)
	return taphoa.Some(own), err
}

// IsDiscountByRatio reports whether a discount is a ratio of goods, up to what a number of shares may have been rounded by, and
// not an amount beside it: a ratio of 0 that clients send beside an amount decides nothing. It returns [taphoa.ErrDecimalRange].
func IsDiscountByRatio(goods, discount taphoa.Money, ratio taphoa.Opt[taphoa.Percent], shares int) (bool, error) {
	if ratio.Or(0) == 0 {
		return false, nil
	}
	want, err := DiscountByRatio(goods, ratio.Value)
	off := taphoa.Dong(int64(shares))
	return want-off <= discount && discount <= want+off, err
}
