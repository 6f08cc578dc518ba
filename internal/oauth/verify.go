package oauth

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
)

// Identity is who calls, as its token and the client's row say.
type Identity struct {
	ClientID     string
	Retailer     int64
	RetailerCode string
	User         int64
	Scopes       []string // shared: not to be changed
}

// Allows reports whether the token grants a scope.
func (i *Identity) Allows(scope string) bool { return slices.Contains(i.Scopes, scope) }

// verified is what is kept of a token whose signature was checked.
type verified struct {
	clientID   string
	generation taphoa.Time
	expires    taphoa.Time
	scopes     []string
}

// Verify answers whose token it is, or why it is none: an error of kind [taphoa.KindUnauthorized]. Any other error is
// ours.
//
// There is no leeway at exp. The claim nbf is not checked: the server whose clock is behind would refuse what another
// has just issued.
func (s *Service) Verify(ctx context.Context, token string) (Identity, error) {
	return s.verify(ctx, token, clientAge)
}

// verify is Verify with what was seen of the client not longer than age ago.
func (s *Service) verify(ctx context.Context, token string, age taphoa.Time) (Identity, error) {
	if token == "" {
		return Identity{}, errNoToken()
	}
	if len(token) > tokenMax {
		return Identity{}, errBadToken() // not worth a hash
	}
	var buffer [1536]byte // spares an allocation for tokens of the usual length
	sum := sha256.Sum256(append(buffer[:0], token...))
	v, known := s.verified.get(sum)
	if !known {
		c, err := s.parse(token)
		if err != nil {
			return Identity{}, err
		}
		v = &verified{c.ClientID, c.generation(), taphoa.Time(c.Expires) * second, c.Scope}
	}
	now := s.db.Now()
	if now >= v.expires {
		return Identity{}, unauthorized("Token đã hết hạn, hãy lấy token mới tại /connect/token")
	}
	client, err := s.client(ctx, v.clientID, now, age)
	if err == nil && client.TokensFrom < v.generation { // another process has seen a newer row than we have
		client, err = s.client(ctx, v.clientID, now, 0)
	}
	if err != nil {
		return Identity{}, err
	}
	if !client.IsActive || client.TokensFrom != v.generation {
		return Identity{}, unauthorized("Token đã bị thu hồi, hãy lấy token mới tại /connect/token")
	}
	if !known {
		s.verified.put(sum, v, 0)
	}
	return Identity{
		ClientID: v.clientID, Retailer: client.RetailerID, RetailerCode: client.RetailerCode,
		User: client.UserID, Scopes: v.scopes,
	}, nil
}

// Authenticate answers who sends a request, by its headers Authorization and Retailer (contract authentication,
// request_headers). Its refusals are of kind [taphoa.KindUnauthorized].
func (s *Service) Authenticate(r *http.Request) (Identity, error) {
	return s.authenticate(r, clientAge)
}

// Recheck refuses a request that is still being answered when its token has come to an end since: see [RecheckEvery].
func (s *Service) Recheck(r *http.Request) error {
	_, err := s.authenticate(r, recheckAge)
	return err
}

func (s *Service) authenticate(r *http.Request, age taphoa.Time) (Identity, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Identity{}, errNoToken()
	}
	who, err := s.verify(r.Context(), strings.TrimSpace(token), age)
	if err != nil {
		return Identity{}, err
	}
	switch shop := strings.TrimSpace(r.Header.Get("Retailer")); {
	case shop == "":
		return Identity{}, unauthorized("Thiếu tên gian hàng, hãy gửi header Retailer")
	case !strings.EqualFold(shop, who.RetailerCode):
		return Identity{}, unauthorized("Shop's name is invalid")
	}
	return who, nil
}

func errNoToken() error {
	return unauthorized("Thiếu token, hãy gửi header Authorization: Bearer <access_token>")
}

func errBadToken() error {
	return unauthorized("Token không hợp lệ, hãy lấy token mới tại /connect/token")
}

func unauthorized(sentence string) error {
	return &taphoa.Error{Kind: taphoa.KindUnauthorized, Code: taphoa.CodeToken, Message: sentence}
}
