package client_test

import (
	"reflect"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestEveryListIsWalkedByCursor walks every list of the demo that knows cursors, in three pages: what comes is what the whole
// list has.
func TestEveryListIsWalkedByCursor(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := connectDemo(t, serveDemo(t, engine))
			campaigns, err := c.ListVoucherCampaigns(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			several := 0
			methods := reflect.ValueOf(c)
			for i := range methods.NumMethod() {
				name, method := methods.Type().Method(i).Name, methods.Method(i)
				if method.Type().In(1).Kind() != reflect.Pointer || name == "ListWebhookDeliveries" { // ListDeliveries, of one webhook
					continue
				}
				query := reflect.New(method.Type().In(1).Elem())
				if v, ok := query.Interface().(*taphoa.VoucherQuery); ok {
					v.CampaignID = taphoa.Some(campaigns.Data[0].ID)
				}
				if query.Elem().FieldByName("Cursor").IsValid() && walkList(t, name, method, query) > 1 {
					several++
				}
			}
			if several < 20 {
				t.Errorf("only %d lists have several records", several)
			}
		})
	}
}

// walkList walks a list whole and in parts, and answers how many records it has.
func walkList(t *testing.T, name string, method, query reflect.Value) int {
	t.Helper()
	walk := func(pageSize int) (all []any, pages int) {
		size := query.Elem().FieldByName("PageSize").Addr().Interface()
		if whole, ok := size.(*taphoa.Opt[int64]); ok {
			*whole = taphoa.Some(int64(pageSize))
		} else {
			*size.(*int64) = int64(pageSize)
		}
		for cursor := "*"; cursor != ""; pages++ {
			query.Elem().FieldByName("Cursor").SetString(cursor)
			out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), query})
			if !out[1].IsNil() {
				t.Fatalf("%s: %v", name, out[1])
			}
			for _, row := range out[0].FieldByName("Data").Seq2() {
				all = append(all, row.Interface())
			}
			cursor = out[0].FieldByName("NextCursor").String()
		}
		return all, pages
	}
	whole, _ := walk(taphoa.PageSizeMax)
	size := max(1, (len(whole)+2)/3)
	if parts, pages := walk(size); !reflect.DeepEqual(parts, whole) || pages != max(1, (len(whole)+size-1)/size) {
		t.Errorf("%s: %d rows on %d pages of %d, want %d", name, len(parts), pages, size, len(whole))
	}
	return len(whole)
}
