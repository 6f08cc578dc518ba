package db_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// dryRuns are operations that succeed, and are rolled back.
var dryRuns = map[string]func(tx *db.Tx) (sale, error){
	"that writes":                 sell,
	"that reads what it wrote":    asked,
	"that takes codes and no row": take,
	"that changes a setting": func(tx *db.Tx) (sale, error) {
		tx.Queue(`INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, 'm0', 'dry')`)
		return sale{}, errors.Join(sameAsStored(tx))
	},
	"that only reads": func(tx *db.Tx) (sale, error) { return sale{}, sameAsStored(tx) },
	"that needs new ids": func(tx *db.Tx) (s sale, err error) {
		for range 250 {
			if s, err = sell(tx); err != nil {
				return s, err
			}
		}
		return s, nil
	},
}

// TestADryRunInAGroupUndoesItsOwnWorkOnly: the next operation gets the code and the number that the dry run
// has shown.
func TestADryRunInAGroupUndoesItsOwnWorkOnly(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d, shop := t.each[0], int64(200)
		for how, op := range dryRuns {
			for _, place := range []int{0, 1, 3} {
				for _, other := range []func(*db.Tx) (sale, error){sell, asked} {
					shop++
					t.sold[shop] = nil
					one := func() {
						if err := t.write(d, shop, other); err != nil {
							t.Errorf("beside a dry run %s: %v", how, err)
						}
					}
					dry := func() {
						err := d.Write(t.Context(), db.Actor{Retailer: shop, DryRun: true}, func(tx *db.Tx) error {
							s, err := op(tx)
							if s.ID != 0 && s.Code != int64(place+1) && how != "that needs new ids" {
								t.Errorf("a dry run behind %d operations shows %+v", place, s)
							}
							return err
						})
						if err != nil {
							t.Errorf("a dry run %s: %v", how, err)
						}
					}
					inOneGroup(t.T, d, shop, slices.Insert([]func(){one, one, one}, place, dry)...)
					t.adds(shop)
					read(t.T, d, db.Actor{Retailer: shop}, sameAsStored)
					if t.Failed() {
						t.Fatalf("beside a dry run %s, at place %d", how, place)
					}
				}
			}
		}
	})
}

// TestADryRunIsRefusedAsTheOperationIs, also by what the database finds at the end.
func TestADryRunIsRefusedAsTheOperationIs(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		for how, op := range refusals {
			inOneGroup(t.T, d, 1, func() { _ = t.write(d, 1, sell) }, func() {
				err := d.Write(t.Context(), db.Actor{Retailer: 1, DryRun: true}, func(tx *db.Tx) error { return op(tx, func() {}) })
				if err == nil && how != "because its client has gone" {
					t.Errorf("a dry run of an operation that ends %s succeeds", how)
				}
			}, func() { _ = t.write(d, 1, sell) })
		}
		t.adds(1)
	})
}

// TestDryRunsBurnNoIDs, alone in their process.
func TestDryRunsBurnNoIDs(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		_ = t.write(d, 1, sell)
		for i := range 150 {
			var dry sale
			err := d.Write(t.Context(), db.Actor{Retailer: 1, DryRun: true}, func(tx *db.Tx) (err error) {
				dry, err = asked(tx)
				return err
			})
			if err == nil {
				err = t.write(d, 1, sell)
			}
			if last := t.sold[1][len(t.sold[1])-1]; err != nil || last != dry {
				t.Fatalf("sale %d: the dry run shows %+v, then it is %+v (%v)", i, dry, last, err)
			}
		}
		t.adds(1)
	})
}
