package stock

import "github.com/taphoa/taphoa/internal/stock/plan"

// The values of the goods ledger are the plan's.
type (
	Location       = plan.Location
	Document       = plan.Document
	Posting        = plan.Posting
	Level          = plan.Level
	BranchQuantity = plan.BranchQuantity
	Limits         = plan.Limits
	Short          = plan.Short
	Lot            = plan.Lot
	LotQuantity    = plan.LotQuantity
	Count          = plan.Count
	CountedLine    = plan.CountedLine
	BookQuantity   = plan.BookQuantity
	NetIssued      = plan.NetIssued
	InTransit      = plan.InTransit
)

// The outside locations.
const (
	Supplier   = plan.Supplier
	Customer   = plan.Customer
	Transit    = plan.Transit
	Adjustment = plan.Adjustment
)
