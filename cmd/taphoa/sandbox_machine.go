package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/trust"
)

// machine changes the machine as --hosts and --install say, and serves the vendor's hosts. undo reverses what was done, also after an
// error.
func (c *sandboxServe) machine(ctx context.Context, p *program, authority *certificate.Memory, handler http.Handler, failed chan<- error) (undo func() error, err error) {
	var undos []func() error
	undo = func() (err error) {
		for _, u := range undos {
			err = errors.Join(err, u())
		}
		return err
	}
	if c.Install {
		store, err := c.store(p, func(s *trust.Store) []string { return s.Steps(authorityFile) })
		if err != nil {
			return undo, err
		}
		if err := store.Install(ctx, authority.AuthorityPEM(), c.Yes); err != nil {
			return undo, err
		}
		undos = append(undos, func() error {
			_, err := store.Uninstall(context.WithoutCancel(ctx), true)
			return err
		})
	}
	if !c.Hosts {
		return undo, nil
	}
	l, err := p.listen(ctx, "--hosts", "127.0.0.1:443")
	if err != nil {
		return undo, err
	}
	server := api.HTTPServer(handler, slog.Default())
	server.TLSConfig = authority.TLS()
	undos = append(undos, server.Close)
	go func() { failed <- server.ServeTLS(l, "", "") }()
	addrs := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	// A name without an address of version 6 is looked up elsewhere by clients that want one.
	if l, err := new(net.ListenConfig).Listen(ctx, "tcp6", "[::1]:443"); err == nil { // else the machine has no version 6
		addrs = append(addrs, netip.IPv6Loopback())
		go func() { failed <- server.ServeTLS(l, "", "") }()
	}
	if err := trust.AddHosts(trust.HostsFile(), addrs, trust.VendorHosts); err != nil {
		return undo, err
	}
	undos = append(undos, func() error { return trust.RemoveHosts(trust.HostsFile()) })
	return undo, nil
}

// store returns the system's store of authorities, or says what would be done to it where there is no --yes.
func (c *sandboxServe) store(p *program, steps func(*trust.Store) []string) (*trust.Store, error) {
	store, err := trust.FindStore()
	if err != nil {
		return nil, err
	}
	if !c.Yes {
		return nil, message.Errorf("this changes %s, which all programs of this machine believe: %s; add --yes to do it", store.Name, strings.Join(steps(store), "; "))
	}
	return store, nil
}

func (c *sandboxServe) uninstall(ctx context.Context, p *program) error {
	store, err := c.store(p, func(*trust.Store) []string {
		return []string{p.text("every authority whose name begins with %s is removed", trust.Maker)}
	})
	if err != nil {
		return err
	}
	n, err := store.Uninstall(ctx, c.Yes)
	if err == nil {
		p.say("authorities of sandboxes that were removed from %s: %d", store.Name, n)
	}
	return err
}
