package demo

import (
	"fmt"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/stock"
)

// target is how many of a product a branch likes to have, in base units.
func (it *item) target(branch int) int64 {
	most := it.kind.units[len(it.kind.units)-1].holds
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

// restock fills up what has run low at each branch. The goods come from suppliers, at four fifths of the price or a
// little more or less; the documents of suppliers are not part of the shop.
func (s *story) restock() error {
	var ids []int64
	for _, it := range s.items {
		if it.stocked() {
			ids = append(ids, it.id)
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
	for b, branch := range s.branches {
		var delivered []stock.Posting
		for _, it := range s.items {
			missing := it.target(b) - int64(onHand[[2]int64{it.id, branch}]/taphoa.Scale)
			if !it.stocked() || missing < it.target(b)/2 || it.gone {
				continue
			}
			p, err := s.supply(it, b, missing)
			if err != nil {
				return err
			}
			delivered = append(delivered, p)
		}
		if len(delivered) == 0 {
			continue
		}
		id, err := s.tx.NewID("demo_deliveries")
		if err != nil {
			return err
		}
		doc := stock.Document{Kind: "demo", ID: id, EffectiveAt: s.tx.Now}
		if _, err := stock.Settle(s.tx, doc, delivered, stock.Limits{}); err != nil {
			return err
		}
	}
	return nil
}

// supply is so much of a product coming to a branch: in a new batch, or with new serials, when the product wants it.
func (s *story) supply(it *item, branch int, count int64) (stock.Posting, error) {
	cost, err := taphoa.Dong(it.kind.units[0].price).Share(taphoa.Ratio(int64(s.between(76, 84))))
	p := stock.Posting{
		ProductID: it.id, From: stock.Supplier, To: stock.Place(s.branches[branch]), Cost: taphoa.Some(hundreds(cost)),
	}
	if err != nil {
		return p, err
	}
	if it.kind.is("serial") {
		count = min(count, 12)
		if it.serials == nil {
			it.serials = make([][]string, len(s.branches))
		}
		for range count {
			p.Serials = append(p.Serials, fmt.Sprintf("%s%08d", it.kind.options["serial"], s.rng.IntN(100_000_000)))
		}
		it.serials[branch] = append(it.serials[branch], p.Serials...)
	}
	if days := it.kind.number("batch"); days > 0 {
		expires := s.tx.Now.Day().Add(time.Duration(days) * oneDay)
		p.BatchID, err = stock.ResolveBatch(s.tx, it.id, "L"+s.tx.Now.Std().Format("060102"), expires)
		it.batches = append(it.batches, p.BatchID)
	}
	p.Quantity = taphoa.Units(count)
	return p, err
}
