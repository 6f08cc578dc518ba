package api_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/openapi"
)

const chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

func TestABrowserSeesAPageAndAProgramARefusal(t *testing.T) {
	d := apitest.New(t, "sqlite")
	for _, accept := range []string{chromium, "text/html", "text/html;q=0.9, application/json;q=0.5", "application/json;q=0.1,application/xhtml+xml"} {
		for _, path := range []string{"/", "//", "/?lang=vi"} {
			a := d.Send(http.MethodGet, path, "", "Accept", accept, "Authorization", "", "Retailer", "")
			if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s for %s: %d %v", path, accept, a.Status, a.Header)
			}
			isGuarded(t, path, a)
		}
	}
	const refusal = `{"responseStatus":{"errorCode":"NotFound","message":"Đường dẫn không tồn tại: /","errors":[]},"message":"Đường dẫn không tồn tại: /"}`
	for _, accept := range []string{"", "*/*", "application/json", "application/json, text/plain, */*", "application/json, text/html", "text/html;q=0", "text/html;q=x"} {
		a := d.Send(http.MethodGet, "/", "", "Accept", accept)
		if a.Status != http.StatusNotFound || string(a.Body) != refusal {
			t.Errorf("a program that accepts %q gets %d %s", accept, a.Status, a.Body)
		}
	}
	if a := d.Send(http.MethodPost, "/", "{}", "Accept", chromium); a.Status != http.StatusNotFound {
		t.Errorf("POST: %d", a.Status)
	}
	if a := d.Send(http.MethodGet, "/khong-co", "", "Accept", chromium); a.Status != http.StatusNotFound || !strings.Contains(a.Header.Get("Content-Type"), "json") {
		t.Errorf("another path: %d", a.Status)
	}
}

func TestThePageSpeaksTheBrowsersLanguage(t *testing.T) {
	d := apitest.New(t, "sqlite")
	for _, path := range []string{"/", "/docs"} {
		for _, c := range []struct{ asked, preferred, want string }{
			{"", "", "en"},
			{"", "vi-VN,vi;q=0.9,en;q=0.8", "vi"},
			{"", "fr-FR, en;q=0.5, vi;q=0.3", "en"},
			{"", "de", "en"},
			{"?lang=vi", "en-US", "vi"},
			{"?lang=en", "vi", "en"},
			{"?lang=%3Cscript%3E", "vi", "vi"},
		} {
			a := d.Send(http.MethodGet, path+c.asked, "", "Accept", chromium, "Accept-Language", c.preferred)
			if !strings.Contains(string(a.Body), `<html lang="`+c.want+`">`) || !strings.Contains(a.Header.Get("Vary"), "Accept-Language") {
				t.Errorf("%s for %q is not in %s: %v %.200s", path+c.asked, c.preferred, c.want, a.Header["Vary"], a.Body)
			}
		}
	}
	english := d.Send(http.MethodGet, "/openapi.json", "", "Accept-Language", "vi") // programs get what they ask for by name
	if !strings.Contains(string(english.Body), `"summary":"List categories"`) {
		t.Error("the document is not in English unless another language is asked for")
	}
}

func TestThePageTellsStrangersNothingOfTheShops(t *testing.T) {
	shop := apitest.New(t, "sqlite").Shop
	secret := &openapi.Demo{Retailer: "taphoa", ClientID: shop.ClientID, ClientSecret: shop.Secret, Scopes: "PublicApi.Access"}
	for _, demo := range []*openapi.Demo{nil, secret} {
		d := apitest.NewWith(t, "sqlite", api.Options{Demo: demo, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
		for _, path := range []string{"/", "/docs"} {
			a := d.Send(http.MethodGet, path, "", "Accept", chromium, "Authorization", "", "Retailer", "", "X-Forwarded-Proto", "https")
			page := string(a.Body)
			if strings.Contains(page, shop.ClientID) != (demo != nil) || strings.Contains(page, shop.Secret) != (demo != nil) {
				t.Errorf("%s of a demo (%v) says %s", path, demo != nil, page)
			}
			if strings.Contains(page, "Tạp hóa ") {
				t.Errorf("%s of a server with several shops names one: %s", path, page)
			}
			if path == "/" && !strings.Contains(page, "BASE=https://example.com\n") {
				t.Errorf("the address behind a proxy: %s", page)
			}
		}
	}
}
