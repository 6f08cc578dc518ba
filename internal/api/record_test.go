package api_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// otherThanGet are the members in which the answer of a write differs from the next GET of the record, with the reason, by
// operation and path of the member; and the operations that answer no record.
var otherThanGet = map[string]string{
	"deleteInvoiceByBody message": "a sentence beside the record",
	"deleteInvoiceById message":   "a sentence beside the record",
	"deleteReturn message":        "a sentence beside the record",
	"voidCashFlow message":        "a sentence beside the record",
	"voidDebtAdjustment message":  "a sentence beside the record",
	"createInvoice warnings":      "what the request says in vain",
	"updateInvoice warnings":      "what the request says in vain",
	"updateOrder warnings":        "what the request says in vain",
	"updateProduct inventory":     "the documents have the inventories under a singular name here",

	"updatePriceBookDetail": "a sentence",
	"setCouponsUsed":        "what could not be marked",
}

// shownAt are the targets at which GET shows a record that is not at the path of the write with its id; where there is none,
// the list shows it. {member} is a member of the answer.
var shownAt = map[string]string{
	"updateSettings":  "/settings",
	"createPriceBook": "/pricebooks?pageSize=1000&includePriceBookBranch=true&includePriceBookCustomerGroups=true&includePriceBookUsers=true",
	"updatePriceBook": "/pricebooks?pageSize=1000&includePriceBookBranch=true&includePriceBookCustomerGroups=true&includePriceBookUsers=true",
	"createTransfer":  "/transfers?pageSize=1000", // as the answer; the path of one shows less
	"updateTransfer":  "/transfers?pageSize=1000",
	"payInvoice":      "/invoices/{invoiceId}",
}

// recordCheck compares after each write that succeeds its answer with the next GET of the record, and the events that it
// has appended with what reading their records gives. What operations decide themselves instead of reading it back must be
// the same.
type recordCheck struct {
	mu   sync.Mutex
	seen map[string]int // what was compared: operations, types of events, and with a member behind them what differed
}

func newRecordCheck() *recordCheck { return &recordCheck{seen: map[string]int{}} }

// watch has a server's writes checked. The other requests are as before.
func (c *recordCheck) watch(t *testing.T, d *apitest.Server) {
	inner := d.Handler
	d.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation := api.OperationAt(r.Method, r.URL.EscapedPath())
		if r.Method == http.MethodGet || operation == "" {
			inner.ServeHTTP(w, r)
			return
		}
		told := map[string]observed{}
		a := (&apitest.Server{Handler: inner}).Do(r.WithContext(event.WithObserver(r.Context(),
			func(kind string, texts []string, read func(*db.Tx) ([]string, error)) {
				told[kind] = observed{texts, read}
			})))
		if a.Status == http.StatusOK && a.Header.Get("Idempotency-Replayed") == "" && a.Header.Get(dryRunHeader) == "" {
			c.compareEvents(t, d, r, told)
			c.compareAnswer(t, inner, operation, r, a.Body)
		}
		maps.Copy(w.Header(), a.Header)
		w.WriteHeader(a.Status)
		_, _ = io.Copy(w, bytes.NewReader(a.Body))
	})
}

// observed are events of one type and what reads their records again.
type observed struct {
	texts []string
	read  func(*db.Tx) ([]string, error)
}

func (c *recordCheck) compareEvents(t *testing.T, d *apitest.Server, r *http.Request, told map[string]observed) {
	t.Helper()
	shop := d.Shop
	if r.Header.Get("Retailer") == d.OtherShop.Code {
		shop = d.OtherShop
	}
	for kind, o := range told {
		var read []string
		d.As(shop).Read(func(tx *db.Tx) (err error) {
			read, err = o.read(tx)
			return err
		})
		c.note(kind)
		if !slices.Equal(o.texts, read) {
			t.Errorf("after %s %s the event %s says\n%s\nbut its records are\n%s", r.Method, r.URL, kind,
				strings.Join(o.texts, "\n"), strings.Join(read, "\n"))
		}
	}
}

// compareAnswer compares an answer with what GET shows.
func (c *recordCheck) compareAnswer(t *testing.T, inner http.Handler, operation string, r *http.Request, body []byte) {
	t.Helper()
	answer := record(t, body)
	if names := slices.Collect(maps.Keys(answer)); len(names) == 1 && names[0] == "message" || otherThanGet[operation] != "" {
		c.note(operation)
		return
	}
	get := func(target string) apitest.Answer {
		g := httptest.NewRequest(http.MethodGet, target, nil).WithContext(r.Context())
		for _, name := range []string{"Authorization", "Retailer"} {
			g.Header[name] = r.Header[name]
		}
		return (&apitest.Server{Handler: inner}).Do(g)
	}
	target, id := targetOf(operation, r, answer)
	g := get(target)
	if g.Status != http.StatusOK && shownAt[operation] == "" {
		target = target[:strings.LastIndex(target, "/")] + "?pageSize=1000"
		g = get(target)
	}
	if g.Status != http.StatusOK {
		t.Errorf("%s: GET %s is answered %d %s", operation, target, g.Status, g.Body)
		return
	}
	shown := record(t, g.Body)
	if list, ok := shown["data"].([]any); ok && shown["id"] == nil {
		shown = inList(list, id)
	}
	if operation == "payInvoice" {
		shown = paymentOf(shown, id)
	}
	c.note(operation)
	for at, values := range differences(answer, shown) {
		c.note(operation + " " + at)
		if otherThanGet[operation+" "+at] == "" {
			t.Errorf("%s answers %s as %v, but GET %s shows %v", operation, at, values[0], target, values[1])
		}
	}
}

func (c *recordCheck) note(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[key]++
}

// targetOf is the target at which the record of an answer is shown, and its id.
func targetOf(operation string, r *http.Request, answer map[string]any) (target, id string) {
	id = textOf(cmp.Or(answer["id"], answer["categoryId"], answer["tradeMarkId"], answer["paymentId"]))
	if purchase := answer["purchaseOrderId"]; operation == "payInvoice" && purchase != nil {
		return "/purchaseorders/" + textOf(purchase), id
	}
	if target = shownAt[operation]; target != "" {
		return strings.ReplaceAll(target, "{invoiceId}", textOf(answer["invoiceId"])), id
	}
	target = strings.TrimSuffix(r.URL.EscapedPath(), "/")
	if before, _, found := strings.Cut(target, "/"+id+"/"); found { // what belongs to the record has a path below it
		return before + "/" + id, id
	}
	if !strings.HasSuffix(target, "/"+id) {
		target += "/" + id
	}
	return target, id
}

// paymentOf is a payment of an invoice as paying it answers.
func paymentOf(document map[string]any, id string) map[string]any {
	payments, _ := document["payments"].([]any)
	p := inList(payments, id)
	shown := map[string]any{
		"paymentId": p["id"], "paymentCode": p["code"], "amount": p["amount"], "method": p["method"],
		"invoiceId": document["id"], "documentCode": document["code"], "DocumentCode": document["code"],
	}
	if account, ok := p["accountId"]; ok {
		shown["accountId"] = account
	}
	if _, ok := document["purchaseOrderDetails"]; ok {
		delete(shown, "invoiceId")
		shown["purchaseOrderId"] = document["id"]
	}
	return shown
}

// number is a number as it was written.
type number string

var exactNumbers = json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	raw, err := d.ReadValue()
	*v = number(raw)
	return err
})

// record is the JSON object of an answer, without its wrapper.
func record(t *testing.T, body []byte) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal(body, &o, jsontext.AllowDuplicateNames(true), json.WithUnmarshalers(exactNumbers)); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if data, ok := o["data"].(map[string]any); ok {
		return data
	}
	return o
}

// inList is the record with an id.
func inList(list []any, id string) map[string]any {
	for _, item := range list {
		if o, _ := item.(map[string]any); textOf(cmp.Or(o["id"], o["categoryId"], o["tradeMarkId"])) == id {
			return o
		}
	}
	return nil
}

func textOf(v any) string { return fmt.Sprint(v) }

// differences are the values in which two JSON values differ, by their path; elements of a list have the path of the list.
func differences(answer, shown any) map[string][2]any {
	all := map[string][2]any{}
	var compare func(path string, a, b any)
	compare = func(path string, a, b any) {
		ao, isObject := a.(map[string]any)
		bo, both := b.(map[string]any)
		if isObject && both {
			for _, name := range slices.Sorted(maps.Keys(ao)) {
				compare(strings.TrimPrefix(path+"."+name, "."), ao[name], bo[name])
			}
			for _, name := range slices.Sorted(maps.Keys(bo)) {
				if _, known := ao[name]; !known {
					compare(strings.TrimPrefix(path+"."+name, "."), nil, bo[name])
				}
			}
			return
		}
		al, isList := a.([]any)
		bl, both := b.([]any)
		if isList && both && len(al) == len(bl) {
			for i := range al {
				compare(path, al[i], bl[i])
			}
			return
		}
		if !reflect.DeepEqual(a, b) {
			all[path] = [2]any{a, b}
		}
	}
	compare("", answer, shown)
	return all
}

// judge names entries of the lists that nothing needs, and what was not compared at all.
func (c *recordCheck) judge(t *testing.T) {
	t.Helper()
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet && c.seen[r.Operation] == 0 {
			t.Errorf("no answer of %s was compared with the next GET", r.Operation)
		}
	}
	for key := range otherThanGet {
		if c.seen[key] == 0 {
			t.Errorf("%s is excepted, but does not differ", key)
		}
	}
	for _, kind := range append(slices.Clone(event.Types), event.Internal) {
		if c.seen[kind] == 0 {
			t.Errorf("no event %s was compared with its records", kind)
		}
	}
}
