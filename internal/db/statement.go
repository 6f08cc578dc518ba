package db

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
)

// statement is a compiled SQL text: what to bind where, and what each engine is to be sent.
type statement struct {
	text         string
	params       []param
	fragments    []string // text around the parameters; len(params)+1
	tenantScoped bool     // mentions :retailer
	postgres     string   // text with $1…, lists as = ANY($n)
	sqlite       string   // text with ?, unless lists make its length vary
	lists        int
	writes       bool
	table        string   // that is written
	headless     bool     // names a table that is written without the head
	plans        sync.Map // reflect.Type of the struct argument -> []*column, one per param
	sizes        sync.Map // what lengths of lists ask for -> text
	singles      sync.Map // which lists have one element -> PostgreSQL text
	scanners     sync.Map // reflect.Type of a row -> *scanner
}

// param is a parameter of a statement.
type param struct {
	name string // empty for a positional one
	list bool
}

var statements sync.Map // text -> *statement

func compile(text string) (*statement, error) {
	if st, ok := statements.Load(text); ok {
		return st.(*statement), nil
	}
	st, err := parse(text)
	if err != nil {
		return nil, err
	}
	kept, _ := statements.LoadOrStore(text, st)
	return kept.(*statement), nil
}

// parse finds the parameters of a statement outside of quotes and comments.
func parse(text string) (*statement, error) {
	st := &statement{text: text}
	var fragment strings.Builder
	word := strings.ToUpper(strings.Fields(text + " x")[0])
	st.writes = word != "SELECT" && word != "WITH"
	if m := writtenTable.FindStringSubmatch(text); m != nil {
		st.table = m[1]
	}
	st.headless = headlessTables.MatchString(text)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return nil, fmt.Errorf("unclosed quote in %q", text)
			}
			fragment.WriteString(text[i : i+end+2])
			i += end + 1
		case c == '-' && strings.HasPrefix(text[i:], "--"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				end = len(text) - i
			}
			i += end - 1
		case c == '?':
			list := strings.HasSuffix(strings.ToUpper(strings.TrimRight(fragment.String(), " \n\t")), " IN")
			st.add(&fragment, param{list: list})
		case c == ':' && i+1 < len(text) && isNameByte(text[i+1]):
			end := i + 1
			for end < len(text) && isNameByte(text[end]) {
				end++
			}
			name := text[i+1 : end]
			i = end - 1
			if name == "lock" {
				fragment.WriteString(lockMark)
				continue
			}
			st.tenantScoped = st.tenantScoped || name == "retailer"
			st.add(&fragment, param{name: name})
		default:
			fragment.WriteByte(c)
		}
	}
	st.fragments = append(st.fragments, fragment.String())
	st.postgres = st.postgresText(nil)
	st.sqlite = st.sqliteText()
	return st, nil
}

var writtenTable = regexp.MustCompile(`^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)`)

// headlessTables are written without the head of a shop ([Actor].WithoutHead), and by nothing else but in its operations: what is
// read of them belongs to no version of the shop.
var headlessTables = regexp.MustCompile(`\b(?:webhooks|webhook_deliveries|webhook_redeliveries|webhook_held|oauth_client_uses|oauth_consents|oauth_grants|request_log|access_\w+)\b`)

// lockMark is in a fragment where a row lock belongs, until the engine's text is made.
const lockMark = "\x00lock"

func isNameByte(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func (st *statement) add(fragment *strings.Builder, p param) {
	st.fragments = append(st.fragments, fragment.String())
	fragment.Reset()
	st.params = append(st.params, p)
	if p.list {
		st.lists++
	}
}

// plan finds, for each parameter, the field of the struct type that fills it; nil where it comes from elsewhere.
func (st *statement) plan(t reflect.Type) ([]*column, error) {
	if plan, ok := st.plans.Load(t); ok {
		return plan.([]*column), nil
	}
	columns := columnsOf(t)
	plan := make([]*column, len(st.params))
	for i, p := range st.params {
		if p.name == "" || p.name == "retailer" || p.name == "now" {
			continue
		}
		if plan[i] = columns[p.name]; plan[i] == nil {
			return nil, fmt.Errorf("%s has no column %s for %q", t, p.name, st.text)
		}
	}
	st.plans.Store(t, plan)
	return plan, nil
}

// value is an argument on its way to the engine, without an allocation for the common kinds.
type value struct {
	kind  valueKind
	int   int64
	text  string
	ints  []int64
	texts []string
}

type valueKind uint8

const (
	kindNull valueKind = iota
	kindInt
	kindBool
	kindText
	kindInts
	kindTexts
)

func (v value) size() int { return max(len(v.ints), len(v.texts)) }

// arguments resolves args against the statement's parameters.
func (tx *Tx) arguments(st *statement, args []any) ([]value, error) {
	values := tx.values[:0]
	var (
		plan []*column
		row  reflect.Value
	)
	if len(args) > 0 {
		if v := reflect.ValueOf(args[0]); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
			var err error
			if plan, err = st.plan(v.Elem().Type()); err != nil {
				return nil, err
			}
			row, args = v, args[1:]
		}
	}
	for i, p := range st.params {
		switch {
		case p.name == "retailer":
			values = append(values, value{kind: kindInt, int: tx.Retailer})
		case p.name == "now":
			values = append(values, value{kind: kindInt, int: int64(tx.Now)})
		case p.name != "":
			if plan == nil {
				return nil, fmt.Errorf("no struct argument for :%s in %q", p.name, st.text)
			}
			values = append(values, plan[i].get(row.UnsafePointer()))
		default:
			if len(args) == 0 {
				return nil, fmt.Errorf("too few arguments for %q", st.text)
			}
			v, err := valueOf(args[0])
			if err != nil {
				return nil, fmt.Errorf("%w in %q", err, st.text)
			}
			if p.list != (v.kind == kindInts || v.kind == kindTexts) || p.list && v.size() == 0 {
				return nil, fmt.Errorf("argument %d of %q: IN wants a slice that is not empty", i+1, st.text)
			}
			values, args = append(values, v), args[1:]
		}
	}
	if len(args) > 0 {
		return nil, fmt.Errorf("%d arguments too many for %q", len(args), st.text)
	}
	tx.values = values
	return values, nil
}
