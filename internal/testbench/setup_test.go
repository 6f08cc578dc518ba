package testbench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

// setup writes files of requests: names and texts.
func setup(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const setupText = `# What the tests sell.
@price = 15000
@half = {{price}}

### A category
# @name tea
POST https://public.kiotapi.com/categories HTTP/1.1
Content-Type: application/json

{"categoryName": "Trà"}

### A product of it
// @name product
POST /products

{
  "name": "Trà xanh", "code": "TRA", "categoryId": {{tea.data.categoryId}}, "basePrice": {{half}},

  "inventories": [{"branchId": 1, "onHand": 5, "cost": 9000}]
}

###

GET /products
	?pageSize=1
	&name=TRA
`

// TestATemplateIsSetUpByRequests in the order of the files, with values of earlier answers.
func TestATemplateIsSetUpByRequests(t *testing.T) {
	b := open(t, testbench.Options{})
	dir := setup(t, "10-goods.http", setupText, "20-people.json",
		`[{"name":"mai","method":"POST","path":"/customers","body":{"name":"Mai","code":"MAI"}}]`, "readme.txt", "nothing", "30-sale.rest",
		"POST /invoices\nX-Note: {{tea.response.body.$.data.categoryName}}\n\n"+
			`{"branchId":1,"customerId":{{mai.data.id}},"invoiceDetails":[{"productCode":"TRA","quantity":2,"price":{{price}}}]}`)
	if err := b.AddTemplate(t.Context(), "tests", testbench.Requests(dir, testbench.Empty)); err != nil {
		t.Fatal(err)
	}
	f := b.fork(`{"template":"tests"}`)
	var product struct{ Inventories []struct{ OnHand float64 } }
	if f.call(&product, "GET", "/products/code/TRA", ""); len(product.Inventories) != 1 || product.Inventories[0].OnHand != 3 {
		t.Errorf("the product is %+v", product)
	}
	var customer struct{ Debt float64 }
	if f.call(&customer, "GET", "/customers/code/MAI", ""); customer.Debt != 30000 {
		t.Errorf("the customer is %+v", customer)
	}
}

// TestWhatASetupGetsWrongIsNamed with its file and line.
func TestWhatASetupGetsWrongIsNamed(t *testing.T) {
	b := open(t, testbench.Options{})
	for _, c := range []struct{ name, text, says string }{
		{"a.http", "### x\n\nPOST /customers\n\n{\"name\":\"\"}", "a.http, dòng 3: POST /customers: 420 "},
		{"a.http", "POST /customers\n{\"name\":\"\"}", "a.http, dòng 2: "},
		{"a.http", "\n\nFETCH /customers", "a.http, dòng 3: không có phương thức FETCH"},
		{"a.http", "GET /customers/{{mai.id}}", "a.http, dòng 1: không có giá trị {{mai.id}}"},
		{"a.http", "# @name all\nGET /customers\n###\nGET /customers/{{all.data[3].id}}", "a.http, dòng 4: câu trả lời của all không có data[3].id"},
		{"a.http", "GET customers", "phải bắt đầu bằng /"},
		{"a.json", `{"method":"POST","url":"/customers"}`, "a.json, dòng 1: "},
		{"a.json", `{"method":"POST"}`, "cần method và path"},
		{"a.txt", "GET /customers", "không có tệp .http hay .json nào"},
	} {
		err := b.AddTemplate(t.Context(), "tests", testbench.Requests(setup(t, c.name, c.text), testbench.Empty))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	if err := b.AddTemplate(t.Context(), "tests", testbench.Requests(filepath.Join(t.TempDir(), "none"), testbench.Empty)); err == nil {
		t.Error("no directory is one")
	}
}

// TestTheDefaultTemplateHasAShopsRecords, as many as the help of the command says.
func TestTheDefaultTemplateHasAShopsRecords(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{}`)
	total := func(path string) int64 {
		var p page
		f.call(&p, "GET", path+"?pageSize=1", "")
		return p.Total
	}
	var documents int64
	for _, path := range []string{"/orders", "/invoices", "/returns", "/purchaseorders", "/ordersuppliers", "/transfers", "/stocktakes", "/debtadjustments", "/cashflow"} {
		documents += total(path)
	}
	if products := total("/products"); products < 290 || products > 450 || documents < 800 || documents > 1300 {
		t.Errorf("there are %d products and %d documents", products, documents)
	} else {
		t.Logf("%d products, %d documents", products, documents)
	}
}
