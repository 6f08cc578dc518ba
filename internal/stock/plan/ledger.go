package plan

import (
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
)

// Facts are the rows that a [Ledger] starts from. What was asked for and has no row does not exist yet; what was not
// asked for is unknown, and using it is an error of the program.
type Facts struct {
	Now   taphoa.Time // of what is changed
	Clock taphoa.Time // earliest recording time of movements

	Asked  []LevelKey // besides those in Levels
	Levels []LevelState

	Documents    []DocumentRef // whose Postings and Dependents were asked for
	Postings     []PostingRow  // with serials, in the order of steps and lines
	Dependents   []DependentReceipt
	Reservations []Reservation // of documents that hold some: a document without any is a new one
	OnOrder      []Reservation // likewise

	LotsAt    []LevelKey // products and branches of which all lots with goods are in LotLevels
	LotIDs    []int64    // lots all of whose levels are in LotLevels
	Lots      []Lot
	LotLevels []LotLevel

	AskedSerials []SerialKey // besides those in Serials
	Serials      []Serial

	Origins map[DocumentRef]taphoa.Time // when the last posting of a document of origin was recorded; 0: never
}

// DependentReceipt is a receipt whose cost is taken from a document (a return of an invoice, the arrival of a transfer).
type DependentReceipt struct {
	DocumentRef
	ProductID, BranchID int64
	CostOrder
	OriginKind string
	OriginID   int64
}

func (d *DependentReceipt) key() LevelKey       { return LevelKey{d.ProductID, d.BranchID} }
func (d *DependentReceipt) origin() DocumentRef { return DocumentRef{d.OriginKind, d.OriginID} }

// Ledger is the part of the goods ledger that an operation depends on: rows as asked, changed in memory by the plan.
type Ledger struct {
	now, clock taphoa.Time

	levels    map[LevelKey]*LevelState
	documents map[DocumentRef]*documentPostings
	origins   map[DocumentRef]taphoa.Time

	reserved, onOrder heldBy

	lots      map[int64]*Lot // these four are nil when no lots were asked for
	lotsAt    map[LevelKey]bool
	lotIDs    map[int64]bool
	lotLevels map[lotKey]*LotLevel
	serials   map[SerialKey]*Serial  // a nil value: it was never there
	spellings map[SerialKey][]string // how serials of one key are written

	changed []*LevelState // in the order of their first change of goods, promises or cost
	changes Changes
}

// documentPostings are what a document has posted, stored and planned.
type documentPostings struct {
	rows       []*PostingRow
	stored     int                // of rows
	dependents []DependentReceipt // of documents that were not asked for
}

// Changes are the rows that a plan writes.
type Changes struct {
	Terms        []TermsUpdate
	Postings     []*PostingRow
	Levels       []*LevelState // in the order of their first change
	Recost       []*LevelState // whose costs the plan has invalidated; they are among Levels
	Steps        int           // calls that have posted something
	Reservations []*Reservation
	OnOrder      []*Reservation
	Lots         []*LotLevel
	Serials      []*Serial
}

// TermsUpdate sets the date and the cost terms of what a document has stored of one product and lot between a branch and
// an outside location.
type TermsUpdate struct {
	DocumentRef
	ProductID, BatchID, BranchID int64
	Outside                      Location
	EffectiveAt                  taphoa.Time
	CostTerms
}

// NewLedger returns the ledger of some facts, which it keeps.
func NewLedger(f Facts) *Ledger {
	l := &Ledger{
		now: f.Now, clock: f.Clock, levels: make(map[LevelKey]*LevelState, max(len(f.Asked), len(f.Levels))),
		origins: f.Origins, reserved: holdings(f.Reservations), onOrder: holdings(f.OnOrder),
	}
	for i := range f.Levels {
		level := &f.Levels[i]
		level.stored = level.RecostFrom
		l.levels[level.Key()] = level
	}
	for _, key := range f.Asked {
		if l.levels[key] == nil {
			l.levels[key] = &LevelState{Level: Level{ProductID: key.ProductID, BranchID: key.BranchID}}
		}
	}
	for _, ref := range f.Documents {
		l.setDocument(ref, &documentPostings{})
	}
	for i := range f.Postings {
		r := &f.Postings[i]
		d := l.documents[r.DocumentRef]
		d.rows, d.stored = append(d.rows, r), d.stored+1
	}
	for _, r := range f.Dependents {
		if l.documents[r.DocumentRef] == nil { // else its rows are complete
			d := l.documents[r.origin()]
			d.dependents = append(d.dependents, r)
		}
	}
	l.addLots(&f)
	l.addSerials(&f)
	return l
}

func (l *Ledger) setDocument(ref DocumentRef, d *documentPostings) {
	if l.documents == nil {
		l.documents = map[DocumentRef]*documentPostings{}
	}
	l.documents[ref] = d
}

// Level is a level as planned so far. One that was not asked for is empty.
func (l *Ledger) Level(key LevelKey) Level {
	if level := l.levels[key]; level != nil {
		return level.Level
	}
	return Level{ProductID: key.ProductID, BranchID: key.BranchID}
}

// Issued is what a document that was asked for has issued of a product from a branch and not taken back, as planned so far.
func (l *Ledger) Issued(ref DocumentRef, key LevelKey) (issued taphoa.Quantity) {
	d := l.documents[ref]
	if d == nil {
		return 0
	}
	for _, r := range d.rows {
		if r.ProductID == key.ProductID && r.BranchID == key.BranchID {
			issued -= r.Net()
		}
	}
	return issued
}

// EnteredAt is the latest time at which a movement at the level was recorded or is effective.
func (l *Ledger) EnteredAt(key LevelKey) taphoa.Time {
	if level := l.levels[key]; level != nil {
		return level.EnteredAt
	}
	return 0
}

// Changed are the levels whose goods, promises or cost the plan changes, in the order of their first change. The costs of
// those in [Changes].Recost may change once more when they are saved.
func (l *Ledger) Changed() []Level {
	levels := make([]Level, len(l.changed))
	for i, level := range l.changed {
		levels[i] = level.Level
	}
	return levels
}

// Changes lists what the plan writes.
func (l *Ledger) Changes() *Changes { return &l.changes }

// level returns a level that was asked for.
func (l *Ledger) level(key LevelKey) (*LevelState, error) {
	if level := l.levels[key]; level != nil {
		return level, nil
	}
	return nil, notAsked("level %v", key)
}

// dependents are the receipts whose cost is taken from a document, stored and planned.
func (l *Ledger) dependents(ref DocumentRef) []DependentReceipt {
	all := slices.Clone(l.documents[ref].dependents)
	for _, d := range l.documents {
		for _, r := range d.rows {
			if r.origin() == ref && r.OriginID != 0 {
				all = append(all, DependentReceipt{r.DocumentRef, r.ProductID, r.BranchID, r.CostOrder, r.OriginKind, r.OriginID})
			}
		}
	}
	return all
}

// write lists a level among those to be saved.
func (l *Ledger) write(level *LevelState) {
	level.ChangedAt = l.now
	if !slices.Contains(l.changes.Levels, level) {
		l.changes.Levels = append(l.changes.Levels, level)
	}
}

// change is write for a level whose goods, promises or cost change: stock.update shows it.
func (l *Ledger) change(level *LevelState) {
	l.write(level)
	if !level.changed {
		level.changed = true
		l.changed = append(l.changed, level)
	}
}

// notAsked is the error of a program that plans with rows that it has not asked for.
func notAsked(format string, args ...any) error {
	return fmt.Errorf("stock: not asked for: "+format, args...)
}
