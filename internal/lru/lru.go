package lru

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache keeps values by key. It has no lock; the zero value keeps nothing until Max is set.
type Cache[K comparable, V any] struct {
	Max int // bytes

	size   int
	values *simplelru.LRU[K, *sized[V]]
}

type sized[V any] struct {
	value V
	bytes int
}

// overhead is about what an entry takes beside its value, in bytes.
const overhead = 200

// Get answers the value of a key, which counts as a use.
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

// Peek is [Cache.Get] without a use.
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

// Put keeps a value of so many bytes in place of the one that the key has, and makes room for it. One that is larger than
// the bound is not kept.
func (c *Cache[K, V]) Put(key K, value V, bytes int) {
	if c.values == nil {
		c.values, _ = simplelru.NewLRU(math.MaxInt, func(_ K, s *sized[V]) { c.size -= s.bytes }) // the size is one that it takes
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

// Remove forgets the value of a key.
func (c *Cache[K, V]) Remove(key K) {
	if c.values != nil {
		c.values.Remove(key)
	}
}

// Shrink notes that the value of a key takes fewer bytes than before.
func (c *Cache[K, V]) Shrink(key K, by int) {
	if s, found := c.values.Peek(key); found {
		s.bytes -= by
		c.size -= by
	}
}

// Size is what the kept values take, in bytes: at most Max.
func (c *Cache[K, V]) Size() int { return c.size }
