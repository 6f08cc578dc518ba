package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
)

// limited is an update of a customer's debt limit.
func limited(id int64, limit taphoa.Opt[taphoa.Money], policy taphoa.Opt[string]) *taphoa.CustomerUpdate {
	return &taphoa.CustomerUpdate{ID: id, CustomerInput: taphoa.CustomerInput{DebtLimit: limit, DebtLimitPolicy: policy}}
}

// limitOf is the debt limit of a customer as it is shown, alone and in the list.
func (s *shop) limitOf(id int64) string {
	s.t.Helper()
	say := func(c *taphoa.Customer) string {
		if !c.DebtLimit.Has() && !c.DebtLimitPolicy.Has() {
			return "none"
		}
		return c.DebtLimit.Value.String() + " " + c.DebtLimitPolicy.Value
	}
	one := s.get(id)
	for _, c := range s.list(taphoa.CustomerQuery{}).Data {
		if c.ID == id && say(&c) != say(&one) {
			s.t.Errorf("the list shows %s, the customer %s", say(&c), say(&one))
		}
	}
	return say(&one)
}

func TestADebtLimitIsOffUntilItIsSaid(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan := s.create(person("Lan", ""))
		dong := func(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }
		var unsaid taphoa.Opt[string]
		check := func(when, want string) {
			t.Helper()
			if got := s.limitOf(lan.ID); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		check("new", "none")
		for _, step := range []struct {
			limit  taphoa.Opt[taphoa.Money]
			policy taphoa.Opt[string]
			want   string
		}{
			{dong(1_000_000), unsaid, "1000000 refuse"},
			{taphoa.Opt[taphoa.Money]{}, taphoa.Some("warn"), "1000000 warn"},
			{dong(0), unsaid, "0 warn"},
			{taphoa.Opt[taphoa.Money]{}, taphoa.Null[string](), "0 refuse"},
			{taphoa.Opt[taphoa.Money]{}, unsaid, "0 refuse"},
			{taphoa.Null[taphoa.Money](), unsaid, "none"},
			{dong(5), taphoa.Some("warn"), "5 warn"},
			{taphoa.Null[taphoa.Money](), taphoa.Null[string](), "none"},
		} {
			run(s, party.UpdateCustomer, limited(lan.ID, step.limit, step.policy))
			check("changed", step.want)
		}
		bulk := *limited(lan.ID, dong(700_000), unsaid)
		run(s, party.BulkUpdateCustomers, &taphoa.CustomerBulkUpdate{ListCustomers: []taphoa.CustomerUpdate{bulk}})
		check("in bulk", "700000 refuse")
		mai := person("Mai", "")
		mai.DebtLimit, mai.DebtLimitPolicy = dong(0), taphoa.Some("warn")
		if got := s.limitOf(s.create(mai).ID); got != "0 warn" {
			t.Errorf("the new customer has %s", got)
		}
		if got := s.names(taphoa.CustomerQuery{Paging: taphoa.Paging{OrderBy: "debtLimit"}}); got != "Mai, Lan" {
			t.Errorf("by debt limit: %s", got)
		}
	})
}

func TestWhatIsNoDebtLimitIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan := s.create(person("Lan", ""))
		no := taphoa.Opt[taphoa.Money]{}
		for _, limit := range []taphoa.Money{-taphoa.Dong(1), taphoa.Dong(1) / 2, taphoa.MoneyMax + taphoa.Dong(1)} {
			s.refused("debtLimit", just(party.UpdateCustomer, limited(lan.ID, taphoa.Some(limit), taphoa.Opt[string]{})), "số tiền nguyên từ 0")
			mai := person("Mai", "")
			mai.DebtLimit = taphoa.Some(limit)
			s.refused("debtLimit", just(party.CreateCustomer, &mai), "debtLimit")
		}
		for _, policy := range []string{"block", "", "REFUSE"} {
			s.refused("debtLimitPolicy", just(party.UpdateCustomer, limited(lan.ID, taphoa.Some(taphoa.Dong(1)), taphoa.Some(policy))), "refuse", "warn")
		}
		s.refused("debtLimitPolicy", just(party.UpdateCustomer, limited(lan.ID, no, taphoa.Some("warn"))), "gửi debtLimit")
		s.refused("debtLimitPolicy", just(party.UpdateCustomer, limited(lan.ID, taphoa.Null[taphoa.Money](), taphoa.Some("warn"))), "gửi debtLimit")
		bulk := &taphoa.CustomerBulkUpdate{ListCustomers: []taphoa.CustomerUpdate{*limited(lan.ID, taphoa.Some(-taphoa.Dong(1)), taphoa.Opt[string]{})}}
		s.refused("listCustomers[0].debtLimit", just(party.BulkUpdateCustomers, bulk), "thứ 1")
		if got := s.limitOf(lan.ID); got != "none" {
			t.Errorf("the limit is %s", got)
		}
	})
}

// TestADebtLimitIsSetByWhoSeesDebts: others change the rest of a customer, and a limit that is accepted as it is would tell it.
func TestADebtLimitIsSetByWhoSeesDebts(t *testing.T) {
	dong := func(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }
	each(t, func(t *testing.T, s *shop) {
		lan := s.create(person("Lan", ""))
		s.write(just(party.UpdateCustomer, limited(lan.ID, dong(500_000), taphoa.Some("warn"))))
		as := func(rights ...right.Right) *shop {
			other := *s
			other.who.Held = right.Hold(s.who.User, right.Grant{Branch: lan.BranchID.Or(0), Set: right.Of(append(rights, right.SeeCustomers, right.ChangeCustomers)...)})
			return &other
		}
		cashier := as()
		for _, limit := range []taphoa.Opt[taphoa.Money]{dong(900_000), dong(500_000), taphoa.Null[taphoa.Money]()} {
			cashier.refused("debtLimit", just(party.UpdateCustomer, limited(lan.ID, limit, taphoa.Opt[string]{})), "Xem công nợ")
		}
		cashier.refused("debtLimit", just(party.UpdateCustomer, limited(lan.ID, taphoa.Opt[taphoa.Money]{}, taphoa.Some("refuse"))), "Xem công nợ")
		mai := person("Mai", "")
		mai.DebtLimit = dong(1)
		cashier.refused("debtLimit", just(party.CreateCustomer, &mai), "Xem công nợ")
		cashier.write(just(party.UpdateCustomer, &taphoa.CustomerUpdate{ID: lan.ID, CustomerInput: taphoa.CustomerInput{Comments: taphoa.Some("Hay mua buổi sáng")}}))
		if got := s.limitOf(lan.ID); got != "500000 warn" {
			t.Errorf("the limit is %s", got)
		}
		as(right.SeeDebts).write(just(party.UpdateCustomer, limited(lan.ID, dong(900_000), taphoa.Opt[string]{})))
		if got := s.limitOf(lan.ID); got != "900000 warn" {
			t.Errorf("the limit is %s", got)
		}
	})
}
