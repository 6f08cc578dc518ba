package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/text"
)

var returnColumns = db.Columns[plan.ReturnRow]("d")

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
	var err error
	if in.CustomerIDs, err = cash.CustomersNow(tx, in.CustomerIDs...); err != nil {
		return taphoa.Page[taphoa.Return]{}, err
	}
	list := db.List{
		Table: "returns d", Columns: returnColumns, Orders: ordersBut(tx, returnOrders, invoiceDocuments, "invoiceid"), Documents: returnDocuments,
	}
	codes := party.CodeKeys(in.CustomerCode)
	list.If(len(in.BranchIDs) > 0, "d.branch_id IN ?", in.BranchIDs).
		If(len(codes) > 0, party.With("d.customer_id", "customers", "code_key"), codes, codes).
		If(len(in.CustomerIDs) > 0, "d.customer_id IN ?", in.CustomerIDs).
		If(len(in.SoldByIDs) > 0, "d.sold_by_id IN ?", in.SoldByIDs).
		If(len(in.ProductIDs) > 0, withProducts("returns"), in.ProductIDs).
		If(len(in.Status) > 0, "d.status IN ?", in.Status).
		If(in.LastModifiedFrom.Has(), "d.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.CreatedDate.Has(), "d.created_date >= ? AND d.changed_at >= ?", in.CreatedDate.Value, in.CreatedDate.Value).
		If(in.FromReturnDate.Has(), "d.return_date >= ?", in.FromReturnDate.Value.Day()). // by calendar day, the last one included
		If(in.ToReturnDate.Has(), "d.return_date < ?", in.ToReturnDate.Value.Day()+24*3600*1_000_000)
	page, err := db.ListPage[plan.ReturnRow](tx, &list, in.Paging)
	return showPage(tx, page, err, othersOfReturn, func(rows []plan.ReturnRow) ([]taphoa.Return, error) {
		return showReturns(tx, rows, plan.Includes{Payments: in.IncludePayment})
	})
}

// GetReturn returns one return with its payments, or says that it does not exist.
func GetReturn(tx *db.Tx, in *taphoa.ByID) (*taphoa.Return, error) {
	return findReturn(tx, "d.id = ?", in.ID)
}

// GetReturnByCode returns one return by its code, in any letter case.
func GetReturnByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Return, error) {
	return findReturn(tx, "d.code_key = ?", text.CodeKey(in.Code))
}

func findReturn(tx *db.Tx, which string, arg any) (*taphoa.Return, error) {
	sql, args := tx.Found(returnDocuments, "SELECT "+returnColumns+" FROM returns d WHERE d.retailer_id = :retailer AND "+which, arg)
	rows, err := db.All[plan.ReturnRow](tx, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeInvoice, "Phiếu trả hàng không tồn tại")
	}
	returns, err := showReturns(tx, rows, plan.Everything)
	if err == nil {
		err = hideOthers(tx, returns, othersOfReturn)
	}
	if err != nil {
		return nil, err
	}
	return &returns[0], nil
}

// showReturns shows the returns of a page, whose parts it asks for in one batch.
func showReturns(tx *db.Tx, rows []plan.ReturnRow, in plan.Includes) ([]taphoa.Return, error) {
	directory, err := org.GetDirectory(tx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids, page := make([]int64, len(rows)), make([]header, len(rows))
	for i, r := range rows {
		ids[i], page[i] = r.ID, header{id: r.ID, hasTaxes: r.HasTaxes, history: r.History}
	}
	b := tx.Batch()
	lines := db.Want[plan.ReturnLineRow](b, `
		SELECT `+db.Columns[plan.ReturnLineRow]("l")+` FROM return_lines l
		WHERE l.retailer_id = :retailer AND l.return_id IN ? ORDER BY l.return_id, l.line`, ids)
	asked := askPageParts(tx, b, &plan.KindReturn, page, in, cash.Question{Returns: ids})
	if err := b.Run(); err != nil {
		return nil, err
	}
	parts, err := asked()
	if err != nil {
		return nil, err
	}
	linesOf := byDocument(lines.All(), func(l *plan.ReturnLineRow) int64 { return l.ReturnID })
	view, returns := plan.View{Retailer: tx.Retailer, Directory: directory}, make([]taphoa.Return, len(rows))
	for i, r := range rows {
		returns[i] = *view.Return(&plan.Return{Row: r, Lines: linesOf[r.ID], Taxes: parts.taxes[r.ID]}, parts.settled[r.ID], in)
	}
	return returns, nil
}
