package api

import (
	"context"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

func TestAnOperationThatIsRunAgainGetsWhatTheCallerSent(t *testing.T) {
	var seen []int64
	op := func(_ *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
		seen = append(seen, in.ID)
		in.ID = 99 // as an invoice takes over the branch of its order
		return taphoa.Message{}, nil
	}
	twice := func(_ context.Context, _ db.Actor, op func(*db.Tx) error) error {
		if err := op(nil); err != nil {
			return err
		}
		return op(nil)
	}
	c := &call{
		w: httptest.NewRecorder(), r: httptest.NewRequest("GET", "/branches/7", nil), route: &route{},
		params: []wire.Param{{Name: "id", Value: "7"}},
	}
	if err := run(&Server{}, c, twice, nil, op); err != nil || !slices.Equal(seen, []int64{7, 7}) {
		t.Errorf("the runs got %v (%v), want 7 each", seen, err)
	}
}
