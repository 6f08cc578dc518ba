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
)

// stopStatuses are the answers after which nothing more is sent to a receiver (contract webhooks, delivery).
var stopStatuses = []int{400, 401, 403, 404, 405}

// answerMax is how much of an answer is kept, in bytes.
const answerMax = 1000

// send makes one request with some events of a worker's registration. It comes to its end also when ctx ends meanwhile.
func (c *Courier) send(ctx context.Context, w *worker, events []taphoa.Event, attempt int64) taphoa.WebhookDelivery {
	first, last := events[0].Seq, events[len(events)-1].Seq
	d := taphoa.WebhookDelivery{
		WebhookID: w.id, FirstSeq: first, LastSeq: last, Attempt: attempt, At: c.db.Now(), Outcome: taphoa.DeliveryFailed,
	}
	id := deliveryID(w.retailer, w.id, first, last)
	body := w.form.body(w.retailer, id, attempt, events)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.o.Timeout)
	defer cancel()
	began := time.Now()
	err := c.post(ctx, w, id, body, &d)
	d.Duration = time.Since(began).Microseconds()
	switch status := int(d.Status.Value); {
	case err != nil:
		d.Error = taphoa.Some(explain(err, c.o.Timeout))
	case status >= 200 && status < 300:
		d.Outcome = taphoa.DeliveryDone
	case slices.Contains(stopStatuses, status):
		d.Outcome = taphoa.DeliveryStopped
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d nên webhook đã ngừng gửi", status))
	case status >= 300 && status < 400:
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d, webhook không đi theo chuyển hướng", status))
	default:
		d.Error = taphoa.Some(fmt.Sprintf("Máy nhận trả lời %d", status))
	}
	return d
}

func (c *Courier) post(ctx context.Context, w *worker, id string, body []byte, d *taphoa.WebhookDelivery) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Taphoa-Webhook/1.0")
	// Present but without a value it is not sent, and tells the transport that it may try again when a receiver has closed
	// an idle connection in the very moment of its use: that is not the receiver's failure.
	req.Header["Idempotency-Key"] = nil
	w.form.sign(req.Header, w.Secret, id, time.Now(), body)
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

// explain says in a sentence why there was no answer, without the addresses that names have here.
func explain(err error, limit time.Duration) string {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if name := (*net.DNSError)(nil); errors.As(err, &name) && !name.IsTimeout {
		return fmt.Sprintf("Không gửi được: không tìm thấy máy %s", name.Name)
	}
	if t := (interface{ Timeout() bool })(nil); errors.As(err, &t) && t.Timeout() {
		return fmt.Sprintf("Máy nhận không trả lời trong %v", limit)
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	text := err.Error()
	return "Không gửi được: " + readable([]byte(text[:min(len(text), answerMax)]))
}
