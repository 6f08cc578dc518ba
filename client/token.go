package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa/internal/wire"
)

// token is the bearer token in use. Whoever holds the turn may ask for a new one; the others wait for what he gets.
type token struct {
	turn chan struct{} // of length 1
	now  atomic.Pointer[bearer]
}

type bearer struct {
	text  string
	until time.Time // when to ask for the next
}

// A token is renewed this long before its end, or a tenth of its life if that is shorter.
const renewEarly = 5 * time.Minute

// get answers a token that is good and is not the one that a server has refused.
func (c *Client) bearer(ctx context.Context, refused string) (string, error) {
	good := func() (string, bool) {
		b := c.token.now.Load()
		if b == nil || b.text == refused || !time.Now().Before(b.until) {
			return "", false
		}
		return b.text, true
	}
	if text, ok := good(); ok {
		return text, nil
	}
	select {
	case c.token.turn <- struct{}{}:
		defer func() { <-c.token.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if text, ok := good(); ok { // who had the turn before has got it
		return text, nil
	}
	b, err := c.renew(ctx)
	if err != nil {
		return "", err
	}
	c.token.now.Store(b)
	return b.text, nil
}

func (c *Client) renew(ctx context.Context) (*bearer, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.config.ClientID}, "client_secret": {c.config.ClientSecret},
		"scopes": {strings.Join(c.config.Scopes, " ")}, // the vendor's plural
	}
	asked := time.Now()
	answer, err := c.send(ctx, &call{
		method: http.MethodPost, url: c.config.TokenURL, body: []byte(form.Encode()), repeat: true,
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	})
	if err != nil {
		return nil, err
	}
	var told struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if err := wire.DecodeResponse(answer, &told); err != nil || told.Token == "" {
		return nil, &Error{Status: http.StatusOK, Code: "invalid_token", Message: "the token server answered no token"}
	}
	life := time.Duration(told.Seconds) * time.Second
	return &bearer{told.Token, asked.Add(life - min(renewEarly, life/10))}, nil
}
