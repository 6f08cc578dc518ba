package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/requestlog"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	drainTime = 15 * time.Second // for running requests, when the program stops

	maxKeepDays = 36_500 // days: for ever

	// memoryLimit is the soft memory limit of the Go runtime, in bytes; the caches of SQLite are not included.
	memoryLimit = 160 << 20

	// gcPercent is half of Go's default, since most of the heap lives long.
	gcPercent = 50
)

type serve struct {
	Addr          string   `variable:"TAPHOA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen, 127.0.0.1:8080 unless given; port 0 takes a free one."`
	MetricsAddr   string   `variable:"TAPHOA_METRICS_ADDR" placeholder:"HOST:PORT" help:"Where to serve /metrics instead, with /healthz and /readyz, for those who watch it."`
	PublicURL     string   `name:"public-url" variable:"TAPHOA_PUBLIC_URL" placeholder:"URL" help:"Where clients reach it, such as https://shop.example: for discovery and new tokens."`
	TrustedProxy  []string `variable:"TAPHOA_TRUSTED_PROXY" sep:"," placeholder:"NETWORK" help:"Believe X-Forwarded-For and X-Forwarded-Proto from these proxies, such as 127.0.0.1."`
	Demo          bool     `variable:"TAPHOA_DEMO" help:"Fill an empty database with the shop taphoa and say how to call it; on loopback addresses only. Without --database the data live as long as the program."`
	Create        bool     `variable:"TAPHOA_CREATE" help:"Make the database if there is none, with no shop in it."`
	VendorLimits  bool     `variable:"TAPHOA_VENDOR_LIMITS" help:"Enforce the limits of KiotViet: 5,000 GET requests an hour, pages of at most 100."`
	CORSOrigin    string   `name:"cors-origin" variable:"TAPHOA_CORS_ORIGIN" placeholder:"ORIGIN" help:"Let browsers call from this origin, such as https://shop.example, or * for any."`
	CamelCaseOnly bool     `variable:"TAPHOA_CAMEL_CASE_ONLY" help:"Leave out members whose name differs from another's only in letter case."`
	WebhookAllow  []string `variable:"TAPHOA_WEBHOOK_ALLOW" sep:"," placeholder:"NETWORK" help:"Deliver webhooks to these private networks too, such as 10.1.0.0/16; the demo delivers to this machine."`
	KeepEvents    int64    `variable:"TAPHOA_KEEP_EVENTS" default:"30" placeholder:"DAYS" help:"Keep events and the log of deliveries for so many days, 30 unless given."`
	AccessLog     bool     `variable:"TAPHOA_ACCESS_LOG" help:"Log a line for each request, at level info, without its query and body."`
	LogLevel      string   `variable:"TAPHOA_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
	tlsFlags
	mailFlags
}

// serving is the running server.
type serving struct {
	*serve
	*program
	security
	log       *slog.Logger
	began     time.Time
	local     bool           // only this machine can reach it
	networks  []netip.Prefix // that webhooks may be delivered to
	proxies   []netip.Prefix
	mail      *mail.Server // nil: none is sent
	database  string
	temporary bool // the database is deleted when the program ends
	migrated  []string
	base      string       // its URL, by the address that it listens on
	link      string       // its URL, as a browser on this machine opens it
	metrics   net.Listener // nil where /metrics has none of its own
	stopping  time.Time    // when it began to stop
}

// Run serves until the context ends.
func (c *serve) Run(ctx context.Context, p *program) error {
	s := &serving{serve: c, program: p, began: time.Now(), database: p.url()}
	if p.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	var err error
	if s.log, err = newLog(p.stderr, c.LogLevel); err != nil {
		return err
	}
	slog.SetDefault(s.log) // the default of other packages
	if err := s.check(); err != nil {
		return err
	}
	if s.temporary = c.Demo && p.Database == ""; s.temporary {
		dir, err := os.MkdirTemp("", "taphoa-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		s.database = "sqlite:" + filepath.Join(dir, "taphoa.db")
	}
	err = withNewest(ctx, s.database, db.Options{Existing: !c.Demo && !c.Create}, func(d *db.DB, migrated []string) error {
		s.migrated = migrated
		return s.run(ctx, d)
	})
	if err == nil {
		took := time.Since(s.stopping)
		s.logStep("stopped", "took", took.String())
		p.say("taphoa has ended, %s after it was told to", p.duration(took))
	}
	return err
}

// check refuses flags that are invalid or cannot be combined.
func (s *serving) check() (err error) {
	if s.KeepEvents < 1 || s.KeepEvents > maxKeepDays {
		return message.Errorf("%s: %d is not from 1 to %d days", s.flagOrVariable("--keep-events"), s.KeepEvents, maxKeepDays)
	}
	if s.local, err = s.onlyHere("--addr", s.Addr); err != nil {
		return err
	}
	if s.MetricsAddr != "" {
		if _, err := s.onlyHere("--metrics-addr", s.MetricsAddr); err != nil {
			return err
		}
	}
	if s.PublicURL != "" {
		public, ok := oauth.ParsePublicURL(s.PublicURL)
		if !ok {
			return message.Errorf("%s must be a URL such as https://shop.example, without user, query and fragment", s.flagOrVariable("--public-url"))
		}
		s.PublicURL = public
	}
	if u, err := url.Parse(s.CORSOrigin); s.CORSOrigin != "" && s.CORSOrigin != "*" &&
		(err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != s.CORSOrigin) {
		return message.Errorf("%s must be an origin such as https://shop.example, or *, not %s", s.flagOrVariable("--cors-origin"), s.CORSOrigin)
	}
	if err := s.checkTLS(); err != nil {
		return err
	}
	if err := s.checkMail(); err != nil {
		return err
	}
	if s.proxies, err = s.parseNetworks("--trusted-proxy", s.TrustedProxy); err != nil {
		return err
	}
	s.networks, err = s.parseNetworks("--webhook-allow", s.WebhookAllow)
	if s.Demo {
		s.networks = append(s.networks, webhook.Loopback()...)
	}
	return err
}

// run serves a database.
func (s *serving) run(ctx context.Context, d *db.DB) error {
	if mend := s.warnExposed(s.database); mend != "" {
		s.log.Warn("others on this machine can read the database", "mend", mend)
	}
	if len(s.migrated) > 0 {
		s.logStep("migrated", "migrations", s.migrated)
	}
	l, err := s.listen(ctx, "--addr", s.Addr) // first, since it fails most often
	if err != nil {
		return err
	}
	defer l.Close()
	if s.MetricsAddr != "" {
		if s.metrics, err = s.listen(ctx, "--metrics-addr", s.MetricsAddr); err != nil {
			return err
		}
		defer s.metrics.Close()
	}
	if s.HTTPAddr != "" {
		if s.plain, err = s.listen(ctx, "--http-addr", s.HTTPAddr); err != nil {
			return err
		}
		defer s.plain.Close()
	}
	if err := s.openTLS(); err != nil {
		return err
	}
	if s.Demo {
		err = fillDemo(ctx, d, s.log)
	} else {
		err = s.judgeDemoClient(ctx, d)
	}
	if err != nil {
		return err
	}
	s.setBase(l)
	s.warnBeyondLoopback()
	requests := requestlog.New(d, s.log)
	tokens, err := oauth.New(d, oauth.Options{PublicURL: s.PublicURL, LocalURL: s.link, Refused: requests.NoteToken})
	if err != nil {
		return err
	}
	deliverer := webhook.NewDeliverer(d, webhook.Options{
		Log: s.log, Guard: webhook.Guard{Allowed: s.networks}, Keep: time.Duration(s.KeepEvents) * 24 * time.Hour,
		Sweep: func(ctx context.Context, now taphoa.Time) error { return pruneAudit(ctx, d, now) },
	})
	refused := audit.NewRefusals(d, s.log)
	defer background(ctx, refused.Run)()
	handler := api.New(d, tokens, api.Options{
		Log: s.log, VendorLimits: s.VendorLimits, CORSOrigin: s.CORSOrigin, CamelOnly: s.CamelCaseOnly,
		AccessLog: s.AccessLog, Requests: requests, Deliverer: deliverer, Demo: s.demoKeys(), LoopbackOnly: s.Demo,
		TrustedProxies: s.proxies, OwnMetrics: s.metrics != nil, Certificate: s.certificatePage(),
	})
	defer background(ctx, s.mountDesk(d, handler, refused).Run)()
	if s.source != nil {
		defer background(ctx, s.source.Run)()
	}
	defer background(ctx, requests.Run)()
	defer background(ctx, deliverer.Run)()
	defer background(ctx, handler.KeepCosts)()
	defer background(ctx, func(ctx context.Context) { allocateOlder(ctx, d, s.log) })()
	defer background(ctx, func(ctx context.Context) { inspect(ctx, d, s.log) })()
	context.AfterFunc(ctx, handler.Stop)
	s.logStarted(d)
	s.say("taphoa is listening on %s", s.base)
	return s.serveHTTP(ctx, l, handler, d)
}

func (s *serving) logStarted(d *db.DB) {
	b := api.ReadBuild()
	started := []any{"version", b.Version, "commit", b.Commit, "changed", b.Changed, "database", d.Where(), "address", s.base}
	if s.metrics != nil {
		started = append(started, "metrics", s.metricsURL())
	}
	if s.plain != nil {
		started = append(started, "http", "http://"+s.plain.Addr().String())
	}
	s.logStep("started", started...)
}

// warnBeyondLoopback warns of what is missing, or too much, where other machines reach the server.
func (s *serving) warnBeyondLoopback() {
	if s.local {
		return
	}
	if s.PublicURL == "" && len(s.Domain) == 0 {
		s.log.Warn("discovery names the address that the server listens on: --public-url says where clients reach it")
	}
	if s.InsecureSignIn && s.source == nil {
		s.log.Warn("--insecure-sign-in: passwords and PINs are taken over plain HTTP, and everyone on the way can read them")
	}
}

// listen listens on the address of a flag.
func (p *program) listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		err = message.Errorf("%s: address already in use, perhaps by another taphoa: %s %s takes a free port", addr, flag, withPort(addr, "0"))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		err = message.Errorf("%s %s: this machine has no such address", p.flagOrVariable(flag), addr)
	case errors.Is(err, syscall.EACCES):
		err = message.Errorf("%s: this user may not listen there: %s %s would do, behind a proxy", addr, flag, withPort(addr, "8080"))
	}
	return l, err
}

// metricsURL is the address of /metrics on a listener of its own.
func (s *serving) metricsURL() string { return "http://" + s.metrics.Addr().String() + "/metrics" }

// logStep logs a start or stop of the server: at level debug if the log is on the same terminal as the printed messages.
func (s *serving) logStep(step string, args ...any) {
	level := slog.LevelInfo
	if isTerminal(s.stdout) && isTerminal(s.stderr) {
		level = slog.LevelDebug
	}
	s.log.Log(context.Background(), level, step, args...)
}

// parseNetworks returns the networks of a flag; an address is a network of its own.
func (s *serving) parseNetworks(flag string, texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if addr, err2 := netip.ParseAddr(text); err2 == nil {
			network, err = addr.Prefix(addr.BitLen())
		}
		if err != nil || network.Addr().Is4In6() {
			return nil, message.Errorf("%s: %q is no network such as 10.1.0.0/16", s.flagOrVariable(flag), text)
		}
		all = append(all, network)
	}
	return all, nil
}

// background runs work until stop is called, which waits for its end. It continues while requests are drained.
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

// serveHTTP serves requests until ctx ends, and then waits for those that run.
func (s *serving) serveHTTP(ctx context.Context, l net.Listener, handler *api.Server, d *db.DB) error {
	server := api.HTTPServer(handler, s.log)
	failed := make(chan error, 3)
	go func() { failed <- s.serveOn(server, l) }()
	if s.plain != nil {
		plain := api.HTTPServer(s.plainHTTP(handler, l), s.log)
		defer plain.Close()
		go func() { failed <- plain.Serve(s.plain) }()
	}
	if s.metrics != nil {
		operational := api.HTTPServer(handler.Operational(), s.log)
		defer operational.Close() // also while requests are drained it tells how they do
		go func() { failed <- operational.Serve(s.metrics) }()
	}
	s.printStartup(ctx, d)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.stopping = time.Now()
	s.logStep("stopping", "patience", drainTime.String())
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(message.Errorf("requests were cut off after %v", drainTime), server.Close())
	}
	return nil
}

// onlyHere is loopback for the addresses of the server: the demo's must be such.
func (s *serving) onlyHere(flag, addr string) (bool, error) {
	local, err := s.loopback(flag, addr)
	if err == nil && s.Demo && !local {
		err = message.Errorf("--demo has a secret that everybody knows, so it listens on loopback addresses only, not on %s", addr)
	}
	return local, err
}

// loopback reports whether only this machine can reach the address of a flag.
func (p *program) loopback(flag, addr string) (bool, error) {
	_, port, err := p.splitAddr(flag, addr)
	if err != nil {
		return false, err
	}
	a, err := net.ResolveTCPAddr("tcp", addr)
	flag = p.flagOrVariable(flag)
	if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) {
		return false, message.Errorf("%s %s: this machine has no such address", flag, addr)
	}
	if err != nil {
		return false, message.Errorf("%s %s: invalid port %s: use 0 to 65535", flag, addr, port)
	}
	return a.IP.IsLoopback(), nil
}

// splitAddr returns the host and the port of a flag's address.
func (p *program) splitAddr(flag, addr string) (host, port string, err error) {
	if host, port, err = net.SplitHostPort(addr); err != nil {
		example := net.JoinHostPort(cmp.Or(addr, "127.0.0.1"), "8080")
		if _, err := strconv.ParseUint(addr, 10, 16); err == nil {
			example = net.JoinHostPort("127.0.0.1", addr)
		}
		err = message.Errorf("%s %q: missing port: write HOST:PORT, such as %s", p.flagOrVariable(flag), addr, example)
	}
	return host, port, err
}

// withPort returns an address with another port.
func withPort(addr, port string) string {
	host, _, _ := net.SplitHostPort(addr)
	return net.JoinHostPort(host, port)
}

// newLog returns a logger that writes text on a terminal and JSON elsewhere.
func newLog(w io.Writer, name string) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: level}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o)), nil
	}
	return slog.New(slog.NewJSONHandler(w, o)), nil
}
