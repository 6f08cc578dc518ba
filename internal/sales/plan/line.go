package plan

import (
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// documentLine is a line of a request with its product.
type documentLine struct {
	line
	in      *taphoa.DetailInput
	product *catalogplan.Item
	moved   []catalogplan.BaseQuantity // once it is known what there is to be taken: see [moveLines]
	ratio   taphoa.Opt[taphoa.Percent] // of its discount
	lots    []stockplan.LotQuantity    // what leaves which lot, for a product kept in lots
	serials []string
}

// readLines finds the products of the lines and their prices and taxes. Of products that the document, or its order, has
// already as much may stay when they are out of sale or deleted by now.
func (k *Kind) readLines(
	items *catalogplan.Items, mode taphoa.PricingMode, in []taphoa.DetailInput, held []ProductQuantity,
) ([]*documentLine, error) {
	field := k.Name + "Details"
	if len(in) == 0 {
		return nil, taphoa.Refuse(k.code, field, "Danh sách hàng hóa (%s) không được để trống", field)
	}
	if len(in) > linesMax {
		return nil, taphoa.Refuse(k.code, field, "Mỗi chứng từ có tối đa %d dòng hàng hóa (%s)", linesMax, field)
	}
	lines := make([]*documentLine, len(in))
	name, left := catalogplan.HeldName(held), catalogplan.HeldQuantities(held)
	for i := range in {
		l := &documentLine{in: &in[i], product: items.Find(name(&in[i]))}
		err := k.readProduct(l, i, left)
		if err == nil {
			err = k.readLine(mode, l)
		}
		if err != nil {
			return nil, err
		}
		lines[i] = l
	}
	return lines, nil
}

// readProduct refuses a line whose product cannot be sold. left is what the document has of products, without its lines so far.
func (k *Kind) readProduct(l *documentLine, i int, left map[int64]taphoa.Quantity) error {
	p, held := l.product, false
	if p != nil {
		_, held = left[p.ID]
	}
	switch {
	case p == nil || p.Deleted && !held:
		return taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa ở dòng %d không tồn tại (productId %d, productCode %q)",
			i+1, l.in.ProductID.Or(0), l.in.ProductCode.Or(""))
	case !p.Deleted && (k.stoppedProducts || p.IsActive && p.AllowsSale):
		return nil
	case held:
		return catalogplan.RefuseMore(left, p, "quantity", l.in.Quantity.Or(0))
	}
	return taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa %s đã ngừng kinh doanh hoặc không được bán trực tiếp", p.Code)
}

func (k *Kind) readLine(mode taphoa.PricingMode, l *documentLine) error {
	in := l.in
	l.quantity, l.price = in.Quantity.Or(0), in.Price.Or(l.product.BasePrice)
	if l.quantity <= 0 {
		return taphoa.Refuse(k.code, "quantity", "Số lượng (quantity) của hàng hóa %s phải lớn hơn 0", l.product.Code)
	}
	l.discount = in.Discount.Or(0)
	for i, t := range in.Taxes {
		if slices.ContainsFunc(in.Taxes[:i], func(earlier taphoa.TaxWrite) bool { return earlier.TaxID == t.TaxID }) {
			continue
		}
		tax, known := taphoa.TaxByID(t.TaxID)
		if direct := mode == taphoa.PricingDirect; !known || (tax.Type == taphoa.TaxDirect) != direct {
			return taphoa.Refuse(k.code, "taxId", "Thuế suất %d (TaxId) không tồn tại hoặc không thuộc phương pháp tính thuế của cửa hàng", t.TaxID)
		}
		l.taxes = append(l.taxes, tax)
	}
	var err error
	if l.price, l.discount, err = restoreAfterTaxAmounts(mode, l.price, l.discount, rateOf(l.taxes), in.Taxes); err != nil {
		return err
	}
	ratio := in.DiscountRatio.Or(0)
	if !in.Discount.Has() && ratio != 0 {
		if l.discount, err = l.price.Share(ratio); err != nil {
			return tooMuchMoney()
		}
	}
	if l.discount < 0 || l.discount > max(0, l.price) || ratio < 0 || ratio > taphoa.Ratio(100) {
		return taphoa.Refuse(k.code, "discount", "Giảm giá (discount, discountRatio) của hàng hóa %s phải từ 0 đến đơn giá", l.product.Code)
	}
	if l.ratio, err = plan.LineRatio(l.price, l.discount, in.Discount, in.DiscountRatio); err != nil {
		return tooMuchMoney()
	}
	if l.subTotal, err = (l.price - l.discount).TimesDong(l.quantity); err != nil {
		return tooMuchMoney()
	}
	return nil
}

// restoreAfterTaxAmounts returns price and discount as they were given or meant. Clients often send back the pre-tax
// amounts that an answer has shown them: an amount that equals the one before tax of the amount beside its tax is that one
// after tax. Any other was changed, and is after tax like each amount of a request.
func restoreAfterTaxAmounts(
	mode taphoa.PricingMode, price, discount taphoa.Money, rate taphoa.Percent, taxes []taphoa.TaxWrite,
) (taphoa.Money, taphoa.Money, error) {
	if mode != taphoa.PricingAfterTax {
		return price, discount, nil
	}
	restore := func(amount taphoa.Money, afterTax taphoa.Opt[taphoa.Money]) (taphoa.Money, error) {
		before, err := beforeTax(afterTax.Or(0), rate)
		if err != nil {
			return 0, tooMuchMoney()
		}
		if afterTax.Has() && amount == before {
			return afterTax.Value, nil
		}
		return amount, nil
	}
	var err error
	for _, t := range taxes {
		if price, err = restore(price, t.PriceAfterTax); err == nil {
			discount, err = restore(discount, t.DiscountAfterTax)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return price, discount, nil
}

// atBookPrices gives the lines that have no price those of a price book. What the book does not have goes at its base
// price.
func atBookPrices(book *catalogplan.PriceBook, in []taphoa.DetailInput) []taphoa.DetailInput {
	if book == nil {
		return in
	}
	lines := slices.Clone(in)
	for i := range lines {
		l := &lines[i]
		if l.Price.Has() {
			continue
		}
		if price, found := bookPrice(book, l); found {
			l.Price = taphoa.Some(price)
		}
	}
	return lines
}

// bookPrice is the price that a book has for what a line names.
func bookPrice(book *catalogplan.PriceBook, l *taphoa.DetailInput) (taphoa.Money, bool) {
	if id := l.ProductID.Or(0); id != 0 {
		return book.Price(id)
	}
	return book.PriceByCode(l.ProductCode.Or(""))
}

// mergeLines puts lines of one product at one price together, as the vendor does.
func mergeLines(in []taphoa.DetailInput) []taphoa.DetailInput {
	var out []taphoa.DetailInput
	for _, d := range in {
		at := slices.IndexFunc(out, func(o taphoa.DetailInput) bool { return differOnlyInQuantity(&o, &d) })
		if at < 0 {
			out = append(out, d)
			continue
		}
		sum, err := out[at].Quantity.Value.Add(d.Quantity.Value)
		if err != nil {
			return in // too much: refused line by line
		}
		out[at].Quantity = taphoa.Some(sum)
	}
	return out
}

func differOnlyInQuantity(a, b *taphoa.DetailInput) bool {
	return a.Quantity.Or(0) > 0 && b.Quantity.Or(0) > 0 && a.ProductID == b.ProductID && a.ProductCode == b.ProductCode &&
		a.Price == b.Price && a.Discount == b.Discount && a.DiscountRatio == b.DiscountRatio && a.Note == b.Note &&
		a.Batch() == b.Batch() && a.SerialNumbers.Or("") == "" && b.SerialNumbers.Or("") == "" &&
		fmt.Sprint(a.Taxes) == fmt.Sprint(b.Taxes)
}

func priced(lines []*documentLine) []*line {
	all := make([]*line, len(lines))
	for i, l := range lines {
		all[i] = &l.line
	}
	return all
}

// hasTaxes reports whether a line bears a tax.
func hasTaxes(lines []*documentLine) bool {
	return slices.ContainsFunc(lines, func(l *documentLine) bool { return len(l.taxes) > 0 })
}

// moveLines computes what lines move, in base units, one after the other.
func moveLines(f *Facts, lines []*documentLine, branchID int64, wholes *catalogplan.Wholes) error {
	for _, l := range lines {
		var lot []taphoa.Quantity
		if id := l.in.Batch().Or(0); id != 0 {
			lot = append(lot, f.Stock.LotOnHand(id, branchID))
		}
		var err error
		if l.moved, err = wholes.Take(l.product, l.quantity, lot...); err != nil {
			return err
		}
	}
	return nil
}

// onHand is what a branch has, as planned by now.
func (f *Facts) onHand(branchID int64) func(productID int64) taphoa.Quantity {
	return func(productID int64) taphoa.Quantity {
		return f.Stock.Level(stockplan.LevelKey{ProductID: productID, BranchID: branchID}).OnHand
	}
}

// reservedFor is what an order reserves at its branch, as planned by now.
func (f *Facts) reservedFor(o *OrderRow) func(productID int64) taphoa.Quantity {
	return func(productID int64) taphoa.Quantity {
		return f.Stock.Reserved("order", o.ID, stockplan.LevelKey{ProductID: productID, BranchID: o.BranchID})
	}
}

// sellable is what a branch has to sell, and what the order of an invoice reserves.
func (f *Facts) sellable(order *StoredOrder, branchID int64) *catalogplan.Wholes {
	if order == nil {
		return catalogplan.NewWholes(f.onHand(branchID))
	}
	return catalogplan.NewWholes(f.onHand(branchID), f.reservedFor(&order.Row))
}

// at are quantities at a branch.
func at(branchID int64, moved []catalogplan.BaseQuantity) []stockplan.BranchQuantity {
	all := make([]stockplan.BranchQuantity, len(moved))
	for i, q := range moved {
		all[i] = stockplan.BranchQuantity{ProductID: q.ProductID, BranchID: branchID, Quantity: q.Quantity}
	}
	return all
}

// netPrice returns price and discount of a unit as responses show them: before tax, to four places.
func (l *line) netPrice(mode taphoa.PricingMode) (price, discount taphoa.Money, err error) {
	if mode != taphoa.PricingAfterTax {
		return l.price, l.discount, nil
	}
	rate := rateOf(l.taxes)
	if price, err = beforeTax(l.price, rate); err == nil {
		discount, err = beforeTax(l.discount, rate)
	}
	if err != nil {
		err = tooMuchMoney()
	}
	return price, discount, err
}

// documentDiscount is the document's discount before and after tax; the latter only where prices contain tax.
func documentDiscount(lines []*documentLine, mode taphoa.PricingMode, t *total) (before, after taphoa.Opt[taphoa.Money]) {
	if mode != taphoa.PricingAfterTax {
		return taphoa.Some(t.discount), after
	}
	var sum taphoa.Money
	for _, l := range lines {
		sum += l.netAllocation(mode)
	}
	return taphoa.Some(sum), taphoa.Some(t.discount)
}

// taxRows are the rows of a line's taxes.
func (k *Kind) taxRows(f *Facts, documentID, lineNo, detailID int64, l *documentLine, mode taphoa.PricingMode) ([]LineTaxRow, error) {
	price, discount, allocation := l.price, l.discount, l.allocation
	if rate := rateOf(l.taxes); rate != 0 && mode != taphoa.PricingAfterTax {
		for _, amount := range []*taphoa.Money{&price, &discount, &allocation} {
			tax, err := amount.Share(rate)
			if err == nil {
				*amount, err = amount.Add(tax)
			}
			if err != nil {
				return nil, tooMuchMoney()
			}
		}
	}
	var rows []LineTaxRow
	for i, t := range l.taxes {
		row := LineTaxRow{
			Document: k.Name, DocumentID: documentID, Line: lineNo, TaxID: t.TaxID, ID: f.ID("line_taxes"), DetailID: detailID,
			PriceAfterTax: taphoa.Some(price), DiscountAfterTax: taphoa.Some(discount), AllocationDiscountAfterTax: taphoa.Some(allocation),
		}
		row.DetailTax = taphoa.Some(l.taxEach[i])
		rows = append(rows, row)
	}
	return rows, nil
}

// readSerials finds the serials that a line names, for a product kept by serial: as many as its quantity.
func (l *documentLine) readSerials() error {
	if !l.product.IsSerial {
		return nil
	}
	l.serials = stockplan.SplitSerials(l.in.SerialNumbers.Or(""))
	if l.quantity != taphoa.Units(int64(len(l.serials))) {
		return taphoa.Refuse(taphoa.CodeInvoice, "serialNumbers",
			"Hàng hóa %s quản lý theo serial/IMEI: cần đúng %v số serial (serialNumbers), nhận được %d", l.product.Code, l.quantity, len(l.serials))
	}
	return nil
}

// chooseLots finds the lots that a line is sold from, for a product kept in lots: the named one, also when it has expired, or
// those that expire first and have not by the day of the sale.
func (l *documentLine) chooseLots(f *Facts, branchID int64, at taphoa.Time) error {
	if !l.product.IsBatch || len(l.moved) == 0 {
		return nil
	}
	if id := l.in.Batch().Or(0); id != 0 {
		l.lots = []stockplan.LotQuantity{{BatchID: id, Quantity: l.moved[0].Quantity}}
		if lot, found := f.Stock.Lot(id); !found || lot.ProductID != l.product.BaseID {
			return taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId", "Lô hàng %d không thuộc hàng hóa %s", id, l.product.Code)
		}
		return nil
	}
	var err error
	l.lots, err = f.Stock.ChooseLots(l.product.BaseID, branchID, l.moved[0].Quantity, at)
	return outOfStockError(err, taphoa.CodeInvoice)
}

// soldPostings are the movements of goods that sold lines want.
func soldPostings(lines []*documentLine, branchID int64) (want []stockplan.Posting) {
	from := stockplan.Location(branchID)
	for _, l := range lines {
		for _, lot := range l.lots {
			want = append(want, stockplan.Posting{
				ProductID: l.product.BaseID, From: from, To: stockplan.Customer, Quantity: lot.Quantity, BatchID: lot.BatchID,
			})
		}
		if len(l.lots) > 0 {
			continue
		}
		for _, q := range l.moved {
			want = append(want, stockplan.Posting{
				ProductID: q.ProductID, From: from, To: stockplan.Customer, Quantity: q.Quantity, Serials: l.serials,
			})
		}
	}
	return want
}

// chooseBook checks the price book that a request names for a document and returns the one that the document has then.
// The one that it has already may stay: it was right when it was chosen. 0 and null mean the general prices.
func chooseBook(
	f *Facts, stored, in taphoa.Opt[int64], scope *catalogplan.PriceBookScope, customerGroups []int64,
) (taphoa.Opt[int64], error) {
	switch id := in.Or(0); {
	case !in.Given() || id != 0 && stored == in:
		return stored, nil
	case id == 0:
		return taphoa.Opt[int64]{}, nil
	}
	return in, f.PriceBook.Check(scope, customerGroups)
}

// settings is what plans read most.
func (f *Facts) settings() *orgplan.Settings { return &f.Directory.Settings }
