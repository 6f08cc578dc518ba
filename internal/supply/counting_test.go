package supply_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// sell posts goods from the first branch to a customer.
func (s *testShop) sell(product, quantity int64, changes ...func(*stock.Posting)) {
	s.t.Helper()
	s.bought++
	p := stock.Posting{ProductID: product, From: stock.Location(s.branches[0]), To: stock.Customer, Quantity: taphoa.Units(quantity)}
	for _, change := range changes {
		change(&p)
	}
	s.write(func(tx *db.Tx) error {
		_, err := stock.Post(tx, stock.Document{Kind: "test", ID: s.bought, EffectiveAt: tx.Now}, []stock.Posting{p}, stock.Limits{BelowZero: true})
		return err
	})
}

// crate creates a unit of a product.
func (s *testShop) crate(of int64, code string, conversion taphoa.Quantity) int64 {
	s.t.Helper()
	return s.product(code, func(in *taphoa.ProductInput) {
		in.Unit, in.MasterUnitID, in.ConversionValue = taphoa.Some(code), taphoa.Some(of), taphoa.Some(conversion)
	})
}

// left is what is left of a product at the first branch, after a look at the whole ledger.
func (s *testShop) left(product int64) taphoa.Quantity {
	s.t.Helper()
	s.balanced()
	return s.onHand(product)
}

func (s *testShop) onHand(product int64) (left taphoa.Quantity) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{product}, s.branches[:1])
		if len(levels) > 0 {
			left = levels[0].OnHand
		}
		return err
	})
	return left
}

// takes returns a stock take as it is stored.
func (s *testShop) take(id int64) (t *taphoa.StockTake) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		t, err = supply.GetStockTake(tx, &taphoa.ByID{ID: id})
		return err
	})
	return t
}

func balance(id int64) func(*db.Tx) error {
	return recount(id, taphoa.StockTakeInput{Status: taphoa.Some[int64](taphoa.StockTakeBalanced)})
}

func TestWhatIsSoldBetweenCountingAndBalancingStaysSold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		for i, c := range []struct{ books, counted, sold, bought, want int64 }{
			{10, 9, 2, 0, 7}, {10, 10, 2, 0, 8}, {10, 12, 5, 0, 7}, {10, 9, 0, 20, 29}, {10, 3, 8, 0, -5}, {10, 0, 10, 0, -10},
		} {
			tea := s.product(fmt.Sprintf("TRA%d", i), nil)
			s.buy(tea, 0, c.books, 10_000)
			k := s.count(1, counted(tea, c.counted))
			if c.sold > 0 {
				s.sell(tea, c.sold)
			}
			if c.bought > 0 {
				s.buy(tea, 0, c.bought, 10_000)
			}
			s.write(balance(k.ID))
			if left := s.left(tea); left != taphoa.Units(c.want) {
				t.Errorf("%+v: %v left", c, left)
			}
			l := s.take(k.ID).StockTakeDetails[0]
			if got, want := fmt.Sprint(l.ActualQuantity, l.SystemQuantity.Value, l.Difference.Value, l.DifferenceValue.Value),
				fmt.Sprint(c.counted, c.books, c.counted-c.books, (c.counted-c.books)*10_000); got != want {
				t.Errorf("%+v: the line says %s, want %s", c, got, want)
			}
			s.write(discard(k.ID))
			if left := s.left(tea); left != taphoa.Units(c.books-c.sold+c.bought) {
				t.Errorf("%+v: %v left of a void count", c, left)
			}
		}
	})
}

func TestALineKeepsItsInstantUntilItsNumberChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, salt := s.product("TRA", nil), s.product("MUOI", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(salt, 0, 10, 3_000)
		s.buy(tea, 1, 50, 10_000)
		k := s.count(1, counted(tea, 9), counted(salt, 8))
		shown := func(when, want string) {
			t.Helper()
			got := ""
			for _, l := range s.take(k.ID).StockTakeDetails {
				got += fmt.Sprintf("%s %v-%v=%v ", l.ProductCode, l.ActualQuantity, l.SystemQuantity.Value, l.Difference.Value)
			}
			if got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		s.sell(tea, 2)
		s.sell(salt, 1)
		s.write(recount(k.ID, taphoa.StockTakeInput{Description: taphoa.Some("Kệ A")}))
		shown("a note is added", "TRA 9-10=-1 MUOI 8-10=-2 ")
		s.write(recount(k.ID, taphoa.StockTakeInput{StockTakeDetails: []taphoa.StockTakeLineInput{counted(salt, 9), counted(tea, 4), counted(tea, 5)}}))
		shown("one number changes", "MUOI 9-9=0 TRA 9-10=-1 ")
		s.write(recount(k.ID, taphoa.StockTakeInput{
			Status: taphoa.Some[int64](2), StockTakeDetails: []taphoa.StockTakeLineInput{counted(tea, 9), counted(salt, 9)},
		}))
		shown("balanced as it was read", "TRA 9-10=-1 MUOI 9-9=0 ")
		s.has("balanced", tea, 0, 7, "10000")
		s.has("balanced", salt, 0, 9, "3000")
		k = s.count(1, counted(tea, 6))
		s.write(recount(k.ID, taphoa.StockTakeInput{BranchID: taphoa.Some(s.branches[1])}))
		shown("at another branch", "TRA 6-50=-44 ")
	})
}

func TestLotsAndSerialsThatHaveLeftSinceTheCountAreNamedByLine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		phone := s.product("DT", func(in *taphoa.ProductInput) { in.IsLotSerialControl = taphoa.Some(true) })
		milk := s.product("SUA", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })
		lot := s.lot(milk, "LO1", "2027-01-01")
		s.buy(tea, 0, 5, 1_000)
		s.buy(phone, 0, 3, 1_000_000, serials("A1", "A2", "A3"))
		s.buy(milk, 0, 10, 7_000, inLot(lot))
		batch := counted(milk, 4)
		batch.ProductBatchExpireID = taphoa.Some(lot)
		named := func(numbers string) taphoa.StockTakeLineInput {
			return taphoa.StockTakeLineInput{ProductID: taphoa.Some(phone), SerialNumbers: taphoa.Some(numbers)}
		}
		milkCount, missing, found := s.count(1, counted(tea, 5), batch), s.count(1, named("A1,A2")), s.count(1, named("A1,A2,A3,A4"))
		stays := s.count(1, named("A1,A2,A3"))
		s.sell(milk, 5, inLot(lot))
		s.sell(phone, 2, serials("A2", "A3"))
		s.refusedLike("productBatchExpireId", "Dòng 2: lô LO1 của hàng hóa SUA sẽ âm", balance(milkCount.ID))
		s.refusedLike("serialNumbers", "Dòng 1: serial/IMEI A3 của hàng hóa DT kiểm thiếu nhưng đã xuất khỏi kho", balance(missing.ID))
		s.write(balance(stays.ID)) // none was missing: those that were sold stay sold
		s.has("as sold", phone, 0, 1, "1000000")
		s.buy(phone, 0, 1, 1_000_000, serials("A4"))
		s.refusedLike("serialNumbers", "Dòng 1: serial/IMEI A4 đã có trong kho", balance(found.ID))
		batch.ActualQuantity.Value = taphoa.Units(3)
		s.write(recount(milkCount.ID, taphoa.StockTakeInput{Status: taphoa.Some[int64](2), StockTakeDetails: []taphoa.StockTakeLineInput{batch}}))
		s.has("counted again", milk, 0, 3, "7000")
	})
}

func TestAUnitCountedAsItIsShownIsTheWholeStock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		for i, c := range []struct {
			stock      int64
			conversion taphoa.Quantity
		}{{199, taphoa.Units(24)}, {200, taphoa.Units(24)}, {1, taphoa.Units(7)}, {100, taphoa.Units(3)}, {11, 1.5 * taphoa.Scale}, {9_999, taphoa.Units(210)}} {
			can := s.product(fmt.Sprintf("LON%d", i), nil)
			crate := s.crate(can, fmt.Sprintf("THUNG%d", i), c.conversion)
			s.buy(can, 0, c.stock, 8_000)
			shown := s.shown(crate)
			line := counted(crate, 0)
			line.ActualQuantity.Value = shown
			for _, status := range []int64{1, 2} {
				k := s.count(status, line)
				if status == 1 {
					s.sell(can, 1) // which a count as shown does not notice
					s.write(balance(k.ID))
					s.buy(can, 0, 1, 8_000)
				}
				l := s.take(k.ID).StockTakeDetails[0]
				if left := s.left(can); left != taphoa.Units(c.stock) || l.Difference.Value != 0 || l.DifferenceValue.Value != 0 || l.SystemQuantity.Value != shown {
					t.Errorf("%v as %v: %v left, %+v", c, shown, left, l)
				}
			}
		}
	})
}

// shown is the quantity that a product shows at the first branch.
func (s *testShop) shown(product int64) (shown taphoa.Quantity) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		p, err := catalog.GetProduct(tx, &taphoa.ProductByID{ID: product})
		for _, at := range p.Inventories {
			if at.BranchID == s.branches[0] {
				shown = at.OnHand
			}
		}
		return err
	})
	return shown
}

func TestACountInUnitsIsOfWholePieces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		can := s.product("LON", nil)
		crate := s.crate(can, "THUNG", taphoa.Units(24))
		s.buy(can, 0, 199, 8_000)
		crates := func(cans int64) taphoa.Quantity { // as a program that divides by 24 writes them
			n, err := taphoa.ParseDecimal(fmt.Sprint(float64(cans) / 24))
			if err != nil {
				t.Fatal(err)
			}
			return taphoa.Quantity(n)
		}
		line := counted(crate, 0)
		line.ActualQuantity.Value = crates(200)
		k := s.count(2, line)
		if l := k.StockTakeDetails[0]; s.left(can) != taphoa.Units(200) || l.DifferenceValue.Value != taphoa.Dong(8_000) {
			t.Errorf("%v counted, %+v", s.left(can), l)
		}
		for _, cans := range []int64{190, 199, 7, 199} {
			s.write(func(tx *db.Tx) error {
				_, err := catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: crate, Inventories: []taphoa.InventoryInput{
					{BranchID: s.branches[0], OnHand: taphoa.Some(crates(cans))},
				}})
				return err
			})
			if left := s.left(can); left != taphoa.Units(cans) {
				t.Errorf("%v put, want %d", left, cans)
			}
		}
	})
}

func TestAUnitSentAsItIsShownIsTheWholeStock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		for i, c := range []struct {
			stock      int64
			conversion taphoa.Quantity
		}{{199, taphoa.Units(24)}, {200, taphoa.Units(24)}, {100, taphoa.Units(3)}, {50, taphoa.Units(7)}} {
			can := s.product(fmt.Sprintf("LON%d", i), nil)
			crate := s.crate(can, fmt.Sprintf("THUNG%d", i), c.conversion)
			s.buy(can, 0, c.stock, 8_000)
			line := of(crate, 0)
			line.SendQuantity.Value = s.shown(crate)
			whole := s.create(s.transfer(2, line))
			s.has("sent", can, 0, 0, "8000")
			s.buy(can, 0, 300, 8_000)
			s.write(update(whole.ID, taphoa.TransferInput{TransferDetails: []taphoa.TransferLineInput{line}}))
			s.has("sent as before", can, 0, 300, "8000")
			s.write(to(whole.ID, taphoa.TransferReceived))
			s.has("received", can, 1, c.stock, "8000")
			s.has("nothing comes back", can, 0, 300, "8000")
			line.SendQuantity.Value = s.shown(crate)
			draft, part := s.create(s.transfer(1, line)), taphoa.TransferLineInput{ProductID: taphoa.Some(crate), ReceivedQuantity: taphoa.Some(taphoa.Units(2))}
			s.write(to(draft.ID, taphoa.TransferSent))
			s.has("a draft is sent", can, 0, 0, "8000")
			s.write(void(draft.ID))
			s.has("void", can, 0, 300, "8000")
			sent := s.create(s.transfer(2, line))
			s.write(to(sent.ID, taphoa.TransferReceived, part))
			two, _ := c.conversion.Times(taphoa.Units(2))
			s.has("the rest is back", can, 0, 300-int64(two/taphoa.Scale), "8000")
		}
	})
}

func TestALotSentAsItIsShownIsAllOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		can := s.product("SUA", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })
		crate := s.crate(can, "THUNG", taphoa.Units(24))
		one, two := s.lot(can, "LO1", "2027-01-01"), s.lot(can, "LO2", "2027-02-01")
		s.buy(can, 0, 199, 8_000, inLot(one))
		s.buy(can, 0, 100, 8_000, inLot(two))
		line := of(crate, 0)
		line.SendQuantity.Value, line.ProductBatchExpireID = 8.2917*taphoa.Scale, taphoa.Some(one)
		m := s.create(s.transfer(2, line))
		s.has("sent", can, 0, 100, "8000")
		s.write(to(m.ID, taphoa.TransferReceived))
		s.has("received", can, 1, 199, "8000")
		k := s.count(1, taphoa.StockTakeLineInput{ProductID: taphoa.Some(crate), ActualQuantity: taphoa.Some(taphoa.Quantity(4.1667 * taphoa.Scale)), ProductBatchExpireID: taphoa.Some(two)})
		s.write(balance(k.ID))
		s.has("counted", can, 0, 100, "8000")
	})
}

func TestWhatOneCountHasCorrectedAnotherDoesNotCorrectAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		for i, c := range []struct {
			sold, want int64
			onHand     bool // written instead of counted a second time
		}{{0, 9, false}, {2, 7, false}, {0, 9, true}} {
			tea := s.product(fmt.Sprintf("TRA%d", i), nil)
			s.buy(tea, 0, 10, 10_000)
			first := s.count(1, counted(tea, 9))
			if c.onHand {
				s.write(func(tx *db.Tx) error {
					_, err := catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: tea, Inventories: []taphoa.InventoryInput{
						{BranchID: s.branches[0], OnHand: taphoa.Some(taphoa.Units(9))},
					}})
					return err
				})
			} else {
				second := s.count(1, counted(tea, 9))
				if c.sold > 0 {
					s.sell(tea, c.sold)
				}
				s.write(balance(second.ID))
			}
			s.write(balance(first.ID))
			if left := s.left(tea); left != taphoa.Units(c.want) {
				t.Errorf("%+v: %v left", c, left)
			}
			if l := s.take(first.ID).StockTakeDetails[0]; l.Difference.Value != 0 || l.SystemQuantity.Value != taphoa.Units(9) {
				t.Errorf("%+v: the line says %v of %v", c, l.Difference.Value, l.SystemQuantity.Value)
			}
		}
	})
}
