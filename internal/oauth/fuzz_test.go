package oauth

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTokenRequest reads parameters of a token request. What a client sends is read alike wherever it may be sent: in a form,
// in JSON, in the query or in HTTP Basic; and what is in the body wins.
func FuzzTokenRequest(f *testing.F) {
	f.Add("client_credentials", "id", "s&=+%é", "PublicApi.Access")
	f.Add("", " a:b ", "\x00\"\\", "a b")
	f.Add("\u2028", "\xff", "", "\ufeff{}")
	f.Fuzz(func(t *testing.T, grant, id, secret, scopes string) {
		if len(grant)+len(id)+len(secret)+len(scopes) > maxBodyBytes/16 {
			return
		}
		read := func(query, body string, basic bool) (tokenRequest, bool) {
			r := httptest.NewRequest(http.MethodPost, "/connect/token", strings.NewReader(body))
			r.URL.RawQuery = query
			if basic {
				r.SetBasicAuth(id, secret)
			}
			return readTokenRequest(httptest.NewRecorder(), r)
		}
		given := url.Values{"grant_type": {grant}, "client_id": {id}, "client_secret": {secret}, "scopes": {scopes}}
		want := tokenRequest{strings.TrimSpace(grant), strings.TrimSpace(id), strings.TrimSpace(secret), strings.TrimSpace(scopes), ""}
		form := given.Encode()
		if got, ok := read("", form, false); !ok || got != want {
			t.Fatalf("%q as a form is read as %+v, %v", form, got, ok)
		}
		if got, ok := read(form, "", false); !ok || got != want {
			t.Fatalf("%q as a query is read as %+v, %v", form, got, ok)
		}
		if got, ok := read("grant_type=x&client_id=y&client_secret=z&scopes=1&scope=2", form, false); want.clientID != "" && want.secret != "" && (!ok || got.clientID != want.clientID || got.secret != want.secret) {
			t.Fatalf("%q is read as %+v, %v, after the query", form, got, ok)
		}
		if got, ok := read("", scopes, true); ok && !strings.Contains(id, ":") && !strings.Contains(strings.ToLower(scopes), "client") && !strings.ContainsAny(scopes, `%\`) && (got.clientID != want.clientID || got.secret != want.secret) {
			t.Fatalf("%q and %q in Basic, with the body %q, are read as %+v", id, secret, scopes, got)
		}
		if !utf8.ValidString(form) || !utf8.ValidString(grant+"|"+id+"|"+secret+"|"+scopes) {
			return // JSON has no such texts
		}
		body, err := json.Marshal(map[string]string{"grant_type": grant, "client_id": id, "client_secret": secret, "scopes": scopes})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := read("", string(body), false); !ok || got != want {
			t.Fatalf("%s is read as %+v, %v", body, got, ok)
		}
	})
}
