package right

import "testing"

// TestMembersAreHiddenFromWhoLacksTheRightSomewhere: an answer shows the records of several branches.
func TestMembersAreHiddenFromWhoLacksTheRightSomewhere(t *testing.T) {
	sees := Of(SeeCost, SeeDebts)
	for name, test := range map[string]struct {
		held                    *Held
		cost, purchase, several bool // is it hidden
	}{
		"a program":               {nil, false, false, false},
		"the owner":               {Hold(1, Grant{0, All}), false, false, false},
		"without a role":          {Hold(1), true, true, true},
		"everywhere":              {Hold(1, Grant{0, sees}), false, true, true},
		"at the only branch":      {Hold(1, Grant{3, sees}), false, true, true},
		"at one of two":           {Hold(1, Grant{3, sees}, Grant{4, Of(SeeInvoices)}), true, true, true},
		"at one, the rest of all": {Hold(1, Grant{0, Of(SeeInvoices)}, Grant{3, sees}), true, true, true},
		"by two roles":            {Hold(1, Grant{3, Of(SeeCost)}, Grant{3, Of(SeePurchasePrices, SeeDebts)}), false, false, false},
	} {
		cost, purchase, several := test.held.Hides("cost"), test.held.Hides("purchase"), test.held.Hides("purchase,debt")
		if cost != test.cost || purchase != test.purchase || several != test.several || test.held.Hides("") {
			t.Errorf("%s: cost %v, purchase prices %v, what tells of both prices and debts %v", name, cost, purchase, several)
		}
	}
}
