package mirror

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

// concerned are the lists that the source's events are about (contract webhooks, events): the record's, and those of what a document
// changes beside itself. After a slash comes anything.
var concerned = map[string][]string{
	"branch.update": {"branches"}, "branch.delete": {"branches"},
	"category.update": {"categories"}, "category.delete": {"categories"},
	"product.update": {"products", "productOnHands"}, "product.delete": {"products"}, "stock.update": {"productOnHands"},
	"customer.update": {"customers", "customergroups"}, "customer.delete": {"customers"},
	"order.update":     {"orders", "customers", "productOnHands", "cashflow", "cashflow/"},
	"invoice.update":   {"invoices", "orders", "customers", "productOnHands", "cashflow", "cashflow/"},
	"pricebook.update": {"pricebooks"}, "pricebook.delete": {"pricebooks"},
	"pricebookdetail.update": {"pricebooks", "pricebooks/"}, "pricebookdetail.delete": {"pricebooks", "pricebooks/"},
}

// PullFor is [Mirror.Pull] for the lists that some types of events are about. A type that is not known may be about any.
func (m *Mirror) PullFor(ctx context.Context, types []string) error {
	names := map[string]bool{}
	for _, t := range types {
		about, known := concerned[t]
		if !known {
			return m.Pull(ctx)
		}
		for _, name := range about {
			names[name] = true
		}
	}
	isNot := func(l mirrored) bool {
		name := l.called()
		return !names[name] && !names[name[:strings.Index(name, "/")+1]]
	}
	if err := m.pullLists(ctx, slices.DeleteFunc(slices.Clone(lists), isNot)); err != nil {
		return err
	}
	prices, err := m.prices(ctx)
	if err != nil {
		return err
	}
	return m.pullLists(ctx, slices.DeleteFunc(prices, isNot))
}

// Hooks are webhooks of the source that tell of changes at once. They say what to pull: what a delivery has of the records is not
// all of them, and may be old when it comes.
type Hooks struct {
	http.Handler // receives the deliveries

	m       *Mirror
	address string
	woken   chan struct{} // has one while types are waiting

	mu    sync.Mutex
	types map[string]bool
}

// Hook registers webhooks at the source, which reach the handler by an address. Those that an earlier process has left there are replaced.
// Types that the source does not have are left out; it fails if it has none.
func (m *Mirror) Hook(ctx context.Context, address string) (*Hooks, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	h := &Hooks{m: m, address: address, woken: make(chan struct{}, 1), types: map[string]bool{}}
	secret := base64.StdEncoding.EncodeToString(key)
	h.Handler = client.WebhookHandler(secret, h.receive)
	if err := h.Close(ctx); err != nil {
		return nil, err
	}
	var refusal error
	registered := 0
	for _, t := range slices.Sorted(maps.Keys(concerned)) {
		_, err := m.source.RegisterWebhook(ctx, &taphoa.WebhookInput{Webhook: &taphoa.WebhookWrite{
			Type: taphoa.Some(t), URL: taphoa.Some(address), IsActive: taphoa.Some(true), Description: taphoa.Some("taphoa mirror"), Secret: taphoa.Some(secret),
		}})
		switch {
		case err == nil:
			registered++
		case refused(err):
			refusal = err
		default:
			return nil, errors.Join(fmt.Errorf("webhook %s: %w", t, err), h.Close(ctx))
		}
	}
	if registered == 0 {
		return nil, fmt.Errorf("webhooks: %w", refusal)
	}
	return h, nil
}

// Close removes the webhooks from the source.
func (h *Hooks) Close(ctx context.Context) error {
	var ids []int64
	for hook, err := range client.All(ctx, h.m.source.ListWebhooks, &taphoa.WebhookQuery{}) {
		if err != nil {
			return fmt.Errorf("webhooks: %w", err)
		}
		if hook.URL == h.address {
			ids = append(ids, hook.ID)
		}
	}
	for _, id := range ids {
		if _, err := h.m.source.UnregisterWebhook(ctx, &taphoa.ByID{ID: id}); err != nil {
			return fmt.Errorf("webhook %d: %w", id, err)
		}
	}
	return nil
}

func (h *Hooks) receive(_ context.Context, d client.Delivery) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range d.Notifications {
		h.types[n.Type] = true
	}
	select {
	case h.woken <- struct{}{}:
	default:
	}
	return nil
}

// Wait returns the types of events that the source has told of since the last one, as soon as there is one and a pause is over in which
// others come with it; none when the patience ends before.
func (h *Hooks) Wait(ctx context.Context, pause, patience time.Duration) []string {
	select {
	case <-h.woken:
	case <-time.After(patience):
		return nil
	case <-ctx.Done():
		return nil
	}
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	types := slices.Sorted(maps.Keys(h.types))
	clear(h.types)
	return types
}
