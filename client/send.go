package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

const (
	answerMax = 256 << 20 // bytes of an answer
	zipFrom   = 64 << 10  // bytes of a body that is worth packing
)

// call is a request that may be sent several times.
type call struct {
	method string
	url    string
	header http.Header
	body   []byte
	repeat bool // sending it again does nothing twice
}

// do calls an operation. in may be nil, for an input without members.
func do[In, Out any](ctx context.Context, c *Client, method, path string, in *In) (out Out, err error) {
	write := method != http.MethodGet
	r, err := wire.NewRequest(path, write, in)
	if err != nil {
		return out, err
	}
	q := &call{method: method, url: c.config.BaseURL + r.Path, body: r.Body, repeat: !write, header: http.Header{
		"Retailer": {c.config.Retailer}, "Accept": {"application/json"}, "User-Agent": {"taphoa-client"},
	}}
	if r.Query != "" {
		q.url += "?" + r.Query
	}
	if c.config.Partner != "" {
		q.header.Set("Partner", c.config.Partner)
	}
	if write {
		if err := c.prepare(ctx, q); err != nil {
			return out, err
		}
	}
	answer, err := c.call(ctx, q)
	if err == nil && len(bytes.TrimSpace(answer)) > 0 {
		err = wire.DecodeResponse(answer, &out)
	}
	return out, err
}

// doCustomer is do for a write of a customer, whose answer holds it at the root, as documented, or as data, as the vendor's
// own plugin reads it, or twice, as Taphoa's does (contract customers, conflicts).
func doCustomer[In any](ctx context.Context, c *Client, method, path string, in *In) (taphoa.Customer, error) {
	out, err := do[In, taphoa.CustomerWritten](ctx, c, method, path, in)
	if out.Customer.ID == 0 {
		return out.Data, err
	}
	return out.Customer, err
}

// prepare adds what a write bears.
func (c *Client) prepare(ctx context.Context, q *call) error {
	if c.keys {
		key, given := ctx.Value(keyOfContext{}).(string)
		if !given {
			key = rand.Text()
		}
		q.header.Set("Idempotency-Key", key)
		q.repeat = true
	}
	if len(q.body) == 0 {
		return nil
	}
	q.header.Set("Content-Type", "application/json")
	if !c.zip || len(q.body) < zipFrom {
		return nil
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(q.body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	q.body = packed.Bytes()
	q.header.Set("Content-Encoding", "gzip")
	return nil
}

// call sends a request with a token, and once more with a new one when the server refuses that.
func (c *Client) call(ctx context.Context, q *call) ([]byte, error) {
	refused := ""
	for {
		text, err := c.bearer(ctx, refused)
		if err != nil {
			return nil, err
		}
		q.header.Set("Authorization", "Bearer "+text)
		answer, err := c.send(ctx, q)
		if refused != "" || !refusesToken(err) {
			return answer, err
		}
		refused = text
	}
}

// refusesToken reports a 401, or the vendor's code for it under another status (contract authentication, rules).
func refusesToken(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && (e.Status == http.StatusUnauthorized || e.Code == taphoa.CodeToken && e.Status < 500)
}

// send sends a request until it is answered, as often as the configuration allows.
func (c *Client) send(ctx context.Context, q *call) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		answer, wait, err := c.once(ctx, q)
		if err == nil || !q.repeat || wait < 0 || attempt >= c.config.Attempts || ctx.Err() != nil {
			return answer, err
		}
		if wait == 0 {
			wait = c.pause(attempt)
		}
		if wait > c.config.LongestWait || pause(ctx, wait) != nil {
			return nil, err
		}
	}
}

// pause is how long to wait after an attempt: some time up to a bound that doubles, so that many clients do not come back
// at once.
func (c *Client) pause(attempt int) time.Duration {
	bound := min(float64(c.config.Backoff)*math.Pow(2, float64(attempt-1)), float64(c.config.LongestWait))
	return time.Duration(bound * (0.5 + mathrand.Float64()/2))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once sends a request once. After an error, wait is how long the server wants to be left alone, 0 if it does not say,
// and negative when there is no use in trying again.
func (c *Client) once(ctx context.Context, q *call) (answer []byte, wait time.Duration, err error) {
	if q.method == http.MethodGet {
		if err := c.quota.take(ctx); err != nil {
			return nil, -1, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return nil, -1, err
	}
	r.Header = q.header.Clone()
	res, err := c.http.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, answerMax+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(answer) > answerMax:
		return nil, -1, &Error{Status: res.StatusCode, Code: "TooLarge", Message: "the answer is larger than 256 MiB"}
	case res.StatusCode/100 == 2:
		return answer, 0, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented:
		return nil, retryAfter(res.Header), errorOf(res, answer)
	}
	return nil, -1, errorOf(res, answer)
}

// retryAfter reads seconds, or an instant.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
