package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// datesOf calls each for every date of an answer, with the member that has it.
func datesOf(t *testing.T, value any, member string, each func(member string, at taphoa.Time)) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, of := range v {
			datesOf(t, of, name, each)
		}
	case []any:
		for _, of := range v {
			datesOf(t, of, member, each)
		}
	case string:
		if at, err := taphoa.ParseTime(v); err == nil && strings.Contains(v, "T") {
			each(member, at)
		}
	}
}

// TestAClockThatWasAYearAheadForASecondDatesNoBusiness: what is sold, bought, moved and paid afterwards is dated by the
// clock, in every answer and list; only instants of changes go on from where they were.
func TestAClockThatWasAYearAheadForASecondDatesNoBusiness(t *testing.T) {
	const year = 365 * 24 * 3600
	instants := map[string]bool{"createdDate": true, "modifiedDate": true, "timestamp": true}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Clock.Advance(year)
		d.Write(func(tx *db.Tx) error {
			_, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some("Khách năm sau")})
			return err
		})
		d.Clock.Advance(-year)
		seen := map[string]int{}
		look := func(what string, a apitest.Answer) apitest.Answer {
			t.Helper()
			if a.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", what, a.Status, a.Body)
			}
			var answer any
			if err := json.Unmarshal(a.Body, &answer); err != nil {
				t.Fatal(err)
			}
			datesOf(t, answer, "", func(member string, at taphoa.Time) {
				seen[member]++
				if ahead := at > d.Clock.Now().Add(year*time.Second/2); ahead && !instants[member] {
					t.Errorf("%s: %s is %v, the clock shows %v", what, member, at, d.Clock.Now())
				}
			})
			return a
		}
		send := func(method, path, body string) string {
			t.Helper()
			a := look(method+" "+path, d.Send(method, fillIn(d, path), fillIn(d, body)))
			id, _ := a.Get("$.id")
			return id
		}
		d.Set("AllowSellWhenOutStock", "true")
		order := send("POST", "/orders", `{"branchId":{branch:CN1},"totalPayment":5000,"method":"Cash","orderDetails":[{"productCode":"TRA","quantity":1}]}`)
		send("PUT", "/orders/"+order, `{"totalPayment":6000,"method":"Cash","orderDetails":[{"productCode":"TRA","quantity":2}]}`)
		send("POST", "/invoices", `{"branchId":{branch:CN1},"orderId":`+order+`,"totalPayment":1000,"method":"Cash","invoiceDetails":[{"productCode":"TRA","quantity":1}]}`)
		invoice := send("POST", "/invoices", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"invoiceDetails":[{"productCode":"AO-S","quantity":2}],
			"usingCod":true,"deliveryDetail":{"receiver":"Chị Hoa","address":"1 Hàng Bạc","contactNumber":"0900000009"}}`)
		send("POST", "/payments", `{"invoiceId":`+invoice+`,"amount":10000,"method":"Cash"}`)
		send("PUT", "/invoices/"+invoice, `{"description":"x","deliveryDetail":{"status":3}}`)
		sold := send("POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"AO-M","quantity":2}]}`)
		send("POST", "/returns", `{"invoiceId":`+sold+`,"returnDetails":[{"productCode":"AO-M","quantity":1}]}`)
		send("POST", "/purchaseorders", `{"branchId":{branch:CN1},"paidAmount":100,"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":100}]}`)
		send("POST", "/ordersuppliers", `{"branchId":{branch:CN1},"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":100}]}`)
		send("POST", "/stocktakes", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"AO-M","actualQuantity":3}]}`)
		send("POST", "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":2,"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`)
		send("POST", "/cashflow", `{"branchId":{branch:CN1},"amount":-1000,"method":"Cash"}`)
		send("POST", "/coupons/setused", `{"coupons":[{"code":"K01"}]}`)
		campaign := send("POST", "/couponcampaign", `{"code":"SN","name":"Sinh nhật","endDate":"2026-12-31","isActive":true}`)
		send("POST", "/coupons", `{"campaignId":`+campaign+`,"coupons":[{"code":"SN1"}]}`)
		send("POST", "/coupons/release", `{"campaignId":`+campaign+`,"coupons":[{"code":"SN1"}]}`)
		send("POST", "/invoices", `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"isApplyVoucher":true,"invoiceDetails":[{"productCode":"AO-M","quantity":1}],
			"payments":[{"method":"Voucher","voucherId":{voucher:V01},"voucherCampaignId":{campaign:TET},"amount":20000}]}`)
		for _, path := range []string{
			"/coupons", "/vouchers?campaignId={campaign:TET}",
			"/orders?includePayment=true&includeOrderDelivery=true", "/invoices?includePayment=true&includeInvoiceDelivery=true",
			"/returns?includePayment=true", "/purchaseorders?includePayment=true", "/ordersuppliers", "/stocktakes", "/transfers",
			"/cashflow?includeBranch=true&includeUser=true", "/products?includeInventory=true&includeBatchExpires=true", "/productOnHands",
		} {
			look("GET "+path, d.Send(http.MethodGet, fillIn(d, path), ""))
		}
		for _, member := range []string{"purchaseDate", "transDate", "returnDate", "usedDate", "releaseDate", "createdDate"} {
			if seen[member] == 0 {
				t.Errorf("no answer has a %s", member)
			}
		}
		t.Log(seen)
	})
}
