package certificate_test

import (
	"bytes"
	"image/png"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/taphoa/taphoa/internal/certificate"
)

func TestThePageNamesWherePhonesReachTheServer(t *testing.T) {
	t.Parallel()
	l := openLocal(t, t.TempDir(), hosts, slog.New(slog.DiscardHandler))
	alone := openLocal(t, t.TempDir(), hosts[:5], slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		page       certificate.Page
		host, want string
	}{
		{certificate.Page{Local: l, Scheme: "http", Port: "8080"}, "192.168.1.5:8443", "http://192.168.1.5:8080/certificate"},
		{certificate.Page{Local: l, Scheme: "http", Port: "80"}, "quay1.local", "http://quay1.local/certificate"},
		{certificate.Page{Local: l, Scheme: "https", Port: "443"}, "[fd00::5]:443", "https://[fd00::5]/certificate"},
		{certificate.Page{Local: l, Scheme: "https", Port: "8443"}, "", "https://192.168.1.5:8443/certificate"},
		{certificate.Page{Local: l, Scheme: "https", Port: "8443"}, "localhost:8443", "https://192.168.1.5:8443/certificate"},
		{certificate.Page{Local: l, Scheme: "https", Port: "8443"}, "[::1]:8443", "https://192.168.1.5:8443/certificate"},
		{certificate.Page{Local: l, Scheme: "https", Port: "8443"}, "evil.example", "https://192.168.1.5:8443/certificate"},
		{certificate.Page{Local: l, Base: "https://shop.example/pos"}, "evil.example", "https://shop.example/pos/certificate"},
		{certificate.Page{Local: l, Scheme: "https"}, "192.168.1.5:8443", ""},
		{certificate.Page{Local: alone, Scheme: "https", Port: "8443"}, "localhost:8443", ""},
	} {
		if got := c.page.URL(c.host, certificate.PagePath); got != c.want {
			t.Errorf("for a request of %q on port %q it is %q, want %q", c.host, c.page.Port, got, c.want)
		}
	}
}

func TestThePageGivesTheAuthorityToPhones(t *testing.T) {
	t.Parallel()
	l := openLocal(t, t.TempDir(), hosts, slog.New(slog.DiscardHandler))
	page := &certificate.Page{Local: l, Scheme: "http", Port: "8080"}
	get := func(path, languages string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		r.Host = "192.168.1.5:8443"
		r.Header.Set("Accept-Language", languages)
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		return w
	}
	for languages, want := range map[string]string{
		"": `lang="vi"`, "vi-VN,vi;q=0.9": "Cho thiết bị này tin máy chủ", "en-GB,en;q=0.9,vi;q=0.5": "Let this device trust the server", "fr": `lang="vi"`,
	} {
		w := get(certificate.PagePath, languages)
		body := w.Body.String()
		if w.Code != 200 || !strings.Contains(body, want) {
			t.Errorf("in %q the page is %d %s", languages, w.Code, body)
		}
		for _, part := range []string{"Android", "iPhone", "Windows", "macOS", l.Fingerprint(), "http://192.168.1.5:8080/certificate/taphoa-ca.crt"} {
			if !strings.Contains(body, part) {
				t.Errorf("in %q the page lacks %s", languages, part)
			}
		}
		if inline := regexp.MustCompile(`(?i)<script|<style| style=| on\w+=|https?://[^1]`).FindString(body); inline != "" {
			t.Errorf("the page has %s", inline)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy is %s", policy)
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(body, -1) {
			if w := get(m[1], ""); w.Code != 200 || w.Body.Len() == 0 {
				t.Errorf("%s is %d", m[1], w.Code)
			}
		}
	}
	if w := get(certificate.PagePath+"?lang=en", "vi"); !strings.Contains(w.Body.String(), "Let this device") {
		t.Error("the link to the other language leads to the same one")
	}
	w := get(certificate.AuthorityPath, "")
	if w.Header().Get("Content-Type") != "application/x-x509-ca-cert" || !bytes.Equal(w.Body.Bytes(), l.AuthorityPEM()) {
		t.Errorf("the download is %v %s", w.Header(), w.Body)
	}
	code, err := png.Decode(get("/certificate/qr.png", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode("http://192.168.1.5:8080/certificate/taphoa-ca.crt", qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	want, err = barcode.Scale(want, code.Bounds().Dx(), code.Bounds().Dy())
	if err != nil {
		t.Fatal(err)
	}
	for x := range code.Bounds().Dx() {
		for y := range code.Bounds().Dy() {
			if r1, _, _, _ := code.At(x, y).RGBA(); r1 != func() uint32 { r, _, _, _ := want.At(x, y).RGBA(); return r }() {
				t.Fatalf("the QR code differs at %d, %d", x, y)
			}
		}
	}
	page.Port = ""
	if body := get(certificate.PagePath, "en").Body.String(); strings.Contains(body, "qr.png") || !strings.Contains(body, "--addr") || get("/certificate/qr.png", "").Code != 404 {
		t.Errorf("without a way for phones the page is %s", body)
	}
}
