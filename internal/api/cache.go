package api

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/lru"
)

// cacheMax is how many bytes of answers are kept.
const cacheMax = 16 << 20

// cache keeps the answers of reading operations, each as long as its shop's version is the one that it was read at.
// Programs that poll a shop ask the same again and again; what they get is what a fresh answer would say, to the byte.
type cache struct {
	mu      sync.Mutex
	answers lru.Cache[cacheKey, *cachedAnswer]
}

type cacheKey struct {
	retailer    int64
	path, query string
	reader      string // [right.Held.Key]
}

// cachedAnswer is a response body that may be sent again.
type cachedAnswer struct {
	version int64
	tag     []string
	body    []byte // nil when only the packed form is kept
	pack    sync.Once
	packed  []byte // the body in gzip's form, from its first use on
}

func keyOf(c *call) cacheKey {
	return cacheKey{c.who.Retailer, c.r.URL.EscapedPath(), c.r.URL.RawQuery, c.who.Held.Key()}
}

// get returns what is kept for a request, at whatever version, or nil.
func (a *cache) get(c *call) *cachedAnswer {
	if c.route.texts && !TakesGzip(c.r) { // of what is made of texts, only the packed form is kept
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	k, _ := a.answers.Get(keyOf(c))
	return k
}

// put keeps an answer, unless a newer one is kept.
func (a *cache) put(c *call, k *cachedAnswer) {
	key := keyOf(c)
	key.path, key.query = strings.Clone(key.path), strings.Clone(key.query)
	a.mu.Lock()
	defer a.mu.Unlock()
	if old, found := a.answers.Get(key); !found || old.version < k.version {
		a.keep(key, k)
	}
}

// keep keeps an answer at its size. The cache is locked.
func (a *cache) keep(key cacheKey, k *cachedAnswer) {
	a.answers.Max = cacheMax
	a.answers.Put(key, k, len(k.body)+len(k.packed)+len(key.path)+len(key.query)+len(key.reader))
}

// zip is the answer's body in gzip's form, worked out on first use.
func (a *cache) zip(c *call, k *cachedAnswer) []byte {
	k.pack.Do(func() {
		if k.packed != nil {
			return
		}
		packed := Gzip(nil, k.body)
		a.mu.Lock()
		defer a.mu.Unlock()
		k.packed = packed
		if held, _ := a.answers.Get(keyOf(c)); held == k {
			a.keep(keyOf(c), k)
		}
	})
	return k.packed
}

const (
	stampName   = `"timestamp":"`
	stampLength = len(stampName + `2026-10-07T14:39:09.4969693+07:00"`)

	// stampRest bounds what follows a timestamp; it is nearly always a bracket.
	stampRest = 16 << 10
)

// stampIn is where in a page its timestamp begins and ends, twice the page's length if it has none.
func stampIn(page []byte) (from, to int) {
	window := max(0, len(page)-stampLength-stampRest)
	from = bytes.LastIndex(page[window:], []byte(stampName)) // a quote within a text would have a backslash
	if to = window + from + stampLength; from < 0 || to > len(page) || page[to-1] != '"' {
		return len(page), len(page)
	}
	return window + from, to
}

// isStamped reports whether answers of a type have the timestamp of a page.
func isStamped(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[taphoa.Stamp]() && f.Tag.Get("json") == "timestamp" || f.Anonymous && isStamped(f.Type) {
			return true
		}
	}
	return false
}
