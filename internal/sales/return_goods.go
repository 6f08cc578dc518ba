package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// postings are the movements of goods that the return wants.
func (m *returning) postings(tx *db.Tx) ([]stock.Posting, error) {
	if m.invoice != nil {
		return m.soldGoods(tx)
	}
	var want []stock.Posting
	for _, it := range m.items {
		batches, err := it.pickBatches(tx, m.ret.BranchID)
		if err != nil {
			return nil, err
		}
		moved, err := it.product.Quantities(it.quantity)
		if err != nil {
			return nil, err
		}
		for _, g := range moved {
			p := stock.Posting{
				ProductID: g.ProductID, From: stock.Customer, To: stock.Place(m.ret.BranchID), Quantity: g.Quantity, Serials: it.serials,
			}
			if len(batches) > 0 {
				p.BatchID = batches[0].BatchID
			}
			want = append(want, p)
		}
	}
	return want, nil
}

// soldGoods are the goods of an invoice that come back, at the cost at which they left. A combo or a unit may have been
// changed since: no more comes back than has left, and with the last piece of the invoice all that is still out.
func (m *returning) soldGoods(tx *db.Tx) ([]stock.Posting, error) {
	out, err := stillOut(tx, m.invoice.ID)
	if err != nil {
		return nil, err
	}
	var want []stock.Posting
	take := func(l *stock.Left, quantity taphoa.Quantity, serials []string) {
		l.Quantity -= quantity
		want = append(want, stock.Posting{
			ProductID: l.ProductID, BatchID: l.BatchID, From: stock.Customer, To: stock.Place(m.ret.BranchID), Quantity: quantity,
			Serials: serials, OriginKind: "invoice", OriginID: m.invoice.ID,
		})
	}
	for _, it := range m.items {
		moved, err := it.product.Quantities(it.quantity)
		if err != nil {
			return nil, err
		}
		for _, g := range moved {
			for _, l := range m.lanes(out, it, g) {
				quantity := min(g.Quantity, l.Quantity)
				if quantity <= 0 {
					continue
				}
				if len(it.serials) > 0 {
					quantity = taphoa.Units(int64(len(it.serials)))
				}
				take(l, quantity, it.serials)
				g.Quantity -= quantity
			}
			if g.Quantity > 0 && it.in.Batch().Or(0) != 0 {
				return nil, taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId",
					"Hóa đơn %s không bán đủ hàng hóa %s từ lô %d (productBatchExpireId)",
					m.invoice.Code, it.product.Code, it.in.Batch().Value)
			}
		}
	}
	if m.allBack() {
		for _, l := range out {
			if l.Quantity > 0 {
				take(l, l.Quantity, nil)
			}
		}
	}
	return want, nil
}

// lanes are where goods of a line may have come from: the batch that the request or the invoice names first.
func (m *returning) lanes(out []*stock.Left, it *returnItem, g catalog.BaseQuantity) []*stock.Left {
	var lanes []*stock.Left
	asked, own := it.in.Batch().Or(0), it.of.detail.BatchID.Or(0)
	for _, l := range out {
		switch {
		case l.ProductID != g.ProductID || asked != 0 && l.BatchID != asked:
		case l.BatchID == own:
			lanes = slices.Insert(lanes, 0, l)
		default:
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// stillOut is what an invoice has taken out of the shop and no return has brought back.
func stillOut(tx *db.Tx, invoiceID int64) ([]*stock.Left, error) {
	left, err := stock.WhatLeft(tx, "invoice", []int64{invoiceID})
	if err != nil {
		return nil, err
	}
	returns, err := db.All[int64](tx, `SELECT id FROM returns WHERE retailer_id = :retailer AND invoice_id = ? ORDER BY id`, invoiceID)
	if err != nil {
		return nil, err
	}
	back, err := stock.WhatLeft(tx, "return", returns)
	out := make([]*stock.Left, len(left))
	for i := range left {
		out[i] = &left[i]
		for _, b := range back {
			if b.ProductID == left[i].ProductID && b.BatchID == left[i].BatchID {
				left[i].Quantity += b.Quantity // negative: it came in
			}
		}
	}
	return out, err
}
