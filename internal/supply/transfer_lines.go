package supply

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// transferItem is a line of a transfer with its product and quantities in base units.
type transferItem struct {
	transferLineRow
	product                 *catalog.Item
	sent, arrived           []catalog.BaseQuantity
	serials, arrivedSerials []string // sent, and received
}

// readLines reads the lines of the request, or without any the stored ones.
func (m *transferDraft) readLines(tx *db.Tx) error {
	var stored []transferLineRow
	if m.before.ID != 0 {
		var err error
		if stored, err = transferLines(tx, m.before.ID); err != nil {
			return err
		}
	}
	in := m.in.TransferDetails
	if in == nil {
		in = make([]taphoa.TransferLineInput, len(stored))
		for i, l := range stored {
			in[i].ProductID = taphoa.Some(l.ProductID)
		}
	}
	if len(in) == 0 {
		return refuse("transferDetails", "Danh sách hàng hóa (transferDetails) không được để trống")
	}
	if len(in) > linesMax {
		return refuse("transferDetails", "Mỗi chứng từ có tối đa %d dòng hàng hóa (transferDetails)", linesMax)
	}
	held := make([]catalogplan.Held, len(stored))
	for i, l := range stored {
		held[i] = catalogplan.Held{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.SendQuantity}
	}
	products, err := findProducts(tx, "productId", in, held, func(l *taphoa.TransferLineInput) (int64, string) {
		return l.ProductID.Or(0), l.ProductCode.Or("")
	})
	if err != nil {
		return err
	}
	from, err := m.sendable(tx, products, held)
	if err != nil {
		return err
	}
	kept := slices.Clone(stored)
	echoed := !slices.ContainsFunc(in, func(l taphoa.TransferLineInput) bool { // lines sent back as they were shown in transit
		arrived, asRead := l.Arrived()
		return arrived.Has() && !asRead
	})
	for i := range in {
		it := &transferItem{product: products[i]}
		at := slices.IndexFunc(stored, func(l transferLineRow) bool { return l.ProductID == it.product.ID })
		if at >= 0 { // members that the request omits are not changed
			it.transferLineRow = stored[at]
			stored = slices.Delete(stored, at, at+1)
		}
		arrived, _ := in[i].Arrived()
		if echoed {
			arrived = taphoa.Opt[taphoa.Quantity]{}
		}
		if err := m.readLine(it, &in[i], arrived, from); err != nil {
			return err
		}
		m.items = append(m.items, it)
	}
	if !m.sendsAsBefore(kept) {
		if err := m.maySend(tx); err != nil {
			return err
		}
	}
	if m.t.Status == taphoa.TransferReceived && !slices.ContainsFunc(m.items, func(it *transferItem) bool { return it.ReceiveQuantity > 0 }) {
		return refuse("recivedQuantity", "Không có hàng hóa nào được nhận (recivedQuantity); hãy hủy phiếu để hàng trở về chi nhánh chuyển")
	}
	if err := m.checkLots(tx); err != nil {
		return err
	}
	return m.priceLines(tx, in)
}

// readLine checks a line and computes its quantities; without arrived, all of it has arrived.
func (m *transferDraft) readLine(it *transferItem, in *taphoa.TransferLineInput, arrived taphoa.Opt[taphoa.Quantity], from *sendable) error {
	p := it.product
	if p.Type == taphoa.ProductService {
		return refuse("productId", "Dịch vụ %s (productId) không có tồn kho nên không thể chuyển", p.Code)
	}
	it.ProductID, it.ProductCode, it.ProductName = p.ID, p.Code, p.FullName
	it.SendQuantity = in.SendQuantity.Or(it.SendQuantity)
	if it.SendQuantity <= 0 || it.SendQuantity > taphoa.QuantityMax {
		return refuse("sendQuantity", "Số lượng chuyển (sendQuantity) của hàng hóa %s phải lớn hơn 0 và không quá %v", p.Code, taphoa.QuantityMax)
	}
	it.ReceiveQuantity = 0
	if m.t.Status == taphoa.TransferReceived {
		it.ReceiveQuantity = arrived.Or(it.SendQuantity)
	}
	if it.ReceiveQuantity < 0 || it.ReceiveQuantity > it.SendQuantity {
		return refuse("recivedQuantity", "Số lượng nhận (recivedQuantity) của hàng hóa %s phải từ 0 đến số lượng chuyển %v (sendQuantity)", p.Code, it.SendQuantity)
	}
	if in.Price.Has() {
		it.Price = in.Price.Value
	}
	if it.Price < 0 || it.Price > taphoa.MoneyMax {
		return refuse("price", "Giá chuyển (price) của hàng hóa %s phải từ 0 đến %v", p.Code, taphoa.MoneyMax)
	}
	if in.ProductBatchExpireID.Given() {
		it.BatchID = taphoa.SomeIf(in.ProductBatchExpireID.Or(0))
	}
	if !p.IsBatch {
		it.BatchID = taphoa.Opt[int64]{}
	}
	if p.Deleted {
		if err := catalogplan.RefuseMore(from.held, p, "sendQuantity", it.SendQuantity); err != nil {
			return err
		}
	}
	if err := it.move(from); err != nil {
		return err
	}
	return m.readSerials(it, in)
}

// sendable is what a transfer has to send.
type sendable struct {
	held   map[int64]taphoa.Quantity // what its lines have, by product, without those so far
	wholes *catalogplan.Wholes       // what is on its way already, and what the sending branch has beside it
	lots   map[int64]taphoa.Quantity // likewise, by lot
}

// sendable asks for what the lines of units have to send: others say exactly what they move.
func (m *transferDraft) sendable(tx *db.Tx, products []*catalog.Item, held []catalogplan.Held) (*sendable, error) {
	var units, inLots []int64 // of base units
	for _, p := range products {
		if p.Type == taphoa.ProductGoods && p.Conversion != taphoa.Scale {
			if units = append(units, p.BaseID); p.IsBatch {
				inLots = append(inLots, p.BaseID)
			}
		}
	}
	sent, all, lots := map[int64]taphoa.Quantity{}, map[int64]taphoa.Quantity{}, map[int64]taphoa.Quantity{}
	from := &sendable{catalogplan.HeldQuantities(held), catalogplan.NewWholes(
		func(product int64) taphoa.Quantity { return sent[product] },
		func(product int64) taphoa.Quantity { return all[product] },
	), lots}
	if len(units) == 0 {
		return from, nil
	}
	if m.t.StockStep > 0 {
		inTransit, err := stock.FindInTransit(tx, "transfer", m.t.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range inTransit {
			sent[p.ProductID] += p.Quantity
			if p.BranchID == m.t.FromBranchID {
				all[p.ProductID] += p.Quantity
				lots[p.BatchID] += p.Quantity
			}
		}
	}
	levels, err := stock.Levels(tx, units, []int64{m.t.FromBranchID})
	if err != nil {
		return nil, err
	}
	for _, l := range levels {
		all[l.ProductID] += l.OnHand
	}
	if len(inLots) == 0 {
		return from, nil
	}
	atBranches, err := stock.ProductLots(tx, inLots)
	for _, l := range atBranches {
		if l.BranchID == m.t.FromBranchID {
			lots[l.ID] += l.OnHand
		}
	}
	return from, err
}

// move computes what is sent, and what of it has arrived.
func (it *transferItem) move(from *sendable) (err error) {
	p := it.product
	var lot []taphoa.Quantity
	if id := it.BatchID.Or(0); id != 0 {
		lot = append(lot, from.lots[id])
	}
	if it.sent, err = from.wholes.Take(p, it.SendQuantity, lot...); err != nil {
		return err
	}
	if len(it.sent) == 0 {
		return refuse("productId", "Combo %s (productId) không có hàng thành phần nên không thể chuyển", p.Code)
	}
	for _, g := range it.sent {
		if g.Quantity > taphoa.QuantityMax {
			return refuse("sendQuantity", "Số lượng chuyển (sendQuantity) của hàng hóa %s quá lớn", p.Code)
		}
	}
	switch it.ReceiveQuantity {
	case 0:
	case it.SendQuantity:
		it.arrived = it.sent
	default:
		it.arrived, err = p.Quantities(it.ReceiveQuantity)
	}
	return err
}

// readSerials sets which serials are sent, and which of them arrive.
func (m *transferDraft) readSerials(it *transferItem, in *taphoa.TransferLineInput) error {
	stored := it.SerialNumbers
	it.SerialNumbers, it.ReceivedSerials = taphoa.Opt[string]{}, taphoa.Opt[string]{}
	if !it.product.IsSerial {
		return nil
	}
	if in.SerialNumbers.Given() {
		stored = in.SerialNumbers
	}
	it.serials = stockplan.SplitSerials(stored.Or(""))
	if len(it.serials) == 0 && m.t.Status == taphoa.TransferDraft {
		return nil // to be named when it is sent
	}
	if it.sent[0].Quantity != taphoa.Units(int64(len(it.serials))) {
		return refuse("serialNumbers", "Hàng hóa %s quản lý theo serial/IMEI: cần đúng %v số serial (serialNumbers), nhận được %d",
			it.product.Code, it.sent[0].Quantity, len(it.serials))
	}
	it.SerialNumbers = taphoa.Some(strings.Join(it.serials, ","))
	if it.ReceiveQuantity == 0 {
		return nil
	}
	it.arrivedSerials = slices.Clone(it.serials)
	if in.ReceivedSerials.Or("") != "" {
		it.arrivedSerials = stockplan.SplitSerials(in.ReceivedSerials.Value)
	}
	for i, serial := range it.arrivedSerials {
		known, found := stockplan.SpelledIn(it.serials, serial)
		if it.arrivedSerials[i] = known; !found || slices.Contains(it.arrivedSerials[:i], known) {
			return refuse("receivedSerialNumbers", "Serial/IMEI %s (receivedSerialNumbers) không có trong số serial đã chuyển hoặc bị lặp lại", serial)
		}
	}
	if it.arrived[0].Quantity != taphoa.Units(int64(len(it.arrivedSerials))) {
		return refuse("receivedSerialNumbers", "Hàng hóa %s quản lý theo serial/IMEI: hãy cho biết đúng %v số serial đã nhận (receivedSerialNumbers)",
			it.product.Code, it.arrived[0].Quantity)
	}
	it.ReceivedSerials = taphoa.Some(strings.Join(it.arrivedSerials, ","))
	return nil
}

// checkLots refuses lots of other products.
func (m *transferDraft) checkLots(tx *db.Tx) error {
	var ids []int64
	for _, it := range m.items {
		if it.BatchID.Has() {
			ids = append(ids, it.BatchID.Value)
		}
	}
	lots, err := stock.FindLots(tx, ids)
	if err != nil {
		return err
	}
	for _, it := range m.items {
		if id := it.BatchID.Or(0); id != 0 && lots[id].ProductID != it.product.BaseID {
			return refuse("productBatchExpireId", "Lô hàng %d (productBatchExpireId) không tồn tại hoặc không thuộc hàng hóa %s", id, it.product.Code)
		}
	}
	return nil
}

// priceLines sets the price of new lines without one to the cost at the sending branch.
func (m *transferDraft) priceLines(tx *db.Tx, in []taphoa.TransferLineInput) error {
	var ids []int64
	for i, it := range m.items {
		if it.ID == 0 && !in[i].Price.Has() {
			for _, g := range it.sent {
				ids = append(ids, g.ProductID)
			}
		}
	}
	levels, err := stock.Levels(tx, ids, []int64{m.t.FromBranchID})
	if err != nil {
		return err
	}
	costs := map[int64]taphoa.Money{}
	for _, l := range levels {
		costs[l.ProductID] = l.Cost
	}
	for i, it := range m.items {
		if it.ID == 0 && !in[i].Price.Has() {
			if it.Price, err = costOf(it.product, costs); err != nil {
				return transferTooLarge()
			}
		}
		if _, err := it.Price.Times(it.SendQuantity); err != nil {
			return transferTooLarge()
		}
	}
	return nil
}

// costOf returns the cost of one unit of a product by the costs of base units.
func costOf(p *catalog.Item, costs map[int64]taphoa.Money) (taphoa.Money, error) {
	if p.Type == taphoa.ProductGoods {
		return costs[p.BaseID].Times(p.Conversion)
	}
	var sum taphoa.Money
	for _, m := range p.Materials {
		cost, err := costs[m.ProductID].Times(m.Quantity)
		if err == nil {
			sum, err = sum.Add(cost)
		}
		if err != nil {
			return 0, err
		}
	}
	return sum, nil
}

func transferTooLarge() error {
	return refuse("price", "Số tiền của dòng hàng hóa vượt quá giới hạn cho phép (price, sendQuantity)")
}
