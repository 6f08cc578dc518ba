package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/text"
)

var orderColumns = db.Columns[plan.OrderRow]("d")

var orderOrders = documentOrders.With(db.Orders{"statusvalue": db.Labels("d.status", taphoa.OrderConfirmed, taphoa.OrderStatusValue)})

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
	if in.CustomerIDs, err = cash.CustomersNow(tx, in.CustomerIDs...); err != nil {
		return taphoa.Page[taphoa.Order]{}, err
	}
	list := documentList("orders", orderColumns, orderOrders, orderDocuments, taphoa.OrderVoided, in)
	page, err := db.ListPage[plan.OrderRow](tx, list, in.Paging)
	return showPage(tx, page, err, othersOfOrder, func(rows []plan.OrderRow) ([]taphoa.Order, error) {
		return showOrders(tx, rows, plan.Includes{Payments: in.IncludePayment, Delivery: in.IncludeOrderDelivery, Channel: in.SaleChannel, Surcharges: true})
	})
}

// showPage returns a page of rows as the records that they are shown as to the actor.
func showPage[Row, Shown any](
	tx *db.Tx, page taphoa.Page[Row], err error, others func(*Shown, keep), show func([]Row) ([]Shown, error),
) (taphoa.Page[Shown], error) {
	shown := taphoa.Page[Shown]{Total: page.Total, PageSize: page.PageSize, Data: []Shown{}, Totals: page.Totals, NextCursor: page.NextCursor, Timestamp: page.Timestamp}
	if err == nil && len(page.Data) > 0 {
		shown.Data, err = show(page.Data)
	}
	if err == nil {
		err = hideOthers(tx, shown.Data, others)
	}
	return shown, err
}

// GetOrder returns one order with all its parts, or says that it does not exist.
func GetOrder(tx *db.Tx, in *taphoa.ByID) (*taphoa.Order, error) {
	if err := checkOrdering(tx); err != nil {
		return nil, err
	}
	return findOrder(tx, "d.id = ?", in.ID)
}

// GetOrderByCode returns one order by its code, in any letter case.
func GetOrderByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Order, error) {
	if err := checkOrdering(tx); err != nil {
		return nil, err
	}
	return findOrder(tx, "d.code_key = ?", text.CodeKey(in.Code))
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
	sql, args := tx.Found(orderDocuments, "SELECT "+orderColumns+" FROM orders d WHERE d.retailer_id = :retailer AND "+which, arg)
	rows, err := db.All[plan.OrderRow](tx, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeOrder, "Đơn đặt hàng không tồn tại")
	}
	orders, err := showOrders(tx, rows, plan.Everything)
	if err == nil {
		err = hideOthers(tx, orders, othersOfOrder)
	}
	if err != nil {
		return nil, err
	}
	return &orders[0], nil
}

// showOrders shows the orders of a page, whose parts it asks for in one batch.
func showOrders(tx *db.Tx, rows []plan.OrderRow, in plan.Includes) ([]taphoa.Order, error) {
	directory, err := org.GetDirectory(tx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var ids, charging []int64
	page := make([]header, len(rows))
	for i, r := range rows {
		ids, page[i] = append(ids, r.ID), header{r.ID, r.HasTaxes, r.HasSurcharges, r.UsingCod, r.History}
		if r.HasSurcharges {
			charging = append(charging, r.ID)
		}
	}
	b := tx.Batch()
	lines := db.Want[plan.OrderLineRow](b, `
		SELECT `+db.Columns[plan.OrderLineRow]("l")+` FROM order_lines l
		WHERE l.retailer_id = :retailer AND l.order_id IN ? ORDER BY l.order_id, l.line`, ids)
	charges := askCharges(b, charging)
	asked := askPageParts(tx, b, &plan.KindOrder, page, in, cash.Question{Orders: ids})
	if err := b.Run(); err != nil {
		return nil, err
	}
	parts, err := asked()
	if err != nil {
		return nil, err
	}
	linesOf := byDocument(lines.All(), func(l *plan.OrderLineRow) int64 { return l.OrderID })
	chargedBy := map[[2]int64]int64{}
	for _, c := range charges.All() {
		chargedBy[[2]int64{c.OrderID, c.SurchargeID}] = c.InvoiceID
	}
	view, orders := plan.View{Retailer: tx.Retailer, Directory: directory}, make([]taphoa.Order, len(rows))
	for i, r := range rows {
		o := plan.Order{Row: r, Lines: linesOf[r.ID], Taxes: parts.taxes[r.ID], Surcharges: parts.surcharges[r.ID], Delivery: parts.deliveries[r.ID]}
		orders[i] = *view.Order(&o, parts.settled[r.ID].Payments, func(surchargeID int64) taphoa.Opt[int64] {
			return taphoa.SomeIf(chargedBy[[2]int64{r.ID, surchargeID}])
		}, in)
	}
	return orders, nil
}
