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
	ScopePublic = "PublicApi.Access" // the vendor's API
	ScopeAdmin  = "Taphoa.Admin"     // the writes of Taphoa, for clients created with taphoa client create --admin
)

// VendorGetsPerHour is how many GET requests an hour the vendor allows, for [Config].
const VendorGetsPerHour = 5000

// Config of a [Client]. ClientID, ClientSecret and Retailer are needed; the rest has defaults.
type Config struct {
	ClientID     string
	ClientSecret string
	Retailer     string   // the shop's name
	Scopes       []string // none: ScopePublic
	Partner      string   // the header Partner of orders, MyKiot or KVSync; most have none

	BaseURL    string       // of the API; none: the vendor's
	TokenURL   string       // none: the vendor's, or /connect/token below a given BaseURL
	HTTPClient *http.Client // none: one with a timeout of a minute. Redirects are not followed: a POST would become a GET

	Attempts    int              // how often a request is sent at most; 0: 5, 1: without retries
	Backoff     time.Duration    // before the second attempt, twice as long before each further one; 0: 200 ms
	LongestWait time.Duration    // between two attempts; a longer Retry-After ends the retries; 0: a minute
	RepeatWrite taphoa.Opt[bool] // the server supports Idempotency-Key; absent: true except for the vendor
	GetsPerHour int              // further GET requests wait, such as VendorGetsPerHour; 0: no limit
}

// Client calls the API for one shop. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	keys   bool // writes have an Idempotency-Key and may be sent again
	zip    bool // large bodies are compressed
	token  token
	quota  *quota
}

// New returns a client. It sends no request.
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
		return nil, errors.New("client: BaseURL is no address such as https://host or https://host/path")
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
	transport := http.Client{Timeout: time.Minute}
	if c.HTTPClient != nil {
		transport = *c.HTTPClient
	}
	transport.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &Client{config: c, http: &transport, keys: c.RepeatWrite.Or(!vendor), zip: !vendor, quota: newQuota(c.GetsPerHour)}
	client.token.renewLock = make(chan struct{}, 1)
	return client, nil
}

type idempotencyKey struct{}

// WithIdempotencyKey sets the key of the next write with this context, instead of a random one: a program that was
// interrupted can send its write again with the same key without a second effect. Use one key for one write.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}
