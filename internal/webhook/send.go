package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// stopStatuses are the status codes after which nothing more is sent to a receiver (contract webhooks, delivery).
var stopStatuses = []int{400, 401, 403, 404, 405}

// RequestTimeout is how long a receiver may take to respond (contract webhooks, delivery).
const RequestTimeout = 5 * time.Second

// maxAnswerBytes is how much of a response's body is kept. Credentials that begin there end within maxCredentialBytes.
const (
	maxAnswerBytes     = 1000
	maxCredentialBytes = 4 << 10
)

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
	var inside atomic.Bool
	req, err := w.format.request(noteInside(ctx, &inside), &payload{w.retailer, w.id, w.URL, w.Credentials, w.secrets(c.db.SharedNow()), number, events})
	hide := hiding(w.Credentials)
	if err == nil {
		err = c.post(req, hide, &d.WebhookDelivery)
	}
	took := time.Since(began)
	d.Duration = took.Microseconds()
	c.counters.duration.Observe(took.Seconds())
	d.reason = fmt.Sprintf("the receiver answered %d", d.Status.Value)
	switch status := int(d.Status.Value); {
	case err != nil:
		var sentence string
		sentence, d.reason = explain(err, w.URL, hide, inside.Load(), c.o.Timeout)
		d.Error = taphoa.Some(sentence)
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
	url, credentials  string
	secrets           []string // see [format.sign]
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
	if p.credentials != "" {
		user, password := plainCredentials(p.credentials)
		req.SetBasicAuth(user, password)
	}
	f.sign(req.Header, p.secrets, id, time.Now(), body)
	return req, nil
}

// plainCredentials returns user and password of a URL without percent encoding, which was checked at the registration.
func plainCredentials(encoded string) (user, password string) {
	user, password, _ = strings.Cut(encoded, ":")
	user, _ = url.PathUnescape(user)
	password, _ = url.PathUnescape(password)
	return user, password
}

// Request returns the first request that a deliverer would make for an event to a URL, which may have user and password.
// The settings are those of the shop.
func Request(ctx context.Context, s *org.Settings, retailer int64, url, secret string, e taphoa.Event) (*http.Request, error) {
	var secrets []string
	if secret != "" {
		secrets = []string{secret}
	}
	f := formatOf(s, nil)
	plain, credentials, _ := text.SplitCredentials(url)
	return f.request(ctx, &payload{
		retailer: retailer, url: plain, credentials: credentials, secrets: secrets, attempt: 1, events: []taphoa.Event{e},
	})
}

// Stops reports whether a status code ends all deliveries to a receiver.
func Stops(status int) bool { return slices.Contains(stopStatuses, status) }

// hiding returns what hides credentials in the text of a receiver, which may echo the request, and in errors, which quote it.
func hiding(credentials string) *strings.Replacer {
	if credentials == "" {
		return strings.NewReplacer()
	}
	user, password := plainCredentials(credentials)
	encodedUser, encodedPassword, _ := strings.Cut(credentials, ":")
	forms := []string{credentials, encodedPassword, encodedUser}
	for _, plain := range []string{user + ":" + password, password, user} {
		quoted, quotedASCII := strconv.Quote(plain), strconv.QuoteToASCII(plain)
		inJSON, _ := jsontext.AppendQuote(nil, plain) // what is no UTF-8 is replaced
		forms = append(forms, plain, url.QueryEscape(plain), url.PathEscape(plain),
			quoted[1:len(quoted)-1], quotedASCII[1:len(quotedASCII)-1], string(inJSON[1:len(inJSON)-1]))
		for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			forms = append(forms, form.EncodeToString([]byte(plain)))
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) }) // the first that matches is replaced
	var replaced []string
	for _, secret := range forms {
		if secret != "" {
			replaced = append(replaced, secret, "***")
		}
	}
	return strings.NewReplacer(replaced...)
}

// post makes a request and stores status and body of the response in d.
func (c *Deliverer) post(req *http.Request, hide *strings.Replacer, d *taphoa.WebhookDelivery) error {
	res, err := c.sender.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	d.Status = taphoa.Some(int64(res.StatusCode))
	// Only the status decides: of the body the beginning is kept, and an error while reading it is ignored.
	beginning, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes+maxCredentialBytes))
	shown := hide.Replace(string(beginning))
	if shown = readable([]byte(shown[:min(len(shown), maxAnswerBytes)])); shown != "" {
		d.Answer = taphoa.Some(shown)
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

// noteInside returns a context whose requests note whether they went to an address that is not on the public internet.
func noteInside(ctx context.Context, inside *atomic.Bool) context.Context {
	note := func(address string) {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !isPublic(to.Addr()) {
			inside.Store(true)
		}
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(_, address string) { note(address) },
		GotConn:      func(c httptrace.GotConnInfo) { note(c.Conn.RemoteAddr().String()) }, // it may be an idle one
	})
}

// explain returns why there was no response: as a sentence for the owner of the registration, and as a reason for the operator.
// The sentence tells neither the addresses that names resolve to here nor what is at an address inside, so that clients can
// list neither names nor ports.
func explain(err error, to string, hide *strings.Replacer, inside bool, limit time.Duration) (sentence, reason string) {
	const notSent = "Không gửi được: "
	var (
		private *PrivateError
		other   *ElsewhereError
		name    *net.DNSError
		outer   *url.Error
		op      *net.OpError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &private):
		kind := "a private address"
		if isPlatform(private.Addr) {
			kind = "an internal address of a cloud"
		}
		return notSent + unreachable(hostOf(to)), fmt.Sprintf("%v is %s, --webhook-allow %v would allow it", private.Addr, kind, networkOf(private.Addr))
	case errors.As(err, &other):
		return notSent + other.Error(), "the shop is of a sandbox, which sends to this machine only"
	case errors.As(err, &name):
		return notSent + unreachable(hostOf(to)), name.Err // "no such host", or what ails the resolver
	case errors.As(err, &timeout) && timeout.Timeout():
		sentence, reason = fmt.Sprintf("Máy nhận không trả lời trong %v", limit), fmt.Sprintf("no answer within %v", limit)
	default:
		if errors.As(err, &outer) {
			err = outer.Err
		}
		if errors.As(err, &op) {
			err = op.Err
		}
		reason = hide.Replace(err.Error())
		reason = readable([]byte(reason[:min(len(reason), maxAnswerBytes)]))
		sentence = notSent + reason
	}
	if inside {
		sentence = fmt.Sprintf(notSent+"máy nhận trong mạng nội bộ không trả lời trong %v, hoặc trả lời không đúng giao thức; lý do có trong nhật ký của máy chủ", limit)
	}
	return sentence, reason
}
