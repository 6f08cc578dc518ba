package org_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// TestCodesThatClientsHaveUsedArePassedOver: of two sequences, one has used codes ahead.
func TestCodesThatClientsHaveUsedArePassedOver(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		use := func(tx *db.Tx, id int64, key string) {
			tx.Queue(`
				INSERT INTO surcharges (retailer_id, id, surcharge_code, code_key, surcharge_name, is_active, created_date, changed_at)
				VALUES (:retailer, ?, ?, ?, 'Phí', TRUE, :now, :now)`, id, key, key)
		}
		next := func(tx *db.Tx, wantA, wantB string) error {
			t.Helper()
			batch := tx.Batch()
			ready := org.AskCodes(tx, batch, org.Sequence{Prefix: "THK", Table: "surcharges"},
				org.Sequence{Prefix: "DT", Table: "delivery_partners", Narrow: "AND id > 0"})
			if err := errors.Join(batch.Run(), ready()); err != nil {
				return err
			}
			if a, b := tx.Code("THK"), tx.Code("DT"); a != wantA || b != wantB {
				t.Errorf("the next codes are %s and %s, want %s and %s", a, b, wantA, wantB)
			}
			return nil
		}
		s.write(func(tx *db.Tx) error {
			err := next(tx, "THK000001", "DT000001")
			use(tx, 1, "thk000002")
			err = errors.Join(err, next(tx, "THK000003", "DT000002"))
			for n := range int64(40) { // more than are looked up at first
				use(tx, 100+n, fmt.Sprintf("thk%06d", 10+n))
			}
			return errors.Join(err, next(tx, "THK000004", "DT000003"))
		})
		s.write(func(tx *db.Tx) (err error) {
			for n := 5; n <= 9; n++ {
				err = errors.Join(err, next(tx, fmt.Sprintf("THK%06d", n), fmt.Sprintf("DT%06d", n-1)))
			}
			err = errors.Join(err, next(tx, "THK000050", "DT000009"))
			code, failed := org.NextCode(tx, "THK", "surcharges", "")
			if code != "THK000051" {
				t.Errorf("the next code is %s", code)
			}
			return errors.Join(err, failed)
		})
	})
}
