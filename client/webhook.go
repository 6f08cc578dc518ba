package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

// Delivery is one request of a webhook. Attempts of one delivery have the same ID; events can be delivered again.
type Delivery struct {
	ID            string
	Attempt       int64
	Notifications []Notification
}

// Notification has changes of one type.
type Notification struct {
	Action   string // as it was sent: customer.update.123
	Type     string // customer.update; "" if there are only removed ids, as in the documents
	Retailer int64  // the shop's id; 0 if the Action has none

	// Data are the changed records: []taphoa.CustomerData, ProductData, OrderData, InvoiceData, StockData, PriceBookData,
	// PriceBookDetailData, CategoryData or BranchData; of pricebookdetail.delete []taphoa.PriceBookDetailRemoved; of other
	// deletions []int64, the ids; of Taphoa's own types the records of its API; of unknown types the JSON text, a
	// jsontext.Value.
	Data any
	JSON jsontext.Value // of the records: a list
}

// DataOf decodes the records of a notification's JSON, or of an event's Data, into a type of your choice.
func DataOf[T any](data []byte) (records []T, err error) {
	err = wire.DecodeResponse(data, &records)
	return records, err
}

// decoders decode the records of a type of event.
var decoders = map[string]func([]byte) (any, error){
	"customer.update": as[taphoa.CustomerData], "product.update": as[taphoa.ProductData], "stock.update": as[taphoa.StockData],
	"order.update": as[taphoa.OrderData], "invoice.update": as[taphoa.InvoiceData], "pricebook.update": as[taphoa.PriceBookData],
	"pricebookdetail.update": as[taphoa.PriceBookDetailData], "pricebookdetail.delete": as[taphoa.PriceBookDetailRemoved],
	"category.update": as[taphoa.CategoryData], "branch.update": as[taphoa.BranchData],

	"customer.delete": as[int64], "product.delete": as[int64], "category.delete": as[int64], "branch.delete": as[int64],
	"pricebook.delete": as[int64], "supplier.delete": as[int64],

	"supplier.update": as[taphoa.Supplier], "return.update": as[taphoa.Return], "cashflow.update": as[taphoa.CashFlow],
	"debtadjustment.update": as[taphoa.DebtAdjustment],
	"purchaseorder.update":  as[taphoa.PurchaseOrder], "transfer.update": as[taphoa.Transfer], "ordersupplier.update": as[taphoa.OrderSupplier],
}

func as[T any](data []byte) (any, error) { return DataOf[T](data) }

// Unsigned is the secret of a registration without one: [WebhookHandler] then accepts every request.
const Unsigned = "(unsigned)"

const (
	maxDeliveryBytes = 32 << 20 // bytes
	clockSkew        = 5 * time.Minute
)

// WebhookHandler receives deliveries, of the vendor or of a Taphoa. It checks the signature against secret, the text
// that the webhook was registered with: X-Hub-Signature (with any of its prefixes, the hash is SHA-256), or the headers
// of Standard Webhooks. An empty secret refuses everything.
//
// The response is 200 if receive returns nil, and otherwise 500: then the delivery is sent again. The sender waits five
// seconds; put work that lasts longer into a queue. A wrong signature is refused with 401, after which both senders stop
// this registration. GET with ?echo=text returns the text: the vendor's framework tests an address by it.
func WebhookHandler(secret string, receive func(context.Context, Delivery) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = io.WriteString(w, r.URL.Query().Get("echo"))
			return
		case http.MethodPost:
		default:
			w.Header().Set("Allow", "GET, POST")
			http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDeliveryBytes))
		if err != nil {
			status := http.StatusInternalServerError // truncated: the sender tries again
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, "the body cannot be read", status)
			return
		}
		if secret != Unsigned && !verify(secret, r.Header, body, time.Now()) {
			http.Error(w, "wrong signature", http.StatusUnauthorized)
			return
		}
		d, err := readDelivery(body)
		if err != nil { // not 400, which would stop the registration
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		if err := receive(r.Context(), d); err != nil {
			http.Error(w, "not received", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// verify reports whether a delivery has a valid signature of either kind.
func verify(secret string, h http.Header, body []byte, now time.Time) bool {
	if secret == "" {
		return false
	}
	for _, text := range h.Values("X-Hub-Signature") {
		text = strings.TrimSpace(text)
		if _, bare, prefixed := strings.Cut(text, "="); prefixed {
			text = bare
		}
		if got, err := hex.DecodeString(text); err == nil && hmac.Equal(got, mac([]byte(secret), body)) {
			return true
		}
	}
	stamp := h.Get("Webhook-Timestamp")
	if seconds, err := strconv.ParseInt(stamp, 10, 64); err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > clockSkew {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		key = []byte(secret)
	}
	want := mac(key, append([]byte(h.Get("Webhook-Id")+"."+stamp+"."), body...))
	for text := range strings.FieldsSeq(h.Get("Webhook-Signature")) {
		if text, ok := strings.CutPrefix(text, "v1,"); ok {
			if got, err := base64.StdEncoding.DecodeString(text); err == nil && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// readDelivery decodes a body. Deletions are notifications, RemoveId alone, or both (contract webhooks).
func readDelivery(body []byte) (Delivery, error) {
	var decoded struct {
		ID            string `json:"Id"`
		Attempt       int64  `json:"Attempt"`
		Notifications []struct {
			Action string         `json:"Action"`
			Data   jsontext.Value `json:"Data"`
		} `json:"Notifications"`
		RemoveID []int64 `json:"RemoveId" alias:"RemovedIds,RemoveIds"`
	}
	if err := wire.DecodeResponse(body, &decoded); err != nil {
		return Delivery{}, fmt.Errorf("the delivery cannot be read: %w", err)
	}
	d := Delivery{ID: decoded.ID, Attempt: decoded.Attempt}
	for _, n := range decoded.Notifications {
		kind, shop := splitAction(n.Action)
		notification := Notification{Action: n.Action, Type: kind, Retailer: shop, Data: n.Data, JSON: n.Data}
		if read := decoders[kind]; read != nil {
			var err error
			if notification.Data, err = read(n.Data); err != nil {
				return Delivery{}, fmt.Errorf("%s cannot be read: %w", n.Action, err)
			}
		}
		d.Notifications = append(d.Notifications, notification)
	}
	if len(d.Notifications) == 0 && len(decoded.RemoveID) > 0 {
		d.Notifications = []Notification{{Data: decoded.RemoveID, JSON: wire.Append(nil, decoded.RemoveID)}}
	}
	return d, nil
}

// splitAction splits customer.update.123 into a type and a shop's id, 0 if there is none.
func splitAction(action string) (kind string, shop int64) {
	kind = strings.ToLower(strings.TrimSpace(action))
	if dot := strings.LastIndexByte(kind, '.'); dot >= 0 {
		if id, err := strconv.ParseInt(kind[dot+1:], 10, 64); err == nil {
			return kind[:dot], id
		}
	}
	return kind, 0
}
