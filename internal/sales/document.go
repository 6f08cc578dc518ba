package sales

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
)

// linesMax bounds the lines of one document.
const linesMax = 1000

// rules are how the kinds of document differ in what they are called and refuse.
type rules struct {
	document, code string // "order"; the envelope's error code
	stopped        bool   // takes products that are not sold any more
}

var (
	orderRules   = rules{document: "order", code: taphoa.CodeOrder}
	invoiceRules = rules{document: "invoice", code: taphoa.CodeInvoice}
	returnRules  = rules{document: "return", code: taphoa.CodeInvoice, stopped: true}
)

const outOfStock = "Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật"

// item is a line of a request with its product.
type item struct {
	line
	in      *taphoa.DetailInput
	product *catalog.Item
	batches []stock.Pick // what leaves which batch, for a product kept in batches
	showAs  *shown       // instead of what follows from the line, to the last digit
}

// readItems finds the products of the lines and their prices and taxes. Those that the document, or its order, had already
// may be out of sale or deleted by now.
func (r *rules) readItems(tx *db.Tx, s *org.Settings, in []taphoa.DetailInput, had []int64) ([]*item, error) {
	field := r.document + "Details"
	if len(in) == 0 {
		return nil, taphoa.Refuse(r.code, field, "Danh sách hàng hóa (%s) không được để trống", field)
	}
	if len(in) > linesMax {
		return nil, taphoa.Refuse(r.code, field, "Mỗi chứng từ có tối đa %d dòng hàng hóa (%s)", linesMax, field)
	}
	var ids []int64
	var codes []string
	for i := range in {
		if id := in[i].ProductID.Or(0); id != 0 {
			ids = append(ids, id)
		} else {
			codes = append(codes, in[i].ProductCode.Or(""))
		}
	}
	byID, byCode, err := catalog.Items(tx, ids, codes)
	if err == nil && slices.ContainsFunc(had, func(id int64) bool { return byID[id] == nil && slices.Contains(ids, id) }) {
		var ever map[int64]*catalog.Item
		if ever, err = catalog.ItemsEver(tx, had); err == nil {
			maps.Copy(ever, byID)
			byID = ever
		}
	}
	if err != nil {
		return nil, err
	}
	items := make([]*item, len(in))
	for i := range in {
		it := &item{in: &in[i]}
		if id := in[i].ProductID.Or(0); id != 0 {
			it.product = byID[id]
		} else {
			it.product = byCode[in[i].ProductCode.Or("")]
		}
		if err := r.readItem(s, it, i, had); err != nil {
			return nil, err
		}
		items[i] = it
	}
	return items, nil
}

func codeKey(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

func (r *rules) readItem(s *org.Settings, it *item, i int, had []int64) error {
	in := it.in
	if it.product == nil {
		return taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa ở dòng %d không tồn tại (productId %d, productCode %q)",
			i+1, in.ProductID.Or(0), in.ProductCode.Or(""))
	}
	if !r.stopped && (!it.product.IsActive || !it.product.AllowsSale) && !slices.Contains(had, it.product.ID) {
		return taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa %s đã ngừng kinh doanh hoặc không được bán trực tiếp", it.product.Code)
	}
	it.quantity, it.price = in.Quantity.Or(0), in.Price.Or(it.product.BasePrice)
	if it.quantity <= 0 {
		return taphoa.Refuse(r.code, "quantity", "Số lượng (quantity) của hàng hóa %s phải lớn hơn 0", it.product.Code)
	}
	it.discount = in.Discount.Or(0)
	for i, t := range in.Taxes {
		if slices.ContainsFunc(in.Taxes[:i], func(earlier taphoa.TaxWrite) bool { return earlier.TaxID == t.TaxID }) {
			continue
		}
		tax, known := taphoa.TaxByID(t.TaxID)
		if direct := s.PricingMode == taphoa.PricingDirect; !known || (tax.Type == taphoa.TaxDirect) != direct {
			return taphoa.Refuse(r.code, "taxId", "Thuế suất %d (TaxId) không tồn tại hoặc không thuộc phương pháp tính thuế của cửa hàng", t.TaxID)
		}
		it.taxes = append(it.taxes, tax)
	}
	if err := it.unread(s.PricingMode); err != nil {
		return err
	}
	ratio := in.DiscountRatio.Or(0)
	if !in.Discount.Has() && ratio != 0 {
		var err error
		if it.discount, err = it.price.Share(ratio); err != nil {
			return tooMuchMoney()
		}
	}
	if it.discount < 0 || it.discount > max(0, it.price) || ratio < 0 || ratio > taphoa.Ratio(100) {
		return taphoa.Refuse(r.code, "discount", "Giảm giá (discount, discountRatio) của hàng hóa %s phải từ 0 đến đơn giá", it.product.Code)
	}
	return nil
}

// unread takes amounts that come back as an answer has shown them, before tax, for what they were: programs read a
// document, change one thing and write all of it back. An amount that no longer fits the one after tax beside it was
// changed, and is after tax like any other in a request.
func (it *item) unread(mode taphoa.PricingMode) error {
	if mode != taphoa.PricingAfterTax {
		return nil
	}
	for _, t := range it.in.Taxes {
		for _, read := range []struct {
			amount *taphoa.Money
			after  taphoa.Opt[taphoa.Money]
		}{{&it.price, t.PriceAfterTax}, {&it.discount, t.DiscountAfterTax}} {
			before, err := beforeTax(read.after.Or(0), it.rate())
			if err != nil {
				return tooMuchMoney()
			}
			if read.after.Has() && *read.amount == before {
				*read.amount = read.after.Value
			}
		}
	}
	return nil
}

func linesOf(items []*item) []*line {
	lines := make([]*line, len(items))
	for i, it := range items {
		lines[i] = &it.line
	}
	return lines
}

// taxed reports whether a line bears a tax.
func taxed(items []*item) bool {
	return slices.ContainsFunc(items, func(it *item) bool { return len(it.taxes) > 0 })
}

// tooLittle turns a shortage into the documented refusal; other errors pass.
func tooLittle(err error, code string) error {
	if short := (*stock.Short)(nil); errors.As(err, &short) {
		return taphoa.Refuse(code, "quantity", outOfStock)
	}
	return err
}

// shown are the amounts of a line as answers show them: before tax, whatever the pricing mode.
type shown struct {
	price, discount, allocation, subTotal taphoa.Money
}

func (it *item) shown(mode taphoa.PricingMode) (shown, error) {
	if it.showAs != nil {
		return *it.showAs, nil
	}
	s := shown{it.price, it.discount, it.allocation, it.subTotal}
	if mode != taphoa.PricingAfterTax {
		return s, nil
	}
	for _, amount := range []*taphoa.Money{&s.price, &s.discount, &s.allocation, &s.subTotal} {
		var err error
		if *amount, err = beforeTax(*amount, it.rate()); err != nil {
			return s, tooMuchMoney()
		}
	}
	return s, nil
}

// insertTaxes writes the tax rows of a line.
func (r *rules) insertTaxes(tx *db.Tx, documentID, lineNo, detailID int64, it *item, mode taphoa.PricingMode) error {
	after := shown{it.price, it.discount, it.allocation, it.subTotal}
	if rate := it.rate(); rate != 0 && mode != taphoa.PricingAfterTax {
		for _, amount := range []*taphoa.Money{&after.price, &after.discount, &after.allocation} {
			tax, err := amount.Share(rate)
			if err == nil {
				*amount, err = amount.Add(tax)
			}
			if err != nil {
				return tooMuchMoney()
			}
		}
	}
	for i, t := range it.taxes {
		id, err := tx.NewID("line_taxes")
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO line_taxes (retailer_id, document, document_id, line, tax_id, id, detail_id, detail_tax,
				price_after_tax, discount_after_tax, allocation_discount_after_tax)
			VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.document, documentID, lineNo, t.TaxID, id, detailID, it.taxEach[i], after.price, after.discount, after.allocation)
	}
	return nil
}

// documentDiscount is the document's discount before and after tax; the latter only where prices contain tax.
func documentDiscount(items []*item, mode taphoa.PricingMode, s sum) (before, after taphoa.Opt[taphoa.Money], err error) {
	if mode != taphoa.PricingAfterTax {
		return taphoa.Some(s.discount), after, nil
	}
	var total taphoa.Money
	for _, it := range items {
		show, err := it.shown(mode)
		if err != nil {
			return before, after, err
		}
		total += show.allocation
	}
	return taphoa.Some(total), taphoa.Some(s.discount), nil
}

// sameReturned reports whether the lines of a request are those of a stored return.
func sameReturned(in []taphoa.ReturnDetailInput, stored []taphoa.ReturnDetail) bool {
	return slices.EqualFunc(in, stored, func(a taphoa.ReturnDetailInput, b taphoa.ReturnDetail) bool {
		return a.ProductID.Or(0) == b.ProductID && a.Quantity.Or(0) == b.Quantity && a.Price.Or(b.Price) == b.Price
	})
}
