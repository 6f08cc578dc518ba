package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/apitest"
)

// testServer counts token requests and calls handler, unless other has handled the request.
type testServer struct {
	handler http.Handler
	tokens  atomic.Int64
	other   func(w http.ResponseWriter, r *http.Request) bool
}

func (g *testServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/connect/token" {
		g.tokens.Add(1)
	} else if g.other != nil && g.other(w, r) {
		return
	}
	g.handler.ServeHTTP(w, r)
}

func TestManyGoroutinesShareOneToken(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	g := &testServer{handler: d.Handler}
	c := connect(t, config(d, serve(t, g)))
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if page, err := c.ListBranches(t.Context(), nil); err != nil || page.Total == 0 {
				t.Errorf("%+v %v", page, err)
			}
		})
	}
	all.Wait()
	if n := g.tokens.Load(); n != 1 {
		t.Errorf("%d tokens were requested", n)
	}
}

func TestAWriteIsRepeatedWithTheCallersKey(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	c := connect(t, config(d, serve(t, d.Handler)))
	add := func(key string) int64 {
		t.Helper()
		made, err := c.CreateCustomer(client.WithIdempotencyKey(t.Context(), key), &taphoa.CustomerInput{Name: taphoa.Some("An")})
		if err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	first := add("order-1")
	if again := add("order-1"); again != first {
		t.Errorf("sent again it creates the customer %d besides %d", again, first)
	}
	if other := add("order-2"); other == first {
		t.Error("another key makes no other customer")
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	var refused atomic.Int64
	g := &testServer{handler: d.Handler}
	g.other = func(w http.ResponseWriter, _ *http.Request) bool {
		if g.tokens.Load() > 1 {
			return false
		}
		refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"responseStatus":{"errorCode":"TokenException","message":"hết hạn","errors":[]}}`)
		return true
	}
	c := connect(t, config(d, serve(t, g)))
	if _, err := c.CreateCustomer(t.Context(), &taphoa.CustomerInput{Name: taphoa.Some("An")}); err != nil {
		t.Fatal(err)
	}
	if g.tokens.Load() != 2 || refused.Load() != 1 {
		t.Errorf("%d tokens, %d refusals", g.tokens.Load(), refused.Load())
	}
	g.other = func(w http.ResponseWriter, _ *http.Request) bool {
		refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	_, err := c.ListBranches(t.Context(), nil)
	if e := (*client.Error)(nil); !errors.As(err, &e) || e.Status != http.StatusUnauthorized || refused.Load() != 3 {
		t.Errorf("%v after %d refusals", err, refused.Load())
	}
}

func TestATokenIsRenewedBeforeItsEnd(t *testing.T) {
	var tokens, calls atomic.Int64
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/connect/token" {
			fmt.Fprintf(w, `{"access_token":"t%d","expires_in":1}`, tokens.Add(1))
			return
		}
		calls.Add(1)
		_, _ = io.WriteString(w, `{}`)
	}))
	c := connect(t, client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x"})
	for range 2 {
		if _, err := c.ListBranches(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(950 * time.Millisecond) // less than a tenth of its life is left
	if _, err := c.ListBranches(t.Context(), nil); err != nil || tokens.Load() != 2 || calls.Load() != 3 {
		t.Errorf("%d tokens for %d calls, %v", tokens.Load(), calls.Load(), err)
	}
}

func TestAWrongSecretIsReported(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	wrong := config(d, serve(t, d))
	wrong.ClientSecret = "no"
	_, err := connect(t, wrong).ListBranches(t.Context(), nil)
	if e := (*client.Error)(nil); !errors.As(err, &e) || e.Status != http.StatusBadRequest || e.Code != "invalid_client" || e.Message == "" {
		t.Errorf("%#v", err)
	}
}

func TestARefusalNamesItsField(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	c := connect(t, config(d, serve(t, d)))
	_, err := c.CreateBranch(t.Context(), &taphoa.BranchInput{BranchName: " "})
	e := (*client.Error)(nil)
	if !errors.As(err, &e) || e.Status != 420 || e.Code != taphoa.CodeValidate || e.Field != "branchName" || e.Message == "" || e.RequestID == "" {
		t.Errorf("%#v", err)
	}
	if _, err := c.GetProductByCode(t.Context(), &taphoa.ProductByCode{}); err == nil || errors.As(err, &e) && e.Status != 420 {
		t.Errorf("a path without its code: %v", err)
	}
}

func TestANewCustomerIsDecodedFromEachResponseFormat(t *testing.T) {
	for name, answer := range map[string]string{
		"at the root, as documented":      `{"id":7,"code":"KH7","name":"An"}`,
		"as data, as the plugin reads it": `{"message":"Cập nhật dữ liệu thành công","data":{"id":7,"code":"KH7","name":"An"}}`,
		"twice":                           `{"id":7,"code":"KH7","name":"An","message":"","data":{"id":7,"code":"KH7","name":"An"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := answer
				if r.URL.Path == "/connect/token" {
					answer = `{"access_token":"x","expires_in":100}`
				}
				_, _ = io.WriteString(w, answer)
			}))
			c := connect(t, client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x"})
			an, err := c.CreateCustomer(t.Context(), &taphoa.CustomerInput{Name: taphoa.Some("An")})
			if err != nil || an.ID != 7 || an.Code != "KH7" || an.Name != "An" {
				t.Errorf("%+v %v", an, err)
			}
		})
	}
}

// TestARecordBesideItsMessageIsDecodedFromEachResponseFormat of categories, surcharges and transfers.
func TestARecordBesideItsMessageIsDecodedFromEachResponseFormat(t *testing.T) {
	for name, answer := range map[string]string{
		"at the root": `{"id":7,"categoryId":7}`,
		"as data":     `{"message":"Xong","data":{"id":7,"categoryId":7}}`,
		"twice":       `{"id":7,"categoryId":7,"message":"Xong","data":{"id":7,"categoryId":7}}`,
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := answer
				if r.URL.Path == "/connect/token" {
					answer = `{"access_token":"x","expires_in":100}`
				}
				_, _ = io.WriteString(w, answer)
			}))
			c := connect(t, client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x"})
			category, err := c.CreateCategory(t.Context(), &taphoa.CategoryInput{})
			surcharge, err2 := c.CreateSurcharge(t.Context(), &taphoa.SurchargeInput{})
			transfer, err3 := c.CreateTransfer(t.Context(), &taphoa.TransferInput{})
			if err != nil || err2 != nil || err3 != nil || transfer.Data == nil {
				t.Fatal(err, err2, err3, transfer.Data)
			}
			if got := []int64{category.CategoryID, category.Data.CategoryID, surcharge.ID, surcharge.Data.ID, transfer.ID, transfer.Data.ID}; !slices.Equal(got, []int64{7, 7, 7, 7, 7, 7}) {
				t.Error(got)
			}
		})
	}
}

// TestABrokenConnectionLeavesOneInvoice closes the connection after the server has committed: the client's second request
// returns the same document.
func TestABrokenConnectionLeavesOneInvoice(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	var sent, broken atomic.Int64
	g := &testServer{handler: d.Handler, other: func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && sent.Add(1) <= 2 {
			d.ServeHTTP(httptest.NewRecorder(), r)
			broken.Add(1)
			panic(http.ErrAbortHandler)
		}
		return false
	}}
	c := connect(t, config(d, serve(t, g)))
	before, err := c.ListInvoices(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	code := "TRA"
	made, err := c.CreateInvoice(t.Context(), &taphoa.InvoiceInput{
		BranchID:       taphoa.Some(d.ID("branch:CN1")),
		InvoiceDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some(code), Quantity: taphoa.Some(taphoa.Units(1))}},
	})
	if err != nil || made.ID == 0 || broken.Load() != 2 {
		t.Fatalf("%+v %v after %d broken connections", made, err, broken.Load())
	}
	after, err := c.ListInvoices(t.Context(), nil)
	if err != nil || after.Total != before.Total+1 {
		t.Errorf("%d invoices have become %d, %v", before.Total, after.Total, err)
	}
}

func TestAWriteToTheVendorIsSentOnce(t *testing.T) {
	var sent atomic.Int64
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/connect/token":
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":86400}`)
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, `{}`)
		default:
			sent.Add(1)
			if r.Header.Get("Idempotency-Key") != "" {
				t.Error("a key, which would let net/http send it again")
			}
			panic(http.ErrAbortHandler)
		}
	}))
	vendor := client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x", RepeatWrite: taphoa.Some(false), Backoff: 1}
	c := connect(t, vendor)
	if _, err := c.ListBranches(t.Context(), nil); err != nil { // leaves an idle connection
		t.Fatal(err)
	}
	if _, err := c.CreateOrder(t.Context(), &taphoa.OrderInput{}); err == nil || sent.Load() != 1 {
		t.Errorf("sent %d times, %v", sent.Load(), err)
	}
}

func TestARequestToABusyServerIsRepeated(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	var requested atomic.Int64
	g := &testServer{handler: d.Handler, other: func(w http.ResponseWriter, _ *http.Request) bool {
		switch requested.Add(1) {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			return false
		}
		return true
	}}
	c := connect(t, config(d, serve(t, g)))
	began := time.Now()
	if _, err := c.ListBranches(t.Context(), nil); err != nil || time.Since(began) < time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	g.other = func(w http.ResponseWriter, _ *http.Request) bool {
		requested.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	requested.Store(0)
	_, err := c.ListBranches(t.Context(), nil)
	if e := (*client.Error)(nil); !errors.As(err, &e) || e.Status != http.StatusTooManyRequests || requested.Load() != 1 {
		t.Errorf("%v after %d requests", err, requested.Load())
	}
}

func TestEveryWaitEndsWithItsContext(t *testing.T) {
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/connect/token" {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":86400}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	c := connect(t, client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x", Backoff: time.Hour, LongestWait: 2 * time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.ListBranches(ctx, nil); err == nil {
		t.Error("no error")
	}
	limited := connect(t, client.Config{BaseURL: base, Retailer: "x", ClientID: "x", ClientSecret: "x", Attempts: 1, GetsPerHour: 2})
	for i := range 3 {
		_, err := limited.ListBranches(shortContext(t), nil)
		if (i == 2) != errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
}

func shortContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestALargeBodyIsCompressed(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	packed := false
	g := &testServer{handler: d.Handler, other: func(_ http.ResponseWriter, r *http.Request) bool {
		packed = packed || r.Header.Get("Content-Encoding") == "gzip" && r.ContentLength < 16<<10
		return false
	}}
	c := connect(t, config(d, serve(t, g)))
	in := &taphoa.ProductsInput{}
	for i := range 100 {
		in.ListProducts = append(in.ListProducts, taphoa.ProductInput{
			Name: taphoa.Some(fmt.Sprint("Sách ", i)), Description: taphoa.Some(strings.Repeat("chữ ", 200)),
		})
	}
	if _, err := c.BulkCreateProducts(t.Context(), in); err != nil || !packed {
		t.Errorf("packed: %t, %v", packed, err)
	}
}
