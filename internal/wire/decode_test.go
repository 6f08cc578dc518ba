package wire

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
)

// line, delivery and document have every kind of field that inputs are made of.
type line struct {
	ProductID int64                    `json:"productId"`
	Code      string                   `json:"productCode"`
	Quantity  taphoa.Quantity          `json:"quantity"`
	Price     taphoa.Opt[taphoa.Money] `json:"price"`
	Serials   []string                 `json:"serials"`
}

type delivery struct {
	Status  int32              `json:"status"`
	Type    taphoa.Opt[int64]  `json:"type" max:"255"`
	Address taphoa.Opt[string] `json:"address"`
	COD     bool               `json:"usingPriceCod"`
}

type note struct {
	Comments taphoa.Opt[string] `json:"comments" alias:"comment,remark" max:"5"`
}

type document struct {
	note
	ID         int64                    `path:"id" query:"id" json:"id"`
	Void       bool                     `query:"isVoidPayment" json:"isVoidPayment"`
	Discount   taphoa.Opt[taphoa.Money] `json:"discount"`
	Ratio      taphoa.Percent           `json:"discountRatio"`
	Date       taphoa.Opt[taphoa.Time]  `query:"purchaseDate" json:"purchaseDate"`
	CustomerID taphoa.Opt[int64]        `json:"customerId"`
	Gender     taphoa.Opt[bool]         `json:"gender"`
	Groups     []int64                  `json:"groups"`
	Images     []string                 `json:"images"`
	Branches   taphoa.Opt[[]int64]      `json:"branches"`
	Delivery   *delivery                `json:"deliveryDetail"`
	Customer   taphoa.Opt[delivery]     `json:"customer"`
	Lines      []line                   `json:"orderDetails" wire:"root"`
	Partners   []*line                  `json:"partners"`
	Extra      Raw                      `json:"extra"`
	Raws       []Raw                    `json:"raws"`
	Status     []int32                  `query:"status"`
	Words      []string                 `query:"words"`
	Days       []taphoa.Time            `query:"days"`
	Stamp      taphoa.Stamp             `json:"timestamp"`
	Plain      string                   `json:"plain"`
	Count      int                      `json:"count"`
	Hidden     string                   `json:"-"`
	Untagged   string
}

func decode(t *testing.T, src Source) (document, *taphoa.Error) {
	t.Helper()
	var in document
	err := Decode(&src, &in)
	var refusal *taphoa.Error
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("%v is no *taphoa.Error", err)
	}
	return in, refusal
}

func day(t *testing.T, text string) taphoa.Time {
	t.Helper()
	at, err := taphoa.ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const formType = "application/x-www-form-urlencoded"

// body is a body as real clients send it (contract observed-behaviour, 4.2 and 4.3; transactions-common, rules).
type body struct {
	habit, contentType, text string
	want                     document
}

func check(t *testing.T, bodies []body) {
	t.Helper()
	for _, c := range bodies {
		got, err := decode(t, Source{ContentType: c.contentType, Body: []byte(c.text)})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %s\n got %+v, %v\nwant %+v", c.habit, c.text, got, err, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	first := day(t, "2026-09-01T08:21:36")
	check(t, []body{
		{"no body at all", "", "", document{}},
		{"thtna sends null with GET", "application/json", " null ", document{}},
		{"a DELETE has an empty form", formType, "", document{}},
		{"an empty text instead of a body", "application/json", `""`, document{}},
		{"PHP writes an empty array for an empty object", "application/json", `[]`, document{Lines: []line{}}},
		{"Windows tools put a byte order mark first", "application/json", "\ufeff{\"plain\":\"a\"}", document{Plain: "a"}},
		{
			"names come in any letter case", "application/json", `{"PLAIN":"a","DeliveryDetail":{"Status":3,"UsingPriceCod":1}}`,
			document{Plain: "a", Delivery: &delivery{Status: 3, COD: true}},
		},
		{
			"numbers come as texts and as floats", "application/json", `{"id":"70001","discount":"0","count":101000.0,"customerId":" 7 "}`,
			document{ID: 70001, Discount: taphoa.Some[taphoa.Money](0), Count: 101000, CustomerID: taphoa.Some[int64](7)},
		},
		{"numbers have exponents", "application/json", `{"id":1e3,"discount":1.5E+5}`, document{ID: 1000, Discount: taphoa.Some(taphoa.Dong(150000))}},
		{"ids fill 53 bits", "application/json", `{"id":-9007199254740991.00}`, document{ID: -taphoa.IDMax}},
		{"an empty text means no number, time or bool", "application/json", `{"id":"","discount":" ","purchaseDate":"","gender":"","deliveryDetail":""}`, document{}},
		{"an empty text is a text", "application/json", `{"comments":"","plain":""}`, document{note: note{taphoa.Some("")}}},
		{
			"PHP sends null for every property that is not set", "application/json",
			`{"id":null,"plain":null,"discount":null,"groups":null,"deliveryDetail":null,"orderDetails":null,"extra":null}`,
			document{Discount: taphoa.Null[taphoa.Money]()},
		},
		{
			"numbers come where texts are wanted", "application/json", `{"plain":912345678,"comments":true}`,
			document{Plain: "912345678", note: note{taphoa.Some("true")}},
		},
		{"unknown members are ignored", "application/json", `{"otherProperties":[{"a":{}}],"hidden":"x","Untagged":"x","plain":"a"}`, document{Plain: "a"}},
		{"the later of two equal names wins", "application/json", `{"plain":"a","plain":"b"}`, document{Plain: "b"}},
		{"comments wins over comment", "application/json", `{"comments":"a","comment":"b","remark":"c"}`, document{note: note{taphoa.Some("a")}}},
		{"but not a null", "application/json", `{"comments":null,"remark":"c","comment":"b"}`, document{note: note{taphoa.Some("b")}}},
		{"slashes and letters come escaped", "application/json", `{"plain":"a\/b \u00e0 \ud83d\ude00"}`, document{Plain: "a/b à 😀"}},
		{"a single object where a list is wanted", "application/json", `{"orderDetails":{"productId":5}}`, document{Lines: []line{{ProductID: 5}}}},
		{"vienthuong wraps a list twice", "application/json", `{"orderDetails":[[{"productId":5},{"productId":6}]]}`, document{Lines: []line{{ProductID: 5}, {ProductID: 6}}}},
		{
			"PHP writes an array with gaps as an object", "application/json", `{"orderDetails":{"1":{"productId":5},"3":{"productId":6}}}`,
			document{Lines: []line{{ProductID: 5}, {ProductID: 6}}},
		},
		{"a bare list is the list of the request", "application/json", `[{"productId":5}]`, document{Lines: []line{{ProductID: 5}}}},
		{"a list of pointers", "application/json", `{"partners":[{"productId":5},null]}`, document{Partners: []*line{{ProductID: 5}}}},
		{"one value where a list is wanted", "application/json", `{"groups":5,"images":"u"}`, document{Groups: []int64{5}, Images: []string{"u"}}},
		{"a list of numbers as one text", "application/json", `{"groups":"5, 6,"}`, document{Groups: []int64{5, 6}}},
		{"a text with a comma is one text", "application/json", `{"images":["a,b"]}`, document{Images: []string{"a,b"}}},
		{"images come as objects", "application/json", `{"images":[{"Image":"u"},{"id":7,"Image":"v"},null]}`, document{Images: []string{"u", "v"}}},
		{
			"a list where one value is wanted", "application/json", `{"id":[7],"plain":[],"deliveryDetail":[{"status":1}],"customer":[]}`,
			document{ID: 7, Delivery: &delivery{Status: 1}},
		},
		{"an empty list differs from none", "application/json", `{"branches":[],"groups":[]}`, document{Branches: taphoa.Some([]int64{}), Groups: []int64{}}},
		{
			"a list can be cleared", "application/json", `{"branches":null,"customer":null}`,
			document{Branches: taphoa.Null[[]int64](), Customer: taphoa.Null[delivery]()},
		},
		{"an optional struct", "application/json", `{"customer":{"address":null}}`, document{Customer: taphoa.Some(delivery{Address: taphoa.Null[string]()})}},
		{
			"raw members stay as they are", "application/json", `{"extra": {"PriceBookId" : {"Id":1}} ,"raws":[1,[2],"x"]}`,
			document{Extra: Raw(`{"PriceBookId" : {"Id":1}}`), Raws: []Raw{Raw("1"), Raw("[2]"), Raw(`"x"`)}},
		},
		{
			"times", "application/json", `{"purchaseDate":"2026-09-01T08:21:36","timestamp":"2026-09-01T08:21:36.0000000+07:00"}`,
			document{Date: taphoa.Some(first), Stamp: taphoa.Stamp(first)},
		},
		{"bools in every spelling", "application/json", `{"gender":"False","isVoidPayment":"on"}`, document{Gender: taphoa.Some(false), Void: true}},
		{
			"percent and quantity are exact", "application/json", `{"discountRatio":12.5,"orderDetails":[{"quantity":"0.0001"}]}`,
			document{Ratio: 12.5 * taphoa.Scale, Lines: []line{{Quantity: 0.0001 * taphoa.Scale}}},
		},
	})
}

func TestForms(t *testing.T) {
	check(t, []body{
		{"the vendor's plug-in posts forms", formType, "plain=Ch%C3%A8+xanh&discount=5000&GENDER=1", document{Plain: "Chè xanh", Discount: taphoa.Some(taphoa.Dong(5000)), Gender: taphoa.Some(true)}},
		{
			"PHP nests forms", formType, "orderDetails%5B0%5D%5BproductId%5D=1&orderDetails[0][quantity]=1.5&orderDetails[1][productId]=2&deliveryDetail[address]=x&deliveryDetail[usingPriceCod]=0",
			document{Lines: []line{{ProductID: 1, Quantity: 1.5 * taphoa.Scale}, {ProductID: 2}}, Delivery: &delivery{Address: taphoa.Some("x")}},
		},
		{"others nest with dots", formType, "orderDetails[0].productId=1&deliveryDetail.status=3", document{Lines: []line{{ProductID: 1}}, Delivery: &delivery{Status: 3}}},
		{
			"form lists, repeated and bracketed", formType, "groups=1&groups=2&images[]=a&images[]=b&branches[0]=3&branches[1]=4&partners[][productId]=5",
			document{Groups: []int64{1, 2}, Images: []string{"a", "b"}, Branches: taphoa.Some([]int64{3, 4}), Partners: []*line{{ProductID: 5}}},
		},
		{"lists within a form's objects", formType, "orderDetails[productId]=1&orderDetails[serials][]=a&orderDetails[serials][]=b", document{Lines: []line{{ProductID: 1, Serials: []string{"a", "b"}}}}},
		{"a hidden field before a check box", formType, "gender=0&gender=1&plain=a&plain=b", document{Gender: taphoa.Some(true), Plain: "b"}},
		{"an empty form value clears a text and is no number", formType, "comments=&id=&plain=&orderDetails=", document{note: note{taphoa.Some("")}}},
		{"a form without a content type", "", "plain=a&id=7\n", document{Plain: "a", ID: 7}},
		{"JSON without a content type", "text/plain", ` {"plain":"a"}`, document{Plain: "a"}},
		{"JSON called a form", formType + "; charset=utf-8", `{"plain":"a"}`, document{Plain: "a"}},
		{"badly escaped forms are taken literally", formType, "plain=100%+x&a[b=1&c]d=2&[=3&=4", document{Plain: "100% x"}},
		{
			"a name is first a value, then an object", formType, "deliveryDetail=x&deliveryDetail[status]=2&groups[]=1&groups=2",
			document{Delivery: &delivery{Status: 2}, Groups: []int64{1, 2}},
		},
		{"raw members of a form become JSON", formType, "extra[a][]=1&extra[b]=x%22&raws[]=7", document{Extra: Raw(`{"a":["1"],"b":"x\""}`), Raws: []Raw{Raw(`"7"`)}}},
		{"multipart forms", `multipart/form-data; boundary=B`, "--B\r\nContent-Disposition: form-data; name=\"deliveryDetail[address]\"\r\n\r\nHà Nội\r\n" +
			"--B\r\nContent-Disposition: form-data; name=\"plain\"; filename=\"a.png\"\r\n\r\n\x00\r\n--B--\r\n", document{Delivery: &delivery{Address: taphoa.Some("Hà Nội")}}},
	})
}

func TestQueries(t *testing.T) {
	for _, c := range []struct {
		habit, query string
		want         document
	}{
		{"Python repeats a name", "status=1&status=3", document{Status: []int32{1, 3}}},
		{"PHP implodes a list", "status=1,3", document{Status: []int32{1, 3}}},
		{"commas come escaped", "status=1%2C3", document{Status: []int32{1, 3}}},
		{"axios adds brackets", "status%5B%5D=1&status%5B%5D=3", document{Status: []int32{1, 3}}},
		{"http_build_query adds indexes", "status%5B0%5D=1&status[1]=3", document{Status: []int32{1, 3}}},
		{"brackets in one value", "status=[1,3]", document{Status: []int32{1, 3}}},
		{"a single value", "status=3", document{Status: []int32{3}}},
		{"spellings mixed", "status=1,2&status=3&words=a,b&words=c", document{Status: []int32{1, 2, 3}, Words: []string{"a", "b", "c"}}},
		{"texts in brackets", `words=["a","b"]`, document{Words: []string{"a", "b"}}},
		{"a list of days", "days=2026-09-01,2026-09-02", document{Days: []taphoa.Time{day(t, "2026-09-01"), day(t, "2026-09-02")}}},
		{"the plug-in sends an empty list for no filter", "Status=&words=&id=", document{}},
		{"names come in any letter case", "ISVOIDPAYMENT=True&STATUS=1", document{Void: true, Status: []int32{1}}},
		{"unknown names are ignored", "isMykiot=true&format=json&skip=1&a[b]=1&plain=x&status=2", document{Status: []int32{2}}},
		{"the later of two values wins", "id=1&id=2", document{ID: 2}},
		{"the later of two undocumented spellings wins", "ID=1&Id=2&iD=3", document{ID: 3}},
		{"a plus that was not escaped", "purchaseDate=2026-09-01T00:00:00+07:00", document{Date: taphoa.Some(day(t, "2026-09-01"))}},
		{"no leading zero", "purchaseDate=2024-12-1", document{Date: taphoa.Some(day(t, "2024-12-01"))}},
		{"a bare ampersand", "&&id=1&", document{ID: 1}},
	} {
		got, err := decode(t, Source{Query: c.query})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %s\n got %+v, %v\nwant %+v", c.habit, c.query, got, err, c.want)
		}
	}
}

// TestPathWinsOverQueryOverBody: clients send an id in the path, the query or the body (epoxyteam, pancake), or several.
func TestPathWinsOverQueryOverBody(t *testing.T) {
	src := Source{Query: "id=2&isVoidPayment=1", Body: []byte(`{"id":3,"isVoidPayment":false,"plain":"x"}`)}
	if got, err := decode(t, src); err != nil || got.ID != 2 || !got.Void || got.Plain != "x" {
		t.Errorf("query: %+v, %v", got, err)
	}
	src.Path = []Param{{"ID", "1"}}
	if got, err := decode(t, src); err != nil || got.ID != 1 {
		t.Errorf("path: %+v, %v", got, err)
	}
	src = Source{Query: "id=", Body: []byte(`{"id":3}`)}
	if got, err := decode(t, src); err != nil || got.ID != 3 {
		t.Errorf("body: %+v, %v", got, err)
	}
}

// TestRefusals: a refusal names the member and what is wrong, in Vietnamese.
func TestRefusals(t *testing.T) {
	big := strings.Repeat("x", maxText+1)
	const json = "application/json"
	for _, c := range []struct {
		body, contentType, field, message string
		kind                              taphoa.ErrorKind
	}{
		{`{"orderDetails":[{},{},{"quantity":"abc"}]}`, json, "orderDetails[2].quantity", "Trường orderDetails[2].quantity phải là số", taphoa.KindUnreadable},
		{`{"orderDetails":[{"serials":[{}]}]}`, json, "orderDetails[0].serials[0]", "Trường orderDetails[0].serials[0] phải là một giá trị đơn", taphoa.KindUnreadable},
		{`[{"quantity":"x"}]`, json, "orderDetails[0].quantity", "Trường orderDetails[0].quantity phải là số", taphoa.KindUnreadable},
		{`{"id":9007199254740992}`, json, "id", "Giá trị của trường id vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"id":99999999999999999999}`, json, "id", "Giá trị của trường id vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"id":1e300}`, json, "id", "Giá trị của trường id vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"deliveryDetail":{"Status":2147483648}}`, json, "deliveryDetail.status", "Giá trị của trường deliveryDetail.status vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"deliveryDetail":{"status":-1e12}}`, json, "deliveryDetail.status", "Giá trị của trường deliveryDetail.status vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"deliveryDetail":{"type":256}}`, json, "deliveryDetail.type", "Trường deliveryDetail.type phải là số nguyên từ 0 đến 255", taphoa.KindUnreadable},
		{`{"deliveryDetail":{"type":-1}}`, json, "deliveryDetail.type", "Trường deliveryDetail.type phải là số nguyên từ 0 đến 255", taphoa.KindUnreadable},
		{`{"deliveryDetail":{"type":"3e2"}}`, json, "deliveryDetail.type", "Trường deliveryDetail.type phải là số nguyên từ 0 đến 255", taphoa.KindUnreadable},
		{`{"discount":1e15}`, json, "discount", "Giá trị của trường discount vượt quá giới hạn", taphoa.KindUnreadable},
		{`{"id":1.5}`, json, "id", "Trường id phải là số nguyên", taphoa.KindUnreadable},
		{`{"id":true}`, json, "id", "Trường id phải là số", taphoa.KindUnreadable},
		{`{"id":"-"}`, json, "id", "Trường id phải là số", taphoa.KindUnreadable},
		{`{"id":{"a":1}}`, json, "id", "Trường id phải là một giá trị đơn", taphoa.KindUnreadable},
		{`{"id":[7,8]}`, json, "id", "Trường id phải là một giá trị đơn", taphoa.KindUnreadable},
		{`{"gender":"nam"}`, json, "gender", "Trường gender phải là true hoặc false", taphoa.KindUnreadable},
		{`{"purchaseDate":"mai"}`, json, "purchaseDate", "Trường purchaseDate không phải là ngày giờ hợp lệ", taphoa.KindUnreadable},
		{`{"deliveryDetail":"x"}`, json, "deliveryDetail", "Trường deliveryDetail phải là một đối tượng", taphoa.KindUnreadable},
		{`{"deliveryDetail":[{},{}]}`, json, "deliveryDetail", "Trường deliveryDetail phải là một đối tượng", taphoa.KindUnreadable},
		{`{"orderDetails":[5]}`, json, "orderDetails[0]", "Trường orderDetails[0] phải là một đối tượng", taphoa.KindUnreadable},
		{`{"plain":"a\u0000"}`, json, "plain", "Trường plain chứa ký tự NUL, ký tự này không lưu được", taphoa.KindUnreadable},
		{`plain=%FF`, formType, "plain", "Trường plain không phải là văn bản UTF-8 hợp lệ", taphoa.KindUnreadable},
		{`{"comment":"sáu ký"}`, json, "comments", "Trường comments không được quá 5 ký tự", taphoa.KindRefused},
		{`{"plain":"` + big + `"}`, json, "plain", "Trường plain không được quá 65536 byte", taphoa.KindRefused},
		{`5`, json, "", "Nội dung yêu cầu phải là một đối tượng JSON", taphoa.KindUnreadable},
		{"{\"plain\":\"à\",\n\"id\":1,}", json, "", "Nội dung JSON không hợp lệ: sai ở dòng 2, cột 8", taphoa.KindUnreadable},
		{`{"plain":"a"} x`, json, "", "Nội dung JSON không hợp lệ: sai ở dòng 1, cột 15", taphoa.KindUnreadable},
		{`{"plain":"a`, json, "", "Nội dung JSON không hợp lệ: thiếu phần cuối ở dòng 1, cột 12", taphoa.KindUnreadable},
		{"{\"plain\":\"\xff\"}", json, "", "Nội dung JSON không hợp lệ: sai ở dòng 1, cột 11", taphoa.KindUnreadable},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), json, "", "Nội dung JSON không hợp lệ: quá 131072 giá trị hoặc lồng nhau quá 64 cấp", taphoa.KindUnreadable},
		{"[" + strings.Repeat("["+strings.Repeat("1,", 1999)+"1],", 70) + "1]", json, "", "Nội dung JSON không hợp lệ: quá 131072 giá trị hoặc lồng nhau quá 64 cấp", taphoa.KindUnreadable},
		{"[" + strings.Repeat("1,", maxNodes) + "1]", json, "orderDetails", "Trường orderDetails có quá nhiều giá trị, tối đa 2000", taphoa.KindUnreadable},
		{
			`{"ORDERDETAILS":[{},{"serials":[` + strings.Repeat("1,", 10_000) + `1]}]}`, json, "orderDetails[1].serials",
			"Trường orderDetails[1].serials có quá nhiều giá trị, tối đa 10000", taphoa.KindUnreadable,
		},
		{`{"partners":{` + strings.Repeat(`"7":{},`, 2000) + `"8":{}}}`, json, "partners", "Trường partners có quá nhiều giá trị, tối đa 2000", taphoa.KindUnreadable},
		{`{"groups":"` + strings.Repeat("1,", maxNodes) + `"}`, json, "groups", "Trường groups có quá nhiều giá trị, tối đa 10000", taphoa.KindUnreadable},
		{
			`{"groups":[[` + strings.Repeat("1,", 6000) + `1],[` + strings.Repeat("1,", 6000) + `1]]}`, json, "groups",
			"Trường groups có quá nhiều giá trị, tối đa 10000", taphoa.KindUnreadable,
		},
		{strings.TrimSuffix(strings.Repeat("groups=1,2,3&", 4000), "&"), formType, "groups", "Trường groups có quá nhiều giá trị, tối đa 10000", taphoa.KindUnreadable},
		{strings.Repeat("a=1&", maxMembers+1), formType, "", "Có quá 10000 tham số", taphoa.KindUnreadable},
		{"orderDetails[10001][productId]=1", formType, "", "Tên tham số không hợp lệ: lồng nhau quá 64 cấp hoặc chỉ số quá 10000", taphoa.KindUnreadable},
		{"a" + strings.Repeat("[b]", 64) + "=1", formType, "", "Tên tham số không hợp lệ: lồng nhau quá 64 cấp hoặc chỉ số quá 10000", taphoa.KindUnreadable},
		{"--B", "multipart/form-data", "", "Nội dung multipart/form-data không hợp lệ", taphoa.KindUnreadable},
		{"--B", "multipart/form-data; boundary=C", "", "Nội dung multipart/form-data không hợp lệ", taphoa.KindUnreadable},
	} {
		_, err := decode(t, Source{ContentType: c.contentType, Body: []byte(c.body)})
		if err == nil || err.Field != c.field || err.Message != c.message || err.Kind != c.kind || err.Code != taphoa.CodeValidate {
			t.Errorf("%.60q: got %+v", c.body, err)
		}
	}
}

// TestListInsteadOfAnObject: an input without a wire:"root" field accepts a list with one object.
func TestListInsteadOfAnObject(t *testing.T) {
	for body, ok := range map[string]bool{`[{"status":3}]`: true, `[]`: true, `[{"status":3},{"status":4}]`: false, `["x"]`: false} {
		var in delivery
		if err := Decode(&Source{Body: []byte(body)}, &in); (err == nil) != ok || ok && len(body) > 2 && in.Status != 3 {
			t.Errorf("%s: %+v, %v", body, in, err)
		}
	}
}

// TestQueryLimits: a query has the limits of a form, and a name longer than any field's is ignored.
func TestQueryLimits(t *testing.T) {
	if _, err := decode(t, Source{Query: "status" + strings.Repeat("[0]", 64) + "=1"}); err == nil {
		t.Error("65 levels: no error")
	}
	if got, err := decode(t, Source{Query: strings.Repeat("x", 65) + "=1&id=1"}); err != nil || got.ID != 1 {
		t.Errorf("long name: %+v, %v", got, err)
	}
}

// TestQueriesAreBounded: the database searches texts and looks lists up.
func TestQueriesAreBounded(t *testing.T) {
	for _, c := range []struct{ query, field, message string }{
		{"status=" + strings.Repeat("1,", 2000) + "1", "status", "Trường status có quá nhiều giá trị, tối đa 2000"},
		{strings.Repeat("status=1&", 2001), "status", "Trường status có quá nhiều giá trị, tối đa 2000"},
		{"words=" + strings.Repeat("%C4%83", 1001), "words[0]", "Trường words[0] không được quá 1000 ký tự"},
	} {
		if _, err := decode(t, Source{Query: c.query}); err == nil || err.Field != c.field || err.Message != c.message {
			t.Errorf("%.40s: got %v, want %s", c.query, err, c.message)
		}
	}
	got, err := decode(t, Source{Query: "words=" + strings.Repeat("%C4%83", 1000) + "&status=" + strings.Repeat("1,", 1999) + "1"})
	if err != nil || len(got.Status) != 2000 || len(got.Words) != 1 {
		t.Errorf("at the bounds: %d, %v", len(got.Status), err)
	}
}

// TestUnknownMembersAllocateNothing: clients send back large responses with members that no input has.
func TestUnknownMembersAllocateNothing(t *testing.T) {
	unknown := `"history":[` + strings.Repeat(`{"a":"]}\"","b":[1, {"c":null}]},`, 50_000) + `{}], "note" : "x"`
	src := &Source{Body: []byte(`{"orderDetails":[{` + unknown + `,"productId":5,` + unknown + `}],` + unknown + `,"id":7}`)}
	var got document
	if err := Decode(src, &got); err != nil || got.ID != 7 || len(got.Lines) != 1 || got.Lines[0].ProductID != 5 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if n := testing.AllocsPerRun(1, func() { _ = Decode(src, new(document)) }); n > 40 {
		t.Errorf("%v allocations", n)
	}
	for body, field := range map[string]string{`{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`: "too deep", `{"x":{}}`: ""} {
		if _, err := decode(t, Source{Body: []byte(body)}); (err != nil) != (field != "") {
			t.Errorf("%.20s: %v", body, err)
		}
	}
}

// TestMemoryIsBounded: a body of small objects must not allocate a hundred times its size.
func TestMemoryIsBounded(t *testing.T) {
	var in struct {
		Documents []document `json:"documents"`
	}
	body := `{"documents":[` + strings.TrimSuffix(strings.Repeat("{},", 200_000), ",") + `]}`
	err := Decode(&Source{Body: []byte(body)}, &in)
	if err == nil || !strings.Contains(err.Error(), "Trường documents có quá nhiều giá trị") {
		t.Errorf("got %v", err)
	}
}

// TestDeepestJSON: 64 levels are allowed.
func TestDeepestJSON(t *testing.T) {
	body := strings.Repeat("[", 64) + strings.Repeat("]", 64)
	if _, err := decode(t, Source{Body: []byte(body)}); err != nil {
		t.Error(err)
	}
}

// TestDecodeDoesNotRetainTheBody: the server reuses the buffers of bodies.
func TestDecodeDoesNotRetainTheBody(t *testing.T) {
	body := []byte(`{"plain":"abc","extra":{"a":1}}`)
	got, err := decode(t, Source{Body: body})
	clear(body)
	if err != nil || got.Plain != "abc" || string(got.Extra) != `{"a":1}` {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestUnsupportedTypesPanic: an error of the programmer shows at the first use of a type.
func TestUnsupportedTypesPanic(t *testing.T) {
	type embedded struct{ line }
	for name, into := range map[string]any{
		"float": &struct {
			A float64 `json:"a"`
		}{},
		"map": &struct {
			A map[string]string `json:"a"`
		}{},
		"interface": &struct {
			A any `json:"a"`
		}{},
		"bytes": &struct {
			A []byte `json:"a"`
		}{},
		"list of lists": &struct {
			A [][]int64 `json:"a"`
		}{},
		"omitempty": &struct {
			A int64 `json:"a,omitempty"`
		}{},
		"no name": &struct {
			A int64 `json:",omitzero"`
		}{},
		"embedded pointer": &struct{ *line }{},
		"name used twice": &struct {
			embedded
			A int64 `json:"ProductID"`
		}{},
		"alias used twice": &struct {
			A int64 `json:"a" alias:"B"`
			B int64 `json:"b"`
		}{},
		"max of a number": &struct {
			A int64 `json:"a" max:"5"`
		}{},
		"max that is none": &struct {
			A string `json:"a" max:"x"`
		}{},
		"written twice": &struct {
			A int64 `json:"a" also:"x"`
			B int64 `json:"b" also:"x"`
		}{},
		"no struct": new(int64),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			_ = Decode(&Source{}, into)
		}()
	}
}

// TestConcurrentUse: concurrent requests compile the plans.
func TestConcurrentUse(t *testing.T) {
	want := string(Append(nil, productPage()))
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 5 {
				var in orderInput
				if err := Decode(&Source{Body: []byte(orderBody), Query: "a=1"}, &in); err != nil || in.OrderDetails[2].ProductID != 1000103 {
					t.Fatalf("%+v, %v", in, err)
				}
				if got := string(Append(nil, productPage())); got != want {
					t.Fatal("a page differs")
				}
			}
		})
	}
}

func TestNullsCanBeIgnored(t *testing.T) {
	type request struct {
		Name  taphoa.Opt[string] `json:"name" alias:"title"`
		Count taphoa.Opt[int64]  `json:"count"`
	}
	for _, ignored := range []bool{false, true} {
		var in request
		src := &Source{Body: []byte(`{"name": null, "count": null, "title": "Trà"}`), IgnoreNulls: ignored}
		if err := Decode(src, &in); err != nil {
			t.Fatal(err)
		}
		if in.Name.Or("") != "Trà" || in.Count.Given() == ignored {
			t.Errorf("ignored %t: %+v", ignored, in)
		}
	}
}
