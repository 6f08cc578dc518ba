package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

// methods are those that a path may be asked with: the API's, those that a proxy or a framework may let through, and none.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO", "get", "Post"}

// caller is who has no right to what it asks for, and what the server says to it.
type caller struct {
	name     string
	headers  []string // in pairs
	status   int
	sentence string // a part of it
	scope    string // of the routes that the caller asks; empty: of all

	everyMethod bool // and not only the route's own
}

// strangers are callers without a right to the records of a shop. The clock has moved past the life of one's token.
func strangers(t *testing.T, d *apitest.Server) []caller {
	t.Helper()
	const second = "7a000000-0000-4000-8000-000000000003"
	revoked := apitest.Shop{Code: d.Shop.Code, ClientID: second, Secret: "7A00000000000000000000000000000000000003"}
	d.Write(func(tx *db.Tx) error {
		_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "ERP", ClientID: second, Secret: revoked.Secret, Scopes: []string{oauth.ScopeAdmin}})
		return err
	})
	expired := d.Shop.Token
	d.Clock.Advance(86_401)
	both := oauth.ScopePublic + " " + oauth.ScopeAdmin
	d.Shop.Token, d.OtherShop.Token, revoked.Token = d.Token(d.Shop, both), d.Token(d.OtherShop, both), d.Token(revoked, both)
	if a := d.As(revoked).Send(http.MethodGet, "/branches", ""); a.Status != http.StatusOK {
		t.Fatalf("a client before it is revoked: %d %s", a.Status, a.Body)
	}
	d.Write(func(tx *db.Tx) error { return oauth.RevokeClient(tx, second) })
	d.Clock.Advance(5)
	header, _, _ := strings.Cut(d.Shop.Token, ".")
	return []caller{
		{"no token", []string{"Authorization", ""}, 401, "Thiếu token", "", true},
		{"another scheme", []string{"Authorization", "Basic eDp5"}, 401, "Thiếu token", "", false},
		{"a token without its scheme", []string{"Authorization", d.Shop.Token}, 401, "Thiếu token", "", false},
		{"a scheme without a token", []string{"Authorization", "Bearer "}, 401, "Thiếu token", "", false},
		{"a word for a token", []string{"Authorization", "Bearer x.y.z"}, 401, "không hợp lệ", "", false},
		{"a token without a signature", []string{"Authorization", "Bearer " + header + ".e30."}, 401, "không hợp lệ", "", false},
		{"the token of another shop", []string{"Authorization", "Bearer " + d.OtherShop.Token}, 401, "invalid", "", true},
		{"the name of another shop", []string{"Retailer", d.OtherShop.Code}, 401, "invalid", "", false},
		{"no shop", []string{"Retailer", ""}, 401, "Retailer", "", false},
		{"a revoked client", []string{"Authorization", "Bearer " + revoked.Token}, 401, "thu hồi", "", false},
		{"a token of yesterday", []string{"Authorization", "Bearer " + expired}, 401, "hết hạn", "", false},
		{"a token without the admin's scope", []string{"Authorization", "Bearer " + d.Token(d.Shop, oauth.ScopePublic)}, 403, oauth.ScopeAdmin, oauth.ScopeAdmin, false},
		{"a token of the admin's scope alone", []string{"Authorization", "Bearer " + d.Token(d.Shop, oauth.ScopeAdmin)}, 403, oauth.ScopePublic, oauth.ScopePublic, false},
	}
}

// TestNoRouteIsOpenToStrangers asks each path of the route table, with each method, for records that are there and with
// bodies that would be accepted, as each caller who has no right to it.
func TestNoRouteIsOpenToStrangers(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		records := createOtherRecords(t, d)
		d.Shop, d.OtherShop = d.OtherShop, d.Shop // the owner of the records
		prepare(t, d)
		bodies := map[string]string{}
		for _, b := range bases {
			bodies[b.operation] = fillIn(d, b.body)
		}
		callers := strangers(t, d)
		before, theirs := d.Digest(d.Shop), d.Digest(d.OtherShop)
		sent := 0
		for _, r := range api.Routes() {
			body := bodies[r.Operation]
			if body == "" {
				body = changes[r.Operation]
			}
			for i, path := range r.Paths {
				target, _ := records.target(path)
				if target == "" {
					t.Fatalf("the test has no key for %s", path)
				}
				for _, c := range callers {
					if c.scope != "" && c.scope != r.Scope {
						continue
					}
					asked := []string{r.Method}
					if c.everyMethod && i == 0 {
						asked = methods
					}
					for _, method := range asked {
						a := d.Send(method, target, body, append([]string{"X-HTTP-Method-Override", r.Method, "X-Original-URL", target}, c.headers...)...)
						sentence, err := a.Refusal()
						if a.Status != c.status || err != nil || !strings.Contains(sentence, c.sentence) {
							t.Errorf("%s: %s %s: %d %s", c.name, method, target, a.Status, a.Body)
						}
						if c.status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") == "" {
							t.Errorf("%s: %s %s has no WWW-Authenticate", c.name, method, target)
						}
						sent++
					}
				}
			}
		}
		for whose, differs := range map[string][]string{"ours": before.Differs(d.Digest(d.Shop)), "theirs": theirs.Differs(d.Digest(d.OtherShop))} {
			if differs != nil {
				t.Errorf("strangers have changed %s: %s", whose, differs)
			}
		}
		t.Logf("%d requests", sent)
	})
}

// TestAPathHasTheMethodsOfTheTableAlone asks each path with each method that it does not have: nothing else is done, whatever
// a header says that frameworks take for the method, and the answer names what the path has.
func TestAPathHasTheMethodsOfTheTableAlone(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	has := map[string][]string{}
	for _, r := range api.Routes() {
		for _, path := range r.Paths {
			key := strings.ToLower(placePattern.ReplaceAllString(path, "x"))
			has[key] = append(has[key], r.Method)
		}
	}
	before := d.Digest(d.Shop)
	for path, own := range has {
		slices.Sort(own)
		for _, method := range methods {
			if slices.Contains(own, method) || method == http.MethodHead && slices.Contains(own, http.MethodGet) {
				continue
			}
			a := d.Send(method, path, `{"id":1}`, "X-HTTP-Method-Override", own[0], "X-HTTP-Method", own[0], "X-Method-Override", own[0])
			_, err := a.Refusal()
			if a.Status != http.StatusMethodNotAllowed || err != nil || a.Header.Get("Allow") != strings.Join(own, ", ") {
				t.Errorf("%s %s: %d, Allow %q instead of %q: %s", method, path, a.Status, a.Header.Get("Allow"), own, a.Body)
			}
		}
	}
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("methods that are not in the table have changed %s", differs)
	}
}

// TestHEADIsGETWithoutABody compares the two on every route that reads.
func TestHEADIsGETWithoutABody(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	records := createOtherRecords(t, d)
	d.Shop = d.OtherShop
	s := onSocket(t, d, nil)
	c := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer c.CloseIdleConnections()
	before := d.Digest(d.Shop)
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		target, _ := records.target(r.Paths[0])
		var heads [2]http.Header
		var statuses [2]int
		for i, method := range []string{"GET", "HEAD"} {
			ask, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			ask.Header.Set("Authorization", "Bearer "+d.Shop.Token)
			ask.Header.Set("Retailer", d.Shop.Code)
			ask.Header.Set("X-Request-Id", "a")
			a, err := c.Do(ask)
			if err != nil {
				t.Fatal(err)
			}
			body := make([]byte, 1)
			if n, _ := a.Body.Read(body); method == http.MethodHead && n > 0 {
				t.Errorf("HEAD %s has a body", target)
			}
			_ = a.Body.Close()
			a.Header.Del("Date")
			heads[i], statuses[i] = a.Header, a.StatusCode
		}
		if statuses[0] != statuses[1] || fmt.Sprint(heads[0]) != fmt.Sprint(heads[1]) || heads[1].Get("Content-Length") == "" {
			t.Errorf("%s: GET has %d %v, HEAD %d %v", target, statuses[0], heads[0], statuses[1], heads[1])
		}
	}
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("reading has changed %s", differs)
	}
}
