package party_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/wire"
)

func TestACustomerComesBackAsItWasWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		vip, old := s.group("Khách VIP"), s.group("Khách cũ")
		born, _ := taphoa.ParseTime("1990-02-28")
		got := s.create(taphoa.CustomerInput{
			Code: taphoa.Some(" KHVIP "), Name: taphoa.Some(" Nguyễn Thị Lan "), Gender: taphoa.Some(false),
			BirthDate: taphoa.Some(born), ContactNumber: taphoa.Some("+84 912 345 678"), SubNumber: taphoa.Some("024 3825"),
			IdentificationNumber: taphoa.Some("001"), Address: taphoa.Some("12 Hàng Bạc"), LocationName: taphoa.Some("Hà Nội - Quận Hoàn Kiếm"),
			WardName: taphoa.Some("Phường Hàng Bạc"), Email: taphoa.Some("lan@example.vn"), Organization: taphoa.Some("Lan & Co"),
			Comments: taphoa.Some(" khách quen "), TaxCode: taphoa.Some("0101"), GroupIDs: taphoa.Some([]int64{vip, old, vip}),
			PsidFacebook: taphoa.Some(int64(77)),
		})
		branch := got.BranchID.Value
		want := taphoa.Customer{
			ID: got.ID, Code: "KHVIP", Name: "Nguyễn Thị Lan", Type: taphoa.CustomerCompany, Gender: taphoa.Some(false),
			BirthDate: taphoa.Some(born), ContactNumber: taphoa.Some("+84 912 345 678"), SubNumber: taphoa.Some("024 3825"),
			IdentificationNumber: taphoa.Some("001"), Address: taphoa.Some("12 Hàng Bạc"), LocationName: taphoa.Some("Hà Nội - Quận Hoàn Kiếm"),
			WardName: taphoa.Some("Phường Hàng Bạc"), Email: taphoa.Some("lan@example.vn"), Organization: taphoa.Some("Lan & Co"),
			Comments: taphoa.Some(" khách quen "), TaxCode: taphoa.Some("0101"), PsidFacebook: taphoa.Some(int64(77)),
			TotalInvoiced: taphoa.Some(taphoa.Money(0)), TotalRevenue: taphoa.Some(taphoa.Money(0)), TotalPoint: taphoa.Some(int64(0)),
			Groups: taphoa.Some("Khách cũ,Khách VIP"), CustomerGroupDetails: got.CustomerGroupDetails,
			BranchID: taphoa.Some(branch), RetailerID: s.who.Retailer, IsActive: true, CreatedBy: taphoa.Some("Admin"),
			CreatedDate: s.clock.Now(),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if d := got.CustomerGroupDetails; len(d) != 2 || d[0].GroupID != old || d[1].GroupID != vip || d[0].CustomerID != got.ID || d[0].ID == 0 {
			t.Errorf("the memberships are %+v", d)
		}
		if byCode := run(s, party.GetCustomerByCode, &taphoa.ByCode{Code: "khvip"}); !reflect.DeepEqual(byCode, got) {
			t.Errorf("by code %+v, want %+v", byCode, got)
		}
		if byID := s.get(got.ID); !reflect.DeepEqual(byID, got) {
			t.Errorf("by id %+v, want %+v", byID, got)
		}
	})
}

func TestTheAnswerOfAWriteIsReadBareAndInData(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var in taphoa.CustomerInput
		body := `{"name":"Lan","comment":"cũ","comments":"mới","identificationNumber":"079","branchId":[0],"birthDate":"","groupIds":null}`
		if err := wire.Decode(&wire.Source{Body: []byte(body), ContentType: "application/json"}, &in); err != nil {
			t.Fatal(err)
		}
		var got struct {
			ID      int64
			Message string
			Data    map[string]any
		}
		text := wire.Append(nil, run(s, party.CreateCustomer, &in))
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.ID == 0 || got.Data["id"] != float64(got.ID) || got.Message != taphoa.MessageUpdated {
			t.Errorf("the response is %s", text)
		}
		for name, want := range map[string]any{
			"comments": "mới", "comment": "mới", "IdentificationNumber": "079", "identificationNumber": "079", "debt": 0.0,
			"type": 0.0, "rewardPoint": 0.0, "isActive": true, "code": "KH000001", "totalInvoiced": 0.0,
		} {
			if got.Data[name] != want {
				t.Errorf("%s is %v, want %v", name, got.Data[name], want)
			}
		}
		if groups, ok := got.Data["customerGroupDetails"].([]any); !ok || len(groups) != 0 {
			t.Errorf("customerGroupDetails is %v, want []", got.Data["customerGroupDetails"])
		}
		for _, name := range []string{"birthDate", "modifiedDate", "groups", "email"} {
			if v, there := got.Data[name]; there {
				t.Errorf("%s is %v, but has no value", name, v)
			}
		}
	})
}

func TestOnlyMembersThatArePresentChange(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		vip := s.group("VIP")
		in := person("Lan", "0912345678")
		in.Email, in.Address, in.GroupIDs = taphoa.Some("lan@example.vn"), taphoa.Some("12 Hàng Bạc"), taphoa.Some([]int64{vip})
		before := s.create(in)
		s.clock.Advance(60)
		change := &taphoa.CustomerUpdate{ID: before.ID}
		change.Email, change.Organization = taphoa.Null[string](), taphoa.Some("Lan & Co")
		change.Name, change.Code = taphoa.Null[string](), taphoa.Some("")
		got := run(s, party.UpdateCustomer, change)
		want := before
		want.Email, want.Organization, want.Type = taphoa.Opt[string]{}, taphoa.Some("Lan & Co"), taphoa.CustomerCompany
		want.ModifiedDate = taphoa.Some(s.clock.Now())
		if !reflect.DeepEqual(got.Data, want) || !reflect.DeepEqual(got.Customer, want) {
			t.Errorf("got  %+v\nwant %+v", got.Data, want)
		}
		if found := s.names(taphoa.CustomerQuery{LastModifiedFrom: taphoa.Some(s.clock.Now())}); found != "Lan" {
			t.Errorf("modified since are %q", found)
		}
		change = &taphoa.CustomerUpdate{ID: before.ID}
		change.Name, change.Organization = taphoa.Some("Trần Lan"), taphoa.Some(" ")
		change.GroupIDs = taphoa.Some([]int64{})
		got = run(s, party.UpdateCustomer, change)
		if got.Name != "Trần Lan" || got.Type != taphoa.CustomerPerson || got.Groups.Has() || len(got.CustomerGroupDetails) != 0 {
			t.Errorf("got %+v", got.Data)
		}
		if found := s.names(taphoa.CustomerQuery{Name: "tran lan"}); found != "Trần Lan" {
			t.Errorf("the new name finds %q", found)
		}
	})
}

func TestMembershipsThatStayKeepTheirIDs(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		a, b, c := s.group("A"), s.group("B"), s.group("C")
		in := person("Lan", "")
		in.GroupIDs = taphoa.Some([]int64{a, b})
		before := s.create(in)
		change := &taphoa.CustomerUpdate{ID: before.ID}
		change.GroupIDs = taphoa.Some([]int64{c, b})
		got := run(s, party.UpdateCustomer, change)
		if got.Groups.Value != "B,C" || got.CustomerGroupDetails[0] != before.CustomerGroupDetails[1] {
			t.Errorf("got %+v, had %+v", got.CustomerGroupDetails, before.CustomerGroupDetails)
		}
		s.refused("groupIds", func(tx *db.Tx) error {
			change.GroupIDs = taphoa.Some([]int64{b, 999999})
			_, err := party.UpdateCustomer(tx, change)
			return err
		}, "999999", "groupIds")
	})
}

func TestWhatCannotBeACustomerIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.create(taphoa.CustomerInput{Name: taphoa.Some("Lan"), Code: taphoa.Some("KH000007"), ContactNumber: taphoa.Some("0912 345 678")})
		for _, bad := range []struct {
			field string
			in    taphoa.CustomerInput
			words string
		}{
			{"name", taphoa.CustomerInput{}, "Tên khách hàng"},
			{"name", person("  ", ""), "Tên khách hàng"},
			{"name", taphoa.CustomerInput{Name: taphoa.Null[string]()}, "Tên khách hàng"},
			{"code", taphoa.CustomerInput{Name: taphoa.Some("X"), Code: taphoa.Some(" kh000007")}, "Mã khách hàng"},
			{"code", taphoa.CustomerInput{Name: taphoa.Some("X"), Code: taphoa.Some("KH000007")}, "đã tồn tại"},
			{"contactNumber", person("X", "+84.912.345.678"), "KH000007"},
			{"branchId", taphoa.CustomerInput{Name: taphoa.Some("X"), BranchID: taphoa.Some(int64(-1))}, "Chi nhánh"},
			{"branchId", taphoa.CustomerInput{Name: taphoa.Some("X"), BranchID: taphoa.Some(int64(taphoa.IDMax))}, "Chi nhánh"},
			{"groupIds", taphoa.CustomerInput{Name: taphoa.Some("X"), GroupIDs: taphoa.Some([]int64{0})}, "Nhóm khách hàng"},
			{"groupIds", taphoa.CustomerInput{Name: taphoa.Some("X"), GroupIDs: taphoa.Some(make([]int64, 5))}, "Nhóm khách hàng"},
		} {
			s.refused(bad.field, just(party.CreateCustomer, &bad.in), bad.words)
		}
		for _, id := range []int64{0, -1, 999, taphoa.IDMax} {
			s.refused("", just(party.GetCustomer, &taphoa.ByID{ID: id}), "không tồn tại")
			s.refused("", just(party.DeleteCustomer, &taphoa.ByID{ID: id}), "không tồn tại")
			s.refused("", just(party.UpdateCustomer, &taphoa.CustomerUpdate{ID: id}), "không tồn tại")
		}
		s.refused("", just(party.GetCustomerByCode, &taphoa.ByCode{}), "không tồn tại")
		if page := s.list(taphoa.CustomerQuery{}); page.Total != 1 {
			t.Errorf("%d customers are left, want 1", page.Total)
		}
	})
}

func TestAnUpdateCannotTakeWhatIsAnothers(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan, mai := s.create(person("Lan", "0912345678")), s.create(person("Mai", "0987654321"))
		change := &taphoa.CustomerUpdate{ID: mai.ID}
		change.Code = taphoa.Some(strings.ToLower(lan.Code))
		s.refused("code", just(party.UpdateCustomer, change), "Mã khách hàng", "đã tồn tại")
		change.Code, change.ContactNumber = taphoa.Opt[string]{}, taphoa.Some("0912.345.678")
		s.refused("contactNumber", just(party.UpdateCustomer, change), "đã tồn tại", lan.Code)
		change.ContactNumber, change.Name = taphoa.Opt[string]{}, taphoa.Some(" ")
		s.refused("name", just(party.UpdateCustomer, change), "Tên khách hàng")
		own := &taphoa.CustomerUpdate{ID: lan.ID}
		own.Code, own.ContactNumber = taphoa.Some("kh000001"), taphoa.Some("+84912345678")
		if got := run(s, party.UpdateCustomer, own); got.Code != "kh000001" || got.ContactNumber.Value != "+84912345678" {
			t.Errorf("her own code and number became %q and %q", got.Code, got.ContactNumber.Value)
		}
	})
}

func TestGeneratedCodesPassOverThoseThatClientsChose(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.create(taphoa.CustomerInput{Name: taphoa.Some("Chọn"), Code: taphoa.Some("kh000002")})
		for _, want := range []string{"KH000001", "KH000003", "KH000004"} {
			if got := s.create(person("Lan", "")); got.Code != want {
				t.Errorf("the code is %s, want %s", got.Code, want)
			}
		}
	})
}

func TestADeletedCustomerIsGoneAndItsCodeIsFree(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		vip := s.group("VIP")
		in := person("Lan", "0912345678")
		in.Code, in.GroupIDs = taphoa.Some("LAN"), taphoa.Some([]int64{vip})
		lan := s.create(in)
		s.clock.Advance(60)
		since := s.clock.Now()
		if got := run(s, party.DeleteCustomer, &taphoa.ByID{ID: lan.ID}); got.Message != "Xóa dữ liệu thành công" {
			t.Errorf("the response is %q", got.Message)
		}
		s.refused("", just(party.GetCustomer, &taphoa.ByID{ID: lan.ID}))
		s.refused("", just(party.GetCustomerByCode, &taphoa.ByCode{Code: "LAN"}))
		s.refused("", just(party.DeleteCustomer, &taphoa.ByID{ID: lan.ID}))
		again := s.create(in)
		page := s.list(taphoa.CustomerQuery{IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(since)})
		if page.Total != 1 || page.Data[0].ID != again.ID || len(page.RemoveID) != 1 || page.RemoveID[0] != lan.ID || len(page.RemovedIDs) != 1 {
			t.Errorf("the list is %+v", page)
		}
		if later := s.list(taphoa.CustomerQuery{IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(since + 1)}); later.RemoveID == nil || len(later.RemoveID) != 0 {
			t.Errorf("removeId is %v, want []", later.RemoveID)
		}
		groups := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{}).Data
		if d := groups[0].CustomerGroupDetails; len(d) != 1 || d[0].CustomerID != again.ID {
			t.Errorf("the group has %+v", d)
		}
	})
}

func TestKeptByBranchOneNumberMayBeOnceInEachBranch(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		hanoi, saigon := s.branch("Hà Nội"), s.branch("Sài Gòn")
		at := func(branch int64) taphoa.CustomerInput {
			in := person("Lan", "0912345678")
			in.BranchID = taphoa.Some(branch)
			return in
		}
		old := s.create(at(hanoi))
		s.refused("contactNumber", just(party.CreateCustomer, ptr(at(saigon))))
		s.set("ManagerCustomerByBranch", "true")
		there := s.create(at(saigon))
		s.refused("contactNumber", just(party.CreateCustomer, ptr(at(saigon))))
		s.refused("contactNumber", just(party.CreateCustomer, ptr(at(hanoi)))) // written before the setting was on
		if got := s.names(taphoa.CustomerQuery{ContactNumber: "0912345678"}); got != "Lan, Lan" {
			t.Errorf("the number finds %q", got)
		}
		for branch, want := range map[int64]int64{hanoi: old.ID, saigon: there.ID} {
			if got := s.resolve(&taphoa.DocumentCustomer{ContactNumber: taphoa.Some("0912345678")}, 0, branch); got.ID != want {
				t.Errorf("in branch %d the number is customer %d, want %d", branch, got.ID, want)
			}
		}
		s.set("ManagerCustomerByBranch", "false")
		change := &taphoa.CustomerUpdate{ID: there.ID}
		change.ContactNumber, change.Email = taphoa.Some("0912345678"), taphoa.Some("lan@example.vn")
		if got := run(s, party.UpdateCustomer, change); !got.Email.Has() {
			t.Error("the setting refuses an unchanged number")
		}
	})
}

func TestBulkCallsDoAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		if got := run(s, party.BulkAddCustomers, &taphoa.CustomerBulkAdd{ListCustomers: []taphoa.CustomerInput{
			person("Lan", "0912345678"), person("Mai", "0987654321"),
		}}); got.Message != "Thêm mới danh sách khách hàng thành công" {
			t.Errorf("the response is %q", got.Message)
		}
		s.refused("listCustomers[2].contactNumber", just(party.BulkAddCustomers, &taphoa.CustomerBulkAdd{
			ListCustomers: []taphoa.CustomerInput{person("An", "0900000001"), person("Bình", "0900000002"), person("Cúc", "0900 000 001")},
		}), "thứ 3", "0900 000 001")
		s.refused("listCustomers", just(party.BulkAddCustomers, &taphoa.CustomerBulkAdd{}), "không được để trống")
		s.refused("listCustomers", just(party.BulkAddCustomers, &taphoa.CustomerBulkAdd{ListCustomers: make([]taphoa.CustomerInput, 101)}), "101", "100")
		if got := s.names(taphoa.CustomerQuery{}); got != "Lan, Mai" {
			t.Errorf("the shop has %q", got)
		}
		people := s.list(taphoa.CustomerQuery{}).Data
		change := &taphoa.CustomerBulkUpdate{ListCustomers: make([]taphoa.CustomerUpdate, 2)}
		change.ListCustomers[0].ID, change.ListCustomers[0].Name = people[1].ID, taphoa.Some("Mai Anh")
		change.ListCustomers[1].ID, change.ListCustomers[1].Email = people[0].ID, taphoa.Some("lan@example.vn")
		if got := run(s, party.BulkUpdateCustomers, change); got.Message != "Cập nhật danh sách khách hàng thành công" {
			t.Errorf("the response is %q", got.Message)
		}
		change.ListCustomers[0].Name, change.ListCustomers[1].ID = taphoa.Some("Mai Mai"), 0
		s.refused("listCustomers[1].id", just(party.BulkUpdateCustomers, change), "thứ 2", "không tồn tại")
		s.refused("listCustomers", just(party.BulkUpdateCustomers, &taphoa.CustomerBulkUpdate{}), "không được để trống")
		if got := s.names(taphoa.CustomerQuery{}); got != "Lan, Mai Anh" {
			t.Errorf("the shop has %q", got)
		}
		if got := s.get(people[0].ID); got.Email.Value != "lan@example.vn" || got.ContactNumber.Value != "0912345678" {
			t.Errorf("Lan is %+v", got)
		}
	})
}

func TestBulkListsAreTakenAsClientsSendThem(t *testing.T) {
	for _, body := range []string{
		`{"listCustomers":[{"name":"Lan"},{"name":"Mai"}]}`, `{"ListCustomers":[[{"name":"Lan"},{"name":"Mai"}]]}`, `[{"name":"Lan"},{"name":"Mai"}]`,
	} {
		var add taphoa.CustomerBulkAdd
		if err := wire.Decode(&wire.Source{Body: []byte(body)}, &add); err != nil || len(add.ListCustomers) != 2 || add.ListCustomers[1].Name.Value != "Mai" {
			t.Errorf("%s is read as %+v, %v", body, add, err)
		}
	}
	var update taphoa.CustomerBulkUpdate
	if err := wire.Decode(&wire.Source{Body: []byte(`{"listCustomers":[{"id":"7","comment":"x"}]}`)}, &update); err != nil ||
		len(update.ListCustomers) != 1 || update.ListCustomers[0].ID != 7 || update.ListCustomers[0].Comments.Value != "x" {
		t.Errorf("read as %+v, %v", update, err)
	}
	var one taphoa.CustomerUpdate
	if err := wire.Decode(&wire.Source{Path: []wire.Param{{Name: "id", Value: "7"}}, Body: []byte(`{"id":8,"name":"x"}`)}, &one); err != nil || one.ID != 7 {
		t.Errorf("read as %+v, %v: the path names the customer", one, err)
	}
}

func TestOfManyWhoRegisterOneNumberAtOnceOneSucceeds(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			group.Go(func() { errs[i] = s.try(just(party.CreateCustomer, ptr(person(fmt.Sprint("Lan ", i), "0912345678")))) })
		}
		group.Wait()
		created := 0
		for _, err := range errs {
			if err == nil {
				created++
			} else {
				refusal(t, err, "contactNumber", "đã tồn tại")
			}
		}
		if created != 1 {
			t.Errorf("%d were created, want 1", created)
		}
	})
}

func TestTwoShopsDoNotSeeEachOthersCustomers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := open(t, d, clock, "mot"), open(t, d, clock, "hai")
		vip := mine.group("VIP")
		in := person("Lan", "0912345678")
		in.Code, in.GroupIDs = taphoa.Some("LAN"), taphoa.Some([]int64{vip})
		lan := mine.create(in)
		theirs.refused("", just(party.GetCustomer, &taphoa.ByID{ID: lan.ID}), "không tồn tại")
		theirs.refused("", just(party.GetCustomerByCode, &taphoa.ByCode{Code: "LAN"}), "không tồn tại")
		theirs.refused("", just(party.UpdateCustomer, &taphoa.CustomerUpdate{ID: lan.ID}), "không tồn tại")
		theirs.refused("", just(party.DeleteCustomer, &taphoa.ByID{ID: lan.ID}), "không tồn tại")
		theirs.refused("groupIds", just(party.CreateCustomer, &in), "không tồn tại")
		theirs.refused("customerId", func(tx *db.Tx) error {
			_, err := party.ResolveCustomer(tx, nil, taphoa.Some(lan.ID), 0)
			return err
		})
		theirs.write(func(tx *db.Tx) error {
			party.AddTotals(tx, lan.ID, party.Totals{Invoiced: 0.0001 * taphoa.Scale, Revenue: 0.0001 * taphoa.Scale, Points: 1}, false)
			return nil
		})
		in.GroupIDs = taphoa.Opt[[]int64]{}
		theirs.create(in) // the same code and number are no obstacle in another shop
		if page := theirs.list(taphoa.CustomerQuery{IncludeRemoveIDs: true}); page.Total != 1 || page.Data[0].ID == lan.ID || len(page.RemoveID) != 0 {
			t.Errorf("they see %+v", page)
		}
		if groups := run(theirs, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{}); groups.Total != 0 {
			t.Errorf("they see the groups %+v", groups.Data)
		}
		if got := mine.get(lan.ID); !reflect.DeepEqual(got, lan) {
			t.Errorf("my customer became %+v", got)
		}
	})
}

func ptr[T any](v T) *T { return &v }
