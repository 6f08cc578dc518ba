package api

import (
	"bytes"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
)

// cacheMax is how many bytes of answers are kept.
const cacheMax = 32 << 20

// cache keeps the answers of reading operations for as long as nothing in the database changes. Programs that poll a
// shop ask the same again and again; what they get is what a fresh answer would say, its timestamp included.
type cache struct {
	mu      sync.Mutex
	version int64 // of the database, that all answers belong to
	answers map[cacheKey]*kept
	size    int
}

type cacheKey struct {
	retailer    int64
	path, query string
}

// kept is an answer that may be given again.
type kept struct {
	body    []byte // without the timestamp that a page ends with
	stamped bool   // there was one
	tag     []string
	pack    sync.Once
	packed  packed // the body, on first use
}

// cached answers a reading operation from the cache if it can; otherwise the answer of this call will be kept.
func (s *Server) cached(c *call) bool {
	if c.version, c.keep = s.db.Version(); !c.keep {
		return false
	}
	k := s.cache.get(keyOf(c), c.version)
	if k == nil {
		return false
	}
	s.sendKept(c, k)
	return true
}

func keyOf(c *call) cacheKey {
	return cacheKey{c.who.Retailer, c.r.URL.EscapedPath(), c.r.URL.RawQuery}
}

func (a *cache) get(key cacheKey, version int64) *kept {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version {
		return nil
	}
	return a.answers[key]
}

// put keeps an answer that was worked out after the version was read.
func (a *cache) put(key cacheKey, version int64, answer []byte, tag []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version || a.size+len(answer) > cacheMax || a.answers == nil {
		a.version, a.size, a.answers = version, 0, map[cacheKey]*kept{}
	}
	if _, known := a.answers[key]; known {
		return
	}
	key.path, key.query = strings.Clone(key.path), strings.Clone(key.query)
	a.answers[key] = keep(answer, tag)
	a.size += len(answer) + len(key.path) + len(key.query)
}

func keep(answer []byte, tag []string) *kept {
	at := stampAt(answer)
	return &kept{body: bytes.Clone(answer[:at]), stamped: at < len(answer), tag: tag}
}

// zip is the kept answer's body in gzip's form, worked out on first use.
func (a *cache) zip(k *kept) *packed {
	k.pack.Do(func() {
		k.packed = pack(nil, k.body)
		a.mu.Lock()
		a.size += len(k.packed.data)
		a.mu.Unlock()
	})
	return &k.packed
}

const stampName = `"timestamp":"`

// stampLength is the length of a page's last member, its timestamp, with the closing bracket.
const stampLength = len(stampName + `2026-10-07T14:39:09.4969693+07:00"}`)

// stampAt is where the timestamp begins that an answer ends with, or the answer's length.
func stampAt(answer []byte) int {
	at := len(answer) - stampLength
	if at < 0 || string(answer[at:at+len(stampName)]) != stampName {
		return len(answer)
	}
	return at
}

// stamp appends the timestamp of now, and the closing bracket.
func stamp(dst []byte, now taphoa.Time) []byte {
	return append(taphoa.Stamp(now).AppendWire(append(dst, stampName...)), `"}`...)
}
