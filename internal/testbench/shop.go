package testbench

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/webhook"
)

// shop is a server of the database of one fork.
type shop struct {
	db         *db.DB
	api        *api.Server
	requests   sync.WaitGroup // that are being served
	cancel     context.CancelFunc
	background sync.WaitGroup
}

// openShop serves the fork's database until it is closed, and delivers its webhooks: to this machine, and where the sandbox allows more.
func (f *Fork) openShop() (*shop, error) {
	return f.openDatabase(f.file(), db.Options{Existing: true, Volatile: true, Readers: 2}, func(ctx context.Context, d *db.DB) *webhook.Deliverer {
		guard := webhook.Guard{Only: true, Allowed: append(webhook.Loopback(), f.of.o.AllowHooks...)}
		return webhook.NewDeliverer(d, webhook.Options{Log: f.log, Guard: guard, Through: func(network http.RoundTripper) http.RoundTripper {
			return &hooks{ctx: ctx, fork: f, network: network}
		}})
	})
}

// openCopy serves a copy of the fork's database to readers.
func (f *Fork) openCopy(file string) (*shop, error) {
	return f.openDatabase(file, db.Options{ReadOnly: true}, nil)
}

func (f *Fork) openDatabase(file string, o db.Options, newDeliverer func(context.Context, *db.DB) *webhook.Deliverer) (*shop, error) {
	o.Now = f.clock.Now
	d, err := db.Open(context.Background(), "sqlite:"+file, o)
	if err != nil {
		return nil, err
	}
	tokens, err := oauth.New(d, oauth.Options{AnyShape: true})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &shop{db: d, cancel: cancel}
	options := api.Options{Log: f.log, VendorLimits: f.of.o.VendorLimits}
	if newDeliverer != nil {
		options.Deliverer = newDeliverer(ctx, d)
	}
	p.api = api.New(d, tokens, options)
	if newDeliverer != nil {
		p.background.Go(func() { options.Deliverer.Run(ctx) })
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
