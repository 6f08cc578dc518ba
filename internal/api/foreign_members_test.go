package api_test

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// coveted are members that decide about rights and money: they are sent to every object of a body that does not take them.
var coveted = map[string]any{
	"retailerId": 987654321, "retailer_id": 987654321, "id": 987654321, "createdDate": "2001-01-01T00:00:00", "modifiedDate": "2001-01-01T00:00:00",
	"createdBy": 987654321, "deletedAt": "2001-01-01T00:00:00", "isDeleted": true, "isActive": false, "status": 4, "statusValue": "Lậu",
	"total": 1, "totalPayment": 1, "debt": -987654321, "rewardPoint": 987654321, "totalPoint": 987654321, "onHand": 987654321, "reserved": 987654321,
	"cost": 1, "scope": "Taphoa.Admin", "isAdmin": true, "dryRun": false, "__proto__": map[string]any{"isAdmin": true}, "constructor": map[string]any{},
}

// foreign adds to each object of a body what its type does not take: what the answer's type shows, and what is coveted.
func foreign(in, out reflect.Type, body map[string]any) (added int) {
	takes := accepted(in, "json")
	for name, typ := range takes {
		for own, v := range body {
			inner, isObject := v.(map[string]any)
			if list, ok := v.([]any); ok && len(list) > 0 {
				inner, isObject = list[0].(map[string]any)
			}
			if strings.EqualFold(own, name) && isObject {
				added += foreign(elementOf(typ), nil, inner)
			}
		}
	}
	values := map[string]any{"number": 987654321, "string": "Lậu", "bool": true, "time": "2001-01-01T00:00:00", "array": []any{}, "object": map[string]any{}}
	shown := maps.Clone(coveted)
	eachField(out, func(f reflect.StructField) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if v, ok := values[kindOf(f.Type)]; ok && name != "" && name != "-" {
			shown[name] = v
		}
	})
	for name, v := range shown {
		if takes[strings.ToLower(name)] == nil {
			body[name] = v
			added++
		}
	}
	return added
}

// recordOf is the type of the record that an answer shows: of its data, where it has some.
func recordOf(out reflect.Type) reflect.Type {
	if out = elementOf(out); out.Kind() == reflect.Struct {
		if data, ok := out.FieldByName("Data"); ok && elementOf(data.Type).Kind() == reflect.Struct {
			return elementOf(data.Type)
		}
	}
	return out
}

// serial are the members that are new at each attempt.
var serial = regexp.MustCompile(`(?i)"(\w*id|uuid|\w*code|seq)":("[^"]*"|\d+)`)

// TestMembersThatARequestDoesNotHaveChangeNothing tries each write twice, the second time with members that its record shows
// and its contract does not let a caller write: both have the same result.
func TestMembersThatARequestDoesNotHaveChangeNothing(t *testing.T) {
	routes := map[string]api.Route{}
	for _, r := range api.Routes() {
		routes[r.Operation] = r
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		before := d.Digest(d.Shop)
		for _, b := range bases {
			r, target := routes[b.operation], fillIn(d, b.target)
			if target == "" {
				target = r.Paths[0]
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(fillIn(d, b.body)), &body); err != nil {
				t.Fatal(err)
			}
			plain := d.Send(r.Method, target, text(body), "Taphoa-Dry-Run", "true")
			if foreign(r.In, recordOf(r.Out), body) == 0 {
				t.Errorf("%s takes whatever is sent", b.operation)
			}
			more := d.Send(r.Method, target, text(body), "Taphoa-Dry-Run", "true")
			alike := func(a apitest.Answer) string { return serial.ReplaceAllString(string(a.Body), `"$1":0`) }
			if plain.Status != http.StatusOK || more.Status != http.StatusOK || alike(plain) != alike(more) {
				t.Errorf("%s: %s\ngives %d %s\ninstead of %d %s", b.operation, text(body), more.Status, more.Body, plain.Status, plain.Body)
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("trials have changed %s", differs)
		}
	})
}
