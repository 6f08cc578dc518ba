package taphoa

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Event is a change in a shop, as the feed shows it (ours; the vendor has webhooks only).
type Event struct {
	Seq  int64          `json:"seq"`  // the number of the event in the shop: they rise, with gaps
	Type string         `json:"type"` // what webhooks register for, such as invoice.update
	At   Stamp          `json:"at"`
	Data jsontext.Value `json:"data"` // the changed records, as a webhook sends them: a list
}

// EventFeed is a piece of a shop's log of events.
type EventFeed struct {
	Data   []Event `json:"data"`
	Next   int64   `json:"next"`   // what to ask after next
	Last   int64   `json:"last"`   // the number of the shop's newest event
	Oldest int64   `json:"oldest"` // the number of the oldest event that is still kept
}

// EventQuery asks for events (ours).
type EventQuery struct {
	After Opt[int64] `query:"after"` // events above this number; the oldest first
	Limit int64      `query:"limit"`
	Types []string   `query:"types" alias:"type"` // none: all
	Wait  int64      `query:"wait"`               // how many seconds to wait for an event when there is none yet
}

// EventLimits bound a piece of the feed.
const (
	EventLimit    = 100  // without a limit
	EventLimitMax = 1000 // events in one response
	EventWaitMax  = 25   // seconds, below the time that a request may take
)

// Validate fills in the limit and checks the numbers.
func (q *EventQuery) Validate() error {
	if q.After.Or(0) < 0 {
		return Refuse(CodeValidate, "after", "Số thứ tự sự kiện (after) không được âm")
	}
	if q.Wait < 0 || q.Wait > EventWaitMax {
		return Refuse(CodeValidate, "wait", "Thời gian chờ (wait) phải từ 0 đến %d giây", int64(EventWaitMax))
	}
	if q.Limit <= 0 {
		q.Limit = EventLimit
	}
	q.Limit = min(q.Limit, EventLimitMax)
	for i, t := range q.Types {
		q.Types[i] = strings.ToLower(strings.TrimSpace(t))
	}
	return nil
}
