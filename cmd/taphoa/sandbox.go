package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/trust"
)

type sandboxCommand struct {
	Serve sandboxServe `cmd:"" default:"withargs" help:"Serve the sandbox until SIGTERM or Ctrl+C, as taphoa sandbox alone does."`
	Exec  sandboxExec  `cmd:"" help:"Run a command where KiotViet's hosts are a sandbox of its own, and nothing else can be reached."`

	Report sandboxReport `cmd:"" help:"Say what the requests of a fork were, and what would differ at the vendor."`
}

// sandboxFlags are those of every command that runs a sandbox.
type sandboxFlags struct {
	Retailer     string `variable:"TAPHOA_SANDBOX_RETAILER" placeholder:"CODE" help:"The Retailer of the first fork; taphoa unless given."`
	ClientID     string `name:"client-id" variable:"TAPHOA_SANDBOX_CLIENT_ID" placeholder:"TEXT" help:"The client id of the first fork, as a program has it in its code; the demo's unless given."`
	ClientSecret string `variable:"TAPHOA_SANDBOX_CLIENT_SECRET" secret:"" placeholder:"TEXT" help:"The secret of --client-id."`
	Empty        bool   `help:"Begin with a shop that has nothing in it, not with 300 products and 1,000 documents."`
	Seed         string `placeholder:"FILE" help:"Begin with the shop of this database or backup instead; the file is only read, and none of its programs, people and webhooks is taken over."`
	Init         string `placeholder:"DIR" help:"Send the requests of this directory's .http and .json files to the shop first, in the order of their names."`
	VendorLimits bool   `variable:"TAPHOA_VENDOR_LIMITS" help:"Enforce the limits of KiotViet: 5,000 GET requests an hour, pages of at most 100."`
	Quirks       bool   `variable:"TAPHOA_SANDBOX_QUIRKS" help:"Do what KiotViet is known to do wrong at times: lists whose order changes between pages, valid batches refused, webhooks late and in another order."`
	MaxForks     int    `variable:"TAPHOA_SANDBOX_MAX_FORKS" default:"64" placeholder:"NUMBER" help:"Keep at most so many forks, 64 unless given; a new one takes the place of the one that was used least recently."`
	LogLevel     string `variable:"TAPHOA_LOG_LEVEL" default:"warn" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

type sandboxServe struct {
	Addr      string `variable:"TAPHOA_SANDBOX_ADDR" default:"127.0.0.1:8899" placeholder:"HOST:PORT" help:"Where to listen, 127.0.0.1:8899 unless given; port 0 takes a free one."`
	Hosts     bool   `help:"Let KiotViet's hosts lead here for every program of this machine, by its hosts file, until the sandbox ends; needs root or an administrator."`
	Install   bool   `help:"Have every program of this machine trust the sandbox, by the system's store, until it ends; needs root or an administrator, and --yes."`
	Uninstall bool   `help:"Remove all authorities of sandboxes from the system's store, and end; needs --yes."`
	Yes       bool   `help:"Do what --install or --uninstall would do."`
	sandboxFlags
}

// sandbox is a running one.
type sandbox struct {
	*testbench.Sandbox
	first *testbench.Fork
	dir   string
	log   *slog.Logger
}

// open makes the templates and the first fork, with files in a directory that is removed with them.
func (c *sandboxFlags) open(ctx context.Context, p *program, dir string, o testbench.Options) (s *sandbox, err error) {
	s = &sandbox{dir: dir}
	if s.log, err = newLog(p.stderr, c.LogLevel); err != nil {
		return nil, err
	}
	slog.SetDefault(s.log)
	if c.MaxForks < 1 {
		return nil, message.Errorf("%s must be at least 1", p.flagOrVariable("--max-forks"))
	}
	if (c.ClientID == "") != (c.ClientSecret == "") {
		return nil, message.Errorf("--client-id and --client-secret belong together: give both")
	}
	o.Dir, o.Log, o.VendorLimits, o.Quirks, o.MaxForks = s.dir, s.log, c.VendorLimits, c.Quirks, c.MaxForks
	s.Sandbox = testbench.New(o)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err = c.template(ctx, s.Sandbox); err != nil {
		return nil, err
	}
	in := testbench.ForkInput{Name: "first", Retailer: c.Retailer, ClientID: c.ClientID, ClientSecret: c.ClientSecret}
	if in.Retailer == "" {
		in.Retailer = demo.ShopCode
	}
	if in.ClientID == "" {
		in.ClientID, in.ClientSecret = demo.ClientID, demo.ClientSecret
	}
	if s.first, err = s.Create(ctx, in); err != nil {
		return nil, err
	}
	s.SetDefault(s.first)
	return s, nil
}

// template makes what forks are copies of.
func (c *sandboxFlags) template(ctx context.Context, s *testbench.Sandbox) error {
	fill := testbench.Demo
	switch {
	case c.Empty && c.Seed != "":
		return message.Errorf("--empty and --seed are two shops to begin with: keep one of them")
	case c.Empty:
		fill = testbench.Empty
	case c.Seed != "":
		fill = testbench.Nothing
	}
	if c.Init != "" {
		fill = testbench.Requests(c.Init, fill)
	}
	if c.Seed != "" {
		return s.AddFileWith(ctx, testbench.DefaultTemplate, c.Seed, fill)
	}
	return s.AddTemplate(ctx, testbench.DefaultTemplate, fill)
}

// close ends the sandbox and removes its files.
func (s *sandbox) close() error { return errors.Join(s.Close(), os.RemoveAll(s.dir)) }

// authorityFile has the certificate by which programs trust the sandbox at the vendor's hosts.
const authorityFile = "authority.pem"

// Run serves until the context ends.
func (c *sandboxServe) Run(ctx context.Context, p *program) (err error) {
	began := time.Now()
	if c.Uninstall {
		return c.uninstall(ctx, p)
	}
	local, err := p.loopback("--addr", c.Addr)
	if err != nil {
		return err
	}
	l, err := p.listen(ctx, "--addr", c.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	o := testbench.Options{AnyHost: !local}
	if !local {
		o.Token = rand.Text()
	}
	dir, err := testbench.NewDir()
	if err != nil {
		return err
	}
	s, err := c.open(ctx, p, dir, o)
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	defer func() { err = errors.Join(err, s.close()) }()
	authority, err := trust.NewAuthority()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, authorityFile), authority.AuthorityPEM(), 0o600); err != nil {
		return err
	}
	proxy := testbench.NewProxy(s.Sandbox, authority.TLS(), func(h http.Handler) *http.Server { return api.HTTPServer(h, s.log) })
	defer proxy.Close()
	failed := make(chan error, 3)
	undo, err := c.machine(ctx, p, authority, proxy, failed)
	defer func() { err = errors.Join(err, undo()) }()
	if err != nil {
		return err
	}
	server := api.HTTPServer(proxy, s.log)
	go func() { failed <- server.Serve(l) }()
	c.print(p, s, l, o.Token, time.Since(began))
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(message.Errorf("requests were cut off after %v", drainTime), server.Close())
	}
	return nil
}

// print says how to call the first fork, and how to make others.
func (c *sandboxServe) print(p *program, s *sandbox, l net.Listener, token string, took time.Duration) {
	base := linkTo("http://" + l.Addr().String())
	p.say("the sandbox is listening on %s, %s after its start", base, p.duration(took))
	fmt.Fprintln(p.stdout)
	f := s.first
	p.printFields([]field{
		{p.text("Retailer"), string(p.style(bold, f.Retailer))},
		{p.text("Client id"), string(p.style(bold, f.ClientID))},
		{p.text("Client secret"), string(p.style(bold, f.ClientSecret))},
		{p.text("Token URL"), base + oauth.TokenPath},
		{p.text("API"), base},
		{p.text("Authority"), filepath.Join(s.dir, authorityFile)},
	})
	auth := ""
	if token != "" {
		fmt.Fprintln(p.stdout)
		p.printFields([]field{{p.text("Token of /_sandbox"), string(p.style(bold, token))}})
		auth = " -H 'Authorization: Bearer " + token + "'"
	}
	p.example(p.text("Another shop, for one test:"), fmt.Sprintf("curl -s -X POST %s/_sandbox/shops%s", base, auth))
	p.example(p.text("What a program asked for, and what would differ at KiotViet:"), fmt.Sprintf("%s sandbox report --fork %s --url %s", programName, f.Name, base))
}
