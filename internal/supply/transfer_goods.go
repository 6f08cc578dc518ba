package supply

import (
	"errors"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
)

// postGoods sends the goods and, when they have arrived, receives them.
func (m *transferDraft) postGoods(tx *db.Tx) error {
	t := &m.t
	if t.Status == taphoa.TransferDraft {
		return nil
	}
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	var inTransit []stock.InTransit
	if t.StockStep > 0 {
		if inTransit, err = stock.FindInTransit(tx, "transfer", t.ID); err != nil {
			return err
		}
	}
	sent, err := m.sentPostings(tx, inTransit)
	if err == nil {
		limits := stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: s.AllowSellWhenOrderOutStock}
		err = m.post(tx, sent, limits)
	}
	if err != nil {
		return m.refuseShort(err)
	}
	if t.Status != taphoa.TransferReceived {
		return nil
	}
	arrived, err := m.arrivedPostings(sent)
	if err != nil {
		return err
	}
	return m.post(tx, arrived, noLimits)
}

// sentPostings returns the postings into transit. inTransit is what the transfer has there already.
func (m *transferDraft) sentPostings(tx *db.Tx, inTransit []stock.InTransit) ([]stock.Posting, error) {
	from := stock.Location(m.t.FromBranchID)
	var want []stock.Posting
	var inLots []int64 // products
	for _, it := range m.items {
		if it.product.IsBatch {
			inLots = append(inLots, it.product.BaseID)
			continue
		}
		for _, g := range it.sent {
			want = append(want, stock.Posting{ProductID: g.ProductID, From: from, To: stock.Transit, Quantity: g.Quantity, Serials: it.serials})
		}
	}
	if len(inLots) == 0 {
		return want, nil
	}
	atBranches, err := stock.ProductLots(tx, inLots) // the first to expire come first
	if err != nil {
		return nil, err
	}
	var lots []lotQuantity // those in transit come first, so that no goods move without need
	for _, p := range inTransit {
		if p.BatchID != 0 && p.BranchID == m.t.FromBranchID {
			lots = append(lots, lotQuantity{lotKey{p.ProductID, p.BatchID}, p.Quantity})
		}
	}
	for _, b := range atBranches {
		if b.BranchID == m.t.FromBranchID && b.OnHand > 0 {
			lots = append(lots, lotQuantity{lotKey{b.ProductID, b.ID}, b.OnHand})
		}
	}
	named, unnamed := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.sent }, true)
	taken, short := allocateLots(lots, named, unnamed)
	if short != 0 {
		return nil, &stock.Short{ProductID: short}
	}
	addLots(taken, named)
	for _, k := range sortedLots(taken) {
		want = append(want, stock.Posting{ProductID: k.product, From: from, To: stock.Transit, Quantity: taken[k], BatchID: k.batch})
	}
	return want, nil
}

// arrivedPostings returns the postings of a transfer that was received: what arrived left its branch and entered the
// other, at the cost at which it left. What is missing has no posting, and so goes back.
func (m *transferDraft) arrivedPostings(sent []stock.Posting) ([]stock.Posting, error) {
	quantities := map[lotKey]taphoa.Quantity{}
	for _, p := range sent {
		quantities[lotKey{p.ProductID, p.BatchID}] += p.Quantity
	}
	var lots []lotQuantity
	for _, k := range sortedLots(quantities) {
		lots = append(lots, lotQuantity{k, quantities[k]})
	}
	reserved, _ := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.sent }, false)
	named, unnamed := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.arrived }, false)
	taken, short := allocateLots(lots, reserved, unnamed)
	if short != 0 {
		return nil, &stock.Short{ProductID: short}
	}
	addLots(taken, named)
	serials := map[int64][]string{}
	for _, it := range m.items {
		if it.product.IsSerial {
			serials[it.product.BaseID] = append(serials[it.product.BaseID], it.arrivedSerials...)
		}
	}
	var want []stock.Posting
	for _, lot := range lots {
		quantity := taken[lot.lotKey]
		if quantity == 0 {
			continue
		}
		out := stock.Posting{
			ProductID: lot.product, From: stock.Location(m.t.FromBranchID), To: stock.Transit, Quantity: quantity, BatchID: lot.batch,
			Serials: serials[lot.product],
		}
		in := out
		in.From, in.To = stock.Transit, stock.Location(m.t.ToBranchID)
		in.EffectiveAt = m.t.ReceivedDate.Value
		want = append(want, out, in)
	}
	return want, nil
}

// demand adds up the quantities of the lines: of the lots that they name, and of the products whose lot they do not name.
// lotsOnly leaves out products without lots.
func (m *transferDraft) demand(quantities func(*transferItem) []catalog.BaseQuantity, lotsOnly bool) (named map[lotKey]taphoa.Quantity, unnamed map[int64]taphoa.Quantity) {
	named, unnamed = map[lotKey]taphoa.Quantity{}, map[int64]taphoa.Quantity{}
	for _, it := range m.items {
		for _, g := range quantities(it) {
			switch {
			case it.BatchID.Has():
				named[lotKey{g.ProductID, it.BatchID.Value}] += g.Quantity
			case it.product.IsBatch || !lotsOnly:
				unnamed[g.ProductID] += g.Quantity
			}
		}
	}
	return named, unnamed
}

// refuseShort turns a [*stock.Short] into a refusal that names the product; it returns other errors as they are.
func (m *transferDraft) refuseShort(err error) error {
	short := (*stock.Short)(nil)
	if !errors.As(err, &short) {
		return err
	}
	name := ""
	for _, it := range m.items {
		for _, g := range it.sent {
			if g.ProductID == short.ProductID {
				name = it.product.Code
			}
		}
	}
	return refuse("sendQuantity", "Hàng hóa %s không đủ tồn kho tại chi nhánh chuyển (sendQuantity), sau khi trừ hàng khách đặt nếu có. "+
		"Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật", name)
}
