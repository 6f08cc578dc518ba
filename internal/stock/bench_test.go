package stock_test

import (
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
)

// BenchmarkPost sells three products of three hundred, a thousand times in a transaction.
func BenchmarkPost(b *testing.B) {
	for _, engine := range dbtest.Engines {
		b.Run(engine, func(b *testing.B) {
			d, random := dbtest.Open(b, dbtest.URL(b, engine), nil), rand.New(rand.NewPCG(1, 1))
			b.ReportAllocs()
			for id := int64(0); id < int64(b.N); {
				err := d.Write(b.Context(), shop, func(tx *db.Tx) error {
					for range min(1000, int64(b.N)-id) {
						id++
						doc := stock.Document{Kind: "invoice", ID: id, EffectiveAt: tx.Now}
						want := []stock.Posting{sell(random.Int64N(100), 1, 1), sell(100+random.Int64N(100), 1, 1), sell(200+random.Int64N(100), 1, 1)}
						if _, err := stock.Post(tx, doc, want, free); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
