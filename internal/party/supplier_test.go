package party_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

func (s *shop) supplier(in taphoa.SupplierInput) taphoa.Supplier {
	s.t.Helper()
	return run(s, party.CreateSupplier, &in).Supplier
}

// source is a supplier with a name and perhaps a code and a number.
func source(name, code, number string) taphoa.SupplierInput {
	return taphoa.SupplierInput{Name: taphoa.Some(name), Code: taphoa.SomeIf(code), ContactNumber: taphoa.SomeIf(number)}
}

// sources lists the names of the suppliers that a query finds.
func (s *shop) sources(q taphoa.SupplierQuery) string {
	s.t.Helper()
	q.PageSize = taphoa.PageSizeDefault
	page := run(s, party.ListSuppliers, &q)
	names := make([]string, len(page.Data))
	for i := range names {
		names[i] = page.Data[i].Name
	}
	if int(page.Total) != len(names) {
		s.t.Errorf("the total is %d, but %d are listed", page.Total, len(names))
	}
	return strings.Join(names, ", ")
}

func TestSuppliersAreFoundByWhatIsKnownOfThem(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		fresh := run(s, party.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "Hàng tươi"}).ID
		tea := s.supplier(source("Trà Tân Cương", "NCC1", "0208 384 1111"))
		in := source("Sữa Đà Lạt", "NCC10", "")
		in.GroupIDs, in.IsActive = taphoa.Some([]int64{fresh}), taphoa.Some(false)
		milk := s.supplier(in)
		s.write(func(tx *db.Tx) error {
			_, err := cash.Post(tx, cash.Document{Kind: "purchase", ID: 1, EffectiveAt: tx.Now}, []cash.Posting{
				{From: cash.Supplier(milk.ID), To: cash.Purchases(1), Amount: taphoa.Dong(70_000)},
			})
			return err
		})
		for _, q := range []struct {
			query taphoa.SupplierQuery
			want  string
		}{
			{taphoa.SupplierQuery{}, "Trà Tân Cương, Sữa Đà Lạt"},
			{taphoa.SupplierQuery{Code: "ncc1"}, "Trà Tân Cương"},
			{taphoa.SupplierQuery{Code: "cc"}, "Trà Tân Cương, Sữa Đà Lạt"},
			{taphoa.SupplierQuery{Name: "da lat"}, "Sữa Đà Lạt"},
			{taphoa.SupplierQuery{ContactNumber: "+84 208 3841111"}, "Trà Tân Cương"},
			{taphoa.SupplierQuery{ContactNumber: "384"}, "Trà Tân Cương"},
			{taphoa.SupplierQuery{IsActive: taphoa.Some(false)}, "Sữa Đà Lạt"},
			{taphoa.SupplierQuery{GroupID: fresh}, "Sữa Đà Lạt"},
			{taphoa.SupplierQuery{GroupID: fresh + 1}, ""},
			{taphoa.SupplierQuery{LastModifiedFrom: taphoa.Some(s.clock.Now() + 1)}, ""},
			{taphoa.SupplierQuery{Paging: taphoa.Paging{OrderBy: "debt", OrderDirection: "desc"}}, "Sữa Đà Lạt, Trà Tân Cương"},
			{taphoa.SupplierQuery{Paging: taphoa.Paging{OrderBy: "Name"}}, "Sữa Đà Lạt, Trà Tân Cương"},
		} {
			if got := s.sources(q.query); got != q.want {
				t.Errorf("%+v finds %q, want %q", q.query, got, q.want)
			}
		}
		if got := run(s, party.GetSupplier, &taphoa.SupplierKey{Key: "NCC10"}).Data; got.Debt != taphoa.Dong(70_000) || got.Groups.Value != "Hàng tươi" {
			t.Errorf("the shop owes 70,000 to a supplier of fresh goods, got %+v", got)
		}
		// Digits are an id first, then a code.
		digits := s.supplier(source("Số", "777", ""))
		if got := run(s, party.GetSupplier, &taphoa.SupplierKey{Key: "777"}); got.ID != digits.ID {
			t.Errorf("the code 777 is %+v", got.Supplier)
		}
		if got := run(s, party.GetSupplierByCode, &taphoa.ByCode{Code: "ncc1"}); got.ID != tea.ID {
			t.Errorf("the code ncc1 is %+v", got.Supplier)
		}
	})
}

func TestADeletedSuppliersCodeIsFreeAgain(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		first := s.supplier(source("Trà", "TRA", ""))
		in := source("Trà khác", "tra ", "")
		s.refused("code", just(party.CreateSupplier, &in), "tra", "đã tồn tại")
		other := s.supplier(source("Sữa", "", ""))
		if other.Code != "NCC000001" {
			t.Errorf("the first code given out is %s", other.Code)
		}
		s.refused("code", just(party.UpdateSupplier, &taphoa.SupplierUpdate{ID: other.ID, SupplierInput: taphoa.SupplierInput{Code: taphoa.Some("TRA")}}), "TRA")
		s.clock.Advance(1)
		deleted := s.clock.Now()
		run(s, party.DeleteSupplier, &taphoa.ByID{ID: first.ID})
		if got := run(s, party.CreateSupplier, &in); got.Code != "tra" {
			t.Errorf("the code can be used again, got %s", got.Code)
		}
		s.refused("", just(party.DeleteSupplier, &taphoa.ByID{ID: first.ID}), "không tồn tại")
		s.refused("", just(party.UpdateSupplier, &taphoa.SupplierUpdate{ID: first.ID}), "không tồn tại")
		page := run(s, party.ListSuppliers, &taphoa.SupplierQuery{
			Paging: taphoa.Paging{PageSize: 1}, IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(deleted),
		})
		if len(page.RemovedID) != 1 || page.RemovedID[0] != first.ID {
			t.Errorf("the deleted supplier is %d, got %v", first.ID, page.RemovedID)
		}
	})
}

func TestASupplierChangesInWhatIsGiven(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		in := source("Trà", "TRA", "0912345678")
		in.Address, in.Comments = taphoa.Some("1 Lê Lợi"), taphoa.Some("Gọi trước")
		before := s.supplier(in)
		s.clock.Advance(60)
		after := run(s, party.UpdateSupplier, &taphoa.SupplierUpdate{ID: before.ID, SupplierInput: taphoa.SupplierInput{
			Name: taphoa.Null[string](), Comments: taphoa.Null[string](), Email: taphoa.Some("tra@example.vn"), IsActive: taphoa.Some(false),
		}}).Supplier
		want := before
		want.Comments, want.Email, want.IsActive = taphoa.Opt[string]{}, taphoa.Some("tra@example.vn"), false
		want.ModifiedDate = taphoa.Some(s.clock.Now())
		if after != want {
			t.Errorf("got  %+v\nwant %+v", after, want)
		}
		for _, bad := range []struct {
			field string
			in    taphoa.SupplierInput
		}{
			{"name", taphoa.SupplierInput{}},
			{"name", source(" ", "", "")},
			{"branchId", taphoa.SupplierInput{Name: taphoa.Some("x"), BranchID: taphoa.Some[int64](987)}},
			{"groupIds", taphoa.SupplierInput{Name: taphoa.Some("x"), GroupIDs: taphoa.Some([]int64{987})}},
			{"groupIds", taphoa.SupplierInput{Name: taphoa.Some("x"), GroupIDs: taphoa.Some(make101())}},
		} {
			s.refused(bad.field, just(party.CreateSupplier, &bad.in), "("+bad.field+")")
			err := s.try(just(party.CreateSupplier, &bad.in))
			if refusal, _ := errors.AsType[*taphoa.Error](err); refusal.Code != taphoa.CodeValidate {
				t.Errorf("%s is refused with %s", bad.field, refusal.Code)
			}
		}
	})
}

func make101() []int64 {
	ids := make([]int64, 101)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return ids
}

func TestAGroupOfSuppliersCanBeLeft(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		group := run(s, party.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "Hàng tươi"})
		s.refused("name", just(party.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "hang TUOI"}), "đã tồn tại")
		in := source("Rau", "RAU", "")
		in.GroupIDs = taphoa.Some([]int64{group.ID, group.ID})
		made := s.supplier(in)
		other := run(s, party.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "An toàn"})
		both := run(s, party.UpdateSupplier, &taphoa.SupplierUpdate{ID: made.ID, SupplierInput: taphoa.SupplierInput{GroupIDs: taphoa.Some([]int64{other.ID, group.ID})}})
		if both.Groups.Value != "An toàn,Hàng tươi" {
			t.Errorf("the groups are %q", both.Groups.Value)
		}
		run(s, party.UpdateSupplierGroup, &taphoa.SupplierGroupUpdate{ByID: taphoa.ByID{ID: group.ID}, SupplierGroupInput: taphoa.SupplierGroupInput{Name: "Tươi sống"}})
		run(s, party.DeleteSupplierGroup, &taphoa.ByID{ID: other.ID})
		if got := run(s, party.GetSupplierByCode, &taphoa.ByCode{Code: "RAU"}); got.Groups.Value != "Tươi sống" {
			t.Errorf("the groups are %q", got.Groups.Value)
		}
		s.refused("", just(party.DeleteSupplierGroup, &taphoa.ByID{ID: other.ID}), "không tồn tại")
		s.refused("", just(party.UpdateSupplierGroup, &taphoa.SupplierGroupUpdate{ByID: taphoa.ByID{ID: other.ID}}), "không tồn tại")
	})
}

func TestADocumentFindsItsSupplierOrMakesOne(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		some := taphoa.Some[string]
		tea, milk := s.supplier(source("Trà", "TRA", "0912345678")), s.supplier(source("Sữa", "SUA", "0912345678"))
		resolve := func(in *taphoa.DocumentSupplier, id int64) (ref party.SupplierRef) {
			t.Helper()
			s.write(func(tx *db.Tx) error {
				found, err := party.ResolveSupplier(tx, in, taphoa.SomeIf(id), 0)
				ref = found.Value
				return err
			})
			return ref
		}
		for _, c := range []struct {
			in   *taphoa.DocumentSupplier
			id   int64
			want string
		}{
			{nil, 0, ""},
			{&taphoa.DocumentSupplier{Name: some("  ")}, 0, ""},
			{nil, milk.ID, "SUA"},
			{&taphoa.DocumentSupplier{ID: taphoa.Some(tea.ID)}, milk.ID, "TRA"},
			{&taphoa.DocumentSupplier{Code: some(" tra "), Name: some("khác")}, 0, "TRA"},
			{&taphoa.DocumentSupplier{Name: some("sua"), ContactNumber: some("+84912345678")}, 0, "SUA"},
			{&taphoa.DocumentSupplier{Name: some("sữa")}, 0, "SUA"},
			{&taphoa.DocumentSupplier{ContactNumber: some("0912.345.678")}, 0, "TRA"},
			{&taphoa.DocumentSupplier{Code: some("MOI"), Name: some("Sữa")}, 0, "MOI"}, // another code is another supplier
			{&taphoa.DocumentSupplier{Code: some("MOI2"), Name: some("Sữa"), ContactNumber: some("0912345678")}, 0, "SUA"},
			{&taphoa.DocumentSupplier{ContactNumber: some("0987654321")}, 0, "NCC000001"},
		} {
			if got := resolve(c.in, c.id); got.Code != c.want {
				t.Errorf("%+v, %d is %+v, want %q", c.in, c.id, got, c.want)
			}
		}
		made := run(s, party.GetSupplierByCode, &taphoa.ByCode{Code: "NCC000001"})
		if made.Name != "0987654321" || !made.IsActive || !made.BranchID.Has() {
			t.Errorf("the new supplier is %+v", made)
		}
		s.refused("supplierId", func(tx *db.Tx) error {
			_, err := party.ResolveSupplier(tx, nil, taphoa.Some[int64](987), 0)
			return err
		}, "987")
	})
}

func TestTwoShopsDoNotSeeEachOthersSuppliers(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mine := s.supplier(source("Trà", "TRA", "0912345678"))
		group := run(s, party.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "Hàng tươi"}).ID
		n := open(t, s.d, s.clock, "khac")
		theirs := n.supplier(source("Trà", "TRA", "0912345678"))
		if theirs.ID == mine.ID {
			t.Fatal("two shops, one id")
		}
		n.refused("", just(party.UpdateSupplier, &taphoa.SupplierUpdate{ID: mine.ID}), "không tồn tại")
		n.refused("", just(party.DeleteSupplier, &taphoa.ByID{ID: mine.ID}), "không tồn tại")
		n.refused("", just(party.DeleteSupplierGroup, &taphoa.ByID{ID: group}), "không tồn tại")
		in := source("x", "", "")
		in.GroupIDs = taphoa.Some([]int64{group})
		n.refused("groupIds", just(party.CreateSupplier, &in), "không tồn tại")
		n.refused("supplierId", func(tx *db.Tx) error {
			_, err := party.ResolveSupplier(tx, nil, taphoa.Some(mine.ID), 0)
			return err
		}, "không tồn tại")
		if got := n.sources(taphoa.SupplierQuery{Code: "TRA"}); got != "Trà" {
			t.Errorf("the other shop sees %q", got)
		}
	})
}
