package webhook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

const (
	// heldMax is how many records the held-up requests of a registration have in all before it takes no new events.
	heldMax = 10_000
	// heldBatch is how many held-up requests a worker reads at once.
	heldBatch = 20
	// downAfter is how many refusals of different records in a row mean that the receiver is down.
	downAfter = 10
)

// heldRow is a row of webhook_held.
type heldRow struct {
	WebhookID, FirstSeq, LastSeq int64
	Records                      taphoa.Opt[string]
	Attempt                      int64
	NextAt                       taphoa.Time
	Error                        taphoa.Opt[string]
}

var heldKey = []string{"webhook_id", "first_seq"}

// heldRequest is a request that is held up: its receiver has refused it, or it has a record of one before it.
type heldRequest struct {
	heldRow
	ahead int // in the queues of how many of its records another request is before it
}

func (r *heldRequest) records() []string { return strings.Fields(r.Records.Value) }

// heldChange is a row to be written or deleted.
type heldChange struct {
	row  heldRow
	gone bool
}

// heldQueues are the held-up requests of a registration, in a queue for each record.
type heldQueues struct {
	list    []*heldRequest // in the order of their events
	of      map[string][]*heldRequest
	size    int          // of all queues
	changes []heldChange // that are not recorded yet
}

// readHeld reads the held-up requests of a registration.
func readHeld(tx *db.Tx, webhook int64) (*heldQueues, error) {
	rows, err := heldRows(tx, webhook)
	q := &heldQueues{of: map[string][]*heldRequest{}}
	for _, row := range rows {
		if !row.Records.Has() {
			events, err := event.Span(tx, row.FirstSeq, row.LastSeq)
			if err != nil {
				return nil, err
			}
			row.Records = taphoa.Some(recordsOf(events))
		}
		q.add(row)
	}
	q.changes = nil
	return q, err
}

func heldRows(tx *db.Tx, webhook int64) ([]heldRow, error) {
	return db.All[heldRow](tx, `
		SELECT `+db.Columns[heldRow]("h")+` FROM webhook_held h
		WHERE h.retailer_id = :retailer AND h.webhook_id = ? ORDER BY h.first_seq`, webhook)
}

// retryHeld has what is held up tried at once, as if for the first time.
func retryHeld(tx *db.Tx, webhook int64) error {
	rows, err := heldRows(tx, webhook)
	for i := range rows {
		rows[i].Attempt, rows[i].NextAt, rows[i].Error = 0, 0, taphoa.Opt[string]{}
	}
	db.Upsert(tx, "webhook_held", heldKey, rows...)
	return err
}

// recordsOf returns what events are about, each record once, separated by blanks.
func recordsOf(events []taphoa.Event) string {
	var records []string
	for i := range events {
		var items []jsontext.Value
		if json.Unmarshal(events[i].Data, &items) != nil {
			items = nil
		}
		for _, item := range items {
			records = append(records, recordOf(item)...)
		}
	}
	slices.Sort(records)
	return strings.Join(slices.Compact(records), " ")
}

// recordOf returns what an item of an event's data is about: a record by its id, a product at a branch or in a price book.
func recordOf(item jsontext.Value) (names []string) {
	var of struct {
		ID          int64   `json:"Id"`
		Product     int64   `json:"ProductId"`
		Branch      int64   `json:"BranchId"`
		PriceBook   int64   `json:"PriceBookId"`
		RemovedFrom int64   `json:"PricebookId"`
		Products    []int64 `json:"ProductIds"`
	}
	switch err := json.Unmarshal(item, &of); {
	case err != nil:
		return []string{strings.Join(strings.Fields(string(item)), "")} // the id of a deleted record
	case of.ID != 0:
		return []string{fmt.Sprint(of.ID)}
	}
	for _, product := range append(of.Products, of.Product) {
		if product != 0 {
			names = append(names, fmt.Sprint(of.PriceBook+of.RemovedFrom, "/", of.Branch, "/", product))
		}
	}
	return names
}

// add holds a request up. It may belong before others, when it is a part of one that is divided.
func (q *heldQueues) add(row heldRow) {
	r := &heldRequest{heldRow: row}
	place := func(list []*heldRequest) int {
		at, _ := slices.BinarySearchFunc(list, row.FirstSeq, func(a *heldRequest, seq int64) int { return cmp.Compare(a.FirstSeq, seq) })
		return at
	}
	q.list = slices.Insert(q.list, place(q.list), r)
	for _, record := range r.records() {
		queue := q.of[record]
		at := place(queue)
		switch {
		case at > 0:
			r.ahead++
		case len(queue) > 0:
			queue[0].ahead++
		}
		q.of[record] = slices.Insert(queue, at, r)
		q.size++
	}
	q.changes = append(q.changes, heldChange{row: row})
}

// remove lets the requests after one follow.
func (q *heldQueues) remove(r *heldRequest) {
	q.list = slices.DeleteFunc(q.list, func(other *heldRequest) bool { return other == r })
	for _, record := range r.records() {
		queue := q.of[record]
		if at := slices.Index(queue, r); at == 0 && len(queue) > 1 {
			queue[1].ahead--
		}
		q.size--
		if queue = slices.DeleteFunc(queue, func(other *heldRequest) bool { return other == r }); len(queue) > 0 {
			q.of[record] = queue
		} else {
			delete(q.of, record)
		}
	}
	q.changes = append(q.changes, heldChange{row: r.heldRow, gone: true})
}

// failed notes an attempt that has failed.
func (q *heldQueues) failed(r *heldRequest, attempt int64, next taphoa.Time, reason taphoa.Opt[string]) {
	r.Attempt, r.NextAt, r.Error = attempt, next, reason
	q.changes = append(q.changes, heldChange{row: r.heldRow})
}

// blocks reports whether one of the records has a held-up request.
func (q *heldQueues) blocks(records string) bool {
	return len(q.list) > 0 && slices.ContainsFunc(strings.Fields(records), func(r string) bool { return len(q.of[r]) > 0 })
}

// find returns the request with the events, nil without one.
func (q *heldQueues) find(first, last int64) *heldRequest {
	for _, r := range q.list {
		if r.FirstSeq == first && r.LastSeq == last {
			return r
		}
	}
	return nil
}

// due returns requests that may be tried now, those first that have waited longest.
func (q *heldQueues) due(now taphoa.Time) (list []*heldRequest) {
	for _, r := range q.list {
		if r.ahead == 0 && r.NextAt <= now {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *heldRequest) int { return cmp.Compare(a.NextAt, b.NextAt) })
	return list[:min(len(list), heldBatch)]
}

// hurry makes all due, since their receiver was down and is not any more. It is not recorded: after a crash they are tried
// when they would have been.
func (q *heldQueues) hurry() {
	for _, r := range q.list {
		r.NextAt = 0
	}
}

// oldest returns the first request that has failed, nil without any.
func (q *heldQueues) oldest() *heldRequest {
	for _, r := range q.list {
		if r.Attempt > 0 {
			return r
		}
	}
	return nil
}

// next returns when the next request is to be tried; 0 is at once, or never.
func (q *heldQueues) next() (at taphoa.Time) {
	first := true
	for _, r := range q.list {
		if r.ahead == 0 && (first || r.NextAt < at) {
			at, first = r.NextAt, false
		}
	}
	return at
}

// takeChanges returns what is to be recorded.
func (q *heldQueues) takeChanges() []heldChange {
	changes := q.changes
	q.changes = nil
	return changes
}

// saveHeld writes the held-up requests of a worker's registration, each as the last of the results has it.
func saveHeld(tx *db.Tx, w *worker, results []result) {
	last := map[int64]*heldChange{}
	for i := range results {
		if results[i].worker == w {
			for j := range results[i].held {
				last[results[i].held[j].row.FirstSeq] = &results[i].held[j]
			}
		}
	}
	var (
		rows []heldRow
		gone []int64
	)
	for _, seq := range slices.Sorted(maps.Keys(last)) {
		if last[seq].gone {
			gone = append(gone, seq)
		} else {
			rows = append(rows, last[seq].row)
		}
	}
	if len(gone) > 0 {
		tx.Queue(`DELETE FROM webhook_held WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq IN ?`, w.id, gone)
	}
	db.Upsert(tx, "webhook_held", heldKey, rows...)
}

// forgetHeld drops the held-up requests of a registration from a number on.
func forgetHeld(tx *db.Tx, webhook, from int64) {
	tx.Queue(`DELETE FROM webhook_held WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq >= ?`, webhook, from)
}

// countHeld sets the columns of webhooks that sum up what is held up.
const countHeld = `
	held_seq = COALESCE((SELECT MIN(h.first_seq) FROM webhook_held h WHERE h.retailer_id = webhooks.retailer_id AND h.webhook_id = webhooks.id), 0),
	held_count = (SELECT COUNT(*) FROM webhook_held h WHERE h.retailer_id = webhooks.retailer_id AND h.webhook_id = webhooks.id)`
