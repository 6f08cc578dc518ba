package api

import (
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
	work := again(op, &taphoa.ByID{ID: 7})
	for range 2 {
		if _, err := work(nil); err != nil {
			t.Fatal(err)
		}
	}
	c := &call{
		w: httptest.NewRecorder(), r: httptest.NewRequest("GET", "/branches/7", nil), route: &route{},
		params: []wire.Param{{Name: "id", Value: "7"}},
	}
	read, err := read(op).ask(&Server{}, c)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := read(nil); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(seen, []int64{7, 7, 7, 7}) {
		t.Errorf("the runs got %v, want 7 each", seen)
	}
}
