package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const idTokenLife = 3600 // seconds

// idClaims are the payload of an ID token (OpenID Connect Core, section 2).
type idClaims struct {
	Issuer      string `json:"iss"`
	Subject     string `json:"sub"`
	Audience    string `json:"aud"`
	Expires     int64  `json:"exp"` // seconds since the epoch
	IssuedAt    int64  `json:"iat"`
	AuthTime    int64  `json:"auth_time"`
	Nonce       string `json:"nonce,omitempty"`
	AccessToken string `json:"at_hash"`
}

// personalToken gives a client the tokens of a person who has signed in to it. Unlike the vendor's grant it is exactly that of the
// standards: all parameters are in the body, once.
func (s *Service) personalToken(w http.ResponseWriter, r *http.Request, grant string) (*tokenResponse, *tokenError, error) {
	form, refusal := readForm(w, r)
	if refusal != nil {
		return nil, refusal, nil
	}
	c, now, refusal, err := s.clientOf(w, r, form)
	if refusal != nil || err != nil {
		return nil, refusal, err
	}
	if !c.SignsIn() {
		return nil, s.refuse(w, r, c, &tokenError{
			"unauthorized_client", "No one signs in to this program: it may use only " + grantType,
			"Ứng dụng này không phải ứng dụng để đăng nhập, chỉ được dùng " + grantType,
		}), nil
	}
	var got given
	token, code := form.Get("refresh_token"), form.Get("code")
	if grant == grantRefresh {
		code, _ = splitRefresh(token)
	}
	actor := db.Actor{Retailer: c.RetailerID, Client: c.ClientID, WithoutHead: true}
	found := false
	err = s.db.Read(r.Context(), actor, func(tx *db.Tx) (err error) { // what is made up is to take no turn of who writes
		_, found, err = findGrant(tx, code, c.ClientID, "")
		return err
	})
	switch {
	case err != nil:
	case !found && grant == grantRefresh:
		refusal = badRefresh
	case !found:
		refusal = badCode
	default:
		next := s.successor(token)
		err = s.db.Write(r.Context(), actor, func(tx *db.Tx) (err error) {
			if grant == grantRefresh {
				got, refusal, err = refresh(tx, c.ClientID, token, next, strings.Fields(form.Get("scope")))
			} else {
				got, refusal, err = exchange(tx, c.ClientID, codeUse{code, form.Get("redirect_uri"), form.Get("code_verifier")})
			}
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	if refusal != nil {
		return nil, s.refuse(w, r, c, refusal), nil
	}
	s.noteUse(r.Context(), c, now)
	answer, err := s.tokensOf(r, c, &got, now)
	return answer, nil, err
}

// tokensOf signs the tokens of a grant.
func (s *Service) tokensOf(r *http.Request, c *clientState, got *given, now taphoa.Time) (*tokenResponse, error) {
	at := int64(now / second)
	sub := strconv.FormatInt(got.UserID, 10)
	access := s.claims(c, got.granted, at)
	access.UserID, access.Subject, access.GrantID = sub, sub, strconv.FormatInt(got.ID, 10)
	token, err := s.signClaims(access)
	answer := &tokenResponse{
		AccessToken: token, ExpiresIn: tokenLife, TokenType: "Bearer", Scope: strings.Join(got.granted, " "), RefreshToken: got.refresh,
	}
	if err != nil || !slices.Contains(got.granted, ScopeOpenID) {
		return answer, err
	}
	sum := sha256.Sum256([]byte(token))
	payload, err := json.Marshal(&idClaims{
		Issuer: s.issuer(r), Subject: sub, Audience: c.ClientID, Expires: at + idTokenLife, IssuedAt: at,
		AuthTime: int64(got.AuthTime / second), Nonce: got.Nonce, AccessToken: base64.RawURLEncoding.EncodeToString(sum[:16]),
	})
	if err != nil {
		return nil, err
	}
	signed, err := s.keys().signing(now).idSigner.Sign(plainJSON(payload))
	if err == nil {
		answer.IDToken, err = signed.CompactSerialize()
	}
	return answer, err
}

// readForm reads the parameters of a request that has them in its body, once.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *tokenError) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	form, malformed := url.ParseQuery(string(body))
	if err != nil || malformed != nil {
		return nil, &tokenError{Code: "invalid_request", Description: "The body must be application/x-www-form-urlencoded, of at most 64 KiB"}
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, &tokenError{Code: "invalid_request", Description: "The parameter " + printable(name) + " is there more than once"}
		}
	}
	return form, nil
}

// clientOf returns the client that sends a request: by its secret, or by its name alone if it is public.
func (s *Service) clientOf(w http.ResponseWriter, r *http.Request, form url.Values) (c *clientState, now taphoa.Time, refusal *tokenError, err error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if named, password, basic := basicAuth(r); basic {
		if id != "" && id != named || secret != "" {
			return nil, 0, &tokenError{Code: "invalid_request", Description: "The program names itself twice, in Authorization and in the body"}, nil
		}
		id, secret = named, password
		w.Header().Set("WWW-Authenticate", `Basic realm="Taphoa"`) // of a refusal
		defer func() {
			if refusal == nil {
				w.Header().Del("WWW-Authenticate")
			}
		}()
	}
	now = s.db.Now()
	if secret == "" {
		if c, err = s.client(r.Context(), strings.ToLower(id), now, clientMaxAge); err != nil || c.Public && c.IsActive {
			return c, now, nil, err
		}
		return nil, 0, s.refuse(w, r, c, &tokenError{
			"invalid_client", "client_id or client_secret is missing, or the program was revoked", "Thiếu client_id hoặc client_secret, hoặc ứng dụng đã bị thu hồi",
		}), nil
	}
	c, accepted, now, err := s.compare(r, id, secret)
	if err == nil && !accepted {
		refusal = s.refuse(w, r, c, &tokenError{"invalid_client", "client_id or client_secret is wrong, or the program was revoked", wrongCredentials})
	}
	return c, now, refusal, err
}

// ReadHint returns the user and the client of an ID token of ours, also one that has expired; zero values for anything else.
func (s *Service) ReadHint(token string) (user int64, clientID string) {
	if len(token) > maxTokenBytes {
		return 0, ""
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || strings.HasPrefix(token, tokenHeader) { // an access token is none
		return 0, ""
	}
	payload, key := s.keys().verify(parsed, s.db.Now())
	var c idClaims
	if key == nil || json.Unmarshal(payload, &c) != nil {
		return 0, ""
	}
	user, _ = strconv.ParseInt(c.Subject, 10, 64) // it is ours
	return user, c.Audience
}
