package stock

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Tally is what a stock take has counted of a product at a branch: all of it, or of a product in batches one batch. The
// pieces of a product kept by serial are named.
type Tally struct {
	ProductID, BranchID, BatchID int64
	OnHand                       taphoa.Quantity
	BySerial                     bool
	Serials                      []string
}

// Found is what the ledger said of a [Tally] before it was told better.
type Found struct {
	OnHand taphoa.Quantity
	Cost   taphoa.Money // of one base unit
}

// Balance makes a document's tallies true: it posts what was counted more or less from or to the place of adjustments,
// all as one step of the document, which is new. Goods that turn up have the cost of those that are there. No two
// tallies are of the same product, branch and batch. It answers what the ledger said, and whether the step is used.
func Balance(tx *db.Tx, doc Document, tallies []Tally) (found []Found, used bool, err error) {
	spots := make([]spot, len(tallies))
	for i, c := range tallies {
		spots[i] = spot{c.ProductID, c.BranchID}
	}
	levels, err := lock(tx, spots)
	if err != nil || len(tallies) == 0 {
		return nil, false, err
	}
	batches, err := batchLevels(tx, tallies)
	if err != nil {
		return nil, false, err
	}
	pieces, err := piecesInStock(tx, tallies)
	if err != nil {
		return nil, false, err
	}
	found = make([]Found, len(tallies))
	var moves []Posting
	for i := range tallies {
		c := &tallies[i]
		level := levels[spot{c.ProductID, c.BranchID}]
		found[i] = Found{level.OnHand, level.Cost}
		if c.BatchID != 0 {
			found[i].OnHand = batches[[2]int64{c.BatchID, c.BranchID}]
		}
		more, err := c.moves(found[i].OnHand, pieces[spot{c.ProductID, c.BranchID}])
		if err != nil {
			return nil, false, err
		}
		for j := range more { // what was counted is there after all that the ledger knows of
			more[j].EffectiveAt = max(doc.EffectiveAt, level.EnteredAt)
		}
		moves = append(moves, more...)
	}
	used, err = Settle(tx, doc, moves, Limits{BelowZero: true, BelowReserved: true})
	return found, used, err
}

// moves are the postings that make a tally true.
func (c *Tally) moves(onHand taphoa.Quantity, pieces []string) ([]Posting, error) {
	in := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Adjustment, To: Place(c.BranchID)}
	out := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Place(c.BranchID), To: Adjustment}
	if c.BySerial {
		in.Serials, out.Serials = without(c.Serials, pieces), without(pieces, c.Serials)
		in.Quantity, out.Quantity = taphoa.Units(int64(len(in.Serials))), taphoa.Units(int64(len(out.Serials)))
	} else {
		delta, err := c.OnHand.Sub(onHand)
		if err != nil || c.OnHand > taphoa.QuantityMax || delta > taphoa.QuantityMax || delta < -taphoa.QuantityMax {
			return nil, tooMuch()
		}
		in.Quantity, out.Quantity = max(0, delta), max(0, -delta)
	}
	return slices.DeleteFunc([]Posting{in, out}, func(p Posting) bool { return p.Quantity == 0 }), nil
}

// without are the texts of a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// batchLevels are what branches have of the batches of some tallies, by batch and branch.
func batchLevels(tx *db.Tx, tallies []Tally) (map[[2]int64]taphoa.Quantity, error) {
	var ids []int64
	for _, c := range tallies {
		if c.BatchID != 0 {
			ids = append(ids, c.BatchID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	have := map[[2]int64]taphoa.Quantity{}
	return have, tx.Each(func(row db.Row) error {
		have[[2]int64{row.Int64(0), row.Int64(1)}] = taphoa.Quantity(row.Int64(2))
		return nil
	}, `SELECT batch_id, branch_id, on_hand FROM stock_batch_levels WHERE retailer_id = :retailer AND batch_id IN ?`, ids)
}

// piecesInStock are the serials that branches have of the products of some tallies.
func piecesInStock(tx *db.Tx, tallies []Tally) (map[spot][]string, error) {
	var ids []int64
	for _, c := range tallies {
		if c.BySerial {
			ids = append(ids, c.ProductID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	have := map[spot][]string{}
	return have, tx.Each(func(row db.Row) error {
		s := spot{row.Int64(0), row.Int64(1)}
		have[s] = append(have[s], row.Text(2))
		return nil
	}, `
		SELECT product_id, branch_id, serial_number FROM stock_serials
		WHERE retailer_id = :retailer AND product_id IN ? AND status = 1 ORDER BY product_id, serial_number`, ids)
}
