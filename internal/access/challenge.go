package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	challengeTime = 5 * time.Minute
	usedTime      = time.Hour // for which a used challenge is kept: the clocks of copies of the server differ by less

	nonceSize     = 32                          // bytes
	challengeSize = nonceSize + 8 + sha256.Size // nonce, expiry, MAC
	siteNameMax   = 253                         // of a domain name (RFC 1035)
)

var (
	siteNamePattern = regexp.MustCompile(`^([a-z0-9_-]+\.)*[a-z0-9_-]+$`) // xn--… for other letters
	numberPattern   = regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`)        // with which an IPv4 address ends (URL Standard, 3.5)
)

// Site is where passkeys are used: the host at which people reach the server.
type Site struct {
	ID     string // RP ID: its name
	Origin string // its scheme, name and port
}

// SiteOf returns the site of a base URL, and whether passkeys can be used there: an IP address is no RP ID.
func SiteOf(base string) (Site, bool) {
	u, err := url.Parse(base)
	if err != nil {
		return Site{}, false
	}
	name := strings.ToLower(u.Hostname())
	_, err = netip.ParseAddr(name)
	last := name[strings.LastIndexByte(name, '.')+1:]
	if err == nil || len(name) > siteNameMax || !siteNamePattern.MatchString(name) || numberPattern.MatchString(last) {
		return Site{}, false
	}
	return Site{ID: name, Origin: u.Scheme + "://" + strings.ToLower(u.Host)}, true
}

// purpose is what a challenge is for.
type purpose string

const (
	toSignIn     purpose = "sign-in"
	toConfirm    purpose = "confirm"
	toAddPasskey purpose = "add"
)

func usedChallenge() error {
	return taphoa.Refuse(taphoa.CodeValidate, "", "Yêu cầu dùng khóa truy cập đã hết hạn hoặc đã được dùng, hãy thử lại")
}

// newChallenge returns a challenge for a purpose at a site, in a session (0: none). Who asks for many costs no storage.
func (s *Service) newChallenge(ctx context.Context, p purpose, at Site, session int64) ([]byte, error) {
	key, err := s.challengeKey(ctx)
	if err != nil {
		return nil, err
	}
	c := make([]byte, nonceSize, challengeSize)
	_, _ = rand.Read(c) // never fails: the program ends instead
	c = binary.BigEndian.AppendUint64(c, uint64(s.db.Now().Add(challengeTime)))
	return append(c, challengeMAC(key, c, p, at, session)...), nil
}

func challengeMAC(key, c []byte, p purpose, at Site, session int64) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s\n%s\n%d\n%s", p, at.ID, session, c[:nonceSize+8])
	return h.Sum(nil)
}

// checkChallenge refuses what is no challenge of [Service.newChallenge] for the same, or has expired. It does not use it up.
func (s *Service) checkChallenge(ctx context.Context, text string, p purpose, at Site, session int64) error {
	key, err := s.challengeKey(ctx)
	if err != nil {
		return err
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || encoded(c) != text || // decoding passes over line breaks
		len(c) != challengeSize || !hmac.Equal(c[nonceSize+8:], challengeMAC(key, c, p, at, session)) {
		return usedChallenge()
	}
	until := taphoa.Time(binary.BigEndian.Uint64(c[nonceSize:]))             //nolint:gosec // the MAC says that it is ours
	if now := s.db.Now(); until <= now || until > now.Add(2*challengeTime) { // of a clock that was ahead
		return usedChallenge()
	}
	return nil
}

// useChallenge uses a challenge up: one transaction does.
func useChallenge(tx *db.Tx, text string) error {
	tx = tx.Everywhere()
	n, err := tx.Exec(`INSERT INTO access_used_challenges (challenge_hash, forget_at) VALUES (?, ?) ON CONFLICT (challenge_hash) DO NOTHING`,
		hashOf(text), tx.Clock.Add(usedTime))
	if err == nil && n == 0 {
		err = usedChallenge()
	}
	tx.Queue(`
		DELETE FROM access_used_challenges WHERE challenge_hash IN (
			SELECT challenge_hash FROM access_used_challenges WHERE forget_at <= ? ORDER BY forget_at, challenge_hash LIMIT ?)`,
		tx.Clock, int64(sweepRows))
	return err
}

// challengeKey is the key of all copies of the server. The first challenge of a database makes it.
func (s *Service) challengeKey(ctx context.Context) ([]byte, error) {
	if key := s.challenges.Load(); key != nil {
		return *key, nil
	}
	var secret string
	read := func(tx *db.Tx) (err error) {
		secret, _, err = db.One[string](tx.Everywhere(), `SELECT secret FROM access_challenge_key WHERE id = 1`)
		return err
	}
	err := s.db.Read(ctx, db.Actor{}, read)
	if err == nil && secret == "" {
		err = s.db.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
			made, _ := newSecret()
			tx.Everywhere().Queue(`INSERT INTO access_challenge_key (id, secret) VALUES (1, ?) ON CONFLICT (id) DO NOTHING`, made)
			return read(tx)
		})
	}
	if err != nil {
		return nil, err
	}
	key := []byte(secret)
	s.challenges.Store(&key)
	return key, nil
}
