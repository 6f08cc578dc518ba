package catalog_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// BenchmarkListProducts lists 100 of 300 products with their stock at two branches: what clients do all day. plain has
// nothing but rows and stock; rich has attributes, units, taxes, limits, brands and images as well.
func BenchmarkListProducts(b *testing.B) {
	for _, kind := range []string{"plain", "rich"} {
		b.Run(kind, func(b *testing.B) {
			s := stall(b, kind == "rich")
			in := &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 100}, IncludeInventory: true}
			b.ReportAllocs()
			for b.Loop() {
				s.must(s.d.Read(b.Context(), s.who, func(tx *db.Tx) error {
					page, err := catalog.ListProducts(tx, in)
					if err == nil && (len(page.Data) != 100 || len(page.Data[0].Inventories) != 2) {
						err = fmt.Errorf("%d products", len(page.Data))
					}
					return err
				}))
			}
		})
	}
}

// BenchmarkItems finds the ten products of a document.
func BenchmarkItems(b *testing.B) {
	s := stall(b, false)
	var ids []int64
	for _, p := range s.products(taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 10}}).Data {
		ids = append(ids, p.ID)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.must(s.d.Read(b.Context(), s.who, func(tx *db.Tx) error {
			items, _, err := catalog.Items(tx, ids, nil)
			if len(items) != 10 {
				return fmt.Errorf("%d items", len(items))
			}
			return err
		}))
	}
}

// stall is a shop with 300 products.
func stall(b *testing.B, rich bool) *shop {
	s := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), nil), nil, "taphoa")
	s.do(func(tx *db.Tx) error {
		brand, err := catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Hảo Hảo"})
		if err != nil {
			return err
		}
		for i := range 300 {
			in := input(fmt.Sprintf("Sản phẩm số %d của cửa hàng", i), stocked(s.main, int64(i), 1000), stocked(s.up, 5, 1100))
			in.CategoryName = taphoa.Some(fmt.Sprintf("Nhóm %d", i%10))
			in.BarCode = taphoa.Some(fmt.Sprintf("893%09d", i))
			in.BasePrice = taphoa.Some(taphoa.Dong(int64(1000 * i)))
			if rich {
				in.TradeMarkID = taphoa.Some(brand.TradeMarkID)
				in.Attributes = []taphoa.AttributeInput{{AttributeName: "Màu", AttributeValue: "Đỏ"}, {AttributeName: "Cỡ", AttributeValue: "M"}}
				in.ProductTaxs = []taphoa.TaxRef{{TaxID: 3}}
				in.Images = []string{"https://example.com/a.jpg", "https://example.com/b.jpg"}
				in.Inventories[0].MinQuantity = taphoa.Some(taphoa.Units(1))
			}
			p, err := catalog.CreateProduct(tx, in)
			if err != nil {
				return err
			}
			if rich && i%3 == 0 {
				if _, err := catalog.CreateProduct(tx, input(fmt.Sprintf("Thùng số %d", i), unitOf(p.ID, "thùng", 24))); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return s
}
