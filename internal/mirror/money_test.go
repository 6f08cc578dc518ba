package mirror_test

import (
	"context"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// do sends a request to the source, which must not refuse it.
func do[Q, T any](s *source, send func(context.Context, *Q) (T, error), in *Q) T {
	s.Helper()
	out, err := send(s.Context(), in)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// TestPricesAreFollowed: a price book is for one branch and then for a group, products come into it, get another price and leave it, and
// it is deleted.
func TestPricesAreFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		s := openSource(t)
		c := s.mirror(t, d, s.client)
		c.pull()
		branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
		book := do(s, s.client.CreatePriceBook, &taphoa.PriceBookInput{
			Name: "Giá khai trương", Branches: []taphoa.PriceBookBranchInput{{BranchID: branch.ID}},
		})
		set := taphoa.PriceBookDetailWrite{PriceBookID: book.ID}
		products := do(s, s.client.ListProducts, &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 100}}).Data
		for i, p := range products {
			set.Details = append(set.Details, taphoa.PriceBookDetailItem{ProductID: p.ID, Price: taphoa.Some(taphoa.Dong(int64(1000 + i)))})
		}
		first := set.Details[0]
		set.PriceBookDetailItem, set.Details = first, set.Details[1:]
		if r := do(s, s.client.UpdatePriceBookDetail, &set); !r.IsSuccess {
			t.Fatal(r.Message)
		}
		c.pull()
		c.equal()

		group := do(s, s.client.ListCustomerGroups, &taphoa.CustomerGroupQuery{}).Data[0]
		do(s, s.client.UpdatePriceBook, &taphoa.PriceBookUpdate{ByID: taphoa.ByID{ID: book.ID}, PriceBookInput: taphoa.PriceBookInput{
			Name: "Giá hội viên", IsGlobal: taphoa.Some(true), CustomerGroups: []taphoa.PriceBookCustomerGroupInput{{CustomerGroupID: group.ID}},
		}})
		do(s, s.client.UpdatePriceBookDetail, &taphoa.PriceBookDetailWrite{
			PriceBookID: book.ID, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: products[5].ID, Price: taphoa.Some(taphoa.Dong(7))},
		})
		// The first, some in the middle, and the last one.
		do(s, s.client.RemovePriceBookDetails, &taphoa.PriceBookDetailDelete{
			PriceBookID: book.ID, ProductIDs: []int64{products[0].ID, products[49].ID, products[50].ID, products[len(products)-1].ID},
		})
		c.pull()
		c.equal()

		do(s, s.client.DeletePriceBook, &taphoa.ByID{ID: book.ID})
		c.pull()
		c.equal()
	})
}

// TestTheCashBookIsFollowed: a bank account, a surcharge, receipts of a kind that the shop makes, of a partner who is deleted, and of a
// sale; they are voided, stopped and deleted.
func TestTheCashBookIsFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		s := openSource(t)
		leaving := do(s, s.client.CreateCustomer, &taphoa.CustomerInput{
			Name: taphoa.Some("Chị Đi"), Address: taphoa.Some("1 Lê Lợi"), LocationName: taphoa.Some("Đà Nẵng - Quận Hải Châu"), WardName: taphoa.Some("Phường Thạch Thang"),
		})
		branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
		rent := taphoa.CashFlowInput{
			BranchID: taphoa.Some(branch.ID), Amount: taphoa.Some(taphoa.Dong(50_000)), Method: "Cash", CashGroup: taphoa.Some("Cho thuê kệ"),
			PartnerType: taphoa.Some(taphoa.PartnerCustomer), PartnerID: taphoa.Some(leaving.ID), Description: taphoa.Some("Tháng 11"),
			UsedForFinancialReporting: taphoa.Some(int64(1)),
		}
		do(s, s.client.CreateCashFlow, &rent)
		do(s, s.client.DeleteCustomer, &taphoa.ByID{ID: leaving.ID})
		c := s.mirror(t, d, s.client)
		c.pull()
		c.equal() // also what the entry shows of a customer whom the mirror never had

		bank := do(s, s.client.CreateBankAccount, &taphoa.BankAccountInput{BankName: "Techcombank", AccountNumber: "19036512345678"})
		ship := do(s, s.client.CreateSurcharge, &taphoa.SurchargeInput{Name: "Phí gói quà", Value: taphoa.Some(taphoa.Dong(5_000))})
		rent.PartnerType, rent.PartnerID = taphoa.Some(taphoa.PartnerOther), taphoa.Opt[int64]{}
		rent.PartnerName, rent.Method, rent.AccountID = taphoa.Some("Anh Kệ"), "Transfer", taphoa.Some(bank.ID)
		entry := do(s, s.client.CreateCashFlow, &rent)
		do(s, s.client.CreateInvoice, &taphoa.InvoiceInput{
			BranchID: taphoa.Some(branch.ID), CustomerID: taphoa.Some(int64(1)), TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
			InvoiceDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some("SP000001"), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(50_000))}},
		})
		c.pull()
		c.equal()

		do(s, s.client.VoidCashFlow, &taphoa.ByID{ID: entry.ID})
		do(s, s.client.SetSurchargeActive, &taphoa.SurchargeActive{ID: ship.Data.ID, IsActive: taphoa.Some(false)})
		do(s, s.client.DeleteBankAccount, &taphoa.ByID{ID: bank.ID})
		c.pull()
		c.equal()
	})
}
