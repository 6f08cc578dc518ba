package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
)

// TestAProgramIsConnectedInABrowser: the owner makes a connection, a program calls the API with what the page shows, and is told by
// a webhook what has changed, once its receiver is mended and the owner has it replayed.
func TestAProgramIsConnectedInABrowser(t *testing.T) {
	t.Parallel()
	var status, asked atomic.Int64
	status.Store(http.StatusInternalServerError)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(receiver.Close)
	s, d := enterDemo(t)

	d.press("Kết nối API")
	d.at("/console/connections")
	d.press("Thêm kết nối")
	d.at("/console/connections/new")
	d.fill("name", "Trang web bán hàng")
	d.pick("rights", "role:2")
	d.press("Tạo kết nối")
	keys := d.secrets()
	if len(keys) != 3 || keys[0] != demo.ShopCode {
		t.Fatalf("the page shows %q", keys)
	}
	c := caller{t, s.base, keys[0], s.token(keys[1], keys[2])}
	c.must(http.MethodGet, "/branches", "", &struct{}{})
	d.press("Xem kết nối")
	d.shows("Trang web bán hàng")
	d.await(`!document.documentElement.innerHTML.includes("` + keys[2] + `")`)
	d.press("Thu hồi")
	d.await(`document.querySelector("dialog#revoke").open`)
	d.press("Bỏ qua")

	d.press("Webhook")
	d.at("/console/webhooks")
	d.press("Thêm webhook")
	d.at("/console/webhooks/new")
	d.pick("type", "customer.update")
	d.fill("url", receiver.URL)
	d.press("Đăng ký")
	if keys := d.secrets(); len(keys) != 1 {
		t.Errorf("the page shows %q", keys)
	}
	d.press("Xem lại webhook")
	d.shows("Chưa gửi lần nào")
	c.must(http.MethodPost, "/customers", `{"name":"Nguyễn Thị Lụa"}`, &struct{}{})
	reached := func(n int64) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); asked.Load() < n; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the receiver was asked %d times", asked.Load())
			}
		}
	}
	reached(1)
	d.reload("Máy nhận trả lời 500")
	status.Store(http.StatusOK)
	d.press("Gửi lại từ…")
	d.fill("fromSeq", "1")
	d.press("Gửi lại")
	d.shows("Đang gửi lại")
	reached(2)
	d.reload("Đã nhận")
	d.quiet()
}

// reload loads the page again until it says something that happens without it.
func (d *desk) reload(text string) {
	d.t.Helper()
	says := `document.readyState === "complete" && document.body.innerText.includes("` + text + `")`
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		d.do(chromedp.Reload())
		found, err := chromedp.Run(d.ctx, chromedp.Evaluate[bool](says))
		switch {
		case err != nil:
			d.t.Fatal(err)
		case found:
			return
		case time.Now().After(end):
			d.t.Fatalf("the page does not say %q", text)
		}
	}
}

// TestThePagesOfConnectionsSuitEveryScreenAndReader looks at those that have more than a list or a form.
func TestThePagesOfConnectionsSuitEveryScreenAndReader(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<html><body>Internal Server Error</body></html>"))
	}))
	t.Cleanup(receiver.Close)
	s, d := enterDemo(t)
	d.visit("/console/connections/new")
	d.fill("name", "Trang web bán hàng")
	d.press("Tạo kết nối")
	d.secrets()
	d.suits()
	d.visit("/console/webhooks/new")
	d.pick("type", "customer.update")
	d.fill("url", receiver.URL+"/hooks/khach-hang?nguon=taphoa&khoa=1234567890123456789012345678901234567890")
	d.press("Đăng ký")
	d.press("Xem lại webhook")
	d.shows("Chưa gửi lần nào")
	c := caller{t, s.base, demo.ShopCode, s.tokenFor(oauth.ScopePublic, demo.ClientID, demo.ClientSecret)}
	c.must(http.MethodPost, "/customers", `{"name":"Nguyễn Thị Lụa"}`, &struct{}{})
	d.reload("Máy nhận trả lời 500")
	d.suits()
	d.pressOn(`document.querySelector("tbody a")`)
	d.shows("Nội dung đã gửi")
	d.suits()
	d.quiet()
}
