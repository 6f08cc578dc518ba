package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/plan"
)

func TestDueDaysOfACustomerAreKeptUntilTheyAreCleared(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		in := person("Đại lý Hoa", "0901234567")
		in.PaymentDays = taphoa.Some[int64](30)
		hoa := s.create(in)
		lan := s.create(person("Chị Lan", ""))
		if hoa.PaymentDays != taphoa.Some[int64](30) || lan.PaymentDays.Has() {
			t.Errorf("created with %+v and %+v", hoa.PaymentDays, lan.PaymentDays)
		}
		page := s.list(taphoa.CustomerQuery{Paging: taphoa.Paging{PageSize: 10, OrderBy: "paymentDays", OrderDirection: "desc"}})
		if page.Data[0].PaymentDays != taphoa.Some[int64](30) || page.Data[1].PaymentDays.Has() {
			t.Errorf("listed %+v", page.Data)
		}
		run(s, party.BulkUpdateCustomers, &taphoa.CustomerBulkUpdate{ListCustomers: []taphoa.CustomerUpdate{
			{ID: hoa.ID, CustomerInput: taphoa.CustomerInput{Comments: taphoa.Some("quen")}},
			{ID: lan.ID, CustomerInput: taphoa.CustomerInput{PaymentDays: taphoa.Some[int64](0)}},
		}})
		if hoa, lan = s.get(hoa.ID), s.get(lan.ID); hoa.PaymentDays != taphoa.Some[int64](30) || lan.PaymentDays != taphoa.Some[int64](0) {
			t.Errorf("changed to %+v and %+v", hoa.PaymentDays, lan.PaymentDays)
		}
		change := func(days taphoa.Opt[int64]) *taphoa.CustomerUpdate {
			return &taphoa.CustomerUpdate{ID: hoa.ID, CustomerInput: taphoa.CustomerInput{PaymentDays: days}}
		}
		for _, days := range []int64{-1, 3651} {
			s.refused("paymentDays", just(party.UpdateCustomer, change(taphoa.Some(days))), "từ 0 đến 3650")
			in := person("Anh Tư", "")
			in.PaymentDays = taphoa.Some(days)
			s.refused("paymentDays", just(party.CreateCustomer, &in), "từ 0 đến 3650")
		}
		if got := run(s, party.UpdateCustomer, change(taphoa.Null[int64]())); got.PaymentDays.Has() {
			t.Errorf("null leaves %+v", got.PaymentDays)
		}
	})
}

func TestDueDaysOfASupplierAreKeptUntilTheyAreCleared(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		in := source("Trà Tân Cương", "NCC1", "")
		in.PaymentDays = taphoa.Some[int64](45)
		tea := s.supplier(in)
		change := func(in taphoa.SupplierInput) *taphoa.SupplierUpdate {
			return &taphoa.SupplierUpdate{ID: tea.ID, SupplierInput: in}
		}
		kept := run(s, party.UpdateSupplier, change(taphoa.SupplierInput{Comments: taphoa.Some("quen")}))
		page := run(s, party.ListSuppliers, &taphoa.SupplierQuery{Paging: taphoa.Paging{PageSize: 10, OrderBy: "paymentDays"}})
		if want := taphoa.Some[int64](45); tea.PaymentDays != want || kept.PaymentDays != want || page.Data[0].PaymentDays != want {
			t.Errorf("created with %+v, kept %+v, listed %+v", tea.PaymentDays, kept.PaymentDays, page.Data)
		}
		for _, days := range []int64{-1, 3651} {
			s.refused("paymentDays", just(party.UpdateSupplier, change(taphoa.SupplierInput{PaymentDays: taphoa.Some(days)})), "từ 0 đến 3650")
		}
		if got := run(s, party.UpdateSupplier, change(taphoa.SupplierInput{PaymentDays: taphoa.Null[int64]()})); got.PaymentDays.Has() {
			t.Errorf("null leaves %+v", got.PaymentDays)
		}
	})
}

func TestAMergedCustomerHasTheDueDaysOfTheOneThatIsLeft(t *testing.T) {
	days := func(days ...int64) *partyplan.CustomerRow {
		row := &partyplan.CustomerRow{}
		for _, d := range days {
			row.PaymentDays = taphoa.Some(d)
		}
		return row
	}
	ctx := &plan.Context{Now: 1}
	for _, c := range []struct {
		kept, gone *partyplan.CustomerRow
		want       taphoa.Opt[int64]
	}{
		{days(30), days(60), taphoa.Some[int64](30)},
		{days(0), days(60), taphoa.Some[int64](0)},
		{days(), days(60), taphoa.Some[int64](60)},
		{days(), days(), taphoa.Opt[int64]{}},
	} {
		if got := partyplan.MergeCustomer(ctx, c.kept, c.gone).PaymentDays; got != c.want {
			t.Errorf("%+v and %+v become %+v, want %+v", c.kept.PaymentDays, c.gone.PaymentDays, got, c.want)
		}
	}
}
