package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

func TestCustomersAreFoundByWhatIsKnownOfThem(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		vip := s.group("VIP")
		for _, c := range []struct{ code, name, number, born string }{
			{"KH1", "Nguyễn Thị Lan", "0912 345 678", "1990-02-28T10:30:00"},
			{"KH10", "Trần Văn Đức", "0987654321 / 0911222333", "1985-12-01"},
			{"KH_2", "Lê 100% Mai", "09****123", "1990-02-27T17:00:00Z"},
			{"Đặc biệt", "Phạm Lan Anh", "", ""},
		} {
			in := person(c.name, c.number)
			in.Code = taphoa.Some(c.code)
			if c.born != "" {
				born, err := taphoa.ParseTime(c.born)
				if err != nil {
					t.Fatal(err)
				}
				in.BirthDate = taphoa.Some(born)
			}
			if c.code == "KH10" {
				in.GroupIDs = taphoa.Some([]int64{vip})
			}
			s.create(in)
		}
		const lan, duc, mai, anh = "Nguyễn Thị Lan", "Trần Văn Đức", "Lê 100% Mai", "Phạm Lan Anh"
		for _, q := range []struct {
			query taphoa.CustomerQuery
			want  string
		}{
			{taphoa.CustomerQuery{}, lan + ", " + duc + ", " + mai + ", " + anh},
			{taphoa.CustomerQuery{Code: " kh1 "}, lan},
			{taphoa.CustomerQuery{Code: "KH"}, lan + ", " + duc + ", " + mai},
			{taphoa.CustomerQuery{Code: "h_"}, mai},
			{taphoa.CustomerQuery{Code: "ĐẶC"}, anh},
			{taphoa.CustomerQuery{Code: "%"}, ""},
			{taphoa.CustomerQuery{Name: "lan"}, lan + ", " + anh},
			{taphoa.CustomerQuery{Name: " ĐỨC"}, duc},
			{taphoa.CustomerQuery{Name: "100%"}, mai},
			{taphoa.CustomerQuery{ContactNumber: "0912345678"}, lan},
			{taphoa.CustomerQuery{ContactNumber: " 84 912 345 678 "}, lan},
			{taphoa.CustomerQuery{ContactNumber: "0911-222-333"}, duc},
			{taphoa.CustomerQuery{ContactNumber: "0987"}, duc},
			{taphoa.CustomerQuery{ContactNumber: "09****123"}, mai},
			{taphoa.CustomerQuery{ContactNumber: "0000"}, ""},
			{taphoa.CustomerQuery{BirthDate: "1990-02-28"}, lan + ", " + mai},
			{taphoa.CustomerQuery{BirthDate: "28/02/1990"}, lan + ", " + mai},
			{taphoa.CustomerQuery{BirthDate: "12-01"}, duc},
			{taphoa.CustomerQuery{BirthDate: "1/12"}, duc},
			{taphoa.CustomerQuery{BirthDate: "29/02"}, ""},
			{taphoa.CustomerQuery{GroupID: vip}, duc},
			{taphoa.CustomerQuery{GroupID: vip + 999}, ""},
			{taphoa.CustomerQuery{Keyword: "lan"}, lan + ", " + anh},
			{taphoa.CustomerQuery{Keyword: "KH1"}, lan + ", " + duc},
			{taphoa.CustomerQuery{Keyword: "0912 345"}, lan},
			{taphoa.CustomerQuery{Keyword: "mai 1"}, ""},
			{taphoa.CustomerQuery{Keyword: "()"}, ""},
			{taphoa.CustomerQuery{IsActive: taphoa.Some(false)}, ""},
			{taphoa.CustomerQuery{IsActive: taphoa.Some(true), Name: "duc"}, duc},
			{taphoa.CustomerQuery{LastModifiedFrom: taphoa.Some(s.clock.Now() + 1)}, ""},
		} {
			if got := s.names(q.query); got != q.want {
				t.Errorf("%+v finds %q, want %q", q.query, got, q.want)
			}
		}
		for _, bad := range []string{"13-45", "30", "hôm nay", "1990-02-30"} {
			s.refused("birthDate", just(party.ListCustomers, &taphoa.CustomerQuery{BirthDate: bad}), "birthDate", "yyyy-MM-dd")
		}
	})
}

func TestWhatAListShowsIsSwitchedOn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		vip := s.group("VIP")
		in := person("Lan", "")
		in.GroupIDs, in.PsidFacebook = taphoa.Some([]int64{vip}), taphoa.Some(int64(77))
		s.create(in)
		bare := s.list(taphoa.CustomerQuery{}).Data[0]
		if bare.TotalInvoiced.Has() || bare.TotalPoint.Has() || bare.TotalRevenue.Has() || bare.Groups.Has() || bare.PsidFacebook.Has() || bare.CustomerGroupDetails != nil {
			t.Errorf("a bare list shows %+v", bare)
		}
		full := s.list(taphoa.CustomerQuery{IncludeTotal: true, IncludeCustomerGroup: true, IncludeCustomerSocial: true}).Data[0]
		if !full.TotalInvoiced.Has() || !full.TotalPoint.Has() || !full.TotalRevenue.Has() || full.Groups.Value != "VIP" || full.PsidFacebook.Value != 77 {
			t.Errorf("a full list shows %+v", full)
		}
		if page := s.list(taphoa.CustomerQuery{IncludeCustomerGroup: true, Name: "unknown"}); page.Data == nil || len(page.Data) != 0 {
			t.Errorf("an empty list is %+v", page)
		}
	})
}

func TestWhatACustomerOwesAndBoughtIsShown(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan, mai := s.create(person("Lan", "")), s.create(person("Mai", ""))
		s.clock.Advance(60)
		s.write(func(tx *db.Tx) error {
			for id, debt := range map[int64]int64{lan.ID: -50_000_0000, mai.ID: 120_000_0000} {
				tx.Queue(`INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, 'C', ?, ?)`, id, debt)
			}
			tx.Queue(`INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, 'S', ?, 5)`, lan.ID)
			party.AddTotals(tx, lan.ID, party.Totals{Invoiced: taphoa.Dong(300), Revenue: taphoa.Dong(300), Points: 3}, false)
			party.AddTotals(tx, lan.ID, party.Totals{Invoiced: taphoa.Dong(-100), Revenue: taphoa.Dong(-120), Points: -1}, false)
			party.AddTotals(tx, 999999, party.Totals{Points: 1}, false)
			return nil
		})
		got := s.get(lan.ID)
		if got.Debt != taphoa.Dong(-50_000) || got.TotalInvoiced.Value != taphoa.Dong(200) || got.TotalRevenue.Value != taphoa.Dong(180) || got.TotalPoint.Value != 2 || got.RewardPoint != 2 {
			t.Errorf("Lan is %+v", got)
		}
		if got.ModifiedDate.Has() || s.names(taphoa.CustomerQuery{LastModifiedFrom: taphoa.Some(s.clock.Now())}) != "" {
			t.Error("a sale counts as a modification of the customer")
		}
		for direction, want := range map[string]string{"Asc": "Lan, Mai", "DESC": "Mai, Lan"} {
			if got := s.names(taphoa.CustomerQuery{Paging: taphoa.Paging{OrderBy: "Debt", OrderDirection: direction}}); got != want {
				t.Errorf("by debt %s: %q, want %q", direction, got, want)
			}
		}
		change := &taphoa.CustomerUpdate{ID: lan.ID}
		change.Name = taphoa.Some("Lan Anh")
		if after := run(s, party.UpdateCustomer, change); after.TotalInvoiced != got.TotalInvoiced || after.RewardPoint != 2 || after.Debt != got.Debt {
			t.Errorf("an update changed the totals: %+v", after)
		}
	})
}

func TestAListHasAStableOrder(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, name := range []string{"Đức", "An", "Bình", "An"} {
			s.create(person(name, ""))
		}
		for by, want := range map[string]string{
			"Name": "An, An, Bình, Đức", "id": "Đức, An, Bình, An", "CODE": "Đức, An, Bình, An", "nonsense": "Đức, An, Bình, An",
			"createdDate": "Đức, An, Bình, An", "modifiedDate": "Đức, An, Bình, An", "totalRevenue": "Đức, An, Bình, An",
		} {
			if got := s.names(taphoa.CustomerQuery{Paging: taphoa.Paging{OrderBy: by}}); got != want {
				t.Errorf("by %s: %q, want %q", by, got, want)
			}
		}
		page := s.list(taphoa.CustomerQuery{Paging: taphoa.Paging{PageSize: 2, CurrentItem: 1, OrderBy: "name", OrderDirection: "desc"}})
		if page.Total != 4 || page.PageSize != 2 || len(page.Data) != 2 || page.Data[0].Name != "Bình" || page.Data[1].Code != "KH000004" {
			t.Errorf("the page is %+v", page)
		}
	})
}
