package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// supplierRow is a supplier as these tests list it.
type supplierRow struct {
	ID   int64
	Name string
}

func insertSupplier(tx *db.Tx, id int64, name string) {
	tx.Queue(`INSERT INTO suppliers (retailer_id, id, code, code_key, name, search, phone_key, is_active, created_date, changed_at)
		VALUES (:retailer, ?, ?, ?, ?, ?, '', TRUE, :now, :now)`, id, fmt.Sprint("S", id), fmt.Sprint("s", id), name, name)
	tx.Count("suppliers", 1, id)
}

func deleteSupplier(tx *db.Tx, id int64) error {
	n, err := tx.Exec(`UPDATE suppliers SET deleted_at = :now WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id)
	if n > 0 {
		tx.Count("suppliers", -1, id)
	}
	return err
}

func suppliers() *db.List {
	return &db.List{
		Table: "suppliers s", Live: "s.deleted_at = 0", Columns: "s.id, s.name",
		Orders: map[string]db.Order{"name": db.Text("s.search"), "email": db.Text("s.email").OrNull(), "created": db.Number("s.created_date")},
	}
}

// TestEveryDepthOfACountedListIsFound asks for pages at every depth of a list whose ids lie in clusters, far apart and across
// the borders of all levels, in both directions, and compares them with what was written.
func TestEveryDepthOfACountedListIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var ids []int64
		for _, base := range []int64{1, 1020, 65_530, 1 << 22, 1<<22 + 70_000, 1 << 40, 1<<40 + 1<<22, taphoa.IDMax - 40} {
			for i := range int64(30) {
				ids = append(ids, base+i)
			}
		}
		write(t, d, shop, func(tx *db.Tx) error {
			for _, i := range rand.Perm(len(ids)) {
				insertSupplier(tx, ids[i], "a")
			}
			return nil
		})
		write(t, d, db.Actor{Retailer: 8}, func(tx *db.Tx) error {
			for _, id := range ids[:100] {
				insertSupplier(tx, id, "of another shop")
			}
			return nil
		})
		for i := 0; i < len(ids); i += 7 {
			write(t, d, shop, func(tx *db.Tx) error { return deleteSupplier(tx, ids[i]) })
		}
		living := slices.Clone(ids[:0:0])
		for i, id := range ids {
			if i%7 != 0 {
				living = append(living, id)
			}
		}
		read(t, d, shop, func(tx *db.Tx) error {
			for depth := range len(living) + 2 {
				for _, direction := range []string{"asc", "desc"} {
					page, err := db.ListPage[supplierRow](tx, suppliers(), taphoa.Paging{
						PageSize: 5, CurrentItem: int64(depth), OrderDirection: direction,
					})
					if err != nil {
						return err
					}
					wanted := slices.Clone(living)
					if direction == "desc" {
						slices.Reverse(wanted)
					}
					wanted = wanted[min(depth, len(wanted)):min(depth+5, len(wanted))]
					var got []int64
					for _, r := range page.Data {
						got = append(got, r.ID)
					}
					if page.Total != int64(len(living)) || !slices.Equal(got, wanted) {
						t.Fatalf("depth %d %s: total %d, ids %v, want %d and %v", depth, direction, page.Total, got, len(living), wanted)
					}
				}
			}
			return nil
		})
	})
}

// TestARefusalCountsNothing shares transactions among operations of which many are refused or fail after they have counted.
func TestARefusalCountsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		refusal := taphoa.Refuse("", "x", "không được")
		var group sync.WaitGroup
		for i := range int64(90) {
			group.Go(func() {
				err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
					insertSupplier(tx, i+1, "a")
					switch i % 3 {
					case 1:
						return refusal
					case 2:
						insertSupplier(tx, i+1, "the same id again")
					}
					return nil
				})
				if (err == nil) != (i%3 == 0) {
					t.Errorf("operation %d: %v", i, err)
				}
			})
		}
		group.Wait()
		read(t, d, shop, func(tx *db.Tx) error {
			page, err := db.ListPage[supplierRow](tx, suppliers(), taphoa.Paging{PageSize: 100})
			if page.Total != 30 || len(page.Data) != 30 {
				t.Errorf("the list has %d rows and says %d, want 30", len(page.Data), page.Total)
			}
			return err
		})
	})
}

// TestSumsAreOfFewRows: a list that has too many rows for its sums has none.
func TestSumsAreOfFewRows(t *testing.T) {
	t.Cleanup(db.SetTotalsMax(3))
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for rows := int64(1); rows <= 4; rows++ {
			write(t, d, shop, func(tx *db.Tx) error {
				insertSupplier(tx, rows, "a")
				return nil
			})
			read(t, d, shop, func(tx *db.Tx) error {
				list := suppliers()
				list.Sums = db.SumOf("s.id", "total")
				page, err := db.ListPage[supplierRow](tx, list, taphoa.Paging{PageSize: 1, CurrentItem: 2})
				want := taphoa.Money(rows * (rows + 1) / 2)
				if err == nil && (page.Totals != nil) != (rows <= 3) || page.Totals != nil && page.Totals.Total.Value != want {
					t.Errorf("%d rows: %+v", rows, page.Totals)
				}
				return err
			})
		}
	})
}

// TestRowsAreCountedAgain spoils the counts of a shop, and counts again beside operations of the same group that add and delete
// rows, one of them the same operation.
func TestRowsAreCountedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		d.SetGroupTime(time.Minute)
		write(t, d, shop, func(tx *db.Tx) error {
			for i := range int64(3000) {
				insertSupplier(tx, i+1, "a")
			}
			return nil
		})
		write(t, d, shop, func(tx *db.Tx) error {
			tx.Queue(`UPDATE row_counts SET n = n + 7 WHERE retailer_id = :retailer AND level = 1`)
			tx.Queue(`DELETE FROM row_counts WHERE retailer_id = :retailer AND level = 0 AND block = 1`)
			tx.Queue(`INSERT INTO row_counts (retailer_id, name, level, block, n) VALUES (:retailer, 'orders', 2, 99, 5)`)
			return nil
		})
		check := func(want int) {
			t.Helper()
			read(t, d, shop, func(tx *db.Tx) error {
				faults, err := db.CheckCounts(tx)
				if len(faults) != want {
					t.Errorf("%d faults, want %d: %v", len(faults), want, faults)
				}
				return err
			})
		}
		check(3)
		var group sync.WaitGroup
		for i := range int64(20) {
			group.Go(func() {
				err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
					insertSupplier(tx, 10_000+i, "b")
					if i%5 == 0 {
						db.RecountRows(tx)
						insertSupplier(tx, 20_000+i, "c")
					}
					return deleteSupplier(tx, i+1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		check(0)
	})
}

// TestAWalkByCursorMeetsEveryRowOnce walks a list page by page, in each order, while eight writers add, rename and delete rows.
func TestAWalkByCursorMeetsEveryRowOnce(t *testing.T) {
	const rows = 200
	for _, order := range []struct{ by, direction string }{{"", ""}, {"", "desc"}, {"name", ""}, {"name", "desc"}, {"email", ""}, {"created", "desc"}} {
		t.Run(order.by+" "+order.direction, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				write(t, d, shop, func(tx *db.Tx) error {
					for i := range int64(rows) {
						insertSupplier(tx, 10*(i+1), fmt.Sprint("name ", i%50))
					}
					return nil
				})
				walked, stop := context.WithCancel(t.Context())
				var hands sync.WaitGroup
				for hand := range int64(8) {
					hands.Go(func() {
						for i := int64(0); walked.Err() == nil && i < 100; i++ {
							clock.Advance(1)
							err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
								// Rows whose id ends in 0 stay; 1 to 8 belong to the hands.
								id := 10*(1+(i*37)%rows) + hand + 1
								if err := deleteSupplier(tx, id); err != nil {
									return err
								}
								n, err := tx.Exec(`UPDATE suppliers SET deleted_at = 0, search = ? WHERE retailer_id = :retailer AND id = ?`, fmt.Sprint("name ", i%60), id)
								if n > 0 {
									tx.Count("suppliers", 1, id)
								} else if err == nil {
									insertSupplier(tx, id, fmt.Sprint("name ", i%60))
								}
								if i%3 == 0 && err == nil {
									err = deleteSupplier(tx, id)
								}
								return err
							})
							if err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				seen := map[int64]int{}
				paging := taphoa.Paging{PageSize: 7, OrderBy: order.by, OrderDirection: order.direction, Cursor: "*"}
				var first taphoa.Page[supplierRow]
				for pages := 0; paging.Cursor != ""; pages++ {
					read(t, d, shop, func(tx *db.Tx) error {
						page, err := db.ListPage[supplierRow](tx, suppliers(), paging)
						if pages == 0 {
							first = page
						}
						if page.Timestamp != first.Timestamp || page.Total != first.Total {
							t.Errorf("page %d bears %v and %d, the first %v and %d", pages, page.Timestamp, page.Total, first.Timestamp, first.Total)
						}
						for _, r := range page.Data {
							seen[r.ID]++
						}
						paging.Cursor = page.NextCursor
						return err
					})
				}
				stop()
				hands.Wait()
				for i := range int64(rows) {
					if n := seen[10*(i+1)]; n != 1 {
						t.Errorf("row %d came %d times", 10*(i+1), n)
					}
				}
				if order.by == "" {
					for id, n := range seen {
						if n != 1 {
							t.Errorf("row %d came %d times", id, n)
						}
					}
				}
			})
		})
	}
}

// TestACursorIsOfOneListAndOrder refuses what is no cursor, and one that was made for other filters or another order.
func TestACursorIsOfOneListAndOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			for i := range int64(10) {
				insertSupplier(tx, i+1, "a")
			}
			return nil
		})
		active := func(is bool) *db.List { return suppliers().Where("s.is_active = ?", is) }
		read(t, d, shop, func(tx *db.Tx) error {
			page, err := db.ListPage[supplierRow](tx, active(true), taphoa.Paging{PageSize: 3, Cursor: "*"})
			if err != nil {
				return err
			}
			ofActive := page.NextCursor
			named := func(names ...string) *db.List { return suppliers().Where("s.name IN ?", names) }
			below := func(parent int64, ids ...int64) *db.List {
				return suppliers().Where("s.id IN ?", db.Found{For: parent, IDs: ids})
			}
			page, err = db.ListPage[supplierRow](tx, named("a", "b"), taphoa.Paging{PageSize: 3, Cursor: "*"})
			if err != nil {
				return err
			}
			ofNames := page.NextCursor
			page, err = db.ListPage[supplierRow](tx, below(7, 1, 2, 3, 4), taphoa.Paging{PageSize: 3, Cursor: "*"})
			if err != nil {
				return err
			}
			ofParent := page.NextCursor
			if page, err = db.ListPage[supplierRow](tx, below(7, 1, 2, 3, 4, 5), taphoa.Paging{PageSize: 3, Cursor: ofParent}); len(page.Data) != 2 {
				t.Errorf("a walk below something that grows meanwhile: %d rows, %v", len(page.Data), err)
			}
			page, err = db.ListPage[supplierRow](tx, suppliers(), taphoa.Paging{PageSize: 3, Cursor: "*"})
			if err != nil {
				return err
			}
			next := page.NextCursor
			for _, wrong := range []struct {
				list *db.List
				p    taphoa.Paging
			}{
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: "abc"}},
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: "%%%"}},
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: next + "A"}},
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: next, OrderBy: "name"}},
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: next, OrderDirection: "desc"}},
				{active(true), taphoa.Paging{PageSize: 3, Cursor: next}},
				{active(false), taphoa.Paging{PageSize: 3, Cursor: ofActive}},
				{named("a", "c"), taphoa.Paging{PageSize: 3, Cursor: ofNames}},
				{below(8, 1, 2, 3, 4), taphoa.Paging{PageSize: 3, Cursor: ofParent}},
				{suppliers(), taphoa.Paging{PageSize: 3, Cursor: next, CurrentItem: 3}},
			} {
				_, err := db.ListPage[supplierRow](tx, wrong.list, wrong.p)
				if refused := (*taphoa.Error)(nil); !errors.As(err, &refused) || refused.Field != "cursor" {
					t.Errorf("%+v: %v", wrong.p, err)
				}
			}
			page, err = db.ListPage[supplierRow](tx, suppliers(), taphoa.Paging{PageSize: 50, Cursor: next})
			if len(page.Data) != 7 || page.NextCursor != "" {
				t.Errorf("the rest has %d rows and the cursor %q", len(page.Data), page.NextCursor)
			}
			return err
		})
	})
}
