package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

var invoiceColumns = db.Columns[plan.InvoiceRow]("d")

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
	var err error
	if in.CustomerIDs, err = cash.CustomersNow(tx, in.CustomerIDs...); err != nil {
		return taphoa.Page[taphoa.Invoice]{}, err
	}
	orders := ordersBut(tx, invoiceOrders, orderDocuments, "orderid", "ordercode")
	list := documentList("invoices", invoiceColumns, orders, invoiceDocuments, taphoa.InvoiceVoid, in)
	if id := in.OrderID.Or(0); id != 0 && findsAll(tx, orderDocuments) {
		list.Where("d.order_id = ?", id)
	} else if id != 0 {
		sql, args := foundIDs(tx, "orders", orderDocuments, id)
		list.Where("d.order_id IN ("+sql+")", args...)
	}
	page, err := db.ListPage[plan.InvoiceRow](tx, list, in.Paging)
	return showPage(tx, page, err, othersOfInvoice, func(rows []plan.InvoiceRow) ([]taphoa.Invoice, error) {
		return showInvoices(tx, rows, plan.Includes{Payments: in.IncludePayment, Delivery: in.IncludeInvoiceDelivery, Channel: in.SaleChannel, Surcharges: true})
	})
}

// GetInvoice returns one invoice with all its parts, or says that it does not exist.
func GetInvoice(tx *db.Tx, in *taphoa.ByID) (*taphoa.Invoice, error) {
	return findInvoice(tx, "d.id = ?", in.ID)
}

// GetInvoiceByCode returns one invoice by its code, in any letter case.
func GetInvoiceByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.Invoice, error) {
	return findInvoice(tx, "d.code_key = ?", text.CodeKey(in.Code))
}

func findInvoice(tx *db.Tx, which string, arg any) (*taphoa.Invoice, error) {
	sql, args := tx.Found(invoiceDocuments, "SELECT "+invoiceColumns+" FROM invoices d WHERE d.retailer_id = :retailer AND "+which, arg)
	rows, err := db.All[plan.InvoiceRow](tx, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn không tồn tại")
	}
	invoices, err := showInvoices(tx, rows, plan.Everything)
	if err == nil {
		err = hideOthers(tx, invoices, othersOfInvoice)
	}
	if err != nil {
		return nil, err
	}
	if v := &invoices[0]; v.InvoiceDelivery != nil {
		v.InvoiceDelivery.SaleChannel = v.SaleChannel // where the documents print it for the detail
	}
	return &invoices[0], nil
}

// showInvoices shows the invoices of a page, whose parts it asks for in one batch, and whose products it finds in memory.
func showInvoices(tx *db.Tx, rows []plan.InvoiceRow, in plan.Includes) ([]taphoa.Invoice, error) {
	directory, err := org.GetDirectory(tx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids, page := make([]int64, len(rows)), make([]header, len(rows))
	for i, r := range rows {
		ids[i], page[i] = r.ID, header{r.ID, r.HasTaxes, r.HasSurcharges, r.UsingCod, r.History}
	}
	b := tx.Batch()
	lines := db.Want[plan.InvoiceLineRow](b, `
		SELECT `+db.Columns[plan.InvoiceLineRow]("l")+` FROM invoice_lines l
		WHERE l.retailer_id = :retailer AND l.invoice_id IN ? ORDER BY l.invoice_id, l.line`, ids)
	asked := askPageParts(tx, b, &plan.KindInvoice, page, in, cash.Question{Invoices: ids})
	if err := b.Run(); err != nil {
		return nil, err
	}
	parts, err := asked()
	if err != nil {
		return nil, err
	}
	view, err := invoiceView(tx, directory, lines.All())
	if err != nil {
		return nil, err
	}
	linesOf := byDocument(lines.All(), func(l *plan.InvoiceLineRow) int64 { return l.InvoiceID })
	invoices := make([]taphoa.Invoice, len(rows))
	for i, r := range rows {
		v := plan.Invoice{Row: r, Lines: linesOf[r.ID], Taxes: parts.taxes[r.ID], Surcharges: parts.surcharges[r.ID], Delivery: parts.deliveries[r.ID]}
		invoices[i] = *view.Invoice(&v, parts.settled[r.ID], in)
	}
	return invoices, nil
}

// invoiceView finds what lines of invoices show beside their rows: products, also deleted ones, and lots.
func invoiceView(tx *db.Tx, directory *orgplan.Directory, lines []plan.InvoiceLineRow) (*plan.View, error) {
	var products, lots []int64
	for i := range lines {
		products = append(products, lines[i].ProductID)
		if lines[i].BatchID.Has() {
			lots = append(lots, lines[i].BatchID.Value)
		}
	}
	slices.Sort(products)
	items, err := catalog.FindItems(tx, nil, nil, slices.Compact(products))
	if err != nil {
		return nil, err
	}
	found, err := stock.FindLots(tx, lots)
	return &plan.View{Retailer: tx.Retailer, Directory: directory, Items: items, Lot: func(id int64) (stockplan.Lot, bool) {
		lot, known := found[id]
		return lot, known
	}}, err
}
