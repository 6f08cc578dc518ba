package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// priceKey is the place of a price: a product in a price book.
type priceKey struct{ book, product int64 }

var (
	priceBookUpdated = event.Kind[int64]{Type: "pricebook.update", Data: priceBookData}
	priceBookDeleted = event.Kind[int64]{Type: "pricebook.delete"}
	priceUpdated     = event.Kind[priceKey]{Type: "pricebookdetail.update", Data: priceData}
	priceDeleted     = event.Kind[priceKey]{Type: "pricebookdetail.delete", Data: removedData}
)

func priceBookData(tx *db.Tx, ids []int64) (any, error) {
	books, err := db.All[taphoa.PriceBook](tx, `
		SELECT `+priceBookColumns+` FROM price_books b WHERE b.retailer_id = :retailer AND b.id IN ? AND b.deleted_at = 0 ORDER BY b.id`, ids)
	books = event.InOrder(ids, books, func(b *taphoa.PriceBook) int64 { return b.ID })
	if err == nil {
		err = fillPriceBooks(tx, books, allRelations)
	}
	data := make([]taphoa.PriceBookData, len(books))
	for i := range books {
		b, d := &books[i], &data[i]
		*d = taphoa.PriceBookData{
			ID: b.ID, Name: b.Name, IsActive: b.IsActive, IsGlobal: b.IsGlobal, StartDate: taphoa.Stamped(b.StartDate),
			EndDate: taphoa.Stamped(b.EndDate), ForAllCusGroup: b.ForAllCusGroup, ForAllUser: b.ForAllUser,
		}
		for _, r := range b.PriceBookBranches {
			d.PriceBookBranches = append(d.PriceBookBranches, taphoa.PriceBookBranchData(r))
		}
		for _, r := range b.PriceBookCustomerGroups {
			d.PriceBookCustomerGroups = append(d.PriceBookCustomerGroups, taphoa.PriceBookCustomerGroupData(r))
		}
		for _, r := range b.PriceBookUsers {
			d.PriceBookUsers = append(d.PriceBookUsers, taphoa.PriceBookUserData(r))
		}
	}
	return data, err
}

func priceData(tx *db.Tx, prices []priceKey) (any, error) {
	data := make([]taphoa.PriceBookDetailData, 0, len(prices))
	for _, group := range byBook(prices) {
		found, err := pricesIn(tx, group.PricebookID, group.ProductIDs)
		if err != nil {
			return nil, err
		}
		for _, product := range group.ProductIDs {
			if price, is := found[product]; is {
				data = append(data, taphoa.PriceBookDetailData{PriceBookID: group.PricebookID, ProductID: product, Price: price})
			}
		}
	}
	return data, nil
}

func removedData(_ *db.Tx, prices []priceKey) (any, error) { return byBook(prices), nil }

// byBook groups products by price book.
func byBook(prices []priceKey) (groups []taphoa.PriceBookDetailRemoved) {
	for _, p := range prices {
		at := slices.IndexFunc(groups, func(g taphoa.PriceBookDetailRemoved) bool { return g.PricebookID == p.book })
		if at < 0 {
			at, groups = len(groups), append(groups, taphoa.PriceBookDetailRemoved{PricebookID: p.book})
		}
		groups[at].ProductIDs = append(groups[at].ProductIDs, p.product)
	}
	return groups
}
