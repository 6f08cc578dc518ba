package access

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

// wrongPasskey is the same for a passkey that is unknown, removed, of another site or person, or of an account that has ended, and for
// a signature that is not its own. Ids of passkeys cannot be guessed, so the time that it takes may differ.
func wrongPasskey() error {
	return of(taphoa.KindUnauthorized, taphoa.Refuse(taphoa.CodeValidate, "", "Khóa truy cập này không dùng được ở đây, hoặc đã bị bỏ. Hãy dùng khóa khác hoặc mật khẩu"))
}

// BeginPasskeySignIn returns what a browser needs to ask for any passkey of a site, as JSON (PublicKeyCredentialRequestOptions).
func (s *Service) BeginPasskeySignIn(ctx context.Context, at Site) (options []byte, err error) {
	return s.beginAssertion(ctx, toSignIn, at, 0, nil)
}

// BeginPasskeyConfirm is [Service.BeginPasskeySignIn] for the passkeys of the account of a session: see [Service.ConfirmByPasskey].
func (s *Service) BeginPasskeyConfirm(ctx context.Context, of Session, at Site) (options []byte, err error) {
	if of.Pending {
		return nil, ErrSecondFactor
	}
	id, err := of.row()
	if err != nil {
		return nil, err
	}
	var known []webauthn.Credential
	err = s.db.Read(ctx, of.actor(), func(tx *db.Tx) error {
		known, err = credentials(tx, of.User, at)
		return err
	})
	if err == nil && len(known) == 0 {
		err = wrongPasskey()
	}
	if err != nil {
		return nil, err
	}
	return s.beginAssertion(ctx, toConfirm, at, id, webauthn.Credentials(known).CredentialDescriptors())
}

func (s *Service) beginAssertion(ctx context.Context, p purpose, at Site, session int64, allowed []protocol.CredentialDescriptor) ([]byte, error) {
	challenge, err := s.newChallenge(ctx, p, at, session)
	if err != nil {
		return nil, err
	}
	party, err := at.relyingParty()
	if err != nil {
		return nil, err
	}
	assertion, _, err := party.BeginDiscoverableLogin(func(o *protocol.PublicKeyCredentialRequestOptions) error {
		o.Challenge, o.AllowedCredentials = challenge, allowed
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(assertion.Response)
}

// byPasskey is part of the names by which failures are counted. A user's name has no line break, so that those with a password are
// counted apart.
const byPasskey = "\npasskey"

// SignInByPasskey starts a session by a passkey (AuthenticationResponseJSON), which is both factors: the session is not pending.
func (s *Service) SignInByPasskey(ctx context.Context, at Site, answer string, from Caller) (token string, session Session, err error) {
	a, err := s.readAssertion(ctx, toSignIn, at, 0, answer)
	if err != nil {
		return "", Session{}, err
	}
	row, err := s.findPasskey(ctx, at, a)
	if err != nil {
		return "", Session{}, err
	}
	caller := byPasskey
	if row.ID != 0 {
		caller = row.caller() + byPasskey
	}
	if err := s.judge(&row, at, a, caller, from); err != nil {
		if errors.Is(err, errWrongPasskey) {
			s.refuse(&row.Account, 0, "signInRefused", from)
		}
		return "", Session{}, err
	}
	err = s.record(ctx, &row.Account, "signIn", func(tx *db.Tx) error {
		current, err := lockAccount(tx, row.User)
		if e := (*taphoa.Error)(nil); errors.As(err, &e) && e.Kind == taphoa.KindNotFound || err == nil && current.ended(tx.Clock) {
			err = errWrongPasskey // it has ended meanwhile
		}
		if err == nil {
			err = usePasskey(tx, &row, a)
		}
		if err == nil {
			token, session, err = startSession(tx, &current, false, from)
		}
		return err
	})
	return token, session, err
}

// ConfirmByPasskey is [Service.Confirm] by a passkey of the account.
func (s *Service) ConfirmByPasskey(ctx context.Context, token string, at Site, answer string, from Caller) (newToken string, err error) {
	session, err := s.signedIn(ctx, token)
	if err != nil {
		return "", err
	}
	a, err := s.readAssertion(ctx, toConfirm, at, session.Session, answer)
	if err != nil {
		return "", err
	}
	row, err := s.findPasskey(ctx, at, a)
	if err != nil {
		return "", err
	}
	if row.Retailer != session.Retailer || row.User != session.User {
		row = passkeyRow{}
	}
	if err := s.judge(&row, at, a, session.caller()+byPasskey, from); err != nil {
		if errors.Is(err, errWrongPasskey) {
			s.refuse(&session.Account, 0, "passkeyRefused", from)
		}
		return "", err
	}
	err = s.change(ctx, &session, "", func(tx *db.Tx, _ *accountRow) error {
		if err := usePasskey(tx, &row, a); err != nil {
			return err
		}
		newToken, err = renew(tx, &session, token, true)
		return err
	})
	return newToken, err
}

// errWrongPasskey is [wrongPasskey] as a value.
var errWrongPasskey = wrongPasskey()

// assertion is what an authenticator has signed.
type assertion struct {
	*protocol.ParsedCredentialAssertionData
	purpose purpose
}

func (a *assertion) challenge() string { return a.Response.CollectedClientData.Challenge }
func (a *assertion) count() int64      { return int64(a.Response.AuthenticatorData.Counter) }

// readAssertion returns what a browser sends that has signed a challenge of ours.
func (s *Service) readAssertion(ctx context.Context, p purpose, at Site, session int64, answer string) (*assertion, error) {
	if len(answer) > answerMax {
		return nil, invalidPasskey()
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, invalidPasskey()
	}
	a := &assertion{parsed, p}
	return a, s.checkChallenge(ctx, a.challenge(), p, at, session)
}

// findPasskey returns the passkey of an assertion, in any shop; the zero value if there is none.
func (s *Service) findPasskey(ctx context.Context, at Site, a *assertion) (row passkeyRow, err error) {
	err = s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		row, _, err = db.One[passkeyRow](tx.Everywhere(), `SELECT `+passkeyColumns+` FROM access_passkeys k
			JOIN users u ON u.retailer_id = k.retailer_id AND u.id = k.user_id `+accountJoins+`
			WHERE k.credential_id = ? AND k.rp_id = ? AND u.deleted_at = 0`, encoded(a.RawID), at.ID)
		return err
	})
	return row, err
}

// judge checks what a passkey has signed, with delays after failures. The zero row is wrong.
func (s *Service) judge(row *passkeyRow, at Site, a *assertion, caller string, from Caller) error {
	network := throttle.NetworkOf(from.Address)
	if wait := s.throttle.Wait(caller, network); wait > 0 {
		return delayed(wait)
	}
	err := errWrongPasskey
	if row.ID != 0 && !row.ended(s.db.Now()) {
		err = s.verify(row, at, a)
	}
	if wait := s.throttle.Settle(caller, network, err == nil); wait > 0 {
		return delayed(wait)
	}
	return err
}

// verify checks the signature of a passkey, that it is of this site, and that the authenticator has verified its person (WebAuthn, 7.2).
func (s *Service) verify(row *passkeyRow, at Site, a *assertion) error {
	party, err := at.relyingParty()
	if err != nil {
		return err
	}
	who := &holder{Account: &row.Account, handle: decoded(row.UserHandle), credentials: []webauthn.Credential{row.credential()}}
	data := webauthn.SessionData{Challenge: a.challenge(), RelyingPartyID: at.ID, UserVerification: protocol.VerificationRequired}
	var got *webauthn.Credential
	if a.purpose == toSignIn { // which names the account by the handle alone
		got, err = party.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return who, nil }, data, a.ParsedCredentialAssertionData)
	} else {
		data.UserID = who.handle
		got, err = party.ValidateLogin(who, data, a.ParsedCredentialAssertionData)
	}
	if err != nil {
		s.log.Debug("a passkey was refused", "shop", row.ShopCode, "user", row.User, "error", err.Error())
		return errWrongPasskey
	}
	if got.Authenticator.CloneWarning {
		s.log.Warn("a passkey was refused: its authenticator counts signatures, and has counted back, as a copy of it would",
			"shop", row.ShopCode, "user", row.User, "passkey", row.ID)
		return errWrongPasskey
	}
	return nil
}

// usePasskey uses the challenge up and counts the signature. It fails when the passkey was removed meanwhile, or another signature was
// as late.
func usePasskey(tx *db.Tx, row *passkeyRow, a *assertion) error {
	if err := useChallenge(tx, a.challenge()); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE access_passkeys SET sign_count = ?, used_at = ?
		WHERE retailer_id = :retailer AND id = ? AND user_id = ? AND (sign_count < ? OR sign_count = 0 AND sign_count = ?)`,
		a.count(), tx.Clock, row.ID, row.User, a.count(), a.count())
	if err == nil && n == 0 {
		err = errWrongPasskey
	}
	return err
}
