package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
)

// Algorithms of keys (COSE).
const (
	ES256 = -7
	EdDSA = -8
	RS256 = -257
)

// Flags of what an authenticator signs (WebAuthn, 6.1).
const (
	Present  = 1 << 0
	Verified = 1 << 2
	Eligible = 1 << 3 // for a backup
	BackedUp = 1 << 4
	attested = 1 << 6
)

// Authenticator has the passkeys of a person.
type Authenticator struct {
	Origin    string // that of the page
	Algorithm int    // of new keys; 0: ES256
	Synced    bool   // its keys are on other devices, too, and do not count signatures
	Keys      []*Key
}

// Key is a passkey.
type Key struct {
	ID, Handle []byte
	RPID       string
	Count      uint32 // of signatures
	signer     crypto.Signer
}

// Said is what the browser says and the authenticator signs. A test changes it before.
type Said struct {
	Type, Challenge, Origin string
	CrossOrigin             bool
	RPID                    string // whose hash is signed
	Flags                   byte
	Count                   uint32
	ID, Handle              []byte
	Forged                  bool // the signature is not that of the key
}

type options struct {
	Challenge string
	RPID      string `json:"rpId"`
	RP        struct{ ID string }
	User      struct{ ID string }

	AllowCredentials, ExcludeCredentials []struct{ ID string }
}

func read(tb testing.TB, text []byte) (o options) {
	tb.Helper()
	if err := json.Unmarshal(text, &o); err != nil || o.Challenge == "" {
		tb.Fatalf("the options are %.300s: %v", text, err)
	}
	return o
}

func (a *Authenticator) flags() byte {
	if a.Synced {
		return Present | Verified | Eligible | BackedUp
	}
	return Present | Verified
}

// Create makes a passkey by the options of a server, and returns the answer of the browser.
func (a *Authenticator) Create(tb testing.TB, text []byte, changes ...func(*Said)) (answer string) {
	tb.Helper()
	o := read(tb, text)
	key := &Key{ID: random(32), Handle: decoded(tb, o.User.ID), RPID: o.RP.ID}
	if !a.Synced {
		key.Count = 1
	}
	public := key.make(tb, a.Algorithm)
	s := Said{Type: "webauthn.create", Challenge: o.Challenge, Origin: a.Origin, RPID: key.RPID, Flags: a.flags() | attested, Count: key.Count, ID: key.ID}
	for _, change := range changes {
		change(&s)
	}
	data := s.authenticatorData()
	data = append(data, make([]byte, 16)...) // of no maker
	data = binary.BigEndian.AppendUint16(data, uint16(len(s.ID)))
	data = append(append(data, s.ID...), public...)
	object := slices.Concat(mapOf(3), textOf("fmt"), textOf("none"), textOf("attStmt"), mapOf(0), textOf("authData"), bytesOf(data))
	a.Keys = append(a.Keys, key)
	return s.answer(tb, map[string]any{"attestationObject": encoded(object), "transports": []string{"internal", "hybrid"}})
}

// Get signs a challenge with a passkey that the options of a server ask for, the newest first, and returns the answer of the browser. It
// fails the test where there is none.
func (a *Authenticator) Get(tb testing.TB, text []byte, changes ...func(*Said)) (answer string) {
	tb.Helper()
	o := read(tb, text)
	for _, key := range slices.Backward(a.Keys) {
		asked := len(o.AllowCredentials) == 0
		for _, c := range o.AllowCredentials {
			asked = asked || c.ID == encoded(key.ID)
		}
		if asked && key.RPID == o.RPID {
			return a.Sign(tb, key, text, changes...)
		}
	}
	tb.Fatalf("no passkey for %.300s", text)
	return ""
}

// Sign is Get with a passkey that the server need not have asked for.
func (a *Authenticator) Sign(tb testing.TB, key *Key, text []byte, changes ...func(*Said)) (answer string) {
	tb.Helper()
	if !a.Synced {
		key.Count++
	}
	s := Said{
		Type: "webauthn.get", Challenge: read(tb, text).Challenge, Origin: a.Origin, RPID: key.RPID, Flags: a.flags(), Count: key.Count,
		ID: key.ID, Handle: key.Handle,
	}
	for _, change := range changes {
		change(&s)
	}
	data := s.authenticatorData()
	hash := sha256.Sum256(s.clientData(tb))
	signed := key.sign(tb, append(slices.Clone(data), hash[:]...))
	if s.Forged {
		signed = (&Key{}).forge(tb, append(slices.Clone(data), hash[:]...))
	}
	response := map[string]any{"authenticatorData": encoded(data), "signature": encoded(signed)}
	if s.Handle != nil {
		response["userHandle"] = encoded(s.Handle)
	}
	return s.answer(tb, response)
}

func (s *Said) clientData(tb testing.TB) []byte {
	tb.Helper()
	return marshal(tb, map[string]any{"type": s.Type, "challenge": s.Challenge, "origin": s.Origin, "crossOrigin": s.CrossOrigin})
}

func (s *Said) authenticatorData() []byte {
	hash := sha256.Sum256([]byte(s.RPID))
	return binary.BigEndian.AppendUint32(append(hash[:], s.Flags), s.Count)
}

func (s *Said) answer(tb testing.TB, response map[string]any) string {
	tb.Helper()
	response["clientDataJSON"] = encoded(s.clientData(tb))
	return string(marshal(tb, map[string]any{
		"id": encoded(s.ID), "rawId": encoded(s.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	}))
}

// make makes the key pair and returns the public key (COSE).
func (k *Key) make(tb testing.TB, algorithm int) (public []byte) {
	tb.Helper()
	switch algorithm {
	case EdDSA:
		key, private, err := ed25519.GenerateKey(rand.Reader)
		check(tb, err)
		k.signer = private
		return slices.Concat(mapOf(4), numberOf(1), numberOf(1), numberOf(3), numberOf(EdDSA), numberOf(-1), numberOf(6), numberOf(-2), bytesOf(key))
	case RS256:
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		check(tb, err)
		k.signer = private
		return slices.Concat(mapOf(4), numberOf(1), numberOf(3), numberOf(3), numberOf(RS256), numberOf(-1), bytesOf(private.N.Bytes()), numberOf(-2), bytesOf([]byte{1, 0, 1}))
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(tb, err)
	k.signer = private
	point, err := private.PublicKey.Bytes() // 4, x, y
	check(tb, err)
	return slices.Concat(mapOf(5), numberOf(1), numberOf(2), numberOf(3), numberOf(ES256), numberOf(-1), numberOf(1), numberOf(-2), bytesOf(point[1:33]), numberOf(-3), bytesOf(point[33:]))
}

func (k *Key) sign(tb testing.TB, data []byte) []byte {
	tb.Helper()
	hash := sha256.Sum256(data)
	digest, with := hash[:], crypto.SignerOpts(crypto.SHA256)
	if _, pure := k.signer.(ed25519.PrivateKey); pure {
		digest, with = data, crypto.Hash(0)
	}
	signed, err := k.signer.Sign(rand.Reader, digest, with)
	check(tb, err)
	return signed
}

// forge signs with another key.
func (k *Key) forge(tb testing.TB, data []byte) []byte {
	tb.Helper()
	k.make(tb, ES256)
	return k.sign(tb, data)
}

// What follows is as much CBOR (RFC 8949) as the answers have.

func head(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
}

func numberOf(n int) []byte {
	if n < 0 {
		return head(1, uint64(-1-n))
	}
	return head(0, uint64(n))
}

func bytesOf(b []byte) []byte { return append(head(2, uint64(len(b))), b...) }
func textOf(s string) []byte  { return append(head(3, uint64(len(s))), s...) }
func mapOf(pairs int) []byte  { return head(5, uint64(pairs)) }

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decoded(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	check(tb, err)
	return b
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := json.Marshal(v)
	check(tb, err)
	return b
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
