package supply_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// counted is a line of a stock take.
func counted(product, quantity int64) taphoa.StockTakeLineInput {
	return taphoa.StockTakeLineInput{ProductID: taphoa.Some(product), ActualQuantity: taphoa.Some(taphoa.Units(quantity))}
}

func (s *testShop) count(status int64, lines ...taphoa.StockTakeLineInput) (t *taphoa.StockTake) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		t, err = supply.CreateStockTake(tx, s.countInput(status, lines...))
		return err
	})
	return t
}

func (s *testShop) countInput(status int64, lines ...taphoa.StockTakeLineInput) *taphoa.StockTakeInput {
	return &taphoa.StockTakeInput{BranchID: taphoa.Some(s.branches[0]), Status: taphoa.Some(status), StockTakeDetails: lines}
}

func recount(id int64, in taphoa.StockTakeInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.UpdateStockTake(tx, &taphoa.StockTakeUpdate{ByID: taphoa.ByID{ID: id}, StockTakeInput: in})
		return err
	}
}

func discard(id int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.DeleteStockTake(tx, &taphoa.ByID{ID: id})
		return err
	}
}

// steps counts the documents that have postings of a product, and their steps.
func (s *testShop) steps(product int64) (steps int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		steps, _, err = db.One[int64](tx, `
			SELECT COUNT(*) FROM (SELECT DISTINCT kind, document_id, step FROM stock_postings
				WHERE retailer_id = :retailer AND product_id = ?) p`, product)
		return err
	})
	return steps
}

func TestABranchHasWhatWasCountedUntilTheStockTakeIsVoided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar, salt := s.product("TRA", nil), s.product("DUONG", nil), s.product("MUOI", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(sugar, 0, 10, 7_000)
		s.buy(salt, 0, 10, 3_000)
		k := s.count(0, counted(tea, 12), counted(sugar, 7), counted(salt, 10))
		s.has("counted", tea, 0, 12, "10000")
		s.has("counted", sugar, 0, 7, "7000")
		s.has("counted", salt, 0, 10, "3000")
		if k.Code != "KK000001" || k.StatusValue != "Đã cân bằng kho" || k.TotalDifference.Value != taphoa.Dong(2*10_000-3*7_000) || k.BalancedDate.Value != clock.Now() {
			t.Errorf("%+v", k)
		}
		for i, want := range []string{"12 10 2 10000 20000", "7 10 -3 7000 -21000", "10 10 0 3000 0"} {
			l := k.StockTakeDetails[i]
			if got := fmt.Sprint(l.ActualQuantity, l.SystemQuantity.Value, l.Difference.Value, l.Cost.Value, l.DifferenceValue.Value); got != want {
				t.Errorf("line %d: %s, want %s", i+1, got, want)
			}
		}
		if n := s.steps(tea); n != 2 {
			t.Errorf("the tea was moved by %d steps, want the purchase and one stock take", n)
		}
		s.buy(tea, 0, 8, 15_000)
		s.write(discard(k.ID))
		s.has("voided", tea, 0, 18, "12222.2222") // as without the stock take: (10 × 10,000 + 8 × 15,000) / 18
		s.has("voided", sugar, 0, 10, "7000")
		s.write(discard(k.ID))
		s.has("voided twice", sugar, 0, 10, "7000")
		s.refusedLike("status", "Đã hủy", recount(k.ID, taphoa.StockTakeInput{Status: taphoa.Some[int64](2)}))
	})
}

func TestADraftIsComparedWithWhatWasThereWhenItsNumberWasWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		k := s.count(1, counted(tea, 4))
		if l := k.StockTakeDetails[0]; l.SystemQuantity.Value != taphoa.Units(10) || l.Difference.Value != taphoa.Units(-6) || l.Cost.Has() || k.BalancedDate.Has() {
			t.Errorf("a draft does not say what the ledger had: %+v", k)
		}
		s.has("draft", tea, 0, 10, "10000")
		s.write(recount(k.ID, taphoa.StockTakeInput{Description: taphoa.Some("Kệ A"), StockTakeDetails: []taphoa.StockTakeLineInput{counted(tea, 5), counted(tea, 3)}}))
		s.buy(tea, 0, 2, 10_000)
		s.write(recount(k.ID, taphoa.StockTakeInput{IsDraft: taphoa.Some(false)}))
		s.has("balanced", tea, 0, 10, "10000") // two too little, and two that came meanwhile
		s.read(func(tx *db.Tx) error {
			k, err := supply.GetStockTakeByCode(tx, &taphoa.ByCode{Code: "kk000001"})
			if l := k.StockTakeDetails; len(l) != 1 || l[0].SystemQuantity.Value != taphoa.Units(10) || l[0].Difference.Value != taphoa.Units(-2) || k.Description.Value != "Kệ A" {
				t.Errorf("%+v", k)
			}
			return err
		})
		s.refusedLike("status", "Đã cân bằng kho", recount(k.ID, taphoa.StockTakeInput{Description: taphoa.Some("x")}))
		s.write(recount(k.ID, taphoa.StockTakeInput{Status: taphoa.Some[int64](3)}))
		s.has("voided", tea, 0, 12, "10000")
		draft := s.count(1, counted(tea, 0))
		s.write(discard(draft.ID))
		s.has("a draft is discarded", tea, 0, 12, "10000")
	})
}

func TestUnitsSerialsAndLotsAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		can := s.product("LON", nil)
		crate := s.product("THUNG", func(in *taphoa.ProductInput) {
			in.Unit, in.MasterUnitID, in.ConversionValue = taphoa.Some("thùng"), taphoa.Some(can), taphoa.Some(taphoa.Units(24))
		})
		phone := s.product("DT", func(in *taphoa.ProductInput) { in.IsLotSerialControl = taphoa.Some(true) })
		milk := s.product("SUA", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })
		one, two := s.lot(milk, "LO1", "2027-01-01"), s.lot(milk, "LO2", "2027-02-01")
		s.buy(can, 0, 50, 8_000)
		s.buy(phone, 0, 2, 1_000_000, serials("A1", "A2"))
		s.buy(phone, 1, 1, 1_000_000, serials("A3"))
		s.buy(milk, 0, 10, 7_000, inLot(one))
		s.buy(milk, 0, 10, 7_000, inLot(two))
		named := func(numbers string) taphoa.StockTakeLineInput {
			return taphoa.StockTakeLineInput{ProductID: taphoa.Some(phone), SerialNumbers: taphoa.Some(numbers)}
		}
		batch := counted(milk, 6)
		batch.ProductBatchExpireID = taphoa.Some(one)
		fresh := counted(milk, 5)
		expires, err := taphoa.ParseTime("2027-03-01T10:00:00")
		if err != nil {
			t.Fatal(err)
		}
		fresh.BatchName, fresh.ExpireDate = taphoa.Some("LO3"), taphoa.Some(expires)
		k := s.count(2, counted(crate, 2), named("A2; A9 ,A8"), batch, fresh)
		s.has("crates", can, 0, 48, "8000")
		s.has("serials", phone, 0, 3, "1000000")
		s.has("batches", milk, 0, 21, "7000") // 6 of the first, 10 of the second, 5 of the third
		for i, want := range []string{"2 2.0833 -0.0833 -16000", "3 2 1 1000000", "6 10 -4 -28000", "5 0 5 35000"} {
			l := k.StockTakeDetails[i]
			if got := fmt.Sprint(l.ActualQuantity, l.SystemQuantity.Value, l.Difference.Value, l.DifferenceValue.Value); got != want {
				t.Errorf("line %d: %s, want %s", i+1, got, want)
			}
		}
		s.read(func(tx *db.Tx) error {
			at, err := stock.Serials(tx, []int64{phone})
			var in string
			for _, p := range at {
				in += fmt.Sprintf("%s:%d ", p.SerialNumber, p.Status)
			}
			if in != "A1:0 A2:1 A3:1 A8:1 A9:1 " {
				t.Errorf("the serials are %s", in)
			}
			return err
		})
		s.refusedLike("serialNumbers", "A3 đã có trong kho", func(tx *db.Tx) error {
			_, err := supply.CreateStockTake(tx, s.countInput(2, named("A2,A3")))
			return err
		})
		s.write(discard(k.ID))
		s.has("serials voided", phone, 0, 2, "1000000")
		s.has("batches voided", milk, 0, 20, "7000")
	})
}

func TestStockTakesThatMakeNoSenseAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		tea := s.product("TRA", nil)
		box := s.product("HOP", func(in *taphoa.ProductInput) {
			in.Unit, in.MasterUnitID, in.ConversionValue = taphoa.Some("hộp"), taphoa.Some(tea), taphoa.Some(taphoa.Units(10))
		})
		wrap := s.product("GOI", func(in *taphoa.ProductInput) { in.Type = taphoa.Some(taphoa.ProductService) })
		phone := s.product("DT", func(in *taphoa.ProductInput) { in.IsLotSerialControl = taphoa.Some(true) })
		milk := s.product("SUA", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })
		for _, c := range []struct {
			field, words string
			change       func(*taphoa.StockTakeInput)
		}{
			{"branchId", "không được để trống", func(in *taphoa.StockTakeInput) { in.BranchID = taphoa.Opt[int64]{} }},
			{"branchId", "không tồn tại", func(in *taphoa.StockTakeInput) { in.BranchID.Value = 999 }},
			{"status", "không hợp lệ", func(in *taphoa.StockTakeInput) { in.Status.Value = 3 }},
			{"stockTakeDetails", "không được để trống", func(in *taphoa.StockTakeInput) { in.StockTakeDetails = nil }},
			{"stockTakeDetails", "tối đa 1000", func(in *taphoa.StockTakeInput) { in.StockTakeDetails = make([]taphoa.StockTakeLineInput, 1001) }},
			{"productId", "không tồn tại", func(in *taphoa.StockTakeInput) { in.StockTakeDetails[0].ProductID.Value = 999 }},
			{"productId", "dịch vụ", func(in *taphoa.StockTakeInput) { in.StockTakeDetails[0].ProductID.Value = wrap }},
			{"productId", "hai đơn vị tính", func(in *taphoa.StockTakeInput) { in.StockTakeDetails = append(in.StockTakeDetails, counted(box, 1)) }},
			{"actualQuantity", "phải từ 0", func(in *taphoa.StockTakeInput) { in.StockTakeDetails[0].ActualQuantity.Value = -0.0001 * taphoa.Scale }},
			{"actualQuantity", "phải từ 0", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0].ActualQuantity = taphoa.Null[taphoa.Quantity]()
			}},
			{"actualQuantity", "phải từ 0", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0].ActualQuantity.Value = taphoa.QuantityMax + 0.0001*taphoa.Scale
			}},
			{"actualQuantity", "quá lớn", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0] = taphoa.StockTakeLineInput{ProductID: taphoa.Some(box), ActualQuantity: taphoa.Some(taphoa.QuantityMax)}
			}},
			{"serialNumbers", "số serial", func(in *taphoa.StockTakeInput) { in.StockTakeDetails[0].ProductID.Value = phone }},
			{"serialNumbers", "lặp lại", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0] = taphoa.StockTakeLineInput{ProductID: taphoa.Some(phone), SerialNumbers: taphoa.Some("A,B,A")}
			}},
			{"serialNumbers", "dài quá 125", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0] = taphoa.StockTakeLineInput{ProductID: taphoa.Some(phone), SerialNumbers: taphoa.Some(" , " + strings.Repeat("x", 126))}
			}},
			{"productBatchExpireId", "hãy cho biết lô", func(in *taphoa.StockTakeInput) { in.StockTakeDetails[0].ProductID.Value = milk }},
			{"productBatchExpireId", "không tồn tại", func(in *taphoa.StockTakeInput) {
				in.StockTakeDetails[0].ProductID.Value, in.StockTakeDetails[0].ProductBatchExpireID = milk, taphoa.Some[int64](77)
			}},
		} {
			s.refusedLike(c.field, c.words, func(tx *db.Tx) error {
				in := s.countInput(2, counted(tea, 3))
				c.change(in)
				_, err := supply.CreateStockTake(tx, in)
				return err
			})
		}
		first := s.countInput(2, counted(tea, 3))
		first.Code = taphoa.Some("KK-1")
		s.write(func(tx *db.Tx) error { _, err := supply.CreateStockTake(tx, first); return err })
		s.refusedLike("code", "đã tồn tại", func(tx *db.Tx) error { _, err := supply.CreateStockTake(tx, first); return err })
		s.refusedLike("", "không tồn tại", discard(4711))
		// The surplus has left the branch: the stock take cannot be voided any more.
		s.create(s.transfer(3, of(tea, 2)))
		s.refusedLike("id", "đã xuất khỏi kho", func(tx *db.Tx) error {
			page, err := supply.ListStockTakes(tx, &taphoa.StockTakeQuery{Paging: taphoa.Paging{PageSize: 1}})
			if err != nil {
				return err
			}
			return discard(page.Data[0].ID)(tx)
		})
		other := db.Actor{}
		s.write(func(tx *db.Tx) error {
			shop, err := org.CreateShop(tx, "hangxom", "Hàng xóm")
			other = db.Actor{Retailer: shop.RetailerID, User: tx.User}
			return err
		})
		n := *s
		n.who = other
		n.read(func(tx *db.Tx) error {
			page, err := supply.ListStockTakes(tx, &taphoa.StockTakeQuery{Paging: taphoa.Paging{PageSize: 1}})
			if page.Total != 0 {
				t.Errorf("the other shop sees %d stock takes", page.Total)
			}
			return err
		})
	})
}
