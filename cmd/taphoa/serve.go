package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	drainTime = 15 * time.Second // for running requests, once the program is told to stop

	// recostEvery is how long a back-dated document waits for the costs behind it, at most.
	recostEvery = 200 * time.Millisecond

	keepMax = 36_500 // days: for ever

	// memoryLimit is where the collector begins to work harder, in bytes; the caches of SQLite come on top.
	memoryLimit = 160 << 20
)

type serve struct {
	Addr          string   `variable:"TAPHOA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen, 127.0.0.1:8080 unless given; port 0 takes a free one."`
	Demo          bool     `variable:"TAPHOA_DEMO" help:"Fill an empty database with the shop taphoa and say how to call it; on loopback addresses only. Without --database the data live as long as the program."`
	VendorLimits  bool     `variable:"TAPHOA_VENDOR_LIMITS" help:"Have the vendor's limits: 5,000 GET requests an hour, pages of at most 100."`
	CORSOrigin    string   `name:"cors-origin" variable:"TAPHOA_CORS_ORIGIN" placeholder:"ORIGIN" help:"Let browsers call from this origin, or * for any."`
	CamelCaseOnly bool     `variable:"TAPHOA_CAMEL_CASE_ONLY" help:"Leave out members whose name differs from another's only in letter case."`
	WebhookAllow  []string `variable:"TAPHOA_WEBHOOK_ALLOW" sep:"," placeholder:"NETWORK" help:"Deliver webhooks to these private networks too, such as 10.1.0.0/16; the demo delivers to this machine."`
	KeepEvents    int64    `variable:"TAPHOA_KEEP_EVENTS" default:"30" placeholder:"DAYS" help:"Keep events and the log of deliveries for so many days, 30 unless given."`
	AccessLog     bool     `variable:"TAPHOA_ACCESS_LOG" help:"Log a line for each request, at level info, without its query and body."`
	LogLevel      string   `variable:"TAPHOA_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

func (c *serve) Run(ctx context.Context, p *program) error {
	if p.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	log, err := newLog(p.stderr, c.LogLevel)
	if err != nil {
		return err
	}
	slog.SetDefault(log) // for who has no other
	if c.KeepEvents < 1 || c.KeepEvents > keepMax {
		return fmt.Errorf("--keep-events: %d is not from 1 to %d days", c.KeepEvents, keepMax)
	}
	local, err := isLoopback(c.Addr)
	if err != nil {
		return err
	}
	url := p.url()
	if c.Demo {
		if !local {
			return fmt.Errorf("--demo has a secret that everybody knows, so it listens on loopback addresses only, not on %s", c.Addr)
		}
		if p.Database == "" {
			dir, err := os.MkdirTemp("", "taphoa-demo-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			url = "sqlite:" + filepath.Join(dir, "taphoa.db")
		}
	}
	return with(ctx, url, db.Options{}, func(d *db.DB) error {
		p.warnExposed(url)
		if err := c.prepare(local)(ctx, d, log); err != nil {
			return err
		}
		tokens, err := oauth.New(d, oauth.Options{})
		if err != nil {
			return err
		}
		networks, err := c.networks()
		if err != nil {
			return err
		}
		courier := webhook.NewCourier(d, webhook.Options{
			Log: log, Guard: webhook.Guard{Allowed: networks}, Keep: time.Duration(c.KeepEvents) * 24 * time.Hour,
		})
		handler := api.New(d, tokens, api.Options{
			Log: log, VendorLimits: c.VendorLimits, CORSOrigin: c.CORSOrigin, CamelOnly: c.CamelCaseOnly,
			AccessLog: c.AccessLog, Courier: courier,
			Demo: c.demoKeys(),
		})
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
		if err != nil {
			return err // before any work in the background, which it would interrupt
		}
		defer background(ctx, courier.Run)()
		defer background(ctx, func(ctx context.Context) { recost(ctx, d, log) })()
		context.AfterFunc(ctx, handler.Stop)
		base := "http://" + l.Addr().String()
		p.say("taphoa is listening on %s", base)
		if c.Demo {
			p.tellDemo(base, url, p.Database == "")
		}
		return answer(ctx, l, handler, log)
	})
}

// prepare is what comes before the database is served, to this machine alone or to others.
func (c *serve) prepare(local bool) func(context.Context, *db.DB, *slog.Logger) error {
	switch {
	case c.Demo:
		return fillDemo
	case local:
		return func(context.Context, *db.DB, *slog.Logger) error { return nil }
	}
	return refuseDemoClient
}

// networks are the private networks that webhooks may be delivered to.
func (c *serve) networks() ([]netip.Prefix, error) {
	var all []netip.Prefix
	if c.Demo {
		all = webhook.Loopback()
	}
	for _, text := range c.WebhookAllow {
		network, err := netip.ParsePrefix(text)
		if addr, err2 := netip.ParseAddr(text); err2 == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || network.Addr().Is4In6() {
			return nil, fmt.Errorf("--webhook-allow: %q is no network such as 10.1.0.0/16", text)
		}
		all = append(all, network)
	}
	return all, nil
}

// background runs work beside the requests, until stop is called, which waits for its end. Requests that still run when
// the program is told to stop find it at work.
func background(ctx context.Context, work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// recost looks now and then whether a document has left the costs of goods to be worked out anew.
func recost(ctx context.Context, d *db.DB, log *slog.Logger) {
	wait := recostEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = recostEvery
		if err := stock.RecostAll(ctx, d); err != nil && ctx.Err() == nil {
			log.Error("costs could not be worked out", "error", err.Error())
			wait = time.Minute
		}
	}
}

// answer answers requests until ctx ends, then lets those that run come to their end.
func answer(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping", "patience", drainTime.String())
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %v", drainTime), server.Close())
	}
	return nil
}

// isLoopback tells whether only this machine can reach an address.
func isLoopback(addr string) (bool, error) {
	a, err := net.ResolveTCPAddr("tcp", addr)
	return err == nil && a.IP.IsLoopback(), err
}

// newLog writes for people on a terminal and for programs elsewhere.
func newLog(w io.Writer, name string) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: level}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, o)), nil
		}
	}
	return slog.New(slog.NewJSONHandler(w, o)), nil
}
