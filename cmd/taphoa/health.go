package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/taphoa/taphoa/internal/message"
)

// healthTimeout is less than container engines wait for a health check.
const healthTimeout = 5 * time.Second

type health struct {
	Addr string `variable:"TAPHOA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the server listens, 127.0.0.1:8080 unless given."`
}

// Run checks a server of this machine, for containers without another HTTP client.
func (c *health) Run(ctx context.Context, p *program) error {
	host, port, err := p.splitAddr("--addr", c.Addr)
	if err != nil {
		return err
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	a, err := (&http.Client{Transport: &http.Transport{}}).Do(r) // without a proxy
	if err != nil {
		return message.Errorf("no server answers on %s", c.Addr)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return message.Errorf("the server on %s is not ready: its log says why", c.Addr)
	}
	p.say("ready")
	return nil
}
