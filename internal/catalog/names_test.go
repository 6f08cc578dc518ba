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
