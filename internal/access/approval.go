package access

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/alexedwards/argon2id"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	pinLength    = 6
	pinFailures  = 5 // in a row, then the PIN is locked
	pinLocked    = 15 * time.Minute
	approvalTime = time.Minute
)

const noPIN = `pin_hash = NULL, pin_failures = 0, pin_locked_until = 0`

// CheckPIN refuses what is no PIN, or one that many people choose.
func CheckPIN(pin string) error {
	if len(pin) != pinLength || strings.ContainsFunc(pin, func(r rune) bool { return !unicode.IsDigit(r) || r > '9' }) {
		return taphoa.Refuse(taphoa.CodeValidate, "pin", "Mã PIN phải có đúng %d chữ số", pinLength)
	}
	different := map[rune]bool{}
	for _, r := range pin {
		different[r] = true
	}
	if len(different) < 3 || strings.Contains("01234567890", pin) || strings.Contains("09876543210", pin) || pin[:3] == pin[3:] {
		return taphoa.Refuse(taphoa.CodeValidate, "pin", "Mã PIN này dễ đoán, hãy chọn mã khác")
	}
	return nil
}

// SetPIN gives the account of a session the PIN by which it approves of what others may not do; an empty one takes it away.
func (s *Service) SetPIN(ctx context.Context, by Session, pin string) error {
	if err := by.mayChange(s.db.Now()); err != nil {
		return err
	}
	var stored taphoa.Opt[string]
	if pin != "" {
		if err := CheckPIN(pin); err != nil {
			return err
		}
		err := s.hasher.do(ctx, func() error {
			hash, err := argon2id.CreateHash(pin, &params)
			stored = taphoa.Some(hash)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.record(ctx, &by.Account, "setPIN", func(tx *db.Tx) error {
		if _, err := lockAccount(tx, by.User); err != nil {
			return err
		}
		tx.Queue(`UPDATE access_accounts SET pin_hash = ?, pin_failures = 0, pin_locked_until = 0
			WHERE retailer_id = :retailer AND user_id = ?`, stored, by.User)
		return nil
	})
}

// Approver is a person who may approve.
type Approver struct {
	User      int64
	GivenName string
}

// Approvers lists who may allow the person of a session rights that they lack, where the session works: they hold them there, and
// have a PIN.
func (s *Service) Approvers(ctx context.Context, by Session, lacks ...right.Right) (all []Approver, err error) {
	if by.Pending {
		return nil, ErrSecondFactor
	}
	err = s.db.Read(ctx, by.actor(), func(tx *db.Tx) error {
		all = nil
		rows, err := db.All[Account](tx, `SELECT `+accountColumns+` FROM users u `+accountJoins+`
			WHERE u.retailer_id = :retailer AND u.deleted_at = 0 AND a.pin_hash IS NOT NULL AND u.id <> ? ORDER BY u.name_key, u.id`, by.User)
		for i := range rows {
			if rows[i].ended(tx.Clock) {
				continue
			}
			may, err := held(tx, rows[i].User, rows[i].Owner)
			if err != nil {
				return err
			}
			if at := may.At(by.Branch); len(lacks) > 0 && !slices.ContainsFunc(lacks, func(r right.Right) bool { return !at.Has(r) }) {
				all = append(all, Approver{rows[i].User, rows[i].GivenName})
			}
		}
		return err
	})
	return all, err
}

// Approve lets a person, by their PIN, lend the person of a session rights for one operation, with the record that it is about, where
// the session works. It returns the secret by which the operation uses that up, within a minute. Five wrong PINs in a row lock the PIN
// for 15 minutes, wherever they come from.
func (s *Service) Approve(ctx context.Context, by Session, approver int64, pin, operation string, lends ...right.Right) (secret string, err error) {
	if by.Pending {
		return "", ErrSecondFactor
	}
	switch {
	case approver == by.User:
		return "", taphoa.Refuse(taphoa.CodeValidate, "approver", "Hãy chọn người cho phép là người khác")
	case by.Branch == 0 && by.Held.At(0) == (right.Set{}):
		return "", taphoa.Refuse(taphoa.CodeValidate, "approver", "Hãy chọn chi nhánh bạn đang làm trước")
	}
	hash, err := s.tryPIN(ctx, by, approver)
	if err != nil {
		return "", err
	}
	match := false
	if err := s.hasher.do(ctx, func() (err error) {
		match, err = argon2id.ComparePasswordAndHash(pin, hash)
		return err
	}); err != nil {
		return "", err
	}
	if !match {
		s.refuse(&by.Account, approver, "approvalRefused", Caller{Address: audit.From(ctx).Address})
		s.log.Warn("a wrong PIN was given", "shop", by.ShopCode, "user", by.UserName, "approver", approver, "operation", operation)
		return "", taphoa.Refuse(taphoa.CodeValidate, "pin", "Mã PIN không đúng, sai %d lần liền thì mã bị khóa %d phút", pinFailures, int(pinLocked.Minutes()))
	}
	secret, stored := newSecret()
	err = s.db.Write(ctx, by.actor(), func(tx *db.Tx) error {
		id, err := tx.NewID("access_approvals")
		if err != nil {
			return err
		}
		tx.Queue(`UPDATE access_accounts SET pin_failures = 0, pin_locked_until = 0 WHERE retailer_id = :retailer AND user_id = ?`, approver)
		tx.Queue(`
			INSERT INTO access_approvals (retailer_id, id, secret_hash, user_id, approver_id, branch_id, operation, rights, created_at, expires_at)
			VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, stored, by.User, approver, by.Branch, operation, right.Of(lends...).Text(), tx.Clock, tx.Clock.Add(approvalTime))
		tx.Queue(`
			DELETE FROM access_approvals WHERE retailer_id = :retailer AND id IN (
				SELECT id FROM access_approvals WHERE retailer_id = :retailer AND used_at = 0 AND expires_at <= ? ORDER BY expires_at, id LIMIT ?)`,
			tx.Clock, int64(sweepRows))
		return nil
	})
	return secret, err
}

// tryPIN counts a try before it is compared, so that no more of them can be under way than are allowed, and returns the PIN's hash.
func (s *Service) tryPIN(ctx context.Context, by Session, approver int64) (hash string, err error) {
	type pinRow struct {
		PinHash        string
		PinFailures    int64
		PinLockedUntil taphoa.Time
	}
	err = s.db.Write(ctx, by.actor(), func(tx *db.Tx) error {
		account, err := lockAccount(tx, approver)
		if err != nil {
			return err
		}
		row, _, err := db.One[pinRow](tx, `
			SELECT COALESCE(pin_hash, '') AS pin_hash, pin_failures, pin_locked_until FROM access_accounts
			WHERE retailer_id = :retailer AND user_id = ?`, approver)
		switch now := tx.Clock; {
		case err != nil:
			return err
		case row.PinHash == "" || account.ended(now):
			return taphoa.Refuse(taphoa.CodeValidate, "approver", "%s không có mã PIN để cho phép", account.GivenName)
		case now < row.PinLockedUntil && row.PinLockedUntil <= now.Add(pinLocked): // a clock that was ahead locks it for no longer
			return taphoa.Refuse(taphoa.CodeValidate, "pin", "Mã PIN của %s bị khóa vì sai nhiều lần, hãy thử lại sau %d phút", account.GivenName,
				(int64(row.PinLockedUntil-now)+59_999_999)/60_000_000)
		}
		hash = row.PinHash
		failures, locked := row.PinFailures+1, taphoa.Time(0)
		if failures >= pinFailures {
			failures, locked = 0, tx.Clock.Add(pinLocked)
		}
		tx.Queue(`UPDATE access_accounts SET pin_failures = ?, pin_locked_until = ? WHERE retailer_id = :retailer AND user_id = ?`,
			failures, locked, approver)
		return nil
	})
	return hash, err
}

// UseApproval uses up what was allowed for an operation with the record that it is about, which has the rights in tx that were lent, as
// far as the approver holds them now where it was allowed.
func UseApproval(tx *db.Tx, secret, operation string) error {
	type row struct {
		ApproverID, BranchID int64
		Rights               string
	}
	hash := hashOf(secret)
	n, err := tx.Exec(`
		UPDATE access_approvals SET used_at = ?
		WHERE retailer_id = :retailer AND secret_hash = ? AND user_id = ? AND operation = ? AND used_at = 0 AND created_at <= ? AND expires_at > ?`,
		tx.Clock, hash, tx.User, operation, tx.Clock, tx.Clock)
	if err == nil && n == 0 {
		err = taphoa.Refuse(taphoa.CodeValidate, "pin", "Sự cho phép đã được dùng hoặc đã hết hạn, hãy xin lại")
	}
	if err != nil {
		return err
	}
	given, _, err := db.One[row](tx, `SELECT approver_id, branch_id, rights FROM access_approvals WHERE retailer_id = :retailer AND secret_hash = ?`, hash)
	if err != nil {
		return err
	}
	account, err := getAccount(tx, given.ApproverID)
	if err == nil && account.ended(tx.Clock) {
		err = unknownUser()
	}
	if err != nil {
		return err
	}
	may, err := held(tx, account.User, account.Owner)
	if err != nil {
		return err
	}
	lent, err := right.ParseSet(given.Rights)
	if err == nil {
		tx.Approve(account.User, given.BranchID, may.At(given.BranchID).Among(lent))
	}
	return err
}
