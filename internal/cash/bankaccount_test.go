package cash_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

// testShop is a shop with a branch.
type testShop struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	who   db.Actor
}

func eachShop(t *testing.T, test func(t *testing.T, o *testShop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, openShop(t, d, clock, "taphoa")) })
}

func openShop(t *testing.T, d *db.DB, clock *dbtest.Clock, code string) *testShop {
	t.Helper()
	o := &testShop{t: t, d: d, clock: clock}
	o.write(func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, code, "Tạp hoá")
		o.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		return err
	})
	return o
}

func (o *testShop) write(op func(*db.Tx) error) {
	o.t.Helper()
	if err := o.d.Write(o.t.Context(), o.who, op); err != nil {
		o.t.Fatal(err)
	}
}

// refused runs an operation that must be refused, with a sentence about a field that holds the words.
func (o *testShop) refused(field, words string, op func(*db.Tx) error) {
	o.t.Helper()
	err := o.d.Write(o.t.Context(), o.who, op)
	e, ok := errors.AsType[*taphoa.Error](err)
	if !ok || e.Kind == taphoa.KindInternal || e.Field != field || !strings.Contains(e.Message, words) {
		o.t.Errorf("got %v, want a refusal about %q that says %q", err, field, words)
	}
}

// done runs an operation that must succeed.
func done[In, Out any](o *testShop, op func(*db.Tx, In) (Out, error), in In) Out {
	o.t.Helper()
	var out Out
	o.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

// only returns an operation that drops the result of another.
func only[In, Out any](op func(*db.Tx, In) (Out, error), in In) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := op(tx, in)
		return err
	}
}

var firstPage = taphoa.Paging{PageSize: taphoa.PageSizeDefault}

func TestABankAccountIsListedAsItWasOpened(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		vcb := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{
			BankName: " Vietcombank ", AccountNumber: " 0011 ", Description: taphoa.Some("chính"),
		})
		want := taphoa.BankAccount{
			ID: vcb.ID, BankName: "Vietcombank", AccountNumber: "0011", Description: taphoa.Some("chính"),
			RetailerID: o.who.Retailer, CreatedDate: o.clock.Now(),
		}
		if vcb.ID == 0 || !reflect.DeepEqual(vcb, want) {
			t.Errorf("got  %+v\nwant %+v", vcb, want)
		}
		if got := done(o, cash.GetBankAccount, &taphoa.ByID{ID: vcb.ID}); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		o.clock.Advance(60)
		acb := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "ACB", AccountNumber: "0022"})
		paging := firstPage
		paging.OrderBy = "Name"
		page := done(o, cash.ListBankAccounts, &taphoa.BankAccountQuery{Paging: paging, IncludeRemoveIDs: true})
		if page.Total != 2 || page.Data[0].ID != acb.ID || page.Data[1].ID != vcb.ID || page.RemoveIDs == nil || page.RemovedIDs == nil {
			t.Errorf("the list is %+v", page)
		}
		page = done(o, cash.ListBankAccounts, &taphoa.BankAccountQuery{Paging: firstPage, LastModifiedFrom: taphoa.Some(o.clock.Now())})
		if page.Total != 1 || page.Data[0].ID != acb.ID || page.RemoveIDs != nil {
			t.Errorf("the new ones are %+v", page)
		}
	})
}

func TestABankAccountIsNeverOpenedTwice(t *testing.T) {
	eachShop(t, func(_ *testing.T, o *testShop) {
		done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "0011"})
		for _, bad := range []struct {
			field, words string
			in           taphoa.BankAccountInput
		}{
			{"accountNumber", "0011", taphoa.BankAccountInput{BankName: "ACB", AccountNumber: "0011 "}},
			{"accountNumber", "không được để trống", taphoa.BankAccountInput{BankName: "ACB", AccountNumber: " "}},
			{"bankName", "không được để trống", taphoa.BankAccountInput{AccountNumber: "1"}},
		} {
			o.refused(bad.field, bad.words, only(cash.CreateBankAccount, &bad.in))
		}
		for _, id := range []int64{0, -1, taphoa.IDMax} {
			o.refused("", "không tồn tại", only(cash.GetBankAccount, &taphoa.ByID{ID: id}))
		}
	})
}

func TestABankAccountIsChangedInWhatIsGiven(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		vcb := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{
			BankName: "VCB", AccountNumber: "0011", Description: taphoa.Some("chính"),
		})
		acb := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "ACB", AccountNumber: "0022"})
		change := func(id int64, in taphoa.BankAccountInput) *taphoa.BankAccountUpdate {
			return &taphoa.BankAccountUpdate{ByID: taphoa.ByID{ID: id}, BankAccountInput: in}
		}
		o.clock.Advance(60)
		changed := o.clock.Now()
		got := done(o, cash.UpdateBankAccount, change(vcb.ID, taphoa.BankAccountInput{BankName: " Vietcombank "}))
		vcb.BankName, vcb.ModifiedDate = "Vietcombank", taphoa.Some(changed)
		if !reflect.DeepEqual(got, vcb) {
			t.Errorf("got  %+v\nwant %+v", got, vcb)
		}
		page := done(o, cash.ListBankAccounts, &taphoa.BankAccountQuery{Paging: firstPage, LastModifiedFrom: taphoa.Some(changed)})
		if page.Total != 1 || page.Data[0].ID != vcb.ID {
			t.Errorf("the changed ones are %+v", page.Data)
		}
		got = done(o, cash.UpdateBankAccount, change(vcb.ID, taphoa.BankAccountInput{AccountNumber: "0033", Description: taphoa.Null[string]()}))
		if got.AccountNumber != "0033" || got.BankName != "Vietcombank" || got.Description.Has() {
			t.Errorf("the account is %+v", got)
		}
		done(o, cash.UpdateBankAccount, change(vcb.ID, taphoa.BankAccountInput{AccountNumber: "0033"})) // its own
		for _, bad := range []struct {
			field, words string
			in           *taphoa.BankAccountUpdate
		}{
			{"accountNumber", "0022", change(vcb.ID, taphoa.BankAccountInput{AccountNumber: " 0022"})},
			{"accountNumber", "không được để trống", change(vcb.ID, taphoa.BankAccountInput{AccountNumber: " "})},
			{"bankName", "không được để trống", change(vcb.ID, taphoa.BankAccountInput{BankName: " "})},
			{"", "không tồn tại", change(0, taphoa.BankAccountInput{})},
			{"", "không tồn tại", change(taphoa.IDMax, taphoa.BankAccountInput{BankName: "X"})},
		} {
			o.refused(bad.field, bad.words, only(cash.UpdateBankAccount, bad.in))
		}
		if after := done(o, cash.GetBankAccount, &taphoa.ByID{ID: acb.ID}); !reflect.DeepEqual(after, acb) {
			t.Errorf("the other account became %+v", after)
		}
	})
}

func TestADeletedBankAccountIsAmongTheRemoved(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		in := &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "0011"}
		vcb := taphoa.ByID{ID: done(o, cash.CreateBankAccount, in).ID}
		o.clock.Advance(60)
		done(o, cash.DeleteBankAccount, &vcb)
		query := taphoa.BankAccountQuery{Paging: firstPage, IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(o.clock.Now())}
		page := done(o, cash.ListBankAccounts, &query)
		if want := []int64{vcb.ID}; page.Total != 0 || !reflect.DeepEqual(page.RemoveIDs, want) || !reflect.DeepEqual(page.RemovedIDs, want) {
			t.Errorf("the list is %+v", page)
		}
		o.refused("", "không tồn tại", only(cash.GetBankAccount, &vcb))
		o.refused("", "không tồn tại", only(cash.DeleteBankAccount, &vcb))
		o.refused("", "không tồn tại", only(cash.UpdateBankAccount, &taphoa.BankAccountUpdate{ByID: vcb}))
		if again := done(o, cash.CreateBankAccount, in); again.ID == vcb.ID {
			t.Error("the number cannot be used again")
		}
	})
}

func TestTwoShopsDoNotSeeEachOthersBankAccounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := openShop(t, d, clock, "mot"), openShop(t, d, clock, "hai")
		in := &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "0011"}
		vcb := done(mine, cash.CreateBankAccount, in)
		theirs.refused("", "không tồn tại", only(cash.GetBankAccount, &taphoa.ByID{ID: vcb.ID}))
		theirs.refused("", "không tồn tại", only(cash.DeleteBankAccount, &taphoa.ByID{ID: vcb.ID}))
		theirs.refused("", "không tồn tại", only(cash.UpdateBankAccount, &taphoa.BankAccountUpdate{ByID: taphoa.ByID{ID: vcb.ID}}))
		done(theirs, cash.CreateBankAccount, in)
		if page := done(theirs, cash.ListBankAccounts, &taphoa.BankAccountQuery{Paging: firstPage}); page.Total != 1 || page.Data[0].ID == vcb.ID {
			t.Errorf("they see %+v", page.Data)
		}
	})
}
