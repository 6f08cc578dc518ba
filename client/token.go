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

// token is the current bearer token. The holder of renewLock requests a new one while the others wait for it.
type token struct {
	renewLock chan struct{} // of capacity 1
	now       atomic.Pointer[bearer]
}

type bearer struct {
	text  string
	until time.Time // when to renew it
}

// A token is renewed this long before its end, or a tenth of its life if that is shorter.
const renewEarly = 5 * time.Minute

// bearer returns a valid token other than the one that the server has refused, which may be "".
func (c *Client) bearer(ctx context.Context, refused string) (string, error) {
	valid := func() (string, bool) {
		b := c.token.now.Load()
		if b == nil || b.text == refused || !time.Now().Before(b.until) {
			return "", false
		}
		return b.text, true
	}
	if text, ok := valid(); ok {
		return text, nil
	}
	select {
	case c.token.renewLock <- struct{}{}:
		defer func() { <-c.token.renewLock }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if text, ok := valid(); ok { // renewed by the previous holder of the lock
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
	requested := time.Now()
	response, err := c.send(ctx, &call{
		method: http.MethodPost, url: c.config.TokenURL, body: []byte(form.Encode()), repeat: true,
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	})
	if err != nil {
		return nil, err
	}
	var decoded struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if err := wire.DecodeResponse(response, &decoded); err != nil || decoded.Token == "" {
		return nil, &Error{Status: http.StatusOK, Code: "invalid_token", Message: "the token server answered no token"}
	}
	life := time.Duration(decoded.Seconds) * time.Second
	return &bearer{decoded.Token, requested.Add(life - min(renewEarly, life/10))}, nil
}
