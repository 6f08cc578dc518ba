package console

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// Options of a [Console].
type Options struct {
	Log            *slog.Logger
	PublicURL      string // where people reach the server, for the links that they are given; empty: as the request says
	InsecureSignIn bool   // sign-in over plain HTTP beyond loopback is wanted
	Demo           string // the code of the demo's shop, which visitors enter by one click; empty: none

	// Mail sends links to people, with PublicURL in them, since a client chooses the Host of its request; nil: none are sent.
	// [Console.Run] must then run.
	Mail *mail.Server
}

// Console serves the desk.
type Console struct {
	db      *db.DB
	api     *api.Server
	people  *access.Service
	options Options
	asks    chan ask
	mux     *http.ServeMux
	handler http.Handler

	patterns []string // of the mux
}

// Paths are what a [Console] serves: these, and what is below them.
var Paths = []string{"/console", "/setup", oauth.AuthorizePath, oauth.EndSessionPath}

// New makes a desk over the operations of a server.
func New(d *db.DB, a *api.Server, people *access.Service, o Options) *Console {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	c := &Console{db: d, api: a, people: people, options: o, asks: make(chan ask, asksWaiting), mux: http.NewServeMux()}
	c.mux.Handle("GET "+staticPath, staticHandler())
	c.open("GET /console/sign-in", (*visit).showSignIn)
	c.open("POST /console/sign-in", (*visit).signIn)
	c.open("POST /console/demo", (*visit).enterDemo)
	c.open("GET /console/second-factor", (*visit).showSecondFactor)
	c.open("POST /console/second-factor", (*visit).secondFactor)
	c.open("GET /console/link", (*visit).showLink)
	c.open("POST /console/link", (*visit).openLink)
	c.open("POST /console/link/accept", (*visit).acceptLink)
	if o.Mail != nil {
		c.open("GET /console/forgotten", (*visit).showForgotten)
		c.open("POST /console/forgotten", (*visit).forgotten)
	}
	c.open("POST /console/language", (*visit).chooseLanguage)
	c.open("GET /setup", (*visit).showSetup)
	c.open("POST /setup/begin", (*visit).beginSetup)
	c.open("POST /setup", (*visit).setUp)
	c.open("POST /console/sign-out", (*visit).signOut)
	c.signedIn("GET /console/confirm", (*visit).showConfirm)
	c.signedIn("POST /console/confirm", (*visit).confirm)
	c.signedIn("GET /console/account", (*visit).showAccount)
	c.signedIn("GET /console/account/sessions", (*visit).showAccount)
	c.signedIn("POST /console/account/password", (*visit).changePassword)
	c.signedIn("POST /console/account/second-factor", (*visit).changeSecondFactor)
	c.signedIn("POST /console/account/sessions", (*visit).endSessions)
	c.signedIn("GET "+appsPath, (*visit).showApp)
	c.signedIn("POST "+appsPath, (*visit).disconnect)
	c.signedIn("GET /console/account/pin", (*visit).showPIN)
	c.signedIn("POST /console/account/pin", (*visit).changePIN)
	c.signedIn("POST /console/branch", (*visit).chooseBranch)
	c.holding(right.Administer, "POST /console/users/{id}/invite", (*visit).invite)
	c.holding(right.Administer, "POST /console/users/{id}/end", (*visit).setEnd)
	c.holding(right.Administer, "GET /console/users/{id}/roles", (*visit).showUserRoles)
	c.holding(right.Administer, "POST /console/users/{id}/roles", (*visit).setUserRoles)
	c.holding(right.Administer, "GET "+rolesPath, (*visit).showRoles)
	c.holding(right.Administer, "GET "+rolesPath+"/new", (*visit).showNewRole)
	c.holding(right.Administer, "POST "+rolesPath, (*visit).saveRole)
	c.holding(right.Administer, "GET "+rolesPath+"/{id}", (*visit).showRole)
	c.holding(right.Administer, "POST "+rolesPath+"/{id}", (*visit).saveRole)
	c.holding(right.Administer, "POST "+rolesPath+"/{id}/remove", (*visit).removeRole)
	c.holding(right.SeeAudit, "GET "+auditPath, (*visit).showAudit)
	c.holding(right.SeeAudit, "GET "+auditPath+"/{id}", (*visit).showAuditEntry)
	c.signedIn("GET /console/search", (*visit).search)
	c.signedIn("GET "+livePath, (*visit).live)
	c.signedIn("GET /console/style", (*visit).showStyle)
	c.signedIn("GET /console/{$}", (*visit).showHome)
	c.signedIn("GET /console", (*visit).showHome)
	for i := range descriptions {
		c.describe(&descriptions[i])
	}
	c.openConnections()
	c.openAuthorize()
	c.openPasskeys()
	c.open("/console/", (*visit).notFound)
	cross := http.NewCrossOriginProtection()
	for _, path := range []string{oauth.AuthorizePath, oauth.EndSessionPath} {
		cross.AddInsecureBypassPattern("POST " + path) // from programs; nothing but a redirect to the same page follows
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.visitOf(w, r).fail(errCrossSite)
	}))
	c.handler = cross.Handler(c.mux)
	return c
}

// describe serves what a description has.
func (c *Console) describe(p *description) {
	at := "/console/" + p.path
	with := func(do func(*visit, *description) error) func(*visit) error {
		return func(v *visit) error { return do(v, p) }
	}
	see := api.Needs(p.list)
	c.holding(see, "GET "+at, with((*visit).showList))
	c.holding(see, "POST "+at+"/columns", with((*visit).chooseColumns))
	if p.get != "" {
		c.holding(api.Needs(p.get), "GET "+at+"/{id}", with((*visit).showRecord))
	}
	if p.create != "" {
		c.holding(api.Needs(p.create), "GET "+at+"/new", with((*visit).showNew))
		c.holding(see, "POST "+at, with((*visit).create)) // what else it needs another person may allow
	}
	if p.update != "" {
		c.holding(see, "POST "+at+"/{id}", with((*visit).update))
	}
	if p.remove != "" {
		c.holding(see, "GET "+at+"/{id}/remove", with((*visit).askToRemove))
		c.holding(see, "POST "+at+"/{id}/remove", with((*visit).remove))
	}
}

// ServeHTTP serves a page. [api.Server] has set the headers of every answer, and its id.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // without it browsers send Origin: null with a form
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
	c.handler.ServeHTTP(w, r)
}

const (
	contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

	bodyMax = 1 << 20 // of a form, in bytes
)

// open serves a page to everybody.
func (c *Console) open(pattern string, do func(*visit) error) {
	c.patterns = append(c.patterns, pattern)
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c.visitOf(w, r).run(do)
	})
}

// signedIn serves a page to who is signed in; others sign in first.
func (c *Console) signedIn(pattern string, do func(*visit) error) {
	c.open(pattern, func(v *visit) error {
		found, err := v.authenticate()
		switch {
		case err != nil:
			return err
		case !found:
			return v.askToSignIn()
		case v.session.Pending:
			return v.redirect("/console/second-factor")
		}
		if err := v.renewed(); err != nil {
			return err
		}
		return do(v)
	})
}

// holding serves a page to who holds a right where they work.
func (c *Console) holding(r right.Right, pattern string, do func(*visit) error) {
	c.signedIn(pattern, func(v *visit) error {
		if !v.holds(r) {
			return right.Lack(r, 0)
		}
		return do(v)
	})
}

// newKey is a key by which the API knows a form that is sent twice.
func newKey() string { return rand.Text() }

// local reports whether an address leads to a page of the desk, or on to a program that people sign in to, and nowhere else.
func local(address string) bool {
	return (strings.HasPrefix(address, "/console/") || strings.HasPrefix(address, oauth.AuthorizePath+"?")) && !strings.Contains(address, "/..") && !strings.ContainsAny(address, "\\\r\n\t") && !strings.Contains(address, "//")
}
