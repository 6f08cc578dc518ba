package plan

import "github.com/taphoa/taphoa"

// DiscountByRatio is a document's discount by ratio: what the ratio leaves of the goods is rounded, as it would be on a
// line. 7 % of 16,650 leaves 15,485 either way.
func DiscountByRatio(goods taphoa.Money, ratio taphoa.Percent) (taphoa.Money, error) {
	left, err := goods.ShareDong(taphoa.Ratio(100) - ratio)
	return goods - left, err
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
