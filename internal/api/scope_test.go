package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/oauth"
)

// TestOnlyTheAdminWritesWhatTheVendorOnlyReads walks the route table with a token of the vendor's scope: what is ours and
// writes is refused by the scope's name and changes nothing, and everything else is let in.
func TestOnlyTheAdminWritesWhatTheVendorOnlyReads(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		public, before := d.As(d.Shop), d.Digest(d.Shop)
		public.Shop.Token = d.Token(d.Shop, oauth.ScopePublic)
		refused := 0
		for _, r := range api.Routes() {
			ours := r.Ours && r.Method != http.MethodGet && r.Operation != "deleteSurcharge" // which setSurchargeActive can do, too
			if want := map[bool]string{false: oauth.ScopePublic, true: oauth.ScopeAdmin}[ours]; r.Scope != want {
				t.Errorf("%s needs the scope %q, want %s", r.Operation, r.Scope, want)
			}
			for _, path := range r.Paths {
				target := strings.NewReplacer("{id}", "987654321", "{code...}", "X").Replace(path)
				a := public.Send(r.Method, target, "")
				sentence, _ := a.Refusal()
				if ours && (a.Status != http.StatusForbidden || !strings.Contains(sentence, oauth.ScopeAdmin)) {
					t.Errorf("%s %s without the admin's scope: %d %s", r.Method, path, a.Status, a.Body)
				}
				if !ours && a.Status == http.StatusForbidden {
					t.Errorf("%s %s: %s", r.Method, path, a.Body)
				}
				if ours {
					refused++
				}
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("refused requests have changed %s", differs)
		}
		if refused == 0 {
			t.Error("the table has no operation for the admin")
		}
	})
}

// TestTheAdminsScopeIsNotTheVendors asks with a token that has nothing but the admin's scope.
func TestTheAdminsScopeIsNotTheVendors(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	d.Shop.Token = d.Token(d.Shop, oauth.ScopeAdmin)
	if a := d.Send(http.MethodPost, "/branches", `{"branchName":"Quận 7"}`); a.Status != http.StatusOK {
		t.Errorf("the admin cannot open a branch: %d %s", a.Status, a.Body)
	}
	a := d.Send(http.MethodGet, "/branches", "")
	if sentence, _ := a.Refusal(); a.Status != http.StatusForbidden || !strings.Contains(sentence, oauth.ScopePublic) {
		t.Errorf("the vendor's API without its scope: %d %s", a.Status, a.Body)
	}
}
