package api_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/stock"
)

var thorough = flag.Bool("thorough", false, "send all bad requests, not a part of them")

// vietnamese is what a sentence for the shop's people has.
var vietnamese = regexp.MustCompile(`[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]`)

// siege sends bad requests to a server and checks that it keeps working.
type siege struct {
	t      *testing.T
	d      *apitest.Server
	sample int // send one in this many
	turn   int
	sent   int
	mark   string
}

func besiege(t *testing.T, d *apitest.Server, sample int) *siege {
	return &siege{t: t, d: d.On(t), sample: sample, mark: d.Snapshot()}
}

// skip passes over what is not in the sample.
func (s *siege) skip() bool {
	s.turn++
	return s.turn%s.sample != 0
}

// send sends a request and checks what holds for every answer: it is none of ours (5xx), a refusal has the envelope and
// a Vietnamese sentence, and has changed nothing.
func (s *siege) send(method, target, body string, headers ...string) apitest.Answer {
	s.t.Helper()
	s.sent++
	a := s.d.Send(method, target, body, headers...)
	mark := s.d.Snapshot()
	what := fmt.Sprintf("%s %.200s %.300s", method, target, body)
	switch {
	case a.Status >= 500 || a.Status < 200:
		s.t.Errorf("%s: %d %s", what, a.Status, a.Body)
	case a.Status >= 400:
		if sentence, err := a.Refusal(); err != nil || !vietnamese.MatchString(sentence) {
			s.t.Errorf("%s: %d without a sentence: %.500s (%v)", what, a.Status, a.Body, err)
		}
		if mark == s.mark {
			break
		}
		// Something was written, perhaps what was taken back: the same again shows whether anything stays.
		before := s.d.Digest(s.d.Shop)
		again := s.d.Send(method, target, body, headers...)
		if differs := before.Differs(s.d.Digest(s.d.Shop)); differs != nil || again.Status != a.Status {
			s.t.Errorf("%s: %d and then %d, and yet it has changed %s", what, a.Status, again.Status, differs)
		}
		mark = s.d.Snapshot()
	case method == http.MethodGet && mark != s.mark:
		s.t.Errorf("%s has written something", what)
	}
	s.mark = mark
	return a
}

// readAll reads every list, with all that can be asked for.
func (s *siege) readAll() {
	s.t.Helper()
	for _, r := range api.Routes() {
		if r.Method == http.MethodGet && !strings.Contains(r.Paths[0], "{") {
			s.send(r.Method, r.Paths[0]+"?"+switches, "")
		}
	}
}

// ledgersHold checks the invariants of goods and money.
func (s *siege) ledgersHold() {
	s.t.Helper()
	s.d.On(s.t).Read(func(tx *db.Tx) error {
		goods, err := stock.Check(tx, stock.Limits{BelowZero: true, BelowReserved: true})
		if err != nil {
			return err
		}
		money, err := cash.Check(tx)
		if err != nil {
			return err
		}
		accounts, err := debt.Check(tx)
		if err != nil {
			return err
		}
		codes, err := promo.Check(tx)
		for _, finding := range slices.Concat(goods, money, accounts, codes) {
			s.t.Error(finding)
		}
		return err
	})
}

// base is a request that succeeds; without a target it goes to the operation's first path.
type base struct{ operation, target, body string }

// bases are spoilt member by member.
var bases = []base{
	{"createCategory", "", `{"categoryName":"Mới","parentId":{category:Đồ uống}}`},
	{"updateCategory", "/categories/{category:Đồ uống}", `{"categoryName":"Đồ uống","parentId":null,"rank":1}`},
	{"createProduct", "", `{"name":"Mới","categoryId":{category:Trà},"unit":"cái",
		"inventories":[{"branchId":{branch:CN1},"onHand":1,"cost":1000}],
		"attributes":[{"attributeName":"Cỡ","attributeValue":"L"}],"productTaxs":[{"taxId":6}],"purchaseTax":{"taxId":7}}`},
	{"createProduct", "", `{"name":"Bộ","productType":1,"productFormulas":[{"materialId":{product:TRA},"quantity":1}]}`},
	{"createProduct", "", `{"name":"Trà","masterUnitId":{product:TRA},"unit":"thùng","conversionValue":50,
		"inventories":[{"branchId":{branch:CN1},"cost":1000}]}`},
	{"updateProduct", "/products/{product:AO-S}", `{"name":"Áo","inventories":[{"branchId":{branch:CN1},"onHand":1,"cost":1000}],
		"attributes":[{"attributeName":"Cỡ","attributeValue":"S"}],"productTaxs":[{"taxId":6}],"purchaseTax":{"taxId":7}}`},
	{"updateProduct", "/products/{product:QUA}", `{"name":"Quà","productFormulas":[{"materialId":{product:TRA},"quantity":1}]}`},
	{"bulkCreateProducts", "", `{"listProducts":[{"name":"Mới","categoryId":{category:Trà},
		"inventories":[{"branchId":{branch:CN1},"onHand":1}],"attributes":[],"productTaxs":[],"purchaseTax":{}}]}`},
	{"bulkUpdateProducts", "", `{"listProducts":[{"id":{product:AO-M},"name":"Áo","inventories":[{"branchId":{branch:CN1},"onHand":1}]}]}`},
	{"createOrder", "", `{"branchId":{branch:CN1},"orderDetails":[{"productId":{product:TRA},"quantity":1,"orderDetailTaxs":[{"taxId":6}]}],
		"orderDelivery":{"receiver":"Hoa","partnerDelivery":{"name":"GHN"}},"customer":{"contactNumber":"0901234567"},
		"surchages":[{"id":{surcharge:SHIP},"price":1000}],"payments":[{"method":"Cash","amount":1000}],"totalPayment":1000,"method":"Cash"}`},
	{"updateOrder", "/orders/{order:DH000001}", `{"orderDetails":[{"productId":{product:TRA},"quantity":1,"orderDetailTaxs":[{"taxId":6}]}],
		"orderDelivery":{"receiver":"Hoa","partnerDelivery":{"name":"GHN"}},"surchages":[{"id":{surcharge:SHIP},"price":1000}]}`},
	{"createCustomer", "", `{"name":"Khách","groupIds":[{group:Khách quen}]}`},
	{"updateCustomer", "/customers/{customer:KH-CTY}", `{"name":"Khách","groupIds":[{group:Khách quen}]}`},
	{"bulkAddCustomers", "", `{"listCustomers":[{"name":"Khách"}]}`},
	{"bulkUpdateCustomers", "", `{"listCustomers":[{"id":{customer:KH-CTY},"name":"Khách"}]}`},
	{"createSurcharge", "", `{"name":"Thu","value":1000}`},
	{"updateSurcharge", "/surchages/{surcharge:SHIP}", `{"name":"Thu","value":1000}`},
	{"setSurchargeActive", "/surchages/{surcharge:SHIP}/activesurchage", `{"isActive":true}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"invoiceDetails":[{"productId":{product:TRA},"quantity":1,"invoiceDetailTaxs":[{"taxId":6}]}],
		"deliveryDetail":{"receiver":"Hoa","partnerDelivery":{"name":"GHN"},"surchages":[],"payments":[]},
		"customer":{"contactNumber":"0901234567"},"surchages":[{"id":{surcharge:SHIP},"price":1000}],
		"payments":[{"method":"Cash","amount":1000}],"totalPayment":1000,"method":"Cash"}`},
	{"updateInvoice", "/invoices/{invoice:HD000001}", `{"invoiceDetails":[{"productId":{product:TRA},"quantity":1}],
		"deliveryDetail":{"receiver":"Hoa","partnerDelivery":{"name":"GHN"}},"codPaymentMethod":"Cash"}`},
	{"registerWebhook", "", `{"Webhook":{"Type":"stock.update","Url":"https://x.vn/a?noecho","IsActive":true,"Description":"x","Secret":"YWJjZGVmZ2g="}}`},
	{"updateWebhook", "/webhooks/{webhook:product.update}", `{"Type":"product.update","Url":"https://x.vn/b","IsActive":true,"Secret":"x"}`},
	{"rotateWebhookSecret", "/webhooks/{webhook:product.update}/secret", `{"secret":"YWJjZGVmZ2g=","overlapHours":24}`},
	{"replayWebhook", "/webhooks/{webhook:product.update}/replay", `{"fromSeq":1,"fromDate":"2026-11-01"}`},
	{"redeliver", "/webhooks/deliveries/{webhook:product.update}/redeliver", `{}`},
	{"updateEInvoiceInfo", "/einvoices/info", `{"data":[{"invoiceId":{invoice:HD000001},"invoiceRefId":"x","partner":1,"status":2,"type":0}]}`},
	{"createInvoice", "", `{"branchId":{branch:CN1},"soldById":{user:lan},"invoiceDetails":[{"productId":{product:TRA},"quantity":1}],"isApplyVoucher":true,
		"payments":[{"method":"Voucher","methodStr":"Voucher","amount":20000,"voucherId":{voucher:V01},"voucherCampaignId":{campaign:TET}}]}`},
	{"setCouponsUsed", "", `{"coupons":[{"code":"K01"}]}`},
	{"createCoupons", "", `{"campaignId":{coupons:KT},"coupons":[{"code":"K07"}]}`},
	{"releaseCoupons", "", `{"campaignId":{coupons:KT},"coupons":[{"code":"K02"}]}`},
	{"cancelCoupons", "", `{"campaignId":{coupons:KT},"coupons":[{"code":"K03"}]}`},
	{"createCouponCampaign", "", `{"name":"Đợt mới","endDate":"2027-01-01"}`},
	{"updateCouponCampaign", "/couponcampaign/{coupons:KT}", `{"name":"Đợt cũ","endDate":"2027-01-01"}`},
	{"createVoucherCampaign", "", `{"name":"Đợt mới","price":1000,"endDate":"2027-01-01","voucherBranchs":[{"branchId":{branch:CN1}}],
		"voucherUsers":[{"userId":{user:lan}}],"voucherCusGroups":[{"groupId":{group:Khách quen}}],
		"prereqProductIds":[{product:TRA}],"prereqCategoryIds":[{category:Trà}]}`},
	{"updateVoucherCampaign", "/vouchercampaign/{campaign:TET}", `{"name":"Đợt cũ","voucherUsers":[{"userId":{user:lan}}]}`},
	{"createVouchers", "", `{"voucherCampaignId":{campaign:TET},"data":[{"code":"V07"}]}`},
	{"releaseVouchers", "", `{"CampaignId":{campaign:TET},"Vouchers":[{"Code":"V04"}]}`},
	{"sellVouchers", "", `{"CampaignId":{campaign:TET},"Vouchers":[{"Code":"V05"}],"PartnerType":"C","PartnerId":{customer:KH-HOA}}`},
	{"cancelVouchers", "", `{"CampaignId":{campaign:TET},"Vouchers":[{"Code":"V06"}]}`},
	{"createReturn", "", `{"branchId":{branch:CN1},"returnDetails":[{"productId":{product:TRA},"quantity":1,"returnDetailTaxs":[{"taxId":6}]}],
		"customer":{"contactNumber":"0901234567"},"payments":[{"method":"Cash","amount":1000}],"totalPayment":1000,"method":"Cash"}`},
	{"createReturn", "", `{"invoiceId":{invoice:HD000002},"returnFee":0,"returnDetails":[{"productId":{product:TRA},"quantity":0.01,"price":25000}]}`},
	{"updateReturn", "/returns/{return:TH000001}", `{"returnFee":10,"description":"Đổi ý"}`},
	{"payInvoice", "", `{"invoiceId":{invoice:HD000003},"amount":1,"method":"Cash"}`},
	{"createCashFlow", "", `{"branchId":{branch:CN1},"amount":1000,"cashGroup":"Thu khác","partnerName":"Ông Tư"}`},
	{"createCashFlow", "", `{"branchId":{branch:CN1},"amount":1000,"isReceipt":false,"partnerType":"C","partnerId":{customer:KH-HOA},"method":"Card",
		"accountId":{bank:Vietcombank},"cashFlowGroupId":6,"usedForFinancialReporting":0}`},
	{"createDebtAdjustment", "", `{"type":"opening","partnerType":"C","partnerId":{customer:KH-HOA},"documentDate":"2026-11-01","debt":1000,"points":1,"reason":"Cũ"}`},
	{"createTransfer", "", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":3,
		"transferDetails":[{"productId":{product:TRA},"sendQuantity":2,"recivedQuantity":1,"price":1000}]}`},
	{"updateTransfer", "/transfers/{transfer:TRF000001}", `{"description":"Đổi","transferDetails":[{"productId":{product:TRA},"sendQuantity":1}]}`},
	{"createOrderSupplier", "", `{"branchId":{branch:CN1},"supplierId":{supplier:NCC-TRA},"isApplyPurchaseTax":true,"discount":1000,
		"orderSupplierDetails":[{"productId":{product:TRA},"quantity":1,"price":1000,"orderSupplierDetailTaxes":[{"taxId":7}]}],
		"orderSupplierExpensesOthers":[{"expensesOtherName":"Xe","price":1000}]}`},
	{"updateOrderSupplier", "/ordersuppliers/{ordersupplier:PDN000001}", `{"supplier":{"code":"NCC-TRA"},
		"orderSupplierDetails":[{"productId":{product:TRA},"quantity":1,"price":1000}],
		"orderSupplierExpensesOthers":[{"expensesOtherName":"Xe","valueRatio":1}]}`},
	{"createStockTake", "", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productId":{product:TRA},"actualQuantity":50},
		{"productCode":"SUA","actualQuantity":5,"batchName":"LO9","expireDate":"2027-06-30"}]}`},
	{"updateStockTake", "/stocktakes/{stocktake:KK000001}", `{"description":"Đếm lại","stockTakeDetails":[{"productId":{product:TRA},"actualQuantity":1}]}`},
	{"createBranch", "", `{"branchName":"Mới","address":"1 Lê Lợi"}`},
	{"updateBranch", "/branches/{branch:CN2}", `{"branchName":"Khác","email":"x@y.vn"}`},
	{"createPurchaseOrder", "", `{"branchId":{branch:CN1},"supplier":{"code":"NCC-TRA"},"isApplyPurchaseTax":true,"isDraft":0,"status":3,
		"purchaseOrderDetails":[{"productId":{product:TRA},"quantity":1,"price":1000,"productTax":{"taxId":7}}],
		"surcharges":[{"name":"Xe","value":1000}],"paidAmount":1000,"paymentMethod":"Cash","payments":[{"method":"Cash","amount":1000}]}`},
	{"createPurchaseOrder", "", `{"branchId":{branch:CN1},"supplierId":{supplier:NCC-SUA},
		"purchaseOrderDetails":[{"productId":{product:SUA},"quantity":1,"price":1000,"productBatchExpire":{"batchName":"LO3","expireDate":"2027-05-01"}}]}`},
	{"updatePurchaseOrder", "/purchaseorders/{purchase:PN000001}", `{"supplier":{"code":"NCC-TRA"},"isDraft":true,
		"purchaseOrderDetails":[{"productId":{product:SUA},"quantity":1,"price":1000,"productBatchExpire":{"batchName":"LO1","expireDate":"2027-01-31"}}],
		"surcharges":[{"name":"Xe","valueRatio":1}]}`},
	{"createSupplier", "", `{"name":"Nguồn","contactNumber":"0901234567","groupIds":[{suppliergroup:Nhà phân phối}]}`},
	{"updateSupplier", "/suppliers/{supplier:NCC-SUA}", `{"name":"Nguồn","groupIds":[{suppliergroup:Nhà phân phối}],"isActive":true}`},
	{"createSupplierGroup", "", `{"name":"Nhóm","description":"Mới"}`},
	{"updateSupplierGroup", "/suppliers/group/{suppliergroup:Nhà phân phối}", `{"name":"Nhà phân phối","description":"Mới"}`},
	{"createUser", "", `{"userName":"moi","givenName":"Mới","birthDate":"1999-09-09"}`},
	{"updateUser", "/users/{user:lan}", `{"givenName":"Lan","email":"x@y.vn"}`},
	{"createBankAccount", "", `{"bankName":"ACB","accountNumber":"123"}`},
	{"updateBankAccount", "/BankAccounts/{bank:Vietcombank}", `{"description":"Mới"}`},
	{"createSaleChannel", "", `{"name":"Zalo","position":3}`},
	{"updateSaleChannel", "/salechannel/{channel:Facebook}", `{"name":"Meta","isActive":false}`},
	{"createTrademark", "", `{"tradeMarkName":"Mới"}`},
	{"updateTrademark", "/trademark/{trademark:Tân Cương}", `{"tradeMarkName":"Thái Nguyên"}`},
	{"createCustomerGroup", "", `{"name":"Mới","discount":5,"customerGroupDetails":[{"customerId":{customer:KH-HOA}}]}`},
	{"updateCustomerGroup", "/customers/group/{group:Khách quen}", `{"name":"Khách quen","customerGroupDetails":[{"customerId":{customer:KH-CTY}}]}`},
	{"setFormula", "/products/{product:QUA}/formulas", `{"productFormulas":[{"materialId":{product:TRA},"quantity":1}]}`},
	{"setWarranties", "/products/{product:DT}/warranties", `{"productWarranties":[{"numberTime":1,"timeType":3,"warrantyType":1}]}`},
	{"setShelves", "/products/{product:TRA}/shelves", `{"productShelves":[{"branchId":{branch:CN1},"productShelves":"Kệ B"}]}`},
	{"updatePriceBookDetail", "", `{"pricebookId":{pricebook:Giá sỉ},"productId":{product:TRA},"price":1000,
		"details":[{"productId":{product:GOI},"price":2000}]}`},
	{"createPriceBook", "", `{"name":"Mới","startDate":"2026-01-01","priceBookBranches":[{"branchId":{branch:CN1}}],
		"priceBookCustomerGroups":[{"customerGroupId":{group:Khách quen}}],"priceBookUsers":[{"userId":{user:lan}}]}`},
	{"updatePriceBook", "/pricebooks/{pricebook:Giá sỉ}", `{"name":"Giá sỉ","priceBookBranches":[{"branchId":{branch:CN1}}]}`},
	{"updateSettings", "", `{"AllowOrder":true,"PricingMode":"direct","RewardPointRate":10000}`},
	{"mergeCustomers", "/customers/{customer:KH-HOA}/merge", `{"customerId":{customer:KH-CTY}}`}, // the last one: one is gone
}

const huge = "9223372036854775807"

// spoilt are values that are wrong, or as large or small as they come, by the kind of the member they take the place of.
var spoilt = map[string][]string{
	"number": {
		"-1", "0", huge, "-9223372036854775808", "9223372036854775808", "9007199254740991", "9007199254740992", "1e400", "-1e400", "1e18",
		"922337203685477.5807", "-922337203685477.5808", "0.00001", `"abc"`, `"1 OR 1=1"`, "true", "[]", "{}", "[1,2]", `{"a":1}`,
		`"NaN"`, `"0x10"`, `"１２"`, `"1,5"`, "null",
	},
	"string": {
		`""`, `"   "`, `"` + strings.Repeat("ă", 2500) + `"`, `"` + strings.Repeat("x", 70_000) + `"`, `"a\u0000b"`, `"\ud800"`,
		`"'; DROP TABLE products; --"`, `"%_\\"`, "12345", "true", "{}", "[]", `{"a":{"b":"c"}}`, `"🧧\u202e\u0001"`, "null",
	},
	"bool": {`"maybe"`, "2", "{}", "[]", `"true"`, "null", `""`},
	"time": {
		`"hôm nay"`, `"2026-13-01"`, `"2026-02-30"`, `"0000-00-00"`, `"9999-12-31T23:59:59.9999999"`, `"1753-01-01"`, `"1752-12-31"`,
		`"/Date(99999999999999)/"`, "0", "20261122", `"2026-11-22T25:00:00"`, `"2026-11-22T10:00:00+99:00"`, "{}", "null", `"31/12/2026"`,
	},
	"array":  {"null", `"x"`, "{}", "5", "[null]", "[[]]", "[[[[]]]]", "[{}]", `[1,"a"]`, "[]", "[" + strings.Repeat("{},", 1200) + "{}]"},
	"object": {"null", `"x"`, "5", "[]", "[1,2]", "[{},{}]", "{}", `{"` + strings.Repeat("x", 5000) + `":1}`},
}

// TestNoMemberBreaksTheServer spoils each member of each writing operation in each way.
func TestNoMemberBreaksTheServer(t *testing.T) {
	routes := map[string]api.Route{}
	for _, r := range api.Routes() {
		routes[r.Operation] = r
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		s := besiege(t, d, 1)
		if !*thorough { // a part of them, and a smaller one where round trips take their time
			s.sample = map[bool]int{false: 5, true: 17}[strings.HasSuffix(t.Name(), "postgres")]
		}
		filled := slices.Clone(bases)
		for i := range filled { // now: codes will change
			filled[i].target, filled[i].body = fillIn(d, bases[i].target), fillIn(d, bases[i].body)
		}
		for _, b := range filled {
			r, target := routes[b.operation], b.target
			if target == "" {
				target = r.Paths[0]
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(b.body), &body); err != nil {
				t.Fatal(err)
			}
			if a := s.send(r.Method, target, text(body)); a.Status != http.StatusOK {
				t.Errorf("%s is refused without any spoilt member: %s", b.operation, a.Body)
			}
			spoil(r.In, body, func(kind string, set func(any)) {
				for _, value := range spoilt[kind] {
					set(raw(value))
					if spoiled := text(body); !s.skip() {
						s.send(r.Method, target, spoiled)
					}
				}
			})
		}
		s.readAll()
		s.ledgersHold()
		t.Logf("%d requests", s.sent)
	})
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet && r.Method != http.MethodDelete && !slices.ContainsFunc(bases, func(b base) bool { return b.operation == r.Operation }) {
			t.Errorf("the test has no body for %s", r.Operation)
		}
	}
}

// absurd are requests with numbers that a shop can neither have nor add up.
var absurd = []struct{ method, target, body string }{
	{
		"POST", "/products", `{"name":"x","inventories":[{"branchId":{branch:CN1},"onHand":-922337203685477.5808}]}`,
	},
	{
		"PUT", "/products/{product:AO-S}",
		`{"inventories":[{"branchId":{branch:CN1},"onHand":922337203685477.5807}]}`,
	},
	{
		"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1,"price":-1}]}`,
	},
	{
		"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"TRA","quantity":1,"price":-1}]}`,
	},
	{
		"PUT", "/invoices/{invoice:HD000001}",
		`{"invoiceDetails":[{"productCode":"TRA","quantity":1,"price":922337203685477.5807}]}`,
	},
	{
		"POST", "/purchaseorders", `{"branchId":{branch:CN1},"purchaseOrderDetails":[{"productCode":"TRA","quantity":1e14,"price":1}]}`,
	},
	{
		"POST", "/purchaseorders",
		`{"branchId":{branch:CN1},"paidAmount":922337203685477.5807,"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`,
	},
	{
		"POST", "/orders",
		`{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"payments":[{"method":"Cash","amount":922337203685477.5807}],
		"orderDetails":[{"productCode":"TRA","quantity":1}]}`,
	},
	{
		"POST", "/orders",
		`{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":922337203685477.5807,
		"orderDetails":[{"productCode":"TRA","quantity":1}]}`,
	},
}

func TestAbsurdNumbersAreRefused(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		before := d.Digest(d.Shop)
		for _, r := range absurd {
			if a := d.Send(r.method, fillIn(d, r.target), fillIn(d, r.body)); a.Status != 420 {
				t.Errorf("%s %s %s: %d %s", r.method, r.target, r.body, a.Status, a.Body)
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("refused requests have changed %v", differs)
		}
	})
}

// prepare makes documents to be changed, an invoice to be returned and one to be paid.
func prepare(t testing.TB, d *apitest.Server) {
	t.Helper()
	for _, r := range []struct{ path, body string }{
		{"/orders", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"orderDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"/invoices", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"invoiceDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"/invoices", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"invoiceDetails":[{"productCode":"TRA","quantity":90}]}`},
		{"/invoices", `{"branchId":{branch:CN1},"customer":{"code":"KH-NO","name":"Chị Nợ"},"invoiceDetails":[{"productCode":"GOI","quantity":1}]}`},
		{"/returns", `{"branchId":{branch:CN1},"customer":{"code":"KH-TRA","name":"Anh Trả"},"returnDetails":[{"productCode":"TRA","quantity":1}]}`},
		{"/purchaseorders", `{"branchId":{branch:CN1},"isDraft":true,"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":1,
			"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`},
		{"/ordersuppliers", `{"branchId":{branch:CN1},"isDraft":true,"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`},
		{"/stocktakes", `{"branchId":{branch:CN1},"isDraft":true,"stockTakeDetails":[{"productCode":"TRA","actualQuantity":1}]}`},
	} {
		if a := d.Send(http.MethodPost, r.path, fillIn(d, r.body)); a.Status != http.StatusOK {
			t.Fatalf("%s: %s", r.path, a.Body)
		}
	}
}

// raw marks a text that is written to a body as it is.
type raw string

// text writes a body.
func text(v any) string {
	switch v := v.(type) {
	case raw:
		return string(v)
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%q:%s", name, text(v[name])))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, text(e))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// spoil visits every member that a type takes, within what the body has, and puts the body's own value back afterwards.
func spoil(in reflect.Type, body map[string]any, visit func(kind string, set func(any))) {
	members := accepted(in, "json")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		own := name
		for k := range body {
			if strings.EqualFold(k, name) {
				own = k
			}
		}
		was, had := body[own]
		set := func(v any) { body[own] = v }
		restore := func() {
			if delete(body, own); had {
				body[own] = was
			}
		}
		kind := kindOf(members[name])
		visit(kind, set)
		restore()
		if elements, ok := was.([]any); ok && len(elements) > 0 {
			if kindOf(elementOf(members[name])) != "object" {
				visit(kindOf(elementOf(members[name])), func(v any) { body[own] = []any{v} })
				restore()
				continue
			}
			if inner, ok := elements[0].(map[string]any); ok {
				spoil(elementOf(members[name]), inner, visit)
			}
		}
		if inner, ok := was.(map[string]any); ok {
			spoil(elementOf(members[name]), inner, visit)
		}
	}
}

// TestNoParameterBreaksTheServer spoils each parameter of each operation in each way, and each id and code in a path.
func TestNoParameterBreaksTheServer(t *testing.T) {
	long := strings.Repeat("9", 3000)
	ids := []string{
		"0", "-1", huge, "9223372036854775808", long, "1e3", "1.5", "abc", "%00", "%FF", "%2F", "%2e%2e", "1%20OR%201=1", "1;DROP%20TABLE",
	}
	codes := []string{
		"*", "+", "%23", "(x)", "a%2Fb", "a/b", "a//b/", "%20", "'", "%25", "_", "%00", "%FF", "%F0%9F%A7%A7", strings.Repeat("x", 9000), "..", "%2e%2e/x",
	}
	orders := []string{
		"id;DROP TABLE products", "id DESC, (SELECT 1)", "1", "name--", "p.id", "retailer_id", strings.Repeat("x", 5000), "\x00", "đ", "NAME",
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		s := besiege(t, d, 1)
		if !*thorough && strings.HasSuffix(t.Name(), "postgres") { // each value is tried at some parameters, each parameter with some values
			s.sample = 4
		}
		for _, r := range api.Routes() {
			target := r.Paths[0]
			if place := placePattern.FindString(target); place != "" {
				for _, key := range slices.Concat(ids, codes) {
					a := s.send(r.Method, strings.Replace(target, place, key, 1), "")
					general := r.Operation == "getPriceBook" && (key == "0" || key == "%20")
					if a.Status < 400 && !general {
						t.Errorf("%s with %.100s: %d %s", r.Operation, key, a.Status, a.Body)
					}
				}
				target = strings.Replace(target, place, "987654321", 1)
			}
			if r.Method != http.MethodGet {
				continue
			}
			members := accepted(r.In, "query")
			for _, name := range slices.Sorted(maps.Keys(members)) {
				for _, value := range append(spoilt[kindOf(elementOf(members[name]))], orders...) {
					if !s.skip() {
						s.send(r.Method, target+"?"+name+"="+url.QueryEscape(strings.Trim(value, `"`)), "")
					}
				}
			}
			for _, direction := range []string{"ASC", "desc", "x'", "%00"} {
				for _, by := range orders {
					if !s.skip() {
						s.send(r.Method, target+"?orderBy="+url.QueryEscape(by)+"&orderDirection="+direction, "")
					}
				}
			}
			s.send(r.Method, target+"?currentItem="+huge+"&pageSize="+huge, "")
			s.send(r.Method, target+"?currentItem=-5&pageSize=0", "")
			s.send(r.Method, target+"?%zz=1&=&&a[=1&a[[]]=2&status[999999999]=1", "")
		}
		t.Logf("%d requests", s.sent)
	})
}

// TestUnreadableBodiesAreRefused sends to every operation that takes a body what is none.
func TestUnreadableBodiesAreRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	bodies := map[string]string{
		"an open object": `{`, "an open list": `[`, "half a member": `{"name":`, "a word": `nul`, "a text": `"x"`, "a number": `123`,
		"something behind": `{"name":"x"} {`, "NUL": "\x00", "NUL in a text": "{\"name\":\"a\x00b\"}", "no UTF-8": "{\"name\":\"\xff\xfe\"}",
		"no UTF-8 in a name": "{\"\xff\":1,\"name\":\"x\"", "a control character": "{\"name\":\"a\nb\"}", "single quotes": `{'name':'x'}`,
		"a comment": `{"name":"x" /* y */}`, "a comma at the end": `{"name":"x",}`, "deep nesting": deep, "deep lists": strings.Repeat("[", 100_000),
		"XML": `<?xml version="1.0"?><a/>`, "UTF-16": "\xff\xfe{\x00}\x00", "many members": "{" + strings.Repeat(`"a":1,`, 300_000) + `"b":2}`,
		"a huge list": "[" + strings.Repeat("1,", 400_000) + "1]", "too large": `{"name":"` + strings.Repeat("x", 10<<20) + `"}`,
		"too large, and no JSON": strings.Repeat("x", 10<<20),
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		s := besiege(t, d, 1)
		for _, r := range api.Routes() {
			if r.Method != http.MethodPost && r.Method != http.MethodPut || r.Operation == "redeliver" { // which takes none
				continue
			}
			target := strings.Replace(r.Paths[0], "{id}", fmt.Sprint(d.ID("product:TRA")), 1)
			for name, body := range bodies {
				if len(body) > 1<<20 && r.Operation != "createProduct" && r.Operation != "bulkAddCustomers" {
					continue // what is refused before it is read need not be tried everywhere
				}
				a := s.send(r.Method, target, body)
				if a.Status < 400 {
					t.Errorf("%s with %s: %d %.300s", r.Operation, name, a.Status, a.Body)
				}
				if strings.HasPrefix(name, "too large") && a.Status != http.StatusRequestEntityTooLarge {
					t.Errorf("%s with %s: %d %.300s", r.Operation, name, a.Status, a.Body)
				}
			}
		}
	})
}
