package oauth

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// Options of a [Service]; the zero value is right for clients that were written for the vendor.
type Options struct {
	Issuer    string // claim iss; empty for the vendor's live value
	PublicURL string // where clients reach the server, for discovery; empty for the host of each request
}

const (
	vendorIssuer = "http://id.kiotviet.vn"
	keyBits      = 2048
	second       = taphoa.Time(1_000_000)

	// clientAge is how long a client's row is believed without another look.
	clientAge = 5 * second
	// recheckAge is clientAge for answers that go on.
	recheckAge = 2 * second
	// retryAge is how old a row may be that refuses a secret: it lets a new secret in at once, and a guesser makes no
	// more than one query a second.
	retryAge = second

	clientsMax  = 4096 // half of the rows, verified tokens and issued tokens that are kept
	verifiedMax = 8192
	issuedMax   = 512
)

// RecheckEvery is how often whoever answers a request for long calls [Service.Recheck], so that the answer ends within 5
// seconds of a revocation, like the token's other uses.
const RecheckEvery = 2 * time.Second

// Service issues and verifies tokens. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	options  Options
	key      *rsa.PrivateKey
	signer   jose.Signer
	keySet   jose.JSONWebKeySet
	clients  *cache[string, *clientState]
	verified *cache[[sha256.Size]byte, *verified]
	issued   *cache[grant, func() (string, error)]
	insider  atomic.Pointer[clientState] // of Admit
}

// clientState is what was seen of a client; without a row there was none.
type clientState struct {
	clientRow
	readAt taphoa.Time // before the query began
}

// New makes a service on the key of the database, which it makes if there is none yet.
func New(d *db.DB, o Options) (*Service, error) {
	if o.Issuer == "" {
		o.Issuer = vendorIssuer
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	key, err := loadKey(d)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType(tokenType))
	if err != nil {
		return nil, err
	}
	public := jose.JSONWebKey{Key: key.Public(), Algorithm: string(jose.RS256), Use: "sig"}
	thumb, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	public.KeyID = fmt.Sprintf("%x", thumb[:8])
	return &Service{
		db: d, options: o, key: key, signer: signer, keySet: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}},
		clients:  newCache[string, *clientState](clientsMax),
		verified: newCache[[sha256.Size]byte, *verified](verifiedMax),
		issued:   newCache[grant, func() (string, error)](issuedMax),
	}, nil
}

// loadKey answers the key of the database. When two processes make one, both go on with the one stored first.
func loadKey(d *db.DB) (*rsa.PrivateKey, error) {
	const find = `SELECT private_key FROM oauth_keys WHERE id = 1`
	var (
		ctx  = context.Background()
		text string
		has  bool
	)
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		text, has, err = db.One[string](tx.Everywhere(), find)
		return err
	})
	if err == nil && !has {
		var fresh string
		if fresh, err = newKey(); err != nil {
			return nil, err
		}
		err = d.Write(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			_, err = tx.Everywhere().Exec(`
				INSERT INTO oauth_keys (id, private_key, created_date) VALUES (1, ?, :now)
				ON CONFLICT (id) DO NOTHING`, fresh)
			if err == nil {
				text, _, err = db.One[string](tx.Everywhere(), find)
			}
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	return parseKey(text)
}

func newKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("oauth_keys holds no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		return rsaKey, nil
	}
	return nil, fmt.Errorf("oauth_keys holds a %T", key)
}

// Forget makes the service look anew at a client. Call it after the commit of a change to make that known in this
// process at once.
func (s *Service) Forget(clientID string) { s.clients.drop(strings.ToLower(clientID)) }

// Admit makes a client of the shop that is in no table, with every scope: only this service knows it. A program that has
// the database itself calls a server within its own process with it. There is one at a time.
func (s *Service) Admit(tx *db.Tx) (clientID, secret string, err error) {
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
	s.insider.Store(&clientState{clientRow: clientRow{Client: c, SecretHash: hashSecret(secret), RetailerCode: shop.Code}})
	return c.ClientID, secret, nil
}

// client answers what is stored of a client, as seen not longer than age ago.
func (s *Service) client(ctx context.Context, id string, now, age taphoa.Time) (*clientState, error) {
	if c := s.insider.Load(); c != nil && c.ClientID == id {
		return c, nil
	}
	// A clock that was put back makes a row look like one from the future, for how long nobody knows.
	if c, ok := s.clients.get(id); ok && now >= c.readAt && now-c.readAt < age {
		return c, nil
	}
	if !clientIDForm.MatchString(id) {
		return &clientState{}, nil // neither the cache nor the database has room for any text
	}
	mark := s.clients.mark()
	c := &clientState{readAt: now}
	err := s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		c.clientRow, _, err = db.One[clientRow](tx.Everywhere(), `
			SELECT `+clientColumns+`, c.secret_hash, r.code
			FROM oauth_clients c JOIN retailers r ON r.retailer_id = c.retailer_id
			WHERE c.client_id = ?`, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Scopes = strings.Fields(c.ScopeText)
	s.clients.put(id, c, mark)
	return c, nil
}
