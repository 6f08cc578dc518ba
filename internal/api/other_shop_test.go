package api_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// otherRecords are the records of the other shop that this shop tries to reach: ids and codes by the first segment of a path,
// or by everything before the id where the first segment is that of another type.
type otherRecords struct {
	ids   map[string]int64
	codes map[string]string
}

// createOtherRecords creates records of the other shop, with codes that this shop does not have.
func createOtherRecords(t *testing.T, d *apitest.Server) otherRecords {
	t.Helper()
	n := d.As(d.OtherShop)
	made := func(path, body, idPath string) int64 {
		t.Helper()
		a := n.Send(http.MethodPost, path, fillIn(n, body))
		text, _ := a.Get(idPath)
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("POST %s: %d %s", path, a.Status, a.Body)
		}
		return id
	}
	w := otherRecords{
		ids: map[string]int64{
			"categories": made("/categories", `{"categoryName":"Nhóm láng giềng"}`, "$.data.categoryId"),
			"products":   made("/products", `{"name":"Hàng láng giềng","code":"LANG-GIENG"}`, "$.id"),
			"customers":  made("/customers", `{"name":"Khách láng giềng","code":"KH-LANG"}`, "$.id"),
			"surchages":  made("/surchages", `{"name":"Thu láng giềng","code":"THU-LANG"}`, "$.data.id"),
			"orders":     made("/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1}]}`, "$.id"),
			"invoices":   made("/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"TRA","quantity":1}]}`, "$.id"),
			"trademark":  n.ID("trademark:Tân Cương"), "branches": n.ID("branch:CN1"), "users": n.ID("user:lan"),
			"BankAccounts": n.ID("bank:Vietcombank"), "webhooks": n.ID("webhook:product.update"), "webhook": n.ID("webhook:product.update"),
			"suppliers":      made("/suppliers", `{"name":"Nguồn láng giềng","code":"NCC-LANG"}`, "$.id"),
			"purchaseorders": made("/purchaseorders", `{"branchId":{branch:CN1},"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`, "$.id"),
			"salechannel":    n.ID("channel:Facebook"), "pricebooks": n.ID("pricebook:Giá sỉ"),
			"customers/group": n.ID("group:Khách quen"), "attributes": n.ID("attribute:Cỡ"),
		},
		codes: map[string]string{"products": "LANG-GIENG", "customers": "KH-LANG", "orders": "DH000001", "invoices": "HD000001", "suppliers": "NCC-LANG", "purchaseorders": "PN000001", "returns": "TH000001"},
	}
	campaign := made("/vouchercampaign", `{"name":"Đợt láng giềng","code":"VC-LANG","price":1000,"endDate":"2027-01-01"}`, "$.id")
	if a := n.Send(http.MethodPost, "/voucher", fmt.Sprintf(`{"voucherCampaignId":%d,"data":[{"code":"V-LANG"}]}`, campaign)); a.Status != http.StatusOK {
		t.Fatalf("POST /voucher: %d %s", a.Status, a.Body)
	}
	w.ids["vouchercampaign"], w.ids["voucher"], w.codes["voucher"] = campaign, n.ID("voucher:V-LANG"), "V-LANG"
	w.ids["vouchers"], w.codes["vouchers"] = w.ids["voucher"], w.codes["voucher"]
	w.ids["couponcampaign"] = made("/couponcampaign", `{"name":"Đợt láng giềng","code":"KC-LANG","endDate":"2027-01-01"}`, "$.id")
	w.ids["returns"] = made("/returns", fmt.Sprintf(`{"invoiceId":%d}`, w.ids["invoices"]), "$.id")
	w.ids["cashflow"] = made("/cashflow", `{"branchId":{branch:CN1},"amount":-5000,"partnerName":"Người láng giềng"}`, "$.id")
	w.ids["debtadjustments"] = made("/debtadjustments", `{"partnerType":"C","partnerId":{customer:KH-LANG},"debt":5000}`, "$.id")
	w.ids["transfers"], w.codes["transfers"] = made("/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},
		"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`, "$.data.id"), "TRF000001"
	w.ids["stocktakes"], w.codes["stocktakes"] = made("/stocktakes",
		`{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"TRA","actualQuantity":1}]}`, "$.id"), "KK000001"
	w.ids["ordersuppliers"], w.codes["ordersuppliers"] = made("/ordersuppliers",
		`{"branchId":{branch:CN1},"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`, "$.id"), "PDN000001"
	w.ids["trademarks"], w.ids["surcharges"] = w.ids["trademark"], w.ids["surchages"]
	w.ids["salechannels"], w.ids["salesChannels"] = w.ids["salechannel"], w.ids["salechannel"]
	return w
}

// fillIn replaces {kind:code} by ids of the server's shop.
func fillIn(d *apitest.Server, text string) string {
	return idPattern.ReplaceAllStringFunc(text, func(place string) string {
		return strconv.FormatInt(d.ID(strings.Trim(place, "{}")), 10)
	})
}

var idPattern = regexp.MustCompile(`\{\w+:[^{}"]+\}`)

// changes are bodies that the writing operations with an id accept from the record's own shop.
var changes = map[string]string{
	"updateCategory": `{"categoryName":"Chiếm"}`, "deleteCategory": "", "updateProduct": `{"name":"Chiếm"}`, "deleteProduct": "",
	"updateOrder": `{"description":"Chiếm"}`, "deleteOrder": "", "updateCustomer": `{"name":"Chiếm"}`, "deleteCustomer": "",
	"updateSurcharge": `{"name":"Chiếm"}`, "deleteSurcharge": "", "setSurchargeActive": `{"isActive":false}`, "updateInvoice": `{"description":"Chiếm"}`,
	"deleteInvoiceById": "", "updateBranch": `{"branchName":"Chiếm"}`, "closeBranch": "",
	"updateWebhook": `{"Webhook":{"Url":"https://xau.vn"}}`, "unregisterWebhook": "", "rotateWebhookSecret": `{"secret":"x","overlapHours":24}`, "replayWebhook": `{"fromSeq":1}`, "redeliver": "",
	"updateSupplier": `{"name":"Chiếm"}`, "deleteSupplier": "", "updateSupplierGroup": `{"name":"Chiếm"}`, "deleteSupplierGroup": "",
	"updatePurchaseOrder": `{"description":"Chiếm"}`, "deletePurchaseOrder": "",
	"updateUser": `{"givenName":"Chiếm"}`, "removeUser": "", "updateBankAccount": `{"bankName":"Chiếm"}`, "deleteBankAccount": "",
	"updateSaleChannel": `{"name":"Chiếm"}`, "deleteSaleChannel": "", "updateTrademark": `{"tradeMarkName":"Chiếm"}`, "deleteTrademark": "",
	"mergeCustomers": `{"customerId":1}`, "updateCustomerGroup": `{"name":"Chiếm"}`, "deleteCustomerGroup": "", "setFormula": `{"productFormulas":[]}`,
	"setWarranties": `{"productWarranties":[]}`, "setShelves": `{"productShelves":[]}`, "deleteAttribute": "",
	"updatePriceBook": `{"name":"Chiếm"}`, "deletePriceBook": "",
	"updateVoucherCampaign": `{"name":"Chiếm"}`, "deleteVoucherCampaign": "", "updateCouponCampaign": `{"name":"Chiếm"}`, "deleteCouponCampaign": "",
	"updateReturn": `{"description":"Chiếm"}`, "deleteReturn": "", "voidCashFlow": "", "voidDebtAdjustment": "",
	"updateTransfer": `{"description":"Chiếm"}`, "deleteTransfer": "", "updateStockTake": `{"status":3}`, "deleteStockTake": "",
	"updateOrderSupplier": `{"description":"Chiếm"}`, "deleteOrderSupplier": "",
}

var placePattern = regexp.MustCompile(`\{(\w+)(\.\.\.)?\}`)

// target is a path of the route table with the key of a record of the other shop, "" if there is none for it. It reports
// whether the path has a place for one.
func (w otherRecords) target(path string) (target string, ok bool) {
	place := placePattern.FindStringSubmatch(path)
	if place == nil {
		return path, false
	}
	resource := strings.Split(path, "/")[1]
	key := w.codes[resource]
	if place[1] == "id" {
		if prefix, _, _ := strings.Cut(path[1:], "/{"); w.ids[prefix] != 0 {
			resource = prefix
		}
		key = fmt.Sprint(w.ids[resource])
	}
	if key == "" || key == "0" {
		return "", true
	}
	return strings.Replace(path, place[0], key, 1), true
}

// TestAnotherShopsRecordsAreNotFound tries each route with the ids and codes of another shop: nothing is found, and nothing
// changes.
func TestAnotherShopsRecordsAreNotFound(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		w := createOtherRecords(t, d)
		ours, theirs := d.Digest(d.Shop), d.Digest(d.OtherShop)
		walked := 0
		for _, r := range api.Routes() {
			body, known := changes[r.Operation]
			for _, path := range r.Paths {
				target, walks := w.target(path)
				if !walks {
					continue
				}
				if target == "" || r.Method != http.MethodGet && !known {
					t.Errorf("the test has no key or body for %s %s", r.Method, path)
					continue
				}
				a := d.Send(r.Method, target, body)
				sentence, err := a.Refusal()
				if a.Status != 420 || err != nil || !strings.Contains(sentence, "không tồn tại") {
					t.Errorf("%s %s, which is another shop's: %d %s", r.Method, target, a.Status, a.Body)
				}
				walked++
			}
		}
		if walked < 20 {
			t.Errorf("only %d routes walked", walked)
		}
		for table, changed := range map[string][]string{"ours": ours.Differs(d.Digest(d.Shop)), "theirs": theirs.Differs(d.Digest(d.OtherShop))} {
			if changed != nil {
				t.Errorf("%s have changed: %s", table, changed)
			}
		}
	})
}

// TestAnotherShopsRecordsCannotBeNamed writes records that name those of another shop in their bodies.
func TestAnotherShopsRecordsCannotBeNamed(t *testing.T) {
	const (
		line   = `"orderDetails":[{"productCode":"TRA","quantity":1}]`
		sold   = `"invoiceDetails":[{"productCode":"TRA","quantity":1}]`
		bought = `"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1}]`
	)
	cases := []struct{ method, path, body string }{ // [kind:code] is theirs, {kind:code} ours
		{"POST", "/categories", `{"categoryName":"x","parentId":[category:Trà]}`},
		{"PUT", "/categories/{category:Trà}", `{"parentId":[category:Gia dụng]}`},
		{"POST", "/products", `{"name":"x","categoryId":[category:Trà]}`},
		{"POST", "/products", `{"name":"x","tradeMarkId":[trademark:Tân Cương]}`},
		{"POST", "/products", `{"name":"x","masterUnitId":[product:TRA],"conversionValue":2,"unit":"x"}`},
		{"POST", "/products", `{"name":"x","masterProductId":[product:AO-S],"attributes":[{"attributeName":"Cỡ","attributeValue":"L"}]}`},
		{"POST", "/products", `{"name":"x","inventories":[{"branchId":[branch:CN1],"onHand":1}]}`},
		{"POST", "/products", `{"name":"x","productType":1,"productFormulas":[{"materialId":[product:TRA],"quantity":1}]}`},
		{"PUT", "/products/{product:TRA}", `{"categoryId":[category:Trà]}`},
		{"PUT", "/listupdatedproducts", `{"listProducts":[{"id":{product:TRA},"basePrice":1},{"id":[product:TRA],"basePrice":1}]}`},
		{"POST", "/customers", `{"name":"x","groupIds":[[group:Khách quen]]}`},
		{"POST", "/customers", `{"name":"x","branchId":[branch:CN1]}`},
		{"PUT", "/listupdatecustomers", `{"listCustomers":[{"id":{customer:KH-HOA},"name":"x"},{"id":[customer:KH-HOA],"name":"x"}]}`},
		{"POST", "/suppliers", `{"name":"x","branchId":[branch:CN1]}`},
		{"POST", "/suppliers", `{"name":"x","groupIds":[[suppliergroup:Nhà phân phối]]}`},
		{"POST", "/purchaseorders", `{"branchId":[branch:CN1],` + bought + `}`},
		{"POST", "/purchaseorders", `{"branchId":{branch:CN1},"supplierId":[supplier:NCC-TRA],` + bought + `}`},
		{"POST", "/purchaseorders", `{"branchId":{branch:CN1},"supplier":{"id":[supplier:NCC-TRA]},` + bought + `}`},
		{"POST", "/purchaseorders", `{"branchId":{branch:CN1},"paidAmount":1,"paymentMethod":"Card","accountId":[bank:Vietcombank],` + bought + `}`},
		{"POST", "/purchaseorders", `{"branchId":{branch:CN1},"purchaseOrderDetails":[{"productId":[product:TRA],"quantity":1,"price":1}]}`},
		{"POST", "/purchaseorders", `{"branchId":{branch:CN1},"purchaseOrderDetails":[{"productCode":"SUA","quantity":1,"price":1,"productBatchExpireId":[batch:LO1]}]}`},
		{"DELETE", "/purchaseorders?id=[purchase:PN000001]", ""},
		{"POST", "/orders", `{"branchId":[branch:CN1],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"soldById":[user:lan],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"cashierId":[user:lan],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"saleChannelId":[channel:Facebook],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"customerId":[customer:KH-HOA],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"customer":{"id":[customer:KH-HOA]},` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"totalPayment":1,"method":"Card","accountId":[bank:Vietcombank],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"surchages":[{"id":[surcharge:SHIP],"price":1}],` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDelivery":{"partnerDeliveryId":[carrier:GHN]},` + line + `}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productId":[product:TRA],"quantity":1}]}`},
		{"POST", "/invoices", `{"branchId":[branch:CN1],` + sold + `}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"orderId":[order:DH000001],` + sold + `}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"customerId":[customer:KH-HOA],` + sold + `}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productId":[product:TRA],"quantity":1}]}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"SUA","quantity":1,"productBatchExpireId":[batch:LO1]}]}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"priceBookId":[pricebook:Giá sỉ],` + line + `}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"priceBookId":[pricebook:Giá sỉ],` + sold + `}`},
		{"DELETE", "/pricebooks/detail", `{"pricebookId":[pricebook:Giá sỉ],"productIds":[[product:TRA]]}`},
		{"POST", "/pricebooks", `{"name":"x","priceBookBranches":[{"branchId":[branch:CN1]}]}`},
		{"POST", "/pricebooks", `{"name":"x","priceBookCustomerGroups":[{"customerGroupId":[group:Khách quen]}]}`},
		{"PUT", "/pricebooks/{pricebook:Giá sỉ}", `{"priceBookUsers":[{"userId":[user:lan]}]}`},
		{"POST", "/customers/group", `{"name":"x","customerGroupDetails":[{"customerId":[customer:KH-HOA]}]}`},
		{"PUT", "/products/{product:QUA}/formulas", `{"productFormulas":[{"materialId":[product:TRA],"quantity":1}]}`},
		{"POST", "/customers/{customer:KH-CTY}/merge", `{"customerId":[customer:KH-HOA]}`},
		{"PUT", "/products/{product:TRA}/shelves", `{"productShelves":[{"branchId":[branch:CN1],"productShelves":"x"}]}`},
		{"POST", "/orders", `{"branchId":{branch:CN1},"isApplyVoucher":true,"payments":[{"method":"Voucher","voucherId":[voucher:V01]}],` + line + `}`},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"isApplyVoucher":true,"payments":[{"method":"Voucher","voucherId":[voucher:V01]}],` + sold + `}`},
		{"PUT", "/einvoices/info", `{"data":[{"invoiceId":[invoice:HD000001],"invoiceRefId":"x","partner":0,"status":2,"type":0}]}`},
		{"POST", "/coupons", `{"campaignId":[coupons:KT],"coupons":[{"code":"x"}]}`},
		{"POST", "/coupons/release", `{"campaignId":[coupons:KT],"coupons":[{"code":"K01"}]}`},
		{"POST", "/coupons/cancel", `{"campaignId":[coupons:KT],"coupons":[{"code":"K01"}]}`},
		{"POST", "/vouchercampaign", `{"name":"x","price":1,"endDate":"2027-01-01","voucherBranchs":[{"branchId":[branch:CN1]}]}`},
		{"POST", "/vouchercampaign", `{"name":"x","price":1,"endDate":"2027-01-01","voucherUsers":[{"userId":[user:lan]}]}`},
		{"POST", "/vouchercampaign", `{"name":"x","price":1,"endDate":"2027-01-01","voucherCusGroups":[{"groupId":[group:Khách quen]}]}`},
		{"POST", "/vouchercampaign", `{"name":"x","price":1,"endDate":"2027-01-01","prereqCategoryIds":[[category:Trà]]}`},
		{"POST", "/vouchercampaign", `{"name":"x","price":1,"endDate":"2027-01-01","prereqProductIds":[[product:TRA]]}`},
		{"POST", "/voucher", `{"voucherCampaignId":[campaign:TET],"data":[{"code":"x"}]}`},
		{"POST", "/voucher/release/give", `{"CampaignId":[campaign:TET],"Vouchers":[{"Code":"V04"}]}`},
		{"POST", "/voucher/release/sell", `{"CampaignId":{campaign:TET},"Vouchers":[{"Code":"V04"}],"PartnerType":"C","PartnerId":[customer:KH-HOA]}`},
		{"DELETE", "/voucher/cancel", `{"CampaignId":[campaign:TET],"Vouchers":[{"Code":"V04"}]}`},
		{"POST", "/returns", `{"invoiceId":[invoice:HD000001]}`},
		{"POST", "/returns", `{"branchId":[branch:CN1],"returnDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"POST", "/returns", `{"branchId":{branch:CN1},"customerId":[customer:KH-HOA],"returnDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"POST", "/returns", `{"branchId":{branch:CN1},"receivedById":[user:lan],"returnDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"POST", "/returns", `{"branchId":{branch:CN1},"returnDetails":[{"productId":[product:TRA],"quantity":1}]}`},
		{"POST", "/payments", `{"invoiceId":[invoice:HD000001],"amount":1,"method":"Cash"}`},
		{"POST", "/cashflow", `{"branchId":[branch:CN1],"amount":1}`},
		{"POST", "/cashflow", `{"branchId":{branch:CN1},"amount":1,"partnerType":"C","partnerId":[customer:KH-HOA]}`},
		{"POST", "/debtadjustments", `{"debt":1,"partnerType":"C","partnerId":[customer:KH-HOA]}`},
		{"POST", "/cashflow", `{"branchId":{branch:CN1},"amount":1,"method":"Card","accountId":[bank:Vietcombank]}`},
		{"DELETE", "/invoices", `{"id":[invoice:HD000001]}`},
		{"POST", "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":[branch:CN2],"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`},
		{"POST", "/transfers", `{"fromBranchId":[branch:CN1],"toBranchId":{branch:CN2},"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`},
		{"POST", "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"transferDetails":[{"productId":[product:TRA],"sendQuantity":1}]}`},
		{"POST", "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},
			"transferDetails":[{"productCode":"SUA","sendQuantity":1,"productBatchExpireId":[batch:LO1]}]}`},
		{"POST", "/ordersuppliers", `{"branchId":[branch:CN1],"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"POST", "/ordersuppliers", `{"branchId":{branch:CN1},"orderSupplierDetails":[{"productId":[product:TRA],"quantity":1,"price":1}]}`},
		{"POST", "/ordersuppliers", `{"branchId":{branch:CN1},"supplierId":[supplier:NCC-TRA],
			"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"POST", "/ordersuppliers", `{"branchId":{branch:CN1},"userId":[user:lan],"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"POST", "/purchaseorders", `{"orderSupplierId":[ordersupplier:PDN000001],
			"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"POST", "/stocktakes", `{"branchId":[branch:CN1],"stockTakeDetails":[{"productCode":"TRA","actualQuantity":1}]}`},
		{"POST", "/stocktakes", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productId":[product:TRA],"actualQuantity":1}]}`},
		{"POST", "/stocktakes", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"SUA","actualQuantity":1,"productBatchExpireId":[batch:LO1]}]}`},
		{"DELETE", "/invoices?id=[invoice:HD000001]", ""},
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		createOtherRecords(t, d)
		n := d.As(d.OtherShop)
		ours, theirs := d.Digest(d.Shop), d.Digest(d.OtherShop)
		foreign := func(text string) string {
			return regexp.MustCompile(`\[\w+:[^\[\]"]+\]`).ReplaceAllStringFunc(text, func(place string) string {
				return fillIn(n, "{"+strings.Trim(place, "[]")+"}")
			})
		}
		for _, c := range cases {
			a := d.Send(c.method, fillIn(d, foreign(c.path)), fillIn(d, foreign(c.body)))
			if _, err := a.Refusal(); a.Status != 420 || err != nil {
				t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, a.Status, a.Body)
			}
		}
		if changed := append(ours.Differs(d.Digest(d.Shop)), theirs.Differs(d.Digest(d.OtherShop))...); changed != nil {
			t.Errorf("refused requests have changed %s", changed)
		}
	})
}

// switches are the parameters with which lists show everything.
const switches = "pageSize=1000&includeInventory=1&includePricebook=1&includeSerials=1&includeBatchExpires=1" +
	"&includeWarranties=1&includeRemoveIds=1&includeQuantity=1&includeMaterial=1&includeProductShelves=1" +
	"&includeTotal=1&includeCustomerGroup=1&includeCustomerSocial=1&includePayment=1" +
	"&includeOrderDelivery=1&includeInvoiceDelivery=1&includeSupplierGroup=1&SaleChannel=1" +
	"&hierachicalData=1&includePriceBookBranch=1&includePriceBookCustomerGroups=1&includePriceBookUsers=1" +
	"&includeAccount=1&includeBranch=1&includeUser=1"

// TestListsShowTheShopsOwnRecords reads every list, with everything that it can show, in two shops with the same seed.
func TestListsShowTheShopsOwnRecords(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		createOtherRecords(t, d)
		for _, r := range api.Routes() {
			if r.Method != http.MethodGet || strings.Contains(r.Paths[0], "{") {
				continue
			}
			ask := r.Paths[0] + "?" + switches
			switch r.Operation { // those with a required parameter
			case "listVouchers":
				ask += fmt.Sprint("&campaignId=", d.ID("campaign:TET"))
			case "listAgeing":
				ask += "&partnerType=C"
			case "listOpenDocuments":
				ask += fmt.Sprint("&partnerType=C&partnerId=", d.ID("customer:KH-HOA"))
			}
			d.As(d.OtherShop).Send(r.Method, ask, "") // a cached answer is for one shop
			a := d.Send(r.Method, ask, "")
			if a.Status != http.StatusOK && r.Operation != "getProductByCodeQuery" {
				t.Errorf("%s: %d %s", r.Operation, a.Status, a.Body)
				continue
			}
			var answer any
			if err := json.Unmarshal(a.Body, &answer); err != nil {
				t.Errorf("%s: %v", r.Operation, err)
			}
			noOtherShop(t, r.Operation, answer, float64(d.Shop.Retailer))
			if strings.Contains(string(a.Body), "láng giềng") || strings.Contains(string(a.Body), "LANG") {
				t.Errorf("%s shows the other shop's records: %s", r.Operation, a.Body)
			}
		}
		for _, filter := range []string{"/orders?branchIds=", "/invoices?branchIds=", "/purchaseorders?branchIds="} {
			a := d.Send(http.MethodGet, filter+fmt.Sprint(d.As(d.OtherShop).ID("branch:CN1")), "")
			if total, _ := a.Get("$.total"); total != "0" {
				t.Errorf("%s with another shop's branch: %s", filter, a.Body)
			}
		}
	})
}

// noOtherShop checks that no value is the id of another shop.
func noOtherShop(t *testing.T, operation string, at any, retailer float64) {
	t.Helper()
	switch at := at.(type) {
	case map[string]any:
		for name, v := range at {
			if id, ok := v.(float64); ok && strings.EqualFold(name, "retailerId") && id != retailer {
				t.Errorf("%s shows something of shop %v", operation, id)
			}
			noOtherShop(t, operation, v, retailer)
		}
	case []any:
		for _, v := range at {
			noOtherShop(t, operation, v, retailer)
		}
	}
}
