package db

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unsafe"

	"github.com/taphoa/taphoa"
)

// Row is the current row of a query, as either engine gives it.
type Row interface {
	Int64(i int) int64 // 0 for NULL; 1 for true
	Text(i int) string // "" for NULL
	Null(i int) bool
	columns() []string
}

// column is a field that a column goes to and comes from.
type column struct {
	offset uintptr
	kind   reflect.Kind
	state  uintptr // offset of Opt.State; 0 when the field is no Opt
	typ    reflect.Type
}

var columnCache sync.Map // reflect.Type -> map[string]*column

// columnsOf lists the columns of a struct type by name.
func columnsOf(t reflect.Type) map[string]*column {
	if c, ok := columnCache.Load(t); ok {
		return c.(map[string]*column)
	}
	columns := map[string]*column{}
	addColumns(columns, t, 0)
	columnCache.Store(t, columns)
	return columns
}

func addColumns(columns map[string]*column, t reflect.Type, base uintptr) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("db")
		if name == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct && name == "" {
			addColumns(columns, f.Type, base+f.Offset)
			continue
		}
		c := &column{offset: base + f.Offset, kind: f.Type.Kind(), typ: f.Type}
		if isOpt(f.Type) {
			c.kind = f.Type.Field(0).Type.Kind()
			c.state = base + f.Offset + f.Type.Field(1).Offset
		}
		switch c.kind {
		case reflect.Int64, reflect.Int, reflect.Bool, reflect.String:
		default:
			continue // lists and objects have tables of their own
		}
		if name == "" {
			name = snake(f.Name)
		}
		columns[name] = c
	}
}

func isOpt(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 2 && t.Field(1).Type == reflect.TypeFor[taphoa.OptState]()
}

// snake turns BranchID into branch_id.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 &&
			(unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// get reads the field of the struct at p.
func (c *column) get(p unsafe.Pointer) value {
	if c.state != 0 && *(*taphoa.OptState)(unsafe.Add(p, c.state)) != taphoa.OptValue {
		return value{}
	}
	switch at := unsafe.Add(p, c.offset); c.kind {
	case reflect.String:
		return value{kind: kindText, text: *(*string)(at)}
	case reflect.Bool:
		return boolValue(*(*bool)(at))
	case reflect.Int:
		return value{kind: kindInt, int: int64(*(*int)(at))}
	default:
		return value{kind: kindInt, int: *(*int64)(at)}
	}
}

// set fills the field of the struct at p from column i of the row.
func (c *column) set(p unsafe.Pointer, row Row, i int) {
	if c.state != 0 {
		if row.Null(i) {
			return
		}
		*(*taphoa.OptState)(unsafe.Add(p, c.state)) = taphoa.OptValue
	}
	switch at := unsafe.Add(p, c.offset); c.kind {
	case reflect.String:
		*(*string)(at) = row.Text(i)
	case reflect.Bool:
		*(*bool)(at) = row.Int64(i) != 0
	case reflect.Int:
		*(*int)(at) = int(row.Int64(i))
	default:
		*(*int64)(at) = row.Int64(i)
	}
}

func boolValue(b bool) value {
	if b {
		return value{kind: kindBool, int: 1}
	}
	return value{kind: kindBool}
}

// Found are ids, as an argument, that were looked up for a value of the request. They may change while a client pages by cursor,
// which goes on as long as the value stays the same.
type Found struct {
	For int64
	IDs []int64
}

// valueOf turns a positional argument into a value.
func valueOf(arg any) (value, error) {
	switch a := arg.(type) {
	case nil:
		return value{}, nil
	case int64:
		return value{kind: kindInt, int: a}, nil
	case int:
		return value{kind: kindInt, int: int64(a)}, nil
	case string:
		return value{kind: kindText, text: a}, nil
	case bool:
		return boolValue(a), nil
	case []int64:
		return value{kind: kindInts, ints: a}, nil
	case []string:
		return value{kind: kindTexts, texts: a}, nil
	case Found:
		return value{kind: kindInts, ints: a.IDs}, nil
	case taphoa.Time:
		return value{kind: kindInt, int: int64(a)}, nil
	}
	v := reflect.ValueOf(arg)
	switch {
	case v.Kind() == reflect.Int64 || v.Kind() == reflect.Int || v.Kind() == reflect.Int32:
		return value{kind: kindInt, int: v.Int()}, nil
	case v.Kind() == reflect.String:
		return value{kind: kindText, text: v.String()}, nil
	case isOpt(v.Type()):
		if v.Field(1).Uint() != uint64(taphoa.OptValue) {
			return value{}, nil
		}
		return valueOf(v.Field(0).Interface())
	}
	return value{}, fmt.Errorf("argument of type %T", arg)
}

// scanner fills values of one type from the rows of one query.
type scanner struct {
	scalar bool
	one    column
	fields []*column // by column of the result; nil where the type has none
}

// scanner finds what fills values of a type from the rows of the statement, whose columns are always the same.
func (st *statement) scanner(t reflect.Type, row Row) (*scanner, error) {
	if s, ok := st.scanners.Load(t); ok {
		return s.(*scanner), nil
	}
	s, err := newScanner(t, row)
	if err == nil {
		st.scanners.Store(t, s)
	}
	return s, err
}

func newScanner(t reflect.Type, row Row) (*scanner, error) {
	if t.Kind() != reflect.Struct || isOpt(t) {
		s := &scanner{scalar: true, one: column{kind: t.Kind()}}
		if isOpt(t) {
			s.one = column{kind: t.Field(0).Type.Kind(), state: t.Field(1).Offset}
		}
		return s, nil
	}
	columns := columnsOf(t)
	s := &scanner{}
	for _, name := range row.columns() {
		c := columns[name]
		if c == nil {
			return nil, fmt.Errorf("%s has no field for column %s", t, name)
		}
		s.fields = append(s.fields, c)
	}
	return s, nil
}

func (s *scanner) scan(p unsafe.Pointer, row Row) {
	if s.scalar {
		s.one.set(p, row, 0)
		return
	}
	for i, c := range s.fields {
		c.set(p, row, i)
	}
}
