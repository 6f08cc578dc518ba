package api_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// staff is a shop with records of every kind, and who asks for them.
type staff struct {
	*apitest.Server
	held    *atomic.Pointer[right.Held]
	records otherRecords
	bodies  map[string][]base // requests of each operation
	engine  string
}

// eachStaff runs a test on both engines.
func eachStaff(t *testing.T, test func(t *testing.T, s *staff)) {
	t.Helper()
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			held := &atomic.Pointer[right.Held]{}
			d := apitest.SeededWith(t, engine, api.Options{Held: func(oauth.Identity) *right.Held { return held.Load() }})
			s := &staff{d, held, createOtherRecords(t, d), map[string][]base{}, engine}
			d.Shop = d.OtherShop // the owner of the records
			prepare(t, d)
			for _, r := range api.Routes() {
				target, named := s.records.target(r.Paths[0])
				for _, path := range r.Paths[1:] {
					if other, also := s.records.target(path); !named && also {
						target, named = other, true
					}
				}
				if target == "" {
					t.Fatalf("the test has no key for %s", r.Paths[0])
				}
				body, known := changes[r.Operation]
				if r.Method == http.MethodGet || known && named {
					s.bodies[r.Operation] = []base{{r.Operation, target, body}}
					continue
				}
				for _, b := range bases {
					if b.operation == r.Operation {
						s.bodies[r.Operation] = append(s.bodies[r.Operation], base{r.Operation, fillIn(d, cmp.Or(b.target, target)), fillIn(d, b.body)})
					}
				}
				if s.bodies[r.Operation] == nil {
					s.bodies[r.Operation] = []base{{r.Operation, target, ""}}
				}
			}
			s.bodies["deleteInvoiceByBody"][0].body = fmt.Sprintf(`{"id":%d}`, s.records.ids["invoices"])
			test(t, s)
		})
	}
}

// as sends a request of a person.
func (s *staff) as(who *right.Held, method string, b *base, headers ...string) apitest.Answer {
	s.held.Store(who)
	defer s.held.Store(nil)
	return s.Send(method, b.target, b.body, headers...)
}

// TestEveryRouteIsForTheRolesThatHaveItsRight asks each route as a person with each of the roles that are built in, and as one with
// none. Who lacks the right that the route needs is told so, and changes nothing.
func TestEveryRouteIsForTheRolesThatHaveItsRight(t *testing.T) {
	eachStaff(t, func(t *testing.T, s *staff) {
		before := s.Digest(s.Shop)
		user, allowed, denied := s.ID("user:lan"), 0, 0
		roles := append(right.BuiltIn(), right.Role{Name: "nothing"})
		for _, role := range roles {
			who := right.Hold(user, right.Grant{Set: role.Set})
			if role.Set == (right.Set{}) {
				who = right.Hold(user)
			}
			for _, r := range api.Routes() {
				b, refusal := &s.bodies[r.Operation][0], "Bạn không có quyền: "+r.Needs.Title()
				if !who.Somewhere().Has(r.Needs) {
					denied++
					for _, headers := range [][]string{nil, {dryRunHeader, "true"}, {"If-Match", "*"}, {keyHeader, "khóa"}} {
						if r.Method == http.MethodGet && headers != nil {
							continue
						}
						a := s.as(who, r.Method, b, headers...)
						if sentence, err := a.Refusal(); a.Status != http.StatusForbidden || err != nil || sentence != refusal {
							t.Errorf("%s: %s %v: %d %s, want %q", role.Name, r.Operation, headers, a.Status, a.Body, refusal)
						}
					}
					continue
				}
				allowed++
				for _, b := range s.bodies[r.Operation] {
					if s.engine != "sqlite" { // the right of a route is judged above the database
						break
					}
					a := s.as(who, r.Method, &b, dryRunHeader, "true")
					if sentence, _ := a.Refusal(); a.Status == http.StatusForbidden && sentence == refusal {
						t.Errorf("%s may %q, and is refused to %s: %s", role.Name, r.Needs.Title(), r.Operation, sentence)
					}
				}
			}
		}
		if differs := before.Differs(s.Digest(s.Shop)); differs != nil {
			t.Errorf("who had no right, or was in a dry run, has changed %s", differs)
		}
		if routes := len(api.Routes()); allowed < 3*routes || denied < routes {
			t.Errorf("%d requests were allowed, %d denied", allowed, denied)
		}
	})
}

// documentTables have the documents of branches.
var documentTables = map[string]string{
	"orders": "branch_id", "invoices": "branch_id", "returns": "branch_id", "purchase_orders": "branch_id", "order_suppliers": "branch_id",
	"stocktakes": "branch_id", "payments": "branch_id", "transfers": "from_branch_id",
}

// TestABranchIsClosedToTheStaffOfAnother: a manager of one branch finds no document of others by any read, and writes none there.
func TestABranchIsClosedToTheStaffOfAnother(t *testing.T) {
	eachStaff(t, func(t *testing.T, s *staff) {
		a := s.Send(http.MethodPost, "/branches", `{"branchName":"Chi nhánh mới","branchCode":"CN9","contactNumber":"0900","address":"x","email":"x@x.vn"}`)
		if a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		manager := right.BuiltIn()[slices.IndexFunc(right.BuiltIn(), func(r right.Role) bool { return r.ID == right.ManagerRole })]
		who := right.Hold(s.ID("user:lan"), right.Grant{Branch: s.ID("branch:CN9"), Set: manager.Set})
		s.bodies["customerStatement"] = []base{{"", fmt.Sprintf("/customers/%d/statement", s.ID("customer:KH-HOA")), ""}}
		s.bodies["listOpenDocuments"] = []base{{"", fmt.Sprint("/debts/documents?partnerType=C&partnerId=", s.ID("customer:KH-HOA")), ""}}
		if a := s.as(nil, http.MethodPut, &s.bodies["updateEInvoiceInfo"][0]); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		var codes []string
		s.Read(func(tx *db.Tx) error {
			for table := range documentTables {
				found, err := db.All[string](tx, "SELECT code FROM "+table+" WHERE retailer_id = :retailer")
				if codes = append(codes, found...); err != nil || len(found) == 0 {
					return fmt.Errorf("%s: no documents: %w", table, err)
				}
			}
			return nil
		})
		open := map[string]string{} // by operation: what was found, or written
		before := s.Digest(s.Shop)
		for _, r := range api.Routes() {
			for _, b := range s.bodies[r.Operation] {
				if r.Method == http.MethodGet {
					if !strings.Contains(b.target, "?") {
						b.target += "?" + switches
					}
					a := s.as(who, r.Method, &b)
					for _, code := range codes {
						if strings.Contains(string(a.Body), `"`+code+`"`) {
							open[r.Operation] = "shows " + code
						}
					}
					continue
				}
				if !ofBranch(&r) {
					continue
				}
				a := s.as(who, r.Method, &b, dryRunHeader, "true")
				sentence, _ := a.Refusal()
				if a.Status != http.StatusForbidden && !strings.Contains(sentence, "không tồn tại") {
					open[r.Operation] = fmt.Sprintf("answers %d %q of a document", a.Status, sentence)
				} else {
					s.as(who, r.Method, &b)
				}
			}
		}
		for operation, how := range open {
			t.Errorf("%s %s of another branch", operation, how)
		}
		if differs := before.Differs(s.Digest(s.Shop)); differs != nil {
			t.Errorf("the staff of another branch has changed %s", differs)
		}
	})
}

// ofBranch reports whether a route writes documents of a branch.
func ofBranch(r *api.Route) bool {
	resource := strings.ToLower(strings.Split(r.Paths[0], "/")[1])
	return slices.Contains([]string{
		"orders", "invoices", "returns", "purchaseorders", "ordersuppliers", "transfers", "stocktakes", "cashflow", "payments", "einvoices",
	}, resource)
}
