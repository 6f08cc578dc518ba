package client_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

const hookSecret = "bWF0a2hhdTEyMw=="

func macOf(key, text string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// deliver sends a body with headers in pairs, and returns the status and the received delivery.
func deliver(secret, body string, result error, headers ...string) (int, *client.Delivery) {
	var got *client.Delivery
	h := client.WebhookHandler(secret, func(_ context.Context, d client.Delivery) error {
		got = &d
		return result
	})
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, got
}

func TestOnlyAValidSignatureIsAccepted(t *testing.T) {
	const body = `{"Id":"a","Attempt":1,"Notifications":[]}`
	right := hex.EncodeToString(macOf(hookSecret, body))
	now, old := strconv.FormatInt(time.Now().Unix(), 10), strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	standard := func(key, stamp string) string {
		return "v1,AAAA v1," + base64.StdEncoding.EncodeToString(macOf(key, "a."+stamp+"."+body))
	}
	for name, c := range map[string]struct {
		secret  string
		headers []string
		want    int
	}{
		"sha1":                 {hookSecret, []string{"X-Hub-Signature", "sha1=" + right}, 200},
		"sha256":               {hookSecret, []string{"X-Hub-Signature", "sha256=" + right}, 200},
		"no prefix":            {hookSecret, []string{"X-Hub-Signature", strings.ToUpper(right)}, 200},
		"none":                 {hookSecret, nil, 401},
		"empty":                {hookSecret, []string{"X-Hub-Signature", "sha1="}, 401},
		"another's":            {hookSecret, []string{"X-Hub-Signature", "sha1=" + hex.EncodeToString(macOf("x", body))}, 401},
		"cut":                  {hookSecret, []string{"X-Hub-Signature", "sha1=" + right[:40]}, 401},
		"standard":             {hookSecret, []string{"Webhook-Id", "a", "Webhook-Timestamp", now, "Webhook-Signature", standard("matkhau123", now)}, 200},
		"standard, too old":    {hookSecret, []string{"Webhook-Id", "a", "Webhook-Timestamp", old, "Webhook-Signature", standard("matkhau123", old)}, 401},
		"standard, wrong key":  {hookSecret, []string{"Webhook-Id", "a", "Webhook-Timestamp", now, "Webhook-Signature", standard("x", now)}, 401},
		"standard, other id":   {hookSecret, []string{"Webhook-Id", "b", "Webhook-Timestamp", now, "Webhook-Signature", standard("matkhau123", now)}, 401},
		"an empty secret":      {"", []string{"X-Hub-Signature", hex.EncodeToString(macOf("", body))}, 401},
		"unsigned, as allowed": {client.Unsigned, nil, 200},
	} {
		status, got := deliver(c.secret, body, nil, c.headers...)
		if status != c.want || (got != nil) != (c.want == 200) {
			t.Errorf("%s: %d, received %v", name, status, got)
		}
	}
}

func TestNotificationsAreTyped(t *testing.T) {
	_, d := deliver(client.Unsigned, `{"Id":"a","Attempt":2,"Notifications":[
		{"Action":"invoice.update.101","Data":[{"Id":5,"Code":"HD5","Total":"12.5","InvoiceDetails":[{"ProductId":1,"Quantity":2}]}]},
		{"Action":"product.update","Data":[{"Id":6,"Images":["https://a.vn/1.jpg",{"Image":"https://a.vn/2.jpg"}]}]},
		{"Action":"Customer.Delete.101","Data":[7,8]},
		{"Action":"moon.rise.101","Data":[{"full":true}]}],"RemoveId":[7,8]}`, nil)
	if d == nil || d.ID != "a" || d.Attempt != 2 || len(d.Notifications) != 4 {
		t.Fatalf("%+v", d)
	}
	n := d.Notifications
	invoices, _ := n[0].Data.([]taphoa.InvoiceData)
	if n[0].Type != "invoice.update" || n[0].Retailer != 101 || len(invoices) != 1 || invoices[0].Total != taphoa.Dong(25)/2 || len(invoices[0].InvoiceDetails) != 1 {
		t.Errorf("%+v", n[0])
	}
	products, _ := n[1].Data.([]taphoa.ProductData)
	if n[1].Type != "product.update" || n[1].Retailer != 0 || len(products) != 1 || len(products[0].Images) != 2 ||
		products[0].Images[0].Image != "https://a.vn/1.jpg" || products[0].Images[1].Image != "https://a.vn/2.jpg" {
		t.Errorf("%+v", n[1])
	}
	if ids, _ := n[2].Data.([]int64); n[2].Type != "customer.delete" || !slices.Equal(ids, []int64{7, 8}) {
		t.Errorf("%+v", n[2])
	}
	if n[3].Type != "moon.rise" || string(n[3].JSON) != `[{"full":true}]` {
		t.Errorf("%+v", n[3])
	}
	_, d = deliver(client.Unsigned, `{"RemoveId":[9]}`, nil)
	if ids, _ := d.Notifications[0].Data.([]int64); !slices.Equal(ids, []int64{9}) {
		t.Errorf("%+v", d)
	}
}

func TestTheStatusReportsWhetherADeliveryWasReceived(t *testing.T) {
	if status, _ := deliver(client.Unsigned, `{}`, errors.New("disk full")); status != http.StatusInternalServerError {
		t.Error(status)
	}
	if status, got := deliver(client.Unsigned, `{"Id"`, nil); status != http.StatusUnprocessableEntity || got != nil {
		t.Error(status)
	}
	if status, got := deliver(client.Unsigned, strings.Repeat(" ", 33<<20), nil); status != http.StatusRequestEntityTooLarge || got != nil {
		t.Error(status)
	}
	h := client.WebhookHandler(hookSecret, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?echo=<b>xin%20ch%C3%A0o", nil))
	if w.Code != http.StatusOK || w.Body.String() != "<b>xin chào" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Error(w.Code)
	}
}
