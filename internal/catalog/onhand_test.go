package catalog_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// TestStockSinceAnInstantIsThatOfTheLevels moves stock by all kinds of operations, and asks for what has changed since each
// instant at which something did: the log names some of them, of others it is pruned or too long. Each time the result is
// that of the levels.
func TestStockSinceAnInstantIsThatOfTheLevels(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := remember(s)
		by := rand.New(rand.NewPCG(3, 24))
		var log, scanned int
		ask := func(when string) {
			t.Helper()
			var instants []taphoa.Time
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
				instants, err = db.All[taphoa.Time](tx, `SELECT DISTINCT changed_at FROM stock_levels WHERE retailer_id = :retailer ORDER BY changed_at`)
				return err
			}))
			for _, instant := range slices.Concat(instants, []taphoa.Time{0, 1, s.clock.Now(), s.clock.Now() + 1}) {
				for _, since := range []taphoa.Time{instant, instant + 1} {
					s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
						want, err := db.All[int64](tx, changedByLevels, since, since, since)
						if err != nil {
							return err
						}
						page, err := catalog.ListProductOnHands(tx, &taphoa.OnHandQuery{
							Paging: taphoa.Paging{PageSize: 1000}, LastModifiedFrom: taphoa.Some(since),
						})
						var got []int64
						for _, p := range page.Data {
							got = append(got, p.ID)
						}
						if slices.Sort(got); !slices.Equal(got, want) || page.Total != int64(len(want)) {
							t.Errorf("%s: since %v have changed %v (%d in all), want %v", when, since, got, page.Total, want)
						}
						_, known, err2 := catalog.SoldSince(tx, since)
						if log++; !known {
							scanned++
						}
						return errors.Join(err, err2)
					}))
				}
			}
		}
		for round := range 6 {
			for range 12 {
				s.clock.Advance(by.Int64N(3) * 60)
				seed, choice := by.Uint64(), by.IntN(7)
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					return r.sell(tx, choice, fmt.Sprint(round), rand.New(rand.NewPCG(seed, 0)))
				})
				if refusal := (*taphoa.Error)(nil); err != nil && !errors.As(err, &refusal) {
					t.Fatal(err)
				}
			}
			ask(fmt.Sprint("round ", round))
			if round%2 == 1 {
				s.do(func(tx *db.Tx) error { _, err := event.Prune(tx, tx.Now.Add(-600_000_000_000)); return err })
				ask(fmt.Sprint("pruned after round ", round))
			}
			if round == 3 {
				s.do((*db.Tx).BeginEpoch)
			}
		}
		if scanned == 0 || scanned == log {
			t.Errorf("%d of %d questions were answered by all levels, want some", scanned, log)
		}
	})
}

// changedByLevels finds in all levels which products' stock has changed since an instant.
const changedByLevels = `
	SELECT p.id FROM products p WHERE p.retailer_id = :retailer AND p.deleted_at = 0 AND p.id IN (
		SELECT l.product_id FROM stock_levels l WHERE l.retailer_id = :retailer AND l.changed_at >= ?
		UNION SELECT u.id FROM products u
			JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = u.master_unit_id AND l.changed_at >= ?
			WHERE u.retailer_id = :retailer AND u.master_unit_id IS NOT NULL
		UNION SELECT f.product_id FROM product_formulas f
			JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id
			JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = COALESCE(m.master_unit_id, m.id) AND l.changed_at >= ?
			WHERE f.retailer_id = :retailer)
	ORDER BY p.id`

// sell does one operation that moves stock, or changes the products that share it.
func (s *remembered) sell(tx *db.Tx, choice int, text string, by *rand.Rand) error {
	one, branch := by.IntN(len(s.goods)), []int64{s.main, s.up}[by.IntN(2)]
	number := taphoa.Units(by.Int64N(9))
	goods := []stock.BranchQuantity{{ProductID: s.goods[one], BranchID: branch, Quantity: number}}
	switch choice {
	case 0, 1:
		return stock.SetStock(tx, []stock.Count{{ProductID: s.goods[one], BranchID: branch, OnHand: taphoa.Some(number)}})
	case 2:
		return stock.Reserve(tx, "order", int64(1+one), goods, stock.Limits{BelowZero: true})
	case 3:
		return stock.SetOnOrder(tx, "ordersupplier", int64(1+one), goods)
	case 4: // what is only asked for has not changed
		b := tx.Batch()
		stock.Ask(tx, b, stock.Question{Levels: []plan.LevelKey{{ProductID: s.goods[one], BranchID: branch}}})
		return b.Run()
	case 5:
		_, err := catalog.SetFormula(tx, &taphoa.FormulaInput{ID: s.combos[by.IntN(len(s.combos))], ProductFormulas: []taphoa.MaterialInput{
			material(s.units[one], 1+by.Int64N(3)),
		}})
		return err
	}
	_, err := catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: s.units[by.IntN(len(s.units))], MasterUnitID: taphoa.Some(s.goods[one]), ConversionValue: taphoa.Some(taphoa.Units(2))})
	return err
}

// TestAWalkOfStockGoesOnWhenTheLogIsPruned: the second page is found in all levels, the first was in the log.
func TestAWalkOfStockGoesOnWhenTheLogIsPruned(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := remember(s)
		since := s.clock.Now() + 1
		for _, id := range r.goods {
			s.do(func(tx *db.Tx) error {
				return stock.SetStock(tx, []stock.Count{{ProductID: id, BranchID: s.main, OnHand: taphoa.Some(taphoa.Units(5))}})
			})
		}
		var got []int64
		for cursor := "*"; cursor != ""; {
			page := read(s, catalog.ListProductOnHands, &taphoa.OnHandQuery{
				Paging: taphoa.Paging{PageSize: 5, Cursor: cursor}, LastModifiedFrom: taphoa.Some(since),
			})
			for _, p := range page.Data {
				got = append(got, p.ID)
			}
			cursor = page.NextCursor
			s.do(func(tx *db.Tx) error { _, err := event.Prune(tx, tx.Now+1); return err })
		}
		if want := slices.Sorted(slices.Values(slices.Concat(r.goods, r.units, r.combos))); !slices.Equal(got, want) {
			t.Errorf("visited %v, want %v", got, want)
		}
	})
}
