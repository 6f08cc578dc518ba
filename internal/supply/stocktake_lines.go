package supply

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// countedItem is a line of a stock take with its product.
type countedItem struct {
	stockTakeLineRow
	product *catalog.Item
	line    stock.CountedLine // in base units
}

// readLines reads the counted lines of the request, or without any the stored ones. Lines of one product and lot, as a
// scanner sends them, are added up.
func (c *stockTakeDraft) readLines(tx *db.Tx) error {
	var stored []stockTakeLineRow
	if c.before.ID != 0 {
		var err error
		if stored, err = stockTakeLines(tx, c.t.ID); err != nil {
			return err
		}
	}
	in := c.in.StockTakeDetails
	if in == nil {
		in = make([]taphoa.StockTakeLineInput, len(stored))
		for i, l := range stored {
			in[i] = taphoa.StockTakeLineInput{
				ProductID: taphoa.Some(l.ProductID), ActualQuantity: taphoa.Some(l.ActualQuantity), SerialNumbers: l.SerialNumbers,
				ProductBatchExpireID: l.BatchID,
			}
		}
	}
	if len(in) == 0 {
		return refuse("stockTakeDetails", "Danh sách hàng hóa (stockTakeDetails) không được để trống")
	}
	if len(in) > linesMax {
		return refuse("stockTakeDetails", "Mỗi phiếu kiểm kho có tối đa %d dòng hàng hóa (stockTakeDetails); hãy chia thành nhiều phiếu", linesMax)
	}
	held := make([]catalogplan.Held, len(stored))
	for i, l := range stored {
		held[i] = catalogplan.Held{ProductID: l.ProductID, Code: l.ProductCode}
	}
	products, err := findProducts(tx, "productId", in, held, func(l *taphoa.StockTakeLineInput) (int64, string) {
		return l.ProductID.Or(0), l.ProductCode.Or("")
	})
	if err != nil {
		return err
	}
	seen := map[lotKey]*countedItem{}
	for i := range in {
		it := &countedItem{product: products[i]}
		if err := it.read(tx, &in[i]); err != nil {
			return err
		}
		k := lotKey{it.product.BaseID, it.BatchID.Or(0)}
		switch first := seen[k]; {
		case first == nil:
			seen[k] = it
			c.items = append(c.items, it)
		case first.product.ID != it.product.ID:
			return refuse("productId", "Hàng hóa %s và %s là hai đơn vị tính của cùng một hàng hóa: hãy kiểm theo một đơn vị (productId)", first.product.Code, it.product.Code)
		default:
			first.ActualQuantity += it.ActualQuantity // both are bounded
			first.line.Serials = append(first.line.Serials, it.line.Serials...)
		}
	}
	for _, it := range c.items {
		if err := it.joinSerials(); err != nil {
			return err
		}
	}
	if err := c.readBooks(tx, stored); err != nil {
		return err
	}
	for _, it := range c.items {
		if err := it.compare(); err != nil {
			return err
		}
	}
	return nil
}

// readBooks notes what the ledger has of the lines: when their numbers were written, so that goods that move between counting
// and balancing are not counted away. A line keeps that as long as its number stays.
func (c *stockTakeDraft) readBooks(tx *db.Tx, stored []stockTakeLineRow) error {
	var written []*countedItem
	for _, it := range c.items {
		it.line.ProductID, it.line.BranchID, it.line.BatchID = it.product.BaseID, c.t.BranchID, it.BatchID.Or(0)
		it.line.BySerial = it.product.IsSerial
		at := slices.IndexFunc(stored, func(l stockTakeLineRow) bool {
			return l.ProductID == it.ProductID && l.BatchID.Or(0) == it.line.BatchID && l.ActualQuantity == it.ActualQuantity &&
				l.SerialNumbers.Or("") == it.SerialNumbers.Or("")
		})
		if at < 0 || c.t.BranchID != c.before.BranchID || !stored[at].BookOnHand.Has() && c.t.Status == taphoa.StockTakeBalanced {
			written = append(written, it)
			continue
		}
		it.BookOnHand, it.BookSerials, it.BookCorrected = stored[at].BookOnHand, stored[at].BookSerials, stored[at].BookCorrected
	}
	lines := make([]stock.CountedLine, len(written))
	for i, it := range written {
		lines[i] = it.line
	}
	books, err := stock.Book(tx, lines)
	for i, book := range books {
		written[i].BookOnHand, written[i].BookSerials = taphoa.Some(book.OnHand), taphoa.SomeIf(strings.Join(book.Serials, ","))
	}
	if err != nil {
		return err
	}
	return c.followCorrections(tx)
}

// followCorrections notes what counts have corrected of new lines, and adds to what the books had of the others what was
// corrected since: that moved no goods, and what one count has found missing the other has, too.
func (c *stockTakeDraft) followCorrections(tx *db.Tx) error {
	products := make([]int64, len(c.items))
	for i, it := range c.items {
		products[i] = it.product.BaseID
	}
	corrected, err := stock.Corrected(tx, c.t.BranchID, products)
	for _, it := range c.items {
		sum := corrected[stock.LotKey{ProductID: it.product.BaseID, BatchID: it.BatchID.Or(0)}]
		if it.BookCorrected.Has() && !it.product.IsSerial {
			it.BookOnHand.Value += sum - it.BookCorrected.Value // bounded, as levels are
		}
		it.BookCorrected = taphoa.Some(sum)
	}
	return err
}

// read checks a line.
func (it *countedItem) read(tx *db.Tx, in *taphoa.StockTakeLineInput) (err error) {
	p := it.product
	if p.Type != taphoa.ProductGoods {
		return refuse("productId", "%s (productId) là dịch vụ hoặc combo, không có tồn kho riêng để kiểm", p.Code)
	}
	it.ProductID, it.ProductCode, it.ProductName = p.ID, p.Code, p.FullName
	if p.IsSerial {
		it.line.Serials = stockplan.SplitSerials(in.SerialNumbers.Or(""))
		if it.ActualQuantity, err = taphoa.Units(int64(len(it.line.Serials))).Div(p.Conversion); err != nil {
			return err
		}
		if in.ActualQuantity.Has() && in.ActualQuantity.Value != it.ActualQuantity {
			return refuse("serialNumbers", "Hàng hóa %s quản lý theo serial/IMEI: số serial (serialNumbers) phải bằng số lượng thực tế %v (actualQuantity), nhận được %d",
				p.Code, in.ActualQuantity.Value, len(it.line.Serials))
		}
	} else if it.ActualQuantity = in.ActualQuantity.Value; !in.ActualQuantity.Has() || it.ActualQuantity < 0 || it.ActualQuantity > taphoa.QuantityMax {
		return refuse("actualQuantity", "Số lượng thực tế (actualQuantity) của hàng hóa %s phải từ 0 đến %v", p.Code, taphoa.QuantityMax)
	}
	if p.IsBatch {
		it.BatchID, err = resolveCountedLot(tx, p, in)
	}
	return err
}

// resolveCountedLot finds or creates the lot of a line.
func resolveCountedLot(tx *db.Tx, p *catalog.Item, in *taphoa.StockTakeLineInput) (taphoa.Opt[int64], error) {
	if id := in.ProductBatchExpireID.Or(0); id != 0 {
		found, err := stock.FindLots(tx, []int64{id})
		if err == nil && found[id].ProductID != p.BaseID {
			err = refuse("productBatchExpireId", "Lô hàng %d (productBatchExpireId) không tồn tại hoặc không thuộc hàng hóa %s", id, p.Code)
		}
		return taphoa.Some(id), err
	}
	name := text.Clean(in.BatchName.Or(""))
	if name == "" || in.ExpireDate.Or(0) == 0 {
		return taphoa.Opt[int64]{}, refuse("productBatchExpireId",
			"Hàng hóa %s quản lý theo lô, hạn sử dụng: hãy cho biết lô (productBatchExpireId, hoặc batchName và expireDate)", p.Code)
	}
	id, err := stock.ResolveLot(tx, p.BaseID, name, in.ExpireDate.Value.Day())
	return taphoa.Some(id), err
}

// joinSerials checks the serials of a line.
func (it *countedItem) joinSerials() error {
	if !it.product.IsSerial {
		return nil
	}
	serials := it.line.Serials
	slices.SortFunc(serials, func(a, b string) int {
		return cmp.Or(cmp.Compare(text.CodeKey(a), text.CodeKey(b)), cmp.Compare(a, b))
	})
	for i, serial := range serials {
		if utf8.RuneCountInString(serial) > serialMax {
			return refuse("serialNumbers", "Serial/IMEI %.20s… của hàng hóa %s dài quá %d ký tự (serialNumbers)", serial, it.product.Code, serialMax)
		}
		if i > 0 && text.CodeKey(serial) == text.CodeKey(serials[i-1]) {
			return refuse("serialNumbers", "Serial/IMEI %s (serialNumbers) bị lặp lại", serial)
		}
	}
	it.SerialNumbers = taphoa.Some(strings.Join(serials, ","))
	return nil
}

// compare sets the ledger's quantity, in the unit of the line, and the difference. A line of a draft that was written before
// these were kept has none.
func (it *countedItem) compare() error {
	book := it.BookOnHand.Or(0)
	counted, err := it.product.Quantities(it.ActualQuantity, book, catalogplan.Pieces(it.ActualQuantity, it.product.Conversion))
	if err != nil {
		return err
	}
	if it.line.OnHand = counted[0].Quantity; it.line.OnHand > taphoa.QuantityMax {
		return refuse("actualQuantity", "Số lượng thực tế (actualQuantity) của hàng hóa %s quá lớn", it.product.Code)
	}
	if !it.BookOnHand.Has() {
		return nil
	}
	it.line.Book = stock.BookQuantity{OnHand: book, Serials: stockplan.SplitSerials(it.BookSerials.Or(""))}
	system, err1 := book.Div(it.product.Conversion)
	difference, err2 := it.ActualQuantity.Sub(system)
	if err1 != nil || err2 != nil {
		return stockTakeTooLarge()
	}
	it.SystemQuantity, it.Difference = taphoa.Some(system), taphoa.Some(difference)
	return nil
}

// value sets the cost of one, and what the difference is worth. cost is that of one base unit.
func (it *countedItem) value(cost taphoa.Money) error {
	each, err1 := cost.Times(it.product.Conversion)
	delta, err2 := it.line.OnHand.Sub(it.line.Book.OnHand)
	value, err3 := cost.Times(delta)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return stockTakeTooLarge()
		}
	}
	it.Cost, it.DifferenceValue = taphoa.Some(each), taphoa.Some(value)
	return nil
}

func stockTakeTooLarge() error {
	return refuse("actualQuantity", "Giá trị chênh lệch vượt quá giới hạn cho phép (actualQuantity)")
}
