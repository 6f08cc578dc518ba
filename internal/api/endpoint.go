package api

import (
	"net/http"
	"reflect"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/requestlog"
	"github.com/taphoa/taphoa/internal/wire"
)

// endpoint serves one operation.
type endpoint struct {
	in, out reflect.Type // the types of the operation's input and result, for the description of the API
	scope   string       // that a token must have
	handle  func(s *Server, c *call) error

	ask          func(s *Server, c *call) (readOp, error) // where something is read
	hasTimestamp bool                                     // what is read has the timestamp of a page
	texts        bool                                     // what is read is made of texts that are kept
	daily        bool                                     // what is read depends on the day, and is not kept
	around       bool                                     // what is written is no record of the shop, so that a mirror takes it
}

// readOp reads what a request asks for. It is written after the transaction, which others may wait for.
type readOp func(tx *db.Tx) (written, error)

// written appends a response to dst, and returns its ETag, too.
type written func(dst []byte) (answer []byte, tag string)

func newEndpoint[In, Out any](handle func(*Server, *call) error) endpoint {
	return endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), scope: oauth.ScopePublic, handle: handle}
}

// admin keeps an endpoint for tokens of the scope [oauth.ScopeAdmin]: the vendor's own clients cannot do this, so that
// no token of theirs should be able to.
func admin(e endpoint) endpoint {
	e.scope = oauth.ScopeAdmin
	return e
}

// daily keeps no answers of an endpoint: what it reads depends on the day.
func daily(e endpoint) endpoint {
	e.daily = true
	return e
}

// around lets an endpoint write to a shop that is a mirror, too: what it writes is not what is mirrored.
func around(e endpoint) endpoint {
	e.around = true
	return e
}

// read makes an endpoint of an operation that only reads.
func read[In, Out any](op func(*db.Tx, *In) (Out, error)) endpoint {
	e := newEndpoint[In, Out]((*Server).show)
	e.hasTimestamp = isStamped(e.out)
	guards := guardsOf(e.in, e.out)
	e.ask = func(s *Server, c *call) (readOp, error) {
		input := new(In)
		if err := s.query(c, guards, input); err != nil {
			return nil, err
		}
		work := again(op, input)
		return func(tx *db.Tx) (written, error) {
			out, err := work(tx)
			return func(dst []byte) ([]byte, string) {
				form := s.form(c)
				dst = wire.AppendAs(dst, &out, form)
				return dst, tagOf(form, e.unstamped(dst)...)
			}, err
		}, nil
	}
	return e
}

// readTexts makes an endpoint of an operation that lists records which are kept as texts, each a T.
func readTexts[In, T any](op func(*db.Tx, *In, wire.Form) (wire.TextPage, error)) endpoint {
	e := newEndpoint[In, taphoa.Page[T]]((*Server).show)
	e.hasTimestamp, e.texts = true, true
	guards := guardsOf(e.in, e.out)
	e.ask = func(s *Server, c *call) (readOp, error) {
		input := new(In)
		if err := s.query(c, guards, input); err != nil {
			return nil, err
		}
		return func(tx *db.Tx) (written, error) {
			form, fresh := s.form(c), *input
			page, err := op(tx, &fresh, form)
			return func(dst []byte) ([]byte, string) {
				return wire.AppendAs(dst, &page.Page, form), e.taggedTexts(form, &page)
			}, err
		}, nil
	}
	return e
}

// write makes an endpoint of an operation that changes something.
func write[In, Out any](op func(*db.Tx, *In) (Out, error)) endpoint {
	return writeWith(nil, op)
}

// prepareFunc runs before the transaction of a write, which an error prevents. It fills in what is no member of the input;
// what it returns, unless nil, adds to the response what the operation does not know.
type prepareFunc[In, Out any] func(*Server, *http.Request, *In) (func(*Out), error)

// writeWith is write with something to do before the transaction.
func writeWith[In, Out any](prepare prepareFunc[In, Out], op func(*db.Tx, *In) (Out, error)) endpoint {
	return newEndpoint[In, Out](func(s *Server, c *call) error {
		if c.r.Header["If-Match"] == nil {
			return run(s, c, prepare, op)
		}
		return run(s, c, prepare, func(tx *db.Tx, in *In) (out Out, err error) {
			if err = s.match(tx, c); err == nil {
				out, err = op(tx, in)
			}
			return out, err
		})
	})
}

func run[In, Out any](s *Server, c *call, prepare prepareFunc[In, Out], op func(*db.Tx, *In) (Out, error)) error {
	input := new(In)
	if err := s.decode(c, input); err != nil {
		return err
	}
	var complete func(*Out)
	if prepare != nil {
		var err error
		if complete, err = prepare(s, c.r, input); err != nil {
			return err
		}
	}
	var out Out
	work := completed(again(op, input), complete)
	err := s.db.Write(c.r.Context(), c.actor(), func(tx *db.Tx) (err error) {
		if !c.route.around {
			if err = org.RefuseMirror(tx); err != nil {
				return err
			}
		}
		if c.idempotent != nil {
			if err = c.idempotent.claim(tx, c.who.ClientID); err != nil || c.idempotent.replayed {
				return err
			}
		}
		if err = c.approve(tx); err != nil {
			return err
		}
		if out, err = audited(s, c, tx, work); err == nil && c.idempotent != nil {
			c.idempotent.keep(tx, c.who.ClientID, http.StatusOK, wire.AppendAs(nil, &out, s.form(c)))
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case c.idempotent != nil:
		c.sendOnce()
	default:
		s.send(c, http.StatusOK, &out)
	}
	return nil
}

// completed is an operation whose result is then completed, unless there is nothing to add.
func completed[Out any](op func(*db.Tx) (Out, error), complete func(*Out)) func(*db.Tx) (Out, error) {
	if complete == nil {
		return op
	}
	return func(tx *db.Tx) (Out, error) {
		out, err := op(tx)
		complete(&out)
		return out, err
	}
}

// again is an operation on an input that it may complete, and be run on again.
func again[In, Out any](op func(*db.Tx, *In) (Out, error), input *In) func(*db.Tx) (Out, error) {
	return func(tx *db.Tx) (Out, error) {
		fresh := *input
		return op(tx, &fresh)
	}
}

// decode fills an input from path, query and body.
func (s *Server) decode(c *call, input any) error {
	b := buffers.Get().(*[]byte)
	defer release(b)
	source := &wire.Source{Path: c.params, Query: c.r.URL.RawQuery, IgnoreNulls: c.route.scope != oauth.ScopeAdmin}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead { // what a GET has in its body is in its query by now
		var err error
		if c.dryRun, err = dryRunOf(c.r); err != nil {
			return err
		}
		if c.dryRun {
			c.w.Header().Set(dryRunHeader, "true")
		}
		if *b, err = s.readBody(c, *b); err != nil {
			return err
		}
		if s.options.Requests != nil && !c.inner {
			c.body = requestlog.Beginning(*b)
		}
		if c.idempotent, err = parseIdempotencyKey(c.r, *b); err != nil {
			return err
		}
		c.idempotent.of(c.who.Held.Key())
		if c.dryRun { // it has no effect that could be doubled
			c.idempotent = nil
		}
		source.Body, source.ContentType = *b, c.r.Header.Get("Content-Type")
	}
	return s.fill(source, input)
}

// query fills an input from what a request that reads says.
func (s *Server) query(c *call, guards []guard, input any) error {
	if err := s.fill(&wire.Source{Path: c.params, Query: c.r.URL.RawQuery}, input); err != nil {
		return err
	}
	return c.hidden(guards, input)
}

// fill fills an input from what a request says, applies the page size limits, and validates it.
func (s *Server) fill(source *wire.Source, input any) error {
	if err := wire.Decode(source, input); err != nil {
		return err
	}
	if list, ok := input.(interface{ Clamp(limit int64) }); ok {
		list.Clamp(s.pageMax)
	}
	if v, ok := input.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}
