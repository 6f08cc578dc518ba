package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// object is a JSON object as most clients store it.
type object = map[string]any

// read sends a request and returns the JSON object of its answer.
func read(t *testing.T, d *apitest.Server, method, target, body string) object {
	t.Helper()
	answer := d.Send(method, target, body)
	var o object
	if err := json.Unmarshal(answer.Body, &o); err != nil || answer.Status != 200 {
		t.Fatalf("%s %s: %d %s %v", method, target, answer.Status, answer.Body, err)
	}
	return o
}

// written is an object as a request.
func written(t *testing.T, o object) string {
	t.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// without leaves out what any change changes: the ids of parts, and times.
func without(value any, names ...string) any {
	switch v := value.(type) {
	case object:
		v = maps.Clone(v)
		for _, name := range names {
			delete(v, name)
		}
		for name := range v {
			v[name] = without(v[name], names...)
		}
		return v
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = without(v[i], names...)
		}
		return all
	}
	return value
}

func TestADraftThatIsSentBackAsItWasReadStaysAsItIs(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Set("PricingMode", "before")
		for path, draft := range map[string]string{
			"/purchaseorders": `{"branchId": %d, "isDraft": 1, "supplier": {"code": "NCC-TRA"}, "discountRatio": 10,
				"isApplyPurchaseTax": true, "paidAmount": 5000, "description": "Chờ",
				"surcharges": [{"code": "XE", "value": 3000}, {"name": "Bốc", "valueRatio": 5, "isSupplierExpense": false}],
				"purchaseOrderDetails": [
					{"productCode": "TRA", "quantity": 2, "price": 10000, "discountRatio": 10, "productTax": {"taxId": 3}, "note": "Hộp"},
					{"productCode": "DT", "quantity": 1, "price": 900000, "serialNumbers": ["S9"], "productTax": {"taxId": 4}},
					{"productCode": "SUA", "quantity": 3, "price": 4000,
						"productBatchExpire": {"batchName": "LO9", "expireDate": "2027-03-31"}}]}`,
			"/ordersuppliers": `{"branchId": %d, "isDraft": true, "supplier": {"code": "NCC-TRA"}, "discountRatio": 10,
				"isApplyPurchaseTax": true, "orderSupplierExpensesOthers": [{"code": "XE", "value": 3000}, {"code": "BOC", "valueRatio": 5, "form": 0}],
				"orderSupplierDetails": [{"productCode": "TRA", "quantity": 2, "price": 10000, "orderSupplierDetailTaxes": [{"taxId": 3}]}]}`,
		} {
			id := read(t, d, "POST", path, fmt.Sprintf(draft, d.ID("branch:CN1")))["id"]
			target := fmt.Sprintf("%s/%v", path, id)
			before := read(t, d, "GET", target, "")
			after := read(t, d, "PUT", target, written(t, before))
			volatile := []string{"modifiedDate", "timestamp", "id", "detailId", "expensesOtherId", "createdDate"}
			if was, is := without(before, volatile...), without(after, volatile...); !reflect.DeepEqual(was, is) {
				t.Errorf("%s was\n%v\nand is\n%v", target, was, is)
			}
		}
	})
}

// TestATransferThatIsSentBackAsItWasReadArrives although it said of every line that nothing had arrived when it was read.
func TestATransferThatIsSentBackAsItWasReadArrives(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		sent := fmt.Sprintf(`{"fromBranchId": %d, "toBranchId": %d,
			"transferDetails": [{"productCode": "TRA", "sendQuantity": 5}, {"productCode": "AO-S", "sendQuantity": 2}]}`,
			d.ID("branch:CN1"), d.ID("branch:CN2"))
		lines := func(o object) (all []object) {
			for _, name := range []string{"transferDetails", "details"} {
				if list, found := o[name].([]any); found {
					for _, l := range list {
						all = append(all, l.(object))
					}
				}
			}
			return all
		}
		for name, c := range map[string]struct {
			change func([]object)
			want   []float64 // received of each line; nil: a refusal
		}{
			"as it was":            {func([]object) {}, []float64{5, 2}},
			"the first spelling":   {func(l []object) { l[0]["recivedQuantity"] = 3 }, []float64{3, 0}},
			"the second":           {func(l []object) { l[0]["receiveQuantity"] = 3 }, []float64{3, 0}},
			"the third":            {func(l []object) { l[1]["recieveQuantity"] = 1 }, []float64{0, 1}},
			"the fourth":           {func(l []object) { l[0]["receivedQuantity"], l[1]["receivedQuantity"] = 4, 2 }, []float64{4, 2}},
			"another quantity":     {func(l []object) { sendMore(l[0], 6) }, []float64{6, 2}},
			"nothing, in one word": {func(l []object) { nothing(l[0]); nothing(l[1]) }, nil},
			"too much":             {func(l []object) { l[0]["receiveQuantity"] = 6 }, nil},
		} {
			for _, shape := range []string{"list", "detail"} {
				id := read(t, d, "POST", "/transfers", sent)["data"].(object)["id"]
				target := fmt.Sprintf("/transfers/%v", id)
				was := read(t, d, "GET", target, "")
				if shape == "list" {
					was = read(t, d, "GET", "/transfers?orderBy=id&orderDirection=Desc&pageSize=1", "")["data"].([]any)[0].(object)
				}
				c.change(lines(was))
				was["status"] = 3
				if c.want == nil {
					answer := d.Send("PUT", target, written(t, was))
					if sentence, err := answer.Refusal(); err != nil || answer.Status != 420 || !strings.Contains(sentence, "recivedQuantity") {
						t.Errorf("%s, %s: %d %s", name, shape, answer.Status, answer.Body)
					}
					continue
				}
				is := lines(read(t, d, "PUT", target, written(t, was))["data"].(object))
				for i, want := range c.want {
					if is[i]["recivedQuantity"] != want {
						t.Errorf("%s, %s: %v of line %d arrived, want %v", name, shape, is[i]["recivedQuantity"], i+1, want)
					}
				}
			}
		}
	})
}

// sendMore changes the quantity that a line sends, by the name that it has there.
func sendMore(line object, quantity int) {
	for _, name := range []string{"sendQuantity", "transferredQuantity"} {
		if _, found := line[name]; found {
			line[name] = quantity
		}
	}
}

// nothing makes a line say once that nothing has arrived.
func nothing(line object) {
	for _, name := range []string{"recivedQuantity", "receiveQuantity", "recieveQuantity"} {
		delete(line, name)
	}
	line["receivedQuantity"] = 0
}
