package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// receiveGoods posts the goods of a return into its branch.
func (s *Sale) receiveGoods(lines []*returnLine, sold []*soldLine) error {
	f, r := s.Facts, &s.Return.Row
	var want []stockplan.Posting
	var err error
	if s.Invoice != nil {
		want, err = f.Invoice.returnedPostings(lines, sold)
	} else {
		want, err = unlinkedPostings(f, lines, r.BranchID)
	}
	if err != nil {
		return err
	}
	for i := range want {
		want[i].From, want[i].To = stockplan.Customer, stockplan.Location(r.BranchID)
	}
	used, err := f.Stock.Post(stockplan.Document{Kind: "return", ID: r.ID, EffectiveAt: r.ReturnDate}, want, anyStock)
	if used {
		r.StockStep = 1
	}
	return err
}

// unlinkedPostings are the goods of lines that are not of a known invoice.
func unlinkedPostings(f *Facts, lines []*returnLine, branchID int64) ([]stockplan.Posting, error) {
	var want []stockplan.Posting
	for _, l := range lines {
		var err error
		if l.moved, err = l.product.Quantities(l.quantity); err != nil {
			return nil, err
		}
		if err := l.chooseLots(f, branchID, f.Clock); err != nil {
			return nil, err
		}
		for _, q := range l.moved {
			p := stockplan.Posting{ProductID: q.ProductID, Quantity: q.Quantity, Serials: l.serials}
			if len(l.lots) > 0 {
				p.BatchID = l.lots[0].BatchID
			}
			want = append(want, p)
		}
	}
	return want, nil
}

// returnedPostings are the goods of an invoice that come back, at the cost at which they left: what the lines move, and with
// the last line of the invoice all that is still outstanding. sold is what the lines leave of the invoice.
func (v *StoredInvoice) returnedPostings(lines []*returnLine, sold []*soldLine) ([]stockplan.Posting, error) {
	outstanding := v.outstanding()
	goods, err := movedBack(outstanding, lines, sold)
	if err != nil {
		return nil, err
	}
	want, rest, short := matchReturned(outstanding, goods)
	if short != nil {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId",
			"Hóa đơn %s không bán đủ hàng hóa %s từ lô %d (productBatchExpireId)", v.Row.Code, short.code, short.lot)
	}
	if allReturned(sold) {
		want = append(want, restPostings(rest)...)
	}
	for i := range want {
		want[i].OriginKind, want[i].OriginID = "invoice", v.Row.ID
	}
	return want, nil
}

// outstanding are the goods that an invoice has issued and its valid returns have not brought back.
func (v *StoredInvoice) outstanding() []stockplan.NetIssued {
	out := slices.Clone(v.Issued)
	for i := range out {
		for _, back := range v.BroughtBack {
			if back.ProductID == out[i].ProductID && back.BatchID == out[i].BatchID {
				out[i].Quantity += back.Quantity // negative: it came in
			}
		}
	}
	return out
}

// returnedGoods are the goods that a line of a return brings back.
type returnedGoods struct {
	code     string // the product of the line
	moved    []catalogplan.BaseQuantity
	lot      int64 // that the request names; 0 for any
	firstLot int64 // that the line of the invoice names
	serials  []string
}

// withCustomer is what lines of an invoice move of a product that has not come back.
type withCustomer struct {
	quantity taphoa.Quantity // of base units
	units    int             // lines of units, whose quantities may be rounded
}

// movedBack computes what returned lines bring back. What an invoice has sold of a unit is its exact quantity, as it was taken
// from the stock: the last of its lines that comes back brings all that the others, in base units, leave of it.
func movedBack(outstanding []stockplan.NetIssued, lines []*returnLine, sold []*soldLine) ([]returnedGoods, error) {
	left, others, lots := map[int64]taphoa.Quantity{}, map[int64]withCustomer{}, map[int64]taphoa.Quantity{}
	for _, out := range outstanding {
		left[out.ProductID] += out.Quantity
		lots[out.BatchID] = out.Quantity
	}
	count := func(product *catalogplan.Item, quantity taphoa.Quantity, sign int) error {
		if product == nil || quantity == 0 {
			return nil
		}
		moved, err := product.Quantities(quantity)
		for _, m := range moved {
			w := others[m.ProductID]
			w.quantity += taphoa.Quantity(sign) * m.Quantity
			if product.Type == taphoa.ProductGoods && product.Conversion != taphoa.Scale {
				w.units += sign
			}
			others[m.ProductID] = w
		}
		return err
	}
	for _, s := range sold {
		if err := count(s.product, s.quantity, 1); err != nil {
			return nil, err
		}
	}
	for _, l := range lines {
		if err := count(l.product, l.quantity, 1); err != nil {
			return nil, err
		}
	}
	goods := make([]returnedGoods, len(lines))
	for i, l := range lines {
		if err := count(l.product, l.quantity, -1); err != nil {
			return nil, err
		}
		g := returnedGoods{code: l.product.Code, lot: l.in.Batch().Or(0), firstLot: l.sold.row.BatchID.Or(0), serials: l.serials}
		var wholes []taphoa.Quantity
		if base := l.product.BaseID; others[base].units == 0 {
			wholes = append(wholes, left[base]-others[base].quantity)
		}
		if g.lot != 0 {
			wholes = append(wholes, lots[g.lot])
		}
		var err error
		if g.moved, err = l.product.Quantities(l.quantity, wholes...); err != nil {
			return nil, err
		}
		for _, m := range g.moved {
			left[m.ProductID] -= m.Quantity
		}
		goods[i] = g
	}
	return goods, nil
}

// matchReturned returns what returned lines bring back of the outstanding goods, by product and lot, and what is still
// outstanding then. A combo or a unit may have been changed since it was sold: no more comes back than was issued. A line
// that names a lot must find all of its goods in it; short is the first one that does not.
func matchReturned(
	outstanding []stockplan.NetIssued, lines []returnedGoods,
) (back []stockplan.Posting, rest []stockplan.NetIssued, short *returnedGoods) {
	rest = slices.Clone(outstanding)
	for i := range lines {
		l := &lines[i]
		for _, m := range l.moved {
			need := m.Quantity
			for _, at := range l.sources(rest, m.ProductID) {
				quantity := min(need, rest[at].Quantity)
				if quantity <= 0 {
					continue
				}
				rest[at].Quantity -= quantity
				need -= quantity
				back = append(back, stockplan.Posting{
					ProductID: m.ProductID, BatchID: rest[at].BatchID, Quantity: quantity, Serials: l.serials,
				})
			}
			if need > 0 && l.lot != 0 {
				return nil, nil, l
			}
		}
	}
	return back, rest, nil
}

// sources are the indexes of the goods from which a product of the line may come: the lot of the invoice's line first.
func (g *returnedGoods) sources(outstanding []stockplan.NetIssued, productID int64) (sources []int) {
	for i, out := range outstanding {
		switch {
		case out.ProductID != productID || g.lot != 0 && out.BatchID != g.lot:
		case out.BatchID == g.firstLot:
			sources = slices.Insert(sources, 0, i)
		default:
			sources = append(sources, i)
		}
	}
	return sources
}

// restPostings bring back all that is outstanding.
func restPostings(outstanding []stockplan.NetIssued) (back []stockplan.Posting) {
	for _, out := range outstanding {
		if out.Quantity > 0 {
			back = append(back, stockplan.Posting{ProductID: out.ProductID, BatchID: out.BatchID, Quantity: out.Quantity})
		}
	}
	return back
}
