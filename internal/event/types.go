package event

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
)

// Types are all events that clients can register for: those of the vendor (contract webhooks, events), and ours behind
// them.
var Types = []string{
	"customer.update", "customer.delete", "product.update", "product.delete", "stock.update", "order.update",
	"invoice.update", "pricebook.update", "pricebook.delete", "pricebookdetail.update", "pricebookdetail.delete",
	"category.update", "category.delete", "branch.update", "branch.delete",

	"return.update", "purchaseorder.update", "ordersupplier.update", "transfer.update",
	"supplier.update", "supplier.delete", "cashflow.update",
}

// Internal is the type of events that nobody is told of: neither webhooks nor the feed, and nobody can register for it. What
// such an event says are the ids of products that look otherwise than before, though no event of [Types] names them: who
// keeps products forgets those. An empty list stands for all of the shop: what was changed before it cannot be told.
const Internal = "internal"

// Known reports whether there is such a type of event.
func Known(kind string) bool { return slices.Contains(Types, kind) }

// Products answers the ids of the products that an event names: one of product.update, product.delete, stock.update, or
// [Internal], where none stand for all.
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
	case "stock.update": // so many that a decoder is felt; in a text the quotes of the name would have backslashes
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
