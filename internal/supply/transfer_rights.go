package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// permit refuses what the actor may not change of a transfer, but for its lines. The sending branch decides about the transfer and about
// what is sent, the receiving branch about what arrives and its note; who makes a transfer that has arrived acts for both.
func (m *transferDraft) permit(tx *db.Tx) error {
	arrives := m.t.Status == taphoa.TransferReceived && m.before.Status != taphoa.TransferReceived
	header := m.t
	if header.NoteByDestination = m.before.NoteByDestination; arrives && m.before.Status == taphoa.TransferSent {
		header.Status = m.before.Status
	}
	sends := !db.Unchanged(&m.before, &header)
	receives := arrives || !sends && m.t.NoteByDestination.Or("") != m.before.NoteByDestination.Or("")
	if !sends && !receives { // nothing changes: either branch will do
		sends = tx.Actor().May(m.before.ToBranchID) != nil
	}
	if sends {
		if err := m.maySend(tx); err != nil {
			return err
		}
	}
	if !receives {
		return nil
	}
	return mayAtBoth(tx, m.before.ToBranchID, m.t.ToBranchID)
}

// maySend refuses who may not send goods from the branch where they are, and from where they are to be sent; voiding a transfer is a
// right of its own.
func (m *transferDraft) maySend(tx *db.Tx) error {
	var also []right.Right
	if m.t.Status == taphoa.TransferVoided {
		also = append(also, right.VoidTransfers)
	}
	return mayAtBoth(tx, m.before.FromBranchID, m.t.FromBranchID, also...)
}

// sendsAsBefore reports whether the transfer sends what its stored lines sent.
func (m *transferDraft) sendsAsBefore(stored []transferLineRow) bool {
	if len(m.items) != len(stored) {
		return false
	}
	type sent struct {
		productID int64
		quantity  taphoa.Quantity
		price     taphoa.Money
		serials   string
		batch     int64
	}
	of := func(l *transferLineRow) sent {
		return sent{l.ProductID, l.SendQuantity, l.Price, l.SerialNumbers.Or(""), l.BatchID.Or(0)}
	}
	lines := map[int64]sent{}
	for i := range stored {
		lines[stored[i].ID] = of(&stored[i])
	}
	for _, it := range m.items {
		if before, known := lines[it.ID]; !known || before != of(&it.transferLineRow) {
			return false
		}
	}
	return true
}
