package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
)

func TestAllGroupsAreListedUnlessAPageIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		if page := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{}); page.Total != 0 || page.PageSize != 0 || page.Data == nil {
			t.Errorf("no groups are %+v", page)
		}
		var ids []int64
		for i := range 25 {
			ids = append(ids, s.group(string(rune('A'+i))))
		}
		in := person("Lan", "")
		in.GroupIDs = taphoa.Some(ids[:2])
		lan := s.create(in)
		all := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{})
		if all.Total != 25 || all.PageSize != 25 || len(all.Data) != 25 || all.Data[24].CustomerGroupDetails != nil {
			t.Errorf("all groups are %+v", all)
		}
		if d := all.Data[1].CustomerGroupDetails; len(d) != 1 || d[0].CustomerID != lan.ID || d[0].GroupID != ids[1] || d[0] != lan.CustomerGroupDetails[1] {
			t.Errorf("the members are %+v", d)
		}
		page := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{PageSize: 10, CurrentItem: 20})
		if page.Total != 25 || page.PageSize != 10 || len(page.Data) != 5 || page.Data[0].ID != ids[20] {
			t.Errorf("the page is %+v", page)
		}
		rest := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{PageSize: -1, CurrentItem: -1})
		if len(rest.Data) != 25 {
			t.Errorf("negative paging lists %d groups", len(rest.Data))
		}
	})
}

func TestAGroupIsCreatedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		in := taphoa.CustomerGroupInput{Name: " Khách sỉ ", Description: taphoa.Some("mua nhiều"), Discount: taphoa.Some(taphoa.Dong(5))}
		got := run(s, party.CreateCustomerGroup, &in)
		listed := run(s, party.ListCustomerGroups, &taphoa.CustomerGroupQuery{}).Data[0]
		if got.ID != listed.ID || listed.Name != "Khách sỉ" || listed.Description.Value != "mua nhiều" || listed.Discount.Value != taphoa.Dong(5) ||
			listed.CreatedBy != s.who.User || listed.RetailerID != s.who.Retailer || listed.CreatedDate != s.clock.Now() || got.CreatedDate != listed.CreatedDate {
			t.Errorf("created %+v, listed %+v", got, listed)
		}
		s.refused("name", just(party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "khách sỉ"}), "đã tồn tại")
		s.refused("name", just(party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: " "}), "không được để trống")
		s.refused("discount", just(party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "X", Discount: taphoa.Some(taphoa.Money(-0.0001 * taphoa.Scale))}), "không được âm")
	})
}

func TestAGroupChangesWithItsMembers(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan, hoa := s.create(person("Lan", "")), s.create(person("Hoa", ""))
		group := run(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{
			Name: "Khách sỉ", Discount: taphoa.Some(taphoa.Dong(5)), Members: []taphoa.GroupMember{{CustomerID: lan.ID}, {CustomerID: lan.ID}},
		})
		if len(group.CustomerGroupDetails) != 1 || s.get(lan.ID).Groups.Value != "Khách sỉ" {
			t.Errorf("created %+v", group)
		}
		s.group("Khách lẻ")
		change := func(in taphoa.CustomerGroupInput) *taphoa.CustomerGroupUpdate {
			return &taphoa.CustomerGroupUpdate{ByID: taphoa.ByID{ID: group.ID}, CustomerGroupInput: in}
		}
		s.refused("name", just(party.UpdateCustomerGroup, change(taphoa.CustomerGroupInput{Name: "KHÁCH LẺ"})), "đã tồn tại")
		s.refused("customerGroupDetails", just(party.UpdateCustomerGroup,
			change(taphoa.CustomerGroupInput{Members: []taphoa.GroupMember{{CustomerID: hoa.ID}, {CustomerID: 987654}}})), "987654")
		s.refused("customerGroupDetails", just(party.UpdateCustomerGroup,
			change(taphoa.CustomerGroupInput{Members: make([]taphoa.GroupMember, 1001)})), "1000")
		s.clock.Advance(60)
		since := s.clock.Now()
		same := run(s, party.UpdateCustomerGroup, change(taphoa.CustomerGroupInput{Name: "Khách  sỉ", Members: []taphoa.GroupMember{{CustomerID: lan.ID}}}))
		if same.CustomerGroupDetails[0] != group.CustomerGroupDetails[0] || same.Discount != group.Discount || same.ModifiedDate.Value != since {
			t.Errorf("became %+v", same)
		}
		if changed := s.names(taphoa.CustomerQuery{LastModifiedFrom: taphoa.Some(since)}); changed != "" {
			t.Errorf("unchanged members have changed: %s", changed)
		}
		moved := run(s, party.UpdateCustomerGroup, change(taphoa.CustomerGroupInput{Discount: taphoa.Null[taphoa.Money](), Members: []taphoa.GroupMember{{CustomerID: hoa.ID}}}))
		if moved.Discount.Has() || len(moved.CustomerGroupDetails) != 1 || moved.CustomerGroupDetails[0].CustomerID != hoa.ID {
			t.Errorf("became %+v", moved)
		}
		if changed := s.names(taphoa.CustomerQuery{LastModifiedFrom: taphoa.Some(since)}); changed != "Lan, Hoa" {
			t.Errorf("changed members are: %s", changed)
		}
		s.refused("id", just(party.DeleteCustomerGroup, &taphoa.ByID{ID: group.ID}), "Khách", hoa.Code)
		run(s, party.DeleteCustomer, &taphoa.ByID{ID: hoa.ID})
		run(s, party.DeleteCustomerGroup, &taphoa.ByID{ID: group.ID})
		s.refused("", just(party.GetCustomerGroup, &taphoa.ByID{ID: group.ID}), "không tồn tại")
	})
}
