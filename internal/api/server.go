package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/quota"
	"github.com/taphoa/taphoa/internal/requestlog"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/webhook"
	"github.com/taphoa/taphoa/internal/wire"
)

// requestTime bounds how long a request may take.
const requestTime = 30 * time.Second

// Options of [New]; the zero value is right for production.
type Options struct {
	Log          *slog.Logger
	VendorLimits bool          // pages of at most 100, 5,000 GET requests an hour
	CORSOrigin   string        // the origin that browsers may call from, or *
	CamelOnly    bool          // leave out members whose name differs from another only in letter case
	Demo         *openapi.Demo // whose keys the pages show; nil where the shop must not be seen
	AccessLog    bool          // log each request at level info; otherwise at debug

	LoopbackOnly   bool           // answer requests whose Host is a name of this machine only
	TrustedProxies []netip.Prefix // that X-Forwarded-For and X-Forwarded-Proto are believed from
	OwnMetrics     bool           // /metrics is served by [Server.Operational] alone

	Held func(oauth.Identity) *right.Held // what a caller may do; nil: what the identity says

	Requests *requestlog.Log // what programs have asked for; nil: it is not kept

	Certificate http.Handler // of [certificate.Paths]; nil: there are none

	Deliverer *webhook.Deliverer // for its metrics and its warnings about new registrations; nil: events are not delivered
}

// Server serves the vendor's API over one database.
type Server struct {
	db       *db.DB
	oauth    *oauth.Service
	options  Options
	log      *slog.Logger
	routes   *node
	audits   map[*route]audits
	views    memberViews
	pageMax  int64
	limiter  limiter
	cache    cache
	metrics  *metrics
	received quota.Quota                 // memory of bodies that are being read
	decoded  quota.Quota                 // memory of requests that are being worked on
	public   map[string]http.HandlerFunc // paths that need no token, in lower case

	operational map[string]http.HandlerFunc // paths for those who run it, in the only spelling that there is
	untrusted   sync.Once                   // a peer that no one trusts has sent X-Forwarded-For

	pages     http.Handler // of [Server.Mount]
	pagePaths []string

	notReady   atomic.Pointer[string] // the last answer of /readyz
	logReaders *logReaders
	stopping   chan struct{} // closed when the server shuts down
	stopOnce   sync.Once
}

// compiled are the tables that all servers of a process share: there may be many, each of its own database.
var compiled = sync.OnceValue(func() (all struct {
	routes *node
	audits map[*route]audits
	views  memberViews
},
) {
	all.routes, all.audits, all.views = compileRoutes(routes), auditsOf(routes), viewsOfMembers(routes)
	return all
})

// New makes a server.
func New(d *db.DB, tokens *oauth.Service, o Options) *Server {
	s := &Server{db: d, oauth: tokens, options: o, log: o.Log, pageMax: taphoa.PageSizeMax, stopping: make(chan struct{})}
	if s.log == nil {
		s.log = slog.Default()
	}
	if o.VendorLimits {
		s.pageMax = taphoa.PageSizeVendor
	}
	s.logReaders = &logReaders{server: s, shops: map[int64]*logReader{}}
	s.metrics = newMetrics(s)
	tables := compiled()
	s.routes, s.audits, s.views = tables.routes, tables.audits, tables.views
	s.operational = map[string]http.HandlerFunc{
		"/healthz": s.readable(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }),
		"/readyz":  s.readable(s.ready),
		"/metrics": s.readable(s.metrics.handler().ServeHTTP),
	}
	s.public = map[string]http.HandlerFunc{
		oauth.TokenPath:      tokens.ServeToken,
		oauth.RevocationPath: tokens.ServeRevocation,
		oauth.UserInfoPath:   tokens.ServeUserInfo,
		oauth.DiscoveryPath:  tokens.ServeDiscovery,
		oauth.KeysPath:       tokens.ServeKeys,
	}
	if o.Certificate != nil {
		for _, path := range certificate.Paths {
			s.public[path] = s.readable(o.Certificate.ServeHTTP)
		}
	}
	s.describe()
	return s
}

// Mount has pages for people served at paths and below them. They get neither the headers of other origins nor the limits of
// clients. It must be called before the first request.
func (s *Server) Mount(pages http.Handler, paths ...string) { s.pages, s.pagePaths = pages, paths }

// hasPage reports whether a path is of the pages for people.
func (s *Server) hasPage(path string) bool {
	return slices.ContainsFunc(s.pagePaths, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}

// Stopping is closed when the server stops: what lasts is to end.
func (s *Server) Stopping() <-chan struct{} { return s.stopping }

// call is one request that is being served.
type call struct {
	w          http.ResponseWriter
	r          *http.Request
	route      *route
	methods    map[string]*route // of this path, by method
	params     []wire.Param
	who        oauth.Identity
	status     int
	kind       []string         // the answer's Content-Type, unless it is JSON
	memory     *quota.Claim     // of a large request
	idempotent *idempotentWrite // of a write with an Idempotency-Key
	dryRun     bool             // a write is to be rolled back
	view       wire.View        // what the caller may not see
	body       string           // its beginning, of a write, for the log of requests
	refusal    *taphoa.Error    // what the caller was told
	approval   string           // the secret of the approval of another person
	inner      bool             // of [Server.Do], whose caller knows who asks
}

// operation is the name of the operation called, none for unknown paths and callers, and for paths that need no token.
func (c *call) operation() string {
	if c.route == nil {
		return "none"
	}
	return c.route.operation
}

func (c *call) actor() db.Actor {
	return db.Actor{Retailer: c.who.Retailer, User: c.who.User, Client: c.who.ClientID, Held: c.who.Held, Needs: c.route.needs, DryRun: c.dryRun}
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.enter(w, r, s.handle) }

// Operational serves /metrics, /healthz and /readyz, and nothing else.
func (s *Server) Operational() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.enter(w, r, func(c *call, id string) {
			if answer := s.operational[c.r.URL.EscapedPath()]; answer != nil {
				answer(c.w, c.r)
				return
			}
			s.fail(c, errNoRoute(c.r), id)
		})
	})
}

// enter does for a request what comes before its path matters.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, handle func(c *call, id string)) {
	start := time.Now()
	id := requestID(r)
	protect(w.Header())
	w.Header().Set("X-Request-Id", id)
	peer, proxied := s.forwarded(r)
	if proxied {
		r = r.WithContext(context.WithValue(r.Context(), proxiedKey{}, true))
	}
	r = fromRequest(r, id)
	c := &call{w: w, r: r}
	if s.options.AccessLog || s.log.Enabled(r.Context(), slog.LevelDebug) {
		count, asked := &counted{ResponseWriter: w, head: r.Method == http.MethodHead}, r.URL.Path
		c.w = count
		defer func() { s.access(count, c, asked, id, peer, time.Since(start)) }()
	}
	if s.options.LoopbackOnly && misdirected(r) {
		s.fail(c, errHost, id)
		return
	}
	handle(c, id)
}

func (s *Server) handle(c *call, id string) {
	start, w, r := time.Now(), c.w, c.r
	if s.hasPage(r.URL.Path) {
		s.pages.ServeHTTP(w, r)
		return
	}
	if s.options.CORSOrigin != "" && s.cors(w, r) {
		return
	}
	if exact := r.URL.EscapedPath(); exact != "/metrics" || !s.options.OwnMetrics {
		if answer := s.operational[exact]; answer != nil {
			answer(w, r)
			return
		}
	}
	path := publicPath(r)
	if path == "" && wantsPage(r) {
		s.home(w, r)
		return
	}
	if answer := s.public[path]; answer != nil {
		answer(w, r)
		return
	}
	ctx, cancel := r.Context(), context.CancelFunc(func() {})
	if !streams(r, path) { // a stream has its own end
		ctx, cancel = context.WithTimeout(ctx, requestTime)
	}
	defer cancel()
	c.r = r.WithContext(ctx)
	err := s.serve(c)
	c.memory.Release()
	if err != nil {
		s.fail(c, err, id)
	}
	took := time.Since(start)
	s.metrics.observe(c, took)
	s.note(c, id, took)
}

// publicPath is the path of a request as the table of public paths has it. Base URLs of clients may end in a slash.
func publicPath(r *http.Request) string { return publicSpelling(r.URL.Path) }

// AsksForToken reports whether a path is that of token requests, in any spelling.
func AsksForToken(path string) bool { return publicSpelling(path) == oauth.TokenPath }

func publicSpelling(path string) string {
	path = strings.ToLower(strings.TrimRight(path, "/"))
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	return path
}

// serve finds the route, asks who calls, and runs the operation. A panic outside of a transaction is caught here.
func (s *Server) serve(c *call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = db.NewPanic(p)
		}
	}()
	found, params := s.routes.find(c.r.URL.EscapedPath())
	if found == nil {
		return errNoRoute(c.r)
	}
	if err = unambiguous(c.r.Header); err != nil {
		return err
	}
	if c.who, err = s.oauth.Authenticate(c.r); err != nil {
		return err
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method == http.MethodGet {
		askInQuery(c.r)
	}
	if c.route = found[method]; c.route == nil {
		return errMethod(c.w, found)
	}
	if !c.who.Allows(c.route.scope) {
		return errNoScope(c.route.scope)
	}
	c.methods, c.params = found, params
	if s.options.Held != nil {
		c.who.Held = s.options.Held(c.who)
	}
	if err := c.admit(); err != nil {
		return err
	}
	c.view = viewOf(c.who.Held)
	if s.options.VendorLimits && method == http.MethodGet {
		if err := s.limiter.take(c.w, c.who.ClientID, s.db.Now()); err != nil {
			return err
		}
	}
	return c.route.handle(s, c)
}

// cors sets the headers for browsers, and reports whether the request was a preflight, which it answers.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", s.options.CORSOrigin)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Encoding, Content-Type, Retailer, Partner, "+
		"Idempotency-Key, If-Match, If-None-Match, Taphoa-Dry-Run, X-Request-Id")
	h.Set("Access-Control-Expose-Headers", "ETag, Idempotency-Replayed, Retry-After, Taphoa-Dry-Run, X-Request-Id, "+
		"X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-RequestCount, X-RateLimit-Reset")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS")
	if r.Method != http.MethodOptions {
		return false
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// buffers hold request bodies and answers while they are in use.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// bufferKept is the largest buffer that is kept for the next request.
const bufferKept = 1 << 20

func release(b *[]byte) {
	if cap(*b) <= bufferKept {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
