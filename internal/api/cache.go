package api

import (
	"net/http"
	"strconv"
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
	answers map[cacheKey][]byte
	size    int
}

type cacheKey struct {
	retailer    int64
	path, query string
}

// cached answers a reading operation from the cache if it can; otherwise the answer of this call will be kept.
func (s *Server) cached(c *call) bool {
	if c.version, c.keep = s.db.Version(); !c.keep {
		return false
	}
	answer := s.cache.get(keyOf(c), c.version)
	if answer == nil {
		return false
	}
	body, stamp := restamp(answer, s.db.Now())
	h := c.w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(answer))}
	c.status = http.StatusOK
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(body)
	_, _ = c.w.Write(stamp)
	return true
}

func keyOf(c *call) cacheKey {
	return cacheKey{c.who.Retailer, c.r.URL.EscapedPath(), c.r.URL.RawQuery}
}

func (a *cache) get(key cacheKey, version int64) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version {
		return nil
	}
	return a.answers[key]
}

// put keeps an answer that was worked out after the version was read.
func (a *cache) put(key cacheKey, version int64, answer []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version || a.size+len(answer) > cacheMax || a.answers == nil {
		a.version, a.size, a.answers = version, 0, map[cacheKey][]byte{}
	}
	if _, known := a.answers[key]; known {
		return
	}
	key.path, key.query = strings.Clone(key.path), strings.Clone(key.query)
	a.answers[key] = append([]byte(nil), answer...)
	a.size += len(answer) + len(key.path) + len(key.query)
}

// stampLength is the length of a page's last member, its timestamp, with the closing bracket.
const stampLength = len(`"timestamp":"2026-10-07T14:39:09.4969693+07:00"}`)

// restamp answers a kept answer in two parts, the second with the timestamp of now if the answer ends in one.
func restamp(answer []byte, now taphoa.Time) (body, stamp []byte) {
	at := len(answer) - stampLength
	if at < 0 || !strings.HasPrefix(string(answer[at:at+13]), `"timestamp":"`) {
		return answer, nil
	}
	stamp = append(make([]byte, 0, stampLength), `"timestamp":"`...)
	return answer[:at], append(taphoa.Stamp(now).AppendWire(stamp), `"}`...)
}
