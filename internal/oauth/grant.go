package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	codeLife    = time.Minute         // of a code
	idleLife    = 30 * 24 * time.Hour // of a refresh token that is not used
	grantLife   = 90 * 24 * time.Hour // of a sign-in, however it is used
	rotateGrace = 10 * time.Second    // for which the refresh token before is answered once more
	secretBytes = 32                  // of a code; a refresh token has as many more

	grantsMax = 50 // of a person to a client; a new one ends the oldest
	sweepRows = 4  // grants that have expired which a new one deletes: more than one, so that they do not accumulate
)

// grantRow is a sign-in of a person to a client, as it is stored.
type grantRow struct {
	ID           int64
	UserID       int64
	ClientID     string
	ScopeText    string `db:"scopes"` // blank-separated
	Passwords    int64  `db:"password_version"`
	CodeHash     string
	CodeUntil    taphoa.Time
	Exchanged    bool
	RedirectURI  string `db:"redirect_uri"`
	Challenge    string
	Nonce        string
	AuthTime     taphoa.Time
	RefreshHash  string
	PreviousHash string
	RotatedAt    taphoa.Time
	CreatedAt    taphoa.Time
	ExpiresAt    taphoa.Time
}

const grantColumns = `id, user_id, client_id, scopes, password_version, code_hash, code_until, exchanged, redirect_uri, challenge, nonce,
	auth_time, refresh_hash, previous_hash, rotated_at, created_at, expires_at`

func (g *grantRow) scopes() []string { return strings.Fields(g.ScopeText) }

// ends is when the grant ends however it is used.
func (g *grantRow) ends() taphoa.Time { return g.CreatedAt.Add(grantLife) }

// grantState is a cached grant.
type grantState struct {
	grantRow
	active bool // it has not ended, nor has the account
	may    *right.Held
	readAt taphoa.Time // before the query began
	read   time.Time   // the same, by the monotonic clock
}

// grant returns a grant of a shop, from the cache if it was read less than age ago.
func (s *Service) grant(ctx context.Context, shop, id int64, now, age taphoa.Time) (*grantState, error) {
	if g, known := s.grants.get(id); known && fresh(g.readAt, g.read, now, age) {
		return g, nil
	}
	version := s.grants.version()
	g := &grantState{readAt: now, read: time.Now()}
	err := s.db.Read(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
		var found bool
		g.grantRow, found, err = db.One[grantRow](tx, `SELECT `+grantColumns+` FROM oauth_grants WHERE retailer_id = :retailer AND id = ?`, id)
		if err == nil && found {
			g.may, g.active, err = g.held(tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.grants.put(id, g, version)
	return g, nil
}

// held is what the person may do, and whether the account may be used, with no other password since.
func (g *grantRow) held(tx *db.Tx) (may *right.Held, active bool, err error) {
	may, account, active, err := access.HoldsAs(tx, g.UserID)
	return may, active && account.Passwords == g.Passwords, err
}

// Consented reports whether a person has allowed a client all of the scopes before.
func (s *Service) Consented(ctx context.Context, a *Authorization, by *access.Session) (all bool, err error) {
	err = s.db.Read(ctx, db.Actor{Retailer: by.Retailer}, func(tx *db.Tx) error {
		allowed, _, err := consent(tx, by.User, a.Client.ClientID)
		all = !slices.ContainsFunc(a.Scopes, func(scope string) bool { return !slices.Contains(allowed, scope) })
		return err
	})
	return all, err
}

func consent(tx *db.Tx, user int64, clientID string) (scopes []string, found bool, err error) {
	text, found, err := db.One[string](tx, `
		SELECT scopes FROM oauth_consents WHERE retailer_id = :retailer AND user_id = ? AND client_id = ?`, user, clientID)
	return strings.Fields(text), found, err
}

// Allow notes that a person allows a client what it asks for, and returns where the person is sent with a code.
func (s *Service) Allow(ctx context.Context, a *Authorization, by *access.Session) (location string, err error) {
	before, err := s.Consented(ctx, a, by)
	if err != nil {
		return "", err
	}
	var code string
	err = s.db.Write(ctx, db.Actor{Retailer: by.Retailer, User: by.User, WithoutHead: before}, func(tx *db.Tx) error {
		if !before { // the audit log has what is allowed, and not each time that it is used
			audit.Operation(tx, "allowApp", "connections")
			noteClient(tx, a.Client.ClientID, a.Client.Name)
			audit.Value(tx, "scopes", nil, strings.Join(a.Scopes, " "))
		}
		_, account, active, err := access.HoldsAs(tx, by.User)
		if err == nil && (!active || account.Passwords != by.Passwords) {
			err = access.ErrSignedOut
		}
		if err == nil {
			code, err = a.store(tx, by)
		}
		return err
	})
	return a.answer("code", code), err
}

func (a *Authorization) store(tx *db.Tx, by *access.Session) (code string, err error) {
	code = base64.RawURLEncoding.EncodeToString(random(secretBytes))
	g := grantRow{
		UserID: by.User, ClientID: a.Client.ClientID, ScopeText: strings.Join(a.Scopes, " "), Passwords: by.Passwords,
		CodeHash: hashSecret(code), CodeUntil: tx.Clock.Add(codeLife), RedirectURI: a.RedirectURI, Challenge: a.Challenge, Nonce: a.Nonce,
		AuthTime: by.Confirmed, CreatedAt: tx.Clock, ExpiresAt: tx.Clock.Add(codeLife),
	}
	if g.ID, err = tx.NewID("oauth_grants"); err != nil {
		return "", err
	}
	allowed, _, err := consent(tx, g.UserID, g.ClientID)
	if err != nil {
		return "", err
	}
	for _, scope := range a.Scopes {
		if !slices.Contains(allowed, scope) {
			allowed = append(allowed, scope)
		}
	}
	tx.Queue(`
		INSERT INTO oauth_consents (retailer_id, user_id, client_id, scopes, created_at, used_at) VALUES (:retailer, ?, ?, ?, ?, ?)
		ON CONFLICT (retailer_id, user_id, client_id) DO UPDATE SET scopes = excluded.scopes, used_at = excluded.used_at`,
		g.UserID, g.ClientID, strings.Join(allowed, " "), tx.Clock, tx.Clock)
	tx.Queue(`
		INSERT INTO oauth_grants (retailer_id, id, user_id, client_id, scopes, password_version, code_hash, code_until, exchanged, redirect_uri,
			challenge, nonce, auth_time, refresh_hash, previous_hash, rotated_at, created_at, expires_at)
		VALUES (:retailer, :id, :user_id, :client_id, :scopes, :password_version, :code_hash, :code_until, FALSE, :redirect_uri,
			:challenge, :nonce, :auth_time, '', '', 0, :created_at, :expires_at)`, &g)
	tx.Queue(`
		DELETE FROM oauth_grants WHERE retailer_id = :retailer AND id IN (
			SELECT id FROM oauth_grants WHERE retailer_id = :retailer AND expires_at <= ? ORDER BY expires_at, id LIMIT ?)`,
		tx.Clock, int64(sweepRows))
	for _, lasting := range []bool{false, true} { // codes that no client redeems end no sign-in that lasts
		tx.Queue(`
			DELETE FROM oauth_grants WHERE retailer_id = :retailer AND user_id = ? AND client_id = ? AND (refresh_hash <> '') = ? AND id < (
				SELECT id FROM oauth_grants WHERE retailer_id = :retailer AND user_id = ? AND client_id = ? AND (refresh_hash <> '') = ?
				ORDER BY id DESC LIMIT 1 OFFSET ?)`, g.UserID, g.ClientID, lasting, g.UserID, g.ClientID, lasting, int64(grantsMax-1))
	}
	return code, nil
}

// codeUse is a code as a client sends it.
type codeUse struct{ code, redirectURI, verifier string }

var (
	badCode = &tokenError{
		"invalid_grant", "code is wrong, was used, has expired, or is of another program",
		"Mã đăng nhập (code) không đúng, đã được dùng, đã hết hạn hoặc không phải của ứng dụng này",
	}
	badRefresh = &tokenError{
		"invalid_grant", "refresh_token is wrong, was used, has expired, or was revoked: have the person sign in again",
		"refresh_token không đúng, đã được dùng, đã hết hạn hoặc đã bị thu hồi: hãy đăng nhập lại",
	}
)

// given is what a client gets for a code or a refresh token.
type given struct {
	grantRow
	granted []string // of the scopes of the grant
	refresh string   // empty: none
}

// exchange uses a code up. A code that was used before ends what came of it: one of the two who have it has stolen it.
func exchange(tx *db.Tx, clientID string, use codeUse) (got given, refusal *tokenError, err error) {
	g, found, err := findGrant(tx, use.code, clientID, " :lock")
	switch {
	case err != nil || !found:
		return got, badCode, err
	case g.Exchanged:
		endGrant(tx, g.ID)
		return got, badCode, nil
	case tx.Clock >= g.CodeUntil:
		return got, badCode, nil
	case use.redirectURI != g.RedirectURI:
		return got, &tokenError{
			"invalid_grant", "redirect_uri is not the one of the sign-in", "Địa chỉ quay lại (redirect_uri) không phải địa chỉ đã dùng khi đăng nhập",
		}, nil
	case !g.proven(use.verifier):
		return got, &tokenError{
			"invalid_grant", "code_verifier is missing, there without a code_challenge, or does not fit it",
			"code_verifier thiếu, thừa hoặc không khớp với code_challenge",
		}, nil
	}
	if _, active, err := g.held(tx); err != nil || !active {
		return got, badCode, err
	}
	g.Exchanged, g.ExpiresAt = true, tx.Clock.Add(tokenLife*time.Second)
	got.grantRow, got.granted = g, g.scopes()
	if slices.Contains(got.granted, scopeOffline) {
		rotating := base64.RawURLEncoding.EncodeToString(random(secretBytes))
		got.refresh, got.RefreshHash, got.ExpiresAt = use.code+rotating, hashSecret(rotating), tx.Clock.Add(idleLife)
	}
	used(tx, &got.grantRow)
	return got, nil, nil
}

// proven reports whether a verifier is that of the challenge (RFC 7636). One that comes without a challenge is refused, too: the
// challenge was taken out of the request on its way (RFC 9700, section 4.8.2).
func (g *grantRow) proven(verifier string) bool {
	if g.Challenge == "" || verifier == "" {
		return g.Challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(g.Challenge)) == 1
}

// refresh uses a refresh token up and gives the next one, which is derived from it ([Service.successor]). One that was used before ends the grant, unless that was
// only just: then the answer was lost, or two requests of the client came at once, and both are told the same. A thief who is among
// them is found out at the next use.
func refresh(tx *db.Tx, clientID, token, next string, wanted []string) (got given, refusal *tokenError, err error) {
	code, rotating := splitRefresh(token)
	g, found, err := findGrant(tx, code, clientID, " :lock")
	if err != nil || !found || g.RefreshHash == "" {
		return got, badRefresh, err
	}
	hash, nextHash := hashSecret(rotating), hashSecret(next)
	current := hash == g.RefreshHash
	again := hash == g.PreviousHash && g.RotatedAt <= tx.Clock && tx.Clock < g.RotatedAt.Add(rotateGrace)
	switch {
	case !current && !again:
		endGrant(tx, g.ID)
		return got, badRefresh, nil
	case again && nextHash != g.RefreshHash: // the signing key has changed meanwhile
		return got, badRefresh, nil
	case tx.Clock >= g.ExpiresAt || tx.Clock >= g.ends():
		return got, badRefresh, nil
	}
	if _, active, err := g.held(tx); err != nil || !active {
		return got, badRefresh, err
	}
	granted := g.scopes()
	for _, scope := range wanted {
		if !slices.Contains(granted, scope) {
			return got, &tokenError{
				"invalid_scope", "scope may only be less than at the sign-in", "Phạm vi (scope) chỉ được thu hẹp so với khi đăng nhập",
			}, nil
		}
	}
	if len(wanted) > 0 {
		granted = wanted
	}
	if current {
		g.PreviousHash, g.RefreshHash, g.RotatedAt = hash, nextHash, tx.Clock
		g.ExpiresAt = max(min(tx.Clock.Add(idleLife), g.ends()), tx.Clock.Add(tokenLife*time.Second))
		used(tx, &g)
	}
	return given{g, granted, code + next}, nil, nil
}

// successor derives what the refresh token after one ends with: the same whenever it is asked for, and known to no one who has only
// the token or only the signing key. It is not to be called in a transaction, since the keys may have to be read.
func (s *Service) successor(token string) string {
	return base64.RawURLEncoding.EncodeToString(s.Derive(secretBytes, "refresh token", token))
}

// splitRefresh returns the code of the grant, with which a refresh token begins, and what changes with each use.
func splitRefresh(token string) (code, rotating string) {
	at := base64.RawURLEncoding.EncodedLen(secretBytes)
	if len(token) != 2*at {
		return "", ""
	}
	return token[:at], token[at:]
}

// findGrant returns the grant of a code of a client.
func findGrant(tx *db.Tx, code, clientID, lock string) (g grantRow, found bool, err error) {
	if len(code) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return g, false, nil
	}
	return db.One[grantRow](tx, `
		SELECT `+grantColumns+` FROM oauth_grants WHERE retailer_id = :retailer AND code_hash = ? AND client_id = ?`+lock, hashSecret(code), clientID)
}

// used stores what the use of a code or a refresh token changes.
func used(tx *db.Tx, g *grantRow) {
	tx.Queue(`
		UPDATE oauth_grants SET exchanged = :exchanged, refresh_hash = :refresh_hash, previous_hash = :previous_hash, rotated_at = :rotated_at,
			expires_at = :expires_at
		WHERE retailer_id = :retailer AND id = :id`, g)
	tx.Queue(`UPDATE oauth_consents SET used_at = ? WHERE retailer_id = :retailer AND user_id = ? AND client_id = ?`, tx.Clock, g.UserID, g.ClientID)
}

func endGrant(tx *db.Tx, id int64) {
	tx.Queue(`DELETE FROM oauth_grants WHERE retailer_id = :retailer AND id = ?`, id)
}
