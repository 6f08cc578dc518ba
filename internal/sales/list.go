package sales

import (
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// documentFilter is what the queries of orders and invoices have in common.
type documentFilter struct {
	BranchIDs, CustomerIDs   []int64
	SoldByIDs, ProductIDs    []int64
	CustomerCode             []string
	CustomerPhone            taphoa.Opt[string]
	Status                   []int64
	LastModifiedFrom, ToDate taphoa.Opt[taphoa.Time]
	CreatedDate              taphoa.Opt[taphoa.Time]
	FromPurchaseDate         taphoa.Opt[taphoa.Time]
	ToPurchaseDate           taphoa.Opt[taphoa.Time]
	SaleChannelID            taphoa.Opt[int64]
	IncludeTotals            bool
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

// withProducts is the condition that a line of a document has one of some products.
func withProducts(table string) string {
	one := strings.TrimSuffix(table, "s")
	return "d.id IN (SELECT l." + one + "_id FROM " + one + "_lines l WHERE l.retailer_id = :retailer AND l.product_id IN ?)"
}

// documentList is the paged query of a table of documents whose alias is d, of which voided ones have a status.
func documentList[Query any](table, columns string, orders db.Orders, of *db.Documents, void int64, in *Query) *db.List {
	l := &db.List{Table: table + " d", Columns: columns, Orders: orders, Documents: of}
	q := documentFilter{}
	plan.CopyFields(&q, in)
	codes, phone := party.CodeKeys(q.CustomerCode), []string{text.PhoneKey(q.CustomerPhone.Value)}
	l.If(len(q.BranchIDs) > 0, "d.branch_id IN ?", q.BranchIDs).
		If(len(q.CustomerIDs) > 0, "d.customer_id IN ?", q.CustomerIDs).
		If(len(q.SoldByIDs) > 0, "d.sold_by_id IN ?", q.SoldByIDs).
		If(len(q.ProductIDs) > 0, withProducts(table), q.ProductIDs).
		If(len(codes) > 0, party.With("d.customer_id", "customers", "code_key"), codes, codes).
		If(q.CustomerPhone.Or("") != "", party.With("d.customer_id", "customers", "phone_key"), phone, phone).
		If(len(q.Status) > 0, "d.status IN ?", q.Status).
		If(q.LastModifiedFrom.Has(), "d.changed_at >= ?", q.LastModifiedFrom.Value).
		If(q.ToDate.Has(), "d.changed_at <= ?", q.ToDate.Value).
		If(q.CreatedDate.Has(), "d.created_date >= ? AND d.changed_at >= ?", q.CreatedDate.Value, q.CreatedDate.Value). // which has an index
		If(q.SaleChannelID.Or(0) != 0, "d.sale_channel_id = ?", q.SaleChannelID.Value).
		If(q.FromPurchaseDate.Has(), "d.purchase_date >= ?", q.FromPurchaseDate.Value.Day()). // by calendar day, the last one included
		If(q.ToPurchaseDate.Has(), "d.purchase_date < ?", q.ToPurchaseDate.Value.Day()+24*3600*1_000_000)
	if q.IncludeTotals {
		valid := func(column string) string {
			return "CASE WHEN d.status = " + strconv.FormatInt(void, 10) + " THEN 0 ELSE " + column + " END"
		}
		l.Sums = db.SumOf(valid("d.total"), "total") + ", " + db.SumOf(valid("d.total_payment"), "total_payment")
	}
	return l
}
