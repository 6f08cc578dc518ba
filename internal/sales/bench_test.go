package sales_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// BenchmarkInvoices stores invoices of three lines from 16 clients at once, without HTTP.
func BenchmarkInvoices(b *testing.B) {
	for _, engine := range dbtest.Engines {
		b.Run(engine, func(b *testing.B) { benchmarkInvoices(b, engine) })
	}
}

func benchmarkInvoices(b *testing.B, engine string) {
	d := dbtest.Open(b, dbtest.URL(b, engine), nil)
	var (
		who       db.Actor
		branch    int64
		products  []int64
		customers []int64
	)
	err := d.Write(b.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
		if err != nil {
			return err
		}
		who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		branches, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
		if err != nil {
			return err
		}
		branch = branches.Data[0].ID
		for i := range 300 {
			p, err := catalog.CreateProduct(tx, &taphoa.ProductInput{
				Name: taphoa.Some(fmt.Sprint("Hàng ", i)), BasePrice: taphoa.Some(taphoa.Dong(10_000)),
			})
			if err != nil {
				return err
			}
			products = append(products, p.ID)
		}
		for i := range 200 {
			c, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some(fmt.Sprint("Khách ", i))})
			if err != nil {
				return err
			}
			customers = append(customers, c.ID)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var seed atomic.Uint64
	b.SetParallelism(8)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		random := rand.New(rand.NewPCG(1, seed.Add(1)))
		for pb.Next() {
			in := &taphoa.InvoiceInput{
				BranchID: taphoa.Some(branch), CustomerID: taphoa.Some(customers[random.IntN(len(customers))]),
				TotalPayment: taphoa.Some(taphoa.Dong(20_000)),
			}
			for range 3 {
				in.InvoiceDetails = append(in.InvoiceDetails, line(products[random.IntN(len(products))], 1))
			}
			err := d.Write(b.Context(), who, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, in)
				return err
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
