package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
	"github.com/taphoa/taphoa/internal/wire"
)

const (
	purchaseColumns = `d.id, d.retailer_id, d.code, d.branch_id, b.branch_name, d.purchase_date, d.discount, d.discount_ratio,
		d.total, d.total_payment, d.order_supplier_id, COALESCE(d.history_order_code, s.code) AS order_supplier_code, d.supplier_id, d.supplier_name, d.supplier_code, d.purchase_by_id,
		u.given_name AS purchase_name, d.total_tax, d.ex_return_suppliers, d.ex_return_third_party, d.status, d.description,
		d.is_apply_purchase_tax, d.created_date, d.modified_date,
		CASE WHEN d.supplier_id IS NULL THEN NULL ELSE 'S' END AS partner_type`
	purchaseJoins = `
		LEFT JOIN branches b ON b.retailer_id = :retailer AND b.id = d.branch_id
		LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = d.purchase_by_id
		LEFT JOIN order_suppliers s ON s.retailer_id = :retailer AND s.id = d.order_supplier_id`
)

var purchaseDocuments = cash.DocumentsOf("purchase").As("d")

var purchaseOrders = db.Orders{
	"code": db.Text("d.code_key"), "name": db.Text("d.code_key"), "branchid": db.Number("d.branch_id"),
	"branchname": db.Named("branches", "branch_name", "d.branch_id"), "purchasedate": db.Number("d.purchase_date"),
	"discount": db.Number("d.discount").OrNull(), "discountratio": db.Number("d.discount_ratio").OrNull(), "total": db.Number("d.total"),
	"totalpayment": db.Number("d.total_payment"), "ordersupplierid": db.Number("d.order_supplier_id").OrNull(),
	"ordersuppliercode": db.Named("order_suppliers", "code", "d.order_supplier_id"), "supplierid": db.Number("d.supplier_id").OrNull(),
	"suppliername": db.Text("d.supplier_name").OrNull(), "suppliercode": db.Text("d.supplier_code").OrNull(),
	"partnertype": db.Flag("d.supplier_id IS NOT NULL"), "purchasebyid": db.Number("d.purchase_by_id").OrNull(),
	"purchasename": db.Named("users", "given_name", "d.purchase_by_id"), "totaltax": db.Number("d.total_tax").OrNull(),
	"exreturnsuppliers": db.Number("d.ex_return_suppliers").OrNull(), "exreturnthirdparty": db.Number("d.ex_return_third_party").OrNull(),
	"status": db.Number("d.status"), "statusvalue": db.Labels("d.status", taphoa.PurchaseVoid, taphoa.PurchaseStatusValue),
	"description": db.Long("d.description"), "isapplypurchasetax": db.Flag("d.is_apply_purchase_tax"),
	"createddate": db.Number("d.created_date"), "modifieddate": db.Number("d.changed_at"),
}

// ListPurchaseOrders lists purchase orders with their lines (contract purchaseorders, listPurchaseOrders).
func ListPurchaseOrders(tx *db.Tx, in *taphoa.PurchaseOrderQuery) (taphoa.Page[taphoa.PurchaseOrder], error) {
	list := db.List{
		Table: "purchase_orders d", Columns: purchaseColumns, Joins: purchaseJoins,
		Orders: purchaseOrders, Documents: purchaseDocuments,
	}
	if err := filterPurchases(tx, &list, in); err != nil {
		return taphoa.Page[taphoa.PurchaseOrder]{}, err
	}
	page, err := db.ListPage[taphoa.PurchaseOrder](tx, &list, in.Paging)
	if err != nil {
		return page, err
	}
	if err := fillPurchases(tx, page.Data, in.IncludePayment); err != nil {
		return page, err
	}
	return page, hideAllocations(tx, page.Data)
}

func filterPurchases(tx *db.Tx, list *db.List, in *taphoa.PurchaseOrderQuery) error {
	suppliers := party.CodeKeys(in.SupplierCode)
	list.If(len(in.BranchIDs) > 0, "d.branch_id IN ?", in.BranchIDs).
		If(len(in.SupplierIDs) > 0, "d.supplier_id IN ?", in.SupplierIDs).
		If(len(suppliers) > 0, party.With("d.supplier_id", "suppliers", "code_key"), suppliers, suppliers).
		If(len(in.Status) > 0, "d.status IN ?", in.Status).
		If(len(in.TaxIDs) > 0, `d.id IN (
			SELECT l.purchase_order_id FROM purchase_order_lines l WHERE l.retailer_id = :retailer AND l.tax_id IN ?)`, in.TaxIDs).
		If(in.LastModifiedFrom.Has(), "d.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.ToDate.Has(), "d.changed_at <= ?", in.ToDate.Value).
		If(in.CreatedDate.Has(), "d.created_date >= ? AND d.changed_at >= ?", in.CreatedDate.Value, in.CreatedDate.Value). // changed_at has an index
		If(in.FromPurchaseDate.Has(), "d.purchase_date >= ?", in.FromPurchaseDate.Value).
		If(in.ToPurchaseDate.Has(), "d.purchase_date <= ?", in.ToPurchaseDate.Value)
	if key := text.CodeKey(in.Code.Or("")); key != "" { // an equal code, or else codes that contain it: programs use the first result
		which, args := tx.Found(purchaseDocuments, `d.code_key = ?`, key)
		_, exact, err := db.One[int64](tx, `SELECT d.id FROM purchase_orders d WHERE d.retailer_id = :retailer AND `+which, args...)
		if err != nil {
			return err
		}
		list.If(exact, "d.code_key = ?", key).If(!exact, `d.code_key LIKE ? ESCAPE '\'`, db.Containing(key))
	}
	return nil
}

// GetPurchaseOrder returns a purchase order with its lines, expenses and payments, or an error if there is no such purchase
// order (contract purchaseorders, getPurchaseOrder).
func GetPurchaseOrder(tx *db.Tx, in *taphoa.ByID) (*taphoa.PurchaseOrder, error) {
	which, args := tx.Found(purchaseDocuments, "d.id = ?", in.ID)
	return findPurchase(tx, which, args...)
}

// GetPurchaseOrderByCode is [GetPurchaseOrder] by code, in any letter case (contract purchaseorders,
// getPurchaseOrderByCode).
func GetPurchaseOrderByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.PurchaseOrder, error) {
	which, args := tx.Found(purchaseDocuments, "d.code_key = ?", text.CodeKey(in.Code))
	return findPurchase(tx, which, args...)
}

// findPurchase is how a purchase order is shown, to who has just written it, too.
func findPurchase(tx *db.Tx, which string, args ...any) (*taphoa.PurchaseOrder, error) {
	rows, err := db.All[taphoa.PurchaseOrder](tx,
		"SELECT "+purchaseColumns+" FROM purchase_orders d "+purchaseJoins+" WHERE d.retailer_id = :retailer AND "+which+" ORDER BY d.id", args...)
	if err == nil && len(rows) == 0 {
		err = unknownPurchase()
	}
	if err != nil {
		return nil, err
	}
	if err := fillPurchases(tx, rows, true); err != nil {
		return nil, err
	}
	return &rows[0], hideAllocations(tx, rows)
}

// hideAllocations takes ids and codes from what settles purchases where the actor does not find it: see [cash.Seen].
func hideAllocations(tx *db.Tx, orders []taphoa.PurchaseOrder) error {
	var refs []cash.DocumentRef
	for i := range orders {
		for _, a := range orders[i].Allocations {
			refs = append(refs, cashplan.Ref(a.Document, a.ID))
		}
	}
	seen, err := cash.Seen(tx, refs)
	if err != nil {
		return err
	}
	for i := range orders {
		for j := range orders[i].Allocations {
			if a := &orders[i].Allocations[j]; !seen(cashplan.Ref(a.Document, a.ID)) {
				a.ID, a.Code = 0, ""
			}
		}
	}
	return nil
}

// fillPurchases adds lines, expenses, payments and allocations to the purchase orders of a page, one query for each.
func fillPurchases(tx *db.Tx, orders []taphoa.PurchaseOrder, payments bool) error {
	if len(orders) == 0 {
		return nil
	}
	ids := make([]int64, len(orders))
	byID := make(map[int64]*taphoa.PurchaseOrder, len(orders))
	for i := range orders {
		o := &orders[i]
		ids[i], byID[o.ID] = o.ID, o
		o.StatusValue = taphoa.PurchaseStatusValue(o.Status)
	}
	if err := fillPurchaseLines(tx, ids, byID); err != nil {
		return err
	}
	surcharges, err := purchaseSurcharges(tx, ids...)
	if err != nil {
		return err
	}
	for _, s := range surcharges {
		o := byID[s.PurchaseOrderID]
		o.Surcharges = append(o.Surcharges, s.PurchaseSurcharge)
	}
	if !payments {
		return nil
	}
	ledger, err := askMoney(tx, cash.Question{Purchases: ids})
	if err != nil {
		return err
	}
	var unpaid []int64
	for i := range orders {
		o := &orders[i]
		o.Payments, o.Allocations = shownPayments(ledger, o), ledger.ShownAllocations(purchaseRef(o.ID))
		if len(o.Payments) == 0 && len(o.Allocations) == 0 {
			unpaid = append(unpaid, o.ID)
		}
	}
	return fillHistory(tx, unpaid, byID)
}

// fillHistory adds the payments of purchase orders that are history, which are in no ledger.
func fillHistory(tx *db.Tx, ids []int64, byID map[int64]*taphoa.PurchaseOrder) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.Each(func(row db.Row) error {
		return wire.DecodeResponse([]byte(row.Text(1)), &byID[row.Int64(0)].Payments)
	}, `SELECT id, history_payments FROM purchase_orders WHERE retailer_id = :retailer AND id IN ? AND history_payments IS NOT NULL ORDER BY id`, ids)
}

func fillPurchaseLines(tx *db.Tx, ids []int64, byID map[int64]*taphoa.PurchaseOrder) error {
	details, err := purchaseLines(tx, ids...)
	if err != nil {
		return err
	}
	var named []int64
	for i := range details {
		if details[i].BatchID.Has() {
			named = append(named, details[i].BatchID.Value)
		}
	}
	lots, err := stock.FindLots(tx, named)
	if err != nil {
		return err
	}
	for _, d := range details {
		if b, found := lots[d.BatchID.Or(0)]; found {
			d.ProductBatchExpire = &taphoa.InvoiceBatch{
				ID: b.ID, ProductID: b.ProductID, BatchName: b.BatchName, FullNameVirgule: b.FullName(),
				CreatedDate: b.CreatedDate, ExpireDate: b.ExpireDate,
			}
		}
		if d.TaxID.Has() {
			d.PurchaseOrderDetailTaxes = []taphoa.PurchaseOrderDetailTax{{
				ID: d.TaxRowID.Value, DetailID: d.ID, RetailerID: tx.Retailer, TaxID: d.TaxID.Value, DetailTax: d.DetailTax,
			}}
		}
		o := byID[d.PurchaseOrderID]
		o.PurchaseOrderDetails = append(o.PurchaseOrderDetails, d.PurchaseOrderDetail)
	}
	return nil
}
