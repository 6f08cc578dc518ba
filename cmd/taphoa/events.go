package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/message"
)

// eventType returns the type of event for a command line's argument. Its error names a similar type, if there is one, and
// all types.
func eventType(typed string) (string, error) {
	kind := strings.ToLower(typed)
	if event.Known(kind) {
		return kind, nil
	}
	types := slices.Sorted(slices.Values(event.Types))
	all := strings.Join(types, ", ")
	if near := nearest(kind, types); near != "" {
		return "", message.Errorf("there is no event %s, did you mean %s? The types are %s", typed, near, all)
	}
	return "", message.Errorf("there is no event %s: the types are %s", typed, all)
}

// nearest returns the word with the smallest distance, or "" if that is at least half of the word's length. Letter case is
// ignored.
func nearest(word string, words []string) string {
	best, fewest := "", (len(word)+1)/2
	for _, w := range words {
		if n := distance(strings.ToLower(word), strings.ToLower(w)); n < fewest {
			best, fewest = w, n
		}
	}
	return best
}

// distance returns the Levenshtein distance of a and b in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// typeWidth is the width of the column of event types.
var typeWidth = len(slices.MaxFunc(event.Types, func(a, b string) int { return cmp.Compare(len(a), len(b)) }))

// showEvent prints an event in a line: its instant, type and number, and the ids of the changed records.
func (p *program) showEvent(e taphoa.Event) {
	var ids []string
	for _, id := range idsOf(e) {
		ids = append(ids, strconv.FormatInt(id, 10))
	}
	kind := p.style(cyan, fmt.Sprintf("%-*s", typeWidth, e.Type))
	fmt.Fprintf(p.stdout, "%s  --> %s %-8s %s\n", clock(taphoa.Time(e.At)), kind, fmt.Sprintf("[%d]", e.Seq), strings.Join(ids, ","))
}

// idsOf returns the ids of an event's records, none for records without ids.
func idsOf(e taphoa.Event) []int64 {
	if ids, err := client.DataOf[int64](e.Data); err == nil { // deleted ones
		return ids
	}
	records, err := client.DataOf[struct {
		ID          int64 `json:"Id"`
		ProductID   int64 `json:"ProductId"`
		PriceBookID int64 `json:"PriceBookId"`
	}](e.Data)
	if err != nil {
		return nil
	}
	ids := make([]int64, len(records))
	for i, r := range records {
		ids[i] = cmp.Or(r.ID, r.ProductID, r.PriceBookID)
	}
	return ids
}

// clock formats an instant in Vietnam's time.
func clock(t taphoa.Time) string { return t.Std().Format(time.DateTime) }
