package testbench

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/webhook"
)

// shop is a server of the database of one fork.
type shop struct {
	db         *db.DB
	oauth      *oauth.Service
	api        *api.Server
	requests   sync.WaitGroup // that are being served
	cancel     context.CancelFunc
	background sync.WaitGroup
}

// openShop serves a database until it is closed, and delivers its webhooks. now is its clock; through what requests of webhooks go.
func openShop(file string, o *Options, now func() taphoa.Time, through func(http.RoundTripper) http.RoundTripper, log *slog.Logger) (*shop, error) {
	guard := webhook.Guard{Only: true, Allowed: append(webhook.Loopback(), o.AllowHooks...)}
	return open(file, o, now, log, func(p *shop) *webhook.Deliverer {
		return webhook.NewDeliverer(p.db, webhook.Options{Log: log, Guard: guard, Through: through})
	})
}

// openCopy serves a database to readers alone.
func openCopy(file string, o *Options, now func() taphoa.Time, log *slog.Logger) (*shop, error) {
	return open(file, o, now, log, nil)
}

func open(file string, o *Options, now func() taphoa.Time, log *slog.Logger, deliverer func(*shop) *webhook.Deliverer) (*shop, error) {
	d, err := db.Open(context.Background(), "sqlite:"+file, db.Options{Now: now, Existing: true, Volatile: true, Readers: 2})
	if err != nil {
		return nil, err
	}
	tokens, err := oauth.New(d, oauth.Options{AnyShape: true})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &shop{db: d, oauth: tokens, cancel: cancel}
	options := api.Options{Log: log, VendorLimits: o.VendorLimits}
	if deliverer != nil {
		options.Deliverer = deliverer(p)
		p.background.Go(func() { options.Deliverer.Run(ctx) })
	}
	p.api = api.New(d, tokens, options)
	if deliverer != nil {
		p.background.Go(func() { p.api.KeepCosts(ctx) })
	}
	return p, nil
}

// close waits for requests and deliveries under way.
func (p *shop) close() error {
	p.api.Stop()
	p.requests.Wait()
	p.cancel()
	p.background.Wait()
	return p.db.Close()
}

// write runs an operation in the shop as the program itself.
func (p *shop) write(ctx context.Context, retailer int64, op func(*db.Tx) error) error {
	return p.db.Write(ctx, db.Actor{Retailer: retailer}, op)
}

// read is write for an operation that only reads.
func (p *shop) read(ctx context.Context, retailer int64, op func(*db.Tx) error) error {
	return p.db.Read(ctx, db.Actor{Retailer: retailer}, op)
}
