package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
)

// Scopes that a client may have. Every client has ScopePublic.
const (
	ScopePublic = "PublicApi.Access" // the vendor's API
	ScopeAdmin  = "Taphoa.Admin"     // writes of records that the vendor's API can only read
)

var scopes = []string{ScopePublic, ScopeAdmin}

// Client is a program that may ask for tokens of one shop.
type Client struct {
	ClientID    string // UUID in lower case
	RetailerID  int64
	UserID      int64 // on whose behalf it acts
	Name        string
	Scopes      []string
	IsActive    bool
	TokensFrom  taphoa.Time // the generation of tokens that are valid
	CreatedDate taphoa.Time

	PersonID       int64       // a user by whose rights it acts, and with whose account it ends; 0: none
	RoleID         int64       // a role by which it acts; 0: none. Without both it acts as the owner
	BranchID       int64       // where it acts; 0: the whole shop
	OldSecretUntil taphoa.Time // until when the secret before counts
	UsedAt         taphoa.Time // when it last asked for a token, to ten minutes; 0: never
	Version        string      `db:"-"` // of its secret, by [GetClient] alone; see [RotateSecretOnce]

	Redirects []string `db:"-"`         // where people who sign in to it are sent; empty: no one does, and it acts for itself
	Logouts   []string `db:"-"`         // where they may be sent after signing out
	Public    bool     `db:"is_public"` // has no secret: an app on people's machines
}

// SignsIn reports whether people sign in to the client. It then acts for them, and not for itself.
func (c *Client) SignsIn() bool { return len(c.Redirects) > 0 }

// ClientInput registers a client.
type ClientInput struct {
	Name     string
	Scopes   []string // beyond ScopePublic
	UserID   int64    // 0 for the shop's super administrator
	ClientID string   // a UUID; empty for a new one
	Secret   string   // 40 hex digits in upper case; empty for a new one

	PersonID, RoleID, BranchID int64    // as in [Client]
	Redirects, Logouts         []string // likewise
	Public                     bool     // likewise; it has no secret then
	AnyShape                   bool     // ClientID and Secret are of a program that was written elsewhere: any text of at most 255 characters
}

// clientRow is a client as it is stored.
type clientRow struct {
	Client
	ScopeText    string `db:"scopes"` // blank-separated
	SecretHash   string // hex of SHA-256
	RetailerCode string `db:"code"`

	OldSecretHash string // empty: there is none

	RedirectText string `db:"redirect_uris"` // one a line
	LogoutText   string `db:"logout_uris"`
}

// fill sets the lists.
func (r *clientRow) fill() {
	r.Scopes = strings.Fields(r.ScopeText)
	if r.RedirectText != "" {
		r.Redirects = strings.Fields(r.RedirectText)
	}
	if r.LogoutText != "" {
		r.Logouts = strings.Fields(r.LogoutText)
	}
}

const clientColumns = `c.client_id, c.retailer_id, c.user_id, c.name, c.scopes, c.is_active, c.tokens_from, c.created_date,
	c.person_id, c.role_id, c.branch_id, c.old_secret_until, c.redirect_uris, c.logout_uris, c.secret_hash = '' AS is_public,
	COALESCE((SELECT u.used_at FROM oauth_client_uses u WHERE u.retailer_id = c.retailer_id AND u.client_id = c.client_id), 0) AS used_at`

var (
	clientIDPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	secretPattern   = regexp.MustCompile(`^[0-9A-F]{40}$`)
)

const maxNameLength = 255 // characters

// CreateClient registers a client of the shop and returns it with its secret, which cannot be read again.
func CreateClient(tx *db.Tx, in ClientInput) (Client, string, error) {
	in.Name = strings.TrimSpace(in.Name)
	in.ClientID = strings.ToLower(in.ClientID)
	if in.ClientID == "" {
		in.ClientID = newClientID()
	}
	if in.Secret == "" && !in.Public {
		in.Secret = newSecret()
	}
	if err := in.validate(); err != nil {
		return Client{}, "", err
	}
	_, used, err := db.One[int64](tx.Everywhere(), `SELECT retailer_id FROM oauth_clients WHERE client_id = ?`, in.ClientID)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "clientId", "Mã ứng dụng (clientId) %s đã tồn tại", in.ClientID)
	}
	if err != nil {
		return Client{}, "", err
	}
	if in.PersonID != 0 {
		in.UserID = in.PersonID
	}
	user, err := org.FindSeller(tx, "userId", in.UserID)
	if err == nil {
		err = in.bounds(tx)
	}
	if err != nil {
		return Client{}, "", err
	}
	row := clientRow{SecretHash: in.hash(), RedirectText: strings.Join(in.Redirects, "\n"), LogoutText: strings.Join(in.Logouts, "\n"), Client: Client{
		ClientID: in.ClientID, RetailerID: tx.Retailer, UserID: user.ID, Name: in.Name,
		IsActive: true, TokensFrom: tx.Now, CreatedDate: tx.Now, PersonID: in.PersonID, RoleID: in.RoleID, BranchID: in.BranchID,
		Redirects: in.Redirects, Logouts: in.Logouts, Public: in.Public,
	}}
	for _, scope := range scopes {
		if scope == ScopePublic || slices.Contains(in.Scopes, scope) {
			row.Scopes = append(row.Scopes, scope)
		}
	}
	row.ScopeText = strings.Join(row.Scopes, " ")
	tx.Queue(`
		INSERT INTO oauth_clients (client_id, retailer_id, user_id, name, secret_hash, scopes, is_active, tokens_from, created_date,
			person_id, role_id, branch_id, redirect_uris, logout_uris)
		VALUES (:client_id, :retailer, :user_id, :name, :secret_hash, :scopes, TRUE, :now, :now, :person_id, :role_id, :branch_id,
			:redirect_uris, :logout_uris)`, &row)
	noteClient(tx, row.ClientID, row.Name)
	audit.Value(tx, "scopes", nil, row.ScopeText)
	for _, bound := range []struct {
		member string
		id     int64
	}{{"personId", in.PersonID}, {"roleId", in.RoleID}, {"branchId", in.BranchID}} {
		if bound.id != 0 {
			audit.Value(tx, bound.member, nil, bound.id)
		}
	}
	if len(in.Redirects) > 0 {
		audit.Value(tx, "redirects", nil, row.RedirectText)
	}
	return row.Client, in.Secret, nil
}

// hash is that of the secret; empty for a public client.
func (in *ClientInput) hash() string {
	if in.Public {
		return ""
	}
	return hashSecret(in.Secret)
}

func (in *ClientInput) validate() error {
	switch {
	case in.Name == "" || !utf8.ValidString(in.Name) || strings.ContainsFunc(in.Name, unicode.IsControl):
		return taphoa.Refuse(taphoa.CodeValidate, "name", "Tên ứng dụng (name) không được để trống hay chứa ký tự điều khiển")
	case utf8.RuneCountInString(in.Name) > maxNameLength:
		return taphoa.Refuse(taphoa.CodeValidate, "name", "Tên ứng dụng (name) không được dài quá %d ký tự", maxNameLength)
	case in.AnyShape && (!plainText(in.ClientID) || !plainText(in.Secret)):
		return taphoa.Refuse(taphoa.CodeValidate, "clientId", "clientId và clientSecret phải có từ 1 đến %d ký tự không dấu, không có khoảng trắng", maxNameLength)
	case in.AnyShape:
	case !clientIDPattern.MatchString(in.ClientID):
		return taphoa.Refuse(taphoa.CodeValidate, "clientId",
			"Mã ứng dụng (clientId) phải là một UUID, ví dụ de300000-0000-4000-8000-000000000001")
	case in.Public && in.Secret != "":
		return taphoa.Refuse(taphoa.CodeValidate, "secret", "Ứng dụng công khai không có mật khẩu (secret)")
	case !in.Public && !secretPattern.MatchString(in.Secret):
		return taphoa.Refuse(taphoa.CodeValidate, "secret", "Mật khẩu ứng dụng (secret) phải gồm đúng 40 chữ số hex viết hoa")
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(scopes, scope) {
			return taphoa.Refuse(taphoa.CodeValidate, "scopes", "Phạm vi (scopes) %s không tồn tại, chỉ có %s",
				scope, strings.Join(scopes, ", "))
		}
	}
	return in.validateURIs()
}

// NewCredentials returns an id and a secret for a client that is to be registered.
func NewCredentials() (id, secret string) { return newClientID(), newSecret() }

// plainText reports whether a text can be the id or the secret of a program that was written elsewhere.
func plainText(s string) bool {
	return s != "" && len(s) <= maxNameLength && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// bounds refuses what cannot bound a client.
func (in *ClientInput) bounds(tx *db.Tx) error {
	switch {
	case in.PersonID != 0 && in.RoleID != 0:
		return taphoa.Refuse(taphoa.CodeValidate, "role", "Kết nối theo quyền của một người (user) hoặc của một vai trò (role), không phải cả hai")
	case in.BranchID != 0 && in.PersonID == 0 && in.RoleID == 0:
		return taphoa.Refuse(taphoa.CodeValidate, "branch", "Chi nhánh (branch) chỉ đi với một vai trò (role) hoặc một người (user)")
	}
	if in.RoleID != 0 {
		if _, err := access.RoleOf(tx, in.RoleID); err != nil {
			return err
		}
	}
	if in.BranchID == 0 {
		return nil
	}
	_, err := org.GetBranch(tx, &taphoa.ByID{ID: in.BranchID})
	return err
}

// held is what a client may do, nil for what the owner may, and whether the account that it is bound to may be used.
func (c *Client) held(tx *db.Tx) (may *right.Held, active bool, err error) {
	switch {
	case c.PersonID != 0:
		may, active, err = access.Holds(tx, c.PersonID)
		if err == nil && c.BranchID != 0 && active {
			may = right.Hold(c.PersonID, right.Grant{Branch: c.BranchID, Set: may.At(c.BranchID)})
		}
		return may, active, err
	case c.RoleID != 0:
		role, err := access.RoleOf(tx, c.RoleID)
		if e := (*taphoa.Error)(nil); errors.As(err, &e) { // it was removed
			return right.Hold(c.UserID), true, nil
		}
		return right.Hold(c.UserID, right.Grant{Branch: c.BranchID, Set: role.Set}), true, err
	}
	return nil, true, nil
}

// ListClients lists the clients of the shop, the oldest first, the revoked ones too.
func ListClients(tx *db.Tx) ([]Client, error) {
	rows, err := db.All[clientRow](tx, `
		SELECT `+clientColumns+` FROM oauth_clients c
		WHERE c.retailer_id = :retailer ORDER BY c.created_date, c.client_id`)
	clients := make([]Client, len(rows))
	for i := range rows {
		rows[i].fill()
		clients[i] = rows[i].Client
	}
	return clients, err
}

// FindBySecret returns the id and the shop of an active client with a secret, of any shop; both are empty if there is none.
func FindBySecret(tx *db.Tx, secret string) (shop, clientID string, err error) {
	row, _, err := db.One[clientRow](tx.Everywhere(), `
		SELECT `+clientColumns+`, r.code FROM oauth_clients c JOIN retailers r ON r.retailer_id = c.retailer_id
		WHERE c.secret_hash = ? AND c.is_active ORDER BY c.client_id LIMIT 1`, hashSecret(secret))
	return row.RetailerCode, row.ClientID, err
}

// nextGeneration increases tokens_from, also when the clock has not advanced, so that older tokens are no longer valid.
const nextGeneration = `tokens_from = CASE WHEN tokens_from < :now THEN :now ELSE tokens_from + 1 END`

// RevokeClient ends a client of the shop and all its tokens, for good.
func RevokeClient(tx *db.Tx, clientID string) error {
	clientID, err := normalClientID(clientID)
	if err != nil {
		return err
	}
	name, found, err := db.One[string](tx, `
		UPDATE oauth_clients SET is_active = FALSE, `+nextGeneration+`
		WHERE retailer_id = :retailer AND client_id = ? RETURNING name`, clientID)
	if err == nil && !found {
		err = unknownClient(clientID)
	}
	noteClient(tx, clientID, name)
	return err
}

// noteClient names a client for the audit log.
func noteClient(tx *db.Tx, clientID, name string) {
	audit.Record(tx, 0, name)
	audit.Value(tx, "clientId", nil, clientID)
}

// OverlapMax is the longest time for which two secrets of a client count.
const OverlapMax = 30 * 24 * time.Hour

// RotateSecret gives an active client of the shop a new secret and returns it; it cannot be read again. Without an overlap the old
// secret and all tokens issued so far are no longer valid; with one, both secrets count for so long, and tokens stay valid.
func RotateSecret(tx *db.Tx, clientID string, overlap time.Duration) (string, error) {
	clientID, err := normalClientID(clientID)
	if err != nil {
		return "", err
	}
	secret := newSecret()
	if err := rotate(tx, clientID, secret, overlap); err != nil {
		return "", err
	}
	return secret, nil
}

func rotate(tx *db.Tx, clientID, secret string, overlap time.Duration) error {
	if overlap < 0 || overlap > OverlapMax {
		return taphoa.Refuse(taphoa.CodeValidate, "overlap", "Thời gian dùng cả hai mật khẩu phải từ 0 đến %d ngày", int(OverlapMax.Hours()/24))
	}
	keeps := `old_secret_hash = '', old_secret_until = 0, ` + nextGeneration
	args := []any{hashSecret(secret)}
	if overlap > 0 {
		keeps = `old_secret_hash = secret_hash, old_secret_until = ?`
		args = append(args, tx.Clock.Add(overlap))
	}
	name, found, err := db.One[string](tx, `
		UPDATE oauth_clients SET secret_hash = ?, `+keeps+`
		WHERE retailer_id = :retailer AND client_id = ? AND is_active AND secret_hash <> '' RETURNING name`, append(args, clientID)...)
	if err == nil && !found {
		err = unknownClient(clientID)
	}
	noteClient(tx, clientID, name)
	return err
}

// SetAddresses replaces where people who sign in to an active client are sent.
func SetAddresses(tx *db.Tx, clientID string, redirects, logouts []string) error {
	row, err := findClient(tx, clientID, " :lock")
	if err == nil && (!row.IsActive || !row.SignsIn()) {
		err = unknownClient(row.ClientID)
	}
	if err == nil {
		in := ClientInput{Public: row.Public, Redirects: redirects, Logouts: logouts}
		if err = SomeRedirect(redirects); err == nil {
			err = in.validateURIs()
		}
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE oauth_clients SET redirect_uris = ?, logout_uris = ? WHERE retailer_id = :retailer AND client_id = ?`,
		strings.Join(redirects, "\n"), strings.Join(logouts, "\n"), row.ClientID)
	noteClient(tx, row.ClientID, row.Name)
	audit.Value(tx, "redirects", row.RedirectText, strings.Join(redirects, "\n"))
	audit.Value(tx, "logouts", row.LogoutText, strings.Join(logouts, "\n"))
	return err
}

// normalClientID returns a client id in lower case. Text that is not a UUID is an unknown client and is not queried.
func normalClientID(clientID string) (string, error) {
	clientID = strings.ToLower(clientID)
	if !clientIDPattern.MatchString(clientID) {
		return "", unknownClient(clientID)
	}
	return clientID, nil
}

func unknownClient(clientID string) error {
	return taphoa.NotFound(taphoa.CodeValidate, "Ứng dụng (clientId) %s không tồn tại hoặc đã bị thu hồi", clientID)
}

// hashSecret needs no salt and no work factor: a secret has 160 random bits.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func newSecret() string {
	return fmt.Sprintf("%X", random(20))
}

func newClientID() string { return formatClientID(random(16)) }

func formatClientID(b []byte) string {
	b[6] = b[6]&0x0f | 0x40 // version 4
	b[8] = b[8]&0x3f | 0x80 // RFC 9562's variant
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program ends instead
	return b
}
