package plan_test

import (
	"errors"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
)

func TestAPriceBookSaysWhatItIsNotFor(t *testing.T) {
	const day = 24 * 3600 * 1_000_000
	forAll := plan.PriceBook{ID: 3, Found: true, Name: "Sỉ", IsActive: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true}
	sale := plan.PriceBookScope{BranchID: 1, CustomerID: 5, UserID: 7, At: 10 * day}
	for _, c := range []struct {
		name   string
		change func(*plan.PriceBook, *plan.PriceBookScope)
		groups []int64
		want   string
	}{
		{"for all", func(*plan.PriceBook, *plan.PriceBookScope) {}, nil, ""},
		{
			"none", func(p *plan.PriceBook, _ *plan.PriceBookScope) { *p = plan.PriceBook{ID: 3} }, nil,
			"Bảng giá 3 (priceBookId) không tồn tại",
		},
		{
			"stopped", func(p *plan.PriceBook, _ *plan.PriceBookScope) { p.IsActive = false; p.IsGlobal = false }, nil,
			"Bảng giá Sỉ (priceBookId) đã ngừng áp dụng",
		},
		{
			"to come", func(p *plan.PriceBook, s *plan.PriceBookScope) { p.StartDate = taphoa.Some(s.At + 1) }, nil,
			"Bảng giá Sỉ (priceBookId) chỉ áp dụng từ 1970-01-11T07:00:00.0000010",
		},
		{"from now on", func(p *plan.PriceBook, s *plan.PriceBookScope) {
			p.StartDate, p.EndDate = taphoa.Some(s.At), taphoa.Some(s.At)
		}, nil, ""},
		{
			"over", func(p *plan.PriceBook, s *plan.PriceBookScope) { p.EndDate = taphoa.Some(s.At - 1) }, nil,
			"Bảng giá Sỉ (priceBookId) đã hết hiệu lực từ 1970-01-11T06:59:59.9999990",
		},
		{"of the branch", func(p *plan.PriceBook, _ *plan.PriceBookScope) { p.IsGlobal, p.Branches = false, []int64{1} }, nil, ""},
		{
			"of another branch", func(p *plan.PriceBook, _ *plan.PriceBookScope) { p.IsGlobal = false; p.ForAllCusGroup = false }, nil,
			"Bảng giá Sỉ (priceBookId) không áp dụng cho chi nhánh này (branchId)",
		},
		{
			"of groups, without a customer", func(p *plan.PriceBook, s *plan.PriceBookScope) { p.ForAllCusGroup, s.CustomerID = false, 0 }, nil,
			"Bảng giá Sỉ (priceBookId) chỉ áp dụng cho một số nhóm khách hàng, hãy gửi khách hàng (customerId) của chứng từ",
		},
		{
			"of another group", func(p *plan.PriceBook, _ *plan.PriceBookScope) {
				p.ForAllCusGroup, p.CustomerGroups = false, []int64{2}
			},
			[]int64{1, 3},
			"Bảng giá Sỉ (priceBookId) không áp dụng cho nhóm khách hàng của khách này (customerId)",
		},
		{"of a group", func(p *plan.PriceBook, _ *plan.PriceBookScope) {
			p.ForAllCusGroup, p.CustomerGroups = false, []int64{2}
		}, []int64{1, 2}, ""},
		{
			"of another seller", func(p *plan.PriceBook, _ *plan.PriceBookScope) { p.ForAllUser = false }, nil,
			"Bảng giá Sỉ (priceBookId) không áp dụng cho người bán này (soldById)",
		},
		{"of the seller", func(p *plan.PriceBook, _ *plan.PriceBookScope) { p.ForAllUser, p.Users = false, []int64{7} }, nil, ""},
	} {
		book, scope := forAll, sale
		c.change(&book, &scope)
		err := book.Check(&scope, c.groups)
		var refusal *taphoa.Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &refusal) || refusal.Field != "priceBookId" || refusal.Message != c.want):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestTheGeneralPricesAreNoBook(t *testing.T) {
	var general *plan.PriceBook
	if err := general.Check(&plan.PriceBookScope{}, nil); err != nil {
		t.Error(err)
	}
	if _, found := general.Price(1); found {
		t.Error("the general prices have one of their own")
	}
	if _, found := general.PriceByCode("SP1"); found {
		t.Error("the general prices have one of their own")
	}
	book := &plan.PriceBook{Prices: map[int64]taphoa.Money{1: taphoa.Dong(9)}, CodePrices: map[string]taphoa.Money{"sp1": taphoa.Dong(9)}}
	if p, found := book.Price(1); !found || p != taphoa.Dong(9) {
		t.Errorf("the price is %v, %v", p, found)
	}
	if p, found := book.PriceByCode(" SP1"); !found || p != taphoa.Dong(9) {
		t.Errorf("the price by code is %v, %v", p, found)
	}
	if _, found := book.Price(2); found {
		t.Error("there is a price that the book does not have")
	}
}
