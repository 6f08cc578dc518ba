package api_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// exception lets some requests cost more the bigger the shop is.
type exception struct {
	list   string           // the operation; * is any
	filter string           // the member; "" for none, * for any
	orders string           // names separated by blanks, none where there is none; * is any
	deep   bool             // of the last page, not of the first
	per    map[string]int64 // by engine: what it costs at most for each row of the list
	of     string           // the list whose rows those are, if not its own
	why    string
}

type costs = map[string]int64

// exceptions are the requests that walk the list, why they do, and what that costs at most: steps of SQLite's virtual
// machine, rows visited by PostgreSQL, for each row of the list.
var exceptions = []exception{
	{list: "listCustomerGroups", filter: "", orders: "*", per: costs{"sqlite": 10, "postgres": 2}, of: "listCustomers", why: "a group is shown with its customers"},
	{list: "listCustomerGroups", filter: "", orders: "*", deep: true, per: costs{"sqlite": 10, "postgres": 2}, of: "listCustomers", why: "a group is shown with its customers"},
	{list: "listPurchaseOrders", filter: "taxIds", orders: "*", per: costs{"sqlite": 170, "postgres": 50}, why: "the lines of all purchases are looked through"},
	{list: "*", filter: "*", orders: "*", per: costs{"sqlite": 140, "postgres": 25}, why: "COUNT(*) counts the list"},
	{list: "*", filter: "*", orders: "*", deep: true, per: costs{"sqlite": 140, "postgres": 25}, why: "OFFSET skips rows one by one"},
}

// find is the exception that covers a request.
func find(engine string, r *listRequest) *exception {
	member, _, _ := strings.Cut(r.filter, "=")
	if r.shows {
		member = ""
	}
	for i := range exceptions {
		e := &exceptions[i]
		if _, here := e.per[engine]; here && e.deep == r.deep && (e.list == "*" || e.list == r.route.Operation) &&
			(e.filter == "*" || e.filter == member) && (e.orders == "*" || slices.Contains(strings.Fields(e.orders), r.orderName())) {
			return e
		}
	}
	return nil
}

func (r *listRequest) orderName() string {
	name, _, _ := strings.Cut(r.order, " ")
	if name == "" {
		return "none"
	}
	return name
}

// excused notes which exceptions are made use of.
type excused struct {
	mu   sync.Mutex
	used map[*exception]map[string]bool // by order
}

func (n *excused) note(e *exception, r *listRequest) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.used == nil {
		n.used = map[*exception]map[string]bool{}
	}
	if n.used[e] == nil {
		n.used[e] = map[string]bool{}
	}
	n.used[e][r.orderName()] = true
}

// judge finds the exceptions that nothing needs any more.
func (n *excused) judge(t *testing.T, both bool) {
	t.Helper()
	for i := range exceptions {
		e := &exceptions[i]
		if _, lite := e.per["sqlite"]; !lite && !both {
			continue
		}
		names := strings.Fields(e.orders)
		if e.orders == "*" {
			names = nil
			if len(n.used[e]) == 0 {
				t.Errorf("%s %s needs no exception any more: %s", e.list, e.filter, e.why)
			}
		}
		for _, name := range names {
			if !n.used[e][name] {
				t.Errorf("%s %s ordered by %s needs no exception any more: %s", e.list, e.filter, name, e.why)
			}
		}
	}
}

// instant turns the words newest and oldest into instants of the shop.
func (b *bigShop) instant(value string) string {
	var at taphoa.Time
	switch value {
	case "newest":
		at = dbtest.NewClock().Now().Add(time.Duration(b.seasons-1)*season - 3*24*time.Hour)
	case "oldest":
		at = dbtest.NewClock().Now().Add(-85 * 24 * time.Hour)
	case "ever":
		return "2001-01-01"
	default:
		return value
	}
	return time.UnixMicro(int64(at)).In(time.FixedZone("", 7*3600)).Format("2006-01-02T15:04:05")
}

// samples are values that a member of a list's query is tried with.
func (b *bigShop) samples(operation string, f reflect.StructField) []string {
	b.tb.Helper()
	name := f.Tag.Get("query")
	_, special := values[operation+"."+name]
	switch {
	case special:
	case f.Type.Kind() == reflect.Bool:
		return []string{"true"}
	case f.Type == reflect.TypeFor[taphoa.Opt[bool]]():
		return []string{"true", "false"}
	case f.Type == reflect.TypeFor[taphoa.Opt[taphoa.Time]]() || name == "toPurchaseDate":
		if strings.HasPrefix(name, "to") || name == "endDate" {
			return []string{"oldest"}
		}
		return []string{"newest", "ever"}
	}
	return b.sample(operation + "." + name)
}

func (b *bigShop) sample(name string) []string {
	b.tb.Helper()
	sql, found := values[name]
	if !found {
		_, member, _ := strings.Cut(name, ".")
		sql, found = values[member]
	}
	if !found {
		if strings.HasSuffix(name, ".{id}") {
			return []string{""}
		}
		b.tb.Errorf("no value to try %s with", name)
		return nil
	}
	if !strings.HasPrefix(sql, "SELECT") {
		return strings.Split(sql, "|")
	}
	var found2 []string
	b.read(func(tx *db.Tx) (err error) {
		found2, err = db.All[string](tx, sql)
		return err
	})
	if len(found2) == 0 {
		b.tb.Errorf("the shop has nothing to try %s with", name)
	}
	return found2
}

// values are what members of queries are tried with: a text, several with | between them, or a query for them.
var values = map[string]string{
	"branchIds":     "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"BranchIds":     "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"branchId":      "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"toBranchIds":   "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"fromBranchIds": "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",

	"listCashFlow.code":           "SELECT code FROM payments WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"userId":                      "SELECT CAST(MIN(user_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"accountId":                   "SELECT CAST(MIN(account_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"partnerType":                 "C|O",
	"method":                      "SELECT DISTINCT method FROM payments WHERE retailer_id = :retailer",
	"cashFlowGroupId":             "SELECT CAST(MAX(cash_flow_group_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"usedForFinancialReporting":   "0|1",
	"partnerName":                 "SELECT partner_name FROM payments WHERE retailer_id = :retailer AND partner_name IS NOT NULL ORDER BY id LIMIT 1",
	"listCashFlow.contactNumber":  "SELECT contact_number FROM payments WHERE retailer_id = :retailer AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listCashFlow.status":         "0|1",
	"ids":                         "SELECT CAST(MIN(id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"listVouchers.campaignId!":    "SELECT CAST(MIN(campaign_id) AS TEXT) FROM vouchers WHERE retailer_id = :retailer",
	"listCoupons.campaignId":      "SELECT CAST(MIN(campaign_id) AS TEXT) FROM coupons WHERE retailer_id = :retailer",
	"listVouchers.status":         "SELECT DISTINCT CAST(status AS TEXT) FROM vouchers WHERE retailer_id = :retailer",
	"listCoupons.status":          "SELECT DISTINCT CAST(status AS TEXT) FROM coupons WHERE retailer_id = :retailer",
	"listVoucherCampaigns.id":     "SELECT CAST(MIN(id) AS TEXT) FROM voucher_campaigns WHERE retailer_id = :retailer",
	"listCustomers.code":          "SELECT code FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.name":          "SELECT name FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.keyword":       "SELECT name FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.contactNumber": "SELECT contact_number FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listCustomers.birthDate":     "1990-03-08|03-08",
	"listCustomers.groupId":       "SELECT CAST(MIN(group_id) AS TEXT) FROM customer_group_members WHERE retailer_id = :retailer",
	"listSuppliers.code":          "SELECT code FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listSuppliers.name":          "SELECT name FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listSuppliers.contactNumber": "SELECT contact_number FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listSuppliers.groupId":       "SELECT CAST(MIN(group_id) AS TEXT) FROM supplier_group_members WHERE retailer_id = :retailer",
	"invoiceIds":                  "SELECT CAST(MIN(invoice_id) AS TEXT) FROM einvoices WHERE retailer_id = :retailer",
	"listEInvoices.status":        "0|2",
	"customerIds":                 "SELECT CAST(MIN(customer_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"customerCode":                "SELECT c.code FROM customers c JOIN invoices i ON i.retailer_id = :retailer AND i.customer_id = c.id WHERE c.retailer_id = :retailer ORDER BY c.id LIMIT 1",
	"customerPhone":               "SELECT c.contact_number FROM customers c JOIN invoices i ON i.retailer_id = :retailer AND i.customer_id = c.id WHERE c.retailer_id = :retailer AND c.contact_number IS NOT NULL ORDER BY c.id LIMIT 1",
	"listInvoices.status":         "SELECT DISTINCT CAST(status AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"listOrders.status":           "SELECT DISTINCT CAST(status AS TEXT) FROM orders WHERE retailer_id = :retailer",
	"orderId":                     "SELECT CAST(MIN(order_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"saleChannelId":               "SELECT DISTINCT CAST(sale_channel_id AS TEXT) FROM orders WHERE retailer_id = :retailer AND sale_channel_id IS NOT NULL",
	"listLocations.name":          "Hà Nội",
	"listOrderSuppliers.status":   "SELECT DISTINCT CAST(status AS TEXT) FROM order_suppliers WHERE retailer_id = :retailer",
	"productKey":                  "SELECT product_code FROM order_supplier_lines WHERE retailer_id = :retailer ORDER BY order_supplier_id, line LIMIT 1",
	"supplierKey":                 "SELECT supplier_code FROM order_suppliers WHERE retailer_id = :retailer AND supplier_code IS NOT NULL ORDER BY id LIMIT 1",
	"userNamKey":                  "SELECT user_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"userNamCreatedKey":           "SELECT user_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"expensesOthersIds":           "SELECT CAST(MIN(expenses_other_id) AS TEXT) FROM order_supplier_expenses WHERE retailer_id = :retailer",
	"descriptionKey":              "SELECT description FROM order_suppliers WHERE retailer_id = :retailer AND description IS NOT NULL ORDER BY id LIMIT 1",
	"codeKey":                     "SELECT code FROM order_suppliers WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"purchaseOrderCode":           "SELECT code FROM purchase_orders WHERE retailer_id = :retailer AND order_supplier_id IS NOT NULL ORDER BY id LIMIT 1",
	"masterUnitId":                "SELECT CAST(MIN(master_unit_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"masterProductId":             "SELECT CAST(MIN(master_product_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"categoryId":                  "SELECT CAST(MIN(category_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"tradeMarkId":                 "SELECT CAST(MIN(trade_mark_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"productType":                 "1|2|3",
	"listProducts.name":           "SELECT code FROM products WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"barcode":                     "SELECT bar_code FROM products WHERE retailer_id = :retailer AND deleted_at = 0 AND bar_code IS NOT NULL ORDER BY id LIMIT 1",
	"supplierIds":                 "SELECT CAST(MIN(supplier_id) AS TEXT) FROM purchase_orders WHERE retailer_id = :retailer",
	"supplierCode":                "SELECT supplier_code FROM purchase_orders WHERE retailer_id = :retailer AND supplier_code IS NOT NULL ORDER BY id LIMIT 1",
	"listPurchaseOrders.code":     "SELECT code FROM purchase_orders WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"listPurchaseOrders.status":   "SELECT DISTINCT CAST(status AS TEXT) FROM purchase_orders WHERE retailer_id = :retailer",
	"taxIds":                      "SELECT CAST(MIN(tax_id) AS TEXT) FROM purchase_order_lines WHERE retailer_id = :retailer",
	"listStockTakes.status":       "SELECT DISTINCT CAST(status AS TEXT) FROM stocktakes WHERE retailer_id = :retailer",
	"listTransfers.status":        "SELECT DISTINCT CAST(status AS TEXT) FROM transfers WHERE retailer_id = :retailer",
	"listUsers.name":              "SELECT given_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"type":                        "product.update",
	"outcome":                     "delivered|dead",
	"webhookId":                   "SELECT CAST(MIN(id) AS TEXT) FROM webhooks WHERE retailer_id = :retailer",
	"listWebhookDeliveries.{id}":  "SELECT CAST(MIN(id) AS TEXT) FROM webhooks WHERE retailer_id = :retailer",
	"getPriceBook.{id}":           "SELECT CAST(MIN(id) AS TEXT) FROM price_books WHERE retailer_id = :retailer",
	"includeSoftDeletedAttribute": "true|false",
}
