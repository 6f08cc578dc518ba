package access_test

import (
	"errors"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// TestASessionGetsAnotherTokenWhenRightsChange: Lan becomes a cashier, and the token of before is dead once the session is renewed.
func TestASessionGetsAnotherTokenWhenRightsChange(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := t.Context()
		token := s.invite(s.lan, lansPassword)
		if lan := s.session(token); lan.Outdated || !lan.Held.None() {
			t.Errorf("outdated %v, holds %+v", lan.Outdated, lan.Held)
		}
		s.write(func(tx *db.Tx) error { return access.SetUserRoles(tx, s.lan, []access.UserRole{{Role: 3, Branch: 1}}) })
		before := s.session(token)
		if !before.Outdated || !before.Held.Somewhere().Has(right.CreateInvoices) || before.Branch != 1 {
			t.Errorf("outdated %v at branch %d, holds %+v", before.Outdated, before.Branch, before.Held)
		}
		renewed, err := s.Renew(ctx, token)
		if err != nil || s.alive(token) {
			t.Fatalf("the token of before is alive: %v", err)
		}
		after := s.session(renewed)
		if after.Outdated || after.ID != before.ID || after.Confirmed != before.Confirmed || after.Held.Key() != before.Held.Key() {
			t.Errorf("after renewing the session is %+v", after)
		}
		if _, err := s.Renew(ctx, token); !errors.Is(err, access.ErrSignedOut) {
			t.Errorf("a second request with the old token: %v", err)
		}
	})
}
