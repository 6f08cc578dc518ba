package webhook

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// With returns the guard with another resolver.
func (g Guard) With(r *net.Resolver) Guard {
	g.resolver = r
	return g
}

// Control is what is called with an address before it is dialled.
func (g Guard) Control(network, address string) error { return g.control(network, address, nil) }

// IsPlatform is isPlatform for tests.
func IsPlatform(a netip.Addr) bool { return isPlatform(a) }

// LookupTimeout is how long an unsuccessful lookup takes.
const LookupTimeout = lookupTimeout

// Hide hides credentials in a text.
func Hide(credentials, text string) string { return hiding(credentials).Replace(text) }

// Explain returns the sentence about a request without a response.
func Explain(err error, to string, inside bool) string {
	sentence, _ := explain(err, to, hiding(""), inside, RequestTimeout)
	return sentence
}

// Transport is what makes the requests.
func (c *Deliverer) Transport() *http.Transport { return c.transport }

// Sweep deletes what is older than keep.
func Sweep(ctx context.Context, d *db.DB, keep time.Duration) error {
	return sweep(ctx, d, d.Now().Add(-keep), func(string, []deadEvents) {})
}

// OwnerExited is ownerExited for tests.
func OwnerExited(owner, self string) bool { return ownerExited(owner, self) }

// NewOwner is newOwner for tests.
func NewOwner() string { return newOwner() }

// Sign signs as a deliverer does.
func Sign(h http.Header, s org.Settings, secret, id string, now time.Time, body []byte) {
	f := formatOf(&s, nil)
	f.sign(h, []string{secret}, id, now, body)
}

// TrustedClock is trustedClock for tests.
func TrustedClock(ctx context.Context, d *db.DB) (taphoa.Time, error) { return trustedClock(ctx, d) }

// SecretsAt are the secrets that sign at an instant.
func SecretsAt(secret, old string, until, now taphoa.Time) []string {
	s := state{Secret: secret, OldSecret: old, OldSecretUntil: until}
	return s.secrets(now)
}
