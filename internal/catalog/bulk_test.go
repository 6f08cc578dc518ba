package catalog_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
)

func several(list ...*in) *taphoa.ProductsInput {
	all := &taphoa.ProductsInput{}
	for _, p := range list {
		all.ListProducts = append(all.ListProducts, *p)
	}
	return all
}

func TestSeveralProductsAreMadeTogetherOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		base := s.create("Bia")
		got := write(s, catalog.BulkCreateProducts, several(
			input("Mì", coded("MI"), stocked(s.main, 5, 1)), input("Gạo"), input("Bia thùng", unitOf(base.ID, "thùng", 24), stocked(s.main, 2, 0))))
		equal(t, "the message", got.Message, "Thêm mới danh sách sản phẩm thành công")
		equal(t, "the list", codes(s.products(taphoa.ProductQuery{}).Data), "SP000001 MI SP000002 SP000003")
		equal(t, "the base's stock", s.onHand(base.ID), "48 0")

		e := refused(s, catalog.BulkCreateProducts, several(input("Tốt", coded("TOT")), input("Trùng", coded("mi"))), "Sản phẩm thứ 2 (mi)", "đã tồn tại")
		equal(t, "the field", e.Field, "listProducts[1].code")
		refused(s, catalog.BulkCreateProducts, several(input("Một", coded("X")), input("Hai", coded("x"))), "Sản phẩm thứ 2 (x)")
		refused(s, catalog.BulkCreateProducts, several(input("Tốt"), input("Xấu", coded("XAU"), stocked(987654, 1, 1))), "Sản phẩm thứ 2 (XAU)", "Chi nhánh không tồn tại")
		refused(s, catalog.BulkCreateProducts, several(input("Tốt"), input(" ")), "Sản phẩm thứ 2", "name")
		refused(s, catalog.BulkCreateProducts, &taphoa.ProductsInput{}, "rỗng")
		many := make([]*in, 101)
		for i := range many {
			many[i] = input(fmt.Sprint("Hàng ", i))
		}
		refused(s, catalog.BulkCreateProducts, several(many...), "101", "100")
		equal(t, "the products", s.products(taphoa.ProductQuery{}).Total, 4)
		write(s, catalog.BulkCreateProducts, several(many[:100]...))
		equal(t, "the products", s.products(taphoa.ProductQuery{}).Total, 104)
	})
}

func TestSeveralProductsAreChangedTogetherOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		rename := func(id int64, name string, more ...func(*in)) *in { p := input(name, more...); p.ID = id; return p }
		a, b := s.create("A", stocked(s.main, 10, 1)), s.create("B")
		unit := s.create("A thùng", unitOf(a.ID, "thùng", 5))
		got := write(s, catalog.BulkUpdateProducts, several(rename(b.ID, "B1"), rename(a.ID, "A1", coded("AA")), rename(b.ID, "B2", coded("BB"))))
		equal(t, "the message", got.Message, "Cập nhật danh sách sản phẩm thành công")
		equal(t, "the second name wins", s.product(b.ID).FullName, "B2")

		e := refused(s, catalog.BulkUpdateProducts, several(rename(a.ID, "A2"), rename(987654, "?", coded("KHONG"))), "Sản phẩm thứ 2 (KHONG)", "987654", "không tồn tại")
		equal(t, "the kind", e.Kind, taphoa.KindNotFound)
		equal(t, "the field", e.Field, "listProducts[1]")
		refused(s, catalog.BulkUpdateProducts, several(rename(a.ID, "A2"), rename(b.ID, "B3", coded("aa"))), "Sản phẩm thứ 2 (BB)", "đã tồn tại")
		equal(t, "the name after refusals", s.product(a.ID).Name, "A1")
		equal(t, "the empty list", refused(s, catalog.BulkUpdateProducts, &taphoa.ProductsInput{}).Message, "Danh sách sản phẩm cập nhật rỗng")

		// The base unit is counted while its unit is sent back as it was read: the count is posted.
		write(s, catalog.BulkUpdateProducts, several(
			rename(a.ID, "A", setting(s.main, taphoa.Units(7))), rename(unit.ID, "A thùng", setting(s.main, taphoa.Units(2)))))
		equal(t, "the stock", s.onHand(a.ID), "7 0")
	})
}

// One change of a list may touch another product of the list: nothing of it is lost.
func TestChangesOfOneListSeeEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		a, b, c := s.create("A"), s.create("B"), s.create("C")
		variantOf := func(id, first int64) *in { return &in{ID: id, MasterProductID: taphoa.Some(first)} }
		write(s, catalog.BulkUpdateProducts, several(variantOf(c.ID, b.ID), variantOf(b.ID, a.ID), &in{ID: c.ID, Name: taphoa.Some("C1")}))
		equal(t, "the first of the last", s.product(c.ID).MasterProductID.Or(0), a.ID)
		unit := func(id, base int64) *in {
			return &in{ID: id, MasterUnitID: taphoa.Some(base), Unit: taphoa.Some("x"), ConversionValue: taphoa.Some(taphoa.Units(2))}
		}
		refused(s, catalog.BulkUpdateProducts, several(unit(b.ID, a.ID), unit(a.ID, c.ID)), "Sản phẩm thứ 2", "đơn vị quy đổi")
	})
}
