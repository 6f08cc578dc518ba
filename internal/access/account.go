package access

import (
	"context"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// Account is a user who may sign in.
type Account struct {
	Retailer  int64 `db:"retailer_id"`
	ShopCode  string
	ShopName  string
	User      int64 `db:"user_id"`
	UserName  string
	GivenName string
	Email     string                  // empty if there is none
	Owner     bool                    `db:"is_admin"`
	TOTP      bool                    `db:"totp"`             // there is a second factor
	Password  bool                    `db:"password"`         // there is one
	PIN       bool                    `db:"pin"`              // there is one
	Passwords int64                   `db:"password_version"` // how many were set
	EndsOn    taphoa.Opt[taphoa.Time] // midnight of the last day on which the user may sign in
}

// ended reports whether the last day is over.
func (a *Account) ended(now taphoa.Time) bool { return a.EndsOn.Has() && now.Day() > a.EndsOn.Value }

// accountRow is an account as it is stored.
type accountRow struct {
	Account
	PasswordHash string
	TOTPSecret   string `db:"totp_secret"`
	TOTPNext     string `db:"totp_next"`
	TOTPStep     int64  `db:"totp_step"`
}

const (
	accountColumns = `u.retailer_id, r.code AS shop_code, r.name AS shop_name, u.id AS user_id, u.user_name, u.given_name,
		COALESCE(u.email, '') AS email, u.is_admin, a.totp_secret IS NOT NULL AS totp, a.password_hash IS NOT NULL AS password, a.pin_hash IS NOT NULL AS pin,
		COALESCE(a.password_version, 0) AS password_version, a.ends_on`
	secretColumns = accountColumns + `, COALESCE(a.password_hash, '') AS password_hash, COALESCE(a.totp_secret, '') AS totp_secret,
		COALESCE(a.totp_next, '') AS totp_next, COALESCE(a.totp_step, 0) AS totp_step`
	accountJoins = `JOIN retailers r ON r.retailer_id = u.retailer_id
		LEFT JOIN access_accounts a ON a.retailer_id = u.retailer_id AND a.user_id = u.id`
)

// FindAccount returns the account of a user name, in any letter case, of the shop of tx.
func FindAccount(tx *db.Tx, userName string) (Account, bool, error) {
	return db.One[Account](tx, `SELECT `+accountColumns+` FROM users u `+accountJoins+`
		WHERE u.retailer_id = :retailer AND u.name_key = ? AND u.deleted_at = 0 ORDER BY u.id LIMIT 1`, nameKey(userName))
}

// FindOwner returns the account of the owner of tx's shop.
func FindOwner(tx *db.Tx) (Account, error) {
	owner, found, err := db.One[Account](tx, `SELECT `+accountColumns+` FROM users u `+accountJoins+`
		WHERE u.retailer_id = :retailer AND u.is_admin ORDER BY u.id LIMIT 1`)
	if err == nil && !found {
		err = unknownUser()
	}
	return owner, err
}

func unknownUser() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Người dùng không tồn tại")
}

// nameKey is [text.CodeKey] for what anyone may send.
func nameKey(name string) string {
	const longest = 1000 // characters: names are shorter
	return text.CodeKey(storable(name, longest))
}

// getAccount returns the account of a user who was not removed.
func getAccount(tx *db.Tx, user int64) (accountRow, error) {
	row, found, err := db.One[accountRow](tx, `SELECT `+secretColumns+` FROM users u `+accountJoins+`
		WHERE u.retailer_id = :retailer AND u.id = ? AND u.deleted_at = 0`, user)
	if err == nil && !found {
		err = unknownUser()
	}
	return row, err
}

// findRow returns the account that names mean, in any shop.
func findRow(tx *db.Tx, shop, userName string) (row accountRow, found bool, err error) {
	return db.One[accountRow](tx.Everywhere(), `
		SELECT `+secretColumns+` FROM users u `+accountJoins+`
		WHERE r.code_key = ? AND u.name_key = ? AND u.deleted_at = 0 ORDER BY u.id LIMIT 1`, nameKey(shop), nameKey(userName))
}

// lockAccount is getAccount for what changes how the user signs in, which one transaction does at a time.
func lockAccount(tx *db.Tx, user int64) (accountRow, error) {
	tx.Queue(`INSERT INTO access_accounts (retailer_id, user_id) VALUES (:retailer, ?) ON CONFLICT (retailer_id, user_id) DO NOTHING`, user)
	_, _, err := db.One[int64](tx, `SELECT user_id FROM access_accounts WHERE retailer_id = :retailer AND user_id = ? :lock`, user)
	if err != nil {
		return accountRow{}, err
	}
	return getAccount(tx, user)
}

// AccountInfo is what the owner sees of an account.
type AccountInfo struct {
	Account
	Invited taphoa.Time // when a link that was not yet used expires; 0 if there is none
	Seen    taphoa.Time // when a session of now was last used; 0 if there is none
}

// Accounts lists the accounts of the shop by user name, the owner's too.
func (s *Service) Accounts(ctx context.Context, by Session) (all []AccountInfo, err error) {
	if err := by.mayManage(s.db.Now(), false); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, by.actor(), func(tx *db.Tx) error {
		all, err = db.All[AccountInfo](tx, `
			SELECT `+accountColumns+`,
				COALESCE((SELECT MAX(l.expires_at) FROM access_links l
					WHERE l.retailer_id = :retailer AND l.user_id = u.id AND l.expires_at > ?), 0) AS invited,
				COALESCE((SELECT MAX(s.seen_at) FROM access_sessions s
					WHERE s.retailer_id = :retailer AND s.user_id = u.id AND s.expires_at > ? AND NOT s.pending), 0) AS seen
			FROM users u `+accountJoins+`
			WHERE u.retailer_id = :retailer AND u.deleted_at = 0 ORDER BY u.name_key, u.id`, tx.Clock, tx.Clock)
		return err
	})
	return all, err
}

// mayManage refuses who is not the owner, and what asks for the password if that was too long ago.
func (s *Session) mayManage(now taphoa.Time, confirmed bool) error {
	switch {
	case s.Pending:
		return ErrSecondFactor
	case s.Held == nil || !s.Held.Allows(right.Administer):
		return ErrNotOwner
	case confirmed:
		return s.mayChange(now)
	}
	return nil
}

// SetEnd sets the last day on which a user may sign in, or that there is none. Sessions end with it. Only the owner may, whose own
// account has no end.
func (s *Service) SetEnd(ctx context.Context, by Session, user int64, endsOn taphoa.Opt[taphoa.Time]) error {
	if err := by.mayManage(s.db.Now(), true); err != nil {
		return err
	}
	endsOn.Value = endsOn.Value.Day()
	return s.record(ctx, &by.Account, "setAccountEnd", func(tx *db.Tx) error {
		row, err := lockAccount(tx, user)
		if err == nil && row.Owner {
			err = taphoa.Refuse(taphoa.CodeValidate, "endsOn", "Tài khoản của chủ cửa hàng không có ngày kết thúc")
		}
		if err != nil {
			return err
		}
		audit.Record(tx, user, row.UserName)
		audit.Value(tx, "endsOn", row.EndsOn, endsOn)
		tx.Queue(`UPDATE access_accounts SET ends_on = ? WHERE retailer_id = :retailer AND user_id = ?`, endsOn, user)
		before := row.ended(tx.Clock)
		if row.EndsOn = endsOn; row.ended(tx.Clock) {
			endSessions(tx, user, 0)
			dropLink(tx, user)
		}
		if before != row.ended(tx.Clock) { // what programs were allowed does not come back with the account
			tx.Queue(`UPDATE access_accounts SET password_version = password_version + 1 WHERE retailer_id = :retailer AND user_id = ?`, user)
		}
		return nil
	})
}
