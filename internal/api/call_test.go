package api_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/oauth"
)

// TestCallsWithinTheProgramGiveTheirMemoryBack: one after another takes more than there is for all.
func TestCallsWithinTheProgramGiveTheirMemoryBack(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	who := oauth.Identity{ClientID: "console:1", Retailer: d.Shop.Retailer, RetailerCode: d.Shop.Code, Scopes: []string{oauth.ScopePublic}}
	large := []byte(`{"name":"` + strings.Repeat("x", 3<<20) + `"}`)
	for range 60 {
		_, err := d.Handler.(*api.Server).Do(t.Context(), who, api.Call{Operation: "createCustomer", Body: large})
		if e := (*taphoa.Error)(nil); !errors.As(err, &e) || e.Kind != taphoa.KindRefused || e.Field != "name" {
			t.Fatal(err)
		}
	}
}
