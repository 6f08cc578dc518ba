package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

const orderColumns = `d.id, d.code, d.purchase_date, d.branch_id, b.branch_name, d.sold_by_id, u.given_name AS sold_by_name,
	d.customer_id, d.customer_code, d.customer_name, d.total, d.total_payment, d.discount_ratio, d.discount,
	d.discount_after_tax, d.pricing_mode, d.total_tax, d.has_taxes, d.has_surcharges, d.method, d.status, d.open_status, d.retailer_id, d.description,
	d.using_cod, d.modified_date, d.created_date, d.sale_channel_id, c.name AS sale_channel_name, d.price_book_id, d.cashier_id`

var orderOrders = documentOrders.With(db.Orders{"statusvalue": db.Labels("d.status", taphoa.OrderConfirmed, taphoa.OrderStatusValue)})

// parts say which parts of a document an answer shows besides its lines.
type parts struct{ payments, delivery, channel, surcharges bool }

var allParts = parts{true, true, true, true}

// ListOrders lists orders with their lines (contract orders, listOrders).
func ListOrders(tx *db.Tx, in *taphoa.OrderQuery) (taphoa.Page[taphoa.Order], error) {
	directory, err := org.GetDirectory(tx)
	if err == nil {
		err = plan.CheckOrdering(&directory.Settings)
	}
	if err == nil && in.IncludeOrderDelivery {
		err = plan.KindOrder.CheckDeliveries(&directory.Settings)
	}
	if err != nil {
		return taphoa.Page[taphoa.Order]{}, err
	}
	q := documents{
		orders: orderOrders, branchIDs: in.BranchIDs, customerIDs: in.CustomerIDs, customerCode: in.CustomerCode,
		customerPhone: in.CustomerPhone, status: in.Status, changedFrom: in.LastModifiedFrom, changedTo: in.ToDate,
		created: in.CreatedDate, bought: in.FromPurchaseDate, until: in.ToPurchaseDate, channelID: in.SaleChannelID,
	}
	page, err := db.ListPage[taphoa.Order](tx, q.list("orders", orderColumns), in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillOrders(tx, page.Data, parts{in.IncludePayment, in.IncludeOrderDelivery, in.SaleChannel, true})
}

// GetOrder answers one order with all its parts, or says that it does not exist.
func GetOrder(tx *db.Tx, in *taphoa.ByID) (*taphoa.Order, error) {
	if err := checkOrdering(tx); err != nil {
		return nil, err
	}
	return findOrder(tx, "d.id = ?", in.ID)
}

// GetOrderByCode answers one order by its code, in any letter case.
func GetOrderByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Order, error) {
	if err := checkOrdering(tx); err != nil {
		return nil, err
	}
	return findOrder(tx, "d.code_key = ?", codeKey(in.Code))
}

// checkOrdering refuses to show orders while the shop takes none.
func checkOrdering(tx *db.Tx) error {
	directory, err := org.GetDirectory(tx)
	if err != nil {
		return err
	}
	return plan.CheckOrdering(&directory.Settings)
}

func findOrder(tx *db.Tx, which string, arg any) (*taphoa.Order, error) {
	list := (&documents{}).list("orders", orderColumns)
	rows, err := db.All[taphoa.Order](tx,
		"SELECT "+orderColumns+" FROM orders d "+list.Joins+" WHERE d.retailer_id = :retailer AND "+which, arg)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeOrder, "Đơn đặt hàng không tồn tại")
	}
	return &rows[0], fillOrders(tx, rows, allParts)
}

// fillOrders adds lines and parts to the orders of a page, one query for each kind.
func fillOrders(tx *db.Tx, orders []taphoa.Order, p parts) error {
	if len(orders) == 0 {
		return nil
	}
	ids := make([]int64, len(orders))
	byID := make(map[int64]*taphoa.Order, len(orders))
	for i := range orders {
		o := &orders[i]
		ids[i], byID[o.ID] = o.ID, o
		o.StatusValue = taphoa.OrderStatusValue(o.Status)
	}
	details, err := db.All[taphoa.OrderDetail](tx, `
		SELECT order_id, line, id, product_id, product_code, product_name, is_master, quantity, price, discount,
			discount_ratio, sub_total, note
		FROM order_lines WHERE retailer_id = :retailer AND order_id IN ? ORDER BY order_id, line`, ids)
	if err != nil {
		return err
	}
	taxes, err := orderRules.loadTaxes(tx, idsOf(orders, func(o *taphoa.Order) (int64, bool) { return o.ID, o.HasTaxes }))
	if err != nil {
		return err
	}
	for _, d := range details {
		o := byID[d.OrderID]
		for _, t := range taxes[[2]int64{d.OrderID, d.Line}] {
			tax, _ := taphoa.TaxByID(t.TaxID)
			d.OrderDetailTaxs = append(d.OrderDetailTaxs, taphoa.OrderDetailTax{
				ID: t.ID, DetailID: t.DetailID, RetailerID: o.RetailerID, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
				TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
			})
		}
		o.OrderDetails = append(o.OrderDetails, d)
	}
	return fillOrderParts(tx, orders, ids, byID, p)
}

func fillOrderParts(tx *db.Tx, orders []taphoa.Order, ids []int64, byID map[int64]*taphoa.Order, p parts) error {
	if p.payments {
		payments, err := cash.OrderPayments(tx, ids)
		if err != nil {
			return err
		}
		for _, o := range byID {
			o.Payments = []taphoa.Payment{}
		}
		for _, pay := range payments {
			o := byID[pay.OrderID.Value]
			o.Payments = append(o.Payments, pay)
		}
	}
	if p.delivery {
		deliveries, err := orderRules.loadDeliveries(tx, idsOf(orders, func(o *taphoa.Order) (int64, bool) { return o.ID, o.UsingCod }))
		if err != nil {
			return err
		}
		for id, d := range deliveries {
			d.Status, d.StatusValue = taphoa.Opt[int64]{}, taphoa.Opt[string]{} // only invoices show them
			byID[id].OrderDelivery = d
		}
	}
	if p.surcharges {
		surcharges, err := orderRules.loadSurcharges(tx, idsOf(orders, func(o *taphoa.Order) (int64, bool) { return o.ID, o.HasSurcharges }))
		if err != nil {
			return err
		}
		for id, o := range byID {
			o.InvoiceOrderSurcharges = append([]taphoa.DocumentSurcharge{}, surcharges[id]...)
		}
	}
	if p.channel {
		directory, err := org.GetDirectory(tx)
		if err != nil {
			return err
		}
		for _, o := range byID {
			o.SaleChannel = directory.ChannelInfo(o.SaleChannelID.Or(0))
		}
	}
	return nil
}
