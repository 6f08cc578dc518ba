package webhook_test

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa/internal/webhook"
)

func TestEventsAreDeliveredInOrder(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.emit(1) // before the registration
		id := s.register(r.URL + "/hook?noecho")
		s.startDeliverer(webhook.Options{})
		s.emit(numbers(2, 120)...)
		s.until("all are delivered", func() bool { return len(r.ids()) >= 119 })
		if !slices.Equal(r.ids(), numbers(2, 120)) {
			t.Errorf("delivered %v", r.ids())
		}
		s.until("the registration is advanced", func() bool { return s.registration(id).DeliveredSeq == 120 })
		if first := r.all()[0]; first.path != "/hook?noecho" || first.Attempt != 1 || first.Notes[0].Action != "customer.update.1" {
			t.Errorf("the first request is %+v", first)
		}
	})
}
