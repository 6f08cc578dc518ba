package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/wire"
)

// onHand writes a product's stock at the main branch, and at the other: "3 0".
func (s *shop) onHand(id int64) string {
	s.t.Helper()
	p := s.product(id)
	return fmt.Sprint(at(s.t, p, s.main).OnHand, " ", at(s.t, p, s.up).OnHand)
}

// setting is an inventory entry with a quantity only.
func setting(branch int64, onHand taphoa.Quantity) func(*in) {
	return func(p *in) {
		p.Inventories = append(p.Inventories, taphoa.InventoryInput{BranchID: branch, OnHand: taphoa.Some(onHand)})
	}
}

func TestStockIsSetAtItsBranchAlone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Gạo", stocked(s.main, 7, 500), stocked(s.up, 3, 600))
		u := s.update(p.ID, setting(s.main, 90.5*taphoa.Scale))
		equal(t, "the stock set", at(t, u.Product, s.main).OnHand, 90.5*taphoa.Scale)
		equal(t, "the stock elsewhere", at(t, u.Product, s.up).OnHand, taphoa.Units(3))
		equal(t, "the cost kept", at(t, u.Product, s.main).Cost, taphoa.Dong(500))
		u = s.update(p.ID, func(p *in) {
			p.Inventories = []taphoa.InventoryInput{{BranchID: s.up, Cost: taphoa.Some(taphoa.Dong(650))}}
		})
		equal(t, "the cost set", at(t, u.Product, s.up).Cost, taphoa.Dong(650))
		equal(t, "the stock kept", at(t, u.Product, s.up).OnHand, taphoa.Units(3))
		equal(t, "the last of two entries", at(t, s.update(p.ID, setting(s.up, taphoa.Units(1)), setting(s.up, taphoa.Units(2))).Product, s.up).OnHand, taphoa.Units(2))
		equal(t, "after 0", at(t, s.update(p.ID, setting(s.up, 0)).Product, s.up).OnHand, 0)
	})
}

func TestInventoriesShowEveryBranchInOperationOrThoseAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Gạo", stocked(s.up, 3, 600))
		list := func(branches ...int64) []taphoa.ProductInventory {
			return s.products(taphoa.ProductQuery{IncludeInventory: true, BranchIDs: branches}).Data[0].Inventories
		}
		equal(t, "all", len(list()), 2)
		equal(t, "one", len(list(s.up)), 1)
		equal(t, "none", len(list(987654)), 0)
		want := taphoa.ProductInventory{
			ProductID: p.ID, ProductCode: p.Code, ProductName: "Gạo", BranchID: s.up, BranchName: "Chi nhánh phố trên",
			OnHand: taphoa.Units(3), Cost: taphoa.Dong(600), IsActive: true,
		}
		equal(t, "the entry", list(s.up)[0], want)
		s.do(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE branches SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, s.up)
			return err
		})
		equal(t, "after a branch closed", len(list()), 1)
		refused(s, catalog.UpdateProduct, &in{ID: p.ID, Inventories: input("", stocked(s.up, 1, 1)).Inventories}, "Chi nhánh không tồn tại")
	})
}

func TestUnitsShareTheStockOfTheirBase(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia", stocked(s.main, 100, 10_000), func(p *in) { p.Unit = taphoa.Some("lon") })
		zeros := func(p *in) { // as clients send with every new product
			p.Inventories = []taphoa.InventoryInput{{BranchID: s.main, OnHand: taphoa.Some[taphoa.Quantity](0), Cost: taphoa.Some[taphoa.Money](0)}}
		}
		crate := s.create("Bia", unitOf(can.ID, "thùng", 24), zeros)
		equal(t, "the crate's name", crate.FullName, "Bia (thùng)")
		equal(t, "the base after a new unit", s.onHand(can.ID), "100 0")
		equal(t, "the crate's stock", s.onHand(crate.ID), "4.1667 0")
		equal(t, "the crate's cost", at(t, crate, s.main).Cost, taphoa.Dong(240_000))

		// Sent back as it was read, the rounded 4.1667 must not become 100.0008.
		s.update(crate.ID, setting(s.main, at(t, crate, s.main).OnHand))
		equal(t, "the base after an echo", s.onHand(can.ID), "100 0")
		s.update(crate.ID, setting(s.main, taphoa.Units(3)), func(p *in) { p.Inventories[0].Cost = taphoa.Some(taphoa.Dong(264_000)) })
		equal(t, "the base after three crates", s.onHand(can.ID), "72 0")
		equal(t, "the base's cost", at(t, s.product(can.ID), s.main).Cost, taphoa.Dong(11_000))
		s.update(can.ID, setting(s.up, taphoa.Units(12)))
		equal(t, "the crate's stock at both", s.onHand(crate.ID), "3 0.5")
		s.update(crate.ID, setting(s.main, 0))
		equal(t, "the base after no crates", s.onHand(can.ID), "0 12")

		units := s.product(can.ID).Units
		if len(units) != 1 || units[0].Code != crate.Code || units[0].Unit != "thùng" || units[0].FullName != "Bia (thùng)" {
			t.Errorf("the units are %+v", units)
		}
		half := s.create("Bia", unitOf(can.ID, "nửa", 1), func(p *in) { p.ConversionValue = taphoa.Some[taphoa.Quantity](0.5 * taphoa.Scale) })
		s.update(can.ID, func(p *in) {
			p.Inventories = []taphoa.InventoryInput{{BranchID: s.main, Cost: taphoa.Some[taphoa.Money](1.0001 * taphoa.Scale)}}
		})
		s.update(half.ID, func(p *in) {
			p.Inventories = []taphoa.InventoryInput{{BranchID: s.main, Cost: taphoa.Some(at(t, s.product(half.ID), s.main).Cost)}}
		})
		equal(t, "the base's cost after an echo", at(t, s.product(can.ID), s.main).Cost, 1.0001*taphoa.Scale)
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: half.ID})

		pack := s.create("Bia", unitOf(can.ID, "lốc", 6), setting(s.main, taphoa.Units(2)))
		equal(t, "the base after a new unit with stock", s.onHand(can.ID), "12 12")
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: pack.ID})
		equal(t, "the units after one is deleted", len(s.product(can.ID).Units), 1)
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: crate.ID})
		equal(t, "the parts after all are deleted", read(s, catalog.ChildTables, &taphoa.ByID{ID: can.ID}), 0)
	})
}

func TestWhoseUnitAProductMayBe(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		unit := func(id, base int64) *in {
			p := input("x", unitOf(base, "thùng", 24))
			p.ID, p.Name = id, taphoa.Opt[string]{}
			return p
		}
		can := s.create("Bia lon")
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		phone := s.create("Điện thoại", func(p *in) { p.IsLotSerialControl = taphoa.Some(true) })
		combo := s.create("Tiệc", comboOf(material(can.ID, 1)))
		rice := s.create("Gạo", stocked(s.main, 1, 1))
		bottle := s.create("Bia chai")
		refused(s, catalog.CreateProduct, input("Kiện", unitOf(crate.ID, "kiện", 10)), crate.Code, "đơn vị cơ bản")
		refused(s, catalog.CreateProduct, input("Hộp", unitOf(phone.ID, "hộp", 2)), "serial")
		refused(s, catalog.CreateProduct, input("Đôi", unitOf(combo.ID, "đôi", 2)), "masterUnitId")
		refused(s, catalog.UpdateProduct, unit(can.ID, can.ID), "chính nó")
		refused(s, catalog.UpdateProduct, unit(can.ID, bottle.ID), can.Code, "đơn vị quy đổi")
		refused(s, catalog.UpdateProduct, unit(rice.ID, bottle.ID), rice.Code, "giao dịch kho")
		s.do(func(tx *db.Tx) error {
			promised := []stock.BranchQuantity{{ProductID: bottle.ID, BranchID: s.main, Quantity: taphoa.Units(1)}}
			return stock.Reserve(tx, "order", 1, promised, stock.Limits{BelowZero: true, BelowReserved: true})
		})
		refused(s, catalog.UpdateProduct, unit(bottle.ID, rice.ID), bottle.Code, "giao dịch kho")
		s.do(func(tx *db.Tx) error { return stock.Reserve(tx, "order", 1, nil, stock.Limits{}) })
		refused(s, catalog.UpdateProduct, &in{ID: can.ID, IsLotSerialControl: taphoa.Some(true)}, "serial")
		refused(s, catalog.UpdateProduct, &in{ID: rice.ID, IsBatchExpireControl: taphoa.Some(true)}, "giao dịch kho")
		refused(s, catalog.UpdateProduct, &in{ID: crate.ID, IsBatchExpireControl: taphoa.Some(true)}, "đơn vị cơ bản")
		refused(s, catalog.UpdateProduct, &in{ID: crate.ID, Unit: taphoa.Null[string]()}, "unit")
		refused(s, catalog.UpdateProduct, &in{ID: can.ID, ConversionValue: taphoa.Some(taphoa.Units(2))}, "conversionValue")

		// Nulls and zeros for what a client did not set leave a unit a unit.
		p := s.update(crate.ID, func(p *in) {
			p.MasterUnitID, p.MasterProductID = taphoa.Null[int64](), taphoa.Some[int64](0)
			p.ConversionValue = taphoa.Null[taphoa.Quantity]()
		})
		equal(t, "the base after nulls", p.MasterUnitID.Or(0), can.ID)
		equal(t, "the conversion after nulls", p.ConversionValue, taphoa.Units(24))

		moved := write(s, catalog.UpdateProduct, unit(crate.ID, bottle.ID))
		equal(t, "the new base", moved.MasterUnitID.Or(0), bottle.ID)
		equal(t, "the units of the old base", len(s.product(can.ID).Units), 0)
		equal(t, "the parts of the old base", read(s, catalog.ChildTables, &taphoa.ByID{ID: can.ID}), 0)
		equal(t, "the units of the new base", len(s.product(bottle.ID).Units), 1)
		batch := s.update(bottle.ID, func(p *in) { p.IsBatchExpireControl = taphoa.Some(true) })
		equal(t, "batches", batch.IsBatchExpireControl && s.product(crate.ID).IsBatchExpireControl, true)
	})
}

func TestACombosStockIsWhatItsMaterialsAllow(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon", coded("LON"), stocked(s.main, 100, 10), stocked(s.up, 5, 10))
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		ice := s.create("Đá", stocked(s.main, 7, 1))
		trip := s.create("Giao", func(p *in) { p.Type = taphoa.Some(taphoa.ProductService) })
		party := s.create("Tiệc", comboOf(
			material(crate.ID, 1), taphoa.MaterialInput{MaterialCode: "lon", Quantity: taphoa.Units(2)}, material(ice.ID, 2), material(trip.ID, 1)))
		equal(t, "parties", s.onHand(party.ID), "3 0") // of the beer 100/26, of the ice 7/2
		for _, held := range []struct{ cans, ice, parties int64 }{{0, 3, 1}, {40, 3, 1}, {60, 3, 2}, {90, 0, 3}, {200, 9, 3}, {0, 0, 0}} {
			s.do(func(tx *db.Tx) error { // an order reserves (100 − cans) / 26 and (7 − ice) / 2
				return stock.Reserve(tx, "order", 1, []stock.BranchQuantity{
					{ProductID: can.ID, BranchID: s.main, Quantity: taphoa.Units(held.cans)}, {ProductID: ice.ID, BranchID: s.main, Quantity: taphoa.Units(held.ice)},
				}, stock.Limits{BelowZero: true, BelowReserved: true})
			})
			v := at(t, s.product(party.ID), s.main)
			equal(t, fmt.Sprintf("parties that cannot be had while %+v is held", held), v.Reserved, taphoa.Units(held.parties))
			equal(t, "parties all the same", v.OnHand, taphoa.Units(3))
		}
		equal(t, "the cost", at(t, party, s.main).Cost, taphoa.Dong(262))
		if f := party.ProductFormulas; len(f) != 4 || f[0].ProductID != party.ID || f[0].MaterialCode != "LON" ||
			f[1].Product.ConversionValue != taphoa.Units(24) || f[3].MaterialName != "Giao" || f[0].Product.RetailerID != s.who.Retailer {
			t.Errorf("the formula is %+v", f)
		}
		row := s.products(taphoa.ProductQuery{ProductType: []int64{1}, IncludeInventory: true}).Data[0]
		equal(t, "parties listed", at(t, row, s.main).OnHand, taphoa.Units(3))
		if row.ProductFormulas != nil {
			t.Error("the list shows a formula without its switch")
		}
		s.update(ice.ID, setting(s.main, taphoa.Units(1)))
		equal(t, "parties without ice", s.onHand(party.ID), "0 0")
		s.update(party.ID, func(p *in) {
			p.ProductFormulas = []taphoa.MaterialInput{{MaterialID: can.ID, Quantity: taphoa.Units(3)}}
		})
		equal(t, "parties of three cans", s.onHand(party.ID), "33 1")
		write(s, catalog.SetFormula, &taphoa.FormulaInput{
			ID: party.ID, ProductFormulas: []taphoa.MaterialInput{{MaterialID: can.ID, Quantity: 0.3333 * taphoa.Scale}}, // a third, nearly
		})
		equal(t, "parties of a third of a can", s.onHand(party.ID), "300 15")
		s.update(can.ID, setting(s.main, 299.9999*taphoa.Scale))
		s.update(party.ID, func(p *in) { p.ProductFormulas = []taphoa.MaterialInput{material(can.ID, 3)} })
		equal(t, "parties when a ten-thousandth of a can is missing", s.onHand(party.ID), "99 1")
		equal(t, "services", s.onHand(trip.ID), "0 0")
	})
}

func TestWhatStockUpdateTellsIsWhatTheProductsShow(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon", stocked(s.main, 100, 10), stocked(s.up, 5, 10))
		crate := s.create("Bia thùng", unitOf(can.ID, "thùng", 24))
		ice := s.create("Đá", stocked(s.main, 7, 1))
		trip := s.create("Giao", func(p *in) { p.Type = taphoa.Some(taphoa.ProductService) })
		party := s.create("Tiệc", comboOf(material(crate.ID, 1), material(can.ID, 2), material(ice.ID, 2), material(trip.ID, 1)))
		chill := s.create("Mát", comboOf(material(ice.ID, 3)))
		gone := s.create("Bia đá", comboOf(material(can.ID, 1)))
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: gone.ID})
		s.do(func(tx *db.Tx) error {
			promised := []stock.BranchQuantity{{ProductID: ice.ID, BranchID: s.main, Quantity: taphoa.Units(3)}}
			return stock.Reserve(tx, "order", 1, promised, stock.Limits{BelowZero: true, BelowReserved: true})
		})

		for _, step := range []struct {
			of     taphoa.Product
			change func(*in)
			want   []int64 // products and branches
		}{
			{can, setting(s.main, taphoa.Units(60)), []int64{can.ID, s.main, crate.ID, s.main, party.ID, s.main}},
			{ice, setting(s.up, taphoa.Units(4)), []int64{ice.ID, s.up, party.ID, s.up, chill.ID, s.up}},
			{ice, func(p *in) { setting(s.main, 0)(p); setting(s.up, taphoa.Units(9))(p) }, []int64{
				ice.ID, s.main, ice.ID, s.up, party.ID, s.main, party.ID, s.up, chill.ID, s.main, chill.ID, s.up,
			}},
		} {
			before := read(s, event.Feed, &taphoa.EventQuery{Limit: 1}).Last
			s.update(step.of.ID, step.change)
			feed := read(s, event.Feed, &taphoa.EventQuery{After: taphoa.Some(before), Types: []string{"stock.update"}, Limit: 10})
			if len(feed.Data) != 1 {
				t.Fatalf("got %+v", feed.Data)
			}
			var (
				levels []taphoa.StockData
				got    []int64
			)
			s.must(wire.DecodeResponse(feed.Data[0].Data, &levels))
			for _, l := range levels {
				got = append(got, l.ProductID, l.BranchID)
				p := s.product(l.ProductID)
				v := at(t, p, l.BranchID)
				equal(t, "the event of "+p.Name, l, taphoa.StockData{
					ProductID: p.ID, ProductCode: p.Code, ProductName: p.Name, BranchID: v.BranchID, BranchName: v.BranchName, Cost: v.Cost,
					OnHand: v.OnHand, Reserved: v.Reserved, MinQuantity: v.MinQuantity, MaxQuantity: v.MaxQuantity, IsActive: v.IsActive,
				})
			}
			if !slices.Equal(got, step.want) {
				t.Errorf("got %v, want %v", got, step.want)
			}
		}
	})
}

func TestStockThatIsNotAProductsOwnIsNotWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon", stocked(s.main, 100, 10))
		serial := func(p *in) { p.IsLotSerialControl = taphoa.Some(true) }
		batch := func(p *in) { p.IsBatchExpireControl = taphoa.Some(true) }
		service := func(p *in) { p.Type = taphoa.Some(taphoa.ProductService) }
		for word, kind := range map[string]func(*in){
			"combo": comboOf(material(can.ID, 10)), "Dịch vụ": service, "serial": serial, "lô": batch,
		} {
			refused(s, catalog.CreateProduct, input("Thử", kind, stocked(s.main, 4, 7)), word, "onHand")
			p := s.create("Được "+word, kind, stocked(s.main, 0, 7))
			refused(s, catalog.UpdateProduct, &in{ID: p.ID, Inventories: input("", stocked(s.main, 4, 7)).Inventories}, word, p.Code)
			// What a product shows may be sent back.
			s.update(p.ID, setting(s.main, at(t, s.product(p.ID), s.main).OnHand), setting(s.up, 0))
		}
		equal(t, "the material", s.onHand(can.ID), "100 0")
	})
}

func TestSerialsAndBatchesAreShownWithTheirProducts(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		phone := s.create("Điện thoại", func(p *in) { p.IsLotSerialControl = taphoa.Some(true) })
		milk := s.create("Sữa", func(p *in) { p.IsBatchExpireControl = taphoa.Some(true) })
		box := s.create("Sữa", unitOf(milk.ID, "lốc", 4))
		s.create("Gạo")
		expires, err := taphoa.ParseTime("2027-01-31")
		s.must(err)
		s.do(func(tx *db.Tx) error {
			lot, err := stock.ResolveLot(tx, milk.ID, "LO1", expires)
			if err != nil {
				return err
			}
			_, err = stock.Post(tx, stock.Document{Kind: "purchase", ID: 1, EffectiveAt: tx.Now}, []stock.Posting{
				{ProductID: phone.ID, From: stock.Supplier, To: stock.Location(s.main), Quantity: taphoa.Units(2), Serials: []string{"S1", "S2"}},
				{ProductID: milk.ID, From: stock.Supplier, To: stock.Location(s.up), Quantity: taphoa.Units(6), BatchID: lot},
			}, stock.Limits{})
			return err
		})
		detail := s.product(phone.ID)
		if len(detail.ProductSerials) != 2 || detail.ProductSerials[0].SerialNumber != "S1" || detail.ProductSerials[0].Quantity != taphoa.Units(1) {
			t.Errorf("the serials are %+v", detail.ProductSerials)
		}
		page := s.products(taphoa.ProductQuery{IncludeSerials: true, IncludeBatchExpires: true, IncludeInventory: true})
		equal(t, "the serials listed", len(page.Data[0].ProductSerials), 2)
		lot := page.Data[1].ProductBatchExpires[0]
		equal(t, "the batch", lot.FullNameVirgule, "LO1 - 31/01/2027")
		equal(t, "the batch's stock", fmt.Sprint(lot.OnHand, lot.BranchID == s.up, lot.ProductID == milk.ID), "6 true true")
		lot = page.Data[2].ProductBatchExpires[0]
		equal(t, "the batch's stock in fours", fmt.Sprint(lot.OnHand, lot.ProductID == box.ID), "1.5 true")
		equal(t, "the stock in fours", at(t, page.Data[2], s.up).OnHand, 1.5*taphoa.Scale)
		if rice := page.Data[3]; rice.ProductSerials == nil || rice.ProductBatchExpires == nil {
			t.Error("asked for, serials and batches are lists even when empty")
		}
	})
}

func TestTheStockListFollowsChangesOfStock(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		can := s.create("Bia lon", coded("A"), stocked(s.main, 48, 10))
		s.create("Bia thùng", coded("B"), unitOf(can.ID, "thùng", 24))
		s.create("Tiệc", coded("C"), comboOf(material(can.ID, 10)))
		rice := s.create("Gạo", coded("D"))
		s.create("Chổi", coded("E"), stocked(s.up, 1, 1))
		list := func(since taphoa.Time, branches ...int64) taphoa.Page[taphoa.ProductOnHand] {
			q := &taphoa.OnHandQuery{Paging: taphoa.Paging{PageSize: 10, OrderBy: "Code"}, BranchIDs: branches}
			if since != 0 {
				q.LastModifiedFrom = taphoa.Some(since)
			}
			return read(s, catalog.ListProductOnHands, q)
		}
		show := func(page taphoa.Page[taphoa.ProductOnHand]) string {
			var lines []string
			for _, p := range page.Data {
				line := p.Code
				for _, i := range p.Inventories {
					line += fmt.Sprint(" ", i.OnHand)
				}
				lines = append(lines, line)
			}
			return strings.Join(lines, ", ")
		}
		equal(t, "everything", show(list(0)), "A 48 0, B 2 0, C 4 0, D 0 0, E 0 1")
		equal(t, "at one branch", show(list(0, s.up)), "A 0, B 0, C 0, D 0, E 1")
		s.update(rice.ID, func(p *in) { p.Name = taphoa.Some("Gạo tám") }) // no change of stock
		before := s.clock.Now()
		s.update(can.ID, setting(s.main, taphoa.Units(24)))
		page := list(before + 1)
		equal(t, "what changed", show(page), "A 24 0, B 1 0, C 2 0")
		equal(t, "the total", page.Total, 3)
		equal(t, "the date", page.Data[0].ModifiedDate.Value, s.clock.Now())
		equal(t, "the branch's date", page.Data[0].Inventories[0].ModifiedDate.Value, s.clock.Now())
		equal(t, "the combo's date", page.Data[2].ModifiedDate.Value, s.clock.Now())
		equal(t, "another branch's date", page.Data[0].Inventories[1].ModifiedDate.Has(), false)
		equal(t, "what changed later", list(s.clock.Now()+1).Total, 0)
		equal(t, "the date of what never moved", list(0).Data[3].ModifiedDate.Has(), false)
	})
}

func TestALineOfADocumentMovesGoods(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var brand taphoa.Trademark
		s.do(func(tx *db.Tx) (err error) {
			brand, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: "Sài Gòn"})
			return err
		})
		can := s.create("Bia", coded("LON"), func(p *in) {
			p.Unit, p.BasePrice, p.TradeMarkID = taphoa.Some("lon"), taphoa.Some(taphoa.Dong(15)), taphoa.Some(brand.TradeMarkID)
			p.AllowsSale = taphoa.Some(false)
		})
		crate := s.create("Bia", coded("Thùng"), unitOf(can.ID, "thùng", 24))
		ice := s.create("Đá", coded("DA"))
		trip := s.create("Giao", coded("GIAO"), func(p *in) { p.Type = taphoa.Some(taphoa.ProductService) })
		party := s.create("Tiệc", coded("TIEC"), comboOf(material(crate.ID, 1), material(can.ID, 2), material(ice.ID, 3), material(trip.ID, 1)))
		milk := s.create("Sữa", func(p *in) { p.IsBatchExpireControl = taphoa.Some(true) })
		gone := s.create("Cũ", coded("CU"))
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: gone.ID})
		s.must(s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
			byID, byCode, err := catalog.Items(tx, []int64{can.ID, party.ID, trip.ID, gone.ID, 987654, can.ID, milk.ID}, []string{"thùng", " THÙNG ", "CU", "", "x"})
			if err != nil {
				return err
			}
			equal(t, "found by id", len(byID), 5) // the crate too, which came by its code
			equal(t, "found by code", len(byCode), 2)
			want := catalog.Item{
				ID: can.ID, Code: "LON", Name: "Bia", FullName: "Bia (lon)", CategoryID: can.CategoryID, CategoryName: "Khác",
				TradeMarkName: taphoa.Some("Sài Gòn"), Type: taphoa.ProductGoods, BasePrice: taphoa.Dong(15), IsActive: true,
				IsRewardPoint: true, BaseID: can.ID, Conversion: taphoa.Units(1),
			}
			equal(t, "milk is kept in batches", byID[milk.ID].IsBatch, true)
			got := *byID[can.ID]
			equal(t, "the can's levels", fmt.Sprintf("%+v", *got.StockFace), "{Shared:true Limits:[]}") // with crates
			got.StockFace = nil
			equal(t, "the can", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
			for name, c := range map[string]struct {
				item     *catalog.Item
				quantity taphoa.Quantity
				want     string
			}{
				"cans":    {byID[can.ID], 2.5 * taphoa.Scale, fmt.Sprintf("[{%d 2.5}]", can.ID)},
				"crates":  {byCode["thùng"], taphoa.Units(2), fmt.Sprintf("[{%d 48}]", can.ID)},
				"CRATES":  {byCode[" THÙNG "], taphoa.Units(1), fmt.Sprintf("[{%d 24}]", can.ID)},
				"trips":   {byID[trip.ID], taphoa.Units(2), "[]"},
				"parties": {byID[party.ID], taphoa.Units(2), fmt.Sprintf("[{%d 52} {%d 6}]", can.ID, ice.ID)},
			} {
				goods, err := c.item.Quantities(c.quantity)
				s.must(err)
				equal(t, name, fmt.Sprint(goods), c.want)
			}
			if _, err := byCode["thùng"].Quantities(taphoa.Quantity(int64(1 << 62))); err == nil {
				t.Error("a line beyond all numbers was accepted")
			}
			byID, _, err = catalog.Items(tx, []int64{party.ID}, nil)
			equal(t, "a combo by id alone", len(byID[party.ID].Materials), 2)
			_, byCode, _ = catalog.Items(tx, nil, []string{"tiec"})
			equal(t, "a combo by code alone", len(byCode["tiec"].Materials), 2)
			_, _, none := catalog.Items(tx, nil, nil)
			s.must(none)
			return err
		}))
	})
}

// TestAClockThatWasAheadDatesNoStockTake counts goods after the clock was a year ahead for a short time.
func TestAClockThatWasAheadDatesNoStockTake(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const year = 365 * 24 * 3600
		s.clock.Advance(year)
		s.create("Bia lon")
		s.clock.Advance(-year)
		tea := s.create("Trà", stocked(s.main, 10, 5))
		s.update(tea.ID, setting(s.main, taphoa.Units(7)))
		s.do(func(tx *db.Tx) error {
			last, _, err := db.One[taphoa.Time](tx, `SELECT MAX(effective_at) FROM stock_postings WHERE retailer_id = :retailer AND product_id = ?`, tea.ID)
			if last > s.clock.Now() {
				t.Errorf("the goods were counted at %v, it is %v", last, s.clock.Now())
			}
			return err
		})
	})
}
