package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// pictures is where the pictures would be.
const pictures = "https://images.example.com/taphoa/"

// item is a product of the shop, as the story needs it.
type item struct {
	kind    *kind
	unit    unit
	id      int64
	base    *item // itself for a base unit
	first   *item // of its kind
	price   taphoa.Money
	family  int        // number of its kind
	serials [][]string // in stock, by branch
	batches []int64    // the newest last
	gone    bool       // no longer bought or sold
}

// stockShelves creates everything that the shop sells, and the goods to begin with.
func (s *story) stockShelves() error {
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

// brand is a brand with its place in the table, which its bar codes have.
type brand struct {
	id    int64
	place int
	codes int // given out so far
}

func (s *story) createBrands(kinds []kind) (map[string]*brand, error) {
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
		brands[name] = &brand{id: made.TradeMarkID, place: len(brands)}
	}
	return brands, nil
}

// createKind creates the variants of a line and the units of each.
func (s *story) createKind(k *kind, category int64, brands map[string]*brand) error {
	var first *item
	s.families++
	for _, values := range k.variants() {
		var base *item
		for _, u := range k.units {
			it := &item{kind: k, unit: u, base: base, first: first, family: s.families, price: taphoa.Dong(u.price)}
			if err := s.create(it, values, category, brands[k.brand]); err != nil {
				return err
			}
			if base == nil {
				base, it.base = it, it
			}
			if first == nil {
				first, it.first = it, it
				s.named[k.name] = it
			}
			s.items = append(s.items, it)
			if !k.is("stopped") && !k.is("deleted") && !k.is("nosale") {
				s.sellable = append(s.sellable, it)
			}
		}
	}
	return nil
}

// create makes one product.
func (s *story) create(it *item, values []string, category int64, b *brand) error {
	k, n := it.kind, len(s.items)
	in := taphoa.ProductInput{
		Name: taphoa.Some(k.name), CategoryID: taphoa.Some(category), Unit: taphoa.Some(it.unit.name),
		TradeMarkID: taphoa.SomeIf(b.id), BasePrice: taphoa.Some(it.price), Weight: taphoa.Some(taphoa.Units(k.weight * it.unit.holds)),
		Type: taphoa.Some(taphoa.ProductGoods), AllowsSale: taphoa.Some(!k.is("nosale")), ProductTaxs: []taphoa.TaxRef{{TaxID: k.tax}},
		IsRewardPoint: taphoa.Some(!k.is("service")), Images: []string{pictures + slug(k.name) + ".jpg"},
	}
	if b.id != 0 {
		b.codes++
		in.BarCode = taphoa.Some(barCode(b.place, b.codes))
	}
	if tax, _ := taphoa.TaxByID(k.tax); tax.Type == taphoa.TaxDeduction {
		in.PurchaseTax = taphoa.Some(taphoa.TaxRef{TaxID: k.tax})
	}
	for i, v := range values {
		in.Attributes = append(in.Attributes, taphoa.AttributeInput{AttributeName: k.axes[i].name, AttributeValue: v})
	}
	if it.base != nil {
		in.MasterUnitID, in.ConversionValue = taphoa.Some(it.base.id), taphoa.Some(taphoa.Units(it.unit.holds))
	}
	if it.first != nil && (it.base == nil || it.base != it.first) {
		in.MasterProductID = taphoa.Some(it.first.id)
	}
	if len(k.axes) > 0 || len(k.units) > 1 {
		in.MasterCode = taphoa.Some(fmt.Sprintf("SPC%06d", it.family))
	}
	if n < 40 || n%9 == 0 {
		in.Description = taphoa.Some(describe(k))
		in.Images = append(in.Images, pictures+slug(k.name)+"-2.jpg")
	}
	if n < 6 || n%50 == 0 {
		in.OrderTemplate = taphoa.Some("Khách lấy " + k.name + ", kiểm hạn sử dụng trước khi giao")
	}
	if err := s.control(it, &in); err != nil {
		return err
	}
	made, err := catalog.CreateProduct(s.tx, &in)
	if err != nil {
		return err
	}
	it.id = made.ID
	return s.keep(it)
}

// control says how the stock of a product is kept, and what a combo consists of.
func (s *story) control(it *item, in *taphoa.ProductInput) error {
	k := it.kind
	switch {
	case k.is("service"):
		in.Type = taphoa.Some(taphoa.ProductService)
	case k.is("combo"):
		in.Type = taphoa.Some(taphoa.ProductCombo)
		for text := range strings.SplitSeq(k.options["combo"], " + ") {
			name, count, _ := strings.Cut(text, "*")
			n, err := strconv.ParseInt(count, 10, 64)
			if err != nil || s.named[name] == nil {
				return fmt.Errorf("no material %q", text)
			}
			in.ProductFormulas = append(in.ProductFormulas,
				taphoa.MaterialInput{MaterialID: s.named[name].id, Quantity: taphoa.Units(n)})
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

// keep says where a product stands and what warranty it comes with.
func (s *story) keep(it *item) error {
	if months := it.kind.number("warranty"); months > 0 {
		if err := s.warrant(it, months); err != nil {
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

// warrant gives a product a warranty of so many months, and a check-up every year.
func (s *story) warrant(it *item, months int64) error {
	_, err := catalog.SetWarranties(s.tx, &taphoa.WarrantiesInput{ID: it.id, ProductWarranties: []taphoa.WarrantyInput{
		{Description: taphoa.Some("Bảo hành chính hãng"), NumberTime: months, TimeType: 2, WarrantyType: 1},
		{Description: taphoa.Some("Vệ sinh, kiểm tra định kỳ"), NumberTime: 1, TimeType: 3, WarrantyType: 3},
	}})
	return err
}

// hundreds is an amount cut to whole hundreds of đồng.
func hundreds(m taphoa.Money) taphoa.Money { return m - m%taphoa.Dong(100) }

// slug is a name as links have it.
func slug(name string) string {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return ' '
	}, db.Fold(name))
	return strings.Join(strings.Fields(letters), "-")
}

// describe is the text of a product's page, in HTML as shops write it.
func describe(k *kind) string {
	maker := k.brand
	if maker == "" {
		maker = "Hàng tuyển chọn, không nhãn hiệu"
	}
	return fmt.Sprintf(`<p><strong>%s</strong></p><ul><li>Thương hiệu: %s</li><li>Khối lượng: %d&nbsp;g</li></ul>`+
		`<p>Bảo quản nơi khô ráo, thoáng mát &amp; tránh ánh nắng.</p>`, k.name, maker, k.weight)
}
