package api

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/taphoa/taphoa/internal/wire"
)

var (
	jsonType     = []string{"application/json; charset=utf-8"}
	varyEncoding = []string{"Accept-Encoding"}
	varyLanguage = []string{"Accept-Encoding, Accept-Language"}
	gzipEncoding = []string{"gzip"}
)

// send writes an answer as the vendor's JSON.
func (s *Server) send(c *call, status int, answer any) {
	b := buffers.Get().(*[]byte)
	defer release(b)
	*b = wire.AppendAs(*b, answer, s.options.CamelOnly)
	if !c.reads || status != http.StatusOK {
		c.write(status, *b)
		return
	}
	tag := []string{c.route.tagged(*b)}
	if !c.unchanged(tag) {
		c.write(status, *b)
	}
	if c.keep {
		s.cache.put(keyOf(c), c.version, &kept{body: bytes.Clone(*b), tag: tag})
	}
}

// sendOnce writes the stored answer of a write, whichever request it was worked out for.
func (c *call) sendOnce() {
	if c.once.replayed {
		c.w.Header().Set("Idempotency-Replayed", "true")
	}
	c.write(c.once.status, []byte(c.once.answer))
}

// sendKept writes an answer that was kept.
func (s *Server) sendKept(c *call, k *kept) {
	if c.unchanged(k.tag) {
		return
	}
	body := k.body
	if len(body) >= zipMin && takesZip(c.r) {
		c.w.Header()["Content-Encoding"] = gzipEncoding
		body = s.cache.zip(k)
	}
	c.begin(http.StatusOK, len(body))
	_, _ = c.w.Write(body)
}

// write writes an answer's body, in gzip's form if the caller takes it.
func (c *call) write(status int, body []byte) {
	if len(body) >= zipMin && takesZip(c.r) {
		b := buffers.Get().(*[]byte)
		defer release(b)
		*b = pack(*b, body)
		body = *b
		c.w.Header()["Content-Encoding"] = gzipEncoding
	}
	c.begin(status, len(body))
	_, _ = c.w.Write(body) // who has gone needs no answer
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
