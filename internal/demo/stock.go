package demo

import (
	"fmt"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/stock"
)

// target returns the stock that a branch aims at, in base units.
func (it *item) target(branch int) int64 {
	most := it.kind.units[len(it.kind.units)-1].factor
	n := min(max(3_000_000/it.kind.units[0].price, 16), 240) + 8*most
	if branch > 0 {
		n = n * 2 / 3
	}
	return n
}

// stocked reports whether a product has stock of its own.
func (it *item) stocked() bool {
	return it.base == it && !it.kind.is("service") && !it.kind.is("combo")
}

// freshDays is how long goods must still be good to count as in stock when the shop restocks.
const freshDays = 10

// restock purchases the products that are low at each branch, at about four fifths of the price; each supplier has some of
// the categories. Goods that expire soon are no stock.
func (s *generator) restock() error {
	var ids, dated []int64
	for _, it := range s.items {
		if it.stocked() {
			ids = append(ids, it.id)
			if it.kind.number("batch") > 0 {
				dated = append(dated, it.id)
			}
		}
	}
	levels, err := stock.Levels(s.tx, ids, nil)
	if err != nil {
		return err
	}
	onHand := map[[2]int64]taphoa.Quantity{}
	for _, l := range levels {
		onHand[[2]int64{l.ProductID, l.BranchID}] = l.OnHand
	}
	lots, err := stock.ProductLots(s.tx, dated)
	if err != nil {
		return err
	}
	for _, l := range lots {
		if l.ExpireDate < s.tx.Now.Add(freshDays*oneDay) {
			onHand[[2]int64{l.ProductID, l.BranchID}] -= l.OnHand
		}
	}
	for b, branch := range s.branches {
		delivered := make([][]taphoa.PurchaseOrderDetailIn, len(s.suppliers))
		for _, it := range s.items {
			missing := it.target(b) - int64(onHand[[2]int64{it.id, branch}]/taphoa.Scale)
			if !it.stocked() || missing < it.target(b)/2 || it.inactive {
				continue
			}
			l, err := s.supplyLine(it, b, missing)
			if err != nil {
				return err
			}
			from := it.kind.category % len(s.suppliers)
			delivered[from] = append(delivered[from], l)
		}
		for from, lines := range delivered {
			if len(lines) == 0 {
				continue
			}
			if err := s.receiveDelivery(b, from, lines); err != nil {
				return err
			}
		}
	}
	return nil
}

// supplyLine returns a line of a purchase, with a new lot or new serials if the product needs them.
func (s *generator) supplyLine(it *item, branch int, count int64) (taphoa.PurchaseOrderDetailIn, error) {
	l := s.purchaseLine(it, count)
	cost, err := taphoa.Dong(it.kind.units[0].price).Share(taphoa.Ratio(int64(s.between(76, 84))))
	if err != nil {
		return l, err
	}
	l.Price = taphoa.Some(hundreds(cost))
	if it.kind.is("serial") {
		count = min(count, 12)
		if it.serials == nil {
			it.serials = make([][]string, len(s.branches))
		}
		for range count {
			l.SerialNumbers = append(l.SerialNumbers, fmt.Sprintf("%s%08d", it.kind.options["serial"], s.rng.IntN(100_000_000)))
		}
		it.serials[branch] = append(it.serials[branch], l.SerialNumbers...)
	}
	if days := it.kind.number("batch"); days > 0 {
		expires := s.tx.Now.Day().Add(time.Duration(days) * oneDay)
		batch, err := stock.ResolveLot(s.tx, it.id, "L"+s.tx.Now.Std().Format("060102"), expires)
		if err != nil {
			return l, err
		}
		it.batches = append(it.batches, batch)
		l.ProductBatchExpireID = taphoa.Some(batch)
	}
	l.Quantity = taphoa.Some(taphoa.Units(count))
	return l, nil
}
