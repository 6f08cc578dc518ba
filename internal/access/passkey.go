package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	passkeysMax    = 20       // of a user
	passkeyNameMax = 60       // characters
	answerMax      = 16 << 10 // bytes of what an authenticator answers
	publicKeyMax   = 1100     // bytes: RSA of 8,192 bits; the time to check a signature grows with the square of a key's length
)

// Passkey is a passkey in a list.
type Passkey struct {
	ID        int64
	RPID      string `db:"rp_id"` // the host where it is good
	Name      string
	CreatedAt taphoa.Time
	UsedAt    taphoa.Time // 0: never
}

// passkeyRow is a passkey as it is stored, with its account.
type passkeyRow struct {
	accountRow
	ID             int64 `db:"passkey_id"`
	CredentialID   string
	PublicKey      string
	SignCount      int64
	BackupEligible bool
	Transports     string
	UserHandle     string
}

const passkeyColumns = secretColumns + `, k.id AS passkey_id, k.credential_id, k.public_key, k.sign_count, k.backup_eligible, k.transports,
	COALESCE(a.user_handle, '') AS user_handle`

// credential is the passkey for package webauthn.
func (r *passkeyRow) credential() webauthn.Credential {
	return webauthn.Credential{
		ID: decoded(r.CredentialID), PublicKey: decoded(r.PublicKey), Transport: transports(strings.Fields(r.Transports)),
		Flags: webauthn.CredentialFlags{BackupEligible: r.BackupEligible}, Authenticator: webauthn.Authenticator{SignCount: uint32(r.SignCount)}, //nolint:gosec // it was one
	}
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decoded is what [encoded] has made.
func decoded(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return b
}

// transports are those of the names that browsers know.
func transports(names []string) (known []protocol.AuthenticatorTransport) {
	for _, t := range []protocol.AuthenticatorTransport{protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal} {
		if slices.Contains(names, string(t)) {
			known = append(known, t)
		}
	}
	return known
}

// holder is an account for package webauthn.
type holder struct {
	*Account
	handle      []byte
	credentials []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return h.handle }
func (h *holder) WebAuthnName() string                       { return h.UserName + " · " + h.ShopName }
func (h *holder) WebAuthnDisplayName() string                { return h.GivenName }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// algorithms are those of passkeys: EdDSA, ES256, RS256.
var algorithms = webauthn.CredentialParametersRecommendedL3()

// relyingParty is the site for package webauthn: it wants a passkey to verify its person, and not to say who has made it.
func (at Site) relyingParty() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: at.ID, RPDisplayName: "Taphoa", RPOrigins: []string{at.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore, // password managers send some
		Timeouts: webauthn.TimeoutsConfig{
			Login: webauthn.TimeoutConfig{Timeout: challengeTime}, Registration: webauthn.TimeoutConfig{Timeout: challengeTime},
		},
	})
}

func invalidPasskey() error {
	return taphoa.Refuse(taphoa.CodeValidate, "", "Không nhận được khóa truy cập này: thiết bị chưa xác minh bạn bằng vân tay, khuôn mặt hay mã mở khóa, hoặc trả lời không hợp lệ")
}

func tooManyPasskeys() error {
	return taphoa.Refuse(taphoa.CodeValidate, "", "Một tài khoản chỉ có được %d khóa truy cập, hãy bỏ bớt khóa không còn dùng", passkeysMax)
}

func unknownPasskey() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Khóa truy cập không tồn tại hoặc đã bị bỏ")
}

// Passkeys lists the passkeys of the account of a session, the oldest first.
func (s *Service) Passkeys(ctx context.Context, of Session) (all []Passkey, err error) {
	if of.Pending {
		return nil, ErrSecondFactor
	}
	err = s.db.Read(ctx, of.actor(), func(tx *db.Tx) error {
		all, err = db.All[Passkey](tx, `
			SELECT id, rp_id, name, created_at, used_at FROM access_passkeys WHERE retailer_id = :retailer AND user_id = ? ORDER BY id`, of.User)
		return err
	})
	return all, err
}

// credentials are the passkeys of a user at a site.
func credentials(tx *db.Tx, user int64, at Site) (all []webauthn.Credential, err error) {
	rows, err := db.All[passkeyRow](tx, `SELECT `+passkeyColumns+` FROM access_passkeys k
		JOIN users u ON u.retailer_id = k.retailer_id AND u.id = k.user_id `+accountJoins+`
		WHERE k.retailer_id = :retailer AND k.user_id = ? AND k.rp_id = ? ORDER BY k.id`, user, at.ID)
	for i := range rows {
		all = append(all, rows[i].credential())
	}
	return all, err
}

// countPasskeys refuses one more passkey than an account can have.
func countPasskeys(tx *db.Tx, user int64) error {
	n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM access_passkeys WHERE retailer_id = :retailer AND user_id = ?`, user)
	if err == nil && n >= passkeysMax {
		err = tooManyPasskeys()
	}
	return err
}

// BeginPasskey returns what a browser needs to make a passkey for the account of a session at a site, as JSON
// (PublicKeyCredentialCreationOptions). It counts when the person has sent it: see [Service.AddPasskey].
func (s *Service) BeginPasskey(ctx context.Context, of Session, at Site) (options []byte, err error) {
	id, err := of.mayAddPasskey(s.db.Now())
	if err != nil {
		return nil, err
	}
	challenge, err := s.newChallenge(ctx, toAddPasskey, at, id)
	if err != nil {
		return nil, err
	}
	who := holder{Account: &of.Account}
	err = s.db.Write(ctx, of.actor(), func(tx *db.Tx) error {
		if _, err := lockAccount(tx, of.User); err != nil {
			return err
		}
		if err := countPasskeys(tx, of.User); err != nil {
			return err
		}
		made, _ := newSecret()
		tx.Queue(`UPDATE access_accounts SET user_handle = ? WHERE retailer_id = :retailer AND user_id = ? AND user_handle IS NULL`, made, of.User)
		handle, err := userHandle(tx, of.User)
		if err == nil {
			who.handle = handle
			who.credentials, err = credentials(tx, of.User, at)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	party, err := at.relyingParty()
	if err != nil {
		return nil, err
	}
	creation, _, err := party.BeginRegistration(&who,
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil },
		webauthn.WithCredentialParameters(algorithms), webauthn.WithExclusions(webauthn.Credentials(who.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return json.Marshal(creation.Response)
}

func userHandle(tx *db.Tx, user int64) ([]byte, error) {
	handle, _, err := db.One[string](tx, `SELECT COALESCE(user_handle, '') FROM access_accounts WHERE retailer_id = :retailer AND user_id = ?`, user)
	return decoded(handle), err
}

// mayAddPasskey returns the id of a session that may add passkeys. An account without a password has none, so that every one can be
// asked for it.
func (s *Session) mayAddPasskey(now taphoa.Time) (int64, error) {
	row, err := s.row()
	switch {
	case err != nil:
		return 0, err
	case !s.Password:
		return 0, taphoa.Refuse(taphoa.CodeValidate, "", "Tài khoản này chưa có mật khẩu nên chưa thêm được khóa truy cập")
	}
	return row, s.mayChange(now)
}

// AddPasskey adds the passkey that a browser has made (RegistrationResponseJSON) to the account of a session, which gets another
// token.
func (s *Service) AddPasskey(ctx context.Context, token string, at Site, answer, name string) (newToken string, err error) {
	row, err := s.confirmed(ctx, token)
	if err != nil {
		return "", err
	}
	session := row.session()
	if _, err := session.mayAddPasskey(s.db.Now()); err != nil {
		return "", err
	}
	made, challenge, err := s.made(ctx, &row, at, answer)
	if err != nil {
		return "", err
	}
	if name = text.Clean(storable(name, passkeyNameMax)); name == "" {
		name = at.ID
	}
	err = s.change(ctx, &row, "addPasskey", func(tx *db.Tx, _ *accountRow) error {
		if err := useChallenge(tx, challenge); err != nil {
			return err
		}
		if err := countPasskeys(tx, row.User); err != nil {
			return err
		}
		if err := insertPasskey(tx, row.User, at, made, name); err != nil {
			return err
		}
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, err
}

// made checks the passkey that a browser has made, and returns it with its challenge.
func (s *Service) made(ctx context.Context, row *sessionRow, at Site, answer string) (*webauthn.Credential, string, error) {
	if len(answer) > answerMax {
		return nil, "", invalidPasskey()
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil || len(parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey) > publicKeyMax {
		return nil, "", invalidPasskey()
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if err := s.checkChallenge(ctx, challenge, toAddPasskey, at, row.Session); err != nil {
		return nil, "", err
	}
	who := holder{Account: &row.Account}
	err = s.db.Read(ctx, row.actor(), func(tx *db.Tx) error {
		who.handle, err = userHandle(tx, row.User)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	party, err := at.relyingParty()
	if err != nil {
		return nil, "", err
	}
	made, err := party.CreateCredential(&who, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: at.ID, UserID: who.handle, UserVerification: protocol.VerificationRequired, CredParams: algorithms,
	}, parsed)
	if err != nil {
		s.log.Debug("a passkey was not added", "shop", row.ShopCode, "user", row.User, "error", err.Error())
		return nil, "", invalidPasskey()
	}
	return made, challenge, nil
}

func insertPasskey(tx *db.Tx, user int64, at Site, c *webauthn.Credential, name string) error {
	id, err := tx.NewID("access_passkeys")
	if err != nil {
		return err
	}
	var reached []string
	for _, t := range c.Transport {
		reached = append(reached, string(t))
	}
	var known []string
	for _, t := range transports(reached) {
		known = append(known, string(t))
	}
	n, err := tx.Exec(`
		INSERT INTO access_passkeys (retailer_id, id, user_id, credential_id, public_key, sign_count, backup_eligible, transports, rp_id, name, created_at, used_at)
		VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (credential_id) DO NOTHING`,
		id, user, encoded(c.ID), encoded(c.PublicKey), int64(c.Authenticator.SignCount), c.Flags.BackupEligible, strings.Join(known, " "), at.ID, name, tx.Clock)
	if err == nil && n == 0 {
		err = taphoa.Refuse(taphoa.CodeValidate, "", "Khóa truy cập này đã được thêm")
	}
	audit.Resource(tx, "passkeys")
	audit.Record(tx, id, name)
	return err
}

// RenamePasskey gives a passkey of the account of a session another name.
func (s *Service) RenamePasskey(ctx context.Context, by Session, id int64, name string) error {
	if err := by.mayChange(s.db.Now()); err != nil {
		return err
	}
	if name = text.Clean(storable(name, passkeyNameMax)); name == "" {
		return taphoa.Refuse(taphoa.CodeValidate, "name", "Hãy đặt tên cho khóa truy cập")
	}
	return s.record(ctx, &by.Account, "renamePasskey", func(tx *db.Tx) error {
		before, found, err := db.One[string](tx, `SELECT name FROM access_passkeys WHERE retailer_id = :retailer AND id = ? AND user_id = ?`, id, by.User)
		if err == nil && !found {
			err = unknownPasskey()
		}
		if err != nil {
			return err
		}
		audit.Resource(tx, "passkeys")
		audit.Record(tx, id, before)
		noteChange(tx, "name", before, name)
		tx.Queue(`UPDATE access_passkeys SET name = ? WHERE retailer_id = :retailer AND id = ? AND user_id = ?`, name, id, by.User)
		return nil
	})
}

// RemovePasskey removes a passkey of the account of a session. All other sessions end, since some may have begun with it, and this one
// gets another token.
func (s *Service) RemovePasskey(ctx context.Context, token string, id int64) (newToken string, err error) {
	row, err := s.confirmed(ctx, token)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, &row, "removePasskey", func(tx *db.Tx, _ *accountRow) error {
		name, found, err := db.One[string](tx, `DELETE FROM access_passkeys WHERE retailer_id = :retailer AND id = ? AND user_id = ? RETURNING name`, id, row.User)
		if err == nil && !found {
			err = unknownPasskey()
		}
		if err != nil {
			return err
		}
		audit.Resource(tx, "passkeys")
		audit.Record(tx, id, name)
		endSessions(tx, row.User, row.Session)
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, err
}

func dropPasskeys(tx *db.Tx, user int64) {
	tx.Queue(`DELETE FROM access_passkeys WHERE retailer_id = :retailer AND user_id = ?`, user)
}

// RemoveUser removes a user who has left, and their passkeys: documents keep the name, and the user may no longer sign in.
func RemoveUser(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	done, err := org.RemoveUser(tx, in)
	if err == nil {
		dropPasskeys(tx, in.ID)
	}
	return done, err
}
