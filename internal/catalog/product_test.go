package catalog_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

type in = taphoa.ProductInput

func coded(code string) func(*in) { return func(p *in) { p.Code = taphoa.Some(code) } }

func attributed(pairs ...string) func(*in) {
	return func(p *in) {
		p.Attributes = []taphoa.AttributeInput{}
		for i := 0; i < len(pairs); i += 2 {
			p.Attributes = append(p.Attributes, taphoa.AttributeInput{AttributeName: pairs[i], AttributeValue: pairs[i+1]})
		}
	}
}

// update changes a product.
func (s *shop) update(id int64, more ...func(*in)) taphoa.ProductUpdated {
	s.t.Helper()
	p := &in{ID: id}
	for _, m := range more {
		m(p)
	}
	return write(s, catalog.UpdateProduct, p)
}

func codes(products []taphoa.Product) string {
	var list []string
	for _, p := range products {
		list = append(list, p.Code)
	}
	return strings.Join(list, " ")
}

func TestAProductWithNothingButANameGetsTheRest(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("  Mì   Hảo Hảo ")
		equal(t, "the name", p.Name, "Mì Hảo Hảo")
		equal(t, "the full name", p.FullName, "Mì Hảo Hảo")
		equal(t, "the code", p.Code, "SP000001")
		equal(t, "the category", p.CategoryName, "Khác")
		equal(t, "the type", p.Type, taphoa.ProductGoods)
		equal(t, "the conversion value", p.ConversionValue, taphoa.Units(1))
		equal(t, "the shop", p.RetailerID, s.who.Retailer)
		equal(t, "the date", p.CreatedDate, s.clock.Now())
		equal(t, "modified", p.ModifiedDate.Value, p.CreatedDate)
		equal(t, "on sale", p.AllowsSale && p.IsActive && p.IsRewardPoint, true)
		equal(t, "the branches shown", len(p.Inventories), 2)
		again := s.create("Bánh")
		equal(t, "the next code", again.Code, "SP000002")
		equal(t, "the next category", again.CategoryID, p.CategoryID)
	})
}

func TestCodesAndBarCodesAreOneProductsOnly(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		barred := func(barCode string) func(*in) { return func(p *in) { p.BarCode = taphoa.Some(barCode) } }
		mi := s.create("Mì", coded("mi*1+#(x)"), barred("8934563138165"))
		refused(s, catalog.CreateProduct, input("Mì nữa", coded(" MI*1+#(X) ")), "MI*1+#(X)", "code", "đã tồn tại")
		refused(s, catalog.CreateProduct, input("Mì nữa", barred("8934563138165")), "8934563138165", "barCode", mi.Code)
		equal(t, "the product of the code", read(s, catalog.GetProductByCode, &taphoa.ProductByCode{Code: "Mi*1+#(x)"}).ID, mi.ID)

		taken := s.create("Đặt trước", coded("SP000001"))
		equal(t, "a code passed over", s.create("Sau").Code, "SP000002")
		refused(s, catalog.UpdateProduct, &in{ID: taken.ID, Code: taphoa.Some("sp000002")}, "đã tồn tại")
		refused(s, catalog.UpdateProduct, &in{ID: taken.ID, BarCode: taphoa.Some("8934563138165")}, "đã tồn tại")
		equal(t, "its own code in capitals", s.update(taken.ID, coded("Sp000001")).Code, "Sp000001")
		equal(t, "a code after a blank one", s.update(taken.ID, coded(" ")).Code, "Sp000001")

		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: mi.ID})
		heir := s.create("Mì mới", coded("mi*1+#(x)"), barred("8934563138165"))
		equal(t, "the bar code after null", s.update(heir.ID, func(p *in) { p.BarCode = taphoa.Null[string]() }).BarCode.Has(), false)
		s.create("Không mã vạch", barred(""))
		s.create("Cũng không", barred(""))
	})
}

func TestTheFullNameFollowsNameAttributesAndUnit(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Áo phông", attributed("Màu", "Đỏ", "Cỡ", "M"), func(p *in) { p.Unit = taphoa.Some("cái") })
		equal(t, "the full name", p.FullName, "Áo phông - Đỏ - M (cái)")
		equal(t, "has variants", p.HasVariants, true)
		equal(t, "the second attribute", p.Attributes[1], taphoa.ProductAttribute{ProductID: p.ID, AttributeName: "Cỡ", AttributeValue: "M"})
		u := s.update(p.ID, func(p *in) { p.Name = taphoa.Some("Áo thun") })
		equal(t, "renamed", u.FullName, "Áo thun - Đỏ - M (cái)")
		equal(t, "found by the folded new name", s.products(taphoa.ProductQuery{Name: "AO  thun - do"}).Total, 1)
		equal(t, "found by the old name", s.products(taphoa.ProductQuery{Name: "phong"}).Total, 0)
		u = s.update(p.ID, attributed("Màu", "Xanh"))
		equal(t, "with other attributes", u.FullName, "Áo thun - Xanh (cái)")
		u = s.update(p.ID, attributed(), func(p *in) { p.Unit = taphoa.Null[string]() })
		equal(t, "with neither", u.FullName, "Áo thun")
		equal(t, "has variants", u.HasVariants, false)
		equal(t, "attributes", len(u.Attributes), 0)
	})
}

func TestAnUpdateChangesOnlyWhatIsGiven(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var brand taphoa.Trademark
		s.do(func(tx *db.Tx) (err error) {
			brand, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Hảo Hảo"})
			return err
		})
		full := func(p *in) {
			p.Code, p.BarCode, p.CategoryName = taphoa.Some("ÁO1"), taphoa.Some("893"), taphoa.Some("Áo")
			p.TradeMarkID, p.Description, p.Unit = taphoa.Some(brand.TradeMarkID), taphoa.Some("<p>Đẹp</p>"), taphoa.Some("cái")
			p.BasePrice, p.Weight = taphoa.Some(taphoa.Dong(90000)), taphoa.Some(taphoa.Units(2000))
			p.Images = []string{"https://a/1.jpg", " https://a/2.jpg ", ""}
			p.OrderTemplate, p.MasterCode = taphoa.Some("Ghi chú"), taphoa.Some("SPC000001")
			p.ProductTaxs, p.PurchaseTax = []taphoa.TaxRef{{TaxID: 3}}, taphoa.Some(taphoa.TaxRef{TaxID: 2})
			p.IsRewardPoint = taphoa.Some(false)
		}
		p := s.create("Áo", full, stocked(s.main, 7, 500), attributed("Cỡ", "M"))
		equal(t, "the brand", p.TradeMarkName.Or(""), "Hảo Hảo")
		if want := []string{"https://a/1.jpg", "https://a/2.jpg"}; !slices.Equal(p.Images, want) {
			t.Errorf("images are %q, want %q", p.Images, want)
		}
		u := s.update(p.ID, func(p *in) { p.BasePrice = taphoa.Some(taphoa.Dong(95000)) })
		p.BasePrice, p.ModifiedDate = taphoa.Dong(95000), taphoa.Some(s.clock.Now())
		if got, want := fmt.Sprintf("%+v", u.Product), fmt.Sprintf("%+v", p); clean(got) != clean(want) {
			t.Errorf("after a new price the product is\n%s\nwant\n%s", got, want)
		}
		if len(u.Inventory) != 2 || u.Inventory[0] != u.Inventories[0] {
			t.Errorf("inventory is %v, want %v", u.Inventory, u.Inventories)
		}
		u = s.update(p.ID, func(p *in) {
			p.TradeMarkID, p.Description, p.OrderTemplate = taphoa.Null[int64](), taphoa.Null[string](), taphoa.Null[string]()
			p.Images, p.ProductTaxs, p.PurchaseTax = []string{}, []taphoa.TaxRef{}, taphoa.Null[taphoa.TaxRef]()
			p.IsActive = taphoa.Some(false)
		})
		if u.TradeMarkID.Has() || u.Description != "" || u.OrderTemplate.Has() || len(u.Images) > 0 || u.ProductTaxs != nil ||
			u.PurchaseTax != nil || u.TaxType.Has() || u.IsActive {
			t.Errorf("after clearing the product is %+v", u.Product)
		}
	})
}

// clean cuts the address of the purchase tax out of a printed product.
func clean(printed string) string {
	head, tail, _ := strings.Cut(printed, "PurchaseTax:0x")
	_, tail, _ = strings.Cut(tail, " ")
	return head + tail
}

func TestWhatAProductCannotBeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		goods := s.create("Hàng", coded("HANG"))
		for name, c := range map[string]struct {
			change func(*in)
			word   string
		}{
			"a blank name":               {func(p *in) { p.Name = taphoa.Some("  ") }, "name"},
			"a null name":                {func(p *in) { p.Name = taphoa.Null[string]() }, "name"},
			"a negative price":           {func(p *in) { p.BasePrice = taphoa.Some(taphoa.Dong(-1)) }, "basePrice"},
			"a negative weight":          {func(p *in) { p.Weight = taphoa.Some(taphoa.Units(-1)) }, "weight"},
			"a fourth type":              {func(p *in) { p.Type = taphoa.Some[taphoa.ProductType](4) }, "productType"},
			"an unknown category":        {func(p *in) { p.CategoryID = taphoa.Some[int64](987654) }, "categoryId"},
			"a negative category":        {func(p *in) { p.CategoryID = taphoa.Some[int64](-1) }, "categoryId"},
			"an unknown brand":           {func(p *in) { p.TradeMarkID = taphoa.Some[int64](987654) }, "tradeMarkId"},
			"an unknown tax":             {func(p *in) { p.ProductTaxs = []taphoa.TaxRef{{TaxID: 10}} }, "taxId"},
			"an unknown purchase tax":    {func(p *in) { p.PurchaseTax = taphoa.Some(taphoa.TaxRef{TaxID: 11}) }, "taxId"},
			"an unknown branch":          {stocked(987654, 1, 1), "Chi nhánh không tồn tại"},
			"no branch":                  {stocked(0, 1, 1), "Chi nhánh không tồn tại"},
			"a negative cost":            {stocked(s.main, 1, -1), "cost"},
			"too much stock":             {func(p *in) { unitOf(goods.ID, "t", 1000)(p); stocked(s.main, 922337203685476, 0)(p) }, "onHand"},
			"an attribute without name":  {attributed(" ", "Đỏ"), "attributeName"},
			"an attribute without value": {attributed("Màu", ""), "attributeValue"},
			"an attribute twice":         {attributed("Màu", "Đỏ", " màu", "Xanh"), "hai lần"},
			"an unknown base unit":       {unitOf(987654, "thùng", 24), "masterUnitId"},
			"a unit without conversion":  {unitOf(goods.ID, "thùng", 0), "conversionValue"},
			"a unit without name":        {unitOf(goods.ID, " ", 24), "unit"},
			"a negative conversion":      {unitOf(goods.ID, "thùng", -24), "conversionValue"},
			"a vast conversion":          {unitOf(goods.ID, "thùng", 1_000_001), "conversionValue"},
			"a base unit converted":      {func(p *in) { p.ConversionValue = taphoa.Some(taphoa.Units(12)) }, "masterUnitId"},
			"an unknown kind":            {func(p *in) { p.MasterProductID = taphoa.Some[int64](987654) }, "masterProductId"},
			"materials without a combo":  {func(p *in) { p.ProductFormulas = []taphoa.MaterialInput{material(goods.ID, 1)} }, "productFormulas"},
			"an unknown material":        {comboOf(material(987654, 1)), "không tồn tại"},
			"a material without code":    {comboOf(material(0, 1)), "không tồn tại"},
			"none of a material":         {comboOf(material(goods.ID, 0)), "lớn hơn 0"},
			"a material twice":           {comboOf(material(goods.ID, 1), taphoa.MaterialInput{MaterialCode: "hang", Quantity: 0.0001 * taphoa.Scale}), "hai lần"},
			"a combo by serial":          {func(p *in) { comboOf(material(goods.ID, 1))(p); p.IsLotSerialControl = taphoa.Some(true) }, "serial"},
			"serials and batches":        {func(p *in) { p.IsLotSerialControl, p.IsBatchExpireControl = taphoa.Some(true), taphoa.Some(true) }, "serial"},
			"limits upside down": {func(p *in) {
				p.Inventories = []taphoa.InventoryInput{{BranchID: s.main, MinQuantity: taphoa.Some(taphoa.Units(5)), MaxQuantity: taphoa.Some(taphoa.Units(3))}}
			}, "minQuantity"},
		} {
			e := refused(s, catalog.CreateProduct, input("Thử "+name, c.change), c.word)
			if e.Code != taphoa.CodeProduct || e.Kind != taphoa.KindRefused {
				t.Errorf("%s is refused with %s, kind %d", name, e.Code, e.Kind)
			}
		}
		refused(s, catalog.CreateProduct, &in{}, "name")
		equal(t, "the products that came of it", s.products(taphoa.ProductQuery{}).Total, 1)

		for _, e := range []*taphoa.Error{
			refused(s, catalog.GetProduct, &taphoa.ProductByID{ID: 987654}, "987654", "không tồn tại"),
			refused(s, catalog.GetProduct, &taphoa.ProductByID{}, "không tồn tại"),
			refused(s, catalog.GetProductByCode, &taphoa.ProductByCode{Code: "KHONG"}, "KHONG", "không tồn tại"),
			refused(s, catalog.UpdateProduct, &in{ID: 987654}, "không tồn tại"),
			refused(s, catalog.DeleteProduct, &taphoa.ByID{ID: 987654}, "không tồn tại"),
		} {
			equal(t, "the code for an unknown product", e.Code, taphoa.CodeProduct)
			equal(t, "the kind for an unknown product", e.Kind, taphoa.KindNotFound)
		}
		refused(s, catalog.UpdateProduct, &in{ID: goods.ID, Type: taphoa.Some(taphoa.ProductService)}, "productType")
	})
}

func TestACategoryIsFoundByIdByNameOrFromItsVariants(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		drinks := s.category("Đồ uống", s.category("Thực phẩm", 0))
		named := func(name string) func(*in) { return func(p *in) { p.CategoryName = taphoa.Some(name) } }
		equal(t, "the category of a name", s.create("Bia", named(" đồ UỐNG ")).CategoryID, drinks)
		fresh := s.create("Chổi", named("Gia dụng"))
		equal(t, "a category made for a name", fresh.CategoryName, "Gia dụng")
		other := s.create("Xẻng", named("Gia dụng"), func(p *in) { p.CategoryID = taphoa.Some(drinks) })
		equal(t, "the id wins", other.CategoryID, drinks)
		equal(t, "the category of a unit", s.create("Bó chổi", unitOf(fresh.ID, "bó", 10)).CategoryID, fresh.CategoryID)
		kind := s.create("Chổi lau", func(p *in) { p.MasterProductID = taphoa.Some(fresh.ID) })
		equal(t, "the category of a variant", kind.CategoryID, fresh.CategoryID)
		moved := s.update(fresh.ID, func(p *in) { p.CategoryID = taphoa.Some(drinks) })
		equal(t, "the category after a move", moved.CategoryName, "Đồ uống")
	})
}

func TestNewAttributesAreCreatedAndStayWhenDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		red := s.create("Áo đỏ", attributed("Màu", "Đỏ", "Cỡ", "M"))
		s.create("Áo xanh", attributed("màu", "Xanh"))
		gone := s.create("Áo vàng", attributed("Màu", "Vàng"))
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: gone.ID})
		list := read(s, catalog.ListAttributes, &struct{}{})
		equal(t, "attributes", len(list), 2)
		equal(t, "the first attribute", list[0].Name, "Cỡ")
		color := list[1]
		want := []taphoa.AttributeValue{{Value: "Xanh", AttributeID: color.ID}, {Value: "Đỏ", AttributeID: color.ID}}
		if !slices.Equal(color.AttributeValues, want) {
			t.Errorf("the colours are %v, want %v", color.AttributeValues, want)
		}

		remove := func(tx *db.Tx, id int64) (taphoa.Message, error) {
			return catalog.DeleteAttribute(tx, &taphoa.ByID{ID: id})
		}
		write(s, remove, color.ID)
		refused(s, remove, color.ID, "không tồn tại")
		equal(t, "attributes left", len(read(s, catalog.ListAttributes, &struct{}{})), 1)
		no := taphoa.Some(false)
		equal(t, "attributes shown", len(s.product(red.ID).Attributes), 2)
		equal(t, "attributes shown without deleted ones",
			len(read(s, catalog.GetProduct, &taphoa.ProductByID{ID: red.ID, IncludeSoftDeletedAttribute: no}).Attributes), 1)
		page := s.products(taphoa.ProductQuery{IncludeSoftDeletedAttribute: no, Name: "áo đỏ"})
		equal(t, "attributes listed without deleted ones", len(page.Data[0].Attributes), 1)

		// What was read is sent back unchanged; only a product without the attribute creates it again.
		s.update(red.ID, attributed("Màu", "Đỏ", "Cỡ", "M"))
		equal(t, "attributes after sending them back", len(read(s, catalog.ListAttributes, &struct{}{})), 1)
		s.create("Áo tím", attributed("Màu", "Tím"))
		equal(t, "attributes after a new one", len(read(s, catalog.ListAttributes, &struct{}{})), 2)
		s.update(red.ID, attributed("Màu", "Đỏ", "Cỡ", "M"))
		equal(t, "attributes once there is a living one of the name",
			len(read(s, catalog.GetProduct, &taphoa.ProductByID{ID: red.ID, IncludeSoftDeletedAttribute: no}).Attributes), 2)
	})
}

func TestAPageShowsNothingOfProductsThatAreNotOnIt(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, name := range []string{"Áo", "Quần", "Áo"} {
			s.create(name, attributed("Màu", "Đỏ"), stocked(s.main, 1, 1))
		}
		page := s.products(taphoa.ProductQuery{Name: "áo", IncludeInventory: true})
		equal(t, "the products", page.Total, 2)
		for _, p := range page.Data {
			equal(t, "the attributes of "+p.Code, len(p.Attributes), 1)
			equal(t, "the stock of "+p.Code, at(t, p, s.main).OnHand, taphoa.Units(1))
		}
	})
}

func TestTheFirstOfAKindPassesItsPlaceOn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		variantOf := func(id int64) func(*in) { return func(p *in) { p.MasterProductID = taphoa.Some(id) } }
		first := s.create("Áo đỏ", func(p *in) { p.MasterCode = taphoa.Some("SPC000001") })
		second := s.create("Áo xanh", variantOf(first.ID))
		third := s.create("Áo vàng", variantOf(second.ID)) // of the same kind as the second, and so as the first
		equal(t, "the first of the third", third.MasterProductID.Or(0), first.ID)
		equal(t, "the common code", third.MasterCode.Or(""), "SPC000001")
		equal(t, "the first's first", s.update(first.ID, variantOf(third.ID)).MasterProductID.Has(), false)
		equal(t, "the variants listed", codes(s.products(taphoa.ProductQuery{MasterProductID: first.ID}).Data), second.Code+" "+third.Code)

		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: first.ID})
		equal(t, "the new first", s.product(second.ID).MasterProductID.Has(), false)
		equal(t, "the third's first", s.product(third.ID).MasterProductID.Or(0), second.ID)
		equal(t, "the third's change", s.product(third.ID).ModifiedDate.Value, s.clock.Now())

		// Two kinds become one.
		other := s.create("Áo khoác")
		s.create("Áo khoác dài", variantOf(other.ID))
		s.update(other.ID, variantOf(third.ID))
		equal(t, "the variants together", s.products(taphoa.ProductQuery{MasterProductID: second.ID}).Total, 3)
	})
}

func TestADeletedProductIsGoneButRemembered(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		keep := s.create("Còn")
		base := s.create("Bia")
		crate := s.create("Bia thùng", unitOf(base.ID, "thùng", 24))
		before := s.clock.Now() + 1
		equal(t, "the message", write(s, catalog.DeleteProduct, &taphoa.ByID{ID: base.ID}).Message, "Xóa dữ liệu thành công")
		refused(s, catalog.GetProduct, &taphoa.ProductByID{ID: crate.ID}, "không tồn tại")
		refused(s, catalog.DeleteProduct, &taphoa.ByID{ID: base.ID}, "không tồn tại")
		for _, since := range []taphoa.Opt[taphoa.Time]{{}, taphoa.Some(before)} {
			page := s.products(taphoa.ProductQuery{IncludeRemoveIDs: true, LastModifiedFrom: since})
			if want := []int64{base.ID, crate.ID}; !slices.Equal(page.RemovedIDs, want) || !slices.Equal(page.RemoveID, want) {
				t.Errorf("removed are %v and %v, want %v", page.RemovedIDs, page.RemoveID, want)
			}
		}
		if page := s.products(taphoa.ProductQuery{}); page.RemovedIDs != nil || codes(page.Data) != keep.Code {
			t.Errorf("without the switch removed are %v, listed %s", page.RemovedIDs, codes(page.Data))
		}
		page := s.products(taphoa.ProductQuery{IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(s.clock.Now() + 1)})
		if page.RemovedIDs == nil || len(page.RemovedIDs) != 0 {
			t.Errorf("removed since are %v, want an empty list", page.RemovedIDs)
		}
	})
}

func TestAMaterialOfAComboIsNotDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon")
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		party := s.create("Tiệc", comboOf(material(crate.ID, 1)))
		refused(s, catalog.DeleteProduct, &taphoa.ByID{ID: crate.ID}, crate.Code, party.Code)
		refused(s, catalog.DeleteProduct, &taphoa.ByID{ID: can.ID}, can.Code, party.Code) // its crate would go with it
		refused(s, catalog.CreateProduct, input("Tiệc lớn", comboOf(material(party.ID, 2))), party.Code, "combo")
		refused(s, catalog.UpdateProduct, &in{ID: party.ID, ProductFormulas: []taphoa.MaterialInput{material(party.ID, 1)}}, "combo")
		batched := &in{ID: can.ID, IsBatchExpireControl: taphoa.Some(true)}
		refused(s, catalog.UpdateProduct, batched, can.Code, party.Code) // the sale of the combo could not name the lot
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: party.ID})
		write(s, catalog.UpdateProduct, batched)
		refused(s, catalog.CreateProduct, input("Tiệc mới", comboOf(material(can.ID, 1))), can.Code, "lô")
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: can.ID})
	})
}

func TestTheListFilters(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var brand taphoa.Trademark
		s.do(func(tx *db.Tx) (err error) {
			brand, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Sài Gòn"})
			return err
		})
		food := s.category("Thực phẩm", 0)
		drink := s.category("Đồ uống", food)
		beer := s.category("Bia", drink)
		into := func(id int64) func(*in) { return func(p *in) { p.CategoryID = taphoa.Some(id) } }
		a := s.create("Bia lon", coded("A"), into(beer), func(p *in) { p.BarCode, p.TradeMarkID = taphoa.Some("893A"), taphoa.Some(brand.TradeMarkID) })
		midway := s.clock.Now()
		s.create("Bia thùng", coded("B"), into(beer), unitOf(a.ID, "thùng", 24))
		s.create("Gạo 100%", coded("C_1"), into(food), func(p *in) { p.BasePrice, p.IsActive = taphoa.Some(taphoa.Dong(5)), taphoa.Some(false) })
		s.create("Tiệc", coded("D"), comboOf(material(a.ID, 6)))
		s.create("Giao hàng", coded("E"), func(p *in) { p.Type = taphoa.Some(taphoa.ProductService) })
		s.create("Bia chai", coded("F"), into(drink), func(p *in) { p.MasterProductID = taphoa.Some(a.ID) })
		for name, c := range map[string]struct {
			q    taphoa.ProductQuery
			want string
		}{
			"everything":              {taphoa.ProductQuery{}, "A B C_1 D E F"},
			"a category":              {taphoa.ProductQuery{CategoryID: beer}, "A B"},
			"a category with subs":    {taphoa.ProductQuery{CategoryID: food}, "A B C_1 F"},
			"an unknown category":     {taphoa.ProductQuery{CategoryID: 987654}, ""},
			"a brand":                 {taphoa.ProductQuery{TradeMarkID: brand.TradeMarkID}, "A"},
			"a base unit":             {taphoa.ProductQuery{MasterUnitID: a.ID}, "B"},
			"a kind":                  {taphoa.ProductQuery{MasterProductID: a.ID}, "F"},
			"combos":                  {taphoa.ProductQuery{ProductType: []int64{1}}, "D"},
			"goods":                   {taphoa.ProductQuery{ProductType: []int64{2}}, "A B C_1 F"},
			"services":                {taphoa.ProductQuery{ProductType: []int64{3}}, "E"},
			"two types":               {taphoa.ProductQuery{ProductType: []int64{1, 3}}, "D E"},
			"active ones":             {taphoa.ProductQuery{IsActive: taphoa.Some(true)}, "A B D E F"},
			"stopped ones":            {taphoa.ProductQuery{IsActive: taphoa.Some(false)}, "C_1"},
			"a folded name":           {taphoa.ProductQuery{Name: "BIA"}, "A B F"},
			"a unit's name":           {taphoa.ProductQuery{Name: "(thung)"}, "B"},
			"a code":                  {taphoa.ProductQuery{Name: "c_1"}, "C_1"},
			"a percent sign":          {taphoa.ProductQuery{Name: "0%"}, "C_1"},
			"an underscore":           {taphoa.ProductQuery{Name: "_"}, "C_1"},
			"a blank name":            {taphoa.ProductQuery{Name: "  "}, "A B C_1 D E F"},
			"a bar code":              {taphoa.ProductQuery{BarCode: "893A"}, "A"},
			"what changed since":      {taphoa.ProductQuery{LastModifiedFrom: taphoa.Some(midway + 1)}, "B C_1 D E F"},
			"what changed until":      {taphoa.ProductQuery{ToDate: taphoa.Some(midway)}, "A"},
			"the order of names":      {taphoa.ProductQuery{Paging: taphoa.Paging{OrderBy: "Name"}}, "F A B C_1 E D"},
			"the order of prices":     {taphoa.ProductQuery{Paging: taphoa.Paging{OrderBy: "basePrice", OrderDirection: "DESC"}}, "C_1 F E D B A"},
			"an unknown order":        {taphoa.ProductQuery{Paging: taphoa.Paging{OrderBy: "x'; --"}}, "A B C_1 D E F"},
			"a page":                  {taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 2, CurrentItem: 3}}, "D E"},
			"a page in another order": {taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 2, CurrentItem: 1, OrderBy: "code", OrderDirection: "desc"}}, "E D"},
			"a page past the end":     {taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 2, CurrentItem: 30}}, ""},
		} {
			equal(t, name, codes(s.products(c.q).Data), c.want)
		}
	})
}

func TestTheListShowsPartsOnlyWhenAskedTheDetailShowsThem(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Áo", attributed("Cỡ", "M"), stocked(s.main, 3, 10), func(p *in) {
			p.ProductTaxs, p.PurchaseTax = []taphoa.TaxRef{{TaxID: 3}}, taphoa.Some(taphoa.TaxRef{TaxID: 6})
			p.Inventories[0].MinQuantity, p.Inventories[0].MaxQuantity = taphoa.Some(taphoa.Units(2)), taphoa.Some(taphoa.Units(9))
		})
		crate := s.create("Áo tá", unitOf(p.ID, "tá", 12))
		book := write(s, catalog.CreatePriceBook, &taphoa.PriceBookInput{Name: "Tết"})
		s.price(book.ID, p.ID, 70)
		s.price(book.ID, p.ID, 80)
		s.price(0, p.ID, 100)
		write(s, catalog.SetWarranties, &taphoa.WarrantiesInput{
			ID: p.ID, ProductWarranties: []taphoa.WarrantyInput{{NumberTime: 6, TimeType: 2, WarrantyType: 1}},
		})
		write(s, catalog.SetShelves, &taphoa.ShelvesInput{
			ID: p.ID, ProductShelves: []taphoa.ShelfInput{{BranchID: s.main, ProductShelves: "Vị trí 1|  Vị trí 2"}},
		})
		bare := s.products(taphoa.ProductQuery{Name: p.Code}).Data[0]
		if bare.Inventories != nil || bare.PriceBooks != nil || bare.ProductFormulas != nil || bare.ProductSerials != nil ||
			bare.ProductBatchExpires != nil || bare.ProductWarranties != nil || bare.ProductShelves != nil ||
			bare.MinQuantity.Has() || bare.MaxQuantity.Has() {
			t.Errorf("the bare list shows %+v", bare)
		}
		if len(bare.Units) != 1 || bare.Units[0].ID != crate.ID || bare.Units[0].ConversionValue != taphoa.Units(12) {
			t.Errorf("the units are %+v", bare.Units)
		}
		if len(bare.ProductTaxs) != 1 || bare.ProductTaxs[0].Name != "VAT 8%" || bare.PurchaseTax == nil || bare.PurchaseTax.Name != "VAT 1%" {
			t.Errorf("the taxes are %+v and %+v", bare.ProductTaxs, bare.PurchaseTax)
		}
		equal(t, "the tax type", bare.TaxType.Or(""), "khau_tru")
		equal(t, "the tax rate", bare.TaxRate.Or(""), "8")

		full := s.products(taphoa.ProductQuery{
			Name: p.Code, IncludeInventory: true, IncludePriceBook: true, IncludeSerials: true, IncludeBatchExpires: true,
			IncludeWarranties: true, IncludeMaterial: true, IncludeProductShelves: true, IncludeQuantity: true,
		}).Data[0]
		detail := read(s, catalog.GetProduct, &taphoa.ProductByID{ID: p.ID, IncludeQuantity: true})
		for where, got := range map[string]taphoa.Product{"list": full, "detail": detail} {
			if len(got.PriceBooks) != 1 || got.PriceBooks[0].PriceBookName != "Tết" || got.PriceBooks[0].Price != taphoa.Dong(80) ||
				!got.PriceBooks[0].IsActive || got.BasePrice != taphoa.Dong(100) {
				t.Errorf("the %s shows the prices %+v", where, got.PriceBooks)
			}
			if len(got.ProductWarranties) != 1 || got.ProductWarranties[0].NumberTime != 6 || got.ProductWarranties[0].RetailerID != s.who.Retailer {
				t.Errorf("the %s shows the warranties %+v", where, got.ProductWarranties)
			}
			if len(got.ProductShelves) != 1 || got.ProductShelves[0].ProductShelves != "Vị trí 1 | Vị trí 2" {
				t.Errorf("the %s shows the shelves %+v", where, got.ProductShelves)
			}
			if got.ProductSerials == nil || got.ProductBatchExpires == nil || got.ProductFormulas != nil {
				t.Errorf("the %s shows the serials %v, the batches %v, the formulas %v", where, got.ProductSerials, got.ProductBatchExpires, got.ProductFormulas)
			}
			equal(t, "the lower limit of the "+where, got.MinQuantity.Or(-0.0001*taphoa.Scale), taphoa.Units(2))
			equal(t, "the upper limit of the "+where, got.MaxQuantity.Or(-0.0001*taphoa.Scale), taphoa.Units(9))
			i := at(t, got, s.main)
			equal(t, "the limits of the "+where, fmt.Sprint(i.MinQuantity, i.MaxQuantity, i.MinQuality.Value, i.MaxQuality.Value), "2 9 2 9")
			equal(t, "the stock of the "+where, i.OnHand, taphoa.Units(3))
		}
		i := at(t, s.products(taphoa.ProductQuery{Name: p.Code, IncludeInventory: true}).Data[0], s.main)
		equal(t, "the limits without the switch", fmt.Sprint(i.MinQuantity, i.MaxQuantity, i.MinQuality.Has()), "2 9 false")
	})
}

func TestTaxesAreShownByMethodAndRate(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for tax, want := range map[int64]string{
			1: "khau_tru 0 false", 2: "khau_tru 5 false", 4: "khau_tru 10 false", 5: "khau_tru KCT false",
			12: "khau_tru KKKNT false", 7: "truc_tiep  true", 9: "truc_tiep  true",
		} {
			p := s.create(fmt.Sprint("Thuế ", tax), func(p *in) { p.ProductTaxs = []taphoa.TaxRef{{TaxID: tax}} })
			equal(t, fmt.Sprint("tax ", tax), fmt.Sprint(p.TaxType.Value, " ", p.TaxRate.Value, " ", p.TaxRateDirect.Has()), want)
		}
		p := s.create("Hai thuế", func(p *in) { p.ProductTaxs = []taphoa.TaxRef{{TaxID: 3}, {TaxID: 4}, {TaxID: 3}} })
		equal(t, "the taxes", len(p.ProductTaxs), 2)
		kept := p.ProductTaxs[0].ID
		u := s.update(p.ID, func(p *in) { p.ProductTaxs = []taphoa.TaxRef{{TaxID: 3}, {TaxID: 4}} })
		equal(t, "the id of a tax that stayed", u.ProductTaxs[0].ID, kept)
	})
}

func TestShopsAreApart(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		other := open(t, s.d, s.clock, "khac")
		mine := s.create("Của tôi", coded("CHUNG"), stocked(s.main, 5, 10), attributed("Màu", "Đỏ"))
		theirs := other.create("Của họ", coded("CHUNG"), attributed("Màu", "Xanh"))
		var brand taphoa.Trademark
		s.do(func(tx *db.Tx) (err error) {
			brand, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Riêng"})
			return err
		})

		refused(other, catalog.GetProduct, &taphoa.ProductByID{ID: mine.ID}, "không tồn tại")
		refused(other, catalog.UpdateProduct, &in{ID: mine.ID, Name: taphoa.Some("Cướp")}, "không tồn tại")
		refused(other, catalog.DeleteProduct, &taphoa.ByID{ID: mine.ID}, "không tồn tại")
		refused(other, catalog.GetCategory, &taphoa.ByID{ID: mine.CategoryID}, "không tồn tại")
		refused(other, catalog.DeleteCategory, &taphoa.ByID{ID: mine.CategoryID}, "không tồn tại")
		refused(other, catalog.GetTrademark, &taphoa.ByID{ID: brand.TradeMarkID}, "không tồn tại")
		refused(other, catalog.CreateProduct, input("Con", unitOf(mine.ID, "thùng", 2)), "không tồn tại")
		refused(other, catalog.CreateProduct, input("Loại", func(p *in) { p.MasterProductID = taphoa.Some(mine.ID) }), "không tồn tại")
		refused(other, catalog.CreateProduct, input("Tiệc", comboOf(material(mine.ID, 1))), "không tồn tại")
		refused(other, catalog.CreateProduct, input("Nhóm", func(p *in) { p.CategoryID = taphoa.Some(mine.CategoryID) }), "categoryId")
		refused(other, catalog.CreateProduct, input("Hiệu", func(p *in) { p.TradeMarkID = taphoa.Some(brand.TradeMarkID) }), "tradeMarkId")
		refused(other, catalog.UpdateProduct, &in{ID: theirs.ID, Inventories: input("", stocked(s.main, 1, 1)).Inventories}, "Chi nhánh")

		equal(t, "their product of the code", read(other, catalog.GetProductByCode, &taphoa.ProductByCode{Code: "CHUNG"}).ID, theirs.ID)
		equal(t, "their list", codes(other.products(taphoa.ProductQuery{IncludeInventory: true}).Data), "CHUNG")
		equal(t, "their attributes", len(read(other, catalog.ListAttributes, &struct{}{})[0].AttributeValues), 1)
		equal(t, "their brands", read(other, catalog.ListTrademarks, &taphoa.TrademarkQuery{Paging: taphoa.Paging{PageSize: 9}}).Total, 0)
		equal(t, "their stock list", read(other, catalog.ListProductOnHands, &taphoa.OnHandQuery{Paging: taphoa.Paging{PageSize: 9}}).Total, 1)
		s.must(other.d.Read(t.Context(), other.who, func(tx *db.Tx) error {
			byID, byCode, err := catalog.Items(tx, []int64{mine.ID}, []string{"chung"})
			if byID[mine.ID] != nil || byCode["chung"] == nil || byCode["chung"].ID != theirs.ID {
				t.Errorf("they find %v and %v", byID, byCode)
			}
			return err
		}))
		equal(t, "my product", s.product(mine.ID).FullName, "Của tôi - Đỏ")
	})
}

// TestWhatShowsAnotherProductIsNamedWithIt: combos show their materials, base units the prices of their other units.
// No event that is delivered names them.
func TestWhatShowsAnotherProductIsNamedWithIt(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon")
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		party := s.create("Tiệc", comboOf(material(crate.ID, 2)))
		alone := s.create("Cốc")
		last := func() int64 { return read(s, event.Feed, &taphoa.EventQuery{Limit: 1}).Last }
		named := func(what string, since int64, want ...string) {
			t.Helper()
			var got []string
			s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
				events, err := event.Between(tx, since, math.MaxInt64, event.Internal)
				for _, e := range events {
					got = append(got, string(e.Data))
				}
				return err
			}))
			if !slices.Equal(got, want) {
				t.Errorf("%s names %q, want %q", what, got, want)
			}
		}
		price := func(id int64) {
			write(s, catalog.SetPrices, &taphoa.PriceBookDetailWrite{
				PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: id, Price: taphoa.Some(taphoa.Dong(9_000))},
			})
		}
		before := last()
		price(alone.ID)
		named("a price of what nothing shows", before)
		before = last()
		price(crate.ID)
		named("a price of a unit", before, fmt.Sprintf("[%d,%d]", can.ID, party.ID))
		before = last()
		price(can.ID)
		named("a price of a base unit", before)
		before = last()
		s.update(crate.ID, func(p *in) { p.Name = taphoa.Some("Bia két") }) // the event names the base unit
		named("a new name of a unit", before, fmt.Sprintf("[%d]", party.ID))
	})
}
