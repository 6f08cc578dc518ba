package oauth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/throttle"
)

// Options of a [Service]; the zero value is right for clients that were written for the vendor.
type Options struct {
	PublicURL string                                                                    // where clients reach the server, for discovery and the claim iss, which is the vendor's without it
	Refused   func(r *http.Request, requestID string, of Client, code, sentence string) // is told of token requests that are refused, of known clients; nil: no one is
	LocalURL  string                                                                    // where it listens, for discovery without a PublicURL; empty for http://localhost
	AnyShape  bool                                                                      // ids of clients may be any text: see [ClientInput]
}

const (
	vendorIssuer = "http://id.kiotviet.vn"
	second       = taphoa.Time(1_000_000)

	// clientMaxAge is how long a client's row is cached.
	clientMaxAge = 5 * second
	// recheckAge is clientMaxAge for responses that are still being written.
	recheckAge = 2 * second
	// retryAge is clientMaxAge when the secret does not match: a new secret is accepted after a second, and guesses cause
	// at most one query a second.
	retryAge = second

	maxClients  = 4096 // half of the cached rows; below, of verified and issued tokens
	maxVerified = 8192
	maxIssued   = 512
)

// RecheckEvery is how often a handler of a long response calls [Service.Recheck], so that the response ends within 5 seconds
// of a revocation, as other uses of the token do.
const RecheckEvery = 2 * time.Second

// Service issues and verifies tokens. It is safe for concurrent use.
type Service struct {
	db             *db.DB
	options        Options
	ring           atomic.Pointer[keyRing]
	reading        sync.Mutex // of the keys
	clients        *cache[string, *clientState]
	grants         *cache[int64, *grantState]
	using          sync.Map                     // client id -> taphoa.Time: when its use was last written, or not
	unknown        *cache[string, *clientState] // ids without a client, so that those do not displace clients
	throttle       *throttle.Throttle
	verified       *cache[[sha256.Size]byte, *verified]
	issued         *cache[tokenKey, func() (string, error)]
	internalClient atomic.Pointer[clientState] // set by AddInternalClient
}

// clientState is a cached client; the row is empty if there is none.
type clientState struct {
	clientRow
	may    *right.Held // nil: what the owner may
	readAt taphoa.Time // before the query began
	read   time.Time   // the same, by the monotonic clock
}

// fresh reports whether the row was read less than age ago: by the clock, which goes on while a machine sleeps, and by the
// monotonic one, which is never put back.
func (c *clientState) fresh(now, age taphoa.Time) bool { return fresh(c.readAt, c.read, now, age) }

func fresh(readAt taphoa.Time, read time.Time, now, age taphoa.Time) bool {
	return now >= readAt && now-readAt < age && time.Since(read) < time.Duration(age)*time.Microsecond
}

// New returns a service with the signing key of the database, which it creates if there is none yet.
func New(d *db.DB, o Options) (*Service, error) {
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	o.LocalURL = cmp.Or(o.LocalURL, "http://localhost")
	s := &Service{
		db: d, options: o,
		clients:  newCache[string, *clientState](maxClients),
		grants:   newCache[int64, *grantState](maxClients),
		unknown:  newCache[string, *clientState](maxClients),
		throttle: throttle.New(logDelay),
		verified: newCache[[sha256.Size]byte, *verified](maxVerified),
		issued:   newCache[tokenKey, func() (string, error)](maxIssued),
	}
	ring, err := s.firstKeys(context.Background())
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	s.ring.Store(ring)
	return s, nil
}

// Forget removes a client from the cache. Call it after the commit of a change, so that it takes effect in this process at
// once.
func (s *Service) Forget(clientID string) {
	clientID = strings.ToLower(clientID)
	s.clients.delete(clientID)
	s.unknown.delete(clientID)
}

// AddInternalClient creates a client of the shop with every scope that is not stored and is valid for this service only. A
// command that has opened the database uses it to call the server in its own process. There is one at a time: the next call
// replaces it.
func (s *Service) AddInternalClient(tx *db.Tx) (clientID, secret string, err error) {
	shop, err := org.GetShop(tx)
	if err != nil {
		return "", "", err
	}
	user, err := org.FindSeller(tx, "userId", 0)
	if err != nil {
		return "", "", err
	}
	secret = newSecret()
	c := Client{
		ClientID: newClientID(), RetailerID: shop.RetailerID, UserID: user.ID, Scopes: scopes, IsActive: true,
		TokensFrom: tx.Now, CreatedDate: tx.Now,
	}
	s.internalClient.Store(&clientState{clientRow: clientRow{Client: c, SecretHash: hashSecret(secret), RetailerCode: shop.Code}})
	return c.ClientID, secret, nil
}

const (
	usedEvery = 10 * time.Minute // in which the last use of a client is written once
	usedTime  = time.Second      // that a token waits for that at most
)

// noteUse writes that a client has asked for a token, unless that was written, or could not be written, shortly before.
func (s *Service) noteUse(ctx context.Context, c *clientState, now taphoa.Time) {
	recent := func(at taphoa.Time) bool { return now >= at && now-at < taphoa.Time(usedEvery.Microseconds()) }
	if tried, _ := s.using.Load(c.ClientID); c == s.internalClient.Load() || recent(c.UsedAt) || tried != nil && recent(tried.(taphoa.Time)) {
		return
	}
	s.using.Store(c.ClientID, now)
	ctx, cancel := context.WithTimeout(ctx, usedTime)
	defer cancel()
	err := s.db.Write(ctx, db.Actor{Retailer: c.RetailerID, WithoutHead: true}, func(tx *db.Tx) error {
		tx.Queue(`
			INSERT INTO oauth_client_uses (retailer_id, client_id, used_at) VALUES (:retailer, ?, ?)
			ON CONFLICT (retailer_id, client_id) DO UPDATE SET used_at = excluded.used_at`, c.ClientID, now)
		return nil
	})
	if err != nil {
		slog.Debug("the use of a client was not noted", "error", err.Error())
	}
}

// client returns the stored client, from the cache if it was read less than age ago. Without one the row is empty.
func (s *Service) client(ctx context.Context, id string, now, age taphoa.Time) (*clientState, error) {
	if c := s.internalClient.Load(); c != nil && c.ClientID == id {
		return c, nil
	}
	cached, known := s.clients.get(id)
	if !known {
		cached, _ = s.unknown.get(id)
	}
	if cached != nil && cached.fresh(now, age) {
		return cached, nil
	}
	if !clientIDPattern.MatchString(id) && !s.options.AnyShape {
		return &clientState{}, nil // arbitrary text must fill neither the cache nor a query
	}
	clients, unknown := s.clients.version(), s.unknown.version()
	c := &clientState{readAt: now, read: time.Now()}
	err := s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		c.clientRow, _, err = db.One[clientRow](tx.Everywhere(), `
			SELECT `+clientColumns+`, c.secret_hash, c.old_secret_hash, r.code
			FROM oauth_clients c JOIN retailers r ON r.retailer_id = c.retailer_id
			WHERE c.client_id = ?`, id)
		if err != nil || c.ClientID == "" {
			return err
		}
		tx.Retailer = c.RetailerID
		may, active, err := c.held(tx)
		c.may, c.IsActive = may, c.IsActive && active
		return err
	})
	if err != nil {
		return nil, err
	}
	c.fill()
	if known || c.ClientID != "" {
		s.clients.put(id, c, clients)
	} else {
		s.unknown.put(id, c, unknown)
	}
	return c, nil
}
