package oauth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

func TestANewClientHasAnIDAndASecretInTheVendorsFormat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		seen := map[string]bool{}
		write(t, d, x.shop, func(tx *db.Tx) error {
			for range 20 {
				c, secret, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "  CRM "})
				if err != nil {
					return err
				}
				if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(c.ClientID) ||
					!regexp.MustCompile(`^[0-9A-F]{40}$`).MatchString(secret) || seen[c.ClientID] || seen[secret] {
					t.Errorf("the client %s has the secret %s", c.ClientID, secret)
				}
				seen[c.ClientID], seen[secret] = true, true
				if c.Name != "CRM" || c.UserID != x.shop.User || !c.IsActive || c.RetailerID != x.shop.Retailer ||
					!reflect.DeepEqual(c.Scopes, []string{oauth.ScopePublic}) {
					t.Errorf("the client is %+v", c)
				}
			}
			stored, err := db.All[string](tx, `SELECT secret_hash FROM oauth_clients WHERE retailer_id = :retailer`)
			for _, hash := range stored {
				if len(hash) != 64 || seen[hash] {
					t.Errorf("stored is %q", hash)
				}
			}
			if len(stored) != 21 {
				t.Errorf("%d clients are stored", len(stored))
			}
			return err
		})
	})
}

func TestAShopSeesAndChangesItsOwnClientsAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		other := openShop(t, d, "khac")
		clock.Advance(1)
		var created oauth.Client
		write(t, d, other, func(tx *db.Tx) (err error) {
			created, _, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "ERP", Scopes: []string{"Taphoa.Admin", "PublicApi.Access"}})
			return err
		})
		for _, op := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { return oauth.RevokeClient(tx, clientID) },
			func(tx *db.Tx) error { _, err := oauth.RotateSecret(tx, clientID, 0); return err },
			func(tx *db.Tx) error { return oauth.RevokeClient(tx, "\x00\xff") },
			func(tx *db.Tx) error { _, err := oauth.RotateSecret(tx, "", 0); return err },
		} {
			e := (*taphoa.Error)(nil)
			if err := d.Write(t.Context(), other, op); !errors.As(err, &e) || e.Kind != taphoa.KindNotFound {
				t.Errorf("another shop's client returns %v", err)
			}
		}
		list := func(shop db.Actor) (clients []oauth.Client) {
			err := d.Read(t.Context(), shop, func(tx *db.Tx) (err error) {
				clients, err = oauth.ListClients(tx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return clients
		}
		if got := list(other); !reflect.DeepEqual(got, []oauth.Client{created}) || len(created.Scopes) != 2 {
			t.Errorf("the other shop has %+v, want %+v", got, created)
		}
		x.revoke(t)
		if got := list(x.shop); len(got) != 1 || got[0].ClientID != clientID || got[0].IsActive {
			t.Errorf("the shop has %+v", got)
		}
	})
}

func TestRefusalsOfAClientNameTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		for _, test := range []struct {
			field string
			in    oauth.ClientInput
		}{
			{"name", oauth.ClientInput{}},
			{"name", oauth.ClientInput{Name: "  "}},
			{"name", oauth.ClientInput{Name: "a\x00b"}},
			{"name", oauth.ClientInput{Name: "a\xff"}},
			{"name", oauth.ClientInput{Name: strings.Repeat("ă", 256)}},
			{"clientId", oauth.ClientInput{Name: "CRM", ClientID: "crm"}},
			{"clientId", oauth.ClientInput{Name: "CRM", ClientID: strings.ToUpper(clientID)}}, // in use
			{"secret", oauth.ClientInput{Name: "CRM", Secret: "short"}},
			{"secret", oauth.ClientInput{Name: "CRM", Secret: strings.ToLower(secret)}},
			{"scopes", oauth.ClientInput{Name: "CRM", Scopes: []string{"Taphoa.Root"}}},
			{"userId", oauth.ClientInput{Name: "CRM", UserID: 1 << 30}},
			{"userId", oauth.ClientInput{Name: "CRM", UserID: -1}},
		} {
			err := d.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, _, err := oauth.CreateClient(tx, test.in); return err })
			if e := (*taphoa.Error)(nil); !errors.As(err, &e) || e.Kind != taphoa.KindRefused || e.Field != test.field {
				t.Errorf("%+v: got %v, want a refusal of %s", test.in, err, test.field)
			}
		}
		err := d.Write(t.Context(), openShop(t, d, "khac"), func(tx *db.Tx) error {
			_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM", ClientID: clientID})
			return err
		})
		if e := (*taphoa.Error)(nil); !errors.As(err, &e) || e.Field != "clientId" {
			t.Errorf("another shop's client id returns %v", err)
		}
	})
}

// TestAnInternalClientIsValidForItsServiceOnly requests a token in the process of an internal client, and in another.
func TestAnInternalClientIsValidForItsServiceOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		var id, key string
		err := d.Read(t.Context(), x.shop, func(tx *db.Tx) (err error) {
			id, key, err = x.AddInternalClient(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(s *oauth.Service, secret string) (token string) {
			form := url.Values{
				"grant_type": {"client_credentials"}, "scopes": {oauth.ScopePublic + " " + oauth.ScopeAdmin}, "client_id": {id}, "client_secret": {secret},
			}
			r := httptest.NewRequest(http.MethodPost, "/connect/token", strings.NewReader(form.Encode()))
			w := httptest.NewRecorder()
			s.ServeToken(w, r)
			var response struct {
				Token string `json:"access_token"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil {
				t.Fatal(err)
			}
			return response.Token
		}
		token := ask(x.Service, key)
		clock.Advance(3600)
		who, err := x.Verify(t.Context(), token)
		if err != nil || who.Retailer != x.shop.Retailer || who.User != x.shop.User || who.RetailerCode != "Taphoa" || !who.Allows(oauth.ScopeAdmin) {
			t.Errorf("the token is of %+v, %v", who, err)
		}
		if ask(x.Service, secret) != "" {
			t.Error("another secret gets a token")
		}
		other := service(t, d)
		if ask(other, key) != "" {
			t.Error("another process issues a token")
		}
		if _, err := other.Verify(t.Context(), token); err == nil {
			t.Error("another process accepts the token")
		}
	})
}
