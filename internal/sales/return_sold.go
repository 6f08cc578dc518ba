package sales

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// sold is a line of an invoice and what of it is still with the customer. Amounts are as the customer saw them, like
// those of a [line].
type sold struct {
	detail   *taphoa.InvoiceDetail
	product  *catalog.Item
	price    taphoa.Money // after the line's discount
	taxes    []taphoa.Tax
	quantity taphoa.Quantity

	subTotal, allocation taphoa.Money
	taxEach              []taphoa.Money
	shown                shown // subTotal and allocation as answers show them
	serials              []string
}

// soldLines are the lines of an invoice without what its standing returns have brought back.
func soldLines(tx *db.Tx, v *taphoa.Invoice) ([]*sold, error) {
	ids := make([]int64, len(v.InvoiceDetails))
	for i, d := range v.InvoiceDetails {
		ids[i] = d.ProductID
	}
	products, err := catalog.ItemsEver(tx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*sold{}
	lines := make([]*sold, len(v.InvoiceDetails))
	for i := range v.InvoiceDetails {
		d := &v.InvoiceDetails[i]
		s, err := soldLine(d, products[d.ProductID], modeOf(v.PricingMode))
		if err != nil {
			return nil, tooMuchMoney()
		}
		lines[i], byID[d.ID] = s, s
	}
	return lines, subtractReturned(tx, v.ID, byID)
}

// soldLine is a line of an invoice as it was sold. In the pricing mode after tax the line itself shows amounts before
// tax, and its taxes those that the customer saw.
func soldLine(d *taphoa.InvoiceDetail, product *catalog.Item, mode taphoa.PricingMode) (*sold, error) {
	s := &sold{
		detail: d, product: product, price: d.Price - d.Discount.Or(0), quantity: d.Quantity, allocation: d.AllocationDiscount.Or(0),
		shown: shown{subTotal: d.SubTotal, allocation: d.AllocationDiscount.Or(0)},
	}
	for i, t := range d.InvoiceDetailTaxs {
		tax, _ := taphoa.TaxByID(t.TaxID)
		s.taxes, s.taxEach = append(s.taxes, tax), append(s.taxEach, t.DetailTax.Or(0))
		if i == 0 && mode == taphoa.PricingAfterTax {
			s.price, s.allocation = t.PriceAfterTax.Or(0)-t.DiscountAfterTax.Or(0), t.AllocationDiscountAfterTax.Or(0)
		}
	}
	if d.SerialNumbers.Or("") != "" {
		s.serials = strings.Split(d.SerialNumbers.Value, ",")
	}
	var err error
	s.subTotal, err = s.price.Times(d.Quantity)
	return s, err
}

// subtractReturned takes from the lines of an invoice what its standing returns have brought back.
func subtractReturned(tx *db.Tx, invoiceID int64, lines map[int64]*sold) error {
	type back struct {
		InvoiceDetailID int64
		Quantity        taphoa.Quantity
		SubTotal        taphoa.Money
		Allocation      taphoa.Opt[taphoa.Money] `db:"allocation_discount"`
		PaidSubTotal    taphoa.Money
		PaidAllocation  taphoa.Money
		SerialNumbers   taphoa.Opt[string]
	}
	rows, err := db.All[back](tx, `
		SELECT l.invoice_detail_id, l.quantity, l.sub_total, l.allocation_discount, l.paid_sub_total, l.paid_allocation,
			l.serial_numbers
		FROM returns r
		JOIN return_lines l ON l.retailer_id = :retailer AND l.return_id = r.id
		WHERE r.retailer_id = :retailer AND r.invoice_id = ? AND r.status = 1`, invoiceID)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows {
		s := lines[r.InvoiceDetailID]
		s.quantity -= r.Quantity
		s.subTotal -= r.PaidSubTotal
		s.allocation -= r.PaidAllocation
		s.shown.subTotal -= r.SubTotal
		s.shown.allocation -= r.Allocation.Or(0)
		s.serials = without(s.serials, strings.Split(r.SerialNumbers.Or(""), ","))
	}
	return tx.Each(func(row db.Row) error {
		s := lines[row.Int64(0)]
		at := slices.IndexFunc(s.taxes, func(t taphoa.Tax) bool { return t.TaxID == row.Int64(1) })
		s.taxEach[at] -= taphoa.Money(row.Int64(2))
		return nil
	}, `
		SELECT l.invoice_detail_id, t.tax_id, t.detail_tax
		FROM returns r
		JOIN return_lines l ON l.retailer_id = :retailer AND l.return_id = r.id
		JOIN line_taxes t ON t.retailer_id = :retailer AND t.document = 'return' AND t.document_id = r.id AND t.line = l.line
		WHERE r.retailer_id = :retailer AND r.invoice_id = ? AND r.status = 1`, invoiceID)
}

func without(all, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(gone, s) })
}

// take takes so much of what is left of the line, with its part of the discount and of each tax. What comes last takes
// all that is left of them, so that several returns together bring back exactly what was sold.
func (s *sold) take(quantity taphoa.Quantity) (line, error) {
	rest := s.quantity - quantity
	l := line{quantity: quantity, price: s.price, taxes: s.taxes, taxEach: make([]taphoa.Money, len(s.taxes))}
	var err error
	if l.subTotal = s.subTotal; rest > 0 {
		if l.subTotal, err = s.price.Times(quantity); err != nil {
			return l, err
		}
	}
	if l.allocation, err = part(s.allocation, quantity, rest); err != nil {
		return l, err
	}
	s.quantity, s.subTotal, s.allocation = rest, s.subTotal-l.subTotal, s.allocation-l.allocation
	for i := range s.taxes {
		if l.taxEach[i], err = part(s.taxEach[i], quantity, rest); err != nil {
			return l, err
		}
		s.taxEach[i] -= l.taxEach[i]
		l.tax += l.taxEach[i]
	}
	return l, nil
}

// part is the part of an amount that belongs to some of a quantity, by largest remainder.
func part(amount taphoa.Money, of, rest taphoa.Quantity) (taphoa.Money, error) {
	shares, err := taphoa.Allocate(amount, []taphoa.Money{taphoa.Money(of), taphoa.Money(rest)})
	if err != nil {
		return 0, err
	}
	return shares[0], nil
}

// returnItem is a line of a return that is being made.
type returnItem struct {
	*item
	of      *sold    // the invoice's line; nil without an invoice
	serials []string // the pieces that come back, for a product kept by serial
}

// pickAll takes back all that is left of an invoice.
func pickAll(v *taphoa.Invoice, lines []*sold) ([]*returnItem, error) {
	var items []*returnItem
	for _, s := range lines {
		if s.quantity <= 0 {
			continue
		}
		it, err := s.back(modeOf(v.PricingMode), s.quantity, s.serials, &taphoa.DetailInput{})
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s đã được trả hết hàng", v.Code)
	}
	return items, nil
}

// back is a line of the return that takes back some of this line.
func (s *sold) back(
	mode taphoa.PricingMode, quantity taphoa.Quantity, serials []string, in *taphoa.DetailInput,
) (*returnItem, error) {
	if s.product == nil {
		return nil, taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa %s không còn tồn tại, không thể trả", s.detail.ProductCode)
	}
	l, err := s.take(quantity)
	if err != nil {
		return nil, tooMuchMoney()
	}
	s.serials = without(s.serials, serials)
	it := &item{line: l, in: in, product: s.product}
	show, err := it.shown(mode)
	if s.quantity == 0 {
		show.subTotal, show.allocation = s.shown.subTotal, s.shown.allocation
	}
	s.shown.subTotal, s.shown.allocation, it.showAs = s.shown.subTotal-show.subTotal, s.shown.allocation-show.allocation, &show
	return &returnItem{item: it, of: s, serials: serials}, err
}

// pick takes back what the lines of a request name. A product that was sold in several lines is taken from them in
// their order, unless the request says which it means.
func pick(v *taphoa.Invoice, lines []*sold, in []taphoa.ReturnDetailInput) ([]*returnItem, error) {
	if len(in) > linesMax {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "returnDetails", "Mỗi chứng từ có tối đa %d dòng hàng hóa (returnDetails)", linesMax)
	}
	if len(in) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "returnDetails",
			"Danh sách hàng trả (returnDetails) không được để trống; muốn trả cả hóa đơn %s, hãy bỏ trường này", v.Code)
	}
	var items []*returnItem
	for i := range in {
		from, err := candidates(v, lines, &in[i], i)
		if err != nil {
			return nil, err
		}
		picked, err := pickLine(v, from, &in[i])
		if err != nil {
			return nil, err
		}
		items = append(items, picked...)
	}
	return items, nil
}

// candidates are the lines of an invoice that a line of a request may mean.
func candidates(v *taphoa.Invoice, lines []*sold, in *taphoa.ReturnDetailInput, i int) ([]*sold, error) {
	named, priced := []*sold{}, []*sold{}
	for _, s := range lines {
		d := s.detail
		switch {
		case in.InvoiceDetailID.Or(0) != 0 && d.ID != in.InvoiceDetailID.Value,
			in.ProductID.Or(0) != 0 && d.ProductID != in.ProductID.Value,
			in.ProductID.Or(0) == 0 && in.InvoiceDetailID.Or(0) == 0 && codeKey(d.ProductCode) != codeKey(in.ProductCode.Or("")):
			continue
		}
		named = append(named, s)
		price := in.Price.Value - in.Discount.Or(0)
		if !in.Price.Has() || price == s.price || price == d.Price-d.Discount.Or(0) {
			priced = append(priced, s)
		}
	}
	if len(named) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeProduct, "productId",
			"Hàng hóa ở dòng %d không tồn tại trong hóa đơn %s (productId %d, productCode %q)",
			i+1, v.Code, in.ProductID.Or(0), in.ProductCode.Or(""))
	}
	if len(priced) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "price",
			"Giá trả (price) của hàng hóa %s phải là giá đã bán %v; muốn trả khách ít hơn, hãy dùng phí trả hàng (returnFee)",
			named[0].detail.ProductCode, named[0].price)
	}
	return priced, nil
}

func pickLine(v *taphoa.Invoice, from []*sold, in *taphoa.ReturnDetailInput) (items []*returnItem, err error) {
	product, wanted := from[0].detail, in.Quantity.Or(0)
	if wanted <= 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "quantity", "Số lượng (quantity) của hàng hóa %s phải lớn hơn 0", product.ProductCode)
	}
	var left taphoa.Quantity
	var serials []string
	for _, s := range from {
		left += s.quantity
		serials = append(serials, s.serials...)
	}
	if wanted > left {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "quantity",
			"Hàng hóa %s của hóa đơn %s chỉ còn trả được %v, không thể trả %v (quantity)", product.ProductCode, v.Code, left, wanted)
	}
	if product.SerialNumbers.Or("") != "" {
		if serials, err = namedSerials(v, in, wanted, serials, wanted == left); err != nil {
			return nil, err
		}
	}
	for _, s := range from {
		quantity := min(wanted, s.quantity)
		mine := without(serials, without(serials, s.serials))
		if len(s.serials) > 0 || product.SerialNumbers.Or("") != "" {
			quantity = taphoa.Units(int64(len(mine)))
		}
		if quantity <= 0 {
			continue
		}
		it, err := s.back(modeOf(v.PricingMode), quantity, mine, &in.DetailInput)
		if err != nil {
			return nil, err
		}
		items, wanted = append(items, it), wanted-quantity
	}
	return items, nil
}

// namedSerials are the pieces that a line of a request brings back: as many as its quantity, of those that are left.
// Who brings all of them back need not name them.
func namedSerials(
	v *taphoa.Invoice, in *taphoa.ReturnDetailInput, quantity taphoa.Quantity, left []string, all bool,
) ([]string, error) {
	named := splitSerials(in.SerialNumbers.Or(""))
	if len(named) == 0 && all {
		return left, nil
	}
	for i, s := range named {
		if !slices.Contains(left, s) || slices.Contains(named[:i], s) {
			return nil, taphoa.Refuse(taphoa.CodeInvoice, "serialNumbers",
				"Serial/IMEI %s không thuộc hóa đơn %s hoặc đã được trả (serialNumbers)", s, v.Code)
		}
	}
	if quantity != taphoa.Units(int64(len(named))) {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "serialNumbers",
			"Hàng hóa quản lý theo serial/IMEI: cần đúng %v số serial (serialNumbers), nhận được %d", quantity, len(named))
	}
	return named, nil
}
