package plan

import (
	"github.com/taphoa/taphoa"
)

// Location is where goods are: a branch's id, or one of the locations outside the shop's branches.
type Location int64

// The outside locations.
const (
	Supplier   Location = -1
	Customer   Location = -2
	Transit    Location = -3
	Adjustment Location = -4
)

// IsBranch reports whether the location is a branch of the shop.
func (l Location) IsBranch() bool { return l > 0 }

// LevelKey names what a branch has of a product.
type LevelKey struct{ ProductID, BranchID int64 }

// SerialKey names one serial of a product.
type SerialKey struct {
	ProductID int64
	Number    string `db:"serial_number"`
}

// BranchQuantity is a quantity of a product at a branch, in base units.
type BranchQuantity struct {
	ProductID, BranchID int64
	Quantity            taphoa.Quantity
}

func (q *BranchQuantity) key() LevelKey { return LevelKey{q.ProductID, q.BranchID} }

// DocumentRef names a document.
type DocumentRef struct {
	Kind string // "invoice", "purchase", "stocktake"
	ID   int64  `db:"document_id"`
}

// Document is a document that moves goods. Step is the number of its changes of stock so far: the document's row keeps it.
type Document struct {
	Kind        string // "invoice", "purchase", "stocktake"
	ID          int64
	Step        int64
	EffectiveAt taphoa.Time // when the goods moved for the books
}

func (d *Document) ref() DocumentRef { return DocumentRef{d.Kind, d.ID} }

// Posting is one movement that a document wants. From branch to branch goods go through [Transit].
type Posting struct {
	ProductID   int64
	From, To    Location
	Quantity    taphoa.Quantity          // positive, in base units
	Cost        taphoa.Opt[taphoa.Money] // of one base unit, for goods from a supplier, a customer or an adjustment
	BatchID     int64                    // the lot, for products kept in lots
	Serials     []string                 // for products kept by serial: Quantity of them
	EffectiveAt taphoa.Time              // where it is not the document's: a transfer is received later than it was sent

	// OriginKind and OriginID name the document that issued goods which are returned (the invoice of a return): they have
	// the cost at which they were sold, unless Cost is given. The origin of goods out of Transit is their own document.
	OriginKind string
	OriginID   int64
}

// NetIssued is the quantity of a product and lot that documents have issued from branches, minus what they have received.
type NetIssued struct {
	ProductID, BatchID int64
	Quantity           taphoa.Quantity // of base units; negative when more came in
}

// InTransit is goods of a product and lot that a document has sent from a branch into [Transit] and that is still there.
type InTransit struct {
	ProductID, BatchID, BranchID int64
	Quantity                     taphoa.Quantity
}

// Level is what a branch has of a product, in base units.
type Level struct {
	ProductID, BranchID       int64
	OnHand, Reserved, OnOrder taphoa.Quantity
	Cost                      taphoa.Money // moving average of one base unit
	ChangedAt                 taphoa.Time
}

// Key is the level's name.
func (l *Level) Key() LevelKey { return LevelKey{l.ProductID, l.BranchID} }

// Short is the refusal to issue more of a product from a branch than is available.
type Short struct {
	ProductID, BranchID int64
	Free                taphoa.Quantity // available quantity
	Expired             taphoa.Quantity // in lots that have expired, beside what is free
	OfLots              bool            // lots have too little, whatever the level says
	Reserved            bool            // there would be enough but for what orders have reserved
}

func (s *Short) Error() string { return "too little stock" }

// Limits determine how far a level may fall.
type Limits struct {
	BelowZero     bool // the shop sells what it does not have
	BelowReserved bool // the shop sells what orders have reserved
}

// check refuses a level that goes down from one quantity to another, with Reserved promised to orders.
func (l Limits) check(level *Level, from, to taphoa.Quantity) *Short {
	kept := taphoa.Quantity(0)
	if !l.BelowReserved {
		kept = level.Reserved
	}
	if l.BelowZero && (l.BelowReserved || level.Reserved == 0) || to >= kept {
		return nil
	}
	return &Short{
		ProductID: level.ProductID, BranchID: level.BranchID, Free: max(0, from-kept), Reserved: level.Reserved > 0 && (l.BelowZero || to >= 0),
	}
}

// tooMuch is the refusal of quantities beyond what the ledger can hold.
func tooMuch() error {
	return taphoa.Refuse(taphoa.CodeValidate, "quantity", "Số lượng (quantity) vượt quá giới hạn cho phép")
}
