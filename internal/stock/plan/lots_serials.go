package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// Lot is goods of a product that expire together.
type Lot struct {
	ID, ProductID int64
	BatchName     string
	ExpireDate    taphoa.Time
	CreatedDate   taphoa.Time
}

// FullName is the lot as documents show it.
func (l *Lot) FullName() string {
	return l.BatchName + " - " + l.ExpireDate.Std().Format("02/01/2006")
}

// LotQuantity is a part of a quantity, from one lot.
type LotQuantity struct {
	BatchID  int64 // the lot
	Quantity taphoa.Quantity
}

// LotLevel is what a branch has of a lot: a row of stock_batch_levels.
type LotLevel struct {
	BatchID, BranchID, ProductID int64
	OnHand                       taphoa.Quantity
}

type lotKey struct{ lot, branch int64 }

// Serial is where one serial of a product is, or was last: a row of stock_serials.
type Serial struct {
	ProductID    int64
	SerialNumber string
	SerialKey    string // [text.CodeKey] of the number
	BranchID     int64
	Status       int64 // 1 in stock, 0 not
	CreatedDate  taphoa.Time
	ModifiedDate taphoa.Opt[taphoa.Time]
}

func (s *Serial) key() SerialKey { return SerialKey{s.ProductID, s.SerialNumber} }

func (l *Ledger) addLots(f *Facts) {
	posted := slices.ContainsFunc(f.Postings, func(r PostingRow) bool { return r.BatchID != 0 })
	if len(f.LotsAt)+len(f.LotIDs) == 0 && !posted {
		return
	}
	l.lots, l.lotLevels = map[int64]*Lot{}, map[lotKey]*LotLevel{}
	l.lotsAt, l.lotIDs = map[LevelKey]bool{}, map[int64]bool{}
	for _, key := range f.LotsAt {
		l.lotsAt[key] = true
	}
	for _, id := range f.LotIDs {
		l.lotIDs[id] = true
	}
	for i := range f.Postings {
		l.lotIDs[f.Postings[i].BatchID] = true
	}
	for i := range f.Lots {
		l.lots[f.Lots[i].ID] = &f.Lots[i]
	}
	for i := range f.LotLevels {
		level := &f.LotLevels[i]
		l.lotLevels[lotKey{level.BatchID, level.BranchID}] = level
	}
}

func (l *Ledger) addSerials(f *Facts) {
	add := func(key SerialKey, s *Serial) {
		if l.serials == nil {
			l.serials, l.spellings = map[SerialKey]*Serial{}, map[SerialKey][]string{}
		}
		l.serials[key] = s
		l.spell(key)
	}
	for i := range f.Postings {
		for _, number := range f.Postings[i].Serials {
			add(SerialKey{f.Postings[i].ProductID, number}, nil)
		}
	}
	for _, key := range f.AskedSerials {
		add(key, nil)
	}
	for i := range f.Serials {
		add(f.Serials[i].key(), &f.Serials[i])
	}
}

// spell notes how a serial is written.
func (l *Ledger) spell(key SerialKey) {
	folded := SerialKey{key.ProductID, text.CodeKey(key.Number)}
	if !slices.Contains(l.spellings[folded], key.Number) {
		l.spellings[folded] = append(l.spellings[folded], key.Number)
	}
}

// spelled returns serials of a posting as the ledger writes them: IM1 and im1 are one. Of two that were written apart before
// this was so it is the one that the document has moved already; else the one that can move, or for goods from a supplier the
// one that is in stock; else the one that is written alike.
func (l *Ledger) spelled(p *Posting, posted []*PostingRow) []string {
	numbers := slices.Clone(p.Serials)
	for i, number := range numbers {
		best := -1
		for _, known := range l.spellings[SerialKey{p.ProductID, text.CodeKey(number)}] {
			if fits := l.fits(p, SerialKey{p.ProductID, known}, known == number, posted); fits > best {
				best, numbers[i] = fits, known
			}
		}
	}
	return numbers
}

// fits is how well a serial of the ledger is the one that a posting names.
func (l *Ledger) fits(p *Posting, key SerialKey, alike bool, posted []*PostingRow) (fit int) {
	s := l.serials[key]
	if slices.ContainsFunc(posted, func(r *PostingRow) bool {
		return r.ProductID == key.ProductID && slices.Contains(r.Serials, key.Number)
	}) {
		fit += 8
	}
	inStock := s != nil && s.Status == 1
	switch {
	case p.From.IsBranch() && inStock && s.BranchID == int64(p.From), (p.From == Supplier || p.From == Adjustment) && inStock:
		fit += 4
	case !p.From.IsBranch() && s != nil && !inStock:
		fit += 2
	case s != nil:
		fit++
	}
	fit *= 2
	if alike && s != nil { // of new ones the first counts
		fit++
	}
	return fit
}

// Lot finds a lot that was asked for.
func (l *Ledger) Lot(id int64) (Lot, bool) {
	if lot := l.lots[id]; lot != nil {
		return *lot, true
	}
	return Lot{}, false
}

// LotOnHand is what a branch has of a lot, as planned so far.
func (l *Ledger) LotOnHand(id, branchID int64) taphoa.Quantity {
	if level := l.lotLevels[lotKey{id, branchID}]; level != nil {
		return level.OnHand
	}
	return 0
}

// ChooseLots chooses the lots that expire first for a quantity leaving a branch, as planned so far; those without a date last,
// and none that has expired before the day of at. It returns a [*Short] when all these together have too little.
func (l *Ledger) ChooseLots(productID, branchID int64, quantity taphoa.Quantity, at taphoa.Time) ([]LotQuantity, error) {
	if key := (LevelKey{productID, branchID}); !l.lotsAt[key] {
		return nil, notAsked("lots of %v", key)
	}
	var lots []*Lot
	var expired taphoa.Quantity
	for _, lot := range l.lots {
		switch onHand := l.LotOnHand(lot.ID, branchID); {
		case lot.ProductID != productID || onHand <= 0:
		case lot.ExpireDate != 0 && lot.ExpireDate < at.Day():
			expired += onHand
		default:
			lots = append(lots, lot)
		}
	}
	undated := func(lot *Lot) int {
		if lot.ExpireDate == 0 {
			return 1
		}
		return 0
	}
	slices.SortFunc(lots, func(a, b *Lot) int {
		return cmp.Or(cmp.Compare(undated(a), undated(b)), cmp.Compare(a.ExpireDate, b.ExpireDate), cmp.Compare(a.ID, b.ID))
	})
	var chosen []LotQuantity
	left := quantity
	for _, lot := range lots {
		some := min(left, l.LotOnHand(lot.ID, branchID))
		chosen = append(chosen, LotQuantity{lot.ID, some})
		if left -= some; left == 0 {
			return chosen, nil
		}
	}
	return nil, &Short{ProductID: productID, BranchID: branchID, Free: quantity - left, Expired: expired, OfLots: true}
}

// moveLotAndSerials moves the lot and the serials of a posting.
func (l *Ledger) moveLotAndSerials(r *PostingRow) error {
	if r.BatchID != 0 {
		if err := l.moveLot(r); err != nil {
			return err
		}
	}
	for _, number := range r.Serials {
		if err := l.moveSerial(r, number); err != nil {
			return err
		}
	}
	return nil
}

// moveLot changes what the branch has of a lot. A lot never goes below zero, whatever the shop allows: no one can tell
// which lot the missing goods would be of.
func (l *Ledger) moveLot(r *PostingRow) error {
	key := lotKey{r.BatchID, r.BranchID}
	if !l.lotIDs[r.BatchID] && !l.lotsAt[LevelKey{r.ProductID, r.BranchID}] {
		return notAsked("lot %d", r.BatchID)
	}
	level := l.lotLevels[key]
	if r.From.IsBranch() && (level == nil || level.OnHand < r.Quantity) {
		return taphoa.Refuse(taphoa.CodeProduct, "productBatchExpireId", "Lô hàng %d không đủ số lượng tại chi nhánh", r.BatchID)
	}
	if level == nil {
		level = &LotLevel{BatchID: r.BatchID, BranchID: r.BranchID, ProductID: r.ProductID}
		l.lotLevels[key] = level
	}
	onHand, err := level.OnHand.Add(r.Net())
	if err != nil {
		return tooMuch()
	}
	level.OnHand = onHand
	if !slices.Contains(l.changes.Lots, level) {
		l.changes.Lots = append(l.changes.Lots, level)
	}
	return nil
}

// moveSerial moves one serial. It is issued only from the branch that has it, and received only if no branch has it.
func (l *Ledger) moveSerial(r *PostingRow, number string) error {
	key := SerialKey{r.ProductID, number}
	serial, asked := l.serials[key]
	if !asked {
		return notAsked("serial %v", key)
	}
	leaves := r.From.IsBranch()
	switch {
	case leaves && (serial == nil || serial.Status != 1 || serial.BranchID != r.BranchID):
		return taphoa.Refuse(taphoa.CodeProduct, "serialNumbers", "Serial/IMEI %s không có trong kho của chi nhánh", number)
	case !leaves && serial != nil && serial.Status != 0:
		return taphoa.Refuse(taphoa.CodeProduct, "serialNumbers", "Serial/IMEI %s đã có trong kho", number)
	case leaves:
		serial.Status, serial.ModifiedDate = 0, taphoa.Some(l.now)
	case serial == nil:
		serial = &Serial{ProductID: r.ProductID, SerialNumber: number, SerialKey: text.CodeKey(number), BranchID: r.BranchID, Status: 1, CreatedDate: l.now}
		l.serials[key] = serial
	default:
		serial.BranchID, serial.Status, serial.ModifiedDate = r.BranchID, 1, taphoa.Some(l.now)
	}
	if !slices.Contains(l.changes.Serials, serial) {
		l.changes.Serials = append(l.changes.Serials, serial)
	}
	return nil
}

// SplitSerials returns the serials of a list as clients join it: by comma, semicolon, bar or line. Blanks between
// separators are no serials, nor is what cannot be seen.
func SplitSerials(list string) []string {
	serials := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' })
	for i := range serials {
		serials[i] = text.Clean(serials[i])
	}
	return slices.DeleteFunc(serials, func(s string) bool { return s == "" })
}

// SpelledIn returns a serial as a list of serials writes it, and whether the list has it.
func SpelledIn(serials []string, serial string) (string, bool) {
	if slices.Contains(serials, serial) {
		return serial, true
	}
	at := slices.IndexFunc(serials, func(s string) bool { return text.CodeKey(s) == text.CodeKey(serial) })
	if at < 0 {
		return serial, false
	}
	return serials[at], true
}
