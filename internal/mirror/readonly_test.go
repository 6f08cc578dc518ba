package mirror_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/testbench"
)

// clientOf returns a client of the mirror, which is served.
func (c *copied) clientOf() *client.Client {
	c.Helper()
	tokens, err := oauth.New(c.db, oauth.Options{})
	if err != nil {
		c.Fatal(err)
	}
	config := client.Config{Retailer: "cobien", Attempts: 1, Scopes: []string{client.ScopePublic, client.ScopeAdmin}}
	err = c.db.Read(c.Context(), db.Actor{Retailer: c.Retailer()}, func(tx *db.Tx) error {
		config.ClientID, config.ClientSecret, err = tokens.AddInternalClient(tx)
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
	server := httptest.NewServer(api.New(c.db, tokens, api.Options{Log: new(dbtest.Log).Logger()}))
	c.Cleanup(server.Close)
	config.BaseURL = server.URL
	reader, err := client.New(config)
	if err != nil {
		c.Fatal(err)
	}
	return reader
}

// TestAMirrorIsReadOnlyAndItsForksAreNot reads a mirror with a program, which may not write to it, and writes to a fork.
func TestAMirrorIsReadOnlyAndItsForksAreNot(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	url := dbtest.Migrated(t, dbtest.Engines[0])
	c := s.mirror(t, dbtest.Open(t, url, clock), s.client)
	c.pull()
	reader, customer := c.clientOf(), &taphoa.CustomerInput{Name: taphoa.Some("Chị Mới")}
	page, err := reader.ListProducts(t.Context(), &taphoa.ProductQuery{})
	if err != nil || page.Total < 300 || page.Data[0].RetailerID != c.Retailer() {
		t.Errorf("%d products, error %v", page.Total, err)
	}
	refused := (*client.Error)(nil)
	if _, err := reader.CreateCustomer(t.Context(), customer); !errors.As(err, &refused) || refused.Status != http.StatusForbidden ||
		!strings.Contains(refused.Message, "taphoa sandbox --seed") {
		t.Errorf("a program may write: %v", err)
	}
	if _, err := reader.RegisterWebhook(t.Context(), &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
		Type: taphoa.Some("product.update"), URL: taphoa.Some("https://example.com/hook"),
	}}); err != nil {
		t.Errorf("a program cannot listen: %v", err)
	}

	forks := testbench.New(testbench.Options{Dir: t.TempDir(), Log: new(dbtest.Log).Logger()})
	if err := forks.AddFile(t.Context(), testbench.DefaultTemplate, strings.TrimPrefix(url, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	fork, err := forks.Create(t.Context(), testbench.ForkInput{Name: "live", Retailer: "cobien", ClientID: "mirror", ClientSecret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	forks.SetDefault(fork)
	server := httptest.NewServer(forks)
	t.Cleanup(func() {
		server.Close()
		if err := forks.Close(); err != nil {
			t.Error(err)
		}
	})
	writer := (&source{TB: t, url: server.URL}).newClient()
	made, err := writer.CreateCustomer(t.Context(), customer)
	if err != nil {
		t.Fatalf("a fork is read-only: %v", err)
	}
	sold, err := writer.ListInvoices(t.Context(), &taphoa.InvoiceQuery{Status: []int64{taphoa.InvoiceCompleted}})
	if err != nil || len(sold.Data) == 0 {
		t.Fatalf("%d invoices, error %v", len(sold.Data), err)
	}
	if _, err := writer.DeleteInvoiceByID(t.Context(), &taphoa.InvoiceDelete{ID: sold.Data[0].ID}); !errors.As(err, &refused) ||
		refused.Status != 420 || !strings.Contains(refused.Message, sold.Data[0].Code) {
		t.Errorf("history may be voided: %v", err)
	}
	orders, err := writer.ListOrders(t.Context(), &taphoa.OrderQuery{Status: []int64{taphoa.OrderDraft}})
	if err != nil || len(orders.Data) == 0 {
		t.Fatalf("%d orders, error %v", len(orders.Data), err)
	}
	if _, err := writer.DeleteOrder(t.Context(), &taphoa.OrderDelete{ID: orders.Data[0].ID}); !errors.As(err, &refused) ||
		refused.Status != 420 || !strings.Contains(refused.Message, orders.Data[0].Code) {
		t.Errorf("an order of history may be voided: %v", err)
	}
	returns, err := writer.ListReturns(t.Context(), &taphoa.ReturnQuery{})
	if err != nil || len(returns.Data) == 0 {
		t.Fatalf("%d returns, error %v", len(returns.Data), err)
	}
	if _, err := writer.DeleteReturn(t.Context(), &taphoa.ReturnDelete{ID: returns.Data[0].ID}); !errors.As(err, &refused) ||
		refused.Status != 420 || !strings.Contains(refused.Message, returns.Data[0].Code) {
		t.Errorf("a return of history may be voided: %v", err)
	}
	bought, err := writer.ListPurchaseOrders(t.Context(), &taphoa.PurchaseOrderQuery{Status: []int64{taphoa.PurchaseCompleted}})
	if err != nil || len(bought.Data) == 0 {
		t.Fatalf("%d purchase orders, error %v", len(bought.Data), err)
	}
	if _, err := writer.DeletePurchaseOrder(t.Context(), &taphoa.PurchaseOrderDelete{ID: bought.Data[0].ID}); !errors.As(err, &refused) ||
		refused.Status != 420 || !strings.Contains(refused.Message, bought.Data[0].Code) {
		t.Errorf("a purchase order of history may be voided: %v", err)
	}
	entries, err := writer.ListCashFlow(t.Context(), &taphoa.CashFlowQuery{Status: []int64{taphoa.PaymentPaid}, PartnerType: []string{taphoa.PartnerOther}})
	if err != nil || len(entries.Data) == 0 {
		t.Fatalf("%d entries of the cash book, error %v", len(entries.Data), err)
	}
	if _, err := writer.VoidCashFlow(t.Context(), &taphoa.ByID{ID: entries.Data[0].ID}); !errors.As(err, &refused) ||
		refused.Status != 420 || !strings.Contains(refused.Message, entries.Data[0].Code) {
		t.Errorf("an entry of history may be voided: %v", err)
	}
	last, err := s.client.ListCustomers(t.Context(), &taphoa.CustomerQuery{Paging: taphoa.Paging{OrderBy: "id", OrderDirection: "desc", PageSize: 1}})
	if err != nil || len(last.Data) != 1 || made.ID <= last.Data[0].ID {
		t.Errorf("the new customer has the id %d, the source's last %v, error %v", made.ID, last.Data, err)
	}
}
