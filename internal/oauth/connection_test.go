package oauth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
)

// staff are Lan, who sells at a branch, and the branch.
func (x *harness) staff(tb testing.TB) (lan, branch int64) {
	tb.Helper()
	write(tb, x.db, x.shop, func(tx *db.Tx) error {
		user, err1 := org.CreateUser(tx, &taphoa.UserInput{UserName: "lan", GivenName: "Chị Lan"})
		made, err2 := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Thảo Điền"})
		lan, branch = user.ID, made.ID
		return errors.Join(err1, err2, access.SetUserRoles(tx, lan, []access.UserRole{{Role: right.CashierRole, Branch: branch}}))
	})
	return lan, branch
}

// connect registers a client and returns a token of it.
func (x *harness) connect(tb testing.TB, in oauth.ClientInput) (id, secret, access string) {
	tb.Helper()
	write(tb, x.db, x.shop, func(tx *db.Tx) (err error) {
		var made oauth.Client
		made, secret, err = oauth.CreateClient(tx, in)
		id = made.ClientID
		return err
	})
	return id, secret, token(tb, x.Service, id, secret)
}

// TestAConnectionMayDoWhatItsPersonOrRoleMay, and no more within 5 seconds of a change; it ends with the account.
func TestAConnectionMayDoWhatItsPersonOrRoleMay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		lan, branch := x.staff(t)
		cashier := right.BuiltIn()[right.CashierRole-1].Set
		held := func(token string) (oauth.Identity, *right.Held) {
			t.Helper()
			who, err := x.Verify(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			return who, who.Held
		}
		if _, may := held(token(t, x.Service, clientID, secret)); may != nil {
			t.Errorf("a client without bounds holds %s", may.Key())
		}
		_, _, ofLan := x.connect(t, oauth.ClientInput{Name: "Máy của Lan", PersonID: lan})
		who, may := held(ofLan)
		if who.User != lan || may.User() != lan || may.At(branch) != cashier || may.At(0) != (right.Set{}) {
			t.Errorf("a client of Lan's is %+v and holds %s", who, may.Key())
		}
		_, _, ofRole := x.connect(t, oauth.ClientInput{Name: "Kho", RoleID: right.StockRole, BranchID: branch})
		if who, may := held(ofRole); who.User != x.shop.User || !may.At(branch).Has(right.CreateTransfers) || may.At(0) != (right.Set{}) || may.At(branch).Has(right.SeeInvoices) {
			t.Errorf("a client of a role is %+v and holds %s", who, may.Key())
		}
		write(t, d, x.shop, func(tx *db.Tx) error {
			if err := access.SetUserRoles(tx, lan, []access.UserRole{{Role: right.OwnerRole}}); err != nil {
				return err
			}
			made, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "Chủ ở chi nhánh", ClientID: "de300000-0000-4000-8000-000000000077", Secret: secret, PersonID: lan, BranchID: branch})
			if err == nil && made.BranchID != branch {
				t.Errorf("it is at %d", made.BranchID)
			}
			return err
		})
		if _, may := held(token(t, x.Service, "de300000-0000-4000-8000-000000000077", secret)); may.Allows(right.Administer) || !may.At(branch).Has(right.VoidInvoices) {
			t.Errorf("an owner's client at a branch holds %s", may.Key())
		}
		write(t, d, x.shop, func(tx *db.Tx) error {
			return access.SetUserRoles(tx, lan, []access.UserRole{{Role: right.CashierRole, Branch: branch}})
		})
		_, _, atBranch := x.connect(t, oauth.ClientInput{Name: "Lan ở nhà", PersonID: lan, BranchID: branch})
		if _, may := held(atBranch); may.Somewhere() != cashier {
			t.Errorf("at the branch it holds %s", may.Key())
		}
		people := access.New(d, access.Options{})
		var owner access.Session
		write(t, d, x.shop, func(tx *db.Tx) (err error) {
			_, owner, err = access.StartSession(tx, x.shop.User, access.Caller{})
			return err
		})
		own, err := people.SaveRole(t.Context(), owner, right.Role{Name: "Kho lạnh", Set: right.Of(right.SeeProducts)})
		if err != nil {
			t.Fatal(err)
		}
		cold, _, _ := x.connect(t, oauth.ClientInput{Name: "Tủ lạnh", RoleID: own})
		if err := people.RemoveRole(t.Context(), owner, own); err == nil || !strings.Contains(err.Error(), "Kết nối Tủ lạnh đang theo vai trò này") {
			t.Errorf("the role of a connection is removed: %v", err)
		}
		write(t, d, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, cold) })
		if err := people.RemoveRole(t.Context(), owner, own); err != nil {
			t.Errorf("the role of a connection that was revoked: %v", err)
		}
		write(t, d, x.shop, func(tx *db.Tx) error { return access.SetUserRoles(tx, lan, nil) })
		clock.Advance(5)
		if _, may := held(ofLan); !may.None() {
			t.Errorf("5 seconds after Lan's role is taken away her client holds %s", may.Key())
		}
		write(t, d, x.shop, func(tx *db.Tx) error { _, err := org.RemoveUser(tx, &taphoa.ByID{ID: lan}); return err })
		clock.Advance(5)
		_, err = x.Verify(t.Context(), ofLan)
		refused(t, err, "thu hồi")
		held(ofRole)
	})
}

func TestWhatBoundsAConnectionExists(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		lan, branch := x.staff(t)
		for words, in := range map[string]oauth.ClientInput{
			"không phải cả hai":       {PersonID: lan, RoleID: right.StockRole},
			"Vai trò không tồn tại":   {RoleID: 4711},
			"Chi nhánh không tồn tại": {RoleID: right.StockRole, BranchID: 4711},
			"chỉ đi với một vai trò":  {BranchID: branch},
			"không tồn tại":           {PersonID: 4711},
		} {
			in.Name = "CRM"
			err := d.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, _, err := oauth.CreateClient(tx, in); return err })
			if e := (*taphoa.Error)(nil); !errors.As(err, &e) || !strings.Contains(e.Message, words) {
				t.Errorf("%+v: %v, want a refusal about %q", in, err, words)
			}
		}
	})
}

// TestTwoSecretsCountDuringARotation, for the time that was given; a rotation without one ends both, and all tokens.
func TestTwoSecretsCountDuringARotation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		before := token(t, x.Service, clientID, secret)
		rotate := func(overlap time.Duration) (created string, err error) {
			err = d.Write(t.Context(), x.shop, func(tx *db.Tx) (err error) {
				created, err = oauth.RotateSecret(tx, clientID, overlap)
				return err
			})
			clock.Advance(5)
			return created, err
		}
		second, err := rotate(time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{secret, second} {
			verifies(t, x.Service, token(t, x.Service, clientID, s))
		}
		verifies(t, x.Service, before)
		third, err := rotate(time.Hour) // the first one ends with it
		if err != nil {
			t.Fatal(err)
		}
		refuses := func(secrets ...string) {
			t.Helper()
			for _, s := range secrets {
				if a := ask(t, x.Service, clientID, s); a.Status != http.StatusBadRequest || a.Error != "invalid_client" {
					t.Errorf("a secret of before gets %+v", a)
				}
			}
		}
		refuses(secret)
		token(t, x.Service, clientID, second)
		clock.Advance(3600 - 5)
		refuses(second)
		clock.Advance(-60 * 86400) // it was far ahead
		refuses(second)
		token(t, x.Service, clientID, third)
		leaked := token(t, x.Service, clientID, third)
		last, err := rotate(0)
		if err != nil {
			t.Fatal(err)
		}
		refuses(second, third)
		_, err = x.Verify(t.Context(), leaked)
		refused(t, err, "thu hồi")
		token(t, x.Service, clientID, last)
		for _, overlap := range []time.Duration{-1, oauth.OverlapMax + 1} {
			e := (*taphoa.Error)(nil)
			if _, err := rotate(overlap); !errors.As(err, &e) || e.Field != "overlap" {
				t.Errorf("an overlap of %v: %v", overlap, err)
			}
		}
	})
}

// TestTheLastUseOfAConnectionIsNoted to ten minutes: many tokens cost one write.
func TestTheLastUseOfAConnectionIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		used := func() (at taphoa.Time) {
			err := d.Read(t.Context(), x.shop, func(tx *db.Tx) error {
				clients, err := oauth.ListClients(tx)
				at = clients[0].UsedAt
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		await := func(want taphoa.Time) {
			t.Helper()
			for end := time.Now().Add(5 * time.Second); used() != want; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("used at %v instead of %v", used(), want)
				}
			}
		}
		if used() != 0 {
			t.Errorf("a new client was used at %v", used())
		}
		first := clock.Now()
		token(t, x.Service, clientID, secret)
		await(first)
		clock.Advance(599)
		token(t, x.Service, clientID, secret)
		clock.Advance(1)
		second := clock.Now()
		token(t, x.Service, clientID, secret)
		await(second)
	})
}

// TestAFormThatIsSentTwiceMakesOneSecret: by the same words the same client and secret, by others another; what is old is refused.
func TestAFormThatIsSentTwiceMakesOneSecret(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		x := open(t, d, clock)
		id, first := x.Credentials("client", "form 1")
		again, same := x.Credentials("client", "form 1")
		if other, secret := x.Credentials("client", "form 2"); id != again || first != same || other == id || secret == first {
			t.Error("the same words make others, or other words the same")
		}
		create := func(in oauth.ClientInput) error {
			return d.Write(t.Context(), x.shop, func(tx *db.Tx) error { _, err := oauth.CreateClientOnce(tx, in); return err })
		}
		in := oauth.ClientInput{Name: "Web", ClientID: id, Secret: first}
		if err := errors.Join(create(in), create(in)); err != nil {
			t.Fatal(err)
		}
		token(t, x.Service, id, first)
		for name, other := range map[string]oauth.ClientInput{ // a form that is gone back to, and sent with something else
			"another name": {Name: "CRM"}, "a role": {Name: "Web", RoleID: right.CashierRole}, "more": {Name: "Web", Scopes: []string{oauth.ScopeAdmin}},
		} {
			other.ClientID, other.Secret = id, first
			if e := (*taphoa.Error)(nil); !errors.As(create(other), &e) || !strings.Contains(e.Message, "đã tạo kết nối Web") {
				t.Errorf("%s: %v", name, e)
			}
		}
		version := func() (version string) {
			t.Helper()
			err := d.Read(t.Context(), x.shop, func(tx *db.Tx) error {
				c, err := oauth.GetClient(tx, id)
				version = c.Version
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return version
		}
		rotate := func(version, secret string) error {
			err := d.Write(t.Context(), x.shop, func(tx *db.Tx) error { return oauth.RotateSecretOnce(tx, id, version, secret, time.Hour) })
			x.Forget(id)
			return err
		}
		before := version()
		_, second := x.Credentials("secret", "form 3")
		if err := errors.Join(rotate(before, second), rotate(before, second)); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{first, second} { // the second time has not dropped the first secret
			token(t, x.Service, id, s)
		}
		_, third := x.Credentials("secret", "form 4")
		if err := rotate(before, third); err == nil || !strings.Contains(err.Error(), "ở nơi khác") {
			t.Errorf("from a version of before: %v", err)
		}
		if err := create(in); err == nil {
			t.Error("a client that has another secret by now is made again")
		}
		write(t, d, x.shop, func(tx *db.Tx) error { return oauth.RevokeClient(tx, id) })
		if rotate(version(), third) == nil || create(oauth.ClientInput{Name: "Web", ClientID: id, Secret: second}) == nil {
			t.Error("a client that was revoked comes back")
		}
	})
}
