package oauth

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
)

const (
	tokenType      = "at+jwt"
	tokenLife      = 86400   // seconds; clients rely on the vendor's value
	maxTokenBytes  = 8 << 10 // bytes
	generationBase = 36      // of the number before the dot of jti
)

// tokenHeader is the header of all our tokens. The vendor's have no key id either.
var tokenHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"`+tokenType+`"}`)) + "."

// claims are the payload of a token (contract authentication, AccessTokenClaims).
type claims struct {
	NotBefore    int64    `json:"nbf"` // seconds since the epoch
	Expires      int64    `json:"exp"`
	Issuer       string   `json:"iss"`
	Audience     []string `json:"aud"`
	ClientID     string   `json:"client_id"`
	RetailerCode string   `json:"client_RetailerCode"`
	RetailerID   string   `json:"client_RetailerId"` // numbers as strings, for clients with strict types
	UserID       string   `json:"client_UserId"`
	SensitiveAPI string   `json:"client_SensitiveApi"`
	GroupID      string   `json:"client_GroupId"`
	SecretKey    string   `json:"client_SecretKey"`
	ID           string   `json:"jti"` // the client's generation, a dot, and random digits
	IssuedAt     int64    `json:"iat"`
	Scope        []string `json:"scope"`

	// Of the token of a person, who has allowed the client that.
	Subject string `json:"sub,omitempty"`      // the user, as in ID tokens
	GrantID string `json:"grant_id,omitempty"` // whose end is the token's
}

// generation returns the client's generation in which the token was issued, 0 if jti has none.
func (c *claims) generation() taphoa.Time {
	text, _, _ := strings.Cut(c.ID, ".")
	n, _ := strconv.ParseInt(text, generationBase, 64) // no client has generation 0
	return taphoa.Time(n)
}

// tokenKey identifies tokens that differ in their jti only.
type tokenKey struct {
	clientID   string
	generation taphoa.Time
	scope      string // blank-separated
	second     int64  // since the epoch
}

// issue returns a token for a client. Many clients request one before every call, and a signature costs a thousand times as
// much as the rest: requests for the same token within one second share one signature, and wait for that one only.
func (s *Service) issue(c *clientState, granted []string, now taphoa.Time) (string, error) {
	g := tokenKey{c.ClientID, c.TokensFrom, strings.Join(granted, " "), int64(now / second)}
	if token, ok := s.issued.get(g); ok {
		return token()
	}
	return s.issued.getOr(g, sync.OnceValues(func() (string, error) { return s.sign(c, granted, g.second) }))()
}

func (s *Service) sign(c *clientState, granted []string, second int64) (string, error) {
	return s.signClaims(s.claims(c, granted, second))
}

func (s *Service) claims(c *clientState, granted []string, second int64) *claims {
	issuer := cmp.Or(s.options.PublicURL, vendorIssuer)
	return &claims{
		NotBefore: second, IssuedAt: second, Expires: second + tokenLife,
		Issuer: issuer, Audience: []string{issuer + "/resources"},
		ClientID: c.ClientID, RetailerCode: c.RetailerCode,
		RetailerID: strconv.FormatInt(c.RetailerID, 10), UserID: strconv.FormatInt(c.UserID, 10),
		SensitiveAPI: "False", GroupID: "1", SecretKey: "hidden",
		ID:    fmt.Sprintf("%s.%x", strconv.FormatInt(int64(c.TokensFrom), generationBase), random(16)),
		Scope: slices.Clone(granted),
	}
}

func (s *Service) signClaims(c *claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed, err := s.keys().signing(s.db.Now()).signer.Sign(plainJSON(payload))
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// plainJSON rewrites JSON so that its base64url text is plain base64, because clients decode it with atob and
// base64_decode. Six bits of ASCII give '-' or '_' only where they end a '>', '?', '~' or DEL; such a character occurs
// only inside a string, where it may be escaped like those beyond ASCII.
func plainJSON(text []byte) []byte {
	plain := make([]byte, 0, len(text)+64)
	for _, r := range string(text) {
		switch {
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			plain = fmt.Appendf(plain, `\u%04x\u%04x`, high, low)
		case r == '>' || r == '?' || r >= '~':
			plain = fmt.Appendf(plain, `\u%04x`, r)
		default:
			plain = append(plain, byte(r))
		}
	}
	return plain
}

// parse returns the claims of a token with our signature, and the key that made it.
func (s *Service) parse(token string) (*claims, *signingKey, error) {
	if len(token) > maxTokenBytes || !strings.HasPrefix(token, tokenHeader) {
		return nil, nil, errBadToken()
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, nil, errBadToken()
	}
	// The parser accepts blanks and unused bits, so that one token would have many spellings.
	if canonical, err := parsed.CompactSerialize(); err != nil || canonical != token {
		return nil, nil, errBadToken()
	}
	payload, key := s.keys().verify(parsed, s.db.Now())
	if key == nil {
		return nil, nil, errBadToken()
	}
	c := new(claims)
	if err := json.Unmarshal(payload, c); err != nil {
		return nil, nil, errBadToken()
	}
	return c, key, nil
}
