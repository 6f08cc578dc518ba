package db_test

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// awaited is a row of stock_awaited.
type awaited struct {
	Kind       string
	DocumentID int64
	ProductID  int64
	BranchID   int64
	Quantity   taphoa.Quantity
}

func rowsOf(t *testing.T, d *db.DB, who db.Actor) []awaited {
	t.Helper()
	var rows []awaited
	err := d.Read(t.Context(), who, func(tx *db.Tx) (err error) {
		rows, err = db.All[awaited](tx, `SELECT `+db.Columns[awaited]("a")+` FROM stock_awaited a
			WHERE a.retailer_id = :retailer ORDER BY a.document_id, a.product_id`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRowsAreWrittenByTheirTypeWhateverTheirNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		who := db.Actor{Retailer: 7}
		write := func(op func(tx *db.Tx)) {
			t.Helper()
			if err := d.Write(t.Context(), who, func(tx *db.Tx) error { op(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		var want []awaited
		for i := range int64(40) {
			want = append(want, awaited{"order", 1, i + 1, 2, taphoa.Units(i + 1)})
		}
		write(func(tx *db.Tx) { db.Insert(tx, "stock_awaited", want...) })
		if got := rowsOf(t, d, who); !slices.Equal(got, want) {
			t.Errorf("inserted: got %v", got)
		}
		write(func(tx *db.Tx) {
			changed := want[3]
			changed.Quantity = taphoa.Units(99)
			if !db.Update(tx, "stock_awaited", &want[3], &changed, "kind", "document_id", "product_id", "branch_id") {
				t.Error("a changed row was not written")
			}
			if db.Update(tx, "stock_awaited", &changed, &changed, "kind", "document_id", "product_id", "branch_id") {
				t.Error("a row that is the same was written")
			}
			want[3] = changed
		})
		keys := []string{"kind", "document_id", "product_id", "branch_id"}
		want[0].Quantity = taphoa.Units(1000)
		want = append(want, awaited{"order", 2, 1, 2, taphoa.Units(5)})
		write(func(tx *db.Tx) { db.Upsert(tx, "stock_awaited", keys, want[0], want[40]) })
		write(func(tx *db.Tx) {
			db.InsertOr(tx, "stock_awaited", `ON CONFLICT (retailer_id, kind, document_id, product_id, branch_id)
				DO UPDATE SET quantity = stock_awaited.quantity + excluded.quantity`, want[1])
			db.Insert[awaited](tx, "stock_awaited")
			db.Upsert[awaited](tx, "stock_awaited", keys)
		})
		want[1].Quantity *= 2
		if got := rowsOf(t, d, who); !slices.Equal(got, want) {
			t.Errorf("changed: got %v", got)
		}
		if got := rowsOf(t, d, db.Actor{Retailer: 8}); len(got) > 0 {
			t.Errorf("another shop has %v", got)
		}
	})
}

func TestABatchIsOneRoundTrip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		who := db.Actor{Retailer: 7}
		err := d.Write(t.Context(), who, func(tx *db.Tx) error {
			if _, err := tx.Head(); err != nil {
				return err
			}
			before := d.Stats(t.Context()).RoundTrips
			db.Insert(tx, "stock_awaited", awaited{"order", 1, 1, 2, taphoa.Units(3)})
			b := tx.Batch()
			rows := db.Want[awaited](b, `SELECT `+db.Columns[awaited]("a")+` FROM stock_awaited a WHERE a.retailer_id = :retailer`)
			sum := db.Want[int64](b, `SELECT CAST(COUNT(*) AS BIGINT) FROM stock_awaited WHERE retailer_id = :retailer AND product_id IN ?`, []int64{1, 2})
			none := db.Want[int64](b, `SELECT product_id FROM stock_awaited WHERE retailer_id = :retailer AND product_id = ?`, 9)
			if err := b.Run(); err != nil {
				return err
			}
			if got := d.Stats(t.Context()).RoundTrips - before; got > 1 {
				t.Errorf("%d round trips", got)
			}
			n, _ := sum.One()
			if _, found := none.One(); n != 1 || found || len(rows.All()) != 1 || rows.All()[0].Quantity != taphoa.Units(3) {
				t.Errorf("got %v, %d, %v", rows.All(), n, found)
			}
			return tx.Batch().Run()
		})
		if err != nil {
			t.Error(err)
		}
		err = d.Write(t.Context(), who, func(tx *db.Tx) error {
			b := tx.Batch()
			db.Want[int64](b, `SELECT nothing FROM stock_awaited WHERE retailer_id = :retailer`)
			return b.Run()
		})
		if err == nil {
			t.Error("a question that cannot be asked was not refused")
		}
	})
}
