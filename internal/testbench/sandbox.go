package testbench

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/trust"
)

// Header names the fork in every answer, and chooses it in a request.
const Header = "X-Taphoa-Sandbox"

// Bounds of a sandbox, unless its options have others.
const (
	DefaultMaxForks = 64
	DefaultMaxBytes = 2 << 30
)

// Options of a [Sandbox].
type Options struct {
	Dir          string // of the files, for this sandbox alone
	Log          *slog.Logger
	VendorLimits bool  // the forks enforce the vendor's limits
	Quirks       bool  // the forks begin with all quirks of the vendor's
	MaxForks     int   // 0: [DefaultMaxForks]
	MaxBytes     int64 // of all files of forks and snapshots; 0: [DefaultMaxBytes]

	AllowHooks []netip.Prefix // networks that webhooks are delivered to, besides this machine

	// AnyCredentials has the default fork accept any client_id, with the secret that it is first used with, and any Retailer: for
	// programs whose credentials are not known here.
	AnyCredentials bool

	// Token is what requests below /_sandbox must bear in Authorization, and AnyHost has the server answer for any Host: for a sandbox
	// that other machines reach.
	Token   string
	AnyHost bool
}

// Sandbox serves forks of templates. It is safe for concurrent use.
type Sandbox struct {
	o        Options
	log      *slog.Logger
	control  http.Handler
	ctx      context.Context // ends with the sandbox
	stop     context.CancelFunc
	closing  sync.WaitGroup // of forks that were deleted
	adopting sync.Mutex     // held while a client is entered in the default fork
	adding   sync.Mutex     // held while the empty template is made

	mu        sync.Mutex
	templates map[string]*template
	forks     map[string]*Fork // by name
	clients   map[string]*Fork // by client id
	evicted   evicted
	made      int64        // forks so far
	served    atomic.Int64 // requests so far
	clock     int64        // of uses: the order of forks by their last one
	def       *Fork        // the default fork; nil: there is none
}

// New returns a sandbox without templates and forks.
func New(o Options) *Sandbox {
	if o.MaxForks == 0 {
		o.MaxForks = DefaultMaxForks
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Sandbox{o: o, log: o.Log, templates: map[string]*template{}, forks: map[string]*Fork{}, clients: map[string]*Fork{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.control = s.routes()
	return s
}

// Close ends all forks, and removes their files.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	s.stop()
	for _, f := range s.forks {
		s.remove(f)
	}
	s.mu.Unlock()
	s.closing.Wait()
	return os.RemoveAll(filepath.Join(s.o.Dir, "forks"))
}

// ServeHTTP serves what is below /_sandbox, and passes other requests to their forks.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.o.AnyHost && !ourHost(r) {
		refuse(w, http.StatusMisdirectedRequest, &taphoa.Error{
			Code:    "MisdirectedRequest",
			Message: "Sandbox chỉ trả lời khi được gọi bằng tên của chính máy chạy nó (localhost, 127.0.0.1) hoặc tên máy chủ của KiotViet",
		})
		return
	}
	if path := r.URL.Path; path == controlPath || strings.HasPrefix(path, controlPath+"/") {
		s.serveControl(w, r)
		return
	}
	f, err := s.find(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set(Header, f.Name)
	f.serve(w, r)
	s.grown(f)
}

// ourHost reports whether a request is for a name of this machine or a host of the vendor's, and not for the name of a web page that was
// made to resolve to this machine (DNS rebinding).
func ourHost(r *http.Request) bool {
	host := strings.ToLower(strings.TrimSuffix(hostOf(r), "."))
	for _, h := range trust.VendorHosts {
		if host == h {
			return true
		}
	}
	return oauth.IsLoopback(r.Host) || r.Host == "" && !r.ProtoAtLeast(1, 1)
}

func hostOf(r *http.Request) string {
	host, _, _ := strings.Cut(r.Host, ":")
	return host
}

// find returns the fork of a request.
func (s *Sandbox) find(w http.ResponseWriter, r *http.Request) (*Fork, error) {
	client, secret := oauth.ClientOf(r), ""
	if client == "" && api.AsksForToken(r.URL.Path) {
		client, secret = oauth.Credentials(w, r)
	}
	f, err := s.choose(r, client)
	if err == nil && s.o.AnyCredentials && secret != "" {
		err = s.adopt(r.Context(), f, client, secret)
	}
	return f, err
}

// choose returns the fork that a request names, or else the one of its client, of its shop, or the default one.
func (s *Sandbox) choose(r *http.Request, client string) (*Fork, error) {
	if name := r.Header.Get(Header); name != "" {
		return s.fork(name)
	}
	f, err := s.byClient(client)
	if f != nil || err != nil {
		return f, err
	}
	if f, err = s.byRetailer(r.Header.Get("Retailer")); f != nil || err != nil {
		return f, err
	}
	s.mu.Lock()
	f = s.def
	s.mu.Unlock()
	if f == nil {
		return nil, &taphoa.Error{
			Kind: taphoa.KindUnauthorized, Code: taphoa.CodeToken,
			Message: "Không biết yêu cầu thuộc bản sao nào: tạo bản sao bằng POST /_sandbox/shops rồi dùng client_id và Retailer của nó",
		}
	}
	return f, nil
}

// errClosed is for what is asked while the sandbox ends.
var errClosed = errors.New("the sandbox has ended")
