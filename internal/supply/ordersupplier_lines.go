package supply

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// price computes the order from the lines and expenses of the request, or the stored ones, as a purchase order would be.
func (w *supplierOrderDraft) price(tx *db.Tx) (err error) {
	o, in, p := &w.o, w.in, &w.purchase
	p.actor = tx.Actor()
	if len(in.Details) > linesMax || in.Details != nil && len(in.Details) == 0 {
		return refuse("orderSupplierDetails", "Danh sách hàng hóa (orderSupplierDetails) phải có từ 1 đến %d dòng", linesMax)
	}
	if p.settings, err = org.GetSettings(tx); err != nil {
		return err
	}
	o.IsApplyPurchaseTax = in.IsApplyPurchaseTax.Or(o.IsApplyPurchaseTax)
	p.Status, p.BranchID, p.IsApplyPurchaseTax = taphoa.PurchaseDraft, o.BranchID, o.IsApplyPurchaseTax
	p.Discount, p.DiscountRatio = o.Discount, o.DiscountRatio
	if in.Discount.Given() || in.DiscountRatio.Given() {
		p.Discount, p.DiscountRatio = in.Discount, in.DiscountRatio
	} else if p.DiscountRatio.Has() {
		p.Discount = taphoa.Opt[taphoa.Money]{} // computed again from the ratio
	}
	p.held = o.held()
	if err := p.readLines(tx, w.lines()); err != nil {
		return err
	}
	expenses, err := w.expenses(tx)
	if err != nil {
		return err
	}
	surcharges := make([]taphoa.PurchaseSurchargeIn, len(expenses))
	for i, e := range expenses {
		surcharges[i] = taphoa.PurchaseSurchargeIn{
			Name: e.Name, Value: e.Price, ValueRatio: e.ValueRatio, IsSupplierExpense: taphoa.Some(e.Form.Or(1) != 0),
		}
	}
	if err := p.computeTotals(surcharges); err != nil {
		return err
	}
	o.Discount, o.DiscountRatio, o.TotalTax, o.Total = p.Discount, p.DiscountRatio, p.TotalTax, p.Total
	o.ExReturnSuppliers, o.ExReturnThirdParty = p.ExReturnSuppliers, p.ExReturnThirdParty
	if err := w.writeDetails(tx); err != nil {
		return err
	}
	return w.writeExpenses(tx, expenses)
}

// lines returns the lines of the request, or without any the stored ones, as lines of a purchase order.
func (w *supplierOrderDraft) lines() []taphoa.PurchaseOrderDetailIn {
	var lines []taphoa.PurchaseOrderDetailIn
	for _, l := range w.in.Details {
		line := taphoa.PurchaseOrderDetailIn{
			ProductID: l.ProductID, ProductCode: l.ProductCode, Quantity: l.Quantity, Price: l.Price, Discount: l.Discount,
			DiscountRatio: l.DiscountRatio, Description: l.Description,
		}
		if len(l.Taxes) > 0 {
			line.ProductTax = &taphoa.ProductTaxIn{TaxID: l.Taxes[0].TaxID}
		}
		lines = append(lines, line)
	}
	if w.in.Details != nil {
		return lines
	}
	for _, l := range w.o.lines {
		line := taphoa.PurchaseOrderDetailIn{
			ProductID: taphoa.Some(l.ProductID), Quantity: taphoa.Some(l.Quantity), Price: taphoa.Some(l.Price),
			Discount: taphoa.Some(l.Discount), DiscountRatio: l.DiscountRatio, Description: l.Description,
		}
		if l.TaxID.Has() {
			line.ProductTax = &taphoa.ProductTaxIn{TaxID: l.TaxID.Value}
		}
		lines = append(lines, line)
	}
	return lines
}

// expenses returns the expenses of the request, or without any the stored ones.
func (w *supplierOrderDraft) expenses(tx *db.Tx) ([]taphoa.OrderSupplierExpenseInput, error) {
	if w.in.Expenses != nil || w.o.stored.ID == 0 {
		return w.in.Expenses, nil
	}
	rows, err := orderSupplierExpenses(tx, w.o.ID)
	stored := make([]taphoa.OrderSupplierExpenseInput, len(rows))
	for i, e := range rows {
		stored[i] = taphoa.OrderSupplierExpenseInput{
			Code: taphoa.Some(e.ExpensesOtherCode), Name: taphoa.Some(e.ExpensesOtherName), Form: taphoa.Some(e.Form),
			Price: taphoa.Some(e.Price), ValueRatio: e.ValueRatio, IsReturnAuto: taphoa.Some(e.IsReturnAuto),
		}
	}
	return stored, err
}

// writeDetails replaces the lines by those of the computed purchase order.
func (w *supplierOrderDraft) writeDetails(tx *db.Tx) (err error) {
	o := &w.o
	tx.Queue(`DELETE FROM order_supplier_lines WHERE retailer_id = :retailer AND order_supplier_id = ?`, o.ID)
	o.lines, o.TotalQuantity, o.SubTotal = nil, 0, 0
	products := map[int64]bool{}
	for i, l := range w.purchase.lines {
		if l.base > taphoa.QuantityMax || l.Quantity > taphoa.QuantityMax {
			return refuse("quantity", "Số lượng (quantity) của hàng hóa %s quá lớn", l.ProductCode)
		}
		d := orderSupplierLineRow{
			OrderSupplierDetail: taphoa.OrderSupplierDetail{
				OrderSupplierID: o.ID, ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName,
				Quantity: l.Quantity, Price: l.Price, Discount: l.Discount.Or(0), Allocation: l.Allocation,
				CreatedDate: tx.Now, Description: l.Description, OrderByNumber: int64(i + 1), AllocationSuppliers: l.AllocationSuppliers,
				AllocationThirdParty: l.AllocationThirdParty, SubTotal: l.SubTotal,
			},
			DiscountRatio: l.DiscountRatio, BaseID: l.product.BaseID, BaseQuantity: l.base, DetailTax: l.DetailTax,
		}
		if d.ID, err = tx.NewID("order_supplier_lines"); err != nil {
			return err
		}
		if l.tax.Has() {
			d.TaxID, d.TaxRowID = taphoa.Some(l.tax.Value.TaxID), taphoa.Some(d.ID)
		}
		products[d.ProductID] = true
		o.TotalQuantity += d.Quantity // at most linesMax bounded ones
		o.SubTotal += d.SubTotal      // computeTotals has checked the sum
		o.lines = append(o.lines, d)
	}
	db.Insert(tx, "order_supplier_lines", o.lines...)
	o.TotalProductType = int64(len(products))
	return nil
}

// writeExpenses replaces the expenses; their amounts are those of the computed purchase order.
func (w *supplierOrderDraft) writeExpenses(tx *db.Tx, in []taphoa.OrderSupplierExpenseInput) (err error) {
	o := &w.o
	tx.Queue(`DELETE FROM order_supplier_expenses WHERE retailer_id = :retailer AND order_supplier_id = ?`, o.ID)
	for i, s := range w.purchase.surcharges {
		e := orderSupplierExpenseRow{OrderSupplierExpense: taphoa.OrderSupplierExpense{
			OrderSupplierID: o.ID, ExpensesOtherRank: int64(i + 1), ExpensesOtherCode: text.Clean(in[i].Code.Or("")),
			ExpensesOtherName: text.Clean(in[i].Name.Or("")), Price: s.Value, IsReturnAuto: in[i].IsReturnAuto.Or(false),
			ExValue: taphoa.Some(s.Value), CreatedDate: tx.Now,
		}}
		if s.IsSupplierExpense {
			e.Form = 1
		}
		if s.ValueRatio.Has() {
			e.ExValue, e.IsRatio = taphoa.Some(taphoa.Money(s.ValueRatio.Value)), true
		}
		e.ExpensesOtherCode = cmp.Or(e.ExpensesOtherCode, e.ExpensesOtherName)
		e.ExpensesOtherName = cmp.Or(e.ExpensesOtherName, e.ExpensesOtherCode)
		if e.ExpensesOtherCode == "" {
			return refuse("expensesOtherName", "Chi phí nhập hàng ở dòng %d cần có tên (expensesOtherName) hoặc mã (expensesOtherCode)", i+1)
		}
		if e.ID, err = tx.NewID("order_supplier_expenses"); err != nil {
			return err
		}
		if e.ExpensesOtherID, err = expenseID(tx, e.ExpensesOtherCode, e.ID); err != nil {
			return err
		}
		e.CodeKey = text.CodeKey(e.ExpensesOtherCode)
		db.Insert(tx, "order_supplier_expenses", e) // one by one: expenseID looks for those before
	}
	return nil
}

// expenseID returns the id of a type of expense, by which lists are filtered: the id that the code has already, or newID.
func expenseID(tx *db.Tx, code string, newID int64) (int64, error) {
	id, found, err := db.One[int64](tx, `
		SELECT MIN(expenses_other_id) FROM order_supplier_expenses WHERE retailer_id = :retailer AND code_key = ?
		HAVING COUNT(*) > 0`, text.CodeKey(code))
	if !found {
		id = newID
	}
	return id, err
}
