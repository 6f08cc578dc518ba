package supply

import (
	"cmp"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// price reads lines and expenses, or takes the stored ones again, and works the order out as the purchase order made
// from it would be.
func (w *ordering) price(tx *db.Tx) (err error) {
	o, in, p := &w.o, w.in, &w.purchase
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
		p.Discount = taphoa.Opt[taphoa.Money]{} // works out anew from the ratio
	}
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
	if err := p.workOut(surcharges); err != nil {
		return err
	}
	o.Discount, o.DiscountRatio, o.TotalTax, o.Total = p.Discount, p.DiscountRatio, p.TotalTax, p.Total
	o.ExReturnSuppliers, o.ExReturnThirdParty = p.ExReturnSuppliers, p.ExReturnThirdParty
	if err := w.writeDetails(tx); err != nil {
		return err
	}
	return w.writeExpenses(tx, expenses)
}

// lines are what the request orders, or without lines in it what was ordered before, as lines of a purchase order.
func (w *ordering) lines() []taphoa.PurchaseOrderDetailIn {
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

// expenses are those of the request, or without any in it the stored ones.
func (w *ordering) expenses(tx *db.Tx) ([]taphoa.OrderSupplierExpenseInput, error) {
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

// writeDetails replaces the lines by those of the worked-out purchase order.
func (w *ordering) writeDetails(tx *db.Tx) (err error) {
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
		o.SubTotal += d.SubTotal      // whose sum workOut has found to fit
		o.lines = append(o.lines, d)
	}
	db.Insert(tx, "order_supplier_lines", o.lines...)
	o.TotalProductType = int64(len(products))
	return nil
}

// writeExpenses replaces the expenses; the worked-out purchase order has what they come to.
func (w *ordering) writeExpenses(tx *db.Tx, in []taphoa.OrderSupplierExpenseInput) (err error) {
	o := &w.o
	tx.Queue(`DELETE FROM order_supplier_expenses WHERE retailer_id = :retailer AND order_supplier_id = ?`, o.ID)
	for i, s := range w.purchase.surcharges {
		e := orderSupplierExpenseRow{OrderSupplierExpense: taphoa.OrderSupplierExpense{
			OrderSupplierID: o.ID, ExpensesOtherRank: int64(i + 1), ExpensesOtherCode: strings.TrimSpace(in[i].Code.Or("")),
			ExpensesOtherName: strings.TrimSpace(in[i].Name.Or("")), Price: s.Value, IsReturnAuto: in[i].IsReturnAuto.Or(false),
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
		e.CodeKey = codeKey(e.ExpensesOtherCode)
		db.Insert(tx, "order_supplier_expenses", e) // one by one: expenseID looks for those before
	}
	return nil
}

// expenseID is the id of a sort of expense, by which lists are filtered: the one that the code had before, or a new one.
func expenseID(tx *db.Tx, code string, fresh int64) (int64, error) {
	id, found, err := db.One[int64](tx, `
		SELECT MIN(expenses_other_id) FROM order_supplier_expenses WHERE retailer_id = :retailer AND code_key = ?
		HAVING COUNT(*) > 0`, codeKey(code))
	if !found {
		id = fresh
	}
	return id, err
}
