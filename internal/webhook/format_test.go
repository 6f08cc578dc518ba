package webhook_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/webhook"
)

func TestEventsAreSentInBatchesIfTheShopWantsIt(t *testing.T) {
	eachShop(t, func(s shop) {
		var recovered atomic.Bool
		r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) {
			if !recovered.Load() {
				w.WriteHeader(500)
			}
		})
		s.set("WebhookBatch", "10")
		id := s.register(r.URL)
		s.emit(numbers(1, 4)...)
		stop := s.startDeliverer(webhook.Options{})
		s.until("it is tried", func() bool { return s.registration(id).Attempt == 1 })
		stop()
		s.emit(numbers(5, 25)...)
		recovered.Store(true)
		s.clock.Advance(5)
		s.startDeliverer(webhook.Options{})
		s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == 25 })
		want := [][]int64{numbers(1, 4), numbers(1, 4), numbers(5, 14), numbers(15, 24), {25}}
		got := r.all()
		for i, g := range got {
			if i >= len(want) || !slices.Equal(g.keys(), want[i]) {
				s.Fatalf("request %d has %v", i, g.keys())
			}
		}
		if len(got) != len(want) || got[0].ID != got[1].ID || got[0].Attempt != 1 || got[1].Attempt != 2 || got[2].Attempt != 1 {
			s.Errorf("a request that failed is not repeated with the same events: %+v", got[:2])
		}
	})
}

func TestABatchMayHoldMoreThanIsReadAtOnce(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.set("WebhookBatch", "100")
		s.register(r.URL)
		s.emit(numbers(1, 101)...)
		s.startDeliverer(webhook.Options{})
		s.until("all are delivered", func() bool { return len(r.ids()) == 101 })
		if !slices.Equal(r.ids(), numbers(1, 101)) || len(r.all()) != 2 {
			s.Errorf("%d requests have %v", len(r.all()), r.ids())
		}
	})
}

func TestTheSignatureHasThePrefixThatTheShopWants(t *testing.T) {
	eachShop(t, func(s shop) {
		const secret = "bWF0a2hhdTEyMw=="
		signed, plain := newReceiver(s.T, nil), newReceiver(s.T, nil)
		s.registerAs("customer.update", signed.URL, secret)
		s.register(plain.URL)
		s.startDeliverer(webhook.Options{})
		for i, setting := range []string{"sha1", "sha256", "none"} {
			s.set("WebhookSignature", setting)
			s.emit(int64(i))
			s.until("it is delivered", func() bool { return len(signed.all()) == i+1 && len(plain.all()) == i+1 })
			g := signed.all()[i]
			h := hmac.New(sha256.New, []byte(secret)) // the text as it was registered
			h.Write(g.body)
			want := strings.TrimPrefix(setting+"="+hex.EncodeToString(h.Sum(nil)), "none=")
			if got := g.header.Get("X-Hub-Signature"); got != want {
				s.Errorf("%s: the signature is %s, want %s", setting, got, want)
			}
			h = hmac.New(sha256.New, []byte("matkhau123")) // what the text encodes (standardwebhooks.com)
			fmt.Fprintf(h, "%s.%s.%s", g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"), g.body)
			if got := g.header.Get("Webhook-Signature"); got != "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)) {
				s.Errorf("the standard's signature is %s", got)
			}
			if g.header.Get("Webhook-Id") != g.ID || g.header.Get("Content-Type") != "application/json" || g.header.Get("Idempotency-Key") != "" {
				s.Errorf("the headers are %v", g.header)
			}
			if h := plain.all()[i].header; h.Get("X-Hub-Signature") != "" || h.Get("Webhook-Signature") != "" {
				s.Errorf("signed without a secret: %v", h)
			}
		}
	})
}

func TestAnActionCanBeBare(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.register(r.URL)
		s.startDeliverer(webhook.Options{})
		s.emit(1)
		s.until("it is delivered", func() bool { return len(r.all()) == 1 })
		s.set("WebhookBareAction", "true")
		s.emit(2)
		s.until("it is delivered", func() bool { return len(r.all()) == 2 })
		if a, b := r.all()[0].Notes[0].Action, r.all()[1].Notes[0].Action; a != "customer.update.1" || b != "customer.update" {
			s.Errorf("the actions are %s and %s", a, b)
		}
	})
}

func TestADeletionIsSentInBothShapes(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.registerAs("customer.delete", r.URL, "")
		s.startDeliverer(webhook.Options{})
		s.write(func(tx *db.Tx) error { customerDeleted.Emit(tx, 7, 8); return nil })
		s.until("it is delivered", func() bool { return len(r.all()) == 1 })
		g := r.all()[0]
		want := fmt.Sprintf(`{"Id":"%s","Attempt":1,"Notifications":[{"Action":"customer.delete.1","Data":[7,8]}],"RemoveId":[7,8]}`, g.ID)
		if string(g.body) != want {
			s.Errorf("sent %s, want %s", g.body, want)
		}
	})
}

// productWithImages has products whose texts look like JSON of images.
var productWithImages = event.Kind[int64]{Type: "product.update", Data: func(_ *db.Tx, ids []int64) (any, error) {
	lookalike := `"Images":[{"Image":"no"}]`
	return []taphoa.ProductData{
		{ID: ids[0], Name: lookalike, Code: `\"Images":[`, Images: []taphoa.ProductImageData{{Image: `https://a.vn/"\b,]}.jpg`}, {Image: "https://b.vn/ả.jpg"}}},
		{ID: ids[0] + 1, FullName: `{"Image":"` + lookalike, Images: nil},
		{ID: ids[0] + 2, Images: []taphoa.ProductImageData{{Image: lookalike}}},
	}, nil
}}

func TestImagesAreLinksUnlessTheShopWantsObjects(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.registerAs("product.update", r.URL, "")
		s.startDeliverer(webhook.Options{})
		type shown struct {
			Name, Code, FullName string
			Images               []any
		}
		for i, links := range []string{"", "false", "true"} { // the first has never set it
			if links != "" {
				s.set("WebhookImageStrings", links)
			}
			s.write(func(tx *db.Tx) error { productWithImages.Emit(tx, 5); return nil })
			s.until("it is delivered", func() bool { return len(r.all()) == i+1 })
			var products []shown
			if err := json.Unmarshal(r.all()[i].Notes[0].Data, &products); err != nil {
				s.Fatal(err)
			}
			s.read(func(tx *db.Tx) error {
				feed, err := webhook.Feed(tx, &taphoa.EventQuery{Limit: 10})
				if n := len(feed.Data); n != i+1 || !bytes.Contains(r.all()[i].body, feed.Data[n-1].Data) {
					s.Errorf("the feed does not show what was delivered: %+v", feed)
				}
				return err
			})
			lookalike := `"Images":[{"Image":"no"}]`
			if products[0].Name != lookalike || products[0].Code != `\"Images":[` || products[1].FullName != `{"Image":"`+lookalike || len(products[1].Images) != 0 {
				s.Errorf("texts were changed: %+v", products)
			}
			want := []any{`https://a.vn/"\b,]}.jpg`, "https://b.vn/ả.jpg", lookalike}
			for n, got := range append(products[0].Images, products[2].Images...) {
				if links == "false" {
					got = got.(map[string]any)["Image"]
				}
				if got != want[n] {
					s.Errorf("links %s: image %d is %v", links, n, got)
				}
			}
		}
	})
}

// texts map strings to the output of JSON.stringify: receivers verify the signature over what they stringify again.
var texts = map[string]string{
	`Trà "xanh" 100% \ nguyên`:       `"Trà \"xanh\" 100% \\ nguyên"`,
	"<b>&amp;</b> 'a' / b":           `"<b>&amp;</b> 'a' / b"`,
	"\x00\x01\x1f\x7f":               `"\u0000\u0001\u001f` + "\x7f\"",
	"\b\f\n\r\t\v":                   `"\b\f\n\r\t\u000b"`,
	"\u2028\u2029\u00a0\ufeff\ufffd": "\"\u2028\u2029\u00a0\ufeff\ufffd\"",
	"😀 Phở 𝄞 ế":                      `"😀 Phở 𝄞 ế"`,
	"+=;{}[]:,":                      `"+=;{}[]:,"`,
	"":                               `""`,
}

// decimals map ten-thousandths to the output of JSON.stringify.
var decimals = map[int64]string{
	0: "0", 1: "0.0001", -1: "-0.0001", 10: "0.001", 2500: "0.25", 10_000: "1", 15_000: "1.5", -250_000: "-25",
	12_345_678_901: "1234567.8901", 999_999_999 * 10_000: "999999999", 1_000_000_000_000 * 10_000: "1000000000000",
	99_999_999_999_9999: "99999999999.9999",
}

var stockUpdated = event.Kind[int64]{Type: "stock.update", Data: func(_ *db.Tx, _ []int64) (any, error) {
	var data []taphoa.StockData
	for text := range texts {
		data = append(data, taphoa.StockData{ProductName: text})
	}
	for n := range decimals {
		data = append(data, taphoa.StockData{OnHand: taphoa.Quantity(n), Cost: taphoa.Money(n)})
	}
	return data, nil
}}

func TestABodyIsByteForByteWhatJSONStringifyReturns(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.registerAs("stock.update", r.URL, "")
		s.write(func(tx *db.Tx) error { stockUpdated.Emit(tx, 1); return nil })
		s.startDeliverer(webhook.Options{})
		s.until("it is delivered", func() bool { return len(r.all()) == 1 })
		body := r.all()[0].body
		for text, want := range texts {
			if !bytes.Contains(body, []byte(`"ProductName":`+want+`,`)) {
				s.Errorf("%q is not written %s", text, want)
			}
		}
		for n, want := range decimals {
			if !bytes.Contains(body, []byte(`"Cost":`+want+`,"OnHand":`+want+`,`)) {
				s.Errorf("%d ten-thousandths are not written %s", n, want)
			}
		}
		node, err := exec.LookPath("node")
		if err != nil {
			s.Log("without node only the list above is compared")
			return
		}
		cmd := exec.CommandContext(s.Context(), node, "-e",
			`process.stdout.write(JSON.stringify(JSON.parse(require("fs").readFileSync(0, "utf8"))))`)
		cmd.Stdin = bytes.NewReader(body)
		if out, err := cmd.Output(); err != nil || !bytes.Equal(out, body) {
			s.Errorf("node returns %v\n%s\nwant\n%s", err, out, body)
		}
	})
}

func TestAKeyOfTheStandardMayHaveItsPrefix(t *testing.T) {
	s1, s2 := http.Header{}, http.Header{}
	at := time.Unix(1_700_000_000, 0)
	webhook.Sign(s1, defaultFormat, "bWF0a2hhdTEyMw==", "id", at, []byte("{}"))
	webhook.Sign(s2, defaultFormat, "whsec_bWF0a2hhdTEyMw==", "id", at, []byte("{}"))
	if s1.Get("Webhook-Signature") != s2.Get("Webhook-Signature") || s1.Get("X-Hub-Signature") == s2.Get("X-Hub-Signature") {
		t.Errorf("signed %v and %v", s1, s2)
	}
}
