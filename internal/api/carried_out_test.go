package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// said sends a request that must be answered, and returns what it is asked for as "path=value …".
func said(t *testing.T, d *apitest.Server, method, target, body string, paths ...string) string {
	t.Helper()
	a := d.Send(method, fillIn(d, target), fillIn(d, body))
	if a.Status != http.StatusOK {
		t.Fatalf("%s %s %s: %d %s", method, target, body, a.Status, a.Body)
	}
	var all []string
	for _, path := range paths {
		value, _ := a.Get("$." + path)
		all = append(all, value)
	}
	return strings.Join(all, " | ")
}

func saidSo(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestABranchOfAProductIsForInventoriesThatNameNone, in the body or in the query, and passed over beside those that do.
func TestABranchOfAProductIsForInventoriesThatNameNone(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		onHand := func() string {
			return said(t, d, http.MethodGet, "/products/code/TRA", "", "inventories[0].onHand", "inventories[1].onHand", "inventories[1].minQuantity")
		}
		for _, c := range []struct{ target, body, want string }{
			{"/products/{product:TRA}", `{"branchId":{branch:CN2},"inventories":[{"onHand":7,"minQuantity":2}]}`, "100 | 7 | 2"},
			{"/products/{product:TRA}?branchId={branch:CN2}", `{"inventories":[{"onHand":8}]}`, "100 | 8 | 2"},
			{"/products/{product:TRA}", `{"branchId":{branch:CN2},"inventories":[{"branchId":{branch:CN1},"onHand":99},{"onHand":9}]}`, "99 | 9 | 2"},
			{"/products/{product:TRA}", `{"branchId":{branch:CN2},"name":"Trà"}`, "99 | 9 | 2"},
			{"/listupdatedproducts", `{"listProducts":[{"id":{product:TRA},"branchId":{branch:CN2},"inventories":[{"onHand":5}]}]}`, "99 | 5 | 2"},
		} {
			said(t, d, http.MethodPut, c.target, c.body)
			saidSo(t, c.body, onHand(), c.want)
		}
		said(t, d, http.MethodPost, "/products", `{"code":"MOI","name":"Mới","categoryId":{category:Trà},"branchId":{branch:CN2},"inventories":[{"onHand":4,"cost":10}]}`)
		saidSo(t, "new", said(t, d, http.MethodGet, "/products/code/MOI", "", "inventories[0].onHand", "inventories[1].onHand"), "0 | 4")
		if a := d.Send(http.MethodPut, fillIn(d, "/products/{product:TRA}"), `{"inventories":[{"onHand":5}]}`); a.Status != 420 {
			t.Errorf("no branch: %d %s", a.Status, a.Body)
		}
	})
}

// TestDocumentsAreFoundBySellerProductCustomerAndBranch in their single forms and as lists.
func TestDocumentsAreFoundBySellerProductCustomerAndBranch(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		lan := said(t, d, http.MethodGet, "/users?name=lan", "", "data[0].id")
		for path, lines := range map[string]string{"/orders": "orderDetails", "/invoices": "invoiceDetails", "/returns": "returnDetails"} {
			said(t, d, http.MethodPost, path, `{"branchId":{branch:CN1},"soldById":`+lan+`,"customerId":{customer:KH-HOA},"`+lines+`":[{"productCode":"GOI","quantity":1,"price":10000},{"productCode":"TRA","quantity":1,"price":1000}]}`)
			said(t, d, http.MethodPost, path, `{"branchId":{branch:CN2},"`+lines+`":[{"productCode":"GOI","quantity":1,"price":10000}]}`)
			for query, want := range map[string]string{
				"soldById=" + lan: "1", "soldById=1": "1", "soldById=1," + lan: "2", "soldById=99": "0",
				"productId={product:TRA}": "1", "productId={product:GOI}": "2", "productIds={product:TRA};{product:GOI}": "2", "productId={product:HET}": "0",
				"customerId={customer:KH-HOA}": "1", "customerId=999": "0", "branchId={branch:CN2}": "1", "branchId={branch:CN1}": "1",
				"soldById=" + lan + "&productId={product:TRA}&customerId={customer:KH-HOA}&branchId={branch:CN1}": "1",
				"soldById=1&productId={product:TRA}": "0",
			} {
				saidSo(t, path+"?"+query, said(t, d, http.MethodGet, path+"?"+query, "", "total"), want)
			}
			for _, bad := range []string{"soldById=lan", "productId=1;x", "customerId=KH1", "branchId=CN1"} {
				name, _, _ := strings.Cut(bad, "=")
				if a := d.Send(http.MethodGet, path+"?"+bad, ""); a.Status != 400 || !strings.Contains(string(a.Body), name[:6]) {
					t.Errorf("%s?%s: %d %s", path, bad, a.Status, a.Body)
				}
			}
		}
	})
}

// TestThePriceBookOfThePluginIsTheOrders, as its extra names it: prices and PriceBookId are the book's.
func TestThePriceBookOfThePluginIsTheOrders(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		book := fmt.Sprint(d.ID("pricebook:Giá sỉ"))
		for _, c := range []struct{ more, want string }{
			{`"Extra":"{\"PriceBookId\":{\"Id\":` + book + `,\"Name\":\"Web\"}}"`, book + " | 22000"},
			{`"extra":"{\"pricebookid\":{\"id\":\"` + book + `\"}}"`, book + " | 22000"},
			{`"Extra":"{\"PriceBookId\":{\"Id\":` + book + `}}","priceBookId":0`, " | 25000"},
			{`"Extra":"{\"PriceBookId\":{\"Id\":0,\"Name\":\"Bảng giá chung\"}}"`, " | 25000"},
			{`"Extra":"{\"PriceBookId\":` + book + `}"`, book + " | 22000"},
			{`"Extra":"giao nhanh"`, " | 25000"},
		} {
			got := said(t, d, http.MethodPost, "/orders", `{"branchId":{branch:CN1},`+c.more+`,"orderDetails":[{"productCode":"TRA","quantity":1}]}`, "PriceBookId", "orderDetails[0].price")
			saidSo(t, c.more, got, c.want)
		}
		a := d.Send(http.MethodPost, "/orders", fillIn(d, `{"branchId":{branch:CN1},"Extra":"{\"PriceBookId\":{\"Id\":999}}","orderDetails":[{"productCode":"TRA","quantity":1}]}`))
		if a.Status != 420 || !strings.Contains(string(a.Body), "priceBookId") {
			t.Errorf("an unknown book: %d %s", a.Status, a.Body)
		}
		id := said(t, d, http.MethodPost, "/orders", `{"branchId":{branch:CN1},"orderDetails":[{"productCode":"TRA","quantity":1}]}`, "id")
		saidSo(t, "a change", said(t, d, http.MethodPut, "/orders/"+id, `{"extra":"{\"PriceBookId\":{\"Id\":`+book+`}}"}`, "PriceBookId"), book)
	})
}

// TestTheDistrictOfADeliveryHasBothIdAndName when one of them is known.
func TestTheDistrictOfADeliveryHasBothIdAndName(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		const known, other = "An Giang - Huyện An Phú", "An Giang - Huyện Châu Phú"
		for path, in := range map[string]struct{ lines, delivery, shown string }{
			"/orders":   {"orderDetails", "orderDelivery", "orderDelivery"},
			"/invoices": {"invoiceDetails", "deliveryDetail", "invoiceDelivery"},
		} {
			shown := []string{in.shown + ".locationId", in.shown + ".locationName"}
			body := func(delivery string) string {
				return `{"branchId":{branch:CN1},"` + in.lines + `":[{"productCode":"GOI","quantity":1}],"` + in.delivery + `":{"receiver":"Mai",` + delivery + `}}`
			}
			for delivery, want := range map[string]string{
				`"locationId":886`:                                        "886 | " + known,
				`"locationId":886,"locationName":"abc"`:                   "886 | " + known,
				`"locationName":"` + known + `"`:                          "886 | " + known,
				`"locationId":0,"locationName":"an giang - huyen an phu"`: "886 | an giang - huyen an phu",
				`"locationId":999999`:                                     "999999 | ",
				`"locationName":"Sao Hỏa"`:                                " | Sao Hỏa",
				`"locationId":999999,"locationName":"` + known + `"`:      "886 | " + known,
			} {
				saidSo(t, path+delivery, said(t, d, http.MethodPost, path, body(delivery), shown...), want)
			}
			id := said(t, d, http.MethodPost, path, body(`"locationId":886`), "id")
			for _, c := range [][2]string{
				{`"locationName":"` + other + `"`, "889 | " + other},
				{`"receiver":"Lan"`, "889 | " + other},
				{`"locationName":"Sao Hỏa"`, " | Sao Hỏa"},
				{`"locationId":886`, "886 | " + known},
				{`"locationId":999999`, "999999 | "},
			} {
				saidSo(t, path+" then "+c[0], said(t, d, http.MethodPut, path+"/"+id, `{"`+in.delivery+`":{`+c[0]+`}}`, shown...), c[1])
			}
		}
	})
}

// TestTheDiscountOfALineWinsAndTellsItsRatio in every document that shows it.
func TestTheDiscountOfALineWinsAndTellsItsRatio(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for path, in := range map[string][2]string{
			"/orders": {"orderDetails", "orderDetails"}, "/invoices": {"invoiceDetails", "invoiceDetails"},
			"/purchaseorders": {"purchaseOrderDetails", "purchaseOrderDetails"},
		} {
			shown := []string{in[1] + "[0].discount", in[1] + "[0].discountRatio"}
			for line, want := range map[string]string{
				`"price":10000,"discount":300,"discountRatio":50`:     "300 | 3",
				`"price":10000,"discount":300`:                        "300 | 3",
				`"price":9000,"discount":1000`:                        "1000 | 11.1111",
				`"price":16650,"discountRatio":7`:                     "1165.5 | 7",
				`"price":16650,"discount":1165.5,"discountRatio":7`:   "1165.5 | 7",
				`"price":1,"discountRatio":33.3333`:                   "0.3333 | 33.3333",
				`"price":1,"discount":0.3333,"discountRatio":33.3333`: "0.3333 | 33.3333",
				`"price":10000,"discount":0,"discountRatio":50`:       "0 | 0",
				`"price":0,"discount":0,"discountRatio":50`:           "0 | 0",
				`"price":10000`: "0 | ",
			} {
				body := `{"branchId":{branch:CN1},"isDraft":true,"` + in[0] + `":[{"productCode":"TRA","quantity":2,` + line + `}]}`
				saidSo(t, path+" "+line, said(t, d, http.MethodPost, path, body, shown...), want)
			}
		}
	})
}

// TestAUnitOfAVariantIsCalledByItsAttributes, also when they change.
func TestAUnitOfAVariantIsCalledByItsAttributes(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		dozen := said(t, d, http.MethodPost, "/products", `{"code":"AO-S-TA","name":"Áo thun","categoryId":{category:Trà},"unit":"tá","masterUnitId":{product:AO-S},"conversionValue":12}`, "fullName")
		saidSo(t, "made", dozen, "Áo thun - S (tá)")
		saidSo(t, "renamed", said(t, d, http.MethodPut, "/products/{product:AO-S-TA}", `{"name":"Áo"}`, "fullName"), "Áo - S (tá)")
		said(t, d, http.MethodPut, "/products/{product:AO-S}", `{"attributes":[{"attributeName":"Cỡ","attributeValue":"XS"},{"attributeName":"Màu","attributeValue":"Đỏ"}]}`)
		saidSo(t, "changed", said(t, d, http.MethodGet, "/products/code/AO-S-TA", "", "fullName"), "Áo - XS - Đỏ (tá)")
		saidSo(t, "found", said(t, d, http.MethodGet, "/products?name=xs+do", "", "total"), "0")
		saidSo(t, "found", said(t, d, http.MethodGet, "/products?name=Áo+-+XS", "", "total"), "1")
		said(t, d, http.MethodPost, "/listaddproducts", `{"listProducts":[{"code":"AO-M-TA","name":"Áo thun","categoryId":{category:Trà},"unit":"tá","masterUnitId":{product:AO-M},"conversionValue":12}]}`)
		saidSo(t, "in a list", said(t, d, http.MethodGet, "/products/code/AO-M-TA", "", "fullName"), "Áo thun - M (tá)")
		said(t, d, http.MethodPut, "/products/{product:AO-M}", `{"attributes":[]}`)
		saidSo(t, "without", said(t, d, http.MethodGet, "/products/code/AO-M-TA", "", "fullName"), "Áo thun (tá)")
	})
}

// TestTheUnitsOfAProductAreAList, also of one that has none, or is one.
func TestTheUnitsOfAProductAreAList(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for _, code := range []string{"GOI", "TRA-HOP", "QUA", "AO-S"} {
			if a := d.Send(http.MethodGet, "/products/code/"+code, ""); !strings.Contains(string(a.Body), `"units":[]`) {
				t.Errorf("%s: %s", code, a.Body)
			}
		}
		a := d.Send(http.MethodGet, "/products?pageSize=100", "")
		total, _ := a.Get("$.total")
		if n := strings.Count(string(a.Body), `"units":[`); fmt.Sprint(n) != total {
			t.Errorf("%d of %s products have units", n, total)
		}
	})
}

// TestAWrappedRecordIsReadAtTheRootToo in every answer that has message and data: its members are beside them.
func TestAWrappedRecordIsReadAtTheRootToo(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		for _, c := range []struct{ method, target, body string }{
			{http.MethodPost, "/categories", `{"categoryName":"Bia"}`},
			{http.MethodPut, "/categories/{category:Trà}", `{"rank":3}`},
			{http.MethodPost, "/surchages", `{"name":"Phí","value":1000}`},
			{http.MethodPut, "/surcharges/{surcharge:SHIP}", `{"value":1000}`},
			{http.MethodPost, "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`},
			{http.MethodPut, "/transfers/{transfer:TRF000001}", `{"status":3}`},
			{http.MethodPost, "/customers", `{"name":"Mai"}`},
			{http.MethodPut, "/customers/{customer:KH-HOA}", `{"name":"Hoa"}`},
			{http.MethodPost, "/suppliers", `{"name":"Bia"}`},
			{http.MethodGet, "/suppliers/{supplier:NCC-TRA}", ""},
			{http.MethodGet, "/categories/{category:Trà}", ""},
		} {
			a := d.Send(c.method, fillIn(d, c.target), fillIn(d, c.body))
			var answer, data map[string]json.RawMessage
			if err := json.Unmarshal(a.Body, &answer); err != nil || a.Status != http.StatusOK {
				t.Errorf("%s %s: %d %s", c.method, c.target, a.Status, a.Body)
				continue
			}
			if err := json.Unmarshal(answer["data"], &data); err != nil || len(data) < 4 {
				t.Errorf("%s %s: no data in %s", c.method, c.target, a.Body)
			}
			for name, value := range data {
				if string(answer[name]) != string(value) {
					t.Errorf("%s %s: %s is %s beside data, %s in it", c.method, c.target, name, answer[name], value)
				}
			}
		}
	})
}

// TestACodeMayFollowAColon in every route by code, as two clients write it.
func TestACodeMayFollowAColon(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		seen := 0
		for _, r := range api.Routes() {
			for _, path := range r.Paths {
				before, _, byCode := strings.Cut(path, "/code/{")
				if r.Method != http.MethodGet || !byCode {
					continue
				}
				seen++
				for _, code := range []string{"TRA", "KH-HOA", "NCC-TRA", "DH000001", "HD000001", "TH000001", "PN000001", "TRF000001", "A%2FB", "a/b", "KHONG CO"} {
					code = strings.ReplaceAll(code, " ", "%20")
					want := d.Send(http.MethodGet, before+"/code/"+code, "")
					for _, spelling := range []string{"/code:", "/Code:", "/code%3A"} {
						if got := d.Send(http.MethodGet, before+spelling+code, ""); got.Status != want.Status || string(got.Body) != string(want.Body) {
							t.Errorf("%s%s%s: %d %s, want %d %s", before, spelling, code, got.Status, got.Body, want.Status, want.Body)
						}
					}
				}
			}
		}
		if a := d.Send(http.MethodGet, "/products/code:TRA", ""); a.Status != http.StatusOK || seen < 9 {
			t.Errorf("%d routes by code; %d %s", seen, a.Status, a.Body)
		}
	})
}
