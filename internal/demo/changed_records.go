package demo

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/org"
)

// changedRecords changes and deletes some records of each kind: only a changed one shows a date of change, and only a
// deleted one is in the list of removed ids.
func (s *generator) changedRecords() error {
	for _, change := range []func() error{s.changeCategories, s.changeProducts, s.extendWarranty, s.stoppedProducts, s.deletedAttribute, s.changeShop, s.changedGroupAndPriceBook} {
		if err := change(); err != nil {
			return err
		}
	}
	_, err := cash.UpdateSurcharge(s.tx, &taphoa.SurchargeUpdate{ID: s.surcharges[0], Value: taphoa.Some(taphoa.Dong(18_000))})
	return err
}

// changeCategories changes two categories and deletes an empty one.
func (s *generator) changeCategories() error {
	page, err := catalog.ListCategories(s.tx, &taphoa.CategoryQuery{Paging: taphoa.Paging{PageSize: 2}})
	if err != nil {
		return err
	}
	for i, c := range page.Data {
		_, err := catalog.UpdateCategory(s.tx, &taphoa.CategoryInput{ID: c.CategoryID, Rank: taphoa.Some(int64(i))})
		if err != nil {
			return err
		}
	}
	empty, err := catalog.CreateCategory(s.tx, &taphoa.CategoryInput{CategoryName: taphoa.Some("Hàng theo mùa")})
	if err != nil {
		return err
	}
	_, err = catalog.DeleteCategory(s.tx, &taphoa.ByID{ID: empty.Data.CategoryID})
	return err
}

// changeProducts raises some prices, also that of the first product, which is in the first combo.
func (s *generator) changeProducts() error {
	for n, it := range s.items {
		if n > 2 && n%11 != 0 || it.kind.is("combo") || it.kind.is("service") {
			continue
		}
		raised, err := it.price.Share(taphoa.Ratio(103))
		if err != nil {
			return err
		}
		it.price = max(it.price, hundreds(raised))
		if _, err := catalog.UpdateProduct(s.tx, &taphoa.ProductInput{ID: it.id, BasePrice: taphoa.Some(it.price)}); err != nil {
			return err
		}
	}
	return nil
}

// extendWarranty extends the warranty of one product; its inspections are not changed.
func (s *generator) extendWarranty() error {
	return s.setWarranty(s.byName["Nồi cơm điện Sunhouse 1,8 lít"], 24)
}

// stoppedProducts deactivates or deletes the products that the table marks as stopped or deleted.
func (s *generator) stoppedProducts() error {
	for _, it := range s.items {
		var err error
		switch {
		case it.kind.is("stopped"):
			_, err = catalog.UpdateProduct(s.tx, &taphoa.ProductInput{ID: it.id, IsActive: taphoa.Some(false)})
		case it.kind.is("deleted"):
			_, err = catalog.DeleteProduct(s.tx, &taphoa.ByID{ID: it.id})
		default:
			continue
		}
		if err != nil {
			return err
		}
		it.inactive = true
	}
	return nil
}

// deletedAttribute deletes the attribute Mùa, which products still have.
func (s *generator) deletedAttribute() error {
	all, err := catalog.ListAttributes(s.tx, &struct{}{})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(a taphoa.Attribute) bool { return a.Name == "Mùa" })
	_, err = catalog.DeleteAttribute(s.tx, &taphoa.ByID{ID: all[at].ID})
	return err
}

// changeShop completes the data of the first branch, and changes those of a user and of a bank account.
func (s *generator) changeShop() error {
	_, err := org.UpdateBranch(s.tx, &taphoa.BranchUpdate{ByID: taphoa.ByID{ID: s.branches[0]}, BranchInput: taphoa.BranchInput{
		BranchCode: taphoa.Some("CN01"), ContactNumber: taphoa.Some("+84900000001"), Email: taphoa.Some("trungtam@example.com"),
		Address: taphoa.Some("45 Lê Lợi"), LocationName: taphoa.Some("Hồ Chí Minh - Quận 1"), WardName: taphoa.Some("Phường Bến Nghé"),
	}})
	if err != nil {
		return err
	}
	_, err = org.UpdateUser(s.tx, &taphoa.UserUpdate{ByID: taphoa.ByID{ID: s.users[0]}, UserInput: taphoa.UserInput{
		Description: taphoa.Some("Thu ngân trưởng chi nhánh trung tâm"),
	}})
	if err != nil {
		return err
	}
	_, err = cash.UpdateBankAccount(s.tx, &taphoa.BankAccountUpdate{
		ByID: taphoa.ByID{ID: s.accounts[1]}, BankAccountInput: taphoa.BankAccountInput{Description: taphoa.Some("Tài khoản máy POS của hai chi nhánh")},
	})
	return err
}
