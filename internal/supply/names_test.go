package supply_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

func TestASerialIsOneHoweverItIsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa", "AllowSellWhenOutStock", "false")
		phones := func(count int64, numbers string) taphoa.PurchaseOrderInput {
			l := line(s.phones, count, 5_000_000)
			l.SerialNumbers = []string{numbers}
			return taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{l}}
		}
		bought := s.buy(phones(3, "IM1\u200b, ,MÁY 2;\u00a0;\u200b|IM3\n"))
		if got := bought.PurchaseOrderDetails[0].SerialNumbers.Value; got != "IM1,MÁY 2,IM3" {
			t.Errorf("the serials are %q", got)
		}
		for _, again := range []string{"im1", "Im1\u200b", norm.NFD.String("máy  2"), "im3"} {
			s.refused("serialNumbers", s.creating(phones(1, again), nil), "đã có trong kho")
		}
		for _, twice := range []string{"N1,n1", "N1;N1\u200b", norm.NFD.String("Ở1") + ",ở1"} {
			s.refused("serialNumbers", s.creating(phones(2, twice), nil), "lặp lại")
		}

		sale := func(numbers string, count int64) *taphoa.InvoiceInput {
			return &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{{
				ProductID: taphoa.Some(s.phones), Quantity: taphoa.Some(taphoa.Units(count)), Price: taphoa.Some(taphoa.Dong(6_000_000)),
				SerialNumbers: taphoa.Some(numbers),
			}}}
		}
		selling := func(in *taphoa.InvoiceInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, in)
				return err
			}
		}
		s.refused("serialNumbers", selling(sale("im1,IM1", 2)), "lặp lại")
		var sold *taphoa.Invoice
		s.write(func(tx *db.Tx) (err error) {
			sold, err = sales.CreateInvoice(tx, sale("im1, ,"+norm.NFD.String("máy 2"), 2))
			return err
		})
		s.refused("serialNumbers", selling(sale("IM1", 1)), "không có trong kho")
		s.write(func(tx *db.Tx) error { // written otherwise again, nothing moves
			in := sale("IM1,MÁY 2", 2)
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: sold.ID}, InvoiceInput: *in})
			return err
		})
		s.write(func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{
				InvoiceID: taphoa.Some(sold.ID), BranchID: taphoa.Some(s.branch),
				ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: taphoa.DetailInput{
					ProductID: taphoa.Some(s.phones), Quantity: taphoa.Some(taphoa.Units(1)), SerialNumbers: taphoa.Some("Im1\u200b"),
				}}},
			})
			return err
		})
		s.write(func(tx *db.Tx) error {
			_, err := supply.CreateStockTake(tx, &taphoa.StockTakeInput{BranchID: taphoa.Some(s.branch), StockTakeDetails: []taphoa.StockTakeLineInput{{
				ProductID: taphoa.Some(s.phones), ActualQuantity: taphoa.Some(taphoa.Units(2)), SerialNumbers: taphoa.Some("im3, im1"),
			}}})
			return err
		})
		s.read(func(tx *db.Tx) error {
			at, err := stock.Serials(tx, []int64{s.phones})
			if len(at) != 3 || at[0].SerialNumber != "IM1" || at[0].Status != 1 || at[1].Status != 1 || at[2].Status != 0 {
				t.Errorf("the serials are %+v", at)
			}
			return err
		})
		s.balanced(stock.Limits{})
	})
}

func TestALotAndACodeAreOneHoweverTheyAreWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa", "AllowSellWhenOutStock", "false")
		expires := clock.Now().Day() + 30*24*3600*1_000_000
		lot := int64(0)
		for _, name := range []string{"Lô 1", norm.NFD.String("Lô 1"), "\u200bLô\u00a0 1 "} {
			l := line(s.milk, 1, 5_000)
			l.ProductBatchExpire = &taphoa.PurchaseBatchInput{BatchName: taphoa.Some(name), ExpireDate: taphoa.Some(expires)}
			batch := s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{l}}).PurchaseOrderDetails[0].ProductBatchExpire
			if lot == 0 {
				lot = batch.ID
			}
			if batch.ID != lot || batch.BatchName != "Lô 1" {
				t.Errorf("%q is the lot %+v", name, batch)
			}
		}
		counting := func(code string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := supply.CreateStockTake(tx, &taphoa.StockTakeInput{
					Code: taphoa.Some(code), BranchID: taphoa.Some(s.branch), IsDraft: taphoa.Some(true),
					StockTakeDetails: []taphoa.StockTakeLineInput{{ProductID: taphoa.Some(s.sugar), ActualQuantity: taphoa.Some(taphoa.Units(2))}},
				})
				return err
			}
		}
		s.write(counting("KIỂM 1"))
		for _, code := range []string{norm.NFD.String("kiểm 1"), "KIỂM\u00a01\u200b"} {
			s.refused("code", counting(code), "đã tồn tại")
			s.read(func(tx *db.Tx) error {
				_, err := supply.GetStockTakeByCode(tx, &taphoa.ByCode{Code: code})
				return err
			})
		}
	})
}
