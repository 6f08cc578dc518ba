package supply

import (
	"cmp"
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
)

// lotKey is a product and its lot, 0 for a product without lots.
type lotKey struct{ product, batch int64 }

// lotQuantity is the quantity of a lot that lines without a lot may use.
type lotQuantity struct {
	lotKey
	quantity taphoa.Quantity
}

// allocateLots allocates the wanted quantities of products to lots, in the order of lots. What is reserved of a lot, for
// lines that name it, is not allocated. short is the lowest id of a product whose lots have too little, or 0.
func allocateLots(lots []lotQuantity, reserved map[lotKey]taphoa.Quantity, wanted map[int64]taphoa.Quantity) (taken map[lotKey]taphoa.Quantity, short int64) {
	taken, reserved, wanted = map[lotKey]taphoa.Quantity{}, maps.Clone(reserved), maps.Clone(wanted)
	for _, lot := range lots {
		named := min(reserved[lot.lotKey], lot.quantity)
		if named > 0 {
			reserved[lot.lotKey] -= named
		}
		if n := min(wanted[lot.product], lot.quantity-named); n > 0 {
			taken[lot.lotKey] += n
			wanted[lot.product] -= n
		}
	}
	for product, missing := range wanted {
		if missing > 0 && (short == 0 || product < short) {
			short = product
		}
	}
	return taken, short
}

// addLots adds quantities of lots to others.
func addLots(to, more map[lotKey]taphoa.Quantity) {
	for k, quantity := range more {
		to[k] += quantity
	}
}

// sortedLots returns the keys in order, so that equal documents post in the same order.
func sortedLots[V any](m map[lotKey]V) []lotKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b lotKey) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.batch, b.batch))
	})
}
