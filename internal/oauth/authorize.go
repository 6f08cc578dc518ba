package oauth

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
)

// Scopes of OpenID Connect, which every client that people sign in to may ask for.
const (
	ScopeOpenID  = "openid"
	ScopeProfile = "profile"
	ScopeEmail   = "email"
	scopeOffline = "offline_access" // for refresh tokens
)

var personalScopes = []string{ScopeOpenID, ScopeProfile, ScopeEmail, scopeOffline}

// AuthorizePath is where people sign in to a client (RFC 6749, section 3.1).
const AuthorizePath = "/connect/authorize"

// askedName is a parameter of our own: when the person was sent to give the password again, in microseconds.
const askedName = "taphoa_asked"

const parameterMax = 2000 // bytes, of state and nonce

// Prompts that a client may ask for (OpenID Connect Core, section 3.1.2.1).
var prompts = []string{"none", "login", "consent", "select_account"}

// Authorization is a request of a client whose address to send people back to is known. [Service.ReadAuthorization] makes it.
type Authorization struct {
	Client      Client
	ShopCode    string
	RedirectURI string
	Scopes      []string
	Challenge   string // of PKCE; empty: none
	Nonce       string

	state  string
	issuer string
	prompt []string
	maxAge taphoa.Opt[int64] // seconds
	hinted int64             // the user of id_token_hint; 0: none
	asked  taphoa.Time
	query  url.Values
}

// AuthorizationError is what a client is told instead of a code: the person is sent to Location.
type AuthorizationError struct {
	Code, Description string // RFC 6749, section 4.1.2.1
	Location          string
}

func (e *AuthorizationError) Error() string { return e.Code + ": " + e.Description }

// Why a request is denied whose person is known, or is to be.
const (
	LoginRequired   = "login_required"
	ConsentRequired = "consent_required"
	AccessDenied    = "access_denied"
)

var denials = map[string]string{
	LoginRequired: "The person is not signed in, or has to type the password again", ConsentRequired: "The person has not allowed this program yet",
	AccessDenied: "The person does not allow it",
}

// Deny is the error for a client that gets no code.
func (a *Authorization) Deny(code string) error { return a.deny(code, denials[code]) }

// deny is the error with a description, in ASCII, for the developers of the client.
func (a *Authorization) deny(code, description string) error {
	return &AuthorizationError{code, description, a.answer("error", code, "error_description", description)}
}

// answer is where the person is sent with parameters, which come in pairs.
func (a *Authorization) answer(pairs ...string) string {
	q := url.Values{"state": {a.state}, "iss": {a.issuer}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return withParameters(a.RedirectURI, q)
}

// ReadAuthorization reads the parameters of an authorization request. A client or an address that is not known is refused with a
// [taphoa.Error], which is for the person; everything else with an [AuthorizationError], which is for the client.
func (s *Service) ReadAuthorization(r *http.Request, query url.Values) (*Authorization, error) {
	c, err := s.client(r.Context(), strings.ToLower(query.Get("client_id")), s.db.Now(), clientMaxAge)
	switch {
	case err != nil:
		return nil, err
	case c.ClientID == "" || !c.IsActive || len(query["client_id"]) != 1:
		return nil, taphoa.NotFound(taphoa.CodeValidate, "Ứng dụng đang yêu cầu đăng nhập không có ở đây, hoặc đã bị thu hồi")
	case !c.SignsIn():
		return nil, taphoa.Refuse(taphoa.CodeValidate, "", "%s không phải ứng dụng để đăng nhập: nó gọi API bằng mật khẩu riêng", c.Name)
	case len(query["redirect_uri"]) != 1 || !registered(c.Redirects, query.Get("redirect_uri")):
		return nil, taphoa.Refuse(taphoa.CodeValidate, "",
			"%s muốn đưa bạn đến một địa chỉ chưa được đăng ký. Đừng tiếp tục nếu bạn không chắc; người quản trị sửa được ở trang kết nối", c.Name)
	}
	a := &Authorization{
		Client: c.Client, ShopCode: c.RetailerCode, RedirectURI: query.Get("redirect_uri"), issuer: s.issuer(r), query: query,
		Challenge: query.Get("code_challenge"), Nonce: query.Get("nonce"), prompt: strings.Fields(query.Get("prompt")),
	}
	if state := query.Get("state"); len(state) <= parameterMax {
		a.state = state
	}
	return a, s.judge(a)
}

var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // 256 bits

// judge refuses what a client may not ask for.
func (s *Service) judge(a *Authorization) error {
	q := a.query
	for name, values := range q {
		if len(values) > 1 {
			return a.deny("invalid_request", "The parameter "+printable(name)+" is there more than once")
		}
	}
	has := func(name string) bool { return q.Get(name) != "" }
	switch {
	case has("request"):
		return a.deny("request_not_supported", "The parameter request is not supported")
	case has("request_uri"):
		return a.deny("request_uri_not_supported", "The parameter request_uri is not supported")
	case has("registration"):
		return a.deny("registration_not_supported", "The parameter registration is not supported")
	case !has("response_type"):
		return a.deny("invalid_request", "response_type is missing: it must be code")
	case q.Get("response_type") != "code":
		return a.deny("unsupported_response_type", "response_type must be code")
	case has("response_mode") && q.Get("response_mode") != "query":
		return a.deny("invalid_request", "response_mode must be query")
	case len(q.Get("state")) > parameterMax || len(a.Nonce) > parameterMax:
		return a.deny("invalid_request", "state and nonce must have at most "+strconv.Itoa(parameterMax)+" bytes")
	case a.Challenge == "" && (a.Client.Public || has("code_challenge_method")):
		return a.deny("invalid_request", "code_challenge is missing (PKCE, RFC 7636)")
	case a.Challenge != "" && q.Get("code_challenge_method") != "S256":
		return a.deny("invalid_request", "code_challenge_method must be S256")
	case a.Challenge != "" && !challengePattern.MatchString(a.Challenge):
		return a.deny("invalid_request", "code_challenge must be a SHA-256 in base64url, 43 characters")
	}
	if err := a.readScopes(q.Get("scope")); err != nil {
		return err
	}
	return s.readPerson(a)
}

// readScopes reads which scopes are asked for; without any it is [ScopePublic]. What is unknown is left out (OpenID Connect Core,
// section 3.1.2.1).
func (a *Authorization) readScopes(requested string) error {
	wanted := strings.Fields(requested)
	if len(wanted) == 0 {
		wanted = []string{ScopePublic}
	}
	for _, scope := range slices.Concat(scopes, personalScopes) {
		switch {
		case !slices.Contains(wanted, scope):
		case slices.Contains(scopes, scope) && !slices.Contains(a.Client.Scopes, scope):
			return a.deny("invalid_scope", "This program may not have the scope "+scope)
		default:
			a.Scopes = append(a.Scopes, scope)
		}
	}
	if len(a.Scopes) == 0 || len(a.Scopes) == 1 && a.Scopes[0] == scopeOffline {
		return a.deny("invalid_scope", "scope must have "+ScopePublic+" or "+ScopeOpenID)
	}
	return nil
}

// readPerson reads what is said about the person.
func (s *Service) readPerson(a *Authorization) error {
	for _, p := range a.prompt {
		if !slices.Contains(prompts, p) || p == "none" && len(a.prompt) > 1 {
			return a.deny("invalid_request", "prompt must be none, or some of login, consent and select_account")
		}
	}
	if text := a.query.Get("max_age"); text != "" {
		age, err := strconv.ParseInt(text, 10, 32)
		if err != nil || age < 0 {
			return a.deny("invalid_request", "max_age must be a number of seconds")
		}
		a.maxAge = taphoa.Some(age)
	}
	if hint := a.query.Get("id_token_hint"); hint != "" {
		user, client := s.ReadHint(hint)
		if client != a.Client.ClientID {
			return a.deny("invalid_request", "id_token_hint is not of this program")
		}
		a.hinted = user
	}
	asked, _ := strconv.ParseInt(a.query.Get(askedName), 10, 64) // who makes it up, asks for less
	a.asked = taphoa.Time(asked)
	return nil
}

// Silent reports that the person is to be asked nothing: what would need that is an error.
func (a *Authorization) Silent() bool { return slices.Contains(a.prompt, "none") }

// AsksAgain reports that the person is to be asked, whatever was allowed before: the client says so, or it is an app on a
// person's machine, whose place another one may have taken (RFC 8252, section 8.6).
func (a *Authorization) AsksAgain() bool {
	return slices.Contains(a.prompt, "consent") || slices.Contains(a.prompt, "select_account") || a.Client.Public && !strings.HasPrefix(a.RedirectURI, "https:")
}

// Fits reports whether a session is of a person that the request is for: of the client's shop, and the one that was named.
func (a *Authorization) Fits(who *access.Session) bool {
	return who.Retailer == a.Client.RetailerID && (a.hinted == 0 || a.hinted == who.User)
}

// WantsPassword reports whether the person is to give the password again. Who has none cannot be asked.
func (a *Authorization) WantsPassword(who *access.Session, now taphoa.Time) bool {
	if !who.Password || a.asked != 0 && who.Confirmed >= a.asked && who.Confirmed.Add(time.Hour) > now {
		return false
	}
	old := a.maxAge.Has() && who.Confirmed.Add(time.Duration(a.maxAge.Value)*time.Second) < now
	return slices.Contains(a.prompt, "login") || old
}

// Address is the request, as an address of this server. With asked it says when the password was asked for.
func (a *Authorization) Address(asked taphoa.Time) string {
	q := url.Values{}
	for name, values := range a.query {
		q[name] = values
	}
	if asked != 0 {
		q.Set(askedName, strconv.FormatInt(int64(asked), 10))
	}
	return AuthorizePath + "?" + q.Encode()
}

// Target is where the person is sent, as people read it: the host, or the scheme of an app.
func (a *Authorization) Target() string {
	u, err := url.Parse(a.RedirectURI)
	if err != nil || u.Host == "" || appURI.MatchString(a.RedirectURI) {
		scheme, _, _ := strings.Cut(a.RedirectURI, ":")
		return scheme
	}
	return u.Host
}

// printable is a name that a caller has chosen, for a sentence.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, name[:min(len(name), 40)])
}
