package sandbox

import (
	"net/http"
	"os"
	"testing"

	"github.com/taphoa/taphoa/client"
)

// Templates that every sandbox has.
const (
	Default = "default" // 300 products, and the documents of ninety days
	Empty   = "empty"   // one branch, and nothing else
)

// Options of a shop. All may be left out.
type Options struct {
	Template     string `json:"template,omitzero"`     // [Default] unless given
	Retailer     string `json:"retailer,omitzero"`     // as the program has it in its code; one of its own unless given
	ClientID     string `json:"clientId,omitzero"`     // likewise, with ClientSecret: any text
	ClientSecret string `json:"clientSecret,omitzero"` // of ClientID
	Replace      bool   `json:"replace,omitzero"`      // delete the shop that has this Retailer or client, which a killed test has left
}

// Shop is the shop of one test.
type Shop struct {
	Name         string // of the fork
	Retailer     string
	ClientID     string
	ClientSecret string

	URL      string // of the API, for a program whose base URL can be set
	TokenURL string

	// HTTP leads KiotViet's hosts to this shop, and other hosts where they are. It is for programs with the two hosts in their code.
	HTTP *http.Client

	// Client calls the shop as it would call KiotViet: a test's own calls are no difference in its report.
	Client *client.Client

	tb     testing.TB
	server *server
}

// New makes a shop that is deleted when the test ends.
func New(tb testing.TB) *Shop {
	tb.Helper()
	return Options{}.New(tb)
}

// New makes a shop with these options.
func (o Options) New(tb testing.TB) *Shop {
	tb.Helper()
	server, err := acquire(tb.Context(), o.Template)
	if err != nil {
		tb.Fatalf("sandbox: %v", err)
	}
	tb.Cleanup(func() {
		if err := server.release(); err != nil {
			tb.Errorf("sandbox: %v", err)
		}
	})
	s := &Shop{tb: tb, server: server, URL: server.url, TokenURL: server.tokenURL()}
	var made struct{ Name, Retailer, ClientID, ClientSecret string }
	s.must(http.MethodPost, "shops", o, &made)
	s.Name, s.Retailer, s.ClientID, s.ClientSecret = made.Name, made.Retailer, made.ClientID, made.ClientSecret
	tb.Cleanup(s.end)
	s.HTTP = &http.Client{Transport: &transport{server, s.Name}}
	s.Client, err = client.New(client.Config{
		Retailer: s.Retailer, ClientID: s.ClientID, ClientSecret: s.ClientSecret, HTTPClient: s.HTTP,
	})
	if err != nil {
		tb.Fatalf("sandbox: %v", err)
	}
	return s
}

// Environ is the environment of this process, with the shop's addresses and credentials, for a program that the test starts:
// TAPHOA_SANDBOX_URL, …_FORK, …_RETAILER, …_CLIENT_ID and …_CLIENT_SECRET.
func (s *Shop) Environ() []string {
	return append(os.Environ(),
		urlVariable+"="+s.URL, "TAPHOA_SANDBOX_FORK="+s.Name, "TAPHOA_SANDBOX_RETAILER="+s.Retailer,
		"TAPHOA_SANDBOX_CLIENT_ID="+s.ClientID, "TAPHOA_SANDBOX_CLIENT_SECRET="+s.ClientSecret)
}

// end deletes the shop, after a test that has failed was told what it saw.
func (s *Shop) end() {
	if s.tb.Failed() {
		s.logSeen()
	}
	s.must(http.MethodDelete, s.path(""), nil, nil)
}
