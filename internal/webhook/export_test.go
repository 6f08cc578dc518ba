package webhook

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// With is the guard with another resolver of names.
func (g Guard) With(r *net.Resolver) Guard {
	g.resolver = r
	return g
}

// Sweep drops what happened so long ago.
func Sweep(ctx context.Context, d *db.DB, keep time.Duration) error {
	return sweep(ctx, d, d.Now().Add(-keep), func(string, []givenUp) {})
}

// Gone is what couriers ask of an owner.
func Gone(owner, self string) bool { return gone(owner, self) }

// NewOwner is a courier's name.
func NewOwner() string { return newOwner() }

// Sign signs as a courier does.
func Sign(h http.Header, s org.Settings, secret, id string, now time.Time, body []byte) {
	f := formOf(&s, nil)
	f.sign(h, secret, id, now, body)
}
