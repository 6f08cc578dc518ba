package catalog_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// spellings are one code as clients write it.
func spellings(code string) []string {
	return []string{
		norm.NFD.String(code), "\u200b" + code, code + "\u2060", " " + strings.ToLower(code) + "\u00a0", strings.ToUpper(code) + "\t",
		norm.NFD.String(strings.ToLower(code)) + "\ufeff",
	}
}

func TestACodeIsOneHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		made := s.create("Đường", coded("ĐƯỜNG 1\u200b"), func(in *taphoa.ProductInput) { in.BarCode = taphoa.Some("MÃ 893\u00a01\u200b") })
		equal(t, "the stored code", made.Code, "ĐƯỜNG 1")
		equal(t, "the stored bar code", made.BarCode.Value, "MÃ 893 1")
		for _, code := range spellings("Đường 1") {
			refused(s, catalog.CreateProduct, input("Khác", coded(code)), "đã tồn tại")
			equal(t, code, read(s, catalog.GetProductByCode, &taphoa.ProductByCode{Code: code}).ID, made.ID)
			_, byCode, err := itemsOf(s, nil, code)
			s.must(err)
			if byCode[code] == nil || byCode[code].ID != made.ID {
				t.Errorf("a line does not find %q", code)
			}
			equal(t, "the code after "+code, s.update(made.ID, coded(code)).ID, made.ID)
		}
		for _, bar := range []string{norm.NFD.String("MÃ 893 1"), "\u200bMÃ  893\t1 "} {
			other := func(in *taphoa.ProductInput) { in.BarCode = taphoa.Some(bar) }
			refused(s, catalog.CreateProduct, input("Khác", other), "barCode", "đã tồn tại")
			equal(t, bar, s.products(taphoa.ProductQuery{BarCode: bar}).Total, 1)
		}
		if seen := s.create("Không mã", coded("\u200b \u00ad")); !strings.HasPrefix(seen.Code, "SP") {
			t.Errorf("a code that cannot be seen is %q", seen.Code)
		}
		refused(s, catalog.CreateProduct, input("\u200b"), "name")
	})
}

func itemsOf(s *shop, ids []int64, code string) (byID map[int64]*catalog.Item, byCode map[string]*catalog.Item, err error) {
	s.do(func(tx *db.Tx) (err error) {
		byID, byCode, err = catalog.Items(tx, ids, []string{code})
		return err
	})
	return byID, byCode, err
}

func TestAnAttributeValueIsOneHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		first := s.create("Áo", attributed("Màu", "Đỏ"))
		for i, value := range []string{norm.NFD.String("Đỏ"), "đỏ", "ĐỎ", "Đỏ\u200b", " đỏ\u00a0"} {
			s.create("Áo "+string(rune('a'+i)), attributed(norm.NFD.String("MÀU")+"\u200d", value))
		}
		s.create("Áo xanh", attributed("màu", "Xanh"))
		all := read(s, catalog.ListAttributes, &struct{}{})
		if len(all) != 1 || len(all[0].AttributeValues) != 2 || all[0].AttributeValues[0].Value != "Xanh" || all[0].AttributeValues[1].Value != "Đỏ" {
			t.Errorf("the attributes are %+v", all)
		}
		equal(t, "the attribute", first.Attributes[0].AttributeName, "Màu")
		refused(s, catalog.CreateProduct, input("Áo hai màu", attributed("Màu", "Đỏ", norm.NFD.String("mÀu"), "Xanh")), "khai báo hai lần")
		refused(s, catalog.CreateProduct, input("Áo không màu", attributed("Màu", "\u200b")), "attributeValue")
	})
}

func TestNoWriteMakesTwoEqualVariants(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		kind := func(id int64) func(*taphoa.ProductInput) {
			return func(in *taphoa.ProductInput) { in.MasterProductID = taphoa.Some(id) }
		}
		red := s.create("Áo", coded("DO"), attributed("Màu", "Đỏ", "Cỡ", "M"))
		blue := s.create("Áo", coded("XANH"), attributed("Màu", "Xanh", "Cỡ", "M"), kind(red.ID))
		same := attributed("Cỡ", "m", norm.NFD.String("MÀU"), norm.NFD.String("đỏ")) // in another order
		refused(s, catalog.CreateProduct, input("Áo", coded("DO2"), same, kind(red.ID)), "DO", "DO2", "attributes")
		refused(s, catalog.CreateProduct, input("Áo", coded("DO2"), same, kind(blue.ID)), "DO")
		refused(s, catalog.UpdateProduct, change(blue.ID, same), "DO", "XANH")
		free := s.create("Áo", coded("DO3"), same)
		refused(s, catalog.UpdateProduct, change(free.ID, kind(red.ID)), "DO3")
		refused(s, catalog.BulkCreateProducts, list(input("Áo", kind(red.ID), attributed("Màu", "Tím")), input("Áo", kind(red.ID), attributed("màu", "TÍM"))), "SP000001 và SP000002", "Màu")
		refused(s, catalog.BulkUpdateProducts, list(change(blue.ID, same)), "thứ 1", "DO")
		// Two of them may change places.
		write(s, catalog.BulkUpdateProducts, list(change(red.ID, attributed("Màu", "Xanh", "Cỡ", "M")), change(blue.ID, attributed("Màu", "Đỏ", "Cỡ", "M"))))
		// A kind that joins another brings its variants along.
		other := s.create("Áo", coded("KHAC"), attributed("Màu", "Vàng"))
		s.create("Áo", coded("KHAC2"), attributed("Màu", "Đỏ", "Cỡ", "M"), kind(other.ID))
		refused(s, catalog.UpdateProduct, change(other.ID, kind(red.ID)), "KHAC2", "XANH")
		s.create("Áo", kind(red.ID)) // what has no attributes equals nothing
		s.create("Áo", kind(red.ID))
		s.twins()
	})
}

func TestNoWriteMakesTwoEqualUnits(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		named := func(unit string) func(*taphoa.ProductInput) {
			return func(in *taphoa.ProductInput) { in.Unit = taphoa.Some(unit) }
		}
		can := s.create("Bia", coded("LON"), named("lon"))
		pack := s.create("Bia", coded("LOC"), unitOf(can.ID, "Lốc", 6))
		crate := s.create("Bia", coded("THUNG"), unitOf(can.ID, "thùng", 24))
		for _, unit := range []string{"Lốc", "LỐC", norm.NFD.String("lốc"), "Lốc\u200b"} {
			refused(s, catalog.CreateProduct, input("Bia", coded("LOC2"), unitOf(can.ID, unit, 4)), "LOC2", "LOC", "unit")
			refused(s, catalog.UpdateProduct, change(crate.ID, named(unit)), "THUNG", "LOC")
			refused(s, catalog.UpdateProduct, change(can.ID, named(unit)), "LON", "LOC")
		}
		refused(s, catalog.CreateProduct, input("Bia", coded("LON2"), unitOf(can.ID, "Lon", 2)), "LON")
		refused(s, catalog.CreateProduct, input("Bia", unitOf(can.ID, "\u200b", 2)), "unit")
		refused(s, catalog.BulkCreateProducts, list(input("Bia", unitOf(can.ID, "két", 12)), input("Bia", unitOf(can.ID, "KÉT", 20))), "SP000001", "SP000002")
		other := s.create("Nước", coded("CHAI"), named("chai"))
		box := s.create("Nước", coded("HOP"), unitOf(other.ID, "lốc", 4))
		refused(s, catalog.UpdateProduct, change(box.ID, unitOf(can.ID, "lốc", 4)), "HOP", "LOC")

		equal(t, "the unit after its case has changed", s.update(pack.ID, named("LỐC")).Unit, "LỐC")
		write(s, catalog.BulkUpdateProducts, list(change(pack.ID, named("thùng")), change(crate.ID, named("lốc")))) // they change places
		zero := func(in *taphoa.ProductInput) { in.MasterUnitID = taphoa.Some[int64](0) }
		refused(s, catalog.UpdateProduct, change(pack.ID, zero), "masterUnitId", "LOC")
		refused(s, catalog.BulkUpdateProducts, list(change(crate.ID, zero)), "masterUnitId")
		s.update(can.ID, zero) // it is a base unit
		s.create("Rượu", zero)
		equal(t, "the base after null", s.update(pack.ID, func(in *taphoa.ProductInput) { in.MasterUnitID = taphoa.Null[int64]() }).MasterUnitID.Value, can.ID)
		s.twins()
	})
}

func TestAComboIsOneByItsMaterials(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea := s.create("Trà")
		bare := func(in *taphoa.ProductInput) { in.Type = taphoa.Some(taphoa.ProductCombo) }
		empty := func(in *taphoa.ProductInput) { in.ProductFormulas = []taphoa.MaterialInput{} }
		goods := s.create("Gói quà", bare, stocked(s.main, 3, 1000))
		equal(t, "the type without materials", goods.Type, taphoa.ProductGoods)
		equal(t, "the stock of goods", at(t, goods, s.main).OnHand, taphoa.Units(3))
		equal(t, "the type when it is sent back", s.update(goods.ID, bare).Type, taphoa.ProductGoods)
		refused(s, catalog.CreateProduct, input("Hộp", bare, empty), "productFormulas")
		refused(s, catalog.BulkCreateProducts, list(input("Hộp", bare, empty)), "productFormulas", "thứ 1")
		gift := s.create("Hộp", comboOf(material(tea.ID, 2)))
		equal(t, "the type with materials", gift.Type, taphoa.ProductCombo)
		refused(s, catalog.UpdateProduct, change(gift.ID, empty), "productFormulas", gift.Code)
		refused(s, catalog.SetFormula, &taphoa.FormulaInput{ID: gift.ID, ProductFormulas: []taphoa.MaterialInput{}}, "productFormulas")
		equal(t, "the type of a combo that is renamed", s.update(gift.ID, bare).Type, taphoa.ProductCombo)
		equal(t, "the type of goods with no materials", s.create("Kẹo", empty).Type, taphoa.ProductGoods)
	})
}

func change(id int64, more ...func(*taphoa.ProductInput)) *taphoa.ProductInput {
	in := &taphoa.ProductInput{ID: id}
	for _, m := range more {
		m(in)
	}
	return in
}

func list(inputs ...*taphoa.ProductInput) *taphoa.ProductsInput {
	var all taphoa.ProductsInput
	for _, in := range inputs {
		all.ListProducts = append(all.ListProducts, *in)
	}
	return &all
}

// twins wants findings of [catalog.Outdated] that contain these words, one each.
func (s *shop) twins(words ...string) {
	s.t.Helper()
	findings := read(s, func(tx *db.Tx, _ struct{}) ([]string, error) { return catalog.Outdated(tx) }, struct{}{})
	if len(findings) != len(words) {
		s.t.Errorf("found %q, want %d twins", findings, len(words))
		return
	}
	for i, word := range words {
		if !strings.Contains(findings[i], word) {
			s.t.Errorf("the finding %q does not say %q", findings[i], word)
		}
	}
}
