package supply_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// of is a line with a product and the quantity that is sent.
func of(product, quantity int64) taphoa.TransferLineInput {
	return taphoa.TransferLineInput{ProductID: taphoa.Some(product), SendQuantity: taphoa.Some(taphoa.Units(quantity))}
}

// arriving is a line with the quantities that were sent and have arrived.
func arriving(product, sent, received int64) taphoa.TransferLineInput {
	l := of(product, sent)
	l.ReceivedQuantity = taphoa.Some(taphoa.Units(received))
	return l
}

// transfer is a request from the first branch to the second.
func (s *testShop) transfer(status int64, lines ...taphoa.TransferLineInput) *taphoa.TransferInput {
	return &taphoa.TransferInput{
		FromBranchID: taphoa.Some(s.branches[0]), ToBranchID: taphoa.Some(s.branches[1]), Status: taphoa.Some(status), TransferDetails: lines,
	}
}

func (s *testShop) create(in *taphoa.TransferInput) (t *taphoa.Transfer) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		result, err := supply.CreateTransfer(tx, in)
		if err == nil {
			t = result.Data
		}
		return err
	})
	return t
}

func update(id int64, in taphoa.TransferInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.UpdateTransfer(tx, &taphoa.TransferUpdate{ByID: taphoa.ByID{ID: id}, TransferInput: in})
		return err
	}
}

// to sets the status of a transfer, and its lines if any are given.
func to(id, status int64, lines ...taphoa.TransferLineInput) func(*db.Tx) error {
	return update(id, taphoa.TransferInput{Status: taphoa.Some(status), TransferDetails: lines})
}

func void(id int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.DeleteTransfer(tx, &taphoa.ByID{ID: id})
		return err
	}
}

func (s *testShop) get(id int64) (v taphoa.TransferView) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		v, err = supply.GetTransfer(tx, &taphoa.ByID{ID: id})
		return err
	})
	return v
}

func TestGoodsTravelWithTheirCost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(tea, 1, 10, 20_000)

		sent := s.create(s.transfer(0, of(tea, 5)))
		if sent.Code != "TRF000001" || sent.Status != taphoa.TransferSent || !sent.IsActive || sent.DispatchedDate.Value != clock.Now() || sent.ReceivedDate.Has() {
			t.Errorf("sent: %+v", sent)
		}
		if l := sent.TransferDetails[0]; l.Price != taphoa.Dong(10_000) || l.SendPrice != taphoa.Some(l.Price) || l.ReceivePrice.Has() || l.ReceiveQuantity != 0 {
			t.Errorf("sent: %+v", l)
		}
		s.has("sent", tea, 0, 5, "10000")
		s.has("sent", tea, 1, 10, "20000")

		s.buy(tea, 0, 5, 30_000) // the sender's average is 20,000 now; goods in transit still cost 10,000
		clock.Advance(3600)
		s.write(to(sent.ID, taphoa.TransferReceived))
		s.has("received", tea, 0, 10, "20000")
		s.has("received", tea, 1, 15, "16666.6667") // (10 × 20,000 + 5 × 10,000) / 15
		got := s.get(sent.ID)
		if got.Status != taphoa.TransferReceived || got.ReceivedDate.Value != clock.Now() || got.TransferredDate != sent.DispatchedDate {
			t.Errorf("received: %+v", got)
		}
		if l := got.Details[0]; l.ReceivedQuantity != taphoa.Units(5) || l.TotalTransfer != taphoa.Dong(50_000) || l.TotalReceive != taphoa.Dong(50_000) {
			t.Errorf("received: %+v", l)
		}
	})
}

func TestWhatDoesNotArriveGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar := s.product("TRA", nil), s.product("DUONG", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(sugar, 0, 4, 7_000)
		sent := s.create(s.transfer(2, of(tea, 6), of(sugar, 4)))
		s.buy(tea, 0, 4, 20_000)
		s.has("sent", tea, 0, 8, "15000")
		s.write(to(sent.ID, taphoa.TransferReceived, arriving(tea, 6, 4), arriving(sugar, 4, 0)))
		s.has("received", tea, 0, 10, "14000") // (8 × 15,000 + 2 × 10,000) / 10
		s.has("received", tea, 1, 4, "10000")
		s.has("received", sugar, 0, 4, "7000")
		s.has("received", sugar, 1, 0, "0")
		v := s.get(sent.ID)
		if l := v.Details[0]; l.TransferredQuantity != taphoa.Units(6) || l.ReceivedQuantity != taphoa.Units(4) || l.TotalReceive != taphoa.Dong(40_000) {
			t.Errorf("%+v", l)
		}
		s.refusedLike("status", "Đã nhận", to(sent.ID, taphoa.TransferReceived, arriving(tea, 6, 6)))
		s.refusedLike("id", "đã nhận hàng nên không thể hủy", void(sent.ID))
	})
}

func TestADraftMovesNothingUntilItIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		in := s.transfer(3, of(tea, 5)) // isDraft goes before the status
		in.IsDraft, in.Code, in.Description = taphoa.Some(true), taphoa.Some("CH-01"), taphoa.Some("Chờ xe")
		draft := s.create(in)
		if draft.Status != taphoa.TransferDraft || draft.Code != "CH-01" || draft.DispatchedDate.Has() || draft.TransferDetails[0].SendPrice.Has() {
			t.Errorf("%+v", draft)
		}
		s.has("draft", tea, 0, 10, "10000")
		s.write(update(draft.ID, taphoa.TransferInput{TransferDetails: []taphoa.TransferLineInput{of(tea, 7)}, ToBranchID: taphoa.Some(s.branches[2])}))
		s.has("changed", tea, 0, 10, "10000")
		s.write(update(draft.ID, taphoa.TransferInput{IsDraft: taphoa.Some(false)}))
		s.has("sent", tea, 0, 3, "10000")
		s.refusedLike("status", "Đang chuyển", update(draft.ID, taphoa.TransferInput{IsDraft: taphoa.Some(true)}))
		s.write(update(draft.ID, taphoa.TransferInput{NoteByDestination: taphoa.Some("Đã đếm"), Status: taphoa.Some[int64](3)}))
		s.has("received", tea, 2, 7, "10000")
		v := s.get(draft.ID)
		if v.NoteBySource.Value != "Chờ xe" || v.NoteByDestination.Value != "Đã đếm" || v.ToBranchName != "Chi nhánh ba" || v.CreatedByName != "Admin" {
			t.Errorf("%+v", v)
		}
	})
}

func TestVoidingReturnsTheGoods(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		draft := s.create(s.transfer(1, of(tea, 5)))
		s.write(void(draft.ID))
		s.has("draft voided", tea, 0, 10, "10000")
		sent := s.create(s.transfer(2, of(tea, 10)))
		s.has("sent", tea, 0, 0, "10000")
		s.write(void(sent.ID))
		s.has("voided", tea, 0, 10, "10000")
		s.write(void(sent.ID)) // a second time changes nothing
		s.has("voided twice", tea, 0, 10, "10000")
		for _, id := range []int64{draft.ID, sent.ID} {
			if v := s.get(id); v.Status != taphoa.TransferVoided {
				t.Errorf("%+v", v)
			}
			s.refusedLike("status", "Đã hủy", to(id, taphoa.TransferReceived))
		}
		other := s.create(s.transfer(2, of(tea, 10)))
		s.write(to(other.ID, taphoa.TransferVoided)) // by PUT
		s.has("voided by an update", tea, 0, 10, "10000")
		s.read(func(tx *db.Tx) error {
			page, err := supply.ListTransfers(tx, &taphoa.TransferQuery{Paging: taphoa.Paging{PageSize: 10}, Status: []int64{4}})
			if page.Total != 3 || page.Data[0].IsActive {
				t.Errorf("%d voided, the first %+v", page.Total, page.Data[0])
			}
			return err
		})
	})
}

func TestATransferUnderWayCanBeCorrected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea, sugar := s.product("TRA", nil), s.product("DUONG", nil)
		s.buy(tea, 0, 10, 10_000)
		s.buy(tea, 2, 10, 10_000)
		s.buy(sugar, 0, 10, 5_000)
		sent := s.create(s.transfer(2, of(tea, 5)))
		s.write(to(sent.ID, taphoa.TransferSent, of(tea, 2), of(sugar, 3)))
		s.has("fewer", tea, 0, 8, "10000")
		s.has("another", sugar, 0, 7, "5000")
		s.write(update(sent.ID, taphoa.TransferInput{FromBranchID: taphoa.Some(s.branches[2]), TransferDetails: []taphoa.TransferLineInput{of(tea, 4)}}))
		s.has("from another branch", tea, 0, 10, "10000")
		s.has("from another branch", tea, 2, 6, "10000")
		s.has("from another branch", sugar, 0, 10, "5000")
		s.write(to(sent.ID, taphoa.TransferReceived, arriving(tea, 5, 5)))
		s.has("received", tea, 2, 5, "10000")
		s.has("received", tea, 1, 5, "10000")
	})
}

func TestUnitsAndCombosMoveTheirBaseUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		can := s.product("LON", nil)
		crate := s.product("THUNG", func(in *taphoa.ProductInput) {
			in.Unit, in.MasterUnitID, in.ConversionValue = taphoa.Some("thùng"), taphoa.Some(can), taphoa.Some(taphoa.Units(24))
		})
		gift := s.product("QUA", func(in *taphoa.ProductInput) {
			in.Type = taphoa.Some(taphoa.ProductCombo)
			in.ProductFormulas = []taphoa.MaterialInput{{MaterialID: can, Quantity: taphoa.Units(2)}}
		})
		s.buy(can, 0, 100, 8_000)
		sent := s.create(s.transfer(2, of(crate, 2), of(gift, 3), of(can, 1)))
		s.has("sent", can, 0, 45, "8000") // 100 - 48 - 6 - 1
		for i, price := range []int64{192_000, 16_000, 8_000} {
			if l := sent.TransferDetails[i]; l.Price != taphoa.Dong(price) {
				t.Errorf("%s: price %v, want %d", l.ProductCode, l.Price, price)
			}
		}
		s.write(to(sent.ID, taphoa.TransferReceived, arriving(crate, 2, 1), arriving(gift, 3, 3), arriving(can, 1, 0)))
		s.has("received", can, 1, 30, "8000")
		s.has("received", can, 0, 70, "8000")
	})
}

func TestSerialsTravelOneByOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		phone := s.product("DT", func(in *taphoa.ProductInput) { in.IsLotSerialControl = taphoa.Some(true) })
		s.buy(phone, 0, 3, 1_000_000, serials("A1", "A2", "A3"))
		line := func(numbers, arrived string, sent, received int64) taphoa.TransferLineInput {
			l := arriving(phone, sent, received)
			l.SerialNumbers, l.ReceivedSerials = taphoa.SomeIf(numbers), taphoa.SomeIf(arrived)
			return l
		}
		create := func(l taphoa.TransferLineInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := supply.CreateTransfer(tx, s.transfer(2, l))
				return err
			}
		}
		s.refusedLike("serialNumbers", "cần đúng 2 số serial", create(line("A1", "", 2, 0)))
		s.refusedLike("serialNumbers", "A9", create(line("A1,A9", "", 2, 0)))
		s.refusedLike("serialNumbers", "lặp lại", create(line("A1,A1", "", 2, 0)))
		draft := s.create(s.transfer(1, of(phone, 2))) // the serials may be chosen later
		s.refusedLike("serialNumbers", "cần đúng 2", to(draft.ID, taphoa.TransferSent))
		s.write(to(draft.ID, taphoa.TransferSent, line("A1, A3", "", 2, 0)))
		s.has("sent", phone, 0, 1, "1000000")
		s.refusedLike("receivedSerialNumbers", "1 số serial", to(draft.ID, taphoa.TransferReceived, line("", "", 2, 1)))
		s.refusedLike("receivedSerialNumbers", "A2", to(draft.ID, taphoa.TransferReceived, line("", "A2", 2, 1)))
		s.write(to(draft.ID, taphoa.TransferReceived, line("", "A3", 2, 1)))
		s.has("received", phone, 0, 2, "1000000")
		s.has("received", phone, 1, 1, "1000000")
		s.read(func(tx *db.Tx) error {
			at, err := stock.Serials(tx, []int64{phone})
			var where string
			for _, p := range at {
				where += fmt.Sprintf("%s@%d:%d ", p.SerialNumber, p.BranchID-s.branches[0]+1, p.Status)
			}
			if where != "A1@1:1 A2@1:1 A3@2:1 " {
				t.Errorf("the serials are %s", where)
			}
			return err
		})
		all := s.create(s.transfer(3, line("A1,A2", "", 2, 2)))
		if l := all.TransferDetails[0]; l.ReceivedSerials.Value != "A1,A2" {
			t.Errorf("%+v", l)
		}
		s.has("all", phone, 1, 3, "1000000")
	})
}

func TestLotsAreSentTheEarliestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		milk := s.product("SUA", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })
		late, soon := s.lot(milk, "LO2", "2027-03-01"), s.lot(milk, "LO1", "2027-01-01")
		s.buy(milk, 0, 10, 7_000, inLot(late))
		s.buy(milk, 0, 5, 7_000, inLot(soon))
		holds := func(when string, want string) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				rows, err := stock.ProductLots(tx, []int64{milk})
				var got string
				for _, r := range rows {
					got += fmt.Sprintf("%s@%d:%v ", r.BatchName, r.BranchID-s.branches[0]+1, r.OnHand)
				}
				if got != want {
					t.Errorf("%s: %s, want %s", when, got, want)
				}
				return err
			})
			s.balanced()
		}
		named := of(milk, 2)
		named.ProductBatchExpireID = taphoa.Some(soon)
		sent := s.create(s.transfer(2, of(milk, 6), named))
		holds("sent", "LO1@1:0 LO2@1:7 ") // 2 named and 3 open of LO1, 3 open of LO2
		s.write(to(sent.ID, taphoa.TransferSent, of(milk, 6), named))
		holds("sent the same", "LO1@1:0 LO2@1:7 ")
		named.ReceivedQuantity = taphoa.Some(taphoa.Units(1))
		s.write(to(sent.ID, taphoa.TransferReceived, arriving(milk, 6, 4), named))
		holds("received", "LO1@1:3 LO1@2:2 LO2@1:7 LO2@2:3 ")
		s.refusedLike("sendQuantity", "SUA", func(tx *db.Tx) error {
			_, err := supply.CreateTransfer(tx, s.transfer(2, of(milk, 11)))
			return err
		})
		s.refusedLike("productBatchExpireId", "không thuộc", func(tx *db.Tx) error {
			l := of(milk, 1)
			l.ProductBatchExpireID = taphoa.Some[int64](999)
			_, err := supply.CreateTransfer(tx, s.transfer(2, l))
			return err
		})
	})
}

func TestGoodsThatAreMissingOrReservedAreNotSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false", "AllowSellWhenOrderOutStock", "false")
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		s.write(func(tx *db.Tx) error {
			return stock.Reserve(tx, "order", 1, []stock.BranchQuantity{{ProductID: tea, BranchID: s.branches[0], Quantity: taphoa.Units(4)}}, stock.Limits{})
		})
		send := func(n int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := supply.CreateTransfer(tx, s.transfer(2, of(tea, n)))
				return err
			}
		}
		s.refusedLike("sendQuantity", "Hàng hóa TRA không đủ tồn kho", send(7))
		s.write(send(6))
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "AllowSellWhenOrderOutStock", "true") })
		s.refusedLike("sendQuantity", "TRA", send(5))
		s.write(send(4))
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "AllowSellWhenOutStock", "true") })
		s.write(send(5))
		s.has("below zero", tea, 0, -5, "10000")
	})
}

func TestTransfersThatMakeNoSenseAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		wrap := s.product("GOI", func(in *taphoa.ProductInput) { in.Type = taphoa.Some(taphoa.ProductService) })
		gone := s.product("HET", nil)
		s.buy(tea, 0, 10, 10_000)
		s.write(func(tx *db.Tx) error {
			_, err := catalog.DeleteProduct(tx, &taphoa.ByID{ID: gone})
			return err
		})
		used := s.transfer(2, of(tea, 1))
		used.Code = taphoa.Some("CH-1")
		s.create(used)
		var many []taphoa.TransferLineInput
		for range 1001 {
			many = append(many, of(tea, 1))
		}
		for _, c := range []struct {
			field, words string
			change       func(*taphoa.TransferInput)
		}{
			{"fromBranchId", "không được để trống", func(in *taphoa.TransferInput) { in.FromBranchID = taphoa.Null[int64]() }},
			{"toBranchId", "không được để trống", func(in *taphoa.TransferInput) { in.ToBranchID = taphoa.Opt[int64]{} }},
			{"toBranchId", "không tồn tại", func(in *taphoa.TransferInput) { in.ToBranchID = taphoa.Some[int64](-5) }},
			{"fromBranchId", "không tồn tại", func(in *taphoa.TransferInput) { in.FromBranchID = taphoa.Some[int64](taphoa.IDMax) }},
			{"toBranchId", "phải khác nhau", func(in *taphoa.TransferInput) { in.ToBranchID = in.FromBranchID }},
			{"status", "không hợp lệ", func(in *taphoa.TransferInput) { in.Status = taphoa.Some[int64](4) }},
			{"status", "không hợp lệ", func(in *taphoa.TransferInput) { in.Status = taphoa.Some[int64](-1) }},
			{"code", "đã tồn tại", func(in *taphoa.TransferInput) { in.Code = taphoa.Some(" ch-1") }},
			{"transferDetails", "không được để trống", func(in *taphoa.TransferInput) { in.TransferDetails = nil }},
			{"transferDetails", "tối đa 1000", func(in *taphoa.TransferInput) { in.TransferDetails = many }},
			{"productId", "dòng 1", func(in *taphoa.TransferInput) { in.TransferDetails[0].ProductID = taphoa.Some[int64](999) }},
			{"productId", "dòng 1", func(in *taphoa.TransferInput) { in.TransferDetails[0].ProductID = taphoa.Opt[int64]{} }},
			{"productId", "không tồn tại", func(in *taphoa.TransferInput) { in.TransferDetails[0].ProductID = taphoa.Some(gone) }},
			{"productId", "Dịch vụ GOI", func(in *taphoa.TransferInput) { in.TransferDetails[0].ProductID = taphoa.Some(wrap) }},
			{"sendQuantity", "lớn hơn 0", func(in *taphoa.TransferInput) { in.TransferDetails[0].SendQuantity = taphoa.Opt[taphoa.Quantity]{} }},
			{"sendQuantity", "lớn hơn 0", func(in *taphoa.TransferInput) { in.TransferDetails[0].SendQuantity.Value = -0.0001 * taphoa.Scale }},
			{"sendQuantity", "không quá", func(in *taphoa.TransferInput) {
				in.TransferDetails[0].SendQuantity.Value = taphoa.QuantityMax + 0.0001*taphoa.Scale
			}},
			{"price", "từ 0", func(in *taphoa.TransferInput) {
				in.TransferDetails[0].Price = taphoa.Some(taphoa.Money(-0.0001 * taphoa.Scale))
			}},
			{"price", "từ 0", func(in *taphoa.TransferInput) {
				in.TransferDetails[0].Price = taphoa.Some(taphoa.MoneyMax + 0.0001*taphoa.Scale)
			}},
			{"price", "vượt quá", func(in *taphoa.TransferInput) {
				in.TransferDetails[0].Price, in.TransferDetails[0].SendQuantity.Value = taphoa.Some(taphoa.MoneyMax), taphoa.QuantityMax
			}},
			{"recivedQuantity", "từ 0 đến", func(in *taphoa.TransferInput) {
				in.Status.Value, in.TransferDetails[0].ReceivedQuantity = 3, taphoa.Some(taphoa.Units(2))
			}},
			{"recivedQuantity", "từ 0 đến", func(in *taphoa.TransferInput) {
				in.Status.Value, in.TransferDetails[0].ReceivedQuantity = 3, taphoa.Some(taphoa.Units(-1))
			}},
			{"recivedQuantity", "Không có hàng hóa nào", func(in *taphoa.TransferInput) {
				in.Status.Value, in.TransferDetails[0].ReceivedQuantity = 3, taphoa.Some(taphoa.Units(0))
			}},
		} {
			s.refusedLike(c.field, c.words, func(tx *db.Tx) error {
				in := s.transfer(2, of(tea, 1))
				c.change(in)
				_, err := supply.CreateTransfer(tx, in)
				return err
			})
		}
		s.refusedLike("", "không tồn tại", to(12345, 2))
		s.refusedLike("", "không tồn tại", void(12345))
	})
}

func TestOnlyWhatIsUnderWayReachesAClosedBranch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		sent, other, draft := s.create(s.transfer(2, of(tea, 5))), s.create(s.transfer(2, of(tea, 2))), s.create(s.transfer(1, of(tea, 5)))
		s.write(func(tx *db.Tx) error {
			_, err := org.CloseBranch(tx, &taphoa.ByID{ID: s.branches[1]})
			return err
		})
		s.write(to(other.ID, taphoa.TransferReceived))
		s.has("arrived", tea, 1, 2, "10000")
		s.refusedLike("toBranchId", "ngừng hoạt động", to(draft.ID, taphoa.TransferSent))
		s.write(update(sent.ID, taphoa.TransferInput{Description: taphoa.Some("Chi nhánh đã đóng cửa")}))
		s.write(update(sent.ID, taphoa.TransferInput{ToBranchID: taphoa.Some(s.branches[2])})) // another destination
		s.write(to(sent.ID, taphoa.TransferReceived))
		s.has("received elsewhere", tea, 2, 5, "10000")
	})
}

func TestTransfersAreFoundByEveryFilter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 100, 10_000)
		start := clock.Now()
		draft := s.create(s.transfer(1, of(tea, 1)))
		sent := s.create(s.transfer(2, of(tea, 2)))
		clock.Advance(3600)
		there := s.create(s.transfer(3, of(tea, 3)))
		clock.Advance(3600)
		third := s.transfer(2, of(tea, 4))
		third.ToBranchID = taphoa.Some(s.branches[2])
		far := s.create(third)
		hour := taphoa.Time(3600 * 1_000_000)
		for _, c := range []struct {
			name  string
			query taphoa.TransferQuery
			want  []int64
		}{
			{"all", taphoa.TransferQuery{}, []int64{draft.ID, sent.ID, there.ID, far.ID}},
			{"status", taphoa.TransferQuery{Status: []int64{1, 3}}, []int64{draft.ID, there.ID}},
			{"to", taphoa.TransferQuery{ToBranchIDs: []int64{s.branches[2]}}, []int64{far.ID}},
			{"from", taphoa.TransferQuery{FromBranchIDs: []int64{s.branches[2]}}, nil},
			{"sent from", taphoa.TransferQuery{FromTransferDate: taphoa.Some(start + hour)}, []int64{there.ID, far.ID}},
			{"sent to", taphoa.TransferQuery{ToTransferDate: taphoa.Some(start + hour)}, []int64{sent.ID, there.ID}},
			{"received from", taphoa.TransferQuery{FromReceivedDate: taphoa.Some(start)}, []int64{there.ID}},
			{"received to", taphoa.TransferQuery{ToReceivedDate: taphoa.Some(start)}, nil},
			{"newest first", taphoa.TransferQuery{Paging: taphoa.Paging{OrderDirection: "DESC"}, Status: []int64{2}}, []int64{far.ID, sent.ID}},
			{"one page", taphoa.TransferQuery{Paging: taphoa.Paging{PageSize: 1, CurrentItem: 2}}, []int64{there.ID}},
		} {
			c.query.Clamp(100)
			s.read(func(tx *db.Tx) error {
				page, err := supply.ListTransfers(tx, &c.query)
				var got []int64
				for _, f := range page.Data {
					got = append(got, f.ID)
				}
				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("%s: %v, want %v", c.name, got, c.want)
				}
				return err
			})
		}
		s.read(func(tx *db.Tx) error {
			v, err := supply.GetTransferByCode(tx, &taphoa.ByCode{Code: "trf000003"})
			if v.ID != there.ID {
				t.Errorf("TRF000003 is %d", v.ID)
			}
			return err
		})
	})
}

func TestTwoShopsDoNotSeeEachOthersTransfers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 10_000)
		sent := s.create(s.transfer(2, of(tea, 5)))
		other := db.Actor{}
		s.write(func(tx *db.Tx) error {
			shop, err := org.CreateShop(tx, "hangxom", "Hàng xóm")
			other = db.Actor{Retailer: shop.RetailerID, User: tx.User}
			return err
		})
		n := *s
		n.who = other
		n.refusedLike("", "không tồn tại", to(sent.ID, taphoa.TransferReceived))
		n.refusedLike("", "không tồn tại", void(sent.ID))
		n.refusedLike("fromBranchId", "không tồn tại", func(tx *db.Tx) error {
			_, err := supply.CreateTransfer(tx, s.transfer(2, of(tea, 1)))
			return err
		})
		n.read(func(tx *db.Tx) error {
			page, err := supply.ListTransfers(tx, &taphoa.TransferQuery{Paging: taphoa.Paging{PageSize: 10}})
			if page.Total != 0 {
				t.Errorf("the neighbour sees %d transfers", page.Total)
			}
			return err
		})
	})
}
