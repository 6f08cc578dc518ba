package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
)

// TestAClientWithSixtyFourWritesWaitingIsToldToComeBack holds the writer of the shop meanwhile.
func TestAClientWithSixtyFourWritesWaitingIsToldToComeBack(t *testing.T) {
	const most = 64
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		waiting := func() int64 { return d.DB.Stats(t.Context()).Writer.Waiting }
		began, release := make(chan struct{}), make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() {
			d.Write(func(*db.Tx) error { close(began); <-release; return nil })
		})
		<-began
		sell := func(name string) apitest.Answer { return d.Send(http.MethodPost, "/customers", `{"name":"`+name+`"}`) }
		for range most {
			group.Go(func() {
				if a := sell("Cô Ba"); a.Status != http.StatusOK {
					t.Errorf("one of those that may wait: %d %s", a.Status, a.Body)
				}
			})
		}
		for waiting() < most {
			time.Sleep(time.Millisecond)
		}
		a := sell("Cô Tư")
		if sentence, err := a.Refusal(); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "1" || err != nil {
			t.Errorf("one more: %d, Retry-After %q, %q (%v)", a.Status, a.Header.Get("Retry-After"), sentence, err)
		}
		if a := d.Send(http.MethodGet, "/customers", ""); a.Status != http.StatusOK {
			t.Errorf("a read meanwhile: %d %s", a.Status, a.Body)
		}
		otherShop := d.As(d.OtherShop)
		before := waiting()
		group.Go(func() {
			if a := otherShop.Send(http.MethodPost, "/customers", `{"name":"Bác Năm"}`); a.Status != http.StatusOK {
				t.Errorf("the other shop: %d %s", a.Status, a.Body)
			}
		})
		if before != most {
			t.Errorf("%d wait, want %d: the refused one is still there", before, most)
		}
		close(release)
		group.Wait()
		if total, _ := d.Send(http.MethodGet, "/customers?name=C%C3%B4%20Ba", "").Get("$.total"); total != "64" {
			t.Errorf("%s customers of 64 are there", total)
		}
		if a := sell("Cô Sáu"); a.Status != http.StatusOK {
			t.Errorf("afterwards: %d %s", a.Status, a.Body)
		}
	})
}
