package console_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/webhook"
)

// receiver takes webhooks, and answers with a status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	bodies []string
	signed []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		r.signed = append(r.signed, req.Header.Get("X-Hub-Signature"))
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, hostile)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// got are how many requests have a text in their body, and the last one's signature.
func (r *receiver) got(text string) (n int, body, signature string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, b := range r.bodies {
		if strings.Contains(b, text) {
			n, body, signature = n+1, b, r.signed[i]
		}
	}
	return n, body, signature
}

func signature(secret, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(body))
	return "sha1=" + hex.EncodeToString(h.Sum(nil))
}

// deliver runs the deliverer until the test ends. A failed attempt is tried again after an hour.
func (d *desk) deliver() {
	d.t.Helper()
	deliverer := webhook.NewDeliverer(d.DB, webhook.Options{
		Log: slog.New(slog.DiscardHandler), Guard: webhook.Guard{Allowed: webhook.Loopback()}, Pauses: []time.Duration{time.Hour, time.Hour},
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		deliverer.Run(ctx)
	}()
	d.t.Cleanup(func() {
		cancel()
		<-done
	})
}

// register registers an address in the desk, and returns the page of the webhook and the secret.
func (p *person) register(kind, to string) (at, secret string) {
	p.t.Helper()
	form := p.get(p.get("/console/webhooks").link("Thêm webhook")).want(http.StatusOK).form("/console/webhooks").set("type", kind, "url", to, "description", hostile)
	made := p.submit(form).want(http.StatusOK).harmless()
	if again := p.submit(form).want(http.StatusOK); !slices.Equal(again.shown(), made.shown()) || len(made.shown()) != 1 {
		p.t.Fatalf("a form that is sent twice shows %q and %q", made.shown(), again.shown())
	}
	return made.link("Xem lại webhook"), made.shown()[0]
}

// TestAWebhookFailsAndIsReplayed by the pages of the desk: its owner sees what the receiver answered, and has it sent again.
func TestAWebhookFailsAndIsReplayed(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.deliver()
		owner, r := d.owner(), newReceiver(t)
		at, secret := owner.register("customer.update", r.URL+"/hook?a=<script>")
		owner.get("/console/webhooks").want(http.StatusOK).harmless().has(r.URL, "Đang gửi").hasNot(secret)

		r.answer(http.StatusInternalServerError)
		d.create("/customers", `{"name":`+quoted("Chị Sáu "+hostile)+`,"code":"SAU"}`)
		within(t, 20*time.Second, "the failure is on the page", func() bool { return strings.Contains(owner.get(at).text(), "Máy nhận trả lời 500") })
		page := owner.get(at).want(http.StatusOK).harmless().has("Đang lỗi", "Máy nhận chưa nhận được", "Thử lại lúc", "Sẽ gửi lại", "customer.update").hasNot(secret)
		owner.get("/console/webhooks").harmless().has("Đang lỗi", "Máy nhận trả lời 500")
		owner.get(page.link("Xem tất cả")).want(http.StatusOK).harmless().has("Sẽ gửi lại")
		failed := owner.get(page.rowLinks()[0]).want(http.StatusOK).harmless().has("Máy nhận trả lời", "500", `"Name": "Chị Sáu`, `"Attempt": 1`).hasNot(secret)
		if n, body, sent := r.got("SAU"); n != 1 || sent != signature(secret, body) {
			t.Errorf("%d requests, signed %s", n, sent)
		}

		r.answer(http.StatusOK)
		owner.submit(failed.form(failed.at.Path + "/redeliver")).want(http.StatusOK)
		arrives := func(what string, times int) {
			t.Helper()
			within(t, 20*time.Second, what, func() bool { n, _, _ := r.got("SAU"); return n == times })
		}
		arrives("what was sent again arrives", 2)
		within(t, 5*time.Second, "nothing waits", func() bool { return strings.Contains(owner.get(at).text(), "Đã nhận") })

		replay := owner.get(owner.get(at).link("Gửi lại từ…")).want(http.StatusOK).form(at + "/replay")
		for _, wrong := range [][]string{{"fromSeq", ""}, {"fromSeq", "1,5"}, {"fromSeq", "999999"}, {"fromSeq", "1", "fromDate", "2026-11-22T08:00"}} {
			again := &form{Values: url.Values{"key": replay.Values["key"]}, action: replay.action}
			owner.submit(again.set(wrong...)).want(http.StatusUnprocessableEntity).harmless()
		}
		owner.submit(replay.set("fromDate", "2026-11-22T08:00")).want(http.StatusOK)
		arrives("the replay arrives", 3)
	})
}

// TestAWebhookIsStoppedPausedAndChanged by its receiver, and by its owner.
func TestAWebhookIsStoppedPausedAndChanged(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.deliver()
		owner, r := d.owner(), newReceiver(t)
		at, secret := owner.register("category.update", r.URL)
		do := func(what string) *page {
			t.Helper()
			return owner.post(at+"/active", url.Values{"do": {what}}).want(http.StatusOK)
		}
		r.answer(http.StatusUnauthorized)
		d.create("/categories", `{"categoryName":"Nhóm một"}`)
		within(t, 20*time.Second, "it is stopped", func() bool { return strings.Contains(owner.get(at).text(), "Taphoa đã ngừng gửi") })

		form := owner.get(owner.get(at).link("Đổi mã bí mật")).want(http.StatusOK).form(at+"/secret").set("overlap", "0")
		second := owner.submit(form).want(http.StatusOK).shown()
		if len(second) != 1 || second[0] == secret {
			t.Fatalf("the new secret is %q", second)
		}
		r.answer(http.StatusOK)
		do("resume").has("Đang gửi")
		within(t, 20*time.Second, "what it was stopped at arrives", func() bool { n, _, _ := r.got("Nhóm một"); return n == 2 })
		if _, body, sent := r.got("Nhóm một"); sent != signature(second[0], body) {
			t.Error("it is not signed by the new secret")
		}
		const own = "một mã tự đặt"
		owner.submit(owner.get(at+"/secret").form(at+"/secret").set("secret", own, "overlap", "0")).want(http.StatusOK).hasNot(own)

		do("pause").has("Đang tạm dừng")
		d.create("/categories", `{"categoryName":"Nhóm hai"}`)
		do("resume")
		edit := owner.get(owner.get(at).link("Sửa")).want(http.StatusOK).form(at)
		owner.submit(edit.set("url", "ftp://x", "description", "ERP")).want(http.StatusUnprocessableEntity).has("Địa chỉ nhận không hợp lệ")
		owner.submit(edit.set("url", r.URL+"/second")).want(http.StatusOK).has(r.URL+"/second", "ERP")
		d.create("/categories", `{"categoryName":"Nhóm ba"}`)
		within(t, 20*time.Second, "what comes after the pause arrives", func() bool { n, _, _ := r.got("Nhóm ba"); return n == 1 })
		if _, body, sent := r.got("Nhóm ba"); sent != signature(own, body) {
			t.Error("it is not signed by the secret that was typed")
		}
		if n, _, _ := r.got("Nhóm hai"); n != 0 {
			t.Error("what happened during the pause arrives")
		}
		for _, path := range []string{at, at + "/edit", at + "/secret", at + "/replay", at + "/remove", "/console/webhooks", "/console/deliveries", "/console/webhooks/new"} {
			owner.get(path).want(http.StatusOK).harmless().hasNot(secret, second[0], own)
		}
		d.visitor().post(at+"/secret", url.Values{"secret": {own}}).want(http.StatusUnauthorized).hasNot(own)
		owner.submit(owner.get(at + "/remove").form(at + "/remove")).want(http.StatusOK).hasNot(r.URL + "/second")
		owner.get(at).want(http.StatusNotFound)
	})
}

// TestAWebhookHasTwoSecretsForAWhile, by the choice of its owner, who is asked for the password.
func TestAWebhookHasTwoSecretsForAWhile(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.deliver()
		owner, r := d.owner(), newReceiver(t)
		at, first := owner.register("category.update", r.URL)
		form := owner.get(at + "/secret").want(http.StatusOK).form(at + "/secret")
		owner.submit(form.set("overlap", "2")).want(http.StatusUnprocessableEntity).has("Hãy chọn mã bí mật cũ còn dùng được bao lâu")
		made := owner.submit(form.set("overlap", "1")).want(http.StatusOK).harmless()
		if again := owner.submit(form).want(http.StatusOK); len(made.shown()) != 1 || made.shown()[0] == first || !slices.Equal(again.shown(), made.shown()) {
			t.Fatalf("the new secret is %q, and %q if the form is sent twice", made.shown(), again.shown())
		}
		second := made.shown()[0]
		owner.get(at).has("Mã bí mật cũ còn dùng đến").hasNot(first, second)
		owner.get(at+"/secret").has("sẽ hết hiệu lực khi đổi").hasNot(first, second)
		owner.get("/console/audit").want(http.StatusOK).has("Đổi mã bí mật của webhook").hasNot(first, second)
		signs := func(name, secret string) {
			t.Helper()
			d.create("/categories", `{"categoryName":`+quoted(name)+`}`)
			within(t, 20*time.Second, "it arrives", func() bool { n, _, _ := r.got(name); return n == 1 })
			if _, body, sent := r.got(name); sent != signature(secret, body) {
				t.Errorf("%s is signed by another secret", name)
			}
		}
		signs("Nhóm một", first)
		d.Clock.Advance(3601)
		signs("Nhóm hai", second)

		owner = d.owner()
		owner.get(at).hasNot("Mã bí mật cũ còn dùng đến")
		d.Clock.Advance(3600)
		form = owner.get(at+"/secret").want(http.StatusOK).has("Mật khẩu của bạn").form(at+"/secret").set("overlap", "0")
		owner.submit(form.set("password", "")).want(http.StatusUnprocessableEntity).has("Hãy nhập lại mật khẩu để tiếp tục")
		signs("Nhóm ba", second)
	})
}

// TestWhatWasGivenUpIsShownFirst, and what cannot be registered is refused at its field.
func TestWhatWasGivenUpIsShownFirst(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		at := "/console/webhooks/" + strconv.FormatInt(d.ID("webhook:product.update"), 10)
		page := owner.get(at).want(http.StatusOK).has("Đã thôi gửi", "Không gửi được", "Những lần gửi gần đây").hasNot("bWF0a2hhdTEyMw==")
		owner.get(page.rowLinks()[0]).want(http.StatusOK).has("database is down", "Nội dung đã gửi")
		owner.get("/console/deliveries?outcome=dead&webhookId=" + strconv.FormatInt(d.ID("webhook:product.update"), 10)).want(http.StatusOK).has("https://erp.taphoa.vn")
		owner.get("/console/deliveries?outcome=delivered").want(http.StatusOK).has("Không tìm thấy")

		form := owner.get("/console/webhooks/new").form("/console/webhooks")
		d.Clock.Advance(120)
		for _, x := range []struct{ field, kind, to string }{
			{"url", "product.update", "https://erp.taphoa.vn/hooks/product?noecho"},
			{"url", "product.update", ""},
			{"url", "product.update", "javascript:alert(1)"},
			{"type", "nothing.update", "https://example.com"},
			{"type", "", "https://example.com"},
		} {
			got := owner.submit(form.set("type", x.kind, "url", x.to, "secret", "kín")).want(http.StatusUnprocessableEntity).harmless().hasNot("kín")
			if got.wrong(x.field) == "" {
				t.Errorf("%+v: %.300s", x, got.text())
			}
		}
		if n := len(owner.get("/console/webhooks").rows()); n != 1 {
			t.Errorf("there are %d webhooks", n)
		}
	})
}
