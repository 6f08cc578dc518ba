package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// returnLine is a line of a return that is planned.
type returnLine struct {
	*documentLine
	sold *soldLine // the invoice's line; nil without an invoice
}

// returnAll brings back all that is left of an invoice.
func returnAll(v *InvoiceRow, sold []*soldLine) ([]*returnLine, error) {
	var lines []*returnLine
	for _, s := range sold {
		if s.quantity <= 0 {
			continue
		}
		l, err := s.bringBack(s.quantity, s.serials, &taphoa.DetailInput{})
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s đã được trả hết hàng", v.Code)
	}
	return lines, nil
}

// returnNamed brings back what the lines of a request name. A product that was sold in several lines is taken from them in
// their order, unless the request says which it means.
func returnNamed(v *InvoiceRow, sold []*soldLine, in []taphoa.ReturnDetailInput) ([]*returnLine, error) {
	if len(in) > linesMax {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "returnDetails", "Mỗi chứng từ có tối đa %d dòng hàng hóa (returnDetails)", linesMax)
	}
	if len(in) == 0 {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "returnDetails",
			"Danh sách hàng trả (returnDetails) không được để trống; muốn trả cả hóa đơn %s, hãy bỏ trường này", v.Code)
	}
	var lines []*returnLine
	for i := range in {
		from, err := matchingLines(v, sold, &in[i], i)
		if err != nil {
			return nil, err
		}
		named, err := returnFrom(v, from, &in[i])
		if err != nil {
			return nil, err
		}
		lines = append(lines, named...)
	}
	return lines, nil
}

// matchingLines are the lines of an invoice that a line of a request may mean.
func matchingLines(v *InvoiceRow, sold []*soldLine, in *taphoa.ReturnDetailInput, i int) ([]*soldLine, error) {
	var named, priced []*soldLine
	for _, s := range sold {
		row := s.row
		switch {
		case in.InvoiceDetailID.Or(0) != 0 && row.ID != in.InvoiceDetailID.Value,
			in.ProductID.Or(0) != 0 && row.ProductID != in.ProductID.Value,
			in.ProductID.Or(0) == 0 && in.InvoiceDetailID.Or(0) == 0 && text.CodeKey(row.ProductCode) != text.CodeKey(in.ProductCode.Or("")):
			continue
		}
		named = append(named, s)
		price := in.Price.Value - in.Discount.Or(0)
		if !in.Price.Has() || price == s.price || price == row.Price-row.Discount.Or(0) {
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
			named[0].row.ProductCode, named[0].price)
	}
	return priced, nil
}

// returnFrom brings back the quantity of a line of a request from lines of the invoice, in their order.
func returnFrom(v *InvoiceRow, from []*soldLine, in *taphoa.ReturnDetailInput) (lines []*returnLine, err error) {
	product, wanted := from[0].row, in.Quantity.Or(0)
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
	bySerial := product.SerialNumbers.Or("") != ""
	if bySerial {
		if serials, err = returnedSerials(v, in, wanted, serials, wanted == left); err != nil {
			return nil, err
		}
	}
	for _, s := range from {
		quantity := min(wanted, s.quantity)
		own := without(serials, without(serials, s.serials))
		if len(s.serials) > 0 || bySerial {
			quantity = taphoa.Units(int64(len(own)))
		}
		if quantity <= 0 {
			continue
		}
		l, err := s.bringBack(quantity, own, &in.DetailInput)
		if err != nil {
			return nil, err
		}
		lines, wanted = append(lines, l), wanted-quantity
	}
	return lines, nil
}

// returnedSerials are the serials that a line of a request brings back: as many as its quantity, of those that are left.
// Who brings all of them back need not name them.
func returnedSerials(
	v *InvoiceRow, in *taphoa.ReturnDetailInput, quantity taphoa.Quantity, left []string, all bool,
) ([]string, error) {
	named := stockplan.SplitSerials(in.SerialNumbers.Or(""))
	if len(named) == 0 && all {
		return left, nil
	}
	for i, s := range named {
		known, found := stockplan.SpelledIn(left, s)
		if named[i] = known; !found || slices.Contains(named[:i], known) {
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

// returnedTotal adds up lines of an invoice that come back. Their amounts are parts of sums that the invoice could hold.
func returnedTotal(lines []*returnLine, mode taphoa.PricingMode) (total, error) {
	var t total
	for _, l := range lines {
		t.goods, t.discount, t.tax = t.goods+l.subTotal, t.discount+l.allocation, t.tax+l.tax()
	}
	t.due = t.goods - t.discount
	if mode != taphoa.PricingAfterTax {
		t.due += t.tax
	}
	if t.due < 0 { // only what was sold at a negative price
		return t, taphoa.Refuse(taphoa.CodeInvoice, "returnDetails",
			"Tổng tiền hàng trả không được âm (%v), hãy trả cùng các hàng khác", t.due)
	}
	return t, nil
}
