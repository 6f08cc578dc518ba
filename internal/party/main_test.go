package party_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// shop is an open shop with what a test does in it.
type shop struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	who   db.Actor
}

// each runs a test in a new shop on both engines.
func each(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, open(t, d, clock, "taphoa")) })
}

func open(t *testing.T, d *db.DB, clock *dbtest.Clock, code string) *shop {
	t.Helper()
	s := &shop{t: t, d: d, clock: clock}
	s.write(func(tx *db.Tx) error {
		_, err := org.CreateShop(tx, code, "Tạp hoá")
		s.who = db.Actor{Retailer: tx.Retailer, User: tx.User}
		return err
	})
	return s
}

func (s *shop) try(op func(*db.Tx) error) error { return s.d.Write(s.t.Context(), s.who, op) }

func (s *shop) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.try(op); err != nil {
		s.t.Fatal(err)
	}
}

// refused runs an operation that must be refused with a sentence about a field that holds all of the words.
func (s *shop) refused(field string, op func(*db.Tx) error, words ...string) {
	s.t.Helper()
	refusal(s.t, s.try(op), field, words...)
}

func refusal(t *testing.T, err error, field string, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*taphoa.Error](err)
	if !ok || e.Kind == taphoa.KindInternal {
		t.Errorf("got %v, want a refusal", err)
		return
	}
	if e.Field != field {
		t.Errorf("the refusal %q is about %q, want %q", e.Message, e.Field, field)
	}
	for _, word := range words {
		if !strings.Contains(e.Message, word) {
			t.Errorf("the refusal %q does not say %q", e.Message, word)
		}
	}
}

func (s *shop) create(in taphoa.CustomerInput) taphoa.Customer {
	s.t.Helper()
	return run(s, party.CreateCustomer, &in).Data
}

// person is a customer with a name, and a number unless it is empty.
func person(name, number string) taphoa.CustomerInput {
	return taphoa.CustomerInput{Name: taphoa.Some(name), ContactNumber: taphoa.SomeIf(number)}
}

func (s *shop) get(id int64) taphoa.Customer {
	s.t.Helper()
	return run(s, party.GetCustomer, &taphoa.ByID{ID: id})
}

func (s *shop) list(q taphoa.CustomerQuery) taphoa.Page[taphoa.Customer] {
	s.t.Helper()
	if q.PageSize == 0 {
		q.PageSize = taphoa.PageSizeDefault
	}
	return run(s, party.ListCustomers, &q)
}

// names lists the customers that a query finds.
func (s *shop) names(q taphoa.CustomerQuery) string {
	s.t.Helper()
	var names []string
	page := s.list(q)
	for _, c := range page.Data {
		names = append(names, c.Name)
	}
	if int(page.Total) != len(names) {
		s.t.Errorf("the total is %d, but %d are listed", page.Total, len(names))
	}
	return strings.Join(names, ", ")
}

func (s *shop) set(name, value string) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error { return org.SetSetting(tx, name, value) })
}

func (s *shop) branch(name string) int64 {
	s.t.Helper()
	return run(s, org.CreateBranch, &taphoa.BranchInput{BranchName: name}).ID
}

func (s *shop) group(name string) int64 {
	s.t.Helper()
	return run(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: name}).ID
}

// run runs an operation that must succeed.
func run[In, Out any](s *shop, op func(*db.Tx, In) (Out, error), in In) Out {
	s.t.Helper()
	var out Out
	s.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

// just returns an operation that drops the result of another.
func just[In, Out any](op func(*db.Tx, In) (Out, error), in In) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := op(tx, in)
		return err
	}
}
