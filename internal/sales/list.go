package sales

import (
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// documents is what the lists of orders and invoices have in common.
type documents struct {
	orders                                         db.Orders
	branchIDs, customerIDs                         []int64
	customerCode, customerPhone                    taphoa.Opt[string]
	status                                         []string
	changedFrom, changedTo, created, bought, until taphoa.Opt[taphoa.Time]
	channelID                                      taphoa.Opt[int64]
}

// documentOrders are the orders that lists of orders and invoices share.
var documentOrders = db.Orders{
	"code": db.Text("d.code_key"), "name": db.Text("d.code_key"), "purchasedate": db.Number("d.purchase_date"),
	"branchid": db.Number("d.branch_id"), "branchname": db.Named("branches", "branch_name", "d.branch_id"),
	"soldbyid": db.Number("d.sold_by_id").OrNull(), "soldbyname": db.Named("users", "given_name", "d.sold_by_id"),
	"customerid": db.Number("d.customer_id").OrNull(), "customercode": db.Text("d.customer_code").OrNull(),
	"customername": db.Text("d.customer_name").OrNull(), "total": db.Number("d.total"), "totalpayment": db.Number("d.total_payment"),
	"discountratio": db.Number("d.discount_ratio").OrNull(), "discount": db.Number("d.discount").OrNull(),
	"discountaftertax": db.Number("d.discount_after_tax").OrNull(), "pricingmode": db.Number("d.pricing_mode").OrNull(),
	"totaltax": db.Number("d.total_tax").OrNull(), "method": db.Text("d.method").OrNull(), "status": db.Number("d.status"),
	"description": db.Long("d.description"), "usingcod": db.Flag("d.using_cod"),
	"createddate": db.Number("d.created_date"), "modifieddate": db.Number("d.changed_at"),
	"salechannelid": db.Number("d.sale_channel_id").OrNull(), "salechannelname": db.Named("sale_channels", "name", "d.sale_channel_id"),
	"pricebookid": db.Number("d.price_book_id").OrNull(),
}

// list is the paged query of a table of documents whose alias is d.
func (q *documents) list(table, columns string) *db.List {
	l := &db.List{
		Table: table + " d", Columns: columns,
		Joins: `
			LEFT JOIN branches b ON b.retailer_id = :retailer AND b.id = d.branch_id
			LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = d.sold_by_id
			LEFT JOIN sale_channels c ON c.retailer_id = :retailer AND c.id = d.sale_channel_id`,
		Orders: q.orders,
	}
	var statuses []int64
	for _, text := range q.status {
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			statuses = append(statuses, n)
		}
	}
	code, phone := strings.ToLower(strings.TrimSpace(q.customerCode.Value)), party.PhoneKey(q.customerPhone.Value)
	l.If(len(q.branchIDs) > 0, "d.branch_id IN ?", q.branchIDs).
		If(len(q.customerIDs) > 0, "d.customer_id IN ?", q.customerIDs).
		If(q.customerCode.Or("") != "", party.With("d.customer_id", "customers", "code_key"), code, code).
		If(q.customerPhone.Or("") != "", party.With("d.customer_id", "customers", "phone_key"), phone, phone).
		If(len(statuses) > 0, "d.status IN ?", statuses).
		If(q.changedFrom.Has(), "d.changed_at >= ?", q.changedFrom.Value).
		If(q.changedTo.Has(), "d.changed_at <= ?", q.changedTo.Value).
		If(q.created.Has(), "d.created_date >= ? AND d.changed_at >= ?", q.created.Value, q.created.Value). // which has an index
		If(q.channelID.Or(0) != 0, "d.sale_channel_id = ?", q.channelID.Value).
		If(q.bought.Has(), "d.purchase_date >= ?", q.bought.Value.Day()). // by calendar day, the last one included
		If(q.until.Has(), "d.purchase_date < ?", q.until.Value.Day()+24*3600*1_000_000)
	return l
}

// taxRow is a stored tax of a line, with its name and rate to be found by id.
type taxRow struct {
	DocumentID, Line, ID, DetailID, TaxID                                  int64
	DetailTax, PriceAfterTax, DiscountAfterTax, AllocationDiscountAfterTax taphoa.Opt[taphoa.Money]
}

// idsOf are the ids of the documents that have a part, so that a page of plain ones costs no query for it.
func idsOf[T any](documents []T, id func(*T) (int64, bool)) (ids []int64) {
	for i := range documents {
		if n, has := id(&documents[i]); has {
			ids = append(ids, n)
		}
	}
	return ids
}

// loadTaxes answers the taxes of some documents' lines, by document and line.
func (r *rules) loadTaxes(tx *db.Tx, ids []int64) (map[[2]int64][]taxRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.All[taxRow](tx, `
		SELECT document_id, line, id, detail_id, tax_id, detail_tax, price_after_tax, discount_after_tax,
			allocation_discount_after_tax
		FROM line_taxes WHERE retailer_id = :retailer AND document = ? AND document_id IN ?
		ORDER BY document_id, line, id`, r.document, ids)
	taxes := map[[2]int64][]taxRow{}
	for _, t := range rows {
		taxes[[2]int64{t.DocumentID, t.Line}] = append(taxes[[2]int64{t.DocumentID, t.Line}], t)
	}
	return taxes, err
}

// loadSurcharges answers the surcharges of some documents. One of an order names the first standing invoice of the order
// that charges it, too.
func (r *rules) loadSurcharges(tx *db.Tx, ids []int64) (map[int64][]taphoa.DocumentSurcharge, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	invoice := "s.document_id"
	if r == &orderRules {
		invoice = `(
			SELECT MIN(i.id) FROM invoices i
			JOIN document_surcharges c ON c.retailer_id = :retailer AND c.document = 'invoice' AND c.document_id = i.id
				AND c.surcharge_id = s.surcharge_id
			WHERE i.retailer_id = :retailer AND i.order_id = s.document_id AND i.status <> 2)`
	}
	rows, err := db.All[taphoa.DocumentSurcharge](tx, `
		SELECT s.document_id, s.id, s.surcharge_id, s.surcharge_name, s.sur_value, s.price, s.created_date, `+invoice+` AS invoice_id
		FROM document_surcharges s WHERE s.retailer_id = :retailer AND s.document = ? AND s.document_id IN ?
		ORDER BY s.document_id, s.line`, r.document, ids)
	surcharges := map[int64][]taphoa.DocumentSurcharge{}
	for _, s := range rows {
		surcharges[s.DocumentID] = append(surcharges[s.DocumentID], s)
	}
	return surcharges, err
}
