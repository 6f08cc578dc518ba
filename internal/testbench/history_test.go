package testbench_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

// TestAReaderOfAHistoryThatIsGoneBeginsAgain: a snapshot is restored twice while the clock stands still, and what each history had after
// it has other numbers.
func TestAReaderOfAHistoryThatIsGoneBeginsAgain(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"lich-su"}`)
	f.setClock(`{"frozen":true}`)
	snapshot := func(name string) { f.ask(nil, "POST", "/_sandbox/shops/lich-su/snapshots", `{"name":"`+name+`"}`) }
	restore := func(name string) {
		f.ask(nil, "POST", "/_sandbox/shops/lich-su/snapshots/"+name+"/restore", "")
		f.token = ""
	}
	sell := func() (last int64) {
		f.call(nil, "POST", "/customers", chiNam)
		var feed struct{ Last int64 }
		f.call(&feed, "GET", "/events?limit=1", "")
		return feed.Last
	}
	gone := func(after int64) bool {
		f.call(nil, "GET", "/branches", "")
		status, text, _ := f.try("GET", fmt.Sprintf("/events?after=%d", after), "")
		return status != http.StatusOK && strings.Contains(text, "EventsGone")
	}
	snapshot("dau")
	var seen []int64
	for range 3 { // each history begins at the same snapshot
		restore("dau")
		seen = append(seen, sell())
	}
	snapshot("sau")
	for range 3 { // and these in the middle of the last one
		restore("sau")
		seen = append(seen, sell())
	}
	for i, last := range seen {
		if kept := i == 2 || i == 5; gone(last) == kept { // the third one is in the snapshot of the later ones
			t.Errorf("a reader at %d, of the history %d of %d: gone %v", last, i+1, len(seen), kept)
		}
		for j, other := range seen[:i] {
			if other == last {
				t.Errorf("the histories %d and %d have the event %d", j+1, i+1, last)
			}
		}
	}
}
