package stock

import "github.com/taphoa/taphoa/internal/stock/plan"

type (
	// Location is [plan.Location].
	Location = plan.Location
	// Document is [plan.Document].
	Document = plan.Document
	// Posting is [plan.Posting].
	Posting = plan.Posting
	// Level is [plan.Level].
	Level = plan.Level
	// BranchQuantity is [plan.BranchQuantity].
	BranchQuantity = plan.BranchQuantity
	// Limits is [plan.Limits].
	Limits = plan.Limits
	// Short is [plan.Short].
	Short = plan.Short
	// Lot is [plan.Lot].
	Lot = plan.Lot
	// LotQuantity is [plan.LotQuantity].
	LotQuantity = plan.LotQuantity
	// Count is [plan.Count].
	Count = plan.Count
	// CountedLine is [plan.CountedLine].
	CountedLine = plan.CountedLine
	// BookQuantity is [plan.BookQuantity].
	BookQuantity = plan.BookQuantity
	// CountConflict is [plan.CountConflict].
	CountConflict = plan.CountConflict
	// NetIssued is [plan.NetIssued].
	NetIssued = plan.NetIssued
	// InTransit is [plan.InTransit].
	InTransit = plan.InTransit
)

// The outside locations.
const (
	Supplier   = plan.Supplier
	Customer   = plan.Customer
	Transit    = plan.Transit
	Adjustment = plan.Adjustment
)
