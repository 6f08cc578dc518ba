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
	filter string           // members separated by blanks; "" for none, * for any
	orders string           // names separated by blanks, none where there is none; * is any
	but    string           // names that are none of any
	at     string           // of which page; * for any
	per    map[string]int64 // by engine: what it costs at most for each row of the list
	of     string           // the list whose rows those are, if not its own
	why    string
	long   bool // shows only in a long run
}

type costs = map[string]int64

// exceptions are the requests that walk the list, why they do, and what that costs at most: steps of SQLite's virtual
// machine, rows visited by PostgreSQL, for each row of the list.
var exceptions = []exception{
	{list: "listCategories", filter: "", orders: "*", at: "*", per: costs{"sqlite": 30, "postgres": 8}, why: byNothing + ": a shop has some hundred categories"},
	{list: "listCategories", filter: "lastModifiedFrom", orders: "*", at: "*", per: costs{"sqlite": 20, "postgres": 4}, why: byNothing + ": a shop has some hundred categories"},
	{list: "listTrademarks", filter: "*", orders: "*", at: "*", per: costs{"sqlite": 20, "postgres": 2}, why: byNothing + ": a shop has some hundred brands"},
	{list: "listCoupons", filter: "*", orders: "*", at: "*", per: costs{"sqlite": 32, "postgres": 4}, why: byNothing + ": they are looked at by people"},
	{list: "listCustomerGroups", filter: "", orders: "*", at: "*", per: costs{"sqlite": 8, "postgres": 1}, of: "listCustomers", why: "a group is shown with its customers"},

	{list: "listProducts", filter: "", orders: "categoryname maxquantity minquantity taxrate taxratedirect taxtype trademarkname", at: "*", per: costs{"sqlite": 48, "postgres": 3}, why: lookedUp},
	{list: "listProducts", filter: "", orders: "*", but: "id none code name fullname categoryid modifieddate", at: "*", per: costs{"sqlite": 18, "postgres": 2}, why: sorted},
	{list: "listProductOnHands", filter: "", orders: "modifieddate", at: "*", per: costs{"sqlite": 130, "postgres": 20}, why: lookedUp},
	{list: "listProductOnHands", filter: "", orders: "baseprice createddate type", at: "*", per: costs{"sqlite": 16, "postgres": 2}, why: sorted},
	{list: "listCustomers", filter: "", orders: "groups", at: "*", per: costs{"sqlite": 42, "postgres": 3}, why: lookedUp},
	{list: "listCustomers", filter: "", orders: "*", but: "id none code name modifieddate debt", at: "*", per: costs{"sqlite": 19, "postgres": 2}, why: sorted},
	{list: "listCustomers", filter: "", orders: "debt", at: "*", per: costs{"sqlite": 30, "postgres": 3}, why: sorted + ", with a look at each balance"},
	{list: "listSuppliers", filter: "", orders: "groups", at: "*", per: costs{"sqlite": 60, "postgres": 300}, why: lookedUp},
	{list: "listSuppliers", filter: "", orders: "*", but: "id none code name modifieddate debt", at: "*", per: costs{"sqlite": 20, "postgres": 4}, why: sorted},
	{list: "listSuppliers", filter: "", orders: "debt", at: "*", per: costs{"sqlite": 35, "postgres": 6}, why: sorted + ", with a look at each balance"},
	{list: "listOrders", filter: "", orders: "branchname salechannelname soldbyname", at: "*", per: costs{"sqlite": 26, "postgres": 9}, why: lookedUp},
	{list: "listOrders", filter: "", orders: "*", but: "id none code name modifieddate purchasedate", at: "*", per: costs{"sqlite": 17, "postgres": 2}, why: sorted},
	{list: "listInvoices", filter: "", orders: "branchname salechannelname soldbyname", at: "*", per: costs{"sqlite": 26, "postgres": 9}, why: lookedUp},
	{list: "listInvoices", filter: "", orders: "*", but: "id none code name modifieddate purchasedate", at: "*", per: costs{"sqlite": 15, "postgres": 2}, why: sorted},
	{list: "listReturns", filter: "", orders: "branchname soldbyname", at: "*", per: costs{"sqlite": 28, "postgres": 9}, why: lookedUp},
	{list: "listReturns", filter: "", orders: "*", but: "id none code name modifieddate returndate", at: "*", per: costs{"sqlite": 19, "postgres": 3}, why: sorted},
	{list: "listPurchaseOrders", filter: "", orders: "branchname ordersuppliercode purchasename", at: "*", per: costs{"sqlite": 30, "postgres": 12}, why: lookedUp},
	{list: "listPurchaseOrders", filter: "", orders: "*", but: "id none code name modifieddate purchasedate", at: "*", per: costs{"sqlite": 25, "postgres": 4}, why: sorted},
	{list: "listOrderSuppliers", filter: "", orders: "invoiceid paidamount purchaseordercodes supplierdebt", at: "*", per: costs{"sqlite": 48, "postgres": 6}, why: lookedUp},
	{list: "listOrderSuppliers", filter: "", orders: "*", but: "id none code name", at: "*", per: costs{"sqlite": 24, "postgres": 4}, why: sorted},
	{list: "listTransfers", filter: "", orders: "createdbyname frombranchname tobranchname", at: "*", per: costs{"sqlite": 28, "postgres": 12}, why: lookedUp},
	{list: "listTransfers", filter: "", orders: "*", but: "id none code", at: "*", per: costs{"sqlite": 20, "postgres": 4}, why: sorted},
	{list: "listStockTakes", filter: "", orders: "branchname createdbyname", at: "*", per: costs{"sqlite": 28, "postgres": 12}, why: lookedUp},
	{list: "listStockTakes", filter: "", orders: "*", but: "id none code modifieddate", at: "*", per: costs{"sqlite": 25, "postgres": 4}, why: sorted},
	{list: "listCashFlow", filter: "", orders: "account address branch contactnumber locationname partnername user wardname", at: "*", per: costs{"sqlite": 30, "postgres": 9}, why: lookedUp},
	{list: "listCashFlow", filter: "", orders: "*", but: "id none code name transdate", at: "*", per: costs{"sqlite": 18, "postgres": 2}, why: sorted},
	{list: "listEInvoices", filter: "", orders: "invoicecode", at: "*", per: costs{"sqlite": 26, "postgres": 4}, why: lookedUp},
	{list: "listEInvoices", filter: "", orders: "*", but: "id none invoiceid modifieddate", at: "*", per: costs{"sqlite": 18, "postgres": 2}, why: sorted},
	{list: "listDeliveries", filter: "", orders: "type url", at: "*", per: costs{"sqlite": 28, "postgres": 3}, why: lookedUp},
	{list: "listDeliveries", filter: "", orders: "*", but: "id none webhookid", at: "*", per: costs{"sqlite": 15, "postgres": 3}, why: sorted},
	{list: "getPriceBook", filter: "", orders: "*", at: "*", per: costs{"postgres": 25}, why: "PostgreSQL looks through the products rather than up a sixth of them"},
	{list: "listDeadDeliveries", filter: "", orders: "at", at: "*", per: costs{"sqlite": 12, "postgres": 3}, of: "listDeliveries", why: looked},
	{list: "*", filter: "", orders: "*", but: "id none", at: lastPage, per: costs{"sqlite": 15, "postgres": 2}, why: "currentItem goes through the keys before the page; a cursor does not"},

	{list: "listProducts", filter: "productType isActive name", orders: "*", at: "*", per: costs{"sqlite": 16, "postgres": 3}, why: looked},
	{list: "listCustomers", filter: "birthDate isActive name", orders: "*", at: "*", per: costs{"sqlite": 20, "postgres": 3}, why: looked},
	{list: "listCustomers", filter: "keyword", orders: "*", at: "*", per: costs{"sqlite": 35, "postgres": 3}, why: looked},
	{list: "listCustomers", filter: "includeTotals", orders: "*", at: "*", per: costs{"sqlite": 16, "postgres": 3}, why: summed},
	{list: "listOrders", filter: "includeTotals", orders: "*", at: "*", per: costs{"sqlite": 14, "postgres": 3}, why: summed},
	{list: "listCustomers", filter: "groupId", orders: "*", at: "*", per: costs{"postgres": 3}, why: "PostgreSQL looks through all rather than up a tenth of them"},
	{list: "listSuppliers", filter: "name isActive", orders: "*", at: "*", per: costs{"sqlite": 25, "postgres": 4}, why: looked, long: true},
	{list: "listOrders", filter: "saleChannelId", orders: "branchname", at: "*", per: costs{"sqlite": 14, "postgres": 4}, why: lookedUp, long: true},
	{list: "listOrders", filter: "status", orders: "*", at: "*", per: costs{"sqlite": 12, "postgres": 3}, why: looked},
	{list: "listOrders", filter: "saleChannelId", orders: "*", at: "*", per: costs{"sqlite": 12, "postgres": 3}, why: looked, long: true},
	{list: "listOrders", filter: "customerCode customerPhone", orders: "*", at: "*", per: costs{"sqlite": 2, "postgres": 1}, why: deleted},
	{list: "listInvoices", filter: "branchIds", orders: "branchname", at: "*", per: costs{"postgres": 7}, why: lookedUp},
	{list: "listInvoices", filter: "status", orders: "*", at: "*", per: costs{"sqlite": 12, "postgres": 7}, why: looked},
	{list: "listInvoices", filter: "customerCode customerPhone", orders: "*", at: "*", per: costs{"sqlite": 2, "postgres": 1}, why: deleted},
	{list: "listReturns", filter: "customerCode", orders: "*", at: "*", per: costs{"sqlite": 8, "postgres": 2}, why: deleted},
	{list: "listPurchaseOrders", filter: "status", orders: "*", at: "*", per: costs{"sqlite": 14, "postgres": 4}, why: looked},
	{list: "listPurchaseOrders", filter: "supplierCode", orders: "*", at: "*", per: costs{"sqlite": 2, "postgres": 3}, why: deleted, long: true},
	{list: "listDebtAdjustments", filter: "", orders: "left partnercode partnername", at: "*", per: costs{"sqlite": 30, "postgres": 5}, why: lookedUp},
	{list: "listDebtAdjustments", filter: "", orders: "*", but: "id none code name documentdate modifieddate", at: "*", per: costs{"sqlite": 20, "postgres": 3}, why: sorted},
	{list: "listDebtAdjustments", filter: "partnerType", orders: "*", at: "*", per: costs{"sqlite": 14, "postgres": 3}, why: looked},
	{list: "listTransfers", filter: "status", orders: "*", at: "*", per: costs{"sqlite": 14, "postgres": 4}, why: looked, long: true},
	{list: "listPurchaseOrders", filter: "taxIds", orders: "*", at: "*", per: costs{"sqlite": 200, "postgres": 60}, why: "the lines of all purchases are looked through"},
	{list: "listOrderSuppliers", filter: "productKey supplierKey", orders: "*", at: "*", per: costs{"sqlite": 70, "postgres": 12}, why: looked},
	{list: "listOrderSuppliers", filter: "userNamKey userNamCreatedKey", orders: "*", at: "*", per: costs{"sqlite": 25, "postgres": 4}, why: looked},
	{list: "listStockTakes", filter: "fromBalancedDate toBalancedDate status", orders: "*", at: "*", per: costs{"sqlite": 16, "postgres": 3}, why: looked},
	{list: "listCashFlow", filter: "cashFlowGroupId isReceipt method partnerType status usedForFinancialReporting userId", orders: "*", at: "*", per: costs{"sqlite": 17, "postgres": 8}, why: looked},
	{list: "listCashFlow", filter: "accountId branchIds startDate", orders: "account", at: "*", per: costs{"postgres": 8}, why: lookedUp},
	{list: "listCashFlow", filter: "partnerName contactNumber", orders: "*", at: "*", per: costs{"sqlite": 62, "postgres": 8}, why: looked + ", and all partners"},
	{list: "listWebhookDeliveries", filter: "fromDate toDate outcome", orders: "*", at: "*", per: costs{"sqlite": 20, "postgres": 2}, why: looked},
	{list: "listDeliveries", filter: "fromDate toDate outcome", orders: "*", at: "*", per: costs{"sqlite": 12, "postgres": 3}, why: looked},
	{list: "listDeadDeliveries", filter: "", orders: "*", but: "id none", at: "*", per: costs{"sqlite": 20, "postgres": 3}, of: "listDeliveries", why: looked},
	{list: "listDeadDeliveries", filter: "fromDate toDate webhookId outcome", orders: "*", at: "*", per: costs{"sqlite": 20, "postgres": 4}, of: "listDeliveries", why: looked},
	{list: "listVouchers", filter: "status", orders: "*", at: "*", per: costs{"sqlite": 30, "postgres": 5}, why: looked + ", of the campaign"},
	{list: "getPriceBook", filter: "lastModifiedFrom", orders: "*", at: "*", per: costs{"postgres": 25}, why: looked + ", of the price book"},
	{list: "listProductOnHands", filter: "lastModifiedFrom", orders: "*", at: "*", per: costs{"sqlite": 230, "postgres": 15}, why: "all levels are looked through"},
}

const (
	byNothing = "neither counted nor in an index"
	sorted    = "no index has this order: the list is sorted"
	lookedUp  = sorted + " by what is looked up for each record"
	looked    = "no index has what is asked for: the list is looked through"
	summed    = "up to 10,000 records are summed up: none of more, so it does not grow with the shop"
	deleted   = "partners who were deleted are looked through: there are few"
)

// find is the exception that covers a request.
func find(engine string, r *listRequest) *exception {
	member, _, _ := strings.Cut(r.filter, "=")
	if r.shows && member != "includeTotals" { // which does not show more of each record, but sums them all up
		member = ""
	}
	for i := range exceptions {
		e := &exceptions[i]
		if _, here := e.per[engine]; here && (e.at == "*" || e.at == r.at) && (e.list == "*" || e.list == r.route.Operation) &&
			(e.filter == "*" || e.filter == member || slices.Contains(strings.Fields(e.filter), member)) && e.covers(r.orderName()) {
			return e
		}
	}
	return nil
}

func (e *exception) covers(order string) bool {
	if e.orders == "*" {
		return !slices.Contains(strings.Fields(e.but), order)
	}
	return slices.Contains(strings.Fields(e.orders), order)
}

func (r *listRequest) orderName() string {
	name, _, _ := strings.Cut(r.order, " ")
	if name == "" {
		return "none"
	}
	return name
}

// excused notes which exceptions are made use of: by the words of the filter and of the order.
type excused struct {
	mu   sync.Mutex
	used map[*exception]map[string]bool
}

func (x *excused) note(e *exception, r *listRequest) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.used == nil {
		x.used = map[*exception]map[string]bool{}
	}
	if x.used[e] == nil {
		x.used[e] = map[string]bool{}
	}
	member, _, _ := strings.Cut(r.filter, "=")
	x.used[e][member], x.used[e][r.orderName()], x.used[e]["*"] = true, true, true
}

// judge finds the exceptions that nothing needs any more.
func (x *excused) judge(t *testing.T, both bool) {
	t.Helper()
	for i := range exceptions {
		e := &exceptions[i]
		_, lite := e.per["sqlite"]
		// What PostgreSQL alone needs varies with what it has sampled of a small table.
		if !lite && !both || (e.long || !lite) && !runsLong() {
			continue
		}
		for _, name := range append(strings.Fields(e.filter), strings.Fields(e.orders)...) {
			if !x.used[e][name] {
				t.Errorf("%s, filter %q, order %q: %s needs no exception any more (%s)", e.list, e.filter, e.orders, name, e.why)
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
	_, special := sampleValues[operation+"."+name]
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
	sql, found := sampleValues[name]
	if !found {
		_, member, _ := strings.Cut(name, ".")
		sql, found = sampleValues[member]
	}
	if !found {
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

// narrow are the lists that show a part of a table, without a filter.
var narrow = map[string]string{
	"listVouchers":       "of one campaign",
	"listDeadDeliveries": "that were given up",
}

// sampleValues are what members of queries are tried with: a text, several with | between them, or a query for them.
var sampleValues = map[string]string{
	"branchIds":     "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"BranchIds":     "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"branchId":      "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"toBranchIds":   "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",
	"fromBranchIds": "SELECT CAST(MIN(id) AS TEXT) FROM branches WHERE retailer_id = :retailer",

	"listCashFlow.code":              "SELECT code FROM payments WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"userId":                         "SELECT CAST(MIN(user_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"accountId":                      "SELECT CAST(MIN(account_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"partnerType":                    "C|O",
	"method":                         "SELECT DISTINCT method FROM payments WHERE retailer_id = :retailer",
	"cashFlowGroupId":                "SELECT CAST(MAX(cash_flow_group_id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"usedForFinancialReporting":      "0|1",
	"partnerName":                    "SELECT partner_name FROM payments WHERE retailer_id = :retailer AND partner_name IS NOT NULL ORDER BY id LIMIT 1",
	"listCashFlow.contactNumber":     "SELECT contact_number FROM payments WHERE retailer_id = :retailer AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listCashFlow.status":            "0|1",
	"partnerIds":                     "SELECT CAST(MIN(partner_id) AS TEXT) FROM debt_adjustments WHERE retailer_id = :retailer",
	"listDebtAdjustments.type":       "opening|adjustment",
	"listAgeing.partnerType!":        "C",
	"listAgeing.date":                "2026-11-10",
	"listOpenDocuments.partnerType!": "C",
	"listOpenDocuments.partnerId!":   "SELECT CAST(MIN(account_id) AS TEXT) FROM open_items WHERE retailer_id = :retailer AND account_type = 'C'",
	"customerStatement.{id}":         "SELECT CAST(MIN(customer_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"supplierStatement.{id}":         "SELECT CAST(MIN(supplier_id) AS TEXT) FROM purchase_orders WHERE retailer_id = :retailer",
	"customerStatement.from":         "2026-11-10",
	"customerStatement.to":           "2026-11-10",
	"supplierStatement.from":         "2026-11-10",
	"supplierStatement.to":           "2026-11-10",
	"listDebtAdjustments.status":     "1|2",
	"ids":                            "SELECT CAST(MIN(id) AS TEXT) FROM payments WHERE retailer_id = :retailer",
	"listVouchers.campaignId!":       "SELECT CAST(MIN(campaign_id) AS TEXT) FROM vouchers WHERE retailer_id = :retailer",
	"listCoupons.campaignId":         "SELECT CAST(MIN(campaign_id) AS TEXT) FROM coupons WHERE retailer_id = :retailer",
	"listVouchers.status":            "SELECT DISTINCT CAST(status AS TEXT) FROM vouchers WHERE retailer_id = :retailer",
	"listCoupons.status":             "SELECT DISTINCT CAST(status AS TEXT) FROM coupons WHERE retailer_id = :retailer",
	"listVoucherCampaigns.id":        "SELECT CAST(MIN(id) AS TEXT) FROM voucher_campaigns WHERE retailer_id = :retailer",
	"listCustomers.code":             "SELECT code FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.name":             "SELECT name FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.keyword":          "SELECT name FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listCustomers.contactNumber":    "SELECT contact_number FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listCustomers.birthDate":        "1990-03-08|03-08",
	"listCustomers.groupId":          "SELECT CAST(MIN(group_id) AS TEXT) FROM customer_group_members WHERE retailer_id = :retailer",
	"listSuppliers.code":             "SELECT code FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listSuppliers.name":             "SELECT name FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"listSuppliers.contactNumber":    "SELECT contact_number FROM suppliers WHERE retailer_id = :retailer AND deleted_at = 0 AND contact_number IS NOT NULL ORDER BY id LIMIT 1",
	"listSuppliers.groupId":          "SELECT CAST(MIN(group_id) AS TEXT) FROM supplier_group_members WHERE retailer_id = :retailer",
	"invoiceIds":                     "SELECT CAST(MIN(invoice_id) AS TEXT) FROM einvoices WHERE retailer_id = :retailer",
	"listEInvoices.status":           "0|2",
	"customerIds":                    "SELECT CAST(MIN(customer_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"customerCode":                   "SELECT c.code FROM customers c JOIN invoices i ON i.retailer_id = :retailer AND i.customer_id = c.id WHERE c.retailer_id = :retailer ORDER BY c.id LIMIT 1",
	"customerPhone":                  "SELECT c.contact_number FROM customers c JOIN invoices i ON i.retailer_id = :retailer AND i.customer_id = c.id WHERE c.retailer_id = :retailer AND c.contact_number IS NOT NULL ORDER BY c.id LIMIT 1",
	"listInvoices.status":            "SELECT DISTINCT CAST(status AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"listOrders.status":              "SELECT DISTINCT CAST(status AS TEXT) FROM orders WHERE retailer_id = :retailer",
	"soldById":                       "SELECT CAST(MAX(sold_by_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"productId":                      "SELECT CAST(MIN(product_id) AS TEXT) FROM invoice_lines WHERE retailer_id = :retailer",
	"listReturns.productId":          "SELECT CAST(MIN(product_id) AS TEXT) FROM return_lines WHERE retailer_id = :retailer",
	"listReturns.customerIds":        "SELECT CAST(MIN(customer_id) AS TEXT) FROM returns WHERE retailer_id = :retailer",
	"orderId":                        "SELECT CAST(MIN(order_id) AS TEXT) FROM invoices WHERE retailer_id = :retailer",
	"saleChannelId":                  "SELECT DISTINCT CAST(sale_channel_id AS TEXT) FROM orders WHERE retailer_id = :retailer AND sale_channel_id IS NOT NULL",
	"listLocations.name":             "Hà Nội",
	"listReturns.status":             "SELECT DISTINCT CAST(status AS TEXT) FROM returns WHERE retailer_id = :retailer",
	"listOrderSuppliers.status":      "SELECT DISTINCT CAST(status AS TEXT) FROM order_suppliers WHERE retailer_id = :retailer",
	"productKey":                     "SELECT product_code FROM order_supplier_lines WHERE retailer_id = :retailer ORDER BY order_supplier_id, line LIMIT 1",
	"supplierKey":                    "SELECT supplier_code FROM order_suppliers WHERE retailer_id = :retailer AND supplier_code IS NOT NULL ORDER BY id LIMIT 1",
	"userNamKey":                     "SELECT user_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"userNamCreatedKey":              "SELECT user_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"expensesOthersIds":              "SELECT CAST(MIN(expenses_other_id) AS TEXT) FROM order_supplier_expenses WHERE retailer_id = :retailer",
	"descriptionKey":                 "SELECT description FROM order_suppliers WHERE retailer_id = :retailer AND description IS NOT NULL ORDER BY id LIMIT 1",
	"codeKey":                        "SELECT code FROM order_suppliers WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"purchaseOrderCode":              "SELECT code FROM purchase_orders WHERE retailer_id = :retailer AND order_supplier_id IS NOT NULL ORDER BY id LIMIT 1",
	"masterUnitId":                   "SELECT CAST(MIN(master_unit_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"masterProductId":                "SELECT CAST(MIN(master_product_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"categoryId":                     "SELECT CAST(MIN(category_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"tradeMarkId":                    "SELECT CAST(MIN(trade_mark_id) AS TEXT) FROM products WHERE retailer_id = :retailer",
	"productType":                    "1|2|3",
	"listProducts.name":              "SELECT code FROM products WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1",
	"barcode":                        "SELECT bar_code FROM products WHERE retailer_id = :retailer AND deleted_at = 0 AND bar_code IS NOT NULL ORDER BY id LIMIT 1",
	"supplierIds":                    "SELECT CAST(MIN(supplier_id) AS TEXT) FROM purchase_orders WHERE retailer_id = :retailer",
	"supplierCode":                   "SELECT supplier_code FROM purchase_orders WHERE retailer_id = :retailer AND supplier_code IS NOT NULL ORDER BY id LIMIT 1",
	"listPurchaseOrders.code":        "SELECT code FROM purchase_orders WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"listPurchaseOrders.status":      "SELECT DISTINCT CAST(status AS TEXT) FROM purchase_orders WHERE retailer_id = :retailer",
	"taxIds":                         "SELECT CAST(MIN(tax_id) AS TEXT) FROM purchase_order_lines WHERE retailer_id = :retailer",
	"listStockTakes.status":          "SELECT DISTINCT CAST(status AS TEXT) FROM stocktakes WHERE retailer_id = :retailer",
	"listTransfers.status":           "SELECT DISTINCT CAST(status AS TEXT) FROM transfers WHERE retailer_id = :retailer",
	"listUsers.name":                 "SELECT given_name FROM users WHERE retailer_id = :retailer ORDER BY id LIMIT 1",
	"type":                           "product.update",
	"outcome":                        "delivered|dead",
	"webhookId":                      "SELECT CAST(MIN(id) AS TEXT) FROM webhooks WHERE retailer_id = :retailer",
	"listWebhookDeliveries.{id}":     "SELECT CAST(MIN(id) AS TEXT) FROM webhooks WHERE retailer_id = :retailer",
	"getPriceBook.{id}":              "SELECT CAST(id AS TEXT) FROM (SELECT 0 AS id UNION ALL SELECT MIN(id) FROM price_books WHERE retailer_id = :retailer) b",
	"includeSoftDeletedAttribute":    "true|false",
}
