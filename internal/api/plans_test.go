package api_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// Plans are tested as the server makes them: the statements of a request are recorded as the engine gets them, prepared
// again on a session that is set as the server's are, with the same values, and what they cost is counted. The shops are
// the demo shop many times over (plans_shop_test.go), the measures those of SQLite (plans_lite_test.go) and PostgreSQL
// (plans_postgres_test.go), the values of filters and the exceptions those of plans_known_test.go.

var (
	dearest = flag.Int("dearest", 0, "how many of the dearest requests of lists are printed for each engine")
	explain = flag.Bool("explain", false, "print their plans, too")
)

// cost is what a request costs the engine, by measures that do not depend on the machine.
type cost struct {
	work  int64   // SQLite: steps of the virtual machine; PostgreSQL: rows that scans have visited
	pages int64   // PostgreSQL: pages of tables and indexes
	ms    float64 // to be read by people only
}

func (c *cost) add(other cost) {
	c.work, c.pages, c.ms = c.work+other.work, c.pages+other.pages, c.ms+other.ms
}

// meter runs statements on an engine and counts what they cost.
type meter interface {
	measure(s statement) cost
	plan(s statement) string // for people
	grown()                  // the database has
}

// rule is how much more a request may cost the grown shop: what it cost before with a tenth more, a little that is always
// granted, so much for each match more, for each row more on the page, and for each row on it, since other rows may have more
// lines, or be kept in memory.
type rule struct {
	work, perMatch, perNewRow, perRow, perSkipped int64
	pages, pagesPerMatch                          int64
}

var rules = map[string]rule{
	"sqlite":   {work: 600, perMatch: 60, perNewRow: 500, perRow: 200, perSkipped: 5},
	"postgres": {work: 3000, perMatch: 6, perNewRow: 50, perSkipped: 1, pages: 500, pagesPerMatch: 6}, // to walk a small table is no fault
}

// listRequest is a request of a list, in words that stay the same while the shop grows.
type listRequest struct {
	route  *api.Route
	filter string // member=value; "" for none
	shows  bool   // the filter is none: it shows more of each record
	order  string // orderBy, with desc behind it
	at     string // which page: "" the first, lastPage, or lastCursor
	id     string // in the path
}

func (r *listRequest) String() string {
	name := r.route.Operation
	if r.id != "" {
		name += "(" + r.id + ")"
	}
	if r.filter != "" {
		name += " " + r.filter
	}
	if r.order != "" {
		name += " orderBy=" + r.order
	}
	if r.at != "" {
		name += " (" + r.at + ")"
	}
	return name
}

// filtered reports that the total is not that of a whole table.
func (r *listRequest) filtered() bool {
	return r.filter != "" && !r.shows || strings.Contains(r.route.Paths[0], "{id}") || narrow[r.route.Operation] != ""
}

const (
	lastPage   = "last page"      // by currentItem
	lastCursor = "last by cursor" // the same by cursor
)

// pageRows is small, so that every list has several pages in the small shop.
const pageRows = 5

func (r *listRequest) target(b *bigShop, total int64) string {
	q := url.Values{"pageSize": {fmt.Sprint(pageRows)}}
	for _, f := range members(r.route.In) { // what the list is refused without
		if name := r.route.Operation + "." + f.Tag.Get("query") + "!"; sampleValues[name] != "" {
			q.Set(f.Tag.Get("query"), b.sample(name)[0])
		}
	}
	if member, value, ok := strings.Cut(r.filter, "="); ok {
		q.Set(member, b.instant(value))
	}
	by, direction, _ := strings.Cut(r.order, " ")
	if by != "" {
		q.Set("orderBy", by)
	}
	if direction != "" {
		q.Set("orderDirection", direction)
	}
	switch r.at {
	case lastPage:
		q.Set("currentItem", fmt.Sprint(max(0, total-pageRows)))
	case lastCursor:
		q.Set("cursor", "*")
	}
	return strings.ReplaceAll(r.route.Paths[0], "{id}", r.id) + "?" + q.Encode()
}

// measured is what a request found and cost.
type measured struct {
	cost
	total, rows, removed int64
	asked                []statement
}

// words are the texts of all that was asked.
func (m *measured) words() (all string) {
	for _, a := range m.asked {
		all += a.sql + "\n"
	}
	return all
}

// survey measures requests on a shop as it is.
type survey struct {
	shop  *bigShop
	meter meter
	known map[string]cost // of statements
}

func newSurvey(b *bigShop, m meter) *survey { return &survey{b, m, map[string]cost{}} }

// nearEnd is the target of a page near the end of a walk by cursor. The walk need not be made: the first page of the walk in
// the other direction knows where it would be.
func (b *bigShop) nearEnd(r *listRequest) string {
	b.tb.Helper()
	other := *r
	name, direction, _ := strings.Cut(cmp.Or(r.order, "id"), " ")
	if other.order = name + " desc"; direction == "desc" {
		other.order = name + " asc"
	}
	next := func(r *listRequest) (target *url.URL, cursor map[string]any) {
		target, err := url.Parse(r.target(b, 0))
		if err != nil {
			b.tb.Fatal(err)
		}
		var page struct{ NextCursor string }
		body, _ := b.ask(target.String())
		err = json.Unmarshal(body, &page)
		raw, err2 := base64.RawURLEncoding.DecodeString(page.NextCursor)
		if err != nil || err2 != nil {
			b.tb.Fatalf("%s: %s", target, body)
		}
		if len(raw) == 0 {
			return target, nil // there is one page
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&cursor); err != nil {
			b.tb.Fatalf("%s: %s", target, raw)
		}
		return target, cursor
	}
	target, here := next(r)
	_, there := next(&other)
	if here == nil || there == nil {
		return target.String()
	}
	there["l"] = here["l"] // the direction is part of what the cursor belongs to
	raw, err := json.Marshal(there)
	if err != nil {
		b.tb.Fatal(err)
	}
	q := target.Query()
	q.Set("cursor", base64.RawURLEncoding.EncodeToString(raw))
	return target.Path + "?" + q.Encode()
}

func (s *survey) measure(r *listRequest, total int64) *measured {
	target := ""
	if r.at == lastCursor {
		target = s.shop.nearEnd(r)
	} else {
		target = r.target(s.shop, total)
	}
	// The ids of all products in an order are kept when as many were walked through, and products of invoices' lines.
	if r.at == lastPage || r.route.Operation == "listInvoices" {
		s.shop.ask(target)
	}
	body, asked := s.shop.ask(target)
	var page struct {
		Total                                      int64
		Data                                       []json.RawMessage
		RemovedIDs, RemovedID, RemoveID, RemoveIDs []int64
	}
	if err := json.Unmarshal(body, &page); err != nil {
		s.shop.tb.Errorf("%v: %v", r, err)
	}
	m := &measured{total: page.Total, rows: int64(len(page.Data)), asked: asked}
	m.removed = int64(max(len(page.RemovedIDs), len(page.RemovedID), len(page.RemoveID), len(page.RemoveIDs)))
	for _, a := range asked {
		m.add(s.statement(a))
	}
	return m
}

func (s *survey) statement(a statement) cost {
	key := fmt.Sprint(a.sql, a.args)
	c, known := s.known[key]
	if !known {
		began := time.Now()
		c = s.meter.measure(a)
		if c.ms == 0 {
			c.ms = time.Since(began).Seconds() * 1000
		}
		s.known[key] = c
	}
	return c
}

func (s *survey) all(requests []*listRequest) (all []*measured) {
	totals := map[string]int64{}
	for i, r := range requests {
		if i == 0 || r.route != requests[i-1].route { // what is kept in memory is not asked for again
			plain := listRequest{route: r.route, id: r.id}
			s.shop.ask(plain.target(s.shop, 0))
		}
		m := s.measure(r, totals[r.route.Operation+r.id])
		if r.filter == "" {
			totals[r.route.Operation+r.id] = m.total
		}
		all = append(all, m)
	}
	return all
}

// listRoutes are the operations that answer pages.
func listRoutes() (all []*api.Route) {
	for _, r := range api.Routes() {
		if r.Method != "GET" || r.Out.Kind() != reflect.Struct {
			continue
		}
		_, total := r.Out.FieldByName("Total")
		data, paged := r.Out.FieldByName("Data")
		if total && paged && data.Type.Kind() == reflect.Slice {
			all = append(all, &r)
		}
	}
	return all
}

// members are what a list's query has besides paging and order.
func members(in reflect.Type) (all []reflect.StructField) {
	for _, f := range reflect.VisibleFields(in) {
		if !slices.Contains([]string{"", "pageSize", "currentItem", "orderBy", "orderDirection", "cursor"}, f.Tag.Get("query")) {
			all = append(all, f)
		}
	}
	return all
}

// orders are the names that a list can be ordered by, and whether it is a list of the database's at all.
func orders(b *bigShop, plain listRequest) (names []string, isList bool) {
	b.traced(plain.target(b, 0), &db.Trace{List: func(l *db.List) {
		if isList {
			return
		}
		isList = true
		if table, _, _ := strings.Cut(l.Table, " "); few[table] == "" || runsLong() { // of a few, any order will do
			names = append([]string{"id"}, slices.Sorted(maps.Keys(l.Orders))...)
		}
	}})
	return names, isList
}

// hasCursors reports that a list can be walked by cursor.
func hasCursors(r *api.Route) bool {
	return slices.ContainsFunc(reflect.VisibleFields(r.In), func(f reflect.StructField) bool { return f.Tag.Get("query") == "cursor" })
}

// planned is what is to be measured: each list in each order, its first page and its last; with each filter; and with each
// filter in each order. Orders that have no index are alike behind the first page and for a filter: one is measured for all of
// them, unless the test runs long. Names that do not change the statements are no orders.
func planned(b *bigShop, m meter) (all []*listRequest) {
	s := newSurvey(b, m)
	for _, route := range listRoutes() {
		ids := []string{""}
		if strings.Contains(route.Paths[0], "{id}") {
			ids = b.sample(route.Operation + ".{id}")
		}
		for _, id := range ids {
			all = append(all, s.planned(listRequest{route: route, id: id})...)
		}
	}
	return slices.DeleteFunc(all, func(r *listRequest) bool { return r.at == lastCursor && !hasCursors(r.route) })
}

func (s *survey) planned(plain listRequest) (all []*listRequest) {
	named, isList := orders(s.shop, plain)
	if !isList {
		return nil
	}
	add := func(filter, order, at string, shows bool) {
		r := plain
		r.filter, r.order, r.at, r.shows = filter, order, at, shows
		all = append(all, &r)
	}
	ordered := func(order string) *measured {
		r := plain
		r.order = order
		return s.measure(&r, 0)
	}
	s.shop.ask(plain.target(s.shop, 0)) // what is kept in memory is not asked for again
	byID, byDefault := ordered("id"), ordered("")
	var tried, forFilters []string
	sorts, alike := false, map[string]bool{}
	for _, name := range named {
		by := ordered(name)
		if name != "id" && by.words() == byDefault.words() {
			continue
		}
		tried = append(tried, name)
		if sorting := by.work-byID.work > 5*by.total; !sorting || !sorts || runsLong() {
			forFilters = append(forFilters, name)
			sorts = sorts || sorting
		} else {
			alike[name] = true
		}
	}
	add("", "", "", false)
	add("", "", lastPage, false)
	add("", "", lastCursor, false)
	for _, name := range tried {
		add("", name, "", false)
		if alike[name] {
			continue
		}
		add("", name, lastPage, false)
		add("", name, lastCursor, false)
		add("", name+" desc", "", false)
	}
	for _, f := range members(plain.route.In) {
		name := f.Tag.Get("query")
		if sampleValues[plain.route.Operation+"."+name+"!"] != "" {
			continue
		}
		for _, value := range s.shop.samples(plain.route.Operation, f) {
			filter, shows := name+"="+value, f.Type.Kind() == reflect.Bool || strings.HasPrefix(name, "include")
			add(filter, "", "", shows)
			if shows {
				continue
			}
			add(filter, "", lastCursor, false)
			for _, order := range forFilters {
				add(filter, order, "", false)
			}
		}
	}
	return all
}

func runsLong() bool { return *long > time.Minute/2 }

// sizes are how many seasons of the demo the shop has, and the grown shop.
func sizes() (small, large int64) {
	if runsLong() {
		return 31, 310 // 100,000 products, 200,000 invoices
	}
	return 3, 30
}

// TestNoListWalksTheShop measures every list with every filter in every order, on a shop and on the same shop when it has
// grown tenfold: a page of a list without a filter must cost the same, one of a filtered list what its matches cost. The
// cases where that is impossible are in [exceptions].
func TestNoListWalksTheShop(t *testing.T) {
	t.Parallel()
	small, large := sizes()
	b := newBigShop(t, "sqlite")
	young, rows := *b, b.rows()
	b.grow(small)
	b.check()
	l := newLiteMeter(t, b.file())
	requests := planned(b, l)
	if !runsLong() {
		requests = withoutRepetitions(requests)
	}
	totals := make([][]int64, len(dbtest.Engines))
	needed := &excused{}
	t.Run("engines", func(t *testing.T) {
		for i, engine := range dbtest.Engines {
			t.Run(engine, func(t *testing.T) {
				t.Parallel()
				b, m := b, meter(l)
				if engine == "postgres" {
					b = copyOf(t, engine, &young, rows)
					b.grow(small)
					m = newPostgresMeter(t, b.url)
				} else {
					b.tb, l.tb = t, t
				}
				totals[i] = b.prove(m, requests, large, needed)
			})
		}
	})
	needed.judge(t, len(totals[1]) > 0)
	if len(totals[0]) == 0 || len(totals[1]) == 0 {
		return // without PostgreSQL
	}
	for i, r := range requests {
		if totals[0][i] != totals[1][i] {
			t.Errorf("%s: %d on one engine, %d on the other", r, totals[0][i], totals[1][i])
		}
	}
}

// withoutRepetitions leaves of what reads a whole list by an exception for all of its orders one in four, and
// of the orders of each filter the default one, one other in turn, and those that need an exception of their own. All of
// them take minutes.
func withoutRepetitions(requests []*listRequest) (some []*listRequest) {
	type group struct{ operation, filter string }
	var groups []group
	orders := map[group][]*listRequest{}
	type repeated struct {
		exception  *exception
		at         string
		descending bool
	}
	alike := map[repeated]int{}
	for _, r := range requests {
		if r.filter != "" && r.order != "" {
			g := group{r.route.Operation, r.filter}
			if orders[g] == nil {
				groups = append(groups, g)
			}
			orders[g] = append(orders[g], r)
			continue
		}
		if e := find("sqlite", r); e != nil && e.orders == "*" && r.order != "" {
			key := repeated{e, r.at, strings.HasSuffix(r.order, " desc")}
			if alike[key]++; alike[key]%4 != 1 {
				continue
			}
		}
		some = append(some, r)
	}
	for i, g := range groups {
		for n, r := range orders[g] {
			if e := find("sqlite", r); n == i%len(orders[g]) || e != nil && e.orders != "*" {
				some = append(some, r)
			}
		}
	}
	// Requests of a list follow each other: what they keep in memory is asked for once.
	slices.SortStableFunc(some, func(a, b *listRequest) int { return strings.Compare(a.route.Operation, b.route.Operation) })
	return some
}

// TestPlansOfAnEmptyShopServeABigOne prepares the statements of all lists on an empty database, which then takes 20,000
// orders. The server lets PostgreSQL know of the rows by itself.
func TestPlansOfAnEmptyShopServeABigOne(t *testing.T) {
	if !runsLong() {
		t.Skip("takes minutes: see make plans")
	}
	b := newBigShop(t, "sqlite")
	b.grow(15)
	requests := planned(b, newLiteMeter(t, b.file()))
	b = newBigShop(t, "postgres")
	b.grow(15)
	empty := &bigShop{tb: t, engine: "postgres"}
	empty.open()
	m := newPostgresMeter(t, empty.url)
	for _, asked := range newSurvey(b, noMeter{}).all(requests) {
		for _, a := range asked.asked {
			m.measure(a)
		}
	}
	empty.fill()
	empty.grow(15)
	m.left = true
	empty.prove(m, requests, 145, &excused{})
}

// noMeter measures nothing.
type noMeter struct{}

func (noMeter) measure(statement) cost { return cost{} }
func (noMeter) plan(statement) string  { return "" }
func (noMeter) grown()                 {}

// prove measures requests before and after the shop grows, and returns how many rows each found afterwards.
func (b *bigShop) prove(m meter, requests []*listRequest, large int64, needed *excused) (totals []int64) {
	b.tb.Helper()
	m.grown()
	before := newSurvey(b, m).all(requests)
	b.grow(large)
	m.grown()
	after := newSurvey(b, m).all(requests)
	whole := map[string]int64{} // how many rows each list has
	for i, r := range requests {
		if r.filter == "" {
			whole[r.route.Operation] = max(whole[r.route.Operation], after[i].total)
		}
	}
	for i, r := range requests {
		was, is := before[i], after[i]
		totals = append(totals, is.total)
		if !b.over(r, was, is) {
			continue
		}
		e := find(b.engine, r)
		if e == nil {
			b.tb.Errorf("%v: %s, %d for each row of the list", r, b.told(was, is), (is.work-was.work/10)/max(1, whole[r.route.Operation]))
			continue
		}
		needed.note(e, r)
		of := cmp.Or(e.of, r.route.Operation)
		if is.work > was.work/10+rules[b.engine].work+e.per[b.engine]*whole[of] {
			b.tb.Errorf("%v: %s; at most %d for each of the %d rows of %s are excepted (%s)", r, b.told(was, is), e.per[b.engine],
				whole[of], of, e.why)
		}
	}
	b.show(m, requests, after)
	return totals
}

// over reports that a request costs the grown shop more than it may.
func (b *bigShop) over(r *listRequest, was, is *measured) bool {
	rule := rules[b.engine]
	matches := is.removed - was.removed
	if r.filtered() {
		matches += is.total - was.total
	}
	skipped := int64(0)
	if r.at == lastPage {
		skipped = 1024 // rows are counted by ranges of ids
	}
	rows := max(0, is.rows-was.rows)*rule.perNewRow + is.rows*rule.perRow
	return is.work > was.work+was.work/10+rule.work+rule.perMatch*matches+rows+skipped*rule.perSkipped ||
		is.pages > was.pages+was.pages/10+rule.pages+rule.pagesPerMatch*matches+rows
}

func (b *bigShop) told(was, is *measured) string {
	matches := fmt.Sprintf("%d → %d matches", was.total+was.removed, is.total+is.removed)
	if b.engine == "sqlite" {
		return fmt.Sprintf("%d → %d steps, %s", was.work, is.work, matches)
	}
	return fmt.Sprintf("%d → %d rows visited, %d → %d pages, %s", was.work, is.work, was.pages, is.pages, matches)
}

// show prints the dearest requests, one for each filter of a list.
func (b *bigShop) show(m meter, requests []*listRequest, after []*measured) {
	order := make([]int, len(requests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return int(after[j].work - after[i].work) })
	shown := map[string]bool{}
	for _, i := range order {
		r, is := requests[i], after[i]
		if key := r.route.Operation + r.filter; len(shown) < *dearest && !shown[key] {
			shown[key] = true
			b.tb.Logf("| %v | %d | %d | %d | %.1f |", r, is.total, is.work, is.pages, is.ms)
			for _, a := range is.asked {
				if *explain {
					b.tb.Logf("%+v\n%s\n%v\n%s", newSurvey(b, m).statement(a), a.sql, a.args, m.plan(a))
				}
			}
		}
	}
}
