package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
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
	if err := p.ready(ctx, c.Addr); err != nil {
		return err
	}
	p.say("ready")
	return nil
}

// ready asks the server of an address of this machine whether it is ready.
func (p *program) ready(ctx context.Context, addr string) error {
	host, port, err := p.splitAddr("--addr", addr)
	if err != nil {
		return err
	}
	at, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return message.Errorf("no server answers on %s", addr)
	}
	if at.IP == nil || at.IP.IsUnspecified() {
		at.IP = net.IPv4(127, 0, 0, 1)
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	a, err := askReady(ctx, "https://"+at.String()+"/readyz")
	if errors.Is(err, http.ErrSchemeMismatch) {
		a, err = askReady(ctx, "http://"+at.String()+"/readyz")
	}
	if err != nil {
		return message.Errorf("no server answers on %s", addr)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return message.Errorf("the server on %s is not ready: its log says why", addr)
	}
	return nil
}

// askReady sends a request to a server of this machine, whose certificate need not be for the address that is asked.
func askReady(ctx context.Context, url string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // without a proxy
	return (&http.Client{Transport: transport}).Do(r)
}
