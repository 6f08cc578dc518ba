package oauth

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
)

// userInfo says who has signed in (OpenID Connect Core, section 5.3).
type userInfo struct {
	Subject  string `json:"sub"`
	Name     string `json:"name,omitempty"`
	UserName string `json:"preferred_username,omitempty"`
	Email    string `json:"email,omitempty"`
	Retailer string `json:"retailer"` // the shop's code, as the header Retailer has it
}

// ServeUserInfo says whose token a request has: GET or POST /connect/userinfo.
func (s *Service) ServeUserInfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", notToBeStored)
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		writeJSON(w, http.StatusMethodNotAllowed, &tokenError{Code: "invalid_request", Description: "The method must be GET or POST"})
		return
	}
	info, err := s.userInfo(r)
	refusal, e := (*tokenError)(nil), (*taphoa.Error)(nil)
	switch {
	case errors.As(err, &refusal): // insufficient_scope
		w.Header().Set("WWW-Authenticate", `Bearer realm="Taphoa", error="`+refusal.Code+`", scope="`+ScopeOpenID+`"`)
		writeJSON(w, http.StatusForbidden, refusal)
	case errors.As(err, &e) && e.Kind == taphoa.KindUnauthorized:
		challenge := `Bearer realm="Taphoa"`
		if r.Header.Get("Authorization") != "" {
			challenge += `, error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		writeJSON(w, http.StatusUnauthorized, &tokenError{Code: "invalid_token", Description: "The token is missing, wrong, has expired, or was revoked"})
	default:
		s.answer(w, r, english, info, nil, err)
	}
}

func (s *Service) userInfo(r *http.Request) (*userInfo, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	who, err := s.Verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if who.Grant == 0 || !who.Allows(ScopeOpenID) {
		return nil, &tokenError{Code: "insufficient_scope", Description: "The token is not of a person who has signed in with the scope " + ScopeOpenID}
	}
	info := &userInfo{Subject: strconv.FormatInt(who.User, 10), Retailer: who.RetailerCode}
	return info, s.db.Read(r.Context(), db.Actor{Retailer: who.Retailer}, func(tx *db.Tx) error {
		_, account, _, err := access.HoldsAs(tx, who.User)
		if who.Allows(ScopeProfile) {
			info.Name, info.UserName = account.GivenName, account.UserName
		}
		if who.Allows(ScopeEmail) {
			info.Email = account.Email
		}
		return err
	})
}

// ServeRevocation ends a token of the client that asks: POST /connect/revocation (RFC 7009). With a token of a person, of whichever
// kind, the sign-in ends that it comes from; with a token of the client itself, all that it has so far.
func (s *Service) ServeRevocation(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", notToBeStored)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, &tokenError{Code: "invalid_request", Description: "The method must be POST"})
		return
	}
	refusal, err := s.revoke(w, r)
	s.answer(w, r, english, &struct{}{}, refusal, err)
}

func (s *Service) revoke(w http.ResponseWriter, r *http.Request) (refusal *tokenError, err error) {
	form, refusal := readForm(w, r)
	if refusal != nil {
		return refusal, nil
	}
	c, _, refusal, err := s.clientOf(w, r, form)
	if refusal != nil || err != nil {
		return refusal, err
	}
	token := form.Get("token")
	if token == "" {
		return &tokenError{Code: "invalid_request", Description: "token is missing"}, nil
	}
	actor, ended := db.Actor{Retailer: c.RetailerID, Client: c.ClientID, WithoutHead: true}, int64(0)
	switch code, _ := splitRefresh(token); {
	case code != "":
		err = s.db.Read(r.Context(), actor, func(tx *db.Tx) error { // what is made up is to take no turn of who writes
			g, _, err := findGrant(tx, code, c.ClientID, "")
			ended = g.ID
			return err
		})
		if err == nil && ended != 0 {
			err = s.db.Write(r.Context(), actor, func(tx *db.Tx) error { endGrant(tx, ended); return nil })
		}
	default:
		who, failed := s.Verify(r.Context(), token)
		if e := (*taphoa.Error)(nil); failed != nil && !errors.As(failed, &e) {
			return nil, failed
		}
		switch {
		case failed != nil || who.ClientID != c.ClientID: // it has ended, or is not the client's to end
		case who.Grant != 0:
			ended = who.Grant
			err = s.db.Write(r.Context(), actor, func(tx *db.Tx) error { endGrant(tx, who.Grant); return nil })
		default:
			actor.WithoutHead = false
			err = s.db.Write(r.Context(), actor, func(tx *db.Tx) error {
				audit.Operation(tx, "revokeTokens", "connections")
				noteClient(tx, c.ClientID, c.Name)
				_, err := tx.Exec(`UPDATE oauth_clients SET `+nextGeneration+` WHERE retailer_id = :retailer AND client_id = ?`, c.ClientID)
				return err
			})
			s.Forget(c.ClientID)
		}
	}
	if ended != 0 {
		s.grants.delete(ended)
	}
	return nil, err
}

// bearer returns the token of a request.
func bearer(r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", errNoToken()
	}
	return strings.TrimSpace(token), nil
}

// App is a client that a person has allowed something.
type App struct {
	ClientID  string
	Name      string
	ScopeText string   `db:"scopes"` // blank-separated
	Scopes    []string `db:"-"`
	CreatedAt taphoa.Time
	UsedAt    taphoa.Time
}

// Apps lists the clients that a user has allowed something, the last used first.
func Apps(tx *db.Tx, user int64) ([]App, error) {
	all, err := db.All[App](tx, `
		SELECT s.client_id, c.name, s.scopes, s.created_at, s.used_at FROM oauth_consents s JOIN oauth_clients c ON c.retailer_id = s.retailer_id AND c.client_id = s.client_id
		WHERE s.retailer_id = :retailer AND s.user_id = ? AND c.is_active ORDER BY s.used_at DESC, s.client_id`, user)
	for i := range all {
		all[i].Scopes = strings.Fields(all[i].ScopeText)
	}
	return all, err
}

// Disconnect ends what a user has allowed a client, with all tokens of that.
func Disconnect(tx *db.Tx, user int64, clientID string) error {
	clientID = strings.ToLower(clientID)
	scopes, found, err := db.One[string](tx, `
		DELETE FROM oauth_consents WHERE retailer_id = :retailer AND user_id = ? AND client_id = ? RETURNING scopes`, user, clientID)
	if err != nil {
		return err
	}
	tx.Queue(`DELETE FROM oauth_grants WHERE retailer_id = :retailer AND user_id = ? AND client_id = ?`, user, clientID)
	if found {
		c, err := findClient(tx, clientID, "")
		if err != nil {
			return err
		}
		noteClient(tx, clientID, c.Name)
		audit.Value(tx, "scopes", scopes, nil)
	}
	return nil
}

// EndEverything ends the sign-ins to clients of all shops, and asks everybody again: the database is that of a backup, in which are
// some that have ended since.
func EndEverything(tx *db.Tx) {
	tx = tx.Everywhere()
	tx.Queue(`DELETE FROM oauth_consents`)
	tx.Queue(`DELETE FROM oauth_grants`)
}

// LogoutURI returns where a person is sent after signing out of a client, with a state; empty where the client has registered no such
// address. The client is that of an ID token, or named by its id.
func (s *Service) LogoutURI(r *http.Request, clientID, uri, state string) (string, error) {
	c, err := s.client(r.Context(), strings.ToLower(clientID), s.db.Now(), clientMaxAge)
	if err != nil || uri == "" || len(state) > parameterMax || !c.IsActive || !registered(c.Logouts, uri) {
		return "", err
	}
	return withParameters(uri, map[string][]string{"state": {state}}), nil
}

// ForgetGrants removes what is known of sign-ins to clients. Call it after the commit of [Disconnect], so that it takes effect in this
// process at once.
func (s *Service) ForgetGrants() { s.grants.clear() }
