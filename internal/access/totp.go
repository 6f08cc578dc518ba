package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

// TOTPSetup is what an authenticator is given.
type TOTPSetup struct {
	Secret string // base32, to be typed
	URL    string // otpauth://…, as a QR code
}

const (
	stepMicros    = 30_000_000 // of a code (RFC 6238)
	recoveryCodes = 10
)

// stepOf returns the step of a code of the secret around an instant, if it is later than the last one that was accepted. The clocks
// of phones differ: the steps before and after count, too.
func stepOf(secret, code string, now taphoa.Time, last int64) (step int64, ok bool) {
	if secret == "" {
		return 0, false
	}
	if last > int64(now/stepMicros)+1 {
		last = 0 // of a clock that was ahead
	}
	for step := int64(now/stepMicros) - 1; step <= int64(now/stepMicros)+1; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// digits are a code as people type it, without blanks.
func digits(code string) string { return strings.Join(strings.Fields(code), "") }

func wrongCode() error {
	return taphoa.Refuse(taphoa.CodeValidate, "code", "Mã xác thực không đúng, đã được dùng hoặc đã hết hạn")
}

// SecondFactor gives a pending session its second factor: a code of the authenticator, or a recovery code. The session gets another
// token.
func (s *Service) SecondFactor(ctx context.Context, token, code string, from Caller) (newToken string, session Session, err error) {
	row, err := s.open(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	if !row.Pending {
		return token, row.session(), nil // it was sent twice
	}
	use, err := s.checkCode(ctx, &row, code, from)
	if err != nil {
		return "", Session{}, err
	}
	err = s.change(ctx, &row, "signIn", func(tx *db.Tx, _ *accountRow) error {
		if err := use(tx); err != nil {
			return err
		}
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, row.session(), err
}

// checkCode compares a code with delays after failures, which have their own count: who guesses codes knows the password. What it
// returns uses the code up, or refuses because another one has.
func (s *Service) checkCode(ctx context.Context, row *sessionRow, code string, from Caller) (use func(*db.Tx) error, err error) {
	caller, network := row.caller()+"\n2", throttle.NetworkOf(from.Address)
	if wait := s.throttle.Wait(caller, network); wait > 0 {
		return nil, delayed(wait)
	}
	step, match := stepOf(row.TOTPSecret, digits(code), s.db.Now(), row.TOTPStep)
	use = func(tx *db.Tx) error {
		return used(tx.Exec(`UPDATE access_accounts SET totp_step = ?
			WHERE retailer_id = :retailer AND user_id = ? AND (totp_step < ? OR totp_step > ?) AND totp_secret = ?`,
			step, row.User, step, int64(tx.Clock/stepMicros)+1, row.TOTPSecret))
	}
	if hash := recoveryHash(row.Retailer, row.User, code); !match && hash != "" {
		if match, err = s.hasRecoveryCode(ctx, row, hash); err != nil {
			return nil, err
		}
		use = func(tx *db.Tx) error {
			return used(tx.Exec(`DELETE FROM access_recovery_codes
				WHERE retailer_id = :retailer AND user_id = ? AND code_hash = ?`, row.User, hash))
		}
	}
	if wait := s.throttle.Settle(caller, network, match); wait > 0 {
		return nil, delayed(wait)
	}
	if !match {
		s.refuse(&row.Account, 0, "codeRefused", from)
		return nil, wrongCode()
	}
	return use, nil
}

// used is the result of a statement that uses a code up.
func used(n int64, err error) error {
	if err == nil && n == 0 {
		err = wrongCode()
	}
	return err
}

func (s *Service) hasRecoveryCode(ctx context.Context, row *sessionRow, hash string) (has bool, err error) {
	err = s.db.Read(ctx, row.actor(), func(tx *db.Tx) error {
		_, has, err = db.One[int64](tx, `SELECT user_id FROM access_recovery_codes
			WHERE retailer_id = :retailer AND user_id = ? AND code_hash = ?`, row.User, hash)
		return err
	})
	return has, err
}

// BeginTOTP returns the secret of a second factor, which counts when the person has sent a code of it: see [Service.EnableTOTP].
func (s *Service) BeginTOTP(ctx context.Context, of Session) (setup TOTPSetup, err error) {
	if err := of.mayChange(s.db.Now()); err != nil {
		return TOTPSetup{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Taphoa " + of.ShopCode, AccountName: of.UserName})
	if err != nil {
		return TOTPSetup{}, err
	}
	err = s.db.Write(ctx, of.actor(), func(tx *db.Tx) error {
		if _, err := lockAccount(tx, of.User); err != nil {
			return err
		}
		tx.Queue(`UPDATE access_accounts SET totp_next = ? WHERE retailer_id = :retailer AND user_id = ?`, key.Secret(), of.User)
		return nil
	})
	return TOTPSetup{key.Secret(), key.URL()}, err
}

// EnableTOTP makes the secret of [Service.BeginTOTP] the second factor, by a code of it, and returns the recovery codes, which
// cannot be read again. All other sessions end, and this one gets another token.
func (s *Service) EnableTOTP(ctx context.Context, token, code string) (newToken string, recovery []string, err error) {
	row, err := s.confirmed(ctx, token)
	if err != nil {
		return "", nil, err
	}
	err = s.change(ctx, &row, "enableSecondFactor", func(tx *db.Tx, current *accountRow) error {
		step, match := stepOf(current.TOTPNext, digits(code), tx.Clock, 0)
		if !match {
			return wrongCode()
		}
		tx.Queue(`UPDATE access_accounts SET totp_secret = totp_next, totp_next = NULL, totp_step = ?
			WHERE retailer_id = :retailer AND user_id = ?`, step, row.User)
		recovery = newRecoveryCodes(tx, row.User)
		endSessions(tx, row.User, row.Session)
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, recovery, err
}

// confirmed returns the session of a token which has given its password shortly before.
func (s *Service) confirmed(ctx context.Context, token string) (sessionRow, error) {
	row, err := s.open(ctx, token)
	if err == nil {
		session := row.session()
		err = session.mayChange(s.db.Now())
	}
	return row, err
}

// DisableTOTP ends the second factor and its recovery codes. The session gets another token.
func (s *Service) DisableTOTP(ctx context.Context, token string) (newToken string, err error) {
	row, err := s.confirmed(ctx, token)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, &row, "disableSecondFactor", func(tx *db.Tx, _ *accountRow) error {
		dropSecondFactor(tx, row.User)
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, err
}

func dropSecondFactor(tx *db.Tx, user int64) {
	tx.Queue(`UPDATE access_accounts SET totp_secret = NULL, totp_next = NULL WHERE retailer_id = :retailer AND user_id = ?`, user)
	tx.Queue(`DELETE FROM access_recovery_codes WHERE retailer_id = :retailer AND user_id = ?`, user)
}

// NewRecoveryCodes replaces the recovery codes and returns the new ones, which cannot be read again. The session gets another token.
func (s *Service) NewRecoveryCodes(ctx context.Context, token string) (newToken string, recovery []string, err error) {
	row, err := s.confirmed(ctx, token)
	if err != nil {
		return "", nil, err
	}
	err = s.change(ctx, &row, "newRecoveryCodes", func(tx *db.Tx, current *accountRow) error {
		if !current.TOTP {
			return taphoa.Refuse(taphoa.CodeValidate, "", "Tài khoản chưa bật xác thực hai bước")
		}
		recovery = newRecoveryCodes(tx, row.User)
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, recovery, err
}

// RecoveryCodesLeft returns how many recovery codes the account of a session has not used.
func (s *Service) RecoveryCodesLeft(ctx context.Context, of Session) (n int64, err error) {
	err = s.db.Read(ctx, of.actor(), func(tx *db.Tx) error {
		n, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM access_recovery_codes WHERE retailer_id = :retailer AND user_id = ?`, of.User)
		return err
	})
	return n, err
}

// recoveryAlphabet has no letter that is read as another one or as a digit.
const (
	recoveryAlphabet = "abcdefghjkmnpqrstuvwxyz123456789"
	recoveryLength   = 12 // 60 bits
)

// newRecoveryCodes replaces the recovery codes of a user.
func newRecoveryCodes(tx *db.Tx, user int64) []string {
	tx.Queue(`DELETE FROM access_recovery_codes WHERE retailer_id = :retailer AND user_id = ?`, user)
	codes := make([]string, recoveryCodes)
	for i := range codes {
		b := make([]byte, recoveryLength)
		_, _ = rand.Read(b) // never fails: the program ends instead
		for j := range b {
			b[j] = recoveryAlphabet[b[j]%byte(len(recoveryAlphabet))]
		}
		codes[i] = fmt.Sprintf("%s-%s-%s", b[:4], b[4:8], b[8:])
		tx.Queue(`INSERT INTO access_recovery_codes (retailer_id, user_id, code_hash) VALUES (:retailer, ?, ?)`,
			user, recoveryHash(tx.Retailer, user, codes[i]))
	}
	return codes
}

// recoveryHash returns the hash of a recovery code however it is typed, "" for what cannot be one. A user's codes have their own
// hashes, so that one list of hashes is of no use for all.
func recoveryHash(retailer, user int64, code string) string {
	code = strings.ToLower(strings.ReplaceAll(digits(code), "-", ""))
	if len(code) != recoveryLength {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", retailer, user, code))
	return hex.EncodeToString(sum[:])
}
