package mirror_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestTheSourceTellsOfChanges: a sale comes to the mirror by the lists that its hooks are about; what is forged brings nothing, and no
// webhook is left behind.
func TestTheSourceTellsOfChanges(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	network := &limited{left: 1000}
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	c := s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.newClientThrough(network))
	var receive http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { receive.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	if _, err := c.Hook(t.Context(), server.URL); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	before := do(s, s.client.ListWebhooks, &taphoa.WebhookQuery{}).Total
	hooks, err := c.Hook(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	receive = hooks
	if now := do(s, s.client.ListWebhooks, &taphoa.WebhookQuery{}).Total; now != before || before < 10 {
		t.Errorf("%d webhooks are registered, %d of them by a process that is gone", now, before)
	}
	c.pull()

	forged, err := http.Post(server.URL, "application/json", strings.NewReader(`{"Id":"1","Attempt":1,"Notifications":[{"Action":"product.update.1","Data":[]}]}`)) //nolint:noctx // the server is in this process
	if err != nil {
		t.Fatal(err)
	}
	if _ = forged.Body.Close(); forged.StatusCode != http.StatusUnauthorized {
		t.Errorf("a forged hook is answered with %d", forged.StatusCode)
	}
	if types := hooks.Wait(t.Context(), 0, time.Millisecond); types != nil {
		t.Errorf("a forged hook tells of %v", types)
	}

	branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
	do(s, s.client.CreateInvoice, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(branch.ID), CustomerID: taphoa.Some(int64(1)), TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
		InvoiceDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some("SP000001"), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(50_000))}},
	})
	var types []string
	for ends := time.Now().Add(20 * time.Second); time.Now().Before(ends) && !(slices.Contains(types, "invoice.update") && slices.Contains(types, "stock.update")); {
		types = append(types, hooks.Wait(t.Context(), 10*time.Millisecond, time.Second)...)
	}
	network.sent = 0
	if err := c.PullFor(t.Context(), types); err != nil {
		t.Fatal(err)
	}
	if network.sent > 8 {
		t.Errorf("%d requests because of %v", network.sent, types)
	}
	c.equal()

	if err := hooks.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, left := range do(s, s.client.ListWebhooks, &taphoa.WebhookQuery{}).Data {
		if left.URL == server.URL {
			t.Errorf("the webhook %s is left behind", left.Type)
		}
	}
}

// TestAHookThatIsNotKnownIsAboutAnyList: a type that the source makes up is about any list.
func TestAHookThatIsNotKnownIsAboutAnyList(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	network := &limited{left: 1000}
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	c := s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.newClientThrough(network))
	c.pull()
	do(s, s.client.CreateSurcharge, &taphoa.SurchargeInput{Name: "Phí gói quà", Value: taphoa.Some(taphoa.Dong(5_000))})
	network.sent = 0
	if err := c.PullFor(t.Context(), []string{"branch.update"}); err != nil || network.sent != 1 {
		t.Errorf("%d requests because of a branch, error %v", network.sent, err)
	}
	if err := c.PullFor(t.Context(), []string{"branch.update", ""}); err != nil {
		t.Fatal(err)
	}
	c.equal()
}
