package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Parcel is goods of one product and batch that a document has sent from a branch into [Transit].
type Parcel struct {
	ProductID, BatchID, BranchID int64
	Quantity                     taphoa.Quantity
	Cost                         taphoa.Money // of one base unit, as they left
}

// Sent answers what a document has sent into transit and not taken back, by product, batch and branch. Whoever brings
// it to another branch posts it there at the parcel's cost, so that goods do not change their worth under way.
func Sent(tx *db.Tx, kind string, documentID int64) ([]Parcel, error) {
	type row struct {
		ProductID, BatchID int64
		FromPlace, ToPlace Place
		Quantity           taphoa.Quantity
		Cost               taphoa.Money
	}
	rows, err := db.All[row](tx, `
		SELECT product_id, batch_id, from_place, to_place, quantity, cost FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ? ORDER BY product_id, batch_id, step, line`, kind, documentID)
	if err != nil {
		return nil, err
	}
	sums, order := flows{}, []lane{}
	for _, r := range rows {
		l, sign := laneOf(r.ProductID, r.BatchID, r.FromPlace, r.ToPlace)
		if sums[l] == nil {
			order = append(order, l)
		}
		worth, err := r.Cost.Times(r.Quantity)
		if err != nil {
			return nil, tooMuch()
		}
		f := sums.at(l)
		f.posted, f.value = f.posted+taphoa.Quantity(sign)*r.Quantity, f.value+taphoa.Money(sign)*worth
	}
	var parcels []Parcel
	for _, l := range order {
		f := sums[l]
		if l.to != Transit || f.posted <= 0 {
			continue
		}
		cost, err := f.value.Div(f.posted)
		if err != nil {
			return nil, tooMuch()
		}
		parcels = append(parcels, Parcel{l.product, l.batch, int64(l.from), f.posted, cost})
	}
	return parcels, nil
}
