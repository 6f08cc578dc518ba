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
	maxResponseBytes = 256 << 20 // of one response
	gzipFrom         = 64 << 10  // bytes of a body from which on it is compressed
)

// call is a request that may be sent several times.
type call struct {
	method string
	url    string
	header http.Header
	body   []byte
	repeat bool // sending it again has no second effect
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
	response, err := c.call(ctx, q)
	if err == nil && len(bytes.TrimSpace(response)) > 0 {
		err = wire.DecodeResponse(response, &out)
	}
	completeTwice(&out)
	return out, err
}

// completeTwice completes a response that has its record at the root, under data, or both, as Taphoa's: documents and live
// servers differ in which.
func completeTwice(out any) {
	switch w := out.(type) {
	case *taphoa.CategoryAnswer:
		either(&w.Category, &w.Data, w.CategoryID != 0, w.Data.CategoryID != 0)
	case *taphoa.SurchargeWritten:
		either(&w.Surcharge, &w.Data, w.ID != 0, w.Data.ID != 0)
	case *taphoa.TransferResult:
		switch {
		case w.Data == nil && w.ID != 0:
			data := w.Transfer
			w.Data = &data
		case w.Data != nil && w.ID == 0:
			w.Transfer = *w.Data
		}
	}
}

// either fills the one of two records that is missing.
func either[T any](root, data *T, hasRoot, hasData bool) {
	switch {
	case !hasRoot:
		*root = *data
	case !hasData:
		*data = *root
	}
}

// doCustomer is do for a write of a customer. The response has the customer at the root, as documented, or as data, as the
// vendor's own plugin expects, or both, as Taphoa's (contract customers, conflicts).
func doCustomer[In any](ctx context.Context, c *Client, method, path string, in *In) (taphoa.Customer, error) {
	out, err := do[In, taphoa.CustomerWritten](ctx, c, method, path, in)
	if out.Customer.ID == 0 {
		return out.Data, err
	}
	return out.Customer, err
}

// prepare sets the headers of a write and compresses a large body.
func (c *Client) prepare(ctx context.Context, q *call) error {
	if c.keys {
		key, given := ctx.Value(idempotencyKey{}).(string)
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
	if !c.zip || len(q.body) < gzipFrom {
		return nil
	}
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write(q.body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	q.body = compressed.Bytes()
	q.header.Set("Content-Encoding", "gzip")
	return nil
}

// call sends a request with a token, and once more with a new one if the server refuses it.
func (c *Client) call(ctx context.Context, q *call) ([]byte, error) {
	refused := ""
	for {
		text, err := c.bearer(ctx, refused)
		if err != nil {
			return nil, err
		}
		q.header.Set("Authorization", "Bearer "+text)
		response, err := c.send(ctx, q)
		if refused != "" || !refusesToken(err) {
			return response, err
		}
		refused = text
	}
}

// refusesToken reports whether err is a 401, or the vendor's code for it with another status (contract authentication,
// rules).
func refusesToken(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && (e.Status == http.StatusUnauthorized || e.Code == taphoa.CodeToken && e.Status < 500)
}

// send sends a request until it succeeds, as often as the configuration allows.
func (c *Client) send(ctx context.Context, q *call) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		response, wait, err := c.sendOnce(ctx, q)
		if err == nil || !q.repeat || wait < 0 || attempt >= c.config.Attempts || ctx.Err() != nil {
			return response, err
		}
		if wait == 0 {
			wait = c.pause(attempt)
		}
		if wait > c.config.LongestWait || pause(ctx, wait) != nil {
			return nil, err
		}
	}
}

// pause returns how long to wait after an attempt: exponential backoff with jitter, so that many clients do not retry at
// the same time.
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

// sendOnce sends a request once. After an error, wait is the server's Retry-After, 0 without one, and negative if a retry
// is useless.
func (c *Client) sendOnce(ctx context.Context, q *call) (response []byte, wait time.Duration, err error) {
	if q.method == http.MethodGet {
		if err := c.quota.wait(ctx); err != nil {
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
	response, err = io.ReadAll(io.LimitReader(res.Body, maxResponseBytes+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(response) > maxResponseBytes:
		return nil, -1, &Error{Status: res.StatusCode, Code: "TooLarge", Message: "the answer is larger than 256 MiB"}
	case res.StatusCode/100 == 2:
		return response, 0, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented:
		return nil, retryAfter(res.Header), errorOf(res, response)
	}
	return nil, -1, errorOf(res, response)
}

// retryAfter returns the Retry-After header, which has seconds or an instant; 0 without it.
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
