package api

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

var (
	jsonType     = []string{"application/json; charset=utf-8"}
	varyEncoding = []string{"Accept-Encoding"}
	varyLanguage = []string{"Accept-Encoding, Accept-Language"}
	gzipEncoding = []string{"gzip"}
)

// form is how the caller's answers are written.
func (s *Server) form(c *call) wire.Form {
	return wire.Form{CamelOnly: s.options.CamelOnly, View: c.view}
}

// send writes an answer as the vendor's JSON.
func (s *Server) send(c *call, status int, answer any) {
	b := buffers.Get().(*[]byte)
	defer release(b)
	*b = wire.AppendAs(*b, answer, s.form(c))
	c.write(status, *b)
}

// show serves a reading operation: from the cache, if the shop has not changed since.
func (s *Server) show(c *call) error {
	b := buffers.Get().(*[]byte)
	defer release(b)
	var (
		known = s.cache.get(c)
		fresh = &cachedAnswer{}
		read  readOp
		write written
		keep  bool
	)
	if known == nil { // an invalid request is refused without the database
		var err error
		if read, err = c.route.ask(s, c); err != nil {
			return err
		}
	}
	err := s.db.Read(c.r.Context(), c.actor(), func(tx *db.Tx) error {
		if known != nil {
			h, ok, err := tx.Snapshot()
			if err != nil || ok && h.Version == known.version {
				return err
			}
		}
		known = nil
		var err error
		if read == nil {
			read, err = c.route.ask(s, c)
		}
		if err == nil {
			write, err = read(tx)
		}
		if err != nil {
			return err
		}
		h, ok, err := tx.Snapshot()
		fresh.version, keep = h.Version, ok && !c.route.daily
		return err
	})
	if err != nil {
		return err
	}
	if known == nil {
		var tag string
		*b, tag = write(*b)
		fresh.tag = []string{tag}
	}
	switch {
	case known != nil:
		s.sendKept(c, known)
	case keep && !c.route.texts:
		fresh.body = bytes.Clone(*b)
		s.cache.put(c, fresh)
		s.sendKept(c, fresh)
	case c.unchanged(fresh.tag):
	case keep && len(*b) >= zipMin && TakesGzip(c.r):
		fresh.packed = Gzip(nil, *b)
		s.cache.put(c, fresh)
		s.sendKept(c, fresh)
	default:
		c.write(http.StatusOK, *b)
	}
	return nil
}

// sendOnce writes the stored answer of a write, whichever request it was worked out for.
func (c *call) sendOnce() {
	if c.idempotent.replayed {
		c.w.Header().Set("Idempotency-Replayed", "true")
	}
	c.write(c.idempotent.status, []byte(c.idempotent.answer))
}

// sendKept writes an answer that is kept.
func (s *Server) sendKept(c *call, k *cachedAnswer) {
	if c.unchanged(k.tag) {
		return
	}
	body := k.body
	if body == nil || len(body) >= zipMin && TakesGzip(c.r) {
		c.w.Header()["Content-Encoding"] = gzipEncoding
		body = s.cache.zip(c, k)
	}
	c.begin(http.StatusOK, len(body))
	_, _ = c.w.Write(body)
}

// write writes an answer's body, in gzip's form if the caller takes it.
func (c *call) write(status int, body []byte) {
	if len(body) >= zipMin && TakesGzip(c.r) {
		b := buffers.Get().(*[]byte)
		defer release(b)
		*b = Gzip(*b, body)
		body = *b
		c.w.Header()["Content-Encoding"] = gzipEncoding
	}
	c.begin(status, len(body))
	_, _ = c.w.Write(body) // a client that has gone needs no answer
}

// begin writes the head of an answer.
func (c *call) begin(status, length int) {
	c.status = status
	h := c.w.Header()
	h["Content-Type"] = jsonType
	if c.kind != nil {
		h["Content-Type"] = c.kind
	}
	if h["Vary"] == nil {
		h["Vary"] = varyEncoding
	}
	h["Content-Length"] = []string{strconv.Itoa(length)} // net/http would cut a larger answer into chunks
	c.w.WriteHeader(status)
}
