package event

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
)

// Types are all events that clients can register for: those of the vendor (contract webhooks, events), and ours after
// them.
var Types = []string{
	"customer.update", "customer.delete", "product.update", "product.delete", "stock.update", "order.update",
	"invoice.update", "pricebook.update", "pricebook.delete", "pricebookdetail.update", "pricebookdetail.delete",
	"category.update", "category.delete", "branch.update", "branch.delete",

	"return.update", "purchaseorder.update", "ordersupplier.update", "transfer.update",
	"supplier.update", "supplier.delete", "cashflow.update", "debtadjustment.update",
}

// Internal is the type of events that neither webhooks nor the feed deliver, and that no client can register for. Its data
// are the ids of products whose display changed although no event of [Types] names them: caches drop those. An empty list
// means all products of the shop.
const Internal = "internal"

// Known reports whether there is such a type of event.
func Known(kind string) bool { return slices.Contains(Types, kind) }

// Products returns the ids of the products that an event names: product.update, product.delete, stock.update, or [Internal],
// where none means all.
func Products(e *taphoa.Event) (ids []int64, err error) {
	switch e.Type {
	case "product.update":
		var items []struct {
			ID int64 `json:"Id"`
		}
		err = json.Unmarshal(e.Data, &items)
		for _, item := range items {
			ids = append(ids, item.ID)
		}
	case "stock.update": // a decoder is slow for long lists; inside a JSON string the quotes of the name are escaped
		const name = `"ProductId":`
		for rest := string(e.Data); ; {
			_, number, found := strings.Cut(rest, name)
			if !found {
				return ids, nil
			}
			end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
			id, err := strconv.ParseInt(number[:max(end, 0)], 10, 64)
			if err != nil {
				return nil, err
			}
			ids, rest = append(ids, id), number[end:]
		}
	default:
		err = json.Unmarshal(e.Data, &ids)
	}
	return ids, err
}
