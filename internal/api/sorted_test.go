package api_test

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	keys "github.com/taphoa/taphoa/internal/text"
)

// everything asks lists for all that their rows have.
var everything = "&" + strings.NewReplacer("pageSize=1000&", "", "&hierachicalData=1", "").Replace(switches)

// listPaths are the routes that answer a [taphoa.Page], with their paths in a seeded shop.
func listPaths(d *apitest.Server) map[string]string {
	paths := map[string]string{}
	for _, r := range api.Routes() {
		if answered(r.Out)["nextCursor"] == nil {
			continue
		}
		path := r.Paths[0]
		switch r.Operation {
		case "getPriceBook":
			path = strings.Replace(path, "{id}", "{pricebook:Giá sỉ}", 1)
		case "listWebhookDeliveries":
			path = strings.Replace(path, "{id}", "{webhook:product.update}", 1)
		case "listVouchers":
			path += "?campaignId={campaign:TET}"
		}
		if !strings.Contains(path, "?") {
			path += "?"
		}
		paths[r.Operation] = fillIn(d, path)
	}
	return paths
}

// rowOf is the type of a list's rows.
func rowOf(r *api.Route) reflect.Type { return elementOf(answered(r.Out)["data"]) }

// row is a record as a list shows it.
type row map[string]any

// id is what a record is known by.
func (r row) id() string {
	for _, member := range []string{"id", "categoryId", "tradeMarkId", "productId", "invoiceId"} {
		if id := r[member]; id != nil {
			return fmt.Sprint(id)
		}
	}
	return ""
}

// rowsOf are the rows of a list's answer.
func rowsOf(t *testing.T, a apitest.Answer) []row {
	t.Helper()
	var page struct {
		Data []row `json:"data"`
	}
	if err := json.Unmarshal(a.Body, &page); err != nil || a.Status != http.StatusOK {
		t.Fatalf("%d %v in %.500s", a.Status, err, a.Body)
	}
	return page.Data
}

// assorted are requests that give each list three records of different values, in an order of values that is not that of the
// ids. They are sent three times, with ~ for a text, # for a number,
// % for a small one, ? for a truth, * for a day, $ for a tax, & and ! for the next and the last of the texts, ^ and = for how many times
// this one and the next were sent.
var assorted = []string{
	`POST /branches {"branchName":"~ B","branchCode":"B~","contactNumber":"02#","email":"~@x.vn","address":"~","locationName":"~","wardName":"~"}`,
	`POST /users {"userName":"u~","givenName":"~","address":"~","mobilePhone":"09#","email":"~@x.vn","description":"~","birthDate":"*"}`,
	`POST /salechannel {"name":"~","img":"https://x.vn/~.png","isActive":?,"position":#}`,
	`POST /trademark {"tradeMarkName":"~"}`,
	`POST /categories {"categoryName":"C~","rank":#}`,
	`POST /categories {"categoryName":"D~","parentId":{category:C~}}`,
	`POST /products {"code":"P~","name":"~ hàng","barCode":"89#","categoryId":{category:C~},"tradeMarkId":{trademark:~},"description":"~","unit":"~",
		"basePrice":#000,"weight":#,"allowsSale":?,"isActive":?,"isRewardPoint":?,"orderTemplate":"~","masterCode":"M~","productTaxs":[{"taxId":$}],
		"inventories":[{"branchId":{branch:CN1},"onHand":#,"cost":1000,"minQuantity":#,"maxQuantity":#0}]}`,
	`POST /products {"code":"H~","name":"~ hàng","masterUnitId":{product:P~},"unit":"hộp","conversionValue":#}`,
	`POST /products {"code":"A~","name":"~ áo","categoryId":{category:C~},"attributes":[{"attributeName":"Cỡ","attributeValue":"~"}],
		"inventories":[{"branchId":{branch:CN1},"onHand":100}]}`,
	`POST /products {"code":"AA~","name":"~ áo","masterProductId":{product:A~},"attributes":[{"attributeName":"Cỡ","attributeValue":"~2"}]}`,
	`POST /products {"code":"Q~","name":"~ quà","productType":1,"productFormulas":[{"materialId":{product:P~},"quantity":1}]}`,
	`POST /pricebooks {"name":"~","isActive":?,"startDate":"*","endDate":"*",
		"priceBookBranches":[{"branchId":{branch:CN1}}],"priceBookCustomerGroups":[{"customerGroupId":{group:Khách quen}}],"priceBookUsers":[{"userId":{user:lan}}]}`,
	`POST /pricebooks/detail {"priceBookId":{pricebook:Giá sỉ},"details":[{"productId":{product:P~},"price":#}]}`,
	`POST /customers/group {"name":"~","description":"~","discount":#}`,
	`POST /customers {"paymentDays":#,"debtLimit":#000000,"debtLimitPolicy":"POLICY%","code":"K~","name":"~","gender":?,"birthDate":"*","contactNumber":"0900 000 0#","subNumber":"~","identificationNumber":"~",
		"address":"~","locationName":"~","wardName":"~","email":"~@x.vn","organization":"~","comments":"~","taxCode":"~","branchId":{branch:B&},
		"groupIds":[{group:~},{group:Khách quen}]}`,
	`POST /suppliers/group {"name":"~","description":"~"}`,
	`POST /suppliers {"paymentDays":#,"code":"N~","name":"~","contactNumber":"0900 000 0#","address":"~","locationName":"~","wardName":"~","email":"~@x.vn",
		"organization":"~","comments":"~","taxCode":"~","branchId":{branch:B&},"isActive":?,"groupIds":[{suppliergroup:~},{suppliergroup:Nhà phân phối}]}`,
	`POST /BankAccounts {"bankName":"~","accountNumber":"#","description":"~"}`,
	`POST /surchages {"name":"~","code":"~","value":#}`,
	`POST /orders {"branchId":{branch:B&},"purchaseDate":"*","soldById":{user:u&},"customerId":{customer:K&},"discount":#,"description":"~",
		"method":"Card","accountId":{bank:&},"totalPayment":#0,"saleChannelId":{channel:&},"usingCod":?,"orderDetails":[{"productCode":"GOI","quantity":#}]}`,
	`POST /invoices {"branchId":{branch:B&},"purchaseDate":"*","soldById":{user:u&},"customerId":{customer:K&},"discount":#,"description":"~",
		"method":"Transfer","accountId":{bank:&},"totalPayment":#0,"saleChannelId":{channel:&},"usingCod":?,"invoiceDetails":[{"productCode":"GOI","quantity":#}]}`,
	`POST /invoices {"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"GOI","quantity":1}],"totalPayment":1000}`,
	`POST /invoices {"branchId":{branch:CN1},"customerId":{customer:K~},"invoiceDetails":[{"productCode":"GOI","quantity":#0}]}`,
	`POST /returns {"branchId":{branch:B&},"returnDate":"*","soldById":{user:u&},"receivedById":{user:u&},"customerId":{customer:K&},"returnDiscount":#,
		"returnFee":#,"description":"~","totalPayment":#0,"returnDetails":[{"productCode":"GOI","quantity":#}]}`,
	`PUT /einvoices/info {"data":[{"invoiceId":{invoice:HD00000^},"invoiceRefId":"~","partnerTransactionCode":"~","partner":%,"status":%,"type":1,
		"invoiceNumber":"~","publishDate":"*","serial":"~"}]}`,
	`POST /ordersuppliers {"branchId":{branch:B&},"supplierId":{supplier:N&},"userId":{user:u&},"orderDate":"*","description":"~","discount":#,
		"status":1,"orderSupplierDetails":[{"productCode":"A~","quantity":#,"price":1000}],
		"orderSupplierExpensesOthers":[{"expensesOtherName":"Xe","price":#,"form":1},{"expensesOtherName":"Tàu","price":#,"form":0}]}`,
	`POST /purchaseorders {"branchId":{branch:B!},"supplierId":{supplier:N!},"purchaseDate":"*","description":"~","discount":#,"status":3,
		"orderSupplierCode":"PDN00000=","paidAmount":^0,"isApplyPurchaseTax":?,"purchaseOrderDetails":[{"productCode":"A~","quantity":#,"price":1000}],
		"surcharges":[{"name":"Xe","value":#,"isSupplierExpense":true},{"name":"Tàu","value":#,"isSupplierExpense":false}]}`,
	`POST /purchaseorders {"branchId":{branch:B&},"isDraft":true,"purchaseOrderDetails":[{"productCode":"A~","quantity":1,"price":1000}]}`,
	`POST /purchaseorders {"branchId":{branch:CN1},"supplierId":{supplier:N~},"purchaseOrderDetails":[{"productCode":"A~","quantity":#0,"price":1000}]}`,
	`POST /transfers {"fromBranchId":{branch:CN1},"toBranchId":{branch:B~},"isDraft":true,"transferDetails":[{"productCode":"A~","sendQuantity":1}]}`,
	`POST /transfers {"fromBranchId":{branch:B&},"toBranchId":{branch:B!},"status":%,"description":"~","noteByDestination":"~",
		"transferDetails":[{"productCode":"A~","sendQuantity":1,"receivedQuantity":1}]}`,
	`POST /stocktakes {"branchId":{branch:B&},"isDraft":true,"description":"~","stockTakeDetails":[{"productCode":"A~","actualQuantity":#}]}`,
	`POST /stocktakes {"branchId":{branch:B&},"description":"~","stockTakeDetails":[{"productCode":"A~","actualQuantity":#}]}`,
	`POST /cashflow {"branchId":{branch:B&},"amount":#000,"cashGroup":"~","partnerName":"~","contactNumber":"~","address":"~","transDate":"*","description":"~"}`,
	`POST /cashflow {"branchId":{branch:CN1},"amount":-#,"partnerType":"U","partnerId":{user:u~},"method":"Card","accountId":{bank:~}}`,
	`POST /debtadjustments {"partnerType":"C","partnerId":{customer:K&},"debt":#000,"points":#,"documentDate":"*","reason":"~"}`,
	`POST /debtadjustments {"type":"opening","partnerType":"S","partnerId":{supplier:N~},"debt":-#}`,
	`POST /debtadjustments {"partnerType":"C","partnerId":{customer:K~},"points":#}`,
	`POST /vouchercampaign {"code":"VC~","name":"~","isActive":?,"startDate":"*","endDate":"2027-01-#","expireTime":#,"prereqPrice":#,"price":#,
		"useVoucherCombineInvoice":?,"isGlobal":?,"forAllUser":?,"forAllCusGroup":?,"voucherBranchs":[{"branchId":{branch:CN1}}],
		"voucherUsers":[{"userId":{user:lan}}],"voucherCusGroups":[{"groupId":{group:Khách quen}}]}`,
	`POST /vouchers {"voucherCampaignId":{campaign:TET},"data":[{"code":"W~"}]}`,
	`POST /voucher/release/sell {"CampaignId":{campaign:TET},"Vouchers":[{"Code":"W~"}],"PartnerType":"C","PartnerId":{customer:K~}}`,
	`POST /couponcampaign {"code":"KC~","name":"~","startDate":"*","endDate":"2027-01-#"}`,
	`POST /coupons {"campaignId":{coupons:KC~},"coupons":[{"code":"L~"},{"code":"LL~"}]}`,
	`PUT /couponcampaign/{coupons:KC~} {"isActive":?}`,
	`POST /coupons/release {"campaignId":{coupons:KT},"coupons":[{"code":"K0%"}]}`,
	`POST /webhooks {"Webhook":{"Type":"~","Url":"https://~.vn/hook","Description":"~","IsActive":?}}`,
}

// changed are requests that change the first of the records last.
var changed = []string{
	`PUT /branches/{branch:Bm} {"email":"m2@x.vn"}`, `PUT /users/{user:um} {"email":"m2@x.vn"}`, `PUT /categories/{category:Cm} {"rank":25}`,
	`PUT /products/{product:Pm} {"weight":20}`, `PUT /products/{product:TRA} {"inventories":[{"branchId":{branch:CN1},"onHand":5}]}`,
	`PUT /pricebooks/{pricebook:m} {"isActive":true}`, `PUT /customers/{customer:Km} {"email":"m2@x.vn"}`,
	`PUT /suppliers/{supplier:Nm} {"email":"m2@x.vn"}`, `PUT /BankAccounts/{bank:m} {"description":"m2"}`, `PUT /surchages/{surcharge:m} {"value":25}`,
	`PUT /orders/{order:DH000001} {"description":"m2"}`, `PUT /invoices/{invoice:HD000001} {"description":"m2"}`,
	`PUT /returns/{return:TH000001} {"description":"m2"}`, `PUT /purchaseorders/{purchase:PN000004} {"description":"m2"}`,
	`PUT /stocktakes/{stocktake:KK000001} {"description":"m2"}`,
}

func assort(t *testing.T, d *apitest.Server) {
	t.Helper()
	d.Set("UseSurcharge", "true")
	d.Set("AllowSellWhenOutStock", "true")
	send := func(request string) {
		d.Clock.Advance(60)
		request = fillIn(d, request)
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		if a := d.Send(method, path, body); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", request, a.Status, a.Body)
		}
	}
	for _, request := range assorted {
		for i, r := range []struct{ text, number, small, truth, day, tax, event string }{
			{"m", "20", "2", "true", "2026-11-12", "6", "order.update"},
			{"z", "30", "3", "false", "2026-11-13", "2", "stock.update"},
			{"a", "10", "1", "true", "2026-11-11", "8", "customer.update"},
		} {
			send(strings.NewReplacer("POLICY%", []string{"refuse", "warn", "refuse"}[i], `"Type":"~"`, `"Type":"`+r.event+`"`, "~", r.text, "#", r.number, "%", r.small, "?", r.truth, "*", r.day, "$", r.tax,
				"&", []string{"z", "a", "m"}[i], "!", []string{"a", "m", "z"}[i], "^", fmt.Sprint(i+1), "=", fmt.Sprint((i+1)%3+1)).Replace(request))
		}
	}
	for _, request := range changed {
		send(request)
	}
	for table, columns := range given {
		for column, values := range columns {
			give(d, table, column, values)
		}
	}
	deliver(d)
}

// given are what the API cannot make, or not without a page of requests: values that the rows get in turn, by table and column.
var given = map[string]map[string][]any{
	"orders": {
		"discount_ratio": numbers, "discount_after_tax": numbers, "pricing_mode": numbers, "total_tax": numbers, "method": words,
		"status": []any{1, 4, 3}, "price_book_id": numbers, "using_cod": truths,
	},
	"invoices": {
		"discount_ratio": numbers, "discount_after_tax": numbers, "pricing_mode": numbers, "total_tax": numbers, "method": words,
		"status": []any{1, 5, 3, 2}, "order_id": numbers, "order_code": words, "price_book_id": numbers, "using_cod": truths,
	},
	"returns":         {"discount_after_tax": numbers, "pricing_mode": numbers, "total_tax": numbers, "status": []any{1, 2, 1}, "invoice_id": numbers},
	"einvoices":       {"type": []any{1, 0, 1}, "modified_date": days},
	"purchase_orders": {"discount_ratio": numbers, "purchase_by_id": []any{103, 104, 102}, "status": []any{3, 1, 3, 4, 1}},
	"order_suppliers": {
		"discount_ratio": numbers, "status": []any{3, 4, 3}, "created_by": numbers, "supplier_old_debt": numbers,
		"total_product_type": numbers, "total_tax": numbers,
	},
	"transfers":  {"created_by_id": []any{103, 104, 102}, "status": []any{1, 4, 3}, "dispatched_date": days, "received_date": days},
	"stocktakes": {"balanced_date": days, "status": []any{1, 3, 2}, "total_difference": numbers, "created_by_id": []any{103, 104, 102}},
	"surcharges": {"value_ratio": numbers},
	"payments":   {"user_id": []any{103, 104, 102}, "status": []any{0, 1, 0}},
	"customers": {
		"type": []any{1, 0, 1}, "created_by": words, "is_active": truths, "psid_facebook": numbers, "reward_point": numbers,
		"total_point": numbers,
	},
	"suppliers":         {"created_by": words, "total_invoiced": numbers, "total_invoiced_without_return": numbers},
	"customer_groups":   {"created_by": numbers, "modified_date": days},
	"supplier_groups":   {"created_by": numbers, "modified_date": days},
	"sale_channels":     {"created_by": numbers, "is_not_delete": truths},
	"price_books":       {"is_global": truths, "for_all_cus_group": truths, "for_all_user": truths},
	"coupon_campaigns":  {"quantity": numbers},
	"coupons":           {"campaign_id": []any{103, 104, 102}, "status": []any{1, 3, 2}, "used_date": days},
	"vouchers":          {"status": []any{1, 3, 2}, "used_date": days, "partner_id": numbers, "partner_type": words},
	"voucher_campaigns": {"quantity": numbers, "is_global": truths, "for_all_cus_group": truths, "for_all_user": truths},
	"webhooks": {
		"stop_reason": words, "stopped_date": days, "last_error": words, "attempt": numbers, "next_at": days, "done_seq": numbers,
		"old_secret_until": days, "modified_date": days,
	},
	"trademarks": {"modified_date": days},
	"debt_adjustments": {
		"status": []any{1, 2, 1}, "created_by": []any{103, 104, 102}, "modified_date": days, "changed_at": days,
	},
}

var (
	words   = []any{"m", "z", "a"}
	numbers = []any{20, 30, 10}
	truths  = []any{true, false, true}
	days    = []any{1_795_000_000_000_000, 1_796_000_000_000_000, 1_794_000_000_000_000}
)

// deliver notes deliveries of several webhooks, most of which were given up.
func deliver(d *apitest.Server) {
	d.Write(func(tx *db.Tx) error {
		hooks, err := db.All[int64](tx, `SELECT id FROM webhooks WHERE retailer_id = :retailer ORDER BY id`)
		for i := range 9 {
			var id int64
			if err == nil {
				id, err = tx.NewID("webhook_deliveries")
			}
			tx.Queue(`
				INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, status, duration,
					error, answer, at)
				VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				id, hooks[[]int{2, 0, 1, 0, 0, 0, 2, 3, 1}[i]], numbers[i%3].(int)-9, numbers[i%3], numbers[i%3], []string{"dead", "dead", "dead", "failed", "delivered"}[i%5], numbers[i%3], numbers[i%3], words[i%3], words[i%3], days[i%3])
			tx.Count("webhook_deliveries", 1, id)
		}
		return err
	})
}

// give spreads values over the rows of a table: what the API cannot make, or not without a page of requests.
func give(d *apitest.Server, table, column string, values []any) {
	id := "id"
	if table == "einvoices" {
		id = "invoice_id"
	}
	d.Write(func(tx *db.Tx) error {
		ids, err := db.All[int64](tx, `SELECT `+id+` FROM `+table+` WHERE retailer_id = :retailer ORDER BY `+id)
		for i, n := range ids {
			if err == nil {
				_, err = tx.Exec(`UPDATE `+table+` SET `+column+` = ? WHERE retailer_id = :retailer AND `+id+` = ?`, values[i%len(values)], n)
			}
		}
		return err
	})
}

// sortedBy is what of a member counts where it is not the text shown. A modifiedDate that is not shown counts as createdDate.
var sortedBy = map[string]func(shown string) string{
	"listProducts.name": db.Fold, "listProducts.fullName": db.Fold, "listCustomers.name": db.Fold, "listSuppliers.name": db.Fold,
	"listUsers.givenName": db.Fold, "listBranches.branchName": db.Fold, "listCategories.categoryName": db.Fold,
	"listTrademarks.tradeMarkName": db.Fold, "listPriceBooks.name": db.Fold, "listCustomerGroups.name": db.Fold,
	"listSupplierGroups.name": db.Fold, "listSaleChannels.name": db.Fold, "listVoucherCampaigns.name": db.Fold, "listCouponCampaigns.name": db.Fold,
	"listProducts.code": strings.ToLower, "listProductOnHands.code": strings.ToLower, "getPriceBook.productCode": strings.ToLower,
	"listCustomers.code": strings.ToLower, "listSuppliers.code": strings.ToLower, "listSurcharges.surchargeCode": strings.ToLower,
	"listVouchers.code": strings.ToLower, "listCoupons.code": strings.ToLower, "listVoucherCampaigns.code": strings.ToLower,
	"listCouponCampaigns.code": strings.ToLower, "listUsers.userName": strings.ToLower,
	"listCustomers.contactNumber": keys.PhoneKey, "listSuppliers.contactNumber": keys.PhoneKey,
}

// unsorted are members by which a list cannot be sorted, and why.
var unsorted = map[string]string{
	"retailerId": "the same in all rows", "viewPrice": "the same in all rows", "listSurcharges.isActive": "those in use are listed",
	"listVouchers.price": "of one campaign", "listVouchers.voucherCampaignId": "of one campaign",
	"listWebhooks.heldUp": "nothing was refused", "listWebhookDeliveries.webhookId": "of one registration", "listWebhookDeliveries.url": "of one registration",
	"listDeadDeliveries.outcome": "dead ones are listed", "body": "shown of one delivery alone", "deliveryId": "a hash",
}

// growing are members whose values rise with the ids, so that the test cannot tell the two orders apart.
var growing = map[string]bool{
	"id": true, "categoryId": true, "tradeMarkId": true, "productId": true, "listEInvoices.invoiceId": true, "listEInvoices.invoiceCode": true,
	"createdDate": true, "createDate": true, "listOrders.code": true, "listInvoices.code": true, "listReturns.code": true, "listPurchaseOrders.code": true,
	"listOrderSuppliers.code": true, "listTransfers.code": true, "listStockTakes.code": true,
	"listDebtAdjustments.code": true,
}

// other are further spellings of members that orderBy takes.
var other = map[string]map[string]string{
	"listBankAccounts": {"name": "bankName"}, "listBranches": {"name": "branchName"}, "listCategories": {"Name": "categoryName"},
	"listSurcharges": {"name": "surchargeName", "code": "surchargeCode"}, "listTrademarks": {"name": "tradeMarkName"},
	"listUsers": {"name": "givenName"}, "listOrders": {"name": "code"}, "listInvoices": {"name": "code"}, "listReturns": {"name": "code"},
	"listPurchaseOrders": {"name": "code"}, "listOrderSuppliers": {"name": "code"}, "listCashFlow": {"name": "code", "accountid": "AccountId"},
	"listDebtAdjustments": {"name": "code"},
	"getPriceBook":        {"code": "productCode"}, "listCustomers": {"comment": "comments"}, "listTransfers": {"transferredDate": "dispatchedDate"},
}

// TestListsAreSortedByWhatTheyShow asks each list for each of the members that its records show, which are all documented ones
// (see TestEveryDocumentedMemberIsInTheAnswers).
func TestListsAreSortedByWhatTheyShow(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		assort(t, d)
		if t.Failed() {
			return
		}
		paths := listPaths(d)
		for _, r := range api.Routes() {
			path, isList := paths[r.Operation]
			if !isList {
				continue
			}
			ids := rowsOf(t, d.Send(r.Method, path+everything+"&pageSize=1000&orderBy=id", ""))
			for alias, name := range other[r.Operation] {
				by := func(name string) []row { return rowsOf(t, d.Send(r.Method, path+"&orderBy="+name, "")) }
				if !reflect.DeepEqual(by(alias), by(name)) {
					t.Errorf("%s: by %s come other records than by %s", r.Operation, alias, name)
				}
			}
			for name, kind := range answered(rowOf(&r)) {
				if name == "" || !slices.Contains([]string{"string", "number", "bool", "time"}, kindOf(kind)) || unsorted[r.Operation+"."+name] != "" || unsorted[name] != "" {
					continue
				}
				shown := func(x row) any {
					text, isText := x[name].(string)
					by := sortedBy[r.Operation+"."+name]
					switch {
					case name == "modifiedDate" && !isText && r.Operation != "listProductOnHands":
						return x["createdDate"]
					case by != nil:
						return by(text)
					}
					return x[name]
				}
				if !growing[name] && !growing[r.Operation+"."+name] && (ascends(ids, shown, 1) || ascends(ids, shown, -1)) {
					t.Errorf("%s: %s does not differ enough: %v", r.Operation, name, shownBy(ids, shown))
				}
				for direction, sign := range map[string]int{"Asc": 1, "desc": -1} {
					target := path + everything + "&orderBy=" + strings.ToUpper(name) + "&orderDirection=" + direction
					if rows := rowsOf(t, d.Send(r.Method, target+"&pageSize=1000", "")); !ascends(rows, shown, sign) || len(rows) != len(ids) {
						t.Errorf("%s: by %s %s come %v", r.Operation, name, direction, shownBy(rows, shown))
					} else if sign > 0 {
						continue
					} else if walked := walk(t, d, fmt.Sprint(target, "&pageSize=", len(ids)/2+1), nil); !reflect.DeepEqual(walked, rows) {
						t.Errorf("%s: by %s %s a walk meets %v, not %v", r.Operation, name, direction, shownBy(walked, shown), shownBy(rows, shown))
					}
				}
			}
		}
	})
}

// TestListsOfAPartAreSortedByWhatTheyShow asks for members that depend on what else is asked for.
func TestListsOfAPartAreSortedByWhatTheyShow(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		assort(t, d)
		for _, list := range []struct{ path, member string }{
			{"/productOnHands?branchIds={branch:CN1}", "modifiedDate"},
			{"/productOnHands?branchIds={branch:CN2}", "modifiedDate"},
			{"/productOnHands?lastModifiedFrom=2026-11-01", "modifiedDate"},
			{"/pricebooks/0?", "price"},
			{"/pricebooks/{pricebook:Giá sỉ}?lastModifiedFrom=2026-11-01", "price"},
		} {
			for direction, sign := range map[string]int{"asc": 1, "desc": -1} {
				target := fillIn(d, list.path) + "&orderBy=" + list.member + "&orderDirection=" + direction
				rows := rowsOf(t, d.Send(http.MethodGet, target+"&pageSize=1000", ""))
				shown := func(x row) any { return x[list.member] }
				walked := walk(t, d, target+"&pageSize=3", nil)
				if len(rows) < 3 || !ascends(rows, shown, sign) || !reflect.DeepEqual(walked, rows) {
					t.Errorf("%s: %v, by cursor %v", target, shownBy(rows, shown), shownBy(walked, shown))
				}
			}
		}
	})
}

func shownBy(rows []row, shown func(row) any) (all []any) {
	for _, r := range rows {
		all = append(all, shown(r))
	}
	return all
}

// ascends reports that values ascend, or with the sign -1 descend.
func ascends(rows []row, shown func(row) any, sign int) bool {
	return slices.IsSortedFunc(rows, func(a, b row) int { return sign * compareShown(shown(a), shown(b)) })
}

// compareShown compares values of JSON: what is absent is less than all others, and an empty text.
func compareShown(a, b any) int {
	rank := func(v any) (n int, number float64, text string) {
		switch v := v.(type) {
		case bool:
			return 1, float64(map[bool]int{true: 1}[v]), ""
		case float64:
			return 1, v, ""
		case string:
			return 0, 0, v
		}
		return 0, 0, ""
	}
	an, af, at := rank(a)
	bn, bf, bt := rank(b)
	return cmp.Or(cmp.Compare(an, bn), cmp.Compare(af, bf), strings.Compare(at, bt))
}
