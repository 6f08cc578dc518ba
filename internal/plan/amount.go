package plan

import "github.com/taphoa/taphoa"

// DiscountByRatio is a document's discount by ratio: what the ratio leaves of the goods is rounded, as it would be on a
// line. 7 % of 16,650 leaves 15,485 either way.
func DiscountByRatio(goods taphoa.Money, ratio taphoa.Percent) (taphoa.Money, error) {
	left, err := goods.ShareDong(taphoa.Ratio(100) - ratio)
	return goods - left, err
}
