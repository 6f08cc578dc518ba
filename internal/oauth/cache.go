package oauth

import "sync"

// cache holds at most 2*size values in two generations: when the recent one is full it replaces the older one, whose values
// are dropped.
type cache[K comparable, V any] struct {
	size          int
	mu            sync.RWMutex
	recent, older map[K]V
	deletions     int
}

func newCache[K comparable, V any](size int) *cache[K, V] {
	return &cache[K, V]{size: size, recent: map[K]V{}}
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.lookup(k)
}

func (c *cache[K, V]) lookup(k K) (V, bool) {
	if v, ok := c.recent[k]; ok {
		return v, true
	}
	v, ok := c.older[k]
	return v, ok
}

// version returns the version of the cache, which each deletion changes. Pass to put the version from before the value was
// read.
func (c *cache[K, V]) version() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.deletions
}

// put stores v, unless something was deleted since version: v may be the value that was deleted.
func (c *cache[K, V]) put(k K, v V, version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deletions == version {
		c.add(k, v)
	}
}

// getOr returns the value of k, or stores and returns v if there is none.
func (c *cache[K, V]) getOr(k K, v V) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stored, ok := c.lookup(k); ok {
		return stored
	}
	c.add(k, v)
	return v
}

func (c *cache[K, V]) add(k K, v V) {
	if _, ok := c.recent[k]; !ok && len(c.recent) >= c.size {
		c.older, c.recent = c.recent, make(map[K]V, c.size)
	}
	c.recent[k] = v
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.recent)
	clear(c.older)
	c.deletions++
}

func (c *cache[K, V]) delete(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.recent, k)
	delete(c.older, k)
	c.deletions++
}
