package client_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// config returns the configuration of a client of the test server's shop, with a short backoff.
func config(d *apitest.Server, base string) client.Config {
	return client.Config{
		BaseURL: base, Retailer: d.Shop.Code, ClientID: d.Shop.ClientID, ClientSecret: d.Shop.Secret,
		Scopes: []string{client.ScopePublic, client.ScopeAdmin}, Backoff: time.Millisecond,
	}
}

// serve runs a handler and returns its URL.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func connect(t *testing.T, c client.Config) *client.Client {
	t.Helper()
	made, err := client.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
