package party_test

import (
	"reflect"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// resolve finds the customer of a document; the zero CustomerRef is a walk-in.
func (s *shop) resolve(in *taphoa.DocumentCustomer, id, branch int64) party.CustomerRef {
	s.t.Helper()
	var ref taphoa.Opt[party.CustomerRef]
	s.write(func(tx *db.Tx) (err error) {
		ref, err = party.ResolveCustomer(tx, in, taphoa.SomeIf(id), branch)
		return err
	})
	return ref.Value
}

func TestADocumentFindsItsCustomerByIDThenCodeThenNumber(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan, mai := s.create(person("Lan", "0912345678")), s.create(person("Mai", "0987654321"))
		some := taphoa.Some[string]
		for _, c := range []struct {
			in   *taphoa.DocumentCustomer
			id   int64
			want taphoa.Customer
		}{
			{nil, lan.ID, lan},
			{&taphoa.DocumentCustomer{}, lan.ID, lan},
			{&taphoa.DocumentCustomer{ID: taphoa.Some(mai.ID), Code: some(lan.Code)}, 0, mai},
			{&taphoa.DocumentCustomer{ID: taphoa.Some(mai.ID)}, lan.ID, mai},
			{&taphoa.DocumentCustomer{ID: taphoa.Some(int64(0)), Code: some(" kh000001 "), ContactNumber: some("0987654321")}, 0, lan},
			{&taphoa.DocumentCustomer{Code: some("LẠ"), ContactNumber: some("+84 987 654 321"), Name: some("Ai đó"), Address: some("nơi khác")}, 0, mai},
			{&taphoa.DocumentCustomer{ContactNumber: some("0912.345.678")}, 0, lan},
		} {
			if got := s.resolve(c.in, c.id, 0); got != (party.CustomerRef{ID: c.want.ID, Code: c.want.Code, Name: c.want.Name}) {
				t.Errorf("%+v with customerId %d is %+v, want %s", c.in, c.id, got, c.want.Name)
			}
		}
		for _, c := range []taphoa.Customer{lan, mai} {
			if got := s.get(c.ID); !reflect.DeepEqual(got, c) {
				t.Errorf("being found changed %+v to %+v", c, got)
			}
		}
	})
}

func TestADocumentMakesAnUnknownCustomer(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		branch := s.branch("Sài Gòn")
		some := taphoa.Some[string]
		born, _ := taphoa.ParseTime("1990-02-28")
		ref := s.resolve(&taphoa.DocumentCustomer{
			Code: some("WEB1"), Name: some("Lan"), ContactNumber: some("0912345678"), Gender: taphoa.Some(false), BirthDate: taphoa.Some(born),
			Address: some("12 Hàng Bạc"), LocationName: some("Hà Nội"), WardName: some("Hàng Bạc"), Email: some("lan@example.vn"), Comment: some("từ web"),
		}, 0, branch)
		got := s.get(ref.ID)
		want := taphoa.Customer{
			ID: ref.ID, Code: "WEB1", Name: "Lan", ContactNumber: some("0912345678"), Gender: taphoa.Some(false), BirthDate: taphoa.Some(born),
			Address: some("12 Hàng Bạc"), LocationName: some("Hà Nội"), WardName: some("Hàng Bạc"), Email: some("lan@example.vn"), Comments: some("từ web"),
			BranchID: taphoa.Some(branch), RetailerID: s.who.Retailer, IsActive: true, CreatedBy: some("Admin"), CreatedDate: s.clock.Now(),
			TotalInvoiced: taphoa.Some(taphoa.Money(0)), TotalRevenue: taphoa.Some(taphoa.Money(0)), TotalPoint: taphoa.Some(int64(0)),
			CustomerGroupDetails: []taphoa.CustomerGroupDetail{},
		}
		if !reflect.DeepEqual(got, want) || ref.Code != "WEB1" || ref.Name != "Lan" {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		for _, c := range []struct {
			in         taphoa.DocumentCustomer
			code, name string
		}{
			{taphoa.DocumentCustomer{ContactNumber: some("0987 654 321")}, "KH000001", "0987 654 321"},
			{taphoa.DocumentCustomer{Code: some("WEB2"), Name: some(" ")}, "WEB2", "WEB2"},
			{taphoa.DocumentCustomer{Name: some("N*** L**"), ContactNumber: some("09****678")}, "KH000002", "N*** L**"},
			{taphoa.DocumentCustomer{Name: some("N*** L**"), ContactNumber: some("09****678")}, "KH000003", "N*** L**"},
		} {
			if got := s.resolve(&c.in, 0, branch); got.Code != c.code || got.Name != c.name {
				t.Errorf("%+v became %+v, want %s %s", c.in, got, c.code, c.name)
			}
		}
	})
}

func TestADocumentWithoutAnythingToGoByIsAWalkIn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, in := range []*taphoa.DocumentCustomer{
			nil, {}, {Address: taphoa.Some("12 Hàng Bạc"), Gender: taphoa.Some(true)}, {Name: taphoa.Some(" "), ID: taphoa.Some(int64(0)), Code: taphoa.Null[string]()},
		} {
			if got := s.resolve(in, 0, 0); got != (party.CustomerRef{}) {
				t.Errorf("%+v is %+v, want a walk-in", in, got)
			}
		}
		if n := s.list(taphoa.CustomerQuery{}).Total; n != 0 {
			t.Errorf("%d customers were created", n)
		}
	})
}

func TestADocumentWithAnUnknownCustomerIDIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan := s.create(person("Lan", "0912345678"))
		run(s, party.DeleteCustomer, &taphoa.ByID{ID: lan.ID})
		for _, id := range []int64{-1, 999, lan.ID, taphoa.IDMax} {
			s.refused("customerId", func(tx *db.Tx) error {
				_, err := party.ResolveCustomer(tx, nil, taphoa.Some(id), 0)
				return err
			}, "customerId", "không tồn tại")
			s.refused("customer.id", func(tx *db.Tx) error {
				_, err := party.ResolveCustomer(tx, &taphoa.DocumentCustomer{ID: taphoa.Some(id), Name: taphoa.Some("Lan")}, taphoa.Opt[int64]{}, 0)
				return err
			}, "customer.id", "không tồn tại")
		}
		if got := s.resolve(&taphoa.DocumentCustomer{Code: taphoa.Some(lan.Code), Name: taphoa.Some("Lan")}, 0, 0); got.ID == lan.ID || got.Code != lan.Code {
			t.Errorf("the code of a deleted customer is %+v", got)
		}
	})
}

func TestManyOrdersOfOneNewCustomerMakeOneCustomer(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var group sync.WaitGroup
		ids := make([]int64, 8)
		for i := range ids {
			group.Go(func() {
				err := s.try(func(tx *db.Tx) error {
					ref, err := party.ResolveCustomer(tx, &taphoa.DocumentCustomer{
						Name: taphoa.Some("Lan"), ContactNumber: taphoa.Some("0912345678"),
					}, taphoa.Opt[int64]{}, 0)
					ids[i] = ref.Value.ID
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("one number became the customers %v", ids)
			}
		}
	})
}
