package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
)

const invoiceColumns = `d.id, d.uuid, d.code, d.order_id, d.order_code, d.purchase_date, d.branch_id, b.branch_name, d.sold_by_id,
	u.given_name AS sold_by_name, d.customer_id, d.customer_code, d.customer_name, d.total, d.total_payment, d.discount_ratio,
	d.discount, d.discount_after_tax, d.pricing_mode, d.total_tax, d.has_taxes, d.has_surcharges, d.method, d.status, d.description, d.using_cod,
	d.retailer_id, d.modified_date, d.created_date, d.sale_channel_id, c.name AS sale_channel_name, d.price_book_id, d.points, d.stock_step,
	d.cash_step, d.goods_returned, d.cod_collected`

var invoiceOrders = documentOrders.With(db.Orders{
	"uuid": db.Text("d.uuid"), "orderid": db.Number("d.order_id").OrNull(), "ordercode": db.Text("d.order_code").OrNull(),
	"statusvalue": db.Labels("d.status", taphoa.InvoiceUndeliverable, taphoa.InvoiceStatusValue),
})

// ListInvoices lists invoices with their lines (contract invoices, listInvoices).
func ListInvoices(tx *db.Tx, in *taphoa.InvoiceQuery) (taphoa.Page[taphoa.Invoice], error) {
	if in.IncludeInvoiceDelivery {
		directory, err := org.GetDirectory(tx)
		if err == nil {
			err = plan.KindInvoice.CheckDeliveries(&directory.Settings)
		}
		if err != nil {
			return taphoa.Page[taphoa.Invoice]{}, err
		}
	}
	q := documents{
		orders: invoiceOrders, branchIDs: in.BranchIDs, customerIDs: in.CustomerIDs, customerCode: in.CustomerCode, customerPhone: in.CustomerPhone,
		status: in.Status, changedFrom: in.LastModifiedFrom, changedTo: in.ToDate, created: in.CreatedDate,
		bought: in.FromPurchaseDate, until: in.ToPurchaseDate,
	}
	list := q.list("invoices", invoiceColumns)
	list.If(in.OrderID.Or(0) != 0, "d.order_id = ?", in.OrderID.Value)
	page, err := db.ListPage[taphoa.Invoice](tx, list, in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillInvoices(tx, page.Data, parts{in.IncludePayment, in.IncludeInvoiceDelivery, in.SaleChannel, true})
}

// GetInvoice answers one invoice with all its parts, or says that it does not exist.
func GetInvoice(tx *db.Tx, in *taphoa.ByID) (*taphoa.Invoice, error) {
	return findInvoice(tx, "d.id = ?", in.ID)
}

// GetInvoiceByCode answers one invoice by its code, in any letter case.
func GetInvoiceByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Invoice, error) {
	return findInvoice(tx, "d.code_key = ?", codeKey(in.Code))
}

func findInvoice(tx *db.Tx, which string, arg any) (*taphoa.Invoice, error) {
	list := (&documents{}).list("invoices", invoiceColumns)
	rows, err := db.All[taphoa.Invoice](tx,
		"SELECT "+invoiceColumns+" FROM invoices d "+list.Joins+" WHERE d.retailer_id = :retailer AND "+which, arg)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn không tồn tại")
	}
	if err := fillInvoices(tx, rows, allParts); err != nil {
		return nil, err
	}
	if v := &rows[0]; v.InvoiceDelivery != nil {
		v.InvoiceDelivery.SaleChannel = v.SaleChannel // where the documents print it for the detail
	}
	return &rows[0], nil
}

// fillInvoices adds lines and parts to the invoices of a page, one query for each kind.
func fillInvoices(tx *db.Tx, invoices []taphoa.Invoice, p parts) error {
	if len(invoices) == 0 {
		return nil
	}
	ids := make([]int64, len(invoices))
	byID := make(map[int64]*taphoa.Invoice, len(invoices))
	for i := range invoices {
		v := &invoices[i]
		ids[i], byID[v.ID] = v.ID, v
		v.StatusValue = taphoa.InvoiceStatusValue(v.Status)
	}
	details, err := db.All[taphoa.InvoiceDetail](tx, `
		SELECT l.invoice_id, l.line, l.id, l.product_id, l.product_code, l.product_name, p.category_id, g.category_name,
			t.trade_mark_name, l.quantity, l.price, l.discount, l.discount_ratio, l.allocation_discount, l.sub_total, l.note,
			l.serial_numbers, l.batch_id, l.return_quantity, p.is_reward_point
		FROM invoice_lines l
		LEFT JOIN products p ON p.retailer_id = :retailer AND p.id = l.product_id
		LEFT JOIN categories g ON g.retailer_id = :retailer AND g.id = p.category_id
		LEFT JOIN trademarks t ON t.retailer_id = :retailer AND t.id = p.trade_mark_id
		WHERE l.retailer_id = :retailer AND l.invoice_id IN ? ORDER BY l.invoice_id, l.line`, ids)
	if err != nil {
		return err
	}
	batches, err := lineBatches(tx, details)
	if err != nil {
		return err
	}
	taxes, err := invoiceRules.loadTaxes(tx, idsOf(invoices, func(v *taphoa.Invoice) (int64, bool) { return v.ID, v.HasTaxes }))
	if err != nil {
		return err
	}
	for _, d := range details {
		v := byID[d.InvoiceID]
		for _, t := range taxes[[2]int64{d.InvoiceID, d.Line}] {
			tax, _ := taphoa.TaxByID(t.TaxID)
			d.InvoiceDetailTaxs = append(d.InvoiceDetailTaxs, taphoa.InvoiceDetailTax{
				ID: t.ID, DetailID: t.DetailID, DetailTax: t.DetailTax, TaxID: t.TaxID, Name: tax.TaxName, Value: tax.Value,
				PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
				DiscountByPromotionAfterTax: taphoa.Some[taphoa.Money](0), AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
			})
		}
		if b, ok := batches[d.BatchID.Or(0)]; ok {
			d.ProductBatchExpire = &taphoa.InvoiceBatch{
				ID: b.ID, ProductID: b.ProductID, BatchName: b.BatchName, FullNameVirgule: b.FullName(),
				CreatedDate: b.CreatedDate, ExpireDate: b.ExpireDate,
			}
		}
		v.InvoiceDetails = append(v.InvoiceDetails, d)
	}
	return fillInvoiceParts(tx, invoices, ids, byID, p)
}

func lineBatches(tx *db.Tx, details []taphoa.InvoiceDetail) (map[int64]stock.Batch, error) {
	var ids []int64
	for _, d := range details {
		if d.BatchID.Has() {
			ids = append(ids, d.BatchID.Value)
		}
	}
	return stock.FindBatches(tx, ids)
}

func fillInvoiceParts(tx *db.Tx, invoices []taphoa.Invoice, ids []int64, byID map[int64]*taphoa.Invoice, p parts) error {
	if p.payments {
		payments, err := cash.InvoicePayments(tx, ids)
		if err != nil {
			return err
		}
		for _, v := range byID {
			v.Payments = []taphoa.Payment{}
		}
		for _, pay := range payments {
			v := byID[pay.InvoiceID.Value]
			v.Payments = append(v.Payments, pay)
		}
	}
	if p.delivery {
		deliveries, err := invoiceRules.loadDeliveries(tx, idsOf(invoices, func(v *taphoa.Invoice) (int64, bool) { return v.ID, v.UsingCod }))
		if err != nil {
			return err
		}
		for id, d := range deliveries {
			byID[id].InvoiceDelivery = d
		}
	}
	if p.surcharges {
		surcharges, err := invoiceRules.loadSurcharges(tx, idsOf(invoices, func(v *taphoa.Invoice) (int64, bool) { return v.ID, v.HasSurcharges }))
		if err != nil {
			return err
		}
		for id, v := range byID {
			v.InvoiceOrderSurcharges = append([]taphoa.DocumentSurcharge{}, surcharges[id]...)
		}
	}
	if p.channel {
		directory, err := org.GetDirectory(tx)
		if err != nil {
			return err
		}
		for _, v := range byID {
			v.SaleChannel = directory.ChannelInfo(v.SaleChannelID.Or(0))
		}
	}
	return nil
}
