package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
)

// format has a shop's settings of deliveries, where the vendor's sources differ (contract webhooks, conflicts).
type format struct {
	bareAction   bool   // Action is the type alone, without the shop's id after it
	imageStrings bool   // images are links instead of objects
	prefix       string // of X-Hub-Signature; sha1= as the real service sends it, although the hash is SHA-256
	batch        int64  // events in one request
	pauses       []time.Duration
}

func formatOf(s *org.Settings, pauses []time.Duration) format {
	f := format{
		bareAction: s.WebhookBareAction, imageStrings: s.WebhookImageStrings, prefix: s.WebhookSignature + "=",
		batch: s.WebhookBatch, pauses: pauses,
	}
	if s.WebhookSignature == "none" {
		f.prefix = ""
	}
	if s.WebhookVendorRetries {
		f.pauses = VendorPauses()
	}
	return f
}

// deliveryID returns the Id of a delivery: the same for all attempts, also after a restart or by another deliverer.
func deliveryID(retailer, webhook, first, last int64) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "webhook/%d/%d/%d/%d", retailer, webhook, first, last)).String()
}

// body returns the body of a delivery of events of one type: one notification, since some clients read only the first, with
// the events' data as it is in the log.
func (f *format) body(retailer int64, id string, attempt int64, events []taphoa.Event) []byte {
	kind := events[0].Type
	b := append(make([]byte, 0, 256+len(events[0].Data)), `{"Id":"`...)
	b = append(append(b, id...), `","Attempt":`...)
	b = strconv.AppendInt(b, attempt, 10)
	b = append(append(b, `,"Notifications":[{"Action":"`...), kind...)
	if !f.bareAction {
		b = strconv.AppendInt(append(b, '.'), retailer, 10)
	}
	b = append(b, `","Data":`...)
	from := len(b)
	for i, e := range events {
		if i > 0 {
			b = append(b[:len(b)-1], ',') // in place of the bracket that closed the event before
			b = append(b, e.Data[1:]...)
		} else {
			b = append(b, e.Data...)
		}
	}
	if f.imageStrings && kind == "product.update" {
		b = append(b[:from], withLinks(b[from:])...)
	}
	to := len(b)
	b = append(b, `}]`...)
	switch kind { // the documents show these with RemoveId alone, clients read them with an envelope
	case "customer.delete", "product.delete", "category.delete", "branch.delete":
		b = append(append(b, `,"RemoveId":`...), b[from:to]...)
	}
	return append(b, '}')
}

// imageObject matches the object of an image, and never text inside a JSON string, where quotes are always escaped.
var imageObject = regexp.MustCompile(`\{"Image":("(?:[^"\\]|\\.)*")\}`)

// withLinks returns the data of product.update with links in place of the objects that the log has.
func withLinks(data []byte) []byte { return imageObject.ReplaceAll(data, []byte("$1")) }

// Feed is [event.Feed] with the images of products as webhooks have them.
func Feed(tx *db.Tx, in *taphoa.EventQuery) (taphoa.EventFeed, error) {
	feed, err := event.Feed(tx, in)
	if err != nil {
		return feed, err
	}
	s, err := org.GetSettings(tx)
	for i := range feed.Data {
		if e := &feed.Data[i]; s.WebhookImageStrings && e.Type == "product.update" {
			e.Data = withLinks(e.Data)
		}
	}
	return feed, err
}

// sign adds the headers by which a receiver authenticates the sender: the vendor's, and those of the Standard Webhooks
// (standardwebhooks.com). The vendor's key is the registered text as it is; the standard's is what it encodes. Of two secrets, the
// newer first, each has a signature of the standard. The vendor's header can have one: that of the old secret, since receivers that
// know the new one can be told to accept either.
func (f *format) sign(h http.Header, secrets []string, id string, now time.Time, body []byte) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	if len(secrets) == 0 {
		return
	}
	h.Set("X-Hub-Signature", f.prefix+hex.EncodeToString(mac([]byte(secrets[len(secrets)-1]), body)))
	signed := append([]byte(id+"."+stamp+"."), body...)
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			key = []byte(secret)
		}
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac(key, signed))
	}
	h.Set("Webhook-Signature", strings.Join(signatures, " "))
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}
