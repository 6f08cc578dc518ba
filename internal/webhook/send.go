package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/org"
)

// stopStatuses are the status codes after which nothing more is sent to a receiver (contract webhooks, delivery).
var stopStatuses = []int{400, 401, 403, 404, 405}

// RequestTimeout is how long a receiver may take to respond (contract webhooks, delivery).
const RequestTimeout = 5 * time.Second

// maxAnswerBytes is how much of a response's body is kept.
const maxAnswerBytes = 1000

// attempt is the outcome of one request.
type attempt struct {
	taphoa.WebhookDelivery
	reason string // of the failure, for the log
}

// send makes one request with events of a worker's registration. It is not cancelled when ctx ends meanwhile.
func (c *Deliverer) send(ctx context.Context, w *worker, events []taphoa.Event, number int64) (d attempt) {
	first, last := events[0].Seq, events[len(events)-1].Seq
	d.WebhookDelivery = taphoa.WebhookDelivery{
		WebhookID: w.id, FirstSeq: first, LastSeq: last, Attempt: number, At: c.db.SharedNow(), Outcome: taphoa.DeliveryFailed,
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.o.Timeout)
	defer cancel()
	began := time.Now()
	req, err := w.format.request(ctx, &payload{w.retailer, w.id, w.URL, w.Secret, number, events})
	if err == nil {
		err = c.post(req, &d.WebhookDelivery)
	}
	took := time.Since(began)
	d.Duration = took.Microseconds()
	c.counters.duration.Observe(took.Seconds())
	d.reason = fmt.Sprintf("the receiver answered %d", d.Status.Value)
	switch status := int(d.Status.Value); {
	case err != nil:
		sentence, reason := explain(err, w.URL, c.o.Timeout)
		d.Error, d.reason = taphoa.Some(sentence), reason
	case status >= 200 && status < 300:
		d.Outcome = taphoa.DeliveryDone
	case Stops(status):
		d.Outcome = taphoa.DeliveryStopped
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d nên webhook đã ngừng gửi", status))
	case status >= 300 && status < 400:
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d, webhook không đi theo chuyển hướng", status))
	default:
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d", status))
	}
	return d
}

// payload is what a request is made of.
type payload struct {
	retailer, webhook int64
	url, secret       string
	attempt           int64
	events            []taphoa.Event
}

// request returns the request that delivers a payload.
func (f *format) request(ctx context.Context, p *payload) (*http.Request, error) {
	id := deliveryID(p.retailer, p.webhook, p.events[0].Seq, p.events[len(p.events)-1].Seq)
	body := f.body(p.retailer, id, p.attempt, p.events)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Taphoa-Webhook/1.0")
	// A header that is present without a value is not sent, but lets the transport try again when the receiver closes an
	// idle connection just as it is used: that must not count as a failed attempt.
	req.Header["Idempotency-Key"] = nil
	f.sign(req.Header, p.secret, id, time.Now(), body)
	return req, nil
}

// Request returns the first request that a deliverer would make for an event. The settings are those of the shop.
func Request(ctx context.Context, s *org.Settings, retailer int64, url, secret string, e taphoa.Event) (*http.Request, error) {
	f := formatOf(s, nil)
	return f.request(ctx, &payload{retailer: retailer, url: url, secret: secret, attempt: 1, events: []taphoa.Event{e}})
}

// Stops reports whether a status code ends all deliveries to a receiver.
func Stops(status int) bool { return slices.Contains(stopStatuses, status) }

// post makes a request and stores status and body of the response in d.
func (c *Deliverer) post(req *http.Request, d *taphoa.WebhookDelivery) error {
	res, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	d.Status = taphoa.Some(int64(res.StatusCode))
	// Only the status decides: of the body the beginning is kept, and an error while reading it is ignored.
	beginning, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes))
	if text := readable(beginning); text != "" {
		d.Answer = taphoa.Some(text)
	}
	_, _ = io.CopyN(io.Discard, res.Body, 8<<10) // a short rest is read, so that the connection can be reused
	return nil
}

// readable returns the beginning of a response's body as text that both engines can store.
func readable(b []byte) string {
	for len(b) > 0 && !utf8.Valid(b) && len(b) > maxAnswerBytes-utf8.UTFMax { // cut inside a character
		b = b[:len(b)-1]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "")
}

const notSent = "Không gửi được: "

// explain returns why there was no response: as a sentence for the owner of the registration, without the addresses that
// names resolve to here, and as a reason for the operator.
func explain(err error, to string, limit time.Duration) (sentence, reason string) {
	var (
		private *PrivateError
		name    *net.DNSError
		outer   *url.Error
		op      *net.OpError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &private):
		return notSent + unreachable(hostOf(to)), fmt.Sprintf("%v is a private address, --webhook-allow %v would allow it", private.Addr, networkOf(private.Addr))
	case errors.As(err, &name) && !name.IsTimeout:
		return notSent + unreachable(hostOf(to)), "no such host"
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("Máy nhận không trả lời trong %v", limit), fmt.Sprintf("no answer within %v", limit)
	}
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if errors.As(err, &op) {
		err = op.Err
	}
	text := err.Error()
	text = readable([]byte(text[:min(len(text), maxAnswerBytes)]))
	return notSent + text, text
}
