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

// stopStatuses are the answers after which nothing more is sent to a receiver (contract webhooks, delivery).
var stopStatuses = []int{400, 401, 403, 404, 405}

// Limit is how long a receiver may take (contract webhooks, delivery).
const Limit = 5 * time.Second

// answerMax is how much of an answer is kept, in bytes.
const answerMax = 1000

// attempt is what came of a request.
type attempt struct {
	taphoa.WebhookDelivery
	reason string // why it failed, for the log
}

// send makes one request with some events of a worker's registration. It comes to its end also when ctx ends meanwhile.
func (c *Courier) send(ctx context.Context, w *worker, events []taphoa.Event, number int64) (d attempt) {
	first, last := events[0].Seq, events[len(events)-1].Seq
	d.WebhookDelivery = taphoa.WebhookDelivery{
		WebhookID: w.id, FirstSeq: first, LastSeq: last, Attempt: number, At: c.db.Now(), Outcome: taphoa.DeliveryFailed,
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.o.Timeout)
	defer cancel()
	began := time.Now()
	req, err := w.form.request(ctx, &letter{w.retailer, w.id, w.URL, w.Secret, number, events})
	if err == nil {
		err = c.post(req, &d.WebhookDelivery)
	}
	took := time.Since(began)
	d.Duration = took.Microseconds()
	c.counters.took.Observe(took.Seconds())
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

// letter is what a request is made of.
type letter struct {
	retailer, webhook int64
	url, secret       string
	attempt           int64
	events            []taphoa.Event
}

// request makes the request that delivers a letter.
func (f *form) request(ctx context.Context, l *letter) (*http.Request, error) {
	id := deliveryID(l.retailer, l.webhook, l.events[0].Seq, l.events[len(l.events)-1].Seq)
	body := f.body(l.retailer, id, l.attempt, l.events)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Taphoa-Webhook/1.0")
	// Present but without a value it is not sent, and tells the transport that it may try again when a receiver has closed
	// an idle connection in the very moment of its use: that is not the receiver's failure.
	req.Header["Idempotency-Key"] = nil
	f.sign(req.Header, l.secret, id, time.Now(), body)
	return req, nil
}

// Request is the first request that a courier would make for an event, for those who deliver by hand. The settings are
// those of the shop.
func Request(ctx context.Context, s *org.Settings, retailer int64, url, secret string, e taphoa.Event) (*http.Request, error) {
	f := formOf(s, nil)
	return f.request(ctx, &letter{retailer: retailer, url: url, secret: secret, attempt: 1, events: []taphoa.Event{e}})
}

// Stops reports whether an answer ends all deliveries to a receiver.
func Stops(status int) bool { return slices.Contains(stopStatuses, status) }

// post makes a request and notes what came back.
func (c *Courier) post(req *http.Request, d *taphoa.WebhookDelivery) error {
	res, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	d.Status = taphoa.Some(int64(res.StatusCode))
	// The status decides; of the body only the beginning is of interest, and a broken one is as good as a whole.
	head, _ := io.ReadAll(io.LimitReader(res.Body, answerMax))
	if text := readable(head); text != "" {
		d.Answer = taphoa.Some(text)
	}
	_, _ = io.CopyN(io.Discard, res.Body, 8<<10) // a short rest is read, so that the connection can be used again
	return nil
}

// readable is the beginning of an answer as text that both engines can store.
func readable(b []byte) string {
	for len(b) > 0 && !utf8.Valid(b) && len(b) > answerMax-utf8.UTFMax { // cut inside a character
		b = b[:len(b)-1]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "")
}

const notSent = "Không gửi được: "

// explain says why there was no answer: to those who see the registration, without the addresses that names have here,
// and to the operator.
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
	text = readable([]byte(text[:min(len(text), answerMax)]))
	return notSent + text, text
}
