package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestAListThatHasNotChangedIsNotSentAgain polls every list, with time going by.
func TestAListThatHasNotChangedIsNotSentAgain(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		walked := 0
		for _, r := range api.Routes() {
			if !r.Tagged || strings.Contains(r.Paths[0], "{") {
				continue
			}
			target := r.Paths[0] + "?" + switches
			first := d.Send(r.Method, target, "")
			tag := first.Header.Get("ETag")
			if first.Status != http.StatusOK {
				continue
			}
			walked++
			d.Clock.Advance(1)
			for _, wish := range []string{tag, "*", `"other", ` + tag, strings.TrimPrefix(tag, "W/")} {
				a := d.Send(r.Method, target, "", "If-None-Match", wish)
				if a.Status != http.StatusNotModified || len(a.Body) > 0 || a.Header.Get("ETag") != tag {
					t.Errorf("%s with If-None-Match %s: %d %v, the tag was %s", r.Operation, wish, a.Status, a.Header, tag)
				}
			}
			if a := d.Send(r.Method, target, "", "If-None-Match", `W/"other"`); a.Status != http.StatusOK || a.Header.Get("ETag") != tag {
				t.Errorf("%s with another's tag: %d %v", r.Operation, a.Status, a.Header)
			}
		}
		if walked < 10 {
			t.Errorf("only %d lists walked", walked)
		}
		tag := d.Send(http.MethodGet, "/customers", "").Header.Get("ETag")
		d.Send(http.MethodPost, "/customers", `{"name":"Mới"}`)
		if a := d.Send(http.MethodGet, "/customers", "", "If-None-Match", tag); a.Status != http.StatusOK {
			t.Errorf("a list that has one more: %d", a.Status)
		}
		if a := d.Send(http.MethodGet, "/customers/987654321", "", "If-None-Match", "*"); a.Status != 420 || a.Header.Get("ETag") != "" {
			t.Errorf("a refusal: %d %v", a.Status, a.Header)
		}
	})
}

// TestARecordWithATimestampKeepsItsTag is about orders to suppliers, which are answered as a page of one: a client that has read
// one can change it, whatever else the shop did meanwhile.
func TestARecordWithATimestampKeepsItsTag(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		made := d.Send(http.MethodPost, "/ordersuppliers", fmt.Sprintf(
			`{"branchId":%d,"supplierId":%d,"isDraft":true,"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1000}]}`,
			d.ID("branch:CN1"), d.ID("supplier:NCC-TRA")))
		path := fmt.Sprintf("/ordersuppliers/%d", d.ID("ordersupplier:PDN000001"))
		tag := d.Send(http.MethodGet, path, "").Header.Get("ETag")
		if made.Status != http.StatusOK || tag == "" {
			t.Fatalf("the order is made with %d %s and read with the tag %q", made.Status, made.Body, tag)
		}
		d.Clock.Advance(1)
		d.Send(http.MethodPost, "/customers", `{"name":"Mới"}`)
		again := d.Send(http.MethodGet, path, "", "If-None-Match", tag)
		if again.Status != http.StatusNotModified || again.Header.Get("ETag") != tag {
			t.Errorf("an order that has not changed: %d %v, the tag was %s", again.Status, again.Header, tag)
		}
		if a := d.Send(http.MethodPut, path, `{"description":"Gấp"}`, "If-Match", tag); a.Status != http.StatusOK {
			t.Errorf("the order is changed as it was read: %d %s", a.Status, a.Body)
		}
		if a := d.Send(http.MethodGet, path, "", "If-None-Match", tag); a.Status != http.StatusOK {
			t.Errorf("an order that has changed: %d", a.Status)
		}
	})
}

// TestATagIsTheSameEverywhere compares two servers with the same records.
func TestATagIsTheSameEverywhere(t *testing.T) {
	one, other := apitest.Seeded(t, "sqlite"), apitest.Seeded(t, "sqlite")
	for _, path := range []string{"/products", "/customers", "/settings"} {
		a, b := one.Send(http.MethodGet, path, "").Header.Get("ETag"), other.Send(http.MethodGet, path, "").Header.Get("ETag")
		if a != b || !strings.HasPrefix(a, `W/"`) {
			t.Errorf("%s is %s and %s", path, a, b)
		}
	}
}

// careful puts an If-Match on every write of a record that can be read, a wrong one first.
type careful struct {
	t     *testing.T
	d     *apitest.Server
	inner http.Handler
	want  map[string]bool // operations to be careful with, until they are done
}

func (h *careful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := api.OperationAt(r.Method, r.URL.EscapedPath())
	if !h.want[operation] {
		h.inner.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	send := func(method, match string) apitest.Answer {
		again := r.Clone(r.Context())
		again.Method, again.Body = method, io.NopCloser(bytes.NewReader(body))
		if match != "" {
			again.Header.Set("If-Match", match)
		}
		return (&apitest.Server{Handler: h.inner}).Do(again)
	}
	read := send(http.MethodGet, "")
	match, refused := "", false
	if read.Status == http.StatusOK {
		match = read.Header.Get("ETag")
		before := h.d.Digest(h.d.Shop)
		a := send(r.Method, `W/"stale"`)
		sentence, err := a.Refusal()
		refused = a.Status == http.StatusPreconditionFailed && strings.Contains(sentence, "If-Match")
		if err != nil {
			h.t.Errorf("%s with a stale tag: %d %s", operation, a.Status, a.Body)
		}
		if differs := before.Differs(h.d.Digest(h.d.Shop)); differs != nil {
			h.t.Errorf("%s with a stale tag has changed %s", operation, differs)
		}
	}
	a := send(r.Method, match)
	if a.Status == http.StatusOK && match != "" && !refused { // what is refused anyway may be so for another reason
		h.t.Errorf("%s is not refused with a stale tag", operation)
	}
	if match != "" && a.Status == http.StatusOK {
		delete(h.want, operation)
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// TestAWriteWithAStaleTagIsRefused plays the transcripts, whose writes now say what they have seen. Where there is
// nothing to be seen, every tag is wrong.
func TestAWriteWithAStaleTagIsRefused(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			pathOf := func(r *api.Route) string { return strings.Replace(r.Paths[0], "{id}", "1", 1) }
			readable := func(r *api.Route) bool { return api.OperationAt(http.MethodGet, pathOf(r)) != "" }
			want := toBeTried(t, engine, func(r *api.Route) bool {
				return (r.Method == http.MethodPut || r.Method == http.MethodDelete) && readable(r) && !strings.HasSuffix(r.Paths[0], "invoices")
			})
			changes := func(step *apitest.Step) bool {
				return step.Method == http.MethodPut || step.Method == http.MethodDelete
			}
			playUntilDone(t, engine, want, changes, func(t *testing.T, d *apitest.Server) {
				d.Handler = &careful{t: t, d: d, inner: d.Handler, want: want}
			})
			for operation := range want {
				t.Errorf("%s has not been tried", operation)
			}
			d := apitest.Seeded(t, engine)
			for _, r := range api.Routes() {
				a := d.Send(r.Method, pathOf(&r), "{}", "If-Match", `"x"`)
				if r.Method != http.MethodGet && !readable(&r) && a.Status != http.StatusPreconditionFailed && a.Status != 420 {
					t.Errorf("%s, where nothing can be read: %d %s", r.Operation, a.Status, a.Body)
				}
			}
		})
	}
}

// TestNoCarefulChangeIsLost has several hands count in one record, each reading it before it writes.
func TestNoCarefulChangeIsLost(t *testing.T) {
	const hands, each = 6, 5
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		target := fmt.Sprint("/customers/", d.ID("customer:KH-CTY"))
		d.Send(http.MethodPut, target, `{"comments":"0"}`)
		var group sync.WaitGroup
		var refused atomic.Int64
		for range hands {
			group.Go(func() {
				for counted := 0; counted < each; {
					seen := d.Send(http.MethodGet, target, "")
					text, _ := seen.Get("$.comments")
					n, err := strconv.Atoi(text)
					if err != nil {
						t.Errorf("%d %s", seen.Status, seen.Body)
						return
					}
					a := d.Send(http.MethodPut, target, fmt.Sprintf(`{"comments":"%d"}`, n+1), "If-Match", seen.Header.Get("ETag"))
					switch a.Status {
					case http.StatusOK:
						counted++
					case http.StatusPreconditionFailed:
						refused.Add(1)
					default:
						t.Errorf("%d %s", a.Status, a.Body)
						return
					}
				}
			})
		}
		group.Wait()
		if got, _ := d.Send(http.MethodGet, target, "").Get("$.comments"); got != fmt.Sprint(hands*each) {
			t.Errorf("%s changes are left of %d", got, hands*each)
		}
		t.Logf("%d changes were refused", refused.Load())
	})
}

// TestARetriedCarefulChangeIsNoStaleOne sends a change again whose first try has made the tag stale.
func TestARetriedCarefulChangeIsNoStaleOne(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		target := fmt.Sprint("/customers/", d.ID("customer:KH-CTY"))
		tag := d.Send(http.MethodGet, target, "").Header.Get("ETag")
		for i := range tries {
			a := d.Send(http.MethodPut, target, `{"name":"An Bình"}`, "If-Match", tag, keyHeader, "đổi tên")
			if replayed := a.Header.Get("Idempotency-Replayed") == "true"; a.Status != http.StatusOK || replayed != (i > 0) {
				t.Errorf("try %d: %d %v %s", i+1, a.Status, a.Header, a.Body)
			}
		}
		if a := d.Send(http.MethodPut, target, `{"name":"Bình An"}`, "If-Match", tag); a.Status != http.StatusPreconditionFailed {
			t.Errorf("another change: %d %s", a.Status, a.Body)
		}
		if a := d.Send(http.MethodPut, target, `{"name":"Bình An"}`, "If-Match", "*"); a.Status != http.StatusOK {
			t.Errorf("whatever is there: %d %s", a.Status, a.Body)
		}
		if a := d.Send(http.MethodPut, "/customers/987654321", `{"name":"x"}`, "If-Match", "*"); a.Status != 420 {
			t.Errorf("what is not there: %d %s", a.Status, a.Body)
		}
	})
}
