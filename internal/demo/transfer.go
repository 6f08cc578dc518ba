package demo

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// planTransfers plans transfers: one with a value in every member, one every fortnight, one that is voided, one that is sent
// and not received on the last day, and a draft.
func (s *generator) planTransfers() {
	s.schedule(s.at(firstDay+3, 6, 0), s.fullTransfer)
	for i, day := 0, firstDay+10; day < -1; i, day = i+1, day+14 {
		s.schedule(s.at(day, 6, 10), func() error { return s.transfer(i%2, "Bổ sung hàng giữa hai chi nhánh", 180, false) })
	}
	s.schedule(s.at(firstDay+12, 6, 20), func() error { return s.transfer(1, "Xe hỏng giữa đường", 90, true) })
	s.schedule(s.at(-1, 21, 0), func() error { return s.transfer(0, "Giao sáng mai", 0, false) })
	s.schedule(s.at(-1, 21, 10), func() error {
		_, err := supply.CreateTransfer(s.tx, &taphoa.TransferInput{
			FromBranchID: taphoa.Some(s.branches[1]), ToBranchID: taphoa.Some(s.branches[0]), IsDraft: taphoa.Some(true),
			TransferDetails: []taphoa.TransferLineInput{transferLine(s.byName["Nước ngọt Coca-Cola 320ml"], 12)},
		})
		return err
	})
}

func transferLine(it *item, quantity int64) taphoa.TransferLineInput {
	return taphoa.TransferLineInput{ProductID: taphoa.Some(it.id), SendQuantity: taphoa.Some(taphoa.Units(quantity))}
}

// fullTransfer creates a transfer with a value in every member: serials of which one is not received, and a lot.
func (s *generator) fullTransfer() error {
	cola, cooker, yogurt := s.byName["Nước ngọt Coca-Cola 320ml"], s.byName["Nồi cơm điện Sunhouse 1,8 lít"], s.byName["Sữa chua Vinamilk có đường 100g"]
	batch, _, err := s.batchOf(yogurt, 0)
	if err != nil {
		return err
	}
	sent := []string{cooker.nextSerial(0), cooker.nextSerial(0)}
	lines := []taphoa.TransferLineInput{transferLine(cola, 24), transferLine(cooker, 2), transferLine(yogurt, 4)}
	lines[1].SerialNumbers, lines[2].ProductBatchExpireID = taphoa.Some(strings.Join(sent, ",")), taphoa.Some(batch)
	made, err := supply.CreateTransfer(s.tx, &taphoa.TransferInput{
		FromBranchID: taphoa.Some(s.branches[0]), ToBranchID: taphoa.Some(s.branches[1]), TransferDetails: lines,
		Description: taphoa.Some("Chuyển hàng khai trương"),
	})
	if err != nil {
		return err
	}
	s.schedule(s.minutesFromNow(120), func() error {
		cooker.serials[0], cooker.serials[1] = append(cooker.serials[0], sent[0]), append(cooker.serials[1], sent[1])
		lines[1].ReceivedQuantity, lines[1].ReceivedSerials = taphoa.Some(taphoa.Units(1)), taphoa.Some(sent[1])
		_, err := supply.UpdateTransfer(s.tx, &taphoa.TransferUpdate{
			ByID: taphoa.ByID{ID: made.Data.ID}, TransferInput: taphoa.TransferInput{
				Status: taphoa.Some[int64](taphoa.TransferReceived), TransferDetails: lines,
				NoteByDestination: taphoa.Some("Một nồi móp vỏ, trả lại"),
			},
		})
		return err
	})
	return nil
}

// batchOf returns the lot of a product of which a branch has most, and its quantity.
func (s *generator) batchOf(it *item, branch int) (id int64, most taphoa.Quantity, err error) {
	batches, err := stock.ProductLots(s.tx, []int64{it.id})
	for _, b := range batches {
		if b.BranchID == s.branches[branch] && b.OnHand > most {
			id, most = b.ID, b.OnHand
		}
	}
	return id, most, err
}

// transfer sends products of which a branch has many to the other one, where they are received minutes later: not at all
// for 0. With void the transfer is voided instead.
func (s *generator) transfer(from int, note string, minutes int, void bool) error {
	goods := []*item{s.byName["Nước ngọt Coca-Cola 320ml"], s.byName["Mì Hảo Hảo tôm chua cay 75g"], s.byName["Sữa tươi tiệt trùng Vinamilk 180ml"]}
	var lines []taphoa.TransferLineInput
	for _, it := range goods {
		levels, err := stock.Levels(s.tx, []int64{it.id}, []int64{s.branches[from]})
		if err != nil {
			return err
		}
		if len(levels) > 0 && levels[0].OnHand >= taphoa.Units(48) {
			lines = append(lines, transferLine(it, 6))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	made, err := supply.CreateTransfer(s.tx, &taphoa.TransferInput{
		FromBranchID: taphoa.Some(s.branches[from]), ToBranchID: taphoa.Some(s.branches[1-from]), TransferDetails: lines,
		Description: taphoa.Some(note),
	})
	if err != nil || minutes == 0 {
		return err
	}
	s.schedule(s.minutesFromNow(minutes), func() error {
		if void {
			_, err := supply.DeleteTransfer(s.tx, &taphoa.ByID{ID: made.Data.ID})
			return err
		}
		_, err := supply.UpdateTransfer(s.tx, &taphoa.TransferUpdate{
			ByID: taphoa.ByID{ID: made.Data.ID}, TransferInput: taphoa.TransferInput{Status: taphoa.Some[int64](taphoa.TransferReceived)},
		})
		return err
	})
	return nil
}

// planStockTakes plans a stock take of each branch, one that is voided, and a draft.
func (s *generator) planStockTakes() {
	for branch := range 2 {
		s.schedule(s.at(firstDay+28+branch, 22, 0), func() error {
			_, err := s.stockTake(branch, "Kiểm kho cuối tháng", taphoa.StockTakeBalanced)
			return err
		})
	}
	s.schedule(s.at(firstDay+30, 22, 0), func() error {
		made, err := s.stockTake(0, "Đếm nhầm kệ", taphoa.StockTakeBalanced)
		if err != nil {
			return err
		}
		s.schedule(s.minutesFromNow(30), func() error {
			_, err := supply.DeleteStockTake(s.tx, &taphoa.ByID{ID: made.ID})
			return err
		})
		return nil
	})
	s.schedule(s.at(-1, 22, 0), func() error {
		_, err := s.stockTake(1, "Đang đếm", taphoa.StockTakeDraft)
		return err
	})
}

// stockTake counts some products of a branch, some with one unit less or more than booked.
func (s *generator) stockTake(branch int, note string, status int64) (*taphoa.StockTake, error) {
	cooker, yogurt := s.byName["Nồi cơm điện Sunhouse 1,8 lít"], s.byName["Sữa chua Vinamilk có đường 100g"]
	var ids []int64
	for _, it := range s.items {
		if it.stocked() && !it.inactive && !it.kind.is("serial") && it.kind.number("batch") == 0 && len(ids) < 12 {
			ids = append(ids, it.id)
		}
	}
	levels, err := stock.Levels(s.tx, ids, []int64{s.branches[branch]})
	if err != nil {
		return nil, err
	}
	in := &taphoa.StockTakeInput{BranchID: taphoa.Some(s.branches[branch]), Description: taphoa.Some(note), Status: taphoa.Some(status)}
	for i, l := range levels {
		found := max(0, l.OnHand+[]taphoa.Quantity{0, 0, -taphoa.Scale, 0, 0, taphoa.Scale}[i%6])
		in.StockTakeDetails = append(in.StockTakeDetails, taphoa.StockTakeLineInput{ProductID: taphoa.Some(l.ProductID), ActualQuantity: taphoa.Some(found)})
	}
	serials, err := stock.Serials(s.tx, []int64{cooker.id})
	if err != nil {
		return nil, err
	}
	var there []string
	for _, p := range serials {
		if p.Status == 1 && p.BranchID == s.branches[branch] {
			there = append(there, p.SerialNumber)
		}
	}
	in.StockTakeDetails = append(in.StockTakeDetails, taphoa.StockTakeLineInput{
		ProductID: taphoa.Some(cooker.id), SerialNumbers: taphoa.Some(strings.Join(there, ",")),
	})
	batch, had, err := s.batchOf(yogurt, branch)
	if err != nil {
		return nil, err
	}
	if batch != 0 {
		in.StockTakeDetails = append(in.StockTakeDetails, taphoa.StockTakeLineInput{
			ProductID: taphoa.Some(yogurt.id), ActualQuantity: taphoa.Some(max(0, had-taphoa.Scale)), ProductBatchExpireID: taphoa.Some(batch),
		})
	}
	return supply.CreateStockTake(s.tx, in)
}
