package supply

import (
	"maps"
	"testing"

	"github.com/taphoa/taphoa"
)

func TestLotsAreAllocatedInTheirOrderAndReservedOnesAreLeft(t *testing.T) {
	first, second, other := lotKey{7, 1}, lotKey{7, 2}, lotKey{3, 5}
	lots := []lotQuantity{{first, taphoa.Units(10)}, {second, taphoa.Units(4)}, {first, taphoa.Units(6)}, {other, taphoa.Units(1)}}
	for _, c := range []struct {
		name     string
		reserved map[lotKey]taphoa.Quantity
		wanted   map[int64]taphoa.Quantity
		taken    map[lotKey]taphoa.Quantity
		short    int64
	}{
		{"nothing", nil, nil, map[lotKey]taphoa.Quantity{}, 0},
		{"the first lots", nil, map[int64]taphoa.Quantity{7: taphoa.Units(12)}, map[lotKey]taphoa.Quantity{first: taphoa.Units(10), second: taphoa.Units(2)}, 0},
		{"all", nil, map[int64]taphoa.Quantity{7: taphoa.Units(20), 3: taphoa.Units(1)}, map[lotKey]taphoa.Quantity{first: taphoa.Units(16), second: taphoa.Units(4), other: taphoa.Units(1)}, 0},
		{"past a reserved lot", map[lotKey]taphoa.Quantity{first: taphoa.Units(12)}, map[int64]taphoa.Quantity{7: taphoa.Units(5)}, map[lotKey]taphoa.Quantity{second: taphoa.Units(4), first: taphoa.Units(1)}, 0},
		{"more of a lot is reserved than it has", map[lotKey]taphoa.Quantity{first: taphoa.Units(99)}, map[int64]taphoa.Quantity{7: taphoa.Units(4)}, map[lotKey]taphoa.Quantity{second: taphoa.Units(4)}, 0},
		{"too little", map[lotKey]taphoa.Quantity{second: taphoa.Units(4)}, map[int64]taphoa.Quantity{7: taphoa.Units(17)}, map[lotKey]taphoa.Quantity{first: taphoa.Units(16)}, 7},
		{"too little of two products", nil, map[int64]taphoa.Quantity{7: taphoa.Units(21), 3: taphoa.Units(2)}, map[lotKey]taphoa.Quantity{first: taphoa.Units(16), second: taphoa.Units(4), other: taphoa.Units(1)}, 3},
		{"a product without lots", nil, map[int64]taphoa.Quantity{8: taphoa.Units(1)}, map[lotKey]taphoa.Quantity{}, 8},
	} {
		reserved, wanted := maps.Clone(c.reserved), maps.Clone(c.wanted)
		taken, short := allocateLots(lots, reserved, wanted)
		if !maps.Equal(taken, c.taken) || short != c.short {
			t.Errorf("%s: %v, short of %d, want %v, short of %d", c.name, taken, short, c.taken, c.short)
		}
		if !maps.Equal(reserved, c.reserved) || !maps.Equal(wanted, c.wanted) {
			t.Errorf("%s: the arguments have changed to %v and %v", c.name, reserved, wanted)
		}
	}
}
