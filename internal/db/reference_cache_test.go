package db_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// modes reads a reference table: in all, and as it is kept.
func modes(tx *db.Tx) (string, error) {
	names, err := db.All[string](tx, `SELECT value FROM settings WHERE retailer_id = :retailer ORDER BY name`)
	return fmt.Sprint(names), err
}

func keptModes(tx *db.Tx) (string, error) { return db.Kept(tx, "modes", 0, modes) }

// sameAsStored compares what is kept with what the transaction reads.
func sameAsStored(tx *db.Tx) error {
	kept, err := keptModes(tx)
	if err != nil {
		return err
	}
	stored, err := modes(tx)
	if err == nil && kept != stored {
		err = fmt.Errorf("kept are %s, stored are %s", kept, stored)
	}
	return err
}

// TestWhatIsKeptIsWhatIsStored: two programs, several hands in each; a third of the changes is
// refused, and every operation of either compares before and after its own change.
func TestWhatIsKeptIsWhatIsStored(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		var group sync.WaitGroup
		for hand := range 8 {
			group.Go(func() {
				by := rand.New(rand.NewPCG(2, uint64(hand)))
				for range 40 {
					d, who := t.each[hand%2], db.Actor{Retailer: 1 + int64(by.IntN(2))}
					if by.IntN(2) == 0 {
						if err := d.Read(t.Context(), who, sameAsStored); err != nil {
							t.Error(err)
						}
						continue
					}
					change, name, value := by.IntN(4), fmt.Sprint("m", by.IntN(3)), fmt.Sprint(by.IntN(100))
					err := d.Write(t.Context(), who, func(tx *db.Tx) error {
						if err := sameAsStored(tx); err != nil {
							return err
						}
						switch change {
						case 0: // what is no reference
							_, err := sell(tx)
							return errors.Join(err, sameAsStored(tx))
						case 1:
							tx.Queue(`DELETE FROM settings WHERE retailer_id = :retailer AND name = ?`, name)
						default:
							tx.Queue(`
								INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, ?, ?)
								ON CONFLICT (retailer_id, name) DO UPDATE SET value = excluded.value`, name, value)
						}
						err := sameAsStored(tx)
						if err == nil && change == 3 {
							err = errRefused
						}
						return err
					})
					if err != nil && !errors.Is(err, errRefused) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
	})
}

// TestNothingIsKeptOfAHistoryThatIsGone: a server takes over that lacks the last changes, and counts on from before them.
func TestNothingIsKeptOfAHistoryThatIsGone(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d, who := t.each[0], db.Actor{Retailer: 1}
		set := func(value string) {
			write(t.T, d, who, func(tx *db.Tx) error {
				tx.Queue(`DELETE FROM settings WHERE retailer_id = :retailer`)
				tx.Queue(`INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, 'mode', ?)`, value)
				return nil
			})
		}
		set("stays")
		set("is lost")
		read(t.T, d, who, sameAsStored)
		write(t.T, d, db.Actor{}, func(tx *db.Tx) error {
			tx = tx.Everywhere()
			tx.Queue(`UPDATE settings SET value = 'stays'`)
			tx.Queue(`UPDATE shop_heads SET refs = refs - 1`)
			return nil
		})
		write(t.T, d, who, func(tx *db.Tx) error {
			tx.Queue(`UPDATE settings SET value = 'is new' WHERE retailer_id = :retailer`)
			return tx.BeginEpoch()
		})
		read(t.T, d, who, sameAsStored)
	})
}

// TestAServerThatDoesNotTellItsTimelineBeginsNoEpoch: a proxy, or one of several connections.
func TestAServerThatDoesNotTellItsTimelineBeginsNoEpoch(t *testing.T) {
	d := dbtest.Open(t, dbtest.Migrated(t, "sqlite"), nil) // which has none
	who := db.Actor{Retailer: 1}
	write(t, d, who, func(tx *db.Tx) error { _, err := tx.NextSeq(); return err })
	write(t, d, db.Actor{}, func(tx *db.Tx) error {
		tx.Everywhere().Queue(`UPDATE shop_heads SET timeline = 3`)
		return nil
	})
	write(t, d, who, func(tx *db.Tx) error { _, err := tx.NextSeq(); return err })
	read(t, d, who, func(tx *db.Tx) error {
		h, err := tx.Head()
		if h.LastSeq != 2 || h.Timeline != 3 {
			t.Errorf("the second event has number %d, the timeline is %d, want 2 and 3", h.LastSeq, h.Timeline)
		}
		return err
	})
}

// TestTheNumbersOfTwoTimelinesDoNotMeet: a replica was promoted that lacks the last events.
func TestTheNumbersOfTwoTimelinesDoNotMeet(t *testing.T) {
	d := dbtest.Open(t, dbtest.Migrated(t, "postgres"), nil)
	who := db.Actor{Retailer: 1}
	next := func() (h db.Head) {
		write(t, d, who, func(tx *db.Tx) (err error) {
			if _, err = tx.NextSeq(); err == nil {
				h, err = tx.Head()
			}
			return err
		})
		return h
	}
	first := next()
	write(t, d, db.Actor{}, func(tx *db.Tx) error {
		tx.Everywhere().Queue(`UPDATE shop_heads SET timeline = timeline + 7`)
		return nil
	})
	second, third := next(), next()
	if second.EpochBase <= first.LastSeq || second.Told != 2 || second.LastSeq != second.EpochBase+1 || third.LastSeq != second.LastSeq+1 {
		t.Errorf("the heads are %+v, %+v, %+v", first, second, third)
	}
}
