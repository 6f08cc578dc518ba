package oauth

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

const (
	maxBodyBytes  = 64 << 10
	grantType     = "client_credentials"
	grantCode     = "authorization_code"
	grantRefresh  = "refresh_token"
	scopeShort    = "PublicApi" // sent by one client for ScopePublic
	maxAgeOfKeys  = "public, max-age=3600"
	notToBeStored = "no-store"

	wrongCredentials = "client_id hoặc client_secret không đúng, hoặc ứng dụng đã bị thu hồi"
)

// tokenRequest are the parameters of a token request; empty is absent.
type tokenRequest struct{ grantType, clientID, secret, scopes, scope string }

// tokenResponse is TokenResponse of contract authentication.
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	TokenType   string `json:"token_type"`
	Scope       string `json:"scope"`

	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
}

// tokenError is TokenError of contract authentication. Its description is Vietnamese for the vendor's grant, as all sentences of the API
// are, and English for what is ours: RFC 6749, section 5.2, has only ASCII in it, and some libraries insist.
type tokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`

	said string // in Vietnamese, for the log of requests; empty: the description
}

// failures are the descriptions of what is not the client's fault, or not that of one request.
type failures struct{ throttled, unavailable, failed string }

var (
	vietnamese = &failures{
		throttled:   "Sai client_id hoặc client_secret quá nhiều lần, hãy thử lại sau %d giây",
		unavailable: "Máy chủ tạm thời không truy cập được cơ sở dữ liệu, hãy thử lại sau",
		failed:      "Máy chủ gặp lỗi, hãy thử lại sau",
	}
	english = &failures{
		throttled:   "client_id or client_secret was wrong too often: try again in %d seconds",
		unavailable: "The server cannot reach its database at present: try again later",
		failed:      "The server has failed: try again later",
	}
)

func (e *tokenError) Error() string { return e.Code + ": " + e.Description }

// ServeToken exchanges a client's id and secret, the code of a person's sign-in, or a refresh token for a token: POST /connect/token
// (contract authentication, RFC 6749).
func (s *Service) ServeToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", notToBeStored)
	w.Header().Set("Pragma", "no-cache")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, &tokenError{Code: "invalid_request", Description: "Địa chỉ này chỉ nhận phương thức POST"})
		return
	}
	in, ok := readTokenRequest(w, r)
	if ok && (in.grantType == grantCode || in.grantType == grantRefresh) {
		token, refusal, err := s.personalToken(w, r, in.grantType)
		s.answer(w, r, english, token, refusal, err)
		return
	}
	token, refusal, err := s.token(w, r, &in, ok)
	s.answer(w, r, vietnamese, token, refusal, err)
}

// answer sends the answer to a request of a client, its refusal, or what failed.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, say *failures, body any, refusal *tokenError, err error) {
	var throttled throttledError
	switch {
	case errors.As(err, &throttled):
		w.Header().Set("Retry-After", strconv.FormatInt(throttled.seconds(), 10))
		writeJSON(w, http.StatusTooManyRequests, &tokenError{Code: "temporarily_unavailable", Description: fmt.Sprintf(say.throttled, throttled.seconds())})
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, db.ErrClosed), errors.Is(err, db.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		if errors.Is(err, db.ErrUnavailable) {
			s.db.Report(r.Context(), slog.Default(), "token request", err, "path", r.URL.Path)
		}
		w.Header().Set("Retry-After", "5")
		writeJSON(w, http.StatusServiceUnavailable, &tokenError{Code: "temporarily_unavailable", Description: say.unavailable})
	case err != nil:
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "token request", "error", err)
		}
		writeJSON(w, http.StatusInternalServerError, &tokenError{Code: "server_error", Description: say.failed})
	case refusal != nil && refusal.Code == "invalid_client" && w.Header().Get("WWW-Authenticate") != "":
		writeJSON(w, http.StatusUnauthorized, refusal)
	case refusal != nil:
		writeJSON(w, http.StatusBadRequest, refusal)
	default:
		writeJSON(w, http.StatusOK, body)
	}
}

// token gives a client its own token: the vendor's grant. ok is false if the request could not be read.
func (s *Service) token(w http.ResponseWriter, r *http.Request, in *tokenRequest, ok bool) (*tokenResponse, *tokenError, error) {
	refusal := func(code, sentence string) (*tokenResponse, *tokenError, error) {
		return nil, &tokenError{Code: code, Description: sentence}, nil
	}
	switch {
	case !ok:
		return refusal("invalid_request", "Không đọc được yêu cầu, hãy gửi dạng application/x-www-form-urlencoded, không quá 64 KiB")
	case in.grantType == "":
		return refusal("invalid_request", "Thiếu grant_type, phải là "+grantType)
	case !strings.EqualFold(in.grantType, grantType):
		return refusal("unsupported_grant_type", "grant_type phải là "+grantType)
	case in.clientID == "" || in.secret == "":
		return refusal("invalid_client", "Thiếu client_id hoặc client_secret")
	}
	c, accepted, now, err := s.compare(r, in.clientID, in.secret)
	if err != nil {
		return nil, nil, err
	}
	if !accepted {
		return nil, s.refuse(w, r, c, &tokenError{Code: "invalid_client", Description: wrongCredentials}), nil
	}
	if c.SignsIn() {
		return nil, s.refuse(w, r, c, &tokenError{
			Code: "unauthorized_client", Description: "Ứng dụng đăng nhập làm việc thay người dùng, không lấy token cho riêng nó",
		}), nil
	}
	granted := c.grantScopes(in.scopes + " " + in.scope)
	if len(granted) == 0 {
		return nil, s.refuse(w, r, c, &tokenError{Code: "invalid_scope", Description: "Phạm vi (scopes) phải chứa " + ScopePublic}), nil
	}
	token, err := s.issue(c, granted, now)
	s.noteUse(r.Context(), c, now)
	return &tokenResponse{AccessToken: token, ExpiresIn: tokenLife, TokenType: "Bearer", Scope: strings.Join(granted, " ")}, nil, err
}

// compare compares the secret of a client, with delays after failures.
func (s *Service) compare(r *http.Request, clientID, secret string) (c *clientState, accepted bool, now taphoa.Time, err error) {
	id, network := strings.ToLower(clientID), throttle.NetworkOf(r.RemoteAddr)
	if wait := s.throttle.Wait(id, network); wait > 0 {
		return nil, false, 0, throttledError(wait)
	}
	hash := hashSecret(secret)
	now = s.db.Now()
	c, err = s.client(r.Context(), id, now, clientMaxAge)
	if err == nil && !c.accepts(hash, now) {
		c, err = s.client(r.Context(), id, now, retryAge)
	}
	if err != nil {
		return nil, false, 0, err
	}
	accepted = c.accepts(hash, now)
	if wait := s.throttle.Settle(id, network, accepted); wait > 0 {
		return nil, false, 0, throttledError(wait)
	}
	return c, accepted, now, nil
}

// refuse returns an error of a token request, of which the log of requests is told if the client is known.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, c *clientState, e *tokenError) *tokenError {
	if s.options.Refused != nil && c.RetailerID != 0 {
		s.options.Refused(r, w.Header().Get("X-Request-Id"), c.Client, e.Code, cmp.Or(e.said, e.Description))
	}
	return e
}

// dummyHash is compared when there is no client, so that the response takes as long as for a wrong secret.
var dummyHash = strings.Repeat("-", len(hashSecret("")))

// accepts reports whether the client may have tokens for a secret with this hash. A clock that was ahead at the rotation lets the
// secret before count for no longer than it may.
func (c *clientState) accepts(hash string, now taphoa.Time) bool {
	equals := func(stored string) bool {
		return subtle.ConstantTimeCompare([]byte(cmp.Or(stored, dummyHash)), []byte(hash)) == 1
	}
	current, before := equals(c.SecretHash), equals(c.OldSecretHash)
	return (current || before && now < c.OldSecretUntil && c.OldSecretUntil <= now.Add(OverlapMax)) && c.IsActive
}

// grantScopes returns the requested scopes that the client has; the default request is ScopePublic (contract
// authentication, conflict "scopes or scope").
func (c *clientState) grantScopes(requested string) []string {
	wanted := strings.FieldsFunc(requested, func(r rune) bool { return strings.ContainsRune(" ,+\t\r\n", r) })
	if len(wanted) == 0 {
		wanted = []string{ScopePublic}
	}
	var granted []string
	for _, scope := range c.Scopes {
		if slices.ContainsFunc(wanted, func(w string) bool {
			return strings.EqualFold(w, scope) || scope == ScopePublic && strings.EqualFold(w, scopeShort)
		}) {
			granted = append(granted, scope)
		}
	}
	return granted
}

// Credentials returns the client's id and secret in a token request, empty where there are none. The request can be served afterwards.
func Credentials(w http.ResponseWriter, r *http.Request) (id, secret string) {
	in, _ := readTokenRequest(w, r)
	return strings.ToLower(in.clientID), in.secret
}

// ClientOf returns the client's id that the token of a request says; its signature is not looked at. Empty where there is none.
func ClientOf(r *http.Request) string {
	token, err := bearer(r)
	if err != nil || len(token) > maxTokenBytes {
		return ""
	}
	var c claims
	_, payload, _ := strings.Cut(token, ".")
	payload, _, _ = strings.Cut(payload, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(text, &c) != nil {
		return ""
	}
	return c.ClientID
}

// readTokenRequest reads each parameter from the first that has it: the body (a form, or JSON), the query, HTTP Basic. A
// proxy's own password in Basic therefore does no harm.
func readTokenRequest(w http.ResponseWriter, r *http.Request) (in tokenRequest, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		return in, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // for [readForm]
	form, err := readTokenBody(body)
	query, queryErr := url.ParseQuery(r.URL.RawQuery)
	if err != nil || queryErr != nil {
		return in, false
	}
	id, secret, _ := basicAuth(r)
	return tokenRequest{
		grantType: parameter("grant_type", form, query),
		clientID:  cmp.Or(parameter("client_id", form, query), strings.TrimSpace(id)),
		secret:    cmp.Or(parameter("client_secret", form, query), strings.TrimSpace(secret)),
		scopes:    parameter("scopes", form, query),
		scope:     parameter("scope", form, query),
	}, true
}

// basicAuth returns the id and the secret of HTTP Basic, in which some programs encode them as in a form (RFC 6749, section 2.3.1),
// hyphens included, and others do not. Ours have nothing that is changed by decoding.
func basicAuth(r *http.Request) (id, secret string, ok bool) {
	id, secret, ok = r.BasicAuth()
	if decoded, err := url.QueryUnescape(id); err == nil {
		id = decoded
	}
	if decoded, err := url.QueryUnescape(secret); err == nil {
		secret = decoded
	}
	return id, secret, ok
}

func readTokenBody(body []byte) (url.Values, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 || body[0] != '{' {
		return url.ParseQuery(string(body))
	}
	var members map[string]any
	err := json.Unmarshal(body, &members)
	form := url.Values{}
	for name, value := range members {
		switch value := value.(type) {
		case string:
			form.Add(name, value)
		case []any: // scopes
			for _, v := range value {
				if text, ok := v.(string); ok {
					form.Add(name, text)
				}
			}
		}
	}
	return form, err
}

// parameter returns the first value of a parameter that is not blank: under its documented name in any source, else under
// one in other letter cases, of several in a source the first of the alphabet.
func parameter(name string, sources ...url.Values) string {
	for _, source := range sources {
		if value := firstText(source[name]); value != "" {
			return value
		}
	}
	for _, source := range sources {
		var others []string
		for other := range source {
			if len(other) == len(name) && strings.EqualFold(other, name) {
				others = append(others, other)
			}
		}
		slices.Sort(others)
		for _, other := range others {
			if value := firstText(source[other]); value != "" {
				return value
			}
		}
	}
	return ""
}

// firstText returns the first value that is not blank, without the blanks around it.
func firstText(values []string) string {
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" {
			return value
		}
	}
	return ""
}

// ServeKeys serves the public keys: GET /.well-known/jwks.json (RFC 7517).
func (s *Service) ServeKeys(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", maxAgeOfKeys)
	serveDocument(w, r, s.keys().public(s.db.Now()))
}

// Base returns the URL at which a page shows the server to its reader, without a slash at its end: Options.PublicURL, or the
// one of the request. X-Forwarded-Proto is believed: the caller has removed that of peers that are not trusted.
func (s *Service) Base(r *http.Request) string {
	switch {
	case s.options.PublicURL != "":
		return s.options.PublicURL
	case !hostPattern.MatchString(r.Host): // it becomes part of commands to copy
		return s.options.LocalURL
	case r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"):
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// hostExpression is a name or an address with or without a port; it is stricter than package net/http.
const hostExpression = `([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?`

var (
	hostPattern   = regexp.MustCompile(`^` + hostExpression + `$`)
	publicPattern = regexp.MustCompile(`^(?i:https?)://` + hostExpression + `(/[A-Za-z0-9._~-]+)*/*$`)
)

// ParsePublicURL returns a value for Options.PublicURL, and whether the text is one: http or https, a host, perhaps a port
// and a path.
func ParsePublicURL(text string) (string, bool) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || !publicPattern.MatchString(text) || path.Join("/", u.Path) != cmp.Or(u.Path, "/") {
		return "", false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return u.Scheme + "://" + strings.ToLower(u.Host) + u.Path, err == nil
}

// issuer is Base for programs, which send their secrets there: a caller may choose among the names of this machine only.
func (s *Service) issuer(r *http.Request) string {
	if s.options.PublicURL == "" && !IsLoopback(r.Host) {
		return s.options.LocalURL
	}
	return s.Base(r)
}

// IsLoopback reports whether the host of a request, with or without a port, is a name or an address of this machine's
// loopback interface: localhost and names below it (RFC 6761, section 6.3), 127.0.0.0/8, ::1.
func IsLoopback(host string) bool {
	if !hostPattern.MatchString(host) {
		return false
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.Unmap().IsLoopback()
}

func serveDocument(w http.ResponseWriter, r *http.Request, document any) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.Header().Set("Cache-Control", notToBeStored)
		writeJSON(w, http.StatusMethodNotAllowed, &tokenError{Code: "invalid_request", Description: "The method must be GET"})
		return
	}
	writeJSON(w, http.StatusOK, document)
}

// Refuse sends the error of a token request (RFC 6749, section 5.2) with a sentence, before its credentials are looked at.
func Refuse(w http.ResponseWriter, status int, code, sentence string) {
	w.Header().Set("Cache-Control", notToBeStored)
	writeJSON(w, status, &tokenError{Code: code, Description: sentence})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		slog.Error("token answer", "error", err)
		status, text = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client may have disconnected
}
