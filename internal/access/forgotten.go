package access

import (
	"context"
	"errors"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

// askTime is how long an account gets no second link by asking.
const askTime = 15 * time.Minute

// Forgotten makes a link for a person who has forgotten the password, to be sent to the address of its account and not shown. The
// password before stays until the link is used. There is none (ok is false) where the names mean no account with a password and an
// address, the account has ended, another person has made a link that is still good, the account asked within 15 minutes, or its
// network asks too often. Who asks is told nothing of that.
func (s *Service) Forgotten(ctx context.Context, shop, userName string, from Caller) (secret string, link Link, ok bool, err error) {
	in := SignIn{Shop: shop, UserName: userName}
	if s.asking.Settle(in.caller(), throttle.NetworkOf(from.Address), false) > 0 {
		return "", Link{}, false, nil
	}
	var row accountRow
	err = s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		row, ok, err = findRow(tx, shop, userName)
		ok = ok && row.mayForget(tx.Clock)
		return err
	})
	if err != nil || !ok {
		return "", Link{}, false, err
	}
	err = s.db.Write(ctx, row.actor(), func(tx *db.Tx) error {
		if ok, err = mayAsk(tx, row.User); err != nil || !ok {
			return err
		}
		secret, link, err = NewLink(tx, row.User)
		return err
	})
	return secret, link, ok && err == nil, err
}

// mayForget reports whether there is a password to forget, and where to send a link.
func (a *Account) mayForget(now taphoa.Time) bool {
	return a.Password && a.Email != "" && !a.ended(now)
}

// mayAsk reports whether a user gets a link by asking.
func mayAsk(tx *db.Tx, user int64) (bool, error) {
	row, err := lockAccount(tx, user)
	if e := (*taphoa.Error)(nil); errors.As(err, &e) && e.Kind == taphoa.KindNotFound {
		return false, nil // removed meanwhile
	}
	if err != nil || !row.mayForget(tx.Clock) {
		return false, err
	}
	last, found, err := db.One[struct {
		MadeBy    int64
		CreatedAt taphoa.Time
		ExpiresAt taphoa.Time
	}](tx, `SELECT made_by, created_at, expires_at FROM access_links WHERE retailer_id = :retailer AND user_id = ?`, user)
	if !found || err != nil {
		return err == nil, err
	}
	if last.MadeBy != user {
		return last.ExpiresAt <= tx.Clock, nil
	}
	return last.CreatedAt <= tx.Clock.Add(-askTime), nil
}
