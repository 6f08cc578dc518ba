package access

import (
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

const setupTime = time.Hour // for which a set-up link is good

// NewSetupLink makes the link by which a shop is opened from a browser, and returns its secret, which cannot be read again. A
// database has one: the one before ends. Only who runs the program makes one, so a database may have shops already; but a link is
// of no more use when another shop was opened after it.
func NewSetupLink(tx *db.Tx) (secret string, err error) {
	shops, err := org.CountShops(tx)
	if err != nil {
		return "", err
	}
	secret, hash := newSecret()
	tx.Everywhere().Queue(`
		INSERT INTO access_setup (id, secret_hash, expires_at, shops) VALUES (1, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash, expires_at = excluded.expires_at, shops = excluded.shops`,
		hash, tx.Clock.Add(setupTime), shops)
	return secret, nil
}

const validSetup = `id = 1 AND secret_hash = ? AND expires_at > ? AND shops = (SELECT COUNT(*) FROM retailers)`

// CheckSetup refuses a secret that is not that of the set-up link, with [ErrLink]. It does not use it up.
func CheckSetup(tx *db.Tx, secret string) error {
	_, found, err := db.One[int64](tx.Everywhere(), `SELECT id FROM access_setup WHERE `+validSetup, hashOf(secret), tx.Clock)
	if err == nil && !found {
		err = ErrLink
	}
	return err
}

// UseSetup is CheckSetup and uses the link up: one transaction does. It comes before the shop is made.
func UseSetup(tx *db.Tx, secret string) error {
	n, err := tx.Everywhere().Exec(`DELETE FROM access_setup WHERE `+validSetup, hashOf(secret), tx.Clock)
	if err == nil && n == 0 {
		err = ErrLink
	}
	return err
}
