package testbench

import (
	"context"
	"log/slog"
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

// openShop serves a database until it is closed. now is its clock.
func openShop(file string, o *Options, now func() taphoa.Time, log *slog.Logger) (*shop, error) {
	d, err := db.Open(context.Background(), "sqlite:"+file, db.Options{Now: now, Existing: true, Volatile: true, Readers: 2})
	if err != nil {
		return nil, err
	}
	tokens, err := oauth.New(d, oauth.Options{AnyShape: true})
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	p := &shop{db: d, oauth: tokens}
	deliverer := webhook.NewDeliverer(d, webhook.Options{Log: log, Guard: webhook.Guard{Allowed: webhook.Loopback()}})
	p.api = api.New(d, tokens, api.Options{Log: log, VendorLimits: o.VendorLimits, Deliverer: deliverer})
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.background.Go(func() { deliverer.Run(ctx) })
	p.background.Go(func() { p.api.KeepCosts(ctx) })
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
