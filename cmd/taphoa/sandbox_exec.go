package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/isolate"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/trust"
)

type sandboxExec struct {
	sandboxFlags
	Net     bool     `help:"Keep the machine's network, such as a database on localhost; port 443 of an address of loopback must then be open to you."`
	Command []string `arg:"" passthrough:"" placeholder:"COMMAND" help:"The command with its arguments."`
}

// Run runs the command where the vendor's hosts are a sandbox, and ends with its exit status.
func (c *sandboxExec) Run(ctx context.Context, p *program) error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return message.Errorf("which command? {taphoa} sandbox exec -- COMMAND")
	}
	if !isolate.Inside() {
		status, err := isolate.Enter(isolate.Options{Net: c.Net}, os.Stdin, os.Stdout, os.Stderr)
		if err != nil {
			return err
		}
		panic(exit{status})
	}
	status, err := c.inside(ctx, p)
	if err != nil && status == 0 {
		return err
	}
	if err != nil { // the command could not be run, which has a status of its own
		p.printError(err)
	}
	panic(exit{status})
}

// inside serves a sandbox in namespaces of its own while the command runs.
func (c *sandboxExec) inside(ctx context.Context, p *program) (status int, err error) {
	space, err := isolate.Prepare(trust.VendorHosts)
	if err != nil {
		return 0, err
	}
	authority, err := trust.NewAuthority()
	if err != nil {
		return 0, err
	}
	material, err := trust.Bundle(space.Dir, authority.AuthorityPEM(), os.Environ())
	if err != nil {
		return 0, err
	}
	for file, with := range material.Covers {
		if err := space.Cover(file, with); err != nil {
			return 0, err
		}
	}
	dir := filepath.Join(space.Dir, "forks") // in memory: it ends with the namespaces
	s, err := c.open(ctx, p, dir, testbench.Options{AnyCredentials: c.ClientID == ""})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	server := api.HTTPServer(s, s.log)
	server.TLSConfig = authority.TLS()
	defer server.Close()
	go func() { _ = server.ServeTLS(space.TLS, "", "") }()
	if space.Plain != nil {
		go func(l net.Listener) {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.log.Warn("port 80 is no longer served", "error", err.Error())
			}
		}(space.Plain)
	}
	return space.Command(c.Command, append(material.Environ, c.environ(s)...))
}

// environ are the variables by which a command finds the sandbox and the credentials of its shop.
func (c *sandboxFlags) environ(s *sandbox) []string {
	f := s.first
	return []string{
		"TAPHOA_SANDBOX_URL=https://" + trust.VendorHosts[1],
		fmt.Sprintf("TAPHOA_SANDBOX_FORK=%s", f.Name),
		"TAPHOA_SANDBOX_RETAILER=" + f.Retailer, "TAPHOA_SANDBOX_CLIENT_ID=" + f.ClientID, "TAPHOA_SANDBOX_CLIENT_SECRET=" + f.ClientSecret,
	}
}
