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
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

const purchaseSurchargesMax = 100

// purchaseLine is a line of a purchase order that is computed.
type purchaseLine struct {
	purchaseLineRow
	product *catalog.Item
	base    taphoa.Quantity // received, in base units
	serials []string
	tax     taphoa.Opt[taphoa.Tax]
	net     taphoa.Money // value after all discounts
}

// readLines finds the products of the lines and checks the lines.
func (p *purchaseDraft) readLines(tx *db.Tx, in []taphoa.PurchaseOrderDetailIn) error {
	const field = "purchaseOrderDetails"
	if len(in) == 0 {
		return refusePurchase(field, "Danh sách hàng hóa (%s) không được để trống", field)
	}
	if len(in) > linesMax {
		return refusePurchase(field, "Mỗi phiếu nhập có tối đa %d dòng hàng hóa (%s)", linesMax, field)
	}
	products, err := findProducts(tx, "productCode", in, p.held, func(l *taphoa.PurchaseOrderDetailIn) (int64, string) {
		return l.ProductID.Or(0), l.ProductCode.Or("")
	})
	if err != nil {
		return err
	}
	p.lines = make([]*purchaseLine, len(in))
	left := catalogplan.HeldQuantities(p.held)
	for i := range in {
		l := &purchaseLine{product: products[i]}
		if err := p.readLine(l, &in[i]); err != nil {
			return err
		}
		if _, held := left[l.ProductID]; held && (l.product.Deleted || !l.product.IsActive) {
			if err := catalogplan.RefuseMore(left, l.product, "quantity", l.Quantity); err != nil {
				return err
			}
		} else if !l.product.IsActive {
			return taphoa.Refuse(taphoa.CodeProduct, "productCode", "Hàng hóa %s đã ngừng kinh doanh nên không thể nhập hàng", l.ProductCode)
		}
		p.lines[i] = l
	}
	return p.resolveLots(tx, in)
}

func (p *purchaseDraft) readLine(l *purchaseLine, in *taphoa.PurchaseOrderDetailIn) error {
	code := l.product.Code
	if l.product.Type != taphoa.ProductGoods {
		return taphoa.Refuse(taphoa.CodeProduct, "productCode", "Hàng hóa %s là combo hoặc dịch vụ nên không thể nhập hàng; hãy nhập hàng thành phần", code)
	}
	l.ProductID, l.ProductCode, l.ProductName = l.product.ID, code, l.product.FullName
	l.Quantity, l.Price, l.Description = in.Quantity.Or(0), in.Price.Or(0), in.Description
	if l.Quantity <= 0 || l.Quantity > taphoa.QuantityMax {
		return refusePurchase("quantity", "Số lượng (quantity) của hàng hóa %s phải lớn hơn 0 và không quá %v", code, taphoa.QuantityMax)
	}
	if !in.Price.Has() || l.Price < 0 || l.Price > taphoa.MoneyMax {
		return refusePurchase("price", "Giá nhập (price) của hàng hóa %s không được để trống và phải từ 0 đến %v", code, taphoa.MoneyMax)
	}
	ratio, discount := in.DiscountRatio.Or(0), in.Discount.Or(0)
	if !in.Discount.Has() && ratio != 0 {
		var err error
		if discount, err = l.Price.Share(ratio); err != nil {
			return purchaseTooLarge()
		}
	}
	if discount < 0 || discount > l.Price || ratio < 0 || ratio > taphoa.Ratio(100) {
		return refusePurchase("discount", "Giảm giá (discount, discountRatio) của hàng hóa %s phải từ 0 đến giá nhập %v", code, l.Price)
	}
	var err error
	if l.DiscountRatio, err = plan.LineRatio(l.Price, discount, in.Discount, in.DiscountRatio); err != nil {
		return purchaseTooLarge()
	}
	l.Discount = taphoa.Some(discount)
	moved, err := l.product.Quantities(l.Quantity)
	if err != nil {
		return err
	}
	l.base = moved[0].Quantity
	if err := p.readTax(l, in); err != nil {
		return err
	}
	return p.readSerials(l, in.SerialNumbers)
}

// readTax sets the tax of a line if the purchase order applies taxes.
func (p *purchaseDraft) readTax(l *purchaseLine, in *taphoa.PurchaseOrderDetailIn) error {
	field, id := "productTax.taxId", int64(0)
	switch {
	case in.ProductTax != nil:
		id = in.ProductTax.TaxID
	case len(in.Taxes) > 0:
		field, id = "purchaseOrderDetailTaxes.taxId", in.Taxes[0].TaxID
	}
	if !p.IsApplyPurchaseTax || id == 0 {
		return nil
	}
	tax, known := taphoa.TaxByID(id)
	if !known || (tax.Type == taphoa.TaxDirect) != p.direct() {
		return refusePurchase("taxId", "Thuế suất %d (%s) không tồn tại hoặc không thuộc phương pháp tính thuế của cửa hàng", id, field)
	}
	l.tax = taphoa.Some(tax)
	return nil
}

// direct reports whether the shop pays tax by the direct method.
func (p *purchaseDraft) direct() bool { return p.settings.PricingMode == taphoa.PricingDirect }

// readSerials sets the serials of a line, for a product with serials. A draft may have fewer than its quantity.
func (p *purchaseDraft) readSerials(l *purchaseLine, in []string) error {
	if !l.product.IsSerial {
		return nil
	}
	seen := map[string]bool{}
	for _, list := range in {
		for _, serial := range stockplan.SplitSerials(list) {
			if utf8.RuneCountInString(serial) > serialMax {
				return refusePurchase("serialNumbers", "Serial/IMEI %.20s… của hàng hóa %s dài quá %d ký tự (serialNumbers)", serial, l.ProductCode, serialMax)
			}
			if key := text.CodeKey(serial); seen[key] {
				return refusePurchase("serialNumbers", "Serial/IMEI %s của hàng hóa %s bị lặp lại (serialNumbers)", serial, l.ProductCode)
			}
			seen[text.CodeKey(serial)], l.serials = true, append(l.serials, serial)
		}
	}
	if p.Status == taphoa.PurchaseCompleted && l.base != taphoa.Units(int64(len(l.serials))) {
		return refusePurchase("serialNumbers", "Hàng hóa %s quản lý theo serial/IMEI: cần đúng %v số serial (serialNumbers), nhận được %d",
			l.ProductCode, l.base, len(l.serials))
	}
	l.SerialNumbers = taphoa.SomeIf(strings.Join(l.serials, ","))
	return nil
}

// resolveLots finds or creates the lots of the lines, ordered by product and name, so that ids do not depend on the order
// of lines. A line of a draft may have none.
func (p *purchaseDraft) resolveLots(tx *db.Tx, in []taphoa.PurchaseOrderDetailIn) error {
	var at []int
	for i, l := range p.lines {
		if l.product.IsBatch {
			at = append(at, i)
		}
	}
	named := func(i int) taphoa.PurchaseBatchInput {
		var b taphoa.PurchaseBatchInput
		if in[i].ProductBatchExpire != nil {
			b = *in[i].ProductBatchExpire
		}
		if in[i].ProductBatchExpireID.Or(0) != 0 {
			b.ID = in[i].ProductBatchExpireID
		}
		return b
	}
	slices.SortStableFunc(at, func(i, j int) int {
		return cmp.Or(cmp.Compare(p.lines[i].product.BaseID, p.lines[j].product.BaseID),
			cmp.Compare(named(i).BatchName.Or(""), named(j).BatchName.Or("")))
	})
	for _, i := range at {
		if err := p.resolveLot(tx, p.lines[i], named(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *purchaseDraft) resolveLot(tx *db.Tx, l *purchaseLine, in taphoa.PurchaseBatchInput) error {
	name := text.Clean(in.BatchName.Or(""))
	switch id := in.ID.Or(0); {
	case id != 0:
		found, err := stock.FindLots(tx, []int64{id})
		if err == nil && found[id].ProductID != l.product.BaseID {
			err = refusePurchase("productBatchExpireId", "Lô hàng %d (productBatchExpire) không thuộc hàng hóa %s", id, l.ProductCode)
		}
		l.BatchID = taphoa.Some(id)
		return err
	case name != "" && in.ExpireDate.Has():
		id, err := stock.ResolveLot(tx, l.product.BaseID, name, in.ExpireDate.Value.Day())
		l.BatchID = taphoa.Some(id)
		return err
	case name != "" || in.ExpireDate.Has() || p.Status == taphoa.PurchaseCompleted:
		return refusePurchase("productBatchExpire",
			"Hàng hóa %s quản lý theo lô, hạn sử dụng: cần tên lô (productBatchExpire.batchName) và hạn sử dụng (productBatchExpire.expireDate)", l.ProductCode)
	}
	return nil
}

// storedDetails returns the lines of a stored draft as a request would write them.
func storedDetails(rows []purchaseLineRow) []taphoa.PurchaseOrderDetailIn {
	details := make([]taphoa.PurchaseOrderDetailIn, len(rows))
	for i := range rows {
		d := &rows[i]
		details[i] = taphoa.PurchaseOrderDetailIn{
			ProductID: taphoa.Some(d.ProductID), Quantity: taphoa.Some(d.Quantity), Price: taphoa.Some(d.Price),
			Discount: d.Discount, DiscountRatio: d.DiscountRatio, Description: d.Description, ProductBatchExpireID: d.BatchID,
			SerialNumbers: []string{d.SerialNumbers.Or("")},
		}
		if d.TaxID.Has() {
			details[i].ProductTax = &taphoa.ProductTaxIn{TaxID: d.TaxID.Value}
		}
	}
	return details
}

// storedSurcharges returns the expenses of a stored draft as a request would write them.
func storedSurcharges(tx *db.Tx, id int64) ([]taphoa.PurchaseSurchargeIn, error) {
	rows, err := purchaseSurcharges(tx, id)
	surcharges := make([]taphoa.PurchaseSurchargeIn, len(rows))
	for i, s := range rows {
		surcharges[i] = taphoa.PurchaseSurchargeIn{
			Code: s.Code, Name: s.Name, Value: taphoa.Some(s.Value), ValueRatio: s.ValueRatio,
			IsSupplierExpense: taphoa.Some(s.IsSupplierExpense),
		}
	}
	return surcharges, err
}
