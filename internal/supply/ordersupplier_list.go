package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const orderSupplierColumns = `d.id, d.code, d.order_date, d.branch_id, d.retailer_id, d.user_id, d.description, d.status,
	d.discount_ratio, d.discount, d.created_date, d.created_by, d.total_tax, d.ex_return_suppliers, d.ex_return_third_party,
	d.total_quantity, d.total_product_type, d.sub_total, d.total, -COALESCE(m.balance, 0) AS supplier_debt, d.supplier_old_debt,
	d.supplier_id, d.supplier_code, d.supplier_name`

const orderSupplierJoins = `
	LEFT JOIN cash_balances m ON m.retailer_id = :retailer AND m.account_type = 'S' AND m.account_id = d.supplier_id`

var orderSupplierDocuments = cash.DocumentsOf("ordersupplier").As("d")

var orderSupplierOrders = db.Orders{
	"code": db.Text("d.code_key"), "name": db.Text("d.code_key"), "invoiceid": received("MIN(x.id)"), "orderdate": db.Number("d.order_date"),
	"branchid": db.Number("d.branch_id"), "userid": db.Number("d.user_id"), "description": db.Long("d.description"),
	"status": db.Number("d.status"), "statusvalue": db.Labels("d.status", taphoa.OrderSupplierVoided, taphoa.OrderSupplierStatusValue),
	"discountratio": db.Number("d.discount_ratio").OrNull(), "discount": db.Number("d.discount").OrNull(),
	"productqty": db.Number("d.total_quantity"), "totalqty": db.Number("d.total_quantity"), "totalquantity": db.Number("d.total_quantity"),
	"totalproducttype": db.Number("d.total_product_type"), "createdby": db.Number("d.created_by"),
	"totaltax": db.Number("d.total_tax").OrNull(), "exreturnsuppliers": db.Number("d.ex_return_suppliers").OrNull(),
	"exreturnthirdparty": db.Number("d.ex_return_third_party").OrNull(), "total": db.Number("d.total"), "totalamt": db.Number("d.total"),
	"subtotal": db.Number("d.sub_total"), "paidamount": received("CAST(COALESCE(SUM(x.total_payment), 0) AS BIGINT)"),
	"tocomplete": db.Flag("d.status = 3"), "supplierdebt": db.Number(`COALESCE((SELECT -x.balance FROM cash_balances x
		WHERE x.retailer_id = :retailer AND x.account_type = 'S' AND x.account_id = d.supplier_id), 0)`),
	"supplierolddebt": db.Number("d.supplier_old_debt"), "supplierid": db.Number("d.supplier_id").OrNull(),
	"suppliercode": db.Text("d.supplier_code").OrNull(), "suppliername": db.Text("d.supplier_name").OrNull(),
	"purchaseordercodes": db.Text("(SELECT string_agg(x.code, ',' ORDER BY x.id)" + fromReceived + ")").OrNull(),
	"createddate":        db.Number("d.created_date"), "modifieddate": db.Number("d.changed_at"),
}

// fromReceived selects the purchase orders of an order that are not void.
const fromReceived = ` FROM purchase_orders x WHERE x.retailer_id = :retailer AND x.order_supplier_id = d.id AND x.status <> 4`

func received(expression string) db.Order {
	return db.Number("(SELECT " + expression + fromReceived + ")").OrNull()
}

// ListOrderSuppliers lists orders to suppliers with their lines (contract ordersuppliers, listOrderSuppliers).
func ListOrderSuppliers(tx *db.Tx, in *taphoa.OrderSupplierQuery) (taphoa.Page[taphoa.OrderSupplier], error) {
	list := &db.List{
		Table: "order_suppliers d", Columns: orderSupplierColumns, Joins: orderSupplierJoins,
		Orders: orderSupplierOrders, Documents: orderSupplierDocuments,
	}
	statuses := in.Statuses()
	list.If(in.BranchID.Or(0) != 0, "d.branch_id = ?", in.BranchID.Value).
		If(len(statuses) > 0, "d.status IN ?", statuses).
		If(in.CodeKey.Or("") != "", `d.code_key LIKE ? ESCAPE '\'`, db.Containing(text.CodeKey(in.CodeKey.Value))).
		If(in.DescriptionKey.Or("") != "", `d.description_search LIKE ? ESCAPE '\'`, db.Contains(in.DescriptionKey.Value)).
		If(in.ProductKey.Or("") != "", `d.id IN (
			SELECT l.order_supplier_id FROM order_supplier_lines l
			JOIN products p ON p.retailer_id = :retailer AND p.id = l.product_id
			WHERE l.retailer_id = :retailer AND p.search LIKE ? ESCAPE '\')`, db.Contains(in.ProductKey.Value)).
		If(in.SupplierKey.Or("") != "", `d.supplier_id IN (
			SELECT s.id FROM suppliers s WHERE s.retailer_id = :retailer AND (s.code_key LIKE ? ESCAPE '\' OR s.search LIKE ? ESCAPE '\'))`,
			db.Containing(text.CodeKey(in.SupplierKey.Value)), db.Contains(in.SupplierKey.Value)).
		If(in.UserKey.Or("") != "", `d.user_id IN (
			SELECT u.id FROM users u WHERE u.retailer_id = :retailer AND u.search LIKE ? ESCAPE '\')`, db.Contains(in.UserKey.Value)).
		If(in.CreatorKey.Or("") != "", `d.created_by IN (
			SELECT u.id FROM users u WHERE u.retailer_id = :retailer AND u.search LIKE ? ESCAPE '\')`, db.Contains(in.CreatorKey.Value)).
		If(in.PurchaseOrderCode.Or("") != "", `d.id IN (
			SELECT o.order_supplier_id FROM purchase_orders o WHERE o.retailer_id = :retailer AND o.code_key = ?)`,
			text.CodeKey(in.PurchaseOrderCode.Value))
	list.If(len(in.ExpensesOthersIDs) > 0, `d.id IN (
		SELECT e.order_supplier_id FROM order_supplier_expenses e WHERE e.retailer_id = :retailer AND e.expenses_other_id IN ?)`,
		in.ExpensesOthersIDs)
	page, err := db.ListPage[taphoa.OrderSupplier](tx, list, in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillOrderSuppliers(tx, page.Data)
}

// GetOrderSupplier returns an order to a supplier (contract ordersuppliers, getOrderSupplier), or an error if there is no
// such order.
func GetOrderSupplier(tx *db.Tx, in *taphoa.ByID) (*taphoa.OrderSupplierAnswer, error) {
	which, args := tx.Found(orderSupplierDocuments, "d.id = ?", in.ID)
	return orderSupplierAnswer(tx, which, args...)
}

// GetOrderSupplierByCode is [GetOrderSupplier] by code, in any letter case. The vendor's API has no such operation.
func GetOrderSupplierByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.OrderSupplierAnswer, error) {
	which, args := tx.Found(orderSupplierDocuments, "d.code_key = ?", text.CodeKey(in.Code))
	return orderSupplierAnswer(tx, which, args...)
}

// orderSupplierAnswer is how an order is shown, to who has just written it, too.
func orderSupplierAnswer(tx *db.Tx, which string, args ...any) (*taphoa.OrderSupplierAnswer, error) {
	o, err := findOrderSupplier(tx, which, args...)
	if err != nil {
		return nil, err
	}
	at, err := tx.LastChange()
	return &taphoa.OrderSupplierAnswer{
		Total: 1, PageSize: taphoa.PageSizeDefault, Data: []taphoa.OrderSupplier{*o}, OrderSupplierHead: o.OrderSupplierHead,
		Timestamp: at,
	}, err
}

func findOrderSupplier(tx *db.Tx, which string, args ...any) (*taphoa.OrderSupplier, error) {
	rows, err := db.All[taphoa.OrderSupplier](tx,
		"SELECT "+orderSupplierColumns+" FROM order_suppliers d "+orderSupplierJoins+" WHERE d.retailer_id = :retailer AND "+which+" ORDER BY d.id", args...)
	if err == nil && len(rows) == 0 {
		err = unknownOrderSupplier()
	}
	if err != nil {
		return nil, err
	}
	return &rows[0], fillOrderSuppliers(tx, rows)
}

func unknownOrderSupplier() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Phiếu đặt hàng nhập không tồn tại")
}

// fillOrderSuppliers adds lines, expenses and purchase orders to the orders of a page, one query for each kind.
func fillOrderSuppliers(tx *db.Tx, orders []taphoa.OrderSupplier) error {
	if len(orders) == 0 {
		return nil
	}
	ids := make([]int64, len(orders))
	byID := make(map[int64]*taphoa.OrderSupplier, len(orders))
	actor := tx.Actor()
	priced := !actor.Own.Hides("purchase")
	for i := range orders {
		o := &orders[i]
		ids[i], byID[o.ID] = o.ID, o
		o.StatusValue, o.ToComplete, o.ViewPrice = taphoa.OrderSupplierStatusValue(o.Status), o.Status == taphoa.OrderSupplierCompleted, priced
		o.ProductQty, o.TotalQty, o.TotalAmt = o.TotalQuantity, o.TotalQuantity, o.Total
	}
	details, err := orderSupplierLines(tx, ids...)
	if err != nil {
		return err
	}
	for _, d := range details {
		o := byID[d.OrderSupplierID]
		if d.OrderSupplierCode = o.Code; d.TaxID.Has() {
			d.Taxes = []taphoa.OrderSupplierDetailTax{{ID: d.TaxRowID.Value, DetailID: d.ID, TaxID: d.TaxID.Value, DetailTax: d.DetailTax}}
		}
		o.Details = append(o.Details, d.OrderSupplierDetail)
	}
	expenses, err := orderSupplierExpenses(tx, ids...)
	if err != nil {
		return err
	}
	for _, e := range expenses {
		o := byID[e.OrderSupplierID]
		o.Expenses = append(o.Expenses, e.OrderSupplierExpense)
	}
	return fillReceived(tx, ids, byID)
}

// fillReceived adds to orders their purchase orders that are not void.
func fillReceived(tx *db.Tx, ids []int64, byID map[int64]*taphoa.OrderSupplier) error {
	type made struct {
		OrderSupplierID, ID int64
		Code                string
		TotalPayment        taphoa.Money
	}
	rows, err := db.All[made](tx, `
		SELECT order_supplier_id, id, code, total_payment FROM purchase_orders
		WHERE retailer_id = :retailer AND order_supplier_id IN ? AND status <> ? ORDER BY id`, ids, taphoa.PurchaseVoid)
	for _, r := range rows {
		o := byID[r.OrderSupplierID]
		o.PaidAmount += r.TotalPayment // amounts are bounded, and so are the purchase orders of one order
		if !o.InvoiceID.Has() {
			o.InvoiceID, o.PurchaseOrderCodes = taphoa.Some(r.ID), taphoa.Some(r.Code)
		} else {
			o.PurchaseOrderCodes.Value += "," + r.Code
		}
	}
	return err
}
