package api_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// TestBadValuesAreNamed sends requests with one thing wrong and looks for its name in the refusal.
func TestBadValuesAreNamed(t *testing.T) {
	const (
		order   = `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1}]`
		invoice = `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"TRA","quantity":1}]`
	)
	cases := []struct {
		method, path, body string
		status             int
		names              string // in the sentence
	}{
		// What cannot be read is 400 and names the member by its path.
		{"POST", "/orders", `{"branchId":"một"}`, 400, "branchId"},
		{"POST", "/orders", `{"branchId":{"id":1}}`, 400, "branchId"},
		{"POST", "/orders", `{"branchId":1.5}`, 400, "branchId"},
		{"POST", "/orders", `{"branchId":9223372036854775807}`, 400, "branchId"},
		{"POST", "/orders", `{"branchId":1,"orderDetails":[{"quantity":1},{"quantity":"nhiều"}]}`, 400, "orderDetails[1].quantity"},
		{"POST", "/orders", `{"branchId":1,"orderDetails":[{"quantity":1e30}]}`, 400, "orderDetails[0].quantity"},
		{"POST", "/orders", `{"branchId":1,"orderDetails":"TRA"}`, 400, "orderDetails"},
		{"POST", "/orders", `{"branchId":1,"orderDelivery":[{},{}]}`, 400, "orderDelivery"},
		{"POST", "/orders", `{"branchId":1,"purchaseDate":"hôm qua"}`, 400, "purchaseDate"},
		{"POST", "/orders", `{"branchId":1,"purchaseDate":"2026-02-30"}`, 400, "purchaseDate"},
		{"POST", "/orders", `{"branchId":1,"makeInvoice":"có"}`, 400, "makeInvoice"},
		{"POST", "/customers", `{"name":"a\u0000b"}`, 400, "name"},
		{"POST", "/customers", "{\"name\":\"\xff\"}", 400, ""},
		{"POST", "/customers", `{"name":"x","birthDate":"31/31/2000"}`, 400, "birthDate"},
		{"POST", "/products", `{"name":{"a":1}}`, 400, "name"},
		{"POST", "/products", `{"name":"x","basePrice":"miễn phí"}`, 400, "basePrice"},
		{"POST", "/products", `{"name":"x","basePrice":1e20}`, 400, "basePrice"},
		{"POST", "/surchages", `{"name":"x","value":"1.2.3"}`, 400, "value"},
		{"PUT", "/products/TRA", `{"name":"x"}`, 400, "id"},
		{"GET", "/products/TRA", "", 400, "id"},
		{"GET", "/orders/1.5", "", 400, "id"},
		{"GET", "/products?pageSize=nhiều", "", 400, "pageSize"},
		{"GET", "/products?currentItem=9223372036854775807", "", 400, "currentItem"},
		{"GET", "/products?includeInventory=có", "", 400, "includeInventory"},
		{"GET", "/products?lastModifiedFrom=hôm%20qua", "", 400, "lastModifiedFrom"},
		{"GET", "/orders?branchIds=1,hai", "", 400, "branchIds"},
		{"GET", "/invoices?customerIds[]=x", "", 400, "customerIds"},

		// What can be read but is not valid is 420.
		{"POST", "/customers", `{"name":"` + strings.Repeat("ă", 256) + `"}`, 420, "name"},
		{"POST", "/customers", `{}`, 420, "name"},
		{"POST", "/customers", ``, 420, "name"},
		{"POST", "/customers", `null`, 420, "name"},
		{"POST", "/products", `[]`, 420, "name"},
		{"POST", "/products", `{"name":"x","productType":9}`, 420, "productType"},
		{"POST", "/products", `{"name":"x","weight":-1}`, 420, "weight"},
		{"POST", "/products", `{"name":"x","conversionValue":-1}`, 420, "conversionValue"},
		{"POST", "/products", `{"name":"x","attributes":[{"attributeName":"Cỡ"}]}`, 420, "attributeValue"},
		{"POST", "/products", `{"name":"x","inventories":[{"branchId":{branch:CN1},"cost":-1}]}`, 420, "cost"},
		{"POST", "/products", `{"name":"x","inventories":[{"onHand":1}]}`, 420, "Chi nhánh"},
		{"POST", "/products", `{"name":"x","masterUnitId":{product:TRA-HOP},"conversionValue":2,"unit":"kiện"}`, 420, "masterUnitId"},
		{"PUT", "/products/{product:DT}", `{"inventories":[{"branchId":{branch:CN1},"onHand":5}]}`, 420, "serial"},
		{"PUT", "/products/{product:SUA}", `{"inventories":[{"branchId":{branch:CN1},"onHand":5}]}`, 420, "lô"},
		{"PUT", "/products/{product:QUA}", `{"inventories":[{"branchId":{branch:CN1},"onHand":5}]}`, 420, ""},
		{"POST", "/listaddproducts", `{"listProducts":[` + strings.Repeat(`{"name":"x"},`, 100) + `{"name":"x"}]}`, 420, "100"},
		{"POST", "/listaddcutomers", `{"listCustomers":[` + strings.Repeat(`{"name":"x"},`, 100) + `{"name":"x"}]}`, 420, "100"},
		{"POST", "/orders", order + `,"discount":-1}`, 420, "discount"},
		{"POST", "/orders", order + `,"discountRatio":101}`, 420, "discount"},
		{"POST", "/orders", order + `,"totalPayment":-1}`, 420, "totalPayment"},
		{"POST", "/orders", order + `,"payments":[{"method":"Cash","amount":0}]}`, 420, "amount"},
		{"POST", "/orders", order + `,"surchages":[{"code":"SHIP","price":-1}]}`, 420, "price"},
		{"POST", "/orders", order + `,"surchages":[{"price":1}]}`, 420, "surchages"},
		{"POST", "/orders", order + `,"orderDelivery":{"weight":-1}}`, 420, "weight"},
		{"POST", "/orders", order + `,"soldById":-1}`, 420, "soldById"},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"quantity":1}]}`, 420, "productId"},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA"}]}`, 420, "quantity"},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":900000000000}]}`, 420, "vượt quá"},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1,"discountRatio":-1}]}`, 420, "discountRatio"},
		{"POST", "/orders", `{"branchId":{branch:CN1},"orderDetails":[` + strings.Repeat(`{"productCode":"TRA","quantity":1},`, 1000) +
			`{"productCode":"TRA","quantity":1}]}`, 420, "1000"},
		{"POST", "/invoices", invoice + `,"method":"Đổi chác","totalPayment":1}`, 420, "method"},
		{"POST", "/invoices", invoice + `,"deliveryDetail":{"status":99}}`, 420, "status"},
		{"POST", "/invoices", invoice + `,"deliveryDetail":{"price":-1}}`, 420, "price"},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"DT","quantity":0.5,"serialNumbers":"IMEI001"}]}`, 420, "serial"},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"DT","quantity":2,"serialNumbers":"IMEI001,IMEI001"}]}`, 420, "IMEI001"},
		{"POST", "/invoices", `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"SUA","quantity":1000}]}`, 420, ""},
		{"DELETE", "/invoices", `{"id":"HD000001"}`, 400, "id"},

		// What the server refuses for every operation.
		{"GET", "/nowhere", "", 404, "/nowhere"},
		{"GET", "/products/1/2/3", "", 404, ""},
		{"PATCH", "/products/{product:TRA}", "{}", 405, "PUT"},
		{"POST", "/products/{product:TRA}", "{}", 405, "PUT"},
		{"POST", "/customers", `{"name":"` + strings.Repeat("x", 5<<20) + `"}`, 413, "MB"},
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		s := besiege(t, d, 1)
		for _, c := range cases {
			a := s.send(c.method, fillIn(d, c.path), fillIn(d, c.body))
			if sentence, _ := a.Refusal(); a.Status != c.status || !strings.Contains(sentence, c.names) {
				t.Errorf("%s %s %.300s: %d %q, want %d and a sentence with %q", c.method, c.path, c.body, a.Status, sentence, c.status, c.names)
			}
		}
	})
}

// TestDatesAreTakenInEveryDocumentedForm writes and filters by dates in the forms that clients send.
func TestDatesAreTakenInEveryDocumentedForm(t *testing.T) {
	cases := map[string]string{
		"2026-03-01": "2026-03-01T00:00:00.0000000", "2026-3-1": "2026-03-01T00:00:00.0000000",
		"2026-03-01T08:21:36": "2026-03-01T08:21:36.0000000", "2026-03-01 08:21:36": "2026-03-01T08:21:36.0000000",
		"2026-03-01T08:21:36.5": "2026-03-01T08:21:36.5000000", "2026-03-01T08:21:36.1234567": "2026-03-01T08:21:36.1234560",
		"2026-03-01T01:21:36Z": "2026-03-01T08:21:36.0000000", "2026-03-01T01:21:36.000Z": "2026-03-01T08:21:36.0000000",
		"2026-03-01T08:21:36+07:00": "2026-03-01T08:21:36.0000000", "2026-03-01T08:21:36.1740006+07:00": "2026-03-01T08:21:36.1740000",
		"01/03/2026": "2026-03-01T00:00:00.0000000", "28/02/2026": "2026-02-28T00:00:00.0000000", "02/28/2026": "2026-02-28T00:00:00.0000000",
		"03/31/2026 08:21:36": "2026-03-31T08:21:36.0000000", "/Date(1772328096000)/": "2026-03-01T08:21:36.0000000",
	}
	d := apitest.Seeded(t, "sqlite")
	for sent, want := range cases {
		a := d.Send(http.MethodPost, "/customers", `{"name":"x","birthDate":"`+sent+`"}`)
		if got, _ := a.Get("$.birthDate"); got != want {
			t.Errorf("%s is read as %q, want %s", sent, got, want)
		}
		if a := d.Send(http.MethodGet, "/customers?lastModifiedFrom="+strings.NewReplacer(" ", "%20", "+", "%2B").Replace(sent), ""); a.Status != http.StatusOK {
			t.Errorf("the filter %s: %d %s", sent, a.Status, a.Body)
		}
		if a := d.Send(http.MethodGet, "/customers?lastModifiedFrom="+strings.ReplaceAll(sent, " ", "+"), ""); a.Status != http.StatusOK {
			t.Errorf("the filter %s with a bare plus: %d %s", sent, a.Status, a.Body)
		}
	}
}

// TestCodesMayHoldAnything creates records with unusual codes and finds them by path.
func TestCodesMayHoldAnything(t *testing.T) {
	codes := map[string]string{ // the code, and how clients write it in a path
		"A*B": "A*B", "A+B": "A+B", "A#B": "A%23B", "A(B)": "A(B)", "A B": "A%20B", "A/B": "A%2FB", "A/B/C": "A/B/C", "50%": "50%25",
		"A?B": "A%3FB", "Ắ'Ờ": "%E1%BA%AE'%E1%BB%9C", "a.b-c_d": "a.b-c_d", "A&B=C": "A&B=C", `A"\B`: "A%22%5CB", "..": "%2e%2e", "A;B": "A;B",
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for code, path := range codes {
			body := text(map[string]any{"name": "x", "code": code})
			for _, resource := range []string{"products", "customers"} {
				a := d.Send(http.MethodPost, "/"+resource, body)
				if got, _ := a.Get("$.code"); got != code {
					t.Errorf("%s: code %s: %d %s", resource, code, a.Status, a.Body)
				}
				a = d.Send(http.MethodGet, "/"+resource+"/code/"+path, "")
				if got, _ := a.Get("$.code"); got != code {
					t.Errorf("GET /%s/code/%s: %d %s", resource, path, a.Status, a.Body)
				}
			}
		}
	})
}

// TestTheServerTakesAnything sends requests to a whole server: those that FuzzRequest keeps, and the bases as they are and
// with a part of another in their midst. None causes an internal error, every refusal has a sentence, and the ledgers hold.
// The fuzzer itself would send a few hundred a second here.
func TestTheServerTakesAnything(t *testing.T) {
	seeds := [][]string{
		{"GET", "/products", "includeInventory=true&BranchIds=1,2&orderBy=name", "", ""},
		{"GET", "/products/code/TRA", "", "", ""},
		{"POST", "/orders", "", `{"branchId":1,"orderDetails":[{"productId":1,"quantity":2}]}`, "application/json"},
		{"PUT", "/orders/2", "", `{"status":5,"orderDelivery":{"receiver":"x"}}`, "application/json"},
		{"DELETE", "/orders/2", "IsVoidPayment=True", "", ""},
		{"POST", "/invoices", "", `{"branchId":1,"invoiceDetails":[{"productId":6,"quantity":1}],"totalPayment":5}`, "application/json"},
		{"PUT", "/invoices/2", "", `{"invoiceDetails":[{"productId":1,"quantity":3}],"deliveryDetail":{"status":3}}`, ""},
		{"DELETE", "/invoices", "", `{"id":"2","isVoidPayment":1}`, "application/json"},
		{"POST", "/customers", "", "name=a&groupIds[0]=1&birthDate=2000-01-01", "application/x-www-form-urlencoded"},
		{"POST", "/orders", "", "branchId=1&orderDetails[0][productId]=1&orderDetails[0][quantity]=2", "application/x-www-form-urlencoded"},
		{"PUT", "/products/3", "branchId=1", `{"inventories":[{"branchId":1,"onHand":5,"cost":7}]}`, "application/json"},
		{"POST", "/connect/token", "", "grant_type=client_credentials&client_id=x&client_secret=y", ""},
	}
	seeds = append(seeds, inputs(t, "FuzzRequest")...)
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		random := rand.New(rand.NewPCG(1, 1))
		sent := slices.Clone(seeds)
		for _, b := range bases {
			if b.target != "" { // the others need the path of a record
				continue
			}
			body := fillIn(d, b.body)
			other := fillIn(d, bases[random.IntN(len(bases))].body)
			at, from := random.IntN(len(body)), random.IntN(len(other))
			for _, body := range []string{body, body[:at] + other[from:], body[:at] + other[from:] + body[at:]} {
				sent = append(sent, []string{"POST", firstPath(b.operation), "", body, "application/json"})
			}
		}
		for _, request := range sent {
			sendAnything(t, d, request)
		}
		s := siege{t: t, d: d}
		s.ledgersHold()
	})
}

// sendAnything sends a method, path, query, body and content type, unless net/http would refuse them.
func sendAnything(t *testing.T, d *apitest.Server, request []string) {
	t.Helper()
	method, path, query, body, contentType := request[0], request[1], request[2], request[3], request[4]
	target := "/" + strings.TrimLeft(path, "/")
	if query != "" {
		target += "?" + query
	}
	if _, err := url.ParseRequestURI(target); err != nil || !isToken(method) || strings.ContainsAny(contentType, "\r\n") {
		return
	}
	a := d.Send(method, target, body, "Content-Type", contentType)
	if a.Status >= 500 {
		t.Errorf("%s %s %q: %d %s", method, target, body, a.Status, a.Body)
	}
	if _, err := a.Refusal(); a.Status >= 400 && err != nil && !strings.HasPrefix(strings.ToLower(target), "/connect") && !strings.HasPrefix(target, "/.well-known") {
		t.Errorf("%s %s %q: %d without a sentence: %s", method, target, body, a.Status, a.Body)
	}
}

// inputs are the texts that a fuzz test keeps, in the form of go test.
func inputs(t *testing.T, fuzzTest string) (all [][]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "fuzz", fuzzTest, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s keeps no inputs: %v", fuzzTest, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, quoted := range regexp.MustCompile(`(?m)^string\((.*)\)$`).FindAllStringSubmatch(string(content), -1) {
			text, err := strconv.Unquote(quoted[1])
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			texts = append(texts, text)
		}
		all = append(all, texts)
	}
	return all
}

// firstPath is the documented path of an operation.
func firstPath(operation string) string {
	for _, r := range api.Routes() {
		if r.Operation == operation {
			return r.Paths[0]
		}
	}
	return ""
}

// isToken reports what can be a method.
func isToken(method string) bool {
	return method != "" && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
