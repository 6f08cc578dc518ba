package access

import (
	"context"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
)

const linkTime = 24 * time.Hour // for which a link is good

// Kinds of links.
const (
	KindInvitation = "invitation" // the account has no password yet
	KindReset      = "reset"
)

// Link lets a person choose a password, once.
type Link struct {
	Account
	Kind    string
	MadeBy  int64       // a user; 0: the operator
	Expires taphoa.Time `db:"expires_at"`
}

// NewLink makes a link for a user, which ends the one before. It returns its secret, which cannot be read again, and is made by the
// user of tx.
func NewLink(tx *db.Tx, user int64) (secret string, link Link, err error) {
	row, err := lockAccount(tx, user)
	if err == nil && row.ended(tx.Clock) {
		err = taphoa.Refuse(taphoa.CodeValidate, "endsOn", "Tài khoản đã qua ngày kết thúc, hãy đổi ngày trước")
	}
	if err != nil {
		return "", Link{}, err
	}
	link = Link{Account: row.Account, Kind: KindInvitation, MadeBy: tx.User, Expires: tx.Clock.Add(linkTime)}
	if row.Password {
		link.Kind = KindReset
	}
	audit.Record(tx, user, row.UserName)
	secret, hash := newSecret()
	tx.Queue(`
		INSERT INTO access_links (retailer_id, user_id, secret_hash, kind, made_by, created_at, expires_at) VALUES (:retailer, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (retailer_id, user_id) DO UPDATE SET secret_hash = excluded.secret_hash, kind = excluded.kind, made_by = excluded.made_by,
			created_at = excluded.created_at, expires_at = excluded.expires_at`,
		user, hash, link.Kind, link.MadeBy, tx.Clock, link.Expires)
	return secret, link, nil
}

// Reset is [NewLink] for a person who is locked out: the password, the passkeys and all sessions end at once, and the second factor if
// it is lost.
func Reset(tx *db.Tx, user int64, secondFactor bool) (secret string, link Link, err error) {
	if secret, link, err = NewLink(tx, user); err != nil {
		return "", Link{}, err
	}
	tx.Queue(`UPDATE access_accounts SET password_hash = NULL, password_version = password_version + 1, `+noPIN+` WHERE retailer_id = :retailer AND user_id = ?`, user)
	endSessions(tx, user, 0)
	dropPasskeys(tx, user)
	if secondFactor {
		dropSecondFactor(tx, user)
		link.TOTP = false
	}
	return secret, link, nil
}

func dropLink(tx *db.Tx, user int64) {
	tx.Queue(`DELETE FROM access_links WHERE retailer_id = :retailer AND user_id = ?`, user)
}

// Invite makes a link for a user: an invitation, or a reset where there is a password, which stays until the link is used. Only the
// owner may.
func (s *Service) Invite(ctx context.Context, by Session, user int64) (secret string, link Link, err error) {
	if err := by.mayManage(s.db.Now(), true); err != nil {
		return "", Link{}, err
	}
	err = s.record(ctx, &by.Account, "inviteUser", func(tx *db.Tx) error {
		secret, link, err = NewLink(tx, user)
		return err
	})
	return secret, link, err
}

// Link returns the link of a secret, for the page that asks for the password. It does not use it up.
func (s *Service) Link(ctx context.Context, secret string) (link Link, err error) {
	err = s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		var found bool
		link, found, err = db.One[Link](tx.Everywhere(), `
			SELECT `+accountColumns+`, l.kind, l.made_by, l.expires_at FROM access_links l
			JOIN users u ON u.retailer_id = l.retailer_id AND u.id = l.user_id `+accountJoins+`
			WHERE l.secret_hash = ? AND l.expires_at > ? AND u.deleted_at = 0`, hashOf(secret), tx.Clock)
		if err == nil && (!found || link.ended(tx.Clock)) {
			err = ErrLink
		}
		return err
	})
	return link, err
}

// AcceptLink gives the account of a link a password, uses the link up, ends all sessions and passkeys of the account and starts a session.
// It is pending if the account has a second factor.
func (s *Service) AcceptLink(ctx context.Context, secret, password string, from Caller) (token string, session Session, err error) {
	link, err := s.Link(ctx, secret)
	if err != nil {
		return "", Session{}, err
	}
	hash, err := s.Hash(ctx, password, link.names()...)
	if err != nil {
		return "", Session{}, err
	}
	err = s.record(ctx, &link.Account, "acceptLink", func(tx *db.Tx) error {
		row, err := lockAccount(tx, link.User)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`DELETE FROM access_links WHERE retailer_id = :retailer AND user_id = ? AND secret_hash = ? AND expires_at > ?`,
			link.User, hashOf(secret), tx.Clock)
		if err == nil && n == 0 || row.ended(tx.Clock) {
			err = ErrLink
		}
		if err != nil {
			return err
		}
		setPassword(tx, link.User, hash, 0)
		tx.Queue(`UPDATE access_accounts SET `+noPIN+` WHERE retailer_id = :retailer AND user_id = ?`, link.User) // who had the account may know it, and have added passkeys
		dropPasskeys(tx, link.User)
		token, session, err = startSession(tx, &row, row.TOTP, from)
		session.Password = true
		return err
	})
	return token, session, err
}
