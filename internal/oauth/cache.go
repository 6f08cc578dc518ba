package oauth

import "sync"

// cache holds a bounded number of values: when the young ones are size many, they become the old ones, and what was
// old is forgotten.
type cache[K comparable, V any] struct {
	size       int
	mu         sync.RWMutex
	young, old map[K]V
	drops      int
}

func newCache[K comparable, V any](size int) *cache[K, V] {
	return &cache[K, V]{size: size, young: map[K]V{}}
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.find(k)
}

func (c *cache[K, V]) find(k K) (V, bool) {
	if v, ok := c.young[k]; ok {
		return v, true
	}
	v, ok := c.old[k]
	return v, ok
}

// mark is the state of the cache that put wants to hear from before the value was read.
func (c *cache[K, V]) mark() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.drops
}

// put keeps v, unless something was dropped since mark: v may be what was dropped.
func (c *cache[K, V]) put(k K, v V, mark int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drops == mark {
		c.add(k, v)
	}
}

// getOr answers the value that is kept for k, or keeps v and answers that.
func (c *cache[K, V]) getOr(k K, v V) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.find(k); ok {
		return kept
	}
	c.add(k, v)
	return v
}

func (c *cache[K, V]) add(k K, v V) {
	if _, ok := c.young[k]; !ok && len(c.young) >= c.size {
		c.old, c.young = c.young, make(map[K]V, c.size)
	}
	c.young[k] = v
}

func (c *cache[K, V]) drop(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, k)
	delete(c.old, k)
	c.drops++
}
