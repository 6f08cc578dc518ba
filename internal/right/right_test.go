package right_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
)

func TestEachRightHasItsOwnTexts(t *testing.T) {
	keys, titles := map[string]bool{}, map[string]bool{}
	for _, r := range append(right.Grantable(), right.Administer) {
		if r.Key() == "" || r.Title() == "" || r.Group() == "" || keys[r.Key()] || titles[r.Title()] {
			t.Errorf("right %d: %q %q %q", r, r.Key(), r.Title(), r.Group())
		}
		keys[r.Key()], titles[r.Title()] = true, true
		if found, known := right.Parse(r.Key()); !known || found != r {
			t.Errorf("%s is parsed as %d", r.Key(), found)
		}
	}
	if slices.Contains(right.Grantable(), right.Administer) || slices.Contains(right.Grantable(), right.Anyone) {
		t.Error("a role of the shop may be the owner's")
	}
}

// TestASetIsStoredAndReadAgain with limits of every size; what a later program has written is left out.
func TestASetIsStoredAndReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSet(t)
		read, err := right.ParseSet(s.Text())
		if err != nil || read != s {
			t.Fatalf("%q is read as %+v: %v", s.Text(), read, err)
		}
		if later, err := right.ParseSet(s.Text() + " moon.fly"); err != nil || later != s {
			t.Fatalf("with an unknown right: %+v %v", later, err)
		}
	})
	for _, text := range []string{"sales.discount=10", "sales.discount=x%,5", "sales.discount=1%,"} {
		if s, err := right.ParseSet(text); err == nil {
			t.Errorf("%q is read as %+v", text, s)
		}
	}
}

func drawSet(t *rapid.T) right.Set {
	s := right.Of(rapid.SliceOf(rapid.SampledFrom(right.Grantable())).Draw(t, "rights")...)
	if s.Has(right.Discount) {
		s.Percent = taphoa.Percent(rapid.Int64Range(0, int64(taphoa.Ratio(100))).Draw(t, "percent"))
		s.Amount = taphoa.Dong(rapid.Int64Range(0, 1_000_000).Draw(t, "amount"))
	}
	return s
}

// TestWhatIsHeldAtABranchIsTheUnion of all roles there and in the whole shop, whatever their order; another role takes nothing away.
func TestWhatIsHeldAtABranchIsTheUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grants := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) right.Grant {
			return right.Grant{Branch: rapid.Int64Range(0, 3).Draw(t, "branch"), Set: drawSet(t)}
		}), 0, 6).Draw(t, "grants")
		h := right.Hold(7, grants...)
		if other := right.Hold(7, rapid.Permutation(grants).Draw(t, "order")...); other.Key() != h.Key() {
			t.Fatalf("the order of roles counts: %s and %s", h.Key(), other.Key())
		}
		if all := right.Hold(7, append(slices.Clone(grants), grants...)...); all.Key() != h.Key() {
			t.Fatal("a role counts twice")
		}
		everywhere, somewhere := h.Everywhere(), h.Somewhere()
		for branch := range int64(4) {
			at := right.Set{}
			for _, g := range grants {
				if g.Branch == 0 || g.Branch == branch {
					at = at.Or(g.Set)
				}
			}
			if h.At(branch) != at {
				t.Fatalf("at %d: %+v instead of %+v", branch, h.At(branch), at)
			}
			only := h.Only(branch)
			for _, r := range append(right.Grantable(), right.Anyone) {
				held := at.Has(r)
				if branch != 0 && only.Somewhere().Has(r) != held || branch != 0 && only.Everywhere().Has(r) != held {
					t.Fatalf("work at %d has %s: %v", branch, r.Key(), !held)
				}
				if held && !somewhere.Has(r) || everywhere.Has(r) && at != (right.Set{}) && !held {
					t.Fatalf("%s at %d: %v, somewhere %v, everywhere %v", r.Key(), branch, held, somewhere.Has(r), everywhere.Has(r))
				}
				everyone, own := h.Finds(r)
				finds := func(p right.Places) bool { return p.All || slices.Contains(p.Branches, branch) }
				if branch == 0 {
					finds = func(p right.Places) bool { return p.All }
				}
				for of, want := range map[int64]bool{7: finds(everyone) || finds(own), 8: finds(everyone)} {
					if h.Sees(r, branch, of) != want {
						t.Fatalf("%s of %d at %d is seen: %v, found %v", r.Key(), of, branch, !want, want)
					}
				}
			}
			if more := h.With(branch, right.Of(right.VoidInvoices)); branch != 0 && !more.At(branch).Has(right.VoidInvoices) || !more.At(branch).Has(right.VoidInvoices) {
				t.Fatal("what is allowed is not held")
			}
		}
		if h.None() != (len(grants) == 0) {
			t.Fatalf("none: %v of %d roles", h.None(), len(grants))
		}
	})
}

// TestWhatBelongsToTheShopIsJudgedByAllRoles: to choose a branch gives no more.
func TestWhatBelongsToTheShopIsJudgedByAllRoles(t *testing.T) {
	accounts, sells := right.Of(right.SeeDebts, right.AdjustDebts, right.ChangeSettings), right.Of(right.CreateInvoices)
	for name, test := range map[string]struct {
		grants          []right.Grant
		debts, settings bool
	}{
		"an accountant of one branch who sells at another": {[]right.Grant{{Branch: 1, Set: accounts}, {Branch: 2, Set: sells}}, false, false},
		"an accountant of one branch":                      {[]right.Grant{{Branch: 1, Set: accounts}}, true, false},
		"an accountant of the shop":                        {[]right.Grant{{Set: accounts}}, true, true},
		"an accountant of the shop who sells at a branch":  {[]right.Grant{{Set: accounts}, {Branch: 2, Set: sells}}, true, true},
		"a seller of the shop who accounts at a branch":    {[]right.Grant{{Set: sells}, {Branch: 1, Set: accounts}}, false, false},
	} {
		h := right.Hold(7, test.grants...)
		for _, chosen := range []*right.Held{h, h.Only(1), h.Only(2), h.Only(1).With(1, right.Of(right.VoidInvoices))} {
			if chosen.None() {
				continue
			}
			if got := chosen.InShop().Has(right.AdjustDebts); got != test.debts {
				t.Errorf("%s, %s: debts %v", name, chosen.Key(), got)
			}
			if got := chosen.Allows(right.ChangeSettings); got != test.settings {
				t.Errorf("%s, %s: settings %v", name, chosen.Key(), got)
			}
		}
		if a, b := h.Only(1).Key(), right.Hold(7, right.Grant{Branch: 1, Set: h.At(1)}).Key(); len(test.grants) > 1 && a == b {
			t.Errorf("%s: who may choose another branch is %s, as who may not", name, a)
		}
	}
}

func TestWithoutAPersonNothingIsAsked(t *testing.T) {
	var h *right.Held
	if h.None() || h.Key() != "" || h.At(3) != right.All || h.Somewhere() != right.All || h.Everywhere() != right.All || h.Only(3) != nil ||
		h.With(1, right.Of()) != nil || !h.Sees(right.SeeInvoices, 1, 2) || h.User() != 0 {
		t.Error("the program's own rights are counted")
	}
	if everyone, own := h.Finds(right.SeeCash); !everyone.All || own.All {
		t.Errorf("finds %+v %+v", everyone, own)
	}
	if nobody := right.Hold(7); !nobody.None() || nobody.Key() == "" || nobody.Somewhere() != (right.Set{}) || nobody.Everywhere() != (right.Set{}) ||
		nobody.Somewhere().Has(right.Anyone) {
		t.Error("who has no role holds something")
	}
	if owner := right.Hold(7, right.Grant{Set: right.All}); owner.Key() != "" || !owner.At(3).Has(right.Administer) {
		t.Error("an owner sees something else than a client")
	}
}

func TestADiscountIsWithinOneOfItsLimits(t *testing.T) {
	s := right.Of(right.Discount)
	s.Percent, s.Amount = taphoa.Ratio(10), taphoa.Dong(5_000)
	other := right.Of(right.Discount)
	other.Percent, other.Amount = taphoa.Ratio(3), taphoa.Dong(20_000)
	limitless := right.Of()
	limitless.Percent = taphoa.Ratio(100) // without the right
	for _, test := range []struct {
		name            string
		set             right.Set
		discount, goods int64
		want            bool
	}{
		{"nothing", right.Of(), 0, 100_000, true},
		{"a đồng without the right", right.Of(), 1, 100_000, false},
		{"a limit without the right", limitless, 1, 100_000, false},
		{"at the ratio", s, 10_000, 100_000, true},
		{"a đồng above it", s, 10_001, 100_000, false},
		{"at the amount", s, 5_000, 10_000, true},
		{"a đồng above it, and above the ratio", s, 5_001, 10_000, false},
		{"the higher of two amounts", s.Or(other), 20_000, 30_000, true},
		{"the higher of two ratios", s.Or(other), 100_000, 1_000_000, true},
		{"above both", s.Or(other), 100_001, 1_000_000, false},
		{"without limits", right.All, 1_000_000, 1_000_000, true},
	} {
		if got := test.set.AllowsDiscount(taphoa.Dong(test.discount), taphoa.Dong(test.goods)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestRolesThatAreBuiltIn(t *testing.T) {
	may := map[string]right.Set{}
	for _, r := range right.BuiltIn() {
		if may[r.Name] = r.Set; r.ID <= 0 || r.ID > right.BuiltInMax || r.Has(right.Administer) != (r.ID == right.OwnerRole) {
			t.Errorf("role %+v", r)
		}
	}
	for role, rights := range map[string]map[right.Right]bool{
		"Chủ cửa hàng": {right.Administer: true, right.SeeCost: true},
		"Quản lý":      {right.SeeCost: true, right.VoidInvoices: true, right.SellBelowCost: true, right.SeeOthers: true},
		"Thu ngân": {
			right.CreateInvoices: true, right.SeeCost: false, right.VoidInvoices: false, right.Discount: false, right.SellAtAnyPrice: false,
			right.SeeOthers: false, right.SeeTotals: false, right.SeePurchases: false, right.SeeCash: false, right.BackDate: false,
		},
		"Thủ kho": {right.CreateTransfers: true, right.SeeCost: false, right.SeePurchasePrices: false, right.SeeInvoices: false},
		"Kế toán": {right.SeeCost: true, right.SeeDebts: true, right.CreateInvoices: false, right.ChangeProducts: false},
		"Chỉ xem": {right.SeeInvoices: true, right.SeeCost: false, right.CreateInvoices: false, right.ChangeCustomers: false},
	} {
		for r, want := range rights {
			if may[role].Has(r) != want {
				t.Errorf("%s: %s is %v", role, r.Key(), !want)
			}
		}
	}
}
