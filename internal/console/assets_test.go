package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func fetch(t *testing.T, path, coding string) (*http.Response, []byte) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", coding)
	w := httptest.NewRecorder()
	staticHandler().ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), body
}

func TestAStaticFileIsKeptForeverUnderItsHash(t *testing.T) {
	url := assetURL("console.css")
	plain, want := fetch(t, url, "identity, gzip;q=0")
	if plain.Header.Get("Content-Encoding") != "" || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") ||
		plain.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("a caller without gzip gets %v", plain.Header)
	}
	packed, body := fetch(t, url, "br, gzip")
	r, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != string(want) || packed.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("unpacked it differs (%v), with %v", err, packed.Header)
	}

	other := regexp.MustCompile(`/[0-9a-f]{12}/`).ReplaceAllString(url, "/000000000000/")
	if r, body := fetch(t, other, ""); other == url || r.Header.Get("Cache-Control") != "no-store" || string(body) != string(want) {
		t.Errorf("under another version's hash it is %v", r.Header)
	}
	for _, name := range []string{"x/none.css", "x/LICENSE.txt", "x/README.md", "console.css", "x/../console.css", ""} {
		if r, _ := fetch(t, staticPath+name, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%q is answered with %d", name, r.StatusCode)
		}
	}
}

// TestTheFirstPageIsSmall holds what a browser loads besides the first page, packed: far below the 250 KB for both.
func TestTheFirstPageIsSmall(t *testing.T) {
	var page strings.Builder
	if err := renderStyle(&page, "vi"); err != nil {
		t.Fatal(err)
	}
	total := 0
	seen := map[string]bool{}
	for _, url := range regexp.MustCompile(staticPath+`[0-9a-f]+/[\w.-]+`).FindAllString(page.String(), -1) {
		if !seen[url] {
			seen[url] = true
			_, body := fetch(t, url, "gzip")
			total += len(body)
		}
	}
	if len(seen) != len(assets()) || total > 130_000 {
		t.Errorf("%d of %d files have %d bytes", len(seen), len(assets()), total)
	}
	if own := len(assets()["console.js"].packed()); own > 6_000 {
		t.Errorf("console.js has %d bytes", own)
	}
}
