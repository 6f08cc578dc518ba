package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// plain unpacks an answer as a strict client does: one member, and nothing behind it.
func plain(t *testing.T, a apitest.Answer) string {
	t.Helper()
	from := bufio.NewReader(bytes.NewReader(a.Body))
	r, err := gzip.NewReader(from)
	if err != nil {
		t.Fatalf("%v: %v in %.100q", a.Header, err, a.Body)
	}
	r.Multistream(false)
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(from); len(rest) > 0 {
		t.Errorf("%d bytes behind the end", len(rest))
	}
	if got := a.Header.Get("Content-Length"); got != fmt.Sprint(len(a.Body)) {
		t.Errorf("the length is %s, not %d", got, len(a.Body))
	}
	return string(text)
}

// TestLargeAnswersArePacked compares answers with and without gzip, new and from the cache, as time passes.
func TestLargeAnswersArePacked(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		customer := fmt.Sprint("/customers/", d.ID("customer:KH-HOA"))
		for range 3 {
			for _, path := range []string{"/products?includeInventory=true", "/products?pageSize=1", customer, "/settings"} {
				packed := d.Send(http.MethodGet, path, "", "Accept-Encoding", "gzip, deflate, br")
				whole := d.Send(http.MethodGet, path, "")
				if whole.Header.Get("Content-Encoding") != "" || packed.Header.Get("Vary") != "Accept-Encoding" || whole.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s: %v, and packed %v", path, whole.Header, packed.Header)
				}
				switch {
				case len(whole.Body) < 1<<10:
					if !bytes.Equal(packed.Body, whole.Body) || packed.Header.Get("Content-Encoding") != "" {
						t.Errorf("%s is short, and yet %v", path, packed.Header)
					}
				case packed.Header.Get("Content-Encoding") != "gzip" || plain(t, packed) != string(whole.Body):
					t.Errorf("%s: %v differs from %s", path, packed.Header, whole.Body)
				case len(packed.Body) > len(whole.Body)*3/4:
					t.Errorf("%s: %d bytes are packed into %d", path, len(whole.Body), len(packed.Body))
				}
				if packed.Header.Get("ETag") != whole.Header.Get("ETag") {
					t.Errorf("%s: the tags are %s and %s", path, packed.Header.Get("ETag"), whole.Header.Get("ETag"))
				}
			}
			d.Clock.Advance(7)
		}
		body := fillIn(d, `{"branchId":{branch:CN1},"description":"`+strings.Repeat("dài ", 300)+`","orderDetails":[{"productCode":"TRA","quantity":1}]}`)
		for range 2 { // worked out, and stored under the key
			a := d.Send(http.MethodPost, "/orders", body, "Accept-Encoding", "gzip", keyHeader, "k")
			if a.Status != http.StatusOK || !strings.Contains(plain(t, a), "dài dài") {
				t.Errorf("%d %v", a.Status, a.Header)
			}
		}
	})
}

func TestWhoTakesGzip(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	for accepts, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true, "br;q=1.0, gzip;q=0.8": true, "*": true,
		"identity": false, "br": false, "gzip;q=0": false, "gzip;q=0, *": false, "*;q=0": false, "gzip; q=0.0": false, "gzip;q=x": false, "*;q=0,gzip": true,
	} {
		a := d.Send(http.MethodGet, "/products", "", "Accept-Encoding", accepts)
		if got := a.Header.Get("Content-Encoding") == "gzip"; got != want || a.Status != http.StatusOK {
			t.Errorf("Accept-Encoding %q: %d, gzip: %v", accepts, a.Status, got)
		}
	}
	server := httptest.NewServer(d)
	defer server.Close()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/products", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Retailer", d.Shop.Code)
		r.Header.Set("Authorization", "Bearer "+d.Shop.Token)
		a, err := server.Client().Do(r) // asks for gzip by itself
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != http.StatusOK || method == http.MethodGet && (!a.Uncompressed || !strings.Contains(string(text), `"TRA"`)) {
			t.Errorf("%s: %v %s %.200s", method, err, a.Status, text)
		}
		a.Body.Close()
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// TestPackedRequestsAreUnpacked sends bodies in gzip's form, good ones and bombs.
func TestPackedRequestsAreUnpacked(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		s := besiege(t, d, 1)
		good := zipped(`{"name":"Chị Lụa"}`)
		for _, c := range []struct {
			what, encoding, body string
			status               int
		}{
			{"gzip", "gzip", good, 200},
			{"gzip by its old name", "X-GZIP", good, 200},
			{"as it is", "identity", `{"name":"x"}`, 200},
			{"two parts", "gzip", zipped(`{"name":`) + zipped(`"x"}`), 200},
			{"nothing", "gzip", "", 420},
			{"a bomb", "gzip", zipped(strings.Repeat(" ", 200<<20)), 413},
			{"a bomb in a text", "gzip", zipped(`{"name":"` + strings.Repeat("x", 5<<20) + `"}`), 413},
			{"a bomb within a bomb", "gzip", zipped(zipped(strings.Repeat("\x00", 50<<20))), 400},
			{"too much, even packed", "gzip", strings.Repeat(good, 300_000), 413},
			{"half", "gzip", good[:len(good)/2], 400},
			{"a false sum", "gzip", good[:len(good)-8] + "\x00\x00\x00\x00" + good[len(good)-4:], 400},
			{"what is not packed", "gzip", `{"name":"x"}`, 400},
			{"another form", "br", good, 400},
			{"twice", "gzip, gzip", zipped(good), 400},
		} {
			a := s.send(http.MethodPost, "/customers", c.body, "Content-Encoding", c.encoding)
			if a.Status != c.status {
				t.Errorf("%s: %d %.300s, want %d", c.what, a.Status, a.Body, c.status)
			}
		}
		first := d.Send(http.MethodPost, "/customers", `{"name":"Chị Lụa"}`, keyHeader, "k")
		again := d.Send(http.MethodPost, "/customers", good, "Content-Encoding", "gzip", keyHeader, "k")
		if again.Header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(first.Body, again.Body) {
			t.Errorf("the same body packed is another request: %d %s", again.Status, again.Body)
		}
	})
}
