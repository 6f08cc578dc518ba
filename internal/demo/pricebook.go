package demo

import (
	"cmp"
	"errors"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/party"
)

// openPriceBooks creates price books: one for wholesale customers, one for two users in one branch, one that has expired,
// and an inactive one.
func (s *generator) openPriceBooks() error {
	for i, in := range []taphoa.PriceBookInput{
		{
			Name: "Bảng giá sỉ", StartDate: taphoa.Some(s.at(openingDay, 0, 0)), EndDate: taphoa.Some(s.today.Add(365 * oneDay)),
			CustomerGroups: []taphoa.PriceBookCustomerGroupInput{{CustomerGroupID: s.groups[1]}, {CustomerGroupID: s.groups[3]}},
		},
		{
			Name: "Bảng giá trực tuyến", StartDate: taphoa.Some(s.at(firstDay, 0, 0)), EndDate: taphoa.Some(s.today.Add(30 * oneDay)),
			Branches: []taphoa.PriceBookBranchInput{{BranchID: s.branches[0]}},
			Users:    []taphoa.PriceBookUserInput{{UserID: s.users[0]}, {UserID: s.users[1]}},
		},
		{Name: "Khuyến mãi khai trương", StartDate: taphoa.Some(s.at(openingDay, 0, 0)), EndDate: taphoa.Some(s.at(firstDay, 0, 0))},
		{Name: "Bảng giá cũ", IsActive: taphoa.Some(false)},
	} {
		book, err := catalog.CreatePriceBook(s.tx, &in)
		if err != nil {
			return err
		}
		s.books = append(s.books, book.ID)
		prices := taphoa.PriceBookDetailWrite{PriceBookID: book.ID}
		for n, it := range s.items {
			if n > 2 && n%(7+3*i) != 0 {
				continue
			}
			price, err := it.price.Share(taphoa.Ratio(int64(90 + 3*i)))
			if err != nil {
				return err
			}
			prices.Details = append(prices.Details, taphoa.PriceBookDetailItem{ProductID: it.id, Price: taphoa.Some(hundreds(price))})
		}
		if set, err := catalog.SetPrices(s.tx, &prices); err != nil || !set.IsSuccess {
			return cmp.Or(err, errors.New(set.Message))
		}
	}
	return nil
}

// changedGroupAndPriceBook raises the discount of a customer group, and deletes a price book.
func (s *generator) changedGroupAndPriceBook() error {
	_, err := party.UpdateCustomerGroup(s.tx, &taphoa.CustomerGroupUpdate{
		ByID: taphoa.ByID{ID: s.groups[0]}, CustomerGroupInput: taphoa.CustomerGroupInput{Discount: taphoa.Some(taphoa.Dong(6_000))},
	})
	if err != nil {
		return err
	}
	weekend, err := catalog.CreatePriceBook(s.tx, &taphoa.PriceBookInput{Name: "Giá cuối tuần"})
	if err == nil {
		_, err = catalog.DeletePriceBook(s.tx, &taphoa.ByID{ID: weekend.ID})
	}
	return err
}
