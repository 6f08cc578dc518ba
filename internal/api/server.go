package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/quota"
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

	View func(oauth.Identity) wire.View // what a caller may see; nil: all callers see all

	Deliverer *webhook.Deliverer // for its metrics and its warnings about new registrations; nil: events are not delivered
}

// Server serves the vendor's API over one database.
type Server struct {
	db       *db.DB
	oauth    *oauth.Service
	options  Options
	log      *slog.Logger
	routes   *node
	pageMax  int64
	limiter  limiter
	cache    cache
	metrics  *metrics
	received quota.Quota  // memory of bodies that are being read
	decoded  quota.Quota  // memory of requests that are being worked on
	public   http.Handler // paths that need no token

	notReady   atomic.Pointer[string] // the last answer of /readyz
	logReaders *logReaders
	stopping   chan struct{} // closed when the server shuts down
	stopOnce   sync.Once
}

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
	s.routes = compileRoutes(routes)
	mux := http.NewServeMux()
	mux.HandleFunc("/connect/token", tokens.ServeToken)
	mux.HandleFunc("/.well-known/openid-configuration", tokens.ServeDiscovery)
	mux.HandleFunc("/.well-known/jwks.json", tokens.ServeKeys)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("/readyz", s.ready)
	mux.Handle("/metrics", s.metrics.handler())
	s.describe(mux)
	s.public = mux
	return s
}

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
	view       wire.View        // what the caller may see
}

// operation is the name of the operation called, none for unknown paths and callers, and for paths that need no token.
func (c *call) operation() string {
	if c.route == nil {
		return "none"
	}
	return c.route.operation
}

func (c *call) actor() db.Actor {
	return db.Actor{Retailer: c.who.Retailer, User: c.who.User, Client: c.who.ClientID, DryRun: c.dryRun}
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	id := requestID(r)
	w.Header().Set("X-Request-Id", id)
	c := &call{w: w, r: r}
	if s.options.AccessLog || s.log.Enabled(r.Context(), slog.LevelDebug) {
		count, asked := &counted{ResponseWriter: w, head: r.Method == http.MethodHead}, r.URL.Path
		w, c.w = count, count
		defer func() { s.access(count, c, asked, id, time.Since(start)) }()
	}
	if s.options.CORSOrigin != "" && s.cors(w, r) {
		return
	}
	path := strings.ToLower(strings.TrimRight(r.URL.Path, "/"))
	for strings.HasPrefix(path, "//") { // a base URL that ends in a slash
		path = path[1:]
	}
	if path == "" && wantsPage(r) {
		s.home(w, r)
		return
	}
	if isPublic(path) {
		r.URL.Path = path
		s.public.ServeHTTP(w, r)
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
	s.metrics.observe(c, time.Since(start))
}

func isPublic(path string) bool {
	switch path {
	case "/connect/token", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs":
		return true
	}
	return strings.HasPrefix(path, "/.well-known/") || strings.HasPrefix(path, "/docs/")
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
	if s.options.View != nil {
		c.view = s.options.View(c.who)
	}
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
