package oauth

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// GetClient returns a client of the shop, also one that was revoked.
func GetClient(tx *db.Tx, clientID string) (Client, error) {
	row, err := findClient(tx, clientID, "")
	row.Version = row.version()
	return row.Client, err
}

func findClient(tx *db.Tx, clientID, lock string) (clientRow, error) {
	clientID, err := normalClientID(clientID)
	if err != nil {
		return clientRow{}, err
	}
	row, found, err := db.One[clientRow](tx, `
		SELECT `+clientColumns+`, c.secret_hash FROM oauth_clients c WHERE c.retailer_id = :retailer AND c.client_id = ?`+lock, clientID)
	if err == nil && !found {
		err = unknownClient(clientID)
	}
	row.fill()
	return row, err
}

// version tells the secrets of a client apart, and nothing about them.
func (r *clientRow) version() string { return hashSecret("version of " + r.SecretHash)[:16] }

// Derive returns n bytes that no one can foresee without the signing key, and that are the same for the same words: of these the
// secrets are made that a form makes, so that a form that is sent twice makes one. What has only a few values is no such word.
func (s *Service) Derive(n int, words ...string) []byte {
	made, err := hkdf.Key(sha256.New, x509.MarshalPKCS1PrivateKey(s.keys().signing(s.db.Now()).private), nil, strings.Join(words, "\n"), n)
	if err != nil {
		panic(err) // n is too large
	}
	return made
}

// Credentials derives the id and the secret of a client: see [Service.Derive].
func (s *Service) Credentials(words ...string) (clientID, secret string) {
	made := s.Derive(16+20, words...)
	return formatClientID(made[:16]), fmt.Sprintf("%X", made[16:])
}

// CreateClientOnce is [CreateClient] with an id and a secret of [Service.Credentials]. If it was done before it returns the
// client.
func CreateClientOnce(tx *db.Tx, in ClientInput) (Client, error) {
	row, err := findClient(tx, in.ClientID, "")
	switch e := (*taphoa.Error)(nil); {
	case err == nil && row.IsActive && row.SecretHash == in.hash():
		if row.Name != strings.TrimSpace(in.Name) || row.PersonID != in.PersonID || row.RoleID != in.RoleID || row.BranchID != in.BranchID ||
			slices.Contains(row.Scopes, ScopeAdmin) != slices.Contains(in.Scopes, ScopeAdmin) ||
			!slices.Equal(row.Redirects, in.Redirects) || !slices.Equal(row.Logouts, in.Logouts) {
			return Client{}, taphoa.Refuse(taphoa.CodeValidate, "", "Biểu mẫu này đã tạo kết nối %s, hãy mở lại trang để tạo kết nối khác", row.Name)
		}
		return row.Client, nil
	case err != nil && !errors.As(err, &e):
		return Client{}, err
	}
	client, _, err := CreateClient(tx, in)
	return client, err
}

// RotateSecretOnce is [RotateSecret] to a secret of [Service.Credentials], from the one that the client had in a version. If it was
// done before it does nothing.
func RotateSecretOnce(tx *db.Tx, clientID, version, secret string, overlap time.Duration) error {
	row, err := findClient(tx, clientID, " :lock")
	switch {
	case err != nil:
		return err
	case !row.IsActive || row.Public:
		return unknownClient(row.ClientID)
	case row.SecretHash == hashSecret(secret):
		return nil
	case row.version() != version:
		return taphoa.Refuse(taphoa.CodeValidate, "", "Mật khẩu của ứng dụng %s đã được đổi ở nơi khác, hãy mở lại trang", row.ClientID)
	}
	return rotate(tx, row.ClientID, secret, overlap)
}
