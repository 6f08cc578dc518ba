package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	idleTime    = 12 * time.Hour      // after its last use a session ends
	lifeTime    = 30 * 24 * time.Hour // after it began, however it is used
	pendingTime = 10 * time.Minute    // for the second factor
	confirmTime = 10 * time.Minute    // for which a password given is good
	seenEvery   = time.Minute         // how often the last use is written, at most

	sessionsMax  = 100 // of a user; a new one ends the oldest
	sweepRows    = 4   // sessions that have expired which a new one deletes: more than one, so that they do not accumulate
	userAgentMax = 200 // characters
)

// Session is a person who has signed in, at one place.
type Session struct {
	Account
	ID        string // for lists; it opens nothing
	Created   taphoa.Time
	Seen      taphoa.Time // to the minute
	Ends      taphoa.Time // unless it is used before
	Confirmed taphoa.Time // when the password was last asked for
	Pending   bool        // the second factor is still owed: nothing but that is allowed

	Branch   int64        // where the person works; 0: wherever they have a role
	Held     *right.Held  // what the person may do there
	Places   right.Places // where the person has a role, and may work
	Outdated bool         // the rights have changed: the session is to get another token
}

// ConfirmedNow reports whether the password was asked for so shortly before that it need not be asked for again. A clock that was
// ahead meanwhile makes it no longer than that. Who has no password, as a visitor of the demo, cannot be asked for it.
func (s *Session) ConfirmedNow(now taphoa.Time) bool {
	return !s.Password || now < s.Confirmed.Add(confirmTime) && s.Confirmed < now.Add(confirmTime)
}

// row is the id of the session in the table.
func (s *Session) row() (int64, error) {
	id, err := strconv.ParseInt(s.ID, 10, 64)
	if err != nil {
		return 0, ErrSignedOut
	}
	return id, nil
}

// mayChange refuses what asks for the password again.
func (s *Session) mayChange(now taphoa.Time) error {
	switch {
	case s.Pending:
		return ErrSecondFactor
	case !s.ConfirmedNow(now):
		return ErrUnconfirmed
	}
	return nil
}

// sessionRow is a session as it is stored.
type sessionRow struct {
	accountRow
	Session     int64 `db:"session_id"`
	CreatedAt   taphoa.Time
	SeenAt      taphoa.Time
	ConfirmedAt taphoa.Time
	ExpiresAt   taphoa.Time
	EndsAt      taphoa.Time
	Pending     bool
	Branch      int64 `db:"branch_id"`
	Outdated    bool

	held   *right.Held
	places right.Places
}

const sessionColumns = `s.id AS session_id, s.created_at, s.seen_at, s.confirmed_at, s.expires_at, s.ends_at, s.pending, s.branch_id, s.outdated`

func (r *sessionRow) session() Session {
	return Session{
		Account: r.Account, ID: strconv.FormatInt(r.Session, 10), Created: r.CreatedAt, Seen: r.SeenAt, Ends: r.ExpiresAt,
		Confirmed: r.ConfirmedAt, Pending: r.Pending, Branch: r.Branch, Held: r.held, Places: r.places, Outdated: r.Outdated,
	}
}

// newSecret returns 256 random bits, as a token or as the secret of a link, and their hash.
func newSecret() (secret, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: the program ends instead
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashOf(secret)
}

// hashOf needs no salt and no work factor: a secret has 256 random bits.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// findSession returns the session of a token, if it is still one.
func findSession(tx *db.Tx, token string) (sessionRow, bool, error) {
	row, found, err := db.One[sessionRow](tx.Everywhere(), `
		SELECT `+secretColumns+`, `+sessionColumns+` FROM access_sessions s
		JOIN users u ON u.retailer_id = s.retailer_id AND u.id = s.user_id `+accountJoins+`
		WHERE s.token_hash = ? AND s.expires_at > ? AND u.deleted_at = 0`, hashOf(token), tx.Clock)
	if err != nil || !found || row.ended(tx.Clock) {
		return row, false, err
	}
	tx.Retailer = row.Retailer
	all, err := held(tx, row.User, row.Owner)
	row.workAt(all)
	return row, true, err
}

// workAt has the session hold what the branch gives where the person works. A person with roles at one branch only works there.
func (r *sessionRow) workAt(all *right.Held) {
	r.places = all.Places()
	if r.held = all.Only(r.Branch); r.held.None() { // the role there is gone
		r.Branch, r.held = 0, all
	}
	if !r.places.All && len(r.places.Branches) == 1 {
		r.Branch = r.places.Branches[0]
	}
}

// Authenticate returns the session of a request by its token, if there is one. It notes in the background that the session was
// used.
func (s *Service) Authenticate(ctx context.Context, token string) (Session, bool, error) {
	row, err := s.open(ctx, token)
	if errors.Is(err, ErrSignedOut) {
		return Session{}, false, nil
	}
	if err != nil {
		return Session{}, false, err
	}
	if now := s.db.Now(); !row.Pending && now-row.SeenAt >= taphoa.Time(seenEvery.Microseconds()) {
		s.noteUse(&row, now)
	}
	return row.session(), true, nil
}

// open is Authenticate with the stored row, or [ErrSignedOut].
func (s *Service) open(ctx context.Context, token string) (row sessionRow, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(32) {
		return row, ErrSignedOut
	}
	err = s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		var found bool
		row, found, err = findSession(tx, token)
		if err == nil && !found {
			err = ErrSignedOut
		}
		return err
	})
	return row, err
}

// noteUse writes that a session was used, unless that is being done.
func (s *Service) noteUse(row *sessionRow, now taphoa.Time) {
	if _, running := s.seeing.LoadOrStore(row.Session, struct{}{}); running {
		return
	}
	who, id, expires := row.actor(), row.Session, min(now.Add(idleTime), row.EndsAt)
	s.saving.Go(func() {
		defer s.seeing.Delete(id)
		ctx, cancel := context.WithTimeout(context.Background(), seenEvery)
		defer cancel()
		err := s.db.Write(ctx, who, func(tx *db.Tx) error {
			tx.Queue(`UPDATE access_sessions SET seen_at = ?, expires_at = ?
				WHERE retailer_id = :retailer AND id = ? AND seen_at < ?`, now, expires, id, now)
			return nil
		})
		if err != nil { // the next request tries again
			s.log.Debug("the use of a session was not noted", "error", err.Error())
		}
	})
}

// StartSession signs a user in whom the caller has authenticated, or need not: at the set-up of a shop, and in the demo. The second
// factor is still owed if there is one.
func StartSession(tx *db.Tx, user int64, from Caller) (token string, session Session, err error) {
	row, err := getAccount(tx, user)
	if err != nil {
		return "", Session{}, err
	}
	return startSession(tx, &row, row.TOTP, from)
}

func startSession(tx *db.Tx, a *accountRow, pending bool, from Caller) (token string, session Session, err error) {
	token, hash := newSecret()
	idle := idleTime
	if pending {
		idle = pendingTime
	}
	row := sessionRow{
		accountRow: *a, CreatedAt: tx.Clock, SeenAt: tx.Clock, ConfirmedAt: tx.Clock, ExpiresAt: tx.Clock.Add(idle),
		EndsAt: tx.Clock.Add(lifeTime), Pending: pending,
	}
	all, err := held(tx, a.User, a.Owner)
	if err != nil {
		return "", Session{}, err
	}
	row.workAt(all)
	if row.Session, err = tx.NewID("access_sessions"); err != nil {
		return "", Session{}, err
	}
	tx.Queue(`
		INSERT INTO access_sessions (retailer_id, id, user_id, token_hash, created_at, seen_at, confirmed_at, expires_at, ends_at, pending,
			user_agent, address)
		VALUES (:retailer, :session_id, :user_id, ?, :created_at, :seen_at, :confirmed_at, :expires_at, :ends_at, :pending, ?, ?)`,
		&row, hash, storable(from.UserAgent, userAgentMax), from.Host())
	tx.Queue(`
		DELETE FROM access_sessions WHERE retailer_id = :retailer AND id IN (
			SELECT id FROM access_sessions WHERE retailer_id = :retailer AND expires_at <= ? ORDER BY expires_at, id LIMIT ?)`,
		tx.Clock, int64(sweepRows))
	tx.Queue(`
		DELETE FROM access_sessions WHERE retailer_id = :retailer AND user_id = ? AND pending = ? AND id < (
			SELECT id FROM access_sessions WHERE retailer_id = :retailer AND user_id = ? AND pending = ?
			ORDER BY id DESC LIMIT 1 OFFSET ?)`, a.User, row.Pending, a.User, row.Pending, int64(sessionsMax-1))
	return token, row.session(), nil
}

// storable is text that anyone may have sent, in a form that a database takes, cut to a number of characters.
func storable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), utf8.UTFMax*most)], ""))
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most])
	}
	return s
}

// Host returns the IP address without a port; empty if there is none.
func (c *Caller) Host() string {
	at, err := netip.ParseAddrPort(c.Address)
	address := at.Addr()
	if err != nil {
		if address, err = netip.ParseAddr(c.Address); err != nil {
			return ""
		}
	}
	return address.Unmap().WithZone("").String()
}

// renew gives a session another token; the one before is dead. The password was just asked for, or the second factor was given. It
// fails with [ErrSignedOut] when the session has ended meanwhile, or has another token.
func renew(tx *db.Tx, row *sessionRow, token string, confirmed bool) (newToken string, err error) {
	newToken, hash := newSecret()
	if confirmed {
		row.ConfirmedAt = tx.Clock
	}
	row.SeenAt, row.ExpiresAt, row.Pending = tx.Clock, min(tx.Clock.Add(idleTime), row.EndsAt), false
	n, err := tx.Exec(`
		UPDATE access_sessions SET token_hash = ?, seen_at = :seen_at, expires_at = :expires_at, confirmed_at = :confirmed_at, pending = FALSE,
			outdated = FALSE
		WHERE retailer_id = :retailer AND id = :session_id AND token_hash = ?`, row, hash, hashOf(token))
	if err == nil && n == 0 {
		err = ErrSignedOut
	}
	if err != nil {
		return "", err
	}
	return newToken, nil
}

// Renew gives a session another token after the rights of its person have changed. The token before is dead, which one of two
// requests at the same time learns by [ErrSignedOut].
func (s *Service) Renew(ctx context.Context, token string) (newToken string, err error) {
	row, err := s.signedIn(ctx, token)
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, row.actor(), func(tx *db.Tx) error {
		newToken, err = renew(tx, &row, token, false)
		return err
	})
	return newToken, err
}

// endSessions ends the sessions of a user but for one; 0 for all.
func endSessions(tx *db.Tx, user, keep int64) {
	tx.Queue(`DELETE FROM access_sessions WHERE retailer_id = :retailer AND user_id = ? AND id <> ?`, user, keep)
}

// EndEverything ends the sessions, links and approvals of all shops, the set-up link and the challenges: the database is that of a backup,
// in which are some that have ended since.
func EndEverything(tx *db.Tx) {
	tx = tx.Everywhere()
	tx.Queue(`DELETE FROM access_sessions`)
	tx.Queue(`DELETE FROM access_links`)
	tx.Queue(`DELETE FROM access_setup`)
	tx.Queue(`DELETE FROM access_challenge_key`)
	tx.Queue(`DELETE FROM access_approvals WHERE used_at = 0`)
}

// SignOut ends the session of a token, if there is one.
func (s *Service) SignOut(ctx context.Context, token string) error {
	row, err := s.open(ctx, token)
	if errors.Is(err, ErrSignedOut) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, row.actor(), func(tx *db.Tx) error {
		tx.Queue(`DELETE FROM access_sessions WHERE retailer_id = :retailer AND id = ?`, row.Session)
		return nil
	})
}

// SessionInfo is a session in a list.
type SessionInfo struct {
	Session   int64 `db:"id"`
	CreatedAt taphoa.Time
	SeenAt    taphoa.Time // to the minute
	UserAgent string
	Address   string // IP address; empty if unknown
	This      bool   // the one that asks
}

// ID is the session's, as in [Session].
func (i *SessionInfo) ID() string { return strconv.FormatInt(i.Session, 10) }

// Sessions lists where the account of a session is signed in, the last used first.
func (s *Service) Sessions(ctx context.Context, of Session) (all []SessionInfo, err error) {
	if of.Pending {
		return nil, ErrSecondFactor
	}
	err = s.db.Read(ctx, of.actor(), func(tx *db.Tx) error {
		all, err = db.All[SessionInfo](tx, `
			SELECT id, created_at, seen_at, user_agent, address, CAST(id AS TEXT) = ? AS this FROM access_sessions
			WHERE retailer_id = :retailer AND user_id = ? AND expires_at > ? AND NOT pending ORDER BY seen_at DESC, id DESC`,
			of.ID, of.User, tx.Clock)
		return err
	})
	return all, err
}

// EndSession ends a session of the same account by its id; that it has ended already is no error.
func (s *Service) EndSession(ctx context.Context, by Session, id string) error {
	if by.Pending {
		return ErrSecondFactor
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil // there is no such session
	}
	return s.record(ctx, &by.Account, "endSession", func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM access_sessions WHERE retailer_id = :retailer AND id = ? AND user_id = ?`, n, by.User)
		return err
	})
}

// EndAllSessions signs the account of a session out everywhere, or everywhere else.
func (s *Service) EndAllSessions(ctx context.Context, by Session, others bool) error {
	if by.Pending {
		return ErrSecondFactor
	}
	keep := int64(0)
	if others {
		keep, _ = strconv.ParseInt(by.ID, 10, 64) // it is one of ours
	}
	return s.record(ctx, &by.Account, "endAllSessions", func(tx *db.Tx) error {
		endSessions(tx, by.User, keep)
		return nil
	})
}
