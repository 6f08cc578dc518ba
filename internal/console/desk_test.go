package console_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m, browsertest.Stop) }

const ownersPassword = "cá rô kho tộ 7 món"

// hashed is that password's hash, which takes long to make.
var hashed = sync.OnceValues(func() (string, error) {
	return access.New(nil, access.Options{}).Hash(context.Background(), ownersPassword)
})

// desk is the seeded server of package apitest with its pages. The owners of both shops have a password.
type desk struct {
	*apitest.Server
	t       testing.TB
	console *console.Console
	http    *httptest.Server
	ownRole string // the id of a role of the shop's own, once there is one
	logged  string // the id of an entry of the request log, likewise
	audited string // number of the invoice's entry in the audit log
}

// eachDesk runs a test on both engines.
func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	apitest.Each(t, func(t *testing.T, s *apitest.Server) { test(t, openDesk(t, s, httptest.NewServer, console.Options{})) })
}

func openDesk(t testing.TB, s *apitest.Server, serve func(http.Handler) *httptest.Server, o console.Options) *desk {
	t.Helper()
	d := mount(t, s, s.Handler.(*api.Server), s.DB, serve, o)
	hash, err := hashed()
	if err != nil {
		t.Fatal(err)
	}
	for _, shop := range []apitest.Shop{s.Shop, s.OtherShop} {
		s.As(shop).Write(func(tx *db.Tx) error {
			owner, err := access.FindOwner(tx)
			if err == nil {
				err = access.SetPassword(tx, owner.User, hash)
			}
			return err
		})
	}
	return d
}

// mount has the desk of a database served.
func mount(t testing.TB, s *apitest.Server, a *api.Server, database *db.DB, serve func(http.Handler) *httptest.Server, o console.Options) *desk {
	t.Helper()
	d := &desk{Server: s, t: t, console: console.New(database, a, access.New(database, access.Options{}), o)}
	a.Mount(d.console, console.Paths...)
	d.http = serve(a)
	t.Cleanup(d.http.Close)
	return d
}

// person is somebody with a browser that keeps cookies and follows redirects.
type person struct {
	*desk
	browser *http.Client
	header  http.Header // sent with each request
}

// visitor is a person without a session.
func (d *desk) visitor() *person {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	browser := *d.http.Client()
	browser.Jar = jar
	return &person{desk: d, browser: &browser, header: http.Header{}}
}

// owner is the owner of the shop, signed in.
func (d *desk) owner() *person {
	d.t.Helper()
	return d.signedIn(d.Shop, "")
}

// signedIn is a user of a shop with a session, by name, or the owner. It takes no password, and so no time.
func (d *desk) signedIn(shop apitest.Shop, userName string) *person {
	d.t.Helper()
	p := d.visitor()
	p.setCookie(d.cookieName(), d.session(shop, userName))
	return p
}

func (d *desk) session(shop apitest.Shop, userName string) (token string) {
	d.t.Helper()
	d.As(shop).Write(func(tx *db.Tx) error {
		who, err := access.FindOwner(tx)
		if userName != "" && err == nil {
			who, _, err = access.FindAccount(tx, userName)
		}
		if err == nil {
			token, _, err = access.StartSession(tx, who.User, access.Caller{Address: "127.0.0.1:1", UserAgent: "Firefox/1 Linux"})
		}
		return err
	})
	return token
}

// give gives a user of the shop roles instead of those before.
func (d *desk) give(userName string, roles ...access.UserRole) {
	d.t.Helper()
	d.As(d.Shop).Write(func(tx *db.Tx) error {
		who, _, err := access.FindAccount(tx, userName)
		if err == nil {
			err = access.SetUserRoles(tx, who.User, roles)
		}
		return err
	})
}

func (d *desk) cookieName() string {
	if strings.HasPrefix(d.http.URL, "https:") {
		return "__Host-taphoa"
	}
	return "taphoa"
}

func (d *desk) url(path string) *url.URL {
	d.t.Helper()
	u, err := url.Parse(d.http.URL + path)
	if err != nil {
		d.t.Fatal(err)
	}
	return u
}

func (p *person) setCookie(name, value string) {
	p.t.Helper()
	secure := strings.HasPrefix(name, "__Host-")
	p.browser.Jar.SetCookies(p.url("/"), []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: secure}})
}

func (p *person) cookie(name string) string {
	p.t.Helper()
	for _, c := range p.browser.Jar.Cookies(p.url("/console/")) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// alone is the person without following redirects.
func (p *person) alone() *person {
	other, browser := *p, *p.browser
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	other.browser = &browser
	return &other
}

// with is the person sending headers, which come in pairs.
func (p *person) with(headers ...string) *person {
	other := *p
	other.header = p.header.Clone()
	for i := 0; i+1 < len(headers); i += 2 {
		other.header.Set(headers[i], headers[i+1])
	}
	return &other
}

// page is an answer of the desk.
type page struct {
	t      testing.TB
	status int
	header http.Header
	at     *url.URL // after redirects
	body   string
	root   *html.Node
}

func (p *person) get(path string) *page {
	p.t.Helper()
	return p.send(http.MethodGet, path, nil)
}

func (p *person) post(path string, form url.Values) *page {
	p.t.Helper()
	return p.send(http.MethodPost, path, form)
}

func (p *person) send(method, path string, form url.Values) *page {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, p.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.http.URL)
	}
	for name, values := range p.header {
		r.Header[name] = values
	}
	return p.do(r)
}

func (p *person) do(r *http.Request) *page {
	p.t.Helper()
	answer, err := p.browser.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	return &page{t: p.t, status: answer.StatusCode, header: answer.Header, at: answer.Request.URL, body: string(body), root: root}
}

// want checks the status of a page, and returns it.
func (p *page) want(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: status %d, not %d: %.800s", p.at, p.status, status, p.text())
	}
	return p
}

// has checks that the page has the texts.
func (p *page) has(texts ...string) *page {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Errorf("%s does not say %q: %.1500s", p.at, text, p.text())
		}
	}
	return p
}

// hasNot checks that nothing of the page, seen or unseen, has the texts.
func (p *page) hasNot(texts ...string) *page {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) || strings.Contains(html.UnescapeString(p.body), text) {
			p.t.Errorf("%s (%d) has %q", p.at, p.status, text)
		}
	}
	return p
}

// text is what a person reads in the main part of the page, or in all of it where there is none.
func (p *page) text() string {
	main := find(p.root, func(n *html.Node) bool { return n.Data == "main" })
	if len(main) == 0 {
		return textOf(p.root)
	}
	return textOf(main[0])
}

// notices are what the page says in its corner.
func (p *page) notices() string {
	return textOf(p.byID("toasts"))
}

func (p *page) byID(id string) *html.Node {
	p.t.Helper()
	found := find(p.root, func(n *html.Node) bool { return attribute(n, "id") == id })
	if len(found) != 1 {
		p.t.Fatalf("%s (%d) has %d elements %q: %.800s", p.at, p.status, len(found), id, p.text())
	}
	return found[0]
}

// wrong is the refusal at a field; empty if there is none.
func (p *page) wrong(field string) string {
	for _, n := range find(p.root, func(n *html.Node) bool { return attribute(n, "id") == field+"-error" }) {
		return textOf(n)
	}
	return ""
}

// rows are the rows of a list, cell by cell.
func (p *page) rows() (rows [][]string) {
	for _, body := range find(p.root, func(n *html.Node) bool { return n.Data == "tbody" }) {
		for _, row := range find(body, func(n *html.Node) bool { return n.Data == "tr" }) {
			var cells []string
			for _, cell := range find(row, func(n *html.Node) bool { return n.Data == "td" }) {
				cells = append(cells, textOf(cell))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// column is a column of a list, by its number.
func (p *page) column(n int) (cells []string) {
	for _, row := range p.rows() {
		cells = append(cells, row[n])
	}
	return cells
}

// link is the address of a link with a text.
func (p *page) link(text string) string {
	p.t.Helper()
	for _, a := range find(p.root, func(n *html.Node) bool { return n.Data == "a" && attribute(n, "href") != "" }) {
		if textOf(a) == text || attribute(a, "aria-label") == text {
			return attribute(a, "href")
		}
	}
	p.t.Fatalf("%s has no link %q: %.800s", p.at, text, p.text())
	return ""
}

// form is a form as a browser would send it.
type form struct {
	url.Values
	action string
	node   *html.Node
}

// form returns the form whose action is the address.
func (p *page) form(action string) *form {
	p.t.Helper()
	var actions []string
	for _, n := range find(p.root, func(n *html.Node) bool { return n.Data == "form" }) {
		at := attribute(n, "action")
		actions = append(actions, at)
		if at == action {
			return &form{filledIn(n), at, n}
		}
	}
	p.t.Fatalf("%s (%d) has no form for %s, only for %q: %.800s", p.at, p.status, action, actions, p.text())
	return nil
}

// set fills fields in, which come in pairs with their values.
func (f *form) set(pairs ...string) *form {
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// submit sends a form.
func (p *person) submit(f *form) *page {
	p.t.Helper()
	return p.post(f.action, f.Values)
}

// press sends a form by the button with a text.
func (p *person) press(f *form, text string) *page {
	p.t.Helper()
	buttons := find(f.node, func(n *html.Node) bool { return n.Data == "button" && textOf(n) == text })
	if len(buttons) == 0 {
		p.t.Fatalf("the form has no button %q", text)
	}
	if has(buttons[0], "name") { // which is sent in the order of the page
		f.Values = sent(f.node, buttons[0])
	}
	return p.submit(f)
}

// filledIn is what a browser sends of a form without a button.
func filledIn(n *html.Node) url.Values { return sent(n, nil) }

func sent(form, button *html.Node) url.Values {
	values := url.Values{}
	for _, n := range find(form, func(n *html.Node) bool {
		return slices.Contains([]string{"input", "select", "textarea", "button"}, n.Data)
	}) {
		name, value := attribute(n, "name"), attribute(n, "value")
		if name == "" || has(n, "disabled") || n.Data == "button" && n != button {
			continue
		}
		kind := attribute(n, "type")
		switch {
		case n.Data == "select":
			options := find(n, func(n *html.Node) bool { return n.Data == "option" })
			for i, o := range options {
				if has(o, "selected") || i == 0 {
					value = attribute(o, "value")
				}
			}
		case n.Data == "textarea":
			value = strings.ReplaceAll(rawText(n), "\n", "\r\n")
		case (kind == "checkbox" || kind == "radio") && !has(n, "checked"):
			continue
		case n.Data == "input" && kind != "hidden":
			value = strings.NewReplacer("\n", "", "\r", "").Replace(value)
		}
		values.Add(name, value)
	}
	return values
}

// find returns the elements below a node that are so.
func find(n *html.Node, so func(*html.Node) bool) (found []*html.Node) {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && so(c) {
			found = append(found, c)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// textOf is the text of an element, with single blanks.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && slices.Contains([]string{"script", "style", "template"}, n.Data) {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && !slices.Contains([]string{"span", "b", "a", "small"}, n.Data) {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// within checks a condition until it holds, for a time.
func within(t testing.TB, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("not within %v: %s", limit, what)
			return
		}
	}
}

// failing is a log whose errors fail the test: no request may cause one.
func failing(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(failOnLine{t}, &slog.HandlerOptions{Level: slog.LevelError}))
}

type failOnLine struct{ t testing.TB }

func (f failOnLine) Write(line []byte) (int, error) {
	f.t.Errorf("the server logged: %.2000s", line)
	return len(line), nil
}
