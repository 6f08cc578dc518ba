package testbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/oauth"
)

// Bounds of what a comparison tells.
const (
	changesMax     = 5000 // records
	changeEventMax = 5000
	eventsAtOnce   = 500
)

// side is a state of a shop that is compared.
type side struct {
	db  *db.DB
	api *api.Server
	who oauth.Identity

	head db.Head // when the comparison began
}

func newSide(d *db.DB, server *api.Server, retailer int64) *side {
	return &side{db: d, api: server, who: oauth.Identity{Retailer: retailer, Scopes: []string{oauth.ScopePublic, oauth.ScopeAdmin}}}
}

func (s *side) read(ctx context.Context, op func(*db.Tx) error) error {
	return s.db.Read(ctx, db.Actor{Retailer: s.who.Retailer}, op)
}

// key names a record.
type key struct {
	resource string
	id       int64
}

// comparison finds out in what two sides differ. The log of events names what its kinds of records changed in; the records of other
// kinds are listed on both sides, with those that the audit log names.
type comparison struct {
	ctx       context.Context //nolint:containedctx // of one call
	old, new  *side
	resources map[string]*api.Resource

	common   int64 // the last event that both sides have
	named    map[key][]int64
	everyOf  map[string]bool // resources whose records must be listed
	moved    bool            // anything was written since
	answer   *Changes
	listings map[string]map[int64]*record // of the records that only a list shows, "old " or "new " before the resource
}

// compare tells in what two sides of the same shop differ.
func compare(ctx context.Context, older, newer *side) (*Changes, error) {
	c := &comparison{
		ctx: ctx, old: older, new: newer, resources: map[string]*api.Resource{}, named: map[key][]int64{}, everyOf: map[string]bool{},
		answer: &Changes{Records: []Change{}, Events: []ChangeEvent{}}, listings: map[string]map[int64]*record{},
	}
	for _, r := range api.Resources() {
		c.resources[r.Name] = r
		c.everyOf[r.Name] = true
	}
	for _, kind := range event.Types {
		delete(c.everyOf, resourceOf(kind))
	}
	for _, step := range []func() error{c.findCommon, c.readEvents, c.readAudit, c.list} {
		if err := step(); err != nil {
			return nil, err
		}
		if !c.moved {
			return c.answer, nil
		}
	}
	return c.answer, c.compareRecords()
}

// resourceOf is the kind of the records that events of a type name.
func resourceOf(kind string) string {
	kind, _, _ = strings.Cut(kind, ".")
	switch kind {
	case "stock":
		return "products"
	case "pricebookdetail":
		return "pricebooks"
	case "category":
		return "categories"
	case "branch":
		return "branches"
	case "cashflow":
		return kind
	}
	return kind + "s"
}

// findCommon finds the last event that both sides have. Their logs begin alike, and have no number in common after that: a restore begins
// numbers that were never used.
func (c *comparison) findCommon() error {
	for _, s := range []*side{c.old, c.new} {
		err := s.read(c.ctx, func(tx *db.Tx) (err error) { s.head, err = tx.Head(); return err })
		if err != nil {
			return err
		}
	}
	older, newer := &c.old.head, &c.new.head
	c.moved = older.Version != newer.Version || older.Audits != newer.Audits || older.AuditHash != newer.AuditHash
	low, high := int64(0), min(older.LastSeq, newer.LastSeq) // low is common
	for low < high {
		middle := high - (high-low)/2
		a, err := c.old.upTo(c.ctx, middle)
		if err != nil {
			return err
		}
		b, err := c.new.upTo(c.ctx, middle)
		if err != nil {
			return err
		}
		if a.Seq == b.Seq && a.At == b.At {
			low = middle
		} else {
			high = middle - 1
		}
	}
	c.common = low
	if low < max(older.DroppedSeq, newer.DroppedSeq) { // what is not kept may have named anything
		for name := range c.resources {
			c.everyOf[name] = true
		}
	}
	return nil
}

func (s *side) upTo(ctx context.Context, n int64) (e taphoa.Event, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { e, err = event.UpTo(tx, n); return err })
	return e, err
}

// readEvents notes the records that the events of either side name which the other one has not.
func (c *comparison) readEvents() error {
	for _, s := range []*side{c.old, c.new} {
		for after := c.common; ; {
			var events []taphoa.Event
			err := s.read(c.ctx, func(tx *db.Tx) (err error) { events, err = event.Since(tx, after, eventsAtOnce); return err })
			if err != nil {
				return err
			}
			for i := range events {
				e := &events[i]
				after = e.Seq
				if err := c.note(e); err != nil {
					return err
				}
				switch {
				case s == c.old || e.Type == event.Internal:
				case len(c.answer.Events) < changeEventMax:
					c.answer.Events = append(c.answer.Events, ChangeEvent{e.Seq, e.Type, e.At})
				default:
					c.truncate()
				}
			}
			if len(events) < eventsAtOnce {
				break
			}
		}
	}
	return nil
}

// also has the kinds of which any record shows records of another kind that it does not name.
var also = map[string][]string{
	"branches":   {"products"},   // with their stock in each
	"categories": {"categories"}, // with those below
}

// note notes the records that an event names.
func (c *comparison) note(e *taphoa.Event) error {
	if e.Type == event.Internal {
		ids, err := event.Products(e)
		for _, id := range ids {
			c.name("products", id)
		}
		c.everyOf["products"] = c.everyOf["products"] || len(ids) == 0
		return err
	}
	resource := resourceOf(e.Type)
	for _, other := range also[resource] {
		c.everyOf[other] = true
	}
	for _, item := range elements(e.Data) {
		id := idOf(item)
		if strings.HasPrefix(e.Type, "pricebookdetail.") {
			id = number(lookUp(item, named("pricebookid")))
		}
		c.name(resource, id, e.Seq)
	}
	return nil
}

// name has a record compared; seqs are events that name it.
func (c *comparison) name(resource string, id int64, seqs ...int64) {
	if id == 0 || c.resources[resource] == nil {
		return
	}
	k := key{resource, id}
	c.named[k] = append(c.named[k], seqs...)
}

// readAudit notes the records of other kinds that the audit logs name since the sides were the same: lists do not show all of them.
func (c *comparison) readAudit() error {
	older, newer := &c.old.head, &c.new.head
	since := min(older.Audits, newer.Audits)
	if older.EpochBase != newer.EpochBase { // the numbers of one are those of others in the other one
		since = 0
	}
	for _, s := range []*side{c.old, c.new} {
		query := url.Values{"limit": {fmt.Sprint(taphoa.AuditLimitMax)}}
		for more := true; more; {
			answer, err := s.do(c.ctx, "(listAudit)", 0, query)
			if err != nil {
				return err
			}
			for _, e := range elements(lookUp(answer, named("data"))) {
				if more = number(lookUp(e, named("number"))) > since; !more {
					break
				}
				resource, _ := jsontext.AppendUnquote(nil, lookUp(e, named("resource")))
				if c.everyOf[string(resource)] {
					c.name(string(resource), number(lookUp(e, named("recordid"))))
				}
			}
			next := number(lookUp(answer, named("next")))
			more = more && next != 0
			query.Set("before", fmt.Sprint(next))
		}
	}
	return nil
}

// do asks an operation of a side; id: that of its path, unless 0.
func (s *side) do(ctx context.Context, operation string, id int64, query url.Values) (jsontext.Value, error) {
	call := api.Call{Operation: operation, Query: query}
	if id != 0 {
		call.Path = map[string]string{"id": fmt.Sprint(id)}
	}
	answer, err := s.api.Do(ctx, s.who, call)
	return answer.Body, err
}

// within are the lists that show the records of one of another kind only.
var within = map[string]struct{ resource, parameter string }{"voucher": {"vouchercampaign", "campaignId"}}

// list names all records of the kinds that no event names.
func (c *comparison) list() error {
	for _, name := range slices.Sorted(maps.Keys(c.everyOf)) {
		if !c.everyOf[name] || within[name].resource != "" {
			continue
		}
		for _, s := range []*side{c.old, c.new} {
			if err := c.listOn(s, c.resources[name], nil); err != nil {
				return err
			}
		}
	}
	for name, of := range within {
		for _, k := range slices.Collect(maps.Keys(c.named)) {
			if k.resource != of.resource {
				continue
			}
			for _, s := range []*side{c.old, c.new} {
				if err := c.listOn(s, c.resources[name], url.Values{of.parameter: {fmt.Sprint(k.id)}}); err != nil && !isRefusal(err) {
					return err
				}
			}
		}
	}
	return nil
}

// isRefusal reports whether an operation says that there is no such record.
func isRefusal(err error) bool {
	refusal := (*taphoa.Error)(nil)
	return errors.As(err, &refusal)
}

func (c *comparison) listOn(s *side, r *api.Resource, query url.Values) error {
	pages, err := s.pages(c.ctx, r.List, 0, merged(r.ListQuery, query), r.ListPages)
	if err != nil {
		return err
	}
	rows := map[int64]*record{}
	for _, page := range pages {
		items := elements(page)
		switch {
		case page.Kind() == '{' && hasPage(page):
			items = elements(lookUp(page, named("data")))
		case page.Kind() == '{':
			items = []jsontext.Value{page} // there is one
		}
		for _, item := range items {
			id := int64(1)
			if page.Kind() == '[' || hasPage(page) {
				id = idOf(item)
			}
			c.name(r.Name, id)
			for _, child := range elements(lookUp(item, named("children"))) {
				c.name(r.Name, idOf(child))
			}
			if r.Get == "" {
				rows[id] = newRecord(id, item)
			}
		}
	}
	if r.Get == "" {
		c.listings[s.key(c)+r.Name] = rows
	}
	return nil
}

func (s *side) key(c *comparison) string {
	if s == c.old {
		return "old "
	}
	return "new "
}

func merged(a, b url.Values) url.Values {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// pages asks an operation for all its pages.
func (s *side) pages(ctx context.Context, operation string, id int64, query url.Values, paged bool) (all []jsontext.Value, err error) {
	query = merged(query, nil)
	if paged {
		query.Set("pageSize", fmt.Sprint(taphoa.PageSizeMax))
	}
	for rows := 0; ; {
		answer, err := s.do(ctx, operation, id, query)
		if err != nil {
			return nil, err
		}
		all = append(all, answer)
		if !paged {
			return all, nil
		}
		n := len(elements(lookUp(answer, named("data"))))
		rows += n
		if n == 0 || int64(rows) >= number(lookUp(answer, named("total"))) {
			return all, nil
		}
		query.Set("currentItem", fmt.Sprint(rows))
	}
}

// show is a record as its own operation shows it; nil if there is none.
func (c *comparison) show(s *side, k key) (*record, error) {
	r := c.resources[k.resource]
	if r.Get == "" {
		return c.listings[s.key(c)+k.resource][k.id], nil
	}
	pages, err := s.pages(c.ctx, r.Get, k.id, r.GetQuery, r.GetPages)
	if isRefusal(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newRecord(k.id, pages...), nil
}

// compareRecords compares all records that were named, and those that the ones name which differ: a sale changes what its customer has
// bought, without an event of the customer.
func (c *comparison) compareRecords() error {
	done := map[key]bool{}
	for waiting := slices.Collect(maps.Keys(c.named)); len(waiting) > 0; {
		slices.SortFunc(waiting, func(a, b key) int { return cmp.Or(strings.Compare(a.resource, b.resource), cmp.Compare(a.id, b.id)) })
		var next []key
		for _, k := range waiting {
			if done[k] {
				continue
			}
			done[k] = true
			others, err := c.compareRecord(k)
			if err != nil {
				return err
			}
			if c.answer.Truncated && len(c.answer.Records) == changesMax {
				return nil
			}
			next = append(next, others...)
		}
		waiting = next
	}
	slices.SortFunc(c.answer.Records, func(a, b Change) int { return cmp.Or(strings.Compare(a.Resource, b.Resource), cmp.Compare(a.ID, b.ID)) })
	return nil
}

// compareRecord compares one, and returns what it names if it differs.
func (c *comparison) compareRecord(k key) (others []key, err error) {
	was, err := c.show(c.old, k)
	if err != nil {
		return nil, err
	}
	is, err := c.show(c.new, k)
	if err != nil {
		return nil, err
	}
	change := changeOf(k, was, is)
	if change == nil {
		return nil, nil
	}
	if len(c.answer.Records) == changesMax {
		c.truncate()
		return nil, nil
	}
	change.Events = append([]int64{}, slices.Compact(slices.Sorted(slices.Values(c.named[k])))...)
	c.answer.add(change)
	return slices.Concat(c.namedBy(was), c.namedBy(is)), nil
}

var payment = regexp.MustCompile(`^payments\[\d+\]\.id$`)

// namedBy are the records that a record has the ids of.
func (c *comparison) namedBy(r *record) (all []key) {
	if r == nil {
		return nil
	}
	for _, m := range r.members {
		name := strings.ToLower(m.path[strings.LastIndexByte(m.path, '.')+1:])
		of, isID := strings.CutSuffix(name, "id")
		resource := resourceOf(of)
		if payment.MatchString(m.path) {
			resource = "cashflow"
		}
		if isID && c.resources[resource] != nil {
			if id := number(m.value); id != 0 {
				all = append(all, key{resource, id})
			}
		}
	}
	return all
}
