package audit

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
	"github.com/taphoa/taphoa/internal/wire"
)

// What an entry has of a record, at most.
const (
	recordMax  = 60   // characters of its name
	valueMax   = 200  // bytes of a value
	changesMax = 4000 // bytes of all changes
)

// Request is how an operation came in.
type Request struct{ ID, Address string }

type requestKey struct{}

// With has operations in a context come from a request.
func With(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From is the request of a context; the zero value where there is none.
func From(ctx context.Context) Request {
	from, _ := ctx.Value(requestKey{}).(Request)
	return from
}

// pending is the entry of an operation that is running, in the making.
type pending struct {
	entry   Entry
	records int // that were named
	changes []change
}

type change struct{ record, member, before, after string }

func of(tx *db.Tx) *pending { return db.AtLast[pending](tx) }

// Operation has what tx does written as one entry, if it has changed something when it ends. Operations that are not named are the
// program's own upkeep, and have none. The resource is what its records are: the first part of their paths.
func Operation(tx *db.Tx, name, resource string) {
	e := &of(tx).entry
	if e.Operation = name; e.Resource == "" {
		e.Resource = resource
	}
}

// Resource says what the records of the operation are where the path of the operation says otherwise.
func Resource(tx *db.Tx, resource string) { of(tx).entry.Resource = resource }

// Record names a record that the operation is about, by its code or name. If there are several, the entry names none, and
// their names stand before their members.
func Record(tx *db.Tx, id int64, name string) {
	p := of(tx)
	if e := &p.entry; p.records == 0 || e.RecordID != id {
		p.records++
		e.RecordID, e.Record = id, name
	}
}

// Named reports whether the operation has named its record.
func Named(tx *db.Tx) bool { return of(tx).records > 0 }

// Member notes that a member of the record that was named last has changed, with the JSON of its values.
func Member(tx *db.Tx, name, before, after string) {
	if before == after {
		return
	}
	p := of(tx)
	p.changes = append(p.changes, change{p.entry.Record, name, before, after})
}

// Value is [Member] for values that are not JSON; nil is none.
func Value(tx *db.Tx, name string, before, after any) {
	Member(tx, name, string(wire.Append(nil, before)), string(wire.Append(nil, after)))
}

// Changed is [Record] with the columns in which two rows of the record differ, as members.
func Changed[T any](tx *db.Tx, id int64, name string, before, after *T) {
	Record(tx, id, name)
	db.Differences(before, after, func(column string, from, to any) {
		if !upkeep[column] && !strings.HasSuffix(column, "_key") {
			Member(tx, camel(column), string(wire.Append(nil, from)), string(wire.Append(nil, to)))
		}
	})
}

// upkeep are columns that say nothing of their own.
var upkeep = map[string]bool{
	"id": true, "retailer_id": true, "created_date": true, "modified_date": true, "changed_at": true,
	"created_by": true, "search": true, "parts": true, "child_tables": true, "full_name": true,
}

// camel turns branch_id into branchId.
func camel(column string) string {
	first, rest, _ := strings.Cut(column, "_")
	for part := range strings.SplitSeq(rest, "_") {
		if part != "" {
			first += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return first
}

// Finish writes the entry, with the hash that continues the shop's chain.
func (p *pending) Finish(tx *db.Tx) error {
	e := &p.entry
	if e.Operation == "" || !tx.HasChanged() {
		return nil
	}
	head, err := tx.Head()
	if err == nil {
		e.FirstSeq, e.LastSeq, err = tx.Told()
	}
	if err != nil {
		return err
	}
	from := From(tx.Context())
	actor := tx.Actor()
	e.At, e.UserID, e.ApproverID, e.ClientID = max(tx.Now, head.At), actor.UserID, actor.ApproverID, actor.Client
	e.Address, e.RequestID = from.Address, from.ID
	e.Changes = p.text()
	if e.Record = text.Clean(e.Record); utf8.RuneCountInString(e.Record) > recordMax {
		e.Record = string([]rune(e.Record)[:recordMax-1]) + "…"
	}
	if p.records > 1 {
		e.RecordID, e.Record = 0, ""
	}
	return insert(tx, e)
}

// Note adds an entry about the shop itself at once, whatever else the operation does.
func Note(tx *db.Tx, operation string) error {
	head, err := tx.Head()
	if err != nil {
		return err
	}
	return insert(tx, &Entry{At: max(tx.Now, head.At), UserID: tx.User, Operation: operation})
}

// insert appends an entry to the shop's log.
func insert(tx *db.Tx, e *Entry) error {
	err := tx.Audit(func(n int64, before string) string {
		e.N = n
		e.Hash = e.hash(tx.Retailer, before)
		return e.Hash
	})
	if err == nil {
		db.Insert(tx, "audit_log", *e)
	}
	return err
}

// text is the changes as an object: member -> [before, after].
func (p *pending) text() string {
	if len(p.changes) == 0 {
		return ""
	}
	b, left := []byte{'{'}, 0
	for _, c := range p.changes {
		name := c.member
		if p.records > 1 {
			name = c.record + "." + name
		}
		before, after := masked(c.member, c.before), masked(c.member, c.after)
		if len(b)+len(name)+len(before)+len(after) > changesMax {
			left++
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, name)
		b = append(append(append(append(append(b, ":["...), before...), ','), after...), ']')
	}
	if left > 0 {
		b = append(append(b, `,"…":[null,`...), wire.Append(nil, int64(left))...)
		b = append(b, ']')
	}
	return string(append(b, '}'))
}

const (
	hidden      = `"***"`
	shownDigits = 4 // of the number of a bank account
)

// secrets are parts of the names of members whose values are in no entry, in lower case.
var secrets = []string{"password", "secret", "token", "credential", "pin", "otp"}

// masked is the JSON of a value as an entry has it: shortened, and without what nobody may read there.
func masked(member, value string) string {
	lower := strings.ToLower(member)
	switch {
	case value == "" || value == "null":
		return "null"
	case strings.HasSuffix(lower, "account") || strings.HasSuffix(lower, "accountnumber"):
		if digits := strings.Trim(value, `"`); len(digits) > 2*shownDigits {
			return `"***` + digits[len(digits)-shownDigits:] + `"`
		}
		return hidden
	}
	for _, part := range secrets {
		if lower == part || strings.HasSuffix(lower, part) || len(part) > 3 && strings.Contains(lower, part) {
			return hidden
		}
	}
	return shortened(withoutQuery(lower, value))
}

// withoutQuery cuts from an address what may be a key: receivers are often known by one.
func withoutQuery(member, value string) string {
	at := strings.IndexAny(value, "?#")
	if at < 0 || !strings.HasSuffix(member, "url") {
		return value
	}
	return value[:at] + `?…"`
}

// shortened is the JSON of a value that is not too long: the beginning of its text, else.
func shortened(value string) string {
	if len(value) <= valueMax {
		return value
	}
	text := []byte(value)
	if value[0] == '"' {
		text, _ = jsontext.AppendUnquote(nil, value)
	}
	if len(text) <= valueMax {
		return value
	}
	short, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(string(text[:valueMax]), "")+"…")
	return string(short)
}
