package sales

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

var returnCodes = org.Sequence{Prefix: "TH", Table: "returns"}

// askNewReturn asks for what a new return depends on.
func askNewReturn(tx *db.Tx, in *taphoa.ReturnInput) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	if id := in.InvoiceID.Or(0); id != 0 {
		q.returnedInvoice("?", id)
		issued := stock.AskNetIssued(q.batch, "invoice", []int64{id})
		if err := q.run(); err != nil {
			return nil, err
		}
		if v := q.facts.Invoice; v != nil {
			v.Issued = issued.All()
			if paysBack(in) {
				q.buyer(v.Row.CustomerID, false)
			}
			if err := q.soldGoods(v, in.BranchID.Or(0)); err != nil {
				return nil, err
			}
		}
	} else {
		q.customerOf(in.Customer, in.CustomerID, in.BranchID.Or(0), false)
		if err := q.accountOf(in.Customer, in.CustomerID); err != nil {
			return nil, err
		}
		if err := q.items(plan.ReturnDetails(in), nil, in.BranchID.Or(0)); err != nil {
			return nil, err
		}
	}
	q.codes(returnCodes)
	return q.finish()
}

// paysBack reports whether a request pays money back, so that the cash book shows the customer.
func paysBack(in *taphoa.ReturnInput) bool { return in.TotalPayment.Or(0) > 0 || len(in.Payments) > 0 }

// returnedInvoice asks for the row and the lines of an invoice, and for its valid returns. which is the id, or a subquery
// for it, with arg.
func (q *question) returnedInvoice(which string, arg int64) {
	row := db.Want[plan.InvoiceRow](q.batch, `
		SELECT `+db.Columns[plan.InvoiceRow]("d")+` FROM invoices d WHERE d.retailer_id = :retailer AND d.id = `+which, arg)
	lines := db.Want[plan.InvoiceLineRow](q.batch, `
		SELECT `+db.Columns[plan.InvoiceLineRow]("l")+` FROM invoice_lines l
		WHERE l.retailer_id = :retailer AND l.invoice_id = `+which+` ORDER BY l.line`, arg)
	returns := db.Want[plan.ReturnRow](q.batch, `
		SELECT `+db.Columns[plan.ReturnRow]("d")+` FROM returns d
		WHERE d.retailer_id = :retailer AND d.invoice_id = `+which+` AND d.status = 1 ORDER BY d.id`, arg)
	q.then = append(q.then, func() error {
		if r, found := row.One(); found {
			q.facts.Invoice = &plan.StoredInvoice{Invoice: plan.Invoice{Row: r, Lines: lines.All()}, Returns: returns.All()}
		}
		return nil
	})
}

// invoiceOfReturn asks for what the event of an invoice shows besides its lines, and for the vouchers among its payments.
func (q *question) invoiceOfReturn(v *plan.StoredInvoice) {
	if v.Row.UsingCod {
		q.storedDelivery(plan.KindInvoice.Name, v.Row.ID, &v.Delivery)
	}
	q.cash.Invoices = append(q.cash.Invoices, v.Row.ID)
	q.account(v.Row.CustomerID)
}

// soldGoods asks for what decides which goods of an invoice come back to a branch, the invoice's own if it is 0.
func (q *question) soldGoods(v *plan.StoredInvoice, branchID int64) error {
	q.invoiceOfReturn(v)
	if v.Row.HasTaxes {
		q.taxes(plan.KindInvoice.Name, v.Row.ID, &v.Taxes)
	}
	q.returnedBefore(v)
	if branchID == 0 {
		branchID = v.Row.BranchID
	}
	for _, out := range v.Issued {
		q.stock.Levels = append(q.stock.Levels, stockplan.LevelKey{ProductID: out.ProductID, BranchID: branchID})
		if out.BatchID != 0 {
			q.stock.LotIDs = append(q.stock.LotIDs, out.BatchID)
		}
	}
	q.stock.Origins = append(q.stock.Origins, stockplan.DocumentRef{Kind: "invoice", ID: v.Row.ID})
	if err := q.items(nil, v.Quantities(), branchID); err != nil {
		return err
	}
	for _, l := range v.Lines {
		product := q.facts.Items.ByID(l.ProductID)
		if product == nil || l.SerialNumbers.Or("") == "" {
			continue
		}
		for _, number := range stockplan.SplitSerials(l.SerialNumbers.Value) {
			q.stock.Serials = append(q.stock.Serials, stockplan.SerialKey{ProductID: product.BaseID, Number: number})
		}
	}
	return nil
}

// returnedBefore asks for the lines of an invoice's valid returns and for the goods that these have brought back.
func (q *question) returnedBefore(v *plan.StoredInvoice) {
	if len(v.Returns) == 0 {
		return
	}
	var ids, taxed []int64
	for i := range v.Returns {
		ids = append(ids, v.Returns[i].ID)
		if v.Returns[i].HasTaxes {
			taxed = append(taxed, v.Returns[i].ID)
		}
	}
	back := stock.AskNetIssued(q.batch, "return", ids)
	lines := db.Want[plan.ReturnLineRow](q.batch, `
		SELECT `+db.Columns[plan.ReturnLineRow]("l")+` FROM return_lines l
		WHERE l.retailer_id = :retailer AND l.return_id IN ? ORDER BY l.return_id, l.line`, ids)
	taxes := askTaxes(q.batch, plan.KindReturn.Name, taxed)
	q.then = append(q.then, func() error {
		v.BroughtBack, v.ReturnLines, v.ReturnTaxes = back.All(), lines.All(), taxes.All()
		return nil
	})
}

// askReturn asks for a stored return and for what a change of it depends on. pays says that money may move.
func askReturn(tx *db.Tx, id int64, pays bool) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	row := db.Want[plan.ReturnRow](q.batch, `SELECT `+db.Columns[plan.ReturnRow]("d")+` FROM returns d WHERE d.retailer_id = :retailer AND d.id = ?`, id)
	lines := db.Want[plan.ReturnLineRow](q.batch, `
		SELECT `+db.Columns[plan.ReturnLineRow]("l")+` FROM return_lines l
		WHERE l.retailer_id = :retailer AND l.return_id = ? ORDER BY l.line`, id)
	q.returnedInvoice(`(SELECT r.invoice_id FROM returns r WHERE r.retailer_id = :retailer AND r.id = ?)`, id)
	if err := q.run(); err != nil {
		return nil, err
	}
	r, found := row.One()
	if !found {
		return q.facts, nil
	}
	stored := &plan.Return{Row: r, Lines: lines.All()}
	q.facts.Return = stored
	if r.HasTaxes {
		q.taxes(plan.KindReturn.Name, id, &stored.Taxes)
	}
	if pays {
		q.buyer(r.CustomerID, false)
	}
	q.cash.Returns = append(q.cash.Returns, id)
	q.account(r.CustomerID)
	if r.Status == taphoa.ReturnVoid { // only its payments may change
		if v := q.facts.Invoice; v != nil { // which credit that they free may settle
			q.invoiceOfReturn(v)
		}
		return q.finish()
	}
	q.cash.Documents = append(q.cash.Documents, cashplan.DocumentRef{Kind: "return", ID: id})
	q.stock.Posted = append(q.stock.Posted, stockplan.DocumentRef{Kind: "return", ID: id})
	sold := stored.Quantities()
	if v := q.facts.Invoice; v != nil {
		q.invoiceOfReturn(v)
		sold = append(sold, v.Quantities()...)
	}
	if err := q.items(nil, sold, r.BranchID); err != nil {
		return nil, err
	}
	return q.finish()
}
