package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
)

type base struct {
	ID   int64  `json:"id"`
	Code string `json:"code,omitzero"`
}

type emptiable struct {
	A string
	n int
}

func (e emptiable) IsZero() bool { return e.n == 0 }

type node2 struct {
	Name     string  `json:"name"`
	Children []node2 `json:"children,omitzero"`
}

// rule is a rule of responses. Clients check signatures over the output of JSON.stringify, test for the presence of keys, and
// parse seven-digit times (contract observed-behaviour, 5.1).
type rule struct {
	rule string
	v    any
	want string
}

func checkRules(t *testing.T, cases []rule) {
	t.Helper()
	for _, c := range cases {
		if got := string(Append([]byte("x"), c.v)); got != "x"+c.want {
			t.Errorf("%s:\n got %s\nwant x%s", c.rule, got, c.want)
		}
	}
}

func TestPresence(t *testing.T) {
	number := int64(7)
	checkRules(t, []rule{
		{"nothing", nil, `null`},
		{"a nil pointer", (*base)(nil), `null`},
		{"a struct by value", base{ID: 1}, `{"id":1}`},
		{"a struct without members", &struct{}{}, `{}`},
		{"all members left out", &struct {
			A string `json:"a,omitzero"`
		}{}, `{}`},
		{"zero, false and empty are present", &struct {
			A int64        `json:"a"`
			B bool         `json:"b"`
			C string       `json:"c"`
			D taphoa.Money `json:"d"`
			E int32        `json:"e"`
			F int          `json:"f"`
			G []int64      `json:"g"`
			H []base       `json:"h"`
		}{}, `{"a":0,"b":false,"c":"","d":0,"e":0,"f":0,"g":[],"h":[]}`},
		{"null members without omitzero", &struct {
			A *base              `json:"a"`
			B taphoa.Opt[string] `json:"b"`
			C Raw                `json:"c"`
			D taphoa.Time        `json:"d"`
			E taphoa.Stamp       `json:"e"`
		}{}, `{"a":null,"b":null,"c":null,"d":null,"e":null}`},
		{"omitzero leaves nothing out that is there", &struct {
			A taphoa.Opt[taphoa.Money] `json:"a,omitzero"`
			B taphoa.Opt[string]       `json:"b,omitzero"`
			C []int64                  `json:"c,omitzero"`
			D *int64                   `json:"d,omitzero"`
			E taphoa.Opt[[]int64]      `json:"e,omitzero"`
		}{taphoa.Some[taphoa.Money](0), taphoa.Some(""), []int64{}, &number, taphoa.Some[[]int64](nil)}, `{"a":0,"b":"","c":[],"d":7,"e":[]}`},
		{"omitzero leaves out what is zero or null", &struct {
			A taphoa.Opt[taphoa.Money] `json:"a,omitzero"`
			B taphoa.Opt[string]       `json:"b,omitzero"`
			C []int64                  `json:"c,omitzero"`
			D *int64                   `json:"d,omitzero"`
			E base                     `json:"e,omitzero"`
			F taphoa.Time              `json:"f,omitzero"`
			G bool                     `json:"g,omitzero"`
			H int32                    `json:"h,omitzero"`
			I Raw                      `json:"i,omitzero"`
			J emptiable                `json:"j,omitzero"`
			K int64                    `json:"k,omitzero"`
		}{B: taphoa.Null[string](), J: emptiable{A: "x"}}, `{}`},
	})
}

func TestValues(t *testing.T) {
	at := day(t, "2025-11-17T23:10:25.167")
	checkRules(t, []rule{
		{"numbers are exact", &struct {
			A taphoa.Money    `json:"a"`
			B taphoa.Quantity `json:"b"`
			C taphoa.Percent  `json:"c"`
			D int64           `json:"d"`
			E int32           `json:"e"`
		}{taphoa.Dong(149_000), 90.5 * taphoa.Scale, -0.0001 * taphoa.Scale, taphoa.IDMax, -5}, `{"a":149000,"b":90.5,"c":-0.0001,"d":9007199254740991,"e":-5}`},
		{
			"times have seven digits", &struct {
				A taphoa.Time             `json:"a"`
				B taphoa.Stamp            `json:"b"`
				C taphoa.Opt[taphoa.Time] `json:"c,omitzero"`
			}{at, taphoa.Stamp(at), taphoa.Some(at)},
			`{"a":"2025-11-17T23:10:25.1670000","b":"2025-11-17T23:10:25.1670000+07:00","c":"2025-11-17T23:10:25.1670000"}`,
		},
		{"embedded structs are flattened", &struct {
			base
			Name string `json:"name" query:"q"`
			Skip string `json:"-"`
			Also string `query:"also"`
		}{base{1, "a"}, "b", "c", "d"}, `{"id":1,"code":"a","name":"b"}`},
		{"raw text is copied", &struct {
			A Raw `json:"a"`
		}{Raw(`{"x": 1.0}`)}, `{"a":{"x": 1.0}}`},
		{"lists, pointers and trees", &struct {
			A []*base `json:"a"`
			B node2   `json:"b"`
		}{[]*base{{ID: 1}, nil}, node2{"r", []node2{{Name: "c"}}}}, `{"a":[{"id":1},null],"b":{"name":"r","children":[{"name":"c"}]}}`},
		{
			"a page", &taphoa.Page[base]{Total: 1, PageSize: 20, Data: []base{{ID: 1}}, RemovedIDs: []int64{}, Timestamp: taphoa.Stamp(at)},
			`{"total":1,"pageSize":20,"data":[{"id":1}],"removedIds":[],"timestamp":"2025-11-17T23:10:25.1670000+07:00"}`,
		},
		{"an empty page", taphoa.Page[base]{Timestamp: taphoa.Stamp(at)}, `{"total":0,"pageSize":0,"data":[],"timestamp":"2025-11-17T23:10:25.1670000+07:00"}`},
		{"a list by itself", []base{{ID: 1}, {ID: 2}}, `[{"id":1},{"id":2}]`},
		{"texts as JSON.stringify writes them", "</script>&é \u2028\"\\/\b\f\n\r\t\x00\x1f\x7f😀", `"</script>&é ` + "\u2028" + `\"\\/\b\f\n\r\t\u0000\u001f` + "\x7f" + `😀"`},
		{"bytes that are not UTF-8", "a\xff\xfeb\n\xe1\xbb", "\"a\ufffd\ufffdb\\n\ufffd\ufffd\""},
	})
}

// TestSecondSpellings: some members have two spellings (contract transactions-common, conflicts), which PowerShell refuses.
func TestSecondSpellings(t *testing.T) {
	v := struct {
		A taphoa.Opt[string] `json:"identificationNumber,omitzero" also:"IdentificationNumber"`
		B int64              `json:"AccountId" also:"accountId,account"`
		C base               `json:"invoiceDelivery" also:"deliveryDetail"`
		D bool               `json:"SaleChannelId"`
	}{A: taphoa.Some("01"), B: 2, C: base{ID: 3}}
	want := `{"identificationNumber":"01","IdentificationNumber":"01","AccountId":2,"accountId":2,"account":2,` +
		`"invoiceDelivery":{"id":3},"deliveryDetail":{"id":3},"SaleChannelId":false}`
	if got := string(Append(nil, &v)); got != want {
		t.Errorf("got %s", got)
	}
	want = `{"identificationNumber":"01","accountId":2,"account":2,"invoiceDelivery":{"id":3},"deliveryDetail":{"id":3},"SaleChannelId":false}`
	if got := string(AppendAs(nil, &v, Form{CamelOnly: true})); got != want {
		t.Errorf("camelCase only: got %s", got)
	}
}

// TestAppendDoesNotAllocate: the server encodes list pages into a reused buffer.
func TestAppendDoesNotAllocate(t *testing.T) {
	page := productPage()
	dst := Append(nil, page)
	if n := testing.AllocsPerRun(10, func() { dst = Append(dst[:0], page) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAViewOmitsWhatTheCallerMayNotSee(t *testing.T) {
	type stock struct {
		Cost   int64 `json:"cost" view:"cost"`
		OnHand int64 `json:"onHand" also:"OnHand"`
	}
	v := struct {
		stock
		Total int64   `json:"total" view:"cost"`
		Lines []stock `json:"lines"`
	}{stock{1, 2}, 3, []stock{{4, 5}}}
	for form, want := range map[Form]string{
		{}:                                 `{"cost":1,"onHand":2,"OnHand":2,"total":3,"lines":[{"cost":4,"onHand":5,"OnHand":5}]}`,
		{CamelOnly: true}:                  `{"cost":1,"onHand":2,"total":3,"lines":[{"cost":4,"onHand":5}]}`,
		{View: HidesCost}:                  `{"onHand":2,"OnHand":2,"lines":[{"onHand":5,"OnHand":5}]}`,
		{CamelOnly: true, View: HidesCost}: `{"onHand":2,"lines":[{"onHand":5}]}`,
	} {
		if got := string(AppendAs(nil, &v, form)); got != want {
			t.Errorf("%+v: %s, want %s", form, got, want)
		}
	}
	if got, want := string(AppendPascal(nil, &v)), `{"Cost":1,"OnHand":2,"Total":3,"Lines":[{"Cost":4,"OnHand":5}]}`; got != want {
		t.Errorf("an event: %s, want %s", got, want)
	}
}

// TestEveryViewOmitsItsMembers at any depth: in structs that are embedded, in lists, behind pointers and in optional members, and
// whether they are left out when zero. A member of several views is omitted by each of them.
func TestEveryViewOmitsItsMembers(t *testing.T) {
	type sums struct {
		Debt  taphoa.Money `json:"debt" also:"Debt,owed" view:"debt"`
		Count int64        `json:"count"`
	}
	type part struct {
		sums
		Price taphoa.Opt[taphoa.Money] `json:"price,omitzero" view:"purchase"`
		Both  taphoa.Money             `json:"both,omitzero" view:"purchase,debt"`
	}
	v := struct {
		part
		Cost   taphoa.Money     `json:"cost,omitzero" view:"cost"`
		Totals *sums            `json:"totals,omitzero" view:"total"`
		One    *part            `json:"one"`
		Maybe  taphoa.Opt[sums] `json:"maybe,omitzero"`
		Lines  []part           `json:"lines" view:"cost"`
	}{
		part: part{sums{taphoa.Dong(1), 2}, taphoa.Some(taphoa.Dong(3)), taphoa.Dong(4)}, Totals: &sums{taphoa.Dong(5), 6},
		One: &part{Both: taphoa.Dong(7)}, Maybe: taphoa.Some(sums{taphoa.Dong(8), 9}), Lines: []part{{}},
	}
	for view, want := range map[View]string{
		0: `{"debt":1,"Debt":1,"owed":1,"count":2,"price":3,"both":4,"totals":{"debt":5,"Debt":5,"owed":5,"count":6},` +
			`"one":{"debt":0,"Debt":0,"owed":0,"count":0,"both":7},"maybe":{"debt":8,"Debt":8,"owed":8,"count":9},` +
			`"lines":[{"debt":0,"Debt":0,"owed":0,"count":0}]}`,
		HidesDebts: `{"count":2,"price":3,"totals":{"count":6},"one":{"count":0},"maybe":{"count":9},"lines":[{"count":0}]}`,
		HidesPurchases: `{"debt":1,"Debt":1,"owed":1,"count":2,"totals":{"debt":5,"Debt":5,"owed":5,"count":6},` +
			`"one":{"debt":0,"Debt":0,"owed":0,"count":0},"maybe":{"debt":8,"Debt":8,"owed":8,"count":9},"lines":[{"debt":0,"Debt":0,"owed":0,"count":0}]}`,
		HidesDebts | HidesTotals | HidesCost:                  `{"count":2,"price":3,"one":{"count":0},"maybe":{"count":9}}`,
		HidesDebts | HidesTotals | HidesCost | HidesPurchases: `{"count":2,"one":{"count":0},"maybe":{"count":9}}`,
	} {
		if got := string(AppendAs(nil, &v, Form{View: view})); got != want {
			t.Errorf("hiding %04b: %s, want %s", view, got, want)
		}
	}
	only := struct {
		Cost int64 `json:"cost" view:"cost"`
	}{1}
	if got := string(AppendAs(nil, &only, Form{View: HidesCost})); got != "{}" {
		t.Errorf("without its only member: %s", got)
	}
}

func TestAnUnknownViewPanics(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "there is no view price") {
			t.Errorf("it panics with %v", p)
		}
	}()
	Append(nil, &struct {
		Cost int64 `json:"cost" view:"cost,price"`
	}{})
}
