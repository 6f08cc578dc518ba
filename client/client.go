package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
)

// The vendor's hosts (contract authentication).
const (
	VendorBaseURL  = "https://public.kiotapi.com"
	VendorTokenURL = "https://id.kiotviet.vn/connect/token"
)

// Scopes of a token.
const (
	ScopePublic = "PublicApi.Access" // what the vendor's API can do
	ScopeAdmin  = "Taphoa.Admin"     // the writes of Taphoa, for clients made with taphoa client create --admin
)

// VendorGetsPerHour is how many GET requests an hour the vendor answers, for [Config].
const VendorGetsPerHour = 5000

// Config of a [Client]. ClientID, ClientSecret and Retailer are needed; the rest has defaults.
type Config struct {
	ClientID     string
	ClientSecret string
	Retailer     string   // the shop's name
	Scopes       []string // none: ScopePublic
	Partner      string   // the header Partner of orders, MyKiot or KVSync; most have none

	BaseURL    string       // of the API; none: the vendor's
	TokenURL   string       // none: the vendor's, or /connect/token below a BaseURL that is given
	HTTPClient *http.Client // none: one that gives up after a minute. Redirects are not followed: a POST would become a GET

	Attempts    int              // how often a request is sent at most; 0: 5, 1: never again
	Backoff     time.Duration    // before the second attempt, twice as long before each further one; 0: 200 ms
	LongestWait time.Duration    // between two attempts: a server that wants more (Retry-After) gets no further one; 0: a minute
	RepeatWrite taphoa.Opt[bool] // the server knows Idempotency-Key; absent: unless it is the vendor
	GetsPerHour int              // GET requests wait for their turn beyond that many an hour, such as VendorGetsPerHour; 0: no limit
}

// Client calls the API for one shop. It may be used by many goroutines.
type Client struct {
	config Config
	http   *http.Client
	keys   bool // writes bear an Idempotency-Key and may be sent again
	zip    bool // large bodies may be packed
	token  token
	quota  *quota
}

// New makes a client. It sends nothing yet.
func New(c Config) (*Client, error) {
	if c.ClientID == "" || c.ClientSecret == "" || c.Retailer == "" {
		return nil, errors.New("client: ClientID, ClientSecret and Retailer are needed")
	}
	if c.TokenURL == "" && c.BaseURL == "" {
		c.TokenURL = VendorTokenURL
	}
	if c.BaseURL == "" {
		c.BaseURL = VendorBaseURL
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.RawQuery != "" {
		return nil, errors.New("client: BaseURL " + c.BaseURL + " is no address such as https://host or https://host/path")
	}
	vendor := strings.EqualFold(base.Hostname(), "public.kiotapi.com")
	if c.TokenURL == "" {
		c.TokenURL = c.BaseURL + "/connect/token"
		if vendor {
			c.TokenURL = VendorTokenURL
		}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{ScopePublic}
	}
	if c.Attempts <= 0 {
		c.Attempts = 5
	}
	if c.Backoff <= 0 {
		c.Backoff = 200 * time.Millisecond
	}
	if c.LongestWait <= 0 {
		c.LongestWait = time.Minute
	}
	own := http.Client{Timeout: time.Minute}
	if c.HTTPClient != nil {
		own = *c.HTTPClient
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &Client{config: c, http: &own, keys: c.RepeatWrite.Or(!vendor), zip: !vendor, quota: newQuota(c.GetsPerHour)}
	client.token.turn = make(chan struct{}, 1)
	return client, nil
}

type keyOfContext struct{}

// WithIdempotencyKey makes the next write with this context bear a key of your own instead of a new one: a program that
// was stopped in the middle can then send its write again, under the same key, with no second effect. One key belongs to
// one write.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, keyOfContext{}, key)
}
