package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

// apiFlags are the flags of a command that calls the API of a shop: of a running server, or in its own process on a database.
type apiFlags struct {
	URL          string `name:"url" placeholder:"URL" help:"Call a running server, such as http://127.0.0.1:8080, instead of the database."`
	CA           string `name:"ca" variable:"TAPHOA_CA" placeholder:"FILE" help:"With --url: trust the authority of this certificate, too, such as the taphoa-ca.crt of serve --tls-local."`
	ClientID     string `name:"client-id" variable:"TAPHOA_CLIENT_ID" placeholder:"UUID" help:"With --url: the id of a program of the shop; the demo's unless given."`
	ClientSecret string `variable:"TAPHOA_CLIENT_SECRET" secret:"" placeholder:"SECRET" help:"With --url: its secret."`
}

// find returns the shop of a code, or the default one without a code.
type find func(tx *db.Tx, code string) (org.Shop, error)

// with runs do with a client of the shop's API, and returns errors as sentences for the terminal.
func (r *apiFlags) with(ctx context.Context, p *program, code string, shop find, do func(*client.Client) error) error {
	if r.URL != "" {
		return r.overNetwork(p, code, do)
	}
	err := with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error { return inProcess(ctx, p, d, code, shop, do) })
	if missing := (noDatabase{}); errors.As(err, &missing) {
		return message.Errorf("there is no database %s: name another with --database, or a running server with --url http://127.0.0.1:8080", missing.url)
	}
	return r.explain(err, code)
}

// httpClient returns the client that reaches a server.
func (r *apiFlags) httpClient(p *program) (*http.Client, error) {
	c := &http.Client{Timeout: time.Minute}
	if r.CA == "" {
		return c, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if pool, err = trusted(p.flagOrVariable("--ca"), r.CA, pool); err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	c.Transport = transport
	return c, nil
}

func (r *apiFlags) overNetwork(p *program, code string, do func(*client.Client) error) error {
	config, err := r.config(p, code)
	if err != nil {
		return err
	}
	c, err := client.New(config)
	if err == nil {
		err = do(c)
	}
	return r.explain(err, config.Retailer)
}

// config is that of a client of a running server: of the demo's shop, unless the flags name another one.
func (r *apiFlags) config(p *program, code string) (config client.Config, err error) {
	if r.URL, err = webAddress("--url", r.URL); err != nil {
		return config, err
	}
	if r.ClientID == "" && r.ClientSecret == "" {
		r.ClientID, r.ClientSecret, code = demo.ClientID, demo.ClientSecret, cmp.Or(code, demo.ShopCode)
	}
	switch {
	case r.ClientID == "" || r.ClientSecret == "":
		return config, message.Errorf("--client-id and --client-secret belong together: give both, or none for the demo's")
	case code == "":
		return config, message.Errorf("name the shop with --shop CODE: a server has many")
	}
	config = singleAttempt
	config.BaseURL, config.Retailer, config.ClientID, config.ClientSecret = r.URL, code, r.ClientID, r.ClientSecret
	config.HTTPClient, err = r.httpClient(p)
	return config, err
}

// singleAttempt has no retries, since the user waits at the terminal. The server grants the scopes that the client has.
var singleAttempt = client.Config{
	Scopes: []string{client.ScopePublic, client.ScopeAdmin}, Attempts: 1, RepeatWrite: taphoa.Some(false),
}

// inProcess runs do with a server in this process, without a socket.
func inProcess(ctx context.Context, p *program, d *db.DB, code string, shop find, do func(*client.Client) error) error {
	log, err := newLog(p.stderr, "warn")
	if err != nil {
		return err
	}
	tokens, err := oauth.New(d, oauth.Options{})
	if err != nil {
		return err
	}
	config := singleAttempt
	config.BaseURL = "http://taphoa" // is not resolved
	config.HTTPClient = &http.Client{Transport: handlerTransport{api.New(d, tokens, api.Options{Log: log})}}
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		found, err := shop(tx, code)
		if err != nil {
			return err
		}
		config.Retailer, tx.Retailer = found.Code, found.RetailerID
		config.ClientID, config.ClientSecret, err = tokens.AddInternalClient(tx)
		return err
	})
	if err != nil {
		return err
	}
	c, err := client.New(config)
	if err != nil {
		return err
	}
	return do(c)
}

// explain returns an error of a call in terms of the command line's flags.
func (r *apiFlags) explain(err error, code string) error {
	var refused *client.Error
	switch {
	case errors.As(err, new(*url.Error)):
		return message.Errorf("no server answers at %s: %w", r.URL, reason(err))
	case !errors.As(err, &refused):
		return err
	case refused.Code == "invalid_client" && r.ClientID == demo.ClientID:
		return message.Errorf("the server at %s has no demo shop: give --shop, --client-id and --client-secret of one that it has", r.URL)
	case refused.Code == "invalid_client":
		return message.Errorf("the server does not know the client %s with this secret: {taphoa} client list shows the ids, {taphoa} client rotate gives a new secret",
			r.ClientID)
	case refused.Status == http.StatusUnauthorized:
		return message.Errorf("the client %s is not one of the shop %s: name its own with --shop CODE, or another client with --client-id and --client-secret",
			r.ClientID, code)
	case refused.Status == http.StatusForbidden:
		return message.Errorf("the client %s lacks the scope %s, which this needs: {taphoa} client create --admin makes one that has it",
			r.ClientID, client.ScopeAdmin)
	case refused.Code == http.StatusText(refused.Status), refused.Code == "invalid_token": // not a refusal of the API
		return message.Errorf("%s answers %d %s, but not as Taphoa does: is that its address?", r.URL, refused.Status, http.StatusText(refused.Status))
	}
	return serverRefusal(refused.Message)
}

// reason returns why a request got no response, without its address.
func reason(err error) error {
	if request := (*url.Error)(nil); errors.As(err, &request) {
		err = request.Err
	}
	if network := (*net.OpError)(nil); errors.As(err, &network) {
		err = network.Err
	}
	lookup := (*net.DNSError)(nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return message.Errorf("no answer in time")
	case errors.Is(err, syscall.ECONNREFUSED):
		return message.Errorf("connection refused")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF):
		return message.Errorf("the connection broke off")
	case errors.Is(err, http.ErrSchemeMismatch):
		return message.Errorf("it speaks http, not https")
	case errors.As(err, &lookup):
		return message.Errorf("the host %s is not known", lookup.Name)
	}
	return err
}

// handlerTransport passes requests to a handler in this process.
type handlerTransport struct{ http.Handler }

// RoundTrip returns the handler's response when it is complete.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &responseWriter{header: http.Header{}, status: http.StatusOK}
	t.ServeHTTP(w, r.Clone(r.Context()))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// responseWriter stores a response.
type responseWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *responseWriter) Header() http.Header         { return w.header }
func (w *responseWriter) WriteHeader(status int)      { w.status = status }
func (w *responseWriter) Write(b []byte) (int, error) { return w.body.Write(b) }

// webAddress returns the URL of a flag's value, where http:// may be missing.
func webAddress(flag, text string) (string, error) {
	address := text
	if !strings.Contains(text, "://") {
		address = "http://" + text
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(text, " \t\r\n"),
		address != text && u.Port() == "" && u.Hostname() != "localhost" && !strings.ContainsAny(u.Hostname(), ".:"):
		return "", message.Errorf("%s: %q is no web address such as http://127.0.0.1:3000/hook or localhost:3000/hook", flag, text)
	}
	return address, nil
}

// serverRefusal is a server's refusal in its own language.
type serverRefusal string

func (a serverRefusal) Error() string { return string(a) }
