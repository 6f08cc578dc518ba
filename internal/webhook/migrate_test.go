package webhook_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/webhook"
)

// TestWhatWasRefusedBeforeEventsWereHeldUpIsTriedFurther opens a database in which a registration waits for one event.
func TestWhatWasRefusedBeforeEventsWereHeldUpIsTriedFurther(t *testing.T) {
	eachUnmigrated(t, func(s shop) {
		p := newPicky(s.T, status(500), customer(1))
		now := int64(s.clock.Now())
		script := fmt.Sprintf(`
			INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', %[1]d);
			INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, %[1]d, 4, 4, 4);
			INSERT INTO settings (retailer_id, name, value) VALUES (1, 'WebhookImageStrings', 'false');
			INSERT INTO webhooks (retailer_id, id, type, url, is_active, created_date, done_seq, attempt, next_at, last_error)
			VALUES (1, 1, 'customer.update', '%[2]s', TRUE, 1, 1, 2, %[1]d + 30000000, 'Máy nhận trả lời 500');
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, at)
			VALUES (1, 1, 1, 1, 1, 1, 'delivered', 1, 1), (1, 2, 1, 2, 2, 1, 'failed', 1, 1), (1, 3, 1, 2, 2, 2, 'failed', 1, 1);
			`, now, p.URL)
		for seq, customer := range []int64{0, 9, 1, 2, 1} {
			if seq > 0 {
				script += fmt.Sprintf(`INSERT INTO events (retailer_id, seq, type, at, data)
					VALUES (1, %d, 'customer.update', %d, '[{"Id":%d,"Code":"%d"}]');`, seq, now, customer, seq)
			}
		}
		s.migrateFrom("0033", script)
		if w := s.registration(1); w.HeldUp != 1 || w.Attempt != 2 || w.DeliveredSeq != 1 || !w.LastError.Has() || w.NextAttemptDate.Or(0) != taphoa.Time(now+30_000_000) {
			s.Errorf("after the migration the registration is %+v", w)
		}
		s.startDeliverer(webhook.Options{})
		s.until("the other passes", func() bool { return p.took() == "2/3" && s.registration(1).HeldUp == 2 })
		p.mend()
		s.clock.Advance(30)
		s.until("what was refused follows", func() bool { return p.took() == "2/3 1/2 1/4" && s.registration(1).DeliveredSeq == 4 })
		if g := p.all()[1]; g.Attempt != 3 {
			s.Errorf("it is tried again as attempt %d", g.Attempt)
		}
	})
}
