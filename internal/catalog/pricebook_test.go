package catalog_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
)

// TestAPriceBookIsForWhomItNames asks for a price book with one thing of a sale wrong at a time.
func TestAPriceBookIsForWhomItNames(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		group := write(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "Khách sỉ"})
		member := write(s, party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some("Lan"), GroupIDs: taphoa.Some([]int64{group.ID})})
		seller := write(s, org.CreateUser, &taphoa.UserInput{UserName: "hung", GivenName: "Hùng"})
		now := s.clock.Now()
		start, end := now.Add(-time.Hour), now.Add(time.Hour)
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{
			Name: "Giá sỉ", StartDate: taphoa.Some(start), EndDate: taphoa.Some(end),
			Branches:       []taphoa.PriceBookBranchInput{{BranchID: s.main}},
			CustomerGroups: []taphoa.PriceBookCustomerGroupInput{{CustomerGroupID: group.ID}},
			Users:          []taphoa.PriceBookUserInput{{UserID: seller.ID}},
		})
		check := func(tx *db.Tx, sale *catalog.PriceBookScope) (struct{}, error) {
			return struct{}{}, catalog.CheckPriceBook(tx, book.ID, sale)
		}
		right := catalog.PriceBookScope{BranchID: s.main, CustomerID: member.ID, UserID: seller.ID, At: now}
		for _, test := range []struct {
			words  string // of the refusal
			change func(*catalog.PriceBookScope)
		}{
			{"", func(*catalog.PriceBookScope) {}},
			{"", func(x *catalog.PriceBookScope) { x.At = start }},
			{"", func(x *catalog.PriceBookScope) { x.At = end }},
			{"chỉ áp dụng từ", func(x *catalog.PriceBookScope) { x.At = start - 1 }},
			{"hết hiệu lực", func(x *catalog.PriceBookScope) { x.At = end + 1 }},
			{"chi nhánh", func(x *catalog.PriceBookScope) { x.BranchID = s.up }},
			{"customerId", func(x *catalog.PriceBookScope) { x.CustomerID = 0 }},
			{"nhóm khách hàng", func(x *catalog.PriceBookScope) { x.CustomerID = member.ID + 1 }},
			{"soldById", func(x *catalog.PriceBookScope) { x.UserID = s.who.User }},
		} {
			sale := right
			if test.change(&sale); test.words == "" {
				write(s, check, &sale)
			} else {
				refused(s, check, &sale, test.words, "Giá sỉ", "priceBookId")
			}
		}
		write(s, party.UpdateCustomerGroup, &taphoa.CustomerGroupUpdate{
			ByID: taphoa.ByID{ID: group.ID}, CustomerGroupInput: taphoa.CustomerGroupInput{Members: []taphoa.GroupMember{}},
		})
		refused(s, check, &right, "nhóm khách hàng")
		write(s, catalog.UpdatePriceBook, &taphoa.PriceBookUpdate{
			ByID: taphoa.ByID{ID: book.ID}, PriceBookInput: taphoa.PriceBookInput{
				IsGlobal: taphoa.Some(true), ForAllCusGroup: taphoa.Some(true), ForAllUser: taphoa.Some(true),
			},
		})
		write(s, check, &catalog.PriceBookScope{BranchID: s.up, At: now})
		write(s, catalog.DeletePriceBook, &taphoa.ByID{ID: book.ID})
		refused(s, check, &right, "không tồn tại")
	})
}

// TestAPriceBookIsForAllOrForSome changes flags and lists against each other.
func TestAPriceBookIsForAllOrForSome(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		here := []taphoa.PriceBookBranchInput{{BranchID: s.main}, {BranchID: s.main}}
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: " Giá  sỉ ", Branches: here})
		equal(t, "the name", book.Name, "Giá sỉ")
		equal(t, "for all branches", book.IsGlobal, false)
		equal(t, "for all groups and users", book.ForAllCusGroup && book.ForAllUser && book.IsActive, true)
		if len(book.PriceBookBranches) != 1 || book.PriceBookBranches[0].BranchID != s.main {
			t.Errorf("the branches are %+v", book.PriceBookBranches)
		}
		change := func(in taphoa.PriceBookInput) *taphoa.PriceBookUpdate {
			return &taphoa.PriceBookUpdate{ByID: taphoa.ByID{ID: book.ID}, PriceBookInput: in}
		}
		for words, in := range map[string]taphoa.PriceBookInput{
			"(isGlobal là true)":       {IsGlobal: taphoa.Some(true), Branches: here},
			"priceBookBranches":        {Branches: []taphoa.PriceBookBranchInput{}},
			"forAllUser là true":       {ForAllUser: taphoa.Some(false)},
			"Người dùng 987654":        {Users: []taphoa.PriceBookUserInput{{UserID: 987654}}},
			"Nhóm khách hàng 0":        {CustomerGroups: []taphoa.PriceBookCustomerGroupInput{{}}},
			"tối đa 1000":              {Branches: many(1001)},
			"endDate":                  {StartDate: taphoa.Some(s.clock.Now()), EndDate: taphoa.Some(s.clock.Now() - 1)},
			"bảng giá chung (name)":    {Name: " bảng giá  chung"},
			"(name) không được để trố": {Name: "  "},
		} {
			refused(s, catalog.UpdatePriceBook, change(in), words)
		}
		sent := write(s, catalog.UpdatePriceBook, change(taphoa.PriceBookInput{IsGlobal: taphoa.Some(false), ForAllUser: taphoa.Some(true)}))
		equal(t, "the relation's id", sent.PriceBookBranches[0].ID, book.PriceBookBranches[0].ID)
		moved := write(s, catalog.UpdatePriceBook, change(taphoa.PriceBookInput{Branches: []taphoa.PriceBookBranchInput{{BranchID: s.up}}}))
		equal(t, "the branches after the move", fmt.Sprint(len(moved.PriceBookBranches), moved.PriceBookBranches[0].BranchID), fmt.Sprint(1, s.up))
		all := write(s, catalog.UpdatePriceBook, change(taphoa.PriceBookInput{IsGlobal: taphoa.Some(true)}))
		equal(t, "the branches of all", fmt.Sprint(all.IsGlobal, len(all.PriceBookBranches)), "true 0")

		theirs := open(t, s.d, s.clock, "hai")
		refused(theirs, catalog.UpdatePriceBook, change(taphoa.PriceBookInput{Name: "Chiếm"}), "không tồn tại")
		refused(theirs, catalog.DeletePriceBook, &taphoa.ByID{ID: book.ID}, "không tồn tại")
		refused(theirs, catalog.GetPriceBook, &taphoa.PriceBookDetailQuery{ByID: taphoa.ByID{ID: book.ID}}, "không tồn tại")
		write(theirs, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Giá sỉ"})
		equal(t, "our price books", read(s, catalog.ListPriceBooks, &taphoa.PriceBookQuery{Paging: taphoa.Paging{PageSize: 9}}).Total, 1)
	})
}

func many(n int) []taphoa.PriceBookBranchInput {
	list := make([]taphoa.PriceBookBranchInput, n)
	for i := range list {
		list[i].BranchID = int64(i + 1)
	}
	return list
}

func TestPricesAreSetAllOrNone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea, cup, gone := s.create("Trà"), s.create("Cốc"), s.create("Thìa")
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Tết"})
		s.price(book.ID, tea.ID, 70)
		s.price(book.ID, gone.ID, 5)
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: gone.ID})
		set := func(book int64, items ...taphoa.PriceBookDetailItem) taphoa.PriceBookDetailResult {
			t.Helper()
			return write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{PriceBookID: book, Details: items})
		}
		item := func(product, dong int64) taphoa.PriceBookDetailItem {
			return taphoa.PriceBookDetailItem{ProductID: product, Price: taphoa.Some(taphoa.Dong(dong))}
		}
		for what, got := range map[string]taphoa.PriceBookDetailResult{
			"a deleted product":     set(book.ID, item(tea.ID, 1), item(gone.ID, 1)),
			"a negative price":      set(book.ID, item(tea.ID, 1), item(cup.ID, -1)),
			"no price":              set(book.ID, item(tea.ID, 1), taphoa.PriceBookDetailItem{ProductID: cup.ID}),
			"nothing":               set(book.ID),
			"too much":              set(book.ID, taphoa.PriceBookDetailItem{ProductID: tea.ID, Price: taphoa.Some(taphoa.MoneyMax + 0.0001*taphoa.Scale)}),
			"an unknown book":       set(987654, item(tea.ID, 1)),
			"too many":              set(book.ID, make([]taphoa.PriceBookDetailItem, 1001)...),
			"an unknown base price": set(0, item(tea.ID, 1), item(987654, 1)),
		} {
			if got.IsSuccess || got.Message == "" {
				t.Errorf("%s: %+v", what, got)
			}
		}
		prices := func(id int64) string {
			t.Helper()
			page := read(s, catalog.GetPriceBook, &taphoa.PriceBookDetailQuery{ByID: taphoa.ByID{ID: id}, Paging: taphoa.Paging{PageSize: 9}})
			text := fmt.Sprint(page.Total)
			for _, d := range page.Page.Data {
				text += fmt.Sprintf(" %s=%v", d.ProductCode, d.Price)
			}
			return text
		}
		equal(t, "the prices", prices(book.ID), "1 "+tea.Code+"=70")
		equal(t, "the base prices", prices(0), "2 "+tea.Code+"=0 "+cup.Code+"=0")
		set(book.ID, item(cup.ID, 8), item(tea.ID, 9))
		equal(t, "the new prices", prices(book.ID), "2 "+tea.Code+"=9 "+cup.Code+"=8")
		write(s, catalog.RemovePrices, &taphoa.PriceBookDetailDelete{PriceBookID: book.ID, ProductIDs: []int64{tea.ID, 987654}})
		equal(t, "the prices that are left", prices(book.ID), "1 "+cup.Code+"=8")
		equal(t, "the tea's price books", len(s.product(tea.ID).PriceBooks), 0)
		equal(t, "the cup's price books", len(s.product(cup.ID).PriceBooks), 1)
	})
}

// TestPriceBooksAreToldOf reads the events that the contract names.
func TestPriceBooksAreToldOf(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea, cup := s.create("Trà"), s.create("Cốc")
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Tết", Branches: []taphoa.PriceBookBranchInput{{BranchID: s.up}}})
		s.price(book.ID, tea.ID, 70)
		s.price(book.ID, cup.ID, 8)
		write(s, catalog.RemovePrices, &taphoa.PriceBookDetailDelete{PriceBookID: book.ID, ProductIDs: []int64{cup.ID, tea.ID, 987654}})
		write(s, catalog.DeletePriceBook, &taphoa.ByID{ID: book.ID})
		feed := read(s, event.Feed, &taphoa.EventQuery{
			Limit: 100, Types: []string{"pricebook.update", "pricebook.delete", "pricebookdetail.update", "pricebookdetail.delete"},
		})
		var got []string
		for _, e := range feed.Data {
			got = append(got, e.Type+string(e.Data))
		}
		want := []string{
			fmt.Sprintf(`pricebook.update[{"Id":%d,"Name":"Tết","IsActive":true,"IsGlobal":false,"ForAllCusGroup":true,"ForAllUser":true,`+
				`"PriceBookBranches":[{"Id":%d,"PriceBookId":%d,"BranchId":%d,"BranchName":"Chi nhánh phố trên"}],`+
				`"PriceBookCustomerGroups":[],"PriceBookUsers":[]}]`, book.ID, book.PriceBookBranches[0].ID, book.ID, s.up),
			fmt.Sprintf(`pricebookdetail.update[{"PriceBookId":%d,"ProductId":%d,"Price":70}]`, book.ID, tea.ID),
			fmt.Sprintf(`pricebookdetail.update[{"PriceBookId":%d,"ProductId":%d,"Price":8}]`, book.ID, cup.ID),
			fmt.Sprintf(`pricebookdetail.delete[{"PricebookId":%d,"PriceBookId":%[1]d,"ProductIds":[%d,%d]}]`, book.ID, cup.ID, tea.ID),
			fmt.Sprintf(`pricebook.delete[%d]`, book.ID),
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", fmt.Sprintln(got), fmt.Sprintln(want))
		}
	})
}

// TestManyClientsSetPricesAtOnce sets the same prices in different orders: each list is set whole.
func TestManyClientsSetPricesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var products []int64
		for i := range 4 {
			products = append(products, s.create(fmt.Sprint("Hàng ", i)).ID)
		}
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Tết"})
		var clients sync.WaitGroup
		for client := range 6 {
			clients.Go(func() {
				in := taphoa.PriceBookDetailWrite{PriceBookID: book.ID * int64(client%2)}
				for i := range products {
					in.Details = append(in.Details, taphoa.PriceBookDetailItem{
						ProductID: products[(i*(1+2*(client%2))+client)%4], Price: taphoa.Some(taphoa.Dong(int64(client))),
					})
				}
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
					set, err := catalog.SetPrices(tx, &in)
					if err == nil && !set.IsSuccess {
						t.Error(set.Message)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		clients.Wait()
		for _, id := range []int64{0, book.ID} {
			page := read(s, catalog.GetPriceBook, &taphoa.PriceBookDetailQuery{ByID: taphoa.ByID{ID: id}, Paging: taphoa.Paging{PageSize: 9}})
			for _, d := range page.Page.Data {
				if d.Price != page.Page.Data[0].Price || len(page.Page.Data) != 4 {
					t.Errorf("the prices of book %d are %+v", id, page.Page.Data)
				}
			}
		}
	})
}

func TestABrandInUseStays(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		brand := write(s, catalog.CreateTrademark, &taphoa.TrademarkInput{TradeMarkName: "Hảo Hảo"})
		p := s.create("Mì", func(p *in) { p.TradeMarkID = taphoa.Some(brand.TradeMarkID) })
		ref := taphoa.ByID{ID: brand.TradeMarkID}
		refused(s, catalog.DeleteTrademark, &ref, "Hảo Hảo", p.Code)
		theirs := open(t, s.d, s.clock, "hai")
		refused(theirs, catalog.DeleteTrademark, &ref, "không tồn tại")
		rename := taphoa.TrademarkUpdate{ByID: ref, TrademarkInput: taphoa.TrademarkInput{TradeMarkName: "HẢO hảo"}}
		refused(theirs, catalog.UpdateTrademark, &rename, "không tồn tại")
		equal(t, "the new name", write(s, catalog.UpdateTrademark, &rename).TradeMarkName, "HẢO hảo")
		equal(t, "the product's brand", s.product(p.ID).TradeMarkName.Value, "HẢO hảo")
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: p.ID})
		write(s, catalog.DeleteTrademark, &ref)
		refused(s, catalog.GetTrademark, &ref, "không tồn tại")
		write(s, catalog.CreateTrademark, &rename.TrademarkInput)
	})
}

func TestAPriceOfABookForgetsNothingThatIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		rice := s.create("Gạo")
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Giá sỉ"})
		kept := func() int64 {
			var h db.Head
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) (err error) {
				h, err = tx.Head()
				return err
			}))
			return h.Refs
		}
		before := kept()
		set := write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{
			PriceBookID: book.ID, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: rice.ID, Price: taphoa.Some(taphoa.Dong(9_000))},
		})
		if after := kept(); !set.IsSuccess || after != before {
			t.Errorf("a new price (%s) makes of the reference version %d, was %d", set.Message, after, before)
		}
		write(s, catalog.CreateTrademark, &taphoa.TrademarkInput{TradeMarkName: "Hạt Ngọc"})
		if kept() == before {
			t.Error("a new brand leaves the reference version as it was")
		}
	})
}
