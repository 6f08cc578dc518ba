package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// Names that package sales uses until it plans; nothing else may.
type (
	Place = plan.Location
	Goods = plan.BranchQuantity
	Batch = plan.Lot
	Pick  = plan.LotQuantity
	Left  = plan.NetIssued
)

// Settle is [Post].
func Settle(tx *db.Tx, doc Document, want []Posting, limits Limits) (used bool, err error) {
	return Post(tx, doc, want, limits)
}

// Redate is [SetEffectiveDate].
func Redate(tx *db.Tx, doc Document) error { return SetEffectiveDate(tx, doc) }

// PickBatches is [ChooseLots].
func PickBatches(tx *db.Tx, productID, branchID int64, quantity taphoa.Quantity) ([]LotQuantity, error) {
	return ChooseLots(tx, productID, branchID, quantity)
}

// FindBatches is [FindLots].
func FindBatches(tx *db.Tx, ids []int64) (map[int64]Lot, error) { return FindLots(tx, ids) }

// ResolveBatch is [ResolveLot].
func ResolveBatch(tx *db.Tx, productID int64, name string, expires taphoa.Time) (int64, error) {
	return ResolveLot(tx, productID, name, expires)
}

// Batches is [ProductLots].
func Batches(tx *db.Tx, productIDs []int64) ([]taphoa.ProductBatchExpire, error) {
	return ProductLots(tx, productIDs)
}

// WhatLeft is [FindNetIssued].
func WhatLeft(tx *db.Tx, kind string, documentIDs []int64) ([]NetIssued, error) {
	return FindNetIssued(tx, kind, documentIDs)
}

// Lock does nothing: the shop's head is the lock (ADR 0017).
func Lock(*db.Tx, []BranchQuantity) error { return nil }
