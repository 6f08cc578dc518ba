package supply

import (
	"errors"
	"maps"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
)

// parcelKey is a product and its batch, 0 for a product without batches.
type parcelKey struct{ product, batch int64 }

// parcel is goods from which lines that name no batch may take.
type parcel struct {
	parcelKey
	quantity taphoa.Quantity
}

// moveGoods sends the goods and, when they have arrived, receives them.
func (m *moving) moveGoods(tx *db.Tx) error {
	t := &m.t
	if t.Status == taphoa.TransferDraft {
		return nil
	}
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	var own []stock.InTransit
	if t.StockStep > 0 {
		if own, err = stock.FindInTransit(tx, "transfer", t.ID); err != nil {
			return err
		}
	}
	sends, err := m.sends(tx, own)
	if err == nil {
		limits := stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: s.AllowSellWhenOrderOutStock}
		err = m.settle(tx, sends, limits)
	}
	if err != nil {
		return m.tooLittle(err)
	}
	if t.Status != taphoa.TransferReceived {
		return nil
	}
	arrivals, err := m.arrivals(sends)
	if err != nil {
		return err
	}
	return m.settle(tx, arrivals, anyway)
}

// sends are the movements into transit. own is what is there already.
func (m *moving) sends(tx *db.Tx, own []stock.InTransit) ([]stock.Posting, error) {
	from := stock.Location(m.t.FromBranchID)
	var want []stock.Posting
	var kept []int64 // products in batches
	for _, it := range m.items {
		if it.product.IsBatch {
			kept = append(kept, it.product.BaseID)
			continue
		}
		for _, g := range it.sent {
			want = append(want, stock.Posting{ProductID: g.ProductID, From: from, To: stock.Transit, Quantity: g.Quantity, Serials: it.serials})
		}
	}
	if len(kept) == 0 {
		return want, nil
	}
	on, err := stock.ProductLots(tx, kept) // those that expire first come first
	if err != nil {
		return nil, err
	}
	var parcels []parcel // what is under way already is taken first, so that nothing moves without need
	for _, p := range own {
		if p.BatchID != 0 && p.BranchID == m.t.FromBranchID {
			parcels = append(parcels, parcel{parcelKey{p.ProductID, p.BatchID}, p.Quantity})
		}
	}
	for _, b := range on {
		if b.BranchID == m.t.FromBranchID && b.OnHand > 0 {
			parcels = append(parcels, parcel{parcelKey{b.ProductID, b.ID}, b.OnHand})
		}
	}
	named, free := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.sent }, true)
	parts, err := spread(parcels, named, named, free)
	for _, k := range sortedKeys(parts) {
		want = append(want, stock.Posting{ProductID: k.product, From: from, To: stock.Transit, Quantity: parts[k], BatchID: k.batch})
	}
	return want, err
}

// arrivals are the movements of a transfer that was received: what arrived left its branch and entered the other, at
// the cost at which it left. What is missing is not among them and thereby goes back.
func (m *moving) arrivals(sends []stock.Posting) ([]stock.Posting, error) {
	under := map[parcelKey]taphoa.Quantity{}
	for _, p := range sends {
		under[parcelKey{p.ProductID, p.BatchID}] += p.Quantity
	}
	var way []parcel
	for _, k := range sortedKeys(under) {
		way = append(way, parcel{k, under[k]})
	}
	sent, _ := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.sent }, false)
	named, free := m.demand(func(it *transferItem) []catalog.BaseQuantity { return it.arrived }, false)
	parts, err := spread(way, sent, named, free)
	if err != nil {
		return nil, err
	}
	serials := map[int64][]string{}
	for _, it := range m.items {
		if it.product.IsSerial {
			serials[it.product.BaseID] = append(serials[it.product.BaseID], it.present...)
		}
	}
	var want []stock.Posting
	for _, p := range way {
		quantity := parts[p.parcelKey]
		if quantity == 0 {
			continue
		}
		out := stock.Posting{
			ProductID: p.product, From: stock.Location(m.t.FromBranchID), To: stock.Transit, Quantity: quantity, BatchID: p.batch,
			Serials: serials[p.product],
		}
		in := out
		in.From, in.To = stock.Transit, stock.Location(m.t.ToBranchID)
		in.EffectiveAt = m.t.ReceivedDate.Value
		want = append(want, out, in)
	}
	return want, nil
}

// demand adds up what the lines move: of the batches that they name, and of the products whose batch is left open. It
// looks at products in batches alone, or at all.
func (m *moving) demand(moved func(*transferItem) []catalog.BaseQuantity, batchesOnly bool) (map[parcelKey]taphoa.Quantity, map[int64]taphoa.Quantity) {
	named, free := map[parcelKey]taphoa.Quantity{}, map[int64]taphoa.Quantity{}
	for _, it := range m.items {
		for _, g := range moved(it) {
			switch {
			case it.BatchID.Has():
				named[parcelKey{g.ProductID, it.BatchID.Value}] += g.Quantity
			case it.product.IsBatch || !batchesOnly:
				free[g.ProductID] += g.Quantity
			}
		}
	}
	return named, free
}

// spread distributes goods over parcels: named goods to their own, free ones over the parcels in order, as far as they
// are not kept for named ones. It answers a [*stock.Short] when there is too little.
func spread(parcels []parcel, kept, named map[parcelKey]taphoa.Quantity, free map[int64]taphoa.Quantity) (map[parcelKey]taphoa.Quantity, error) {
	parts, kept := maps.Clone(named), maps.Clone(kept)
	for _, p := range parcels {
		k := min(kept[p.parcelKey], p.quantity)
		kept[p.parcelKey] -= k
		if n := min(free[p.product], p.quantity-k); n > 0 {
			parts[p.parcelKey] += n
			free[p.product] -= n
		}
	}
	for product, left := range free {
		if left > 0 {
			return nil, &stock.Short{ProductID: product}
		}
	}
	return parts, nil
}

// tooLittle turns a shortage into a refusal that names the product; other errors pass.
func (m *moving) tooLittle(err error) error {
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
