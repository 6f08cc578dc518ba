package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// secret are the columns that a kind of hidden members shows: what the two worlds differ in.
type secret struct {
	kind  string
	needs right.Right
	in    map[string][]string // columns by table and key: "products id"
}

var secrets = []secret{
	{kind: "cost", needs: right.SeeCost, in: map[string][]string{
		"stock_levels product_id": {"cost"}, "stocktakes id": {"total_difference"}, "stocktake_lines id": {"cost", "difference_value"},
		"transfer_lines id": {"price"},
	}},
	{kind: "purchase", needs: right.SeePurchasePrices, in: map[string][]string{
		"purchase_orders id":         {"discount", "discount_ratio", "total", "total_payment", "total_tax", "ex_return_suppliers", "ex_return_third_party"},
		"purchase_order_lines id":    {"price", "discount", "discount_ratio", "sub_total", "detail_tax"},
		"order_suppliers id":         {"discount", "discount_ratio", "total", "sub_total", "total_tax", "ex_return_suppliers", "ex_return_third_party", "supplier_old_debt"},
		"order_supplier_lines id":    {"price", "discount", "discount_ratio", "sub_total", "allocation", "allocation_suppliers", "allocation_third_party", "detail_tax"},
		"order_supplier_expenses id": {"price", "ex_value"},
		"cash_postings document_id WHERE to_type = 'S' OR from_type = 'S'": {"amount"},
		"suppliers id": {"total_invoiced", "total_invoiced_without_return"},
		"cash_balances (account_id*3) WHERE account_id <> 0 AND account_type = 'S'": {"balance"},
		"open_items document_id WHERE account_id <> 0 AND account_type = 'S'":       {"open_amount"},
	}},
	{kind: "debt", needs: right.SeeDebts, in: map[string][]string{
		"customers id WHERE debt_limit >= 0": {"debt_limit"}, "order_suppliers id": {"supplier_old_debt"}, "debt_adjustments id": {"debt"},
		"cash_postings document_id WHERE from_type IN ('C', 'S') OR to_type IN ('C', 'S')": {"amount"},
		"cash_balances account_id WHERE account_id <> 0 AND account_type = 'C'":            {"balance"}, "cash_balances (account_id*3) WHERE account_id <> 0 AND account_type = 'S'": {"balance"},
		"open_items document_id WHERE account_id <> 0 AND open_amount > 0 AND kind = 'adjustment'": {"open_amount"},
	}},
	{kind: "total", needs: right.SeeTotals, in: map[string][]string{
		"customers id": {"total_invoiced", "total_point", "total_revenue"}, "suppliers id": {"total_invoiced", "total_invoiced_without_return"},
	}},
}

// worlds are two shops that were made by the same requests, and differ in a secret alone.
type worlds struct {
	t    *testing.T
	d    [2]*apitest.Server
	held *atomic.Pointer[right.Held] // what the reader may do; nil for the owner

	thorough bool // all routes in all ways: on one engine; on the other one those that read what differs
}

func newWorlds(t *testing.T, engine string) *worlds {
	t.Helper()
	w := &worlds{t: t, held: &atomic.Pointer[right.Held]{}, thorough: engine == "sqlite"}
	for i := range w.d {
		w.d[i] = apitest.SeededWith(t, engine, api.Options{Held: func(oauth.Identity) *right.Held { return w.held.Load() }})
		inner := w.d[i].Handler
		w.d[i].Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { // the audit log has the ids of requests
			r.Header.Set("X-Request-Id", "a")
			inner.ServeHTTP(rw, r)
		})
		assort(t, w.d[i])
		w.d[i].Handler = inner
	}
	return w
}

// part lets the worlds differ in a secret while a test runs, with servers that know nothing of what was there before.
func (w *worlds) part(t *testing.T, s *secret, test func(w *worlds)) {
	t.Helper()
	w.held.Store(nil)
	parted := &worlds{t: t, held: w.held, thorough: w.thorough}
	for i, d := range w.d {
		for place, columns := range s.in {
			shift(d.On(t), int64(i), place, columns)
			defer shift(d.On(t), int64(-i), place, columns)
		}
		parted.d[i] = d.On(t).SecondServer()
		parted.d[i].Clock.Set(d.Clock.Now())
	}
	test(parted)
}

// shift adds to secret values, to each another amount so that orders change, too.
func shift(d *apitest.Server, times int64, place string, columns []string) {
	table, key, _ := strings.Cut(place, " ")
	key, condition, _ := strings.Cut(key, " WHERE ")
	var set []string
	for _, c := range columns {
		set = append(set, fmt.Sprintf("%s = COALESCE(%[1]s, 0) + %[2]d * (1 + %[3]s * 61 %% 101)", c, times*50_000_000_000, key))
	}
	if condition != "" {
		condition = " AND (" + condition + ")"
	}
	d.Write(func(tx *db.Tx) error {
		changed, err := tx.Exec("UPDATE " + table + " SET " + strings.Join(set, ", ") + " WHERE retailer_id = :retailer" + condition)
		if err == nil && changed == 0 {
			err = errors.New("there is nothing to change in " + place)
		}
		return err
	})
}

// reader is a person who holds all rights of the whole shop but those that show a secret, which are held at one branch. There is no
// route that refuses such a person, so that all depends on what is shown.
func (w *worlds) reader(s *secret) *right.Held {
	return right.Hold(w.d[0].ID("user:lan"), right.Grant{Set: allBut(s.needs)}, right.Grant{Branch: w.d[0].ID("branch:CN1"), Set: allBut()})
}

// allBut are the rights that roles may have without some, and any discount.
func allBut(lacks ...right.Right) right.Set {
	s := right.Of(slices.DeleteFunc(right.Grantable(), func(r right.Right) bool { return slices.Contains(lacks, r) })...)
	s.Percent, s.Amount = right.All.Percent, right.All.Amount
	return s
}

// send sends a request to both worlds.
func (w *worlds) send(who *right.Held, method, target, body string, headers ...string) (a [2]apitest.Answer) {
	w.t.Helper()
	w.held.Store(who)
	for i, d := range w.d {
		a[i] = d.Send(method, target, body, append([]string{"X-Request-Id", "a"}, headers...)...)
		a[i].Header.Del("X-RateLimit-Reset")
	}
	return a
}

func sameAnswers(a [2]apitest.Answer) bool {
	return a[0].Status == a[1].Status && bytes.Equal(a[0].Body, a[1].Body) && reflect.DeepEqual(a[0].Header, a[1].Header)
}

// sees asks for a target as the owner, who warms what is kept, and in all ways as the reader, who must not see a difference. It
// reports whether the owner sees one.
func (w *worlds) sees(who *right.Held, target string) (owner bool) {
	w.t.Helper()
	known := w.send(nil, http.MethodGet, target, "")
	first := w.send(who, http.MethodGet, target, "")
	if !sameAnswers(first) {
		w.t.Errorf("GET %s tells:\n%s", target, difference(first))
		return
	}
	if first[0].Status != http.StatusOK {
		return !sameAnswers(known)
	}
	if !w.thorough {
		if a := w.send(who, http.MethodGet, target, ""); !sameAnswers(a) { // kept
			w.t.Errorf("GET %s tells:\n%s", target, difference(a))
		}
		return !sameAnswers(known)
	}
	tag := first[0].Header.Get("ETag")
	for _, way := range []struct {
		method  string
		headers []string
		status  int
	}{
		{http.MethodGet, nil, http.StatusOK}, // kept
		{http.MethodHead, nil, http.StatusOK},
		{http.MethodGet, []string{"Accept-Encoding", "gzip"}, http.StatusOK},
		{http.MethodHead, []string{"Accept-Encoding", "gzip"}, http.StatusOK},
		{http.MethodGet, []string{"If-None-Match", tag}, http.StatusNotModified},
		{http.MethodGet, []string{"If-None-Match", known[1].Header.Get("ETag")}, http.StatusOK},
	} {
		a := w.send(who, way.method, target, "", way.headers...)
		if !sameAnswers(a) || a[0].Status != way.status && (tag != "" || way.status != http.StatusNotModified) {
			w.t.Errorf("%s %s %v tells, or is not %d but %d:\n%s", way.method, target, way.headers, way.status, a[0].Status, difference(a))
		}
	}
	return !sameAnswers(known)
}

// difference shows where two answers part.
func difference(a [2]apitest.Answer) string {
	at := 0
	for at < min(len(a[0].Body), len(a[1].Body)) && a[0].Body[at] == a[1].Body[at] {
		at++
	}
	part := func(b []byte) string { return fmt.Sprintf("%.300s", b[min(len(b), max(0, at-150)):]) }
	return fmt.Sprintf("%d %v\n…%s\n%d %v\n…%s", a[0].Status, a[0].Header, part(a[0].Body), a[1].Status, a[1].Header, part(a[1].Body))
}

// tells reports whether records of a type have members of a kind.
func tells(typ reflect.Type, view wire.View, seen map[reflect.Type]bool) bool {
	typ = elementOf(typ)
	if typ == nil || typ.Kind() != reflect.Struct || seen[typ] {
		return false
	}
	seen[typ] = true
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Type == reflect.TypeFor[*taphoa.Totals]() { // of those who ask for them
			continue
		}
		if wire.ViewOf(f.Tag)&view != 0 || f.Tag.Get("json") != "-" && tells(f.Type, view, seen) {
			return true
		}
	}
	return false
}

// records are up to some of the records of a list, as the owner gets them.
func (w *worlds) records(path string) []row {
	w.held.Store(nil)
	a := w.d[0].Send(http.MethodGet, path, "")
	if a.Status != http.StatusOK {
		return nil
	}
	rows := rowsOf(w.t, a)
	return rows[:min(len(rows), 4)]
}

// targets are the requests for the records that a route shows.
func (w *worlds) targets(r *api.Route, lists map[string]string) (all []string) {
	path := r.Paths[0]
	if list := lists[r.Operation]; list != "" {
		return []string{list + "&pageSize=1000", list + everything, list + "&pageSize=2&currentItem=1", list + everything + "&cursor=*&pageSize=2", list + "&includeTotals=true"}
	}
	collection, rest, named := strings.Cut(path, "/{id}")
	if !named {
		collection, _, named = strings.Cut(path, "/code/{code...}")
		if named {
			for _, row := range w.records(collection + "?pageSize=10") {
				all = append(all, collection+"/code/"+url.PathEscape(fmt.Sprint(row["code"])))
			}
			return all
		}
	}
	switch {
	case named:
		for _, row := range w.records(collection + "?pageSize=10") {
			all = append(all, collection+"/"+row.id()+rest)
		}
	case r.Operation == "listAgeing":
		all = append(all, path+"?partnerType=C", path+"?partnerType=S")
	case r.Operation == "listOpenDocuments":
		all = append(all, fmt.Sprint(path, "?partnerType=C&partnerId=", w.d[0].ID("customer:Kz")), fmt.Sprint(path, "?partnerType=S&partnerId=", w.d[0].ID("supplier:Nz")))
	case r.Operation == "getProductByCodeQuery":
		all = append(all, path+"?code=Pz")
	default:
		all = append(all, path)
	}
	return all
}

// TestWhatIsHiddenIsNotToldByAnyWay makes two worlds for each kind of hidden members, which differ in these alone, and asks both for
// everything, in every way, as a person who may not see them: the answers must be alike to the byte. The owner sees the difference.
func TestWhatIsHiddenIsNotToldByAnyWay(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			same := newWorlds(t, engine)
			for i := range secrets {
				t.Run(secrets[i].kind, func(t *testing.T) {
					same.part(t, &secrets[i], func(w *worlds) {
						s := &secrets[i]
						w.read(s)
						w.sortAndFilter(s)
						w.change(s)
						w.refuseFeeds(s)
					})
				})
			}
		})
	}
}

// unshown are routes whose types have members of a kind although the worlds do not differ there, with the reason.
var unshown = map[string]string{
	"debt listCashFlow": ofSettled, "debt getCashFlow": ofSettled, "purchase listCashFlow": ofSettled, "purchase getCashFlow": ofSettled,
}

const ofSettled = "what settles a sale is seen with the sale as well"

// refusing are routes that refuse who may not see a kind, where they would show nothing else.
var refusing = map[string]string{"purchase listAgeing": "partnerType=S", "purchase listOpenDocuments": "partnerType=S", "purchase supplierStatement": ""}

// read asks every reading route for records.
func (w *worlds) read(s *secret) {
	who, lists := w.reader(s), listPaths(w.d[0])
	asked, told := 0, 0
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		key, shown := s.kind+" "+r.Operation, false
		shows := tells(r.Out, wire.Hides[s.kind], map[reflect.Type]bool{})
		if _, refuses := refusing[key]; !w.thorough && !shows && !refuses {
			continue
		}
		for _, target := range w.targets(&r, lists) {
			shown = w.sees(who, target) || shown
			asked++
			if words, refuses := refusing[key]; refuses && strings.Contains(target, words) {
				w.refused(w.send(who, r.Method, target, ""), s.needs, target)
			}
		}
		_, refuses := refusing[key]
		may := shows && unshown[key] == "" || refuses
		if shown != may && r.Needs != right.Administer {
			w.t.Errorf("%s shows the owner what differs: %v, and should: %v", r.Operation, shown, may)
		}
		if shown {
			told++
		}
	}
	if w.thorough && asked < 250 || told < 4 {
		w.t.Errorf("%d targets asked for; %d routes show the owner a difference", asked, told)
	}
}

// refused checks that both worlds lack the reader a right.
func (w *worlds) refused(a [2]apitest.Answer, lacks right.Right, what string) {
	w.t.Helper()
	sentence, err := a[0].Refusal()
	if !sameAnswers(a) || a[0].Status != http.StatusForbidden || err != nil || !strings.Contains(sentence, lacks.Title()) {
		w.t.Errorf("%s should be refused by %q:\n%s", what, lacks.Title(), difference(a))
	}
}

// sortAndFilter asks the lists in every order and with every filter. The reader is refused the orders by which the owner gets the
// records of the two worlds in different orders, and no others.
func (w *worlds) sortAndFilter(s *secret) {
	who, lists := w.reader(s), listPaths(w.d[0])
	refusals := 0
	for _, r := range api.Routes() {
		path := lists[r.Operation]
		if path == "" || r.Needs == right.Administer {
			continue
		}
		shows := tells(r.Out, wire.Hides[s.kind], map[reflect.Type]bool{})
		if !shows && !w.thorough {
			continue
		}
		names := ordersOf(w.d[0], path)
		for name, typ := range answered(rowOf(&r)) {
			if kindOf(typ) != "array" && kindOf(typ) != "object" {
				names = append(names, strings.ToLower(name))
			}
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if unsortable[s.kind+" "+name] != "" || name == "" {
				continue
			}
			target := path + "&pageSize=1000&orderDirection=desc&orderBy=" + name
			owner := w.send(nil, r.Method, target, "")
			a := w.send(who, r.Method, target, "")
			switch {
			case idsOf(w.t, owner[0]) != idsOf(w.t, owner[1]):
				for _, spelled := range []string{target, target + "&cursor=*", strings.TrimSuffix(target, name) + strings.ToUpper(name)} {
					w.refused(w.send(who, r.Method, spelled, ""), s.needs, spelled)
					refusals++
				}
			case !sameAnswers(a) || a[0].Status != http.StatusOK:
				w.t.Errorf("GET %s tells, or is refused although nothing hidden decides on it:\n%s", target, difference(a))
			}
		}
		if len(names) < 3 {
			w.t.Errorf("%s can be sorted by %s alone", path, names)
		}
		if !shows {
			continue
		}
		for _, f := range reflect.VisibleFields(r.In) {
			name := f.Tag.Get("query")
			for _, value := range map[string][]string{
				"number": {"1", "103"}, "string": {"m", "a"}, "time": {"2026-11-12"}, "bool": {"true", "false"},
			}[kindOf(elementOf(f.Type))] {
				if name == "" || f.Tag.Get("json") != "" {
					continue
				}
				target := path + everything + "&" + name + "=" + value
				a := w.send(who, r.Method, target, "")
				if wire.ViewOf(f.Tag)&wire.Hides[s.kind] != 0 && value == "true" {
					w.refused(a, s.needs, target)
					refusals++
				} else if !sameAnswers(a) {
					w.t.Errorf("GET %s tells:\n%s", target, difference(a))
				}
			}
		}
	}
	if refusals == 0 {
		w.t.Error("no order and no filter is refused")
	}
}

// unsortable are orders that are refused although the worlds do not differ in them, with the reason.
var unsortable = map[string]string{
	"debt debtlimitpolicy": "worlds with other rules would differ in what is refused",
}

// idsOf are the records of a list in their order.
func idsOf(t *testing.T, a apitest.Answer) (ids string) {
	for _, r := range rowsOf(t, a) {
		ids += " " + r.id()
	}
	return ids
}

// probing are writes whose refusals and answers come near to what is hidden.
var probing = []base{
	{"deleteCustomer", "/customers/{customer:Kz}", ""},
	{"deleteCustomer", "/customers/{customer:Km}", ""},
	{"deleteSupplier", "/suppliers/{supplier:Nz}", ""},
	{"payInvoice", "/payments", `{"purchaseOrderId":{purchase:PN000007},"amount":99000000000}`},
	{"createCashFlow", "/cashflow", `{"branchId":{branch:CN1},"amount":99000000000,"partnerType":"C","partnerId":{customer:Kz}}`},
	{"createCashFlow", "/cashflow", `{"branchId":{branch:CN1},"amount":-99000000000,"partnerType":"S","partnerId":{supplier:Nz}}`},
	{"createInvoice", "/invoices", `{"branchId":{branch:CN1},"customerId":{customer:Kz},"invoiceDetails":[{"productCode":"GOI","quantity":1,"price":99000000000}]}`},
	{"createInvoice", "/invoices", `{"branchId":{branch:CN1},"customerId":{customer:Km},"invoiceDetails":[{"productCode":"GOI","quantity":1,"price":99000000000}]}`},
	{"updateProduct", "/products/{product:Pz}", `{"name":"Đổi"}`},
	{"updateCustomer", "/customers/{customer:Kz}", `{"name":"Đổi"}`},
	{"updateSupplier", "/suppliers/{supplier:Nz}", `{"name":"Đổi"}`},
	{"createStockTake", "/stocktakes", `{"branchId":{branch:CN1},"stockTakeDetails":[{"productCode":"Az","actualQuantity":1}]}`},
	{"createTransfer", "/transfers", `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"transferDetails":[{"productCode":"Az","sendQuantity":1}]}`},
	{"updatePurchaseOrder", "/purchaseorders/{purchase:PN000004}", `{"description":"Đổi"}`},
	{"updateOrderSupplier", "/ordersuppliers/{ordersupplier:PDN000001}", `{"description":"Đổi"}`},
	{"createPurchaseOrder", "/purchaseorders", `{"branchId":{branch:CN1},"supplierId":{supplier:Nz},"purchaseOrderDetails":[{"productCode":"Az","quantity":1,"price":1000}]}`},
}

// change sends writes as dry runs, with what the reader has seen and with what the owner has seen.
func (w *worlds) change(s *secret) {
	who := w.reader(s)
	done, told := 0, 0
	paths := map[string]api.Route{}
	for _, r := range api.Routes() {
		paths[r.Operation] = r
	}
	for _, b := range slices.Concat(bases, probing) {
		r, target := paths[b.operation], b.target
		if !w.thorough && !tells(r.Out, wire.Hides[s.kind], map[reflect.Type]bool{}) {
			continue
		}
		if target == "" {
			target = r.Paths[0]
		}
		if slices.ContainsFunc(idPattern.FindAllString(target+b.body, -1), func(place string) bool {
			_, found := w.d[0].Find(strings.Trim(place, "{}"))
			return !found
		}) {
			continue
		}
		target, body := fillIn(w.d[0], target), fillIn(w.d[0], b.body)
		run := []string{dryRunHeader, "true"}
		owner := w.send(nil, r.Method, target, body, run...)
		a := w.send(who, r.Method, target, body, run...)
		if !sameAnswers(a) {
			w.t.Errorf("a dry run of %s %s %s tells:\n%s", r.Method, target, body, difference(a))
		}
		if !sameAnswers(owner) {
			told++
		}
		if a[0].Status == http.StatusOK {
			done++
		}
		if !w.thorough || a[0].Status == http.StatusForbidden || w.send(who, http.MethodGet, target, "")[0].Header.Get("ETag") == "" {
			continue
		}
		mine, theirs := w.send(who, http.MethodGet, target, "")[1].Header.Get("ETag"), w.send(nil, http.MethodGet, target, "")[1].Header.Get("ETag")
		for _, tag := range []string{mine, theirs} {
			b := w.send(who, r.Method, target, body, append([]string{"If-Match", tag}, run...)...)
			if wants := map[bool]int{true: a[0].Status, false: http.StatusPreconditionFailed}[tag == mine]; !sameAnswers(b) || b[0].Status != wants {
				w.t.Errorf("a dry run of %s %s with If-Match tells, or is not %d:\n%s", r.Method, target, wants, difference(b))
			}
		}
	}
	if w.thorough && done < 30 || told == 0 {
		w.t.Errorf("%d dry runs succeeded, %d showed the owner a difference", done, told)
	}
}

// refuseFeeds asks for what shows all to who administers: events, webhooks and their deliveries.
func (w *worlds) refuseFeeds(s *secret) {
	who := w.reader(s)
	for _, r := range api.Routes() {
		if r.Needs != right.Administer {
			continue
		}
		target := placePattern.ReplaceAllString(r.Paths[0], fmt.Sprint(w.d[0].ID("webhook:product.update")))
		w.refused(w.send(who, r.Method, target, ""), r.Needs, r.Operation)
		w.refused(w.send(who, r.Method, target, "", "Accept", "text/event-stream"), r.Needs, r.Operation)
	}
}

// ordersOf are the names that a list can be sorted by.
func ordersOf(d *apitest.Server, target string) (names []string) {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Retailer", d.Shop.Code)
	r.Header.Set("Authorization", "Bearer "+d.Shop.Token)
	r.URL.RawQuery += "&asked=now" // which nothing is kept for
	d.Do(r.WithContext(db.WithTrace(r.Context(), &db.Trace{List: func(l *db.List) {
		for name := range l.Orders {
			names = append(names, name)
		}
	}})))
	slices.Sort(names)
	return names
}
