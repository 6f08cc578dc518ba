package api

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// fromRequest notes in the context of what may change something how it came in, for the audit log.
func fromRequest(r *http.Request, id string) *http.Request {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r
	}
	from := access.Caller{Address: r.RemoteAddr}
	return r.WithContext(audit.With(r.Context(), audit.Request{ID: id, Address: from.Host()}))
}

// notesItself has the first parts of paths whose records are documents, which their events show, or whose operations note what
// they change: what programs write often is not read again for the audit log.
var notesItself = map[string]bool{
	"orders": true, "invoices": true, "returns": true, "purchaseorders": true, "ordersuppliers": true, "transfers": true, "stocktakes": true,
	"cashflow": true, "payments": true, "debtadjustments": true, "einvoices": true, "settings": true,
	"products": true, "customers": true,
}

// listed are the resources of the operations for many records at once.
var listed = map[string]string{
	"listaddproducts": "products", "listupdatedproducts": "products", "listaddcutomers": "customers", "listupdatecustomers": "customers",
}

// resource is what the records of a route are: the first part of its path, and the second of groups, which are beside their members.
func (r *route) resource() string {
	path, _, _ := strings.Cut(strings.TrimPrefix(r.paths, "/"), " ")
	first, rest, _ := strings.Cut(path, "/")
	if rest == "group" || strings.HasPrefix(rest, "group/") {
		first += "/group"
	}
	first = strings.ToLower(first)
	return cmp.Or(listed[first], first)
}

// audits says how a write is written into the audit log.
type audits struct {
	operation, resource string
	noted               bool   // by itself
	shown               *route // what shows its record before and after; nil: nothing does
}

func auditsOf(routes []route) map[*route]audits {
	shows, all := map[string]*route{}, map[*route]audits{}
	for i := range routes {
		if r := &routes[i]; r.method == get && r.ask != nil {
			path, _, _ := strings.Cut(r.paths, " ")
			shows[path] = r
		}
	}
	for i := range routes {
		r := &routes[i]
		if r.method == get {
			continue
		}
		a := audits{operation: strings.Trim(r.operation, "()"), resource: r.resource()}
		a.noted = notesItself[a.resource] && !strings.HasPrefix(r.paths, "/products/{id}/") // what belongs to a product is written rarely
		path, _, _ := strings.Cut(r.paths, " ")
		record, _, one := strings.Cut(path, "{id}")
		if one {
			record += "{id}"
		}
		if !a.noted && (one || r.method == put) {
			a.shown = shows[record]
		}
		all[r] = a
	}
	return all
}

// audited runs the operation of a call and has it written into the audit log.
func audited[Out any](s *Server, c *call, tx *db.Tx, work func(*db.Tx) (Out, error)) (Out, error) {
	as := s.audits[c.route]
	before := s.recordOf(tx, c, as.shown)
	out, err := work(tx)
	if err != nil {
		return out, err
	}
	audit.Operation(tx, as.operation, as.resource)
	if !tx.HasChanged() {
		return out, nil
	}
	var after []member
	switch {
	case c.route.method == del:
	case as.shown != nil:
		after = s.recordOf(tx, c, as.shown)
	case !as.noted && !audit.Named(tx): // what is new
		after = membersOf(wire.AppendAs(nil, &out, wire.Form{}))
	}
	if !audit.Named(tx) {
		id, name := identity(reflect.ValueOf(&out).Elem())
		if asked := c.pathID(); asked != 0 {
			id = asked
		}
		if name == "" {
			name = nameIn(append(after, before...))
		}
		if id != 0 || name != "" {
			audit.Record(tx, id, name)
		}
	}
	if c.route.method != del {
		noteMembers(tx, before, after)
	}
	return out, nil
}

// pathID is the id in the path of a call; 0 if there is none.
func (c *call) pathID() int64 {
	for _, p := range c.params {
		if p.Name == "id" {
			id, _ := strconv.ParseInt(p.Value, 10, 64) // no id is no record
			return id
		}
	}
	return 0
}

// member is one of a record, with its value as JSON.
type member struct{ name, value string }

// recordOf is the record of a write as an operation shows it to who sees all; nil if there is none.
func (s *Server) recordOf(tx *db.Tx, c *call, shown *route) []member {
	if shown == nil {
		return nil
	}
	all := &call{r: &http.Request{Method: http.MethodGet, URL: &url.URL{}}, route: shown, params: c.params}
	read, err := shown.ask(s, all)
	if err != nil {
		return nil // the write itself says what is wrong
	}
	write, err := read(tx)
	if err != nil {
		return nil
	}
	answer, _ := write(nil)
	return membersOf(answer)
}

// unsaid are members that say nothing of their own, in lower case.
var unsaid = []string{"data", "message", "id", "retailerid", "createdate", "createddate", "modifieddate", "timestamp"}

// membersOf are the members of a record and of objects in it, each once: not in all its spellings.
func membersOf(record []byte) (all []member) {
	seen := map[string]bool{}
	var add func(d *jsontext.Decoder, prefix string)
	add = func(d *jsontext.Decoder, prefix string) {
		if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
			return
		}
		for d.PeekKind() == '"' {
			token, err := d.ReadToken()
			if err != nil {
				return
			}
			name := token.String()
			lower := prefix + strings.ToLower(name)
			known := seen[lower] || slices.Contains(unsaid, strings.ToLower(name))
			seen[lower] = true
			if d.PeekKind() == '{' && !known {
				add(d, prefix+name+".")
				continue
			}
			value, err := d.ReadValue()
			if err != nil {
				return
			}
			if !known {
				all = append(all, member{prefix + name, string(value)})
			}
		}
		_, _ = d.ReadToken() // the end of the object, if it has one
	}
	add(jsontext.NewDecoder(bytes.NewReader(record), jsontext.AllowDuplicateNames(true)), "")
	return all
}

// noteMembers notes the members in which a record differs from before.
func noteMembers(tx *db.Tx, before, after []member) {
	was := make(map[string]string, len(before))
	for _, m := range before {
		was[m.name] = m.value
	}
	for _, m := range after {
		if old, had := was[m.name]; old != m.value && (had || !slices.Contains(empty, m.value)) {
			audit.Member(tx, m.name, old, m.value)
		}
		delete(was, m.name)
	}
	for _, m := range before {
		if _, gone := was[m.name]; gone {
			audit.Member(tx, m.name, m.value, "")
		}
	}
}

var empty = []string{"null", `""`, "[]", "{}", "0", "false"}

// naming are the members that name a record, and the fields of types, the first that there is.
var naming = []string{
	"code", "name", "categoryName", "branchName", "userName", "surchargeName", "tradeMarkName", "bankName", "contactName", "type",
}

func nameIn(members []member) string {
	for _, name := range naming {
		for _, m := range members {
			if m.name == name && strings.HasPrefix(m.value, `"`) {
				text, _ := jsontext.AppendUnquote(nil, m.value)
				return string(text)
			}
		}
	}
	return ""
}

// identity returns the id and the code of what an operation answers, if it is a record.
func identity(answer reflect.Value) (id int64, code string) {
	for answer.Kind() == reflect.Pointer && !answer.IsNil() {
		answer = answer.Elem()
	}
	if answer.Kind() != reflect.Struct {
		return 0, ""
	}
	for _, at := range identityFields(answer.Type()) {
		switch f := answer.FieldByIndex(at); f.Kind() {
		case reflect.Int64:
			id = f.Int()
		case reflect.String:
			code = f.String()
		}
	}
	return id, code
}

var identities sync.Map // reflect.Type -> [][]int

// identityFields are the fields ID and Code of a type, as far as it has them.
func identityFields(t reflect.Type) (fields [][]int) {
	if known, found := identities.Load(t); found {
		return known.([][]int)
	}
	for _, name := range []string{"ID", "Code"} {
		if f, found := t.FieldByName(name); found && !behindPointer(t, f.Index) {
			fields = append(fields, f.Index)
		}
	}
	identities.Store(t, fields)
	return fields
}

// behindPointer reports whether a field is in an embedded pointer, which may be nil.
func behindPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// memberViews are the views that hide members of records, by resource and name in lower case, and by name of any record. A member hides
// what the records in it hide: the log has it whole.
type memberViews map[string]wire.View

func viewsOfMembers(routes []route) memberViews {
	views := memberViews{}
	for i := range routes {
		views.add(routes[i].resource(), routes[i].out, map[reflect.Type]bool{})
	}
	return views
}

// add adds the members of a type and of what is in it, and returns what hides any of them.
func (m memberViews) add(resource string, t reflect.Type, within map[reflect.Type]bool) (all wire.View) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || within[t] {
		return 0
	}
	within[t] = true
	defer delete(within, t)
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		hides := wire.ViewOf(f.Tag) | m.add(resource, f.Type, within)
		for _, name := range append(strings.Split(f.Tag.Get("also"), ","), name, f.Name) {
			name = strings.ToLower(strings.TrimSpace(name))
			m[name] |= hides
			m[resource+" "+name] |= hides
		}
		all |= hides
	}
	return all
}

// of are the views that hide a member of a resource; of any, if the resource shows no such member.
func (m memberViews) of(resource, member string) wire.View {
	member = strings.ToLower(member)
	if view, known := m[resource+" "+member]; known {
		return view
	}
	return m[member]
}

// listAudit is the audit log, without the members that the caller may not see.
func listAudit() endpoint {
	e := newEndpoint[taphoa.AuditQuery, taphoa.AuditPage]((*Server).show)
	e.ask = func(s *Server, c *call) (readOp, error) {
		input := new(taphoa.AuditQuery)
		if err := s.query(c, nil, input); err != nil {
			return nil, err
		}
		return func(tx *db.Tx) (written, error) {
			var shows func(resource, member string) bool
			if c.view != 0 {
				shows = func(resource, member string) bool { return s.views.of(resource, member)&c.view == 0 }
			}
			page, err := audit.List(tx, input, shows)
			return func(dst []byte) ([]byte, string) {
				form := s.form(c)
				dst = wire.AppendAs(dst, &page, form)
				return dst, tagOf(form, dst)
			}, err
		}, nil
	}
	return e
}
