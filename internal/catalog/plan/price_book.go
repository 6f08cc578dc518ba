package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// PriceBook is the terms of a price book, and those of its prices that were asked for. A nil one means the general
// prices: it is for every sale and has no prices of its own.
type PriceBook struct {
	ID                 int64
	Found              bool // there is such a book, and it is not deleted
	Name               string
	IsActive           bool
	StartDate, EndDate taphoa.Opt[taphoa.Time]
	IsGlobal           bool                    // for all branches
	ForAllCusGroup     bool                    // for all customers
	ForAllUser         bool                    // for all sellers
	Branches           []int64                 `db:"-"` // those of the asked branches that it is for
	CustomerGroups     []int64                 `db:"-"` // that it is for and that are not deleted
	Users              []int64                 `db:"-"` // those of the asked sellers that it is for
	Prices             map[int64]taphoa.Money  `db:"-"` // by product
	CodePrices         map[string]taphoa.Money `db:"-"` // by code in lower case
}

// PriceBookScope has the members of a sale that a price book's terms are about: branch, time, customer and seller.
type PriceBookScope struct {
	BranchID   int64
	CustomerID int64 // 0 without a customer
	UserID     int64
	At         taphoa.Time
}

// Check refuses a price book that does not exist or is not for a sale, with the reason ([taphoa.CodeValidate]).
// customerGroups are those of the customer. Branch and seller must be the ones that were asked for.
func (p *PriceBook) Check(s *PriceBookScope, customerGroups []int64) error {
	if p == nil {
		return nil
	}
	no := func(format string, args ...any) error {
		return taphoa.Refuse(taphoa.CodeValidate, "priceBookId", format, args...)
	}
	forCustomer := p.ForAllCusGroup || slices.ContainsFunc(customerGroups, func(group int64) bool {
		return slices.Contains(p.CustomerGroups, group)
	})
	switch {
	case !p.Found:
		return no("Bảng giá %d (priceBookId) không tồn tại", p.ID)
	case !p.IsActive:
		return no("Bảng giá %s (priceBookId) đã ngừng áp dụng", p.Name)
	case p.StartDate.Has() && s.At < p.StartDate.Value:
		return no("Bảng giá %s (priceBookId) chỉ áp dụng từ %v", p.Name, p.StartDate.Value)
	case p.EndDate.Has() && s.At > p.EndDate.Value:
		return no("Bảng giá %s (priceBookId) đã hết hiệu lực từ %v", p.Name, p.EndDate.Value)
	case !p.IsGlobal && !slices.Contains(p.Branches, s.BranchID):
		return no("Bảng giá %s (priceBookId) không áp dụng cho chi nhánh này (branchId)", p.Name)
	case !forCustomer && s.CustomerID == 0:
		return no("Bảng giá %s (priceBookId) chỉ áp dụng cho một số nhóm khách hàng, hãy gửi khách hàng (customerId) của chứng từ", p.Name)
	case !forCustomer:
		return no("Bảng giá %s (priceBookId) không áp dụng cho nhóm khách hàng của khách này (customerId)", p.Name)
	case !p.ForAllUser && !slices.Contains(p.Users, s.UserID):
		return no("Bảng giá %s (priceBookId) không áp dụng cho người bán này (soldById)", p.Name)
	}
	return nil
}

// Price returns the price that the book has for a product that was asked for by id, whatever its terms are.
func (p *PriceBook) Price(id int64) (taphoa.Money, bool) {
	if p == nil {
		return 0, false
	}
	price, found := p.Prices[id]
	return price, found
}

// PriceByCode is [PriceBook.Price] of a product that was asked for by its code.
func (p *PriceBook) PriceByCode(code string) (taphoa.Money, bool) {
	if p == nil {
		return 0, false
	}
	price, found := p.CodePrices[text.CodeKey(code)]
	return price, found
}
