package access

import (
	"context"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

// SignIn is what a person signs in with.
type SignIn struct {
	Shop     string // code
	UserName string
	Password string
}

// caller is what failures are counted for. Names that no account has count like those of accounts.
func (in *SignIn) caller() string { return nameKey(in.Shop) + "\n" + nameKey(in.UserName) }

// caller is that of the account's sign-in.
func (a *Account) caller() string {
	return (&SignIn{Shop: a.ShopCode, UserName: a.UserName}).caller()
}

func wrongSignIn() error {
	return of(taphoa.KindUnauthorized, taphoa.Refuse(taphoa.CodeValidate, "", "Tên gian hàng, tên đăng nhập hoặc mật khẩu không đúng"))
}

func wrongPassword() error {
	return taphoa.Refuse(taphoa.CodeValidate, "password", "Mật khẩu không đúng")
}

// errMeanwhile is for a password that was changed while it was compared.
var errMeanwhile = wrongSignIn()

// SignIn starts a session by a password. It is pending if the account has a second factor.
func (s *Service) SignIn(ctx context.Context, in SignIn, from Caller) (token string, session Session, err error) {
	var row accountRow
	caller, network := in.caller(), throttle.NetworkOf(from.Address)
	if wait := s.throttle.Wait(caller, network); wait > 0 {
		return "", Session{}, delayed(wait)
	}
	var now taphoa.Time
	err = s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		now = tx.Clock
		row, _, err = findRow(tx, in.Shop, in.UserName)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	match, outdated, err := s.matches(ctx, in.Password, row.PasswordHash)
	if err != nil {
		return "", Session{}, err
	}
	match = match && !row.ended(now)
	if wait := s.throttle.Settle(caller, network, match); wait > 0 {
		return "", Session{}, delayed(wait)
	}
	if !match {
		s.refuse(&row.Account, 0, "signInRefused", from) // what was typed as the name of no account may be a password
		return "", Session{}, wrongSignIn()
	}
	operation := "signIn"
	if row.TOTP {
		operation = "" // it is in the log when the code is given
	}
	err = s.record(ctx, &row.Account, operation, func(tx *db.Tx) error {
		current, err := lockAccount(tx, row.User)
		if err == nil && current.PasswordHash != row.PasswordHash {
			err = errMeanwhile
		}
		if err == nil {
			token, session, err = startSession(tx, &current, current.TOTP, from)
		}
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	if outdated {
		if err := s.rehash(ctx, &row, in.Password); err != nil { // the next sign-in tries again
			s.log.Debug("a password was not hashed again", "error", err.Error())
		}
	}
	return token, session, nil
}

// check compares the password of a session's account, with delays after failures.
func (s *Service) check(ctx context.Context, row *sessionRow, password string, from Caller) error {
	caller, network := row.caller(), throttle.NetworkOf(from.Address)
	if wait := s.throttle.Wait(caller, network); wait > 0 {
		return delayed(wait)
	}
	match, _, err := s.matches(ctx, password, row.PasswordHash)
	if err != nil {
		return err
	}
	if wait := s.throttle.Settle(caller, network, match); wait > 0 {
		return delayed(wait)
	}
	if !match {
		s.refuse(&row.Account, 0, "passwordRefused", from)
		return wrongPassword()
	}
	return nil
}

// refuse notes for the audit log that a person could not come in, or have something allowed by another one.
func (s *Service) refuse(a *Account, approver int64, operation string, from Caller) {
	s.refused.Note(audit.Refusal{Shop: a.Retailer, User: a.User, Approver: approver, Operation: operation, Address: from.Host()})
}

// Confirm asks for the password again: for [confirmTime] what needs that is allowed. The session gets another token.
func (s *Service) Confirm(ctx context.Context, token, password string, from Caller) (newToken string, err error) {
	row, err := s.signedIn(ctx, token)
	if err == nil {
		err = s.check(ctx, &row, password, from)
	}
	if err != nil {
		return "", err
	}
	err = s.change(ctx, &row, "", func(tx *db.Tx, _ *accountRow) error {
		newToken, err = renew(tx, &row, token, true)
		return err
	})
	return newToken, err
}

// signedIn returns the session of a token which owes no second factor.
func (s *Service) signedIn(ctx context.Context, token string) (sessionRow, error) {
	row, err := s.open(ctx, token)
	if err == nil && row.Pending {
		err = ErrSecondFactor
	}
	return row, err
}

// change runs an operation on the account of a session while nothing else changes how it signs in. It ends with [renew], which fails
// when the session has ended meanwhile, as it has with its password. The operation's name is for the audit log; empty for what that has
// not.
func (s *Service) change(ctx context.Context, row *sessionRow, operation string, op func(tx *db.Tx, current *accountRow) error) error {
	return s.record(ctx, &row.Account, operation, func(tx *db.Tx) error {
		current, err := lockAccount(tx, row.User)
		if err != nil {
			return err
		}
		return op(tx, &current)
	})
}

// ChangePassword replaces a password by the one before. All other sessions end, and this one gets another token.
func (s *Service) ChangePassword(ctx context.Context, token, old, password string, from Caller) (newToken string, err error) {
	row, err := s.signedIn(ctx, token)
	if err == nil {
		err = CheckPassword(password, row.names()...) // before the old one is compared: it is to be typed once
	}
	if err == nil {
		err = s.check(ctx, &row, old, from)
	}
	if err != nil {
		return "", err
	}
	hash, err := s.Hash(ctx, password, row.names()...)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, &row, "changePassword", func(tx *db.Tx, _ *accountRow) error {
		setPassword(tx, row.User, hash, row.Session)
		newToken, err = renew(tx, &row, token, true)
		return err
	})
	return newToken, err
}
