package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// imageURL is the address of product images.
const imageURL = "https://images.example.com/taphoa/"

// item is a product of the shop, as the generator needs it.
type item struct {
	kind     *kind
	unit     unit
	id       int64
	base     *item // itself for a base unit
	first    *item // of its kind
	price    taphoa.Money
	family   int        // number of its kind
	serials  [][]string // in stock, by branch
	batches  []int64    // the newest last
	inactive bool       // not bought or sold any more
}

// openProducts creates the categories, trademarks and products of the shop, and its first stock.
func (s *generator) openProducts() error {
	categories, kinds := parseGoods(goodsTSV)
	ids := make([]int64, len(categories))
	for i, c := range categories {
		in := taphoa.CategoryInput{CategoryName: taphoa.Some(c.name), Rank: taphoa.Some(int64(i))}
		if c.parent >= 0 {
			in.ParentID = taphoa.Some(ids[c.parent])
		}
		made, err := catalog.CreateCategory(s.tx, &in)
		if err != nil {
			return err
		}
		ids[i] = made.Data.CategoryID
	}
	brands, err := s.createBrands(kinds)
	if err != nil {
		return err
	}
	for _, first := range []bool{true, false} {
		for i := range kinds {
			if kinds[i].is("first") != first {
				continue
			}
			if err := s.createKind(&kinds[i], ids[kinds[i].category], brands); err != nil {
				return fmt.Errorf("%s: %w", kinds[i].name, err)
			}
		}
	}
	if err := s.openPriceBooks(); err != nil {
		return err
	}
	return s.restock()
}

// brand is a trademark with its number in the table, which its bar codes contain.
type brand struct {
	id     int64
	number int
	codes  int // used so far
}

func (s *generator) createBrands(kinds []kind) (map[string]*brand, error) {
	brands := map[string]*brand{"": {}}
	for i := range kinds {
		name := kinds[i].brand
		if brands[name] != nil {
			continue
		}
		made, err := catalog.CreateTrademark(s.tx, &taphoa.TrademarkInput{TradeMarkName: name})
		if err != nil {
			return nil, err
		}
		brands[name] = &brand{id: made.TradeMarkID, number: len(brands)}
	}
	return brands, nil
}

// createKind creates the variants of a row of the table and the units of each.
func (s *generator) createKind(k *kind, category int64, brands map[string]*brand) error {
	var first *item
	s.productFamilies++
	for _, values := range k.variants() {
		var base *item
		for _, u := range k.units {
			it := &item{kind: k, unit: u, base: base, first: first, family: s.productFamilies, price: taphoa.Dong(u.price)}
			if err := s.createProduct(it, values, category, brands[k.brand]); err != nil {
				return err
			}
			if base == nil {
				base, it.base = it, it
			}
			if first == nil {
				first, it.first = it, it
				s.byName[k.name] = it
			}
			s.items = append(s.items, it)
			if !k.is("stopped") && !k.is("deleted") && !k.is("nosale") {
				s.sellable = append(s.sellable, it)
			}
		}
	}
	return nil
}

// createProduct creates one product.
func (s *generator) createProduct(it *item, values []string, category int64, b *brand) error {
	k, n := it.kind, len(s.items)
	in := taphoa.ProductInput{
		Name: taphoa.Some(k.name), CategoryID: taphoa.Some(category), Unit: taphoa.Some(it.unit.name),
		TradeMarkID: taphoa.SomeIf(b.id), BasePrice: taphoa.Some(it.price), Weight: taphoa.Some(taphoa.Units(k.weight * it.unit.factor)),
		Type: taphoa.Some(taphoa.ProductGoods), AllowsSale: taphoa.Some(!k.is("nosale")), ProductTaxs: []taphoa.TaxRef{{TaxID: k.tax}},
		IsRewardPoint: taphoa.Some(!k.is("service")), Images: []string{imageURL + slug(k.name) + ".jpg"},
	}
	if b.id != 0 {
		b.codes++
		in.BarCode = taphoa.Some(barCode(b.number, b.codes))
	}
	if tax, _ := taphoa.TaxByID(k.tax); tax.Type == taphoa.TaxDeduction {
		in.PurchaseTax = taphoa.Some(taphoa.TaxRef{TaxID: k.tax})
	}
	for i, v := range values {
		in.Attributes = append(in.Attributes, taphoa.AttributeInput{AttributeName: k.axes[i].name, AttributeValue: v})
	}
	if it.base != nil {
		in.MasterUnitID, in.ConversionValue = taphoa.Some(it.base.id), taphoa.Some(taphoa.Units(it.unit.factor))
	}
	if it.first != nil && (it.base == nil || it.base != it.first) {
		in.MasterProductID = taphoa.Some(it.first.id)
	}
	if len(k.axes) > 0 || len(k.units) > 1 {
		in.MasterCode = taphoa.Some(fmt.Sprintf("SPC%06d", it.family))
	}
	if n < 40 || n%9 == 0 {
		in.Description = taphoa.Some(describe(k))
		in.Images = append(in.Images, imageURL+slug(k.name)+"-2.jpg")
	}
	if n < 6 || n%50 == 0 {
		in.OrderTemplate = taphoa.Some("Khách lấy " + k.name + ", kiểm hạn sử dụng trước khi giao")
	}
	if err := s.setStockControl(it, &in); err != nil {
		return err
	}
	made, err := catalog.CreateProduct(s.tx, &in)
	if err != nil {
		return err
	}
	it.id = made.ID
	return s.setShelfAndWarranty(it)
}

// setStockControl sets how the stock of a product is kept, and the materials of a combo.
func (s *generator) setStockControl(it *item, in *taphoa.ProductInput) error {
	k := it.kind
	switch {
	case k.is("service"):
		in.Type = taphoa.Some(taphoa.ProductService)
	case k.is("combo"):
		in.Type = taphoa.Some(taphoa.ProductCombo)
		for text := range strings.SplitSeq(k.options["combo"], " + ") {
			name, count, _ := strings.Cut(text, "*")
			n, err := strconv.ParseInt(count, 10, 64)
			if err != nil || s.byName[name] == nil {
				return fmt.Errorf("no material %q", text)
			}
			in.ProductFormulas = append(in.ProductFormulas,
				taphoa.MaterialInput{MaterialID: s.byName[name].id, Quantity: taphoa.Units(n)})
		}
	case it.base == nil:
		in.IsLotSerialControl, in.IsBatchExpireControl = taphoa.Some(k.is("serial")), taphoa.Some(k.is("batch"))
		for b, branch := range s.branches {
			target := it.target(b)
			in.Inventories = append(in.Inventories, taphoa.InventoryInput{
				BranchID: branch, MinQuantity: taphoa.Some(taphoa.Units(target / 5)), MaxQuantity: taphoa.Some(taphoa.Units(2 * target)),
			})
		}
	}
	return nil
}

// setShelfAndWarranty sets the shelves of a product, and its warranty if it has one.
func (s *generator) setShelfAndWarranty(it *item) error {
	if months := it.kind.number("warranty"); months > 0 {
		if err := s.setWarranty(it, months); err != nil {
			return err
		}
	}
	if n := len(s.items); n < 3 || n%8 == 0 {
		shelf := fmt.Sprintf("Kệ %c%d", 'A'+n/32, n%7+1)
		_, err := catalog.SetShelves(s.tx, &taphoa.ShelvesInput{ID: it.id, ProductShelves: []taphoa.ShelfInput{
			{BranchID: s.branches[0], ProductShelves: shelf + " | Kho sau"}, {BranchID: s.branches[1], ProductShelves: shelf},
		}})
		return err
	}
	return nil
}

// setWarranty sets a warranty in months, and an inspection every year.
func (s *generator) setWarranty(it *item, months int64) error {
	_, err := catalog.SetWarranties(s.tx, &taphoa.WarrantiesInput{ID: it.id, ProductWarranties: []taphoa.WarrantyInput{
		{Description: taphoa.Some("Bảo hành chính hãng"), NumberTime: months, TimeType: 2, WarrantyType: 1},
		{Description: taphoa.Some("Vệ sinh, kiểm tra định kỳ"), NumberTime: 1, TimeType: 3, WarrantyType: 3},
	}})
	return err
}

// hundreds rounds an amount down to hundreds of đồng.
func hundreds(m taphoa.Money) taphoa.Money { return m - m%taphoa.Dong(100) }

// slug returns a name for links.
func slug(name string) string {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return ' '
	}, db.Fold(name))
	return strings.Join(strings.Fields(letters), "-")
}

// describe returns the description of a product in HTML, as shops write it.
func describe(k *kind) string {
	maker := k.brand
	if maker == "" {
		maker = "Hàng tuyển chọn, không nhãn hiệu"
	}
	return fmt.Sprintf(`<p><strong>%s</strong></p><ul><li>Thương hiệu: %s</li><li>Khối lượng: %d&nbsp;g</li></ul>`+
		`<p>Bảo quản nơi khô ráo, thoáng mát &amp; tránh ánh nắng.</p>`, k.name, maker, k.weight)
}
