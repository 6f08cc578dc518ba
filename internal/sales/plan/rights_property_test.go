package plan_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/salestest"
)

// TestRightsRefuseAndChangeNothing runs the same random operations on two shops. In the first one a person asks for each: one who may do
// everything, or one with random rights, whom only a lack of them or a document that they do not see refuses; then the program does it.
// Both shops show the same.
func TestRightsRefuseAndChangeNothing(t *testing.T) {
	for name, person := range map[string]func(*rand.Rand) *right.Held{
		"the owner":     func(*rand.Rand) *right.Held { return right.Hold(1, right.Grant{Set: right.All}) },
		"random people": randomPerson,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			allowed, refused := 0, 0
			for shop := range uint64(4) {
				r := rand.New(rand.NewPCG(shop, 5)) //nolint:gosec // to be repeated, not to be secret
				asked, plain := salestest.New(shop), salestest.New(shop)
				for n := range 250 {
					op, m := plain.Generator.Next(), asked.Memory
					m.Clock = plain.Memory.Clock
					maps.Copy(m.Lots, plain.Memory.Lots) // which the generator makes
					want := outcome(plain.Memory.Apply(op))
					ids := maps.Clone(m.IDs)
					m.Held = person(r)
					shown, sale, err := m.Apply(op)
					missing := (*right.Missing)(nil)
					refusal := (*taphoa.Error)(nil)
					if errors.As(err, &missing) || errors.As(err, &refusal) && refusal.Kind == taphoa.KindNotFound {
						if m.Held.Key() == "" && missing != nil {
							t.Fatalf("shop %d, operation %d: the owner lacks %v", shop, n, missing)
						}
						refused++
						m.IDs, m.Held = ids, nil
						shown, sale, err = m.Apply(op)
					} else if err == nil {
						allowed++
					}
					if got := outcome(shown, sale, err); got != want {
						t.Fatalf("shop %d, operation %d by %v: got\n%s\nwant\n%s", shop, n, m.Held, got, want)
					}
				}
			}
			if allowed < 100 || name != "the owner" && refused < 100 {
				t.Errorf("%d allowed, %d refused: nothing is tried", allowed, refused)
			}
			t.Logf("%d allowed, %d refused", allowed, refused)
		})
	}
}

// outcome is what an operation shows, or how it is refused.
func outcome[Sale any](shown any, _ Sale, err error) string {
	if err != nil {
		return err.Error()
	}
	text, err := json.Marshal(shown)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// randomPerson sees and does most things at one branch or both, and lacks some of the rights to sell.
func randomPerson(r *rand.Rand) *right.Held {
	var grants []right.Grant
	for _, branch := range [][]int64{{0}, {1}, {2}, {1, 2}}[r.IntN(4)] {
		rights := []right.Right{right.SeeOrders, right.SeeInvoices, right.SeeReturns, right.ChangeCustomers}
		for _, one := range right.Grantable() {
			if r.IntN(8) > 0 {
				rights = append(rights, one)
			}
		}
		s := right.Of(rights...)
		if s.Has(right.Discount) {
			s.Percent, s.Amount = taphoa.Ratio(r.Int64N(101)), taphoa.Dong(r.Int64N(50_000))
		}
		grants = append(grants, right.Grant{Branch: branch, Set: s})
	}
	return right.Hold(1, grants...)
}
