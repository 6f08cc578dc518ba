package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/wire"
)

// endpoint answers one operation.
type endpoint struct {
	in, out reflect.Type // what the operation takes and answers, for whoever describes the API
	scope   string       // that a token must have
	handle  func(s *Server, c *call) error

	look    func(s *Server, tx *db.Tx, c *call) (tag string, err error) // the ETag, where something is read
	stamped bool                                                        // what is read has the timestamp of a page
}

func newEndpoint[In, Out any](handle func(*Server, *call) error) endpoint {
	return endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), scope: oauth.ScopePublic, handle: handle}
}

// admin keeps an endpoint for tokens of the scope [oauth.ScopeAdmin]: the vendor's own clients cannot do this, so that
// no token of theirs should be able to.
func admin(e endpoint) endpoint {
	e.scope = oauth.ScopeAdmin
	return e
}

// read makes an endpoint of an operation that only reads.
func read[In, Out any](op func(*db.Tx, *In) (Out, error)) endpoint {
	e := newEndpoint[In, Out](func(s *Server, c *call) error {
		c.reads = true
		if s.cached(c) {
			return nil
		}
		return run(s, c, s.db.Read, nil, op)
	})
	e.stamped = isStamped(e.out)
	e.look = func(s *Server, tx *db.Tx, c *call) (string, error) {
		input := new(In)
		if err := s.fill(&wire.Source{Path: c.params, Query: c.r.URL.RawQuery}, input); err != nil {
			return "", err
		}
		out, err := op(tx, input)
		if err != nil {
			return "", err
		}
		b := buffers.Get().(*[]byte)
		defer release(b)
		*b = wire.AppendAs(*b, &out, s.options.CamelOnly)
		return e.tagged(*b), nil
	}
	return e
}

// write makes an endpoint of an operation that changes something.
func write[In, Out any](op func(*db.Tx, *In) (Out, error)) endpoint {
	return writeWith(nil, op)
}

// writeWith is write for an operation that also takes something that is no member: prepare fills it in, before the
// transaction.
func writeWith[In, Out any](prepare func(*Server, *http.Request, *In), op func(*db.Tx, *In) (Out, error)) endpoint {
	return newEndpoint[In, Out](func(s *Server, c *call) error {
		if c.r.Header["If-Match"] == nil {
			return run(s, c, s.db.Write, prepare, op)
		}
		return run(s, c, s.db.Write, prepare, func(tx *db.Tx, in *In) (out Out, err error) {
			if err = s.match(tx, c); err == nil {
				out, err = op(tx, in)
			}
			return out, err
		})
	})
}

// transact is DB.Read or DB.Write.
type transact func(ctx context.Context, who db.Actor, op func(*db.Tx) error) error

func run[In, Out any](
	s *Server, c *call, in transact, prepare func(*Server, *http.Request, *In), op func(*db.Tx, *In) (Out, error),
) error {
	input := new(In)
	if err := s.decode(c, input); err != nil {
		return err
	}
	if prepare != nil {
		prepare(s, c.r, input)
	}
	var out Out
	err := in(c.r.Context(), c.actor(), func(tx *db.Tx) (err error) {
		fresh := *input // the operation may run again, and may complete its input
		if c.once == nil {
			out, err = op(tx, &fresh)
			return err
		}
		if err = c.once.claim(tx, c.who.ClientID); err != nil || c.once.replayed {
			return err
		}
		if out, err = op(tx, &fresh); err == nil {
			c.once.keep(tx, c.who.ClientID, http.StatusOK, wire.AppendAs(nil, &out, s.options.CamelOnly))
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case c.once != nil:
		c.sendOnce()
	default:
		s.send(c, http.StatusOK, &out)
	}
	return nil
}

// decode fills an input from path, query and body.
func (s *Server) decode(c *call, input any) error {
	b := buffers.Get().(*[]byte)
	defer release(b)
	source := &wire.Source{Path: c.params, Query: c.r.URL.RawQuery, NullsSayNothing: c.route.scope != oauth.ScopeAdmin}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead { // what a GET has in its body stands in its query by now
		var err error
		if *b, err = s.readBody(c, *b); err != nil {
			return err
		}
		if c.once, err = onceOf(c.r, *b); err != nil {
			return err
		}
		source.Body, source.ContentType = *b, c.r.Header.Get("Content-Type")
	}
	return s.fill(source, input)
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
