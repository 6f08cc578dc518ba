package oauth

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// Identity is the caller of a request, from its token and the client's row.
type Identity struct {
	ClientID     string
	Retailer     int64
	RetailerCode string
	User         int64
	Scopes       []string    // shared, do not change
	Held         *right.Held // what the user may do; nil for clients, which act as the owner
	Grant        int64       // by which a person lets the client act; 0: it acts for itself
}

// Allows reports whether the token grants a scope.
func (i *Identity) Allows(scope string) bool { return slices.Contains(i.Scopes, scope) }

// verified is a cached token whose signature was checked.
type verified struct {
	clientID   string
	generation taphoa.Time
	expires    taphoa.Time
	scopes     []string
	grant      int64 // of a person; 0: the client acts for itself
	key        *signingKey
}

// Verify returns the identity of a token. A token that is not valid is refused with [taphoa.KindUnauthorized]; any other
// error is one of the server. With a refusal the identity says at most whose token it was, without scopes.
//
// There is no leeway at exp. The claim nbf is not checked: a server whose clock is late would refuse a token that another
// has just issued.
func (s *Service) Verify(ctx context.Context, token string) (Identity, error) {
	return s.verify(ctx, token, clientMaxAge)
}

// verify is Verify with a client that was read less than age ago.
func (s *Service) verify(ctx context.Context, token string, age taphoa.Time) (Identity, error) {
	if token == "" {
		return Identity{}, errNoToken()
	}
	if len(token) > maxTokenBytes {
		return Identity{}, errBadToken() // before hashing it
	}
	var buffer [1536]byte // avoids an allocation for tokens of the usual length
	sum := sha256.Sum256(append(buffer[:0], token...))
	v, cached := s.verified.get(sum)
	now := s.db.Now()
	if cached && !s.keys().has(v.key, now) {
		return Identity{}, errBadToken()
	}
	if !cached {
		c, key, err := s.parse(token)
		if err != nil {
			return Identity{}, err
		}
		grant, _ := strconv.ParseInt(c.GrantID, 10, 64) // it is one of ours
		v = &verified{c.ClientID, c.generation(), taphoa.Time(c.Expires) * second, c.Scope, grant, key}
	}
	client, err := s.client(ctx, v.clientID, now, age)
	if err == nil && client.TokensFrom < v.generation { // issued by a process with a newer row
		client, err = s.client(ctx, v.clientID, now, 0)
	}
	if err != nil {
		return Identity{}, err
	}
	who := Identity{ClientID: v.clientID, Retailer: client.RetailerID, RetailerCode: client.RetailerCode, User: client.UserID}
	switch {
	case now >= v.expires:
		return who, unauthorized("Token đã hết hạn, hãy lấy token mới tại /connect/token")
	case !client.IsActive || client.TokensFrom != v.generation:
		return who, unauthorized("Token đã bị thu hồi, hãy lấy token mới tại /connect/token")
	}
	may := client.may
	if v.grant != 0 {
		g, err := s.grant(ctx, client.RetailerID, v.grant, now, age)
		if err != nil {
			return Identity{}, err
		}
		if who.User = g.UserID; !g.active || g.ClientID != v.clientID {
			return who, unauthorized("Token đã bị thu hồi, hãy đăng nhập lại")
		}
		may = g.may
	}
	if !cached {
		s.verified.put(sum, v, 0)
	}
	who.Scopes, who.Held, who.Grant = v.scopes, may, v.grant
	return who, nil
}

// Authenticate returns the caller of a request, by its headers Authorization and Retailer (contract authentication,
// request_headers). It refuses with [taphoa.KindUnauthorized].
func (s *Service) Authenticate(r *http.Request) (Identity, error) {
	return s.authenticate(r, clientMaxAge)
}

// Recheck is [Service.Authenticate] again, while a response is being written: see [RecheckEvery].
func (s *Service) Recheck(r *http.Request) (Identity, error) { return s.authenticate(r, recheckAge) }

func (s *Service) authenticate(r *http.Request, age taphoa.Time) (Identity, error) {
	token, err := bearer(r)
	if err != nil {
		return Identity{}, err
	}
	identity, err := s.verify(r.Context(), token, age)
	if err != nil {
		return identity, err
	}
	known := Identity{ClientID: identity.ClientID, Retailer: identity.Retailer, RetailerCode: identity.RetailerCode, User: identity.User}
	switch shop := text.Clean(r.Header.Get("Retailer")); {
	case shop == "":
		return known, unauthorized("Thiếu tên gian hàng, hãy gửi header Retailer")
	case text.CodeKey(shop) != text.CodeKey(identity.RetailerCode):
		return known, unauthorized("Shop's name is invalid")
	}
	return identity, nil
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
