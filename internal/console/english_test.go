package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
)

// TestPagesAreInEnglishToo reads every page in English: nothing but data and the name of the other language is Vietnamese.
func TestPagesAreInEnglishToo(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	d.sell()
	data := []string{"Tiếng Việt", "đ", "Tạp hóa 1", "Hồ Chí Minh", "Chi nhánh trung tâm", "Kết nối đầu tiên"}
	missing := map[string]string{} // text -> page
	note := func(name string, p *page) *page {
		t.Helper()
		if got := attribute(find(p.root, func(n *html.Node) bool { return n.Data == "html" })[0], "lang"); got != "en" {
			t.Errorf("%s: lang is %q", name, got)
		}
		for _, text := range readable(p) {
			for _, known := range data {
				if text == known || len(known) > 2 {
					text = strings.ReplaceAll(text, known, "")
				}
			}
			if vietnamese(text) && text != "đ" && missing[text] == "" {
				missing[text] = name
			}
		}
		return p
	}
	english := func(p *person) *person { return p.with("Accept-Language", "en") }
	v, owner := english(d.visitor()), english(d.owner())
	for _, path := range []string{"/console/sign-in", "/console/link", "/setup"} {
		note(path, v.get(path).want(http.StatusOK))
	}
	sign := v.get("/console/sign-in")
	note("a wrong password", v.signIn(sign, "taphoa", "admin", "sai"))
	note("a wrong link", v.post("/console/link", url.Values{"secret": {"x"}}))
	note("a session that has ended", v.post("/console/customers", url.Values{"name": {"A"}}).want(http.StatusUnauthorized))
	note("another site", owner.with("Origin", "https://evil.example").post("/console/customers", url.Values{}).want(http.StatusForbidden))
	note("too long", owner.post("/console/customers", url.Values{"name": {strings.Repeat("x", 2<<20)}}))
	note("no such page", owner.get("/console/nothing/here").want(http.StatusNotFound))
	note("no such record", owner.get("/console/customers/0").want(http.StatusNotFound))
	note("password asked again", owner.get("/console/confirm"))
	note("a wrong password, again", owner.post("/console/confirm", url.Values{"password": {"sai"}}))
	note("account", owner.get("/console/account"))
	note("two passwords", owner.post("/console/account/password", url.Values{"password": {"a"}, "again": {"b"}}))
	note("short", owner.post("/console/account/password", url.Values{"password": {"a"}, "again": {"a"}}))
	note("second factor", owner.post("/console/account/second-factor", url.Values{"do": {"begin"}}).want(http.StatusOK))
	note("a wrong code", owner.post("/console/account/second-factor", url.Values{"do": {"enable"}, "code": {"1"}}))
	lan := "/console/users/" + strconv.FormatInt(d.ID("user:lan"), 10)
	data = append(data, "Nguyễn Thị Lan", "Hàng Bạc")
	note("invitation", owner.post(lan+"/invite", url.Values{}).want(http.StatusOK))
	note("a wrong day", owner.post(lan+"/end", url.Values{"endsOn": {"x"}}))
	note("who is not the owner", english(d.signedIn(d.Shop, "lan")).post(lan+"/invite", url.Values{}))
	made := note("a connection, made", owner.post("/console/connections", url.Values{"name": {"Web"}, "rights": {"role:3"}, "branch": {strconv.FormatInt(d.ID("branch:CN1"), 10)}}).want(http.StatusOK))
	at := made.link("Show the connection")
	hook := "/console/webhooks/" + strconv.FormatInt(d.ID("webhook:product.update"), 10)
	data = append(data, "Máy nhận trả lời 500")
	for _, path := range []string{
		"/console/connections", "/console/connections/new", at, at + "/rotate", at + "/revoke", "/console/webhooks", "/console/webhooks/new", hook, hook + "/edit", hook + "/secret",
		hook + "/replay", hook + "/remove", "/console/deliveries", "/console/deliveries/" + strconv.FormatInt(d.ID("delivery:dead"), 10),
	} {
		note(path, owner.get(path).want(http.StatusOK))
	}
	note("a connection, wrongly", owner.post("/console/connections", url.Values{"name": {"Web"}}))
	note("a connection, revoked", owner.post(at+"/revoke", url.Values{}))
	note("a connection, changed late", owner.get(at+"/rotate").want(http.StatusNotFound))
	note("a webhook, wrongly", owner.post("/console/webhooks", url.Values{"type": {"product.update"}}))
	note("a webhook, made", owner.post("/console/webhooks", url.Values{"type": {"product.update"}, "url": {"https://example.com"}}).want(http.StatusOK))
	note("a secret, wrongly", owner.post(hook+"/secret", url.Values{}))
	note("a secret, changed", owner.post(hook+"/secret", url.Values{"overlap": {"24"}}).want(http.StatusOK))
	note("a replay, wrongly", owner.post(hook+"/replay", url.Values{"fromSeq": {"x"}}))
	note("a webhook, paused", owner.post(hook+"/active", url.Values{"do": {"pause"}}).want(http.StatusOK))
	setup := v.post("/setup/begin", url.Values{"secret": {d.setupLink()}}).want(http.StatusOK)
	note("set-up", setup)
	f := setup.form("/setup")
	note("set-up, wrongly", v.submit(f))
	note("set up", v.submit(f.set("name", "New", "code", "new", "branchName", "B", "givenName", "G", "userName", "owner1", "password", ownersPassword, "again", ownersPassword)).want(http.StatusOK))
	for _, list := range []string{"customers", "products", "users", "invoices"} {
		for _, query := range []string{"?q=khongcogi", "?from=7000"} {
			note(list+query, owner.get("/console/"+list+query).want(http.StatusOK))
		}
		if list != "invoices" {
			note("new in "+list, owner.get("/console/"+list+"/new").want(http.StatusOK))
			note("wrong in "+list, owner.post("/console/"+list, url.Values{"basePrice": {"abc"}, "debtLimit": {"x"}}))
		}
	}
	var all []string
	for text, at := range missing {
		all = append(all, at+": "+text)
	}
	slices.Sort(all)
	if len(all) > 0 {
		t.Errorf("%d texts are not in English:\n%s", len(all), strings.Join(all, "\n"))
	}
}

// readable are the texts of a page, also those of attributes that people read or hear.
func readable(p *page) (texts []string) {
	for n := range p.root.Descendants() {
		switch {
		case n.Type == html.TextNode && !slices.Contains([]string{"script", "option", "code"}, n.Parent.Data):
			texts = append(texts, strings.TrimSpace(n.Data))
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if slices.Contains([]string{"title", "aria-label", "placeholder", "alt", "data-offline", "data-failed", "data-close", "data-copied"}, a.Key) {
					texts = append(texts, a.Val)
				}
			}
		}
	}
	return texts
}

// TestThePersonChoosesTheLanguage, and stays on the page.
func TestThePersonChoosesTheLanguage(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	v := d.visitor()
	for _, path := range []string{"/console/sign-in?next=%2Fconsole%2Fcustomers", "/setup", "/console/link"} {
		for _, language := range []string{"en", "vi"} {
			page := v.with("Referer", d.http.URL+path).post("/console/language", url.Values{"language": {language}})
			if page.at.RequestURI() != path {
				t.Errorf("from %s to %s", path, page.at)
			}
			if got := attribute(find(page.root, func(n *html.Node) bool { return n.Data == "html" })[0], "lang"); got != language {
				t.Errorf("%s: the language is %s", path, got)
			}
		}
	}
	if got := v.with("Accept-Language", "en").get("/console/sign-in"); !strings.Contains(got.body, `lang="vi"`) {
		t.Error("what the browser prefers wins over what the person has chosen")
	}
}
