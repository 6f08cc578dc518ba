package testbench

import (
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/oauth"
)

var eachStep = flag.Bool("each-step", false, "compare after each step of the transcripts, not only after the last one")

// placeholders are what differs in the paths of one operation.
var placeholders = regexp.MustCompile(`\{\{[^{}]+\}\}|\b[0-9]+\b`)

// tables are those of records that the API shows each by itself.
var tables = map[string]string{
	"categories": "categories", "products": "products", "trademark": "trademarks", "pricebooks": "price_books", "orders": "orders",
	"customers": "customers", "customers/group": "customer_groups", "branches": "branches", "users": "users", "bankaccounts": "bank_accounts",
	"surchages": "surcharges", "invoices": "invoices", "webhooks": "webhooks", "purchaseorders": "purchase_orders", "transfers": "transfers",
	"ordersuppliers": "order_suppliers", "stocktakes": "stocktakes", "suppliers": "suppliers", "cashflow": "payments",
	"debtadjustments": "debt_adjustments", "returns": "returns", "salechannel": "sale_channels", "couponcampaign": "coupon_campaigns",
	"vouchercampaign": "voucher_campaigns", "voucher": "vouchers",
}

// noRecords are tables of a shop whose rows are in no record that the API shows, with the reason.
var noRecords = map[string]string{
	"events": "they are told beside the records", "audit_log": "it has an operation of its own", "shop_heads": "it changes with every write",
	"counters": "numbers that are given out", "row_counts": "they speed up lists", "idempotency_keys": "answers that are repeated",
	"stock_recosts": "work to be done", "webhook_deliveries": "what was sent", "webhook_redeliveries": "what is to be sent",
	"webhook_held": "what is to be sent", "webhook_sweeps": "work to be done", "open_items": "it follows from the documents",
	"unallocated_partners": "work to be done", "request_log": "what was asked for", "merged_customers": "how a customer was removed",
	"delivery_partners": "no operation shows them by themselves", "cash_flow_groups": "no operation shows them by themselves",
	"stock_serials": "of a product that shows them when it is asked for them, in lists",
}

// walk compares the state of a server with that before, by the comparison and by everything that there is.
type walk struct {
	*testing.T
	d      *apitest.Server
	before *side
	digest apitest.Digest
}

func (w *walk) mark() {
	w.Helper()
	url, err := w.d.DB.Clone(w.Context(), w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	d, err := db.Open(w.Context(), url, db.Options{ReadOnly: true, Now: w.d.Clock.Now})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { d.Close() })
	tokens, err := oauth.New(d, oauth.Options{})
	if err != nil {
		w.Fatal(err)
	}
	w.before = newSide(d, api.New(d, tokens, api.Options{}), w.d.Shop.Retailer)
	w.digest = w.d.Digest(w.d.Shop)
}

func (w *walk) compare(what string) {
	w.Helper()
	after := newSide(w.d.DB, w.d.Handler.(*api.Server), w.d.Shop.Retailer)
	got, err := compare(w.Context(), w.before, after)
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	told := map[key]bool{}
	for _, r := range got.Records {
		told[key{r.Resource, r.ID}] = true
		if len(r.Members) == 0 {
			w.Errorf("%s: %s %d differs in nothing", what, r.Resource, r.ID)
		}
	}
	c := &comparison{ctx: w.Context(), old: w.before, new: after, resources: map[string]*api.Resource{}}
	for _, r := range api.Resources() {
		c.resources[r.Name] = r
	}
	for k := range w.all(w.before, after) {
		was, err1 := c.show(w.before, k)
		is, err2 := c.show(after, k)
		if err1 != nil || err2 != nil {
			w.Fatal(err1, err2)
		}
		if change := changeOf(k, was, is); change != nil && !told[k] && !namesOfOthers(change) {
			w.Errorf("%s: %s %d is not told to be %s: %s", what, k.resource, k.id, change.Change, show(change))
		}
	}
	differs := slices.DeleteFunc(w.digest.Differs(w.d.Digest(w.d.Shop)), func(table string) bool {
		name, _, _ := strings.Cut(table, " ")
		return noRecords[name] != "" || strings.HasPrefix(name, "access_") || strings.HasPrefix(name, "oauth_")
	})
	if len(differs) > 0 && len(told) == 0 {
		w.Errorf("%s: nothing is told, and these differ: %s", what, differs)
	}
}

func show(c *Change) (text string) {
	for _, m := range c.Members {
		text += fmt.Sprintf(" %s %s → %s", m.Path, m.Old, m.New)
	}
	return text
}

// namesOfOthers reports whether all that differs are names of other records, which are told by themselves.
func namesOfOthers(c *Change) bool {
	return c.Change == "changed" && !slices.ContainsFunc(c.Members, func(m ChangeMember) bool {
		lower := strings.ToLower(m.Path)
		return !strings.HasSuffix(lower, "name") && !strings.HasSuffix(lower, "code")
	})
}

// all are the records of the tables on either side.
func (w *walk) all(sides ...*side) map[key]bool {
	var selects []string
	for name, table := range tables {
		selects = append(selects, "SELECT '"+name+"' AS name, id FROM "+table+" WHERE retailer_id = :retailer")
	}
	slices.Sort(selects)
	all := map[key]bool{}
	for _, s := range sides {
		err := s.read(w.Context(), func(tx *db.Tx) error {
			return tx.Each(func(row db.Row) error {
				all[key{row.Text(0), row.Int64(1)}] = true
				return nil
			}, strings.Join(selects, " UNION ALL "))
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	return all
}

// TestAllThatOperationsChangeIsTold compares all records that there are before and after the first step of a transcript that shows an
// operation at work.
func TestAllThatOperationsChangeIsTold(t *testing.T) {
	files, err := filepath.Glob("../api/testdata/*/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		script, err := apitest.ReadScript(file)
		if err != nil {
			t.Fatal(err)
		}
		shows := make([]bool, len(script.Steps)+1)
		for i := range script.Steps {
			step := &script.Steps[i]
			path, _, _ := strings.Cut(step.Target, "?")
			operation := step.Method + " " + placeholders.ReplaceAllString(strings.ToLower(path), "{}")
			shows[i] = step.Method != http.MethodGet && step.Succeeds() && (*eachStep || !seen[operation])
			seen[operation] = seen[operation] || shows[i]
		}
		for len(script.Steps) > 0 && !shows[len(script.Steps)-1] {
			script.Steps = script.Steps[:len(script.Steps)-1]
		}
		if len(script.Steps) == 0 {
			continue
		}
		t.Run(script.Name(), func(t *testing.T) {
			t.Parallel()
			w := &walk{T: t, d: apitest.Seeded(t, "sqlite")}
			if shows[0] {
				w.mark()
			}
			script.PlayWith(t, w.d, func(i int) {
				if shows[i] {
					w.compare(script.Steps[i].Title)
				}
				if shows[i+1] {
					w.mark()
				}
			})
		})
	}
}

// TestEachKindOfEventNamesRecords: a new type of event needs its resource.
func TestEachKindOfEventNamesRecords(t *testing.T) {
	known := map[string]bool{}
	for _, r := range api.Resources() {
		known[r.Name] = true
		if tables[r.Name] == "" && r.Get != "" {
			t.Errorf("the test does not know the table of %s", r.Name)
		}
	}
	for _, kind := range event.Types {
		if !known[resourceOf(kind)] {
			t.Errorf("%s is about %s, which no operation shows", kind, resourceOf(kind))
		}
	}
}
