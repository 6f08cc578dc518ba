package apitest

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/db"
)

// eventMark begins a line of a transcript that names an event.
const eventMark = "< "

// eventLog reads what is appended to the logs of both shops.
type eventLog struct {
	server *Server
	last   [2]int64 // numbers of the newest events that were read, of the shop and the other shop
}

// newEventLog begins behind the events that there are.
func newEventLog(d *Server) *eventLog {
	l := &eventLog{server: d}
	l.lines()
	return l
}

// lines returns a line for each event since the last call, in their order: its type and the records that it names. Those
// of the other shop come last and begin with the shop's code. Events of the type internal are among them.
func (l *eventLog) lines() []string {
	l.server.tb.Helper()
	var lines []string
	shops := [2]Shop{l.server.Shop, l.server.OtherShop}
	err := l.server.DB.Read(l.server.tb.Context(), db.Actor{}, func(tx *db.Tx) error {
		return tx.Everywhere().Each(func(row db.Row) error {
			line, at := eventMark, 0
			if row.Int64(0) == shops[1].Retailer {
				line, at = eventMark+shops[1].Code+" ", 1
			}
			l.last[at] = row.Int64(1)
			lines = append(lines, line+strings.TrimSpace(row.Text(2)+" "+strings.Join(recordsOf([]byte(row.Text(3))), ", ")))
			return nil
		}, `
			SELECT retailer_id, seq, type, data FROM events
			WHERE retailer_id = ? AND seq > ? OR retailer_id = ? AND seq > ? ORDER BY retailer_id, seq`,
			shops[0].Retailer, l.last[0], shops[1].Retailer, l.last[1])
	})
	if err != nil {
		l.server.tb.Fatal(err)
	}
	return lines
}

// named is what an item of an event says about the record that it is about.
type named struct {
	ID          int64   `json:"Id"`
	Code        string  `json:"Code"`
	BranchID    int64   `json:"BranchId"`
	ProductID   int64   `json:"ProductId"`
	ProductIDs  []int64 `json:"ProductIds"`
	ProductCode string  `json:"ProductCode"`
	PriceBookID int64   `json:"PriceBookId"`
}

// recordsOf names the records of an event's data: by their codes, without one by their ids; levels of stock as
// product@branch, prices as book/product.
func recordsOf(data []byte) []string {
	var items []jsontext.Value
	if json.Unmarshal(data, &items) != nil {
		return []string{string(data)}
	}
	var names []string
	for _, item := range items {
		var n named
		number := func(v int64) string { return strconv.FormatInt(v, 10) }
		switch {
		case item.Kind() != '{' || json.Unmarshal(item, &n) != nil:
			names = append(names, string(item))
		case n.PriceBookID != 0:
			for _, id := range append(n.ProductIDs, n.ProductID) {
				if id != 0 {
					names = append(names, number(n.PriceBookID)+"/"+number(id))
				}
			}
		case n.ProductID != 0:
			names = append(names, cmp.Or(n.ProductCode, number(n.ProductID))+"@"+number(n.BranchID))
		default:
			names = append(names, cmp.Or(n.Code, number(n.ID)))
		}
	}
	return names
}
