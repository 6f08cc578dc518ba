package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Left is what documents have taken out of the branches of a product and batch, minus what they have brought back.
type Left struct {
	ProductID, BatchID int64
	Quantity           taphoa.Quantity // of base units; negative when more came in
	Cost               taphoa.Money    // of one, on average; 0 when none is out
}

// WhatLeft answers what documents of a kind have taken out of the branches, in the order of products and batches. What
// was moved back by a mirror is not among it.
func WhatLeft(tx *db.Tx, kind string, documentIDs []int64) ([]Left, error) {
	if len(documentIDs) == 0 {
		return nil, nil
	}
	type row struct {
		ProductID, BatchID int64
		FromPlace, ToPlace Place
		Quantity           taphoa.Quantity
		Cost               taphoa.Money
	}
	rows, err := db.All[row](tx, `
		SELECT product_id, batch_id, from_place, to_place, quantity, cost FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ?
		ORDER BY product_id, batch_id, document_id, step, line`, kind, documentIDs)
	if err != nil {
		return nil, err
	}
	var left []Left
	var worth []taphoa.Money
	for _, r := range rows {
		if r.FromPlace.branch() == r.ToPlace.branch() {
			continue // from branch to branch: nothing has left
		}
		quantity := r.Quantity
		if r.ToPlace.branch() {
			quantity = -quantity
		}
		if n := len(left); n == 0 || left[n-1].ProductID != r.ProductID || left[n-1].BatchID != r.BatchID {
			left, worth = append(left, Left{ProductID: r.ProductID, BatchID: r.BatchID}), append(worth, 0)
		}
		n := len(left) - 1
		value, err1 := r.Cost.Times(quantity)
		sum, err2 := worth[n].Add(value)
		total, err3 := left[n].Quantity.Add(quantity)
		if err := cmp.Or(err1, err2, err3); err != nil {
			return nil, tooMuch()
		}
		worth[n], left[n].Quantity = sum, total
	}
	for i := range left {
		if left[i].Quantity > 0 {
			if left[i].Cost, err = worth[i].Div(left[i].Quantity); err != nil {
				return nil, tooMuch()
			}
		}
	}
	return slices.DeleteFunc(left, func(l Left) bool { return l.Quantity == 0 }), nil
}
