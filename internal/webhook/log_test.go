package webhook_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/webhook"
)

var defaultFormat = org.Settings{WebhookSignature: "sha1", WebhookBatch: 1}

func TestTheVendorsRetriesEndInADeadLetter(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, status(500))
		s.set("WebhookVendorRetries", "true")
		id := s.register(r.URL)
		s.emitStates(customerState{7, 1})
		s.emitStates(customerState{7, 2})
		s.startDeliverer(webhook.Options{})
		for n, wait := range []int64{60, 240} {
			s.until("it is tried", func() bool { return s.registration(id).Attempt == int64(n+1) })
			s.clock.Advance(wait - 1)
			time.Sleep(300 * time.Millisecond)
			if len(r.all()) != n+1 {
				s.Errorf("%d requests within pause %d", len(r.all()), n)
			}
			s.clock.Advance(1)
		}
		s.until("the second is tried", func() bool { return len(s.log(id)) == 4 })
		var dead taphoa.Page[taphoa.WebhookDelivery]
		s.read(func(tx *db.Tx) (err error) {
			dead, err = webhook.ListDead(tx, &taphoa.DeliveryQuery{Paging: taphoa.Paging{PageSize: 10}, WebhookID: id})
			return err
		})
		if len(dead.Data) != 1 || dead.Data[0].Attempt != 3 || dead.Data[0].FirstSeq != 1 {
			s.Errorf("dead are %+v", dead.Data)
		}
		if w := s.registration(id); !w.IsActive || w.DeliveredSeq != 1 || w.Attempt != 1 || !w.LastError.Has() {
			s.Errorf("the registration is %+v", w)
		}
		if g := r.all()[3]; g.Attempt != 1 || g.states()[0].state != 2 || g.ID == r.all()[0].ID {
			s.Errorf("after the dead one comes %+v", g)
		}
	})
}

func TestDeliveriesAreReplayedFromANumberOrAnInstant(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		for n := range int64(6) {
			s.emit(n + 1)
			s.clock.Advance(60)
		}
		s.startDeliverer(webhook.Options{})
		s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == 6 })
		replay := func(in taphoa.ReplayInput) (err error) {
			in.ID = id
			return s.d.Write(s.Context(), db.Actor{Retailer: s.id}, func(tx *db.Tx) error {
				_, err = webhook.Replay(tx, &in)
				return err
			})
		}
		for _, step := range []struct {
			in   taphoa.ReplayInput
			from int64
		}{
			{taphoa.ReplayInput{FromSeq: taphoa.Some(int64(4))}, 4},
			{taphoa.ReplayInput{FromSeq: taphoa.Some(int64(1))}, 1},
			{taphoa.ReplayInput{FromDate: taphoa.Some(s.clock.Now().Add(-2 * time.Minute))}, 5},
			{taphoa.ReplayInput{FromDate: taphoa.Some(s.clock.Now().Add(-time.Hour))}, 1},
		} {
			before := len(r.all())
			if err := replay(step.in); err != nil {
				s.Fatal(err)
			}
			s.until("it is replayed", func() bool { return s.registration(id).DeliveredSeq == 6 && len(r.all()) >= before+int(7-step.from) })
			if got := r.ids()[before:]; !slices.Equal(got, numbers(step.from, 6)) {
				s.Errorf("from %d: replayed %v", step.from, got)
			}
			for _, g := range r.all()[before:] { // the receiver may know it by its Id
				if first := r.all()[g.keys()[0]-1]; first.ID != g.ID || g.Attempt != 1 {
					s.Errorf("%d is replayed as attempt %d of %s", g.keys()[0], g.Attempt, g.ID)
				}
			}
		}
		for _, in := range []taphoa.ReplayInput{
			{}, {FromSeq: taphoa.Some(int64(0))}, {FromSeq: taphoa.Some(int64(-1))}, {FromSeq: taphoa.Some(int64(8))},
		} {
			if replay(in) == nil {
				s.Errorf("%+v is accepted", in)
			}
		}
	})
}

func TestADeliveryIsSentAgainOutOfOrder(t *testing.T) {
	eachShop(t, func(s shop) {
		var answer atomic.Int64
		answer.Store(200)
		r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) })
		id := s.register(r.URL)
		s.emit(1, 2)
		s.startDeliverer(webhook.Options{})
		s.until("both are delivered", func() bool { return s.registration(id).DeliveredSeq == 2 })
		answer.Store(401)
		s.emit(3)
		s.until("it is stopped", func() bool { return !s.registration(id).IsActive })
		stopped := s.registration(id)
		again := func(n int) {
			d := s.log(id)[n]
			s.write(func(tx *db.Tx) error {
				_, err := webhook.Redeliver(tx, &taphoa.WebhookByDelivery{ID: d.ID})
				return err
			})
		}
		again(0) // the receiver still refuses: nothing changes
		s.until("it is sent again", func() bool { return len(s.log(id)) == 4 })
		answer.Store(200)
		again(1)
		s.until("it is sent again", func() bool { return len(s.log(id)) == 5 })
		log, got := s.log(id), r.all()
		if log[3].Outcome != taphoa.DeliveryFailed || log[4].Outcome != taphoa.DeliveryDone || got[3].ID != got[0].ID || got[4].ID != got[1].ID {
			s.Errorf("the log is %+v", log[3:])
		}
		if w := s.registration(id); !reflect.DeepEqual(w, stopped) {
			s.Errorf("the registration was %+v and is %+v", stopped, w)
		}
		time.Sleep(300 * time.Millisecond)
		if len(r.all()) != 5 {
			s.Errorf("%d requests", len(r.all()))
		}
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
		s.until("it continues where it was", func() bool { return s.registration(id).DeliveredSeq == 3 })
		if !slices.Equal(r.ids(), []int64{1, 2, 3, 1, 2, 3}) {
			s.Errorf("delivered %v", r.ids())
		}
	})
}

func TestADeliveryShowsTheBodyThatWasSent(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		s.emit(1)
		s.startDeliverer(webhook.Options{})
		s.until("it is in the log", func() bool { return len(s.log(id)) == 1 })
		s.change(id, taphoa.WebhookWrite{Type: taphoa.Some("order.update")}) // must not change what is shown
		s.read(func(tx *db.Tx) error {
			d, err := webhook.GetDelivery(tx, &taphoa.WebhookByDelivery{ID: s.log(id)[0].ID})
			if d.Body.Or("") != string(r.all()[0].body) || d.Type != "customer.update" {
				s.Errorf("sent was %s, the log has %s", r.all()[0].body, d.Body.Or(""))
			}
			return err
		})
	})
}

func TestARegistrationChangesWhileItIsDeliveredTo(t *testing.T) {
	eachShop(t, func(s shop) {
		slow := func(w http.ResponseWriter, _ *http.Request) { time.Sleep(20 * time.Millisecond) }
		first, second := newReceiver(s.T, slow), newReceiver(s.T, nil)
		id := s.register(first.URL)
		other := s.register(first.URL + "/other")
		s.emit(numbers(1, 30)...)
		s.startDeliverer(webhook.Options{})
		s.until("some are delivered", func() bool { return len(first.all()) > 10 })
		s.change(id, taphoa.WebhookWrite{URL: taphoa.Some(second.URL)})
		s.write(func(tx *db.Tx) error { _, err := webhook.Unregister(tx, &taphoa.ByID{ID: other}); return err })
		s.until("the rest goes to the new address", func() bool { return s.registration(id).DeliveredSeq == 30 })
		var old, ownerExited []int64
		for _, g := range first.all() {
			if g.path == "/other" {
				ownerExited = append(ownerExited, g.keys()...)
			} else {
				old = append(old, g.keys()...)
			}
		}
		rest := second.ids()
		if len(rest) == 0 || rest[0] > int64(len(old))+1 || !slices.Equal(rest, numbers(rest[0], 30)) || !slices.Equal(old, numbers(1, int64(len(old)))) {
			s.Errorf("delivered %v to the old and %v to the new address", old, rest)
		}
		if len(ownerExited) == 30 || !slices.Equal(ownerExited, numbers(1, int64(len(ownerExited)))) {
			s.Errorf("delivered %v to what was unregistered", ownerExited)
		}
		s.until("nothing more is sent", func() bool {
			before := len(first.all())
			time.Sleep(100 * time.Millisecond)
			return len(first.all()) == before
		})
	})
}

func TestANewOrChangedRegistrationGetsEventsFromNowOn(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		s.write(func(tx *db.Tx) error { orderUpdated.Emit(tx, 100); return nil })
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(false)})
		s.emit(1)
		s.startDeliverer(webhook.Options{})
		time.Sleep(300 * time.Millisecond)
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
		s.emit(2)
		s.until("it is delivered", func() bool { return len(r.all()) == 1 })
		s.change(id, taphoa.WebhookWrite{Type: taphoa.Some("order.update")}) // not what happened before
		time.Sleep(300 * time.Millisecond)
		s.write(func(tx *db.Tx) error { orderUpdated.Emit(tx, 101); return nil })
		s.until("it is delivered", func() bool { return len(r.all()) == 2 })
		time.Sleep(100 * time.Millisecond)
		if got := r.all(); len(got) != 2 || !slices.Equal(got[0].keys(), []int64{2}) || string(got[1].Notes[0].Data) != "[101]" {
			s.Errorf("delivered %+v", got)
		}
	})
}

func TestRegisteringAgainActivatesAStoppedRegistration(t *testing.T) {
	eachShop(t, func(s shop) {
		var recovered atomic.Bool
		r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) {
			if !recovered.Load() {
				w.WriteHeader(404)
			}
		})
		id := s.register(r.URL)
		s.emit(1)
		s.startDeliverer(webhook.Options{})
		s.until("it is stopped", func() bool { return s.registration(id).StopReason.Has() })
		recovered.Store(true)
		s.emit(2)
		if again := s.register(r.URL); again != id {
			s.Errorf("registered as %d, again as %d", id, again)
		}
		s.until("nothing is lost", func() bool { return s.registration(id).DeliveredSeq == 2 })
		if !slices.Equal(r.ids(), []int64{1, 1, 2}) {
			s.Errorf("delivered %v", r.ids())
		}
	})
}

func TestCopiesOfAProgramThatRegisterAtOnceAreOneRegistration(t *testing.T) {
	eachShop(t, func(s shop) {
		s.write(func(tx *db.Tx) error {
			made, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
			s.id = made.RetailerID
			return err
		})
		ids := make([]int64, 8)
		var copies sync.WaitGroup
		for i := range ids {
			copies.Go(func() { ids[i] = s.register("https://web.taphoa.vn/hook") })
		}
		copies.Wait()
		if slices.Min(ids) != slices.Max(ids) {
			s.Errorf("registered as %v", ids)
		}
	})
}

func TestShopsGetOnlyTheirOwnEvents(t *testing.T) {
	eachShop(t, func(s shop) {
		other := s
		other.id = 2
		r1, r2 := newReceiver(s.T, nil), newReceiver(s.T, nil)
		a, b := s.register(r1.URL), other.register(r2.URL)
		s.startDeliverer(webhook.Options{})
		s.emit(1, 2)
		other.emit(11, 12, 13)
		s.until("all are delivered", func() bool { return len(r1.all()) == 2 && len(r2.all()) == 3 })
		if !slices.Equal(r1.ids(), numbers(1, 2)) || !slices.Equal(r2.ids(), numbers(11, 13)) || r2.all()[0].Notes[0].Action != "customer.update.2" {
			s.Errorf("delivered %v and %v", r1.ids(), r2.ids())
		}
		err := s.d.Read(s.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			_, err := webhook.Get(tx, &taphoa.ByID{ID: b})
			return err
		})
		if err == nil || a == b {
			s.Error("a shop sees the registration of another")
		}
	})
}

func TestOldDeliveriesAreDeletedAndUndeliveredEventsAreDead(t *testing.T) {
	eachShop(t, func(s shop) {
		const day = 24 * 60 * 60
		good, bad := newReceiver(s.T, nil), newReceiver(s.T, status(401))
		healthy, stopped := s.register(good.URL), s.register(bad.URL)
		s.emit(1, 2, 3)
		stop := s.startDeliverer(webhook.Options{})
		s.until("all are delivered", func() bool { return s.registration(healthy).DeliveredSeq == 3 && !s.registration(stopped).IsActive })
		stop()
		s.clock.Advance(20 * day)
		s.emit(4)
		s.write(func(tx *db.Tx) error { // more deliveries than events, as several registrations have
			tx.Queue(`
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
				INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, at)
				SELECT :retailer, 100000 + i, ?, 1, 1, 1, 'delivered', 1, ? FROM n`, healthy, tx.Now.Add(-15*24*time.Hour))
			for i := range int64(2500) {
				tx.Count("webhook_deliveries", 1, 100001+i)
			}
			return nil
		})
		s.clock.Advance(11 * day)
		if err := webhook.Sweep(s.Context(), s.d, 30*24*time.Hour); err != nil {
			s.Fatal(err)
		}
		if log := s.log(healthy); len(log) == 0 || log[0].At < s.clock.Now().Add(-30*24*time.Hour) {
			s.Errorf("%d deliveries are kept, the oldest of %v", len(log), log[0].At)
		}
		log, w := s.log(stopped), s.registration(stopped)
		if len(log) != 1 || log[0].Outcome != taphoa.DeliveryDead || log[0].FirstSeq != 1 || log[0].LastSeq != 3 || w.DeliveredSeq != 3 || w.IsActive || !w.StopReason.Has() {
			s.Errorf("given up: %+v, %+v", log, w)
		}
		s.read(func(tx *db.Tx) error {
			f, err := event.Feed(tx, &taphoa.EventQuery{Limit: 10})
			if f.Oldest != 4 || len(f.Data) != 1 {
				s.Errorf("the feed is %+v", f)
			}
			return err
		})
		if err := s.d.Write(s.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			_, err := webhook.Redeliver(tx, &taphoa.WebhookByDelivery{ID: log[0].ID})
			return err
		}); err == nil || !strings.Contains(err.Error(), "quá hạn lưu trữ") {
			s.Errorf("expired events are to be delivered again: %v", err)
		}
		s.clock.Advance(31 * day) // without new events
		if err := webhook.Sweep(s.Context(), s.d, 30*24*time.Hour); err != nil {
			s.Fatal(err)
		}
		if log := s.log(healthy); len(log) != 1 || log[0].Outcome != taphoa.DeliveryDead || log[0].FirstSeq != 4 { // it was never delivered
			s.Errorf("%d deliveries are left: %+v", len(log), log[:min(len(log), 3)])
		}
	})
}

func TestOwnerExitedRecognisesProcessesOfThisHost(t *testing.T) {
	self := webhook.NewOwner()
	part := strings.Split(self, " ")
	dead := exec.Command(os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	as := func(hostID, pid, runID string) string { return strings.Join([]string{hostID, pid, runID, "x"}, " ") }
	pid := strconv.Itoa(dead.Process.Pid)
	for owner, want := range map[string]bool{
		self: false, webhook.NewOwner(): false, as(part[0], pid, "OTHER"): true, as(part[0], part[1], "OTHER"): true,
		as("elsewhere", pid, "OTHER"): false, as("", pid, "OTHER"): false, as(part[0], fmt.Sprint(os.Getppid()), "OTHER"): false,
		"": false, "x": false, as(part[0], "x", "y"): false, "host/1/boot/name": false,
	} {
		if webhook.OwnerExited(owner, self) != want {
			t.Errorf("%q has exited: %v", owner, !want)
		}
	}
}
