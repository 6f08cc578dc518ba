package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestTheDocumentedNameOfAParameterWins sends good values under the documented names and bad ones under others, in both
// orders, many times, since maps have no order; and the same name twice, of which the first counts.
func TestTheDocumentedNameOfAParameterWins(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	good := map[string]string{
		"grant_type": "client_credentials", "client_id": clientID, "client_secret": secret, "scopes": "PublicApi.Access", "scope": "PublicApi",
	}
	bad := map[string]string{
		"grant_type": "password", "client_id": "de300000-0000-4000-8000-00000000ffff", "client_secret": wrong, "scopes": "Taphoa.Admin", "scope": "Taphoa.Admin",
	}
	sources := map[string]struct {
		pair func(name, value string) string
		send func(pairs []string) *http.Request
	}{
		"form": {
			func(name, value string) string { return name + "=" + value },
			func(pairs []string) *http.Request { return post("/connect/token", formType, strings.Join(pairs, "&")) },
		},
		"query": {
			func(name, value string) string { return name + "=" + value },
			func(pairs []string) *http.Request {
				return post("/connect/token?"+strings.Join(pairs, "&"), formType, "")
			},
		},
		"JSON": {
			func(name, value string) string { return `"` + name + `":"` + value + `"` },
			func(pairs []string) *http.Request {
				return post("/connect/token", "application/json", "{"+strings.Join(pairs, ",")+"}")
			},
		},
	}
	for source, s := range sources {
		for tried := range good {
			for _, other := range []string{strings.ToUpper(tried), strings.ToUpper(tried[:1]) + tried[1:], strings.Replace(tried, "i", "İ", 1)} {
				if other == tried {
					continue
				}
				var pairs []string
				for name, value := range good {
					pairs = append(pairs, s.pair(name, value))
				}
				for _, pairs := range [][]string{
					append([]string{s.pair(other, bad[tried])}, pairs...),
					append(pairs[:len(pairs):len(pairs)], s.pair(other, bad[tried])),
				} {
					for range 5 {
						if a := send(t, x.Service, s.send(pairs)); a.Status != 200 || a.Scope != "PublicApi.Access" {
							t.Fatalf("%s: %v: %+v", source, pairs, a)
						}
					}
				}
			}
			if source == "JSON" {
				continue // refuses a name twice
			}
			pairs := []string{s.pair(tried, good[tried]), s.pair(tried, bad[tried])}
			for name, value := range good {
				if name != tried {
					pairs = append(pairs, s.pair(name, value))
				}
			}
			if a := send(t, x.Service, s.send(pairs)); a.Status != 200 || a.Scope != "PublicApi.Access" {
				t.Errorf("%s: %v: %+v", source, pairs, a)
			}
		}
	}
	// Of undocumented names it is always the same one.
	upper, mixed := strings.Replace(form(clientID, secret), "client_id", "CLIENT_ID", 1), "&Client_Id=x"
	for range 20 {
		for _, body := range []string{upper + mixed, mixed[1:] + "&" + upper} {
			if a := send(t, x.Service, post("/connect/token", formType, body)); a.Status != 200 {
				t.Fatalf("%s: %+v", body, a)
			}
		}
	}
}

// TestTheDocumentedNameOfAParameterWinsInAnySource: among the others, a body comes before a query, and both before HTTP
// Basic, which may have a proxy's password. A blank parameter is none (RFC 6749, section 3.2).
func TestTheDocumentedNameOfAParameterWinsInAnySource(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	x := open(t, d, nil)
	const badID = "de300000-0000-4000-8000-00000000ffff"
	good := form(clientID, secret)
	upper := func(form string) string { // the names
		pairs := strings.Split(form, "&")
		for i, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			pairs[i] = strings.ToUpper(name) + "=" + value
		}
		return strings.Join(pairs, "&")
	}
	bad := form(badID, wrong)
	for _, test := range []struct {
		query, body string
		basic       bool
	}{
		{good, upper(bad), false},
		{good, `{"Client_Id":"` + badID + `","CLIENT_SECRET":"x","Grant_Type":"password","SCOPES":"x"}`, false},
		{upper(bad), good, false},
		{upper(bad), upper(good), false},
		{bad, good, false},
		{"", upper(good), true},
		{upper(good), "", true},
		{good, upper(bad), true},
		{"", "client_id=&client_secret=+&" + upper(good), true},
		{"client_id=" + clientID, upper(bad) + "&" + strings.Replace(good, "client_id", "x", 1), false},
	} {
		r := post("/connect/token?"+test.query, formType, test.body)
		if test.basic {
			r.SetBasicAuth("proxy", "password")
		}
		if a := send(t, x.Service, r); a.Status != 200 || a.Scope != "PublicApi.Access" {
			t.Errorf("%+v: %+v", test, a)
		}
	}
}
