package sales

import (
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// olderDocuments are the documents of an account that is to be allocated.
type olderDocuments struct {
	invoices []plan.InvoiceRow
	returns  []plan.ReturnRow
	orders   []plan.OrderRow
	parcels  []plan.DeliveryRow
}

// add adds the documents to those of the account.
func (o *olderDocuments) add(f *cashplan.OlderAccount) {
	deliveries := map[int64]*plan.Delivery{}
	for i := range o.parcels {
		deliveries[o.parcels[i].DocumentID] = &plan.Delivery{Row: o.parcels[i]}
	}
	for i := range o.invoices {
		f.Documents = append(f.Documents, plan.OlderInvoice(&o.invoices[i], deliveries[o.invoices[i].ID]))
	}
	for i := range o.returns {
		f.Documents = append(f.Documents, plan.OlderReturn(&o.returns[i]))
	}
	for i := range o.orders {
		f.Orders = append(f.Orders, plan.OlderOrder(&o.orders[i], f.Account.ID))
	}
}

// save writes what the documents are paid now. Those that have changed have a new modifiedDate, but no event is emitted.
func (o *olderDocuments) save(tx *db.Tx, c *cashplan.OlderChanges) (changed int) {
	for i := range o.invoices {
		row := o.invoices[i]
		if paid, differs := c.Paid[cashplan.DocumentRef{Kind: plan.KindInvoice.Name, ID: row.ID}]; differs {
			row.TotalPayment, row.ModifiedDate, row.ChangedAt = paid, taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "invoices", &o.invoices[i], &row, "id")
			changed++
		}
	}
	for i := range o.returns {
		row := o.returns[i]
		if paid, differs := c.Paid[cashplan.DocumentRef{Kind: plan.KindReturn.Name, ID: row.ID}]; differs {
			row.TotalPayment, row.ModifiedDate, row.ChangedAt = paid, taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "returns", &o.returns[i], &row, "id")
			changed++
		}
	}
	for i := range o.orders {
		row := o.orders[i]
		if paid, differs := c.PaidOrders[row.ID]; differs && paid != row.TotalPayment {
			row.TotalPayment, row.ModifiedDate, row.ChangedAt = paid, taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "orders", &o.orders[i], &row, "id")
			changed++
		}
	}
	return changed
}

// allocate allocates the money of an account and writes it.
func (o *olderDocuments) allocate(tx *db.Tx, f *cashplan.OlderAccount) (done cash.Older, err error) {
	o.add(f)
	ctx := tx.PlanContext()
	c, err := cashplan.AllocateOlder(&ctx, f)
	if err != nil {
		return done, err
	}
	done.Documents = len(f.Documents) + len(f.Payments)
	cash.SaveOlder(tx, f.Account, &c)
	if c.Differs != 0 {
		done.Left = 1
		return done, nil
	}
	done.Changed = o.save(tx, &c)
	return done, nil
}

// AllocateOlder allocates the money of a customer whom an earlier version has served, as a whole. Who has been allocated must not be
// allocated again: [cash.IsOlder] tells.
func AllocateOlder(tx *db.Tx, customerID int64) (cash.Older, error) {
	b := tx.Batch()
	account := cash.AskOlder(b, cash.Customer(customerID))
	invoices := db.Want[plan.InvoiceRow](b, `
		SELECT `+db.Columns[plan.InvoiceRow]("d")+` FROM invoices d WHERE d.retailer_id = :retailer AND d.customer_id = ?`, customerID)
	returns := db.Want[plan.ReturnRow](b, `
		SELECT `+db.Columns[plan.ReturnRow]("d")+` FROM returns d WHERE d.retailer_id = :retailer AND d.customer_id = ?`, customerID)
	parcels := db.Want[plan.DeliveryRow](b, `
		SELECT `+db.Columns[plan.DeliveryRow]("d")+` FROM invoices i
		JOIN deliveries d ON d.retailer_id = :retailer AND d.document = 'invoice' AND d.document_id = i.id
		WHERE i.retailer_id = :retailer AND i.customer_id = ? AND i.using_cod`, customerID)
	if err := b.Run(); err != nil {
		return cash.Older{}, err
	}
	f := account()
	o := olderDocuments{invoices: invoices.All(), returns: returns.All(), parcels: parcels.All()}
	var orders []int64
	for i := range f.Payments {
		if id := f.Payments[i].OrderID; id.Has() {
			orders = append(orders, id.Value)
		}
	}
	var err error
	if o.orders, err = olderOrders(tx, orders); err != nil {
		return cash.Older{}, err
	}
	return o.allocate(tx, &f)
}

func olderOrders(tx *db.Tx, ids []int64) ([]plan.OrderRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	return db.All[plan.OrderRow](tx, `
		SELECT `+db.Columns[plan.OrderRow]("d")+` FROM orders d WHERE d.retailer_id = :retailer AND d.id IN ?`, slices.Compact(ids))
}

// OlderSales are sales to those without a name: their returns settle the invoice of the goods, and their deposits several
// invoices.
type OlderSales struct {
	Orders, Invoices  []int64
	AfterOrder, After int64 // where those that come next begin: an order, and a return
}

// OlderWalkIns returns the next sales to those without a name that may have to be allocated, at most some of orders and of returns.
func OlderWalkIns(tx *db.Tx, after OlderSales, some int64) (s OlderSales, err error) {
	s.AfterOrder, s.After = after.AfterOrder, after.After
	if s.Orders, err = db.All[int64](tx, `
		SELECT o.id FROM orders o
		WHERE o.retailer_id = :retailer AND o.customer_id IS NULL AND o.id > ?
			AND EXISTS (SELECT 1 FROM payments p WHERE p.retailer_id = :retailer AND p.order_id = o.id AND p.status = 0)
			AND EXISTS (SELECT 1 FROM invoices i
				WHERE i.retailer_id = :retailer AND i.order_id = o.id AND i.status <> 2 AND i.total_payment <> i.total)
		ORDER BY o.id LIMIT ?`, after.AfterOrder, some); err != nil {
		return s, err
	}
	type returned struct{ ID, InvoiceID int64 }
	returns, err := db.All[returned](tx, `
		SELECT r.id, r.invoice_id FROM returns r
		WHERE r.retailer_id = :retailer AND r.id > ? AND r.customer_id IS NULL AND r.invoice_id IS NOT NULL AND r.status = 1
			AND r.total_payment < r.return_total
		ORDER BY r.id LIMIT ?`, after.After, some)
	for _, r := range returns {
		s.Invoices, s.After = append(s.Invoices, r.InvoiceID), r.ID
	}
	if n := len(s.Orders); n > 0 {
		s.AfterOrder = s.Orders[n-1]
	}
	return s, err
}

// AllocateOlderWalkIns allocates the money of sales to those without a name: of orders, and of invoices with their orders. Those that
// have allocations stay as they are.
func AllocateOlderWalkIns(tx *db.Tx, orders, invoices []int64) (done cash.Older, err error) {
	f := cashplan.OlderAccount{Account: cash.Customer(0)}
	o, err := walkInDocuments(tx, orders, invoices)
	if err != nil || len(o.invoices) == 0 {
		return done, err
	}
	b := tx.Batch()
	payments := cash.OlderPayments(b, idsOf(o.orders, func(r *plan.OrderRow) int64 { return r.ID }),
		idsOf(o.invoices, func(r *plan.InvoiceRow) int64 { return r.ID }), idsOf(o.returns, func(r *plan.ReturnRow) int64 { return r.ID }))
	if err := b.Run(); err != nil {
		return done, err
	}
	f.Payments = payments.All()
	return o.allocate(tx, &f)
}

// walkInDocuments reads the invoices without a customer that are named, or were made from orders that are or from theirs, with their
// returns. It leaves out those of a sale that has allocations.
func walkInDocuments(tx *db.Tx, orders, invoices []int64) (o olderDocuments, err error) {
	orders, invoices = append(orders, 0), append(invoices, 0) // no document has the id 0
	if o.invoices, err = db.All[plan.InvoiceRow](tx, `
		SELECT `+db.Columns[plan.InvoiceRow]("d")+` FROM invoices d
		WHERE d.retailer_id = :retailer AND d.customer_id IS NULL AND (d.id IN ? OR d.order_id IN ? OR d.order_id IN (
			SELECT i.order_id FROM invoices i WHERE i.retailer_id = :retailer AND i.id IN ?))`, invoices, orders, invoices); err != nil ||
		len(o.invoices) == 0 {
		return o, err
	}
	ids := idsOf(o.invoices, func(r *plan.InvoiceRow) int64 { return r.ID })
	b := tx.Batch()
	returns := db.Want[plan.ReturnRow](b, `
		SELECT `+db.Columns[plan.ReturnRow]("d")+` FROM returns d
		WHERE d.retailer_id = :retailer AND d.customer_id IS NULL AND d.invoice_id IN ?`, ids)
	settled := db.Want[int64](b, `
		SELECT a.debtor_id FROM allocations a WHERE a.retailer_id = :retailer AND a.debtor_kind = 'invoice' AND a.debtor_id IN ?`, ids)
	if err := b.Run(); err != nil {
		return o, err
	}
	saleOf := func(v *plan.InvoiceRow) int64 { // orders and invoices have ids of their own
		if v.OrderID.Has() {
			return v.OrderID.Value
		}
		return -v.ID
	}
	sales, done := map[int64]int64{}, map[int64]bool{}
	for i := range o.invoices {
		v := &o.invoices[i]
		sales[v.ID] = saleOf(v)
		if slices.Contains(settled.All(), v.ID) {
			done[saleOf(v)] = true
		}
	}
	o.invoices = slices.DeleteFunc(o.invoices, func(v plan.InvoiceRow) bool { return done[saleOf(&v)] })
	for _, r := range returns.All() {
		if !done[sales[r.InvoiceID.Value]] {
			o.returns = append(o.returns, r)
		}
	}
	var of []int64
	for i := range o.invoices {
		if id := o.invoices[i].OrderID; id.Has() {
			of = append(of, id.Value)
		}
	}
	o.orders, err = olderOrders(tx, of)
	return o, err
}

func idsOf[T any](rows []T, id func(*T) int64) []int64 {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = id(&rows[i])
	}
	return ids
}

// allocateFirst allocates what an earlier version has left of the accounts of customers.
func allocateFirst(tx *db.Tx, customers ...int64) error {
	for _, id := range customers {
		is, err := cash.IsOlder(tx, cash.Customer(id))
		if err == nil && is {
			_, err = AllocateOlder(tx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allocateOlder allocates what an earlier version has left of the accounts that the question asks about, before they are asked for, and
// reads again what the documents that are known already are paid.
func (q *question) allocateOlder() error {
	var customers []int64
	walkIns := false
	orders, invoices := q.walkInSales()
	if len(orders)+len(invoices) > 0 {
		var err error
		if walkIns, err = cash.IsOlder(q.tx, cash.Customer(0)); err != nil {
			return err
		}
	}
	for _, a := range q.cash.Accounts {
		is, err := cash.IsOlder(q.tx, a)
		if err != nil {
			return err
		}
		if is {
			customers = append(customers, a.ID)
		}
	}
	if !walkIns && len(customers) == 0 {
		return nil
	}
	if err := q.run(); err != nil {
		return err
	}
	if err := allocateFirst(q.tx, customers...); err != nil {
		return err
	}
	if walkIns {
		if _, err := AllocateOlderWalkIns(q.tx, orders, invoices); err != nil {
			return err
		}
	}
	return q.readPaid()
}

// walkInSales are the stored documents of those without a name that the question is about, whose money more than one document has.
func (q *question) walkInSales() (orders, invoices []int64) {
	if o := q.facts.Order; o != nil && !o.Row.CustomerID.Has() {
		orders = append(orders, o.Row.ID)
	}
	if v := q.facts.Invoice; v != nil && !v.Row.CustomerID.Has() &&
		slices.ContainsFunc(v.Lines, func(l plan.InvoiceLineRow) bool { return l.ReturnQuantity > 0 }) {
		invoices = append(invoices, v.Row.ID)
	}
	return orders, invoices
}

// readPaid reads again what the stored documents of the question are paid.
func (q *question) readPaid() error {
	type paid struct {
		total    *taphoa.Money
		modified *taphoa.Opt[taphoa.Time]
		changed  *taphoa.Time
	}
	of := map[string]map[int64][]paid{"orders": {}, "invoices": {}, "returns": {}}
	ofReturn := func(r *plan.ReturnRow) { // may be there twice
		of["returns"][r.ID] = append(of["returns"][r.ID], paid{&r.TotalPayment, &r.ModifiedDate, &r.ChangedAt})
	}
	if o := q.facts.Order; o != nil {
		of["orders"][o.Row.ID] = []paid{{&o.Row.TotalPayment, &o.Row.ModifiedDate, &o.Row.ChangedAt}}
	}
	if v := q.facts.Invoice; v != nil {
		of["invoices"][v.Row.ID] = []paid{{&v.Row.TotalPayment, &v.Row.ModifiedDate, &v.Row.ChangedAt}}
		for i := range v.Returns {
			ofReturn(&v.Returns[i])
		}
	}
	if r := q.facts.Return; r != nil {
		ofReturn(&r.Row)
	}
	for table, documents := range of {
		if len(documents) == 0 {
			continue
		}
		ids := slices.Collect(maps.Keys(documents))
		rows, err := db.All[paidDocument](q.tx, `
			SELECT `+db.Columns[paidDocument]("d")+` FROM `+table+` d WHERE d.retailer_id = :retailer AND d.id IN ?`, ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			for _, p := range documents[row.ID] {
				*p.total, *p.modified, *p.changed = row.TotalPayment, row.ModifiedDate, row.ChangedAt
			}
		}
	}
	return nil
}
