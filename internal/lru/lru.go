package lru

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache has values by key. It is not safe for concurrent use; the zero value stores nothing until Max is set.
type Cache[K comparable, V any] struct {
	Max int // bytes

	size   int
	values *simplelru.LRU[K, *sized[V]]
}

type sized[V any] struct {
	value V
	bytes int
}

// overhead is the approximate size of an entry without its value, in bytes.
const overhead = 200

// Get returns the value of a key, which counts as a use.
func (c *Cache[K, V]) Get(key K) (value V, found bool) {
	if c.values == nil {
		return value, false
	}
	s, found := c.values.Get(key)
	if found {
		value = s.value
	}
	return value, found
}

// Peek returns the value of a key, which does not count as a use.
func (c *Cache[K, V]) Peek(key K) (value V, found bool) {
	if c.values == nil {
		return value, false
	}
	s, found := c.values.Peek(key)
	if found {
		value = s.value
	}
	return value, found
}

// Put replaces the value of a key, and removes others until the new one fits. A value larger than the bound is not stored.
func (c *Cache[K, V]) Put(key K, value V, bytes int) {
	if c.values == nil {
		c.values, _ = simplelru.NewLRU(math.MaxInt, func(_ K, s *sized[V]) { c.size -= s.bytes }) // the size is valid
	}
	c.values.Remove(key)
	if bytes += overhead; bytes > c.Max {
		return
	}
	for c.size+bytes > c.Max {
		c.values.RemoveOldest()
	}
	c.values.Add(key, &sized[V]{value, bytes})
	c.size += bytes
}

// Remove removes the value of a key.
func (c *Cache[K, V]) Remove(key K) {
	if c.values != nil {
		c.values.Remove(key)
	}
}

// Shrink reduces the size that is counted for a key's value.
func (c *Cache[K, V]) Shrink(key K, by int) {
	if s, found := c.values.Peek(key); found {
		s.bytes -= by
		c.size -= by
	}
}

// Size returns the size of all values in bytes: at most Max.
func (c *Cache[K, V]) Size() int { return c.size }
