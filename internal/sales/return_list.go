package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	returnColumns = `d.id, d.code, d.invoice_id, d.return_date, d.branch_id, b.branch_name, d.received_by_id,
		d.sold_by_id, u.given_name AS sold_by_name, d.customer_id, d.customer_code, d.customer_name, d.return_total, d.return_discount,
		d.return_fee, d.total_payment, d.status, d.created_date, d.modified_date, d.total_tax, d.pricing_mode,
		d.discount_after_tax, d.retailer_id, d.description, d.has_taxes, d.points, d.stock_step, d.cash_step`
	returnJoins = `
		LEFT JOIN branches b ON b.retailer_id = :retailer AND b.id = d.branch_id
		LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = d.sold_by_id`
)

var returnOrders = db.Orders{
	"code": db.Text("d.code_key"), "name": db.Text("d.code_key"), "invoiceid": db.Number("d.invoice_id").OrNull(),
	"returndate": db.Number("d.return_date"), "branchid": db.Number("d.branch_id"),
	"branchname": db.Named("branches", "branch_name", "d.branch_id"), "receivedbyid": db.Number("d.received_by_id"),
	"soldbyname": db.Named("users", "given_name", "d.sold_by_id"), "customerid": db.Number("d.customer_id").OrNull(),
	"customercode": db.Text("d.customer_code").OrNull(), "customername": db.Text("d.customer_name").OrNull(),
	"returntotal": db.Number("d.return_total"), "returndiscount": db.Number("d.return_discount").OrNull(),
	"returnfee": db.Number("d.return_fee"), "totalpayment": db.Number("d.total_payment"), "status": db.Number("d.status"),
	"statusvalue": db.Labels("d.status", taphoa.ReturnVoid, taphoa.ReturnStatusValue),
	"createddate": db.Number("d.created_date"), "modifieddate": db.Number("d.changed_at"),
	"totaltax": db.Number("d.total_tax").OrNull(), "pricingmode": db.Number("d.pricing_mode").OrNull(),
	"discountaftertax": db.Number("d.discount_after_tax").OrNull(), "description": db.Long("d.description"),
}

// ListReturns lists returns with their lines (contract returns, listReturns).
func ListReturns(tx *db.Tx, in *taphoa.ReturnQuery) (taphoa.Page[taphoa.Return], error) {
	list := db.List{
		Table: "returns d", Columns: returnColumns, Joins: returnJoins,
		Orders: returnOrders,
	}
	list.If(len(in.BranchIDs) > 0, "d.branch_id IN ?", in.BranchIDs).
		If(in.LastModifiedFrom.Has(), "d.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.CreatedDate.Has(), "d.created_date >= ? AND d.changed_at >= ?", in.CreatedDate.Value, in.CreatedDate.Value).
		If(in.FromReturnDate.Has(), "d.return_date >= ?", in.FromReturnDate.Value.Day()). // by calendar day, the last one included
		If(in.ToReturnDate.Has(), "d.return_date < ?", in.ToReturnDate.Value.Day()+24*3600*1_000_000)
	page, err := db.ListPage[taphoa.Return](tx, &list, in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillReturns(tx, page.Data, in.IncludePayment)
}

// GetReturn answers one return with its payments, or says that it does not exist.
func GetReturn(tx *db.Tx, in *taphoa.ByID) (*taphoa.Return, error) {
	return findReturn(tx, "d.id = ?", in.ID)
}

// GetReturnByCode answers one return by its code, in any letter case.
func GetReturnByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Return, error) {
	return findReturn(tx, "d.code_key = ?", codeKey(in.Code))
}

func findReturn(tx *db.Tx, which string, arg any) (*taphoa.Return, error) {
	rows, err := db.All[taphoa.Return](tx,
		"SELECT "+returnColumns+" FROM returns d "+returnJoins+" WHERE d.retailer_id = :retailer AND "+which, arg)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeInvoice, "Phiếu trả hàng không tồn tại")
	}
	return &rows[0], fillReturns(tx, rows, true)
}

// fillReturns adds lines and payments to the returns of a page, one query for each kind.
func fillReturns(tx *db.Tx, returns []taphoa.Return, withPayments bool) error {
	if len(returns) == 0 {
		return nil
	}
	ids := make([]int64, len(returns))
	byID := make(map[int64]*taphoa.Return, len(returns))
	for i := range returns {
		r := &returns[i]
		ids[i], byID[r.ID] = r.ID, r
		r.StatusValue = taphoa.ReturnStatusValue(r.Status)
	}
	details, err := db.All[taphoa.ReturnDetail](tx, `
		SELECT return_id, line, id, invoice_detail_id, product_id, product_code, product_name, quantity, price, note, use_point,
			sub_total, allocation_discount, serial_numbers
		FROM return_lines WHERE retailer_id = :retailer AND return_id IN ? ORDER BY return_id, line`, ids)
	if err != nil {
		return err
	}
	taxes, err := returnRules.loadTaxes(tx, idsOf(returns, func(r *taphoa.Return) (int64, bool) { return r.ID, r.HasTaxes }))
	if err != nil {
		return err
	}
	for _, d := range details {
		r := byID[d.ReturnID]
		for _, t := range taxes[[2]int64{d.ReturnID, d.LineNumber}] {
			tax, _ := taphoa.TaxByID(t.TaxID)
			d.ReturnDetailTaxs = append(d.ReturnDetailTaxs, taphoa.ReturnDetailTax{
				ID: t.ID, DetailID: t.DetailID, RetailerID: r.RetailerID, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
				TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
			})
		}
		r.ReturnDetails = append(r.ReturnDetails, d)
	}
	if !withPayments {
		return nil
	}
	payments, err := cash.ReturnPayments(tx, ids)
	for _, r := range byID {
		r.Payments = []taphoa.Payment{}
	}
	for _, p := range payments {
		r := byID[p.ReturnID.Value]
		r.Payments = append(r.Payments, p)
	}
	return err
}
