package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// TestAnEmptyChangeChangesNothing sends PUT {} to a record of each kind, a minute after its last change: no row differs, no
// event is told.
func TestAnEmptyChangeChangesNothing(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		d.Clock.Advance(60)
		tried := 0
		for _, r := range api.Routes() {
			path := r.Paths[0]
			if r.Method != http.MethodPut || !strings.HasSuffix(path, "/{id}") {
				continue
			}
			list := d.Send(http.MethodGet, strings.TrimSuffix(path, "/{id}")+"?pageSize=1", "")
			id, found := "", false
			for _, member := range []string{"id", "categoryId", "tradeMarkId"} {
				if !found {
					id, found = list.Get("$.data[0]." + member)
				}
			}
			if !found {
				t.Errorf("%s: no record in %s", r.Operation, list.Body)
				continue
			}
			before, last := d.Digest(d.Shop), lastEvent(d)
			a := d.Send(http.MethodPut, strings.Replace(path, "{id}", id, 1), "{}")
			if a.Status != http.StatusOK {
				t.Logf("%s: %d %s", r.Operation, a.Status, a.Body) // a document that is completed or void
				continue
			}
			tried++
			if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
				t.Errorf("%s with {} changes %s and tells %v", r.Operation, differs, eventsSince(d, last))
			}
		}
		if tried < 20 {
			t.Errorf("only %d operations were tried", tried)
		}
	})
}

func lastEvent(d *apitest.Server) (seq int64) {
	d.Read(func(tx *db.Tx) error {
		head, err := tx.Head()
		seq = head.LastSeq
		return err
	})
	return seq
}

func eventsSince(d *apitest.Server, last int64) (types []string) {
	d.Read(func(tx *db.Tx) error {
		feed, err := event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(last), Limit: taphoa.EventLimitMax})
		for _, e := range feed.Data {
			types = append(types, e.Type)
		}
		return err
	})
	return types
}
