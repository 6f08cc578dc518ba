package api_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// clientRequest is a request as a real client sends it, and the answer that the client needs (contract observed-behaviour,
// sections 1 to 4).
type clientRequest struct {
	who          string // the client, or clients
	method, path string
	body         string
	headers      []string
	status       int
	want         map[string]string // parts of the answer
}

const form = "application/x-www-form-urlencoded"

// sendEach sends client requests, each to a new copy of the shop, and checks the answers.
func sendEach(t *testing.T, requests []clientRequest) {
	t.Helper()
	for _, r := range requests {
		t.Run(r.who, func(t *testing.T) {
			t.Parallel()
			d := apitest.Seeded(t, "sqlite")
			a := d.Send(r.method, fillIn(d, r.path), fillIn(d, r.body), r.headers...)
			if a.Status != r.status {
				t.Errorf("%s %s %s: %d %s, want %d", r.method, r.path, r.body, a.Status, a.Body, r.status)
			}
			for path, want := range r.want {
				if got, _ := a.Get(path); got != fillIn(d, want) {
					t.Errorf("%s %s %s: %s is %q, want %q in %s", r.method, r.path, r.body, path, got, fillIn(d, want), a.Body)
				}
			}
		})
	}
}

func TestPathsAsClientsWriteThem(t *testing.T) {
	one := func(path string) map[string]string { return map[string]string{path: "1"} }
	sendEach(t, []clientRequest{
		{"epoxyteam: small letters", "GET", "/bankaccounts", "", nil, 200, one("$.total")},
		{"documents: capitals", "GET", "/BankAccounts", "", nil, 200, one("$.total")},
		{"niyamvora: productOnHands", "GET", "/productOnHands?pageSize=1", "", nil, 200, one("$.pageSize")},
		{"anybody: all capitals", "GET", "/PRODUCTS/CODE/tra", "", nil, 200, map[string]string{"$.code": "TRA"}},
		{"epoxyteam: surcharges", "GET", "/surcharges", "", nil, 200, one("$.total")},
		{"wp: surchages", "GET", "/surchages", "", nil, 200, one("$.total")},
		{"epoxyteam: trademarks", "GET", "/trademarks", "", nil, 200, one("$.total")},
		{"naq219: salechannels", "GET", "/salechannels", "", nil, 200, map[string]string{"$.total": "3"}},
		{"vienthuong: a bare question mark", "GET", "/products?", "", nil, 200, map[string]string{"$.total": "10"}},
		{"johnitvn: doubled slashes", "GET", "//products//code//TRA", "", nil, 200, map[string]string{"$.code": "TRA"}},
		{"johnitvn: a trailing slash behind a code", "GET", "/products/code/TRA/", "", nil, 200, map[string]string{"$.code": "TRA"}},
		{"johnitvn: a trailing slash", "GET", "/products/", "", nil, 200, map[string]string{"$.total": "10"}},
		{"wp: the code in the query, with an id of 0", "GET", "/products/code?Id=0&Code=TRA", "", nil, 200, map[string]string{"$.code": "TRA"}},
		{"quochoangvp: the code alone in the query", "GET", "/products/code?Code=TRA", "", nil, 200, map[string]string{"$.code": "TRA"}},
		{"petertran: one brand", "GET", "/trademark/{trademark:Tân Cương}", "", nil, 200, one("$.tradeMarkId")},
		{"django portal: a path that is none", "GET", "/accounts", "", nil, 404, nil},
		{"minhpttk: GET with a body and its type", "GET", "/products?pageSize=1", "null", []string{"Content-Type", "application/json"}, 200, one("$.pageSize")},
	})
}

func TestQueriesAsClientsWriteThem(t *testing.T) {
	branches := func(n string) map[string]string {
		return map[string]string{"$.data[0].inventories[0].branchId": n, "$.data[0].inventories[1].branchId": ""}
	}
	both := map[string]string{"$.data[0].inventories[0].branchId": "{branch:CN1}", "$.data[0].inventories[1].branchId": "{branch:CN2}"}
	const list = "/products?pageSize=1&includeInventory=true&"
	sendEach(t, []clientRequest{
		{"httpx: a list repeated", "GET", list + "branchIds={branch:CN1}&branchIds={branch:CN2}", "", nil, 200, both},
		{"axios: a list in brackets", "GET", list + "branchIds%5B%5D={branch:CN1}&branchIds%5B%5D={branch:CN2}", "", nil, 200, both},
		{"http_build_query: a list with indexes", "GET", list + "branchIds%5B0%5D={branch:CN1}&branchIds%5B1%5D={branch:CN2}", "", nil, 200, both},
		{"haudnn: a list with commas", "GET", list + "branchIds={branch:CN1},{branch:CN2}", "", nil, 200, both},
		{"haudnn: escaped commas", "GET", list + "branchIds={branch:CN1}%2C{branch:CN2}", "", nil, 200, both},
		{"anybody: a list as JSON", "GET", list + "branchIds=%5B{branch:CN1},{branch:CN2}%5D", "", nil, 200, both},
		{"anybody: one value", "GET", list + "BranchIds={branch:CN2}", "", nil, 200, branches("{branch:CN2}")},
		{"wp: an empty value is no filter", "GET", list + "BranchIds=", "", nil, 200, both},
		{"PHP: booleans as 1 and 0", "GET", "/products?pageSize=1&includeInventory=1&includePricebook=0", "", nil, 200, both},
		{"requests: booleans as True and False", "GET", "/products?pageSize=1&includeInventory=True&includePricebook=False", "", nil, 200, both},
		{"anybody: names in any case", "GET", "/products?PAGESIZE=1&INCLUDEINVENTORY=TRUE", "", nil, 200, both},
		{
			"niyamvora: unknown parameters are ignored", "GET",
			"/products?skip=5&take=3&isMykiot=true&format=json&page=2&limit=1&keyword=x&searchTerm=y&currentPage=3&fromDate=x", "", nil, 200,
			map[string]string{"$.total": "10", "$.pageSize": "20", "$.data[0].code": "TRA"},
		},
		{"wp: sorted asc", "GET", "/categories?orderBy=categoryId&orderDirection=asc", "", nil, 200, map[string]string{"$.data[0].categoryName": "Đồ uống"}},
		{"documents: sorted DESC", "GET", "/products?orderBy=Code&orderDirection=DESC", "", nil, 200, map[string]string{"$.data[0].code": "TRA-HOP"}},
		{"anybody: sorted by what is no column", "GET", "/products?orderBy=sold&orderDirection=Desc", "", nil, 200, map[string]string{"$.total": "10"}},
		{"wp: pages of a thousand", "GET", "/products?pageSize=1000", "", nil, 200, map[string]string{"$.pageSize": "1000"}},
		{"anybody: pages that are too large", "GET", "/products?pageSize=5000", "", nil, 200, map[string]string{"$.pageSize": "1000"}},
		{"anybody: pages of nothing", "GET", "/products?pageSize=0&currentItem=-3", "", nil, 200, map[string]string{"$.pageSize": "20", "$.data[0].code": "TRA"}},
		{"petertran: dates without zeros", "GET", "/customers?lastModifiedFrom=2024-12-1", "", nil, 200, map[string]string{"$.total": "2"}},
		{"n8n: dates in UTC", "GET", "/customers?lastModifiedFrom=2026-11-22T02:00:00.000Z", "", nil, 200, map[string]string{"$.total": "2"}},
		{"n8n: and a second later", "GET", "/customers?lastModifiedFrom=2026-11-22T02:00:01.000Z", "", nil, 200, map[string]string{"$.total": "0"}},
		{"kvtool: dates of Vietnam", "GET", "/customers?lastModifiedFrom=2026-11-22T09:00:00", "", nil, 200, map[string]string{"$.total": "2"}},
		{"a few: statuses in words", "GET", "/orders?status=Active", "", nil, 200, map[string]string{"$.total": "0"}},
		{"epoxyteam: the tree in its right spelling", "GET", "/categories?hierarchicalData=true", "", nil, 200, map[string]string{"$.data[0].children[0].categoryName": "Trà"}},
		{"johnitvn: includerRemoveIds", "GET", "/products?includerRemoveIds=true", "", nil, 200, map[string]string{"$.total": "10"}},
		{"wp: the first synchronisation", "GET", "/categories?includeRemoveIds=true&pageSize=100&orderBy=createdDate", "", nil, 200, map[string]string{"$.total": "3"}},
		{"pancake: numbers without blanks", "GET", "/customers?contactNumber=0901234567", "", nil, 200, map[string]string{"$.data[0].code": "KH-HOA"}},
	})
}

// TestQueriesInTheBody sends the parameters of a GET as JSON, as some .NET clients do.
func TestQueriesInTheBody(t *testing.T) {
	total := func(n string) map[string]string { return map[string]string{"$.total": n} }
	kind := []string{"Content-Type", "application/json; charset=utf-8"}
	sendEach(t, []clientRequest{
		{"LamHyStore: a customer by number", "GET", "/customers", `{"contactNumber":"0901234567"}`, kind, 200, map[string]string{"$.total": "1", "$.data[0].code": "KH-HOA"}},
		{"LamHyStore: no customer by number", "GET", "/customers", `{"ContactNumber":"0999999999"}`, kind, 200, total("0")},
		{"LamHyStore: categories", "GET", "/categories", `{"HierachicalData":false,"PageSize":200,"CurrentItem":1}`, kind, 200, map[string]string{"$.pageSize": "200", "$.data[0].categoryName": "Gia dụng"}},
		{
			"LamHyStore: products", "GET", "/products",
			`{"includeInventory":false,"isActive":true,"name":"trà","categoryId":null,"currentItem":0,"pageSize":1,"BranchIds":[{branch:CN1}]}`, kind, 200,
			map[string]string{"$.total": "3", "$.pageSize": "1"},
		},
		{"anybody: a form", "GET", "/customers", "contactNumber=0999999999", []string{"Content-Type", form}, 200, total("0")},
		{"anybody: both, the query counts", "GET", "/customers?pageSize=1", `{"contactNumber":"0999999999"}`, kind, 200, total("2")},
		{"thtna: nothing", "GET", "/customers", `null`, kind, 200, total("2")},
		{"PHP: nothing", "GET", "/customers", `[]`, kind, 200, total("2")},
		{"anybody: a record by its id, and a body", "GET", "/customers/{customer:KH-HOA}", `{"id":0,"x":{"y":1}}`, kind, 200, map[string]string{"$.code": "KH-HOA"}},
		{"anybody: what is no JSON", "GET", "/customers", `{"contactNumber":`, kind, 200, total("2")},
		{"anybody: a bad value", "GET", "/products", `{"categoryId":"x"}`, kind, 400, nil},
	})
}

// TestDocumentsOfAPhoneNumber looks for orders and invoices as epoxyteam's getByCustomer does.
func TestDocumentsOfAPhoneNumber(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for _, customer := range []string{`"customerId":{customer:KH-HOA},`, ``} {
			for path, details := range map[string]string{"/orders": "orderDetails", "/invoices": "invoiceDetails"} {
				d.Send(http.MethodPost, path, fillIn(d, `{`+customer+`"branchId":{branch:CN1},"`+details+`":[{"productCode":"TRA","quantity":1}]}`))
				for query, want := range map[string]string{"0901234567": "1", "+84%20901%20234%20567": "1", "0999999999": "0"} {
					if got, _ := d.Send(http.MethodGet, path+"?customerPhone="+query, "").Get("$.total"); got != want {
						t.Errorf("%s of %s: %s, want %s", path, query, got, want)
					}
				}
			}
		}
	})
}

func TestBodiesAsClientsWriteThem(t *testing.T) {
	ordered := map[string]string{"$.orderDetails[0].productCode": "TRA", "$.orderDetails[0].quantity": "2", "$.orderDetails[1].productCode": "GOI"}
	sendEach(t, []clientRequest{
		{
			"wp: a category as a form", "POST", "/categories", "categoryName=Kh%C3%A1c&parentId=",
			[]string{"Content-Type", form},
			200,
			map[string]string{"$.data.categoryName": "Khác"},
		},
		{
			"wp: a customer as a form", "POST", "/customers", "name=Anh+Nam&contactNumber=0988777666&branchId={branch:CN2}&gender=1",
			[]string{"Content-Type", form + "; charset=utf-8"},
			200,
			map[string]string{"$.data.name": "Anh Nam", "$.branchId": "{branch:CN2}", "$.gender": "true"},
		},
		{
			"quochoangvp: an order as a nested form", "POST", "/orders",
			"branchId={branch:CN1}&makeInvoice=0&orderDetails[0][productId]={product:TRA}&orderDetails[0][quantity]=2" +
				"&orderDetails[1][productCode]=GOI&orderDetails[1][quantity]=1&customer[name]=Nam&orderDelivery[receiver]=Nam",
			[]string{"Content-Type", form},
			200, ordered,
		},
		{
			"http_build_query: the same, escaped", "POST", "/orders",
			"branchId={branch:CN1}&orderDetails%5B0%5D%5BproductId%5D={product:TRA}&orderDetails%5B0%5D%5Bquantity%5D=2" +
				"&orderDetails%5B1%5D%5BproductCode%5D=GOI&orderDetails%5B1%5D%5Bquantity%5D=1",
			[]string{"Content-Type", form},
			200, ordered,
		},
		{
			"anybody: JSON called a form", "POST", "/customers", `{"name":"Anh Nam"}`,
			[]string{"Content-Type", form},
			200,
			map[string]string{"$.name": "Anh Nam"},
		},
		{"anybody: JSON without a type", "POST", "/customers", `{"name":"Anh Nam"}`, []string{"Content-Type", ""}, 200, map[string]string{"$.name": "Anh Nam"}},
		{"anybody: a byte order mark", "POST", "/customers", "\ufeff{\"name\":\"Anh Nam\"}", nil, 200, map[string]string{"$.name": "Anh Nam"}},
		{
			"n8n: multipart", "POST", "/customers",
			"--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAnh Nam\r\n--b--\r\n",
			[]string{"Content-Type", "multipart/form-data; boundary=b"},
			200,
			map[string]string{"$.name": "Anh Nam"},
		},
		{
			"pancake: members in PascalCase", "POST", "/invoices",
			`{"BranchId":{branch:CN1},"InvoiceDetails":[{"ProductCode":"TRA","Quantity":1}],"DeliveryDetail":{"Status":2,"Address":"x","UsingPriceCod":1}}`,
			nil, 200,
			map[string]string{"$.deliveryDetail.status": "2", "$.invoiceDelivery.usingPriceCod": "true", "$.deliveryDetail.address": "x"},
		},
		{
			"wp: numbers in quotes", "POST", "/orders",
			`{"branchId":"{branch:CN1}","discount":"0","orderDetails":[{"productId":"{product:TRA}","quantity":"2","price":"150000"}]}`, nil, 200,
			map[string]string{"$.total": "300000"},
		},
		{
			"dehuy69: numbers with a fraction", "POST", "/orders",
			`{"branchId":{branch:CN1}.0,"totalPayment":101000.0,"orderDetails":[{"productCode":"TRA","quantity":2.0,"price":50500.0}]}`, nil, 200,
			map[string]string{"$.totalPayment": "101000"},
		},
		{
			"wp: blanks for numbers", "POST", "/products", `{"name":"x","inventories":[{"branchId":{branch:CN1},"onHand":"","minQuantity":""}],"basePrice":""}`,
			nil, 200,
			map[string]string{"$.basePrice": "0"},
		},
		{
			"vienthuong: null for all that is unset", "POST", "/listAddProducts",
			`{"listProducts":[{"name":"x","code":"X1","barCode":null,"categoryId":null,"categoryName":"Trà","attributes":null,"unit":null,"masterUnitId":null,
			"inventories":null,"basePrice":null,"images":null,"isActive":null,"otherProperties":{"a":[1]}}]}`, nil, 200,
			map[string]string{"$.message": "Thêm mới danh sách sản phẩm thành công"},
		},
		{
			"dongbokiot: more than the documents know", "PUT", "/products/{product:TRA}",
			`{"id":{product:TRA},"branchId":{branch:CN1},"inventories":[{"branchId":{branch:CN1},"branchName":"x","onHand":7}],"retailerId":1,"x":{}}`, nil, 200,
			map[string]string{"$.inventory[0].onHand": "7"},
		},
		{
			"PHP: escapes", "POST", "/customers", `{"name":"C\u00f4 T\u01b0","address":"12\/3 L\u00ea L\u1ee3i"}`, nil, 200,
			map[string]string{"$.name": "Cô Tư", "$.address": "12/3 Lê Lợi"},
		},
		{
			"wp: an order of a web shop", "POST", "/orders",
			`{"branchId":{branch:CN1},"status":0,"method":"CASH","makeInvoice":false,"totalPayment":0,"discount":0,"saleChannelId":{channel:Facebook},
			"description":"Web","customer":{"contactNumber":"0901234567","name":"Hoa","address":"x"},
			"orderDetails":[{"productId":{product:TRA},"productCode":"TRA","productName":"Trà","quantity":1,"price":25000,"discount":0,"discountRatio":0}],
			"orderDelivery":{"receiver":"Hoa","contactNumber":"0901234567","address":"x","locationName":"Hà Nội - Quận Hoàn Kiếm","wardName":"x","partnerDelivery":{}},
			"surchages":[{"id":{surcharge:SHIP},"code":"SHIP","price":20000}],"Extra":"{\"PriceBookId\":{\"Id\":1,\"Name\":\"Giá sỉ\"}}"}`,
			[]string{"Partner", "KVSync"},
			200,
			map[string]string{"$.status": "1", "$.statusValue": "Phiếu tạm", "$.total": "45000", "$.customerCode": "KH-HOA", "$.invoiceOrderSurcharges[0].price": "20000"},
		},
		{"wp: a new surcharge of nothing", "POST", "/surchages", `{"name":"Phí ship","code":"THKSHIPPINGWEB","value":0}`, nil, 200, map[string]string{"$.data.surchargeCode": "THKSHIPPINGWEB"}},
		{"wp: DELETE with the type of a form", "DELETE", "/customers/{customer:KH-CTY}", "", []string{"Content-Type", form}, 200, map[string]string{"$.message": "Xóa dữ liệu thành công"}},
		{"naq219: a used customer code", "POST", "/customers", `{"name":"x","code":"KH-HOA"}`, nil, 420, nil},
		{"vienthuong: a list wrapped twice", "POST", "/listaddcustomers", `{"listCustomers":[[{"name":"x"}]]}`, nil, 200, nil},
	})
}

// TestVoidingAsClientsWriteIt voids an invoice in each of the ways that clients use.
func TestVoidingAsClientsWriteIt(t *testing.T) {
	for who, m := range map[string]struct{ path, body, contentType string }{
		"documents: in the body":       {"/invoices", `{"id":{invoice:HD000001},"isVoidPayment":true}`, "application/json"},
		"pancake: an id in quotes":     {"/invoices", `{"id":"{invoice:HD000001}","isVoidPayment":true}`, "application/json"},
		"epoxyteam: in the query":      {"/invoices?id={invoice:HD000001}&isVoidPayment=true", "", ""},
		"epoxyteam, later: the path":   {"/invoices/{invoice:HD000001}?IsVoidPayment=True", "", ""},
		"quochoangvp: an empty form":   {"/invoices/{invoice:HD000001}?isVoidPayment=1", "", form},
		"anybody: the path and a body": {"/invoices/{invoice:HD000001}", `{"IsVoidPayment":1}`, "application/json"},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			d := apitest.Seeded(t, "sqlite")
			d.Send(http.MethodPost, "/invoices", fillIn(d, `{"branchId":{branch:CN1},"totalPayment":5,"invoiceDetails":[{"productCode":"TRA","quantity":1}]}`))
			a := d.Send(http.MethodDelete, fillIn(d, m.path), fillIn(d, m.body), "Content-Type", m.contentType)
			for path, want := range map[string]string{"$.status": "2", "$.payments[0].status": "1", "$.message": "Xóa dữ liệu thành công"} {
				if got, _ := a.Get(path); got != want {
					t.Errorf("%s is %q, want %s: %d %s", path, got, want, a.Status, a.Body)
				}
			}
		})
	}
}

// TestTokensAsClientsAskForThem requests, uses and decodes tokens as clients do.
func TestTokensAsClientsAskForThem(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	const who = "client_id={id}&client_secret={secret}"
	for name, body := range map[string]string{
		"nearly all: scopes":            "scopes=PublicApi.Access&grant_type=client_credentials&" + who,
		"basevn: scope":                 "scope=PublicApi.Access&grant_type=client_credentials&" + who,
		"n8n: neither":                  "grant_type=client_credentials&" + who,
		"Python connector: a short one": "scopes=PublicApi&grant_type=client_credentials&" + who,
		"anybody: in another order":     who + "&grant_type=client_credentials&scopes=PublicApi.Access",
		"anybody: names in capitals":    "SCOPES=PublicApi.Access&GRANT_TYPE=client_credentials&CLIENT_ID={id}&CLIENT_SECRET={secret}",
	} {
		body = strings.NewReplacer("{id}", d.Shop.ClientID, "{secret}", d.Shop.Secret).Replace(body)
		if a := d.Send(http.MethodPost, "//Connect/token/", body, "Content-Type", form); a.Status != http.StatusOK {
			t.Errorf("%s, at a base URL that ends in a slash: %d %s", name, a.Status, a.Body)
		}
		a := d.Send(http.MethodPost, "/connect/token", body, "Content-Type", form, "Authorization", "", "Retailer", "")
		token, _ := a.Get("$.access_token")
		if a.Status != http.StatusOK || token == "" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
			continue
		}
		for path, want := range map[string]string{"$.expires_in": "86400", "$.token_type": "Bearer", "$.scope": "PublicApi.Access"} {
			if got, _ := a.Get(path); got != want {
				t.Errorf("%s: %s is %s, want %s", name, path, got, want)
			}
		}
		if a := d.Send(http.MethodGet, "/branches", "", "Authorization", "bearer "+token); a.Status != http.StatusOK {
			t.Errorf("%s: the token is answered %d", name, a.Status)
		}
		parts := strings.Split(token, ".")
		payload, err := base64.RawStdEncoding.DecodeString(parts[1]) // as PHP and browsers do: not base64url
		var claims struct {
			Shop string  `json:"client_RetailerCode"`
			ID   string  `json:"client_RetailerId"`
			User string  `json:"client_UserId"`
			Exp  float64 `json:"exp"`
		}
		if err == nil {
			err = json.Unmarshal(payload, &claims)
		}
		if err != nil || len(parts) != 3 || claims.Shop != "taphoa" || claims.ID == "" || claims.User == "" || claims.Exp == 0 {
			t.Errorf("%s: the payload %s: %v", name, payload, err)
		}
	}
}

// TestCallersAreToldToAskForAToken sends what clients send before they have a token, or with an old one.
func TestCallersAreToldToAskForAToken(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	for who, headers := range map[string][]string{
		"pancake: an empty token": {"Authorization", "Bearer "}, "anybody: none": {"Authorization", ""},
		"anybody: another scheme": {"Authorization", "Basic eDp5"}, "anybody: rubbish": {"Authorization", "Bearer x.y.z"},
		"niyamvora: no shop": {"Retailer", ""}, "the wrong shop": {"Retailer", "hangxom"},
	} {
		a := d.Send(http.MethodGet, "/orders", "", headers...)
		code, _ := a.Get("$.responseStatus.errorCode")
		if a.Status != http.StatusUnauthorized || code != "TokenException" || a.Header.Get("WWW-Authenticate") != "jwt" {
			t.Errorf("%s: %d %v %s", who, a.Status, a.Header, a.Body)
		}
	}
	for _, shop := range []string{"taphoa", "TapHoa", " taphoa "} {
		if a := d.Send(http.MethodGet, "/orders", "", "retailer", shop); a.Status != http.StatusOK {
			t.Errorf("the shop written as %q: %d %s", shop, a.Status, a.Body)
		}
	}
	if a := d.Send(http.MethodGet, "/nowhere", "", "Authorization", ""); a.Status != http.StatusNotFound {
		t.Errorf("an unknown path without a token: %d", a.Status)
	}
}

// TestARealServerAnswers uses a connection: chunked bodies, HEAD, and a body that is cut off at the limit.
func TestARealServerAnswers(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	server := httptest.NewServer(d)
	defer server.Close()
	send := func(method, path string, body io.Reader) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Retailer", d.Shop.Code)
		r.Header.Set("Authorization", "Bearer "+d.Shop.Token)
		r.Header.Set("X-Request-Id", "mine-1")
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(text)
	}
	chunked := struct{ io.Reader }{strings.NewReader(`{"name":"Anh Nam"}`)} // hides its length
	answer, text := send(http.MethodPost, "/customers", chunked)
	if answer.StatusCode != http.StatusOK || !strings.Contains(text, "Anh Nam") {
		t.Errorf("a chunked body: %d %s", answer.StatusCode, text)
	}
	if got := answer.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("the answer's type is %q", got)
	}
	if got := answer.Header.Get("X-Request-Id"); got != "mine-1" {
		t.Errorf("the request's id is %q", got)
	}
	for range 2 { // the second may come from the cache
		if answer, text = send(http.MethodHead, "/products", nil); answer.StatusCode != http.StatusOK || text != "" {
			t.Errorf("HEAD: %d %q", answer.StatusCode, text)
		}
		if answer, text = send(http.MethodGet, "/products", nil); answer.StatusCode != http.StatusOK || !strings.HasSuffix(text, "}") {
			t.Errorf("GET: %d %q", answer.StatusCode, text)
		}
	}
	if answer, _ = send(http.MethodPost, "/customers", strings.NewReader(strings.Repeat("x", 10<<20))); answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MB: %d", answer.StatusCode)
	}
}

// TestKeptAnswersFollowEveryChange reads before and after each kind of change: nothing old is shown, on either engine.
func TestKeptAnswersFollowEveryChange(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		total := func(path string) string {
			t.Helper()
			for range 2 {
				d.Send(http.MethodGet, path, "")
			}
			got, _ := d.Send(http.MethodGet, path, "").Get("$.total")
			return got
		}
		if got := total("/customers"); got != "2" {
			t.Errorf("%s customers, want 2", got)
		}
		d.Send(http.MethodPost, "/customers", `{"name":"x"}`)
		if got := total("/customers"); got != "3" {
			t.Errorf("%s customers after one more, want 3", got)
		}
		if a := d.As(d.OtherShop).Send(http.MethodGet, "/customers", ""); !strings.Contains(string(a.Body), `"total":2`) {
			t.Errorf("the other shop sees %s", a.Body)
		}
		d.Clock.Advance(3600)
		if stamp, _ := d.Send(http.MethodGet, "/customers", "").Get("$.timestamp"); stamp != "2026-11-22T09:00:00.0000000+07:00" {
			t.Errorf("the timestamp of a kept answer is %s, not that of the last change", stamp)
		}
		d.Set("UseSurcharge", "false")
		if a := d.Send(http.MethodGet, "/surchages", ""); a.Status != 420 {
			t.Errorf("a setting has no effect: %d", a.Status)
		}
	})
}

// TestVendorLimits tests the limits of a server with the option VendorLimits.
func TestVendorLimits(t *testing.T) {
	d := apitest.NewWith(t, "sqlite", api.Options{VendorLimits: true})
	a := d.Send(http.MethodGet, "/branches?pageSize=1000", "")
	if size, _ := a.Get("$.pageSize"); size != "100" || a.Header.Get("X-RateLimit-Limit") != "5000" || a.Header.Get("X-RateLimit-RequestCount") != "1" {
		t.Errorf("%v %s", a.Header, a.Body)
	}
	if reset := time.Unix(1795316400, 0); a.Header.Get("X-RateLimit-Remaining") != "4999" || a.Header.Get("X-RateLimit-Reset") != fmt.Sprint(reset.Unix()) {
		t.Errorf("%v, want a reset at %v", a.Header, reset)
	}
	for range 4999 {
		a = d.Send(http.MethodGet, "/settings", "")
	}
	if a.Status != http.StatusOK {
		t.Errorf("the 5,000th request: %d %s", a.Status, a.Body)
	}
	a = d.Send(http.MethodGet, "/settings", "")
	code, _ := a.Get("$.responseStatus.errorCode")
	if _, err := a.Refusal(); a.Status != http.StatusTooManyRequests || code != "RateLimited" || err != nil || a.Header.Get("Retry-After") == "" ||
		a.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("the 5,001st request: %d %v %s", a.Status, a.Header, a.Body)
	}
	if a := d.Send(http.MethodPost, "/customers", `{"name":"x"}`); a.Status != http.StatusOK {
		t.Errorf("writes are not counted: %d %s", a.Status, a.Body)
	}
	d.Clock.Advance(3600)
	if a := d.Send(http.MethodGet, "/settings", ""); a.Status != http.StatusOK {
		t.Errorf("an hour later: %d %s", a.Status, a.Body)
	}
}

// TestBrowsersAndPowerShell tests the answers with the options that they need.
func TestBrowsersAndPowerShell(t *testing.T) {
	d := apitest.NewWith(t, "sqlite", api.Options{CORSOrigin: "https://shop.example", CamelOnly: true})
	a := d.Send(http.MethodOptions, "/orders", "", "Origin", "https://shop.example", "Authorization", "", "Retailer", "")
	if a.Status != http.StatusNoContent || a.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" ||
		!strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), "Retailer") {
		t.Errorf("before a call of a browser: %d %v", a.Status, a.Header)
	}
	a = d.Send(http.MethodPost, "/customers", `{"name":"x","identificationNumber":"001"}`)
	if text := string(a.Body); strings.Contains(text, `"IdentificationNumber"`) || !strings.Contains(text, `"identificationNumber":"001"`) {
		t.Errorf("camelCase only: %s", text)
	}
}
