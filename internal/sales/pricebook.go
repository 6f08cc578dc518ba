package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// chooseBook notes the price book that a request names for a document, and refuses one that is not for this sale. The
// one that the document has already may stay: it was right when it was chosen. 0 and null stand for the general one.
func chooseBook(tx *db.Tx, book *taphoa.Opt[int64], given taphoa.Opt[int64], sale catalog.PriceBookScope) error {
	switch id := given.Or(0); {
	case !given.Given() || id != 0 && *book == given:
		return nil
	case id == 0:
		*book = taphoa.Opt[int64]{}
		return nil
	default:
		*book = given
		return catalog.CheckPriceBook(tx, id, &sale)
	}
}

func orderSale(o *taphoa.Order) catalog.PriceBookScope {
	return catalog.PriceBookScope{BranchID: o.BranchID, CustomerID: o.CustomerID.Or(0), UserID: o.SoldByID.Or(0), At: o.PurchaseDate}
}

func invoiceSale(v *taphoa.Invoice) catalog.PriceBookScope {
	return catalog.PriceBookScope{BranchID: v.BranchID, CustomerID: v.CustomerID.Or(0), UserID: v.SoldByID.Or(0), At: v.PurchaseDate}
}

// atBookPrices gives the lines that have no price those of a price book. What the book does not have goes at its base
// price.
func atBookPrices(tx *db.Tx, book taphoa.Opt[int64], in []taphoa.DetailInput) ([]taphoa.DetailInput, error) {
	if !book.Has() || len(in) > linesMax {
		return in, nil // too many lines are refused later
	}
	var (
		ids   []int64
		codes []string
	)
	for i := range in {
		if in[i].Price.Has() {
			continue
		}
		if id := in[i].ProductID.Or(0); id != 0 {
			ids = append(ids, id)
		} else {
			codes = append(codes, in[i].ProductCode.Or(""))
		}
	}
	if len(ids) == 0 && len(codes) == 0 {
		return in, nil
	}
	byID, byCode, err := catalog.BookPrices(tx, book.Value, ids, codes)
	lines := slices.Clone(in)
	for i := range lines {
		l := &lines[i]
		if l.Price.Has() {
			continue
		}
		price, found := byID[l.ProductID.Or(0)]
		if l.ProductID.Or(0) == 0 {
			price, found = byCode[l.ProductCode.Or("")]
		}
		if found {
			l.Price = taphoa.Some(price)
		}
	}
	return lines, err
}
