package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
)

// withoutEffect are the members that operations take although they bring nothing about, with the reason; by operation and
// path, or by the path alone for all operations that have it.
var withoutEffect = map[string]string{
	"createProduct id":                   newID,
	"bulkCreateProducts listProducts.id": newID,
	"updateProduct id":                   byPath,

	"createProduct branchId":                   ofInventories,
	"updateProduct branchId":                   ofInventories,
	"bulkCreateProducts listProducts.branchId": ofInventories,
	"bulkUpdateProducts listProducts.branchId": ofInventories,

	"updateCustomer id":    byPath,
	"updateSupplier id":    byPath,
	"deleteInvoiceById id": byPath,
	"deleteReturn id":      byPath,

	"updateCustomer branchId":                    onCreation,
	"bulkUpdateCustomers listCustomers.branchId": onCreation,
	"updateSupplier branchId":                    onCreation,
	"updatePurchaseOrder branchId":               onCreation,
	"updatePurchaseOrder orderSupplierId":        onCreation,
	"updatePurchaseOrder orderSupplierCode":      onCreation,

	"updateInvoice customer":                 notOfUpdate,
	"updateInvoice surchages":                notOfUpdate,
	"updateInvoice deliveryDetail.surchages": notOfUpdate,
	"updateReturn invoiceId":                 notOfUpdate,
	"updateReturn branchId":                  notOfUpdate,
	"updateReturn soldById":                  notOfUpdate,
	"updateReturn customerId":                notOfUpdate,
	"updateReturn customer":                  notOfUpdate,
	"updateReturn returnDiscount":            notOfUpdate,
	"updateReturn returnDetails":             notOfUpdate,

	"orderDelivery.surchages":                       "the documents print them there by a slip; those of the order count",
	"orderDelivery.payments":                        "the documents print them there by a slip; those of the order count",
	"payments.methodStr":                            "the name of the method, which counts",
	"deliveryDetail.payments.methodStr":             "the name of the method, which counts",
	"createReturn payments.voucherId":               "nobody gets money back for a voucher",
	"createReturn payments.voucherCampaignId":       "nobody gets money back for a voucher",
	"updateReturn payments.voucherId":               "nobody gets money back for a voucher",
	"updateReturn payments.voucherCampaignId":       "nobody gets money back for a voucher",
	"invoiceDetails.isMaster":                       "nothing shows it",
	"returnDetails.isMaster":                        "nothing shows it",
	"createOrder discountAfterTax":                  "comes with a discount that was read, which a new order has not",
	"createOrder orderDetails.serialNumbers":        "an order reserves any pieces",
	"createOrder orderDetails.productBatchExpireId": "an order reserves any lots",
	"orderDetails.productBatchExpire":               "an order reserves any lots",

	"purchaseOrderDetails.productTax.productId":                      "the line names the product",
	"purchaseOrderDetails.purchaseOrderDetailTaxes.priceAfterTax":    noTaxMode,
	"purchaseOrderDetails.purchaseOrderDetailTaxes.discountAfterTax": noTaxMode,
	"orderSupplierDetails.orderSupplierDetailTaxes.priceAfterTax":    noTaxMode,
	"orderSupplierDetails.orderSupplierDetailTaxes.discountAfterTax": noTaxMode,
	"voucherBranchs.branchName":                                      byID,
	"voucherUsers.userName":                                          byID,
	"voucherCusGroups.groupName":                                     byID,
}

const (
	newID         = "a new record gets its own id"
	byPath        = "the path names the record"
	byID          = "the id names it"
	onCreation    = "read on creation only"
	ofInventories = "of inventories that name no branch"
	notOfUpdate   = "the documents let an update change other members"
	noTaxMode     = "purchases have prices before tax"
)

// richer are requests that show what members do which the bodies of [bases] lack, or bring nothing about there.
var richer = []base{
	{"createOrder", "", `{"branchId":{branch:CN1},"customer":` + newCustomer + `,"orderDetails":[{"productCode":"TRA","quantity":2}],
		"surchages":[{"code":"SHIP","price":1000}],"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"createOrder", "", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Card","accountId":{bank:Vietcombank},
		"orderDetails":[{"productCode":"TRA","quantity":2}],"payments":[{"methodStr":"Cash","amount":1000}]}`},
	{"createOrder", "", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":{batch:LO2}}}]}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"orderDetails":[{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":{batch:LO2}}}]}`},
	{"createOrder", "", `{"branchId":{branch:CN1},"isApplyVoucher":true,"orderDetails":[{"productCode":"TRA","quantity":2}],` + voucher + `}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"customer":` + newCustomer + `,"orderDetails":[{"productCode":"TRA","quantity":2}],
		"surchages":[{"code":"SHIP","price":1000}],"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"totalPayment":1000,"method":"Card","accountId":{bank:Vietcombank},
		"payments":[{"methodStr":"Cash","amount":1000}]}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"isApplyVoucher":true,` + voucher + `}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"customer":` + newCustomer + `,"invoiceDetails":[{"productCode":"TRA","quantity":2}],
		"surchages":[{"code":"SHIP","price":1000}],"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Card","accountId":{bank:Vietcombank},
		"invoiceDetails":[{"productCode":"TRA","quantity":2}],"payments":[{"methodStr":"Cash","amount":1000}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"status":1,"usingCod":true,"codPaymentMethod":"Transfer",
		"codPaymentAccount":{bank:Vietcombank},"deliveryDetail":{"receiver":"Hoa","status":3,"usingPriceCod":true,"surchages":[{"code":"SHIP","price":1000}],
		"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]},"invoiceDetails":[{"productCode":"TRA","quantity":2}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"DT","quantity":1,"serialNumbers":"IMEI002"}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":{batch:LO2}}}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"isApplyVoucher":true,"soldById":{user:lan},"invoiceDetails":[{"productCode":"TRA","quantity":2}],
		"deliveryDetail":{"receiver":"Hoa","payments":[{"method":"Voucher","amount":20000,"voucherId":{voucher:V01},"voucherCampaignId":{campaign:TET}}]}}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"customer":` + newCustomer + `,"invoiceDetails":[
		{"productCode":"TRA","quantity":2,"invoiceDetailTaxs":[{"taxId":6}]}],"deliveryDetail":{"receiver":"Mai"},
		"surchages":[{"code":"SHIP","price":1000}],"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"totalPayment":9000,"method":"Card","accountId":{bank:Vietcombank}}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"isApplyVoucher":true,` + voucher + `}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"status":1,"codPaymentMethod":"Transfer","codPaymentAccount":{bank:Vietcombank},
		"deliveryDetail":{"status":3,"surchages":[{"code":"SHIP","price":1000}],"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"isApplyVoucher":true,"soldById":{user:lan},
		"deliveryDetail":{"payments":[{"method":"Voucher","amount":20000,"voucherId":{voucher:V01},"voucherCampaignId":{campaign:TET}}]}}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"invoiceDetails":[{"productCode":"DT","quantity":1,"serialNumbers":"IMEI002"}]}`},
	{"updateInvoice", "/invoices/{invoice:HD000004}", `{"invoiceDetails":[{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":{batch:LO2}}}]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"customer":` + newCustomer + `,"returnDetails":[{"productCode":"TRA","quantity":2}],
		"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Card","accountId":{bank:Vietcombank},
		"returnDetails":[{"productCode":"TRA","quantity":2}],"payments":[{"methodStr":"Cash","amount":1000}]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"returnDetails":[{"productCode":"DT","quantity":1,"serialNumbers":"IMEI009"}]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"returnDetails":[{"productCode":"SUA","quantity":1,"productBatchExpire":{"id":{batch:LO2}}}]}`},
	{"updateReturn", "/returns/{return:TH000002}", `{"totalPayment":9000,"method":"Card","accountId":{bank:Vietcombank}}`},
	{"updateReturn", "/returns/{return:TH000002}", `{"customer":` + newCustomer + `,"payments":[{"method":"Card","accountId":{bank:Vietcombank},"amount":1000}]}`},
	{"payInvoice", "", `{"invoiceId":{invoice:HD000003},"amount":1,"method":"Card","accountId":{bank:Vietcombank}}`},
	{"createCashFlow", "", `{"branchId":{branch:CN1},"amount":1000,"partnerType":"C","partnerId":{customer:KH-HOA},"documents":[{"type":"invoice","id":{invoice:HD000002},"amount":7}]}`},
	{"deleteOrder", "/orders/{order:DH000002}", `{"isVoidPayment":false}`},
	{"deleteOrder", "/orders", `{"id":{order:DH000002}}`},
	{"deleteInvoiceByBody", "", `{"id":{invoice:HD000004},"isVoidPayment":false}`},
	{"deleteInvoiceById", "/invoices/{invoice:HD000004}", `{"isVoidPayment":false}`},
	{"deleteReturn", "/returns/{return:TH000002}", `{"isVoidPayment":false}`},
	{"removePriceBookDetails", "", `{"pricebookId":{pricebook:Giá sỉ},"productIds":[{product:TRA}]}`},
	{"updatePriceBook", "/pricebooks/{pricebook:Giá sỉ}", `{"priceBookCustomerGroups":[{"customerGroupId":{group:Khách quen}}],
		"priceBookUsers":[{"userId":{user:lan}}]}`},
	{"updateVoucherCampaign", "/vouchercampaign/{campaign:TET}", `{"voucherBranchs":[{"branchId":{branch:CN1}}],
		"voucherCusGroups":[{"groupId":{group:Khách quen}}]}`},
	{"sellVouchers", "", `{"CampaignId":{campaign:TET},"Vouchers":[{"Code":"V05"}],"PartnerType":"O","PartnerName":"Ông Tư",
		"Method":"Card","AccountId":{bank:Vietcombank}}`},
	{"registerWebhook", "", `{"Type":"stock.update","Url":"https://x.vn/a?noecho","IsActive":true,"Description":"x","Secret":"YWJjZGVmZ2g="}`},
	{"updateWebhook", "/webhooks/{webhook:product.update}", `{"Webhook":{"Type":"product.update","Url":"https://x.vn/b","Secret":"x"}}`},
	{"rotateWebhookSecret", "/webhooks/{webhook:product.update}/secret", `{"secret":"YWJj","overlapHours":24}`},
	{"replayWebhook", "/webhooks/{webhook:product.update}/replay", `{"fromDate":"2026-11-01"}`},
	{"bulkCreateProducts", "", `{"listProducts":[{"name":"Mới","categoryName":"Lạ","attributes":[{"attributeName":"Cỡ","attributeValue":"L"}],
		"productTaxs":[{"taxId":6}],"purchaseTax":{"taxId":7}}]}`},
	{"bulkCreateProducts", "", `{"listProducts":[{"name":"Bộ","productType":1,"productFormulas":[{"materialCode":"TRA","quantity":1}]}]}`},
	{"bulkCreateProducts", "", `{"listProducts":[{"name":"Bộ","productType":1,"productFormulas":[{"materialId":{product:TRA},"quantity":1}]}]}`},
	{"bulkUpdateProducts", "", `{"listProducts":[{"id":{product:AO-M},"attributes":[{"attributeName":"Cỡ","attributeValue":"XL"}],
		"productTaxs":[{"taxId":6}],"purchaseTax":{"taxId":7}}]}`},
	{"bulkUpdateProducts", "", `{"listProducts":[{"id":{product:QUA},"productFormulas":[{"materialCode":"TRA","quantity":1}]}]}`},
	{"bulkUpdateProducts", "", `{"listProducts":[{"id":{product:QUA},"productFormulas":[{"materialId":{product:TRA},"quantity":1}]}]}`},
	{"createProduct", "", `{"name":"Bộ","productType":1,"productFormulas":[{"materialCode":"TRA","quantity":1}]}`},
	{"updateProduct", "/products/{product:QUA}", `{"productFormulas":[{"materialCode":"TRA","quantity":1}]}`},
	{"setFormula", "/products/{product:QUA}/formulas", `{"productFormulas":[{"materialCode":"TRA","quantity":1}]}`},
	{"createPurchaseOrder", "", `{"branchId":{branch:CN1},"supplier":` + newSupplier + `,"isApplyPurchaseTax":true,"paidAmount":1000,"paymentMethod":"Card",
		"accountId":{bank:Vietcombank},"purchaseOrderDetails":[{"productCode":"TRA","quantity":10,"price":1000,"purchaseOrderDetailTaxes":[{"taxId":7}]}],
		"payments":[{"method":"Card","amount":1000,"accountId":{bank:Vietcombank}}],"surcharges":[{"name":"Xe","value":1000,"type":1}]}`},
	{"updatePurchaseOrder", "/purchaseorders/{purchase:PN000001}", `{"supplier":` + newSupplier + `,"isApplyPurchaseTax":true,"paidAmount":1000,
		"paymentMethod":"Card","accountId":{bank:Vietcombank},"status":3,
		"purchaseOrderDetails":[{"productCode":"TRA","quantity":10,"price":1000,"purchaseOrderDetailTaxes":[{"taxId":7}]}],
		"payments":[{"method":"Card","amount":1000,"accountId":{bank:Vietcombank}}],"surcharges":[{"name":"Xe","value":1000,"type":1}]}`},
	{"updatePurchaseOrder", "/purchaseorders/{purchase:PN000001}", `{"isApplyPurchaseTax":true,
		"purchaseOrderDetails":[{"productCode":"TRA","quantity":10,"price":1000,"productTax":{"taxId":7}}]}`},
	{"deletePurchaseOrder", "", `{"id":{purchase:PN000002},"isVoidPayment":false}`},
	{"createTransfer", "", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":3,"transferDetails":[{"productCode":"TRA","sendQuantity":7}]}`},
	{"createTransfer", "", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":3,"transferDetails":[
		{"productCode":"DT","sendQuantity":1,"serialNumbers":"IMEI002","receivedSerialNumbers":"IMEI002"}]}`},
	{"createTransfer", "", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"transferDetails":[
		{"productCode":"SUA","sendQuantity":1,"productBatchExpireId":{batch:LO2}}]}`},
	{"updateTransfer", "/transfers/{transfer:TRF000001}", `{"status":3,"transferDetails":[{"productCode":"TRA","sendQuantity":7}]}`},
	{"updateTransfer", "/transfers/{transfer:TRF000001}", `{"status":3,"transferDetails":[
		{"productCode":"DT","sendQuantity":1,"serialNumbers":"IMEI002","receivedSerialNumbers":"IMEI002"}]}`},
	{"updateTransfer", "/transfers/{transfer:TRF000001}", `{"transferDetails":[
		{"productCode":"SUA","sendQuantity":1,"productBatchExpireId":{batch:LO2}}]}`},
	{"createOrderSupplier", "", `{"branchId":{branch:CN1},"supplier":` + newSupplier + `,"isApplyPurchaseTax":true,
		"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1000,"orderSupplierDetailTaxes":[{"taxId":7}]}],
		"orderSupplierExpensesOthers":[{"expensesOtherName":"Xe","price":1000,"form":1}]}`},
	{"updateOrderSupplier", "/ordersuppliers/{ordersupplier:PDN000001}", `{"supplier":` + newSupplier + `,"isApplyPurchaseTax":true,
		"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1000,"orderSupplierDetailTaxes":[{"taxId":7}]}],
		"orderSupplierExpensesOthers":[{"expensesOtherName":"Xe","price":1000,"form":1}]}`},
	{"createStockTake", "", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"SUA","actualQuantity":5,"batchName":"LO9","expireDate":"2027-06-30"}]}`},
	{"createStockTake", "", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"SUA","actualQuantity":5,"productBatchExpireId":{batch:LO2}}]}`},
	{"createStockTake", "", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"DT","actualQuantity":1,"serialNumbers":"IMEI002"}]}`},
	{"updateStockTake", "/stocktakes/{stocktake:KK000001}", `{"stockTakeDetails":[
		{"productCode":"SUA","actualQuantity":5,"batchName":"LO9","expireDate":"2027-06-30"}]}`},
	{"updateStockTake", "/stocktakes/{stocktake:KK000001}", `{"stockTakeDetails":[
		{"productCode":"SUA","actualQuantity":5,"productBatchExpireId":{batch:LO2}}]}`},
	{"updateStockTake", "/stocktakes/{stocktake:KK000001}", `{"stockTakeDetails":[{"productCode":"DT","actualQuantity":1,"serialNumbers":"IMEI002"}]}`},

	// From here on prices are given with tax.
	{"", "PricingMode", "after"},
	{"", "/orders", `{"branchId":{branch:CN1},"discount":10800,"orderDetails":[{"productCode":"TRA","quantity":1,"price":54000,"discount":5400,
		"orderDetailTaxs":[{"taxId":3}]}]}`},
	{"updateOrder", "/orders/{order:DH000003}", `{"discount":10000,"discountAfterTax":10800,"orderDetails":[` + taxed + `]}`},
	{"", "/invoices", `{"branchId":{branch:CN1},"discount":10800,"invoiceDetails":[{"productCode":"TRA","quantity":1,"price":54000,"discount":5400,
		"orderDetailTaxs":[{"taxId":3}]}]}`},
	{"updateInvoice", "/invoices/{invoice:HD000005}", `{"invoiceDetails":[` + taxed + `]}`},
	{"createOrder", "", `{"branchId":{branch:CN1},"discount":10000,"discountAfterTax":10800,"orderDetails":[` + taxed + `]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"discount":10000,"discountAfterTax":10800,"invoiceDetails":[` + taxed + `]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"returnDetails":[` + taxed + `]}`},

	// From here on nothing is delivered.
	{"", "UseDelivery", "false"},
	{"createOrder", "", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1}]}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"description":"x"}`},
	{"updateInvoice", "/invoices/{invoice:HD000001}", `{"description":"x"}`},
}

const (
	newCustomer = `{"code":"KH-MOI","name":"Mai","contactNumber":"0987654321","gender":true,"birthDate":"1990-01-01","address":"1 Lê Lợi",
		"locationName":"Hà Nội - Quận Ba Đình","wardName":"Phường Trúc Bạch","email":"mai@example.vn","comment":"x"}`
	newSupplier = `{"code":"NCC-MOI","name":"Lan","contactNumber":"0987654321","address":"1 Lê Lợi","email":"lan@example.vn","comment":"x"}`

	voucher = `"soldById":{user:lan},"payments":[{"method":"Voucher","methodStr":"Voucher","amount":20000,"voucherId":{voucher:V01},"voucherCampaignId":{campaign:TET}}]`
	taxed   = `{"productCode":"TRA","quantity":1,"price":50000,"discount":5000,"orderDetailTaxs":[{"taxId":3,"priceAfterTax":54000,"discountAfterTax":5400}]}`
)

// delivered are an invoice that is still to be delivered, and an order with a deposit.
var delivered = []struct{ path, body string }{
	{"/invoices", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Cash","deliveryDetail":{"receiver":"Hoa",
		"usingPriceCod":true},"usingCod":true,"invoiceDetails":[{"productCode":"TRA","quantity":2}]}`},
	{"/orders", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Cash","orderDetails":[{"productCode":"TRA","quantity":2}]}`},
	{"/returns", `{"branchId":{branch:CN1},"customerId":{customer:KH-TRA},"totalPayment":1000,"method":"Cash","returnDetails":[{"productCode":"TRA","quantity":2}]}`},
	{"/purchaseorders", `{"branchId":{branch:CN1},"supplierId":{supplier:NCC-SUA},"paidAmount":1000,"purchaseOrderDetails":[
		{"productCode":"TRA","quantity":1,"price":1000}]}`},
}

// typical are values that a member may well have, by its kind.
var typical = map[string][]string{
	"number": {"1", "0", "2", "3", "5", "7", "987654321"},
	"string": {`"x1"`, `"2"`, `"KH-HOA"`, `"TRA"`, `"Card"`, `"Transfer"`, `"Voucher"`},
	"bool":   {"true", "false"},
	"time":   {`"2026-11-21T08:00:00"`, `"2026-12-30"`},
	"array":  {"[]", "[{}]"},
	"object": {"{}"},
}

// TestEveryMemberOfARequestHasAnEffect changes one member after another of requests that succeed, as dry runs: the answer, or
// what is written, must change, for one of several values and in one of the requests of the operation. A member that is
// forgotten on its way to where it is stored changes nothing. One engine is enough: the members are read above the database.
func TestEveryMemberOfARequestHasAnEffect(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	prepare(t, d)
	for _, r := range delivered {
		if a := d.Send(http.MethodPost, r.path, fillIn(d, r.body)); a.Status != http.StatusOK {
			t.Fatalf("%s: %s", r.path, a.Body)
		}
	}
	routes := map[string]api.Route{}
	for _, r := range api.Routes() {
		routes[r.Operation] = r
	}
	effective, tried := map[string]bool{}, map[string]bool{}
	for _, b := range slices.Concat(bases, richer) {
		switch {
		case b.operation != "":
		case b.target[0] != '/':
			d.Set(b.target, b.body)
			continue
		default:
			if a := d.Send(http.MethodPost, b.target, fillIn(d, b.body)); a.Status != http.StatusOK {
				t.Fatalf("%s: %s", b.target, a.Body)
			}
			continue
		}
		r := routes[b.operation]
		target := strings.NewReplacer("{id}", "").Replace(r.Paths[0])
		if b.target != "" {
			target = fillIn(d, b.target)
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(fillIn(d, b.body)), &body, json.WithUnmarshalers(exactNumbers)); err != nil {
			t.Fatal(err)
		}
		before := outcome(d, r.Method, target, text(body))
		if !strings.HasPrefix(before, "200") {
			t.Errorf("%s is refused without a change: %.500s", b.operation, before)
		}
		vary(r.In, "", body, func(path string) bool {
			key := b.operation + " " + path
			tried[key] = true
			if !effective[key] {
				effective[key] = outcome(d, r.Method, target, text(body)) != before
			}
			return effective[key]
		})
	}
	needed := map[string]bool{}
	for _, r := range api.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		eachMember(r.In, "", func(path string) {
			key := r.Operation + " " + path
			if name := excepted(r.Operation, path); name != "" && !effective[key] {
				needed[name] = true
				return
			}
			switch {
			case !tried[key]:
				t.Errorf("no request of the test has %s", key)
			case !effective[key]:
				t.Errorf("%s has no effect", key)
			}
		})
	}
	for name := range withoutEffect {
		if !needed[name] {
			t.Errorf("%s is excepted, but has an effect", name)
		}
	}
}

// excepted is the entry of the list for a member, or for what it is a part of.
func excepted(operation, path string) string {
	for path != "" {
		for _, name := range []string{operation + " " + path, path} {
			if withoutEffect[name] != "" {
				return name
			}
		}
		path = path[:max(0, strings.LastIndex(path, "."))]
	}
	return ""
}

// outcome is what a request brings about: its answer, and all that it writes.
func outcome(d *apitest.Server, method, target, body string) string {
	var writes strings.Builder
	trace := &db.Trace{Statement: func(sql string, args []any) {
		if verb := strings.Fields(sql)[0]; verb != "SELECT" {
			fmt.Fprintln(&writes, sql, args)
		}
	}}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for name, value := range map[string]string{
		"Retailer": d.Shop.Code, "Authorization": "Bearer " + d.Shop.Token, "Content-Type": "application/json", dryRunHeader: "true", "X-Request-Id": "a",
	} {
		r.Header.Set(name, value)
	}
	a := d.Do(r.WithContext(db.WithTrace(r.Context(), trace)))
	return fmt.Sprintf("%d %s\n%s", a.Status, a.Body, writes.String())
}

// membersOf are the members that a body of a type has, by the names that answers use, in their order.
func membersOf(in reflect.Type) (names []string, types map[string]reflect.Type) {
	types = map[string]reflect.Type{}
	eachField(in, func(f reflect.StructField) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
			types[name] = f.Type
		}
	})
	return names, types
}

// eachMember visits all members that a type takes, nested ones too.
func eachMember(in reflect.Type, path string, visit func(path string)) {
	names, types := membersOf(in)
	for _, name := range names {
		visit(path + name)
		if nested := elementOf(types[name]); kindOf(nested) == "object" {
			eachMember(nested, path+name+".", visit)
		}
	}
}

// vary gives each member that a body may have one value after another, and none, until try is content.
func vary(in reflect.Type, path string, body map[string]any, try func(path string) bool) {
	names, types := membersOf(in)
	for _, name := range names {
		own := name
		for k := range body {
			if strings.EqualFold(k, name) || aliased(in, name, k) {
				own = k
			}
		}
		was, had := body[own]
		values := []any{}
		element, kind := elementOf(types[name]), kindOf(types[name])
		if kind == "array" && kindOf(element) != "object" {
			for _, v := range typical[kindOf(element)] {
				values = append(values, raw("["+v+"]"))
			}
		}
		for _, v := range typical[kind] {
			values = append(values, raw(v))
		}
		content := false
		for i := 0; i < len(values) && !content; i++ {
			body[own] = values[i]
			content = try(path + name)
		}
		delete(body, own)
		if had {
			if !content {
				try(path + name)
			}
			body[own] = was
		}
		if list, ok := was.([]any); ok && len(list) > 0 {
			was = list[0]
		}
		if inner, ok := was.(map[string]any); ok {
			vary(element, path+name+".", inner, try)
		}
	}
}

// aliased reports whether a member is read under another name, too.
func aliased(in reflect.Type, name, other string) (found bool) {
	eachField(in, func(f reflect.StructField) {
		own, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		found = found || own == name && slices.ContainsFunc(strings.Split(f.Tag.Get("alias"), ","), func(alias string) bool {
			return strings.EqualFold(alias, other)
		})
	})
	return found
}
