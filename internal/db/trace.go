package db

import "context"

// Trace gets what operations ask of the database, for tests of plans and for a log of what is slow. Its functions may
// be called by several operations at once.
type Trace struct {
	// Statement is called before a statement is sent, with the text and the values that the engine gets. Left out are
	// BEGIN and COMMIT, and the shop's head where it is asked for together with BEGIN.
	Statement func(sql string, args []any)
	// List is called with each list that a page is asked of.
	List func(l *List)
}

type traceKey struct{}

// WithTrace has the operations that run in a context call t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// traceOf is looked up once a transaction; without a trace a statement costs one comparison more.
func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// sentSQLite are a statement's text and values as SQLite gets them, where a list is as many values as its padded length.
func (st *statement) sentSQLite(values []value) (string, []any) {
	var args []any
	for _, v := range values {
		switch v.kind {
		case kindInts:
			for n := range padded(len(v.ints)) {
				args = append(args, v.ints[min(n, len(v.ints)-1)])
			}
		case kindTexts:
			for n := range padded(len(v.texts)) {
				args = append(args, v.texts[min(n, len(v.texts)-1)])
			}
		default:
			args = append(args, anyOf([]value{v})...)
		}
	}
	return st.sqliteSized(values), args
}

// sentPostgres are a statement's text and values as PostgreSQL gets them.
func (st *statement) sentPostgres(values []value) (string, []any) {
	return st.postgresSized(values), anyOf(values)
}
