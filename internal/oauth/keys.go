package oauth

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	keyBits    = 2048
	keysMaxAge = 5 * second // of the keys in memory

	// publishTime is how long a new key is published before it signs: longer than programs keep the key set ([maxAgeOfKeys]).
	publishTime = 2 * time.Hour
	// overlapTime is how long a key is published after it has signed for the last time: the life of its tokens, and an hour for
	// clocks that differ.
	overlapTime = tokenLife*time.Second + time.Hour
)

// KeyInfo says from when a key signs and until when it counts.
type KeyInfo struct {
	ID          string // as in the key set (kid)
	CreatedDate taphoa.Time
	SignsFrom   taphoa.Time
	EndsAt      taphoa.Time // 0: it has no successor
}

// keyRow is a key as it is stored.
type keyRow struct {
	ID          int64
	PrivateKey  string
	CreatedDate taphoa.Time
	SignsFrom   taphoa.Time
	EndsAt      taphoa.Time
}

// signingKey is a key with what it makes.
type signingKey struct {
	KeyInfo
	text     string // as it is stored
	private  *rsa.PrivateKey
	jwk      jose.JSONWebKey
	signer   jose.Signer // of access tokens, which name no key, as the vendor's do not
	idSigner jose.Signer // of ID tokens
}

// keyRing are the keys of the database as they were read.
type keyRing struct {
	keys   []*signingKey // by SignsFrom
	readAt taphoa.Time
	read   time.Time
}

// signing is the key that signs now. A clock that was put back finds none that does, and takes the first.
func (r *keyRing) signing(now taphoa.Time) *signingKey {
	for i := len(r.keys) - 1; i > 0; i-- {
		if r.keys[i].SignsFrom <= now {
			return r.keys[i]
		}
	}
	return r.keys[0]
}

// has reports whether a key counts.
func (r *keyRing) has(key *signingKey, now taphoa.Time) bool {
	for _, k := range r.keys {
		if k.ID == key.ID {
			return k.counts(now)
		}
	}
	return false
}

func (k *signingKey) counts(now taphoa.Time) bool { return k.EndsAt == 0 || now < k.EndsAt }

// verify returns what was signed, and by which key; no key if it was by none of these.
func (r *keyRing) verify(signed *jose.JSONWebSignature, now taphoa.Time) ([]byte, *signingKey) {
	for i := len(r.keys) - 1; i >= 0; i-- {
		if k := r.keys[i]; k.counts(now) {
			if payload, err := signed.Verify(k.private.Public()); err == nil {
				return payload, k
			}
		}
	}
	return nil, nil
}

// public is the key set: the keys that sign, will sign, or have signed tokens that may still be valid.
func (r *keyRing) public(now taphoa.Time) *jose.JSONWebKeySet {
	set := &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range r.keys {
		if k.counts(now) {
			set.Keys = append(set.Keys, k.jwk)
		}
	}
	return set
}

// keys are the keys of the database, read less than [keysMaxAge] ago. While they cannot be read those of before count.
func (s *Service) keys() *keyRing {
	ring, now := s.ring.Load(), s.db.Now()
	if fresh(ring.readAt, ring.read, now, keysMaxAge) || !s.reading.TryLock() {
		return ring
	}
	defer s.reading.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	read, err := s.readKeys(ctx, ring)
	if err != nil {
		slog.Debug("the signing keys were not read again", "error", err.Error())
		return ring
	}
	s.ring.Store(read)
	return read
}

// firstKeys are the keys of the database, which gets one if it has none. If two processes make one at the same time, both use the one
// that was stored first.
func (s *Service) firstKeys(ctx context.Context) (*keyRing, error) {
	ring, err := s.readKeys(ctx, &keyRing{})
	if err != nil || len(ring.keys) > 0 {
		return ring, err
	}
	created, err := newKey()
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		tx.Everywhere().Queue(`
			INSERT INTO oauth_keys (id, private_key, created_date) VALUES (1, ?, :now)
			ON CONFLICT (id) DO NOTHING`, created)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.readKeys(ctx, ring)
}

// readKeys reads the keys of the database, and deletes those that have ended. What was known before is not worked out again.
func (s *Service) readKeys(ctx context.Context, before *keyRing) (*keyRing, error) {
	ring := &keyRing{readAt: s.db.Now(), read: time.Now()}
	var rows []keyRow
	err := s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		rows, err = listKeys(tx)
		return err
	})
	ended := false
	for i := range rows {
		var k *signingKey
		if k, err = rows[i].key(before); err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, k)
		ended = ended || !k.counts(ring.readAt)
	}
	if err == nil && len(before.keys) > 0 && len(ring.keys) == 0 {
		err = errors.New("oauth_keys is empty")
	}
	if ended {
		failed := s.db.Write(ctx, db.Actor{}, func(tx *db.Tx) error { dropEnded(tx); return nil })
		if failed != nil { // the next one who reads tries again
			slog.Debug("a signing key that has ended was not deleted", "error", failed.Error())
		}
	}
	return ring, err
}

func listKeys(tx *db.Tx) ([]keyRow, error) {
	return db.All[keyRow](tx.Everywhere(), `
		SELECT id, private_key, created_date, signs_from, ends_at FROM oauth_keys ORDER BY signs_from, id`)
}

func dropEnded(tx *db.Tx) {
	tx.Everywhere().Queue(`DELETE FROM oauth_keys WHERE ends_at > 0 AND ends_at <= ?`, tx.Clock)
}

// key returns the key of a row, which need not be parsed if it was known before.
func (r *keyRow) key(before *keyRing) (*signingKey, error) {
	for _, known := range before.keys {
		if known.text == r.PrivateKey {
			k := *known
			k.SignsFrom, k.EndsAt = r.SignsFrom, r.EndsAt
			return &k, nil
		}
	}
	private, err := parseKey(r.PrivateKey)
	if err != nil {
		return nil, err
	}
	id, err := keyID(private)
	if err != nil {
		return nil, err
	}
	k := &signingKey{KeyInfo: KeyInfo{id, r.CreatedDate, r.SignsFrom, r.EndsAt}, text: r.PrivateKey, private: private}
	k.jwk = jose.JSONWebKey{Key: private.Public(), KeyID: k.ID, Algorithm: string(jose.RS256), Use: "sig"}
	k.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: private}, (&jose.SignerOptions{}).WithType(tokenType))
	if err != nil {
		return nil, err
	}
	k.idSigner, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: k.ID}}, (&jose.SignerOptions{}).WithType("JWT"))
	return k, err
}

func keyID(private *rsa.PrivateKey) (string, error) {
	thumb, err := (&jose.JSONWebKey{Key: private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", thumb[:8]), nil
}

// ListKeys lists the keys of the database, the one that signs first or next last.
func ListKeys(tx *db.Tx) (all []KeyInfo, err error) {
	rows, err := listKeys(tx)
	for i := range rows {
		k, err := rows[i].key(&keyRing{})
		if err != nil {
			return nil, err
		}
		all = append(all, k.KeyInfo)
	}
	return all, err
}

// RotateKey makes a new signing key. It signs after two hours, in which all who check tokens learn of it, and the one before counts
// until its last token has expired. At once is for a key that others may know: all keys and all tokens of before end.
func RotateKey(ctx context.Context, d *db.DB, atOnce bool) (KeyInfo, error) {
	created, err := newKey()
	if err != nil {
		return KeyInfo{}, err
	}
	var made KeyInfo
	err = d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		rows, err := listKeys(tx)
		if err != nil {
			return err
		}
		next, signs := int64(1), tx.Clock.Add(publishTime)
		for i := range rows {
			if next = max(next, rows[i].ID+1); rows[i].SignsFrom > tx.Clock && !atOnce {
				return taphoa.Refuse(taphoa.CodeValidate, "", "Một khóa mới đã chờ ký từ %s, hãy đổi tiếp sau lúc đó", rows[i].SignsFrom.String())
			}
		}
		all := tx.Everywhere()
		if atOnce {
			signs = tx.Clock
			all.Queue(`DELETE FROM oauth_keys`)
			all.Queue(`DELETE FROM oauth_grants`) // the next refresh token follows from the one before and the key
		} else {
			dropEnded(tx)
			all.Queue(`UPDATE oauth_keys SET ends_at = ? WHERE ends_at = 0`, signs.Add(overlapTime))
		}
		all.Queue(`INSERT INTO oauth_keys (id, private_key, created_date, signs_from) VALUES (?, ?, :now, ?)`, next, created, signs)
		rows, err = listKeys(tx)
		if err != nil {
			return err
		}
		last := &rows[len(rows)-1]
		k, err := last.key(&keyRing{})
		if err == nil {
			made = k.KeyInfo
		}
		return err
	})
	return made, err
}

func newKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("oauth_keys holds no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		return rsaKey, nil
	}
	return nil, fmt.Errorf("oauth_keys holds a %T", key)
}
