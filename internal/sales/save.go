package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
)

// save writes a sale in statements that travel with the commit, and emits its events: of stock, of its order, of its
// invoice, and of its return.
func save(tx *db.Tx, s *plan.Sale) error {
	f := s.Facts
	if s.Customer != nil {
		party.SaveCustomer(tx, s.Customer)
	}
	if s.Carrier != nil {
		party.SaveCarrier(tx, s.Carrier)
	}
	promo.Save(tx, f.Vouchers)
	if err := stock.SaveShown(tx, f.Stock, catalog.ShowStock(f.Items, f.Directory)); err != nil {
		return err
	}
	money, err := cash.Save(tx, f.Cash)
	if err != nil {
		return err
	}
	saveBuyers(tx, s, money.DebtsChanged)
	if err := saveSettled(tx, &money, s); err != nil {
		return err
	}
	if s.Order != nil {
		saveOrderChange(tx, s)
	}
	if s.Invoice != nil {
		saveInvoiceChange(tx, s)
	}
	if s.Return != nil {
		saveReturnChange(tx, s)
	}
	return nil
}

// paidDocument has the columns of orders, invoices and returns that say what they are paid.
type paidDocument struct {
	ID           int64
	TotalPayment taphoa.Money
	ModifiedDate taphoa.Opt[taphoa.Time]
	ChangedAt    taphoa.Time
}

// saveSettled writes what other documents than those of the sale are paid, after their customer's account was settled, and tells
// of them. It reads what is stored: only the plan knows which they are.
func saveSettled(tx *db.Tx, money *cashplan.Changes, s *plan.Sale) error {
	if s.Order != nil {
		delete(money.Settled, cashplan.DocumentRef{Kind: plan.KindOrder.Name, ID: s.Order.Row.ID})
	}
	if s.Invoice != nil {
		delete(money.Settled, cashplan.DocumentRef{Kind: plan.KindInvoice.Name, ID: s.Invoice.Row.ID})
	}
	if s.Return != nil {
		delete(money.Settled, cashplan.DocumentRef{Kind: plan.KindReturn.Name, ID: s.Return.Row.ID})
	}
	return SaveSettled(tx, money)
}

// SaveSettled writes what orders, invoices and returns are paid after the accounts of customers were settled, and tells of them.
func SaveSettled(tx *db.Tx, money *cashplan.Changes) error {
	for _, of := range []struct {
		kind, table string
		changed     func(tx *db.Tx, ids ...int64)
	}{
		{plan.KindOrder.Name, "orders", orderUpdated.Emit},
		{plan.KindInvoice.Name, "invoices", invoiceUpdated.Emit},
		{plan.KindReturn.Name, "returns", returnUpdated.Emit},
	} {
		ids := money.SettledOf(of.kind)
		if len(ids) == 0 {
			continue
		}
		rows, err := db.All[paidDocument](tx, `
			SELECT `+db.Columns[paidDocument]("d")+` FROM `+of.table+` d
			WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id`, ids)
		if err != nil {
			return err
		}
		for i := range rows {
			row := rows[i]
			row.TotalPayment += money.Settled[cashplan.DocumentRef{Kind: of.kind, ID: row.ID}]
			row.ModifiedDate, row.ChangedAt = taphoa.Some(tx.Now), tx.Now
			db.Update(tx, of.table, &rows[i], &row, "id")
			of.changed(tx, row.ID)
		}
	}
	return nil
}

// saveOrderChange is the one place that writes an order.
func saveOrderChange(tx *db.Tx, s *plan.Sale) {
	c, changed := s.Order, true
	if c.Stored == nil {
		db.Insert(tx, "orders", c.Row)
		tx.Count("orders", 1, c.Row.ID)
	} else {
		changed = db.Update(tx, "orders", &c.Stored.Row, &c.Row, "id")
	}
	if c.LinesReplaced {
		changed = true // at the instant of another change, the rest of the row may be the same
		if c.Stored != nil {
			tx.Queue(`DELETE FROM order_lines WHERE retailer_id = :retailer AND order_id = ?`, c.Row.ID)
			deleteParts(tx, plan.KindOrder.Name, c.Row.ID, "line_taxes", c.Stored.Row.HasTaxes)
			deleteParts(tx, plan.KindOrder.Name, c.Row.ID, "document_surcharges", c.Stored.Row.HasSurcharges)
		}
		db.Insert(tx, "order_lines", c.Lines...)
		db.Insert(tx, "line_taxes", c.Taxes...)
		db.Insert(tx, "document_surcharges", c.Surcharges...)
	}
	if saveDeliveryRow(tx, c.Delivery, c.StoredDelivery()) || changed {
		orderUpdated.EmitData(tx, c.Row.ID, plan.OrderEvent(s.ShowOrder()))
	}
}

// saveInvoiceChange is the one place that writes an invoice.
func saveInvoiceChange(tx *db.Tx, s *plan.Sale) {
	c, changed := s.Invoice, true
	if c.Stored == nil {
		db.Insert(tx, "invoices", c.Row)
		tx.Count("invoices", 1, c.Row.ID)
		db.Insert(tx, "document_surcharges", c.Surcharges...)
	} else {
		lines := saveReturnQuantities(tx, c)
		changed = db.Update(tx, "invoices", &c.Stored.Row, &c.Row, "id") || lines || c.PaymentsVoid
	}
	if c.LinesReplaced {
		changed = true // as with orders
		if c.Stored != nil {
			tx.Queue(`DELETE FROM invoice_lines WHERE retailer_id = :retailer AND invoice_id = ?`, c.Row.ID)
			deleteParts(tx, plan.KindInvoice.Name, c.Row.ID, "line_taxes", c.Stored.Row.HasTaxes)
			for i := range c.Surcharges { // those by ratio follow the lines
				db.Update(tx, "document_surcharges", &c.Stored.Surcharges[i], &c.Surcharges[i], "document", "document_id", "line")
			}
		}
		db.Insert(tx, "invoice_lines", c.Lines...)
		db.Insert(tx, "line_taxes", c.Taxes...)
	}
	if saveDeliveryRow(tx, c.Delivery, c.StoredDelivery()) || changed {
		invoiceUpdated.EmitData(tx, c.Row.ID, plan.InvoiceEvent(s.ShowInvoice()))
	}
}

// saveReturnQuantities writes the lines of an invoice of which a return has brought goods back, and reports whether any.
func saveReturnQuantities(tx *db.Tx, c *plan.InvoiceChange) (changed bool) {
	if c.LinesReplaced {
		return false
	}
	for i := range c.Lines {
		changed = db.Update(tx, "invoice_lines", &c.Stored.Lines[i], &c.Lines[i], "invoice_id", "line") || changed
	}
	return changed
}

// saveReturnChange is the one place that writes a return.
func saveReturnChange(tx *db.Tx, s *plan.Sale) {
	c := s.Return
	if c.Stored == nil {
		db.Insert(tx, "returns", c.Row)
		tx.Count("returns", 1, c.Row.ID)
		db.Insert(tx, "return_lines", c.Lines...)
		db.Insert(tx, "line_taxes", c.Taxes...)
	} else if !db.Update(tx, "returns", &c.Stored.Row, &c.Row, "id") {
		return
	}
	returnUpdated.EmitData(tx, c.Row.ID, *s.ShowReturn())
}

// deleteParts removes rows of a document that an update replaces.
func deleteParts(tx *db.Tx, document string, id int64, table string, has bool) {
	if has {
		tx.Queue(`DELETE FROM `+table+` WHERE retailer_id = :retailer AND document = ? AND document_id = ?`, document, id)
	}
}

// saveDeliveryRow writes the delivery of a document, if there is one, and reports whether it is another one than before.
func saveDeliveryRow(tx *db.Tx, d, stored *plan.Delivery) bool {
	if d == nil {
		return false
	}
	if stored == nil {
		db.Insert(tx, "deliveries", d.Row)
		return true
	}
	return db.Update(tx, "deliveries", &stored.Row, &d.Row, "document", "document_id")
}

// saveBuyers writes what customers have bought, and tells of those whose debt has changed. The new one of a sale was told of.
func saveBuyers(tx *db.Tx, s *plan.Sale, changed []cash.Account) {
	if s.Customer != nil {
		changed = without(changed, s.Customer.ID)
	}
	for _, b := range s.Buyers {
		party.AddTotals(tx, b.CustomerID, b.Totals, slices.Contains(changed, cash.Customer(b.CustomerID)))
		changed = without(changed, b.CustomerID)
	}
	party.DebtsChanged(tx, changed)
}

// without are the accounts but that of a customer.
func without(accounts []cash.Account, customerID int64) []cash.Account {
	return slices.DeleteFunc(slices.Clone(accounts), func(a cash.Account) bool { return a == cash.Customer(customerID) })
}
