package db

import (
	"fmt"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
)

// codePrefixes begin the codes that a shop counts by itself. Each has a column of shop_heads.
var codePrefixes = [...]string{
	"SP", "KH", "NCC", "DT", "DH", "HD", "TH", "PN", "PDN", "TRF", "KK", "THK", "TT", "TTDH", "TTHD", "PC", "PCPN", "PCTH", "PHVC", "PHCP",
	"CB",
}

// Head is the row of a shop that each of its writes locks first (table shop_heads). Since writes of a shop follow one
// another, what they take from it is in the order of their commits.
type Head struct {
	At         taphoa.Time // the instant of the last change
	LastSeq    int64       // the number of the newest event
	DroppedSeq int64       // events up to this number are no longer kept
	Refs       int64       // raised with each change of a reference table: see [Kept]
	Version    int64       // raised by each write that saves something: see [Tx.Snapshot]

	Told, Kept int64 // how many events there were, and are

	// The events of the last epoch have higher numbers than this. Below it, those that are not in the log were given out by
	// a history that is gone: the one of a backup's original, or of a server whose replica was promoted. A reader that has
	// got so far has seen what never happened.
	EpochBase int64
	Timeline  int64 // of the database server, where it has one

	Audits    int64  // entries that the audit log has had
	AuditHash string // of the newest one

	codes [len(codePrefixes)]int64
	isNew bool
}

// epochGap is how far the numbers of a head jump when an epoch begins and the clock is behind them: more than the history
// that is gone can have.
const epochGap = 1_000_000_000

// begin starts an epoch of the feed of events. Its numbers go on from the clock's microseconds: a shop has fewer events
// than that, so that they lie beyond all that was given out before, also after an earlier restore of the same backup. So do
// the versions: what was kept of the history that is gone is of no use.
func (h *Head) begin(clock taphoa.Time) {
	for _, n := range []*int64{&h.LastSeq, &h.Refs, &h.Version} {
		if *n < int64(clock) {
			*n = int64(clock)
		} else {
			*n += epochGap
		}
	}
	h.EpochBase = h.LastSeq
}

var selectHead, updateHead = headStatements()

func headStatements() (find, update string) {
	columns := []string{"at", "last_seq", "dropped_seq", "refs", "version", "told", "kept", "epoch_base", "timeline", "audits"}
	for _, prefix := range codePrefixes {
		columns = append(columns, "code_"+strings.ToLower(prefix))
	}
	columns = append(columns, "audit_hash")
	find = "SELECT " + strings.Join(columns, ", ") + " FROM shop_heads WHERE retailer_id = :retailer"
	update = "UPDATE shop_heads SET " + strings.Join(columns, " = ?, ") + " = ? WHERE retailer_id = :retailer"
	return find, update
}

func (h *Head) scan(row Row) error {
	numbers := h.numbers()
	for i, at := range numbers {
		*at = row.Int64(i)
	}
	h.AuditHash = row.Text(len(numbers))
	return nil
}

// numbers are the columns of the row but for the last, in the order of [headStatements].
func (h *Head) numbers() []*int64 {
	all := []*int64{(*int64)(&h.At), &h.LastSeq, &h.DroppedSeq, &h.Refs, &h.Version, &h.Told, &h.Kept, &h.EpochBase, &h.Timeline, &h.Audits}
	for i := range h.codes {
		all = append(all, &h.codes[i])
	}
	return all
}

// heads are those of the shops that a transaction works for. They are read once and written once for a group of
// operations.
type heads struct {
	byShop  map[int64]*headState
	rows    rowCounts  // of the operations that succeeded
	read    bool       // a reading transaction locks nothing
	touched bool       // a watched table is written
	began   time.Time  // when the group got its first head: waiting for the lock does not count
	eager   *eagerHead // of a reading transaction that PostgreSQL has

	exact   bool // no head is used before it is read
	awaited bool // one is used that has not arrived yet
}

type headState struct {
	Head
	stored Head // what the row holds
	before Head // what a refused operation goes back to
	inOp   bool // before belongs to the running operation
	made   bool // the running operation has made the row
}

// of returns the head of tx's shop, locked in a writing transaction.
func (hs *heads) of(tx *Tx) (*headState, error) {
	h := hs.byShop[tx.Retailer]
	if h == nil {
		h = &headState{}
		if err := hs.load(tx, h); err != nil {
			return nil, err
		}
		h.stored = h.Head
		if at := tx.session.timeline(); at != 0 && at != h.Timeline && !hs.read {
			if h.Timeline != 0 {
				h.begin(tx.Clock)
			}
			h.Timeline = at
		}
		hs.add(tx.Retailer, h)
	}
	if !h.inOp {
		h.before, h.inOp = h.Head, true
	}
	return h, nil
}

func (hs *heads) add(shop int64, h *headState) {
	if hs.byShop == nil {
		hs.byShop = map[int64]*headState{}
	}
	if hs.began.IsZero() {
		hs.began = time.Now()
	}
	hs.byShop[shop] = h
}

func (hs *heads) load(tx *Tx, h *headState) error {
	sql := selectHead
	if !hs.read {
		sql += " :lock"
	}
	if e := hs.eager; e != nil && e.shop == tx.Retailer {
		err := e.read(tx.ctx)
		h.Head, h.isNew = e.Head, !e.found
		return err
	}
	h.isNew = true
	each := func(row Row) error {
		h.isNew = false
		return h.scan(row)
	}
	if err := tx.Each(each, sql); err != nil || !h.isNew || hs.read {
		return err
	}
	// The first write of a shop makes its head, and another process may do the same now. What no one else
	// waits for on SQLite is a lock on PostgreSQL.
	h.made = true
	tx.Queue(`INSERT INTO shop_heads (retailer_id) VALUES (:retailer) ON CONFLICT DO NOTHING`)
	return tx.Each(each, sql)
}

// finish notes what a successful operation has changed.
func (hs *heads) finish(tx *Tx) error {
	e := tx.state
	if !e.wrote || tx.Retailer == 0 || tx.withoutHead {
		return nil
	}
	h, err := hs.of(tx)
	if err != nil {
		return err
	}
	h.At = max(h.At, tx.Now, e.latest)
	h.Version++
	if e.refs {
		h.Refs++
	}
	return nil
}

// keep ends an operation whose changes stay, undo one whose changes do not.
func (hs *heads) keep() {
	for _, h := range hs.byShop {
		h.inOp, h.made = false, false
	}
}

func (hs *heads) undo() {
	for shop, h := range hs.byShop {
		switch {
		case h.made: // with its row
			delete(hs.byShop, shop)
		case h.inOp:
			h.Head, h.inOp = h.before, false
		}
	}
}

// save writes the heads that have changed, and after them what was counted.
func (hs *heads) save(tx *Tx) error {
	for shop, h := range hs.byShop {
		if h.Head == h.stored {
			continue
		}
		args := make([]any, 0, len(codePrefixes)+11)
		for _, v := range h.numbers() {
			args = append(args, *v)
		}
		of := *tx
		of.Retailer = shop
		of.Queue(updateHead, append(args, h.AuditHash)...)
	}
	hs.rows.save(tx)
	return tx.state.failed
}

// committed notes what is no longer only the transaction's.
func (hs *heads) committed(d *DB) {
	for shop, h := range hs.byShop {
		d.expected.store(shop, h.stored, h.Head)
		if h.LastSeq != h.stored.LastSeq || hs.touched {
			d.spans.commit(shop, h.stored.LastSeq, h.LastSeq, hs.touched)
		}
	}
}

// Head returns the shop's head: in a writing transaction with what its operation has done so far.
func (tx *Tx) Head() (Head, error) {
	h, err := tx.heads.of(tx)
	if err != nil {
		return Head{}, err
	}
	return h.Head, nil
}

// Snapshot returns the head of the shop as a reading transaction sees it: transactions that see the same Version see the same rows
// of the shop; those that see the same LastSeq and Refs see the same events and reference tables. ok is false where
// nothing of the kind holds: while writing, without a shop, before a shop's first write, and after reading rows that are
// written without the head.
func (tx *Tx) Snapshot() (h Head, ok bool, err error) {
	if !tx.heads.read || tx.Retailer == 0 || tx.withoutHead || tx.state.headless {
		return Head{}, false, nil
	}
	if e := tx.heads.eager; e != nil {
		if err := e.readEarly(tx.ctx); err != nil {
			return Head{}, false, err
		}
	}
	s, err := tx.heads.of(tx)
	if err != nil {
		return Head{}, false, err
	}
	return s.Head, !s.isNew, nil
}

// LastChange is the instant of the shop's last change, which lists show as their timestamp: whatever changes after a
// list was read has this instant or a later one. A shop that has no head yet shows the clock.
func (tx *Tx) LastChange() (taphoa.Stamp, error) {
	h, err := tx.heads.of(tx)
	switch {
	case err != nil:
		return 0, err
	case tx.state.wrote:
		return taphoa.Stamp(tx.Now), nil
	case h.At == 0:
		return taphoa.Stamp(tx.Clock), nil
	}
	return taphoa.Stamp(h.At), nil
}

// NextSeq returns the number of a new event.
func (tx *Tx) NextSeq() (int64, error) {
	h, err := tx.heads.of(tx)
	if err != nil {
		return 0, err
	}
	h.LastSeq++
	h.Told++
	h.Kept++
	return h.LastSeq, nil
}

// Told returns the first and the last number of the events that the operation has appended; zeros if there are none.
func (tx *Tx) Told() (first, last int64, err error) {
	h, err := tx.heads.of(tx)
	if err != nil || h.LastSeq == h.before.LastSeq {
		return 0, 0, err
	}
	return h.before.LastSeq + 1, h.LastSeq, nil
}

// Audit appends to the shop's audit log: entry gets the number of the new entry and the hash of the one before it, and returns its
// own hash.
func (tx *Tx) Audit(entry func(n int64, before string) (hash string)) error {
	h, err := tx.heads.of(tx)
	if err == nil {
		h.Audits++
		h.AuditHash = entry(h.Audits, h.AuditHash)
	}
	return err
}

// HasChanged reports whether the operation has changed something of the shop: that an answer is kept is no change.
func (tx *Tx) HasChanged() bool { return tx.state.changed }

// DropEvents notes that n events, up to a number, are no longer kept.
func (tx *Tx) DropEvents(n, seq int64) error {
	h, err := tx.heads.of(tx)
	if err == nil {
		h.DroppedSeq = seq
		h.Kept -= n
	}
	return err
}

// NextNumber returns the next number of a code's prefix, such as 124 for HD000124: gapless in a shop.
func (tx *Tx) NextNumber(prefix string) (int64, error) {
	n, err := tx.number(prefix)
	if err != nil {
		return 0, err
	}
	*n++
	return *n, nil
}

// ReturnNumbers returns the last n numbers of a prefix, which the operation has not used, to the sequence.
func (tx *Tx) ReturnNumbers(prefix string, n int64) error {
	last, err := tx.number(prefix)
	if err == nil {
		*last -= n
	}
	return err
}

func (tx *Tx) number(prefix string) (*int64, error) {
	h, err := tx.heads.of(tx)
	if err != nil {
		return nil, err
	}
	for i, p := range codePrefixes {
		if p == prefix {
			return &h.codes[i], nil
		}
	}
	return nil, fmt.Errorf("the head of a shop counts no codes that begin with %s", prefix)
}

// BeginEpoch makes the shop's feed of events refuse readers whose position is in a history that has been replaced: after the
// restore of a backup.
func (tx *Tx) BeginEpoch() error {
	h, err := tx.heads.of(tx)
	if err == nil {
		h.begin(tx.Clock)
	}
	return err
}
